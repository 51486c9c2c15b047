r"""Cluster-robust inference: right standard errors under a wrong working model, and honest degrees of freedom.

.. math:: V^{CR2} = M\Big(\sum_i X_i'W_iA_i e_ie_i'A_i'W_iX_i\Big)M, \quad
          A_i = D_i'B_i^{+1/2}D_i, \quad B_i = D_i(\Phi_i - X_iMX_i')D_i'

with working covariance :math:`\Phi_i = D_i'D_i`, :math:`W = \Phi^{-1}` and :math:`M = (X'WX)^{-1} = TT'`. In whitened
rows, with their orthonormal basis Q and residuals r, this is :math:`T(\sum U_i'r_ir_i'U_i)T'` with
:math:`U_i = N_iB_i^{+1/2}Q_i, N_i = D_iD_i', B_i = N_i(I - Q_iQ_i')N_i`. Everything is a sum over clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import fdtrc

from .. import gate
from ..door import door
from ..errors import EvidenceError, TooFewStudiesError, warn
from ..results import Interval, Result
from ..typed import Frame
from .blocks import Blocks, State, build_blocks, evaluate
from .coefficients import Coefficients, by_term, coefficients, effect_text

TYPES = ("CR0", "CR1", "CR2")


@dataclass(frozen=True, slots=True, repr=False)
class Robust(Result):
    """Cluster-robust inference; single numbers when the model has one coefficient.

    With several, `qm` is an F statistic that tests all moderators at once (approximate Hotelling test).
    """

    measure: str | None
    type: str
    clusters: int
    estimate: float | None
    se: float | None
    df: float | None
    statistic: float | None
    pvalue: float | None
    ci: Interval | None
    qm: float | None
    qm_df: tuple | None
    qm_pvalue: float | None
    level: float
    methods: str
    coefficients: Coefficients = field(repr=False)

    def __str__(self) -> str:
        df = ", ".join("not estimable" if d is None else f"{d:.1f}" for d in self.coefficients.df)
        how = f"{self.type} over {self.clusters} clusters, df {df}"
        if self.estimate is None:
            return f"{self.coefficients}; {how}"
        return effect_text(self.measure, self.estimate, self.ci, self.level, how)

    params = by_term("estimate", "Coefficients as a Series labelled by term.")

    def _row(self):
        return {name: value for name, value in Result._row(self).items() if name != "coefficients"}

    def to_frame(self) -> Frame:
        """Return one row a coefficient."""
        return self.coefficients.to_frame().assign(type=self.type, clusters=self.clusters)


@door
def robust(fit: Any, cluster: Any = "study", type: str = "CR2") -> Any:
    """Cluster-robust inference for a meta-analysis, a meta-regression or a three-level model.

    Parameters
    ----------
    fit : MetaAnalysis, MetaRegression or Multilevel
        The working model. A three-level model brings its own clusters.
    cluster : str or array_like
        Column of the studies (or one value a row of the table) that says which rows belong together.
    type : {"CR2", "CR1", "CR0"}
        CR2 is nearly unbiased with few clusters; CR1 is the plain sandwich times m / (m - 1); CR0 the plain one.

    Returns
    -------
    Robust
        `df` is Satterthwaite's for every type. Below 4 the P value is not to be trusted, and a MethodWarning says so.

    Notes
    -----
    Agrees with ``clubSandwich::coef_test(..., test = "Satterthwaite")``, whose working covariance is that of the model,
    and `qm` with ``Wald_test(..., test = "HTZ")``; it is None where its second degrees of freedom are not above zero.

    References
    ----------
    tipton2015; pustejovsky2022

    Examples
    --------
    >>> from reviewlib.synthesis import meta_analysis
    >>> y = [0.1, 0.2, 0.4, 0.5, 0.3, 0.1, 0.8, 0.6, 0.2, 0.3]
    >>> rows = {"study": list("aabbccddee"), "estimate": y, "variance": [0.02] * 10}
    >>> result = robust(meta_analysis(rows), "study")
    >>> print(f"{result.estimate:.2f} {result.se:.3f} {result.df:.1f}")
    0.35 0.101 4.0
    """
    if hasattr(fit, "_blocks"):
        return fit.robust(type)
    if not hasattr(fit, "studies"):
        raise EvidenceError(
            f"robust takes a fitted model, got {fit.__class__.__name__}: robust(meta_analysis(studies), 'study')"
        )
    studies = fit.studies
    if isinstance(cluster, str) and cluster not in studies.columns:
        raise EvidenceError(f"there is no column {cluster!r}: the table has {', '.join(map(str, studies.columns))}")
    y, v, X, terms, tested, used = working_arrays(fit)
    groups = np.asarray(studies[cluster] if isinstance(cluster, str) else cluster, dtype=object)
    if len(groups) != len(used):
        raise EvidenceError(f"cluster has {len(groups)} values for {len(used)} rows of the table")
    groups = groups[used]
    if any(value is None or value != value for value in groups):
        raise EvidenceError("cluster is missing for some studies in use: name their cluster or leave them out")
    groups = groups.astype(str)
    codes = np.unique(groups, return_inverse=True)[1]
    w = v + fit.tau2
    blocks = build_blocks(y, X, lambda at: w[at][:, :, None] * np.eye(at.shape[1]), codes, np.arange(len(y)))
    state = evaluate(blocks, (0.0, 0.0))
    measure = getattr(fit, "measure", None)
    return robust_inference(blocks, state, terms, type, fit.level, fit.methods.rstrip("."), measure, tested)


def working_arrays(fit: Any) -> tuple:
    """Return effects, variances, design, terms, tested terms and the rows in use of a one-level model."""
    if hasattr(fit, "_design"):
        used = np.array([not said for said in gate.reasons(fit.studies)], dtype=bool)
        return fit._y, fit._v, fit._design.X, fit._design.terms, fit._design.tested, used
    rows = fit._rows
    return rows.y, rows.v, np.ones((rows.k, 1)), ("Intercept",), (), rows.used


def robust_inference(
    blocks: Blocks,
    state: State,
    terms: Sequence[str],
    type: str,
    level: float,
    methods: Any,
    measure: str | None = None,
    tested: Any = (),
) -> Robust:
    """Sandwich covariance and Satterthwaite df, the working covariance being that of `state`."""
    if type not in TYPES:
        raise EvidenceError(f"type must be one of {', '.join(TYPES)}, got {type!r}")
    m = blocks.clusters
    if m < 2:
        raise TooFewStudiesError("cluster-robust inference needs at least two clusters")
    parts = []
    for part, white, K in zip(blocks.parts, state.white, _complements(state.white), strict=True):
        parts.append((_adjusted(part, white, K, type, m), white, K))
    scores = np.concatenate([np.einsum("cip,ci->cp", U, white.r) for U, white, _ in parts]) @ state.turn.T
    vcov = scores.T @ scores
    size = sum(((w.root @ part.y[:, :, None]) ** 2).sum() for part, w in zip(blocks.parts, state.white, strict=True))
    if state.rss <= 1e-26 * size:
        warn("the model fits the effects exactly: no error to test against")
        vcov = np.zeros_like(vcov)
    se = np.sqrt(np.diag(vcov))
    df = [_satterthwaite(*_contrasts(parts, row[:, None])) for row in state.turn]
    table = coefficients(terms, state.beta, se, df, level)
    _warn_small(terms, df)
    single = len(terms) == 1
    first = {name: getattr(table, name)[0] if single else None for name in _FIRST}
    joint = (None, None, None) if single or not se.all() else _hotelling(state, vcov, parts, tested)
    first |= dict(zip(("qm", "qm_df", "qm_pvalue"), joint, strict=True))
    text = f"{type} cluster-robust variance with Satterthwaite degrees of freedom, working model: {methods}"
    return Robust(measure=measure, type=type, clusters=m, level=level, methods=text, coefficients=table, **first)


_FIRST = ("estimate", "se", "df", "statistic", "pvalue", "ci")


def _complements(white):
    """Return I - QQ' of each cluster; that of a single row is a determinant, in which nothing cancels."""
    own = [np.einsum("cip,ciq->cpq", w.Q, w.Q) for w in white]
    total = np.concatenate(own)
    before, after = np.zeros_like(total), np.zeros_like(total)  # sums that leave the cluster out from the start
    before[1:], after[:-1] = np.cumsum(total[:-1], axis=0), np.cumsum(total[:0:-1], axis=0)[::-1]
    others = np.split(before + after, np.cumsum([len(o) for o in own])[:-1])

    def single(rest):
        left = np.linalg.det(rest)[:, None, None]
        return np.where(left > 1e-14, left, 0.0)  # below: the row alone determines a coefficient

    return [
        single(rest) if w.Q.shape[1] == 1 else np.eye(w.Q.shape[1]) - w.Q @ w.Q.transpose(0, 2, 1)
        for w, rest in zip(white, others, strict=True)
    ]


