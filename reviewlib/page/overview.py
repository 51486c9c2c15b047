"""Every comparison of every topic on one table, to sort by certainty or direction and to search."""

from __future__ import annotations

import pandas as pd

from ..evidence import Evidence
from ..html import Html, cell
from ..meaning.few_trials import disputed
from ..meaning.finding import Finding, findings
from ..meaning.sof_rows import difference, people_text
from ..meaning.words import count
from .block import Block, fold, paragraph, table_block
from .provenance import figure_id

NOT_SHOWN = "not known"


def comparisons(evidence: Evidence) -> Block:
    """Every comparison of the summaries of findings: sentence, certainty, direction, size and people."""
    lines = []
    for topic in evidence:
        page = evidence.review.page_of(topic.id)
        for found in findings(topic).values() if topic.comparisons else ():
            if found.comparison.get("in_summary", True):
                lines.append(_line(topic, page, found))
    if not lines:
        return paragraph("No comparison is written in any topic.yml yet.", "note")
    table = table_block(pd.DataFrame(lines), "Comparisons of the summaries at a glance", classes="overview card")
    return fold(f"{count(len(lines), 'comparison')} of the summaries, to search and to sort", table)


def _line(topic, page, found) -> dict:
    title = found.title
    address = f"{page}.ipynb#{figure_id(topic, found.comparison['id'])}"
    sure = f"{found.certainty.symbol} {found.certainty.level}" if found.certainty else "not rated"
    return {
        "Comparison": Html(f'<a href="{cell(address)}">{cell(title)}</a>'),
        "Topic": topic.info["title"],
        "What the evidence says today": found.sentence,
        "How sure": sure,
        "Direction": direction(found),
        "Size": difference(found),
        "People": people_text(topic, found),
    }


def direction(found: Finding) -> str:
    """Return which side the interval favours, "either" where it holds both; never more than the certainty allows."""
    if found.estimate is None:
        return NOT_SHOWN
    if found.certainty is None or found.certainty.level == "very low":
        return "very uncertain" if found.certainty else "not rated"
    if found.ci.low < 0 < found.ci.high or 0.0 in disputed(found.pooled):
        return "either way"
    side = "favours_left" if found.estimate < 0 else "favours_right"
    return str(found.comparison.get(side) or NOT_SHOWN)
