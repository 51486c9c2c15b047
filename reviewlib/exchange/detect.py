"""Which format a file is in, told by what is inside and not by its name."""

from __future__ import annotations

from pathlib import Path

from ..errors import EvidenceError
from . import covidence, references, revman5, revman_web
from .dialects import DIALECTS
from .incoming import Incoming
from .opened import is_zip, members, read_bytes, text_of
from .records import read_records
from .tables import one_sheet

FORMATS = (
    "revman5", "revman-web", "covidence", "metafor", "metapsy", "revman", "ours", "plain", "workbook", "ris",
    "bibtex", "csl-json", "pubmed",
)  # fmt: skip


def read_any(path, *, fmt=None, given=(), sheet=None) -> Incoming:
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
    table, mapping = one_sheet(path, data=data, given=given, sheet=sheet, dialect=found if found in DIALECTS else None)
    records = read_records(table, mapping)
    title = f"table in {mapping.dialect.title} columns"
    noticed = list(table.noticed)
    return Incoming(path.name, title, "results", records, f"{mapping}", noticed, own=mapping.dialect.key == "ours")


def told(data: bytes, name: str) -> str | None:
    """Return the format that the content tells, None for a table of which only the columns can tell."""
    if is_zip(data):
        return _of_archive(members(data, name), name)
    # XML says its own encoding, often one that only looks like Windows-1252
    xml = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    head = data[:4000].decode("latin-1") if xml else text_of(data, name)[0].lstrip()[:4000]
    head = head[head.index("<") :] if xml else head
    if head.startswith("<"):
        if "COCHRANE_REVIEW" in head or revman5.refused(data):
            return "revman5"
        what = "PubMed XML: choose the format PubMed (.nbib)" if "Pubmed" in head else "XML that is not RevMan 5's"
        raise EvidenceError(f"{name} is {what}. Formats that are read: {', '.join(FORMATS)}")
    if head.startswith(("{", "[")):
        return "csl-json"
    if head.startswith("@"):
        return "bibtex"
    lines = [line for line in head.splitlines() if line.strip()]
    if lines and lines[0].startswith("TY  -"):
        return "ris"
    if lines and lines[0].startswith("PMID-"):
        return "pubmed"
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
