"""The columns of a table of results as arrays, and the rows that have values in common with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from statistics import NormalDist
from typing import Any

import numpy as np

from ..errors import Problem
from ..measures import is_ratio
from . import signs
from .columnar import Rows
from .columns import Words, mix
from .rows import Row, Table

NORMAL = NormalDist()


class Listed(Rows):
    """Rows that are objects already, with their cells as arrays too."""

    def __init__(self, rows: Sequence[Row], names: Iterable[str]):
        self.lines, self.columns, self.other, self._rows = np.arange(len(rows)), {}, {}, rows
        self.numbers, self.digits, self.broken = {}, {}, {}
        for name in names:
            number: dict[str, int] = {}
            texts, values = [row.text.get(name) or "" for row in rows], [row.values.get(name) for row in rows]
            codes = np.array([number.setdefault(text, len(number)) for text in texts], np.int32)
            self.columns[name] = Words()
            self.columns[name].add(codes, [*number])
            self.columns[name].close()
            self.broken[name] = np.array([name in row.broken for row in rows], bool)
            if any(isinstance(value, int | float) for value in values):
                self.numbers[name] = np.array([np.nan if value is None else value for value in values], float)
                self.digits[name] = np.array([len(text.partition(".")[2]) for text in texts])

    def __getitem__(self, at: Any) -> Any:
        return self._rows[at]


def parts(table: Table, *more: Any) -> Iterator[tuple[np.ndarray, Sheet]]:
    """Yield the places and the sheet of rows that are looked at together; `more` is what a `Sheet` refers to.

    Rows of a large table with a broken cell, or with other values than those that were read, stand by themselves.
    """
    rows, odd = table.rows, np.arange(len(table.rows))
    if isinstance(rows, Rows):
        yield odd, Sheet(rows, *more)
        odd = rows.odd()
    yield odd, Sheet(Listed([rows[at] for at in odd.tolist()], table.schema.names), *more)


def faults(table: Table, rules: Iterable[Callable], *more: Any) -> list[Problem]:
    """Return what rules find in the rows of a table; `more` is what a `Sheet` refers to."""
    found = []
    for places, sheet in parts(table, *more):
        with np.errstate(all="ignore"):
            for at, *fault in (one for rule in rules for one in rule(sheet)) if len(places) else ():
                found.append(table.problem(sheet.rows[at], *fault[:3], severity=(*fault, "error")[3]))
    return found


class Sheet:
    """The columns of a table of results as arrays; `instruments` and `sources` give what a row refers to."""

    def __init__(self, rows: Rows, instruments: Any = None, sources: Any = None):
        self.rows, self._instruments, self._sources = rows, instruments, sources
        self._sound = np.ones(len(rows), bool)
        if not isinstance(rows, Listed):
            self._sound[rows.odd()] = False
        self.number = cache(self._number)
        self.word = cache(self._word)
        self.half = cache(self._half)
        self.ends = cache(self._ends)

    def _number(self, name: str) -> np.ndarray:
        return self.rows.numbers.get(name, np.full(len(self.rows), np.nan))

    def has(self, *names: str) -> np.ndarray:
        """Return where some numbers are all there."""
        return np.logical_and.reduce([~np.isnan(self.number(name)) for name in names])

    def sound(self, *names: str) -> np.ndarray:
        """Return where some cells could be read: a rule that meets another says nothing, its fault is known."""
        if not isinstance(self.rows, Listed):
            return self._sound.copy()
        return ~np.logical_or.reduce([self.rows.broken[name] for name in names if name in self.rows.broken])

    def _half(self, name: str) -> np.ndarray:
        """Return half a unit of the last digit printed."""
        digits = self.rows.digits.get(name, np.zeros(len(self.rows), int))
        return _HALVES[np.minimum(digits, len(_HALVES) - 1)]  # beyond, half a unit is no number but 0

    def rounded(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a printed number before rounding, lowest and highest."""
        return self.number(name) - self.half(name), self.number(name) + self.half(name)

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
        return self.word("measure", *signs.ONE_GROUP)

    @cached_property
    def plain(self) -> np.ndarray:
        """Return where nothing says that the estimate is more than a comparison of its raw arms."""
        where = self.has("estimate") | self.has("mean_int") | self.has("mean_ctl") | self.has("ci_low")
        return self.rows.by_text(("analysis", "notes"), signs.plain_words, where)

    def on(self, name: str) -> np.ndarray:
        """Return a number of the instrument of each row."""
        row = self._instruments.get
        return self.of_text("instrument_id", lambda key: _float(row(key), name), float)

    def better(self, side: str) -> np.ndarray:
        """Return where the instrument says that this side is better."""
        row = self._instruments.get
        return self.of_text("instrument_id", lambda key: (found := row(key)) and found.values["better"] == side)

    @cached_property
    def width(self) -> np.ndarray:
        """Return the length of the scale that the values of a row are on; nan when it is not known or not used."""
        shares = self.word("value_kind", "percent", "percent-improvement")
        return np.where(shares, np.nan, self.on("scale_max") - self.on("scale_min"))

    @cached_property
    def z(self) -> np.ndarray:
        """Return the normal quantile of the level of each interval."""
        known, place = np.unique(self.number("ci_level"), return_inverse=True)
        return np.array([NORMAL.inv_cdf(0.5 + each / 200) if 0 < each < 100 else np.nan for each in known])[place]

    @cached_property
    def whole(self) -> np.ndarray:
        """Return the people of the whole randomized trial that each row's source reports."""

        def people(key):
            source = self._sources.get(key)
            return _float(source if source and source.values["kind"] == "rct" else None, "n_total")

        return self.of_text("source_id", people, float)

    def _ends(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a printed number before rounding, lowest and highest, a ratio as its log; nan where there is none."""
        low, high = self.rounded(name)
        low = np.where(self.ratio, np.log(np.where(low > 0, low, np.nan)), low)
        return low, np.where(self.ratio, np.where(np.isnan(low), np.nan, np.log(high)), high)

    @cached_property
    def shares(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the lowest and highest share of people with an event in each arm, nan where it is not known."""
        found = []
        for arm in ("int", "ctl"):
            mean = f"mean_{arm}"
            n = np.where(self.number(f"n_{arm}") > 0, self.number(f"n_{arm}"), np.nan)
            value, half = self.number(f"events_{arm}") / n, np.zeros(len(self.rows))
            printed = np.isnan(value) & self.word("value_kind", "percent")
            value = np.where(printed, self.number(mean) / 100, value)
            half = np.where(printed, self.half(mean) / 100, half)
            found.append((value - half, value + half))
        return found

    @cached_property
    def from_arms(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what the arms give for int-ctl before rounding, lowest and highest, a ratio as its log.

        Infinite for a ratio where one arm has no event (or only events); nan where both have none, or nothing is known.
        """
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
        (a, b), (c, d) = self.rounded("mean_int"), self.rounded("mean_ctl")
        low, high = np.where(means, a - d, low), np.where(means, b - c, high)
        sound = self.sound("measure", "value_kind", "mean_int", "mean_ctl")
        of_people = self.sound("events_int", "n_int", "events_ctl", "n_ctl")
        of_sds = ~self.word("measure", "SMD") | (self.sound("sd_int", "sd_ctl") & of_people)
        unknown = np.isnan(low) | np.isnan(high) | ~sound | ~np.where(means, of_sds, of_people)
        low, high = self._standardized(low, high)
        return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)

    def _standardized(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return differences of means in standard deviations where the measure is SMD, the others as they are."""
        sa, sb = self.number("sd_int"), self.number("sd_ctl")
        m, n = (np.where(self.number(name) > 0, self.number(name), np.nan) for name in ("n_int", "n_ctl"))
        common = np.sqrt(((m - 1) * sa**2 + (n - 1) * sb**2) / np.maximum(m + n - 2, 1))
        shrunk = np.where(np.isnan(m + n), 1.0, 1 - 3 / np.maximum(4 * (m + n) - 9, 4))
        each = [end / sd * by for end in (low, high) for sd in (sa, sb, common) for by in (1.0, shrunk)]
        mine = self.word("measure", "SMD") & (sa > 0) & (sb > 0)
        return np.where(mine, np.fmin.reduce(each), low), np.where(mine, np.fmax.reduce(each), high)


_HALVES = np.array([0.5 * 10.0**-digits for digits in range(400)])


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
