"""Rules within a row of results: numbers that tell the same thing twice tell the same.

Arms and estimate, interval and standard deviations, P value and interval, side and direction. Rules are written as in
`numbers`; all that they find is a warning, as a source can print what does not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import exp, inf
from typing import Any

import numpy as np

from . import signs
from .columns import Figures
from .sheet import Sheet
from .signs import look_again

# How far from the arms, in half intervals, is too far.
SAME_SCALE = {"MD": 0.25, "SMD": 0.5, "RD": 0.5, "RR": 0.25, "OR": 0.25}


def arms_and_estimate(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """The estimate lies where its arms put it; an adjusted one may differ in size, but not clearly in its side."""
    (low, high), estimate, flip = s.from_arms, s.ends("estimate"), s.word("contrast", "ctl-int")
    asked = ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(estimate[0]) & ~s.word("contrast", "")
    asked &= s.sound("measure", "contrast", "estimate", "ci_low", "ci_high", "analysis", "notes")
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    gap = np.fmax(np.fmax(low - estimate[1], estimate[0] - high), 0.0)
    opposite = ((low > 0) & (estimate[1] < 0)) | ((high < 0) & (estimate[0] > 0))
    half, middle = (sum(s.ends("ci_high")) - sum(s.ends("ci_low"))) / 4, low + high
    size, share = np.maximum(np.abs(middle), np.abs(sum(estimate))) / 2, np.zeros(len(s.rows))
    for measure, each in SAME_SCALE.items():
        share[s.word("measure", measure)] = each
    sized = np.isfinite(low) & np.isfinite(high)
    sized &= ~s.word("measure", "SMD") | ((s.number("sd_int") > 0) & (s.number("sd_ctl") > 0))
    near = np.where(np.isnan(half), 0.25 * size, share * half)
    apart = np.where((share > 0) & s.plain & sized, gap > near, opposite & (gap > np.nan_to_num(half)))
    for at in np.flatnonzero(asked & apart):
        row, given = s.rows[at], middle[at] / 2
        given = given if not s.ratio[at] else exp(given) if given < inf else inf
        rule = f"the arms give {row['contrast']} {given:.3g}, the estimate is {row['estimate']:g}"
        hint = "are the arms or the direction exchanged?" if opposite[at] else _ADJUSTED
        yield at, "estimate", rule, f"{look_again(row)}: {hint}", "warning"


_ADJUSTED = "is the estimate adjusted? Say so in analysis"


def p_and_interval(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A P value and an interval of one result say the same about no effect."""
    low, high, null = s.number("ci_low"), s.number("ci_high"), np.where(s.ratio, 1.0, 0.0)
    names = ("p_value", "ci_low", "ci_high", "estimate", "ci_level", "ci_printed_level", "measure")
    asked = s.has("ci_low", "ci_high", "estimate") & s.sound(*names)
    asked &= (s.number("ci_level") == 95) | (s.number("ci_printed_level") == 95)
    below, above = np.abs(low - null), np.abs(high - null)
    asked &= np.minimum(below, above) > np.where(below < above, s.half("ci_low"), s.half("ci_high"))
    excludes = ~((low <= null) & (null <= high))
    small = s.of_text("p_value", below_five_percent, float)
    for at in np.flatnonzero(asked & ~np.isnan(small) & (excludes != (small == 1))):
        said = "excludes" if excludes[at] else "includes"
        rule = f"the interval {said} no effect, which this P value contradicts"
        yield at, "p_value", rule, f"{look_again(s.rows[at])}; keep it if printed so, and say so in notes", "warning"


def below_five_percent(text: str) -> float:
    """Return whether a printed P value is below 0.05, 1 or 0; nan where its sign leaves that open, or there is none."""
    if text == "NS":
        return 0
    number = re.search(r"[0-9.]+$", text)
    try:
        value = float(number[0])
    except (TypeError, ValueError):
        return np.nan
    if text.startswith("<"):
        return 1 if value <= 0.05 else np.nan
    if text.startswith(">"):
        return 0 if value >= 0.05 else np.nan
    return np.nan if abs(value - 0.05) < 0.005 else value < 0.05


