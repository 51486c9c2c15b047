"""Sheets of an Excel workbook: values only, cell by cell, with a word on formulas, merged cells and hidden sheets."""

from __future__ import annotations

import io
import warnings
from datetime import date, datetime, time
from typing import Any

from ..errors import EvidenceError, Problem
from .numerals import Typed, digits
from .opened import is_zip, members
from .sheet import Sheet, clean, from_records, letters

WIDEST, LONGEST = 300, 200_000  # columns and rows that are read


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
    refuse_entities(members(data, name), name)  # zip bombs and entities, before anything is parsed
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
    if not exact:
        faults += _hidden_rows(sheet, label)
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
    noticed = [f"{label}: stored values were taken for the formulas in {_few(formulas)}"] if formulas else []
    if struck and not exact:
        noticed.append(
            f"{label}: crossed-out cells were read like others ({_few(struck)}): delete them if they do not count"
        )
    hidden = [] if exact else _hidden_columns(sheet)
    if hidden:
        noticed.append(f"{label}: hidden columns were read like others ({_few(hidden)})")
    return records, noticed, faults


def _hidden_rows(sheet, label):
    """Return the faults of rows that hold something and are hidden, by hand or by a filter: do they count or not?"""
    hidden = [at for at, row in sheet.row_dimensions.items() if row.hidden or row.height == 0]
    hidden = [at for at in hidden if any(cell.value is not None for cell in sheet[at])]
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
