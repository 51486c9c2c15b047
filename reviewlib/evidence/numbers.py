"""Rules within a row of results: what a printed number must satisfy to be possible, and what makes it suspicious.

A rule is a generator over one row. It yields (column, rule, remedy) for an error and (column, rule, remedy,
"warning") for what is legal but suspicious. It never proposes a clinical value: the remedy leads back to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import floor, log, sqrt

from ..measures import is_ratio
from . import signs
from .rows import Row

ONE_GROUP = ("mean", "proportion", "NNT")


def look_again(row: Row) -> str:
    """Return the remedy for a number that cannot be right: the place to look at."""
    place = row.text.get("locator") or "the place in the source"
    return f"Look again at the source ({row.text.get('source_id', '')}: {place})"


def half_unit(text: str) -> float:
    """Return half a unit of the last digit printed."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


def plain(row: Row) -> bool:
    """Return whether nothing in a row says that its estimate is more than a comparison of its raw arms."""
    return plain_words(row["analysis"], row["notes"])


def plain_words(*texts: str | None) -> bool:
    """Return whether the words of a row (its analysis, its notes) say so."""
    return not signs.found("not_plain", " ".join(filter(None, texts)))


OTHER_LEVEL = re.compile(r"(?<![\d.])(\d\d(?:\.\d+)?) ?% ?-?(?:ci\b|confidence|interval|limits)", re.IGNORECASE)


def level(row: Row) -> Iterator[tuple[str, ...]]:
    """An interval is as wide as its level says, as far as the words of its row tell."""
    wide = row["ci_level"]
    said = " ".join(filter(None, (row["analysis"], row["locator"], row["notes"])))
    if wide is None or row["ci_low"] is None or row["ci_printed_level"] is not None:
        return
    other = next((text for text in OTHER_LEVEL.findall(said) if float(text) != wide), None)
    if words := signs.said("several", "denied", said):
        rule = f"the row says '{words}', so the interval may be wider than its level"
        remedy = "Write 95 into ci_printed_level, why into ci_adjusted, and the level that it covers by itself here"
        yield "ci_level", rule, f"{remedy}; or say in notes why the interval is a plain one", "warning"
    elif other:
        rule = f"the row speaks of an interval of {other}%"
        yield "ci_level", rule, f"{look_again(row)}: which level has it?", "warning"
    else:
        yield from unusual_level(row, said)


def unusual_level(row: Row, said: str) -> Iterator[tuple[str, ...]]:
    """A level other than 95 is said in words too: `said` are those of the row."""
    wide = row["ci_level"]
    if wide not in (None, 95) and row["ci_low"] is not None and f"{wide:g}%" not in said.replace(" ", ""):
        remedy = f"{look_again(row)}; if it is {wide:g}%, say so in notes"
        yield "ci_level", "a level other than 95 needs a word in notes", remedy, "warning"


def off_centre(row: Row) -> Iterator[tuple[str, ...]]:
    """The estimate of a usual interval lies in its middle (on the log scale for a ratio)."""
    texts = [row.typed("estimate"), row.typed("ci_low"), row.typed("ci_high")]
    if row["measure"] in ONE_GROUP or not all(texts) or not row["ci_low"] <= row["estimate"] <= row["ci_high"]:
        return
    ratio = is_ratio(row["measure"])
    ends = [(row[name], half_unit(text)) for name, text in zip(("estimate", "ci_low", "ci_high"), texts, strict=True)]
    if ratio and any(value <= half for value, half in ends):
        return
    scale = log if ratio else float
    lowest, highest = ([scale(v - h) for v, h in ends], [scale(v + h) for v, h in ends])
    slack = 0.05 * (scale(row["ci_high"]) - scale(row["ci_low"]))
    middle = (lowest[1] + lowest[2]) / 2 - slack, (highest[1] + highest[2]) / 2 + slack
    if highest[0] < middle[0] or lowest[0] > middle[1]:
        rule = f"does not lie near the middle of its interval{' on the log scale' if ratio else ''}"
        yield "estimate", rule, f"{look_again(row)}; keep it if it is printed so, and say so in notes", "warning"


def _width(row, instrument) -> float | None:
    """Return the length of the scale that the values of a row are on; None when it is not known or not used."""
    low, high = instrument["scale_min"], instrument["scale_max"]
    if low is None or high is None or row["value_kind"] in ("percent", "percent-improvement"):
        return None
    return high - low


