"""Accessible HTML tables: caption, scopes, row headers, and labels that let a phone stack the cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from .typed import Frame
from .viewer import bundle, pictures


class Html(str):
    """Text that is already HTML and must not be escaped again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One output of a notebook cell: HTML for the page, with marked pictures for other viewers, and text."""

    html: str
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return bundle(str(self.html), self.text)

    @property
    def png(self) -> bytes | None:
        """The first picture, where one was drawn."""
        return next(iter(pictures(self.html)), None)


def missing(value: Any) -> bool:
    """Return whether a cell holds nothing: None, NaN, pandas' NA or blank text."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA has no truth value
        return True


def cell(value: Any) -> str:
    """Return a value as HTML: `Html` as it is, everything else escaped, missing as an empty string."""
    if missing(value):
        return ""
    return str(value) if isinstance(value, Html) else escape(str(value))


def table(frame: Frame, caption: str, *, row_header: bool = True, classes: str = "") -> Html:
    """Return a table that a screen reader can walk and a phone can stack.

    Parameters
    ----------
    frame : DataFrame
        Shown as it stands, without its index; cells are text, numbers or `Html`.
    caption : str
        Says what the table holds; always present.
    row_header : bool, default True
        Whether the first column names the row.
    classes : str
        Extra classes of the table element.
    """
    names = [str(name) for name in frame.columns]
    head = "".join(f'<th scope="col">{cell(name)}</th>' for name in frame.columns)
    body = "".join(f"<tr>{_row(names, row, row_header)}</tr>\n" for row in frame.itertuples(index=False, name=None))
    attribute = f' class="{escape(classes)}"' if classes else ""
    return Html(
        f"<table{attribute}><caption>{cell(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
    )


def vertical(rows: Any, caption: str) -> Html:
    """Return a table of one quantity per line: `rows` are (name, text) pairs."""
    lines = "".join(f'<tr><th scope="row">{cell(name)}</th><td>{cell(text)}</td></tr>\n' for name, text in rows)
    return Html(f"<table><caption>{cell(caption)}</caption>\n<tbody>{lines}</tbody></table>")


def _row(names, row, row_header) -> str:
    cells = []
    for i, (name, value) in enumerate(zip(names, row, strict=True)):
        if i == 0 and row_header:
            cells.append(f'<th scope="row">{cell(value)}</th>')
        else:
            cells.append(f'<td data-label="{escape(name)}">{cell(value)}</td>')
    return "".join(cells)


def plain(value: Any) -> str:
    """Return a cell as plain text: tags dropped, entities read."""
    if missing(value):
        return ""
    return unescape(re.sub(r"<[^>]+>", "", value)) if isinstance(value, Html) else str(value)
