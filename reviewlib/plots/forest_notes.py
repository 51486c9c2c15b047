"""The words under a forest plot: the name of its scale, what its signs mean, what risk of bias was judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bias import TOTALS, meaning
from .colours import BIAS
from .fit import wrap
from .words import name, percent, sentence

if TYPE_CHECKING:
    from .forest_layout import Layout
    from .rows import Forest


def axis_title(data: Forest, page: Layout) -> list[str]:
    """Return the lines that name the scale under the ticks."""
    unit = f" ({data.unit})" if data.unit else ""
    room = max(page.plot[1] - page.plot[0], 8 * page.size)
    return wrap(sentence(name(data.measure)) + unit, room, page.size)


def footnotes(data: Forest) -> list[str]:
    """Return the notes under the plot: what the caller says, then the domains and the symbols of risk of bias."""
    notes = list(data.notes)
    if data.bias is not None:
        letters = "; ".join(f"{head} {domain}" for domain, head in data.bias.letters().items() if head != "Total")
        tool = f" ({data.bias.tool})" if data.bias.tool else ""
        notes.append(f"Risk of bias{tool}: {letters}." if letters else f"Risk of bias{tool}.")
        notes.append("; ".join(f"{BIAS[kind][2]} {text}" for kind, text in bias_key(data).items()) + ".")
    if data.mid:
        notes.append("Shaded: smaller than the minimal important difference.")
    if any(row.word for row in data.studies):
        notes.append("Words in place of an interval: the effect cannot be computed from what was reported.")
    if not data.pooled:
        notes.append(f"Circles: single trials with {percent(data.level)} intervals, not pooled.")
    return notes


def bias_key(data: Forest) -> dict[str, str]:
    """Return step -> words for the steps that occur."""
    grid, kinds, words = data.bias, [], []
    for row in data.studies:
        for domain in grid.domains:
            if domain.lower() not in TOTALS:
                word = grid.cells.get(row.trial, {}).get(domain)
                kinds.append(grid.step(row.trial, domain))
                words.append(word)
    found = meaning(kinds, words)
    return {kind: found[kind] for kind in BIAS if kind in found}
