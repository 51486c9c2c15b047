"""Tests of funnel asymmetry by regression, each for the measures it suits.

Small trials can show larger effects for many reasons: different patients, weaker methods, chance, an artefact of the
measure, and missing results. A test says that a funnel leans, not why.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..door import door
from ..errors import EvidenceError
from ..typed import Studies
from .complete import column
from .funnel_regression import FunnelRegression, events_of, funnel_rows, regress, suits, with_events


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
    rows = with_events(studies, estimate, variance, "Peters' test", insist)
    events, total = events_of(rows)
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
    rows = with_events(studies, estimate, variance, "Harbord's test", insist)
    events, total = events_of(rows)
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
