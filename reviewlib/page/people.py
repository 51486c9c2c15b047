"""A result in people: icon arrays with the same denominator for both groups, or why there are none."""

from __future__ import annotations

import pandas as pd

from .. import plots
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.few_trials import both_limits
from ..meaning.finding import finding
from ..meaning.people import absolute_rows, shares_beyond_mid, why_not_people
from ..meaning.sentence import spoken
from ..meaning.words import interval, number, result_ids
from .again import drawn_again
from .block import Block, join, paragraph, table_block
from .provenance import cite, row_link

MODAL = {
    "high": "it is",
    "moderate": "it is probably",
    "low": "it may be",
    "very low": "it is very uncertain whether it is",
    None: "the trials give",
}
SMALLEST_ICON = 0.001  # below 1 in 1000 an array of icons says less than the number


@drawn_again
def people(topic: Topic, comparison_id: str) -> Block:
    """A result in people out of 100 or 1000, or one sentence that says why it cannot be said so.

    Parameters
    ----------
    topic : Topic
    comparison_id : str
    """
    found = finding(topic, comparison_id)
    reason = why_not_people(topic, found)
    if reason:
        return paragraph(reason, "note")
    arrays = [_absolute(topic, found, row) for row in absolute_rows(topic, found)]
    return join(*arrays, _shares(topic, found))


def _absolute(topic, found, row) -> Block:
    intervention, comparator, _ = spoken(found.comparison, found.outcome)
    event = _event(found)
    level = found.certainty.level if found.certainty else None
    words = (
        f"Of {row.out_of} people with {comparator}, about {number(row.comparator, 0)} have {event}. "
        f"With {intervention} "
        f"{MODAL[level]} {number(row.intervention, 0)} ({interval(row.low, row.high, 0)}): {_difference(row)}. "
        f"Certainty: {level or 'not rated'}."
    )
    return join(paragraph(words), _icons(found, row, event), paragraph(_origin(topic, found, row), "small"))


def _event(found) -> str:
    """Return what happens to people, as it reads after a verb: "clearly less pain at 10 weeks"."""
    what = spoken(found.comparison, found.outcome)[2]
    return what.removeprefix("the chance of ").removeprefix("the risk of ")


def _difference(row) -> str:
    change = number(row.intervention, 0), number(row.comparator, 0)
    low, high = (round(limit) - round(row.comparator) for limit in (row.low, row.high))
    more = int(change[0]) - int(change[1])
    span = " to ".join(f"{abs(x)} {'more' if x > 0 else 'fewer'}" if x else "none" for x in (low, high))
    return f"{abs(more)} {'more' if more >= 0 else 'fewer'} ({span})"


def _icons(found, row, event) -> Block | None:
    risks = [value / row.out_of for value in (row.comparator, row.intervention, row.low, row.high)]
    if 0 < min(risks) < SMALLEST_ICON:
        return paragraph("Too rare for a picture: less than one person in 1000.", "note")
    intervention, comparator, _ = spoken(found.comparison, found.outcome)
    arms = ((comparator, risks[0], None), (intervention, risks[1], (risks[2], risks[3])))
    blocks = [_array(arm, risk, ci, row.out_of, event) for arm, risk, ci in arms]
    html = f'<div class="people">{"".join(block.html for block in blocks)}</div>'
    return Block(Html(html), "\n".join(block.text for block in blocks))


def _array(arm, risk, ci, of, event):
    label = arm[0].upper() + arm[1:]
    figure = plots.draw(plots.icon_array, risk, ci=ci, of=of, label=label, event="people", width="phone", height=4.2)
    alt = plots.alt_icon_array(risk, ci=ci, of=of, label=label, event=f"have {event}")
    light = "" if ci is None else " Lighter: the range that the trials cannot rule out."
    caption = f"{label}: {number(risk * of, 0)} of {of} have {event}.{light}"
    return plots.figure_block(figure, alt=alt, caption=caption)


def _origin(topic, found, row) -> Html:
    """Return where the baseline and the ratio come from, with links to the rows."""
    sources = topic.sources.set_index("source_id")
    baseline = f"{cell(row.origin)}" + (f" ({cite(sources, row.source_id)})" if row.source_id else "")
    cut = " The upper limit would pass everybody and is cut there." if row.cut else ""
    few = f" Its range holds both intervals of {found.pooled.k} trials." if both_limits(found.pooled) else ""
    return Html(
        f"The number with the comparator is a baseline that had to be chosen: {baseline}. The number with the "
        f"intervention is that baseline times the effect from {_rows(topic, found)}; its range leaves out the "
        f"uncertainty of the baseline itself.{few}{cut}"
    )


def _rows(topic, found) -> str:
    ids = result_ids(found.studies[found.studies["estimate"].notna()])
    return ", ".join(row_link(topic, i, i) for i in ids)


def _shares(topic, found) -> Block | None:
    rows = shares_beyond_mid(topic, found)
    if not rows:
        return None
    lines = [
        {
            "Trial": row.trial,
            "Changed enough, intervention": f"{row.intervention:.0%}"
            + ("" if row.low is None else f" ({row.low:.0%} to {row.high:.0%})"),
            "Changed enough, comparator": f"{row.comparator:.0%}",
            "How": row.route,
            "Row": row_link(topic, row.result_id, row.result_id),
        }
        for row in rows
    ]
    caption = f"People whose own change was at least {abs(rows[0].threshold):g} {rows[0].unit}"
    note = "Assumes that changes are spread normally in each group. The threshold was found within persons."
    return join(table_block(pd.DataFrame(lines), caption), paragraph(note, "small"))
