"""The same synthesis of other draws: without each two studies, of studies drawn again, of data made with a known mean.

Draws are made in pieces by one generator, one after the other, before anybody fits them: the digits do not depend on
how many processes share the work, nor on how large the pieces are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from .. import batch
from ..door import door, interval_rule
from ..errors import EvidenceError
from ..results import Interval, Result, percent
from ..typed import Frame, Studies
from ..workers import each
from . import wording
from .intervals import check_rule, mean_interval
from .reruns import Rerun, plan, rerun_of

CELLS = 2_000_000  # studies of all draws that are in memory together
PAIRS = 2_000_000


@door
def leave_two_out(
    studies: Studies,
    *,
    method: str | None = None,
    ci: Any = None,
    level: float | None = None,
    measure: str | None = None,
    n_jobs: int | None = None,
    **columns: Any,
) -> Rerun:
    """Pool again without each pair of studies: two that agree can hide behind each other when one is left out.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.leave_one_out`.
    method, ci, level : optional
        As in `reviewlib.meta_analysis`; by default those of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    Rerun
        One row per pair, named by both.

    References
    ----------
    viechtbauer2010b

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.leave_two_out(trials).to_frame()["estimate"].round(3).tolist())
    [0.3, 0.386, 0.225, 0.275, 0.167, 0.18]
    """
    how = plan(studies, method, ci, level, measure, **columns)
    k = how.rows.k
    if k < 4 or k * (k - 1) // 2 > PAIRS:
        raise EvidenceError(f"leave_two_out takes 4 to 2000 studies, got {k}: use leave_one_out")
    pairs = np.array(list(combinations(range(k), 2)))
    step = max(CELLS // k, 1)
    what = how.rows.y, how.rows.v, how.method, how.tau2
    pieces = [pairs[i : i + step] for i in range(0, len(pairs), step)]
    fits = each(partial(_without, what), pieces, n_jobs if len(pieces) > 1 else 1, "pairs left out, in pieces")
    named = how.rows.used_labels
    return rerun_of("leave-two-out", how, [f"{named[a]} and {named[b]}" for a, b in pairs], _joined(fits))


def _without(what, pairs):
    y, v, method, tau2 = what
    left = np.repeat(y[None], len(pairs), axis=0)
    np.put_along_axis(left, pairs, np.nan, axis=1)
    return batch.fit(left, np.broadcast_to(v, left.shape), method, tau2=tau2)


def _joined(fits):
    names = [part.name for part in fields(batch.Batch) if part.name not in ("method", "cov")]
    return batch.Batch(fits[0].method, *(np.concatenate([getattr(fit, name) for fit in fits]) for name in names))


@dataclass(frozen=True, slots=True, repr=False)
class Bootstrap(Result):
    """Estimates of studies drawn again with replacement: `ci` and `tau2_ci` hold their middle share.

    ``to_frame()`` has the columns estimate and tau2, one row per draw.
    """

    measure: str | None
    method: str
    k: int
    draws: int
    level: float
    estimate: float
    se: float
    ci: Interval
    tau2: float
    tau2_ci: Interval
    _drawn: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row per draw."""
        return pd.DataFrame(self._drawn, columns=["estimate", "tau2"])

    def __str__(self) -> str:
        mean, low, high = wording.figures(self.measure, self.estimate, *self.ci)
        name = wording.heading(self.measure, otherwise="the estimate")
        shown = f"{name} {mean} ({percent(self.level)} bootstrap interval {low} to {high}; "
        return f"{shown}{self.draws} draws of {self.k} studies)"


@door
def bootstrap(
    studies: Studies,
    n: int = 2000,
    *,
    seed: int | None = None,
    method: str | None = None,
    level: float | None = None,
    measure: str | None = None,
    n_jobs: int | None = None,
    **columns: Any,
) -> Bootstrap:
    """Percentile intervals of the mean and of tau2 from studies drawn again with replacement.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`. Five at least: fewer have too few different draws.
    n : int
        Draws.
    seed : int, optional
        Makes the draws repeatable.
    method, level : optional
        As in `reviewlib.meta_analysis`; by default those of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    Bootstrap
        With few studies its interval is too narrow: it shows how the answer depends on them, and replaces no `ci`.

    References
    ----------
    viechtbauer2007

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5, 0.4], "variance": [0.02, 0.03, 0.01, 0.04, 0.02]}
    >>> print(rl.bootstrap(trials, 500, seed=1).draws)
    500
    """
    how = plan(studies, method, None, level, measure, **columns)
    k = how.rows.k
    if k < 5:
        raise EvidenceError(f"a bootstrap takes at least 5 studies, got {k}: use the interval of meta_analysis")
    _at_least(n, 100, "draws")
    rng, what = np.random.default_rng(seed), (how.rows.y, how.rows.v, how.method, how.tau2)
    sizes = _sizes(n, k)
    pieces = ((rng.random((size, k)) * k).astype(np.int32) for size in sizes)
    fits = each(partial(_again, what), pieces, n_jobs if len(sizes) > 1 else 1, "draws, in pieces")
    drawn, whole = np.concatenate(fits), how.whole()
    tail = (1 - how.level) / 2
    ci, tau2_ci = (Interval(*map(float, np.quantile(column, [tail, 1 - tail]))) for column in drawn.T)
    first = float(whole.estimate[0]), float(drawn[:, 0].std(ddof=1)), ci
    return Bootstrap(how.measure, how.method, k, n, how.level, *first, float(whole.tau2[0]), tau2_ci, drawn)


def _again(what, rows):
    y, v, method, tau2 = what
    fit = batch.fit(y[rows], v[rows], method, tau2=tau2)
    return np.column_stack([fit.estimate, fit.tau2])


@dataclass(frozen=True, slots=True, repr=False)
class CoverageSimulation(Result):
    """How often the interval of each method and rule holds the true mean. ``to_frame()`` has a row per combination:
    method, ci, coverage, its Monte Carlo standard error `mcse`, and the mean `width` of the intervals.
    """

    k: int
    tau2: float
    n: int
    level: float
    lowest: float
    highest: float
    _table: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row per method and interval rule."""
        return self._table.copy()

    def __str__(self) -> str:
        low, high = f"{100 * self.lowest:.1f}%", f"{100 * self.highest:.1f}%"
        return (
            f"{percent(self.level)} intervals of {self.k} studies with tau2 {self.tau2:g} hold the true mean in {low}"
            + (f" to {high}" if low != high else "")
            + f" of {self.n} simulated syntheses"
        )


