"""A file as somebody sent it: its bytes within limits, the members of an archive, the text in whatever encoding."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from pathlib import Path

from ..errors import EvidenceError
from ..files import begun
from .vocabulary import listed

LARGEST = 50_000_000  # bytes of a file, and of one member of an archive
UNPACKED = 200_000_000  # bytes of all members together
MEMBERS = 5_000
ROWS = 200_000  # of one table: as many as are pooled within a minute
RATIO = 200  # unpacked to packed; tables of text stay far below it
_TABLE = "Save the table as CSV or .xlsx"
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, or refuse one that is absent, empty, a folder, or too large to be a table."""
    path = Path(path)
    if path.is_dir():
        raise EvidenceError(f"{path.name or path} is a folder. Name a file")
    try:
        if path.exists() and not path.is_file():
            raise EvidenceError(f"{path.name} is a device or a pipe. Name a file")
        data = begun(path, LARGEST)
        if len(data) > LARGEST:
            size = max(len(data), path.stat().st_size)
            raise EvidenceError(
                f"{path.name} holds {size / 1e6:.0f} million bytes; at most {LARGEST / 1e6:.0f} are read. "
                "Check what it is, or send only the tables that are needed"
            )
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be opened: {error.strerror}. Check its name and place") from None
    if not data.strip(b" \t\r\n\0"):
        raise EvidenceError(f"{path.name} is empty. Export it again")
    return data


def refuse_foreign(data: bytes, name: str) -> None:
    """Refuse what is no table of text or Excel, saying what it is and what to do in the program it is from."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    known = listed("foreign.yml")
    found = next(((what, how) for mark, what, how in known["starts"] if start.startswith(mark.encode("latin-1"))), None)
    if is_zip(data):
        found = _program_of(data)
    elif start.startswith(b"<"):
        found = _markup(start)
    found = found or known["endings"].get(Path(name).suffix.lower())
    if found:
        raise EvidenceError(f"{name} is {found[0]}, not a table. {found[1]}")


def _program_of(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None  # a damaged archive is told where it is opened
    if "xl/workbook.xml" in names:
        return None
    known = listed("foreign.yml")["members"]
    return next(((what, how) for parts, what, how in known if names.issuperset(parts.split())), None)


def _markup(start):
    text = start.lower()
    if b"cochrane_review" in text:
        return "a RevMan 5 review", "Look at it with: reviewlib import FILE. Then pool the rows of one outcome"
    if b"<html" in text or b"<!doctype html" in text or b"<table" in text or b"<head" in text:
        return "a web page (HTML)", "Download the data itself, or copy the table into a spreadsheet and save it as CSV"
    return "XML", _TABLE


def text_of(data: bytes, name: str) -> tuple[str, list[str]]:
    """Return the text of a file and what was noticed on the way (another encoding, for instance).

    UTF-8, with or without its mark, UTF-16 and UTF-32 with their marks, and Windows-1252 are understood.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                raise EvidenceError(
                    f"{name} says that it is {encoding.upper()}, but is cut off or damaged. Save it again as UTF-8"
                ) from None
            noticed = [] if encoding == "utf-8-sig" else [f"{name} was read as {encoding.upper()}"]
            return text.replace("\0", ""), noticed
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise EvidenceError(f"{name} line {line}: there is a NUL byte: not a text file, or damaged. Export it anew")
    strange = sum(byte < 32 and byte not in b"\t\n\r\f\x1a" for byte in data[:4000])
    if strange > 4 and strange * 200 > len(data[:4000]):
        raise EvidenceError(f"{name} is not a text file: it is full of control characters. {_TABLE}")
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise EvidenceError(
            f"{name} line {line}: there are bytes that are neither UTF-8 nor Windows-1252. Save the file as UTF-8"
        ) from None
    return text, [f"{name} is not UTF-8 and was read as Windows-1252: look at letters with accents"]


def members(data: bytes, name: str) -> dict[str, bytes]:
    """Return the files in a zip archive by name, or refuse one that is damaged, locked or a zip bomb.

    Sizes are held against limits before and while unpacking, because an archive may lie about them.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            _within_limits(files, name)
            return {info.filename: _unpacked(archive, info, name) for info in files}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, EvidenceError):
            raise
        locked = "password" in str(error)
        why = "is locked with a password" if locked else "is a damaged or truncated archive"
        raise EvidenceError(
            f"{name} {why}. {'Save it without one' if locked else 'Fetch or export it again'}"
        ) from None


def _within_limits(files, name):
    total = sum(info.file_size for info in files)
    packed = max(1, sum(info.compress_size for info in files))
    big = max((info.file_size for info in files), default=0)
    if len(files) > MEMBERS or total > UNPACKED or big > LARGEST or (total > 10_000_000 and total / packed > RATIO):
        raise EvidenceError(
            f"{name} would unpack to {len(files)} files and {total / 1e6:.0f} million bytes from "
            f"{packed / 1e6:.1f} million: it looks like a zip bomb and was not opened. Ask where it comes from"
        )


def _unpacked(archive, info, name) -> bytes:
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise EvidenceError(f"{name}: {info.filename} is larger than the archive says. It was not opened")
    return data


def is_zip(data: bytes) -> bool:
    """Return whether the bytes start as those of a zip archive (Excel workbooks do)."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")
