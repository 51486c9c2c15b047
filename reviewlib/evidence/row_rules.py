"""Rules that need only the cells of one row, as row_rules.yml states them: compiled once, tried on every row.

The conditions are code of this package, as every module is, and no file of a review holds any: `eval` is given nothing
that a person typed into a table. Cells come in as arguments. A condition has the words below and no others; a test
holds row_rules.yml against them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from ..errors import Problem
from ..files import yaml_of
from ..measures import is_ratio
from .pools import LEVELS
from .rows import BrokenCell, Row, Table
from .schema import schemas
from .signs import ONE_GROUP, found, half_unit, look_again, phrases, said
from .suspects import suspects
from .years import years_in


class Rule(NamedTuple):
    """A rule at one column: the columns it reads, when a row breaks it, and then its rule and remedy in words."""

    column: str
    reads: tuple[str, ...]
    when: Callable[..., bool]
    words: Callable[..., tuple[str, str]]
    severity: str


def row_problems(table: Table) -> list[Problem]:
    """Return where the rows of a table break a rule of their kind; one whose cells could not be read is passed over."""
    found = []
    rows: Sequence[Row] = table.rows if isinstance(table.rows, tuple) else ()
    if not isinstance(table.rows, tuple):
        rows = [table.rows[at] for at in suspects(table.rows).tolist()]
    for column, reads, when, words, severity in _rules(table.schema.name):
        for row in rows:
            if row.broken and not row.broken.isdisjoint(reads):
                continue
            cells = [row.values[name] for name in reads]
            try:
                broken = when(row, *cells)
            except (TypeError, BrokenCell):  # an empty cell was compared
                continue
            if broken:
                found.append(table.problem(row, column, *words(row, look_again(row), *cells), severity=severity))
    return found


def given(*cells: Any) -> bool:
    """Return whether any of some cells is filled."""
    return any(cell is not None for cell in cells)


def first(**cells: Any) -> str:
    """Return the name of the first of some cells that is filled."""
    return next(name for name, cell in cells.items() if cell is not None)


def misses(row: Row, percent: str, count: int | None, total: int | None) -> bool:
    """Return whether a printed percentage does not follow from printed counts, within its last digit."""
    text = row.typed(percent)
    if not text or not total or count is None:
        return False
    return abs(100 * count / total - float(text)) > half_unit(text) * 1.0001


def together(*texts: str | None) -> str:
    """Return the words of some cells as one text."""
    return "; ".join(filter(None, texts))


def domains_of(question: str) -> list[str]:
    """Return the domains of RoB 2 whose words are in a signalling question."""
    return [domain for domain, words in phrases()["questions"].items() if re.search(words, question, re.IGNORECASE)]


_WORDS = {"is_ratio": is_ratio, "given": given, "first": first, "misses": misses, "search": re.search}
_WORDS |= {"found": found, "said": said, "together": together, "domains_of": domains_of, "years_in": years_in}
_WORDS |= {
    "ONE_GROUP": ONE_GROUP,
    "LEVELS": LEVELS,
    "__builtins__": {"abs": abs, "reversed": reversed, "sorted": sorted},
}


@cache
def _stated() -> dict[str, list]:
    return yaml_of(Path(__file__).with_name("row_rules.yml"))


@cache
def _rules(table: str) -> tuple[Rule, ...]:
    """Return the rules of a kind of table."""
    return tuple(rule for stated in _flat(_stated().get(table, [])) for rule in _made(table, stated))


def _flat(rules: list) -> Iterator[dict]:
    for rule in rules:
        yield from _flat(rule) if isinstance(rule, list) else (rule,)


def _made(table: str, stated: dict) -> Iterator[Rule]:
    """Yield a rule for each of its columns, and for both arms."""
    arms = ("int", "ctl") if "<arm>" in stated["columns"] else ("",)
    for column in (name.replace("<arm>", arm) for name in stated["columns"].split() for arm in arms):
        arm = column[-3:]
        when, rule, remedy = (stated[part].replace("<arm>", arm) for part in ("when", "rule", "remedy"))
        tried = re.sub(r"\bcell\b", column, when)
        said = f"(f{rule!r}, f{remedy!r})"
        used = {*_names(tried), *_names(said)} & {*schemas()[table].names}
        reads = tuple(sorted(used))
        kinds = "warning" if stated.get("warning") else "error"
        yield Rule(column, reads, _function(("row", *reads), tried), _function(("row", "again", *reads), said), kinds)


def _names(expression: str) -> tuple[str, ...]:
    code: CodeType = compile(expression, "row_rules.yml", "eval")
    return code.co_names


def _function(parameters: tuple[str, ...], expression: str) -> Callable:
    return eval(f"lambda {', '.join(parameters)}: {expression}", _WORDS)
