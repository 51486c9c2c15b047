"""From the bytes of a table to rows of text, each with the line at which an editor shows it.

Reading is strict and repairs nothing: whatever is not one comma-separated UTF-8 table with the columns of its schema
becomes a `Problem`. The pandas reader is not used because it turns `NA`, `007` and `0.10` into something else.
"""

from __future__ import annotations

import csv
import io
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from .labels import foreign_letter
from .schema import Schema, broken_rule, value_of

if TYPE_CHECKING:
    from .columnar import Rows

LARGEST = 20_000_000  # bytes of a file that is typed by hand
FAR_MORE = "far more than a hand-made table"
RESULTS = 900_000_000  # bytes of results, which programs write too: three million rows
LARGE = 1_000_000  # bytes of results from which they are held by columns
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
    rows: tuple[Row, ...] | Rows = ()
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True

    def problem(
        self, row: Row, column: str, rule: str, remedy: str, *, severity: str = "error", value: Any = None
    ) -> Problem:
        """Return a `Problem` at a cell of this table."""
        typed = row.text.get(column, "") if value is None else value
        return Problem(self.file, row.line, column, row.record, typed, rule, remedy, severity)

    def texts(self, *names: str) -> Iterator[tuple]:
        """Yield the texts of each row in some columns; None for a column that is not in the file."""
        if not isinstance(self.rows, tuple):
            return self.rows.texts(names)
        return (tuple(map(row.text.get, names)) for row in self.rows)

    def alike(self, names: Iterable[str]) -> Iterable[Row]:
        """Return the rows among which two can have the same texts in some columns: every row of a small table."""
        if isinstance(self.rows, tuple):
            return self.rows
        there = [name for name in names if name in self.rows.columns]
        return map(self.rows.__getitem__, self.rows.alike(there).tolist())

    def values(self, *names: str) -> Iterator[tuple]:
        """Yield (place, value, ...) of each row in which none of some columns is broken."""
        if not isinstance(self.rows, tuple):
            return self.rows.values(names)
        return ((at, *map(row.values.get, names)) for at, row in enumerate(self.rows) if row.broken.isdisjoint(names))


def rows_of(table: Table | None) -> Sequence[Row]:
    """Return the rows of a table that may be missing."""
    return table.rows if table else ()


def texts_of(table: Table | None, *names: str) -> Iterator[tuple]:
    """Yield the texts of each row of a table that may be missing, see `Table.texts`."""
    return table.texts(*names) if table else iter(())


def torn(table: Table | None) -> bool:
    """Could a table not be read whole? Its own faults come first, and no row is blamed for naming what it may hold."""
    return table is not None and not table.complete


class ByKey:
    """Rows by a text of theirs, each made when it is asked for; the last of those that share it."""

    def __init__(self, table: Table | None, key: str = ""):
        self._rows, self._made = rows_of(table), dict[int, Row]()
        self._texts = partial(texts_of, table, key or (table.schema.key[0] if table else ""))

    @cached_property
    def _place(self) -> dict[str | None, int]:
        return {text: at for at, (text,) in enumerate(self._texts())}

    def get(self, text: str | None) -> Row | None:
        """Return the row of a text, None where there is none."""
        at = self._place.get(text)
        return None if at is None else self._made.setdefault(at, self._rows[at])

    def __contains__(self, text: object) -> bool:
        return text in self._place

    def __iter__(self) -> Iterator:
        return iter(self._place)


def by_key(table: Table | None) -> ByKey:
    """Return the rows of a table that may be missing, by the first column of its key."""
    return ByKey(table)


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
    clean = without_faults(data, file, table.problems)
    if clean is None:
        table.complete = False
        return table
    stream = io.TextIOWrapper(io.BytesIO(clean), encoding="utf-8", errors="replace", newline="")
    records = _records(stream, clean, table)
    first = next(records, None)
    if first is None:
        table.complete = False
        return table
    header = _header(first[1], table)
    absent = {column.name: "" for column in schema.columns if column.optional}
    row = partial(_row, header=header, table=table, absent=absent, judged=[(c, {}) for c in schema.columns])
    if len(clean) >= LARGE and schema.name == "results" and _by_columns(records, header, row, table):
        return table
    if len(clean) >= LARGE and schema.name == "results":  # a number that no array holds: read it again, by rows
        records = _records(io.StringIO(clean.decode("utf-8", errors="replace"), newline=""), clean, table)
        next(records)
    table.rows = tuple(found for record in records if (found := row(*record)) is not None)
    return table


