"""The columns of a large table of results as arrays, and the rows that have values in common with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any

import numpy as np

from ..measures import is_ratio
from . import numbers
from .columnar import Rows
from .columns import mix


class Sheet:
    """The columns of a large table of results as arrays; `instruments` and `sources` give what a row refers to."""

    def __init__(self, rows: Rows, instruments: Any, sources: Any):
        self.rows, self._instruments, self._sources = rows, instruments, sources
        self.number = cache(self._number)
        self.word = cache(self._word)
        self.half = cache(self._half)
        self.ends = cache(self._ends)

    def _number(self, name: str) -> np.ndarray:
        return self.rows.numbers.get(name, np.full(len(self.rows), np.nan))

    def has(self, *names: str) -> np.ndarray:
        """Return where some numbers are all there."""
        return np.logical_and.reduce([~np.isnan(self.number(name)) for name in names])

    def _half(self, name: str) -> np.ndarray:
        """Return half a unit of the last digit printed."""
        digits = self.rows.digits.get(name, np.zeros(len(self.rows), int))
        return 0.5 * 10.0**-digits

    def of_text(self, name: str, judge: Callable[[str], Any], kind: type = bool) -> np.ndarray:
        """Return what `judge` says of each cell, asked once for each text."""
        if name not in self.rows.columns:
            return np.full(len(self.rows), judge(""), kind)
        codes, unique = self.rows.columns[name].factor()
        return np.array([*(judge(text) for text in unique), judge("")], kind)[codes]

    def _word(self, name: str, *words: str) -> np.ndarray:
        return self.of_text(name, lambda text: text in words)

    @cached_property
    def ratio(self) -> np.ndarray:
        return self.of_text("measure", is_ratio)

    @cached_property
    def one_group(self) -> np.ndarray:
        return self.word("measure", *numbers.ONE_GROUP)

    @cached_property
    def plain(self) -> np.ndarray:
        """Return where nothing says that the estimate is more than a comparison of its raw arms."""
        where = self.has("estimate") | self.has("mean_int") | self.has("mean_ctl")
        return self.rows.by_text(("analysis", "notes"), lambda *texts: numbers.plain_words(*texts), where)

    def on(self, name: str) -> np.ndarray:
        """Return a number of the instrument of each row."""
        row = self._instruments.get
        return self.of_text("instrument_id", lambda key: _float(row(key), name), float)

    def better(self, side: str) -> np.ndarray:
        """Return where the instrument says that this side is better."""
        row = self._instruments.get
        return self.of_text("instrument_id", lambda key: (found := row(key)) and found.values["better"] == side)

    @cached_property
    def whole(self) -> np.ndarray:
        """Return the people of the whole trial that each row's source reports."""
        row = self._sources.get
        return self.of_text("source_id", lambda key: _float(row(key), "n_total"), float)

    def _ends(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a printed number before rounding, lowest and highest, a ratio as its log; nan where there is none."""
        value, half = self.number(name), self.half(name)
        low, high = value - half, value + half
        low = np.where(self.ratio, np.log(np.where(low > 0, low, np.nan)), low)
        return low, np.where(self.ratio, np.where(np.isnan(low), np.nan, np.log(high)), high)


def _float(row: Any, name: str) -> float:
    value = row and row.values.get(name)
    return np.nan if value is None else float(value)


def shared(tables: list[Any], keys: list[tuple[tuple[str, ...], int]]) -> Iterator[tuple[Any, int]]:
    """Yield (table, place) of every row that has the values of a key in common with another row of any table.

    Parameters
    ----------
    tables : list of Table
        Results of several topics.
    keys : list of (names, filled)
        Columns to compare; the first `filled` of them must not be empty. Keys as long may meet across their columns.
    """
    marked: list[set] = [set() for _ in tables]
    for size in {len(names) for names, _ in keys}:
        mine = [(names, filled, i) for names, filled in keys if len(names) == size for i in range(len(tables))]
        found = [_keys(tables[owner], names, filled) for names, filled, owner in mine]
        _, back, often = np.unique(np.concatenate([key for key, _ in found]), return_inverse=True, return_counts=True)
        ends = np.cumsum([len(key) for key, _ in found])[:-1]
        for (*_, owner), (_, places), several in zip(mine, found, np.split(often[back] > 1, ends), strict=True):
            marked[owner].update(places[several].tolist())
    return ((table, at) for table, rows in zip(tables, marked, strict=True) for at in sorted(rows))


def _keys(table: Any, names: tuple[str, ...], filled: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for the values of each row in some columns, equal for equal ones, and the places of the rows."""
    rows = table.rows
    if isinstance(rows, tuple):
        listed = [(at, *cells) for at, *cells in table.values(*names) if None not in cells[:filled]]
        hashed = [[0 if cell is None else hash(cell) or 1 for cell in cells] for _, *cells in listed]
        places, columns = np.array([at for at, *_ in listed], int), np.array(hashed, np.int64).reshape(-1, len(names)).T
    else:
        columns = [rows.hashes(name) for name in names]
        places = np.flatnonzero(np.logical_and.reduce([column != 0 for column in columns[:filled]]))
        columns = [column[places] for column in columns]
    key = np.zeros(len(places), np.uint64)
    for column in columns:
        key = mix(key, column.astype(np.uint64))
    return key, places
