"""From the bytes of a table to rows of text, each with the line at which an editor shows it.

Reading is strict and repairs nothing: whatever is not one comma-separated UTF-8 table with the columns of its schema
becomes a `Problem`. Left to itself, the pandas reader would turn `NA`, `007` and `0.10` into something else: it reads
only texts, of a large table that can be read in one way.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import partial

from ..errors import Problem
from .as_typed import hidden_fault, without_faults
from .rows import Row, Table
from .schema import Schema, broken_rule, value_of

LARGE = 1_000_000  # bytes of results from which they are held by columns


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
    if len(clean) >= LARGE and schema.name == "results" and _by_columns(clean, records, header, row, table):
        return table
    if len(clean) >= LARGE and schema.name == "results":  # a number that no array holds: read it again, by rows
        records = _records(io.StringIO(clean.decode("utf-8", errors="replace"), newline=""), clean, table)
        next(records)
    table.rows = tuple(found for record in records if (found := row(*record)) is not None)
    return table


def _by_columns(clean: bytes, records, header: list[str], row: Callable, table: Table) -> bool:
    """Read the rows of a large table by columns; False where that cannot be done, with nothing changed."""
    from .blocks import by_pandas, by_record, plain_pieces, read_rows
    from .columnar import judge

    before, complete = len(table.problems), table.complete
    columns = {column.name: column for column in table.schema.columns}
    silent = partial(row, table=Table(table.file, table.schema))
    plain = plain_pieces(clean, len(header))
    blocks = by_record(records, len(header), row) if plain is None else by_pandas(plain, len(header))
    table.rows = read_rows(blocks, header, columns, silent)
    faults = judge(table, columns, _cell_fault)
    if faults is None:
        table.rows, table.complete = (), complete
        del table.problems[before:]
        return False
    table.problems += faults
    return True


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


def _cell_fault(column, text: str) -> tuple[str, str] | None:
    if "\ufffd" in text:
        remedy = "Save the file as UTF-8 and look at this cell again"
        return "there are bytes that are not UTF-8 (perhaps Windows-1252)", remedy
    if hidden := hidden_fault(text):
        return hidden, "Delete the cell and type it again"
    return broken_rule(column, text)


def _record_name(cells: list[str], header: list[str], schema: Schema) -> str:
    found = dict(zip(header, cells, strict=False))
    key = schema.key or schema.names[:2]
    return " ".join(found.get(name, "").strip()[:60] for name in key).strip()
