"""Which rows of a large table of results a rule could fault: only these are made and shown to the rules.

Each function asks of all rows at once what a rule of `numbers`, `agreement` or `widths` asks of one, from the same
constants. It may let a good row through, never hold a bad one back; a test compares both ways on broken tables.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from . import agreement, numbers, signs, widths
from .columnar import Rows
from .columns import Figures
from .sheet import Sheet

_LOOSE = 1e-9  # nobody is held back by the last bit of a number
_MARGIN = 0.05  # a width near its bound is looked at by the rule itself


def suspects(rows: Rows, instruments: Any = None, sources: Any = None) -> np.ndarray:
    """Return the places of the rows that a rule could fault: one of row_rules.yml, or those that get tables."""
    sheet = Sheet(rows, instruments, sources)
    found = np.zeros(len(rows), bool)
    found[rows.odd()] = True
    with np.errstate(all="ignore"):
        for screen in STATED if instruments is None else SCREENS:
            found |= screen(sheet)
    return np.flatnonzero(found)


def _intervals(s: Sheet) -> np.ndarray:
    e, low, high = s.number("estimate"), s.number("ci_low"), s.number("ci_high")
    there = s.has("ci_low", "ci_high")
    return (s.has("ci_low") != s.has("ci_high")) | (there & ~((low <= e) & (e <= high)))


def _levels(s: Sheet) -> np.ndarray:
    wide, printed, low = s.has("ci_level"), s.has("ci_printed_level"), s.has("ci_low")
    odd = (low & ~wide) | (printed != ~s.word("ci_adjusted", ""))
    return odd | (printed & ~(s.number("ci_level") > s.number("ci_printed_level")))


def _said_levels(s: Sheet) -> np.ndarray:
    asked = s.has("ci_level", "ci_low") & ~s.has("ci_printed_level")
    return s.rows.by_text(("ci_level", "analysis", "locator", "notes"), _speaks_of_levels, asked)


def _speaks_of_levels(level: str, *texts: str) -> bool:
    said, wide = " ".join(filter(None, texts)), float(level)
    other = any(float(text) != wide for text in numbers.OTHER_LEVEL.findall(said))
    unusual = wide != 95 and f"{wide:g}%" not in said.replace(" ", "")
    return other or unusual or bool(signs.said("several", "denied", said))


def _off_centre(s: Sheet) -> np.ndarray:
    names = ("estimate", "ci_low", "ci_high")
    values, halves = [s.number(name) for name in names], [s.half(name) for name in names]
    asked = ~s.one_group & (values[1] <= values[0]) & (values[0] <= values[2])
    for value, half in zip(values, halves, strict=True):
        asked &= ~(s.ratio & (value <= half))

    def scale(value):
        return np.where(s.ratio, np.log(np.where(s.ratio, value, 1)), value)

    lowest = [scale(v - h) for v, h in zip(values, halves, strict=True)]
    highest = [scale(v + h) for v, h in zip(values, halves, strict=True)]
    slack = (0.05 - _LOOSE) * (scale(values[2]) - scale(values[1]))
    return asked & (
        (highest[0] < (lowest[1] + lowest[2]) / 2 - slack) | (lowest[0] > (highest[1] + highest[2]) / 2 + slack)
    )


def _words(s: Sheet) -> np.ndarray:
    e, measure, contrast = s.has("estimate"), ~s.word("measure", ""), ~s.word("contrast", "")
    mean = s.has("mean_int") | s.has("mean_ctl")
    odd = e & (~measure | (~contrast & ~s.one_group))
    odd |= ~e & contrast & ~(s.word("value_kind", "change") & s.has("mean_int"))
    odd |= s.ratio & ((s.number("estimate") <= 0) | (s.number("ci_low") <= 0))
    odd |= mean & s.word("value_kind", "")
    units = ~s.word("value_kind", "percent", "percent-improvement")
    odd |= units & s.word("instrument_id", "") & (mean | (s.word("measure", "MD") & e))
    number = mean | e | s.has("events_int")
    return odd | (number & ~s.has("timepoint_weeks") & s.word("notes", ""))


def _counts(s: Sheet) -> np.ndarray:
    odd = s.word("favours", "int", "ctl") & ~s.has("estimate") & (s.number("mean_int") == s.number("mean_ctl"))
    for arm in ("int", "ctl"):
        mean = s.number(f"mean_{arm}")
        odd |= (s.number(f"events_{arm}") > s.number(f"n_{arm}")) | (s.number(f"sd_{arm}") == 0)
        odd |= s.word("value_kind", "percent") & ((mean < 0) | (mean > 100))
        odd |= s.word("value_kind", "percent-improvement") & (mean > 100)
    e = s.number("estimate")
    odd |= s.word("measure", "RD") & (np.abs(e) > 100)
    odd |= s.word("measure", "proportion") & ((e < 0) | (e > 100))
    return odd


def _weeks(s: Sheet) -> np.ndarray:
    """Identifiers that name a week: the rule itself is asked of them, as no text is there twice."""
    odd, held = np.zeros(len(s.rows), bool), s.rows.columns.get("result_id")
    named = np.char.find(held.bytes, b"w") >= 0 if isinstance(held, Figures) else ~odd
    for at in np.flatnonzero(named & s.has("timepoint_weeks")) if held else ():
        odd[at] = agreement.other_week(held.text(at), s.number("timepoint_weeks")[at])
    return odd


def _arms_and_estimate(s: Sheet) -> np.ndarray:
    (low, high), estimate, flip = s.from_arms, s.ends("estimate"), s.word("contrast", "ctl-int")
    asked = ~np.isnan(low + high) | np.isinf(low) | np.isinf(high)
    asked &= ~np.isnan(estimate[0]) & ~s.word("contrast", "")
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    gap = np.fmax(np.fmax(low - estimate[1], estimate[0] - high), 0.0)
    opposite = ((low > 0) & (estimate[1] < 0)) | ((high < 0) & (estimate[0] > 0))
    half = (sum(s.ends("ci_high")) - sum(s.ends("ci_low"))) / 4
    size = np.maximum(np.abs(low + high), np.abs(sum(estimate))) / 2
    share = np.zeros(len(s.rows))
    for measure, each in agreement.SAME_SCALE.items():
        share = np.where(s.word("measure", measure), each, share)
    sized = np.isfinite(low) & np.isfinite(high)
    sized &= ~s.word("measure", "SMD") | ((s.number("sd_int") > 0) & (s.number("sd_ctl") > 0))
    near = np.where(np.isnan(half), 0.25 * size, share * half)
    usual = (share > 0) & s.plain & sized
    apart = np.where(usual, gap > near * (1 - _LOOSE) - _LOOSE, opposite & (gap > np.nan_to_num(half) * (1 - _LOOSE)))
    return asked & apart


def _p_and_interval(s: Sheet) -> np.ndarray:
    low, high, null = s.number("ci_low"), s.number("ci_high"), np.where(s.ratio, 1.0, 0.0)
    small = s.of_text("p_value", _small, float)
    asked = s.has("ci_low", "ci_high", "estimate") & ~np.isnan(small)
    asked &= (s.number("ci_level") == 95) | (s.number("ci_printed_level") == 95)
    excludes = ~((low <= null) & (null <= high))
    return asked & (excludes != (small == 1))


def _small(text: str) -> float:
    said = agreement.below_five_percent(text) if text and text[-1:].isdigit() or text == "NS" else None
    return np.nan if said is None else float(said)


def _z(s: Sheet) -> np.ndarray:
    """Return the normal quantile of each level."""
    level = s.number("ci_level")
    known, place = np.unique(level, return_inverse=True)
    return np.array([agreement.NORMAL.inv_cdf(0.5 + each / 200) if each < 100 else np.nan for each in known])[place]


def _errors(s: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the least and the largest standard error that the arms give, and the people that decide on t."""
    m, n = s.number("n_int"), s.number("n_ctl")
    people = np.full(len(s.rows), np.nan)
    least, most = (np.where(s.word("measure", "MD"), each, np.nan) for each in _of_means(s))
    mine, d = s.word("measure", "SMD"), np.abs(s.number("estimate"))
    least = np.where(mine, np.sqrt(1 / m + 1 / n), least)
    most = np.where(mine, np.sqrt(1 / m + 1 / n + d * d / (2 * np.fmin(m + n, 2 * np.fmin(m, n)))), most)
    people = np.where(s.word("measure", "MD", "SMD"), np.minimum(m, n), people)
    shares, enough = s.shares, np.ones(len(s.rows), bool)
    for (low, high), size in zip(shares, (m, n), strict=True):
        enough &= (low * size >= widths.FEW * (1 - _LOOSE)) & (high * size <= (size - widths.FEW) * (1 + _LOOSE))
    for measure, spread in widths.VARIANCES.items():
        mine = s.word("measure", measure) & enough
        each = [[spread(share, size) for share in ends] for ends, size in zip(shares, (m, n), strict=True)]
        least = np.where(mine, np.sqrt(np.minimum(*each[0]) + np.minimum(*each[1])), least)
        most = np.where(mine, np.sqrt(np.maximum(*each[0]) + np.maximum(*each[1])), most)
        people = np.where(mine, 1000, people)
    return least, most, people


