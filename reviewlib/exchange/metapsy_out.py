"""Results in the columns of the Metapsy data standard: one row an arm comparison, NA where nothing stands."""

from __future__ import annotations

import csv
import io
from typing import Any

from ..errors import EvidenceError
from .going_out import safe

COLUMNS = (
    "study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type", "instrument", "time",
    "time_weeks", "rating", "mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2", "event_arm1",
    "event_arm2", "totaln_arm1", "totaln_arm2", "year", "result_id", "source_id", "value_kind", "analysis_set",
)  # fmt: skip


def metapsy_csv(topics: Any) -> str:
    """Return the results that hold arm data; change scores and final values are told apart by `value_kind`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for topic in topics:
        text = topic.text.get("results")
        known = topic.sources.dropna(subset="year")
        years = {source: str(int(year)) for source, year in zip(known["source_id"], known["year"], strict=True)}
        for row in text.to_dict("records") if text is not None else ():
            cells = _cells(row, years)
            if cells:
                count += 1
                writer.writerow([safe(cells.get(name) or "NA") for name in COLUMNS])
    if not count:
        raise EvidenceError(f"no result of {', '.join(t.id for t in topics)} holds arm data: nothing for Metapsy")
    return out.getvalue()


def _cells(row, years):
    means = row["mean_int"] and row["mean_ctl"] and not row["value_kind"].startswith("percent")
    events = row["events_int"] and row["events_ctl"]
    if not (means or events):
        return None
    cells = {
        "study": row["trial"], "condition_arm1": row["intervention"], "condition_arm2": row["comparator"],
        "outcome_type": row["outcome"], "instrument": row["instrument_id"], "time_weeks": row["timepoint_weeks"],
        "time": "post", "year": years.get(row["source_id"], ""), "result_id": row["result_id"],
        "source_id": row["source_id"], "value_kind": row["value_kind"], "analysis_set": row["analysis_set"],
    }  # fmt: skip
    if means:
        cells |= {f"{name}_arm{i}": row[f"{name}_{arm}"] for name in ("mean", "sd", "n") for i, arm in _ARMS}
    if events:
        cells |= {f"event_arm{i}": row[f"events_{arm}"] for i, arm in _ARMS}
        cells |= {f"totaln_arm{i}": row[f"n_{arm}"] for i, arm in _ARMS}
    return cells


_ARMS = ((1, "int"), (2, "ctl"))
