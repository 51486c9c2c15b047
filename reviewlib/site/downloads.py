"""Files beside the pages: each figure as SVG and PNG, the table behind it as CSV, taken from the outputs themselves."""

from __future__ import annotations

import csv
import re
from base64 import b64decode
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ..viewer import page_form
from .links import slug

FOLDER = "figures"
FOLDERS = (FOLDER, "cite")
_FIGURE = re.compile(r'<figure class="plot-figure.*?</figure>', re.DOTALL)
_BITMAP = re.compile(r'<figure>.*?<img [^>]*src="data:image/png;base64,([^"]*)".*?</figure>', re.DOTALL)
_SVG = re.compile(r"<svg(?![^>]*plot-phone).*?</svg>", re.DOTALL)
_FORMULA = ("=", "+", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@dataclass(frozen=True, slots=True)
class Download:
    """One file beside a page: name within the site, words of the link, content."""

    name: str
    words: str
    content: bytes
    figure: int = 0  # place of the figure among those of its output
    made_of: str = ""  # digest of all that was drawn, see `figure_files`


def downloads(nb: Any, page: str) -> list[list[list[Download]]]:
    """Return the files of each output of each cell of a notebook, in the order of its cells.

    Parameters
    ----------
    nb : NotebookNode
    page : str
        Name of the page without its ending; file names begin with it.
    """
    taken = set()
    return [[_files(output, page, taken) for output in cell.get("outputs", [])] for cell in nb.cells]


def _files(output, page, taken) -> list[Download]:
    data = output.get("data", {})
    html, bitmaps = page_form(data), _BITMAP.findall(data.get("text/html", ""))
    figures = _FIGURE.findall(html)
    made = []
    for number, figure in enumerate(figures):
        title = _title(figure)
        name = _name(f"{page}-{slug(title)[:60].strip('-')}", taken)
        picture = '<?xml version="1.0" encoding="utf-8"?>\n' + _SVG.search(figure)[0] + "\n"
        made.append(Download(f"{name}.svg", "SVG", picture.encode(), number))
        if len(bitmaps) == len(figures):
            made.append(Download(f"{name}.png", "PNG", b64decode(bitmaps[number]), number))
    table = _table(html) if figures else None
    if table is not None:
        stem = made[0].name.rsplit(".", 1)[0]
        made.append(Download(f"{stem}.csv", "data as CSV", as_csv(table).encode()))
    return made


def _table(html):
    from bs4 import BeautifulSoup

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
    write.writerow([*(heads[i] for i in kept), *(key.removeprefix("data-") for key in facts)])
    for row, line in zip(rows, lines, strict=True):
        write.writerow([*(_safe(line[i]) for i in kept), *(row.get(key, "") for key in facts)])
    return out.getvalue()


def _safe(text) -> str:
    """Return a cell that a spreadsheet shows as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
