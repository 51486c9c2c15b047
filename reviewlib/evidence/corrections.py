"""Printed values that are not used as printed: a slip of the source stays in its row, and its correction is declared.

`results.csv` holds what was printed. A row of `corrections.csv` names the cell, what stands there, what is used instead
and why. Rules of the check judge the values that are used; analyses use them and say so beside the number; the result
with the printed values is shown beside.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..errors import Problem
from .folder import Folder, TopicFolder
from .rows import BrokenCell, ByKey, rows_of
from .schema import broken_rule, schemas, value_of


def as_used(folder: Folder) -> Any:
    """Return a folder whose results hold the values that are used, for rules that judge them."""
    topics = {}
    for name, topic in folder.topics.items():
        results = topic.tables.get("results")
        declared = defaultdict(list)
        for row in rows_of(topic.tables.get("corrections")):
            declared[row.text.get("result_id")].append((row.text.get("column", ""), row.text.get("used", "")))
        if results is not None and declared:
            ids = enumerate(results.texts("result_id"))
            other = {at: _row_used(results.rows[at], declared[name]) for at, (name,) in ids if name in declared}
            rows = _with(results.rows, other)
            topic = replace(topic, tables={**topic.tables, "results": replace(results, rows=rows)})
        topics[name] = topic
    return replace(folder, topics=topics)


def _with(rows, other):
    """Return rows with others in some places."""
    if isinstance(rows, tuple):
        return tuple(other.get(at, row) for at, row in enumerate(rows))
    return rows.replaced(other)


def _row_used(row, cells):
    text, values = dict(row.text), dict(row.values)
    for name, used in cells:
        column = next((column for column in schemas()["results"].columns if column.name == name), None)
        if column and not broken_rule(column, used):
            text[name], values[name] = used, value_of(column, used)
    return replace(row, text=text, values=values)


def correction_problems(topic: TopicFolder) -> list[Problem]:
    """Return a fault for each correction that does not fit the row it corrects."""
    table, results = topic.tables.get("corrections"), topic.tables.get("results")
    by_id, found = ByKey(results), []
    for row in rows_of(table):
        result = by_id.get(row.text.get("result_id"))
        with suppress(BrokenCell):
            if result is not None:
                found += [table.problem(row, *fault) for fault in _faults(row, result)]
    return found


def _faults(row, result):
    """Yield (column, rule, remedy) where printed value, used value and the row of results do not fit together."""
    name, there = row["column"], result.text.get(row["column"], "")
    if not there:
        rule = f"{name} of {result.record} is empty: only a printed value is corrected"
        yield "column", rule, "Name another column, or give a value that was worked out a row whose status is derived"
    elif row.typed("printed") != there:
        rule = f"is not what {name} of {result.record} holds, {there}"
        yield "printed", rule, "Write the cell of results.csv, digit for digit; what is printed stays there"
    elif value_of(schemas()["results"][name], there) == row["used"]:
        yield "used", "is the printed value: nothing is corrected", "Delete the row, or write the value that is used"
    if fault := broken_rule(schemas()["results"][name], row.typed("used")):
        yield "used", *fault


def results_used(results: Any, corrections: Any) -> Any:
    """Return the frame of results with the values that are used, and in `repaired` what was replaced and why.

    Parameters
    ----------
    results, corrections : DataFrame
        Tables of one topic; without corrections the results stay as they are.
    """
    if corrections is None or corrections.empty:
        return results
    said: dict[str, dict] = {name: {} for name in results["result_id"]}
    results, place = results.copy(), {name: i for i, name in enumerate(said)}
    for row in corrections.itertuples():
        results.loc[place[row.result_id], row.column] = row.used
        words = f"{row.used:.10g} is used for the printed {row.printed:.10g} ({what(row.column)})"
        said[row.result_id].setdefault(row.reason.rstrip("."), []).append(words)
    return results.assign(repaired=[_replaced(why) or None for why in said.values()])


def _replaced(why: dict) -> str:
    """Return what was replaced in a row, each reason once behind all that it stands for."""
    return "; ".join(f"{' and '.join(words)}: {reason}" for reason, words in why.items())


def what(column: str) -> str:
    """Return the words for a column of results in a sentence."""
    title = schemas()["results"][column].title
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
