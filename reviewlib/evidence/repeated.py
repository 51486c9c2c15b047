"""Numbers that stand twice: one arm with two means, rows that were copied, one control group in two sources.

Every fault here is a warning. One that was looked at is silenced by its row: see `looked_at`.
"""

from __future__ import annotations

import re
from contextlib import suppress

from ..errors import Problem
from .folder import Folder
from .labels import folded
from .rows import BrokenCell, ByKey
from .sheet import shared
from .signs import half_unit, look_again, plain

_NAME = re.compile(r"[\W_\d]+")


def repeated_problems(folder: Folder) -> list[Problem]:
    """Return a warning for one arm with two means, and for numbers that two trials, times or outcomes share."""
    arms, rows, found = {}, {}, []
    for table, row in _perhaps_repeated(folder):
        with suppress(BrokenCell):
            numbers = tuple(row[f"{name}_{arm}"] for arm in ("int", "ctl") for name in ("mean", "sd", "n"))
            first = rows.setdefault(numbers, row) if None not in numbers else row
            if first is not row and _copied(first, row):
                rule = f"both arms have the n, mean and SD of {first.record}: was its row copied?"
                found.append(table.warning(row, "mean_int", rule, look_again(row)))
            else:
                printed = tuple(row[name] for name in _PRINTED)
                first = rows.setdefault(printed, row) if None not in printed else row
                if not _one_trial(first, row):
                    rule = f"the people, the estimate and its interval are those of {first.record}: one trial twice?"
                    found.append(table.warning(row, "estimate", rule, look_again(row)))
            for arm, person in (("int", "arm_id"), ("ctl", "control_id")):
                at = _same_arm(row, arm, person)
                before, its = arms.setdefault(at, (row, arm)) if at else (row, arm)
                differs = next((name for name in _OF_AN_ARM if _differs(row, arm, before, its, name)), None)
                if differs:
                    value = before[f"{differs}_{its}"]
                    rule = f"{row[person]} has another {_OF_AN_ARM[differs]} at this time in {before.record}: {value:g}"
                    found.append(table.warning(row, f"{differs}_{arm}", rule, look_again(row)))
    return found


def _perhaps_repeated(folder):
    """Yield (table, row) of every row, of large tables of those that share numbers or an arm with another row."""
    tables = [topic.tables["results"] for topic in folder.topics.values() if "results" in topic.tables]
    if all(isinstance(table.rows, tuple) for table in tables):
        return ((table, row) for table in tables for row in table.rows)
    keys = [((f"{name}_{arm}" for arm in ("int", "ctl") for name in ("mean", "sd", "n")), 6)]
    keys += [(_PRINTED, len(_PRINTED))]
    keys += [((person, "timepoint_weeks", *_WHAT), 2) for person in ("arm_id", "control_id")]
    return ((table, table.rows[at]) for table, at in shared(tables, [(tuple(names), many) for names, many in keys]))


_PRINTED = ("estimate", "ci_low", "ci_high", "n_int", "n_ctl", "measure")
_OF_AN_ARM = {"mean": "mean", "events": "count of events", "sd": "SD", "n": "number of people"}


_WHAT = ("outcome", "instrument_id", "timepoint_weeks", "value_kind", "analysis_set")


def _same_arm(row, arm, person):
    """Return what tells an arm, its outcome and its time; None where a row says that its numbers are others."""
    people = row.values.get(person)
    if not people or row["timepoint_weeks"] is None:
        return None
    if row["mean_" + arm] is not None and row["instrument_id"] is None:
        return None
    counted = "events" if row[f"events_{arm}"] is not None else "mean"
    words = row["population"] if counted == "events" else None
    return people, counted, words, plain(row) or row["analysis"], *(row[each] for each in _WHAT)


def _differs(row, arm, before, its, name) -> bool:
    """Return whether a number of an arm is another one than in a row before, by more than two ways of rounding."""
    value, first = row[f"{name}_{arm}"], before[f"{name}_{its}"]
    if before is row or value is None or first is None:
        return False
    slack = 2.01 * max(half_unit(row.typed(f"{name}_{arm}")), half_unit(before.typed(f"{name}_{its}")))
    return abs(value - first) > (slack if name in ("mean", "sd") else 0)


def _copied(first, row) -> bool:
    """Return whether two rows with the same numbers are of two trials, or of two times, outcomes or kinds of one."""
    if first["trial"] == row["trial"] and any(first[name] != row[name] for name in ("outcome", "instrument_id")):
        return True
    if _one_trial(first, row):
        times = first["timepoint_weeks"], row["timepoint_weeks"]
        others = None not in times and times[0] != times[1] or first["value_kind"] != row["value_kind"]
        return first["instrument_id"] == row["instrument_id"] and others
    return True


def _one_trial(first, row) -> bool:
    """Return whether two labels name one trial: 'Doe 2014a' and 'Doe 2014, comparison 6', as two reviews have it."""
    one, other = (folded(_NAME.split((each["trial"] or "").strip())[0]) for each in (first, row))
    return first is row or one == other


def control_problems(folder: Folder) -> list[Problem]:
    """Return a warning a comparison in which two sources bring a control group with the same n, mean and SD."""
    found = []
    for topic in folder.topics.values():
        table, results = topic.tables.get("synthesis"), topic.tables.get("results")
        by_id = ByKey(results)
        seen = {}
        for row in table.rows if table else ():
            result = by_id.get(row.text.get("result_id"))
            if result is None or row.text.get("use") != "main":
                continue
            with suppress(BrokenCell):
                numbers = tuple(result[name] for name in ("n_ctl", "mean_ctl", "sd_ctl"))
                if None in numbers:
                    continue
                key = (row["comparison_id"], result["instrument_id"], *numbers)
                first = seen.setdefault(key, result)
                if first["trial"] != result["trial"] and first["source_id"] != result["source_id"]:
                    rule = f"its control group has the n, mean and SD of {first.record}: perhaps the same people"
                    remedy = "Give both rows the same trial label if they are one trial, or say in reason why not"
                    found.append(table.warning(row, "result_id", rule, remedy))
    return found
