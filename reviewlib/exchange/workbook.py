"""Sheets of an Excel workbook: values only, cell by cell, with a word on formulas, merged cells and hidden sheets."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import suppress
from datetime import date, datetime, time
from functools import reduce
from typing import Any
from xml.parsers import expat

from ..errors import EvidenceError, Problem
from .numerals import Typed, digits
from .opened import is_zip, members
from .sheet import Sheet, clean, from_records, letters

WIDEST, LONGEST = 300, 200_000  # columns and rows that are read
MERGED, SPARSE = 100_000, 20  # cells that may be merged, or lie empty: so many, and so many times those that are there


def read_workbook(data: bytes, name: str, *, exact: bool = False) -> list[Sheet]:
    """Return every visible sheet of a workbook that holds a table.

    Formulas give the value that Excel stored beside them, and are named; one without a stored value is refused. Merged
    cells among the data are refused, because it is not known to which rows their value belongs, and so are hidden rows,
    because it is not known whether they count. Hidden sheets are left out, and named. With `exact`, text is kept as it
    stands, line breaks included, and a sheet may hold only a header.

    Raises
    ------
    EvidenceError
        Not a workbook, locked, damaged, or a cell that cannot be read; every such cell at once.
    """
    if not is_zip(data):
        old = data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        why = "is an old .xls workbook or locked with a password" if old else "is not an Excel workbook"
        raise EvidenceError(f"{name} {why}. Save it as .xlsx without a password, or as CSV")
    files = members(data, name)
    refuse_entities(files, name)  # zip bombs and entities, before anything is parsed
    _refuse_wide(files, name)
    values, formulas = _opened(data, name, True), _opened(data, name, False)
    sheets, hidden, problems = [], [], []
    for sheet in formulas.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        label = f"{name}, sheet {sheet.title}"
        records, noticed, faults = _records(sheet, values[sheet.title], label, exact)
        problems += faults
        if faults or len(records) < (1 if exact else 2):
            continue
        found = Sheet(label, tuple(records[0][1]), cells=True)
        if len(records) > 1:
            found = from_records(records, label, cells=True)
        found.noticed += noticed
        sheets.append(found)
    if problems:
        raise EvidenceError(problems)
    if hidden and sheets:
        sheets[0].noticed.append(f"hidden sheets were left out: {', '.join(hidden)}")
    if not sheets:
        raise EvidenceError(
            f"{name} holds no visible sheet with a header and a row. Unhide the sheet or export it again"
        )
    return sheets


def refuse_entities(files: Any, name: str) -> None:
    """Refuse an archive in which an XML part declares entities: no workbook needs them, an XML bomb does."""
    for part, content in files.items():
        text = content.replace(b"\0", b"")
        if part.endswith((".xml", ".rels", ".vml")) and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
            raise EvidenceError(f"{name}: {part} declares XML entities, which no workbook needs. It was not opened")


def _refuse_wide(files, name) -> None:
    """Refuse sheets whose cells lie far apart or are merged over far more than a table: each place takes memory."""
    for part, content in files.items():
        if rule := _Reach.of(content):
            remedy = "Delete what lies beyond the table, and save it again"
            raise EvidenceError([Problem(f"{name}, {part}", None, "", "", "", rule, remedy)])


class _Reach:
    """How far the cells of a sheet reach, counted while its XML is read once, before any cell is made."""

    def __init__(self):
        self.cells = self.row = self.column = self.last = self.widest = self.merged = 0
        self.sheets: list[str] = []

    @classmethod
    def of(cls, content: bytes) -> str:
        """Return what is too much of a sheet, empty where nothing is or its XML is damaged."""
        seen, parser = cls(), expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = seen.start
        with suppress(expat.ExpatError, ValueError):  # which the reader of workbooks reports
            parser.Parse(content, True)
        if seen.merged > MERGED:
            return f"{seen.merged:,} cells are merged, far more than a hand-made table"
        if seen.last * seen.widest > SPARSE * seen.cells + MERGED:
            return f"its {seen.cells:,} cells are spread over {seen.last:,} rows and {seen.widest:,} columns"
        return "a sheet is listed twice" if len(set(seen.sheets)) < len(seen.sheets) else ""

    def start(self, name, attributes):
        kind = name.rpartition(" ")[2]
        if kind == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif kind == "c":
            at = _PLACE.fullmatch(attributes.get("r", ""))
            self.column = _column(at[1]) if at else self.column + 1
            self.cells, self.last = self.cells + 1, max(self.last, int(at[2]) if at else self.row)
            self.widest = max(self.widest, self.column)
        elif kind == "sheet" or attributes.get("Type", "").endswith("/worksheet"):
            self.sheets += [text for key, text in attributes.items() if key == "Target" or key.endswith(" id")]
        elif kind == "mergeCell" and (area := _AREA.fullmatch(attributes.get("ref", ""))):
            self.merged += (_column(area[3]) - _column(area[1]) + 1) * (int(area[4]) - int(area[2]) + 1)


def _column(name: str) -> int:
    return reduce(lambda total, sign: 26 * total + ord(sign) - 64, name.upper(), 0)


_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_AREA = re.compile(f"{_PLACE.pattern}:{_PLACE.pattern}")


def _opened(data, name, values):
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise EvidenceError(
            f"{name} is damaged or not a workbook ({type(error).__name__}). Open it in Excel or LibreOffice and "
            "save it again as .xlsx"
        ) from None


def _records(sheet, stored, label, exact):
    """Return (line, cells) of a sheet, what was noticed, and its faults."""
    if (sheet.max_column or 0) > WIDEST or (sheet.max_row or 0) > LONGEST:
        rule = f"the sheet is {sheet.max_row} rows by {sheet.max_column} columns, far more than a hand-made table"
        return [], [], [Problem(label, None, "", "", "", rule, "Delete what is formatted beyond the table")]
    remedy = "Unmerge them and write the value into every row it is meant for"
    areas = [(area.min_row, f"cells {area.coord}") for area in sheet.merged_cells.ranges]
    faults = [Problem(label, row, cells, "", "", "cells are merged", remedy) for row, cells in areas]
    records, formulas, struck = [], [], []
    for row in sheet.iter_rows():
        cells = []
        for cell in row:
            value = cell.value
            if cell.data_type == "f":
                formulas.append(cell.coordinate)
                value = stored[cell.coordinate].value
                if value is None:
                    remedy = "Open it in Excel and save it, or paste the values"
                    rule = "is a formula whose value is not stored in the file"
                    faults.append(Problem(label, cell.row, f"cell {cell.coordinate}", "", "", rule, remedy))
            elif cell.data_type == "e":
                rule = f"is an error value ({value})"
                remedy = "Mend the formula or empty the cell"
                faults.append(Problem(label, cell.row, f"cell {cell.coordinate}", "", "", rule, remedy))
            if value is not None and cell.font and cell.font.strike:
                struck.append(cell.coordinate)
            cells.append(value if exact and isinstance(value, str) else _text(value))
        if any(cells):
            records.append((row[0].row, cells))
    if not exact:
        faults += _hidden_rows(sheet, label, {line for line, _ in records})
    noticed = [f"{label}: stored values were taken for the formulas in {_few(formulas)}"] if formulas else []
    if struck and not exact:
        noticed.append(
            f"{label}: crossed-out cells were read like others ({_few(struck)}): delete them if they do not count"
        )
    hidden = [] if exact else _hidden_columns(sheet)
    if hidden:
        noticed.append(f"{label}: hidden columns were read like others ({_few(hidden)})")
    return records, noticed, faults


def _hidden_rows(sheet, label, filled):
    """Return the faults of rows that hold something and are hidden, by hand or by a filter: do they count or not?"""
    hidden = [at for at, row in sheet.row_dimensions.items() if (row.hidden or row.height == 0) and at in filled]
    if not hidden:
        return []
    by_filter = " by a filter" if sheet.auto_filter.ref and sheet.auto_filter.filterColumn else ""
    rule = f"{'row' if len(hidden) == 1 else 'rows'} {_few([str(at) for at in sorted(hidden)])} hidden{by_filter}"
    return [Problem(label, None, "", "", "", rule, "Show these rows if they belong to the table, or delete them")]


def _hidden_columns(sheet):
    shown = [d for d in sheet.column_dimensions.values() if d.hidden and d.min and d.min <= (sheet.max_column or 0)]
    return [letters(at - 1) for d in shown for at in range(d.min, min(d.max, sheet.max_column) + 1)]


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return Typed(digits(value)) if abs(value) < 1e300 and value == value else "NA"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, (date, time)) else clean(str(value))


def _few(names) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
