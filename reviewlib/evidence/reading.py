"""From the bytes of a table to rows of text, each with the line at which an editor shows it.

Reading is strict and repairs nothing: whatever is not one comma-separated UTF-8 table with the columns of its schema
becomes a `Problem`. The pandas reader is not used because it turns `NA`, `007` and `0.10` into something else.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ..errors import Problem
from .labels import foreign_letter
from .schema import Schema, broken_rule, value_of

LARGEST = 20_000_000  # bytes; the tables are typed by hand
FAR_MORE = "far more than a hand-made table"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class BrokenCell(Exception):
    """A rule asked for a cell that could not be read; its fault is already reported."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its text as typed, its values, and the line on which it starts (the header is line 1)."""

    line: int
    record: str
    text: dict[str, str]
    values: dict
    broken: frozenset[str]

    def __getitem__(self, name: str):
        if name in self.broken:
            raise BrokenCell(name)
        return self.values[name]

    def typed(self, name: str) -> str:
        """Return the text of a cell that could be read."""
        if name in self.broken:
            raise BrokenCell(name)
        return self.text[name]


@dataclass(slots=True)
class Table:
    """A table as it was read: its rows, and every fault met on the way."""

    file: str
    schema: Schema
    rows: tuple[Row, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True

    def problem(
        self, row: Row, column: str, rule: str, remedy: str, *, severity: str = "error", value: Any = None
    ) -> Problem:
        """Return a `Problem` at a cell of this table."""
        typed = row.text.get(column, "") if value is None else value
        return Problem(self.file, row.line, column, row.record, typed, rule, remedy, severity)


def rows_of(table: Table | None) -> tuple[Row, ...]:
    """Return the rows of a table that may be missing."""
    return table.rows if table else ()


def by_key(table: Table | None) -> dict[str | None, Row]:
    """Return the rows of a table that may be missing, by the first column of its key."""
    return {row.text.get(table.schema.key[0]): row for row in rows_of(table)}


def read_table(data: bytes, file: str, schema: Schema) -> Table:
    """Read one table.

    Parameters
    ----------
    data : bytes
        The file as it stands.
    file : str
        Name for messages.
    schema : Schema
        Its columns.
    """
    table = Table(file, schema)
    text = decode(data, file, table.problems)
    if text is None:
        table.complete = False
        return table
    records = _records(text, table)
    if not records:
        table.complete = False
        return table
    header = _header(records[0][1], table)
    absent = {column.name: "" for column in schema.columns if column.optional}
    judged = [(column, {}) for column in schema.columns]
    rows = [_row(line, cells, header, table, absent, judged) for line, cells in records[1:]]
    table.rows = tuple(row for row in rows if row is not None)
    return table


def decode(data: bytes, file: str, problems: list[Problem]) -> str | None:
    """Return the text of a file, with faults of its encoding and line ends added to `problems`."""

    def note(line, rule, remedy, severity="error"):
        problems.append(Problem(file, line, "", "", "", rule, remedy, severity))

    if len(data) > LARGEST:
        note(None, f"the file holds {len(data) / 1e6:.0f} million bytes, {FAR_MORE}", "Check what it is")
        return None
    if not data.strip():
        note(1, "the file is empty", "Write the header line first, as the data dictionary gives it")
        return None
    if data[:2] in _BOMS:
        note(1, "the file is encoded as UTF-16", "Save it as UTF-8 without a byte-order mark")
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        remedy = "Save it as UTF-8 without a byte-order mark (not 'UTF-8-BOM')"
        note(1, "the file starts with an invisible byte-order mark", remedy)
        data = data[3:]
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        remedy = "Take the last good version, or save it as UTF-8"
        note(line, "there is a NUL byte: the file is damaged or not UTF-8", remedy)
        return None
    if b"\r\n" in data:  # what git and most editors write on Windows: nothing is lost by reading it as LF
        line = data[: data.index(b"\r\n")].count(b"\n") + 1
        remedy = "It is read as if they ended in LF; `reviewlib check --fix` saves it so"
        note(line, "lines end as Windows writes them (CRLF)", remedy, "warning")
        data = data.replace(b"\r\n", b"\n")
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        note(line, "there is a carriage return without a line end after it", "Save it with Unix line ends (LF)")
    elif not data.endswith(b"\n"):
        note(data.count(b"\n") + 1, "the last line has no line end", "Press Enter after it", "warning")
    return data.decode("utf-8", errors="replace")


def _records(text: str, table: Table) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of every record; stops at a fault that makes the rest unreadable."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return found
        except csv.Error as error:
            header = found[0][1] if found else list(table.schema.names)
            table.problems.append(_torn(text, line, header, table, error))
            table.complete = False
            return found
        if cells:
            found.append((line, cells))
        else:
            table.problems.append(Problem(table.file, line, "", "", "", "the line is empty", "Delete it"))


def _torn(text: str, line: int, header: list[str], table: Table, error: csv.Error) -> Problem:
    """Return the problem of a record whose quotes do not match, at the cell where the first odd quote stands."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = lines[line - 1] if line <= len(lines) else ""
    if "limit" in str(error):
        rule, remedy = "a cell is longer than 131072 characters", "Look for a quote that is never closed"
    else:
        rule = "a quotation mark has no partner, so the rest of the file cannot be read"
        remedy = 'Put one " at both ends of the cell, and write a quotation mark inside it twice ("")'
    at = _open_quote(first)
    column = header[at] if at < len(header) else ""
    return Problem(table.file, line, column, first.split(",")[0].strip('"')[:60], first[:60], rule, remedy)


def _open_quote(line: str) -> int:
    """Return the number of the cell in which a quote is opened and not closed on this line."""
    cell, opened, inside = 0, 0, False
    for sign in line:
        if sign == '"':
            inside = not inside
            opened = cell
        elif sign == "," and not inside:
            cell += 1
    return opened


def _header(cells: list[str], table: Table) -> list[str]:
    """Check the header line and return it; a column that cannot be used becomes an empty name."""
    names, wanted, seen = [], table.schema.names, set()
    remedies = {}
    if len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
        remedies[""] = ("the cells are separated by semicolons or tabs", "Save it with commas")
        cells = [""]
    for cell in cells:
        if "\ufffd" in cell:
            remedies[cell] = ("the header is not UTF-8", "Save the file as UTF-8 without a byte-order mark")
        elif cell in seen:
            remedies[cell] = ("the column stands twice", "Delete or rename one of the two")
        elif cell not in wanted and cell:
            near = get_close_matches(cell.strip().lower(), wanted, 1)
            hint = f"did you mean {near[0]}? Otherwise delete it" if near else f"The columns are: {', '.join(wanted)}"
            remedies[cell] = ("is not a column of this table", hint[0].upper() + hint[1:])
        elif not cell and "" not in remedies:
            remedies[""] = ("a column has no name", f"The columns are: {', '.join(wanted)}")
        names.append(cell if cell in wanted and cell not in seen else "")
        seen.add(cell)
    for name, (rule, remedy) in remedies.items():
        table.problems.append(Problem(table.file, 1, name, "header", name, rule, remedy))
    for name in table.schema.header(()):
        if name not in seen:
            remedy = "Add it to the header and to every row"
            table.problems.append(Problem(table.file, 1, name, "header", "", "the column is missing", remedy))
    ordered = [name for name in wanted if name in seen]
    if not remedies and names != ordered and set(names) == set(ordered):
        first = next(a for a, b in zip(names, ordered, strict=True) if a != b)
        order = f"The order is: {','.join(ordered)}"
        table.problems.append(Problem(table.file, 1, first, "header", "", "the columns stand in another order", order))
    table.complete = table.complete and set(names) >= set(table.schema.header(()))
    return names


def _row(line: int, cells: list[str], header: list[str], table: Table, absent: dict, judged: list) -> Row | None:
    """Return a row; `absent` are the cells of optional columns, `judged` what is known of each column's texts."""
    record = _record_name(cells, header, table.schema)
    if len(cells) != len(header):
        rule = f"the row has {len(cells)} cells, the header {len(header)}"
        if len(cells) > len(header):
            at, remedy = header[-1], "Put a cell that holds a comma between quotation marks, or delete the extra commas"
        else:
            at, remedy = header[len(cells)], "Add the missing commas: an empty cell needs one too"
        table.problems.append(Problem(table.file, line, at, record, "", rule, remedy))
        table.complete = False
        return None
    text = absent | {name: cell for name, cell in zip(header, cells, strict=True) if name}
    values, broken = {}, set()
    for column, known in judged:
        name = column.name
        if (cell := text.get(name)) not in known:
            fault = ("", "") if cell is None else _cell_fault(column, cell)
            known[cell] = fault, None if fault else value_of(column, cell)
        fault, values[name] = known[cell]
        if fault:
            broken.add(name)
        if fault and cell is not None:
            table.problems.append(Problem(table.file, line, name, record, cell, *fault))
    return Row(line, record, text, values, frozenset(broken))


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")  # a line feed may stand in a quoted cell


def _cell_fault(column, text: str) -> tuple[str, str] | None:
    if "\ufffd" in text:
        remedy = "Save the file as UTF-8 and look at this cell again"
        return "there are bytes that are not UTF-8 (perhaps Windows-1252)", remedy
    if hidden := hidden_fault(text):
        return hidden, "Delete the cell and type it again"
    return broken_rule(column, text)


def hidden_fault(text: str) -> str:
    """Return what is wrong with a text in which there are characters that nobody sees; empty where nothing is."""
    if text.isascii() and text.isprintable():
        return ""
    if _CONTROL.search(text):
        return "there is an invisible control character"
    hidden = next((sign for sign in text if sign > "~" and unicodedata.category(sign) == "Cf"), None)
    if hidden:
        return f"there is an invisible character ({unicodedata.name(hidden, 'unnamed').lower()})"
    strange = foreign_letter(text)
    return f"a Latin word holds a letter of another alphabet ({strange})" if strange else ""


def _record_name(cells: list[str], header: list[str], schema: Schema) -> str:
    found = dict(zip(header, cells, strict=False))
    key = schema.key or schema.names[:2]
    return " ".join(found.get(name, "").strip()[:60] for name in key).strip()
