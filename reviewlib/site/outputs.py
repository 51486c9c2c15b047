"""What a page shows of one output of a notebook: the richest form that needs no script."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from ..viewer import page_form
from .project import SiteError

# A table in HTML serves a reader better than a picture of it, a picture better than its plain text.
ORDER = ("image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")


def shown(output: Any) -> tuple[str, str]:
    """Return (kind, HTML) of a stream, an execute_result or a display_data."""
    if output.output_type == "stream":
        return "stream", f"<pre>{escape(plain(output.text))}</pre>"
    if output.output_type not in ("execute_result", "display_data"):
        raise SiteError(f"an output of type {output.output_type} cannot be shown on a page")
    if html := page_form(output.data):
        return "text-html", html
    kind = next((kind for kind in ORDER if output.data.get(kind)), None)
    if kind is None:
        raise SiteError(f"an output offers only {', '.join(output.data)}, which a page without scripts cannot show")
    return kind.replace("/", "-").replace("+", "-"), _html(kind, output)


def _html(kind, output) -> str:
    content = output.data[kind]
    if kind == "image/svg+xml":
        return re.sub(r"<\?xml[^>]*>|<!DOCTYPE[^>]*>", "", content).strip()
    if kind.startswith("image/"):
        alt = output.get("metadata", {}).get(kind, {}).get("alt", "")
        return f'<img src="data:{kind};base64,{"".join(content.split())}" alt="{escape(alt)}">'
    if kind == "text/latex":
        from .markdown import formula

        return formula(content.strip().strip("$"), "block")
    return f"<pre>{escape(plain(content))}</pre>"


def plain(text: str) -> str:
    """Return text without the colour codes of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def plain_words(html: str) -> str:
    """Return the words of a piece of HTML, still escaped, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
