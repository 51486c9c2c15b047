"""What is legal but suspicious between rows: an SD that may be an SE, changes among finals, one control group twice.

Every fault here is a warning. One that was looked at is silenced by its row: see `looked_at`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from contextlib import suppress
from math import log, sqrt
from statistics import median
from typing import TYPE_CHECKING

from ..errors import Problem
from ..measures import is_ratio
from .agreement import arm_shares, printed_ends
from .key_file import dotted
from .labels import folded
from .numbers import half_unit, look_again, plain
from .reading import BrokenCell, Row, Table, by_key, rows_of

if TYPE_CHECKING:
    from .folder import Folder, TopicFolder
    from .key_file import KeyFile

FACTOR = 2  # standard deviations of one instrument rarely differ by more between trials
NEAR = 1.5  # how near SD times root n must come to the other trials to be taken for a standard error
UNEQUAL = 2.5  # how many times the SD of one arm may be that of the other
TENFOLD = 7  # how many times an arm may be the usual arm of its trial before a digit is suspected
_NAME = re.compile(r"[\W_\d]+")
UNWRITTEN = "write here:"  # how a scaffolded topic.yml begins what a person has still to write


def spread_problems(folder: Folder) -> list[Problem]:
    """Return a warning a standard deviation that stands apart from those of other trials on the same instrument."""
    places = defaultdict(list)
    for topic in folder.topics.values():
        table = topic.tables.get("results")
        for arm in ("int", "ctl") if table else ():
            names = (f"sd_{arm}", "value_kind", "trial", "instrument_id", f"n_{arm}")
            for at, sd, kind, trial, instrument, n in table.values(*names):
                if sd and trial and instrument and kind in ("final", "change"):
                    places[instrument, kind].append((table, at, arm, sd, n, trial))
    found = [problem for (name, _), group in places.items() for problem in _apart(name, group)]
    told = {(problem.file, problem.line) for problem in found}
    return found + [p for p in _unequal(folder) if (p.file, p.line) not in told]


def _unequal(folder):
    """Yield a warning for each row in which one arm spreads far more widely than the other."""
    for table, at, *sds in _results(folder, "sd_int", "sd_ctl"):
        if all(sds) and max(sds) > UNEQUAL * min(sds):
            row, small = table.rows[at], ("sd_int", "sd_ctl")[sds[0] > sds[1]]
            rule = f"the standard deviation of the other arm, {max(sds):g}, is over {UNEQUAL:g} times as large"
            yield warn(table, row, small, rule, f"{look_again(row)}: a standard error, or a digit lost?")


def _results(folder, *names):
    """Yield (table, place, value, ...) of every row of results in which none of some columns is broken."""
    for topic in folder.topics.values():
        table = topic.tables.get("results")
        yield from ((table, *row) for row in (table.values(*names) if table else ()))


def size_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each arm that is ten times as large, or as small, as the other arms of its trial."""
    sizes, found = defaultdict(list), []
    for name in ("n_int", "n_ctl"):
        for table, at, trial, n in _results(folder, "trial", name):
            if trial and n:
                sizes[trial].append((table, at, name, n))
    for group in sizes.values():
        if len(group) == 2:  # one row: which of its two arms is wrong, only the source can tell
            (table, at, name, n), (*_, other) = sorted(group, key=lambda arm: -arm[-1])
            if n >= TENFOLD * other:
                rule = f"is over {TENFOLD} times the {other} people of the other arm: a digit too many or too few?"
                found.append(warn(table, table.rows[at], name, rule, look_again(table.rows[at])))
            continue
        sizes_here = [n for *_, n in group]
        if len(group) < 3 or max(sizes_here) < TENFOLD * min(sizes_here):
            continue
        ordered = sorted(sizes_here)
        for table, at, name, n in group:
            usual = _median_without(ordered, n)
            if not 1 / TENFOLD < n / usual < TENFOLD:
                rule = f"the arms of this trial usually hold {usual:g} people: a digit too many or too few?"
                found.append(warn(table, table.rows[at], name, rule, look_again(table.rows[at])))
    return found


