"""Distribution of a weighted sum of chi-square variables, and the generalised-Q interval that rests on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import EvidenceError
from ..results import Interval
from ..typed import Array

LARGEST = 2000
POINTS = 240
_NEGLIGIBLE = 40.0  # exp(-40) is below the last digit of a probability


def weighted_chi2_cdf(x: Any, weights: Any) -> float:
    r"""Return P(sum of weights * chi-square(1) <= x) for positive weights, to about 15 digits.

    Notes
    -----
    The Laplace transform :math:`\prod (1 + 2\lambda_i p)^{-1/2} / p` is inverted by the trapezoidal rule along a
    parabola through its saddle point that bends no more than the path of steepest descent. All its singularities lie
    on the negative real axis, to the left of the parabola, so the rule converges geometrically.

    References
    ----------
    jackson2016
    """
    if x <= 0:
        return 0.0
    scaled = 2 * np.asarray(weights, float) / x
    saddle = _saddle(scaled)
    inner = scaled / (1 + scaled * saddle)
    second, third = (inner**2).sum() / 2 + saddle**-2, (inner**3).sum() + 2 * saddle**-3
    width, bend = second**-0.5, min(third / (6 * second**2), 0.05 * second**-0.5)
    u = (np.arange(POINTS) + 0.5) / POINTS * np.clip((_NEGLIGIBLE / bend) ** 0.5, 10.0, 400.0)
    z = saddle + 1j * width * u - bend * u**2
    height = z - np.log1p(scaled[:, None] * z).sum(0) / 2 - np.log(z)
    # past the first point where nothing is left the path may go anywhere: do not follow the parabola to the axis
    gone = np.flatnonzero(height.real < height[0].real - _NEGLIGIBLE)
    stop = gone[0] if gone.size else POINTS
    terms = np.exp(height[:stop]) * (1j * width - 2 * bend * u[:stop])
    return float(np.clip(terms.imag.sum() * (u[1] - u[0]) / np.pi, 0.0, 1.0))


def _saddle(scaled):
    """Return the point c > 0 where the exponent z - sum(log(1 + scaled z)) / 2 - log z is stationary, by Newton."""
    c = 1.0
    for _ in range(100):
        inner = scaled / (1 + scaled * c)
        step = (1 - inner.sum() / 2 - 1 / c) / ((inner**2).sum() / 2 + c**-2)
        c = c - step if step < c else c / 4
        if abs(step) < 1e-6 * c:  # any point near the saddle serves as well
            break
    return c


def genq(y: Array, v: Array, level: float = 0.95, weights: Any = None) -> Interval:
    r"""Return Jackson's generalised-Q interval for tau2.

    Parameters
    ----------
    y, v : ndarray (k,)
        Effects and variances.
    level : float
    weights : ndarray (k,), optional
        Fixed positive weights of Q; ``1 / v`` (so that Q is Cochran's) unless given.

    Returns
    -------
    Interval
        Both limits zero where even tau2 = 0 leaves less heterogeneity than chance would give.
        At most 2,000 studies: time grows with the cube of their number.

    Notes
    -----
    :math:`Q = \sum a_i (y_i - \bar y_a)^2` is distributed as a weighted sum of chi-square variables; its tail
    probability at the observed value rises with tau2 and is set equal to each tail of the interval.

    References
    ----------
    jackson2016
    """
    if len(y) > LARGEST:
        raise EvidenceError(
            f"the generalised-Q interval takes up to {LARGEST} studies, got {len(y)}: use the Q-profile interval"
        )
    a = 1 / v if weights is None else np.asarray(weights, float)
    P = np.diag(a) - np.outer(a, a) / a.sum()
    q = float(y @ P @ y)

    def below(tau2):
        root = np.sqrt(v + tau2)
        return weighted_chi2_cdf(q, np.linalg.eigvalsh(root[:, None] * P * root)[1:])

    tail = (1 - level) / 2
    return Interval(_crossing(below, 1 - tail, np.median(v)), _crossing(below, tail, np.median(v)))


def _crossing(below, target, scale):
    """Return the tau2 at which the falling function `below` reaches `target`, zero where it starts lower."""
    from scipy.optimize import brentq

    if below(0.0) <= target:
        return 0.0
    high = scale
    while below(high) > target:
        high *= 4
    # in units of `scale`, so that the tolerance is relative
    return scale * brentq(lambda t: below(t * scale) - target, 0.0, high / scale, xtol=1e-300, rtol=1e-14)
