"""A table of many rows, held by columns: a row becomes an object only when a rule looks closer at it.

A million rows as objects take five GiB and minutes; their columns take a fifth of a GiB. The same header and the same
judgement of a cell are used as for a small table, so that faults and words are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from .columns import Figures, mix
from .schema import Column


class Rows(Sequence):
    """The rows of a large table; `make` gives a row from its line and cells, as for a small table."""

    def __init__(self, lines: np.ndarray, columns: dict[str, Any], header: list[str], make: partial):
        self.lines, self.columns, self._header, self._make = lines, columns, header, make
        self._types = {column.name: column.type for column in make.keywords["table"].schema.columns}
        self.broken: dict[str, np.ndarray] = {}
        self.numbers: dict[str, np.ndarray] = {}
        self.digits: dict[str, np.ndarray] = {}
        self.other: dict[int, Any] = {}  # rows that are used with other values than those that were read

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return tuple(map(self.__getitem__, range(*at.indices(len(self)))))
        at = range(len(self))[at]
        return self.other[at] if at in self.other else self._make(int(self.lines[at]), self.cells(at))

    def cells(self, at: int) -> list[str]:
        """Return the cells of a row in the order of the file; empty where the column has no name."""
        return [self.columns[name].text(at) if name else "" for name in self._header]

    def texts(self, names: Sequence[str]) -> Iterator[tuple]:
        """Yield the texts of each row in some columns; None for a column that is not in the file."""
        absent = [None] * len(self)
        columns = [self.columns[name].texts().tolist() if name in self.columns else absent.copy() for name in names]
        for at, row in self.other.items():
            for name, column in zip(names, columns, strict=True):
                column[at] = row.text.get(name)
        return zip(*columns, strict=True)

    def values(self, names: Sequence[str]) -> Iterator[tuple]:
        """Yield (place, value, ...) of each row in which none of some columns is broken."""
        keep = ~np.logical_or.reduce([self._faulty(name) for name in names])
        return zip(np.flatnonzero(keep).tolist(), *(self._objects(name)[keep].tolist() for name in names), strict=True)

    def odd(self) -> np.ndarray:
        """Return the places of the rows with a broken cell, or with other values than those that were read."""
        there = [np.flatnonzero(broken) for broken in self.broken.values()]
        return np.unique(np.concatenate([*there, list(self.other)])).astype(int)

    def _faulty(self, name: str) -> np.ndarray:
        return self.broken.get(name, np.zeros(len(self), bool))

    def _objects(self, name: str) -> np.ndarray:
        """Return the values of a column as Python objects, None where empty."""
        if name not in self.numbers:
            codes, unique = self.columns[name].factor() if name in self.columns else (np.zeros(len(self), int), [""])
            found = np.array([*(text or None for text in unique), ""], object)[codes]
        else:
            found, whole = self.numbers[name].astype(object), self.column_type(name) == "integer"
            known = ~np.isnan(self.numbers[name])
            found[~known] = None
            if whole:
                found[known] = self.numbers[name][known].astype(np.int64).astype(object)
        for at, row in self.other.items():
            found[at] = row.values.get(name)
        return found

    def column(self, name: str) -> np.ndarray | list:
        """Return the values of a column for a frame: numbers with nan where empty, whole ones and texts with None."""
        if name in self.numbers and self.column_type(name) == "number":
            return self.numbers[name]
        return self._objects(name)

    def typed(self, name: str) -> np.ndarray | list:
        """Return the cells of a column as they were typed; empty for an optional column that is not in the file."""
        found = self.columns[name].texts() if name in self.columns else np.full(len(self), "", object)
        for at, row in self.other.items():
            found[at] = row.text[name]
        return found

    def column_type(self, name: str) -> str:
        return self._types[name]

    def alike(self, names: Iterable[str]) -> np.ndarray:
        """Return the places of rows whose texts in some columns are those of another row."""
        key = np.zeros(len(self), np.uint64)
        for name in names:
            key = mix(key, self.columns[name].mixed())
        _, back, often = np.unique(key, return_inverse=True, return_counts=True)
        return np.union1d(np.flatnonzero(often[back] > 1), list(self.other)).astype(int)

    def hashes(self, name: str) -> np.ndarray:
        """Return Python's hash of each value of a column, 0 for an empty one."""
        if name in self.numbers:
            known, place = np.unique(self.numbers[name], return_inverse=True)
            each = [0 if value != value else hash(value) or 1 for value in known.tolist()]
            return np.array([*each, 0], np.int64)[place]
        if name not in self.columns:
            return np.zeros(len(self), np.int64)
        codes, unique = self.columns[name].factor()
        return np.array([*(hash(text) if text else 0 for text in unique), 0], np.int64)[codes]

    def replaced(self, other: dict[int, Any]) -> Rows:
        """Return the rows with other values in some of them."""
        made = Rows(self.lines, self.columns, self._header, self._make)
        made.other, made.broken, made.digits = self.other | other, self.broken, self.digits
        made.numbers = {name: values.copy() for name, values in self.numbers.items()}
        for at, row in other.items():
            for name, values in made.numbers.items():
                values[at] = np.nan if row.values.get(name) is None else row.values[name]
        return made

    def by_text(self, names: Sequence[str], judge: Callable[..., Any], where: np.ndarray) -> np.ndarray:
        """Return what `judge` says of the texts of some columns, asked once for equal texts; False outside `where`."""
        rows = np.flatnonzero(where)
        key, several = np.zeros(len(rows), np.int64), []
        for name in names:
            codes, unique = self.columns[name].factor() if name in self.columns else (np.zeros(len(self), int), [""])
            several.append((codes[rows], unique))
            _, key = np.unique(key * (len(unique) + 1) + codes[rows], return_inverse=True)
        _, first, back = np.unique(key, return_index=True, return_inverse=True)
        said = [bool(judge(*(unique[codes[at]] for codes, unique in several))) for at in first]
        found = np.zeros(len(self), bool)
        found[rows] = np.array([*said, False])[back]
        return found


