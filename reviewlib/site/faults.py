"""What a page must not do: lose an output, show a picture without words, call the network, confuse a screen reader.

Accessibility checkers pass placeholder texts and pages whose tables were dropped; these checks do not.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from .outputs import shown
from .scripts import admitted

SHORTEST_ALT = 40  # characters; a finding with its number does not fit into fewer
_PLACEHOLDER = re.compile(
    r"no description|description has been provided|<figure size|^[0-9a-f]{16,}"
    r"|^\W*(image|figure|plot|chart|graph|picture|output|todo|alt)\b\W*\d*\W*$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp|pdf)$", re.IGNORECASE)


def source_faults(nb) -> list[str]:
    """Return the faults of a notebook before it becomes a page."""
    found = []
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            found.append(f"cell {number} was never executed: run `make review`")
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number} ends in {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                found.append(f"cell {number} wrote to stderr: {output.text.strip()[:200]}")
    return found


def page_faults(html, nb, pages) -> list[str]:
    """Return one sentence a fault of the page made from `nb`; `pages` holds the names of all pages of the site."""
    soup = BeautifulSoup(html, "html.parser")
    checks = (_shell, _pictures, _tables, _labels, _network)
    found = [fault for check in checks for fault in check(soup)]
    return _outputs(soup, nb) + found + _links(soup, pages)


def _outputs(soup, nb) -> list[str]:
    """Every output of the notebook stands on the page with all of its text."""
    wanted = [shown(output)[1] for cell in nb.cells for output in cell.get("outputs", [])]
    there = soup.select("main div.output")
    if len(wanted) != len(there):
        return [f"the notebook has {len(wanted)} outputs, the page {len(there)}"]
    found = []
    for number, (source, element) in enumerate(zip(wanted, there, strict=True), 1):
        source = BeautifulSoup(source, "html.parser")
        if _letters(source) != _letters(element):
            found.append(f"output {number} lost text on its way to the page: {_words(source)[:60]!r}")
        for name in ("table", "svg", "img", "math"):
            if len(source.find_all(name)) != len(element.find_all(name)):
                found.append(f"output {number} lost a {name} on its way to the page")
        if not _words(element) and not element.find(["svg", "img"]):
            found.append(f"output {number} is empty")
    return found


def _words(element) -> str:
    return " ".join(element.get_text(" ").split())


def _letters(element) -> str:
    """Return the text without its spaces: a term that became a button stands apart from its bracket."""
    return "".join(element.get_text().split())


def _shell(soup) -> list[str]:
    counts = {name: len(soup.select(name)) for name in ("h1", "main", "head > title")}
    found = [f"the page has {count} <{name}>, not one" for name, count in counts.items() if count != 1]
    if not soup.html.get("lang"):
        found.append("the page names no language")
    level = 0
    for heading in soup.find_all(re.compile("^h[1-6]$")):
        if int(heading.name[1]) > level + 1:
            found.append(f"the heading {_words(heading)!r} is <{heading.name}> below level {level}: a level is skipped")
        level = int(heading.name[1])
    rules = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    strange = [s for s in soup.find_all("script") if s.get("type") != "application/ld+json"
               and admitted(s.string or "") not in rules["content"]]  # fmt: skip
    if strange or soup.find(["iframe", "object", "embed"]):
        found.append("the page holds a script or a frame, which its own policy forbids")
    return found


def _pictures(soup) -> list[str]:
    found = []
    for picture in soup.find_all(["img", "svg"]):
        # An <svg> inside another is a part of that picture.
        fault = "" if picture.find_parent("svg") else _picture_fault(soup, picture)
        if fault:
            before = picture.find_previous(re.compile("^h[1-6]$"))
            found.append(f"a picture under {_words(before) if before else 'no heading'!r} {fault}")
    return found


def _picture_fault(soup, picture) -> str:
    """Return what is wrong with the words of a picture; one in a table's cell or beside its words may be silent."""
    around = picture.find_parent(attrs={"role": "img"}) or picture.find_parent("figure")
    words = _name(soup, picture) or (_name(soup, around) if around else "")
    beside = picture.find_parent(["td", "th", "li", "p", "dt", "dd"])
    small = beside is not None and (beside.name in ("td", "th") or bool(_words(beside)))
    if small and (words or picture.get("aria-hidden") == "true") and not _is_placeholder(words):
        return ""
    if not words:
        return "has no alternative text"
    if _is_placeholder(words):
        return f"has a placeholder as alternative text: {words!r}"
    if len(words) < SHORTEST_ALT:
        return f"has an alternative text of fewer than {SHORTEST_ALT} characters: {words!r}"
    return "" if re.search(r"\d", words) else f"has an alternative text without a number: {words!r}"


