"""Rules within a row of results: an interval is as wide as its level, its arms and its P value make it.

Where the arms hold enough numbers they decide, else a P value that is printed with its digits. Rules are written as in
`numbers`; all that they find is a warning, as a source can print what does not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from math import inf, sqrt
from typing import Any

from ..typed import Number
from .agreement import NORMAL, arm_shares, from_arms, printed_ends, rounded, standard_error
from .numbers import half_unit, look_again, plain
from .rows import Row

FEW = 5  # below so many people with, or without, the event the usual standard error is no guide


def level_of_arms(row: Row) -> Iterator[tuple[str, ...]]:
    """An interval is as wide as its level and its arms make it: 90% typed as 95% is too narrow by a sixth."""
    low, high, level = *(printed_ends(row, name) for name in ("ci_low", "ci_high")), row["ci_level"]
    errors = _errors(row)
    if None in (low, high, level) or not sum(low) < sum(high) or not plain(row) or not errors:
        return
    least, most, n = errors
    half, z = (sum(high) - sum(low)) / 4, NORMAL.inv_cdf(0.5 + level / 200)
    slack = max(end[1] - end[0] for end in (low, high)) / 2
    if most * z / half < 0.5 or least * z / half > 2:
        return  # an SD, an n or the kind of interval is wrong, not its level
    if not NARROW * z * least <= half + slack or not half - slack <= student(z, n) * most / NARROW:
        covers = 100 * (2 * NORMAL.cdf(2 * half / (least + most)) - 1)
        by = "SDs" if row["measure"] in _OF_MEANS else "events"
        rule = f"by the {by} and n of its arms the interval is one of about {covers:.3g}%, not {level:g}%"
        remedy = f"{look_again(row)}: right level, {by} and n? If adjusted, say so in analysis"
        yield "ci_level", rule, remedy, "warning"


def student(z: Number, n: Number) -> Any:
    """Return the first terms of Student's quantile for a normal one, at the fewest degrees of freedom of an arm."""
    return z * (1 + (z * z + 1) / (4 * (n - 1)))


def _errors(row):
    """Return the least and the largest standard error that the arms give, and the people that decide on t; or None."""
    with suppress(ValueError, ZeroDivisionError, TypeError):  # arms that lack a number, or have nobody
        return _OF_MEANS.get(row["measure"], _of_counts)(row)
    return None


def _of_means(row):
    """Return the same for a difference of means: with one variance and with two, for the SDs before rounding."""
    ns, ends = [row["n_int"], row["n_ctl"]], [rounded(row, f"sd_{arm}") for arm in ("int", "ctl")]
    least, most = (standard_error(sds, ns) for sds in zip(*ends, strict=True))
    return (min(least), max(most), min(ns)) if min(ns) > 1 and row["sd_int"] and row["sd_ctl"] else None


def _of_standardized(row):
    """Return the same for a standardized difference: of its arms and of its own size."""
    (m, n), d = (row["n_int"], row["n_ctl"]), abs(row["estimate"])
    return sqrt(1 / m + 1 / n), sqrt(1 / m + 1 / n + d * d / (2 * min(m + n, 2 * m, 2 * n))), min(m, n)


def _of_counts(row):
    """Return the same for a ratio or difference of shares, where enough people have the event and enough do not."""
    shares, ns, spread = arm_shares(row), (row["n_int"], row["n_ctl"]), VARIANCES.get(row["measure"])
    pairs = list(zip(shares or (), ns, strict=bool(shares)))
    if not pairs or spread is None or any(not FEW <= low * n <= high * n <= n - FEW for (low, high), n in pairs):
        return None
    each = [[spread(share, n) for share in ends] for ends, n in pairs]
    return sqrt(sum(map(min, each))), sqrt(sum(map(max, each))), 1000  # normal limits


_OF_MEANS = {"MD": _of_means, "SMD": _of_standardized}
VARIANCES = {
    "RD": lambda p, n: 1e4 * p * (1 - p) / n,
    "RR": lambda p, n: (1 - p) / (p * n),
    "OR": lambda p, n: 1 / (p * (1 - p) * n),
}
NARROW = 0.92  # an interval of 90% for one of 95% is 0.84 as wide