def _adjusted(part, white, K, type, m):
    """Return U (clusters, size, p)."""
    Q = white.Q
    if type == "CR0":
        return Q
    if type == "CR1":
        return Q * np.sqrt(m / (m - 1))
    L = np.linalg.inv(white.root)
    N = L.transpose(0, 2, 1) @ L
    B = N @ K @ N
    there = part.rows >= 0
    B *= there[:, :, None] & there[:, None, :]  # padding has a variance of 1, whatever the unit of the effects
    values, vectors = np.linalg.eigh((B + B.transpose(0, 2, 1)) / 2)
    # A cluster that alone determines a coefficient has a zero eigenvalue: the generalized inverse leaves it out.
    ok = values > 1e-10 * values.max(axis=1, keepdims=True)
    power = np.where(ok, 1 / np.sqrt(np.where(ok, values, 1.0)), 0.0)
    root = (vectors * power[:, None, :]) @ vectors.transpose(0, 2, 1)
    return N @ root @ Q


def _contrasts(parts, turned):
    """Return own (m, q, q) and h (m, q, p): P_st[c, c] = own, P_st[c, d] = -h_s[c]'h_t[d] for two clusters."""
    own, h = [], []
    for U, white, K in parts:
        u = U @ turned
        own.append(np.einsum("cis,cij,cjt->cst", u, K, u))
        h.append(np.einsum("cis,cip->csp", u, white.Q))
    return np.concatenate(own), np.concatenate(h)


