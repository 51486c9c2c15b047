"""What a page must not do: lose an output, show a picture without words, call the network, confuse a screen reader.

Accessibility checkers pass placeholder texts and pages whose tables were dropped; these checks do not.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lxml import html as lxml_html

from ..errors import EvidenceError
from ..viewer import page_form
from .outputs import shown
from .scripts import admitted

MOST = 1_000_000  # characters that a cell may print; a reader of HTML drops a text of ten million
SHOWN = 10_000_000  # characters that all outputs of a page may hold
SHORTEST_ALT = 40  # characters; a finding with its number does not fit into fewer
_PLACEHOLDER = re.compile(
    r"no description|description has been provided|<figure size|^[0-9a-f]{16,}"
    r"|^\W*(image|figure|plot|chart|graph|picture|output|todo|alt)\b\W*\d*\W*$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp|pdf)$", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADING = " or ".join(f"self::{name}" for name in _HEADINGS)
# The links to a figure's files are put beside it when the page is built.
_TEXT = ".//text()[not(parent::style or parent::script or ancestor::p[@class='downloads'])]"


def source_faults(nb: Any) -> list[str]:
    """Return the faults of a notebook before it becomes a page."""
    found, shown = [], 0
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            found.append(f"cell {number} was never executed: run `reviewlib render`")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            try:
                shown += len(page_form(data)) + sum(len(str(data[kind])) for kind in data if kind != "text/html")
            except EvidenceError as error:
                found.append(f"cell {number}: {error}")
            if output.output_type == "error":
                found.append(f"cell {number} ends in {output.ename}: {output.evalue[:200]}")
            elif output.output_type == "stream" and len(output.text) > MOST:
                found.append(f"cell {number} printed {len(output.text):,} characters, more than a page can hold")
            elif output.output_type == "stream" and output.name == "stderr":
                found.append(f"cell {number} wrote to stderr: {output.text.strip()[:200]}")
    if shown > SHOWN:
        found.append(f"its cells show {shown:,} characters, more than the {SHOWN:,} that a page can hold: show less")
    return found


def page_faults(html: str, nb: Any, pages: Any) -> list[str]:
    """Return one sentence a fault of the page made from `nb`; `pages` holds the names of all pages of the site."""
    page = lxml_html.document_fromstring(html)
    named = {element.get("id"): element for element in page.iterfind(".//*[@id]")}
    found = [*_shell(page), *_pictures(page, named), *_tables(page), *_labels(page), *_network(page)]
    return _outputs(page, nb) + found + _links(page, named, pages)


def _outputs(page, nb) -> list[str]:
    """Every output of the notebook is on the page with all of its text."""
    wanted = [shown(output)[1] for cell in nb.cells for output in cell.get("outputs", [])]
    there = page.xpath("//main//div[contains(concat(' ', @class, ' '), ' output ')]")
    if len(wanted) != len(there):
        return [f"the notebook has {len(wanted)} outputs, the page {len(there)}"]
    found = []
    for number, (source, element) in enumerate(zip(wanted, there, strict=True), 1):
        source = lxml_html.fragment_fromstring(source, create_parent="div")
        if _letters(source) != _letters(element):
            found.append(f"output {number} lost text on its way to the page: {_words(source)[:60]!r}")
        for name in ("table", "svg", "img", "math"):
            if len(source.findall(f".//{name}")) != len(element.findall(f".//{name}")):
                found.append(f"output {number} lost a {name} on its way to the page")
        if not _words(element) and not _holds_picture(element):
            found.append(f"output {number} is empty")
    return found


def _words(element) -> str:
    return " ".join(" ".join(element.xpath(_TEXT)).split())


def _letters(element) -> str:
    """Return the text without its spaces: a term that became a button is apart from its bracket."""
    return "".join("".join(element.xpath(_TEXT)).split())


def _holds_picture(element) -> bool:
    return next(element.iter("svg", "img"), None) is not None


def _shell(page) -> list[str]:
    counts = {"h1": "//h1", "main": "//main", "head > title": "/html/head/title"}
    counts = {name: len(page.xpath(path)) for name, path in counts.items()}
    found = [f"the page has {count} <{name}>, not one" for name, count in counts.items() if count != 1]
    if not page.get("lang"):
        found.append("the page names no language")
    level = 0
    for heading in page.iter(*_HEADINGS):
        if int(heading.tag[1]) > level + 1:
            found.append(f"the heading {_words(heading)!r} is <{heading.tag}> below level {level}: a level is skipped")
        level = int(heading.tag[1])
    rules = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    strange = [
        script
        for script in page.iter("script")
        if script.get("type") != "application/ld+json" and admitted(script.text or "") not in rules
    ]
    if strange or next(page.iter("iframe", "object", "embed"), None) is not None:
        found.append("the page holds a script or a frame, which its own policy forbids")
    return found


def _pictures(page, named) -> list[str]:
    found = []
    for picture in page.xpath("//*[self::img or self::svg][not(ancestor::svg)]"):
        fault = _picture_fault(picture, named)
        if fault:
            before = picture.xpath(f"(preceding::*[{_HEADING}])[last()]")
            found.append(f"a picture under {_words(before[0]) if before else 'no heading'!r} {fault}")
    return found


def _picture_fault(picture, named) -> str:
    """Return what is wrong with the words of a picture; one in a table's cell or beside its words may be silent."""
    around = _above(picture, "@role='img'") or _above(picture, "self::figure")
    words = _name(picture, named) or (_name(around[0], named) if around else "")
    beside = _above(picture, "self::td or self::th or self::li or self::p or self::dt or self::dd")
    small = bool(beside) and (beside[0].tag in ("td", "th") or bool(_words(beside[0])))
    if small and (words or picture.get("aria-hidden") == "true") and not _is_placeholder(words):
        return ""
    if not words:
        return "has no alternative text"
    if _is_placeholder(words):
        return f"has a placeholder as alternative text: {words!r}"
    if len(words) < SHORTEST_ALT:
        return f"has an alternative text of fewer than {SHORTEST_ALT} characters: {words!r}"
    return "" if re.search(r"\d", words) else f"has an alternative text without a number: {words!r}"


