"""Tests of funnel asymmetry by regression, each for the measures it suits.

Small trials can show larger effects for many reasons: different patients, weaker methods, chance, an artefact of the
measure, and missing results. A test says that a funnel leans, not why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import batch
from ..door import door
from ..errors import EvidenceError, warn
from ..measures import ARMS, COUNTS, find
from ..results import Interval, Result
from ..typed import Array, Frame, Studies
from .coefficients import inference, p_text
from .complete import column, complete_rows, exact_fit, refuse_few
from .pooled import measure_of

NOTE = "asymmetry is not publication bias: heterogeneity, methods of small trials, chance and artefacts also cause it"
FEW = "below ten the test has too little power to say anything, and chance alone leans a funnel"


@dataclass(frozen=True, slots=True, repr=False)
class FunnelRegression(Result):
    """A regression of effects on a measure of study size.

    `intercept` is the coefficient of that measure (Egger's intercept, the slope of the funnel), which `statistic` and
    `pvalue` test; `limit` is the effect that the line reaches for an infinitely large study.
    """

    test: str
    k: int
    intercept: float
    intercept_se: float
    intercept_ci: Interval
    statistic: float | None
    df: float | None
    pvalue: float | None
    limit: float
    limit_se: float
    limit_ci: Interval
    limit_pvalue: float | None
    level: float
    methods: str
    note: str
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        statistic = "" if self.statistic is None else f", statistic {self.statistic:.2f}"
        what = f"intercept {self.intercept:.2f}{statistic}, {p_text(self.pvalue)}"
        return f"{self.test}: {what} ({self.k} studies); {self.note}"

    def _row(self):
        row = Result._row(self)
        for name in ("intercept_ci", "limit_ci"):
            low, high = row.pop(f"{name}", None) or (row.pop(f"{name}_low", None), row.pop(f"{name}_high", None))
            row |= {f"{name}_low": low, f"{name}_high": high}
        return row


@door
def egger(
    studies: Studies,
    model: Any = "lm",
    *,
    method: str = "REML",
    ci: Any = "wald",
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> FunnelRegression:
    r"""Egger's test: effects on their standard errors.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
        One row a study. For mean differences and other measures whose standard error is not tied to the effect; odds
        ratios have `harbord` and `peters`, standardized mean differences `funnel_smd`.
    model : {"lm", "rma"}
        "lm": weighted least squares with multiplicative error, t on k - 2 (the original). "rma": random-effects
        meta-regression.
    method, ci : str
        For "rma": estimator of tau2, and "wald" or "hksj".
    level : float
        Coverage of intervals.
    insist : bool
        Test with fewer than ten studies.

    Returns
    -------
    FunnelRegression

    Raises
    ------
    TooFewStudiesError
        Fewer than ten studies without `insist`, or fewer than three.

    Notes
    -----
    .. math:: y_i = \beta_0 + \beta_1 s_i + e_i,\quad \text{weights } 1/s_i^2

    `intercept` is :math:`\beta_1` (Egger regressed y/s on 1/s, where it is the intercept), `limit` is :math:`\beta_0`.
    Agrees with metafor ``regtest``, whose default model is "rma".

    References
    ----------
    egger1997; sterne2011; viechtbauer2010

    Examples
    --------
    >>> k = range(10)
    >>> test = egger({"estimate": [0.2 + 0.05 * i * (-1) ** i for i in k], "variance": [0.01 * i + 0.01 for i in k]})
    >>> print(f"{test.intercept:.2f} {test.pvalue:.2f}")
    -0.21 0.82
    """
    suits("Egger's test", studies)
    rows = funnel_rows(studies, estimate, variance, (), "Egger's test", insist)
    if model not in ("lm", "rma"):
        raise EvidenceError(f'model must be "lm" or "rma", got {model!r}')
    name = "Egger's test" if model == "lm" else "Egger's test, random-effects regression"
    return regress(name, rows, rows.y, rows.v, np.sqrt(rows.v), "the standard error", model, method, ci, level)


@door
def peters(
    studies: Studies,
    *,
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> FunnelRegression:
    r"""Peters' test for odds ratios: log odds ratio on the inverse of the sample size.

    Parameters
    ----------
    studies : DataFrame
        With `estimate` (log odds ratio), events_int, n_int, events_ctl, n_ctl.
    level, insist, variance
        As in `egger`.

    Returns
    -------
    FunnelRegression

    Notes
    -----
    Weights are :math:`1/(1/e + 1/(N - e))` with e events among N people, t on k - 2. A trial in which nobody or
    everybody had the event has no weight and is left out with that reason.

    References
    ----------
    peters2006; sterne2011

    Examples
    --------
    >>> import reviewlib as rl
    >>> rows = dict(events_int=[4, 9, 30], n_int=[30, 60, 300], events_ctl=[10, 16, 34], n_ctl=[30, 61, 301])
    >>> print(rl.peters(rl.effect_sizes(rows, "OR"), insist=True).k)
    3
    """
    suits("Peters' test", studies)
    rows = _with_events(studies, estimate, variance, "Peters' test", insist)
    events, total = _events(rows)
    weight = 1 / (1 / events + 1 / (total - events))
    return regress(
        "Peters' test", rows, rows.y, 1 / weight, 1 / total, "the inverse of the sample size", "lm", level=level
    )


@door
def harbord(
    studies: Studies,
    *,
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> FunnelRegression:
    r"""Harbord's test for odds ratios: the efficient score, whose variance is not tied to the effect.

    Parameters
    ----------
    studies : DataFrame
        With `estimate`, events_int, n_int, events_ctl, n_ctl.
    level, insist
        As in `egger`.

    Returns
    -------
    FunnelRegression

    Notes
    -----
    .. math:: Z = a - \frac{e n_1}{N},\quad V = \frac{n_1 n_2 e (N-e)}{N^2(N-1)},\quad
              Z/V = \beta_0 + \beta_1/\sqrt V,\ \text{weights } V

    Trials without events, or with events only, are left out with that reason. For odds ratios only.

    References
    ----------
    harbord2006; sterne2011

    Examples
    --------
    >>> import reviewlib as rl
    >>> rows = dict(events_int=[4, 9, 30], n_int=[30, 60, 300], events_ctl=[10, 16, 34], n_ctl=[30, 61, 301])
    >>> print(rl.harbord(rl.effect_sizes(rows, "OR"), insist=True).k)
    3
    """
    suits("Harbord's test", studies)
    rows = _with_events(studies, estimate, variance, "Harbord's test", insist)
    events, total = _events(rows)
    n_int, n_ctl = (column(rows, name).astype(float) for name in ("n_int", "n_ctl"))
    score = column(rows, "events_int").astype(float) - events * n_int / total
    information = n_int * n_ctl * events * (total - events) / (total**2 * (total - 1))
    what = "the standard error of the score"
    return regress(
        "Harbord's test", rows, score / information, 1 / information, information**-0.5, what, "lm", level=level
    )


@door
def funnel_smd(
    studies: Studies,
    *,
    weights: Any = "variance",
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> FunnelRegression:
    r"""Sample-size based test for standardized mean differences.

    Parameters
    ----------
    studies : DataFrame
        With `estimate` (standardized mean difference), `variance`, n_int, n_ctl.
    weights : {"variance", "size"}
        Inverse variances, or the inverse of :math:`1/n_1 + 1/n_2` alone, which keeps the effect out of the weights too.
    level, insist
        As in `egger`.

    Returns
    -------
    FunnelRegression

    Notes
    -----
    The regressor is :math:`\sqrt{1/n_1 + 1/n_2}`, the part of the standard error that does not hold the effect itself;
    t has k - 2 degrees of freedom. Both weightings are in use; "variance" is that of the R package meta.

    References
    ----------
    pustejovsky2019

    Examples
    --------
    >>> n = [10, 20, 40, 80]
    >>> studies = {"estimate": [0.8, 0.5, 0.3, 0.2], "variance": [2 / k for k in n], "n_int": n, "n_ctl": n}
    >>> print(funnel_smd(studies, insist=True).k)
    4
    """
    what = "Sample-size test for standardized mean differences"
    if weights not in ("variance", "size"):
        raise EvidenceError(f'weights must be "variance" or "size", got {weights!r}')
    suits("Sample-size test", studies)
    rows = funnel_rows(studies, estimate, variance, ("n_int", "n_ctl"), what, insist)
    n_int, n_ctl = (column(rows, name).astype(float) for name in ("n_int", "n_ctl"))
    size = np.sqrt(1 / n_int + 1 / n_ctl)
    v = rows.v if weights == "variance" else size**2
    return regress(what, rows, rows.y, v, size, "sqrt(1/n_int + 1/n_ctl)", "lm", level=level)


# Which measures a test is made for, and what to use for the others (sterne2011; peters2006; pustejovsky2019).
_MADE_FOR = {
    "Peters' test": ("odds ratios", lambda m: m.columns == COUNTS and m.ratio and m.mirrored),
    "Harbord's test": ("odds ratios", lambda m: m.columns == COUNTS and m.ratio and m.mirrored),
    "Sample-size test": ("standardized mean differences", lambda m: m.scale == "standardized" and m.columns == ARMS),
}


def suits(test: str, studies: Studies) -> None:
    """Refuse a test that is made for another measure than the table holds, with the name of the one that suits it."""
    measure = measure_of(studies)
    m = find(measure)
    if measure is None or m.name == "GEN":
        return
    what, made_for = _MADE_FOR.get(test, ("", None))
    if made_for and not made_for(m):
        raise EvidenceError(f"{test} is for {what}, and the table holds {m.name} ({m.label}): use {_instead(m)}")
    if not made_for and _instead(m) != "egger":
        warn(
            f"{test}: the standard error of {m.name} depends on the effect itself, which alone can lean a funnel; "
            f"use {_instead(m)}"
        )


def _instead(m) -> str:
    """Return the name of the test that suits a measure."""
    if m.columns == COUNTS and m.ratio and m.mirrored:
        return "harbord or peters"
    return "funnel_smd" if m.scale == "standardized" and m.columns == ARMS else "egger"


def funnel_rows(studies: Studies, estimate: Any, variance: Any, needed: Any, what: str, insist: bool) -> Any:
    rows = complete_rows(studies, estimate, variance, needed)
    refuse_few(rows.k, what, FEW, insist)
    return rows


def _events(rows):
    events_int, n_int, events_ctl, n_ctl = (column(rows, name).astype(float) for name in COUNTS)
    return events_int + events_ctl, n_int + n_ctl


def _with_events(studies, estimate, variance, what, insist):
    """Rows for the tests of odds ratios; trials in which nobody or everybody had the event carry no weight in them."""
    rows = funnel_rows(studies, estimate, variance, COUNTS, what, insist)
    events, total = _events(rows)
    each = [column(rows, name).astype(float) for name in COUNTS]
    if (np.min(each) < 0) or (each[0] > each[1]).any() or (each[2] > each[3]).any():
        raise EvidenceError(f"{what}: events must lie between 0 and the participants of their arm")
    empty = (events == 0) | (events == total)
    if not empty.any():
        return rows
    reasons = rows.table["excluded"].to_numpy(object)
    reasons[np.flatnonzero(rows.used)[empty]] = "no events, or events only: no weight in the test"
    return funnel_rows(rows.table.assign(excluded=reasons), estimate, variance, COUNTS, what, insist)


def regress(
    test: str,
    rows: Any,
    y: Array,
    v: Array,
    x: Any,
    x_name: str,
    model: Any,
    method: str = "REML",
    ci: Any = "wald",
    level: float = 0.95,
) -> FunnelRegression:
    """Weighted line through the funnel; "lm" is a common-effect regression whose errors are scaled by its residuals."""
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise EvidenceError(f"{test}: {x_name} is the same in all studies, so the funnel has no base and no tip")
    if ci not in ("wald", "hksj"):
        raise EvidenceError(f'ci must be "wald" or "hksj", got {ci!r}')
    estimator = "CE" if model == "lm" else method
    fit = batch.meta_analysis(y, v, estimator, design=np.column_stack([np.ones(len(x)), x]))
    scaled = model == "lm" or ci == "hksj"
    exact = scaled and exact_fit(y, v, fit.q[0])
    se = np.zeros(2) if exact else (fit.se_hksj if scaled else fit.se)[0]
    df = float(len(y) - 2) if scaled else None
    (limit, bias), (limit_se, bias_se) = map(float, fit.estimate[0]), map(float, se)
    if exact:
        warn(f"{test}: the studies lie exactly on a line; no error to test against")
    statistic, pvalue, bias_ci = inference(bias, bias_se, df, level)
    _, limit_pvalue, limit_ci = inference(limit, limit_se, df, level)
    slope = {"intercept": bias, "intercept_se": bias_se, "intercept_ci": bias_ci, "statistic": statistic, "df": df}
    end = {"limit": limit, "limit_se": limit_se, "limit_ci": limit_ci, "limit_pvalue": limit_pvalue}
    said = {"level": level, "methods": _how(model, x_name, df, method), "note": NOTE, "studies": rows.table}
    found: dict[str, Any] = {**slope, "pvalue": pvalue, **end, **said}
    return FunnelRegression(test, len(y), **found)


def _how(model, x_name, df, method):
    if model == "lm":
        return f"weighted least squares on {x_name}, multiplicative error, t on {df:.0f} degrees of freedom"
    limits = "normal limits" if df is None else f"Knapp-Hartung, t on {df:.0f} degrees of freedom"
    return f"random-effects meta-regression on {x_name}, {method}, {limits}"
