"""`reviewlib export TOPIC --as FORMAT`: our tables for other programs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence.folder import find_evidence
from ..evidence.load import load_evidence
from ..evidence.package import as_json, datapackage, topics_in
from ..evidence.schema import schemas
from ..files import write_all
from .bibliography import bibtex, csl_json, used_sources
from .outgoing import metafor_files, metapsy_csv, revman_files
from .placing import write_file
from .workbooks import workbook

FORMATS = {"excel": ".xlsx", "metafor": "", "revman": ".zip", "csl-json": ".json", "bibtex": ".bib"}
FORMATS |= {"datapackage": ".zip", "metapsy": ".csv"}


def export(topic: str, fmt: str, output: str | None = None, *, path: Path | None = None) -> list[Path]:
    """Write a topic, or all of the evidence, in a format of another program.

    Parameters
    ----------
    topic : str
        Name of a topic, or ``all``.
    fmt : str
        excel, metafor, revman, csl-json, bibtex, datapackage or metapsy.
    output : path-like, optional
        File (for metafor: folder) to write; by default named after the topic, in the working folder.
    path : path-like, optional
        The evidence folder.

    Returns
    -------
    list of Path
        What was written.
    """
    if fmt not in FORMATS:
        raise EvidenceError(f"--as {fmt} is not known. Formats: {', '.join(FORMATS)}")
    folder = find_evidence(path)
    topics = topics_in(folder)
    if topic != "all" and topic not in topics:
        raise EvidenceError(f"there is no topic {topic!r}. Topics: {', '.join(topics)}, or all")
    chosen = topics if topic == "all" else (topic,)
    target = Path(output or f"{topic}-{fmt}{FORMATS[fmt]}")
    if folder.resolve() in (target.resolve(), *target.resolve().parents):
        raise EvidenceError(f"{target} lies in the evidence itself, whose files would be lost. Name another place")
    files = _made(fmt, folder, chosen, topic)
    if set(files) == {""}:
        write_file(target, files[""])
        return [target]
    if target.suffix.lower() == ".zip":
        write_file(target, archive(files))
        return [target]
    if target.exists() and not target.is_dir():
        raise EvidenceError(f"{target} is a file: {fmt} makes several. Name a folder, or a name that ends in .zip")
    write_all({target / name: data for name, data in files.items()})
    return [target / name for name in files]


def _made(fmt, folder, topics, wanted) -> dict[str, bytes]:
    """Return the content of each file; a single one has no name of its own."""
    whole = wanted == "all"
    if fmt == "excel":
        return {"": workbook(folder, tables_in(folder, topics))}
    if fmt == "datapackage":
        return package_files(folder, topics, whole=whole)
    if fmt in ("csl-json", "bibtex"):
        rows = used_sources(folder, topics, whole=whole)
        return {"": (csl_json if fmt == "csl-json" else bibtex)(rows).encode()}
    evidence = load_evidence(folder)
    parts = [evidence[name] for name in topics]
    if fmt == "metapsy":
        return {"": metapsy_csv(parts).encode()}
    return (metafor_files if fmt == "metafor" else revman_files)(parts)


def tables_in(folder: Path, topics: Any) -> dict:
    """Return the schema of every shared table and every table of the topics that is there, by path."""
    found = {f"{s.name}.csv": s for s in schemas().values() if s.scope == "shared"}
    found |= {f"{t}/{s.name}.csv": s for t in topics for s in schemas().values() if s.scope == "topic"}
    return {file: schema for file, schema in found.items() if (folder / file).is_file()}


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


def archive(files: dict[str, bytes]) -> bytes:
    """Return a zip archive of files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, data)
    return out.getvalue()
