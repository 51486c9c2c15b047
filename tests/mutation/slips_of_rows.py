"""Slips that take more than one cell: of another row, another arm, another scale, another printing of the same numbers.

They join the kinds of `slips`; a kind is written as there.
"""

from __future__ import annotations

from math import sqrt

from slips import KINDS, cell, digit_changed_in, digits, kind, named, number

from reviewlib.measures import is_ratio

__all__ = ["KINDS"]

ARMS = ("n_int", "mean_int", "sd_int", "n_ctl", "mean_ctl", "sd_ctl", "events_int", "events_ctl")
INTERVAL = ("estimate", "ci_low", "ci_high")
BETWEEN = (*INTERVAL, "p_value")


def _other_row(rows, i, column, draw, *alike):
    """Return another row that is alike in some columns and has another value in `column`, or None."""
    row = rows[i]
    others = [
        other
        for other in rows
        if other[column] not in ("", row[column]) and all(row.get(name) and other[name] == row[name] for name in alike)
    ]
    return draw.choice(others) if others and row[column] else None


def _ratio(row):
    return bool(row.get("measure")) and is_ratio(row["measure"])


@kind(named("mean_int", "events_int"))
def times_exchanged(rows, i, column, draw):
    other = _other_row(rows, i, column, draw, "trial", "outcome", "instrument_id", "arm_id")
    if not other:
        return None
    for name in ARMS + BETWEEN:
        rows[i][name], other[name] = other[name], rows[i][name]
    return True


@kind(named("mean_int", "sd_int", "mean_ctl", "sd_ctl", "estimate", "ci_low", "ci_high"))
def value_of_another_time(rows, i, column, draw):
    other = _other_row(rows, i, column, draw, "trial", "outcome", "instrument_id")
    if not other:
        return None
    rows[i][column] = other[column]
    return True


@kind(named("mean_int", "sd_int", "mean_ctl", "sd_ctl", "estimate"))
def value_of_another_outcome(rows, i, column, draw):
    other = _other_row(rows, i, column, draw, "trial", "timepoint_weeks")
    if not other:
        return None
    rows[i][column] = other[column]
    return True


@kind(named("mean_int", "events_int"))
def numbers_of_row_above(rows, i, column, draw):
    if not i or not rows[i][column] or rows[i - 1][column] in ("", rows[i][column]):
        return None
    rows[i].update({name: rows[i - 1][name] for name in ARMS + BETWEEN})
    return True


@kind(named("sd_int", "sd_ctl", "mean_int", "mean_ctl", "n_int", "n_ctl"))
def other_arm_copied(rows, i, column, draw):
    name, _, arm = column.rpartition("_")
    other = f"{name}_{'ctl' if arm == 'int' else 'int'}"
    if not rows[i][column] or rows[i][other] in ("", rows[i][column]):
        return None
    rows[i][column] = rows[i][other]
    return True


@kind(named("sd_int"))
def errors_for_both_deviations(rows, i, column, draw):
    row = rows[i]
    if not all(row[f"{name}_{arm}"] for name in ("sd", "n") for arm in ("int", "ctl")):
        return None
    for arm in ("int", "ctl"):
        row[f"sd_{arm}"] = f"{float(row[f'sd_{arm}']) / sqrt(float(row[f'n_{arm}'])):.2f}"
    return True


@kind(named("mean_int", "mean_ctl"))
def mean_and_deviation_exchanged(rows, i, column, draw):
    row, sd = rows[i], column.replace("mean", "sd")
    if not row[column] or row[sd] in ("", row[column]):
        return None
    row[column], row[sd] = row[sd], row[column]
    return True


@kind(named("events_int", "events_ctl", "n_events", "n_crossed"))
def percent_for_count(rows, i, column, draw):
    whole = {"n_events": "n_at_risk", "n_crossed": "n_arm"}.get(column, column.replace("events", "n"))
    count, n = rows[i][column], rows[i][whole]
    new = f"{100 * int(count) / int(n):.0f}" if count and n else count
    if new == count:
        return None
    rows[i][column] = new
    return True


