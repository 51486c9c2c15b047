"""The files of forest plots, drawn when the site is built: lighter pages and notebooks, and pictures for a journal."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from ..page.figures import forest_files
from .downloads import FOLDER, Download, as_csv

_PLACE = re.compile(r'<p class="downloads" data-figure="([^" ]+) ([^"]+)"></p>')
WORDS = {
    "svg": "SVG",
    "column.png": "PNG, one column (89 mm)",
    "page.png": "PNG, page width (178 mm)",
    "csv": "data as CSV",
}


def with_files(html: str, page: str, evidence: Any) -> tuple[str, list[Download]]:
    """Return an output with links to the files of its forest plots, and the files.

    Parameters
    ----------
    html : str
    page : str
        Name of the page without its ending; file names begin with it.
    evidence : Evidence or None
        None where the tables changed since the page was computed: then no file is offered, for it would show others'
        numbers.
    """
    made, before = [], 0

    def links(match):
        nonlocal before
        topic, comparison = match.groups()
        table, before = html[before : match.start()], match.end()
        if evidence is None:
            return ""
        files = forest_files(evidence[topic], comparison) | {"csv": _csv(table)}
        stem = f"{FOLDER}/{page}-{comparison}"
        mine = [Download(f"{stem}.{end}", WORDS[end], content) for end, content in files.items()]
        made.extend(mine)
        offered = " ".join(f'<a href="{escape(file.name)}" download>{file.words}</a>' for file in mine)
        return f'<p class="downloads">This figure for papers and slides: {offered}</p>'

    return _PLACE.sub(links, html), made


def _csv(html) -> bytes:
    """Return the last forest table of a piece of HTML as CSV."""
    from bs4 import BeautifulSoup

    start = html.rfind('<table class="forest-plot')
    return as_csv(BeautifulSoup(html[start : html.find("</table>", start)], "html.parser").table).encode()


@lru_cache(maxsize=2)
def evidence_of(folder: Path, checksum: str) -> Any:
    """Return the evidence of a folder; `checksum` tells states of its tables apart."""
    from ..evidence import load_evidence

    return load_evidence(folder)