def instrument_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each row whose instrument measures another outcome wherever else it is used."""
    used = defaultdict(lambda: defaultdict(list))
    for table, at, instrument, outcome in _results(folder, "instrument_id", "outcome"):
        if instrument and outcome and len(used[instrument][outcome]) < 2:
            used[instrument][outcome].append((table, at))
    found = []
    for outcomes in used.values():
        for outcome, group in outcomes.items():
            others = sorted(outcomes.keys() - {outcome})
            if others and len(group) == 1:
                rule = f"everywhere else it measures {' or '.join(others)}, here {outcome}"
                table, row = group[0][0], group[0][0].rows[group[0][1]]
                found.append(warn(table, row, "instrument_id", rule, f"{look_again(row)}: right instrument?"))
    return found


def side_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each ratio or count on no scale that calls another side better than its outcome does.

    More of a harm is worse; of any other outcome all rows that name a side say by it whether more is better.
    """
    said, harms = defaultdict(list), set()
    better = {
        row.text.get("instrument_id"): row.text.get("better") for row in rows_of(folder.shared.get("instruments"))
    }
    for name, topic in folder.topics.items():
        harms |= {
            (name, outcome.get("id")) for outcome in topic.about.entries("outcomes") if outcome.get("benefit") == "harm"
        }
        table = topic.tables.get("results")
        for at, outcome, fewer in _sides(table, better) if table else ():
            said[name, outcome].append((table, at, fewer))
    found = []
    for outcome, rows in said.items():
        count = Counter(fewer for *_, fewer in rows)
        for table, at, fewer in rows:
            if (fewer is False) if outcome in harms else (count[fewer] == 1 and count[not fewer]):
                row = table.rows[at]
                less = "fewer" if not fewer else "more"
                rule = (
                    f"this favours the other side: {less} people with {outcome[1]} is better {_WHERE[outcome in harms]}"
                )
                asked = "which way is the ratio taken, and is it of people with the event or without it?"
                found.append(warn(table, row, "favours", rule, f"{look_again(row)}: {asked}"))
    return found


_WHERE = {True: "(topic.yml calls it a harm)", False: "in the other rows"}


def _sides(table, better):
    """Yield (place, outcome, whether fewer is better) of each row on no scale that says so."""
    rows, asked = table.rows, range(len(table.rows))
    if not isinstance(rows, tuple):
        from .suspects import fewer_is_better

        unscaled = ~rows.by_text(("instrument_id",), better.get, rows.lines > 0)
        fewer, asked = fewer_is_better(rows, unscaled), rows.odd()
        known = enumerate(zip(fewer.tolist(), (text for (text,) in table.texts("outcome")), strict=True))
        yield from ((at, outcome, side > 0) for at, (side, outcome) in known if outcome and side >= 0)
    for at in asked:
        with suppress(BrokenCell):
            row = rows[at]
            fewer = None if better.get(row["instrument_id"]) else _fewer_is_better(row)
            if fewer is not None and row["outcome"]:
                yield at, row["outcome"], fewer


def _fewer_is_better(row) -> bool | None:
    """Return whether the side that did better has the smaller share or rate; None where a row does not say."""
    if row["favours"] not in ("int", "ctl"):
        return None
    if row["estimate"] is not None and (is_ratio(row["measure"]) or row["measure"] == "RD"):
        ends = printed_ends(row, "estimate")
        turned = row["contrast"] == "ctl-int"
    else:
        shares = arm_shares(row)
        ends = shares and (shares[0][0] - shares[1][1], shares[0][1] - shares[1][0])
        turned = False
    if ends is None or ends[0] <= 0 <= ends[1]:
        return None
    return ((ends[1] < 0) != turned) == (row["favours"] == "int")


def repeated_problems(folder: Folder) -> list[Problem]:
    """Return a warning for one arm with two means, and for numbers that two trials, times or outcomes share."""
    arms, rows, found = {}, {}, []
    for table, row in _perhaps_repeated(folder):
        with suppress(BrokenCell):
            numbers = tuple(row[f"{name}_{arm}"] for arm in ("int", "ctl") for name in ("mean", "sd", "n"))
            first = rows.setdefault(numbers, row) if None not in numbers else row
            if first is not row and _copied(first, row):
                rule = f"both arms have the n, mean and SD of {first.record}: was its row copied?"
                found.append(warn(table, row, "mean_int", rule, look_again(row)))
            for arm, person in (("int", "arm_id"), ("ctl", "control_id")):
                at = _same_arm(row, arm, person)
                before, its = arms.setdefault(at, (row, arm)) if at else (row, arm)
                differs = next((name for name in _OF_AN_ARM if _differs(row, arm, before, its, name)), None)
                if differs:
                    value = before[f"{differs}_{its}"]
                    rule = f"{row[person]} has another {_OF_AN_ARM[differs]} at this time in {before.record}: {value:g}"
                    found.append(warn(table, row, f"{differs}_{arm}", rule, look_again(row)))
    return found


