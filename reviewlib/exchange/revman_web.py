"""RevMan Web's data package (zip), version 1: packages made until September 2024.

Absent values are written as 0.0 there, so columns are chosen by the data type of the analysis, never by what is filled.
GIV Mean and GIV SE are on the analysis scale (log for ratios); Mean and its limits are as shown.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import EvidenceError
from ..measures import spelled
from ..nouns import count
from .incoming import Incoming, PrintedPool
from .numerals import number, one_step
from .opened import is_zip, members, text_of
from .records import Record
from .sheet import read_sheet
from .vocabulary import NAMES

ROWS, SETTINGS = "data-rows.csv", "overall-estimates-and-settings.csv"
_PACKAGE = re.compile(
    r"(data-rows|overall-estimates-and-settings|subgroup-estimates|-parameters|study-information)\.csv$|-data\.zip$|revman",
    re.I,
)


def is_package(files: Any) -> bool:
    """Return whether the files of an archive look like RevMan's, of whatever version."""
    return any(_PACKAGE.search(name) for name in files) and not any(
        re.search(r"study[ _-]results|study[ _-]arms", name, re.I) for name in files
    )


def read(data: bytes, name: str) -> Incoming:
    """Return the rows of every analysis of a package, with its pools."""
    files = members(data, name)
    inner = next((file for file in files if file.endswith("-data.zip") and is_zip(files[file])), None)
    if inner and not any(file.endswith(ROWS) for file in files):
        files = members(files[inner], f"{name}: {inner}")
    if any(file.endswith("-parameters.csv") for file in files):
        raise EvidenceError(f"{name} is a review of test accuracy: such tables have no place here. Nothing was read")
    rows = next((file for file in sorted(files) if file.endswith(ROWS)), None)
    settings = next((file for file in sorted(files) if file.endswith(SETTINGS)), None)
    if rows is None or settings is None:
        shown = ", ".join(sorted(files)[:4])
        raise EvidenceError(
            f"{name} is not a data package of version 1 (it holds {shown}). Packages made after September 2024 "
            "differ and are not understood: export the analysis data as CSV, or the review as RevMan 5, and import that"
        )
    found = Incoming(name, "RevMan Web data package, version 1", "results", scale="log")
    sheets = [_sheet(files[file], f"{name}: {file.rpartition('/')[2]}", found) for file in (rows, settings)]
    _rows(*sheets, found)
    found.mapping = "Columns were chosen by the data type of each analysis; experimental is the intervention"
    return found


def _sheet(data, name, found):
    text, noticed = text_of(data, name)
    found.noticed += noticed
    return read_sheet(text, name)


def _rows(rows, settings, found):
    _need(rows, ("Analysis group", "Analysis number", "Study"))
    _need(settings, ("Analysis group", "Analysis number", "Data type"))
    about = {_key(cells): cells for _, cells in settings.rows}
    problems, made = [], {}
    for line, cells in rows.rows:
        own = about.get(_key(cells))
        if own is None:
            rule = f"analysis {'.'.join(_key(cells))} is not in the settings"
            problems.append(rows.problem(line, "Analysis number", rule, "Export the package again"))
            continue
        values = _values(rows, line, cells, own, problems)
        if values is None:
            continue
        record = Record(f"{rows.name} line {line}", values)
        found.records.append(record)
        made.setdefault(_key(cells), []).append(record)
    if problems:
        raise EvidenceError(problems)
    for key, records in made.items():
        _pool(about[key], ".".join(key), records, found)
    left = len(rows.rows) - len(found.records)
    if left:
        found.noticed.append(f"left out: {count(left, 'row')} of other data than counts, means or contrasts")


def _need(sheet, names):
    lacking = [name for name in names if name not in sheet.header]
    if lacking:
        raise EvidenceError(
            f"{sheet.name} has no column {', '.join(lacking)}: not a data package of version 1. It has: "
            f"{', '.join(sheet.header[:12])}"
        )


def _key(cells):
    return cells["Analysis group"].removesuffix(".0"), cells["Analysis number"].removesuffix(".0")


def _values(sheet, line, cells, own, problems):
    kind = own["Data type"].lower()
    measure = spelled(own.get("Effect measure", "")) or ""
    columns = next((columns for word, columns in NAMES["revman_web"].items() if word in kind), None)
    if columns is None:
        return None
    values = {}
    for theirs, ours in columns.items():
        try:
            values[ours] = number(cells.get(theirs, ""))
        except ValueError as error:
            problems.append(sheet.problem(line, theirs, *str(error).split("\t")))
            values[ours] = ""
    values |= one_step(values.pop("o_e", ""), values.pop("oe_variance", ""))
    values |= {
        "measure": measure,
        "trial": cells["Study"],
        "year": re.sub(r"\D", "", cells.get("Study year", ""))[:4],
        "subgroup": cells.get("Subgroup", ""),
        "outcome": cells.get("Analysis name") or own.get("Analysis name", ""),
        "intervention": _label(own, "experimental"),
        "comparator": _label(own, "control"),
        "analysis": f"analysis {'.'.join(_key(cells))}",
    }
    return values


def _label(own, arm):
    named = {name.lower(): cell for name, cell in own.items()}
    return next((cell for name, cell in named.items() if arm in name and "label" in name and "graph" not in name), "")


def _pool(own, key, records, found):
    title = f"{key} {own.get('Analysis name', '')}"
    if own.get("Swap event and non-event", "").lower() == "true":
        found.noticed.append(f"analysis {title} counts the opposite event in its own pool (events are kept as typed)")
        return
    measure = records[0].get("measure")
    try:
        values = [float(own.get(name, "")) for name in ("Mean", "CI start", "CI end")]
    except ValueError:
        return
    if not measure or len(records) < 2 or values[1] == values[2]:
        return
    method = own.get("Statistical method", "").upper()
    method = "PETO" if "PETO" in method or "O-E" in method else "MH" if "MANTEL" in method or "M-H" in method else "IV"
    random = "random" in own.get("Analysis model", "").lower()
    level = float((re.match(r"[5-9]\d(\.\d+)?", own.get("Estimate CI", "")) or ["95"])[0]) / 100
    found.pools.append(PrintedPool(title, measure, method, random, *values, level, records))
