"""What a notebook cell shows: HTML for the page, plain text for a terminal, a picture where SVG is stripped."""

from __future__ import annotations

from html import escape
from typing import Any

from ..html import Block, Html, cell, plain, table
from ..meaning.words import signed
from ..typed import Frame

__all__ = [
    "Block",
    "Html",
    "bullets",
    "cell",
    "details",
    "fold",
    "join",
    "paragraph",
    "plain",
    "section",
    "table_block",
]


def join(*blocks: Any) -> Block:
    """Return several blocks as one output; the empty ones leave no trace."""
    kept = [block for block in blocks if block is not None and block.text]
    return Block("\n".join(str(b.html) for b in kept), "\n\n".join(b.text for b in kept))


def paragraph(text: Any, classes: str = "") -> Block:
    """Return a paragraph; `text` may be `Html`."""
    attribute = f' class="{escape(classes)}"' if classes else ""
    return Block(Html(f"<p{attribute}>{_said(text)}</p>"), plain(text))


def bullets(items: Any, classes: str = "") -> Block:
    """Return a list of sentences."""
    items = list(items)  # read twice, and an iterator would be empty the second time
    attribute = f' class="{escape(classes)}"' if classes else ""
    rows = "".join(f"<li>{_said(item)}</li>" for item in items)
    return Block(Html(f"<ul{attribute}>{rows}</ul>") if items else Html(""), "\n".join(f"- {plain(i)}" for i in items))


def _said(text) -> str:
    return cell(text if isinstance(text, Html) else signed(plain(text)))


def section(*blocks: Any, classes: str, label: str) -> Block:
    """Return blocks in a labelled region of the page."""
    inner = join(*blocks)
    return Block(Html(f'<section class="{classes}" aria-label="{escape(label)}">{inner.html}</section>'), inner.text)


def details(summary: Any, *blocks: Any, classes: str = "") -> Block:
    """Return blocks folded away under a line that says what they hold."""
    inner = join(*blocks)
    attribute = f' class="{escape(classes)}"' if classes else ""
    html = Html(f"<details{attribute}><summary>{cell(summary)}</summary>{inner.html}</details>")
    return Block(html, f"{plain(summary)}\n{inner.text}")


def fold(summary: Any, *blocks: Any) -> Block:
    """Return blocks of the record: a section that holds nothing else is one fold of its page."""
    return details(summary, *blocks, classes="fold")


def table_block(frame: Frame, caption: str, *, classes: str = "") -> Block:
    """Return a frame as an accessible table; an empty frame says that there is nothing."""
    if frame.empty:
        return paragraph(f"{caption}: nothing was read.", "note")
    text = frame.map(plain).to_string(index=False)
    return Block(table(frame, caption, classes=classes), f"{caption}\n{text}")
