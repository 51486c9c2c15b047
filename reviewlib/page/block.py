"""What a notebook cell shows: HTML for the page, plain text for a terminal, a picture where HTML is stripped."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from ..html import Html, cell, missing, table
from ..typed import Frame

__all__ = ["Block", "Html", "bullets", "cell", "details", "join", "paragraph", "section", "table_block"]


@dataclass(frozen=True, slots=True)
class Block:
    """One output of a page, in every form a viewer may want."""

    html: str
    text: str
    png: bytes | None = None

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        from base64 import b64encode

        bundle = {"text/html": str(self.html), "text/plain": self.text}
        if self.png is not None:
            bundle["image/png"] = b64encode(self.png).decode()
        return bundle


def join(*blocks: Any) -> Block:
    """Return several blocks as one output; the empty ones leave no trace."""
    kept = [block for block in blocks if block is not None and block.text]
    png = next((block.png for block in kept if block.png), None)
    return Block("\n".join(str(b.html) for b in kept), "\n\n".join(b.text for b in kept), png)


def paragraph(text: Any, classes: str = "") -> Block:
    """Return a paragraph; `text` may be `Html`."""
    attribute = f' class="{escape(classes)}"' if classes else ""
    return Block(Html(f"<p{attribute}>{cell(text)}</p>"), plain(text))


def bullets(items: Any, classes: str = "") -> Block:
    """Return a list of sentences."""
    attribute = f' class="{escape(classes)}"' if classes else ""
    rows = "".join(f"<li>{cell(item)}</li>" for item in items)
    return Block(Html(f"<ul{attribute}>{rows}</ul>") if items else Html(""), "\n".join(f"- {plain(i)}" for i in items))


def section(*blocks: Any, classes: str, label: str) -> Block:
    """Return blocks in a labelled region of the page."""
    inner = join(*blocks)
    return Block(
        Html(f'<section class="{classes}" aria-label="{escape(label)}">{inner.html}</section>'), inner.text, inner.png
    )


def details(summary: Any, *blocks: Any, classes: str = "") -> Block:
    """Return blocks folded away under a line that says what they hold."""
    inner = join(*blocks)
    attribute = f' class="{escape(classes)}"' if classes else ""
    html = Html(f"<details{attribute}><summary>{cell(summary)}</summary>{inner.html}</details>")
    return Block(html, f"{plain(summary)}\n{inner.text}", inner.png)


def table_block(frame: Frame, caption: str, *, classes: str = "", row_header: bool = True) -> Block:
    """Return a frame as an accessible table; an empty frame says that there is nothing."""
    if frame.empty:
        return paragraph(f"{caption}: nothing was read.", "note")
    text = frame.map(plain).to_string(index=False)
    return Block(table(frame, caption, row_header=row_header, classes=classes), f"{caption}\n{text}")


def plain(value: Any) -> str:
    """Return a cell as plain text: tags dropped, entities read."""
    import re
    from html import unescape

    if missing(value):
        return ""
    return unescape(re.sub(r"<[^>]+>", "", value)) if isinstance(value, Html) else str(value)
