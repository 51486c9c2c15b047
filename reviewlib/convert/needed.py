"""How many people must be treated for one more to benefit, or to be harmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConversionError
from ..results import Interval, Result
from .quantities import numbers_only, require


@dataclass(frozen=True, slots=True, repr=False)
class NumberNeeded(Result):
    """Number needed to treat for one more person to benefit (NNTB) or be harmed (NNTH).

    `benefit` is the risk difference turned so that positive favours the intervention, `benefit_ci` its interval.
    `number` is None when the difference is exactly 0. `ci` holds the absolute numbers, smaller first, and is None
    where the interval runs through infinity.
    """

    number: float | None
    kind: str
    ci: Interval | None
    through_infinity: bool
    benefit: float
    benefit_ci: Interval | None

    def __str__(self) -> str:
        said = "no difference, no number" if self.number is None else f"{self.kind} {self.number:.1f}"
        if self.benefit_ci is None:
            return said
        if not self.through_infinity:
            return f"{said} ({self.ci.low:.1f} to {self.ci.high:.1f})"
        worst, best = self.benefit_ci
        benefit = f"NNTB {1 / best:.1f} to " if best > 0 else ""
        harm = f" to NNTH {-1 / worst:.1f}" if worst < 0 else ""
        return f"{said} ({benefit}infinity{harm})"


@numbers_only
def nnt(
    risk_difference: float, low: float | None = None, high: float | None = None, *, better: str = "lower"
) -> NumberNeeded:
    """Number needed to treat from a risk difference (intervention minus control) and its limits.

    Parameters
    ----------
    risk_difference : float
        As a fraction, with its sign. Belongs to one baseline risk and one time: print both beside it.
    low, high : float, optional
        Its confidence limits.
    better : {"lower", "higher"}
        ``lower`` when the event is bad, ``higher`` when it is wanted (response).

    Returns
    -------
    NumberNeeded
        An interval that spans 0 runs through infinity and is said so: NNTB a to infinity to NNTH b.

    References
    ----------
    altman1998; higgins2024ch15, section 15.4

    Examples
    --------
    >>> print(nnt(0.535 - 0.40, better="higher"))
    NNTB 7.4
    >>> print(nnt(-0.10, -0.30, 0.10))
    NNTB 10.0 (NNTB 3.3 to infinity to NNTH 10.0)
    """
    if better not in ("lower", "higher"):
        raise ConversionError(f"better must be 'lower' or 'higher', got {better!r}")
    if (low is None) != (high is None):
        raise ConversionError("give both limits of the risk difference, or neither")
    values = [v for v in (risk_difference, low, high) if v is not None]
    require(np.abs(values) <= 1, "a risk difference lies between -1 and 1 (a fraction, not a percentage)", values)
    sign = -1.0 if better == "lower" else 1.0
    benefit = float(sign * risk_difference) + 0.0
    limits = None
    if low is not None:
        require(np.asarray(low) <= high, "the lower limit must not be above the upper limit", low, high)
        limits = Interval(*sorted((float(sign * low), float(sign * high))))
    through = limits is not None and limits.low <= 0 <= limits.high
    ci = None if limits is None or through else Interval(*sorted((abs(1 / limits.low), abs(1 / limits.high))))
    number = None if benefit == 0 else abs(1 / benefit)
    return NumberNeeded(number, "NNTB" if benefit >= 0 else "NNTH", ci, through, benefit, limits)
