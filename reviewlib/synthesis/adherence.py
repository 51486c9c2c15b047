"""When people did not do what they were assigned to, and when nobody was assigned: two readings beside the headline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtr, ndtri

from ..door import door
from ..errors import EvidenceError, warn
from ..results import Interval, Result, percent
from ..typed import Number
from .wording import figures

ASSUMPTIONS = (
    "assignment was randomized",
    "nobody would do the opposite of what they are assigned to (no defiers)",
    "assignment acts on the outcome only through the treatment received (doubtful in open trials)",
    "both arms would define the treatment alike",
    "uptake is measured without error",
)


@dataclass(frozen=True, slots=True, repr=False)
class ComplierEffect(Result):
    """Complier average causal effect, for reading beside the intention-to-treat effect, never instead of it."""

    estimate: float
    se: float
    ci: Interval
    pvalue: float
    itt_estimate: float
    itt_se: float
    divisor: float
    divisor_se: float
    level: float
    methods: str
    assumptions: tuple = ASSUMPTIONS

    def __str__(self) -> str:
        mean, low, high = figures(None, self.estimate, *self.ci)
        return (
            f"complier average causal effect {mean} ({percent(self.level)} CI {low} to {high}); "
            f"assignment changed uptake by {100 * self.divisor:.0f} percentage points; speaks for compliers only"
        )


@door
def cace(
    itt_estimate: float,
    itt_se: float,
    uptake_int: float,
    uptake_ctl: float,
    n_int: Number | None = None,
    n_ctl: Number | None = None,
    *,
    correlation: float = 0.0,
    level: float = 0.95,
) -> ComplierEffect:
    r"""Complier average causal effect from an intention-to-treat effect and the uptake of the treatment in both arms.

    Parameters
    ----------
    itt_estimate, itt_se : float
        Difference between the arms as randomized (a mean difference or a risk difference) and its standard error.
    uptake_int, uptake_ctl : float
        Share of each arm that received the intervention, 0 to 1.
    n_int, n_ctl : int, optional
        Participants whose uptake was counted. Without them the shares are taken as known.
    correlation : float, default 0
        Between the effect and the difference in uptake; rarely reported.
    level : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    ComplierEffect
        In units of the intention-to-treat effect, with the assumptions as text.

    Notes
    -----
    .. math:: \theta = \frac{\delta}{d},\ d = u_{int} - u_{ctl},\quad
        SE(\theta)^2 = \frac{SE_\delta^2 + \theta^2 SE_d^2 - 2\theta\, r\, SE_\delta SE_d}{d^2}

    the delta method, with :math:`SE_d^2 = \sum u(1-u)/n`. The test is that of the intention-to-treat effect when
    uptake is taken as known.

    References
    ----------
    angrist1996

    Examples
    --------
    >>> effect = cace(-3.0, 1.5, 0.80, 0.30)
    >>> print(f"{effect.estimate:.1f} {effect.se:.1f}")
    -6.0 3.0
    """
    _check_uptake(itt_se, uptake_int, uptake_ctl, n_int, n_ctl, correlation)
    divisor = uptake_int - uptake_ctl
    divisor_se = 0.0
    if n_int is not None:
        divisor_se = math.sqrt(uptake_int * (1 - uptake_int) / n_int + uptake_ctl * (1 - uptake_ctl) / n_ctl)
    if abs(divisor) < 0.4:
        warn(
            f"assignment changed uptake by only {100 * divisor:.0f} percentage points: expect an interval too wide to "
            "use, and a bias from every violated assumption multiplied"
        )
    theta = itt_estimate / divisor
    spread = itt_se**2 + theta**2 * divisor_se**2 - 2 * theta * correlation * itt_se * divisor_se
    se = math.sqrt(spread) / abs(divisor)
    half = float(ndtri(0.5 + level / 2)) * se
    known = "uptake taken as known" if n_int is None else "delta method over effect and uptake"
    parts = float(itt_estimate), float(itt_se), float(divisor), divisor_se
    limits, pvalue = Interval(float(theta - half), float(theta + half)), float(2 * ndtr(-abs(theta) / se))
    methods = f"ratio of the intention-to-treat effect to the difference in uptake, {known}, normal quantiles"
    return ComplierEffect(float(theta), se, limits, pvalue, *parts, level, methods)


def _check_uptake(itt_se, uptake_int, uptake_ctl, n_int, n_ctl, correlation):
    if not (math.isfinite(itt_se) and itt_se > 0):
        raise EvidenceError(f"itt_se must be above zero, got {itt_se}")
    for name, share in (("uptake_int", uptake_int), ("uptake_ctl", uptake_ctl)):
        if not 0 <= share <= 1:
            raise EvidenceError(f"{name} is a share from 0 to 1, got {share}: divide a percentage by 100")
    if uptake_int == uptake_ctl:
        raise EvidenceError(
            "uptake is the same in both arms: assignment changed nothing, so no effect can be recovered"
        )
    if (n_int is None) != (n_ctl is None):
        raise EvidenceError("give both n_int and n_ctl, or neither")
    if n_int is not None and not (n_int > 0 and n_ctl > 0):
        raise EvidenceError(f"n_int and n_ctl must be above zero, got {n_int} and {n_ctl}")
    if not -1 <= correlation <= 1:
        raise EvidenceError(f"correlation lies between -1 and 1, got {correlation}")


@dataclass(frozen=True, slots=True, repr=False)
class EValue(Result):
    """How strong unmeasured confounding would have to be, on the risk ratio scale, to explain an association away."""

    estimate: float
    limit: float | None
    risk_ratio: float
    risk_ratio_ci: Interval | None
    methods: str

    def __str__(self) -> str:
        limit = "" if self.limit is None else f", for the limit nearer to no effect {self.limit:.2f}"
        return (
            f"E-value {self.estimate:.2f}{limit}: the risk ratio that a confounder would need with both exposure and "
            "outcome; observational results only, no verdict by itself"
        )


@door
def e_value(
    estimate: float, ci: Any = None, *, measure: str = "RR", rare: bool = False, se: float | None = None
) -> EValue:
    r"""E-value of an observational association.

    Parameters
    ----------
    estimate : float
        On the natural scale: a ratio for RR, OR, HR; a standardized mean difference for SMD.
    ci : pair of float, optional
        Its limits, on the same scale.
    measure : {"RR", "OR", "HR", "SMD"}
        What the estimate is.
    rare : bool, default False
        For OR and HR: the outcome is rare (below about 15 % by the end of follow-up), so that the ratio stands for
        a risk ratio as it is.
    se : float, optional
        Standard error of an SMD, instead of `ci`.

    Returns
    -------
    EValue
        `limit` is 1 when the interval includes no effect, None without an interval.

    Notes
    -----
    .. math:: E = RR + \sqrt{RR(RR-1)},\quad RR < 1 \text{ inverted first}

    Conversions of a common outcome: :math:`RR \approx \sqrt{OR}`,
    :math:`RR \approx (1-0.5^{\sqrt{HR}})/(1-0.5^{\sqrt{1/HR}})`, and for an SMD d with standard error s
    :math:`RR \approx e^{0.91 d}`, limits :math:`e^{0.91 d \pm 1.78 s}`.

    References
    ----------
    vanderweele2017

    Examples
    --------
    >>> value = e_value(1.5, (1.4, 1.6))
    >>> print(f"{value.estimate:.2f} {value.limit:.2f}")
    2.37 2.15
    """
    _check_association(estimate, ci, measure, se)
    convert, how = _to_risk_ratio(measure, rare)
    ratio = convert(estimate)
    if measure == "SMD":
        limits = None if se is None else (math.exp(0.91 * estimate - 1.78 * se), math.exp(0.91 * estimate + 1.78 * se))
        if ci is not None:
            limits = tuple(map(convert, ci))
    else:
        limits = None if ci is None else tuple(map(convert, ci))
    nearer = None
    if limits is not None:
        nearer = 1.0 if limits[0] <= 1 <= limits[1] else _e(limits[0] if ratio > 1 else limits[1])
    interval = None if limits is None else Interval(*map(float, limits))
    return EValue(_e(ratio), nearer, float(ratio), interval, f"E-value, {how}")


def _e(ratio) -> float:
    ratio = max(ratio, 1 / ratio)
    return float(ratio + math.sqrt(ratio * (ratio - 1)))


def _to_risk_ratio(measure, rare):
    if measure == "SMD":
        return (lambda d: math.exp(0.91 * d)), "SMD converted to a risk ratio by exp(0.91 d)"
    if measure == "RR" or rare:
        return float, f"{measure} read as a risk ratio" + (" (rare outcome)" if measure != "RR" else "")
    if measure == "OR":
        return math.sqrt, "risk ratio taken as the square root of the odds ratio (common outcome)"
    return (lambda h: (1 - 0.5 ** math.sqrt(h)) / (1 - 0.5 ** math.sqrt(1 / h))), (
        "hazard ratio converted to a risk ratio (common outcome)"
    )


def _check_association(estimate, ci, measure, se):
    if measure not in ("RR", "OR", "HR", "SMD"):
        raise EvidenceError(f"measure must be RR, OR, HR or SMD, got {measure!r}")
    try:
        values = [float(x) for x in (estimate, *(() if ci is None else ci))]
    except (TypeError, ValueError):
        values = []
    if len(values) not in (1, 3):
        raise EvidenceError(f"ci is a pair of numbers, its lower and upper limit, got {ci!r}")
    if not all(math.isfinite(x) for x in values) or (measure != "SMD" and min(values) <= 0):
        raise EvidenceError(f"a ratio is above zero and finite, on the natural scale (not its log): got {values}")
    if ci is not None and not ci[0] <= estimate <= ci[1]:
        raise EvidenceError(f"the interval {tuple(ci)} does not contain the estimate {estimate}")
    if se is not None and (measure != "SMD" or ci is not None or not se > 0):
        raise EvidenceError("se is for an SMD without ci, and above zero")
