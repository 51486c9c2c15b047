"""Which publication a row belongs to, and the id it gets: first author and year, letters where two would be the same.

Two labels never share an id, and nothing is attached to a source that is there already unless a DOI, a PubMed number or
an earlier import of the same file says so: then a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, islice, product
from string import ascii_lowercase
from typing import Any

from ..errors import EvidenceError, Problem
from .records import Record

_YEAR = re.compile(r"(?<!\d)((?:1[89]|20)\d\d)(?:\(?([A-Za-z])\)?)?(?![A-Za-z0-9])")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,3}")
_LONGEST = 40


@dataclass(slots=True)
class Attribution:
    """The source of every record by its `id()`, what is to be told about it, and what only a person can decide."""

    ids: dict[int, str] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str, str]] = field(default_factory=list)


def doubt(label: str, there: dict, name: str) -> tuple[str, str, str]:
    """Return a question: is `label` the source that is there? `name` is an id for it when it is not."""
    known = there["source_id"]
    why = f"{label} may be {known} in sources.csv ({there['title'][:60]}), but no DOI or PubMed number says so"
    return label, known, f"{why}. If it is: --source '{label}={known}'; if not: --source '{label}={name}'"


def folded(text: str) -> str:
    """Return text as letters and digits of an id: accents and other scripts as plain letters, no spaces or signs.

    Examples
    --------
    >>> folded("van der Berg"), folded("O'Brien"), folded("M\u00fcller"), folded("\u0418\u0432\u0430\u043d\u043e\u0432")
    ('vanderberg', 'obrien', 'muller', 'ivanov')
    """
    from anyascii import anyascii

    return re.sub(r"[^a-z0-9]", "", anyascii(unicodedata.normalize("NFC", text)).lower())[:_LONGEST]


def same(text: str) -> str:
    """Return what two spellings of one label have in common: its letters and digits, in any script, without case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def family_of(name: str) -> str:
    """Return the family name, with its particles, of the first author of a label: no initials, no co-authors."""
    first = re.split(r"\bet\s+al\b|[,;&/]|\s(?:and|und|et)\s", name.strip(), maxsplit=1)[0].split()
    while len(first) > 1 and _initials(first[-1]) and (len(first[-1]) == 1 or not first[-2].isupper()):
        first.pop()
    while len(first) > 1 and _initials(first[0]) and (len(first[0]) == 1 or "." in first[0]):
        first.pop(0)
    return " ".join(first)


def _initials(word) -> bool:
    return bool(_INITIALS.fullmatch(word)) and word.isupper()


def ids_of(label: str, year: str = "", authors: str = "") -> tuple[str, str]:
    """Return the usual id of a study, and a longer one for where two studies would have the same.

    Examples
    --------
    >>> ids_of("van der Berg 2004"), ids_of("Smith J 2001b"), ids_of("UK BEAM", "2004")
    (('vanderberg2004', 'vanderberg2004'), ('smith2001b', 'smithj2001b'), ('ukbeam2004', 'ukbeam2004'))
    """
    match = _YEAR.search(label)
    if not match:
        when = _YEAR.search(year)
        if not when:
            name = folded(authors and family_of(authors) or label)
            return (name if name[:1].isalpha() else f"study{name}",) * 2
        short = folded(family_of(authors or label))
        return f"{short or 'study'}{_when(when)}", f"{folded(label or authors) or 'study'}{_when(when)}"
    head, tail = label[: match.start()].strip(" ([,:;-"), label[match.end() :]
    head, tail = (head, tail) if folded(head) else (tail.strip(" )],:;-"), "")
    short, full = folded(family_of(head)) or "study", folded(head) or "study"
    return f"{short}{_when(match)}", f"{full}{_when(match)}{folded(tail)}"[:_LONGEST]


def _when(match) -> str:
    return match[1] + (match[2] or "").lower()


def free(name: str, taken: Any, tried: Any = None) -> str:
    """Return an id that is not taken: the name, or the name with b, c ... z, aa, ab ... behind it.

    `tried`, a dict that is kept from call to call, saves trying again what was taken before.
    """
    names = _lettered(name) if tried is None else tried.setdefault(name, _lettered(name))
    return next(found for found in names if found not in taken)


def _lettered(name) -> Iterator[str]:
    yield name
    letters = ("".join(parts) for length in count(1) for parts in product(ascii_lowercase, repeat=length))
    yield from (name + letter for letter in islice(letters, 1, None))


def marks(row: Any) -> set[str]:
    """Return the DOI and the numbers of PubMed of a publication, spelled one way."""
    doi = re.sub(r"(?i)^(https?://(dx\.)?doi\.org/|doi:\s*)", "", row.get("doi") or "")
    return {m.lower().strip() for m in (doi, row.get("pmid") or "", row.get("pmcid") or "") if m.strip()}