def _above(element, condition) -> list:
    """Return the nearest element around this one that meets a condition, in a list."""
    return element.xpath(f"ancestor::*[{condition}][1]")


def _name(element, named) -> str:
    """Return the words a screen reader says for an element."""
    parts = [named[name] for name in element.get("aria-labelledby", "").split() if name in named]
    title = element.find("title") if element.tag == "svg" else None
    words = element.get("alt") or element.get("aria-label") or " ".join(map(_words, parts))
    return (words or (_words(title) if title is not None else "")).strip()


def _is_placeholder(words) -> bool:
    return bool(_PLACEHOLDER.search(words) or _FILE_NAME.match(words))


def _tables(page) -> list[str]:
    found = []
    for table in page.iter("table"):
        caption = table.find("caption")
        caption = _words(caption) if caption is not None else ""
        if not caption:
            found.append(f"a table ({_words(table)[:60]!r}) has no caption")
        for th in table.iter("th"):
            if not th.get("scope"):
                found.append(f"a header cell ({_words(th)!r}) has no scope")
            if not _words(th) and not _holds_picture(th):
                found.append(f"the table {caption!r} has an empty header cell")
    return found


def _labels(page) -> list[str]:
    """Landmarks need names of their own, and a reference must have one target."""
    found, seen = [], set()
    for region in page.xpath("//*[@aria-label][@role='region' or self::nav or self::section]"):
        if region.get("aria-label") in seen:
            found.append(f"two regions are called {region.get('aria-label')!r}")
        seen.add(region.get("aria-label"))
    ids = Counter(page.xpath("//@id"))
    for names in page.xpath("//@aria-labelledby | //@aria-describedby"):
        for name in names.split():
            if ids[name] != 1:
                found.append(f"a label points to #{name}, which stands {ids[name]} times on the page")
    return found


def _network(page) -> list[str]:
    """A link may lead away; nothing may be fetched."""
    found = []
    for element in page.iter("*"):
        # Links to the feed of this site and to the address of the page are followed by a reader, not fetched with it.
        fetched = element.tag == "link" and element.get("rel") not in ("alternate", "canonical")
        for attribute in ("src", "srcset", "poster", "data", "xlink:href") + (("href",) if fetched else ()):
            value = element.get(attribute, "")
            if value and not value.startswith(("data:", "#")):
                found.append(f"<{element.tag} {attribute}> would fetch {value[:80]}")
    styles = " ".join([*(style.text or "" for style in page.iter("style")), *page.xpath("//@style")])
    found += [
        f"a style would fetch {url}" for url in re.findall(r"@import[^;]+|url\(\s*['\"]?(?!#|data:)[^)]+\)", styles)
    ]
    return found


def _links(page, named, pages) -> list[str]:
    """A link within the site leads to a page that is built, a link within the page to something on it."""
    found = []
    for link in page.iterfind(".//a[@href]"):
        target, _, fragment = link.get("href").partition("#")
        # A file for downloading is written together with the page that names it.
        if re.match(r"[a-z]+:", link.get("href")) or link.get("download") is not None:
            continue
        if target and target not in pages:
            found.append(f"a link ({_words(link)[:40]!r}) leads to {target}, which is not a page of this site")
        # A link to #closed closes a panel: an address without a target shows none and moves nothing.
        if not target and fragment and fragment not in named and fragment != "closed":
            found.append(f"a link ({_words(link)[:40]!r}) leads to #{fragment}, which is not on the page")
    return found
