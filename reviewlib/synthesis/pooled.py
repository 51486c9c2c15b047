"""One random-effects meta-analysis, and the house rule by which pages choose how to do it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

from .. import batch
from ..door import door
from ..errors import TooFewStudiesError, warn
from ..gate import measure_of
from ..measures import MEASURES, is_ratio
from ..results import Interval
from ..typed import Studies
from .intervals import (
    DEFAULT_PREDICTION_DF,
    DEFAULT_PREDICTION_MIN_K,
    DEFAULT_RULE,
    check_rule,
    mean_interval,
    prediction_interval,
    two_sided_p,
)
from .result import MetaAnalysis
from .rows import read_rows


@door
def meta_analysis(
    studies: Studies,
    *,
    method: str = "REML",
    ci: Any = DEFAULT_RULE,
    level: float = 0.95,
    estimate: Any = "estimate",
    variance: Any = "variance",
    label: str | None = None,
    measure: str | None = None,
    prediction_df: str = DEFAULT_PREDICTION_DF,
    prediction_min_k: int = DEFAULT_PREDICTION_MIN_K,
    tau2: float | None = None,
) -> MetaAnalysis:
    r"""Pool independent studies.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        One row a study: `estimate` on the analysis scale (ratios as logarithms) and `variance` (or `se`). Rows with a
        missing value, or a reason in `excluded`, are left out and kept with the reason. The rows of a MetaAnalysis
        can be pooled again by another method.
    method : {"REML", "DL", "PM", "ML", "EB", "HE", "HS", "SJ", "CE"}
        Estimator of the between-study variance; "CE" is the common-effect model, always with normal limits.
    ci : {"wider", "hksj", "wald", "hksj-floor"}
        Interval for the mean, see `reviewlib.synthesis.intervals.mean_interval`. The default is that of the pages and
        of the command line.
    level : float
        Coverage of every interval.
    estimate, variance, label : str
        Names of columns.
    measure : str, optional
        What the effects are ("RR", "MD", ...); else taken from ``studies.attrs["measure"]`` where it stands.
    prediction_df : {"k-1", "k-2", "normal"}
        Degrees of freedom of the prediction interval. "normal" is metafor's default.
    prediction_min_k : int
        No prediction interval below this many studies.
    tau2 : float, optional
        Use this between-study variance instead of estimating it.

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    TooFewStudiesError
        Fewer than two usable studies.

    Warns
    -----
    MethodWarning
        Two studies (limits are provisional), a HKSJ interval that is narrower than half the common-effect one, or a
        ratio whose estimates are all above 0 and might not be logarithms.

    Notes
    -----
    The prediction interval is :math:`\hat\mu \pm t \sqrt{\hat\tau^2 + SE^2}` with the SE of `ci`; for "wider" and
    "hksj-floor" the larger of the two standard errors.

    References
    ----------
    viechtbauer2010; veroniki2016; riley2011; veroniki2019

    Examples
    --------
    >>> fit = meta_analysis({"estimate": [0.1, 0.3, 0.6, 0.4, 0.2], "variance": [0.02, 0.03, 0.02, 0.05, 0.01]})
    >>> print(fit)
    effect 0.31 (95% CI 0.06 to 0.55; 5 studies); 95% prediction interval -0.17 to 0.78
    """
    check_rule(ci, level)
    measure = measure_of(studies, measure)
    rows = studies._rows if isinstance(studies, MetaAnalysis) else read_rows(studies, estimate, variance, label)
    need_two(rows)
    _unsaid_logarithms(rows, measure, estimate)
    fit = batch.fit(rows.y[None], rows.v[None], method, tau2=tau2)
    return _result(rows, fit, ci, level, measure, prediction_df, prediction_min_k, tau2 is not None)


def _unsaid_logarithms(rows, measure, estimate):
    """Warn where a ratio is pooled from numbers above 0 that nothing but the caller calls its logarithms."""
    if not (measure in MEASURES and is_ratio(measure) and (rows.y > 0).all()):
        return
    if not ("route" in rows.table or rows.table.attrs.get("logarithms") or estimate != "estimate"):
        warn(
            f"every {estimate} is above 0 and was read as the logarithm of {measure}: ratios as printed go through "
            'effect_sizes(table, "GEN", ratio=True) first'
        )


def need_two(rows: Any) -> None:
    """Refuse to pool fewer than two studies."""
    if rows.k < 2:
        what = "report the study by itself" if rows.k else "no study has an effect"
        raise TooFewStudiesError(f"pooling needs 2 studies, got {rows.k}: {what}")


def _result(rows, fit, rule, level, measure, prediction_df, prediction_min_k, fixed):
    se, df, low, high = (float(a[0]) for a in mean_interval(fit, rule, level))
    mean, tau2, q, k = float(fit.estimate[0]), float(fit.tau2[0]), float(fit.q[0]), rows.k
    wide = max(se, float(fit.se[0])) if rule in ("wider", "hksj-floor") else se
    limits = prediction_interval(fit, np.array([wide]), level, prediction_df)
    prediction = Interval(float(limits[0][0]), float(limits[1][0]))
    known = k >= prediction_min_k and np.isfinite(prediction.low)
    statistic = mean / se if se > 0 else None
    pvalue = None if statistic is None else float(two_sided_p(statistic, df))
    model = {"measure": measure, "method": fit.method, "ci_method": "wald" if fit.method == "CE" else rule}
    test = {"statistic": statistic, "df": df if np.isfinite(df) else None, "pvalue": pvalue}
    ahead = {"prediction": prediction if known else None, "prediction_df": prediction_df}
    spread = {"tau2": tau2, "tau2_fixed": fixed, "q": q, "q_pvalue": float(chdtrc(k - 1, q))}
    spread |= {name: float(getattr(fit, name)[0]) for name in ("i2", "i2_q", "h2")}
    kept = {"weights": _weights(rows, tau2), "studies": rows.table, "_rows": rows}
    found = {**model, **test, **ahead, **spread, **kept, "converged": bool(fit.converged[0])}
    result = MetaAnalysis(level=level, k=k, estimate=mean, se=se, ci=Interval(low, high), **found)
    _warn(result, rows)
    return result


def _weights(rows, tau2):
    w = 1 / (rows.v + tau2)
    w /= w.sum()
    if rows.used.all():
        return tuple(w.tolist())
    every = np.full(len(rows.used), np.nan)
    every[rows.used] = w
    return tuple(every.tolist())


def _warn(result, rows):
    if not result.converged:
        warn(f"{result.method} did not converge: use another estimator")
    if result.method == "CE":
        return
    if result.k == 2:
        warn("two studies: tau2 cannot be estimated reliably and the limits are provisional; show both trials")
    elif result.ci_method == "hksj" and result.ci.high - result.ci.low < 1.96 * np.sqrt(1 / np.sum(1 / rows.v)):
        text = (
            "the studies agree so closely that the HKSJ interval is less than half as wide as the common-effect one: "
            'do not rely on it; ci="wider" guards against this'
        )
        warn(text)


@door
def house_rule(studies: Studies, measure: str | None = None, **options: Any) -> MetaAnalysis:
    """Pool by the rule of these pages: REML, the wider of the HKSJ and Wald intervals, prediction from five studies.

    With two studies the limits are Wald's and provisional (MethodWarning: show both trials); one study is refused, it
    is to be reported by itself. `options` go to `meta_analysis` (`level`, `estimate`, `variance`, `label`).

    Parameters
    ----------
    studies : DataFrame or dict of columns
        Columns estimate and variance on the analysis scale (log for ratios).
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    TooFewStudiesError
        Fewer than two usable studies.

    References
    ----------
    jackson2017; bender2018

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.house_rule(trials, "MD"))
    MD 0.23 (95% CI 0.01 to 0.45; 4 studies)
    """
    return meta_analysis(studies, measure=measure, **options)
