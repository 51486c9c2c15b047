"""What decides a claim: the rows it cites, as printed and linked, and its condition in words with today's numbers."""

from __future__ import annotations

from typing import Any

from ..evidence import Evidence
from ..evidence.claims import SIGNS, parse_condition
from ..evidence.schema import schemas
from ..html import Html, cell
from ..meaning.words import MINUS, signed
from ..typed import Frame
from .provenance import place, printed

COLUMNS = {
    "estimate": "the estimate",
    "ci_low": "the lower limit",
    "ci_high": "the upper limit",
    "mean_int": "the value with the intervention",
    "mean_ctl": "the value with the comparator",
    "percent": "the percentage",
    "percent_low": "the percentage (its lower end)",
    "percent_high": "the percentage (its upper end)",
    "n": "the count",
    "n_total": "the total",
    "n_panelists": "the number of panellists",
}
_SAID_SIGNS = {"<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least", "==": "is", "!=": "is not"}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
# Rows that stand on their topic's page under an anchor of their own.
ANCHORED = {"results", "pooled_published", "claims_pooled", "claims_facts", "adverse_events", "crossover"}
ANCHORED |= {"statements", "panels"}


def records(evidence: Evidence) -> dict:
    """Return every row with an identifier as (table, row as typed, its page), by ``topic.record`` as claims cite it."""
    found = {}
    for name, frame in evidence.text.items():
        found |= _keyed(name, name, frame, "")
    for topic in evidence:
        for name, frame in topic.text.items():
            found |= _keyed(topic.id, name, frame, f"{evidence.review.page_of(topic.id)}.html")
    return found


def _keyed(place, name, frame, page) -> dict:
    key = schemas()[name].key
    if len(key) != 1:
        return {}
    return {f"{place}.{getattr(row, key[0])}": (name, row, page) for row in frame.itertuples(index=False)}


def address(reference: Any, table: Any, page: str) -> str:
    """Return where a cited row stands: an anchor on its topic's page, or on this page where it belongs to no topic."""
    return f"{page}#row-{reference.replace('.', '-', 1)}" if table in ANCHORED else page


def cited_row(reference: Any, known: dict, sources: Frame) -> Html:
    """Return a cited row in a line: link, what was printed, source and place in it."""
    table, row, page = known[reference]
    name, target = cell(reference.split(".", 1)[1]), address(reference, table, page)
    link = f'<a href="{cell(target)}">{name}</a>' if target else name
    return Html(f"{link}: {cell(signed(_said(table, row)))} ({place(sources, row)})")


def _said(table, row) -> str:
    if table == "results":
        return f"{row.intervention} against {row.comparator}, {row.outcome.replace('-', ' ')}: {printed(row)}"
    if table in ("pooled_published", "claims_pooled"):
        span = f" ({row.ci_low} to {row.ci_high})" if row.ci_low else ""
        return f"{row.comparison}, {row.outcome}: {row.measure} {row.estimate}{span}"
    if table == "adverse_events":
        top = f" to {row.percent_high}" if row.percent_high not in ("", row.percent_low) else ""
        share = f"{row.percent_low}{top}%" if row.percent_low else f"{row.n_events} of {row.n_at_risk}"
        return f"{row.event}, {row.arm}: {share}"
    if table == "crossover":
        return f"{row.arm}: {row.percent}% received the other treatment by week {row.timepoint_weeks}"
    if table == "ratings":
        return f"{row.category}: {row.n}" + (f" of {row.n_total}" if row.n_total else "")
    if table in ("statements", "claims_facts"):
        return (row.statement if table == "statements" else row.fact).rstrip(".")
    if table == "decision_tree":
        speaks = {"for": "speaks for", "against": "speaks against"}.get(row.direction, "speaks neither for nor against")
        share = f"; it helped to sort {float(row.percent):g}% of the scenarios so rated" if row.percent else ""
        return f"{row.characteristic}: {speaks} rating {row.procedure} {row.category}{share}"
    if table == "panels":
        return f"{row.label}: {row.n_panelists} panellists"
    return f"row of {table}"


def condition_parts(text: Any, known: dict) -> list[tuple[str, bool | None]]:
    """Return each comparison of a condition in words with the numbers of today, and whether it holds.

    Parameters
    ----------
    text : str
        The condition as typed, such as ``asthma.doe2020-r01.ci_low < 0 < ci_high``.
    known : dict
        From `records`.

    Returns
    -------
    list of (str, bool or None)
        None where a cell is empty, so that nobody can tell.
    """
    found = []
    for chain in parse_condition(text).chains:
        for left, sign, right in zip(chain[::2], chain[1::2], chain[2::2], strict=False):
            if not isinstance(left, tuple):
                left, sign, right = right, TURNED[sign], left
            found.append((_words(left, sign, right, known), _holds(left, sign, right, known)))
    return found


def _words(left, sign, right, known) -> str:
    record, _ = left
    said = f"{record.split('.', 1)[1]}: {_operand(left, known)} {_SAID_SIGNS[sign]} {_operand(right, known)}"
    return said


def _operand(part, known) -> str:
    if not isinstance(part, tuple):
        return f"{part:g}".replace("-", MINUS)
    record, column = part
    value = getattr(known[record][1], column).replace("-", MINUS) or "not reported"
    return f"{COLUMNS.get(column, column.replace('_', ' '))}, now {value},"


def _holds(left, sign, right, known) -> bool | None:
    texts = [getattr(known[part[0]][1], part[1]) if isinstance(part, tuple) else part for part in (left, right)]
    return None if "" in texts else SIGNS[sign](*map(float, texts))
