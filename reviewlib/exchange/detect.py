"""Which format a file is in, told by what is inside and not by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from . import covidence, references, revman5, revman_web
from .incoming import Incoming
from .opened import is_zip, members, read_bytes, refuse_foreign, text_of
from .programs import DIALECTS
from .records import read_records
from .tables import one_sheet

_TABLES = ("revman5", "revman-web", "covidence", "metafor", "metapsy", "revman", "ours", "plain", "workbook")
FORMATS = (*_TABLES, *references.FORMATS)


def read_any(
    path: Path, *, fmt: str | None = None, given: Any = (), sheet: Any = None, measure: str | None = None
) -> Incoming:
    """Return what a file holds.

    Parameters
    ----------
    path : path-like
        A file, or a folder or zip archive with the four tables of Covidence.
    fmt : str, optional
        One of `FORMATS`; by default told from the content.
    given : sequence of str
        ``ours=theirs`` for columns of tables.
    sheet : str, optional
        Sheet of a workbook.
    measure : str, optional
        The measure that is wanted, where a table holds effects of several.
    """
    path = Path(path)
    if path.is_dir():
        return covidence.read_folder(path, given)
    data = read_bytes(path)
    found = fmt or told(data, path.name)
    if found == "revman5":
        return revman5.read(data, path.name)
    if found == "revman-web":
        return revman_web.read(data, path.name)
    if found == "covidence":
        return covidence.read(data, path, given)
    if found in references.READERS:
        return references.read(text_of(data, path.name), path.name, found)
    dialect = found if found in DIALECTS else None
    table, mapping = one_sheet(path, data=data, given=given, sheet=sheet, dialect=dialect, measure=measure)
    if mapping.order:
        raise EvidenceError(f"{path.name}: {mapping}. Say which arm is which, once, and it is read")
    records = read_records(table, mapping)
    title = f"table in {mapping.dialect.title} columns"
    said = f"{mapping}", mapping.otherwise(), list(table.noticed)
    return Incoming(path.name, title, "results", records, *said, own=mapping.dialect.key == "ours")


def told(data: bytes, name: str) -> str | None:
    """Return the format that the content tells, None for a table of which only the columns can tell."""
    if not data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        refuse_foreign(data, name)
    if is_zip(data):
        return _of_archive(members(data, name), name)
    # XML says its own encoding, often one that only looks like Windows-1252
    xml = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    head = data[:4000].decode("latin-1") if xml else text_of(data, name)[0].lstrip()[:4000]
    head = head[head.index("<") :] if xml else head
    if head.startswith("<"):
        web = re.search("<html|<!doctype html|<body", head, re.I)
        if "COCHRANE_REVIEW" in head or (revman5.refused(data) and not web):
            return "revman5"
        if "Pubmed" in head:
            raise EvidenceError(f"{name} is PubMed XML: choose the format PubMed (.nbib) there")
        refuse_foreign(data, name)
    if found := references.told(head):
        return found
    lines = [line for line in head.splitlines() if line.strip()]
    return "covidence" if lines and covidence.is_part(lines[0]) else None


def _of_archive(files, name):
    if "xl/workbook.xml" in files:
        return "workbook"
    if revman_web.is_package(files):
        return "revman-web"
    if any(file.lower().endswith(".csv") for file in files):
        return "covidence"
    shown = ", ".join(list(files)[:5]) or "nothing"
    raise EvidenceError(
        f"{name} is an archive that holds {shown}: neither a workbook, nor RevMan's data package, nor Covidence's "
        "tables. Unpack it and import one file"
    )
