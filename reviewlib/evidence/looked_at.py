"""Warnings that a person has looked at: a word in the row silences one column's warning, with its reason.

In ``notes`` (``reason`` in tables without notes) stand ``as printed (COLUMN): reason`` where the source prints it so,
or ``looked at (COLUMN): reason`` for everything else; several columns are separated by commas. An error is never
silenced, nor is a warning in another column, and a phrase that silences nothing is itself reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..errors import Problem
from .folder import Folder

_PHRASE = re.compile(r"\b(?:as printed|looked at) \(([a-z0-9_]+(?:, ?[a-z0-9_]+)*)\): *(?=\w)", re.IGNORECASE)
_PLACES = ("notes", "reason")


def acknowledged(text: str) -> tuple[str, ...]:
    """Return the columns that a text says were looked at.

    Examples
    --------
    >>> acknowledged("As printed (ci_low, ci_high): the abstract gives 0.2 to 9.0.")
    ('ci_low', 'ci_high')
    """
    return tuple(name.strip() for match in _PHRASE.finditer(text) for name in match[1].split(","))


def without_looked_at(folder: Folder, problems: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """Return the problems that stand, and the warnings that their rows say were looked at."""
    claims = {}
    for _, table in folder.tables():
        place = next((name for name in _PLACES if name in table.schema.names), None)
        for at, (text,) in enumerate(table.texts(place) if place else ()):
            for column in acknowledged(text) if text else ():
                row = table.rows[at]
                claims[table.file, row.line, column] = (table, row, place)
    standing, silenced, used = [], [], set()
    for problem in problems:
        key = (problem.file, problem.line, problem.column)
        hit = problem.severity == "warning" and key in claims
        used |= {key} if hit else set()
        (silenced if hit else standing).append(problem)
    unread = any(not table.complete for _, table in folder.tables())  # what it holds may be what was warned of
    for key in claims.keys() - used if not unread else ():
        table, row, place = claims[key]
        rule = f"the note says that {key[2]} was looked at, but there is no warning about it"
        fault = table.problem(row, place, rule, "Delete that part of the note, or correct the column's name")
        standing.append(replace(fault, severity="warning", value=""))
    return standing, silenced