def _of_means(s: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest standard error of a difference of means, for the SDs before rounding."""
    (m, n), pairs = (s.number("n_int"), s.number("n_ctl")), []
    for sign in (-1, 1):
        a, b = (s.number(name) + sign * s.half(name) for name in ("sd_int", "sd_ctl"))
        common = ((m - 1) * a * a + (n - 1) * b * b) / np.maximum(m + n - 2, 1)
        pairs.append((np.sqrt(common * (1 / m + 1 / n)), np.sqrt(a * a / m + b * b / n)))
    return np.minimum(*pairs[0]), np.maximum(*pairs[1])


def _p_and_arms(s: Sheet) -> np.ndarray:
    (low, high), (least, most) = s.from_arms, _of_means(s)
    asked = ~s.has("ci_low") & s.word("measure", "", "MD") & s.plain
    z = np.fmax(np.fmax(low, -high), 0) / most * (1 + _LOOSE), np.fmax(-low, high) / least * (1 - _LOOSE)
    printed = [s.of_text("p_value", lambda text, at=at: _bounds(text)[at], float) for at in (0, 1)]
    return asked & widths.disagree(z, printed)


def _bounds(text: str) -> tuple[float, float]:
    return widths.p_bounds(text) if text and text[-1:].isdigit() or text == "NS" else (np.nan, np.nan)


def _width_by_arms(s: Sheet) -> np.ndarray:
    low, high, z = s.ends("ci_low"), s.ends("ci_high"), _z(s)
    least, most, n = _errors(s)
    half, slack = (sum(high) - sum(low)) / 4, np.maximum(low[1] - low[0], high[1] - high[0]) / 2
    asked = (half > 0) & s.plain & ~(most * z / half < 0.5 - _LOOSE) & ~(least * z / half > 2 + _LOOSE)
    fits = widths.NARROW * z * least <= (half + slack) * (1 - _MARGIN)
    fits &= (half - slack) * (1 + _MARGIN) <= widths.student(z, n) * most / widths.NARROW
    a, b, straight = s.number("ci_low"), s.number("ci_high"), s.word("measure", "MD")
    wide, (m, k) = (b - a) / 2, (s.number("n_int"), s.number("n_ctl"))
    se = np.sqrt(s.number("sd_int") ** 2 / m + s.number("sd_ctl") ** 2 / k) * z / wide
    off = straight & (wide > 0) & ((se < 0.5 + _LOOSE) | (se > 2 - _LOOSE))
    return off | (asked & ~np.isnan(least) & ~fits)


def _width_by_p(s: Sheet) -> np.ndarray:
    p = s.of_text("p_value", lambda text: float(text) if re.fullmatch(r"0?\.\d+", text) else np.nan, float)
    unit = s.of_text("p_value", numbers.half_unit, float)
    estimate, low, high = (s.ends(name) for name in ("estimate", "ci_low", "ci_high"))
    half, middle = (sum(high) - sum(low)) / 4, np.abs(sum(estimate)) / 2
    wide, off = (high[1] - high[0] + low[1] - low[0]) / 4, (estimate[1] - estimate[0]) / 2
    asked = (p - unit >= 0.001) & (p + unit < 0.5) & (half > 0) & (middle > off) & s.plain
    found = np.zeros(len(s.rows), bool)
    at = np.flatnonzero(asked)
    quantile = np.vectorize(agreement.NORMAL.inv_cdf, otypes=[float])
    by = [quantile(1 - (p + sign * unit)[at] / 2) if len(at) else np.zeros(0) for sign in (1, -1)]
    z = _z(s)[at]
    lowest = (half - wide)[at] / z * by[0] / (middle + off)[at]
    highest = (half + wide)[at] / z * by[1] / (middle - off)[at]
    found[at] = (lowest > (1 - _LOOSE) / widths.LOOSE) | (highest < widths.LOOSE * (1 + _LOOSE))
    return found


def _scales(s: Sheet) -> np.ndarray:
    low, high, step = s.on("scale_min"), s.on("scale_max"), s.on("item_step")
    final, change = s.word("value_kind", "final"), s.word("value_kind", "change")
    width = np.where(s.word("value_kind", "percent", "percent-improvement"), np.nan, high - low)
    odd = s.number("n_int") + s.number("n_ctl") > s.whole
    for name in ("estimate", "ci_low", "ci_high"):
        odd |= s.word("measure", "MD", "median-difference") & (np.abs(s.number(name)) > width)
    for arm in ("int", "ctl"):
        mean, sd, n = (s.number(f"{name}_{arm}") for name in ("mean", "sd", "n"))
        odd |= (change & (np.abs(mean) > width)) | (final & ~np.isnan(width) & ((mean < low) | (mean > high)))
        least, several = sd - s.half(f"sd_{arm}"), n > 1
        odd |= least > np.where(final, width / 2, width) * np.where(several, np.sqrt(n / (n - 1)), 2) * (1 - _LOOSE)
        a, b, half = np.where(final, low, -width), np.where(final, high, width), s.half(f"mean_{arm}")
        nearest = np.minimum(np.maximum((a + b) / 2, mean - half), mean + half)
        most = np.sqrt(np.maximum((nearest - a) * (b - nearest), 0) * n / (n - 1))
        odd |= (final | change) & several & (least > most * (1 - _LOOSE)) & ~np.isnan(width)
        start = np.where(final, np.nan_to_num(low), 0)
        steps, slack = (mean - start) * n / step, half * n / step
        near = 1e-7 * np.maximum(1, np.abs(steps))
        odd |= (final | change) & (step > 0) & (np.floor(steps + slack - near) < steps - slack + near) & s.plain
    return odd


def _sides(s: Sheet) -> np.ndarray:
    favours, flip = s.word("favours", "int"), s.word("contrast", "ctl-int")
    asked = s.word("favours", "int", "ctl") & ~s.word("value_kind", "percent-improvement")
    ends, e = s.ends("estimate"), s.has("estimate")
    arms = s.from_arms
    below = np.where(e, (ends[1] < 0) != flip, arms[1] < 0)
    clear = np.where(e, (ends[1] < 0) | (ends[0] > 0), ((arms[1] < 0) | (arms[0] > 0)) & s.word("value_kind", "final"))
    lower, higher = s.better("lower"), s.better("higher")
    return asked & clear & (lower | higher) & ((below == lower) != favours)


def fewer_is_better(rows: Rows, asked: np.ndarray) -> np.ndarray:
    """Return whether the side that did better has the smaller share or rate in each row: 1, 0, nan where it is open."""
    with np.errstate(all="ignore"):
        s = Sheet(rows, {}, {})
        contrast = s.has("estimate") & (s.ratio | s.word("measure", "RD"))
        (a, b), (c, d) = s.shares
        low, high = s.ends("estimate")
        low, high = np.where(contrast, low, a - d), np.where(contrast, high, b - c)
        turned = contrast & s.word("contrast", "ctl-int")
        fewer = ((high < 0) != turned) == s.word("favours", "int")
    known = asked & ((high < 0) | (low > 0)) & s.word("favours", "int", "ctl")
    known[rows.odd()] = False
    return np.where(known, fewer, np.nan)


STATED = (_intervals, _levels, _words, _counts)
SCREENS = (
    _said_levels,
    _off_centre,
    _weeks,
    _arms_and_estimate,
    _p_and_interval,
    _width_by_arms,
    _width_by_p,
    _p_and_arms,
    _scales,
    _sides,
)
