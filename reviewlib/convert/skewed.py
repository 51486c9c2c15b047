"""McGrath's two ways to a mean and SD when the data behind the quantiles were skewed, both deterministic.

Written from the paper's description and proven by identities (exact quantiles of a family give back its mean and SD),
by simulation, and by one printed example of the authors' R package; the package itself was not run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaincinv, gamma, gammaincinv, ndtri

from ..errors import ConversionError
from ..typed import Array, Number
from .quartiles import luo_mean, wan_sd


def quantile_estimation(five: Array, n: Number) -> tuple[Any, Any, str]:
    r"""Mean, SD and family of the distribution whose quantiles lie nearest to the printed ones.

    Parameters
    ----------
    five : array of 5
        Minimum, q1, median, q3, maximum; NaN where absent.
    n : int
        People in the group.

    Returns
    -------
    mean, sd : float
    family : str
        normal, log-normal, gamma, Weibull, or beta (only within 0 to 1); normal alone when a value is negative.

    Notes
    -----
    .. math:: \min_\theta \sum_j \big(F_\theta^{-1}(p_j) - q_j\big)^2,
              \quad p = \tfrac1n, \tfrac14, \tfrac12, \tfrac34, 1 - \tfrac1n

    Each family but beta is a shape times a scale, so that the scale is solved exactly and the shape is searched in one
    dimension over a grid and then refined: no starting value, no randomness.

    References
    ----------
    mcgrath2020
    """
    given = ~np.isnan(five)
    p, q = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])[given], five[given]
    fits = [_normal_fit(p, q)]
    if q[0] >= 0:
        fits += [_scale_fit(p, q, *family) for family in _FAMILIES]
    if q[0] >= 0 and q[-1] <= 1:
        fits.append(_beta_fit(p, q))
    _, mean, sd, name = min(fits, key=lambda fit: fit[0])
    return mean, sd, name


def _normal_fit(p, q):
    design = np.column_stack([np.ones_like(p), ndtri(p)])
    (mean, sd), *_ = np.linalg.lstsq(design, q, rcond=None)
    return float(((design @ [mean, sd] - q) ** 2).sum()), float(mean), float(sd), "normal"


def _log_normal(sigma, p):
    return np.exp(sigma * ndtri(p)), np.exp(sigma**2 / 2), np.exp(sigma**2 / 2) * np.sqrt(np.expm1(sigma**2))


def _gamma(shape, p):
    return gammaincinv(shape, p), shape, np.sqrt(shape)


def _weibull(shape, p):
    mean = gamma(1 + 1 / shape)
    return (-np.log1p(-p)) ** (1 / shape), mean, np.sqrt(gamma(1 + 2 / shape) - mean**2)


# Name, quantiles of the family with scale 1 (with its mean and SD), and the range of shapes searched (log scale).
_FAMILIES = (
    ("log-normal", _log_normal, (1e-3, 5.0)),
    ("gamma", _gamma, (1e-2, 1e5)),
    ("Weibull", _weibull, (0.1, 100.0)),
)


def _scale_fit(p, q, name, family, shapes):
    """Fit a family of the form scale times shape; return loss, mean, SD, name."""

    def loss(log_shape):
        unit = family(np.exp(log_shape), p)[0]
        scale = (unit @ q) / (unit @ unit)
        return ((scale * unit - q) ** 2).sum()

    best = _minimum(loss, np.log(shapes[0]), np.log(shapes[1]))
    unit, mean, sd = family(np.exp(best), p)
    scale = (unit @ q) / (unit @ unit)
    return float(loss(best)), float(scale * mean), float(scale * sd), name


def _beta_fit(p, q):
    """Fit a beta distribution: mean and size searched by simplex from the normal fit."""
    from scipy.optimize import minimize

    def shapes(theta):
        mean, size = 1 / (1 + np.exp(-theta[0])), np.exp(theta[1])
        return mean * size, (1 - mean) * size

    def loss(theta):
        return ((betaincinv(*shapes(theta), p) - q) ** 2).sum()

    _, mean, sd, _ = _normal_fit(p, q)
    mean = min(max(mean, 0.01), 0.99)
    start = [np.log(mean / (1 - mean)), np.log(max(mean * (1 - mean) / max(sd, 1e-6) ** 2 - 1, 0.5))]
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-18, "maxiter": 4000})
    a, b = shapes(found.x)
    return float(found.fun), float(a / (a + b)), float(np.sqrt(a * b / (a + b + 1)) / (a + b)), "beta"


def _minimum(loss, low, high):
    """Return the argument of the smallest value: a grid finds the valley, Brent's method its floor."""
    from scipy.optimize import minimize_scalar

    grid = np.linspace(low, high, 80)
    i = int(np.argmin([loss(x) for x in grid]))
    bounds = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
    return float(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x)


def box_cox(five: Array, n: Number) -> tuple[Any, Any, Any]:
    r"""Mean, SD and power: the quantiles are made symmetric by a Box-Cox power, converted, and turned back.

    Parameters
    ----------
    five : array of 5
        Minimum, q1, median, q3, maximum; NaN where absent; all above 0.
    n : int
        People in the group.

    Returns
    -------
    mean, sd : float
    family : str
        Says the power.

    Notes
    -----
    The power :math:`\lambda` in 0 to 10 makes the transformed quantiles symmetric about the median. With five numbers
    the sum of the two squared asymmetries is least, each relative to its spread (the authors take the ratio of the two
    sides, which fails where a quartile equals the median). Mean and SD on the transformed scale are those of Luo 2018
    and Wan 2014; on the scale of the instrument they are the moments of the back-transformed normal, by Gauss-Legendre
    quadrature where the authors draw random numbers. The normal is cut where it has no back-transformation, and at the
    same distance above its mean, as the authors do.

    References
    ----------
    mcgrath2020
    """
    if not np.nanmin(five) > 0:
        raise ConversionError("the Box-Cox method needs values above 0: use method 'qe' or leave the study out")

    def asymmetry(power):
        a, q1, m, q3, b = _power(five, power)
        spread = np.array([(b - a, b + a - 2 * m), (q3 - q1, q3 + q1 - 2 * m)])
        # Relative to the spread, because the transformed unit itself changes with the power.
        return np.nansum((spread[:, 1] / spread[:, 0]) ** 2)

    power = _minimum(asymmetry, 0.0, 10.0)
    flat = _power(five, power)
    mean, sd = _back_moments(luo_mean(flat, n), wan_sd(flat, n), power)
    return mean, sd, f"Box-Cox power {power:.2f}"


def _power(x, power):
    return np.log(x) if power < 1e-8 else np.expm1(power * np.log(x)) / power


def _back_moments(mean, sd, power):
    """Mean and SD of the inverse Box-Cox transform of a normal variable, by quadrature within 8 SD."""
    reach = 8.0
    if power >= 1e-8:
        reach = min(reach, (mean + 1 / power) / sd)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    z = reach * nodes
    weights = weights * np.exp(-(z**2) / 2)
    y = mean + sd * z
    x = np.exp(y) if power < 1e-8 else np.maximum(power * y + 1, 0.0) ** (1 / power)
    first = (weights * x).sum() / weights.sum()
    return float(first), float(np.sqrt((weights * (x - first) ** 2).sum() / weights.sum()))
