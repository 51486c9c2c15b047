"""Risk-of-bias judgements as a figure needs them: one tool, domains in order, judgements in six words.

Judgements are read, never made: a total stays a total, and what nobody judged is "not yet assessed".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import gate
from ..errors import EvidenceError
from ..typed import Frame
from .words import missing

# What tools call each of the six steps.
_SAID = {
    "low": ("low risk", "yes", "good"),
    "some concerns": ("some", "moderate", "unclear", "unclear risk", "fair"),
    "high": ("high risk", "serious", "no", "poor"),
    "critical": (),
    "no information": ("ni",),
    "not yet assessed": ("",),
}
_SAME = {word: step for step, words in _SAID.items() for word in (step, *words)}
_WORDS = {"yes": "criterion met", "no": "criterion not met"}
TOTALS = ("total", "total score", "score")
OVERALL = ("overall", "overall bias", "overall risk of bias")


@dataclass(frozen=True, slots=True)
class BiasGrid:
    """Judgements of one tool: `cells[trial][domain]` holds the word as typed."""

    tool: str
    domains: tuple
    cells: dict

    def step(self, trial: str, domain: Any) -> str:
        """Return the judgement of a cell as one of the six steps that have a colour and a symbol."""
        return step(self.cells.get(trial, {}).get(domain))

    def letters(self) -> dict:
        """Return domain -> column head: a letter each, a word for the overall judgement and for a total."""
        plain = [d for d in self.domains if d.lower() not in TOTALS + OVERALL]
        heads = {d: chr(65 + i % 26) for i, d in enumerate(plain)}
        return {d: heads.get(d, "Total" if d.lower() in TOTALS else "All") for d in self.domains}


def step(word: str) -> str:
    """Return which of the six steps a judgement belongs to; a word no tool uses is kept as it is."""
    text = "" if missing(word) else str(word).strip().lower().replace("_", " ")
    return _SAME.get(text, text)


def meaning(steps: Any, words: Any) -> dict:
    """Return step -> the words that were typed for it, so that a legend speaks the language of the tool."""
    found = {}
    for kind, word in zip(steps, words, strict=True):
        text = kind if missing(word) else str(word).strip().lower().replace("_", " ")
        found.setdefault(kind, []).append(_WORDS.get(text, text))
    return {kind: " / ".join(dict.fromkeys(texts)) for kind, texts in found.items()}


def bias_grid(
    table: Frame, *, trial: str = "trial", tool: str | None = None, domains: Sequence[str] | None = None
) -> BiasGrid:
    """Return the judgements of one tool.

    Parameters
    ----------
    table : DataFrame, mapping or BiasGrid
        Long (columns `trial`, domain, judgement and perhaps tool), or wide (trials down, domains across), or
        ``{trial: {domain: judgement}}``.
    trial : str
        Column that names the trial in a long table.
    tool : str, optional
        Which tool, where a long table holds several.
    domains : sequence of str, optional
        Order of the columns; default the order of first appearance, overall and total last.

    Raises
    ------
    EvidenceError
        When a long table mixes tools and none was chosen: their domains cannot share columns.
    """
    if isinstance(table, BiasGrid):
        return table
    if not isinstance(table, Mapping):
        table = gate.table(table, "risk of bias")
    if hasattr(table, "columns") and {"domain", "judgement"} <= set(table.columns):
        tool, cells = _from_long(table, trial, tool)
    elif hasattr(table, "columns"):
        wide = table.set_index(trial) if trial in table.columns else table
        cells = {str(name): dict(row) for name, row in zip(wide.index, wide.to_dict("records"), strict=True)}
    else:
        cells = {str(name): dict(row) for name, row in table.items()}
    found = dict.fromkeys(domain for row in cells.values() for domain in row)
    order = domains or sorted(found, key=lambda d: (d.lower() in OVERALL) + 2 * (d.lower() in TOTALS))
    return BiasGrid(tool or "", tuple(order), cells)


def _from_long(table, trial, tool):
    rows = table
    if "tool" in table.columns:
        tools = list(dict.fromkeys(str(t) for t in table["tool"] if not missing(t)))
        if tool is None and len(tools) > 1:
            raise EvidenceError(f"risk of bias: several tools ({', '.join(tools)}): choose one with tool=")
        tool = tool or (tools[0] if tools else "")
        rows = table[table["tool"].astype("string") == tool]
    cells = {}
    for name, domain, word in zip(rows[trial], rows["domain"], rows["judgement"], strict=True):
        cells.setdefault(str(name), {})[spelled(str(domain))] = word
    return tool or "", cells


_SHORT = {"incomplete itt": "analysis by intention to treat", "incomplete dropouts": "incomplete data (drop-outs)"}


def spelled(domain: str) -> str:
    """Return a domain in words, where a table names it as one word with hyphens or underscores."""
    spaced = domain.replace("_", " ")
    spaced = spaced if " " in spaced else spaced.replace("-", " ")
    return _SHORT.get(spaced, spaced)
