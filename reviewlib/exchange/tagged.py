"""Files of lines with a tag: RIS, PubMed (.nbib) and EndNote (%0), record by record with the line of each value.

No parser of somebody else is used here: those at hand keep no line numbers, drop a record that has no end, and join a
continued line to the wrong value.
"""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

from ..errors import EvidenceError

TAGS = {
    "ris": (r"([A-Z][A-Z0-9]){gap}- ?(.*)", "TY", "ER"),
    "pubmed": (r"(?=.{{4}}-)([A-Z]{{2,4}}) *- ?(.*)", "PMID", None),
    "endnote": (r"(%\S)(?: (.*)|$)", "%0", None),
}
ABSTRACT = ("AB", "N2", "%X")


LONGEST = csv.field_size_limit()  # characters: no table could hold a longer cell


class Value(NamedTuple):
    """One tag of a record: its lines, and the line it starts in."""

    tag: str
    lines: list[str]
    line: int


def records(text: str, name: str, fmt: str, read: tuple[str, ...]) -> list[tuple[int, dict[str, list[str]]]]:
    """Return (line, texts by tag) of every record of a file.

    Parameters
    ----------
    text, name : str
        The file and its name.
    fmt : str
        ris, pubmed or endnote.
    read : tuple of str
        The tags that will be read: one of them that comes again behind an abstract may be a line of that abstract.

    Raises
    ------
    EvidenceError
        A record without an end, a tag outside of a record, a line that may be a tag or part of an abstract.
    """
    pattern, start, end = TAGS[fmt]
    first = re.search(rf"^{start}( {{1,2}})-", text, re.MULTILINE)
    tag = re.compile(pattern.format(gap=first[1] if first else "  "))
    found, values, problems = [], None, []
    for line, row in enumerate([*text.split("\n"), ""], 1):
        match = tag.match(row) or (end and re.match(rf"({end}) {{1,2}}-\s*()$", row))
        if match and match[1] == start:
            if values and end:
                problems.append(_unended(name, values))
            values = [Value(start, [(match[2] or "").strip()], line)]
            found.append(values)
        elif match and match[1] == end:
            values = None
        elif match and values is None:
            problems.append(f"{name} line {line}: {row[:40]!r} stands before the first line ({start}) of its reference")
        elif match:
            values.append(Value(match[1], [(match[2] or "").strip()], line))
        elif values and row.strip():
            values[-1].lines.append(row.strip())
    if values and end:
        problems.append(_unended(name, values))
    for values in found:
        problems += _ambiguous(name, values, read)
        problems += _too_long(name, values, read)
    if problems:
        raise EvidenceError("\n".join(problems))
    return [(values[0].line, _by_tag(values)) for values in found]


def _unended(name, values):
    return (
        f"{name} line {values[0].line}: the reference has no end (ER): the file is cut off or damaged. Export it again"
    )


def _ambiguous(name, values, read):
    at = next((i for i, value in enumerate(values) if value.tag in ABSTRACT), len(values))
    before = {value.tag for value in values[:at]}
    for value in values[at + 1 :]:
        if value.tag in before and value.tag in read:
            yield (
                f"{name} line {value.line}: {value.tag} comes again behind the abstract: is it a line of the abstract? "
                "Put a blank before it if it is; move it before the abstract if it is not"
            )


def refuse_long(text: str, what: str) -> None:
    """Raise ValueError for a text that is no title, name or number: somewhere before it ends, its end was lost."""
    if len(text) > LONGEST:
        raise ValueError(f"{what} has {len(text):,} characters; a table holds {LONGEST:,} at most. Shorten it")


def _too_long(name, values, read):
    for value in values:
        try:
            refuse_long(" ".join(value.lines) if value.tag in read else "", value.tag)
        except ValueError as error:
            yield f"{name} line {value.line}: {error}"


def _by_tag(values) -> dict[str, list[str]]:
    tags = {}
    for value in values:
        if text := " ".join(filter(None, value.lines)):
            tags.setdefault(value.tag, []).append(text)
    return tags
