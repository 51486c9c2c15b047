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

    @cached_property
    def shares(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the lowest and highest share of people with an event in each arm, nan where it is not known."""
        found = []
        for arm in ("int", "ctl"):
            mean = f"mean_{arm}"
            value, half = self.number(f"events_{arm}") / self.number(f"n_{arm}"), np.zeros(len(self.rows))
            printed = np.isnan(value) & self.word("value_kind", "percent")
            value = np.where(printed, self.number(mean) / 100, value)
            half = np.where(printed, self.half(mean) / 100, half)
            found.append((value - half, value + half))
        return found

    @cached_property
    def from_arms(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what the arms give for int-ctl before rounding, as `agreement.from_arms`; nan where nothing."""
        low, high = np.full(len(self.rows), np.nan), np.full(len(self.rows), np.nan)

        def log(p):
            return np.where(p > 0, np.log(np.where(p > 0, p, 1)), np.where(np.isnan(p), np.nan, -np.inf))

        def logit(p):
            return np.where(p >= 1, np.inf, log(p / (1 - p)))

        (a, b), (c, d) = self.shares
        for measures, scale in ((("RD",), lambda p: 100 * p), (("RR", "HR"), log), (("OR",), logit)):
            mine = self.word("measure", *measures)
            low, high = np.where(mine, scale(a) - scale(d), low), np.where(mine, scale(b) - scale(c), high)
        means = self.word("measure", "MD", "SMD", "median-difference", "") & self.word("value_kind", "final", "change")
        (a, b), (c, d) = (
            (self.number(n) - self.half(n), self.number(n) + self.half(n)) for n in ("mean_int", "mean_ctl")
        )
        low, high = np.where(means, a - d, low), np.where(means, b - c, high)
        return self._standardized(low, high)

    def _standardized(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return differences of means in standard deviations where the measure is SMD, the others as they are."""
        (sa, sb), (m, n) = (self.number("sd_int"), self.number("sd_ctl")), (self.number("n_int"), self.number("n_ctl"))
        common = np.sqrt(((m - 1) * sa**2 + (n - 1) * sb**2) / np.maximum(m + n - 2, 1))
        shrunk = np.where(np.isnan(m + n), 1.0, 1 - 3 / np.maximum(4 * (m + n) - 9, 4))
        each = [end / sd * by for end in (low, high) for sd in (sa, sb, common) for by in (1.0, shrunk)]
        mine = self.word("measure", "SMD") & (sa > 0) & (sb > 0)
        return np.where(mine, np.fmin.reduce(each), low), np.where(mine, np.fmax.reduce(each), high)


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
