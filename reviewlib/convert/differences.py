"""Recover the SE of a difference, and the SD behind it, from what the paper happens to report; as in `dispersion`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Number
from .quantities import numbers_only, plain, quantile, require, statistic_from_p


@numbers_only
def se_from_ci(low: Number, high: Number, level: float = 0.95, df: Any = None) -> Number:
    r"""Standard error from a symmetric confidence interval, in units of the limits.

    Parameters
    ----------
    low, high : float or array
        Limits, on the scale on which the interval is symmetric (the log scale for ratios: `se_from_ratio_ci`).
    level : float, default 0.95
        Coverage, as a fraction.
    df : float or array, optional
        Degrees of freedom: n1 + n2 - 2 for a difference of two means, n - 1 for one mean. None: the normal quantile.

    Returns
    -------
    float
        On the scale of the limits.

    Notes
    -----
    .. math:: SE = \frac{high - low}{2\,t_{df}}

    References
    ----------
    higgins2024ch6, section 6.5.2.3

    Examples
    --------
    >>> print(f"{se_from_ci(-4.0, -1.8):.3f} {se_from_ci(-4.0, -1.8, df=267):.3f}")
    0.561 0.559
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    require(low < high, "the lower limit must be below the upper limit", low, high)
    return plain((high - low) / (2 * np.asarray(quantile(level, df))))


@numbers_only
def se_from_p(estimate: Number, p: Number, df: Any = None) -> Number:
    r"""Standard error of an estimate from its exact two-sided P value.

    Parameters
    ----------
    estimate : float or array
        Difference, or log ratio; not 0 (a zero difference carries no information about its own error).
    p : float or array
        Exact P value, 0 to 1. "P < 0.05" is only a bound; "not significant" gives nothing.
    df : float or array, optional
        Degrees of freedom of the t test; None for a z test.

    Returns
    -------
    float
        On the scale of the estimate.

    Notes
    -----
    .. math:: SE = |estimate| / t_{df}(p)

    The test must be the one of this estimate; a P value from another model (ranks, covariates) makes it approximate.

    References
    ----------
    higgins2024ch6, section 6.5.2.3

    Examples
    --------
    >>> print(f"{se_from_p(-3.8, 0.004, df=58):.3f}")
    1.268
    """
    return se_from_t(estimate, statistic_from_p(p, df))


@numbers_only
def se_from_t(estimate: Number, t: Number) -> Number:
    r"""Standard error of an estimate from its t (or z) statistic, :math:`|estimate| / |t|`.

    Parameters
    ----------
    estimate : float
        Difference, or log ratio; not 0.
    t : float
        Its t or z statistic, of either sign; not 0.

    Returns
    -------
    float
        On the scale of the estimate.

    References
    ----------
    higgins2024ch6, section 6.5.2.3

    Examples
    --------
    >>> from reviewlib.convert import se_from_t
    >>> print(f"{se_from_t(3.8, 2.78):.2f}")
    1.37
    """
    require(np.asarray(estimate) != 0, "an estimate of 0 gives no standard error", estimate)
    require(np.asarray(t) != 0, "a test statistic of 0 gives no standard error", t)
    return plain(np.abs(np.asarray(estimate, float)) / np.abs(np.asarray(t, float)))


@numbers_only
def sd_from_se_of_difference(se: Number, n_int: Number, n_ctl: Number) -> Number:
    r"""Standard deviation common to both arms from the standard error of their mean difference.

    Parameters
    ----------
    se : float
        Standard error of the mean difference, in units of the instrument.
    n_int, n_ctl : int
        Participants in the two arms.

    Returns
    -------
    float
        In units of the instrument.

    Notes
    -----
    .. math:: SD = SE \Big/ \sqrt{1/n_1 + 1/n_2}

    It is an average of the two arms' SDs and is used for both. From an analysis adjusted for baseline it is the
    residual SD, smaller than the SD among patients.

    References
    ----------
    higgins2024ch6, section 6.5.2.3

    Examples
    --------
    >>> print(f"{sd_from_se_of_difference(se_from_ci(-4.0, -1.8), 136, 133):.2f}")
    4.60
    """
    require(np.asarray(se) > 0, "a standard error must be above 0", se)
    require((np.asarray(n_int) > 0) & (np.asarray(n_ctl) > 0), "n must be above 0", n_int, n_ctl)
    return plain(np.asarray(se, float) / np.sqrt(1 / np.asarray(n_int, float) + 1 / np.asarray(n_ctl, float)))
