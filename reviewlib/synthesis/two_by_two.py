"""Pooling counts without an effect per study: Mantel-Haenszel and Peto."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtri

from ..door import door
from ..effects import effect_sizes
from ..errors import EvidenceError, TooFewStudiesError
from ..measures import COUNTS, PERSON_TIME
from ..nouns import count
from ..results import Interval, Result, percent
from ..typed import Table
from . import wording
from .counts import POOL, cmh, tarone
from .exact import ExactTest, exact_test
from .intervals import two_sided_p
from .rows import UNIQUE, warn_of_repeats

MEASURES = ("OR", "RR", "RD", "IRR", "IRD")


@dataclass(frozen=True, slots=True, repr=False)
class TableMethod(Result):
    """A common effect from counts (ratios as logarithms), with normal limits.

    `k` tables were used; `k_effects` of them have an effect of their own and enter Q. `cmh` is the
    Cochran-Mantel-Haenszel chi-square on 1 df (OR and IRR), `tarone` the Breslow-Day test of equal odds ratios with
    Tarone's correction (OR). `studies` keeps every row; `excluded` says why one has no effect of its own.
    """

    measure: str
    method: str
    level: float
    k: int
    k_effects: int
    estimate: float
    se: float
    ci: Interval
    statistic: float
    pvalue: float
    q: float
    q_pvalue: float
    i2: float
    h2: float
    cmh: float | None
    cmh_pvalue: float | None
    tarone: float | None
    tarone_pvalue: float | None
    correction: str
    studies: Any = field(repr=False, compare=False)
    _cells: tuple = field(repr=False, compare=False)

    def exact(self) -> ExactTest:
        """Return the exact conditional test of a common odds ratio, with its estimate and limits (OR only)."""
        if self.measure != "OR" or self.method != "Mantel-Haenszel":
            raise EvidenceError('the exact test is for mantel_haenszel(..., measure="OR")')
        if self.correction != "none":
            raise EvidenceError("the exact test needs counts as they are: leave out the correction")
        return exact_test(*self._cells, level=self.level)

    def __str__(self) -> str:
        mean, low, high = wording.figures(self.measure, self.estimate, *self.ci)
        return (
            f"{self.measure} {mean} ({percent(self.level)} CI {low} to {high}; {count(self.k, 'study')}; {self.method})"
        )

    @property
    def methods(self) -> str:
        """The sentence for a methods section."""
        silent = self.k - self.k_effects
        text = f"{self.method} common-effect {self.measure} from {self.k} tables; correction: {self.correction}"
        return text + (f"; {silent} without an effect of their own" if silent else "") + "."


@door
def mantel_haenszel(
    table: Table,
    measure: str = "OR",
    *,
    correction: float | None = None,
    to: str = "only0",
    continuity: bool = True,
    level: float = 0.95,
) -> TableMethod:
    r"""Pool counts by Mantel and Haenszel's method.

    Parameters
    ----------
    table : DataFrame or dict of columns
        events_int, n_int, events_ctl, n_ctl; for IRR and IRD events_int, time_int, events_ctl, time_ctl. Rows with a
        missing count are left out and say so.
    measure : {"OR", "RR", "RD", "IRR", "IRD"}
    correction : float, optional
        Added to the cells before pooling; none by default, for the method needs none.
    to : {"only0", "all", "if0all"}
        Tables to correct, when a correction is given: those with a zero cell, all, or all if any has one.
    continuity : bool
        Yates' correction of the Cochran-Mantel-Haenszel test, as metafor's default.
    level : float

    Returns
    -------
    TableMethod

    Raises
    ------
    EvidenceError
        A ratio that does not exist: no event, or nothing but events, in one of the arms over all tables.

    Notes
    -----
    For the odds ratio :math:`\sum (a_i d_i / N_i) / \sum (b_i c_i / N_i)` with the Robins-Breslow-Greenland variance;
    for the others the variances of Greenland and Robins. Q compares each study's own effect, for which 0.5 is added
    to tables with a zero cell and double-zero tables are left out: the rules of metafor's ``rma.mh``.

    References
    ----------
    mantel1959; robins1986; greenland1985

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"events_int": [4, 6, 3], "n_int": [50, 60, 40], "events_ctl": [9, 11, 6], "n_ctl": [50, 61, 41]}
    >>> print(rl.mantel_haenszel(trials, "RR"))
    RR 0.51 (95% CI 0.27 to 0.95; 3 studies; Mantel-Haenszel)
    """
    if measure not in MEASURES:
        raise EvidenceError(f"mantel_haenszel pools {', '.join(MEASURES)}, not {measure!r}")
    studies, x = _counts(table, measure)
    cells = tuple(_corrected(x, measure, correction, to))
    estimate, se = POOL[measure](*cells)
    if not (np.isfinite(estimate) and se > 0):
        raise EvidenceError(
            f"the pooled {measure} does not exist: one arm has no events, or nothing else, in any table"
        )
    test = cmh(measure, cells, continuity)
    equal = tarone(np.exp(estimate), *cells) if measure == "OR" else (None, None)
    said = "none" if not correction else f"{correction:g} added to {_SAID[to]}"
    own = studies["estimate"].to_numpy(float), studies["variance"].to_numpy(float)
    q, k_effects = _q(estimate, *own)
    name, pooled = "Mantel-Haenszel", (estimate, se)
    return _table_result(studies, cells, measure, name, level, pooled, (q, k_effects), test, equal, said)


@door
def peto(table: Table, *, level: float = 0.95) -> TableMethod:
    r"""Pool odds ratios by Peto's one-step method.

    `table` has events_int, n_int, events_ctl, n_ctl. No correction is needed; double-zero tables carry no information.
    Good for rare events, balanced arms and moderate effects.

    Parameters
    ----------
    table : DataFrame or dict of columns
        Counts of people, one row a trial.
    level : float, default 0.95
        Coverage, as a fraction.

    Returns
    -------
    TableMethod
        A log odds ratio, shown back-transformed.

    Notes
    -----
    .. math:: \log\widehat{OR} = \sum (O_i - E_i) / \sum V_i, \quad SE = 1 / \sqrt{\sum V_i}

    with O - E and V from the hypergeometric distribution.

    References
    ----------
    yusuf1985

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"events_int": [4, 6, 3], "n_int": [50, 60, 40], "events_ctl": [9, 11, 6], "n_ctl": [50, 61, 41]}
    >>> print(rl.peto(trials))
    OR 0.48 (95% CI 0.24 to 0.93; 3 studies; Peto)
    """
    studies, (a, b, c, d) = _counts(table, "OR")
    n1, n2, events = a + b, c + d, a + c
    n = n1 + n2
    excess, v = a - events * n1 / n, events * (b + d) * (n1 / n) * (n2 / n) / (n - 1)
    if not v.sum() > 0:
        raise EvidenceError("Peto's odds ratio does not exist: no table has both events and people without")
    estimate, se = excess.sum() / v.sum(), v.sum() ** -0.5
    told = v > 0
    q = max(0.0, (excess[told] ** 2 / v[told]).sum() - excess[told].sum() ** 2 / v[told].sum())
    effects = (q, int(told.sum()))
    none = (None, None)
    return _table_result(studies, (a, b, c, d), "OR", "Peto", level, (estimate, se), effects, none, none, "none")


_SAID = {"only0": "tables with a zero cell", "all": "every table", "if0all": "every table, if any has a zero cell"}


def _counts(table, measure):
    """Return the studies with their own effects, and the usable counts: a b c d, or events and time of both arms."""
    studies = effect_sizes(table, measure, add=0.5, to="only0", drop00=True)
    names = PERSON_TIME if measure in ("IRR", "IRD") else COUNTS
    x = np.array([studies[name].to_numpy(float, na_value=np.nan) for name in names])
    whole = np.isfinite(x).all(0)
    if label := next((name for name in UNIQUE if name in studies.columns), None):
        warn_of_repeats(studies[whole], label)
    x = x[:, whole]
    if not x.shape[1]:
        raise TooFewStudiesError("no table has all of its counts")
    if names[1] == "n_int":
        x = np.array([x[0], x[1] - x[0], x[2], x[3] - x[2]])
    return studies, x


def _corrected(x, measure, correction, to):
    """Add `correction` to the cells (for rates: to the events)."""
    if not correction:
        return x
    if to not in _SAID:
        raise EvidenceError(f"to must be one of {', '.join(_SAID)}, got {to!r}")
    counts = [0, 2] if measure in ("IRR", "IRD") else [0, 1, 2, 3]
    zero = (x[counts] == 0).any(0)
    where = {"only0": zero, "all": np.ones_like(zero), "if0all": np.full_like(zero, zero.any())}[to]
    x = x.copy()
    x[counts] += np.where(where, correction, 0.0)
    return x


def _q(estimate, y, v):
    known = np.isfinite(y) & np.isfinite(v)
    return float(((y[known] - estimate) ** 2 / v[known]).sum()), int(known.sum())


def _table_result(studies, cells, measure, method, level, pooled, effects, test, equal, correction):
    (q, k_effects), df = effects, effects[1] - 1
    estimate, se = map(float, pooled)
    half = float(ndtri(0.5 + level / 2) * se)
    test_of_mean = {"statistic": estimate / se, "pvalue": float(two_sided_p(estimate / se, np.inf))}
    spread = {"q": 0.0, "q_pvalue": 1.0, "i2": 0.0, "h2": 1.0}
    if df > 0:
        spread = {"q": float(q), "q_pvalue": float(chdtrc(df, q)), "h2": float(q / df)}
        spread["i2"] = max(0.0, float((q - df) / q)) if q > 0 else 0.0
    said = {"measure": measure, "method": method, "level": level, "correction": correction}
    tests = dict(zip(("cmh", "cmh_pvalue", "tarone", "tarone_pvalue"), (*test, *equal), strict=True))
    found = {**said, **test_of_mean, **spread, **tests, "studies": studies, "_cells": cells}
    limits = Interval(estimate - half, estimate + half)
    return TableMethod(k=int(cells[0].size), k_effects=k_effects, estimate=estimate, se=se, ci=limits, **found)
