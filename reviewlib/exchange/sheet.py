"""A table of text with the line of each row, from delimited text of any common dialect."""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from ..errors import EvidenceError, Problem
from .opened import ROWS

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")


@dataclass(slots=True)
class Sheet:
    """A header and rows of text; `rows` holds (line, cells by column), `noticed` what a reader should be told.

    `where` turns a line and column into the place a person looks at: ``line 7`` of a text, cell ``C7`` of a workbook.
    """

    name: str
    header: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    separator: str = ","
    cells: bool = False

    def place(self, line: int, column: str) -> str:
        """Return the place of a cell in the words of the program that shows it."""
        if not self.cells:
            return f"line {line}, column {column}"
        return f"cell {letters(self.header.index(column))}{line}" if column in self.header else f"row {line}"

    def problem(self, line: int, column: str, rule: str, remedy: str) -> Problem:
        """Return the fault of one cell."""
        at = bisect_left(self.rows, line, key=lambda row: row[0])  # the rows stand in the order of their lines
        value = self.rows[at][1].get(column, "") if at < len(self.rows) and self.rows[at][0] == line else ""
        shown = f"{column} ({self.place(line, column)})" if self.cells else column
        return Problem(self.name, line, shown, "", value[:80], rule, remedy)


def letters(index: int) -> str:
    """Return the letters of a column as a spreadsheet shows them; 0 is A."""
    index, text = index + 1, ""
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def read_sheet(text: str, name: str) -> Sheet:
    """Return the Sheet of a delimited text: commas, semicolons or tabs; decimal points or decimal commas.

    Raises
    ------
    EvidenceError
        An open quotation mark, a row longer or shorter than the header, a header that names a column twice or not at
        all: every such line at once.
    """
    said = re.match(r'"?sep=(.)"?\r?\n', text.lstrip("\ufeff"))  # Excel's own first line
    if said:
        text = "\n" + text[said.end() :]
    start = next((line for line in text.splitlines() if line.strip()), "")
    separator = said[1] if said else separator_of(start)
    records, line = [], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line, [clean(cell) for cell in cells]))
                _not_too_many(records, name)
            line = reader.line_num + 1
    except csv.Error as error:
        why = "a cell is longer than 131072 characters: " if "limit" in str(error) else ""
        raise EvidenceError(
            f"{name} line {line}: {why}a quotation mark is not closed or stands in the middle of a cell. Close it, or "
            'write it twice ("") inside a quoted cell'
        ) from None
    sheet = from_records(records, name)
    sheet.separator = separator
    if separator != ",":
        sheet.noticed.append(f"cells are separated by {_SEPARATORS[separator]}")
    return sheet


def separator_of(line: str) -> str:
    """Return what parts the cells of a header: commas, semicolons, tabs or upright strokes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=bare.count)


def from_records(records: Any, name: str, *, cells: Any = False) -> Sheet:
    """Return the Sheet of (line, list of cells), the header first."""
    if not records:
        raise EvidenceError(f"{name} holds no row. Export it again, with its header line")
    _not_too_many(records, name)
    line, header = records[0]
    header = _named(header, [row for _, row in records[1:]])
    problems = _header_problems(name, line, header)
    rows = []
    for at, row in records[1:]:
        extra = [cell for cell in row[len(header) :] if cell]
        if extra or (not cells and len(row) < len(header)):
            rule = f"the row has {len(row)} cells, the header {len(header)}"
            remedy = "Put a cell that holds the separator between quotation marks, and fill up short rows"
            problems.append(Problem(name, at, "", "", " ".join(row)[:60], rule, remedy))
            continue
        rows.append((at, dict(zip(header, [*row, *[""] * len(header)], strict=False))))
    if problems:
        raise EvidenceError(problems)
    if not rows:
        raise EvidenceError(f"{name} holds a header but no row: it may be cut off. Export it again")
    return Sheet(name, tuple(header), rows, cells=cells)


def _not_too_many(records, name):
    if len(records) > ROWS + 1:
        raise EvidenceError(
            f"{name} has more than {ROWS:,} rows, which are too many to read within a minute. Keep one row per study "
            "or result, and leave out the rows of single patients; or read the table in parts"
        )


def _named(header, rows):
    """Return the header with a name for the first column where R left it out: that of its row names."""
    while header and not header[-1]:
        header = header[:-1]
    if len(header) > 1 and not header[0]:
        cells = [row[0] for row in rows if row]
        return ["row numbers" if all(cell.isdigit() for cell in cells) else "row names", *header[1:]]
    return header


def _header_problems(name, line, header):
    found, seen = [], {}
    for i, cell in enumerate(header):
        if not cell:
            remedy = "Name the column, or delete it"
            found.append(Problem(name, line, letters(i), "header", "", "a column has no name", remedy))
        elif cell.lower() in seen:
            rule = f"two columns have this name ({letters(seen[cell.lower()])} and {letters(i)})"
            found.append(Problem(name, line, cell, "header", cell, rule, "Rename or delete one of the two"))
        seen.setdefault(cell.lower(), i)
    return found


def clean(cell: str) -> str:
    """Return a cell without invisible characters, its blanks and line breaks made single blanks."""
    return " ".join(_INVISIBLE.sub("", cell).split())
