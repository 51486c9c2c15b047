"""What every writer shares: the tables to write, and text that no spreadsheet runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..evidence.schema import schemas


def tables_in(folder: Path, topics: Any) -> dict:
    """Return the schema of every shared table and every table of the topics that is there, by path."""
    found = {f"{s.name}.csv": s for s in schemas().values() if s.scope == "shared"}
    found |= {f"{t}/{s.name}.csv": s for t in topics for s in schemas().values() if s.scope == "topic"}
    return {file: schema for file, schema in found.items() if (folder / file).is_file()}


def safe(text: str) -> str:
    """Return text that a spreadsheet does not take for a formula: an apostrophe goes before = + - @.

    Numbers are left alone.
    """
    text = "" if text is None else str(text)
    if text.lstrip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20") or text[:1] in ("\t", "\r", "\n"):
        text = text if _is_number(text) else f"'{text}"
    return text


def _is_number(text) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
