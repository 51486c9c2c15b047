"""Rules within a row of results: what a printed number must satisfy to be possible, and what makes it suspicious.

A rule asks all rows of a sheet at once and yields (place, column, rule, remedy) for an error and (place, column, rule,
remedy, "warning") for what is legal but suspicious. It never proposes a clinical value: the remedy leads back to the
source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Any

import numpy as np

from . import signs
from .sheet import Sheet
from .signs import look_again

OTHER_LEVEL = re.compile(r"(?<![\d.])(\d\d(?:\.\d+)?) ?% ?-?(?:ci\b|confidence|interval|limits)", re.IGNORECASE)


def level(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """An interval is as wide as its level says, as far as the words of its row tell."""
    words = ("analysis", "locator", "notes")
    asked = s.has("ci_level", "ci_low") & ~s.has("ci_printed_level")
    asked &= s.sound("ci_level", "ci_low", "ci_printed_level", *words)
    for at in np.flatnonzero(s.rows.by_text(("ci_level", *words), _of_level, asked)):
        row = s.rows[at]
        rule, remedy = _of_level(row["ci_level"], *(row[name] for name in words))
        yield at, "ci_level", rule, remedy.format(look_again(row)), "warning"


def _of_level(wide: float | str, *words: str | None) -> tuple[str, str] | None:
    """Return what the words of a row say against the level of its interval, and the remedy."""
    wide, said = float(wide), " ".join(filter(None, words))
    other = next((text for text in OTHER_LEVEL.findall(said) if float(text) != wide), None)
    if found := signs.said("several", "denied", said):
        remedy = "Write 95 into ci_printed_level, why into ci_adjusted, and the level that it covers by itself here"
        rule = f"the row says '{found}', so the interval may be wider than its level"
        return rule, f"{remedy}; or say in notes why the interval is a plain one"
    if other:
        return f"the row speaks of an interval of {other}%", "{}: which level has it?"
    return _unusual(wide, said)


def _unusual(wide: float, said: str) -> tuple[str, str] | None:
    """A level other than 95 is said in words too."""
    if wide == 95 or f"{wide:g}%" in said.replace(" ", ""):
        return None
    return "a level other than 95 needs a word in notes", f"{{}}; if it is {wide:g}%, say so in notes"


def unusual_level(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A level other than 95 is said in the locator or the notes of a row too."""
    there = s.has("ci_level", "ci_low") & s.sound("ci_level", "ci_low", "locator", "notes")
    for at in np.flatnonzero(there):
        row = s.rows[at]
        if found := _unusual(row["ci_level"], f"{row['locator'] or ''} {row['notes'] or ''}"):
            yield at, "ci_level", found[0], found[1].format(look_again(row)), "warning"


