"""`reviewlib export TOPIC --as FORMAT`: our tables for other programs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from ..errors import EvidenceError
from ..evidence.folder import find_evidence
from ..evidence.load import load_evidence
from ..evidence.package import topics_in
from ..files import write_all
from .bibliography import bibtex, csl_json, used_sources
from .frictionless import package_files
from .going_out import tables_in
from .metafor import metafor_files
from .metapsy_out import metapsy_csv
from .placing import write_file
from .revman_out import revman_files
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


def archive(files: dict[str, bytes]) -> bytes:
    """Return a zip archive of files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, data)
    return out.getvalue()