def judge(table: Any, columns: dict[str, Column], fault_of: Callable) -> list | None:
    """Judge every cell of a large table once for equal texts and return the faults; None for a number beyond arrays.

    What is a number or a name beyond doubt is told from the array; every other text is judged by
    ``fault_of(column, text)``, as in a small table.
    """
    rows, found = table.rows, []
    for name, column in columns.items():
        if name not in rows.columns:
            rows.broken |= {} if column.optional else {name: np.ones(len(rows), bool)}
            continue
        held, faults = rows.columns[name], {}
        if isinstance(held, Figures):
            good, values, digits = held.plain(column)
            texts, codes = np.unique(held.bytes[~good], return_inverse=True)
            said = [fault_of(column, text) for text in texts.astype(str).tolist()]
            if any(said):
                faults = {at: said[code] for at, code in zip(np.flatnonzero(~good), codes, strict=True) if said[code]}
        else:
            said = [fault_of(column, text) for text in held.unique]
            bad = [number for number, fault in enumerate(said) if fault]
            faults = {at: said[held.codes[at]] for at in np.flatnonzero(np.isin(held.codes, bad))} if bad else {}
            if column.type in ("number", "integer"):
                each = [float(t) if t and not f else np.nan for t, f in zip(held.unique, said, strict=True)]
                values = np.array([*each, np.nan])[held.codes]
                digits = np.array([*(len(text.partition(".")[2]) for text in held.unique), 0], np.int16)[held.codes]
        if column.type in ("number", "integer"):
            if column.type == "integer" and (np.abs(values) >= 2**53).any():
                return None
            rows.numbers[name], rows.digits[name] = values, digits
        if faults:
            rows.broken[name] = np.zeros(len(rows), bool)
            rows.broken[name][list(faults)] = True
            found += [table.problem(rows[at], name, *faults[at], value=held.text(at)) for at in faults]
    return found
