"""Permutation tests of moderators through the batch kernel: exact when the arrangements can be counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import factorial, prod
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

from .. import batch
from ..errors import EvidenceError
from ..results import Result
from ..typed import Array, Frame, Series
from ..workers import each
from .coefficients import p_text

TOLERANCE = float(np.sqrt(np.finfo(float).eps))  # an arrangement equal to the observed one counts as extreme
LIMIT = 5_000_000
CELLS = 2_000_000  # arrangements times studies that are in memory together


@dataclass(frozen=True, slots=True, repr=False)
class PermutationTest(Result):
    """P values from rearranged moderators; `n` counts the arrangements, the observed one among them."""

    terms: tuple
    statistic: tuple
    pvalue: tuple
    qm: float
    qm_pvalue: float
    n: int
    exact: bool
    seed: int | None
    methods: str

    @property
    def pvalues(self) -> Series:
        """P values as a Series by term."""
        return pd.Series(list(self.pvalue), index=list(self.terms), name="pvalue")

    def __str__(self) -> str:
        terms = "; ".join(f"{t} {p_text(p)}" for t, p in zip(self.terms, self.pvalue, strict=True))
        kind = "exact" if self.exact else "random"
        return f"{terms}; all moderators {p_text(self.qm_pvalue)} ({kind}, {self.n} arrangements)"

    def to_frame(self) -> Frame:
        """Return one row a term."""
        return pd.DataFrame({"term": self.terms, "statistic": self.statistic, "pvalue": self.pvalue})


def permute(
    fit: Any, n: int = 1000, seed: int | None = None, exact: bool | None = None, n_jobs: int | None = None
) -> PermutationTest:
    r"""Permutation test of a meta-regression.

    Parameters
    ----------
    fit : MetaRegression
        The fitted model; each arrangement is fitted with its estimator and interval rule.
    n : int
        Arrangements to draw, the observed one included.
    seed : int, optional
        Seed of the draw.
    exact : bool, optional
        All arrangements; default when there are no more than `n`.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    PermutationTest

    Notes
    -----
    Rows of the design are shuffled over the pairs (effect, variance); a model with the mean alone flips signs. P is the
    share of arrangements whose statistic, tau2 estimated anew, is at least as large in absolute value as the observed
    one; for all moderators the omnibus statistic. The same statistics as metafor's ``permutest``.

    References
    ----------
    higgins2004; viechtbauer2010
    """
    if n < 2:
        raise EvidenceError(f"a permutation test needs at least two arrangements, got n={n}")
    y, v, X = fit._y, fit._v, fit._design.X
    if fit.coefficients.statistic[0] is None:
        raise EvidenceError(
            "the moderators fit the effects exactly, so there is no statistic to compare: use ci='wald'"
        )
    k, alone = len(y), fit._design.mean_only
    types = np.unique(X, axis=0, return_inverse=True)[1].reshape(-1)
    count = 2.0**k if alone and k < 1000 else np.inf if alone else _arrangements(types)
    if count < 2:
        raise EvidenceError(f"{fit.formula}: the moderators are the same in all studies: there is nothing to shuffle")
    exact = count <= n if exact is None else exact
    if exact and count > LIMIT:
        raise EvidenceError(f"{count:.4g} arrangements are too many for an exact test: draw some, exact=False with n=")
    rng = np.random.default_rng(seed)
    if exact:
        plan = _all_signs(k) if alone else _all_arrangements(types)
        X = X if alone else X[np.argsort(types, kind="stable")]
    total, step = len(plan) if exact else n - 1, max(CELLS // k, 1)

    def shuffled():
        """Yield the arrangements in pieces, drawn one after the other: no matter who fits them."""
        for i in range(0, total, step):
            size = min(step, total - i)
            if alone:
                yield plan[i : i + size] if exact else rng.choice([-1.0, 1.0], (size, k))
            else:
                order = plan[i : i + size] if exact else rng.random((size, k))
                yield order.argsort(axis=1, kind="stable" if exact else None)

    what = y, v, X, fit.method, fit.ci_method, fit._design.tested, alone
    pieces = each(partial(_arranged, what), shuffled(), n_jobs if total > step else 1, "arrangements, in pieces")
    drawn, drawn_qm = (np.concatenate(part) for part in zip(*pieces, strict=True))
    return _compare(fit, drawn, drawn_qm, exact, seed)


def _arranged(what, plan):
    """Return the statistics of one piece: signs of the effects, or orders of the studies."""
    y, v, X, method, rule, tested, alone = what
    y, v = (plan * y, np.broadcast_to(v, plan.shape)) if alone else (y[plan], v[plan])
    return _statistics(y, v, X, method, rule, tested)


def _compare(fit, drawn, drawn_qm, exact, seed):
    design = fit._design
    observed, qm = _statistics(fit._y[None], fit._v[None], design.X, fit.method, fit.ci_method, design.tested)
    extreme = np.abs(drawn) >= np.abs(observed[0]) - TOLERANCE
    extreme_qm = drawn_qm >= qm[0] - TOLERANCE
    added = 0 if exact else 1  # the observed arrangement is one of the n
    n = len(drawn) + added
    kind = "all" if exact else "random"
    pvalue, qm_pvalue = tuple(((extreme.sum(axis=0) + added) / n).tolist()), float((extreme_qm.sum() + added) / n)
    statistics = tuple(map(float, observed[0])), pvalue, float(qm[0]), qm_pvalue
    methods = f"permutation test over {kind} {n} arrangements, {fit.methods}"
    return PermutationTest(fit._design.terms, *statistics, n, bool(exact), None if exact else seed, methods)


def _statistics(y, v, X, method, rule, tested):
    """z or t statistics (batch, p) and the omnibus statistic (batch,)."""
    many = batch.fit(y, v, method, X)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = scaling(many, rule)
        z = many.estimate / (many.se * np.sqrt(factor)[:, None])
    m = len(tested)
    if m == 1:
        return z, z[:, tested[0]] ** 2
    beta = many.estimate[:, tested]
    cov = many.cov[:, tested[:, None], tested]
    with np.errstate(divide="ignore", invalid="ignore"):
        qm = (beta * np.linalg.solve(cov, beta[:, :, None])[:, :, 0]).sum(axis=1) / factor
    return z, qm if rule == "wald" else qm / m


def scaling(fit: Any, rule: str) -> Array:
    """Factor by which the rule multiplies the model's covariance matrices, one a data set."""
    if rule == "wald":
        return np.ones(len(fit.tau2))
    factor = fit.q_random / fit.df
    return np.maximum(factor, 1.0) if rule == "hksj-floor" else factor


def _arrangements(types) -> float:
    """Return the number of distinct orders, infinite where it is past counting."""
    sizes = np.bincount(types)
    if gammaln(len(types) + 1) - gammaln(sizes + 1).sum() > 100:
        return np.inf
    return float(factorial(len(types)) // prod(factorial(int(m)) for m in sizes))


def _all_signs(k):
    return 1.0 - 2.0 * ((np.arange(2**k)[:, None] >> np.arange(k)) & 1)


def _all_arrangements(types):
    """Every distinct order of the types, one row each: positions of one type at a time among those still free."""
    k = len(types)
    placed = np.full((1, k), -1, np.int16)
    for kind, m in enumerate(np.bincount(types)):
        free = np.argsort(placed >= 0, axis=1, kind="stable")[:, : (placed[0] < 0).sum()]
        chosen = np.array(list(combinations(range(free.shape[1]), int(m))))
        at = free[:, chosen].reshape(-1, int(m))
        placed = np.repeat(placed, len(chosen), axis=0)
        np.put_along_axis(placed, at, kind, axis=1)
    return placed
