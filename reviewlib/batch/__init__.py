"""Random-effects meta-analyses by the thousand: the one kernel under every synthesis of this package.

A row is a data set, a column a study, NaN an absent study. A single fit is a batch of one, leave-one-out a batch of
k, a permutation test a batch of thousands; none has an implementation of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EvidenceError
from ..numeric import array
from ..typed import Array
from . import compiled, one, sums
from .estimators import ESTIMATORS as ESTIMATORS, estimator_named
from .groups import by_group as by_group
from .model import Mean
from .regression import Regression

__all__ = ["by_group", "meta_analysis"]
_EXTREME = 1e60  # its fourth power still fits a double
ROWS = 400  # leave-one-out and cumulative fits of more studies than this go by sums
MOST = 500_000_000  # cells of those fits among them that need all rows
_CELLS = 256_000  # cells (k x data sets) fitted together: few enough for the cache, enough to make calls cheap
_WIDEST = 400_000  # cells fitted together where one data set alone exceeds that cache


@dataclass(frozen=True, slots=True)
class Batch:
    """Fits of many data sets; every array has the data sets along its first axis.

    `estimate` and `se` are (batch,), or (batch, p) with a design; `cov` is (batch, p, p) with a design, else None.
    `q` is the residual heterogeneity at common-effect weights (Cochran's Q), `q_random` the same at the weights of
    the fit: the Knapp-Hartung factor is ``q_random / df``. `typical_variance` is Higgins and Thompson's. A data set
    without residual degrees of freedom has tau2 = 0 and I2 = 0; one with fewer studies than coefficients has nan.
    """

    method: str
    k: np.ndarray
    df: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    q_random: np.ndarray
    typical_variance: np.ndarray
    converged: np.ndarray
    cov: np.ndarray | None = None

    @property
    def i2(self) -> Array:
        """I2 from tau2 (for CE: from Q), 0 to 1."""
        if self.method == "CE":
            return self.i2_q
        return np.where(self.df > 0, self.tau2 / (self.tau2 + self.typical_variance), 0.0)

    @property
    def h2(self) -> Array:
        """H2 from tau2 (for CE: Q / df)."""
        if self.method == "CE":
            return np.divide(self.q, self.df, out=np.ones(len(self.k)), where=self.df > 0)
        return np.where(self.df > 0, 1 + self.tau2 / self.typical_variance, 1.0)

    @property
    def i2_q(self) -> Array:
        """I2 from Cochran's Q, never below 0."""
        return np.divide(np.maximum(self.q - self.df, 0), self.q, out=np.zeros(len(self.q)), where=self.q > 0)

    @property
    def se_hksj(self) -> Array:
        """Standard error of Knapp, Hartung, Sidik and Jonkman; nan where df is 0."""
        with np.errstate(invalid="ignore"):
            factor = np.sqrt(self.q_random / np.where(self.df > 0, self.df, np.nan))
        return self.se * (factor if self.se.ndim == 1 else factor[:, None])


def meta_analysis(
    estimate: Array, variance: Array, method: Any = "REML", *, design: Any = None, tau2: Any = None
) -> Batch:
    r"""Fit a random-effects model to every row.

    Parameters
    ----------
    estimate, variance : array_like, (batch, k) or (k,)
        Effects and their squared standard errors; broadcast against each other. NaN in either marks an absent study.
    method : str
        Estimator of the between-study variance, a name or spelling of `reviewlib.batch.ESTIMATORS`. "CE" is the
        common-effect model.
    design : array_like, (k, p) or (batch, k, p), optional
        Moderators, with the column of ones if an intercept is wanted. One design for all rows is much the faster:
        to permute moderators, permute the pairs (estimate, variance) against it instead.
    tau2 : float or array_like (batch,), optional
        Use this between-study variance instead of estimating it.

    Returns
    -------
    Batch

    Notes
    -----
    .. math:: \hat\beta = (X'WX)^{-1}X'Wy, \quad W = diag\{1 / (v_i + \hat\tau^2)\}

    Stopping rules are relative: effects times c and variances times c squared give the same digits. REML and ML
    return the global maximum of the likelihood (see `reviewlib.batch.likelihood`).

    References
    ----------
    viechtbauer2010; veroniki2016

    Examples
    --------
    >>> fit = meta_analysis([[0.1, 0.3, 0.6], [0.1, 0.3, float("nan")]], [0.02, 0.03, 0.02])
    >>> [f"{x:.3f}" for x in fit.estimate]
    ['0.335', '0.180']
    """
    y, v = checked(estimate, variance)
    if tau2 is not None:
        tau2 = array("tau2", tau2)
        if np.shape(tau2) not in ((), (1,), (len(y),)):
            raise EvidenceError(f"tau2 is one value, or one for each of the {len(y)} data sets, got {np.shape(tau2)}")
    x = None if design is None else _checked_design(design, y.shape)
    return fit(y, v, method, x, tau2)


def checked(estimate: Array, variance: Array) -> tuple[Array, Array]:
    """Return effects and variances as (batch, k) with NaN in both for absent studies, or refuse them."""
    estimate, variance = array("estimate", estimate), array("variance", variance)
    try:
        y, v = np.broadcast_arrays(np.atleast_2d(estimate), np.atleast_2d(variance))
    except ValueError as problem:
        raise EvidenceError(
            f"estimates and variances do not belong together: shapes {np.shape(estimate)} and {np.shape(variance)}"
        ) from problem
    if y.ndim != 2 or 0 in y.shape or 0 in (np.ndim(estimate), np.ndim(variance)):
        raise EvidenceError(f"estimates are (batch, k) or (k,) with at least one study, got shape {np.shape(estimate)}")
    if y.shape[1] != np.shape(estimate)[-1] or v.shape[1] != np.shape(variance)[-1]:
        raise EvidenceError(f"{np.shape(estimate)[-1]} estimates but {np.shape(variance)[-1]} variances")
    absent = np.isnan(y) | np.isnan(v)
    bad = ~absent & ~((v > 0) & np.isfinite(v) & np.isfinite(y))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise EvidenceError(
            f"estimates must be finite and variances finite and above zero; {bad.sum()} are not, the first in "
            f"data set {row}, study {column}: estimate {y[row, column]:g}, variance {v[row, column]:g}"
        )
    return np.where(absent, np.nan, y), np.where(absent, np.nan, v)


def _checked_design(design, shape):
    x = np.asarray(array("design", design))
    if x.ndim not in (2, 3) or x.shape[-2] != shape[1] or (x.ndim == 3 and x.shape[0] != shape[0]):
        raise EvidenceError(f"design must be (k, p) or (batch, k, p) with k = {shape[1]}, got {x.shape}")
    if not np.isfinite(x).all():
        raise EvidenceError("design has missing or infinite cells: leave those studies out first")
    rank = np.linalg.matrix_rank(x / np.maximum(np.abs(x).max(-2, keepdims=True), 1e-300))
    if (rank < x.shape[-1]).any():
        raise EvidenceError("moderators are collinear: leave one out, or merge levels")
    return x


def fit(y: Array, v: Array, method: Any, x: Any = None, tau2: Any = None) -> Batch:
    """Fit rows that are known to be sound: the kernel behind `meta_analysis`, without its checks."""
    estimator = estimator_named(method)
    _refuse_extreme(y, v, tau2)
    restricted = _LIKELIHOOD.get(estimator.name) if x is None and tau2 is None else None
    if restricted is not None and (columns := _by_scalars(y, v, estimator, restricted)):
        return Batch(estimator.name, *columns)
    return Batch(estimator.name, *_by_arrays(y, v, estimator, x, tau2))


_LIKELIHOOD = {"REML": True, "ML": False}


def _by_scalars(y, v, estimator, restricted):
    """Fit one small data set, or very many where a compiler is installed; None where arrays serve better."""
    if len(y) == 1 and y.shape[1] <= one.FEW and not np.count_nonzero(np.isnan(y)):
        return one.single(y[0], v[0], restricted)
    if len(y) == 1 or not compiled.wanted(y.size):
        return None
    columns, open_ = compiled.fits(y, v, restricted)
    if open_.size:
        for whole, part in zip(columns, _by_arrays(y[open_], v[open_], estimator), strict=True):
            if whole is not None:
                whole[open_] = part
    return columns


def _by_arrays(y, v, estimator, x=None, tau2=None):
    batch, k = y.shape
    size = max(_CELLS // max(k, 1), min(64, _WIDEST // max(k, 1)), 1)
    parts = []
    for i in range(0, batch, size):
        own = slice(i, i + size)
        m = model(y[own], v[own], x if x is None or x.ndim == 2 else x[own])
        parts.append(_fit(m, estimator, tau2 if tau2 is None or np.ndim(tau2) == 0 else np.asarray(tau2)[own]))
    return parts[0] if len(parts) == 1 else [_joined(c) for c in zip(*parts, strict=True)]


def _refuse_extreme(y, v, tau2):
    if any(map(np.count_nonzero, (v < 1 / _EXTREME, v > _EXTREME, np.abs(y) > _EXTREME))):
        raise EvidenceError(
            f"effects above {_EXTREME:g}, or variances above it or below {1 / _EXTREME:g}, overflow: use another unit"
        )
    if tau2 is not None and not (np.isfinite(tau2) & (np.asarray(tau2) >= 0)).all():
        raise EvidenceError(f"tau2 is a variance, 0 or more and finite, got {tau2}")


def _joined(pieces):
    return None if pieces[0] is None else np.concatenate(pieces)


def leave_one_out(y: Array, v: Array, method: Any, tau2: Any = None) -> Batch:
    """Fit all studies but each in turn: `y`, `v` (k,) give a Batch of k; time and memory grow with k alone."""
    return _many(sums.Without, y, v, method, tau2)


def cumulative(y: Array, v: Array, method: Any, tau2: Any = None) -> Batch:
    """Fit the first study, the first two, and so on: `y`, `v` (k,) give a Batch of k."""
    return _many(sums.Running, y, v, method, tau2)


def _many(kind, y, v, method, tau2):
    estimator, k = estimator_named(method), len(y)
    if k <= ROWS:
        return fit(sums.rows_of(kind, np.arange(k), y), np.broadcast_to(v, (k, k)), method, tau2=tau2)
    _refuse_extreme(y, v, tau2)
    blocks, few = sums.split(kind, y, v)
    if len(few) * k > MOST:
        raise EvidenceError(
            f"some of the {k} studies are so much more precise than all others that {len(few)} of the fits need a "
            f"pass over all studies each: at most {MOST // k} are done; leave those studies out, or take a part"
        )
    pieces = [(at, _fit(block, estimator, tau2)) for at, block in blocks]
    step = max(2_000_000 // k, 1)
    for i in range(0, len(few), step):
        rows = sums.rows_of(kind, few[i : i + step], y)
        same = np.broadcast_to(v[: rows.shape[1]], rows.shape)
        pieces.append((few[i : i + step], _fit(model(rows, same), estimator, tau2)))
    order = np.argsort(np.concatenate([at for at, _ in pieces]), kind="stable")
    columns = [_joined(c) for c in zip(*(found for _, found in pieces), strict=True)]
    return Batch(estimator.name, *(c if c is None else c[order] for c in columns))


def model(y: Array, v: Array, x: Any = None) -> Any:
    """Return the Mean or Regression of rows (batch, k)."""
    absent = np.isnan(y)
    if absent.any():
        y, v = np.where(absent, 0.0, y), np.where(absent, np.inf, v)
        k = (~absent).sum(1)
    else:
        k = np.full(len(y), y.shape[1])
    y, v = np.ascontiguousarray(y.T), np.ascontiguousarray(v.T)
    return Mean(y, v, k) if x is None else Regression(y, v, k, x)


def _fit(m, estimator, given):
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        zero = np.zeros(len(m.k))
        if given is None:
            t, converged = estimator.function(m)
            t = np.where(m.df > 0, t, np.where(m.df == 0, 0.0, np.nan))
        else:
            t, converged = np.broadcast_to(np.asarray(given, float), zero.shape).copy(), np.ones(len(zero), bool)
        beta, cov = m.coefficients(t)
        typical = m.df / m.trace(zero)
        q, q_random = m.q(zero)[0], m.q(t)[0]
    if not isinstance(m, Regression):
        return m.k, m.df, beta[0], np.sqrt(cov[0, 0]), t, q, q_random, typical, converged, None
    beta, cov = np.ascontiguousarray(beta.T), np.ascontiguousarray(cov.transpose(2, 0, 1))
    se = np.sqrt(np.einsum("bii->bi", cov))
    return m.k, m.df, beta, se, t, q, q_random, typical, converged & np.isfinite(se).all(1), cov
