"""Authors: read from whatever form a reference manager gives them, written as ``Family GN Jr``, and back."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .vocabulary import listed

SHOWN = 6
SUFFIX = r"(?:Jr|Sr|I{2,3}|IV|[23]r?[dn]d?)\.?"
_OTHERS = re.compile(r"(?i)(and\s+)?(others|et\.?\s*al\.?)")
_GROUP = re.compile(rf"(?i)\b({listed('references.yml')['groups']})\b")


class Person(NamedTuple):
    """One author; an organisation has a family name only."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def initials(self) -> str:
        """Return the given names as initials, hyphens kept; names without capitals, as in Chinese, stay whole."""
        parts = [part for part in re.split(r"[\s.]+", self.given) if part.strip("-")]
        if any(not part.strip("-'\u2019")[:1].isalpha() or part.lower() == part.upper() for part in parts):
            return self.given
        letters = 3 if self.family.isupper() else 5
        return "".join(part if part.isupper() and len(part) <= letters else _initial(part) for part in parts)

    def __str__(self) -> str:
        return " ".join(part for part in (self.family, self.initials, self.suffix) if part)


def is_group(name: str) -> bool:
    """Return whether a name is that of an organisation; a surname that happens to be Board is not."""
    return bool(_GROUP.search(name)) and len(name.partition(",")[0].split()) > 1


def is_others(name: str) -> bool:
    """Return whether a name only says that there are more authors."""
    return bool(_OTHERS.fullmatch(name.strip()))


def _initial(part: str) -> str:
    return "-".join(piece[0].upper() for piece in part.split("-") if piece)


def person(name: str) -> Person:
    """Return an author from ``Family, Given, Jr``, ``Family, Jr, Given``, ``Family GN Jr`` or a name that stands whole.

    Raises
    ------
    ValueError
        More than one person: the words say so.
    """
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if not parts:
        return Person("")
    if is_group(name) or (len(parts) == 1 and "," in name):  # EndNote ends the name of an organisation in a comma
        return Person(name.strip(" ,"))
    several = len(parts) > 3 or (len(parts) > 1 and re.search(r"\s(and|&)\s", name))
    if several or (len(parts) == 3 and not any(re.fullmatch(SUFFIX, part) for part in parts[1:])):
        raise ValueError(f"{name[:60]!r} holds several authors, or a comma too many: give each author a line")
    if len(parts) == 1:
        found = re.fullmatch(rf"(.*\w{{2}}.*?)\s+([A-Z]{{1,3}}(?:-[A-Z])?)(?:\s+({SUFFIX}))?", name)
        return Person(*(text or "" for text in found.groups())) if found else Person(name)
    family, *rest = parts
    suffix = next((part for part in rest if re.fullmatch(SUFFIX, part)), "")
    given = " ".join(part for part in rest if part != suffix)
    return parted(family, given, suffix)


def parted(family: str, given: str, suffix: str) -> Person:
    """Return a person whose Jr or III is out of the names, wherever it stood."""
    names = [family, given]
    for i, name in enumerate(names):
        found = re.fullmatch(rf"(.+?)\s+({SUFFIX})", name)
        if found and not suffix:
            names[i], suffix = found.groups()
    return Person(*names, suffix)


def people(names: Any) -> tuple[list[Person], bool]:
    """Return the authors of several names, and whether there are others; several in one name stand with semicolons."""
    each = [part.strip() for name in names for part in name.split(";") if part.strip()]
    known = [name for name in each if not is_others(name)]
    cut = [re.sub(r"(?i),?\s+et\.?\s+al\.?$", "", name) for name in known]
    return [person(name) for name in cut], len(known) < len(each) or cut != known


def written(authors: list[Person], others: bool = False) -> str:
    """Return authors as a cell of sources.csv: six at most."""
    return ", ".join(map(str, authors[:SHOWN])) + ", et al." * bool(authors and (others or len(authors) > SHOWN))


def read_back(cell: str) -> tuple[list[Person], bool]:
    """Return the authors of a cell of sources.csv, and whether there are others.

    Names that are no ``Family GN`` stay one organisation; a cell that is all remark in brackets names nobody.
    """
    text = re.sub(r",?\s*\bet al\b\.?.*$", "", cell).strip()
    bare = re.sub(r"\s*\([^)]*\)", "", text).strip()
    parts = [part.strip() for part in bare.split(",") if part.strip()]
    pattern = re.compile(rf"(.+?)\s+([A-Z][A-Z\-]{{0,4}})(?:\s+({SUFFIX}))?")
    found = [None if is_group(part) else pattern.fullmatch(part) for part in parts]
    known = next((i for i, match in enumerate(found) if not match), len(found))
    authors = [Person(*(word or "" for word in match.groups())) for match in found[:known]]
    if any(found[known:]) or (known < len(parts) and not known):
        authors, rest = [], bare and text
    else:
        rest = ", ".join(parts[known:])
    return [*authors, *([Person(rest)] if rest else [])], "et al" in cell
