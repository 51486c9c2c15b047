"""Rules of claims: like cases have like verdicts, and none outruns the rows it cites."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from contextlib import suppress

from ..errors import Problem
from . import signs
from .folder import Folder
from .links import Records, parts
from .pools import LEVELS
from .rows import BrokenCell, Table, rows_of

_BACKED = ("supported", "partly-supported")
_EFFECTS = ("effect", "indication")
_LARGE = 0.8  # standard deviations, by convention


def claim_problems(folder: Folder) -> list[Problem]:
    """Return every fault of the claims that their own cells and the rows they cite can show.

    Parameters
    ----------
    folder : Folder
        With `claims`, and the topics whose rows they cite.

    Returns
    -------
    list of Problem
        A verdict that differs from those of like cases without a reason; a claim of an effect that its rows, or the
        certainty of the comparisons in which they are used, do not carry.
    """
    table = folder.shared.get("claims")
    if table is None or not all(there.complete for _, there in folder.tables()):
        return []
    records, levels, found = Records(folder), _levels(folder), []
    for row in table.rows:
        with suppress(BrokenCell):
            cited = [(name, records[name]) for name in parts(row["evidence"] or "") if name in records]
            for fault in (*_strength(row, cited, levels), *_very(row, cited)):
                found.append(table.problem(row, *fault))
    return found + _like_cases(table)


def _levels(folder: Folder) -> dict:
    """Return topic.result -> the lowest level, by any judge, of each comparison in which it is main."""
    found = defaultdict(list)
    for name, topic in folder.topics.items():
        rated = defaultdict(list)
        for row in rows_of(topic.tables.get("certainty")):
            if row.values.get("domain") == "level" and row.values.get("judgement") in LEVELS:
                rated[row.values["comparison_id"]].append(row.values["judgement"])
        for row in rows_of(topic.tables.get("synthesis")):
            if row.values.get("use") == "main" and (judged := rated.get(row.values.get("comparison_id"))):
                found[f"{name}.{row.values.get('result_id')}"].append(min(judged, key=LEVELS.index))
    return found


def _certainty(name, record, levels) -> list[str]:
    """Return the levels behind a cited row: of its comparisons, or as the review it was read in printed it."""
    if name in levels:
        return levels[name]
    printed = (record.values.get("certainty") or "").lower()
    there = [level for level in LEVELS if re.search(rf"(?<!very )\b{level}\b", printed)]
    return there[:1]


def _strength(row, cited, levels):
    """A verdict on an effect, and its reason, say no more than the best certainty among the rows that favour it."""
    if row["kind"] not in _EFFECTS or row["verdict"] not in _BACKED:
        return
    sides = [record.values.get("favours") for _, record in cited if "favours" in record.values]
    if sides and "int" not in sides and None not in sides:
        yield "verdict", "no cited row favours the treatment", "Cite a row that does, or judge the claim unsupported"
    favouring = [(name, record) for name, record in cited if record.values.get("favours") not in ("neither", "ctl")]
    known = [level for name, record in favouring for level in _certainty(name, record, levels)]
    if not known:
        return
    best = max(known, key=LEVELS.index)
    if best == "very low" or best == "low" and row["verdict"] == "supported":
        allowed = "unsupported" if best == "very low" else "partly-supported"
        rule = f"the rows that favour the treatment have {best} certainty at best, which carries no more than {allowed}"
        yield "verdict", rule, f"Write {allowed}, or cite a row of higher certainty"
    elif (hedges := signs.phrases()["hedges"].get(best)) and not re.search(hedges, row["reason"], re.IGNORECASE):
        words = {"low": "may, or low certainty", "moderate": "probably, or moderate certainty"}[best]
        rule = f"the reason does not say how sure it is: the certainty behind it is {best} at best"
        yield "reason", rule, f"Say it as the page of the topic does: {words}"


def _very(row, cited):
    """A claim that something is very effective, or cures, is backed by a large effect only."""
    if row["kind"] not in _EFFECTS or row["verdict"] not in _BACKED:
        return
    match = signs.found("very", row["claim"])
    if match and not any(_large(record) for _, record in cited):
        large = f"a large effect ({_LARGE} standard deviations or more)"
        rule = f"the claim says '{match[1] or match[3]}', and no cited row shows {large}"
        yield "verdict", rule, "Judge the claim as it is worded: unsupported, with what is shown in the reason"


def _large(record) -> bool:
    """Return whether a row is a standardized difference that is large at both of its limits."""
    values = record.values
    limits = values.get("ci_low"), values.get("ci_high")
    if values.get("measure") != "SMD" or None in limits or limits[0] * limits[1] <= 0:
        return False
    return min(map(abs, limits)) >= _LARGE


def _like_cases(table: Table) -> list[Problem]:
    """Return the claims whose verdict is not that of most of their like, without a word why."""
    groups = defaultdict(list)
    for row in table.rows:
        with suppress(BrokenCell):
            case = row, row["verdict"], row["differs"]  # before its group is made: a broken cell makes none
            if row["treatment"] and row["kind"]:
                groups[row["treatment"], row["kind"]].append(case)
    found = []
    for (treatment, kind), group in groups.items():
        usual, n = Counter(verdict for _, verdict, _ in group).most_common(1)[0]
        most = usual if n * 2 > len(group) else None
        for row, verdict, differs in group:
            if verdict != most and not differs:
                others = ", ".join(sorted({other for _, other, _ in group} - {verdict}))
                rule = f"other claims of the same kind ({treatment}, {kind}) are judged {others}"
                remedy = "Judge like cases alike, or say in differs why this one is another case"
                found.append(table.problem(row, "verdict", rule, remedy))
            elif differs and len(group) == n:
                rule = "all claims of this treatment and kind have the same verdict: there is nothing to explain"
                found.append(table.problem(row, "differs", rule, "Empty the cell"))
    return found
