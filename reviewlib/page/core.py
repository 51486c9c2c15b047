"""The strict core of method standards: twenty points, answered from the tables, for one page and for all."""

from __future__ import annotations

import pandas as pd

from ..evidence import Evidence, Topic
from ..html import Html, cell
from ..meaning.strict_core import strict_core as core
from ..meaning.words import count
from .block import Block, fold, table_block

_MARKS = {"yes": "✓", "does not apply": "·", "no": "✗"}


def strict_core(topic: Topic) -> Block:
    """The twenty points for one page, each with its answer and the reason, folded under how many are met."""
    table = core(topic)
    met = int(table["answer"].isin(["yes", "does not apply"]).sum())
    names = {"number": "Point", "point": "The page", "answer": "Answer", "reason": "Why", "source": "From"}
    shown = table.rename(columns=names)
    shown["Answer"] = [_marked(answer) for answer in table["answer"]]
    caption = f"Method standards: {met} of {count(len(table), 'point')} met or not applicable"
    return fold(caption, table_block(shown, caption, classes="about-us"))


def strict_cores(evidence: Evidence) -> Block:
    """The twenty points for every page: one row per point, one column per topic."""
    answers = {topic.title: core(topic) for topic in evidence}
    if not answers:
        return table_block(pd.DataFrame(), "Method standards, page by page")
    first = next(iter(answers.values()))
    lines = first[["number", "point"]].rename(columns={"number": "Point", "point": "A page"})
    for title, table in answers.items():
        lines[title] = [_marked(answer) for answer in table["answer"]]
    return table_block(lines, "Method standards, page by page: the reasons stand on each page", classes="about-us")


def _marked(answer: str) -> Html:
    return Html(f'<span aria-hidden="true">{_MARKS.get(answer, "◐")}</span> {cell(answer)}')