def score(arm: str, row: Row, instrument: Row | None) -> Iterator[tuple[str, ...]]:
    """A final score lies on the scale of its instrument, a change is no longer than the scale."""
    width, name = _width(row, instrument), row["instrument_id"]
    mean, low, high = row[f"mean_{arm}"], instrument["scale_min"], instrument["scale_max"]
    if mean is None or width is None:
        return
    again = f"{look_again(row)}: right instrument?"
    if row["value_kind"] == "change" and abs(mean) > width:
        yield f"mean_{arm}", f"a change of more than the {width:g} points of {name}", again
    elif row["value_kind"] == "final" and not low <= mean <= high:
        yield f"mean_{arm}", f"lies outside {name}, which runs from {low:g} to {high:g}", again


def spread(arm: str, row: Row, instrument: Row | None) -> Iterator[tuple[str, ...]]:
    """A standard deviation can exist on the scale: half its length at most, a whole length for a change."""
    width = _width(row, instrument)
    sd, n, kind = row[f"sd_{arm}"], row[f"n_{arm}"], row["value_kind"]
    if sd is None or width is None:
        return
    least = sd - half_unit(row.typed(f"sd_{arm}"))
    if least > (width / 2 if kind == "final" else width) * sqrt(n / (n - 1) if n and n > 1 else 2):
        rule = f"no standard deviation on the {width:g} points of {row['instrument_id']} can be that large"
        yield f"sd_{arm}", rule, look_again(row)
    elif kind in ("final", "change") and row[f"mean_{arm}"] is not None and n and n > 1:
        # Everybody at one end or the other spreads widest: (mean - lowest) (highest - mean) is the largest variance.
        ends = (instrument["scale_min"], instrument["scale_max"]) if kind == "final" else (-width, width)
        (low, high), half, mean = ends, half_unit(row.typed(f"mean_{arm}")), row[f"mean_{arm}"]
        nearest = min(max((low + high) / 2, mean - half), mean + half)  # the mean before rounding that allows the most
        most = sqrt(max((nearest - low) * (high - nearest), 0) * n / (n - 1))
        if least > most:
            rule = f"with a mean of {mean:g} on {low:g} to {high:g} no standard deviation can be above {most:.3g}"
            yield f"sd_{arm}", rule, f"{look_again(row)}: right mean, right scale?", "warning"


def whole_scores(arm: str, row: Row, instrument: Row | None) -> Iterator[tuple[str, ...]]:
    """A mean of n scores that go by steps is a multiple of a step over n (GRIM), as far as its digits can tell."""
    step, n, text = instrument.values.get("item_step"), row[f"n_{arm}"], row.typed(f"mean_{arm}")
    if not step or not n or not text or row["value_kind"] not in ("final", "change"):
        return
    if not plain(row) or signs.found("not_counted", row["notes"] or ""):
        return
    start = Fraction(str(instrument["scale_min"] or 0)) if row["value_kind"] == "final" else 0
    half = Fraction(1, 2 * 10 ** len(text.partition(".")[2]))
    steps = (Fraction(text) - start) * n / Fraction(str(step))
    slack = half * n / Fraction(str(step))
    below = floor(steps + slack)
    if below < steps - slack:
        near = [float(start + Fraction(str(step)) * whole / n) for whole in (below, below + 1)]
        rule = f"no {n} scores in steps of {step:g} have this mean: the nearest are {near[0]:.4g} and {near[1]:.4g}"
        remedy = f"{look_again(row)}: right n, right instrument? If adjusted or imputed, say so in analysis"
        yield f"mean_{arm}", rule, remedy, "warning"


def differences(row: Row, instrument: Row | None) -> Iterator[tuple[str, ...]]:
    """A mean difference is no longer than the scale; a limit beyond it is only suspicious."""
    width = _width(row, instrument)
    for column in ("estimate", "ci_low", "ci_high") if width is not None else ():
        if row["measure"] in ("MD", "median-difference") and row[column] is not None and abs(row[column]) > width:
            rule = f"a difference of more than the {width:g} points of {row['instrument_id']}"
            kind = "error" if column == "estimate" else "warning"
            yield column, rule, f"{look_again(row)}: right instrument?", kind


RULES = (level, off_centre)
ARM_RULES = (score, spread, whole_scores)
INSTRUMENT_RULES = (*(partial(rule, arm) for rule in ARM_RULES for arm in ("int", "ctl")), differences)
