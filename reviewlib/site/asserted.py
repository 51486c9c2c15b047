"""Numbers that a person typed into a notebook: those of prose are asserted by the next cell, and code shows none."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lxml import html

from .outputs import shown
from .provenance import texts

_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Numbers that belong to a name or a rule of reading, not to a result.
NAMES = r"RoB 2|SF-36|PRISMA 2020|95% CI|95% interval|`[^`]*`"
_FREE = re.compile(r"(?<![\w./#-])\d[\d,]*(?:\.\d+)?(?![\w/-])")  # not within an id or a file name
_LABEL, _NAMED = re.compile(r"\D+ (19|20)\d\d\w?"), re.compile(r"[A-Z]\w+ (?:19|20)\d\d\b")
SMALL = 10  # smaller integers in code count rows and steps
# What a number in a call does to a result without being one: digits kept, rows taken.
_SHAPES = {"round", "head", "tail", "astype", "nlargest", "nsmallest", "sample"}


def numbers(text: str) -> Counter[float]:
    """Return how often a text has each number, without its sign: "3.2 points lower" says what -3.2 says."""
    return Counter(float(number.replace(",", "")) for number in _DIGITS.findall(text))


def asserted(code: str) -> Counter[float]:
    """Return the numbers that the assertions of a cell compare with something computed, and how often.

    A comparison of constants with one another asserts nothing, and its numbers do not count; nor do the arguments of a
    call and the place of an item, such as the digits that a value is rounded to.
    """
    found: Counter[float] = Counter()
    for statement in ast.walk(_tree(code)):
        if not isinstance(statement, ast.Assert):
            continue
        for test in statement.test.values if isinstance(statement.test, ast.BoolOp) else [statement.test]:
            if not any(isinstance(node, ast.Name) for node in ast.walk(test)):
                continue
            for value in _compared(test):
                found += numbers(str(value))
    return found


def _compared(node) -> Iterator[Any]:
    """Yield the constants of a test, without those of calls and of places."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
        yield node.value
    elif not isinstance(node, ast.Call | ast.Subscript):
        for child in ast.iter_child_nodes(node):
            yield from _compared(child)


def unsupported(cells: Sequence[Any], names: str = NAMES) -> list[str]:
    """Return one sentence per paragraph with numbers that the next cell does not assert, each as often as it is said.

    Parameters
    ----------
    cells : sequence of notebook cells
    names : str
        Pattern of what has digits and is a name, see `names_of`.
    """
    found = []
    here = "|".join([names, *_labels(cell.source for cell in cells if cell.cell_type == "code")])
    for number, (cell, after) in enumerate(zip(cells, [*cells[1:], None], strict=True), 1):
        if cell.cell_type != "markdown":
            continue
        wanted = numbers(re.sub(here, "", cell.source))
        there = asserted(after.source) if after is not None and after.cell_type == "code" else Counter()
        if lacking := sorted((wanted - there).elements()):
            said = ", ".join(f"{value:g}" for value in lacking)
            found.append(
                f"cell {number}: nothing asserts {said} in: {' '.join(cell.source.split())[:90]} "
                "(write the number into an assert of the next cell, beside what computes it)"
            )
    return found


def typed(cells: Sequence[Any], names: str = NAMES) -> list[str]:
    """Return one sentence per cell whose code holds a number that its output shows, outside an assertion."""
    found = []
    for number, cell in enumerate(cells, 1):
        if cell.cell_type != "code" or not (there := set(_typed(_tree(cell.source), re.compile(names)))):
            continue
        seen: Counter[float] = Counter()
        for output in cell.get("outputs", ()):
            whole = html.fragment_fromstring(shown(output)[1], create_parent="div")
            seen += numbers(" ".join(text for _, text in texts(whole)))
        if both := sorted(there & (seen.keys() - asserted(cell.source).keys())):
            said = ", ".join(f"{value:g}" for value in both)
            found.append(
                f"cell {number}: {said} is typed in the code and shown on the page (put it into a table with its "
                "source, or assert it beside what computes it)"
            )
    return found


def _typed(node, names) -> Iterator[float]:
    """Yield the numbers that code spells out, without those of assertions, positions, options and digits kept."""
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    if isinstance(node, ast.Assert) or (isinstance(node, ast.keyword) and not isinstance(_value(node.value), str)):
        return
    if isinstance(node, ast.Subscript) or name in _SHAPES:
        yield from _typed(node.value if isinstance(node, ast.Subscript) else node.func, names)
        return
    value = _value(node)
    if isinstance(value, str):
        yield from (float(text.replace(",", "")) for text in _FREE.findall(names.sub("", value)))
    elif isinstance(value, float) or (isinstance(value, int) and value >= SMALL):
        yield float(value)
    for child in ast.iter_child_nodes(node):
        yield from _typed(child, names)


def _value(node) -> Any:
    value = node.value if isinstance(node, ast.Constant) else None
    return None if isinstance(value, bool) else value


def _tree(code) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError:  # a line for the notebook itself, such as %matplotlib: it asserts and shows nothing
        return ast.Module([], [])


def names_of(evidence: Path) -> str:
    """Return a pattern of what has digits and is a name, those of the trials in the tables of a review among them."""
    found = set()
    for file in sorted(evidence.glob("*/*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found |= {match[0] for row in csv.DictReader(lines) if (match := _LABEL.match(row.get("trial") or ""))}
    return "|".join([NAMES, *map(re.escape, sorted(found, key=len, reverse=True))])


def _labels(codes) -> list[str]:
    """Return the names of invented trials that code spells out."""
    constants = (_value(node) for code in codes for node in ast.walk(_tree(code)))
    return sorted({re.escape(name) for text in constants if isinstance(text, str) for name in _NAMED.findall(text)})
