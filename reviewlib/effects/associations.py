"""Correlations, and changes of one group measured twice.

A change is after minus before: negative where the score fell.
"""

from __future__ import annotations

import numpy as np

from ..typed import Array
from .continuous import hedges_correction


def correlation(c: dict[str, Array]) -> tuple[Array, Array]:
    """Pearson's r, variance (1 - r²)²/(n - 1); NaN at 3 people or fewer, as metafor."""
    n = np.where(c["n"] > 3, c["n"], np.nan)
    return c["r"] + 0.0 * n, (1 - c["r"] ** 2) ** 2 / (n - 1)


def fisher_z(c: dict[str, Array]) -> tuple[Array, Array]:
    """Fisher's z = atanh(r), variance 1/(n - 3); NaN at 3 people or fewer, and at r of exactly -1 or 1."""
    n = np.where(c["n"] > 3, c["n"], np.nan)
    return np.arctanh(np.where(np.abs(c["r"]) < 1, c["r"], np.nan)) + 0.0 * n, 1 / (n - 3)


def change_variance(c: dict[str, Array]) -> Array:
    """Variance of one person's change, SD_b² + SD_f² - 2 r SD_b SD_f, without cancellation as r nears 1."""
    return (c["sd_pre"] - c["sd_post"]) ** 2 + 2 * (1 - c["r"]) * c["sd_pre"] * c["sd_post"]


def mean_change(c: dict[str, Array]) -> tuple[Array, Array]:
    """After minus before, in units of the instrument."""
    return c["mean_post"] - c["mean_pre"], change_variance(c) / c["n"]


def smcc(c: dict[str, Array]) -> tuple[Array, Array]:
    """Mean change over the SD of the change, with the exact Hedges correction (metafor's SMCC, vtype "LS").

    References: gibbons1993, viechtbauer2010
    """
    spread = np.sqrt(change_variance(c))
    estimate = hedges_correction(c["n"] - 1) * (c["mean_post"] - c["mean_pre"]) / np.where(spread > 0, spread, np.nan)
    return estimate, 1 / c["n"] + estimate**2 / (2 * c["n"])


def smcr(c: dict[str, Array]) -> tuple[Array, Array]:
    """Mean change over the SD before, with the exact Hedges correction (metafor's SMCR, vtype "LS").

    References: becker1988, viechtbauer2010
    """
    estimate = hedges_correction(c["n"] - 1) * (c["mean_post"] - c["mean_pre"]) / c["sd_pre"]
    return estimate, 2 * (1 - c["r"]) / c["n"] + estimate**2 / (2 * c["n"])
