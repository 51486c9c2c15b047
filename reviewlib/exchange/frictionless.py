"""A Frictionless data package of the tables: the tables as they stand, beside the description of every column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..evidence.package import as_json, datapackage
from .going_out import tables_in


def package_files(folder: Path, topics: Any, *, whole: bool) -> dict[str, bytes]:
    """Return the files of a data package: datapackage.json, the tables byte for byte, and topic.yml of each topic.

    A package of one topic holds the shared tables too, so that every reference resolves; review.yml, which lists the
    pages of all topics, is part of a whole package only.
    """
    tables = tables_in(folder, topics)
    described = datapackage(folder)
    described["resources"] = [r for r in described["resources"] if r["path"] in tables]
    if not whole:
        described["name"] = f"evidence-{'-'.join(topics)}"
    files = {"datapackage.json": as_json(described).encode()}
    files |= {file: (folder / file).read_bytes() for file in tables}
    keys = [f"{topic}/topic.yml" for topic in topics] + ["review.yml"] * (whole and (folder / "review.yml").is_file())
    return files | {file: (folder / file).read_bytes() for file in keys}