class Shelf:
    """Publications, found by what identifies them for certain, or else by title, year and first author."""

    def __init__(self, sources: list[dict]):
        self.there, self._marks, self._titles, self.taken, self._tried = {}, {}, {}, set(), {}
        for row in sources:
            self.there[row["source_id"]] = row
            self.add(row)

    def free(self, name: str) -> str:
        """Return the id of a new publication; see `free`."""
        return free(name, self.taken, self._tried)

    def add(self, row: dict) -> None:
        """Put one more publication there."""
        self.taken.add(row["source_id"])
        self._marks |= dict.fromkeys(marks(row), row)
        self._titles.setdefault(self._words(row), row)

    @staticmethod
    def _words(row):
        return same(row["title"]), row["year"], same(re.split(r"[ ,]", row["authors"].strip())[0])

    def find(self, row: dict) -> tuple[dict | None, bool]:
        """Return the publication that `row` is or may be, and whether that is certain."""
        for mark in sorted(marks(row)):
            if mark in self._marks:
                return self._marks[mark], True
        other = self._titles.get(self._words(row)) if same(row["title"]) else None
        if other is None or any(row[name] and other.get(name) for name in ("doi", "pmid", "pmcid")):
            return None, False
        if other["source_id"] in self.there:
            return other, False
        where = row["journal"], other.get("journal")
        return (other, True) if where[0] == where[1] or not all(where) else (None, False)


def attributed(records: list[Record], file: str, sources: list[dict], said: dict) -> Attribution:
    """Return the source of each record of a file of results.

    Parameters
    ----------
    records : list of Record
        Those whose source nobody has named yet.
    file : str
        Name of the file.
    sources : list of dict
        The rows of sources.csv.
    said : dict
        Source by label, as a person decided.

    Raises
    ------
    EvidenceError
        Rows that name no study.
    """
    out, groups = Attribution(), _groups(records, file)
    there = {row["source_id"]: row for row in sources}
    by_mark = {mark: row["source_id"] for row in sources for mark in marks(row)}
    wanted = {key: ids_of(_label(g[0]), g[0].get("year"), g[0].get("authors")) for key, g in groups.items()}
    twice = Counter(short for short, _ in wanted.values())
    taken, chosen, tried = set(there) | {short for short, n in twice.items() if n == 1}, {}, {}
    imported = {
        row["title"]: row["source_id"] for row in reversed(sources) if f" from {file} (" in row.get("notes", "")
    }
    for key, group in groups.items():
        labels = list(dict.fromkeys(map(_label, group)))
        short, full = wanted[key]
        known = next((said[label] for label in labels if label in said), None) or next(
            (by_mark[mark] for record in group for mark in sorted(marks(record.values)) if mark in by_mark), None
        )
        if known is None:
            known = next((imported[t] for t in map(untitled, labels) if t in imported), None)
        if known is None and short in there:
            out.doubts.append(doubt(labels[0], there[short], free(full, taken)))
            known = short
        if known is None and twice[short] > 1:
            known = free(full, taken, tried)
            out.noticed.append(f"{labels[0]!r} is not the only {short}: its source is called {known}")
        chosen[key] = known or short
        taken.add(chosen[key])
        if len(labels) > 1:
            out.noticed.append(f"{', '.join(map(repr, labels))} were taken for one publication, {chosen[key]}")
    out.ids = {id(record): chosen[key] for key, group in groups.items() for record in group}
    return out


def untitled(label: str) -> str:
    """Return the title of a publication of which only the label of its study is known."""
    return f"{label} (title not in the imported file)"


def _label(record) -> str:
    return record.get("trial") or f"{record.get('authors')} {record.get('year')}".strip()


def _groups(records, file):
    """Return the records of each publication: one DOI (or PubMed number), or else one label."""
    nameless = [record for record in records if not same(_label(record)) and not marks(record.values)]
    if nameless:
        rule, remedy = "the row names no study", "Name its column with --map trial=COLUMN, or --set source_id=ID"
        raise EvidenceError([Problem(file, None, "trial", r.place, "", rule, remedy) for r in nameless])
    own, groups = {}, {}
    for record in records:
        own.setdefault(_spelled(record), set()).update(sorted(marks(record.values))[:1])
    for record in records:
        mark, others = sorted(marks(record.values))[:1], own[_spelled(record)]
        key = mark[0] if mark else next(iter(others)) if len(others) == 1 else _spelled(record)
        groups.setdefault(key, []).append(record)
    return groups


def _spelled(record) -> tuple[str, str, str]:
    return same(record.get("trial")), same(record.get("authors")), record.get("year")
