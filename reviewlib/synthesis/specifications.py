"""Multiverse: every defensible combination of studies table, estimator and interval rule, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from .. import batch
from ..door import door, interval_rule
from ..errors import EvidenceError
from ..gate import measure_of
from ..results import Result
from ..typed import Frame
from ..workers import each
from . import wording
from .choices import pad, side
from .intervals import check_rule
from .reruns import columns_of
from .rows import read_rows

KEEP = ("k", "estimate", "se", "ci_low", "ci_high", "pvalue", "tau2", "i2")


@dataclass(frozen=True, slots=True, repr=False)
class Multiverse(Result):
    """Many specifications of one question. ``to_frame()`` has a row each, sorted by estimate.

    `below`, `above` and `across` count the specifications whose interval lies below, above or across `null`; the
    counts are no vote, for the specifications share their studies. `measure` is None where the tables differ in it.
    """

    measure: str | None
    specifications: int
    factors: tuple
    level: float
    null: float
    below: int
    above: int
    across: int
    lowest: float
    median: float
    highest: float
    not_pooled: tuple
    _table: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return the factors, method, ci, k, estimate, se, ci_low, ci_high, pvalue, tau2, i2 and conclusion."""
        return self._table.copy()

    def __str__(self) -> str:
        null = "the null value" if self.null == 0 else f"{self.null:g}"
        low, middle, high = wording.figures(self.measure, self.lowest, self.median, self.highest)
        name = wording.heading(self.measure, otherwise="the estimate")
        span = f"is {low} in all of them" if low == high else f"ranges from {low} to {high} (median {middle})"
        text = (
            f"Of {self.specifications} specifications, {self.below} put the whole interval below {null}, "
            f"{self.above} above it, and {self.across} across it; {name} {span}"
        )
        few = f"; not pooled for fewer than two studies: {', '.join(self.not_pooled)}" if self.not_pooled else ""
        return text + few


@door
def multiverse(
    tables: Any,
    *,
    factors: Any = None,
    methods: Any = ("REML", "DL", "PM", "CE"),
    ci: Any = ("wider", "hksj", "wald"),
    level: float = 0.95,
    null: float = 0.0,
    estimate: Any = "estimate",
    variance: Any = "variance",
    n_jobs: int | None = None,
) -> Multiverse:
    """Pool every table of studies by every method and interval rule.

    Parameters
    ----------
    tables : dict
        Studies tables by name. A key may be a tuple with one choice for each of `factors`, for instance
        ``("itt", "without high risk", "r = 0.5")``: analysis set, risk-of-bias threshold, assumed correlation.
    factors : sequence of str, optional
        What the parts of the keys are; becomes the columns. ("studies",) for plain names.
    methods, ci : sequence of str
        As in `reviewlib.meta_analysis`. A common effect has one interval rule, and two studies have Wald limits under
        "wider", so such specifications stand once.
    level, null : float
    n_jobs : int, optional
        Processes, a method each, through joblib; -1 uses every core (see `reviewlib.workers`).

    Returns
    -------
    Multiverse

    References
    ----------
    steegen2016; voracek2019

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> every = rl.multiverse({"all trials": trials})
    >>> print(len(every.to_frame()))
    10
    """
    if isinstance(tables, Result) or not isinstance(tables, Mapping):
        raise EvidenceError(
            f"multiverse takes tables of studies by name, got {type(tables).__name__}: "
            'write multiverse({"all trials": studies, ...})'
        )
    if not tables:
        raise EvidenceError("a multiverse needs at least one table of studies")
    methods = [batch.estimator_named(method).name for method in _several(methods)]
    ci = [interval_rule(rule) for rule in _several(ci)]
    for rule in ci:
        check_rule(rule, level)
    keys = [key if isinstance(key, tuple) else (key,) for key in tables]
    factors = tuple(factors or (("studies",) if len(keys[0]) == 1 else ()))
    if any(len(key) != len(factors) for key in keys):
        raise EvidenceError(f"keys of `tables` must have one part for each of factors={factors}")
    read = [read_rows(table, estimate, variance) for table in tables.values()]
    few = tuple(" / ".join(map(str, key)) for key, rows in zip(keys, read, strict=True) if rows.k < 2)
    kept = [(key, rows) for key, rows in zip(keys, read, strict=True) if rows.k >= 2]
    if not kept:
        raise EvidenceError("no table has two studies with an effect: there is nothing to pool")
    table = _fitted(kept, factors, methods, ci, level, null, n_jobs)
    mean = table["estimate"]
    where = table["conclusion"].str.split().str[0].value_counts()
    measures = {measure_of(studies) for studies in tables.values()}
    measure = measures.pop() if len(measures) == 1 else None
    sides = (int(where.get(name, 0)) for name in ("below", "above", "across"))
    span = map(float, (mean.min(), mean.median(), mean.max()))
    return Multiverse(measure, len(table), factors, level, float(null), *sides, *span, few, table)  # type: ignore


def _several(names):
    given = (names,) if isinstance(names, str) else names
    if not hasattr(given, "__iter__") or not all(isinstance(name, str) for name in given):
        raise EvidenceError(f"methods and ci are names such as 'REML', or several in a list, got {names!r}")
    return tuple(given)


def _fitted(kept, factors, methods, rules, level, null, n_jobs):
    y, v = pad([rows.y for _, rows in kept]), pad([rows.v for _, rows in kept])
    names = pd.DataFrame([key for key, _ in kept], columns=list(factors))
    pieces = []
    fits = each(partial(batch.fit, y, v), methods, n_jobs if len(methods) > 1 else 1, "methods")
    for method, fit in zip(methods, fits, strict=True):
        for rule in ("wald",) if method == "CE" else rules:
            columns = columns_of(fit, rule, level)
            piece = names.assign(method=method, ci=rule, **{name: columns[name] for name in KEEP})
            # with two studies "wider" is Wald: one row, not two
            twin = (piece["k"] == 2) & (rule == "wider") & ("wald" in rules)
            pieces.append(piece[~twin])
    table = pd.concat(pieces).sort_values("estimate", kind="stable", ignore_index=True)
    limits = zip(table["ci_low"], table["ci_high"], strict=True)
    table["conclusion"] = [side(low, high, (null,)) for low, high in limits]
    return table
