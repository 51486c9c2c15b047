"""Risk of bias: each judgement in the words of its tool, about a trial and a result that are there, once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from ..errors import Problem
from .folder import TopicFolder
from .labels import folded
from .rows import ByKey, Row, Table, rows_of, texts_of
from .signs import phrases

_SPLIT, _TOTAL = re.compile(r"[\W_]+"), re.compile(r"\b(total|score|sum)\b")


def bias(row: Row) -> Iterator[tuple[str, ...]]:
    """A judgement and its domain use the words of its tool."""
    tool = next((each for each in phrases()["tools"] if re.search(each["name"], row["tool"].lower())), None)
    if tool is None:
        return
    title, judgement, domains = tool["title"], row["judgement"].lower(), tool.get("domains")
    domain = _SPLIT.sub("-", row["domain"].lower().replace("randomis", "randomiz"))
    total = "total" in tool and _TOTAL.search(domain)
    if judgement != "not yet assessed" and not re.fullmatch(tool["total" if total else "judgements"], judgement):
        known = tool.get("propose") or re.sub(r"[?()\\]", "", tool["judgements"]).replace("|", ", ")
        rule = f"is not a {'total' if total else 'word'} of {title}"
        yield "judgement", rule, f"Use one of: {known}, not yet assessed"
    if domains and not re.search(rf"\boverall\b|{domains.replace(' ', '|')}", domain):
        yield "domain", f"no domain of {title} is called so", "Write the domain as the tool names it", "warning"


def judgement_problems(topic: TopicFolder) -> Iterator[Problem]:
    """Yield where a judgement is about a trial, a report or a result that does not fit, or contradicts another one."""
    results, table = topic.tables.get("results"), topic.tables.get("risk_of_bias")
    reports, judged, by_id = {}, {}, ByKey(results)
    for trial, source in dict.fromkeys(texts_of(results, "trial", "source_id")):
        reports.setdefault(folded(trial), set()).add(source)
    known = {trial or "" for (trial,) in texts_of(results, "trial")}
    missing = topic.tables.get("missing_results")
    told = {folded(row.text.get("trial")) for row in rows_of(missing)}
    for row in rows_of(table):
        text = {name: row.text.get(name, "") for name in ("trial", "trial_source_id", "result_id", "notes")}
        yield from (table.problem(row, *fault) for fault in _about(text, reports, by_id))
        unread = not (text["trial_source_id"] or text["notes"] or folded(text["trial"]) in told)
        if folded(text["trial"]) not in reports and unread and known:
            rule = "has no row in results.csv or missing_results.csv, and its report is not named"
            remedy = _like(text["trial"], known) or "Write its report into trial_source_id, or say in notes what it is"
            yield table.warning(row, "trial", rule, remedy)
        at = tuple(row.text.get(name, "") for name in ("trial", "tool", "domain", "judged_by", "result_id"))
        first = judged.setdefault(at, row)
        if first.text.get("judgement") != row.text.get("judgement"):
            rule = f"is {first.text.get('judgement')} in {first.record}, by the same judge"
            yield table.problem(row, "judgement", rule, "Keep one, or name the result or the judge that differs")
    for name, each in topic.tables.items():
        if name != "results" and "trial" in each.schema.names:
            yield from _misspelt(each, known)


def _about(text, reports, by_id):
    """Yield (column, rule, remedy) where the result or the report of a judgement is one of another trial."""
    result = by_id.get(text["result_id"]) if text["result_id"] else None
    trial = text["trial"] if result is None else result.text.get("trial", "")
    if folded(trial) != folded(text["trial"]):
        yield "result_id", f"is a result of {trial}, not of {text['trial']}", "Correct the trial or the result"
    source, mine = text["trial_source_id"], reports.get(folded(text["trial"]))
    others = [name for name, sources in reports.items() if source in sources]
    if source and mine and source not in mine and others:
        rule = f"reports another trial in results.csv, and {text['trial']} is reported by {', '.join(sorted(mine))}"
        yield "trial_source_id", rule, "Correct the trial or its report"


def _misspelt(table: Table, known):
    """Yield a warning for each label that is no trial of results.csv but nearly one."""
    done = set()
    for at, label in enumerate(text or "" for (text,) in table.texts("trial")):
        near = "" if not label or label in known or label in done else _like(label, known)
        done.add(label)
        if near:
            row = table.rows[at]
            yield table.warning(row, "trial", "is no trial of results.csv, but nearly one", near)


def _like(label: str, known) -> str:
    """Return the remedy for a label with the digits of a known one and a letter or two that differ."""
    digits = re.sub(r"\D", "", label)
    for name in sorted(known):
        near = re.sub(r"\D", "", name) == digits and folded(name) != folded(label) and abs(len(name) - len(label)) < 3
        if near and SequenceMatcher(None, name.lower(), label.lower()).ratio() > 0.85:
            return f"Did you mean {name}?"
    return ""
