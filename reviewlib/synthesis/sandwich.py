r"""Cluster-robust inference: right standard errors under a wrong working model, and honest degrees of freedom.

.. math:: V^{CR2} = M\Big(\sum_i X_i'W_iA_i e_ie_i'A_i'W_iX_i\Big)M, \quad
          A_i = D_i'B_i^{+1/2}D_i, \quad B_i = D_i(\Phi_i - X_iMX_i')D_i'

with working covariance :math:`\Phi_i = D_i'D_i`, :math:`W = \Phi^{-1}` and :math:`M = (X'WX)^{-1}`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import fdtrc

from ..errors import EvidenceError, TooFewStudiesError, warn
from ..results import Interval, Result
from .blocks import Blocks, build_blocks
from .coefficients import Coefficients, coefficients, effect_text
from .complete import excluded_reasons

TYPES = ("CR0", "CR1", "CR2")


@dataclass(frozen=True, slots=True)
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

    @property
    def params(self):
        """Coefficients as a Series labelled by term."""
        return self.coefficients.series("estimate")

    def _row(self):
        return {name: value for name, value in Result._row(self).items() if name != "coefficients"}

    def to_frame(self):
        """Return one row a coefficient."""
        return self.coefficients.to_frame().assign(type=self.type, clusters=self.clusters)


def robust(fit, cluster="study", type="CR2"):
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
    blocks = build_blocks(y, X, np.diag(v + fit.tau2), codes, np.arange(len(y)))
    measure = getattr(fit, "measure", None)
    return robust_inference(blocks, blocks.V, terms, type, fit.level, fit.methods.rstrip("."), measure, tested)


def working_arrays(fit):
    """Return effects, variances, design, terms, tested terms and the rows in use of a one-level model."""
    if hasattr(fit, "_design"):
        used = np.array([not said for said in excluded_reasons(fit.studies)], dtype=bool)
        return fit._y, fit._v, fit._design.X, fit._design.terms, fit._design.tested, used
    rows = fit._rows
    return rows.y, rows.v, np.ones((rows.k, 1)), ("Intercept",), (), rows.used


def robust_inference(blocks: Blocks, working, terms, type, level, methods, measure=None, tested=()) -> Robust:
    """Sandwich covariance and Satterthwaite df for the working covariance `working` (clusters, size, size)."""
    if type not in TYPES:
        raise EvidenceError(f"type must be one of {', '.join(TYPES)}, got {type!r}")
    m = len(blocks.y)
    if m < 2:
        raise TooFewStudiesError("cluster-robust inference needs at least two clusters")
    W = np.linalg.inv(working)
    X = blocks.X
    WX = W @ X
    M = np.linalg.inv(np.einsum("cip,ciq->pq", X, WX))
    beta = M @ np.einsum("cip,ci->p", WX, blocks.y)
    G = _adjusted(working, X, M, WX, type, blocks.present)
    residual = blocks.y - X @ beta
    scores = np.einsum("cip,ci->cp", G, residual)
    vcov = M @ (scores.T @ scores) @ M
    if np.abs(residual).max() <= 1e-13 * np.abs(blocks.y).max():
        warn("the model fits the effects exactly: no error to test against")
        vcov = np.zeros_like(vcov)
    se = np.sqrt(np.diag(vcov))
    df = [_satterthwaite(G @ M[:, j], working, X, M) for j in range(len(terms))]
    table = coefficients(terms, beta, se, df, level)
    _warn_small(terms, df)
    single = len(terms) == 1
    first = {name: getattr(table, name)[0] if single else None for name in _FIRST}
    joint = (None, None, None) if single or not se.all() else _hotelling(beta, vcov, G, working, X, M, tested)
    first |= dict(zip(("qm", "qm_df", "qm_pvalue"), joint, strict=True))
    text = f"{type} cluster-robust variance with Satterthwaite degrees of freedom, working model: {methods}"
    return Robust(measure=measure, type=type, clusters=m, level=level, methods=text, coefficients=table, **first)


_FIRST = ("estimate", "se", "df", "statistic", "pvalue", "ci")


def _adjusted(working, X, M, WX, type, present):
    """Return A'WX for each cluster; `present` (clusters, size) tells rows from padding."""
    m = len(X)
    if type == "CR0":
        return WX
    if type == "CR1":
        return WX * np.sqrt(m / (m - 1))
    D = np.linalg.cholesky(working).transpose(0, 2, 1)
    B = D @ (working - X @ M @ X.transpose(0, 2, 1)) @ D.transpose(0, 2, 1)
    B *= present[:, :, None] & present[:, None, :]  # padding has a variance of 1, whatever the unit of the effects
    values, vectors = np.linalg.eigh((B + B.transpose(0, 2, 1)) / 2)
    # A cluster that alone determines a coefficient has a zero eigenvalue: the generalized inverse leaves it out.
    ok = values > 1e-10 * values.max(axis=1, keepdims=True)
    power = np.where(ok, 1 / np.sqrt(np.where(ok, values, 1.0)), 0.0)
    root = (vectors * power[:, None, :]) @ vectors.transpose(0, 2, 1)
    A = D.transpose(0, 2, 1) @ root @ D
    return A @ WX


def _satterthwaite(g, working, X, M):
    """Degrees of freedom of one coefficient: tr(P)^2 / tr(P P) with P_ij = g_i' Cov(e_i, e_j) g_j."""
    own = np.einsum("ci,cij,cj->c", g, working, g)
    h = np.einsum("cip,ci->cp", X, g)
    P = np.diag(own) - h @ M @ h.T
    return float(np.trace(P) ** 2 / (P * P).sum())


def _hotelling(beta, vcov, G, working, X, M, tested):
    """Approximate Hotelling test of the tested coefficients: F, its two degrees of freedom, P value."""
    q = len(tested)
    if q == 0:
        return None, None, None
    pick = np.asarray(tested)
    # Contrasts are turned so that their working covariance is the identity.
    turned = G @ M[:, pick] @ np.linalg.inv(np.linalg.cholesky(M[np.ix_(pick, pick)])).T
    h = np.einsum("cip,ciq->cpq", X, turned)
    P = -np.einsum("cps,pr,drt->stcd", h, M, h)
    own = np.einsum("cis,cij,cjt->stc", turned, working, turned)
    each = np.arange(len(X))
    P[:, :, each, each] += own
    spread = sum((P[s, s] * P[t, t] + P[s, t] * P[s, t].T).sum() for s in range(q) for t in range(q))
    eta = q * (q + 1) / float(spread)
    if eta - q + 1 <= 0:
        return None, None, None
    wald = float(beta[pick] @ np.linalg.solve(vcov[np.ix_(pick, pick)], beta[pick]))
    statistic = (eta - q + 1) / (eta * q) * wald
    return statistic, (q, float(eta - q + 1)), float(fdtrc(q, eta - q + 1, statistic))


def _warn_small(terms, df):
    low = [f"{term} ({d:.1f})" for term, d in zip(terms, df, strict=True) if d < 4]
    if low:
        warn(f"Satterthwaite degrees of freedom below 4 for {', '.join(low)}: do not rely on the P value or limits")
