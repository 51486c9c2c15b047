"""Rules within a row of results: an interval is as wide as its level, its arms and its P value make it.

Where the arms hold enough numbers they decide, else a P value that is printed with its digits. Rules are written as in
`numbers`; all that they find is a warning, as a source can print what does not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from .agreement import standard_error
from .sheet import NORMAL, Sheet
from .signs import half_unit, look_again

FEW = 5  # below so many people with, or without, the event the usual standard error is no guide
NARROW = 0.92  # an interval of 90% for one of 95% is 0.84 as wide
LOOSE = 0.9  # a P value is often of another test than the interval: of ranks, or of logged times
_SMALL = 20  # people in an arm, below which Student's quantiles tell too much from normal ones
VARIANCES = {
    "RD": lambda p, n: 1e4 * p * (1 - p) / n,
    "RR": lambda p, n: (1 - p) / (p * n),
    "OR": lambda p, n: 1 / (p * (1 - p) * n),
}


def level_of_arms(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """An interval is as wide as its level and its arms make it: 90% typed as 95% is too narrow by a sixth."""
    low, high, z, (least, most, n) = s.ends("ci_low"), s.ends("ci_high"), s.z, _errors(s)
    half, slack = (np.add(*high) - np.add(*low)) / 4, np.maximum(low[1] - low[0], high[1] - high[0]) / 2
    # Beyond these an SD, an n or the kind of interval is wrong, not its level.
    asked = (half > 0) & ~(most * z / half < 0.5) & ~(least * z / half > 2) & ~np.isnan(least) & ~np.isnan(z)
    fits = (NARROW * z * least <= half + slack) & (half - slack <= student(z, n) * most / NARROW)
    asked &= s.sound("ci_low", "ci_high", "ci_level", "measure", "analysis", "notes", "n_int", "n_ctl")
    for at in np.flatnonzero(asked & ~fits & s.plain):
        row = s.rows[at]
        covers = 100 * (2 * NORMAL.cdf(2 * half[at] / (least[at] + most[at])) - 1)
        by = "SDs" if row["measure"] in ("MD", "SMD") else "events"
        rule = f"by the {by} and n of its arms the interval is one of about {covers:.3g}%, not {row['ci_level']:g}%"
        remedy = f"{look_again(row)}: right level, {by} and n? If adjusted, say so in analysis"
        yield at, "ci_level", rule, remedy, "warning"


def student(z: Any, n: Any) -> Any:
    """Return the first terms of Student's quantile for a normal one, at the fewest degrees of freedom of an arm."""
    return z * (1 + (z * z + 1) / (4 * (n - 1)))