def _perhaps_repeated(folder):
    """Yield (table, row) of every row, of large tables of those that share numbers or an arm with another row."""
    tables = [topic.tables["results"] for topic in folder.topics.values() if "results" in topic.tables]
    if all(isinstance(table.rows, tuple) for table in tables):
        return ((table, row) for table in tables for row in table.rows)
    from .sheet import shared

    keys = [((f"{name}_{arm}" for arm in ("int", "ctl") for name in ("mean", "sd", "n")), 6)]
    keys += [((person, "timepoint_weeks", *_WHAT), 2) for person in ("arm_id", "control_id")]
    return ((table, table.rows[at]) for table, at in shared(tables, [(tuple(names), many) for names, many in keys]))


_OF_AN_ARM = {"mean": "mean", "events": "count of events", "sd": "SD", "n": "number of people"}
_WHAT = ("outcome", "instrument_id", "timepoint_weeks", "value_kind", "analysis_set")


def _same_arm(row, arm, person):
    """Return what tells an arm, its outcome and its time; None where a row says that its numbers are others."""
    people = row.values.get(person)
    if not people or row["timepoint_weeks"] is None:
        return None
    if row["mean_" + arm] is not None and row["instrument_id"] is None or row["outcome"] is None:
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
    """Return whether two rows with the same numbers are of two trials, or of two times or two outcomes of one."""
    if first["trial"] == row["trial"] and any(first[name] != row[name] for name in ("outcome", "instrument_id")):
        return True
    one, other = (folded(_NAME.split((each["trial"] or "").strip())[0]) for each in (first, row))
    if one == other:  # labels such as 'Doe 2014a' and 'Doe 2014, comparison 6': two reviews of one trial
        times = first["timepoint_weeks"], row["timepoint_weeks"]
        return first["instrument_id"] == row["instrument_id"] and None not in times and times[0] != times[1]
    return True


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
            found.append(warn(table, row, f"sd_{arm}", f"{rule} of {told}", look_again(row)))
        elif count > 1:
            rule = f"is more than {FACTOR} times off the usual {usual:.3g} of {told}"
            found.append(warn(table, row, f"sd_{arm}", rule, f"{look_again(row)}: right instrument, right unit?"))
    return found


def _median_without(ordered, value) -> float:
    """Return the median of sorted numbers without one that is among them, in no more time than finding it takes."""
    at, rest = bisect_left(ordered, value), len(ordered) - 1
    low, high = (ordered[k + (k >= at)] for k in ((rest - 1) // 2, rest // 2))
    return (low + high) / 2


def kind_problems(topic: TopicFolder) -> list[Problem]:
    """Return a warning a pool of standardized differences that mixes changes from baseline with final scores."""
    table, results = topic.tables.get("synthesis"), topic.tables.get("results")
    if table is None or results is None:
        return []
    by_id = by_key(results)
    pooled = {c.get("id") for c in topic.about.entries("comparisons") if c.get("pool") and c.get("measure") == "SMD"}
    kinds = defaultdict(lambda: defaultdict(list))
    for row in table.rows:
        result = by_id.get(row.text.get("result_id"))
        with suppress(BrokenCell):
            if result and row["use"] == "main" and row["comparison_id"] in pooled and result["sd_int"] is not None:
                kinds[row["comparison_id"]][result["value_kind"]].append(row)
    found = []
    for comparison, there in kinds.items():
        for row in there["change"] if there["final"] else ():
            rule = f"a change from baseline stands among final scores in {comparison}, a standardized difference"
            remedy = "The SD of changes is another yardstick: use final scores, or a mean difference, or say why"
            found.append(warn(table, row, "result_id", rule, remedy))
    return found


def control_problems(folder: Folder) -> list[Problem]:
    """Return a warning a comparison in which two sources bring a control group with the same n, mean and SD."""
    found = []
    for topic in folder.topics.values():
        table, results = topic.tables.get("synthesis"), topic.tables.get("results")
        by_id = by_key(results)
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
                    found.append(warn(table, row, "result_id", rule, remedy))
    return found


def unwritten_problems(about: KeyFile) -> list[Problem]:
    """Return a warning a key of topic.yml in which the words of the scaffold still stand."""
    found, open_paths = [], [((), about.info)]
    while open_paths:
        path, value = open_paths.pop()
        if isinstance(value, (dict, list)):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            open_paths += [((*path, key), part) for key, part in inner]
        elif isinstance(value, str) and value.startswith(UNWRITTEN):
            rule, remedy = "is not written yet", "Replace the words of the scaffold"
            line = about.lines.get(path, 1)
            found.append(Problem(about.file, line, dotted(path), "", value, rule, remedy, "warning"))
    return found


def warn(table: Table, row: Row, column: str, rule: str, remedy: str) -> Problem:
    return table.problem(row, column, rule, remedy, severity="warning")