def _name(soup, element) -> str:
    """Return the words a screen reader says for an element."""
    ids = element.get("aria-labelledby", "").split()
    parts = [soup.find(id=i) for i in ids]
    title = element.find("title", recursive=False) if element.name == "svg" else None
    words = element.get("alt") or element.get("aria-label") or " ".join(_words(p) for p in parts if p)
    return (words or (_words(title) if title else "")).strip()


def _is_placeholder(words) -> bool:
    return bool(_PLACEHOLDER.search(words) or _FILE_NAME.match(words))


def _tables(soup) -> list[str]:
    found = []
    for table in soup.find_all("table"):
        caption = table.caption and _words(table.caption)
        if not caption:
            found.append(f"a table ({_words(table)[:60]!r}) has no caption")
        for th in table.find_all("th"):
            if not th.get("scope"):
                found.append(f"a header cell ({_words(th)!r}) has no scope")
            if not _words(th) and not th.find(["svg", "img"]):
                found.append(f"the table {caption!r} has an empty header cell")
    return found


def _labels(soup) -> list[str]:
    """Landmarks need names of their own, and a reference must have one target."""
    found, seen = [], set()
    for region in soup.select('[role="region"][aria-label], nav[aria-label], section[aria-label]'):
        if region["aria-label"] in seen:
            found.append(f"two regions are called {region['aria-label']!r}")
        seen.add(region["aria-label"])
    ids = [element["id"] for element in soup.find_all(id=True)]
    for element in soup.find_all(lambda tag: tag.get("aria-labelledby") or tag.get("aria-describedby")):
        for name in f"{element.get('aria-labelledby', '')} {element.get('aria-describedby', '')}".split():
            if ids.count(name) != 1:
                found.append(f"a label points to #{name}, which stands {ids.count(name)} times on the page")
    return found


def _network(soup) -> list[str]:
    """A link may lead away; nothing may be fetched."""
    found = []
    for element in soup.find_all(True):
        # A link to the feed of this site is followed by a reader, not fetched with the page.
        fetched = element.name == "link" and element.get("rel") != ["alternate"]
        for attribute in ("src", "srcset", "poster", "data", "xlink:href") + (("href",) if fetched else ()):
            value = str(element.get(attribute, ""))
            if value and not value.startswith(("data:", "#")):
                found.append(f"<{element.name} {attribute}> would fetch {value[:80]}")
    styles = " ".join(
        [*(str(e.string) for e in soup.find_all("style")), *(e["style"] for e in soup.find_all(style=True))]
    )
    found += [
        f"a style would fetch {url}" for url in re.findall(r"@import[^;]+|url\(\s*['\"]?(?!#|data:)[^)]+\)", styles)
    ]
    return found


def _links(soup, pages) -> list[str]:
    """A link within the site leads to a page that is built, a link within the page to something on it."""
    ids, found = {element["id"] for element in soup.find_all(id=True)}, []
    for link in soup.find_all("a", href=True):
        target, _, fragment = link["href"].partition("#")
        # A file for downloading is written together with the page that names it.
        if re.match(r"[a-z]+:", link["href"]) or link.has_attr("download"):
            continue
        if target and target not in pages:
            found.append(f"a link ({_words(link)[:40]!r}) leads to {target}, which is not a page of this site")
        # A link to #closed closes a panel: an address without a target shows none and moves nothing.
        if not target and fragment and fragment not in ids | {"closed"}:
            found.append(f"a link ({_words(link)[:40]!r}) leads to #{fragment}, which is not on the page")
    return found
