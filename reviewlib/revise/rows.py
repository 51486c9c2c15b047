"""Two states of the tables, row by row and cell by cell, matched by identifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..evidence.rows import Table


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that differs, as typed."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row (or entry of topic.yml) that was added, removed or changed.

    `topic` is empty for a shared table; `record` is the identifier (the key, its parts joined by a blank); `cells`
    holds the cells that differ, and for a row that came or went those that are not empty.
    """

    kind: str
    topic: str
    table: str
    record: str
    cells: tuple[Cell, ...]

    @property
    def file(self) -> str:
        """Return the file below the evidence folder."""
        name = self.table if self.table.endswith(".yml") else f"{self.table}.csv"
        return f"{self.topic}/{name}" if self.topic else name


def changes(before: Any, after: Any) -> tuple[Change, ...]:
    """Return every difference between two states: shared tables first, then topic by topic."""
    found = []
    for name in _either(before.shared, after.shared):
        found += _table("", name, before.shared.get(name), after.shared.get(name))
    found += _entries("", before.review.info, after.review.info, "review.yml")
    for topic in sorted({*before.topics, *after.topics}):
        old, new = before.topics.get(topic), after.topics.get(topic)
        found += _entries(topic, old.about.info if old else {}, new.about.info if new else {})
        old, new = (state.tables if state else {} for state in (old, new))
        for name in _either(old, new):
            found += _table(topic, name, old.get(name), new.get(name))
    return tuple(found)


def _either(old, new) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _table(topic: str, name: str, old: Table | None, new: Table | None) -> list[Change]:
    if old is new:
        return []
    return [
        Change(kind, topic, name, " ".join(filter(None, key[:-1])), cells)
        for key, kind, cells in _differing(_by_key(old), _by_key(new))
    ]


def _differing(before: dict, after: dict) -> Iterator[tuple[Any, str, tuple[Cell, ...]]]:
    """Yield (key, what happened to it, cells) of each entry that differs, in the order of both."""
    for key in _either(before, after):
        cells = _cells(before.get(key, {}), after.get(key, {}))
        if cells or (key in before) != (key in after):
            yield key, "changed" if key in before and key in after else "removed" if key in before else "added", cells


def _by_key(table: Table | None) -> dict[tuple, dict]:
    """Return the rows by key; equal keys are told apart by a number."""
    found, seen = {}, Counter()
    for row in table.rows if table else ():
        names = table.schema.key or table.schema.names
        key = tuple(row.text.get(name, "") for name in names)
        seen[key] += 1
        found[(*key, seen[key])] = row.text
    return found


def _cells(old: dict, new: dict) -> tuple[Cell, ...]:
    names = _either(old, new)
    pairs = ((name, old.get(name, ""), new.get(name, "")) for name in names)
    return tuple(Cell(name, a, b) for name, a, b in pairs if a != b)


def _entries(topic: str, old: dict, new: dict, file: str = "topic.yml") -> list[Change]:
    """Return the differences of a topic.yml or review.yml: one change per entry with an id, one for each other key."""
    differing = _differing(_flat(old), _flat(new))
    return [Change(kind, topic, file, record, cells) for record, kind, cells in differing if cells]


def _flat(info: dict) -> dict[str, dict]:
    """Return entry -> key -> text; lists of entries with an id go by that id."""
    found = {}
    for key, value in info.items():
        entries = value if isinstance(value, list) and all(isinstance(v, dict) and "id" in v for v in value) else None
        if value and entries:
            found |= {f"{key} {entry['id']}": {name: _text(v) for name, v in entry.items()} for entry in entries}
        else:
            found[key] = {key: _text(value)}
    return found


def _text(value) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