def _by_columns(records, header: list[str], row: Callable, table: Table) -> bool:
    """Read the rows of a large table by columns; False where that cannot be done, with nothing changed."""
    from .columnar import judge, read_rows

    before, complete = len(table.problems), table.complete
    columns = {column.name: column for column in table.schema.columns}
    silent = partial(row, table=Table(table.file, table.schema))
    table.rows = read_rows(records, header, columns, row, silent)
    faults = judge(table, columns, _cell_fault)
    if faults is None:
        table.rows, table.complete = (), complete
        del table.problems[before:]
        return False
    table.problems += faults
    return True


def decode(data: bytes, file: str, problems: list[Problem]) -> str | None:
    """Return the text of a file, with faults of its encoding and line ends added to `problems`."""
    clean = without_faults(data, file, problems)
    return None if clean is None else clean.decode("utf-8", errors="replace")


def contents(file: Path) -> tuple[bytes | None, tuple[str, str] | None]:
    """Return the bytes of a file, None where there is none, and why it is not read, with what to do.

    A pipe or device would never end, a huge file is no hand-made table: neither is opened.
    """
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return None, ("is not a plain file", "Put the file itself there")
        if rule := too_large(file.name, found.st_size):
            return None, (rule, "Check what it is")
        return file.read_bytes(), None
    except FileNotFoundError:
        lost = "is a link to a file that is not there", "Put the file itself there, or delete the link"
        return None, lost if file.is_symlink() else None
    except OSError as error:
        return None, (f"cannot be opened: {error.strerror}", "Look at the file")


def too_large(file: str, size: int) -> str:
    """Return what is wrong with the size of a file, empty where nothing is."""
    most = RESULTS if file.endswith("results.csv") else LARGEST * (5 if file.endswith(".csv") else 1)
    return f"the file holds {size / 1e6:.0f} million bytes, {FAR_MORE}" if size > most else ""


def without_faults(data: bytes, file: str, problems: list[Problem]) -> bytes | None:
    """Return the bytes of a file with Unix line ends and no mark, with faults of both added to `problems`."""

    def note(line, rule, remedy, severity="error"):
        problems.append(Problem(file, line, "", "", "", rule, remedy, severity))

    if rule := too_large(file, len(data)):
        note(None, rule, "Check what it is")
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
    return data


def _records(stream: io.TextIOBase, data: bytes, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every record; stops at a fault that makes the rest unreadable."""
    reader, header = csv.reader(stream, strict=True), None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = data.decode("utf-8", errors="replace")
            table.problems.append(_torn(text, line, header or list(table.schema.names), table, error))
            table.complete = False
            return
        if cells:
            header = header or cells
            yield line, cells
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
    at = _broken_cell(first)
    column = header[at] if at < len(header) else ""
    return Problem(table.file, line, column, first.split(",")[0].strip('"')[:60], first[:60], rule, remedy)


_CELL = re.compile(r'("(?:[^"]|"")*"|(?:[^",][^,]*)?)(?:,|$)')


def _broken_cell(line: str) -> int:
    """Return the number of the first cell of a line whose quotes do not match, or that is too long to be read."""
    cell, at = 0, 0
    while at < len(line) and (good := _CELL.match(line, at)) and len(good[1]) <= csv.field_size_limit():
        cell, at = cell + 1, good.end()
    return cell


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


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # a line feed may stand in a quoted cell
# Letters and marks that are drawn as nothing, and places of Unicode that hold no character.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\ufdd0-\ufdef\ufffe\uffff\U000e0100-\U000e01ef]"
)


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
    if hidden := hidden or next(iter(_UNSEEN.findall(text)), None):
        return f"there is an invisible character ({unicodedata.name(hidden, f'U+{ord(hidden):04X}').lower()})"
    strange = foreign_letter(text)
    return f"a Latin word holds a letter of another alphabet ({strange})" if strange else ""


def _record_name(cells: list[str], header: list[str], schema: Schema) -> str:
    found = dict(zip(header, cells, strict=False))
    key = schema.key or schema.names[:2]
    return " ".join(found.get(name, "").strip()[:60] for name in key).strip()
