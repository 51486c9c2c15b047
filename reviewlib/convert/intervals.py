"""Intervals of ratios and differences: to the log scale and back, and whether the estimate sits in the middle."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import warn
from ..results import Interval
from ..typed import Number
from .quantities import numbers_only, plain, quantile, require


@numbers_only
def ci_from_se(estimate: Number, se: Number, level: float = 0.95, df: Any = None) -> Interval:
    r"""Confidence interval, estimate ± quantile times SE, on the scale of the estimate.

    Parameters
    ----------
    estimate, se : float
        On one scale (the log scale for ratios).
    level : float, default 0.95
        Coverage, as a fraction.
    df : float, optional
        Degrees of freedom of Student's t; None: the normal quantile.

    Returns
    -------
    Interval
        On the scale of the estimate.

    Examples
    --------
    >>> low, high = ci_from_se(-2.6, 1.8167)
    >>> print(f"{low:.2f} to {high:.2f}")
    -6.16 to 0.96
    """
    require(np.asarray(se) >= 0, "a standard error cannot be negative", se)
    half = np.asarray(quantile(level, df)) * np.asarray(se, float)
    return Interval(plain(np.asarray(estimate, float) - half), plain(np.asarray(estimate, float) + half))


@numbers_only
def ratio_ci_from_log_se(log_estimate: Number, se: Number, level: float = 0.95) -> Interval:
    """Confidence interval of a ratio, on the ratio scale, from the log estimate and its standard error.

    Parameters
    ----------
    log_estimate, se : float
        On the log scale.
    level : float, default 0.95
        Coverage, as a fraction.

    Returns
    -------
    Interval
        On the ratio scale.

    Examples
    --------
    >>> import numpy as np
    >>> from reviewlib.convert import ratio_ci_from_log_se
    >>> low, high = ratio_ci_from_log_se(np.log(0.5), 0.2)
    >>> print(f"{low:.2f} to {high:.2f}")
    0.34 to 0.74
    """
    low, high = ci_from_se(log_estimate, se, level)
    return Interval(plain(np.exp(low)), plain(np.exp(high)))


@numbers_only
def geometric_mean(low: Number, high: Number) -> Number:
    """Middle of an interval of a ratio: the square root of the product of its limits.

    Parameters
    ----------
    low, high : float
        On the ratio scale, above 0.

    Returns
    -------
    float
        On the ratio scale.

    Examples
    --------
    >>> print(f"{geometric_mean(0.5, 2.0):.1f}")
    1.0
    """
    require((np.asarray(low) > 0) & (np.asarray(high) > 0), "limits of a ratio must be above 0", low, high)
    return plain(np.exp((np.log(low) + np.log(high)) / 2))


@numbers_only
def midpoint_check(estimate: Number, low: Number, high: Number, ratio: Any = False) -> Number:
    r"""How far the estimate lies from the middle of its interval, as a fraction of half the interval's width.

    Parameters
    ----------
    estimate, low, high : float or array
        As printed; for a ratio on the ratio scale.
    ratio : bool, default False
        Take logarithms first.

    Returns
    -------
    float or array
        0 in the middle, -1 at the lower and +1 at the upper limit.

    Notes
    -----
    .. math:: \frac{2 y - (l + u)}{u - l}

    Rounding to the printed digits moves it a little; beyond about 0.1 the interval is exact, profiled or
    bootstrapped, or a digit is misread, and an SE from its width is approximate.

    References
    ----------
    higgins2024ch6, section 6.3

    Examples
    --------
    >>> print(f"{midpoint_check(1.45, 1.13, 1.85, ratio=True):.2f}")
    0.01
    """
    y, l, u = (np.asarray(v, float) for v in (estimate, low, high))  # noqa: E741
    require(l < u, "the lower limit must be below the upper limit", l, u)
    if ratio:
        require((y > 0) & (l > 0), "a ratio and its limits must be above 0", y, l)
        y, l, u = np.log(y), np.log(l), np.log(u)  # noqa: E741
    return plain((2 * y - (l + u)) / (u - l))


@numbers_only
def se_from_ratio_ci(
    low: Number, high: Number, level: float = 0.95, *, estimate: Number | None = None, tolerance: float = 0.1
) -> Number:
    r"""Standard error of the log ratio from the confidence interval of the ratio.

    Parameters
    ----------
    low, high : float or array
        Limits on the ratio scale, above 0.
    level : float, default 0.95
        Coverage, as a fraction.
    estimate : float or array, optional
        The printed ratio. When given, a MethodWarning says that it is not in the middle of the log interval.
    tolerance : float, default 0.1
        Distance from the middle, as a fraction of half the width, up to which nothing is said.

    Returns
    -------
    float
        On the log scale.

    Notes
    -----
    .. math:: SE = \frac{\ln high - \ln low}{2\,z}

    References
    ----------
    higgins2024ch6, section 6.3

    Examples
    --------
    >>> print(f"{se_from_ratio_ci(1.13, 1.85):.3f}")
    0.126
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    require(low > 0, "limits of a ratio must be above 0", low)
    require(low < high, "the lower limit must be below the upper limit", low, high)
    if estimate is not None:
        off = np.asarray(midpoint_check(estimate, low, high, ratio=True))
        if np.any(np.abs(off) > tolerance):
            worst = float(off.flat[np.nanargmax(np.abs(off))])
            warn(
                f"the ratio lies {worst:+.0%} of half the width off the middle of its log interval: "
                "the limits are rounded or exact, and this standard error is approximate"
            )
    return plain((np.log(high) - np.log(low)) / (2 * np.asarray(quantile(level))))
