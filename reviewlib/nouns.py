"""Numbers with the thing they count: "1 trial", "2 trials", "1 week", in every sentence the library makes."""

from __future__ import annotations

import re
from typing import Any


def count(n: Any, singular: str, plural: str | None = None) -> str:
    """Return "1 trial", "2 trials", "3 studies", "4 analyses"; `plural` where it follows no rule."""
    if n == 1:
        return f"{n:,} {singular}"
    ies, es = re.search("[^aeiou]y$", singular), singular.endswith("sis")
    return f"{n:,} {plural or (singular[:-1] + 'ies' if ies else singular[:-2] + 'es' if es else singular + 's')}"


def amount(value: Any, unit: str) -> str:
    """Return "1 week", "1.5 weeks": a number with a unit that a table gives in the plural."""
    value = float(value)
    return f"{f'{value:,.0f}' if value.is_integer() else f'{value:g}'} {singular(unit) if value == 1 else unit}"


def singular(plural: str) -> str:
    """Return the singular of a noun ("studies of adults" is "study of adults"); a word that is none stays."""
    noun, of, rest = plural.partition(" of ")
    for end, one in (("people", "person"), ("yses", "ysis"), ("ies", "y"), ("ss", "ss"), ("s", "")):
        if noun.endswith(end):
            return noun[: len(noun) - len(end)] + one + of + rest
    return plural
