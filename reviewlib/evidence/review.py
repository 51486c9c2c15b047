"""review.yml: whose review this is. Title, authors, addresses, pages in their order, words; checked key by key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ..errors import EvidenceError, Problem
from .as_typed import contents
from .key_file import KeyFile, read_keys
from .named import note_strangers, note_twins
from .package import topics_in
from .schema import review_keys

UNTITLED = "Evidence review"
_FRONT = "start"
_COLOUR = "#3b4a54"


@dataclass(frozen=True, slots=True)
class Author:
    """A person or group that answers for the review."""

    name: str
    orcid: str = ""
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A notebook in the navigation: its label, and the topic that it answers or what else it is for."""

    notebook: str
    label: str
    topic: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """Claims under one heading: those whose id begins with a prefix; without prefixes, what no other group has."""

    id: str
    label: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of the glossary; `written` is how it stands in running text."""

    term: str
    meaning: str
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What makes the pages this review and not another; every text is empty where review.yml does not give it.

    `pages` lists the front page first and every topic once; a topic that review.yml does not list comes last.
    """

    title: str = UNTITLED
    short_title: str = UNTITLED
    description: str = ""
    authors: tuple[Author, ...] = ()
    licence: str = ""
    repository: str = ""
    site: str = ""
    language: str = "en"
    notice: str = ""
    pages: tuple[Page, ...] = ()
    front_page: tuple[str, ...] = ()
    glossary: tuple[Term, ...] = ()
    plain_words: Mapping[str, str] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    claims: str = ""
    claim_limits: tuple[str, ...] = ()
    claim_groups: tuple[ClaimGroup, ...] = ()
    icon: tuple[str, str] = ("", _COLOUR)

    @property
    def front(self) -> str:
        """Return the notebook of the front page."""
        return next((page.notebook for page in self.pages if page.kind == "front"), _FRONT)

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the topics in the order of their pages."""
        return tuple(page.topic for page in self.pages if page.topic)

    def page(self, notebook: str) -> Page | None:
        """Return the entry of a notebook, None for one that is not listed."""
        return next((page for page in self.pages if page.notebook == notebook), None)

    def page_of(self, topic: str) -> str:
        """Return the notebook that answers a topic."""
        return next((page.notebook for page in self.pages if page.topic == topic), topic)

    def cited_as(self) -> str:
        """Return the authors as one text, empty where nobody is named."""
        return ", ".join(author.name for author in self.authors)


def read_review_file(data: bytes | None, file: str, topics: Iterable[str]) -> KeyFile:
    """Read and check a review.yml against the topics that are there; `data` is None when there is no such file."""
    if data is None:
        return KeyFile(file)
    document = read_keys(data, file, review_keys())
    note_twins(document, review_keys())
    note_strangers(document, review_keys(), {"topics": tuple(topics)}.get)
    _check_pages(document)
    return document


def _check_pages(document: KeyFile) -> None:
    """Check that the front page is the first and the only one, and that the page of a topic has no other kind."""
    for i, page in enumerate(document.entries("pages")):
        topic, kind = page.get("topic"), page.get("kind")
        if topic and kind:
            document.note(("pages", i, "kind"), "a page of a topic has no other kind", "Delete topic or kind", kind)
        if i and kind == "front":
            document.note(("pages", i, "kind"), "the front page is not the first", "Move it to the top of pages", kind)
    first = document.entries("pages")[:1]
    if first and first[0].get("kind") != "front":
        document.note(("pages", 0), "the first page is not the front page", "Give it the line kind: front")


def review_from(document: KeyFile, topics: Iterable[str]) -> Review:
    """Return the review that a checked review.yml describes."""
    info = {key: value for key, value in document.info.items() if value not in (None, "")}
    lists = {"authors": Author, "glossary": Term, "claim_groups": ClaimGroup}
    for key, made in lists.items():
        info[key] = tuple(made(**_frozen(entry)) for entry in info.get(key, ()))
    info["pages"] = _pages([Page(**_frozen(entry)) for entry in info.get("pages", ())], tuple(topics))
    for key in ("plain_words", "explained"):
        info[key] = MappingProxyType(info.get(key, {}))
    title = info.setdefault("title", UNTITLED)
    info.setdefault("short_title", title)
    firsts = filter(None, (re.search(r"\w", word) for word in info["short_title"].split()))
    letters = "".join(first[0] for first in firsts)[:2].upper()
    icon = {"letters": letters, "colour": _COLOUR} | _frozen(info.get("icon", {}))
    info["icon"] = (icon["letters"], icon["colour"])
    return Review(**_frozen(info))


def _pages(listed: list[Page], topics: tuple[str, ...]) -> tuple[Page, ...]:
    """Return the pages as listed, or a front page, and then every topic that has none, on the page of its name."""
    listed = listed or [Page(_FRONT, "Start here", kind="front")]
    there = {page.topic for page in listed}
    return (*listed, *(Page(name, "", topic=name) for name in topics if name not in there))


def _frozen(entry: dict) -> dict:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items() if v not in (None, "")}


def read_review(evidence: Path) -> Review:
    """Return the review of an evidence folder without reading its tables; its neutral form where review.yml is missing.

    Raises
    ------
    EvidenceError
        With every fault of review.yml.
    """
    path, topics = evidence / "review.yml", topics_in(evidence)
    data, fault = contents(path)
    if fault:
        raise EvidenceError([Problem(f"{evidence.name}/review.yml", None, "", "", "", *fault)])
    document = read_review_file(data, f"{evidence.name}/review.yml", topics)
    if document.problems:
        raise EvidenceError(document.problems)
    return review_from(document, topics)
