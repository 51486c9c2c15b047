"""The sums of Mantel and Haenszel, and the tests that go with them, for arrays of tables.

Cells are [[a, b], [c, d]]: events and people without, in the intervention and the control arm. Rates have events `x`
and person-time `t`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import chdtrc

from ..typed import Array


def _odds(a, b, c, d):
    n = a + b + c + d
    p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    R, S = r.sum(), s.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        v = ((p * r).sum() / R**2 + (p * s + q * r).sum() / (R * S) + (q * s).sum() / S**2) / 2
        return np.log(R / S), np.sqrt(v)


def _risk(a, b, c, d):
    n1, n2 = a + b, c + d
    n = n1 + n2
    R, S = (a * n2 / n).sum(), (c * n1 / n).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(R / S), np.sqrt((n1 * n2 / n**2 * (a + c) - a * c / n).sum() / (R * S))


def _difference(a, b, c, d):
    n1, n2 = a + b, c + d
    n = n1 + n2
    weight = (n1 * n2 / n).sum()
    mean = (a * n2 / n - c * n1 / n).sum() / weight
    first = (c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 * n2 / n**2 * (n2 - n1) / 2).sum()
    second = ((a * (n2 - c) + c * (n1 - a)) / n).sum() / 2
    return mean, np.sqrt(mean * first + second) / weight


def _rate(x1, t1, x2, t2):
    t = t1 + t2
    R, S = (x1 * t2 / t).sum(), (x2 * t1 / t).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(R / S), np.sqrt((t1 * t2 / t**2 * (x1 + x2)).sum() / (R * S))


def _rate_difference(x1, t1, x2, t2):
    w = t1 * t2 / (t1 + t2)
    mean = ((x1 * t2 - x2 * t1) / (t1 + t2)).sum() / w.sum()
    return mean, np.sqrt((w**2 * (x1 / t1**2 + x2 / t2**2)).sum()) / w.sum()


POOL = {"OR": _odds, "RR": _risk, "RD": _difference, "IRR": _rate, "IRD": _rate_difference}


def cmh(measure: str, cells: Any, continuity: bool) -> tuple[float | None, float | None]:
    """Return the Cochran-Mantel-Haenszel chi-square (for rates its person-time form) and its P value."""
    if measure == "OR":
        a, b, c, d = cells
        n1, n2, events = a + b, c + d, a + c
        n = n1 + n2
        excess, v = (a - n1 / n * events).sum(), (n1 / n * (n2 / n) * events * (b + d) / (n - 1)).sum()
    elif measure == "IRR":
        x1, t1, x2, t2 = cells
        t, events = t1 + t2, x1 + x2
        excess, v = (x1 - events * t1 / t).sum(), (events * t1 / t * t2 / t).sum()
    else:
        return None, None
    statistic = (abs(excess) - 0.5 * continuity) ** 2 / v
    return float(statistic), float(chdtrc(1, statistic))


def tarone(odds: Array, a: Array, b: Array, c: Array, d: Array) -> tuple[float | None, float | None]:
    """Return Tarone's test that the odds ratio is the same in every table."""
    n1, n2, events = a + b, c + d, a + c
    A = odds * (n1 + events) + (n2 - events)
    root = np.sqrt(A**2 - 4 * n1 * events * odds * (odds - 1))
    # the form of the root that does not cancel as the odds ratio nears one
    expected = 2 * n1 * events * odds / (A + root)
    use = (expected > 0) & (events > 0) & (b + d > 0)
    e, n1, n2, events, a = expected[use], n1[use], n2[use], events[use], a[use]
    v = 1 / (1 / e + 1 / (n1 - e) + 1 / (events - e) + 1 / (n2 - events + e))
    statistic = max(0.0, ((a - e) ** 2 / v).sum() - (a - e).sum() ** 2 / v.sum())
    return (float(statistic), float(chdtrc(use.sum() - 1, statistic))) if use.sum() > 1 else (float(statistic), None)
