"""The files of forest plots, drawn when the site is built: lighter pages and notebooks, and pictures for a journal.

Drawing them is most of a build, so a figure of which nothing changed keeps the files of the build before.
"""

from __future__ import annotations

import pickle
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from ..evidence import load_evidence
from ..page.figures import files_of, to_print
from ..page.provenance import figure_id
from ..plots import FOREST_CSS
from .downloads import FOLDER, WORDS, Download, as_csv, digest
from .embed import alone, frame

LABELS = (Path(__file__).parent / "labels.css").read_text(encoding="utf-8")
_PLACE = re.compile(r'<p class="downloads" data-figure="([^" ]+) ([^"]+)"></p>')
_DRAWN = ("svg", "column.png", "page.png")


def with_files(html: str, page: str, evidence: Any, before: Any = None) -> tuple[str, list[Download]]:
    """Return an output with links to the files of its forest plots, and the files.

    Parameters
    ----------
    html : str
    page : str
        Name of the page without its ending; file names begin with it.
    evidence : Evidence or None
        None where the tables changed since the page was computed: then no file is offered, for it would show others'
        numbers.
    before : dict of (str, str) to bytes, optional
        Content of the files of an earlier build, by what they were made of and the ending of their names.
    """
    made, end = [], 0

    def links(match):
        nonlocal end
        topic, comparison = match.groups()
        table, end = html[end : match.start()], match.end()
        if evidence is None:
            return ""
        stem, anchor = f"{FOLDER}/{page}-{comparison}", figure_id(evidence[topic], comparison)
        embedded = _embedded(table, evidence.review, page, anchor)
        files, made_of = _drawn(to_print(evidence[topic], comparison), before or {})
        files |= {"csv": _csv(table), "html": embedded}
        mine = [Download(f"{stem}.{kind}", WORDS[kind], content, made_of=made_of) for kind, content in files.items()]
        made.extend(mine)
        offered = " ".join(f'<a href="{escape(file.name)}" download>{file.words}</a>' for file in mine)
        link = f'<a href="#{anchor}">Link to this figure</a>'
        paste = frame(evidence.review, stem, "Forest plot")
        return f'<p class="downloads">This figure for papers and slides: {offered} {link}</p>{paste}'

    return _PLACE.sub(links, html), made


def drawn_in(page: dict[str, Any]) -> dict[tuple[str, str], bytes]:
    """Return the drawn files of a page that was kept, by what they were made of and the ending of their names."""
    return {
        (file["made_of"], kind): file["content"]
        for file in page.get("files", ())
        for kind in _DRAWN
        if file["made_of"] and file["name"].endswith(f".{kind}")
    }


def _drawn(parts, before) -> tuple[dict[str, bytes], str]:
    """Return the files of one forest plot, those of the build before where all that is drawn is the same."""
    made_of = digest(pickle.dumps(parts))
    kept = {kind: before[made_of, kind] for kind in _DRAWN if (made_of, kind) in before}
    return kept if len(kept) == len(_DRAWN) else files_of(*parts), made_of


def _embedded(html, review, page, anchor) -> bytes:
    """Return the last forest table of a piece of HTML as a page of its own."""
    soup = BeautifulSoup(html[html.rfind("<div", 0, html.rfind('class="forest-block"')) :], "html.parser").div
    return alone(soup, soup.caption.get_text(" ", strip=True), FOREST_CSS + LABELS, review, page, anchor)


def _csv(html) -> bytes:
    """Return the last forest table of a piece of HTML as CSV."""
    start = html.rfind('<table class="forest-plot')
    return as_csv(BeautifulSoup(html[start : html.find("</table>", start)], "html.parser").table).encode()


@lru_cache(maxsize=2)
def evidence_of(folder: Path, checksum: str) -> Any:
    """Return the evidence of a folder; `checksum` tells states of its tables apart."""
    return load_evidence(folder)
