"""One person, once: main results of one comparison that are the same people under two trial labels.

Within one label `arms` decides. Here are three signs that two labels are one trial: the same first author and year, one
registration number behind both reports, and both arms with the same n, mean and SD.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import Problem
from .labels import folded
from .reading import BrokenCell, by_key, rows_of

if TYPE_CHECKING:
    from .folder import Folder, TopicFolder

_STEM = re.compile(r"(.*?\D(?:19|20)\d\d)(?![\da-z])", re.IGNORECASE)  # "Doe 2014" of "Doe 2014 (BEACON), arm 2"
_REVIEWS = ("systematic-review", "guideline", "data-set")
_ONE_LABEL = (
    "Give reports of one trial one label; two trials of one author and year get a letter (2014a, 2014b); else keep one "
    "of the two as main"
)
_ARMS = ("n_int", "mean_int", "sd_int", "n_ctl", "mean_ctl", "sd_ctl")


def people_problems(folder: Folder) -> list[Problem]:
    """Return an error for each main result whose people are main already in its comparison, under another label."""
    by_id = by_key(folder.shared.get("sources"))
    return [problem for topic in folder.topics.values() for problem in _topic(topic, by_id)]


def _topic(topic: TopicFolder, sources):
    table, results = topic.tables.get("synthesis"), topic.tables.get("results")
    by_id, seen = by_key(results), defaultdict(dict)
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
        numbers = tuple(result[name] for name in _ARMS)
        if None not in numbers:
            yield ("arms", numbers), "the same n, mean and SD in both arms"
