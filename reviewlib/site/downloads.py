"""Files beside the pages: each figure as SVG, PNG and a page to embed, the table behind it as CSV."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from io import StringIO
from typing import Any

from bs4 import BeautifulSoup

from ..cells import safe
from ..evidence.review import Review
from ..page import methods  # noqa: F401, its calls are known once it is there
from ..page.again import figures_of
from ..plots import FIGURE_CSS, png
from ..viewer import page_form
from .embed import alone
from .inputs import package_checksum
from .lighter import lighter
from .links import slug

FOLDER = "figures"
FOLDERS = (FOLDER, "cite")
_FIGURE = re.compile(r'<figure class="plot-figure.*?</figure>', re.DOTALL)
_DRAWN = re.compile(r'^<figure [^>]*data-drawn="([^"]*)".*?<svg [^>]*aria-label="([^"]*)"', re.DOTALL)
_SVG = re.compile(r"<svg(?![^>]*plot-phone).*?</svg>", re.DOTALL)
WORDS = {
    "svg": "SVG",
    "column.png": "PNG, one column (89 mm)",
    "page.png": "PNG, page width (178 mm)",
    "csv": "data as CSV",
    "html": "page to embed",
}
_WIDTHS = {3.5: "column.png", 7.0: "page.png"}  # inches of a figure that a journal prints as it is


@dataclass(frozen=True, slots=True)
class Download:
    """One file beside a page: name within the site, words of the link, content."""

    name: str
    words: str
    content: bytes
    figure: int = 0  # place of the figure among those of its output
    made_of: str = ""  # digest of all that was drawn, see `figure_files`


def downloads(
    nb: Any, page: str, review: Review, evidence: Any = None, before: Any = None
) -> list[list[list[Download]]]:
    """Return the files of each output of each cell of a notebook, in the order of its cells.

    Parameters
    ----------
    nb : NotebookNode
    page : str
        Name of the page without its ending; file names begin with it.
    review : Review
    evidence : Evidence or None
        That the outputs were computed from. None where the tables have changed since: then no figure is drawn again.
    before : dict of (str, str) to bytes, optional
        Content of the files of an earlier build, by what they were made of and the ending of their names.
    """
    taken: set[str] = set()
    drawn = cache(lambda call: figures_of(evidence, call))
    bitmaps = partial(_bitmaps, drawn=drawn, before=before or {}) if evidence is not None else lambda figure: ({}, "")
    return [
        [_files(page_form(output.get("data", {})), page, taken, review, bitmaps) for output in cell.get("outputs", [])]
        for cell in nb.cells
    ]


def digest(parts: bytes) -> str:
    """Return what tells two drawings apart: a checksum of what is drawn and of everything that draws it."""
    return hashlib.sha256(_drawing().encode() + parts).hexdigest()


@cache
def _drawing() -> str:
    return package_checksum(("matplotlib", "numpy", "pandas", "pillow"))


def _files(html, page, taken, review, bitmaps) -> list[Download]:
    figures = _FIGURE.findall(html)
    made = []
    for number, figure in enumerate(figures):
        title = _title(figure)
        stem = _name(f"{page}-{slug(title)[:60].strip('-')}", taken)
        files = {"svg": f'<?xml version="1.0" encoding="utf-8"?>\n{_SVG.search(figure)[0]}\n'.encode()}
        pictures, made_of = bitmaps(figure)
        files |= pictures
        files["html"] = _embedded(figure, title, review, page, f"figure-{stem.partition('/')[2]}")
        made += [Download(f"{stem}.{end}", WORDS[end], content, number, made_of) for end, content in files.items()]
    table = _table(html) if figures else None
    if table is not None:
        stem = made[0].name.rsplit(".", 1)[0]
        made.append(Download(f"{stem}.csv", WORDS["csv"], as_csv(table).encode()))
    return made


def _bitmaps(figure, drawn, before) -> tuple[dict[str, bytes], str]:
    """Return a figure as PNG of 300 dots an inch, in the widths that journals print, and what it was made of.

    A figure that carries no call, or has neither width, has none.
    """
    found, made_of = _DRAWN.search(figure), digest(figure.encode())
    if not found:
        return {}, ""
    kept = {kind: before[made_of, kind] for kind in _WIDTHS.values() if (made_of, kind) in before}
    again = () if kept else drawn(unescape(found[1])).get(unescape(found[2]), ())
    new = {_WIDTHS[w]: png(fig, dpi=300, colours=None) for fig in again if (w := fig.get_figwidth()) in _WIDTHS}
    return kept | new, made_of


def _embedded(figure, title, review, page, anchor) -> bytes:
    # Lighter, for its colours are then those that turn with the reader's page.
    return alone(
        BeautifulSoup(lighter(figure), "html.parser").figure, unescape(title), FIGURE_CSS, review, page, anchor
    )


def _table(html):
    return BeautifulSoup(html[html.find("<table") :], "html.parser").table


def _title(figure) -> str:
    found = re.search(r'aria-label="Figure: ([^"]*)"', figure)
    return found[1] if found else "figure"


def _name(stem, taken) -> str:
    name, number = f"{FOLDER}/{stem}", 2
    while name in taken:
        name, number = f"{FOLDER}/{stem}-{number}", number + 1
    taken.add(name)
    return name


def as_csv(table: Any) -> str:
    """Return an HTML table as CSV; the facts that its rows carry for scripts become columns of their own."""
    heads = [cell.get_text(" ", strip=True) for cell in table.select("thead th, thead td")]
    rows = [row for row in table.select("tbody tr") if len(row.find_all(["th", "td"], recursive=False)) == len(heads)]
    facts = list(dict.fromkeys(key for row in rows for key in row.attrs if key.startswith("data-")))
    lines = [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"], recursive=False)] for row in rows]
    kept = [i for i in range(len(heads)) if any(line[i] for line in lines)]  # a column of drawings holds no text
    out = StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow([safe(cell) for cell in (*(heads[i] for i in kept), *(key.removeprefix("data-") for key in facts))])
    for row, line in zip(rows, lines, strict=True):
        write.writerow([safe(cell) for cell in (*(line[i] for i in kept), *(row.get(key, "") for key in facts))])
    return out.getvalue()