def off_centre(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """The estimate of a usual interval lies in its middle (on the log scale for a ratio)."""
    names = ("estimate", "ci_low", "ci_high")
    values, halves = [s.number(name) for name in names], [s.half(name) for name in names]
    asked = ~s.one_group & (values[1] <= values[0]) & (values[0] <= values[2]) & s.sound("measure", *names)
    for value, half in zip(values, halves, strict=True):
        asked &= ~(s.ratio & (value <= half))

    def scale(value):
        return np.where(s.ratio, np.log(np.where(s.ratio, value, 1)), value)

    lowest = [scale(v - h) for v, h in zip(values, halves, strict=True)]
    highest = [scale(v + h) for v, h in zip(values, halves, strict=True)]
    slack = 0.05 * (scale(values[2]) - scale(values[1]))
    below, above = (lowest[1] + lowest[2]) / 2 - slack, (highest[1] + highest[2]) / 2 + slack
    for at in np.flatnonzero(asked & ((highest[0] < below) | (lowest[0] > above))):
        rule = f"does not lie near the middle of its interval{' on the log scale' if s.ratio[at] else ''}"
        remedy = f"{look_again(s.rows[at])}; keep it if it is printed so, and say so in notes"
        yield at, "estimate", rule, remedy, "warning"


def scores(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A final score lies on the scale of its instrument, a change is no longer than the scale."""
    low, high, width = s.on("scale_min"), s.on("scale_max"), s.width
    for name in ("mean_int", "mean_ctl"):
        mean, sound = s.number(name), s.sound(name, "instrument_id", "value_kind") & ~np.isnan(width)
        change = s.word("value_kind", "change") & (np.abs(mean) > width)
        final = s.word("value_kind", "final") & ((mean < low) | (mean > high))
        for at in np.flatnonzero(sound & (change | final)):
            row = s.rows[at]
            rule = f"lies outside {row['instrument_id']}, which runs from {low[at]:g} to {high[at]:g}"
            rule = f"a change of more than the {width[at]:g} points of {row['instrument_id']}" if change[at] else rule
            yield at, name, rule, f"{look_again(row)}: right instrument?"


def spreads(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A standard deviation can exist on the scale: half its length at most, a whole length for a change."""
    width, final = s.width, s.word("value_kind", "final")
    for arm in ("int", "ctl"):
        n, mean, half = s.number(f"n_{arm}"), s.number(f"mean_{arm}"), s.half(f"mean_{arm}")
        least = s.number(f"sd_{arm}") - s.half(f"sd_{arm}")
        sound = s.sound(f"sd_{arm}", f"n_{arm}", "instrument_id", "value_kind")
        several = np.where(n > 1, n / (n - 1), 2)
        large = sound & (least > np.where(final, width / 2, width) * np.sqrt(several))
        for at in np.flatnonzero(large):
            row = s.rows[at]
            rule = f"no standard deviation on the {width[at]:g} points of {row['instrument_id']} can be that large"
            yield at, f"sd_{arm}", rule, look_again(row)
        # Everybody at one end or the other spreads widest: (mean - lowest) (highest - mean) is the largest variance.
        low, high = np.where(final, s.on("scale_min"), -width), np.where(final, s.on("scale_max"), width)
        nearest = np.minimum(np.maximum((low + high) / 2, mean - half), mean + half)  # before rounding, allows the most
        most = np.sqrt(np.maximum((nearest - low) * (high - nearest), 0) * n / (n - 1))
        sound &= s.sound(f"mean_{arm}") & s.word("value_kind", "final", "change") & ~large & (n > 1)
        for at in np.flatnonzero(sound & (least > most)):
            on = f"a mean of {mean[at]:g} on {low[at]:g} to {high[at]:g}"
            rule = f"with {on} no standard deviation can be above {most[at]:.3g}"
            yield at, f"sd_{arm}", rule, f"{look_again(s.rows[at])}: right mean, right scale?", "warning"


def whole_scores(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A mean of n scores that go by steps is a multiple of a step over n (GRIM), as far as its digits can tell."""
    step, final = s.on("item_step"), s.word("value_kind", "final")
    start = np.where(final, np.nan_to_num(s.on("scale_min")), 0)
    for arm in ("int", "ctl"):
        name, n = f"mean_{arm}", s.number(f"n_{arm}")
        steps, slack = (s.number(name) - start) * n / step, s.half(name) * n / step
        near = 1e-7 * np.maximum(1, np.abs(steps))
        asked = s.word("value_kind", "final", "change") & (step > 0) & (n > 0) & s.plain
        asked &= s.sound(name, f"n_{arm}", "instrument_id", "value_kind", "analysis", "notes")
        for at in np.flatnonzero(asked & (np.floor(steps + slack - near) < steps - slack + near)):
            row = s.rows[at]
            given = row[f"n_{arm}"], row.typed(name), Fraction(str(step[at])), Fraction(str(start[at]))
            nearest = None if signs.found("not_counted", row["notes"] or "") else _between_steps(*given)
            if nearest:
                rule = f"no {row[f'n_{arm}']} scores in steps of {step[at]:g} have this mean: the nearest are "
                remedy = f"{look_again(row)}: right n, right instrument? If adjusted or imputed, say so in analysis"
                yield at, name, f"{rule}{nearest[0]:.4g} and {nearest[1]:.4g}", remedy, "warning"


def _between_steps(n: int, mean: str, step: Fraction, start: Fraction) -> list[float] | None:
    """Return the means below and above one that no n scores have; None for one that they can have."""
    steps = (Fraction(mean) - start) * n / step
    slack = Fraction(n, 2 * 10 ** len(mean.partition(".")[2])) / step
    below = floor(steps + slack)
    return [float(start + step * whole / n) for whole in (below, below + 1)] if below < steps - slack else None


def differences(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """A mean difference is no longer than the scale; a limit beyond it is only suspicious."""
    width, asked = s.width, s.sound("measure", "instrument_id", "value_kind")
    asked &= s.word("measure", "MD", "median-difference")
    for column in ("estimate", "ci_low", "ci_high"):
        asked &= s.sound(column)
        for at in np.flatnonzero(asked & (np.abs(s.number(column)) > width)):
            row = s.rows[at]
            rule = f"a difference of more than the {width[at]:g} points of {row['instrument_id']}"
            kind = "error" if column == "estimate" else "warning"
            yield at, column, rule, f"{look_again(row)}: right instrument?", kind


def whole_trial(s: Sheet) -> Iterator[tuple[Any, ...]]:
    """The two arms of a trial hold no more people than the trial; where the same people are in both, neither does."""
    total, m, n = s.whole, s.number("n_int"), s.number("n_ctl")
    asked = s.word("design", "rct") & s.sound("design", "n_int", "n_ctl", "source_id", "analysis")
    for at in np.flatnonzero(asked & (m + n > total)):
        row = s.rows[at]
        people = [row["n_int"], row["n_ctl"]]
        hint = "; in a crossover trial, in which all were in both arms, say crossover in analysis"
        if signs.found("same_people", row["analysis"] or ""):
            people, hint = [max(people)], ""
        if sum(people) > total[at]:
            whole = f"the {total[at]:.0f} of the whole trial ({row['source_id']} in sources.csv)"
            rule = f"{' + '.join(map(str, people))} people are more than {whole}"
            yield at, "n_int", rule, look_again(row) + hint


RULES = (level, off_centre, whole_trial, scores, spreads, whole_scores, differences)
