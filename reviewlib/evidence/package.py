"""evidence/datapackage.json: the tables described for every tool that reads Frictionless data packages.

Only words that mean the same in versions 1 and 2 of the standard are used. The file is made from the dictionary and
from the
folders that are there, so a new topic needs no change in code: `python -m reviewlib.evidence.dictionary` writes it.
"""

from __future__ import annotations

import json
from pathlib import Path

from .as_typed import contents
from .key_file import read_keys
from .schema import Column, Schema, review_keys, schemas

_TYPES = {"id": "string", "text": "string", "number": "number", "integer": "integer", "date": "date"}


def topics_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the topic folders of an evidence folder, sorted."""
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "_"))))


def about(folder: Path) -> dict[str, str]:
    """Return the texts of review.yml as typed; nothing where it is missing or cannot be read."""
    path = folder / "review.yml"
    info = read_keys(contents(path)[0] or b"", path.name, review_keys()).info
    return {key: value for key, value in info.items() if isinstance(value, str) and value}


def datapackage(folder: Path) -> dict:
    """Return the data package of an evidence folder: one resource per table that is there."""
    shared = [s for s in schemas().values() if s.scope == "shared" and (folder / f"{s.name}.csv").is_file()]
    resources = [_resource(folder, s, s.name, f"{s.name}.csv", "") for s in shared]
    for topic in topics_in(folder):
        there = [s for s in schemas().values() if s.scope == "topic" and (folder / topic / f"{s.name}.csv").is_file()]
        resources += [_resource(folder, s, f"{topic}-{s.name}", f"{topic}/{s.name}.csv", topic) for s in there]
    licence = about(folder).get("licence")
    package = {
        "profile": "data-package",
        "name": "evidence",
        "title": "Evidence tables: what was published, typed once, never computed",
        "description": "Values stand as printed. An empty cell means not reported. README.md is the data dictionary. "
        "Read the tables as text: a spreadsheet may take a cell that begins with =, +, - or @ for a formula.",
        "licenses": [{"name": licence}],
        "resources": resources,
    }
    return package if licence else {key: value for key, value in package.items() if key != "licenses"}


def as_json(package: dict) -> str:
    """Return the package as the text of the committed file."""
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def _resource(folder: Path, schema: Schema, name: str, path: str, topic: str) -> dict:
    with (folder / path).open("rb") as file:
        header = file.readline(100_000).decode("utf-8", "replace").strip().split(",")
    fields = [_field(schema[name]) for name in schema.header(header)]
    described = {"fields": fields, "missingValues": [""]}
    if schema.key:
        described["primaryKey"] = list(schema.key)
    links = [_foreign_key(column, topic) for column in schema.columns if column.references]
    if links:
        described["foreignKeys"] = links
    title = f"{schema.title}: {topic}" if topic else schema.title
    found = {"name": name, "path": path, "profile": "tabular-data-resource", "title": title}
    found |= {"description": schema.description, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
    return found | {"schema": described}


def _field(column: Column) -> dict:
    field = {"name": column.name, "type": _TYPES[column.type], "title": column.title}
    field["description"] = column.description
    field["example"] = column.example
    # A pattern may stand only on text in version 1.
    if column.constraints:
        field["constraints"] = column.constraints
    return field


def _foreign_key(column: Column, topic: str) -> dict:
    table, field = column.references.split(".")
    resource = table if schemas()[table].scope == "shared" else f"{topic}-{table}"
    return {"fields": [column.name], "reference": {"resource": resource, "fields": [field]}}
