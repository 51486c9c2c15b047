"""Second readings: a cell that differs from what a second reading found is a fault, whoever is right.

One slip of a digit in a used number moves an estimate, and no rule can tell it from the truth. Two readings can.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import Problem
from .folder import TopicFolder
from .rows import ByKey, rows_of, texts_of
from .schema import value_of


def cells_read(text: str) -> dict[str, str]:
    """Return column -> value from ``"n_int 27; sd_int nothing"``."""
    parts = (part.partition(" ")[::2] for part in text.split("; "))
    return {column: "" if value == "nothing" else value for column, value in parts}


def reading_problems(topic: TopicFolder) -> list[Problem]:
    """Return a fault for each cell that differs from its second reading, and for each reading of a row that is gone."""
    readings, found = topic.tables.get("readings"), []
    named = {name for (name,) in texts_of(readings, "table")}
    rows = {name: ByKey(t, t.schema.names[0]) for name, t in topic.tables.items() if name in named}
    columns = {name: {column.name: column for column in table.schema.columns} for name, table in topic.tables.items()}
    for reading in rows_of(readings):
        name, record = reading.text.get("table", ""), reading.text.get("record", "")
        table, row = topic.tables.get(name), rows[name].get(record) if name in rows else None
        if row is None and table is not None and not table.complete:
            continue  # it could not be read whole: its own fault is named
        if row is None:
            rule = f"was read twice, and {name}.csv has no such row"
            remedy = "Bring the row back under its name; if it was taken out on purpose, delete this reading too"
            found.append(readings.problem(reading, "record", rule, remedy))
            continue
        for column, read in cells_read(reading.text.get("cells", "")).items():
            if column not in columns[name]:
                remedy = f"Write a column of {name}.csv, a blank and the value; cells are parted by a semicolon"
                found.append(readings.problem(reading, "cells", f"{column} is no column of {name}.csv", remedy))
            elif not _same(columns[name][column], row.text.get(column, ""), read):
                rule = f"a second reading found {read or 'nothing'} (readings.csv line {reading.line})"
                remedy = f"Look again at {row.text.get('locator') or 'the source'}: correct this cell, or the reading"
                found.append(table.problem(row, column, rule, remedy))
    return found


def _same(column, there: str, read: str) -> bool:
    """Whether two readings of a cell agree: numbers as numbers, everything else letter by letter."""
    if there == read:
        return True
    with suppress(ValueError):
        number = column.type in ("number", "integer") and there != "" and read != ""
        return number and value_of(column, there) == value_of(column, read)
    return False