def _total(own, h):
    """Return the sum over s and t of sum(P_ss * P_tt) + sum(P_st * P_st'), without the (m, m) matrices P."""
    diagonal = (np.einsum("css->c", own) ** 2).sum() + (own * own).sum()
    H = np.einsum("csp,ctq->stpq", h, h)
    inner = np.einsum("csp,ctp->cst", h, h)
    size = np.einsum("css->c", inner)
    heavy = size > 0.01 * size.sum()  # for these, everything less their own would be a difference of large numbers
    light = np.einsum("csp,stpq,ctq->c", h, H, h) - size**2
    light += np.einsum("csp,tspq,ctq->c", h, H, h) - (inner * inner).sum((1, 2))
    off = light[~heavy].sum()
    for c in np.flatnonzero(heavy):
        M = np.einsum("sp,dtp->dst", h[c], h)
        M[c] = 0.0
        off += (np.einsum("dss->d", M) ** 2).sum() + np.einsum("dst,dts->", M, M)
    return float(diagonal + off)


def _satterthwaite(own, h):
    """Degrees of freedom of one contrast: tr(P)^2 / tr(PP)."""
    return float(own.sum() ** 2 / (_total(own, h) / 2))


def _hotelling(state, vcov, parts, tested):
    """Approximate Hotelling test of the tested coefficients: F, its two degrees of freedom, P value."""
    q = len(tested)
    pick = np.asarray(tested)
    # Contrasts are turned so that their working covariance is the identity.
    turned = state.turn[pick].T @ np.linalg.inv(np.linalg.cholesky(state.vcov[np.ix_(pick, pick)])).T
    own, h = _contrasts(parts, turned)
    eta = q * (q + 1) / _total(own, h)
    if eta - q + 1 <= 0:
        return None, None, None
    beta = state.beta[pick]
    wald = float(beta @ np.linalg.solve(vcov[np.ix_(pick, pick)], beta))
    statistic = (eta - q + 1) / (eta * q) * wald
    return statistic, (q, float(eta - q + 1)), float(fdtrc(q, eta - q + 1, statistic))


def _warn_small(terms, df):
    low = [f"{term} ({d:.1f})" for term, d in zip(terms, df, strict=True) if d < 4]
    if low:
        warn(f"Satterthwaite degrees of freedom below 4 for {', '.join(low)}: do not rely on the P value or limits")
