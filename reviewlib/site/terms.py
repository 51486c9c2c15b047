"""Terms of the glossary explained where a page first uses them: a button and a note that need no script."""

from __future__ import annotations

import re
from html import escape

from ..page.start import GLOSSARY
from .markdown import slug

# How each term stands in running text. Terms that are ordinary words too are left to the glossary.
WORDS = {
    "95% CI (confidence interval)": r"95% CI\b|confidence interval",
    "MD (mean difference)": r"\bMD\b|\b[Mm]ean difference\b",
    "SMD (standardized mean difference)": r"\bSMD\b|\b[Ss]tandardized mean difference\b",
    "RR (risk ratio)": r"\bRR\b|\b[Rr]isk ratio\b",
    "MID (minimal important difference)": r"\bMID\b|\b[Mm]inimal important difference\b",
    "Prediction interval": r"\b[Pp]rediction interval\b",
    "I² and tau²": r"\bI²|\btau²",
    "HKSJ and Wald": r"\bHKSJ\b|\bKnapp-Hartung\b|\bWald\b",
    "Intention to treat": r"\b[Ii]ntention[ -]to[ -]treat\b",
    "As treated": r"\b[Aa]s[ -]treated\b",
    "Risk of bias": r"\b[Rr]isk of bias\b",
    "Equivocal": r"\b[Ee]quivocal\b",
}
# Where a button may not stand or would be in the way.
_CLOSED = {"a", "button", "summary", "svg", "math", "code", "pre", "th", "caption", "figcaption", "label", "style",
           "script", "dt", "h1", "h2", "h3", "h4", "h5", "h6"}  # fmt: skip


def explained(html) -> str:
    """Return a page whose first use of each term opens its explanation; the notes stand at the end of its content."""
    start, end = html.find("<main"), html.rfind("</main>")
    if start < 0 or 'id="words-explained"' in html:
        return html  # the glossary itself needs no notes
    meanings, used = dict(GLOSSARY), []
    content = html[start:end]
    # First where a reader sees it at once, then inside what is folded away.
    for shut in (_CLOSED | {"details"}, _CLOSED):
        content = _explain(content, used, shut)
    notes = "".join(_note(term, meanings[term]) for term in used)
    return f"{html[:start]}{content}{notes}{html[end:]}"


def _explain(content, used, shut) -> str:
    """Put buttons into the pieces of text that no element of `shut` holds."""
    parts, depth = re.split(r"(<[^>]+>)", content), 0
    for i, part in enumerate(parts):
        if part.startswith("<"):
            depth += _step(part, shut)
        elif not depth and part.strip():
            parts[i] = _first_uses(part, used)
    return "".join(parts)


def _step(tag, shut) -> int:
    name = re.match(r"</?([a-zA-Z0-9]+)", tag)
    if not name or name[1].lower() not in shut or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _first_uses(text, used) -> str:
    """Return a piece of text with buttons for the terms that no earlier piece held; at most one a piece."""
    found = [(match.start(), term, match) for term, pattern in WORDS.items()
             if term not in used and (match := re.search(pattern, text))]  # fmt: skip
    # "Standardized mean difference" holds "mean difference": the longer term wins where both begin.
    for _, term, match in sorted(found, key=lambda item: (item[0], -len(item[2][0]))):
        used.append(term)
        button = f'<button type="button" class="term" popovertarget="{_id(term)}">{match[0]}</button>'
        return text[: match.start()] + button + text[match.end() :]
    return text


def _id(term) -> str:
    return f"term-{slug(term)}"


def _note(term, meaning) -> str:
    return f'<div popover id="{_id(term)}" class="term-note"><strong>{escape(term)}</strong>: {escape(meaning)}</div>\n'
