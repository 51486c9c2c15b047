"""Rules within a row of results: numbers that tell the same thing twice tell the same.

Arms and estimate, interval and standard deviations, P value and interval, side and direction. Rules are written as in
`numbers`; all that they find is a warning, as a source can print what does not agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import exp, inf, isfinite, isnan, log, sqrt
from statistics import NormalDist

from ..measures import is_ratio
from . import signs
from .numbers import ONE_GROUP, half_unit, look_again, plain
from .rows import Row

NORMAL = NormalDist()
# How far from the arms, in half intervals, is too far.
SAME_SCALE = {"MD": 0.25, "SMD": 0.5, "RD": 0.5, "RR": 0.25, "OR": 0.25}


def arm_shares(row: Row) -> list[tuple[float, float]] | None:
    """Return the range of the share of people with an event in each arm, or None where it is not known."""
    ranges = []
    for arm in ("int", "ctl"):
        events, n, percent = row[f"events_{arm}"], row[f"n_{arm}"], row[f"mean_{arm}"]
        if events is not None and n:
            value, half = events / n, 0.0
        elif row["value_kind"] == "percent" and percent is not None:
            value, half = percent / 100, half_unit(row.typed(f"mean_{arm}")) / 100
        else:
            return None
        ranges.append((value - half, value + half))
    return ranges


def _log(share: float) -> float:
    return log(share) if share > 0 else -inf


def _logit(share: float) -> float:
    return inf if share >= 1 else _log(share / (1 - share))


_OF_SHARES = {"RD": lambda p: 100 * p, "RR": _log, "HR": _log, "OR": _logit}


def from_arms(row: Row) -> tuple[float, float] | None:
    """Return what the arms give for int-ctl before rounding, lowest and highest, a ratio as its log.

    Infinite for a ratio where one arm has no event (or only events); None where both have none.
    """
    measure = row["measure"]
    if measure in _OF_SHARES:
        ranges, scale = arm_shares(row), _OF_SHARES[measure]
    elif measure in ("MD", "SMD", "median-difference", None):
        if row["value_kind"] not in ("final", "change") or None in (row["mean_int"], row["mean_ctl"]):
            return None
        ranges, scale = [rounded(row, f"mean_{arm}") for arm in ("int", "ctl")], float
    else:
        return None
    if ranges is None:
        return None
    (low, high), (other_low, other_high) = ([scale(end) for end in ends] for ends in ranges)
    both = low - other_high, high - other_low
    return None if any(isnan(end) for end in both) else _standardized(row, both) if measure == "SMD" else both


def _standardized(row, ends):
    """Return a difference of means in standard deviations, as widely as the corrections for small samples differ."""
    sds, ns = [row[f"sd_{arm}"] for arm in ("int", "ctl")], [row[f"n_{arm}"] for arm in ("int", "ctl")]
    if not all(sds):
        return ends
    yardsticks = [*sds, standard_error(sds, ns)[0] / sqrt(1 / ns[0] + 1 / ns[1])] if all(ns) else sds
    shrunk = 1 - 3 / max(4 * sum(ns) - 9, 4) if all(ns) else 1.0
    each = [end / sd * by for end in ends for sd in yardsticks for by in (1.0, shrunk)]
    return min(each), max(each)


def rounded(row: Row, name: str) -> tuple[float, float]:
    half = half_unit(row.typed(name))
    return row[name] - half, row[name] + half


def printed_ends(row: Row, name: str) -> tuple[float, float] | None:
    """Return a printed number before rounding, lowest and highest, a ratio as its log."""
    ends = None if row[name] is None else rounded(row, name)
    if ends is None or not is_ratio(row["measure"]):
        return ends
    return (log(ends[0]), log(ends[1])) if ends[0] > 0 else None


def arms_and_estimate(row: Row) -> Iterator[tuple[str, ...]]:
    """The estimate lies where its arms put it; an adjusted one may differ in size, but not clearly in its side."""
    arms, estimate, measure = from_arms(row), printed_ends(row, "estimate"), row["measure"]
    if arms is None or estimate is None or row["contrast"] is None:
        return
    if row["contrast"] == "ctl-int":
        arms = -arms[1], -arms[0]
    gap = max(arms[0] - estimate[1], estimate[0] - arms[1], 0.0)
    opposite = arms[0] > 0 > estimate[1] or arms[1] < 0 < estimate[0]
    low, high = printed_ends(row, "ci_low"), printed_ends(row, "ci_high")
    half = (sum(high) - sum(low)) / 4 if low and high else None
    sized = all(map(isfinite, arms)) and (measure != "SMD" or row["sd_int"] and row["sd_ctl"])
    if measure in SAME_SCALE and plain(row) and sized:
        size = max(abs(sum(arms)), abs(sum(estimate))) / 2
        apart = gap > (SAME_SCALE[measure] * half if half is not None else 0.25 * size)
    else:
        apart = opposite and gap > (half or 0.0)
    if apart:
        given = f"{_natural(row, sum(arms) / 2):.3g}"
        rule = f"the arms give {row['contrast']} {given}, the estimate is {row['estimate']:g}"
        asked = "is the estimate adjusted? Say so in analysis"
        asked = "are the arms or the direction exchanged?" if opposite else asked
        yield "estimate", rule, f"{look_again(row)}: {asked}", "warning"


def _natural(row, value: float) -> float:
    """Return a value as it is printed: the ratio of its log."""
    return value if not is_ratio(row["measure"]) else exp(value) if value < inf else inf


def p_and_interval(row: Row) -> Iterator[tuple[str, ...]]:
    """A P value and an interval of one result say the same about no effect."""
    text, low, high = row.typed("p_value"), row["ci_low"], row["ci_high"]
    if not text or low is None or high is None or row["estimate"] is None:
        return
    if 95 not in (row["ci_level"], row["ci_printed_level"]):
        return
    null = 1.0 if is_ratio(row["measure"]) else 0.0
    edge = half_unit(row.typed("ci_low")) if abs(low - null) < abs(high - null) else half_unit(row.typed("ci_high"))
    if min(abs(low - null), abs(high - null)) <= edge:
        return
    excludes = not low <= null <= high
    small = below_five_percent(text)
    if small is not None and small != excludes:
        rule = f"the interval {'excludes' if excludes else 'includes'} no effect, which this P value contradicts"
        yield "p_value", rule, f"{look_again(row)}; keep it if printed so, and say so in notes", "warning"


def below_five_percent(text: str) -> bool | None:
    """Return whether a printed P value is below 0.05; None where its sign leaves that open."""
    if text == "NS":
        return False
    sign = text.rstrip("0123456789.")
    value = float(text[len(sign) :])
    if sign.startswith("<"):
        return True if value <= 0.05 else None
    if sign.startswith(">"):
        return False if value >= 0.05 else None
    return None if abs(value - 0.05) < 0.005 else value < 0.05


def sds_and_interval(row: Row) -> Iterator[tuple[str, ...]]:
    """Standard deviations and the interval of a mean difference lead to about the same standard error.

    Of the same people in both arms the interval may be narrower, of clusters wider.
    """
    sds, ns = [row["sd_int"], row["sd_ctl"]], [row["n_int"], row["n_ctl"]]
    low, high, level = row["ci_low"], row["ci_high"], row["ci_level"]
    if row["measure"] != "MD" or None in (low, high, level) or not all(sds) or not all(ns) or not low < high:
        return
    half, se, z = (high - low) / 2, standard_error(sds, ns)[1], NORMAL.inv_cdf(0.5 + level / 200)
    wide, narrow = (signs.found(by, row["analysis"] or "") for by in ("clustered", "same_people"))
    if se * z / half < 0.5 and not wide or se * z / half > 2 and not narrow:
        rule = f"the standard deviations give a standard error of {se:.2g}, the interval one of {half / z:.2g}"
        yield "sd_int", rule, f"{look_again(row)}: is it a standard error, or n wrong?", "warning"


def standard_error(sds: Sequence[float], ns: Sequence[float]) -> tuple[float, float]:
    """Return the standard error of a difference of two means, with one common variance and with two."""
    (a, b), (m, n) = sds, ns
    common = ((m - 1) * a * a + (n - 1) * b * b) / max(m + n - 2, 1)
    return sqrt(common * (1 / m + 1 / n)), sqrt(a * a / m + b * b / n)


def direction(row: Row, instrument: Row | None) -> Iterator[tuple[str, ...]]:
    """The side of an estimate (of the means, where there is none) is the one that the authors say did better."""
    better, favours, measure = instrument["better"], row["favours"], row["measure"]
    if not better or favours not in ("int", "ctl") or row["value_kind"] == "percent-improvement":
        return
    on = f"{better} scores are better on {row['instrument_id']}"
    if row["estimate"] is not None:
        ends = printed_ends(row, "estimate")
        if measure in (None, *ONE_GROUP) or row["contrast"] is None or ends is None or ends[0] <= 0 <= ends[1]:
            return
        lower = (ends[1] < 0) == (row["contrast"] == "int-ctl")
        column, rule = "contrast", f"{on}, so {row['contrast']} {row['estimate']:g} favours the other side"
    else:
        ends = from_arms(row) if row["value_kind"] == "final" else None
        if ends is None or ends[0] <= 0 <= ends[1]:
            return
        lower = ends[1] < 0
        column, rule = "favours", f"{on}, so {row['mean_int']:g} against {row['mean_ctl']:g} favours the other side"
    if ("int" if lower == (better == "lower") else "ctl") != favours:
        asked = "which way is the difference taken? A change score may count improvement upwards"
        yield column, rule, f"{look_again(row)}: {asked}", "warning"


def other_week(identifier: str, week: float | None) -> str:
    """Return the week that an identifier names where it is another one, else ""."""
    named = re.search(r"-(\d+)w(?=-|$)", identifier)
    return named[1] if named and week is not None and week != float(named[1]) else ""


def weeks(row: Row) -> Iterator[tuple[str, ...]]:
    """An identifier that names its week (-12w) names the week of the row."""
    if named := other_week(row.text.get("result_id", ""), row["timepoint_weeks"]):
        rule = f"the identifier says {named} weeks"
        yield "timepoint_weeks", rule, f"{look_again(row)}, then correct the one that is wrong", "warning"


RULES = (weeks, arms_and_estimate, p_and_interval, sds_and_interval)
INSTRUMENT_RULES = (direction,)
