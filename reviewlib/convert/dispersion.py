"""Recover the SD of an arm, or of a change, from what the paper happens to report.

Reads plain numbers or arrays, returns the same; knows nothing of tables or studies. Chapter 6 of the Cochrane
Handbook unless a docstring says otherwise. Nothing is rounded on the way.
"""

from __future__ import annotations

import numpy as np

from ..typed import Number
from .differences import se_from_ci, se_from_p, se_from_t
from .quantities import numbers_only, plain, require


@numbers_only
def sd_from_se(se: Number, n: Number) -> Number:
    r"""Standard deviation of an arm from the standard error of its mean, in units of the instrument.

    Parameters
    ----------
    se : float or array
        Standard error of the arm's mean, in units of the instrument.
    n : int or array
        Participants whose outcome was measured.

    Returns
    -------
    float
        In units of the instrument.

    Notes
    -----
    .. math:: SD = SE\,\sqrt{n}

    An SE printed as an SD is the commonest error in trial tables: compare with other trials on the instrument.

    References
    ----------
    higgins2024ch6, section 6.5.2.2

    Examples
    --------
    >>> print(f"{sd_from_se(0.5, 100):.1f}")
    5.0
    """
    require(np.asarray(se) > 0, "a standard error must be above 0", se)
    require(np.asarray(n) > 0, "n must be above 0", n)
    return plain(np.asarray(se, float) * np.sqrt(n))


@numbers_only
def sd_from_ci(low: Number, high: Number, n: Number, level: float = 0.95) -> Number:
    r"""Standard deviation of an arm from the confidence interval of its mean, in units of the instrument.

    Parameters
    ----------
    low, high : float or array
        Limits of the interval, in units of the instrument.
    n : int or array
        Participants in the arm whose outcome was measured.
    level : float, default 0.95
        Coverage of the interval, as a fraction.

    Returns
    -------
    float
        In units of the instrument.

    Notes
    -----
    .. math:: SD = \sqrt{n}\,\frac{high - low}{2\,t_{n-1}}

    Student's t is used for every n; for large arms the divisor tends to the familiar 3.92.

    References
    ----------
    higgins2024ch6, section 6.5.2.2

    Examples
    --------
    >>> print(f"{sd_from_ci(30.0, 34.2, n=25):.2f}")
    5.09
    """
    return plain(se_from_ci(low, high, level, df=np.asarray(n, float) - 1) * np.sqrt(n))


@numbers_only
def sd_from_t(mean: Number, t: Number, n: Number) -> Number:
    r"""Standard deviation of a one-sample (or paired) difference from its t statistic.

    Parameters
    ----------
    mean : float or array
        Mean that was tested against zero, for example a mean change, in units of the instrument.
    t : float or array
        Its t statistic, of either sign, not 0.
    n : int or array
        Participants, or pairs.

    Returns
    -------
    float
        In units of the instrument.

    Notes
    -----
    .. math:: SD = \sqrt{n}\,|mean| / |t|

    References
    ----------
    higgins2024ch6, section 6.5.2.2

    Examples
    --------
    >>> from reviewlib.convert import sd_from_t
    >>> print(f"{sd_from_t(3.0, 2.5, n=16):.2f}")
    4.80
    """
    return sd_from_se(se_from_t(mean, t), n)


@numbers_only
def sd_from_p(mean: Number, p: Number, n: Number) -> Number:
    r"""Standard deviation of a one-sample (or paired) difference from its exact two-sided P value.

    `p` must be exact; a bound such as "P < 0.05" gives a bound. Student's t on n - 1 degrees of freedom; other
    parameters as in `sd_from_t`.

    Parameters
    ----------
    mean : float
        Mean that was tested against zero, in units of the instrument; not 0.
    p : float
        Exact two-sided P value, 0 to 1.
    n : int
        Participants, or pairs.

    Returns
    -------
    float
        In units of the instrument.

    References
    ----------
    higgins2024ch6, section 6.5.2.2

    Examples
    --------
    >>> from reviewlib.convert import sd_from_p
    >>> print(f"{sd_from_p(3.0, 0.0245, n=16):.2f}")
    4.80
    """
    return sd_from_se(se_from_p(mean, p, df=np.asarray(n, float) - 1), n)


@numbers_only
def sd_of_change(sd_baseline: Number, sd_final: Number, correlation: float) -> Number:
    r"""Standard deviation of the change from the SDs before and after and their correlation.

    Parameters
    ----------
    sd_baseline, sd_final : float or array
        In units of the instrument.
    correlation : float or array
        Between baseline and final value, -1 to 1. It must come from somewhere: try a low, a middle and a high value.

    Returns
    -------
    float
        In units of the instrument.

    Notes
    -----
    .. math:: SD_c = \sqrt{SD_b^2 + SD_f^2 - 2 r\,SD_b\,SD_f}

    References
    ----------
    higgins2024ch6, section 6.5.2.8

    Examples
    --------
    >>> print(" ".join(f"{sd_of_change(10, 12, r):.1f}" for r in (0.2, 0.5, 0.8)))
    14.0 11.1 7.2
    """
    b, f, r = (np.asarray(v, float) for v in (sd_baseline, sd_final, correlation))
    require((b > 0) & (f > 0), "standard deviations must be above 0", b, f)
    require(np.abs(r) <= 1, "a correlation lies between -1 and 1", r)
    # (b - f)^2 + 2(1 - r)bf is the same sum without the cancellation that r near 1 brings.
    return plain(np.sqrt((b - f) ** 2 + 2 * (1 - r) * b * f))


@numbers_only
def correlation_from_sds(sd_baseline: Number, sd_final: Number, sd_change: Number) -> Number:
    r"""Correlation of baseline with final values from the three standard deviations of one arm.

    Parameters
    ----------
    sd_baseline, sd_final, sd_change : float
        Of one arm, in units of the instrument.

    Returns
    -------
    float
        Between -1 and 1.

    Notes
    -----
    .. math:: r = \frac{SD_b^2 + SD_f^2 - SD_c^2}{2\,SD_b\,SD_f}

    Three SDs that give a value outside -1 to 1 cannot belong to one group of people and are refused.

    References
    ----------
    higgins2024ch6, section 6.5.2.8

    Examples
    --------
    >>> print(f"{correlation_from_sds(10, 12, sd_of_change(10, 12, 0.5)):.2f}")
    0.50
    """
    b, f, c = (np.asarray(v, float) for v in (sd_baseline, sd_final, sd_change))
    require((b > 0) & (f > 0) & (c >= 0), "standard deviations must be above 0", b, f, c)
    r = (b**2 + f**2 - c**2) / (2 * b * f)
    require(np.abs(r) <= 1 + 1e-12, "these three SDs give an impossible correlation; one is misread or an SE", r)
    return plain(np.clip(r, -1, 1))
