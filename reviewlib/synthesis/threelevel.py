"""Several effects from one trial, kept apart: the three-level model and its correlated-and-hierarchical form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from .. import gate
from ..door import door, several_numbers
from ..errors import EvidenceError, TooFewStudiesError
from ..gate import measure_of
from ..numeric import array
from ..results import Interval, Result
from ..typed import Frame, Studies
from .blocks import Blocks, State, build_blocks, evaluate, typical_variance
from .coefficients import Coefficients, by_term, coefficients, critical_value, effect_text, omnibus
from .complete import column, complete_rows
from .components import maximise, profile_interval
from .design import build_design
from .formula import variables_of
from .sandwich import Robust, robust_inference
from .within_trial import LARGEST, check_rho


@dataclass(frozen=True, slots=True, repr=False)
class Multilevel(Result):
    """A three-level random-effects model; without moderators `estimate`, `se` and `ci` are single numbers.

    With moderators these are None, `params` and `coefficients` hold the lines, and `qm` tests all moderators at once.
    """

    measure: str | None
    k: int
    clusters: int
    estimate: float | None
    se: float | None
    ci: Interval | None
    statistic: float | None
    pvalue: float | None
    prediction: Interval | None
    sigma2: dict
    i2: dict
    loglik: float
    q: float
    q_df: int
    q_pvalue: float
    qm: float | None
    qm_df: tuple | None
    qm_pvalue: float | None
    rho: float | None
    level: float
    methods: str
    coefficients: Coefficients = field(repr=False)
    studies: Frame = field(repr=False, compare=False)
    _blocks: Blocks = field(repr=False, compare=False)
    _state: State = field(repr=False, compare=False)
    _tested: tuple = field(repr=False, compare=False)

    def __str__(self) -> str:
        what = f"{self.k} effects in {self.clusters} clusters"
        mean = f"{self.coefficients}; {what}"
        if self.estimate is not None:
            mean = effect_text(self.measure, self.estimate, self.ci, self.level, what)
        return f"{mean}; variance between clusters {self.sigma2['outer']:.4g}, within {self.sigma2['inner']:.4g}"

    params = by_term("estimate", "Coefficients as a Series labelled by term.")

    @property
    def sigma2_ci(self) -> dict:
        """Profile-likelihood intervals of the two components (refitted along a grid when asked for)."""
        pairs = [profile_interval(self._blocks, self._state, j, self.level) for j in (0, 1)]
        return {name: Interval(*pair) for name, pair in zip(("outer", "inner"), pairs, strict=True)}

    def robust(self, type: str = "CR2") -> Robust:
        """Cluster-robust inference that survives a wrong working model; see `reviewlib.robust`."""
        model = self._blocks, self._state, self.coefficients.terms
        return robust_inference(*model, type, self.level, self.methods, self.measure, self._tested)

    def _row(self):
        row = {f"sigma2_{name}": value for name, value in self.sigma2.items()}
        row |= {f"i2_{name}": value for name, value in self.i2.items()}
        return {name: value for name, value in Result._row(self).items() if name not in _NESTED} | row


_NESTED = ("sigma2", "i2", "coefficients")
_SINGLE = ("estimate", "se", "ci", "statistic", "pvalue")


@door
def multilevel(
    studies: Studies,
    cluster: str = "study",
    inner: str = "row",
    V: Any = None,
    rho: float | None = None,
    *,
    moderators: str = "~ 1",
    ci: Any = "wald",
    level: float = 0.95,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> Multilevel:
    r"""Pool effects that are nested in trials, by a three-level model (REML).

    Parameters
    ----------
    studies : DataFrame
        One row an effect, with `estimate` and `variance`.
    cluster, inner : str
        Columns of the outer and the inner level. ``inner="row"`` gives each row its own inner effect.
    V : array_like (rows, rows), optional
        Covariance matrix of the sampling errors, in the order of the table. Default: independent errors.
    rho : float, optional
        Assumed correlation of sampling errors within a cluster: the correlated-and-hierarchical working model.
        Try several (`correlation_sensitivity`).
    moderators : str
        A formula, ``"~ dose"``; default the mean alone.
    ci : {"wald", "t"}
        Normal quantiles (as metafor's default), or Student's t on effects minus coefficients (metafor ``test="t"``).
    level : float or str
        Coverage of intervals. A text is read as the column of the inner level, under the name that it once had.

    Returns
    -------
    Multilevel
        `sigma2["outer"]` is the variance between clusters, `sigma2["inner"]` within them, squared units of the
        estimate.

    Notes
    -----
    .. math:: y_{ij} = \mu + u_i + w_{ij} + e_{ij}, \quad u_i \sim N(0, \sigma^2_{outer}),
              \quad w_{ij} \sim N(0, \sigma^2_{inner}), \quad e_i \sim N(0, V_i)

    The errors are the sampling errors, taken as known. The restricted likelihood is searched on a grid before it is
    climbed; agreement with ``rma.mv`` is limited by that function's own 1e-8. `prediction` uses Student's t on
    clusters minus coefficients, from five clusters (metafor: the distribution of the test). I2 divides each
    component by the total plus the typical sampling variance, (k - p) / tr(P).

    References
    ----------
    konstantopoulos2011; pustejovsky2022; viechtbauer2010

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"study": list("aabbcc"), "estimate": [0.1, 0.2, 0.5, 0.6, 0.9, 1.1], "variance": 0.02})
    >>> fit = multilevel(rows)
    >>> print(f"{fit.estimate:.3f} {fit.sigma2['outer']:.3f} {fit.sigma2['inner']:.3f}")
    0.567 0.171 0.000
    """
    if ci not in ("wald", "t"):
        raise EvidenceError(f'ci must be "wald" or "t", got {ci!r}')
    if isinstance(level, str):
        inner, level = level, 0.95
    rows, blocks, design = _prepare(studies, cluster, inner, V, rho, moderators, estimate, variance)
    state = maximise(blocks)
    return _result(rows, blocks, design, state, ci, level, rho, V is not None, measure_of(studies))


def _prepare(studies, cluster, inner, V, rho, moderators, estimate, variance):
    if V is not None and rho is not None:
        raise EvidenceError("give V or rho, not both: rho builds a V")
    table = gate.table(studies)
    own_row = inner == "row" and "row" not in table.columns
    variables = variables_of(moderators, table.columns)
    rows = complete_rows(
        studies, estimate, variance, (cluster, *(() if own_row else (inner,)), *variables), independent=False
    )
    design = build_design(moderators, rows.table[rows.used], variables)
    groups = np.unique(column(rows, cluster).astype(str), return_inverse=True)[1]
    units = np.arange(rows.k) if own_row else _nested(groups, column(rows, inner))
    errors = _errors(rows, groups, V, rho)
    _identifiable(groups, units, design)
    return rows, build_blocks(rows.y, design.X, errors, groups, units), design


def _nested(groups, inner):
    units = np.unique(inner.astype(str), return_inverse=True)[1]
    return np.unique(groups * (units.max() + 1) + units, return_inverse=True)[1]


def _errors(rows, groups, V, rho):
    """Return a function that takes rows of clusters to their sampling covariances."""
    if V is None:
        rho = 0.0 if rho is None else check_rho(rho, groups)
        s = np.sqrt(rows.v)
        return lambda at: s[at][:, :, None] * s[at][:, None, :] * (rho + (1 - rho) * np.eye(at.shape[1]))
    V = np.asarray(array("V", V))
    if V.shape != (len(rows.used),) * 2:
        raise EvidenceError(f"V must have one row and column a row of the table, {len(rows.used)}, got {V.shape}")
    if len(V) > LARGEST:
        raise EvidenceError(f"V takes up to {LARGEST} effects, got {len(V)}: give rho instead, which needs no matrix")
    V = V[np.ix_(rows.used, rows.used)]
    if not (np.isfinite(V).all() and np.allclose(V, V.T, rtol=1e-8, atol=0)) or np.linalg.eigvalsh(V).min() <= 0:
        raise EvidenceError("V is not a covariance matrix: it must be symmetric with positive eigenvalues")
    if (V[groups[:, None] != groups[None, :]] != 0).any():
        raise EvidenceError(
            "V has a covariance between clusters: choose clusters so that errors of two are independent"
        )
    return lambda at: V[at[:, :, None], at[:, None, :]]


def _identifiable(groups, inner, design):
    """Refuse models in which the two components cannot be told apart, or the clusters are fully explained."""
    k, p = design.X.shape
    clusters = len(np.unique(groups))
    if clusters < 2 or k - p < 2:
        raise TooFewStudiesError(f"a three-level model needs two clusters and p + 2 effects, got {clusters} and {k}")
    if len(np.unique(inner)) == clusters:
        raise EvidenceError(
            "every cluster has a single inner unit, so the two variances cannot be told apart: use meta_analysis, "
            "or combine_within first"
        )
    if clusters > p:
        return
    dummies = np.eye(clusters)[groups]
    if np.linalg.matrix_rank(np.hstack([design.X, dummies])) == np.linalg.matrix_rank(design.X):
        raise EvidenceError("the moderators separate the clusters completely: no variance is left between clusters")


def _result(rows, blocks, design, state, ci, level, rho, own_v, measure):
    p, k = blocks.p, blocks.k
    clusters = blocks.clusters
    df = float(k - p) if ci == "t" else None
    table = coefficients(design.terms, state.beta, np.sqrt(np.diag(state.vcov)), df, level)
    single = design.mean_only
    outer, inner = (float(s) for s in state.sigma2)
    total = outer + inner
    whole = total + typical_variance(blocks)
    q = evaluate(blocks, (0.0, 0.0)).rss
    half = critical_value(clusters - p, level) * float(np.sqrt(total + state.vcov[0, 0])) if clusters > p else None
    mean = table.estimate[0]
    qm, qm_df, qm_pvalue = (None, None, None) if single else omnibus(state.beta, state.vcov, design, df)
    first = {name: getattr(table, name)[0] if single else None for name in _SINGLE}
    first["prediction"] = Interval(mean - half, mean + half) if single and clusters >= 5 else None
    spread = {"sigma2": {"outer": outer, "inner": inner}, "loglik": state.loglik}
    spread["i2"] = {"total": total / whole, "outer": outer / whole, "inner": inner / whole}
    tests = {"q": q, "q_df": k - p, "q_pvalue": float(chdtrc(k - p, q))}
    tests |= {"qm": qm, "qm_df": qm_df, "qm_pvalue": qm_pvalue}
    about = {"rho": None if rho is None else float(rho), "level": level, "methods": _methods(ci, rho, own_v)}
    kept = {"_blocks": blocks, "_state": state, "_tested": tuple(design.tested.tolist())}
    found = {**first, **spread, **tests, **about, **kept}
    return Multilevel(measure, k, clusters, coefficients=table, studies=rows.table, **found)


def _methods(ci, rho, own_v):
    errors = "independent sampling errors" if rho is None else f"sampling errors correlated {rho:g} within a cluster"
    errors = "a given covariance matrix of the sampling errors" if own_v else errors
    limits = "normal quantiles" if ci == "wald" else "Student's t on effects minus coefficients"
    return f"three-level random-effects model, REML, {errors}, {limits}"


@door
def correlation_sensitivity(
    studies: Studies, cluster: str = "study", inner: str = "row", rho: Any = (0.0, 0.2, 0.4, 0.6, 0.8), **options: Any
) -> Frame:
    """Refit the correlated-and-hierarchical model over assumed correlations.

    Parameters
    ----------
    studies, cluster, inner
        As in `multilevel`; `options` are passed on to it.
    rho : sequence of float
        Correlations to try.

    Returns
    -------
    DataFrame
        One row a correlation: estimate, its CR2 standard error, degrees of freedom, interval and P value, and the
        two variance components.

    References
    ----------
    pustejovsky2022

    Examples
    --------
    >>> import reviewlib as rl
    >>> rows = {"study": ["a", "a", "b", "b", "c", "d", "d"],
    ...     "estimate": [0.1, 0.2, 0.5, 0.4, 0.3, 0.0, 0.1], "variance": [0.02, 0.03, 0.01, 0.02, 0.04, 0.02, 0.02]}
    >>> print(rl.correlation_sensitivity(rows, rho=(0.2, 0.6))["estimate"].round(3).tolist())
    [0.241, 0.247]
    """
    rows = []
    for value in several_numbers("rho", rho):
        fit = multilevel(studies, cluster, inner, rho=value, **options)
        frame = fit.robust("CR2").to_frame().iloc[0]
        row = {"rho": float(value), **{name: frame[name] for name in _SHOWN}}
        rows.append(row | {f"sigma2_{name}": s for name, s in fit.sigma2.items()})
    return pd.DataFrame(rows)


_SHOWN = ("estimate", "se", "df", "ci_low", "ci_high", "pvalue")
