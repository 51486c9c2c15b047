"""Arm data and contrasts in the columns of RevMan's data package, version 1, as CSV.

Unlike RevMan's own files, what is absent is left empty. Only rows whose numbers stand in the tables are written;
nothing is computed except the logarithm of ratios and the standard error that an interval implies.
"""

from __future__ import annotations

from typing import Any

from ..cells import safe
from ..measures import find
from .metafor import digits_of, studies_of
from .placing import table_text
from .vocabulary import NAMES

ROWS, SETTINGS = NAMES["revman_csv"]["rows"], NAMES["revman_csv"]["settings"]
_ARMS = {kind.capitalize(): NAMES["revman_web"][kind] for kind in ("continuous", "dichotomous")}


def revman_files(topics: Any) -> dict[str, bytes]:
    """Return the rows and the settings of the comparisons, one analysis a comparison."""
    files = {}
    for number, topic in enumerate(topics, 1):
        rows, settings = [], []
        for at, comparison in enumerate(topic.comparisons, 1):
            studies = studies_of(topic, comparison)
            kind, columns = _kind(studies)
            key = (number, at, safe(comparison["title"]))
            listed = [_row(key, row, columns) for row in studies.to_dict("records") if row["excluded"] is None]
            if not listed:
                continue
            rows += listed
            measure = find(comparison["measure"]).revman or comparison["measure"]
            arms = safe(comparison["intervention"]), safe(comparison["comparator"])
            said = (*key, kind, *arms, "Inverse variance", measure, "Random effects", "95%", "95%", "false")
            settings.append(dict(zip(SETTINGS, said, strict=True)))
        stem = f"{topic.id}-analysis-data/{topic.id}"
        files[f"{stem}-data-rows.csv"] = table_text(ROWS, rows).encode()
        files[f"{stem}-overall-estimates-and-settings.csv"] = table_text(SETTINGS, settings).encode()
    return files


def _kind(studies):
    """Return the data type that all studies of an analysis allow, and its columns: theirs, and ours that they hold."""
    used = studies[studies["excluded"].isna()]
    for kind, columns in _ARMS.items():
        arms = all(name in used and used[name].notna().all() for name in columns.values())
        if arms and used["route"].str.contains("of both arms").all():
            return kind, columns
    return "Contrast level", NAMES["revman_web"]["contrast"]


def _row(key, row, columns):
    cells = dict(zip(ROWS[:3], key, strict=True))
    cells |= {theirs: digits_of(row[ours]) for theirs, ours in columns.items()}
    return cells | {"Study": safe(row["trial"]), "Footnotes": safe(f"{row['result_ids']}: {row['route']}")}
