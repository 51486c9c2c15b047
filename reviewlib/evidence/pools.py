"""Rules of judgement: what may enter a comparison as main, and whether steps of certainty lead to the level."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import partial

from ..errors import Problem
from .arms import counted_twice
from .folder import TopicFolder
from .key_file import dotted
from .rows import BrokenCell, ByKey, Row, Table, rows_of

MARKS = {
    "status": ("secondary", "inferred", "derived"),
    "analysis_set": ("as-treated", "per-protocol", "cace", "observational", "pooled"),
    "design": ("cohort", "review"),
}
NEVER_HEADLINE = {"as-treated", "observational", "cohort"}
NEVER_POOLED = {"pooled", "review"}
LEVELS = ("very low", "low", "moderate", "high")


def marks(row: Row) -> tuple[str, ...]:
    """Return what keeps a result from being `main` unless it is accepted on purpose."""
    return tuple(row[column] for column, words in MARKS.items() if row[column] in words)


def _marked(result, comparison) -> tuple[str, ...]:
    """Return the marks of a result in a comparison: where there is a window, a missing time is one of them."""
    undated = comparison.get("window_weeks") is not None and result["timepoint_weeks"] is None
    return (*marks(result), *(["undated"] if undated else []))


def synthesis_problems(topic: TopicFolder) -> list[Problem]:
    """Return every fault of synthesis.csv against the results and the comparisons of its topic."""
    table, results = topic.tables.get("synthesis"), topic.tables.get("results")
    if table is None or results is None:
        return []
    by_id = ByKey(results)
    outcomes = topic.about.ids("outcomes")
    comparisons = {c["id"]: c for c in topic.about.entries("comparisons") if isinstance(c.get("id"), str)}
    found, mains = [], defaultdict(list)
    for row in table.rows:
        result = by_id.get(row.text.get("result_id"))
        comparison = comparisons.get(row.text.get("comparison_id"), {})
        if result is None or row.text.get("use") != "main":
            continue
        mains[row.text.get("comparison_id")].append((row, result))
        for rule in (_accepted, _located, _usable, _window, partial(_outcome, outcomes)):
            with suppress(BrokenCell):
                for fault in rule(row, result, comparison):
                    found.append(table.problem(row, *fault[:3], severity=(*fault, "error")[3]))
    for pairs in mains.values():
        found += counted_twice(table, pairs)
    return found + (_empty(topic, table) if results.rows else [])


def _empty(topic, table) -> list[Problem]:
    """Return a warning for each comparison without a row: none was found, or the end of a table was lost."""
    filled, about, found = {row.text.get("comparison_id") for row in table.rows}, topic.about, []
    for i, entry in enumerate(about.entries("comparisons")):
        if entry.get("id") not in filled and table.complete:
            at, rule = ("comparisons", i), "no row of synthesis.csv is in this comparison"
            remedy = "Bring back what was lost; where nothing was found it may stay"
            place = about.lines.get((*at, "id"), about.lines.get(at, 1))
            found.append(Problem(about.file, place, f"{dotted(at)} id", "", entry.get("id"), rule, remedy, "warning"))
    return found


def _accepted(row, result, comparison):
    accepted = set((row["accepts"] or "").split(";")) - {""}
    there = _marked(result, comparison)
    for mark in there:
        if mark not in accepted:
            rule = f"the result is marked {mark} and cannot be main without saying so"
            accept = f"write {mark} into accepts and say in reason why it may stand"
            yield "use", rule, f"Use it for sensitivity or show it, or {accept}"
        if mark in NEVER_HEADLINE and comparison.get("headline") is True:
            rule = f"a result marked {mark} is never main in a headline comparison"
            yield "use", rule, "Show it, or give it a comparison of its own"
        if mark in NEVER_POOLED and comparison.get("pool") is True:
            yield "use", "a review's own pool would count its trials twice", "Show it, or set pool: false in topic.yml"
    for mark in sorted(accepted - set(there)):
        yield "accepts", f"the result is not marked {mark}", "Delete the word", "warning"


def _located(row, result, comparison):
    """An imported row waits for a person to find its place in the source."""
    if result["locator"] == "locator missing":
        remedy = "Find the place in the source, write it into locator of the result, and only then use it as main"
        yield "use", "the result was imported and nobody has found its locator yet", remedy


def _usable(row, result, comparison):
    if comparison.get("pool") is not True:
        return
    spread = result["ci_low"] is not None or result["p_value"] not in (None, "NS")
    contrast = result["estimate"] is not None and spread
    means = all(result[f"{name}_{arm}"] is not None for name in ("n", "mean", "sd") for arm in ("int", "ctl"))
    events = all(result[f"{name}_{arm}"] is not None for name in ("n", "events") for arm in ("int", "ctl"))
    if not (contrast or means or events):
        needed = "an estimate with its interval, or n, mean and SD (or events) of both arms"
        yield "use", "the result holds no number that can be pooled", f"Show it instead: a pool needs {needed}"


def _window(row, result, comparison):
    weeks, window = result["timepoint_weeks"], comparison.get("window_weeks")
    if weeks is not None and isinstance(window, list) and len(window) == 2 and not window[0] <= weeks <= window[1]:
        remedy = "Use the result within the window, or change window_weeks in topic.yml and write the decision down"
        yield "use", f"{weeks:g} weeks lie outside the window of {window[0]} to {window[1]} weeks", remedy


def _outcome(outcomes, row, result, comparison):
    outcome = comparison.get("outcome")
    if outcome in outcomes and result["outcome"] != outcome:
        rule = f"its outcome is '{result['outcome']}', that of the comparison '{outcome}'"
        yield "result_id", rule, "Check that it belongs here", "warning"


def certainty_problems(table: Table | None) -> list[Problem]:
    """Return every judgement of certainty.csv without a level, or with steps that do not lead to it."""
    found, groups = [], defaultdict(list)
    for row in rows_of(table):
        if row.broken.isdisjoint(("comparison_id", "judged_by", "domain", "judgement", "status")):
            groups[row["comparison_id"], row["judged_by"]].append(row)
    for (comparison, judge), rows in groups.items():
        found += _certainty_level(table, comparison, judge, rows)
    return found


def _certainty_level(table: Table, comparison: str, judge: str, rows) -> list[Problem]:
    judged = {row["domain"]: row for row in rows}
    if "level" not in judged:
        rule = f"{comparison} as judged by {judge} has no row for the level"
        return [table.problem(rows[0], "domain", rule, "Add a row: domain level")]
    start, level = judged.get("start"), judged["level"]
    if level["judgement"] not in LEVELS or (start and start["judgement"] not in LEVELS):
        return []
    words = [row["judgement"] for domain, row in judged.items() if domain not in ("start", "level")]
    if start is None or any(word in LEVELS for word in words):
        return []
    steps = sum(int(word) for word in words)
    reached = LEVELS[min(max(LEVELS.index(start["judgement"]) + steps, 0), 3)]
    if reached != level["judgement"]:
        rule = f"from {start['judgement']}, {steps:+d} steps lead to {reached}"
        return [table.problem(level, "judgement", rule, "Correct the steps or the level")]
    return []
