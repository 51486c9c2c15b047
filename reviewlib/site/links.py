"""Links of a page: from notebooks to pages, from numbers to rows on another page, and from the first screen on."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .project import Project

# Where a reader wants to go from the first screen: how the id of the heading begins, words of the link.
JUMPS = {
    "the-trials": "The trials",
    "the-panel": "The panel",
    "what-was-pooled": "How it was calculated",
    "how-ratings-become": "How it was calculated",
}


def jumps(html: str) -> str:
    """Put the links that a reader of the first screen wants under the title; the print button wakes with its script."""
    found = [(re.search(rf'<h2 id="({start}[\w-]*)"', html), words) for start, words in JUMPS.items()]
    links = [f' · <a href="#{heading[1]}">{words}</a>' for heading, words in found if heading]
    if links:
        if 'class="edited"' in html:  # where a phone leaves out the dates, the dot after them goes too
            links[0] = links[0].replace(" · ", '<span class="edited"> · </span>', 1)
        links.append(' <button type="button" class="print" hidden>Print</button>')
        if 'class="sof"' in html:
            links.append(' <button type="button" class="print" data-sheet="one" hidden>One page</button>')
        html = re.sub(r'(<p class="provenance">.*?)</p>', lambda m: f"{m[1]}{''.join(links)}</p>", html, count=1)
    return html


def page_links(html: str, here: str, names: Any, project: Project) -> str:
    """Let links between notebooks lead to pages, and those to rows and figures to the page that shows them."""
    turned = re.sub(r'href="(?:\./|notebooks/)?([\w-]+)\.ipynb(#[^"]*)?"', r'href="\1.html\2"', html)
    topics = [(project.page_name(page.notebook), f"{page.topic}-") for page in project.review.pages if page.topic]
    shown = set(re.findall(r'\bid="((?:row|trials)-[^"]+)"', turned))

    def lead(match):
        target, words = match.groups()
        page = next((page for page, mark in topics if target.partition("-")[2].startswith(mark)), here)
        if target in shown or (page == here and target.startswith("row-")):
            return match[0]
        # A figure that its own page does not show, or a page that is not built: the words stay.
        return f"<span>{words}</span>" if page == here or page not in names else match[0].replace("#", f"{page}#", 1)

    turned = re.sub(r'<a href="#((?:row|trials)-[^"]+)">(.*?)</a>', lead, turned, flags=re.DOTALL)
    return turned.replace(f'href="{project.review.front}.html', 'href="index.html')


def settled(pages: Any) -> dict[str, str]:
    """Return the pages of a whole site; a link to a place that another page does not have leads to that page."""
    ids = {name: set(re.findall(r'\bid="([^"]+)"', html)) for name, html in pages.items()}

    def lead(match):
        name, target = match.groups()
        return match[0] if name not in ids or target in ids[name] else f'href="{name}"'

    return {name: re.sub(r'href="([\w-]+\.html)#([^"]+)"', lead, html) for name, html in pages.items()}


def slug(text: str) -> str:
    """Return an id made of the words of a heading."""
    plain = re.sub(r"<[^>]+>|&\w+;", " ", text).lower()
    return escape("-".join(re.findall(r"\w+", plain)) or "section")
