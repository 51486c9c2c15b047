"""Our tables as an Excel workbook: edit there, import back, and nothing is lost.

Every cell is text, so Excel turns no range into a date and no number into another. The first sheet says which folder
of tables the workbook holds; by it `reviewlib import` knows one of ours.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence.folder import find_evidence
from ..evidence.schema import Schema, schemas
from ..nouns import count
from .incoming import Wishes
from .opened import is_zip, members, read_bytes
from .placing import as_it_is, place, rows_of, table_text
from .sheet import letters
from .workbook import read_workbook

TITLE = "reviewlib evidence tables"
LONGEST_CELL = 32_767
_FORMULA = ("=", "+", "-", "@")
_SPARE = 500  # rows below the table that take the lists too


def workbook(folder: Path, tables: dict[str, Schema]) -> bytes:
    """Return a workbook of tables.

    Parameters
    ----------
    folder : Path
        The evidence folder.
    tables : dict of str to Schema
        Schema by path below the folder, such as ``asthma/results.csv``.
    """
    import openpyxl

    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "Read me"
    lines = [
        (TITLE, "Table of evidence/"),
        *((_sheet_name(file), file) for file in tables),
        ("", ""),
        ("Edit cells, add rows below, then: reviewlib import THIS_FILE --update", ""),
        ("Keep the header lines. A row that is deleted here stays in the table: delete it there.", ""),
    ]
    for row, cells in enumerate(lines, 1):
        for column, text in enumerate(cells, 1):
            _write_cell(cover.cell(row, column), text)
    cover.column_dimensions["A"].width = cover.column_dimensions["B"].width = 34
    lists = book.create_sheet("Lists")
    for file, schema in tables.items():
        _write_table(book.create_sheet(_sheet_name(file)), folder, file, schema, lists)
    out = io.BytesIO()
    _save(book, out)
    return out.getvalue()


def _write_table(sheet, folder, file, schema, lists) -> None:
    from openpyxl.styles import Alignment, Font

    rows = rows_of((folder / file).read_bytes(), file)
    names = schema.header(rows[0] if rows else schema.names)
    for column, name in enumerate(names, 1):
        _write_cell(sheet.cell(1, column), name)
        sheet.cell(1, column).font = Font(bold=True)
    for at, typed in enumerate(rows, 2):
        for column, name in enumerate(names, 1):
            cell = sheet.cell(at, column)
            _write_cell(cell, typed[name])
            cell.alignment = Alignment(wrap_text=len(typed[name]) > 40, vertical="top")
    sheet.freeze_panes = "B2"
    _choices(sheet, [schema[name] for name in names], len(rows) + 1 + _SPARE, lists, folder)


def _save(book, out) -> None:
    """Save by temporary files, as openpyxl does; where they find no room, OSError, as everywhere."""
    hook, sys.unraisablehook = sys.unraisablehook, lambda said: None  # what lxml says once more when it cleans up
    failed = ""
    try:
        book.save(out)
    except Exception as error:
        if type(error).__name__ != "SerialisationError":  # of lxml, where the disk is full: IO_ENOSPC
            raise
        failed = str(error)
    finally:
        gc.collect()
        sys.unraisablehook = hook
    if failed:
        number = getattr(errno, failed.removeprefix("IO_"), errno.EIO)
        raise OSError(number, os.strerror(number), tempfile.gettempdir())


def _sheet_name(file: str) -> str:
    """Return a sheet name of at most 31 signs, different for every table."""
    stem = file.removesuffix(".csv").replace("/", "|")
    topic, bar, name = stem.partition("|")
    return stem if len(stem) <= 31 else f"{topic[: 31 - len(bar + name)]}{bar}{name}"


def _write_cell(cell, text: str) -> None:
    if len(text) > LONGEST_CELL:
        raise EvidenceError(f"a cell holds {len(text)} signs, more than Excel keeps ({LONGEST_CELL}): {text[:60]!r}")
    cell.number_format = "@"
    if text == "":
        return
    cell.value = text
    cell.data_type = "s"  # openpyxl would make a formula of what starts with =
    if text.startswith(_FORMULA):
        cell.quotePrefix = True


def _choices(sheet, columns, last, lists, folder):
    """Let cells be chosen from the words of their column, or from the ids of the table they refer to."""
    from openpyxl.worksheet.datavalidation import DataValidation

    for at, column in enumerate(columns, 1):
        words = list(column.enum)
        if column.references and column.references.split(".")[0] in ("sources", "instruments"):
            table, name = column.references.split(".")
            words = [row[name] for row in rows_of((folder / f"{table}.csv").read_bytes(), f"{table}.csv")]
        letter = letters(at - 1)
        sheet.column_dimensions[letter].width = min(40, max(10, len(column.name) + 2))
        if not words:
            continue
        source = _listed(lists, words)
        rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = column.title[:32], f"Choose one of the list. {column.description}"[:255]
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{last}")


def _listed(lists, words) -> str:
    """Write words into a column of the sheet of lists once, and return its address."""
    lists.sheet_state = "hidden"
    wide = lists.max_column if lists.cell(1, 1).value is not None else 0
    for at in range(1, wide + 1):
        there = [lists.cell(row, at).value for row in range(1, len(words) + 2)]
        if there == [*words, None]:
            break
    else:
        at = wide + 1
        for row, word in enumerate(words, 1):
            _write_cell(lists.cell(row, at), word)
    letter = letters(at - 1)
    return f"Lists!${letter}$1:${letter}${len(words)}"


def is_ours(path: Path) -> bool:
    """Return whether a file is a workbook that `workbook` made."""
    data = Path(path).read_bytes()[:4]
    if not is_zip(data):
        return False
    data = read_bytes(path)
    if "xl/workbook.xml" not in members(data, Path(path).name):
        return False
    return any(sheet.header[:1] == (TITLE,) for sheet in read_workbook(data, Path(path).name, exact=True))


def tables_of(data: bytes, name: str) -> dict[str, list[dict]]:
    """Return the rows of each table in one of our workbooks, by its path."""
    sheets = {sheet.name.rpartition(", sheet ")[2]: sheet for sheet in read_workbook(data, name, exact=True)}
    cover = next(sheet for sheet in sheets.values() if sheet.header[:1] == (TITLE,))
    pairs = [[cells.get(column, "") for column in (*cover.header, "")][:2] for _, cells in cover.rows]
    found = {}
    for title, file in (pair for pair in pairs if pair[1].endswith(".csv")):
        if title not in sheets:
            continue
        schema = schema_of(file)
        sheet = sheets[title]
        if sheet.header != schema.header(sheet.header):
            raise EvidenceError(f"{sheet.name}: the header was changed. It must be: {', '.join(schema.names)}")
        found[file] = [dict(cells) for _, cells in sheet.rows]
    return found


def schema_of(file: str) -> Schema:
    """Return the schema of a table by its path."""
    stem, scope = file.removesuffix(".csv").rpartition("/")[2], "topic" if "/" in file else "shared"
    schema = schemas().get(stem)
    if schema is None or schema.scope != scope or file.count("/") > 1 or ".." in file or file.startswith("/"):
        raise EvidenceError(f"the workbook names a table {file!r} that is not known")
    return schema


def import_workbook(path: Path, wishes: Wishes, *, say: Callable[[str], None], ask: Any) -> int:
    """Bring the changes in one of our workbooks back into the tables; returns how many rows changed or came.

    A changed row needs `update`, because it overwrites what is there. Rows deleted in the workbook stay.
    """
    folder = find_evidence(wishes.evidence)
    files, was, changed, added = {}, {}, 0, 0
    for file, rows in tables_of(read_bytes(path), Path(path).name).items():
        schema = schema_of(file)
        was[file] = as_it_is(folder, file)
        old = rows_of(was[file] or b"", file)
        merged, news, edits = _merged(file, schema, old, rows, say)
        added, changed = added + news, changed + edits
        if news or edits:
            files[file] = table_text(schema.header(set().union(*merged)), merged).encode()
    say(f"{Path(path).name}: {count(added, 'new row')}, {count(changed, 'changed row')}.")
    if not files:
        return 0
    if changed and not wishes.update:
        raise EvidenceError(
            f"{count(changed, 'row')} would be overwritten. Nothing was written: look at the changes above, then add "
            "--update"
        )
    if not wishes.yes and (ask is None or ask("Write them? [y/N] ").strip().lower() not in ("y", "yes")):
        say("Nothing was written." + ("" if ask else " Add --yes to write."))
        return 0
    place(folder, files, was)
    say(f"Written: {', '.join(files)}")
    return added + changed


def _merged(file, schema, old, rows, say):
    """Return the merged rows of a table, and how many are new and changed; every changed cell is told."""
    if not schema.key:
        same = [[row.get(name, "") for name in schema.names] for row in rows] == [list(row.values()) for row in old]
        if same:
            return old, 0, 0
        say(f"  {file}: the rows differ; the table has no key, so it is taken as a whole")
        return rows, max(0, len(rows) - len(old)), max(1, len(old))
    keys = [tuple(row[name] for name in schema.key) for row in rows]
    double = sorted({" ".join(key) for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if double:
        raise EvidenceError(f"{file}: more than one row has the id {', '.join(double[:5])}. Give each its own")
    merged = {tuple(row[name] for name in schema.key): row for row in old}
    order, news, edits = [row for row in merged], 0, 0
    for key, row in zip(keys, rows, strict=True):
        if key not in merged:
            news += 1
            order.append(key)
            say(f"  {file}: new row {' '.join(key)}")
        elif differing := [name for name in schema.names if row.get(name, "") != merged[key].get(name, "")]:
            edits += 1
            for name in differing:
                say(f'  {file}: {" ".join(key)}, {name}: "{merged[key].get(name, "")}" -> "{row.get(name, "")}"')
        merged[key] = row
    left = len(old) - len(set(keys) & {tuple(row[name] for name in schema.key) for row in old})
    if left:
        say(f"  {file}: not in the workbook, left as it is: {count(left, 'row')}")
    keep = order if not news else sorted(order)
    return [merged[key] for key in keep], news, edits
