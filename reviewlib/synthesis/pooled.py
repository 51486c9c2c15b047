"""One random-effects meta-analysis, and the house rule by which pages choose how to do it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import chdtrc, stdtr

from .. import batch
from ..errors import EvidenceError, MethodWarning, TooFewStudiesError
from ..results import Interval, Result
from . import wording
from .heterogeneity import Heterogeneity, q_profile, tau2_se
from .intervals import check_rule, mean_interval, prediction_interval, two_sided_p
from .quadratic_form import genq
from .rows import Rows, read_rows


@dataclass(frozen=True, slots=True)
class MetaAnalysis(Result):
    """A synthesis of k independent studies on one analysis scale (ratios as logarithms).

    `se`, `statistic` and `pvalue` belong to the interval `ci`. `weights` are fractions in the order of `studies`, nan
    for a row that is left out (its reason is in ``studies["excluded"]``). `prediction` is None for a common-effect
    model and below `prediction_min_k` studies. `i2` and `h2` come from tau2; `i2_q` is the older I2 from Q.
    """

    measure: str | None
    method: str
    ci_method: str
    level: float
    k: int
    estimate: float
    se: float
    ci: Interval
    statistic: float
    df: float | None
    pvalue: float
    prediction: Interval | None
    prediction_df: str
    tau2: float
    q: float
    q_pvalue: float
    i2: float
    i2_q: float
    h2: float
    converged: bool
    weights: tuple
    studies: Any = field(repr=False, compare=False)
    _rows: Rows = field(repr=False, compare=False)

    @property
    def tau(self) -> float:
        return self.tau2**0.5

    @property
    def tau2_se(self) -> float | None:
        """Asymptotic standard error of tau2."""
        return tau2_se(self._rows.y, self._rows.v, self.method, self.tau2)

    @property
    def tau2_ci(self) -> Interval:
        """Q-profile interval for tau2, computed when asked for."""
        return q_profile(self._rows.y, self._rows.v, self.level)

    @property
    def i2_ci(self) -> Interval:
        return self.heterogeneity().i2_ci

    @property
    def h2_ci(self) -> Interval:
        return self.heterogeneity().h2_ci

    def heterogeneity(self, interval="q-profile") -> Heterogeneity:
        """Return tau2, I2 and H2 with limits from the "q-profile" or the "generalized-q" (Jackson) interval."""
        y, v = self._rows.y, self._rows.v
        if interval not in ("q-profile", "generalized-q"):
            raise EvidenceError(f'interval must be "q-profile" or "generalized-q", got {interval!r}')
        limits = q_profile(y, v, self.level) if interval == "q-profile" else genq(y, v, self.level)
        w = 1 / v
        typical = (self.k - 1) / (w.sum() - (w**2).sum() / w.sum())
        i2, h2 = (lambda t: t / (t + typical)), (lambda t: t / typical + 1)
        return Heterogeneity(
            self.tau2,
            limits,
            i2(self.tau2),
            Interval(*map(i2, limits)),
            h2(self.tau2),
            Interval(*map(h2, limits)),
            self.q,
            self.q_pvalue,
            self.level,
            interval,
        )

    def share_beyond(self, threshold, direction="below") -> float | None:
        r"""Return the expected share of comparable settings whose true effect lies beyond `threshold`.

        `threshold` is on the analysis scale, `direction` "below" or "above". From the predictive distribution: t on
        k - 1 around the mean with variance tau2 + SE^2; to be read with caution where tau2 is poorly known. None
        where there is no prediction interval.

        References
        ----------
        siemens2025
        """
        if direction not in ("below", "above"):
            raise EvidenceError(f'direction must be "below" or "above", got {direction!r}')
        if self.prediction is None:
            return None
        z = (threshold - self.estimate) / np.sqrt(self.tau2 + self._prediction_se() ** 2)
        return float(stdtr(self.k - 1, z if direction == "below" else -z))

    def _prediction_se(self) -> float:
        plain = np.sqrt(1 / np.sum(1 / (self._rows.v + self.tau2)))
        return max(self.se, float(plain)) if self.ci_method in ("wider", "hksj-floor") else self.se

    def blup(self):
        """Return one row a study: its own effect, and the empirical Bayes prediction of its true effect.

        Columns label, estimate, variance, prediction, se, ci_low, ci_high, shrinkage (0 the study's own effect, 1 the
        mean). Limits use the quantile of the interval for the mean.
        """
        from .predictions import study_predictions

        return study_predictions(self)

    @property
    def methods(self) -> str:
        """The sentence for a methods section that says exactly what was done."""
        return wording.methods(self)

    def __str__(self) -> str:
        return wording.sentence(self)

    def _row(self) -> dict:
        # zero-argument super() does not work in a dataclass with slots
        row = Result._row(self)
        row["weights"] = [None if np.isnan(w) else w for w in self.weights]
        row["tau2_se"] = self.tau2_se
        row["tau2_ci_low"], row["tau2_ci_high"] = self.tau2_ci
        row["methods"] = self.methods
        return row

    def to_frame(self):
        """Return one row; the weights stand in ``studies`` order in `weights` and are left out here."""
        import pandas as pd

        return pd.DataFrame([{name: value for name, value in self._row().items() if name != "weights"}])


def meta_analysis(
    studies,
    *,
    method="REML",
    ci="hksj",
    level=0.95,
    estimate="estimate",
    variance="variance",
    label=None,
    measure=None,
    prediction_df="k-1",
    prediction_min_k=5,
    tau2=None,
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
    ci : {"hksj", "wald", "hksj-floor", "wider"}
        Interval for the mean, see `reviewlib.synthesis.intervals.mean_interval`.
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
        Two studies (limits are provisional), or a HKSJ interval that is narrower than half the common-effect one.

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
    effect 0.28 (95% CI 0.04 to 0.53; 5 studies)
    """
    check_rule(ci, level)
    measure = measure_of(studies) if measure is None else measure
    rows = studies._rows if isinstance(studies, MetaAnalysis) else read_rows(studies, estimate, variance, label)
    need_two(rows)
    fit = batch.fit(rows.y[None], rows.v[None], method, tau2=tau2)
    return _result(rows, fit, ci, level, measure, prediction_df, prediction_min_k)


