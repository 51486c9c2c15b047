"""A file as somebody typed it: its bytes within limits, its encoding and line ends, and signs that nobody sees."""

from __future__ import annotations

import re
import stat
import unicodedata
from pathlib import Path

from ..errors import Problem
from ..files import begun
from .labels import foreign_letter

LARGEST = 20_000_000  # bytes of a file that is typed by hand
FAR_MORE = "far more than a hand-made table"
RESULTS = 900_000_000  # bytes of results, which programs write too: three million rows
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def decode(data: bytes, file: str, problems: list[Problem]) -> str | None:
    """Return the text of a file, with faults of its encoding and line ends added to `problems`."""
    clean = without_faults(data, file, problems)
    return None if clean is None else clean.decode("utf-8", errors="replace")


def contents(file: Path) -> tuple[bytes | None, tuple[str, str] | None]:
    """Return the bytes of a file, None where there is none, and why it is not read, with what to do.

    A pipe or device would never end, a huge file is no hand-made table: neither is opened.
    """
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            return None, ("is not a plain file", "Put the file itself there")
        if rule := too_large(file.name, found.st_size):
            return None, (rule, "Check what it is")
        data = begun(file, most_of(file.name))  # it may grow, or have no size that the system tells
        rule = too_large(file.name, len(data))
        return (None, (rule, "Check what it is")) if rule else (data, None)
    except FileNotFoundError:
        lost = "is a link to a file that is not there", "Put the file itself there, or delete the link"
        return None, lost if file.is_symlink() else None
    except OSError as error:
        return None, (f"cannot be opened: {error.strerror}", "Look at the file")


def most_of(file: str) -> int:
    """Return how many bytes of a file are read at most."""
    return RESULTS if file.endswith("results.csv") else LARGEST * (5 if file.endswith(".csv") else 1)


def too_large(file: str, size: int) -> str:
    """Return what is wrong with the size of a file, empty where nothing is."""
    return f"the file holds {size / 1e6:.0f} million bytes, {FAR_MORE}" if size > most_of(file) else ""


def without_faults(data: bytes, file: str, problems: list[Problem]) -> bytes | None:
    """Return the bytes of a file with Unix line ends and no mark, with faults of both added to `problems`."""

    def note(line, rule, remedy, severity="error"):
        problems.append(Problem(file, line, "", "", "", rule, remedy, severity))

    if rule := too_large(file, len(data)):
        note(None, rule, "Check what it is")
        return None
    if not data.strip():
        note(1, "the file is empty", "Write the header line first, as the data dictionary gives it")
        return None
    if data[:2] in _BOMS:
        note(1, "the file is encoded as UTF-16", "Save it as UTF-8 without a byte-order mark")
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        remedy = "Save it as UTF-8 without a byte-order mark (not 'UTF-8-BOM')"
        note(1, "the file starts with an invisible byte-order mark", remedy)
        data = data[3:]
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        remedy = "Take the last good version, or save it as UTF-8"
        note(line, "there is a NUL byte: the file is damaged or not UTF-8", remedy)
        return None
    if b"\r\n" in data:  # what git and most editors write on Windows: nothing is lost by reading it as LF
        line = data[: data.index(b"\r\n")].count(b"\n") + 1
        remedy = "It is read as if they ended in LF; `reviewlib check --fix` saves it so"
        note(line, "lines end as Windows writes them (CRLF)", remedy, "warning")
        data = data.replace(b"\r\n", b"\n")
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        note(line, "there is a carriage return without a line end after it", "Save it with Unix line ends (LF)")
    elif not data.endswith(b"\n"):
        note(data.count(b"\n") + 1, "the last line has no line end", "Press Enter after it", "warning")
    return data


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # a line feed may stand in a quoted cell


# Letters and marks that are drawn as nothing, and places of Unicode that hold no character.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\ufdd0-\ufdef\ufffe\uffff\U000e0100-\U000e01ef]"
)


def hidden_fault(text: str) -> str:
    """Return what is wrong with a text in which there are characters that nobody sees; empty where nothing is."""
    if text.isascii() and text.isprintable():
        return ""
    if _CONTROL.search(text):
        return "there is an invisible control character"
    hidden = next((sign for sign in text if sign > "~" and unicodedata.category(sign) == "Cf"), None)
    if hidden := hidden or next(iter(_UNSEEN.findall(text)), None):
        return f"there is an invisible character ({unicodedata.name(hidden, f'U+{ord(hidden):04X}').lower()})"
    strange = foreign_letter(text)
    return f"a Latin word holds a letter of another alphabet ({strange})" if strange else ""
