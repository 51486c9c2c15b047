"""Effects said in points, odds and people: what a pooled number means for a hundred patients."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from ..errors import ConversionError
from ..measures import MEASURES
from ..typed import Number
from .quantities import numbers_only, plain, require

_LOGISTIC_SD = np.pi / np.sqrt(3)


@numbers_only
def smd_to_units(smd: Number, sd: Number) -> Number:
    """Difference in points of a familiar instrument: the SMD times that instrument's SD (apply to limits too).

    `sd` is the SD among patients, named and sourced: the pooled control baseline of a representative trial.

    Parameters
    ----------
    smd : float
        Standardized mean difference, or a limit of its interval.
    sd : float
        Of people on the familiar instrument, in its units; named and sourced.

    Returns
    -------
    float
        In units of the instrument.

    References
    ----------
    guyatt2013

    Examples
    --------
    >>> print(f"{smd_to_units(-0.4, 20.0):.1f}")
    -8.0
    """
    require(np.asarray(sd) > 0, "a standard deviation must be above 0", sd)
    return plain(np.asarray(smd, float) * sd)


@numbers_only
def smd_to_log_or(smd: Number) -> Number:
    r"""Log odds ratio that a standardized mean difference implies, :math:`\pi/\sqrt{3} = 1.814` times it.

    Logistic distributions with equal SD; whatever the threshold. Standard errors and limits scale alike.

    Parameters
    ----------
    smd : float
        Standardized mean difference, or its standard error.

    Returns
    -------
    float
        On the log odds ratio scale.

    References
    ----------
    higgins2024ch15, section 15.5.3

    Examples
    --------
    >>> print(f"{np.exp(smd_to_log_or(0.30)):.2f}")
    1.72
    """
    return plain(np.asarray(smd, float) * _LOGISTIC_SD)


@numbers_only
def log_or_to_smd(log_or: Number) -> Number:
    """Standardized mean difference that a log odds ratio implies; the inverse of `smd_to_log_or`.

    Parameters
    ----------
    log_or : float
        Log odds ratio, or its standard error.

    Returns
    -------
    float
        In standard deviations.

    References
    ----------
    higgins2024ch15, section 15.5.3

    Examples
    --------
    >>> from reviewlib.convert import log_or_to_smd
    >>> print(f"{log_or_to_smd(0.907):.2f}")
    0.50
    """
    return plain(np.asarray(log_or, float) / _LOGISTIC_SD)


@numbers_only
def smd_to_responders(smd: Number, control_risk: Number, method: str = "logistic") -> Number:
    r"""Share of responders with the intervention, from an SMD and the share with the control.

    Parameters
    ----------
    smd : float or array
        Positive where it raises the share (turn the sign first if lower is better).
    control_risk : float or array
        Share of responders with control, between 0 and 1; named and sourced.
    method : {"logistic", "normal"}
        ``logistic``: through the odds ratio. ``normal``: shift of a normal distribution,
        :math:`\Phi(\Phi^{-1}(p) + d)`.

    Returns
    -------
    float
        Share of responders with the intervention, 0 to 1.

    References
    ----------
    furukawa2011; higgins2024ch15, section 15.5.3

    Examples
    --------
    >>> print(f"{smd_to_responders(0.30, 0.40):.3f} {smd_to_responders(0.30, 0.40, 'normal'):.3f}")
    0.535 0.519
    """
    p = np.asarray(control_risk, float)
    require((p > 0) & (p < 1), "the control risk lies between 0 and 1", p)
    if method == "logistic":
        return plain(expit(logit(p) + smd_to_log_or(smd)))
    if method == "normal":
        return plain(ndtr(ndtri(p) + np.asarray(smd, float)))
    raise ConversionError(f"method must be 'logistic' or 'normal', got {method!r}")


@numbers_only
def absolute_risk(ratio: Any, control_risk: Number, measure: str = "RR") -> Number:
    r"""Risk with the intervention, from a ratio and the risk with the control, both as fractions.

    Parameters
    ----------
    ratio : float or array
        On the ratio scale (not the log); apply to both limits too.
    control_risk : float or array
        Risk without the intervention, 0 to 1; named and sourced.
    measure : str
        RR: :math:`p\,RR`. OR: through the odds. HR: :math:`1 - (1-p)^{HR}`, proportional hazards to the same time.
        RD: :math:`p + RD`.

    Returns
    -------
    float
        Risk with the intervention, 0 to 1.

    Notes
    -----
    A risk ratio that would carry the risk past 1 is refused: such a ratio cannot hold at that baseline.

    References
    ----------
    higgins2024ch14, section 14.1.5

    Examples
    --------
    >>> print(f"{1000 * absolute_risk(0.8, 0.25):.0f} {1000 * absolute_risk(0.8, 0.25, 'OR'):.0f} in 1000")
    200 211 in 1000
    """
    p, x = np.asarray(control_risk, float), np.asarray(ratio, float)
    require((p >= 0) & (p <= 1), "the control risk lies between 0 and 1", p)
    m = MEASURES.get(measure)
    if m is None or m.risk is None:
        known = ", ".join(name for name, other in MEASURES.items() if other.risk)
        raise ConversionError(f"measure must be one of {known}, got {measure!r}")
    if m.ratio:
        require(x >= 0, "a ratio cannot be negative: is this a logarithm?", x)
    risk = m.risk(x, p)
    require((risk >= 0) & (risk <= 1), f"this {measure} carries the risk outside 0 to 1 at that baseline", risk)
    return plain(risk)


@numbers_only
def share_beyond(mean: Number, sd: Number, threshold: Number, better: str = "lower") -> Number:
    r"""Share of an arm's people whose value is at the threshold or better, taking the values as normal.

    Parameters
    ----------
    mean, sd : float or array
        Of the arm (of its changes, for an improvement), in units of the instrument.
    threshold : float or array
        On the same scale and with its sign: an improvement of 2 points on a scale where lower is better is -2.
    better : {"lower", "higher"}
        The instrument's good direction.

    Returns
    -------
    float
        Share, 0 to 1.

    Notes
    -----
    .. math:: \Phi\big((c - M)/SD\big) \text{ where lower is better}

    The difference of the two arms' shares is a risk difference (`nnt`). A within-person MID fits here; a difference
    between group means does not.

    References
    ----------
    higgins2024ch15, section 15.5.3

    Examples
    --------
    >>> print(f"{share_beyond(-2.9, 4.6, -2.0) - share_beyond(0.0, 4.6, -2.0):.3f}")
    0.246
    """
    require(np.asarray(sd) > 0, "a standard deviation must be above 0", sd)
    if better not in ("lower", "higher"):
        raise ConversionError(f"better must be 'lower' or 'higher', got {better!r}")
    z = (np.asarray(threshold, float) - mean) / np.asarray(sd, float)
    return plain(ndtr(z if better == "lower" else -z))
