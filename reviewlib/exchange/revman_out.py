"""Arm data and contrasts in the columns of RevMan's data package, version 1, as CSV.

Unlike RevMan's own files, what is absent is left empty. Only rows whose numbers stand in the tables are written;
nothing is computed except the logarithm of ratios and the standard error that an interval implies.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from ..measures import find
from .going_out import safe
from .metafor import _digits as digits_of, studies_of

ROWS = (
    "Analysis group", "Analysis number", "Analysis name", "Subgroup", "Applicability", "Study", "Study year",
    "GIV Mean", "GIV SE", 
    "Experimental mean", "Experimental SD", "Experimental cases", "Experimental N", "Control mean",
    "Control SD", "Control cases", "Control N", "O-E", "Variance", "Weight", "Mean", "CI start", "CI end", "Footnotes",
)  # fmt: skip
SETTINGS = (
    "Analysis group", "Analysis number", "Analysis name", "Data type", "Experimental group label",
    "Control group label", "Statistical method", "Effect measure", "Analysis model", "Study CI", "Estimate CI",
    "Swap event and non-event",
)  # fmt: skip
_CONT = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
_DICH = ("events_int", "n_int", "events_ctl", "n_ctl")


def revman_files(topics: Any) -> dict[str, bytes]:
    """Return the rows and the settings of the comparisons, one analysis a comparison."""
    files = {}
    for number, topic in enumerate(topics, 1):
        rows: list[Sequence] = [ROWS]
        settings: list[Sequence] = [SETTINGS]
        for at, comparison in enumerate(topic.comparisons, 1):
            studies = studies_of(topic, comparison)
            kind, columns = _kind(studies)
            key = (number, at, safe(comparison["title"]))
            listed = [_row(key, row, columns) for row in studies.to_dict("records") if row["excluded"] is None]
            if not listed:
                continue
            rows += listed
            settings.append([
                *key, kind, safe(comparison["intervention"]), safe(comparison["comparator"]), "Inverse variance",
                find(comparison["measure"]).revman or comparison["measure"], "Random effects", "95%", "95%", "false",
            ])  # fmt: skip
        files[f"{topic.id}-analysis-data/{topic.id}-data-rows.csv"] = _csv(rows)
        files[f"{topic.id}-analysis-data/{topic.id}-overall-estimates-and-settings.csv"] = _csv(settings)
    return files


def _kind(studies):
    """Return the data type that all studies of an analysis allow, and its columns."""
    used = studies[studies["excluded"].isna()]
    for kind, columns in (("Continuous", _CONT), ("Dichotomous", _DICH)):
        arms = all(name in used and used[name].notna().all() for name in columns)
        if arms and used["route"].str.contains("of both arms").all():
            return kind, columns
    return "Contrast level", ()


def _row(key, row, columns):
    cells = dict.fromkeys(ROWS, "")
    cells |= dict(zip(ROWS[:3], key, strict=True))
    names = {
        "mean_int": "Experimental mean", "sd_int": "Experimental SD", "events_int": "Experimental cases",
        "n_int": "Experimental N", "mean_ctl": "Control mean", "sd_ctl": "Control SD", "events_ctl": "Control cases",
        "n_ctl": "Control N",
    }  # fmt: skip
    cells |= {names[name]: digits_of(row[name]) for name in columns}
    if not columns:
        cells |= {"GIV Mean": digits_of(row["estimate"]), "GIV SE": digits_of(row["se"])}
    cells |= {"Study": safe(row["trial"]), "Footnotes": safe(f"{row['result_ids']}: {row['route']}")}
    return [cells[name] for name in ROWS]


def _csv(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
