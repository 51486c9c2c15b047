"""The result of pooling: what it holds, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from ..batch.estimators import tau2_se
from ..errors import EvidenceError
from ..results import Interval, Result
from ..typed import Frame
from . import wording
from .heterogeneity import Heterogeneity, q_profile
from .quadratic_form import genq
from .rows import Rows


@dataclass(frozen=True, slots=True, repr=False)
class MetaAnalysis(Result):
    """A synthesis of k independent studies on one analysis scale (ratios as logarithms).

    `se`, `statistic` and `pvalue` belong to the interval `ci` (the last two are None where the standard error is zero).
    `weights` are fractions in the order of `studies`, nan for a row that is left out (its reason is in
    ``studies["excluded"]``). `prediction` is None for a common-effect model and below `prediction_min_k` studies. `i2`
    and `h2` come from tau2; `i2_q` is the older I2 from Q.
    """

    measure: str | None
    method: str
    ci_method: str
    level: float
    k: int
    estimate: float
    se: float
    ci: Interval
    statistic: float | None
    df: float | None
    pvalue: float | None
    prediction: Interval | None
    prediction_df: str
    tau2: float
    tau2_fixed: bool
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
        """Asymptotic standard error of tau2; None for a common effect and for a tau2 that was given."""
        return None if self.tau2_fixed else tau2_se(self._rows.y, self._rows.v, self.method, self.tau2)

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

    def heterogeneity(self, interval: str = "q-profile") -> Heterogeneity:
        """Return tau2, I2 and H2 with limits from the "q-profile" or the "generalized-q" (Jackson) interval."""
        y, v = self._rows.y, self._rows.v
        if interval not in ("q-profile", "generalized-q"):
            raise EvidenceError(f'interval must be "q-profile" or "generalized-q", got {interval!r}')
        limits = q_profile(y, v, self.level) if interval == "q-profile" else genq(y, v, self.level)
        w = 1 / v
        typical = (self.k - 1) / (w.sum() - (w**2).sum() / w.sum())
        i2, h2 = Interval(*(t / (t + typical) for t in limits)), Interval(*(t / typical + 1 for t in limits))
        spread = (self.tau2, limits, self.i2, i2, self.h2, h2)
        return Heterogeneity(*spread, self.q, self.q_pvalue, self.level, interval)

    def share_beyond(self, threshold: float, direction: str = "below") -> float | None:
        r"""Return the expected share of comparable settings whose true effect lies beyond `threshold`.

        `threshold` is on the analysis scale, `direction` "below" or "above". From the distribution behind the
        prediction interval (t around the mean with variance tau2 + SE^2); to be read with caution where tau2 is
        poorly known. None where there is no prediction interval.

        References
        ----------
        siemens2025
        """
        if direction not in ("below", "above"):
            raise EvidenceError(f'direction must be "below" or "above", got {direction!r}')
        if self.prediction is None:
            return None
        z = (threshold - self.estimate) / np.sqrt(self.tau2 + self._prediction_se() ** 2)
        z = z if direction == "below" else -z
        return float(ndtr(z) if self.prediction_df == "normal" else stdtr(self.k - int(self.prediction_df[-1]), z))

    def _prediction_se(self) -> float:
        plain = np.sqrt(1 / np.sum(1 / (self._rows.v + self.tau2)))
        return max(self.se, float(plain)) if self.ci_method in ("wider", "hksj-floor") else self.se

    def blup(self) -> Frame:
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

    def summary(self) -> str:
        """Return a text table: the sentence, one line a quantity, and the methods sentence under it."""
        lines = Result.summary(self).splitlines()
        lines = [line for line in lines if not line.startswith("methods ") and set(line) != {"="}]
        rule = "=" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, *wrap(self.methods, len(rule))])

    def to_frame(self) -> Frame:
        """Return one row; the weights stand in ``studies`` order in `weights` and are left out here."""
        return pd.DataFrame([{name: value for name, value in self._row().items() if name != "weights"}])
