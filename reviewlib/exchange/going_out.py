"""What every writer shares: the tables to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..evidence.schema import schemas


def tables_in(folder: Path, topics: Any) -> dict:
    """Return the schema of every shared table and every table of the topics that is there, by path."""
    found = {f"{s.name}.csv": s for s in schemas().values() if s.scope == "shared"}
    found |= {f"{t}/{s.name}.csv": s for t in topics for s in schemas().values() if s.scope == "topic"}
    return {file: schema for file, schema in found.items() if (folder / file).is_file()}
