"""From every number on the pages to its place in print: the links a reader would follow, and how many clicks it takes.

A number has arrived where the same row, record or paragraph names a source of the page's list beside the place in it.
Reading what stands around a number, up to the end of its block, is no click; following a link is one. A result, that is
a number with decimals or a percentage, must arrive. A whole number may be a count of rows instead, which stands in none
of them: it leads to the cell of the notebook that counted. That the numbers are those which the cells give, `remade`
finds out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import html

from ..errors import EvidenceError
from ..nouns import count

CLICKS = 3
NUMBER = re.compile(
    r"(?<![\w./#-])[−-]?\d[\d,]*\.\d+(?![\w/]|\.\d)|(?<![\w./#-])\d+(?=\s?%(?! ?(?:CI|interval|limits)))"
)
EVERY = re.compile(r"(?<![\w./#-])[−-]?\d[\d,]*(?:\.\d+)?(?![\w/]|\.\d)")
_SKIPPED = ("script", "style", "code", "pre", "nav", "option", "h1", "svg", "math")
# Classes of parts whose numbers are no result: made by a formula as an example, about our own work, bibliography.
_APART = {"made-here", "about-us", "sources"}
_OWN = ("tr", "li", "dl", "p", "figcaption", "summary", "caption")  # what is read as one with its number
_PROSE = "{}div[contains(concat(' ', @class, ' '), ' text ')]"
_OUTPUT = "{}div[contains(concat(' ', @class, ' '), ' output ')]"
_NEXT = _OUTPUT.format("following::") + "[1]"
_READ = ('.//p[@class="where small"]', './/ul[@class="where"]/li')  # where a block says that its numbers were read
_BLOCK = ("cell", "output", "jp-OutputArea-output")  # classes of what one call of a page put there


@dataclass(frozen=True, slots=True)
class Walk:
    """The way of one number: its page, the words around it, the links to its place.

    `clicks` is None without such links; `place` is then the cell that counted, or empty.
    """

    page: str
    number: str
    words: str
    clicks: int | None
    row: str
    place: str

    def __str__(self) -> str:
        way = self.place or "no place"
        if self.clicks is not None:
            way = f"{count(self.clicks, 'click')}, {self.row or 'the same row'}: {self.place}"
        return f"{self.page}: {self.number} in '{self.words}': {way}"


class Site:
    """The pages of a built site, parsed once, with every element that a link can lead to."""

    def __init__(
        self, folder: Path, cells: Mapping[str, Sequence[str]] | None = None, lessons: Collection[str] = ()
    ) -> None:
        """Read the pages of a folder.

        Parameters
        ----------
        folder : Path
        cells : mapping of str to sequence of str, optional
            Page by page, the cell that made each output.
        lessons : collection of str
            Pages on which a number may lead to its cell alone: they teach, on invented trials too.
        """
        files = sorted(folder.glob("*.html"))
        if not files:
            raise EvidenceError(f"{folder} holds no page: build the site first (reviewlib render)")
        self.pages = {file.name: html.fromstring(file.read_bytes().decode()) for file in files}
        # Kept whole: lxml makes a new object of an element that nobody holds, and elements are known here by identity.
        self._elements = {name: list(page.iter()) for name, page in self.pages.items()}
        self._cells, self._lessons = cells or {}, lessons
        self._memo: dict[int, tuple[str, list[tuple]]] = {}
        self.targets = {
            (name, element.get("id")): element
            for name, elements in self._elements.items()
            for element in elements
            if isinstance(element.tag, str) and element.get("id")
        }

    def walks(self, only: Iterable[str] = ()) -> Iterator[Walk]:
        """Yield the way of every number of the named pages (of every page by default), in reading order."""
        chosen = set(only) or set(self.pages)
        for name, page in self.pages.items():
            if name not in chosen:
                continue
            known, counted = {}, self._counted(name, page)
            for element, text in texts(page.find(".//main") if page.find(".//main") is not None else page):
                for match in EVERY.finditer(text):
                    key = id(element)
                    if key not in known:
                        known[key] = self._way(name, element)
                    clicks, row, place = known[key]
                    if clicks is None and (name in self._lessons or not NUMBER.match(text, match.start())):
                        place = next((counted[id(up)] for up in _up(element) if id(up) in counted), "")
                    words = " ".join(text[max(0, match.start() - 30) : match.end() + 20].split())
                    yield Walk(name, match[0], words, clicks, row, place)

    def _counted(self, name, page) -> dict[int, str]:
        """Return, part by part of a page, what counted its whole numbers: a cell, an assertion, the site."""
        outputs, cells = page.xpath(_OUTPUT.format("//")), self._cells.get(name, ())
        if len(cells) != len(outputs):
            return {}
        said = {id(part): "in prose, asserted by the cell after it" for part in page.xpath(_PROSE.format("//"))}
        said |= {id(page.find(".//main")): "counted when the page was put together"}
        return said | {id(part): f"counted by {cell}" for part, cell in zip(outputs, cells, strict=True)}

    def _way(self, page: str, element: Any) -> tuple[int | None, str, str]:
        """Return (clicks, id of the row, place) of the shortest way from an element, (None, "", "") without one."""
        frontier, seen = [(page, element, "")], set()
        for clicks in range(CLICKS + 1):
            onward = []
            for here, start, row in frontier:
                for around in _around(start):
                    place, links = self._seen(here, around)
                    if place:
                        return clicks, row, place
                    new = [link for link in links if id(link[1]) not in seen]
                    seen |= {id(target) for _, target, _ in new}
                    onward += [(there, target, row or anchor) for there, target, anchor in new]
            frontier = onward
        # What prose says is asserted by the next cell, which shows where it was read.
        after = [output for prose in element.xpath(_PROSE.format("ancestor::")) for output in prose.xpath(_NEXT)]
        return self._way(page, after[0]) if after else (None, "", "")

    def _seen(self, page: str, element: Any) -> tuple[str, list[tuple]]:
        """Return the place that an element names and where its links lead, worked out once."""
        key = id(element)
        if key not in self._memo:
            links = [self._target(page, link) for link in element.iter("a")]
            self._memo[key] = _place(element), [link for link in links if link]
        return self._memo[key]

    def _target(self, page: str, link: Any) -> tuple | None:
        name, _, anchor = (link.get("href") or "").partition("#")
        target = self.targets.get((name or page, anchor))
        return None if target is None or anchor.startswith("source-") else (name or page, target, anchor)


def _up(element) -> Iterator[Any]:
    """Yield an element and those around it, from the inside."""
    while element is not None:
        yield element
        element = element.getparent()


def texts(root: Any) -> Iterator[tuple[Any, str]]:
    """Yield (element, text) of what a reader sees, not of code, navigation or pictures."""
    if not isinstance(root.tag, str) or root.tag in _SKIPPED or root.get("hidden") is not None:
        return
    if set((root.get("class") or "").split()) & _APART:
        return
    if root.text:
        yield root, root.text
    for child in root:
        yield from texts(child)
        if child.tail:
            yield root, child.tail


def _around(element: Any) -> Iterator[Any]:
    """Yield an element and what surrounds it, from its own row to the end of the block that one call made."""
    while element is not None and element.tag != "main":
        yield element
        if set((element.get("class") or "").split()) & set(_BLOCK):
            return
        element = element.getparent()


def _place(element: Any) -> str:
    """Return the source and place that a row, record, list item or paragraph names, empty where it names none."""
    classes = (element.get("class") or "").split()
    ours = element.find(".//*[@data-origin]") if element.tag in _OWN else None
    if ours is not None:
        return "".join(ours.itertext())
    if set(classes) & set(_BLOCK):  # a line of a block that says where all its numbers were read
        element = next((e for path in _READ for e in element.iterfind(path)), element)
    if "record" in classes:
        return _place_of_record(element)
    if element.tag not in _OWN:
        return ""
    cited = [link for link in element.iterfind(".//a[@href]") if (link.get("href") or "").startswith("#source-")]
    if not cited:
        return ""
    parent = cited[0].getparent()
    return " ".join("".join(parent.itertext()).split())[:120]


def _place_of_record(record) -> str:
    """Return the source and the place in it of a row, from its own facts and those that it shares with others."""
    lists = [record.iterfind("dl"), *(around.iterfind("dl") for around in record.iterancestors("div", "li"))]
    facts = {}
    for dl in (dl for found in lists for dl in found):
        for name, value in zip(dl.iter("dt"), dl.iter("dd"), strict=False):
            facts.setdefault(name.text, value)
    said = [" ".join(facts[name].text_content().split()) for name in ("Source", "Place") if name in facts]
    return ", ".join(said)[:120] if "Source" in facts else ""


def lost(walks: Iterable[Walk]) -> list[Walk]:
    """Return the numbers that lead to no place and were counted by no cell."""
    return [walk for walk in walks if walk.clicks is None and not walk.place]


def summary(walks: list[Walk]) -> str:
    """Return, page by page, how many numbers there are, and how many of them arrive after how many clicks."""
    lines = []
    for page in dict.fromkeys(walk.page for walk in walks):
        mine = [walk for walk in walks if walk.page == page]
        clicks = Counter(walk.clicks for walk in mine)
        arrived = ", ".join(f"{clicks[n]} after {n}" for n in range(CLICKS + 1) if clicks[n])
        counts = Counter(
            "without a place" if walk in lost([walk]) else "counted by the cell that shows them"
            for walk in mine
            if walk.clicks is None
        )
        lines.append(
            f"{page}: {len(mine)} numbers; clicks to the printed place: {arrived or 'none arrives'}"
            + "".join(f"; {counts[said]} {said}" for said in sorted(counts))
        )
    return "\n".join(lines)
