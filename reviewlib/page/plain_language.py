"""The plain-language summary as a block of a page, its numbers linked to the rows they came from."""

from __future__ import annotations

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.plain_language import plain_language as summary
from .block import Block, join, paragraph, section
from .provenance import row_link


def plain_language(topic: Topic) -> Block:
    """The topic for people who read no trials: what was found, how sure, how large, harms, for whom, how current."""
    said = summary(topic)
    parts = [join(_head(head), paragraph(" ".join(sentences))) for head, sentences in said.parts]
    if said.rows:
        links = ", ".join(_rows_of_trials(topic, said.rows))
        parts.append(paragraph(Html(f"The numbers of the first answer come from {links}."), "small"))
    return section(*parts, classes="plain-language", label="In plain words")


def _rows_of_trials(topic, rows) -> list[str]:
    """Return each trial as a link to its row; one of several rows as its name, and a link per row."""
    named, trials = topic.results.set_index("result_id")["trial"], {}
    for row in rows:
        trials.setdefault(named[row], []).append(row)
    return [
        row_link(topic, mine[0], trial)
        if len(mine) == 1
        else f"{cell(trial)} ({', '.join(row_link(topic, row, f'row {n}') for n, row in enumerate(mine, 1))})"
        for trial, mine in trials.items()
    ]


def _head(text) -> Block:
    return Block(Html(f"<h3>{cell(text)}</h3>"), text)
