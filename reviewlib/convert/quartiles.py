"""Mean and SD from median, quartiles and range by the published weights of the normal case."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from ..typed import Array, Number


def _divisors(n):
    """Expected range and interquartile range of n standard normal values (Wan 2014)."""
    return 2 * ndtri((n - 0.375) / (n + 0.25)), 2 * ndtri((0.75 * n - 0.125) / (n + 0.25))


def wan_sd(five: Array, n: Number, shi: bool = False) -> Array:
    """SD from the five numbers (NaN where absent) after Wan 2014; for all five, after Shi 2020 if asked."""
    low, q1, _, q3, high = five
    xi, eta = _divisors(n)
    if np.isnan(q1):
        return (high - low) / xi
    if np.isnan(low):
        return (q3 - q1) / eta
    weight = 1 / (1 + 0.07 * n**0.6) if shi else 0.5
    return weight * (high - low) / xi + (1 - weight) * (q3 - q1) / eta


def wan_mean(five: Array) -> Array:
    """Mean from the five numbers (NaN where absent) after Wan 2014."""
    low, q1, median, q3, high = five
    if np.isnan(q1):
        return (low + 2 * median + high) / 4
    if np.isnan(low):
        return (q1 + median + q3) / 3
    return (low + 2 * q1 + 2 * median + 2 * q3 + high) / 8


def luo_mean(five: Array, n: Number) -> Array:
    """Mean from the five numbers (NaN where absent) after Luo 2018."""
    low, q1, median, q3, high = five
    if np.isnan(q1):
        outer, inner = 4 / (4 + n**0.75), 0.0
    elif np.isnan(low):
        outer, inner = 0.0, 0.7 + 0.39 / n
    else:
        outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mid_range = outer * (low + high) / 2 if outer else 0.0
    mid_quartile = inner * (q1 + q3) / 2 if inner else 0.0
    return mid_range + mid_quartile + (1 - outer - inner) * median
