"""Effects of one trial that share patients: their covariance under an assumed correlation, and their combination."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..door import door
from ..errors import EvidenceError
from ..numeric import array
from ..typed import Array, Frame, Studies
from .complete import complete_rows

LARGEST = 10_000  # effects in a matrix of k x k: 800 MB


@door
def impute_covariance(variance: Any, cluster: Any, rho: float) -> Array:
    r"""Covariance matrix of sampling errors that correlate `rho` within a cluster and not at all between clusters.

    Parameters
    ----------
    variance : array_like (k,)
        Sampling variances.
    cluster : array_like (k,)
        Which trial each effect is from.
    rho : float
        Assumed correlation, -1 to 1; an assumption, so show the result for several.

    Returns
    -------
    ndarray (k, k)
        :math:`V_{ij} = \rho\sqrt{v_i v_j}` for two effects of one cluster.

    References
    ----------
    hedges2010; pustejovsky2022

    Examples
    --------
    >>> impute_covariance([4.0, 9.0, 1.0], ["a", "a", "b"], 0.5).tolist()
    [[4.0, 3.0, 0.0], [3.0, 9.0, 0.0], [0.0, 0.0, 1.0]]
    """
    v, codes = _columns(variance, cluster)
    check_rho(rho, codes)
    V = np.zeros((len(v), len(v)))
    order = np.argsort(codes, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(codes))[:-1]):
        V[np.ix_(members, members)] = rho * np.sqrt(np.outer(v[members], v[members]))
    np.fill_diagonal(V, v)
    return V


def _columns(variance, cluster):
    """Return variances and the number of each one's cluster, or refuse what are no two columns of one length."""
    try:
        v, names = np.asarray(array("variance", variance)), np.asarray(cluster)
    except ValueError:
        v, names = np.zeros(()), np.zeros(())
    if v.ndim != 1 or v.shape != names.shape:
        raise EvidenceError(
            "variance and cluster are two columns of one length, such as studies['variance'] and studies['study']; got "
            f"{_shape(variance)} and {_shape(cluster)}"
        )
    if len(v) > LARGEST:
        raise EvidenceError(
            f"a covariance matrix takes up to {LARGEST} effects, got {len(v)}: multilevel(studies, rho=...) builds it "
            "trial by trial and needs none"
        )
    if not (np.isfinite(v) & (v >= 0)).all():
        raise EvidenceError("variances must be finite and not negative: leave out the effects that have none")
    return v, np.unique(names.astype(str), return_inverse=True)[1]


def _shape(given):
    shape = getattr(given, "shape", (len(given),) if hasattr(given, "__len__") and not isinstance(given, str) else ())
    return f"{type(given).__name__} of {' x '.join(map(str, shape))}" if shape else repr(given)[:60]


def check_rho(rho: float, codes: Any) -> Any:
    """Return `rho`, or refuse one that no correlation matrix of the largest cluster can hold."""
    largest = int(np.bincount(codes).max())
    lowest = -1 / (largest - 1) if largest > 1 else -1.0
    if not (lowest < rho < 1 or (largest == 1 and abs(rho) <= 1)):
        raise EvidenceError(f"rho must lie above {lowest:g} and below 1 for clusters of up to {largest}, got {rho}")
    return rho


@door
def combine_within(
    studies: Studies,
    cluster: str = "study",
    rho: float | None = None,
    *,
    weighted: bool = True,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> Frame:
    r"""Combine the effects of each trial into one, under an assumed correlation of their errors.

    Parameters
    ----------
    studies : DataFrame
        One row an effect, on one scale, with `estimate` and `variance`.
    cluster : str
        Column that says which rows share patients.
    rho : float
        Assumed correlation of the sampling errors within a cluster. There is no default: it is an assumption.
    weighted : bool, default True
        Generalized least squares within the trial (metafor's ``aggregate`` default); False gives the plain mean,
        which cannot give an effect a negative weight.

    Returns
    -------
    DataFrame
        One row a trial in the order of first appearance: estimate, variance, se, the columns that do not vary
        within a trial, `effects_combined`, and `route`. Trials without any usable row keep a row with the reason.

    Notes
    -----
    .. math:: \hat\theta = \frac{1'V^{-1}y}{1'V^{-1}1},\ Var = \frac{1}{1'V^{-1}1}
        \quad\text{or}\quad \bar y,\ Var = \frac{1'V1}{m^2}

    With a high correlation and unequal variances the weighted form can put the mean outside the range of the
    effects; `route` says so then.

    References
    ----------
    viechtbauer2010

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"study": ["a", "a", "b"], "estimate": [0.2, 0.4, 0.5], "variance": [0.04, 0.04, 0.1]})
    >>> one = combine_within(rows, rho=0.5)
    >>> print([f"{x:.2f}" for x in one["estimate"]], [f"{x:.2f}" for x in one["variance"]])
    ['0.30', '0.50'] ['0.03', '0.10']
    """
    if rho is None:
        raise EvidenceError("say which correlation to assume within a trial: combine_within(studies, cluster, rho=0.5)")
    rows = complete_rows(studies, estimate, variance, (cluster,), independent=False)
    names = rows.table[cluster]
    kept = [c for c in rows.table.columns if c not in _COMPUTED | {estimate, variance}]
    by = rows.table.groupby(cluster, sort=False)
    constant = [c for c in kept if by[c].nunique(dropna=False).le(1).all()]
    codes, trials = pd.factorize(names)
    if not len(codes):
        return rows.table
    codes[codes < 0] = len(trials) + np.arange((codes < 0).sum())  # of no trial: left out each by itself, and said
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    at, reasons, combined = np.cumsum(rows.used) - 1, rows.table["excluded"].to_numpy(object), []
    for mine in members:
        used = at[mine[rows.used[mine]]]
        if len(used):
            combined.append(_combine(rows.y[used], rows.v[used], rho, weighted, estimate, variance))
        else:
            combined.append({estimate: np.nan, variance: np.nan, "excluded": reasons[mine[0]]})
    kept = rows.table[constant].iloc[[mine[0] for mine in members]].reset_index(drop=True)
    return pd.concat([kept, pd.DataFrame(combined)], axis=1)


_COMPUTED = {"se", "route", "excluded"}


def _combine(y, v, rho, weighted, estimate, variance):
    m = len(y)
    V = impute_covariance(v, np.zeros(m), rho) if m > 1 else np.diag(v)
    w = np.linalg.solve(V, np.ones(m)) if weighted else np.ones(m)
    w = w / w.sum()
    mean, var = float(w @ y), float(w @ V @ w)
    how = "generalized least squares" if weighted else "plain mean"
    route = f"{m} effects combined within the trial by {how}, correlation {rho:g} assumed" if m > 1 else ""
    if m > 1 and (w < 0).any():
        route += "; an effect has a negative weight at this correlation"
    return {estimate: mean, variance: var, "se": var**0.5, "effects_combined": m, "route": route, "excluded": ""}
