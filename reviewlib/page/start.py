"""The first page and the README: every question with the answer of today, computed from the tables."""

from __future__ import annotations

import pandas as pd

from ..evidence import Evidence
from ..html import Html, cell
from ..meaning.answer import bottom_line
from ..meaning.words import count
from .block import Block, fold, join, paragraph, plain, table_block
from .glossary import listed, term_id


def answers(evidence: Evidence) -> list[tuple]:
    """Return one (page, question, answer, certainty) per topic, in the order of the pages."""
    topics = [evidence[topic_id] for topic_id in evidence.review.topics]
    return [(evidence.review.page_of(topic.id), topic.info["question"], *bottom_line(topic)) for topic in topics]


def overview(evidence: Evidence) -> Block:
    """All questions and answers at a glance, each leading to its page, and what the review says beside them."""
    lines = [
        (Html(f'<a href="{page}.html">{cell(question)}</a>'), said, sure)
        for page, question, said, sure in answers(evidence)
    ]
    if not lines:
        return paragraph("No topic has been started yet.", "note")
    frame = pd.DataFrame(lines, columns=["Question", "What the evidence says today", "How sure"])
    return join(table_block(frame, "All questions at a glance"), *map(paragraph, evidence.review.front_page))


def readme_table(evidence: Evidence) -> str:
    """Return the overview as Markdown for the README."""
    rows = [
        f"| [{question}](notebooks/{page}.ipynb) | {said} | {sure} |"
        for page, question, said, sure in answers(evidence)
    ]
    head = ["| Question | What the evidence says today | How sure |", "| --- | --- | --- |"]
    return "\n".join([*head, *map(plain, rows)])


def tables(evidence: Evidence) -> Block:
    """How much evidence stands behind the pages."""
    lines = [(t.info["title"], len(t.used_sources()), f"{sum(map(len, t.tables.values())):,}") for t in evidence]
    frame = pd.DataFrame(lines, columns=["Topic", "Publications", "Rows in its tables"])
    return table_block(frame, "What stands behind the pages")


def glossary(evidence: Evidence) -> Block:
    """The terms of the pages in plain words."""
    lines = [
        (Html(f'<span id="{term_id(term.term)}">{cell(term.term)}</span>'), term.meaning) for term in listed(evidence)
    ]
    frame = pd.DataFrame(lines, columns=["Term", "In plain words"])
    return fold(count(len(lines), "term"), table_block(frame, "Words used on these pages", classes="keep"))
