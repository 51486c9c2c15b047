"""The trials of a topic: forests of what has numbers, the weightiest open, and one table of what is known in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import Finding
from ..meaning.sof_rows import difference, people_text
from ..meaning.summary_of_findings import by_weight, has_numbers
from ..meaning.words import count
from .block import Block, details, fold, join, paragraph, table_block
from .figures import forest
from .provenance import DIRECTIONS, figure_id, printed, row_link

# Forests that stand open, and rows of trials in them: a page keeps its length when evidence grows.
OPEN_FORESTS, OPEN_TRIALS = 4, 12


def forests(topic: Topic, *, besides: Sequence[str] = ()) -> Block:
    """Every comparison of a topic: its forest where trials have numbers, a line of one table where they have words.

    Parameters
    ----------
    topic : Topic
    besides : sequence of str
        Comparisons that the page shows elsewhere.

    Returns
    -------
    Block
        At most `OPEN_FORESTS` forests stand open, in the order of `by_weight` until `OPEN_TRIALS` trials are drawn; the
        others are folded under their title and result.
    """
    there = [found for found in by_weight(topic) if found.comparison["id"] not in besides]
    if not there:
        return paragraph("No comparison is written in topic.yml yet.", "note")
    drawn = [found for found in there if has_numbers(found)]
    shown = open_ids(drawn)
    first = [forest(topic, key) for key in shown]
    rest = [_folded(topic, found) for found in drawn if found.comparison["id"] not in shown]
    other = fold(f"{count(len(rest), 'other comparison')} with numbers", *rest) if rest else None
    return join(*first, other, in_words(topic, [found for found in there if not has_numbers(found)]))


def open_ids(drawn: Sequence[Finding]) -> list[str]:
    """Return the comparisons whose forests stand open: the first, and those after it while there is room."""
    shown, room = [], OPEN_TRIALS
    for found in drawn[:OPEN_FORESTS]:
        room -= len(found.studies)
        if (room < 0 and shown) or not found.comparison.get("in_summary", True):
            break
        shown.append(found.comparison["id"])
    return shown


def _folded(topic, found) -> Block:
    title = cell(found.title)
    result = ", ".join(filter(None, (difference(found), people_text(topic, found, "people "))))
    head = Html(f'{title} <span class="hint">{cell(result)}</span>')
    return details(head, forest(topic, found.comparison["id"], picture=False))


def in_words(topic: Topic, found: Sequence[Finding]) -> Block | None:
    """One table of the comparisons whose trials gave no number that can be drawn: what each reported, with its rows."""
    if not found:
        return None
    lines = []
    for one in found:
        key = one.comparison["id"]
        title = Html(f'<span id="{figure_id(topic, key)}">{cell(one.title)}</span>')
        trials = [_said(topic, row) for row in topic.rows(key, use=None).itertuples()]
        said = Html("; ".join(dict.fromkeys(trials))) if trials else "No trial was read."
        lines.append({"Comparison": title, "What the trials reported, in words": said})
    caption = "Trials known in words"
    return fold(f"{count(len(lines), 'comparison')} known in words only", table_block(pd.DataFrame(lines), caption))


def _said(topic, row) -> str:
    told = printed(topic.text["results"].set_index("result_id", drop=False).loc[row.result_id])
    told = told.removeprefix("direction only: ") if told in DIRECTIONS.values() else told
    return f"{row_link(topic, row.result_id, row.trial)}: {cell(told)}"
