"""Begg and Mazumdar's rank correlation test of funnel asymmetry, with the exact distribution of Kendall's tau."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr

from ..door import door
from ..errors import EvidenceError, warn
from ..results import Result
from ..typed import Array, Frame, Studies
from .coefficients import p_text
from .complete import complete_rows, refuse_few
from .funnel_regression import FEW, NOTE, suits

EXACT = 500  # beyond, the exact distribution takes long and the normal one has the same three digits
NOTHING = "all effects or all variances are equal: a rank test has nothing to rank"


@dataclass(frozen=True, slots=True, repr=False)
class RankTest(Result):
    """Kendall's tau between standardized effects and their variances."""

    test: str
    k: int
    statistic: float
    pvalue: float
    exact: bool
    methods: str
    note: str
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.test}: Kendall's tau {self.statistic:.2f}, {p_text(self.pvalue)} ({self.k} studies); {self.note}"


@door
def begg(studies: Studies, *, insist: bool = False, estimate: Any = "estimate", variance: Any = "variance") -> RankTest:
    r"""Begg and Mazumdar's rank test.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
        One row a study.
    insist : bool
        Test with fewer than ten studies.

    Returns
    -------
    RankTest

    Notes
    -----
    Kendall's tau-b between :math:`(y_i - \hat\mu)/\sqrt{v_i - 1/\sum 1/v}` and :math:`v_i`. Without ties the P value is
    exact up to 500 studies; with ties, and beyond, it is the normal one with the tie-corrected variance and no
    continuity correction: R's ``cor.test(exact = TRUE)``, as in metafor's ``ranktest``. Time grows as k log k.

    References
    ----------
    begg1994; viechtbauer2010

    Examples
    --------
    >>> import reviewlib as rl
    >>> estimate = [0.9, 0.7, 0.8, 0.4, 0.5, 0.3, 0.2, 0.3, 0.1, 0.2]
    >>> variance = [0.20, 0.16, 0.12, 0.09, 0.08, 0.06, 0.04, 0.03, 0.02, 0.01]
    >>> studies = {"estimate": estimate, "variance": variance}
    >>> print(f"{rl.begg(studies).statistic:.2f}")
    0.73
    """
    suits("Begg's test", studies)
    rows = complete_rows(studies, estimate, variance)
    refuse_few(rows.k, "Begg's test", FEW, insist)
    if np.ptp(rows.y) <= 1e-12 * np.abs(rows.y).max():
        raise EvidenceError(NOTHING)
    w = 1 / rows.v
    mean = (w * rows.y).sum() / w.sum()
    standardized = (rows.y - mean) / np.sqrt(rows.v - 1 / w.sum())
    tau, pvalue, exact = kendall(standardized, rows.v)
    how = "exact" if exact else "normal approximation corrected for ties"
    how = f"normal approximation (more than {EXACT} studies)" if rows.k > EXACT else how
    return RankTest("Begg's test", rows.k, tau, pvalue, exact, f"Kendall's tau-b, {how}", NOTE, rows.table)


def kendall(x: Any, y: Array) -> tuple[float, float, bool]:
    """Return Kendall's tau-b, its two-sided P value, and whether that is exact (no ties, up to EXACT studies)."""
    from scipy.stats import kendalltau

    n = len(x)
    ties_x, ties_y = _tie_sizes(x), _tie_sizes(y)
    pairs = n * (n - 1) / 2
    spread = [pairs - (t * (t - 1)).sum() / 2 for t in (ties_x, ties_y)]
    if min(spread) <= 0:
        raise EvidenceError(NOTHING)
    tau = float(kendalltau(x, y, method="asymptotic").statistic)
    score = round(tau * float(np.sqrt(spread[0] * spread[1])))
    ties = not len(ties_x) == len(ties_y) == n
    if not ties and n <= EXACT:
        return tau, _exact_p(int(round((score + pairs) / 2)), n), True
    if ties and n < 50:
        warn("tied ranks: the P value is the normal approximation")
    return tau, float(2 * ndtr(-abs(score) / np.sqrt(_score_variance(n, ties_x, ties_y)))), False


def _tie_sizes(values):
    return np.unique(values, return_counts=True)[1].astype(float)


def _score_variance(n, s, t):
    base = n * (n - 1) * (2 * n + 5) - (s * (s - 1) * (2 * s + 5)).sum() - (t * (t - 1) * (2 * t + 5)).sum()
    both = (s * (s - 1)).sum() * (t * (t - 1)).sum() / (2 * n * (n - 1))
    triple = (s * (s - 1) * (s - 2)).sum() * (t * (t - 1) * (t - 2)).sum() / (9 * n * (n - 1) * (n - 2))
    return base / 18 + both + triple


def _exact_p(concordant, n):
    """Two-sided P value of the number of concordant pairs: the distribution of inversions, one element at a time."""
    share = np.ones(1)
    for size in range(2, n + 1):
        total = np.concatenate([[0.0], np.cumsum(np.concatenate([share, np.zeros(size - 1)]))])
        at = np.arange(len(share) + size - 1)
        share = (total[at + 1] - total[np.maximum(at + 1 - size, 0)]) / size
    fewest = min(concordant, len(share) - 1 - concordant)
    return float(min(1.0, 2 * share[: fewest + 1].sum()))
