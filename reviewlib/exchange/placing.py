"""Everything or nothing: new tables go in only when the whole evidence folder passes its checks with them in it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence.reading import read_table
from ..evidence.rules import check_folder
from ..evidence.schema import Schema, schemas
from ..files import copied, write, write_all


def write_file(path: Path, data: bytes) -> None:
    """Write one file into a folder that is there: a reader meets the old file or the new one, never half of it."""
    path = Path(path)
    if not path.parent.is_dir():
        raise EvidenceError(f"the folder {path.parent} does not exist. Make it first, or name another place")
    write(path, data)


def table_text(names: Any, rows: Any) -> str:
    """Return rows (mappings of column to text) as one of our tables: commas, UTF-8, one line feed a row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.get(name) or "" for name in names] for row in rows)
    return out.getvalue()


def rows_of(data: bytes, file: str = "") -> list[dict[str, str]]:
    """Return the rows of one of our tables as text; with its name, one that cannot be read whole is refused."""
    if file and data:
        table = read_table(data, file, schemas()[Path(file).stem])
        errors = [problem for problem in table.problems if problem.severity == "error"]
        text = data.decode("utf-8", errors="ignore")  # shorter where there are bytes that are not UTF-8
        if not table.complete or len(text.encode()) < len(data) or any(e.line in (None, 1) for e in errors):
            raise EvidenceError(errors)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def with_rows(data: bytes | None, schema: Schema, rows: Any) -> bytes:
    """Return a table with rows added (those of a known key replaced), in the order of its key."""
    key = schema.key
    old = rows_of(data, f"{schema.name}.csv") if data else []
    there = set(old[0] if old else schema.names) | {name for row in rows for name, value in row.items() if value}
    merged = {tuple(row[name] for name in key) if key else i: row for i, row in enumerate(old)}
    start = len(merged)
    for i, row in enumerate(rows):
        merged[tuple(row.get(name, "") for name in key) if key else start + i] = row
    ordered = [merged[name] for name in sorted(merged)] if key else list(merged.values())
    return table_text(schema.header(there), ordered).encode()


def schema_problems(data: bytes, file: str, schema: Schema) -> None:
    """Raise an EvidenceError with every fault of a table that stands alone."""
    errors = [problem for problem in read_table(data, file, schema).problems if problem.severity == "error"]
    if errors:
        raise EvidenceError(errors)


def as_it_is(folder: Path, file: str) -> bytes | None:
    """Return the bytes of a table, None where there is none."""
    return (folder / file).read_bytes() if (folder / file).exists() else None


def place(folder: Path, files: dict[str, bytes], was: dict[str, bytes | None]) -> None:
    """Put tables into an evidence folder after checking a copy of it with them in.

    Parameters
    ----------
    folder : Path
        The evidence folder.
    files : dict of str to bytes
        Content by path below the folder; in this order they are put in place.
    was : dict of str to bytes
        What each held when the new content was made from it: an edit of somebody else meanwhile is never overwritten.

    Raises
    ------
    EvidenceError
        A fault that the folder did not have before: all of them, and nothing is changed. A table was edited meanwhile.
    """
    with tempfile.TemporaryDirectory() as room:
        copy = copied(folder, Path(room) / folder.name)
        before = {_same(problem) for problem in check_folder(copy)[1]}
        for name, data in files.items():
            (copy / name).write_bytes(data)
        after = check_folder(copy)[1]
    new = [problem for problem in after if problem.severity == "error" and _same(problem) not in before]
    if new:
        raise EvidenceError(new)
    if moved := [name for name in files if as_it_is(folder, name) != was[name]]:
        raise EvidenceError(f"{', '.join(moved)} changed meanwhile. Nothing was written: run the command again")
    write_all({folder / name: data for name, data in files.items()})


def _same(problem):
    # a row that moved to another line is no new fault
    return problem.file, problem.column, problem.record, problem.value, problem.rule