def measure_of(studies):
    """Return the measure that a table or a result says it holds, or None."""
    return getattr(studies, "measure", None) if isinstance(studies, MetaAnalysis) else _attribute(studies)


def _attribute(studies):
    value = getattr(studies, "attrs", {}).get("measure")
    return value if isinstance(value, str) else None


def need_two(rows):
    """Refuse to pool fewer than two studies."""
    if rows.k < 2:
        what = "report the study by itself" if rows.k else "no study has an effect"
        raise TooFewStudiesError(f"pooling needs 2 studies, got {rows.k}: {what}")


def _result(rows, fit, rule, level, measure, prediction_df, prediction_min_k):
    se, df, low, high = (float(a[0]) for a in mean_interval(fit, rule, level))
    mean, tau2, q, k = float(fit.estimate[0]), float(fit.tau2[0]), float(fit.q[0]), rows.k
    wide = max(se, float(fit.se[0])) if rule in ("wider", "hksj-floor") else se
    limits = prediction_interval(fit, np.array([wide]), level, prediction_df)
    prediction = Interval(float(limits[0][0]), float(limits[1][0]))
    known = k >= prediction_min_k and np.isfinite(prediction.low)
    statistic = mean / se if se > 0 else np.copysign(np.inf, mean) if mean else np.nan
    result = MetaAnalysis(
        measure=measure,
        method=fit.method,
        ci_method="wald" if fit.method == "CE" else rule,
        level=level,
        k=k,
        estimate=mean,
        se=se,
        ci=Interval(low, high),
        statistic=float(statistic),
        df=df if np.isfinite(df) else None,
        pvalue=float(two_sided_p(statistic, df)),
        prediction=prediction if known else None,
        prediction_df=prediction_df,
        tau2=tau2,
        q=q,
        q_pvalue=float(chdtrc(k - 1, q)),
        i2=float(fit.i2[0]),
        i2_q=float(fit.i2_q[0]),
        h2=float(fit.h2[0]),
        converged=bool(fit.converged[0]),
        weights=_weights(rows, tau2),
        studies=rows.table,
        _rows=rows,
    )
    _warn(result, float(np.sqrt(1 / np.sum(1 / rows.v))))
    return result


def _weights(rows, tau2):
    w = 1 / (rows.v + tau2)
    w /= w.sum()
    if rows.used.all():
        return tuple(w.tolist())
    every = np.full(len(rows.used), np.nan)
    every[rows.used] = w
    return tuple(every.tolist())


def _warn(result, common_se):
    if not result.converged:
        warnings.warn(f"{result.method} did not converge: use another estimator", MethodWarning, stacklevel=4)
    if result.method == "CE":
        return
    if result.k == 2:
        text = "two studies: tau2 cannot be estimated reliably and the limits are provisional; show both trials"
        warnings.warn(text, MethodWarning, stacklevel=4)
    elif result.ci_method == "hksj" and result.ci.high - result.ci.low < 1.96 * common_se:
        text = (
            "the studies agree so closely that the HKSJ interval is less than half as wide as the common-effect one: "
            'do not rely on it; ci="wider" guards against this'
        )
        warnings.warn(text, MethodWarning, stacklevel=4)


def house_rule(studies, measure=None, **options) -> MetaAnalysis:
    """Pool by the rule of these pages: REML, the wider of the HKSJ and Wald intervals, prediction from five studies.

    With two studies the limits are Wald's and provisional (MethodWarning: show both trials); one study is refused, it
    is to be reported by itself. `options` go to `meta_analysis` (`level`, `estimate`, `variance`, `label`).

    References
    ----------
    jackson2017; bender2018
    """
    return meta_analysis(studies, method="REML", ci="wider", measure=measure, **options)
