"""Mean and SD from medians, quartiles and ranges: always flagged, with a test of whether the data were skewed.

Authors print medians because their data are skewed, so a converted study stays marked and the synthesis is repeated
without it. A range without a median is not enough and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConversionError
from ..results import Result
from ..typed import Number
from .quantities import numbers_only, require
from .quartiles import luo_mean, wan_mean, wan_sd
from .skewed import box_cox, quantile_estimation


@dataclass(frozen=True, slots=True, repr=False)
class MeanFromQuantiles(Result):
    """Mean and SD estimated from order statistics, with the route and the evidence of skewness.

    `scenario` is S1 (minimum, median, maximum), S2 (quartiles) or S3 (all five). `skewed` is True when
    `skew_statistic` reaches `skew_critical` (5 % level). `distribution` names the fitted family or power.
    """

    mean: float
    sd: float
    n: int
    scenario: str
    method: str
    distribution: str
    skew_statistic: float
    skew_critical: float
    skewed: bool
    route: str

    def __str__(self) -> str:
        return f"mean {self.mean:.4g}, SD {self.sd:.4g} (n {self.n}; {self.route})"


@numbers_only
def mean_sd_from_quantiles(
    *,
    median: float | None,
    n: Number,
    q1: float | None = None,
    q3: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    method: str = "luo-wan-shi",
) -> MeanFromQuantiles:
    r"""Mean and standard deviation of an arm from its median and quartiles, range, or both.

    Parameters
    ----------
    median : float
        In units of the instrument, as the other values.
    n : int
        Participants whose outcome was measured; at least 5.
    q1, q3 : float, optional
        First and third quartile (together).
    minimum, maximum : float, optional
        Smallest and largest value (together).
    method : {"luo-wan-shi", "wan", "qe", "bc"}
        ``luo-wan-shi``: mean after Luo 2018, SD after Wan 2014, or after Shi 2020 when all five numbers are given.
        ``wan``: mean and SD after Wan 2014. ``qe`` and ``bc``: quantile estimation and Box-Cox of McGrath 2020, for
        skewed data; see `quantile_estimation` and `box_cox`.

    Returns
    -------
    MeanFromQuantiles
        The route says which formulas were used; `skewed` is the verdict of the test of Shi 2023.

    Notes
    -----
    With :math:`\xi = 2\Phi^{-1}\frac{n - 0.375}{n + 0.25}` and
    :math:`\eta = 2\Phi^{-1}\frac{0.75 n - 0.125}{n + 0.25}`:

    .. math:: SD_{S1} = \frac{b - a}{\xi}, \quad SD_{S2} = \frac{q_3 - q_1}{\eta}, \quad
              SD_{S3} = \frac{w (b - a)}{\xi} + \frac{(1 - w)(q_3 - q_1)}{\eta}

    where w is 1/2 (Wan) or :math:`1/(1 + 0.07 n^{0.6})` (Shi). The mean weights the mid-range and the mid-quartile
    range against the median with the weights of Luo 2018.

    References
    ----------
    wan2014; luo2018; shi2020; shi2023; mcgrath2020

    Examples
    --------
    >>> print(mean_sd_from_quantiles(median=5, q1=3, q3=8, n=40))
    mean 5.355, SD 3.845 (n 40; mean Luo 2018, SD Wan 2014, from median and quartiles; no sign of skewness)
    """
    five, scenario = _five_numbers(minimum, q1, median, q3, maximum, n)
    statistic, critical = _skewness(five, n)
    if method in ("qe", "bc"):
        mean, sd, family = (quantile_estimation if method == "qe" else box_cox)(five, n)
        formulas = f"{'quantile estimation' if method == 'qe' else 'Box-Cox'} McGrath 2020, {family}"
    elif method in ("luo-wan-shi", "wan"):
        mean, sd = (
            (luo_mean(five, n), wan_sd(five, n, shi=True)) if method != "wan" else (wan_mean(five), wan_sd(five, n))
        )
        family = "normal"
        formulas = "mean and SD Wan 2014" if method == "wan" else f"mean Luo 2018, SD {_SD_SOURCE[scenario]}"
    else:
        raise ConversionError(f"method must be luo-wan-shi, wan, qe or bc, got {method!r}")
    skewed = bool(statistic >= critical)
    told = "SKEWED by the test of Shi 2023" if skewed else "no sign of skewness"
    route = f"{formulas}, from {_GIVEN[scenario]}; {told}"
    return MeanFromQuantiles(
        float(mean), float(sd), int(n), scenario, method, family, float(statistic), float(critical), skewed, route
    )


_GIVEN = {"S1": "median and range", "S2": "median and quartiles", "S3": "median, quartiles and range"}
_SD_SOURCE = {"S1": "Wan 2014", "S2": "Wan 2014", "S3": "Shi 2020"}


def _five_numbers(minimum, q1, median, q3, maximum, n):
    """Return the five numbers (NaN where absent) and the scenario, or refuse."""
    for pair, names in (((q1, q3), "q1 and q3"), ((minimum, maximum), "minimum and maximum")):
        if (pair[0] is None) != (pair[1] is None):
            raise ConversionError(f"{names} go together: give both or neither")
    if median is None or (q1 is None and minimum is None):
        raise ConversionError("a median with its quartiles or range is needed: a range alone is not enough")
    five = np.array([np.nan if v is None else v for v in (minimum, q1, median, q3, maximum)], dtype=float)
    given = five[~np.isnan(five)]
    require(np.diff(given) >= 0, "minimum <= q1 <= median <= q3 <= maximum does not hold", given[:-1], given[1:])
    if not given[-1] > given[0]:
        raise ConversionError("all quantiles are equal: there is no spread to recover")
    if not n >= 5:
        raise ConversionError(f"at least 5 people are needed to convert quantiles, got {n}")
    return five, "S1" if q1 is None else "S2" if minimum is None else "S3"


def _skewness(five, n):
    """Statistic and 5 % critical value of Shi 2023's test that the data are symmetric."""
    low, q1, median, q3, high = five
    outer = abs(low + high - 2 * median) / (high - low)
    if np.isnan(q1):
        return outer, 1 / np.log(n + 9) + 2.5 / (n + 1)
    inner = abs(q1 + q3 - 2 * median) / (q3 - q1) if q3 > q1 else np.inf
    if np.isnan(low):
        return inner, 2.65 / np.sqrt(n) - 6 / n**2
    return max(2.65 * np.log(0.6 * n) / np.sqrt(n) * outer, inner), 3 / np.sqrt(n) - 40 / n**3
