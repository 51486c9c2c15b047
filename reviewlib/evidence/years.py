"""Years that stand in two places: identifiers and publications, publications and registrations."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

from ..errors import Problem
from .folder import Folder
from .rows import BrokenCell, Table, texts_of
from .signs import phrases

_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


def year_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each year that other rows contradict: in an identifier, or before the registration."""
    sources = folder.shared.get("sources")
    return registration_problems(sources) + _records(folder)


def years_in(*texts: Any) -> set[str]:
    """Return the years that stand in some texts."""
    return {year for text in texts if text for year in _YEAR.findall(str(text))}


def _records(folder: Folder) -> list[Problem]:
    """The year in the identifier of a trial's record is that of its source, of its trial or of its arms."""
    sources = folder.shared.get("sources")
    published = {name: year for name, year in texts_of(sources, "source_id", "year")}

    @lru_cache(1000)  # rows of one trial stand together
    def years_of(source, *others):
        return years_in(published[source], source, *others) if source in published else set()

    found = []
    for _, table in folder.tables():
        key = table.schema.key[0] if len(table.schema.key) == 1 else ""
        named = key and {"source_id", "trial"} <= set(table.schema.names)
        for at, (record, *names) in enumerate(table.texts(key, *_NAMES) if named else ()):
            said, known = _YEAR.findall(record or ""), years_of(*names)
            if not said or not known or not known.isdisjoint(said):
                continue
            if not any(word in published for word in record.split("-")):  # a trial that a review reports names both
                rule = (
                    f"the identifier says {', '.join(sorted({*said}))}, the source and trial {', '.join(sorted(known))}"
                )
                remedy = "Look again at the source_id, then correct the one that is wrong"
                found.append(table.warning(table.rows[at], key, rule, remedy))
    return found


_NAMES = ("source_id", "trial", "arm_id", "control_id")


def registration_problems(sources: Table | None) -> list[Problem]:
    """Return a warning a trial that was published before it was registered, as far as the tables hold both years."""
    rows = sources.rows if sources else ()
    records = {r.text.get("registry_id"): r for r in rows if r.text.get("kind") == "registry-record"}
    found = []
    for row in rows:
        with suppress(BrokenCell):
            if row["kind"] != "rct" or row["year"] is None or row["registry_id"] is None:
                continue
            for number in row["registry_id"].split("; "):
                record = records.get(number)
                registered = (record and record["year"]) or registered_year(number)
                if registered and row["year"] < registered:
                    rule = f"published {row['year']}, but {number} was registered in {registered}"
                    found.append(sources.warning(row, "year", rule, "Look again at the year and at the number"))
    return found


def registered_year(number: str) -> int | None:
    """Return the year that a registry number itself holds, or None for a registry that does not put it there."""
    for pattern in phrases()["registered"]:
        if match := re.match(pattern, number):
            digits = match[1]
            return int(digits) if len(digits) == 4 else 2000 + int(digits[-2:])
    return None
