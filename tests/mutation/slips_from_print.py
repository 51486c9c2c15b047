"""Slips of a tired reader of a printed table: another trial, arm, time, set of people or summary of the same column.

They join the kinds of `slips_of_rows`; a kind is written as there.
"""

from __future__ import annotations

from slips import cell, digit_changed_in, kind, named
from slips_of_rows import ARMS, BETWEEN, INTERVAL, KINDS, _other_row, _ratio

__all__ = ["KINDS"]

SIDES = {"int": "ctl", "ctl": "int"}


def _filled(row, *names):
    return all(row.get(name) for name in names)


@kind(named("mean_int", "events_int", "estimate"))
def trials_exchanged(rows, i, column, draw):
    """The numbers of two trials on one outcome, each in the other's row."""
    row = rows[i]
    if not _filled(row, column, "trial", "outcome"):
        return None
    others = [r for r in rows if r[column] and r["outcome"] == row["outcome"] and r["trial"] != row["trial"]]
    if not others:
        return None
    other = draw.choice(others)
    for name in ARMS + BETWEEN:
        row[name], other[name] = other[name], row[name]
    return True


@kind(named("ci_low"))
def interval_of_another_time(rows, i, column, draw):
    other = _other_row(rows, i, column, draw, "trial", "outcome", "instrument_id")
    if not other:
        return None
    rows[i].update({name: other[name] for name in ("ci_low", "ci_high")})
    return True


@kind(named("value_kind"))
def arms_of_the_other_kind(rows, i, column, draw):
    """Changes from baseline where final scores are asked for, or the other way round."""
    other = _other_row(rows, i, column, draw, "trial", "outcome", "instrument_id", "timepoint_weeks")
    if not other or not _filled(other, "mean_int"):
        return None
    rows[i].update({name: other[name] for name in ARMS})
    return True


@kind(named("n_int"))
def people_per_protocol(rows, i, column, draw):
    """A tenth of both arms left out, as in another column of the flow."""
    row = rows[i]
    if not _filled(row, "n_int", "n_ctl"):
        return None
    row.update({name: str(round(0.9 * int(row[name]))) for name in ("n_int", "n_ctl")})
    return True


@kind(named("n_int", "n_ctl"))
def people_of_both_arms(rows, i, column, draw):
    row = rows[i]
    if not _filled(row, "n_int", "n_ctl"):
        return None
    row[column] = str(int(row["n_int"]) + int(row["n_ctl"]))
    return True


@kind(named("mean_int"))
def median_for_mean(rows, i, column, draw):
    """Of a skewed score, in the arm of the intervention: a fifth of a standard deviation lower."""
    row = rows[i]
    if not _filled(row, "mean_int", "sd_int"):
        return None
    decimals = len(row["mean_int"].partition(".")[2])
    row["mean_int"] = f"{float(row['mean_int']) - 0.2 * float(row['sd_int']):.{decimals}f}"
    return True


@kind(named("sd_int"))
def quartiles_for_deviation(rows, i, column, draw):
    """The distance between the quartiles in both arms, 1.35 standard deviations."""
    row = rows[i]
    if not _filled(row, "sd_int", "sd_ctl"):
        return None
    row.update({name: f"{1.35 * float(row[name]):.1f}" for name in ("sd_int", "sd_ctl")})
    return True


@kind(named("favours"))
def scale_turned(rows, i, column, draw):
    """The estimate with its interval, and the side that did better, as on a scale that runs the other way."""
    row = rows[i]
    if row["favours"] not in SIDES or _ratio(row) or not _filled(row, *INTERVAL):
        return None
    turned = [f"{-float(row[name]):g}" for name in ("estimate", "ci_high", "ci_low")]
    row.update(zip(INTERVAL, turned, strict=True), favours=SIDES[row["favours"]])
    return True


@kind(named("favours"))
def everything_turned(rows, i, column, draw):
    """Both arms, the estimate and the side that did better, all of them consistently the wrong way round."""
    row = rows[i]
    if row["favours"] not in SIDES or _ratio(row) or not _filled(row, "mean_int", "mean_ctl"):
        return None
    for name in ("n", "mean", "sd", "events"):
        row[f"{name}_int"], row[f"{name}_ctl"] = row[f"{name}_ctl"], row[f"{name}_int"]
    if _filled(row, *INTERVAL):
        turned = [f"{-float(row[name]):g}" for name in ("estimate", "ci_high", "ci_low")]
        row.update(zip(INTERVAL, turned, strict=True))
    row["favours"] = SIDES[row["favours"]]
    return True


@kind(named("mean_ctl", "events_ctl"))
def another_arm_as_control(rows, i, column, draw):
    """The arm of another comparison of the trial, in the place of its control group."""
    row, name = rows[i], column.removesuffix("_ctl")
    if not _filled(row, column, "trial", "outcome"):
        return None
    others = [
        r
        for r in rows
        if r is not row and all(r[n] == row[n] for n in ("trial", "outcome", "timepoint_weeks")) and r[f"{name}_int"]
    ]
    if not others:
        return None
    other = draw.choice(others)
    row.update({f"{n}_ctl": other[f"{n}_int"] for n in ("n", "mean", "sd", "events")})
    return True


@kind(lambda column: column.name in ("result_id", "event_id", "pooled_id", "claim_id"))
def identifier_used_again(rows, i, column, draw):
    if next(iter(rows[i])) != column or len(rows) < 2:
        return None
    rows[i][column] = draw.choice([row[column] for row in rows if row is not rows[i]])
    return True


@kind(named("trial"))
def other_trial(rows, i, column, draw):
    others = sorted({row["trial"] for row in rows} - {rows[i]["trial"], ""})
    if not rows[i]["trial"] or not others:
        return None
    rows[i]["trial"] = draw.choice(others)
    return True


@kind(named("outcome"))
def other_outcome(rows, i, column, draw):
    others = sorted({row["outcome"] for row in rows} - {rows[i]["outcome"], ""})
    if not rows[i]["outcome"] or not others:
        return None
    rows[i]["outcome"] = draw.choice(others)
    return True


@kind(named("timepoint_weeks"))
@cell
def weeks_from_the_end(typed, draw):
    """Counted from the end of a treatment of some weeks, not from its beginning."""
    weeks = float(typed) - draw.choice((4, 6, 8, 12))
    return f"{weeks:g}" if weeks >= 0 else None


@kind(named("timepoint_weeks"))
@cell
def days_for_weeks(typed, draw):
    return f"{float(typed) * 7:g}" if float(typed) else None


@kind(named("year"))
@cell
def digit_of_the_year(typed, draw):
    return typed[:2] + digit_changed_in(typed[2:], draw)


@kind(named("result_id"))
def trial_doubled_under_another_name(rows, i, column, draw):
    """A second report of one trial, taken for another trial."""
    row = rows[i]
    if not row.get("trial"):
        return None
    rows.insert(i + 1, row | {"result_id": f"{row['result_id']}-b", "trial": f"{row['trial']} (second report)"})
    rows[i + 1] |= {name: "" for name in ("arm_id", "control_id") if name in row}
    return True


@kind(named("estimate"))
def rounded_twice(rows, i, column, draw):
    """A number of two decimals or more, typed with one fewer."""
    typed = rows[i][column]
    decimals = len(typed.partition(".")[2])
    if decimals < 2 or float(f"{float(typed):.{decimals - 1}f}") == float(typed):
        return None
    rows[i][column] = f"{float(typed):.{decimals - 1}f}"
    return True
