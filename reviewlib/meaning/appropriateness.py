"""RAND/UCLA appropriateness: what a panel's ratings of 1 to 9 say, under a stated rule.

Ratings in, classes out. Every place where published sources differ is a named option of `Rule`; nothing here reads
the User's Manual, which was not available: each rule cites the text it was read in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .. import gate
from ..errors import EvidenceError, Problem
from ..results import Result
from ..typed import Array, Frame

CLASSES = ("inappropriate", "uncertain", "appropriate")
DISPERSIONS = ("agreement", "neither", "disagreement")
IPR_SYMMETRIC, ASYMMETRY_FACTOR = 2.35, 1.5
ON_THE_LINE = 1e-9  # DI that differs from 1 by less sits on the line; 40 of 24,310 panels of nine do


@dataclass(frozen=True, slots=True)
class Rule:
    """How ratings become a class: the published choices, each with its default.

    Parameters
    ----------
    disagreement : {"panel-size", "one-third", "ipras"} or int, default "panel-size"
        ``panel-size``: at least ``floor((n + 1) / 3)`` panellists in *each* of 1-3 and 7-9. This reproduces the
        published table (3 for 8-10, 4 for 11-13, 5 for 14-16 panellists; cdsprotocol2012, Table 7) and extends it,
        by our own choice, to other sizes. ``one-third``: at least a third of the panel in each extreme (a teaching
        page; no publication).
        ``ipras``: interpercentile range above the IPRAS. A whole number fixes the count (glaucoma2009 used 3 of 11).
    percentile : {"type7", "type6"}, default "type7"
        Hyndman-Fan definition of the percentiles. Public implementations use type 7; one printed result is possible
        only with type 6 (basger2012, Table 2).
    limits : tuple of float, default (30, 70)
        Percentiles of the interpercentile range.
    half_median : {"uncertain", "up"}, default "uncertain"
        A median of 3.5 or 6.5: always uncertain (epage), or rounded up, so that 6.5 is appropriate (glaucoma2009).
    on_the_line : {"no disagreement", "disagreement"}, default "no disagreement"
        Verdict at a disagreement index of exactly 1.
    """

    disagreement: str | int = "panel-size"
    percentile: str = "type7"
    limits: tuple[float, float] = (30, 70)
    half_median: str = "uncertain"
    on_the_line: str = "no disagreement"

    def __post_init__(self):
        allowed = {
            "percentile": ("type6", "type7"),
            "half_median": ("uncertain", "up"),
            "on_the_line": ("no disagreement", "disagreement"),
        }
        if not _is_count(self.disagreement):
            allowed["disagreement"] = ("panel-size", "one-third", "ipras")
        for name, choices in allowed.items():
            if getattr(self, name) not in choices:
                raise EvidenceError(f"{name} must be one of {', '.join(choices)}; got {getattr(self, name)!r}")
        low, high = self.limits
        if not 0 < low < high < 100:
            what = "two percentiles, low before high, between 0 and 100"
            raise EvidenceError(f"limits must be {what}; got {self.limits}")

    def __str__(self) -> str:
        text = {"panel-size": "disagreement by panel size", "one-third": "disagreement by one third in each extreme"}
        words = text.get(str(self.disagreement), f"disagreement from {self.disagreement} in each extreme")
        if self.disagreement == "ipras":
            low, high = self.limits
            kind = self.percentile.replace("type", "type ")
            words = f"disagreement by IPRAS ({low:g}th and {high:g}th percentile, {kind}"
            words += f", DI of 1: {self.on_the_line})"
        half = {"up": "6.5 counts as appropriate", "uncertain": "half-step medians between classes are uncertain"}
        return f"{words}; {half[self.half_median]}"


def _is_count(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value > 0)


@dataclass(frozen=True, slots=True, repr=False)
class Appropriateness(Result):
    """The classes of a set of scenarios under one rule.

    `table` has a row per scenario: n, median, class, dispersion, counts in 1-3, 4-6, 7-9, the percentiles, IPR, IPRAS,
    disagreement index, and the mean absolute deviation from the median.
    """

    rule: Rule
    scenarios: int
    counts: dict
    table: Frame
    _ratings: Frame

    def __str__(self) -> str:
        parts = ", ".join(f"{self.counts[name]} {name}" for name in reversed(CLASSES))
        noun = "scenario" if self.scenarios == 1 else "scenarios"
        return f"{self.scenarios} {noun}: {parts} ({self.rule}). A share of scenarios is not a share of patients."

    def to_frame(self) -> Frame:
        """Return the table: one row per scenario."""
        return self.table.copy()

    @property
    def ratings(self) -> Frame:
        """Return the ratings that were classified, scenarios by panellists."""
        return self._ratings.copy()


def appropriateness(
    ratings: Any,
    *,
    disagreement: str = "panel-size",
    percentile: str = "type7",
    limits: Any = (30, 70),
    half_median: str = "uncertain",
    on_the_line: str = "no disagreement",
) -> Appropriateness:
    r"""Appropriateness class of each scenario from a panel's ratings.

    Parameters
    ----------
    ratings : DataFrame or array, shape (scenarios, panellists)
        Whole numbers 1 to 9; missing where a panellist did not rate. A single list is one scenario. Three panellists
        at least.
    disagreement, percentile, limits, half_median, on_the_line
        The options of `Rule`.

    Returns
    -------
    Appropriateness

    Raises
    ------
    EvidenceError
        For each rating that is not a whole number from 1 to 9, with its scenario and panellist, and for each
        scenario with fewer than three ratings.

    Notes
    -----
    .. math::
        class = \begin{cases} uncertain & \text{if the panel disagrees} \\ appropriate & median \ge 7 \\
        inappropriate & median \le 3 \\ uncertain & \text{otherwise} \end{cases}

        IPRAS = 2.35 + 1.5\,\left|5 - \tfrac{p_{30} + p_{70}}{2}\right|, \qquad DI = \frac{p_{70} - p_{30}}{IPRAS}

    Counting rules know a third state between agreement and disagreement, "neither": agreement needs fewer panellists
    outside the three-point region of the median than would make a disagreement. The IPRAS rule knows only
    disagreement or not, and "agreement" then means its absence.

    References
    ----------
    cdsprotocol2012, Table 7; basger2012, Tables 1 and 2; epage; glaucoma2009, Table 3

    Examples
    --------
    >>> print(appropriateness([3, 3, 3, 7, 7, 7, 7, 7, 7], disagreement="ipras").table["class"][0])
    appropriate
    >>> print(appropriateness([3, 3, 3, 7, 7, 7, 7, 7, 7], disagreement="ipras", percentile="type6").table["class"][0])
    uncertain
    """
    rule = Rule(disagreement, percentile, tuple(limits), half_median, on_the_line)
    frame = as_ratings(ratings)
    found = classify(frame.to_numpy(float), rule)
    columns = {name: values for name, values in found.items() if name not in ("class", "dispersion")}
    table = pd.DataFrame({"scenario": list(frame.index), **columns})
    table.insert(3, "class", np.array(CLASSES)[found["class"]])
    table.insert(4, "dispersion", np.array(DISPERSIONS)[found["dispersion"]])
    counts = {name: int((found["class"] == i).sum()) for i, name in enumerate(CLASSES)}
    return Appropriateness(rule, len(table), counts, table, frame)


def as_ratings(ratings: Any) -> Frame:
    """Return ratings as a frame of floats (scenarios by panellists), or refuse with every wrong cell named."""
    frame = _frame(ratings)
    values = frame.apply(pd.to_numeric, errors="coerce")
    typed = frame.notna() & (frame.astype(str).apply(lambda s: s.str.strip()) != "")
    truths = frame.apply(lambda cells: [isinstance(cell, bool | np.bool_) for cell in cells])
    wrong = typed & (~values.isin(range(1, 10)) | truths.astype(bool))
    problem = partial(Problem, "ratings", None)
    fault = "is not a whole number from 1 to 9", "Type the panellist's rating as given, or leave the cell empty"
    problems = [
        problem(str(frame.columns[j]), f"scenario {frame.index[i]}", str(frame.iat[i, j]), *fault)
        for i, j in np.argwhere(wrong.to_numpy())
    ]
    few = values.notna().sum(axis=1) < 3
    remedy = "A panel needs at least three panellists; leave the scenario out and say so"
    named = frame.index[few & ~wrong.any(axis=1)]
    problems += [problem("", f"scenario {name}", "", "has fewer than three ratings", remedy) for name in named]
    if problems:
        raise EvidenceError(problems)
    return values.astype(float)


def _frame(ratings):
    """Return ratings as a frame: arrays and lists of numbers as they are, every kind of table through the gate."""
    first = ratings[0] if isinstance(ratings, list) and ratings else None
    if hasattr(ratings, "columns") or hasattr(ratings, "to_pydict") or isinstance(ratings, str | Mapping):
        return gate.table(ratings, "ratings").copy()
    if isinstance(first, Mapping) or hasattr(first, "_fields"):
        return gate.table(ratings, "ratings").copy()
    cells = np.asarray(ratings, object)
    if not 0 < cells.ndim < 3 or not cells.size:
        raise EvidenceError(f"ratings are a table or an array, scenarios by panellists; got {type(ratings).__name__}")
    return pd.DataFrame(np.atleast_2d(cells))


def classify(ratings: Any, rule: Rule) -> dict:
    """Return arrays, one entry per scenario, for ratings of shape (scenarios, panellists) with NaN for absent."""
    ordered = np.sort(ratings, axis=1)  # NaN sorts last
    n = np.isfinite(ordered).sum(axis=1)
    rows = np.arange(len(ordered))
    median = (ordered[rows, (n - 1) // 2] + ordered[rows, n // 2]) / 2
    counts = [((ordered >= low) & (ordered <= low + 2)).sum(axis=1) for low in (1, 4, 7)]
    upper = 6.5 if rule.half_median == "up" else 7
    region = np.where(median <= 3, 0, np.where(median >= upper, 2, 1))
    p_low, p_high = (percentile(ordered, n, p, rule.percentile) for p in rule.limits)
    ipr = p_high - p_low
    ipras = IPR_SYMMETRIC + ASYMMETRY_FACTOR * np.abs(5 - (p_low + p_high) / 2)
    dispersion = _dispersion(rule, n, counts, region, ipr / ipras)
    found = {"n": n, "median": median, "class": np.where(dispersion == 2, 1, region), "dispersion": dispersion}
    found |= {"n_1_3": counts[0], "n_4_6": counts[1], "n_7_9": counts[2], "p_low": p_low, "p_high": p_high}
    found |= {"ipr": ipr, "ipras": ipras, "di": ipr / ipras}
    return found | {"mean_abs_deviation": np.nanmean(np.abs(ordered - median[:, None]), axis=1)}


def _dispersion(rule, n, counts, region, di):
    """Return 0 agreement, 1 neither, 2 disagreement."""
    if rule.disagreement == "ipras":
        line = 1 - ON_THE_LINE if rule.on_the_line == "disagreement" else 1 + ON_THE_LINE
        return np.where(di > line, 2, 0)
    limit = extreme_limit(n, rule.disagreement)
    outside = n - np.choose(region, counts)
    split = (counts[0] >= limit) & (counts[2] >= limit)
    return np.where(split, 2, np.where(outside < limit, 0, 1))


def extreme_limit(n: Any, disagreement: str) -> Any:
    """Return how many panellists in each extreme make a disagreement, for panels of size `n`."""
    n = np.asarray(n)
    if disagreement == "panel-size":
        return (n + 1) // 3
    if disagreement == "one-third":
        return -(-n // 3)
    return np.full_like(n, int(disagreement))


def percentile(ordered: Array, n: Any, p: float, kind: str) -> Array:
    """Return the p-th percentile of each row of sorted ratings (Hyndman-Fan type 6 or 7), `n` values a row."""
    position = p / 100 * (n + 1) - 1 if kind == "type6" else p / 100 * (n - 1)
    # A position such as 2.4000000000000004 must not move the percentile: 1e-9 is far below any real step.
    position = np.clip(np.round(position, 9), 0, n - 1)
    below = np.floor(position).astype(int)
    rows = np.arange(len(ordered))
    low, high = ordered[rows, below], ordered[rows, np.minimum(below + 1, n - 1)]
    return low + (position - below) * (high - low)
