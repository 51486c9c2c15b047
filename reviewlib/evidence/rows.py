"""The rows of a table as rules see them: text as typed, values, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from .schema import Schema

if TYPE_CHECKING:
    from .columnar import Rows


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
    by: dict[str, tuple] = field(default_factory=dict, repr=False, compare=False)  # see `places`; emptied after a check

    def problem(
        self, row: Row, column: str, rule: str, remedy: str, *, severity: str = "error", value: Any = None
    ) -> Problem:
        """Return a `Problem` at a cell of this table."""
        typed = row.text.get(column, "") if value is None else value
        return Problem(self.file, row.line, column, row.record, typed, rule, remedy, severity)

    def warning(self, row: Row, column: str, rule: str, remedy: str) -> Problem:
        """Return what is legal at a cell of this table, but suspicious."""
        return self.problem(row, column, rule, remedy, severity="warning")

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

    def places(self, key: str) -> dict[str | None, int]:
        """Return the place of the row of each text of a column, the last of those that share one; made once."""
        rows, places = self.by.get(key, (None, {}))
        if rows is not self.rows:
            places = {text: at for at, (text,) in enumerate(self.texts(key))}
            self.by[key] = self.rows, places
        return places


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
    """Rows of a table that may be missing, by a text of theirs (that of their key); the last of those that share it."""

    def __init__(self, table: Table | None, key: str = ""):
        self._rows, self._made, self._table, self._key = rows_of(table), dict[int, Row](), table, key

    @cached_property
    def _place(self) -> dict[str | None, int]:
        return self._table.places(self._key or self._table.schema.key[0]) if self._table else {}

    def get(self, text: str | None) -> Row | None:
        """Return the row of a text, None where there is none."""
        at = self._place.get(text)
        return None if at is None else self._made.setdefault(at, self._rows[at])

    def __contains__(self, text: object) -> bool:
        return text in self._place

    def __iter__(self) -> Iterator:
        return iter(self._place)
