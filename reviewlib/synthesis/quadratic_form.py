"""Distribution of a weighted sum of chi-square variables, and the generalised-Q interval that rests on it."""

from __future__ import annotations

import numpy as np

from ..results import Interval

POINTS = 32


def weighted_chi2_cdf(x, weights):
    r"""Return P(sum of weights * chi-square(1) <= x) for positive weights.

    Notes
    -----
    The Laplace transform :math:`\prod (1 + 2\lambda_i p)^{-1/2} / p` is inverted along Talbot's contour, on which the
    trapezoidal rule converges geometrically: 32 points give about 13 digits, for any spread of the weights.

    References
    ----------
    trefethen2006
    """
    if x <= 0:
        return 0.0
    theta = (2 * np.arange(POINTS) + 1 - POINTS) * np.pi / POINTS
    a, b, c, d = 0.5017, 0.6407, 0.6122, 0.2645  # the contour of trefethen2006; any near it gives the same integral
    z = POINTS * (a * theta / np.tan(b * theta) - c + 1j * d * theta)
    turn = POINTS * (a / np.tan(b * theta) - a * b * theta / np.sin(b * theta) ** 2 + 1j * d)
    transform = np.prod((1 + 2 * np.asarray(weights)[:, None] / x * z) ** -0.5, axis=0) / z
    return float(np.clip((np.exp(z) * transform * turn).sum().imag / POINTS, 0.0, 1.0))


def genq(y, v, level=0.95, weights=None):
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

    Notes
    -----
    :math:`Q = \sum a_i (y_i - \bar y_a)^2` is distributed as a weighted sum of chi-square variables; its tail
    probability at the observed value rises with tau2 and is set equal to each tail of the interval.

    References
    ----------
    jackson2013
    """
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