def _errors(s: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the least and the largest standard error that the arms give, and the people that decide on t; else nan."""
    m, n = (np.where(s.number(name) > 0, s.number(name), np.nan) for name in ("n_int", "n_ctl"))
    d, of_means, fewest = np.abs(s.number("estimate")), _of_means(s), np.minimum(m, n)
    of_sizes = 1 / m + 1 / n
    found: dict[str, Any] = {
        "MD": of_means,
        "SMD": (True, np.sqrt(of_sizes), np.sqrt(of_sizes + d * d / (2 * np.fmin(m + n, 2 * fewest))), fewest),
    }
    ends, enough = list(zip(s.shares, (m, n), strict=True)), np.ones(len(s.rows), bool)
    for (low, high), size in ends:  # where enough people have the event and enough do not
        enough &= (low * size >= FEW) & (high * size <= size - FEW)
    for measure, spread in VARIANCES.items():
        each = [[spread(share, size) for share in shares] for shares, size in ends]
        least, most = (np.sqrt(sum(take(*pair) for pair in each)) for take in (np.minimum, np.maximum))
        found[measure] = enough, least, most, 1000  # normal limits
    result = np.full((3, len(s.rows)), np.nan)
    for measure, (where, *several) in found.items():
        mine = s.word("measure", measure) & where & ~np.isnan(several[1])
        for column, values in zip(result, several, strict=True):
            np.copyto(column, values, where=mine)
    return result[0], result[1], result[2]


def _of_means(s: Sheet) -> tuple[np.ndarray, ...]:
    """Return where two means tell their standard error, the least and largest before rounding, and the fewest n."""
    m, n = (np.where(s.number(name) > 0, s.number(name), np.nan) for name in ("n_int", "n_ctl"))
    sds, fewest = [s.rounded("sd_int"), s.rounded("sd_ctl")], np.minimum(m, n)
    pairs = [standard_error(ends, (m, n)) for ends in zip(*sds, strict=True)]  # with one variance and with two
    known = (fewest > 1) & (s.number("sd_int") > 0) & (s.number("sd_ctl") > 0)
    return known, np.minimum(*pairs[0]), np.maximum(*pairs[1]), fewest


def p_and_width(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A P value printed with its digits and an interval lead to about the same standard error."""
    p = s.of_text("p_value", lambda text: float(text) if re.fullmatch(r"0?\.\d+", text) else np.nan, float)
    unit, (m, n) = s.of_text("p_value", half_unit, float), (s.number("n_int"), s.number("n_ctl"))
    estimate, low, high = (s.ends(name) for name in ("estimate", "ci_low", "ci_high"))
    half, middle = (np.add(*high) - np.add(*low)) / 4, np.abs(np.add(*estimate)) / 2
    wide, off = (high[1] - high[0] + low[1] - low[0]) / 4, (estimate[1] - estimate[0]) / 2
    asked = (p - unit >= 0.001) & (p + unit < 0.5) & (half > 0) & (middle > off) & ~np.isnan(s.z)
    asked &= (np.fmin(m, n) >= _SMALL) & np.isnan(_errors(s)[0])  # the arms tell more of the interval
    # A test of counts takes the share of both arms together, and uneven arms tell the two apart.
    asked &= ~s.word("measure", *VARIANCES) | (np.maximum(m, n) <= 1.5 * np.minimum(m, n))
    asked &= s.sound("p_value", "estimate", "ci_low", "ci_high", "ci_level", "measure", "analysis", "notes")
    counts = s.word("measure", "SMD") | s.sound("events_int", "events_ctl", "mean_int", "mean_ctl")
    asked &= np.where(s.word("measure", "MD"), s.sound("sd_int", "sd_ctl"), counts) & s.sound("n_int", "n_ctl")
    places = np.flatnonzero(asked & s.plain)
    p, unit, half, middle, wide, off, z = (each[places] for each in (p, unit, half, middle, wide, off, s.z))
    by_p = [np.array([NORMAL.inv_cdf(1 - each / 2) for each in p + sign * unit]) for sign in (1, -1)]
    # The standard error of the interval over that of the P value, at the ends of the rounding of all four.
    lowest = (half - wide) / z * by_p[0] / (middle + off)
    highest = (half + wide) / z * by_p[1] / (middle - off)
    for i in np.flatnonzero((lowest > 1 / LOOSE) | (highest < LOOSE)):
        row, at_null = s.rows[places[i]], NORMAL.inv_cdf(1 - p[i] / 2)
        covers = 100 * (2 * NORMAL.cdf(half[i] * at_null / middle[i]) - 1)
        rule = f"by its P value the interval is one of about {covers:.3g}%, not {row['ci_level']:g}%"
        remedy = f"{look_again(row)}: right level and P value? If another test, say so in notes"
        yield places[i], "ci_level", rule, remedy, "warning"


def p_and_arms(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """Means, SDs and n of two arms, where no interval is printed, agree with the P value to a factor of two."""
    (low, high), (known, least, most, fewest) = s.from_arms, _of_means(s)
    z = np.fmax(np.fmax(low, -high), 0) / most, np.fmax(-low, high) / least
    printed = [s.of_text("p_value", lambda text, at=at: p_bounds(text)[at], float) for at in (0, 1)]
    asked = known & (fewest >= FEWEST) & ~s.has("ci_low") & s.word("measure", "", "MD") & disagree(z, printed)
    asked &= s.sound("p_value", "ci_low", "analysis", "notes", "sd_int", "sd_ctl")
    for at in np.flatnonzero(asked & s.plain):
        by = 2 * NORMAL.cdf(-abs(low[at] + high[at]) / (least[at] + most[at]))
        rule = f"by the means, SDs and n of its arms P is about {by:.2g}"
        remedy = f"{look_again(s.rows[at])}: right numbers? If another test, say so in notes"
        yield at, "p_value", rule, remedy, "warning"


FEWEST = 10  # people in an arm, below which Student's P value is another one than the normal
# Standard errors, as many as from P < 0.05 to means that do not differ. A P value adjusted for the baseline without a
# word is that far off in fewer than one row of a hundred where scores before and after correlate by 0.6.
APART = 1.9


def p_bounds(text: str) -> tuple[float, float]:
    """Return how many standard errors a printed P value says that two arms differ by: at least, and at most; or nan."""
    number = "0.05" if text == "NS" else text.lstrip("<>=")
    if not re.fullmatch(r"\d*\.?\d+", number):
        return np.nan, np.nan
    half = 0.0 if text[0] in "<>N" else half_unit(number)
    p = 1e-9 if text[0] == "<" else float(number) - half, 1.0 if text[0] in ">N" else float(number) + half
    least, most = (NORMAL.inv_cdf(1 - min(max(each, 1e-9), 1.0) / 2) for each in reversed(p))
    return least, most if p[0] > 1e-9 else np.inf


def disagree(z: Any, printed: Any) -> Any:
    """Return whether two ranges of standard errors are apart by a factor of two, and by `APART` at least."""
    (low, high), (least, most) = z, printed
    return (high < least / 2) & (least - high > APART) | (low > 2 * most) & (low - most > APART)


RULES = (level_of_arms, p_and_width, p_and_arms)