@kind(named("n_int", "n_ctl"))
def randomised_for_analysed(rows, i, column, draw):
    """The most people that any row gives for this arm."""
    row, name = rows[i], {"n_int": "arm_id", "n_ctl": "control_id"}[column]
    if not row.get(name):
        return None
    most = max((int(other[column]) for other in rows if other[column] and other[name] == row[name]), default=0)
    if not row[column] or int(row[column]) >= most:
        return None
    row[column] = str(most)
    return True


@kind(named("mean_int", "estimate"))
def other_range(rows, i, column, draw):
    """All numbers as on a scale ten times as long, or as short."""
    row, by = rows[i], draw.choice((0.1, 10))
    scaled = [name for name in ("mean_int", "sd_int", "mean_ctl", "sd_ctl", *INTERVAL) if row.get(name)]
    if not row[column] or _ratio(row) or not any(float(row[name]) for name in scaled):
        return None
    row.update({name: f"{float(row[name]) * by:.6g}" for name in scaled})
    return True


@kind(named("estimate"))
def comparison_turned(rows, i, column, draw):
    """The estimate and its interval the other way round, as where control against intervention is printed."""
    row = rows[i]
    if not all(row[name] for name in INTERVAL) or (_ratio(row) and not float(row["ci_low"])):
        return None
    turned = [1 / float(row[name]) if _ratio(row) else -float(row[name]) for name in ("estimate", "ci_high", "ci_low")]
    row.update({name: f"{value:.4g}" for name, value in zip(INTERVAL, turned, strict=True)})
    return float(row["estimate"]) not in (0, 1) or None


@kind(named("contrast"))
@cell
def other_contrast(typed, draw):
    return {"int-ctl": "ctl-int", "ctl-int": "int-ctl"}.get(typed)


@kind(named("ci_low", "ci_high"))
def estimate_for_limit(rows, i, column, draw):
    if not rows[i][column] or rows[i]["estimate"] in ("", rows[i][column]):
        return None
    rows[i][column] = rows[i]["estimate"]
    return True


@kind(named("ci_low"))
def errors_for_limits(rows, i, column, draw):
    """One standard error on either side of the estimate, as an interval of 95%."""
    row = rows[i]
    if _ratio(row) or not all(row[name] for name in INTERVAL):
        return None
    estimate = float(row["estimate"])
    for name in ("ci_low", "ci_high"):
        row[name] = f"{estimate + (float(row[name]) - estimate) / 1.96:.2f}"
    return True


@kind(named("value_kind"))
@cell
def change_for_final(typed, draw):
    return {"final": "change", "change": "final", "percent": "percent-improvement"}.get(typed)


@kind(lambda column: column.name.endswith("_id") and column.name != "source_id")
def row_doubled_with_another_digit(rows, i, column, draw):
    """A row copied under a new name, with another digit in one of its numbers."""
    numbers = [name for name, typed in rows[i].items() if typed and typed.replace(".", "", 1).isdigit()]
    if next(iter(rows[i])) != column or not numbers:
        return None
    name = draw.choice(numbers)
    rows.insert(i + 1, rows[i] | {column: rows[i][column] + "-b", name: digit_changed_in(rows[i][name], draw)})
    return True


@kind(number)
@cell
def other_minus(typed, draw):
    return draw.choice("−–‐﹣") + typed[1:] if typed.startswith("-") else None


@kind(number)
@cell
def letter_for_digit(typed, draw):
    places = [p for p in digits(typed) if typed[p] in "015"]
    if not places:
        return None
    p = draw.choice(places)
    return typed[:p] + {"0": "O", "1": "l", "5": "S"}[typed[p]] + typed[p + 1 :]


@kind(number)
@cell
def thousands_parted(typed, draw):
    whole, dot, rest = typed.partition(".")
    return f"{whole[:-3]}{draw.choice(', .')}{whole[-3:]}{dot}{rest}" if len(whole.lstrip("-")) > 3 else None


@kind(named("p_value"))
@cell
def sign_of_p_lost(typed, draw):
    return typed[1:] if typed[0] in "<>" else None


@kind(named("p_value"))
@cell
def p_tenfold(typed, draw):
    return typed.replace("0.0", "0.", 1) if "0.0" in typed else typed.replace("0.", "0.0", 1) if "0." in typed else None
