"""Two arms with means: mean difference, standardized mean differences, ratio of means."""

from __future__ import annotations

import numpy as np
from scipy.special import poch

from ..typed import Array


def hedges_correction(df: Array) -> Array:
    r"""Exact small-sample correction J of a standardized mean difference.

    Parameters
    ----------
    df : float or array
        Degrees of freedom of the SD; NaN is returned at 1 or fewer, where the mean of d does not exist.

    Notes
    -----
    .. math:: J = \frac{\Gamma(m/2)}{\sqrt{m/2}\;\Gamma((m-1)/2)}

    The ratio of gamma functions is taken as a Pochhammer symbol, which keeps all digits where the difference of two
    log-gammas loses them (at 1e9 degrees of freedom that difference is wrong in the sixth digit). The common
    1 - 3/(4 df - 1) is an approximation to it.

    References
    ----------
    hedges1981

    Examples
    --------
    >>> print(f"{hedges_correction(10):.6f}")
    0.922746
    """
    df = np.asarray(df, float)
    safe = np.where(df > 1, df, 2.0)
    return np.where(df > 1, poch((safe - 1) / 2, 0.5) / np.sqrt(safe / 2), np.nan)


def mean_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    """Intervention minus control, each arm with its own SD; in units of the instrument."""
    estimate = c["mean_int"] - c["mean_ctl"]
    return estimate, c["sd_int"] ** 2 / c["n_int"] + c["sd_ctl"] ** 2 / c["n_ctl"]


def standardized_mean_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    r"""Hedges' g with the exact correction.

    .. math:: g = J\,\frac{M_1 - M_2}{SD_p}, \quad v = \frac{1}{n_1} + \frac{1}{n_2} + \frac{g^2}{2 (n_1 + n_2)}

    metafor's default variance (vtype "LS"); RevMan and the R package meta use another, which differs by about 1e-4.

    References: hedges1981, viechtbauer2010
    """
    n1, n2 = c["n_int"], c["n_ctl"]
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * c["sd_int"] ** 2 + (n2 - 1) * c["sd_ctl"] ** 2) / df
    estimate = hedges_correction(df) * (c["mean_int"] - c["mean_ctl"]) / np.sqrt(pooled)
    return estimate, smd_variance(estimate, n1, n2)


def smd_variance(g: Array, n_int: Array, n_ctl: Array) -> Array:
    """Large-sample variance of Hedges' g (metafor's vtype "LS")."""
    return 1 / n_int + 1 / n_ctl + g**2 / (2 * (n_int + n_ctl))


def heteroscedastic_smd(c: dict[str, Array]) -> tuple[Array, Array]:
    r"""Standardized mean difference where the SDs differ: the standardizer is :math:`\sqrt{(SD_1^2 + SD_2^2)/2}`.

    Estimate and variance are those of metafor 3.8-1, including its J squared before a variance that already holds the
    corrected estimate. From version 4.6 metafor uses another formula, and its values differ.

    References: bonett2008, viechtbauer2010
    """
    s1, s2, n1, n2 = c["sd_int"] ** 2, c["sd_ctl"] ** 2, c["n_int"], c["n_ctl"]
    j = hedges_correction(n1 + n2 - 2)
    mean_square = (s1 + s2) / 2
    estimate = j * (c["mean_int"] - c["mean_ctl"]) / np.sqrt(mean_square)
    of_sd = estimate**2 * (s1**2 / (n1 - 1) + s2**2 / (n2 - 1)) / (8 * mean_square**2)
    of_means = (s1 / (n1 - 1) + s2 / (n2 - 1)) / mean_square
    return estimate, j**2 * (of_sd + of_means)


def ratio_of_means(c: dict[str, Array]) -> tuple[Array, Array]:
    """Log of intervention mean over control mean; NaN unless both means lie on the same side of zero.

    As metafor 3.8-1; from version 5 metafor adds a bias correction by default.

    References: hedges1999
    """
    m1, m2 = c["mean_int"], c["mean_ctl"]
    estimate = np.log(np.where(m1 * m2 > 0, m1 / m2, np.nan))
    return estimate, c["sd_int"] ** 2 / (c["n_int"] * m1**2) + c["sd_ctl"] ** 2 / (c["n_ctl"] * m2**2)
