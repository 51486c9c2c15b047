"""Between-study variance: its standard error and its interval, with the limits of I2 and H2 that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtri

from .. import batch
from ..batch.tau2 import q_root
from ..results import Interval, Result, percent
from ..typed import Array


def q_profile(y: Array, v: Array, level: float = 0.95, design: Any = None) -> Interval:
    r"""Return the Q-profile interval for tau2.

    Parameters
    ----------
    y, v : ndarray (k,)
        Effects and variances.
    level : float
    design : ndarray (k, p), optional

    Returns
    -------
    Interval
        In squared units of the effects. Both limits are zero where even tau2 = 0 leaves less heterogeneity than
        chance would give (an empty interval, reported as zero). The upper limit is never cut.

    Notes
    -----
    The tau2 at which :math:`Q(\tau^2)` equals the upper and the lower quantile of chi-square on k - p.

    References
    ----------
    viechtbauer2007
    """
    twice = lambda a: np.broadcast_to(a, (2, len(a)))  # noqa: E731
    model = batch.model(twice(y), twice(v), design)
    tail = (1 - level) / 2
    target = np.array([chdtri(model.df[0], tail), chdtri(model.df[0], 1 - tail)])
    low, high = q_root(model, target)[0]
    return Interval(float(low), float(high))


@dataclass(frozen=True, slots=True, repr=False)
class Heterogeneity(Result):
    """Between-study variance with its interval, and I2 and H2 at the same limits (fractions, not per cent)."""

    tau2: float
    tau2_ci: Interval
    i2: float
    i2_ci: Interval
    h2: float
    h2_ci: Interval
    q: float
    q_pvalue: float
    level: float
    method: str

    @property
    def tau(self) -> float:
        return self.tau2**0.5

    def __str__(self) -> str:
        low, high = self.tau2_ci
        return (
            f"tau2 {self.tau2:.4g} ({percent(self.level)} CI {low:.4g} to {high:.4g}, {self.method}); "
            f"I2 {self.i2:.0%} ({self.i2_ci.low:.0%} to {self.i2_ci.high:.0%})"
        )
