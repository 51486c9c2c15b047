"""What pages say as a conclusion beside their comparisons: the answer of a panel, the line on harms, claims' verdicts.

Each is (title, words, figures): other words are another conclusion; other figures alone only move it.
"""

from __future__ import annotations

from typing import Any

from ..evidence import Topic
from ..html import missing
from ..meaning.answer import bottom_line, headline, why_no_answer
from ..meaning.panel import CLASSES, shown_panels
from ..meaning.plain_language import harms_plainly, plain_language
from .conclusions import statement_names

Statement = tuple[str, dict[str, str], dict[str, str]]


def topic_statements(topic: Topic) -> dict[str, Statement]:
    """Return name -> statement of a topic."""
    found = {"answer": _answer(topic)}
    if "harms" in statement_names(topic.info):
        words = {
            "sentence": str(topic.info.get("harm_line") or "No line on harms."),
            "In plain words": " ".join(harms_plainly(topic)),
        }
        found["harms"] = ("Harms", words, {"Rows": _harm_rows(topic)})
    return found


def _answer(topic) -> Statement:
    """Return what is said first: of trials which comparison it is, for its sentence is compared with the others."""
    if topic.comparisons and not why_no_answer(topic):
        first = next((c for c in topic.comparisons if c.get("headline")), None)
        name = first.get("title", first["id"]) if first else headline(topic).comparison["id"]
        beside = {"Beside it": str(topic.info["beside"])} if topic.info.get("beside") else {}
        return "The comparison at the top", {"sentence": name} | beside, {}
    sentence, sure = bottom_line(topic)
    words = {"sentence": sentence, "How sure": sure}
    counts = "; ".join(
        f"{shown.condition}, {row.procedure}{', ' if row.precondition else ''}{row.precondition}: "
        + ", ".join(f"{getattr(row, name)} {name}" for name in CLASSES)
        for shown in shown_panels(topic)
        for row in shown.counts.itertuples()
    )
    figures = {"Scenarios": counts, "In plain words": " ".join(plain_language(topic).parts[0][1])} if counts else {}
    return "The answer at the top", words, figures


def _harm_rows(topic) -> str:
    """Return the numbers of the rows that the line on harms rests on."""
    rows = {}
    for table, key in (("adverse_events", "event_id"), ("pooled_published", "pooled_id")):
        if table in topic.text:
            rows |= {record[key]: record for record in topic.text[table].to_dict("records")}
    cells = ["n_events", "n_at_risk", "percent_low", "percent_high", "estimate", "ci_low", "ci_high", "timepoint_weeks"]
    named = [name for name in topic.info.get("harm_rows") or () if name in rows]
    return "; ".join(
        f"{name}: " + ", ".join(f"{c} {rows[name][c]}" for c in cells if rows[name].get(c)) for name in named
    )


def claim_statements(evidence: Any) -> dict[str, Statement]:
    """Return claim id -> statement: its verdict with how sure it is, and the reason and number beside it."""
    found = {}
    for row in evidence.claims.itertuples():
        words = {"sentence": f"{row.claim}: {row.verdict}", "How sure": _text(row.confidence)}
        figures = {"Reason": _text(row.reason), "Number": _text(row.key_number)}
        found[row.claim_id] = (f"Claim {row.claim_id}", words, figures)
    return found


def _text(value) -> str:
    return "" if missing(value) else str(value)
