"""`reviewlib check --fix`: the form of the tables put right, never a value.

Byte-order marks, line ends, empty lines, blanks around a cell, the last line end, and the order of rows. The result is
parsed again and must hold the same cells; a file that cannot be read whole is left as it is. The difference is shown
first, a person agrees, and each file is replaced in one step.
"""

from __future__ import annotations

import csv
import difflib
import io
import os
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..files import write_all
from ..nouns import count as counted
from .as_typed import LARGEST
from .folder import find_evidence
from .package import topics_in
from .schema import _SAFE, schemas

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Repair:
    """One file whose form can be put right: what is wrong with it, and its text before and after."""

    path: Path
    what: tuple[str, ...]
    raw: bytes
    before: str
    after: str

    def diff(self, name: str) -> str:
        """Return the difference line by line; what a line cannot show stands in `what`."""
        before, after = (re.sub(r"\r\n?", "\n", text).splitlines(True) for text in (self.before, self.after))
        lines = difflib.unified_diff(before, after, name, name)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def repairs(path: str | Path | None = None) -> list[Repair]:
    """Return the files of an evidence folder whose form can be put right without touching a value."""
    folder = find_evidence(path)
    shared = [s for s in schemas().values() if s.scope == "shared"]
    own = [s for s in schemas().values() if s.scope == "topic"]
    found = [_key_file(folder / "review.yml"), *(_table(folder / f"{schema.name}.csv", schema) for schema in shared)]
    for topic in topics_in(folder):
        found.append(_key_file(folder / topic / "topic.yml"))
        found += [_table(folder / topic / f"{schema.name}.csv", schema) for schema in own]
    return [repair for repair in found if repair is not None]


def _read(path: Path) -> tuple[bytes, str, str, list[str]] | None:
    """Return a file as bytes, as text, with plain line ends, and what was wrong; None for one to be left alone."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    data = path.read_bytes()
    what = ["byte-order mark"] if data.startswith(_BOM) else []
    try:
        before = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in before or not before.strip():
        return None
    text = before.replace("\r\n", "\n").replace("\r", "\n")
    what += ["line ends"] if text != before else []
    return data, before, text, what


def _table(path: Path, schema) -> Repair | None:
    read = _read(path)
    records = _records(read[2]) if read else None
    if not records:
        return None
    data, before, text, what = read
    if text.count('"') and "\r" in before and _cells(before) != _cells(text):
        what.append("line ends inside cells")
    kept = [(raw, cells) for raw, cells in records if cells]
    what += ["empty lines"] if len(kept) < len(records) else []
    trimmed = [_trimmed(raw, cells) for raw, cells in kept]
    what += ["blanks around cells"] if trimmed != kept else []
    ordered = _ordered(trimmed, schema)
    what += ["order of rows"] if ordered != trimmed else []
    what += [] if text.endswith("\n") else ["last line end"]
    after = "".join(f"{raw}\n" for raw, _ in ordered)
    if not what or _values(after) != _values(text):
        return None
    return Repair(path, tuple(what), data, before, after)


def _records(text: str):
    """Return (raw text, cells) of every record; None when quotes do not match, so that nothing is guessed."""
    lines, found = text.split("\n"), []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 0
    try:
        for cells in reader:
            found.append(("\n".join(lines[start : reader.line_num]), cells))
            start = reader.line_num
    except csv.Error:
        return None
    return found


def _trimmed(raw: str, cells: list[str]) -> tuple[str, list[str]]:
    bare = [cell.strip(" \t") for cell in cells]
    if bare == cells:
        return raw, cells
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(bare)
    return line.getvalue(), bare


def _ordered(records, schema):
    """Return the records in plain text order of the key, where every row has one and the header is whole."""
    header, rows = records[0][1], records[1:]
    whole = all(len(cells) == len(header) for _, cells in rows)
    if not schema.key or not whole or any(header.count(name) != 1 for name in schema.key):
        return records
    at = [header.index(name) for name in schema.key]
    return [records[0], *sorted(rows, key=lambda record: tuple(record[1][i] for i in at))]


def _cells(text: str) -> Counter:
    return Counter(tuple(cells) for cells in csv.reader(io.StringIO(text, newline="")) if cells)


def _values(text: str) -> Counter:
    return Counter(tuple(cell.strip(" \t") for cell in cells) for cells in csv.reader(io.StringIO(text)) if cells)


def _key_file(path: Path) -> Repair | None:
    read = _read(path)
    if read is None:
        return None
    data, before, text, what = read
    bare = "\n".join(line.rstrip(" \t") for line in text.split("\n")).rstrip("\n") + "\n"
    what += ["blanks at line ends, or the last line end"] if bare != text else []
    try:
        same = what and _events(bare) == _events(text)
    except (yaml.YAMLError, ValueError):
        same = False
    return Repair(path, tuple(what), data, before, bare) if same else None


def _events(text: str) -> list:
    """Return what a YAML text says, an alias as its name: written out, a few lines can be billions of values."""
    return [
        (type(event), *(getattr(event, name, None) for name in ("anchor", "tag", "value")))
        for event in yaml.parse(text, Loader=_SAFE)
    ]


def main(path: str | Path | None = None, *, yes: bool = False) -> int:
    """Show what can be put right, ask, and write; 0 when nothing is left to do, 1 when it was not agreed to."""
    found = repairs(path)
    if not found:
        print("The form of every table is as it should be; nothing was changed.")
        return 0
    for repair in found:
        name = repair.path.as_posix()
        print(f"{name}: {', '.join(repair.what)}")
        print(_coloured(repair.diff(name)), end="")
    if not (yes or _agreed(len(found))):
        print("Nothing was written. To write this, say yes, or run: reviewlib check --fix --yes", file=sys.stderr)
        return 1
    moved = [repair.path.as_posix() for repair in found if repair.path.read_bytes() != repair.raw]
    if moved:
        print(f"Nothing was written: {', '.join(moved)} changed meanwhile. Run it again", file=sys.stderr)
        return 1
    write_all({repair.path: repair.after for repair in found})
    print(f"{counted(len(found), 'file')} written. No value was changed. Next: reviewlib check")
    return 0


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"Write {counted(count, 'file')}? No value changes. [y/N] ").strip().lower() in ("y", "yes")


def _coloured(diff: str) -> str:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return diff
    colours = {"+": "32", "-": "31", "@": "36"}
    return "".join(
        f"\x1b[{colours[line[0]]}m{line.rstrip()}\x1b[0m\n" if line[:1] in colours else line
        for line in diff.splitlines(True)
    )
