"""The judgements of one trial as a strip of signs: a colour and a sign to see, the words to hear, few bytes a sign."""

from __future__ import annotations

from ..html import Html, cell
from .bias import TOTALS, BiasGrid
from .colours import BIAS

# The element of each step: a page holds thousands of signs, and a name of one letter is the shortest class.
ELEMENTS = {"low": "b", "some concerns": "i", "high": "u", "critical": "s"}


def bias_marks(grid: BiasGrid, trial: str) -> Html:
    """Return the judgements of a trial in the order of `grid.domains`; empty where the trial was not judged.

    Parameters
    ----------
    grid : BiasGrid
        From `bias_grid`.
    trial : str

    Returns
    -------
    Html
        One sign a domain, named for those who hear it by judgement: "low: A, C; high: B"; a total is text.
    """
    judged = grid.cells.get(trial)
    if not judged:
        return Html("")
    signs, heard, totals = [], {}, []
    for domain, letter in grid.letters().items():
        word, step = judged.get(domain), grid.step(trial, domain)
        if domain.lower() in TOTALS:
            totals.append(f' <span class="total">{cell(word)}</span>')
            continue
        signs.append(_sign(ELEMENTS.get(step, "em"), BIAS[step][2] if step in BIAS else "?", letter))
        heard.setdefault(str(word or step).replace("_", " "), []).append(letter)
    said = "; ".join(f"{word}: {', '.join(letters)}" for word, letters in heard.items())
    strip = f'<span class="marks" role="img" aria-label="{cell(said)}">{" ".join(signs)}</span>' if signs else ""
    return Html(strip + "".join(totals))


def bias_heads(grid: BiasGrid) -> Html:
    """Return the letters of the domains, each over its sign."""
    letters = [head for domain, head in grid.letters().items() if domain.lower() not in TOTALS]
    return Html(f'<span class="marks">{" ".join(_sign("em", letter, letter) for letter in letters)}</span>')


def _sign(element, sign, letter) -> str:
    wide = ' class="all"' if letter == "All" else ""
    return f"<{element}{wide}>{sign}</{element}>"
