"""What is legal but suspicious beside other trials: an SD that may be an SE, an arm with a digit too many.

Every fault here is a warning. One that was looked at is silenced by its row: see `looked_at`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from math import log, sqrt
from statistics import median

from ..errors import Problem
from .folder import Folder, results_of
from .signs import look_again

FACTOR = 2  # standard deviations of one instrument rarely differ by more between trials
NEAR = 1.5  # how near SD times root n must come to the other trials to be taken for a standard error
UNEQUAL = 2.5  # how many times the SD of one arm may be that of the other
TENFOLD = 7  # how many times an arm may be the usual arm of its trial before a digit is suspected


GROWN = 1.5  # how many times the people of an arm may be the most that any other row gives for it


def spread_problems(folder: Folder) -> list[Problem]:
    """Return a warning a standard deviation that stands apart from those of other trials on the same instrument."""
    places = defaultdict(list)
    for arm in ("int", "ctl"):
        names = (f"sd_{arm}", "value_kind", "trial", "instrument_id", f"n_{arm}")
        for table, at, sd, kind, trial, instrument, n in results_of(folder, *names):
            if sd and trial and instrument and kind in ("final", "change"):
                places[instrument, kind].append((table, at, arm, sd, n, trial))
    found = [problem for (name, _), group in places.items() for problem in _apart(name, group)]
    told = {(problem.file, problem.line) for problem in found}
    return found + [p for p in _unequal(folder) if (p.file, p.line) not in told]


def _unequal(folder):
    """Yield a warning for each row in which one arm spreads far more widely than the other."""
    for table, at, *sds in results_of(folder, "sd_int", "sd_ctl"):
        if all(sds) and max(sds) > UNEQUAL * min(sds):
            row, small = table.rows[at], ("sd_int", "sd_ctl")[sds[0] > sds[1]]
            rule = f"the standard deviation of the other arm, {max(sds):g}, is over {UNEQUAL:g} times as large"
            yield table.warning(row, small, rule, f"{look_again(row)}: a standard error, or a digit lost?")


def size_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each arm far larger or smaller than the arms of its trial, or than in its other rows."""
    sizes, found = defaultdict(list), []
    for name in ("n_int", "n_ctl"):
        for table, at, trial, n in results_of(folder, "trial", name):
            if trial and n:
                sizes[trial].append((table, at, name, n))
    for group in sizes.values():
        if len(group) == 2:  # one row: which of its two arms is wrong, only the source can tell
            (table, at, name, n), (*_, other) = sorted(group, key=lambda arm: -arm[-1])
            if n >= TENFOLD * other:
                rule = f"is over {TENFOLD} times the {other} people of the other arm: a digit too many or too few?"
                found.append(table.warning(table.rows[at], name, rule, look_again(table.rows[at])))
            continue
        sizes_here = [n for *_, n in group]
        if len(group) < 3 or max(sizes_here) < TENFOLD * min(sizes_here):
            continue
        ordered = sorted(sizes_here)
        for table, at, name, n in group:
            usual = _median_without(ordered, n)
            if not 1 / TENFOLD < n / usual < TENFOLD:
                rule = f"the arms of this trial usually hold {usual:g} people: a digit too many or too few?"
                found.append(table.warning(table.rows[at], name, rule, look_again(table.rows[at])))
    told = {(problem.file, problem.line, problem.column) for problem in found}
    return found + [p for p in _grown(folder) if (p.file, p.line, p.column) not in told]


def _grown(folder):
    """Yield a warning for each row that gives an arm many more people than any other row gives it."""
    sizes = defaultdict(list)
    for name, person in (("n_int", "arm_id"), ("n_ctl", "control_id")):
        for table, at, arm, n in results_of(folder, person, name):
            if arm and n:
                sizes[arm].append((n, table, at, name))
    for arm, group in sizes.items():
        if len(group) > 1:
            (n, table, at, name), (most, *_) = sorted(group, key=lambda each: -each[0])[:2]
            if n > GROWN * most:
                rule = f"no other row gives {arm} more than {most} people"
                row = table.rows[at]
                yield table.warning(row, name, rule, f"{look_again(row)}: both arms added up, or those randomized?")


def _apart(instrument: str, group) -> list[Problem]:
    found, by_trial = [], defaultdict(list)
    for *_, sd, _, trial in group:
        by_trial[trial].append(sd)
    usual_of = {trial: median(sds) for trial, sds in by_trial.items()}
    ordered, count = sorted(usual_of.values()), len(by_trial) - 1
    without = {trial: _median_without(ordered, own) if count else None for trial, own in usual_of.items()}
    for table, at, arm, sd, n, trial in group:
        usual = without[trial]
        if usual is None or 1 / FACTOR <= sd / usual <= FACTOR:
            continue
        row, told = table.rows[at], f"{count} other {'trial' if count == 1 else 'trials'} on {instrument}"
        if n and sd < usual and abs(log(sd * sqrt(n) / usual)) < log(NEAR):
            rule = f"looks like a standard error: times the root of {n} it is {sd * sqrt(n):.3g}, near the {usual:.3g}"
            found.append(table.warning(row, f"sd_{arm}", f"{rule} of {told}", look_again(row)))
        elif count > 1:
            rule = f"is more than {FACTOR} times off the usual {usual:.3g} of {told}"
            found.append(table.warning(row, f"sd_{arm}", rule, f"{look_again(row)}: right instrument, right unit?"))
    return found


def _median_without(ordered, value) -> float:
    """Return the median of sorted numbers without one that is among them, in no more time than finding it takes."""
    at, rest = bisect_left(ordered, value), len(ordered) - 1
    low, high = (ordered[k + (k >= at)] for k in ((rest - 1) // 2, rest // 2))
    return (low + high) / 2