def sds_and_interval(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """Standard deviations and the interval of a mean difference lead to about the same standard error.

    Of the same people in both arms the interval may be narrower, of clusters wider.
    """
    sds, ns = [s.number("sd_int"), s.number("sd_ctl")], [s.number("n_int"), s.number("n_ctl")]
    half, se = (s.number("ci_high") - s.number("ci_low")) / 2, standard_error(sds, ns)[1]
    names = ("sd_int", "sd_ctl", "n_int", "n_ctl", "ci_low", "ci_high", "ci_level", "measure", "analysis")
    asked = s.word("measure", "MD") & (half > 0) & np.all([each > 0 for each in sds + ns], axis=0) & s.sound(*names)
    small, large = se * s.z / half < 0.5, se * s.z / half > 2
    for at in np.flatnonzero(asked & (small | large)):
        row = s.rows[at]
        if not signs.found("clustered" if small[at] else "same_people", row["analysis"] or ""):
            told = f"{se[at]:.2g}, the interval one of {half[at] / s.z[at]:.2g}"
            remedy = f"{look_again(row)}: is it a standard error, or n wrong?"
            yield at, "sd_int", f"the standard deviations give a standard error of {told}", remedy, "warning"


def standard_error(sds: Any, ns: Any) -> tuple[Any, Any]:
    """Return the standard error of a difference of two means, with one common variance and with two."""
    (a, b), (m, n) = sds, ns
    common = ((m - 1) * a * a + (n - 1) * b * b) / np.maximum(m + n - 2, 1)
    return np.sqrt(common * (1 / m + 1 / n)), np.sqrt(a * a / m + b * b / n)


def direction(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """The side of an estimate (of the means, where there is none) is the one that the authors say did better."""
    printed = s.has("estimate")
    (low, high), (least, most) = s.ends("estimate"), s.from_arms
    low, high = np.where(printed, low, least), np.where(printed, high, most)
    asked = s.word("favours", "int", "ctl") & ~s.word("value_kind", "percent-improvement") & ((high < 0) | (low > 0))
    asked &= s.sound("favours", "measure", "value_kind", "instrument_id", "estimate")
    by_estimate = ~s.one_group & ~s.word("measure", "") & ~s.word("contrast", "") & s.sound("contrast")
    asked &= np.where(printed, by_estimate, s.word("value_kind", "final"))
    lower = (high < 0) == (~printed | s.word("contrast", "int-ctl"))
    for better, wanted in (("lower", lower), ("higher", ~lower)):
        for at in np.flatnonzero(asked & s.better(better) & (wanted != s.word("favours", "int"))):
            row = s.rows[at]
            found = f"{row['contrast']} {row['estimate']:g}" if printed[at] else _means(row)
            rule = f"{better} scores are better on {row['instrument_id']}, so {found} favours the other side"
            remedy = "which way is the difference taken? A change score may count improvement upwards"
            yield at, "contrast" if printed[at] else "favours", rule, f"{look_again(row)}: {remedy}", "warning"


def _means(row) -> str:
    return f"{row['mean_int']:g} against {row['mean_ctl']:g}"


def weeks(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """An identifier that names its week (-12w) names the week of the row."""
    week, held = s.number("timepoint_weeks"), s.rows.columns.get("result_id")
    named = np.char.find(held.bytes, b"w") >= 0 if isinstance(held, Figures) else True
    for at in np.flatnonzero(named & ~np.isnan(week) & s.sound("timepoint_weeks")) if held else ():
        found = re.search(r"-(\d+)w(?=-|$)", held.text(at))  # no text is there twice, so each is asked
        if found and week[at] != float(found[1]):
            rule = f"the identifier says {found[1]} weeks"
            remedy = f"{look_again(s.rows[at])}, then correct the one that is wrong"
            yield at, "timepoint_weeks", rule, remedy, "warning"


RULES = (weeks, arms_and_estimate, p_and_interval, sds_and_interval, direction)
