"""One figure alone as a page that a frame elsewhere can show: all it needs is in it, its links lead home."""

from __future__ import annotations

from html import escape
from typing import Any

from ..evidence.review import Review
from ..plots.colours import DARK, INK, PAPER

_PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{margin:.6rem;font-family:system-ui,sans-serif;line-height:1.4}}
{schemes}
{css}</style></head>
<body><main>{figure}
<p><a href="{address}" target="_top">{source}: the trials, how sure one can be, and every source</a></p>
</main></body></html>
"""
# Paper, letters and links of a page, light and dark.
_LOOK = "body{{background:{};color:{}}}a{{color:{}}}".format
_SCHEMES = (
    f"{_LOOK(PAPER, INK, '#0b5268')}@media (prefers-color-scheme:dark){{{_LOOK(DARK[PAPER], DARK[INK], '#8ccfdb')}}}"
)


def alone(figure: Any, title: str, css: str, review: Review, page: str, anchor: str) -> bytes:
    """Return a figure as a page of its own.

    Parameters
    ----------
    figure : bs4.Tag
        Its links within the page are turned towards that page.
    title, css : str
        In plain text; the style sheets that the figure needs.
    review : Review
    page : str
        Name of the page that the figure is from, without its ending.
    anchor : str
        Of the figure there.
    """
    home = "index.html" if page == review.front else f"{page}.html"
    for link in figure.select('a[href^="#"]'):
        link["href"] = f"../{home}{link['href']}"
    return _PAGE.format(
        language=escape(review.language),
        title=escape(title),
        css=css,
        schemes=_SCHEMES,
        figure=figure,
        address=f"../{home}#{anchor}",
        source=escape(review.title),
    ).encode()


def frame(review: Review, stem: str, title: str) -> str:
    """Return what to paste into another page to show the figure there; nothing for a site without an address."""
    site = review.site.rstrip("/")
    if not site:
        return ""
    code = f'<iframe src="{site}/{stem}.html" width="100%" height="480" title="{escape(title)}"></iframe>'
    return f'<p class="downloads">To embed it: <code>{escape(code)}</code></p>'
