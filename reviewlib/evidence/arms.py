"""Who is counted: arms known by their identifiers, results that would count people twice, one trial under two labels.

Code joins the arms of a trial (see `reviewlib.effects.shared_control`); what it cannot join is an error here, so that
whatever passes the check can be computed. Three signs tell that two labels are one trial: the same first author and
year, one registration number behind both reports, and both arms with the same n, mean and SD.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import Any

from ..errors import Problem
from .folder import Folder, TopicFolder
from .labels import folded
from .rows import BrokenCell, ByKey, Table, rows_of, texts_of

JOINED = ("outcome", "instrument_id", "analysis_set", "value_kind", "measure")  # equal in rows whose arms are joined
_IDS = {"arm_id": "int", "control_id": "ctl"}
_PART = re.compile(r"-(half|third|quarter|part)-\d+")  # in an id: a part of an arm that somebody else split
_NUMBERS = (("n", "mean", "sd"), ("n", "events"))


def arm_problems(folder: Folder) -> list[Problem]:
    """Return an error for an arm identifier that stands under two trials, or on both sides of one row."""
    found, trials = [], {}
    for topic in folder.topics.values():
        table = topic.tables.get("results")
        for at, texts in enumerate(texts_of(table, "trial", *_IDS)):
            if not (texts[1] or texts[2]):
                continue
            arms = dict(zip(_IDS, texts[1:], strict=True))
            for name, arm in arms.items():
                first, place, there = trials.setdefault(arm, (texts[0], at, table)) if arm else (texts[0], at, table)
                if first != texts[0] and folded(first) != folded(texts[0]):
                    row, other = table.rows[at], there.rows[place]
                    rule = f"is an arm of {first} ({other.record}), not of {texts[0]}"
                    if not {"trial", name} & row.broken and "trial" not in other.broken:
                        found.append(table.problem(row, name, rule, "Give every arm of every trial its own identifier"))
            if arms["arm_id"] and arms["arm_id"] == arms["control_id"] and not table.rows[at].broken & {*_IDS}:
                rule, remedy = "is the intervention arm too", "Name the two arms of the row apart"
                found.append(table.problem(table.rows[at], "control_id", rule, remedy))
    return found


def counted_twice(table: Table, pairs: Any) -> list[Problem]:
    """Return main results of a comparison, as (row of synthesis, result), that would count people twice."""
    found, trials, controls = [], defaultdict(list), {}
    for row, result in pairs:
        try:
            trials[folded(result["trial"])].append((row, result))
            numbers = tuple(result[name] for name in ("n_ctl", "mean_ctl", "events_ctl"))
            control = (result["source_id"], *numbers, result["timepoint_weeks"])
        except BrokenCell:
            continue
        if any(number is not None for number in numbers):
            other = controls.setdefault(control, result)
            if folded(other["trial"]) != folded(result["trial"]):
                rule = f"the control group may be that of {other.record}, under another trial label"
                remedy = "Give both rows the same trial label, so that code combines them, or say in reason why not"
                found.append(table.warning(row, "result_id", rule, remedy))
    for mine in trials.values():
        with suppress(BrokenCell):
            found += [table.problem(row, "result_id", *fault) for row, *fault in _doubles(mine)]
    return found


def _doubles(mine):
    """Yield (row, rule, remedy) for main results of one trial that code cannot join into one effect."""
    (plan, first), pairs, arms = mine[0], {}, {}
    apart = _unlinked(mine)
    for row, result in mine:
        name, trial = first.record, first["trial"]
        same = (result["arm_id"] or result["intervention"], result["control_id"] or result["comparator"])
        other = pairs.setdefault((result["timepoint_weeks"], *same), result)
        differs = [column for column in JOINED if result[column] != first[column]]
        if result["timepoint_weeks"] != first["timepoint_weeks"]:
            remedy = "Keep one time point as main, the other for sensitivity or shown"
            yield row, f"{trial} is already main with {name} at another time", remedy
        elif other is not result:
            yield row, f"the same people of {trial} are already main with {other.record}", "Keep one of the two as main"
        elif row["join_as"] != plan["join_as"] or (row["join_as"] is None and result in apart):
            rule = f"people of {trial} may count twice: no group of this row is one of {name}"
            remedy = "Write the same control_id (or arm_id) into both for the group they share, or keep one as main"
            yield row, rule, f"{remedy}. Rows of different people of one trial need the same join_as"
        elif differs:
            rule = f"its people are those of {name}, but the two differ in {differs[0]} and cannot be joined"
            yield row, rule, "Keep one of the two as main, or correct that column of the results"
        elif len(mine) > 1:
            yield from ((row, *fault) for fault in _unnamed(row, result, first, mine, arms))


def _unlinked(mine):
    """Return the results that are linked to the first neither directly nor over others, by an arm on the same side."""
    rest = [result for _, result in mine]
    linked, near = set(), rest[:1]
    while near:
        linked |= {(name, result[name]) for result in near for name in _IDS if result[name]}
        rest = [result for result in rest if result not in near]
        near = [result for result in rest if any((name, result[name]) in linked for name in _IDS)]
    return rest


def _unnamed(row, result, first, mine, arms):
    """Yield (rule, remedy) where arms to be joined lack an identifier or numbers, or one arm has two identifiers."""
    lacking = [name for name in _IDS if not result[name]]
    if lacking:
        rule = f"is joined with {first.record}, but has no {lacking[0]}"
        yield rule, "Write the identifiers of both arms into results.csv"
        return
    several = all(len({other[name] for _, other in mine}) > 1 for name in _IDS)
    arm_numbers = [[f"{name}_{arm}" for name in names for arm in _IDS.values()] for names in _NUMBERS]
    whole = [
        names for names, cells in zip(_NUMBERS, arm_numbers, strict=True) if None not in map(result.__getitem__, cells)
    ]
    if several and not whole:
        rule = f"is joined with {first.record} from the numbers of every arm, and they are not all there"
        yield rule, "Fill in n, mean and SD (or events) of both arms, or keep rows with one shared arm as main"
    for name, arm in _IDS.items():
        numbers = tuple(result[f"{n}_{arm}"] for n in _NUMBERS[0]) if whole[:1] == [_NUMBERS[0]] else ()
        known = arms.setdefault((name, *numbers), result[name]) if numbers else result[name]
        if known != result[name] and not _PART.search(known) and not _PART.search(result[name]):
            rule = f"{result[name]} has the numbers of {known}: one group under two identifiers would count twice"
            yield rule, f"Write one {name}; parts of a group that somebody split are named {known}-half-1, -half-2"


_STEM = re.compile(r"(.*?\D(?:19|20)\d\d)(?![\da-z])", re.IGNORECASE)  # "Doe 2014" of "Doe 2014 (BEACON), arm 2"
_REVIEWS = ("systematic-review", "guideline", "data-set")
_ONE_LABEL = (
    "Give reports of one trial one label; two trials of one author and year get a letter (2014a, 2014b); else keep one "
    "of the two as main"
)
_ALIKE = ("n_int", "mean_int", "sd_int", "n_ctl", "mean_ctl", "sd_ctl")


def people_problems(folder: Folder) -> list[Problem]:
    """Return an error for each main result whose people are main already in its comparison, under another label."""
    by_id = ByKey(folder.shared.get("sources"))
    return [problem for topic in folder.topics.values() for problem in _mains(topic, by_id)]


def _mains(topic: TopicFolder, sources):
    table, results = topic.tables.get("synthesis"), topic.tables.get("results")
    by_id, seen = ByKey(results), defaultdict(dict)
    for row in rows_of(table):
        result = by_id.get(row.text.get("result_id"))
        if result is None or row.text.get("use") != "main":
            continue
        mine = seen[row.text.get("comparison_id")]
        for sign, why in _signs(result, sources):
            first = mine.setdefault(sign, result)
            if folded(first.text.get("trial", "")) != folded(result.text.get("trial", "")):
                other = f"{first.record}, {first.text.get('trial')}"
                rule = f"its people may be main already ({other}): {why}, but another trial label"
                yield table.problem(row, "result_id", rule, _ONE_LABEL)
                break


def _signs(result, sources):
    """Yield what tells the people of a result, and in words."""
    if match := _STEM.match(result.text.get("trial", "")):
        yield ("label", folded(match[1])), f"the same author and year, {match[1]}"
    source = sources.get(result.text.get("source_id"))
    if source is not None and source.text.get("kind") not in _REVIEWS:
        for number in filter(None, (part.strip() for part in source.text.get("registry_id", "").split(";"))):
            yield ("registry", number.lower()), f"the same registration {number}"
    with suppress(BrokenCell):
        numbers = tuple(result[name] for name in _ALIKE)
        if None not in numbers:
            yield ("arms", numbers), "the same n, mean and SD in both arms"
