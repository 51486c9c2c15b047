"""Entries of a BibTeX file: braces and quotes matched, accents written as letters."""

from __future__ import annotations

import re
import unicodedata

from ..errors import EvidenceError

_ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "c": "\u0327", "v": "\u030c",
            "u": "\u0306", "=": "\u0304", ".": "\u0307", "r": "\u030a", "H": "\u030b"}  # fmt: skip
_LETTERS = {"ss": "\u00df", "o": "\u00f8", "O": "\u00d8", "ae": "\u00e6", "AE": "\u00c6", "aa": "\u00e5",
            "AA": "\u00c5", "l": "\u0142", "L": "\u0141", "i": "i"}  # fmt: skip
_NO_ENTRY = {"comment", "string", "preamble"}


def entries(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    """Return (line, fields) of every entry.

    Raises
    ------
    EvidenceError
        An entry whose braces do not close: the file is damaged or cut off.
    """
    found = []
    for match in re.finditer(r"@(\w+)\s*([{(])", text):
        if match[1].lower() in _NO_ENTRY or (found and match.start() < found[-1][2]):
            continue
        line = text.count("\n", 0, match.start()) + 1
        end = _closing(text, match.end() - 1)
        if end is None:
            raise EvidenceError(f"{name} line {line}: the entry is not closed: the file is cut off. Export it again")
        found.append((line, _fields(text[match.end() : end]), end))
    return [(line, fields) for line, fields, _ in found if fields]


def _closing(text: str, start: int) -> int | None:
    depth, shut = 0, {"{": "}", "(": ")"}[text[start]]
    for i in range(start, len(text)):
        if text[i] == "\\":
            continue
        if text[i] == text[start]:
            depth += 1
        elif text[i] == shut:
            depth -= 1
            if depth == 0:
                return i
    return None


def _fields(body: str) -> dict[str, str]:
    fields, i = {}, body.find(",") + 1
    while match := re.compile(r"\s*,?\s*([\w-]+)\s*=\s*").match(body, i):
        value, i = _value(body, match.end())
        fields.setdefault(match[1].lower(), plain(value))
    return fields


def _value(body: str, start: int) -> tuple[str, int]:
    if start < len(body) and body[start] == "{":
        end = _closing(body, start)
        end = len(body) if end is None else end
        return body[start + 1 : end], end + 1
    if start < len(body) and body[start] == '"':
        depth = 0
        for i in range(start + 1, len(body)):
            depth += {"{": 1, "}": -1}.get(body[i], 0)
            if body[i] == '"' and depth == 0:
                return body[start + 1 : i], i + 1
        return body[start + 1 :], len(body)
    match = re.compile(r"[^,}\s]*").match(body, start)
    return match[0], max(match.end(), start + 1)


def plain(text: str) -> str:
    """Return a value with LaTeX accents as letters, and without braces and commands."""
    text = re.sub(r"\\([a-zA-Z]{1,2})(?![a-zA-Z])\s*(?:\{\})?", lambda m: _LETTERS.get(m[1], m[0]), text)
    text = re.sub(r"\\(['`\"^~=.]|[cvurH](?=[\s{]))\s*\{?\\?([a-zA-Z])\}?", _accented, text)
    text = re.sub(r"\\([&%$#_])", r"\1", text)
    return re.sub(r"\\[a-zA-Z]+\s*|[{}]", "", text).replace("~", " ").strip()


def _accented(match) -> str:
    return unicodedata.normalize("NFC", match[2] + _ACCENTS[match[1]])