def p_and_width(row: Row) -> Iterator[tuple[str, ...]]:
    """A P value printed with its digits and an interval lead to about the same standard error."""
    text, level = row.typed("p_value"), row["ci_level"]
    estimate, low, high = (printed_ends(row, name) for name in ("estimate", "ci_low", "ci_high"))
    if not re.fullmatch(r"0?\.\d+", text or "") or None in (estimate, low, high, level) or not plain(row):
        return
    if _errors(row):
        return  # the arms tell more of the interval, see level_of_arms
    n = [people for people in (row["n_int"], row["n_ctl"]) if people is not None]
    if row["measure"] in VARIANCES and (len(n) < 2 or max(n) > 1.5 * min(n)):
        return  # a test of counts takes the share of both arms together, and uneven arms tell the two apart
    ps = [float(text) + half_unit(text) * sign for sign in (1, -1)]
    half, middle = (sum(high) - sum(low)) / 4, abs(sum(estimate)) / 2
    if not 0.001 <= ps[1] < ps[0] < 0.5 or min(n, default=0) < _SMALL or half <= 0:
        return
    wide, off = (high[1] - high[0] + low[1] - low[0]) / 4, (estimate[1] - estimate[0]) / 2
    if off >= middle:
        return  # the estimate may be none at all
    z = NORMAL.inv_cdf(0.5 + level / 200)
    by_p = [NORMAL.inv_cdf(1 - p / 2) for p in ps]
    # The standard error of the interval over that of the P value, at the ends of the rounding of all four.
    lowest = (half - wide) / z * by_p[0] / (middle + off)
    highest = (half + wide) / z * by_p[1] / (middle - off)
    if lowest > 1 / LOOSE or highest < LOOSE:
        covers = 100 * (2 * NORMAL.cdf(half * NORMAL.inv_cdf(1 - sum(ps) / 4) / middle) - 1)
        rule = f"by its P value the interval is one of about {covers:.3g}%, not {level:g}%"
        remedy = f"{look_again(row)}: right level and P value? If another test, say so in notes"
        yield "ci_level", rule, remedy, "warning"


LOOSE = 0.9  # a P value is often of another test than the interval: of ranks, or of logged times
_SMALL = 20  # people in an arm, below which Student's quantiles tell too much from normal ones


def p_and_arms(row: Row) -> Iterator[tuple[str, ...]]:
    """Means, SDs and n of two arms, where no interval is printed, agree with the P value to a factor of two."""
    text, measure, differ = row.typed("p_value"), row["measure"], from_arms(row)
    if not text or differ is None or measure not in (None, "MD") or row["ci_low"] is not None or not plain(row):
        return
    with suppress(ZeroDivisionError, TypeError):  # an arm that lacks a number, or has nobody
        least, most, n = _of_means(row)
        z = max(differ[0], -differ[1], 0.0) / most, max(-differ[0], differ[1]) / least
        if n >= FEWEST and disagree(z, p_bounds(text)):
            by = 2 * NORMAL.cdf(-abs(sum(differ)) / (least + most))
            rule = f"by the means, SDs and n of its arms P is about {by:.2g}"
            yield "p_value", rule, f"{look_again(row)}: right numbers? If another test, say so in notes", "warning"


FEWEST = 10  # people in an arm, below which Student's P value is another one than the normal


def p_bounds(text: str) -> tuple[float, float]:
    """Return how many standard errors a printed P value says that two arms differ by: at least, and at most."""
    number = "0.05" if text == "NS" else text.lstrip("<>=")
    half = 0.0 if text[0] in "<>N" else half_unit(number)
    p = 1e-9 if text[0] == "<" else float(number) - half, 1.0 if text[0] in ">N" else float(number) + half
    least, most = (NORMAL.inv_cdf(1 - min(max(each, 1e-9), 1.0) / 2) for each in reversed(p))
    return least, most if p[0] > 1e-9 else inf


def disagree(z: Any, printed: Any) -> Any:
    """Return whether two ranges of standard errors are apart by a factor of two, and by one at least."""
    (low, high), (least, most) = z, printed
    return (high < least / 2) & (least - high > 1) | (low > 2 * most) & (low - most > 1)


RULES = (level_of_arms, p_and_width, p_and_arms)