@door
def coverage_simulation(
    variance: Any,
    tau2: float,
    n: int = 10_000,
    *,
    methods: Sequence[str] = ("REML",),
    ci: Sequence[str] = ("wider", "hksj", "wald"),
    level: float = 0.95,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> CoverageSimulation:
    """Simulate syntheses of studies as precise as these and count how often intervals hold the true mean.

    Parameters
    ----------
    variance : sequence of float
        Squared standard errors of the studies, or of a meta-analysis that is planned.
    tau2 : float
        True between-study variance, in squared units of the effects.
    n : int
        Simulated syntheses, normal with the given variances.
    methods, ci : sequence of str
        As in `reviewlib.meta_analysis`. A common effect has one interval rule.
    level : float
    seed : int, optional
        Makes the simulation repeatable.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    CoverageSimulation

    References
    ----------
    viechtbauer2007

    Examples
    --------
    >>> import reviewlib as rl
    >>> print(rl.coverage_simulation([0.02, 0.03, 0.01, 0.04], 0.05, 2000, seed=1).n)
    2000
    """
    v = np.asarray(variance, float)
    if v.ndim != 1 or len(v) < 2 or not (np.isfinite(v).all() and (v > 0).all()):
        raise EvidenceError("variance is the squared standard error of two studies or more, each above zero")
    if not (np.isfinite(tau2) and tau2 >= 0):
        raise EvidenceError(f"tau2 is a variance, zero or above, got {tau2!r}")
    _at_least(n, 100, "simulated syntheses")
    given = [[names] if isinstance(names, str) else list(names) for names in (methods, ci)]
    named = [batch.estimator_named(method).name for method in given[0]]
    rules = [interval_rule(rule) for rule in given[1]]
    for rule in rules:
        check_rule(rule, level)
    plans = [(method, rule) for method in named for rule in (("wald",) if method == "CE" else rules)]
    rng, sizes, spread = np.random.default_rng(seed), _sizes(n, len(v)), np.sqrt(v + tau2)
    pieces = (rng.standard_normal((size, len(v))) * spread for size in sizes)
    what = v, plans, level
    found = each(partial(_covered, what), pieces, n_jobs if len(sizes) > 1 else 1, "simulated syntheses, in pieces")
    inside, width = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    share = inside.mean(axis=1)
    table = pd.DataFrame(plans, columns=["method", "ci"]).assign(
        coverage=share, mcse=np.sqrt(share * (1 - share) / n), width=width.mean(axis=1)
    )
    return CoverageSimulation(len(v), float(tau2), n, level, float(share.min()), float(share.max()), table)


def _covered(what, y):
    """Return, per method and rule, which intervals hold zero, the true mean, and how wide each is."""
    v, plans, level = what
    fits = {method: batch.fit(y, np.broadcast_to(v, y.shape), method) for method, _ in plans}
    limits = [mean_interval(fits[method], rule, level)[2:] for method, rule in plans]
    return np.array([(low <= 0) & (high >= 0) for low, high in limits]), np.array([b - a for a, b in limits])


def _at_least(n, least, what):
    if n < least:
        raise EvidenceError(f"n is the number of {what}, at least {least}; got {n}")


def _sizes(n, k):
    step = max(CELLS // k, 1)
    return [min(step, n - i) for i in range(0, n, step)]
