"""Results in the columns of the Metapsy data standard: one row an arm comparison, NA where nothing stands."""

from __future__ import annotations

from typing import Any

from ..cells import safe
from ..errors import EvidenceError
from .placing import table_text
from .vocabulary import NAMES

COLUMNS = NAMES["metapsy_csv"]


def metapsy_csv(topics: Any) -> str:
    """Return the results that hold arm data; change scores and final values are told apart by `value_kind`."""
    rows = []
    for topic in topics:
        text = topic.text.get("results")
        known = topic.sources.dropna(subset="year")
        years = {source: str(int(year)) for source, year in zip(known["source_id"], known["year"], strict=True)}
        for row in text.to_dict("records") if text is not None else ():
            means = row["mean_int"] and row["mean_ctl"] and not row["value_kind"].startswith("percent")
            events = row["events_int"] and row["events_ctl"]
            if means or events:
                rows.append(_cells(row, means, events) | {"year": years.get(row["source_id"]) or "NA", "time": "post"})
    if not rows:
        raise EvidenceError(f"no result of {', '.join(t.id for t in topics)} holds arm data: nothing for Metapsy")
    return table_text(COLUMNS, rows)


def _cells(row, means, events):
    """Return the cells of one result, with the numbers of its means, of its events, or of both."""
    parts = {"mean": means, "sd": means, "n": means, "event": events, "totaln": events}
    wanted = {name: parts.get(name.partition("_arm")[0], True) for name in COLUMNS}
    return {name: safe((wanted[name] and row.get(ours)) or "NA") for name, ours in COLUMNS.items()}
