"""Numbers in the words of a review: a result that a topic.yml or the reason of a claim gives is in a row of its tables.

A number with decimals, or a percentage, is a result. Where no row holds it, nobody can look it up: it may be invented.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from math import exp, log
from typing import Any

from ..errors import Problem
from ..measures import is_ratio
from .folder import Folder, TopicFolder
from .key_file import dotted
from .links import Records, parts
from .rows import BrokenCell, Row, rows_of
from .sheet import NORMAL

_RESULT = re.compile(r"(?<![\w./])(?:\d[\d,]*\.\d+(?![\w/]|\.\d)|\d[\d,]*(?=\s?(?:%|per ?cent\b)))")
_LEVEL = re.compile(r"\d\d(?:\.\d+)?\s?% ?(?:CI|confidence|interval|limits)\b")
_OF_A_CLAIM = ("key_number", "reason")
SMALL, LARGE = "0.2", "0.8"  # standard deviations, by convention


def spoken_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each result in the words of a topic.yml or of a claim that no row holds.

    A topic.yml may give what any table of its topic or any shared one holds; a claim what it quotes, what is in the
    rows that it cites and in other rows of its sources. The limits of a widened interval at its printed level are held.
    """
    if not all(table.complete for _, table in folder.tables()):
        return []  # what could not be read may hold it
    shared = _words(row for name, table in folder.shared.items() if name != "claims" for row in table.rows)
    found = [problem for topic in folder.topics.values() for problem in _of_topic(topic, shared)]
    claims = folder.shared.get("claims")
    said = [
        (row, name, text) for row in rows_of(claims) for name in _OF_A_CLAIM for text in results(row.text.get(name, ""))
    ]
    if not said:
        return found
    named = {source for row, *_ in said for source in parts(row.text.get("source_ids", ""))}
    records, by_source = Records(folder), _by_source(folder, named)
    for row, name, number in said:
        there = [row.text["claim"], *(by_source.get(source, "") for source in parts(row.text.get("source_ids", "")))]
        there += [_words([records[one]]) for one in parts(row.text.get("evidence", "")) if one in records]
        if number != LARGE and not any(holds(words, number) for words in there):
            rule = f"{number} is in no row that the claim cites, and in no other row of its sources"
            remedy = "Cite the row that holds it, add it to claims_facts.csv with its place, or take the number out"
            found.append(claims.warning(row, name, rule, remedy))
    return found


def results(text: str) -> Iterator[str]:
    """Yield each number with decimals or percent of a text, as written; the level of an interval is none.

    Examples
    --------
    >>> list(results("22.4 points (95% CI 16.9 to 27.9) in 57% of 169 people"))
    ['22.4', '16.9', '27.9', '57']
    """
    yield from _RESULT.findall(_LEVEL.sub("", text))


def _of_topic(topic: TopicFolder, shared: str) -> Iterator[Problem]:
    said = [(path, number) for path, text in _texts(topic.about.info, ()) for number in results(text)]
    own = [table for name, table in topic.tables.items() if name != "readings"] if said else ()
    there = shared + _words(row for table in own for row in table.rows)
    for path, number in said:
        if not holds(there, number):
            line = next(topic.about.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in topic.about.lines)
            rule = f"{number} is in no table of this topic"
            remedy = "Add the row that holds it, with its place in the source, or take the number out"
            yield Problem(topic.about.file, line, dotted(path), "", "", rule, remedy, "warning")


def _texts(part: Any, path: tuple) -> Iterator[tuple[tuple, str]]:
    """Yield (path, text) of every text of a document."""
    if isinstance(part, str):
        yield path, part
    elif isinstance(part, (dict, list)):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from _texts(value, (*path, key))


def _by_source(folder: Folder, named: set[str]) -> dict[str, str]:
    """Return what is in the rows that were read in some sources, of every table."""
    found = defaultdict(list)
    for _, table in folder.tables():
        sources = table.texts("source_id") if "source_id" in table.schema.names else ()
        for at, (source,) in enumerate(sources):
            if source in named:
                found[source].append(table.rows[at])
    return {source: _words(rows) for source, rows in found.items()}


def _words(rows: Iterable[Row]) -> str:
    """Return what is in the cells of some rows, with the limits of widened intervals at the level that is printed."""
    return "\n".join(text for row in rows for text in (*row.text.values(), *_at_printed_level(row)))


def holds(words: str, number: str) -> bool:
    """Return whether a number is among words, with or without commas between its thousands and noughts at its end."""
    whole, dot, rest = number.replace(",", "").partition(".")
    rest = rest.rstrip("0")
    pattern = f"{int(whole):,}".replace(",", ",?") + (rf"\.{rest}0*" if rest else r"(?:\.0+)?")
    form, at = re.compile(rf"(?<![\w.]){pattern}(?![\w]|\.\d)"), words.find(number)
    while at >= 0:  # as it is written: much faster than the search for its other forms
        if form.match(words, at):
            return True
        at = words.find(number, at + 1)
    return form.search(words) is not None


def _at_printed_level(row: Row) -> Iterator[str]:
    if row.text.get("ci_printed_level"):
        with suppress(BrokenCell, TypeError, ArithmeticError, ValueError):  # a fault of its own
            z = [NORMAL.inv_cdf(0.5 + row[name] / 200) for name in ("ci_printed_level", "ci_level")]
            scale, back = (log, exp) if is_ratio(row["measure"]) else (float, float)
            middle, half = scale(row["estimate"]), (scale(row["ci_high"]) - scale(row["ci_low"])) / 2
            for side in (-1, 1):
                limit = back(middle + side * half * z[0] / z[1])
                yield from (f"{limit:.1f}", f"{limit:.2f}")
