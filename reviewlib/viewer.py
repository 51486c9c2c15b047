"""An output of a notebook in two forms: what any viewer shows, and what only the site reads.

JupyterLab (while it does not trust a notebook), GitHub and nbviewer drop `svg`, `style` and scripts but keep the
letters inside, and their style sheets turn cells to the right. So `text/html` has pictures as `img` with a data
address, a space wherever a block ends, and cells aligned by attributes; what only a page can show or do (`page-only`,
forms) is left out. The form of the page travels packed under a type of our own.
"""

from __future__ import annotations

import bz2
import re
from base64 import b64decode, b64encode, b85decode, b85encode
from html import escape
from html.parser import HTMLParser
from typing import Any

from .errors import EvidenceError
from .nouns import count

PAGE = "application/vnd.reviewlib.page+bz2"  # base85 of bzip2, whose bytes do not depend on the machine
LINES, WIDTH = 12, 160  # of an output as plain text; `print` shows all of it
LARGEST = 10_000_000  # bytes of an output
ROWS = 15  # of a table or a list

_DROPPED = {"svg", "style", "script", "fieldset", "form", "input", "template"}
_KEPT = {
    "a": ("href",),
    "img": ("alt", "src"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
    "details": ("open",),
    "ol": ("start",),
}
_INLINE = {"a", "abbr", "b", "code", "dfn", "em", "i", "mark", "q", "s", "small", "strong", "sub", "sup", "var"}
_EMPTY = {"br", "hr", "img", "input", "wbr"}
_CELLS = ("td", "th")  # aligned by a block inside, for a style sheet of the viewer wins over the cell's own attribute
_LISTS = {"tbody": "tr", "ul": "li", "ol": "li"}


def picture(png: bytes, alt: str) -> str:
    """Return the mark that follows a drawing and holds it for viewers that show no SVG; a page never has it."""
    return instead(f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png).decode()}">')


def instead(html: str) -> str:
    """Return the mark that holds what viewers show in the place of something `page-only`."""
    return f"<!--{html}-->"


def pictures(html: str) -> list[bytes]:
    """Return the pictures that a piece of HTML holds for viewers, or shows in them."""
    return [b64decode(data) for data in re.findall(r' src="data:image/png;base64,([^"]*)">', html)]


def bundle(html: str, text: str) -> dict[str, str]:
    """Return an output by type: HTML for any viewer, the start of its text, and the page's form if it differs."""
    page, safe = re.sub(r"<!--<.*?-->", "", html, flags=re.DOTALL), viewable(html)
    shown = {"text/html": safe, "text/plain": beginning(text)}
    return shown if page == safe else shown | {PAGE: b85encode(bz2.compress(page.encode())).decode()}


def forms(self: Any, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """Return the forms of an object that has `_repr_html_`: what its class names `_repr_mimebundle_`."""
    return bundle(self._repr_html_(), repr(self))


def page_form(data: Any) -> str:
    """Return the HTML of an output as the site shows it, empty where it has none."""
    packed = "".join(data.get(PAGE, "")).strip()  # a file holds a list of lines
    if not packed:
        return "".join(data.get("text/html", ""))
    try:
        unpacked = bz2.BZ2Decompressor().decompress(b85decode(packed), LARGEST)  # a few bytes can unpack to any number
        if len(unpacked) < LARGEST:
            return unpacked.decode()
    except (ValueError, OSError):
        raise EvidenceError("the form of an output for the page is damaged: execute the notebook again") from None
    raise EvidenceError(f"the form of an output for the page unpacks to over {LARGEST:,} bytes: show less")


def beginning(text: str) -> str:
    """Return the first lines of a text, and how many follow."""
    lines = text.split("\n")
    shown = [line if len(line) <= WIDTH else f"{line[:WIDTH].rstrip()} …" for line in lines[:LINES]]
    more = len(lines) - len(shown)
    return "\n".join([*shown, f"… and {count(more, 'more line')}"] if more > 0 else shown)


def viewable(html: str) -> str:
    """Return HTML that says the same, no two words run together, where a viewer strips what it does not trust.

    Tables and lists longer than `ROWS` are cut, and say how many rows follow; a fold within a fold is its line only.
    """
    parser = _Viewer()
    parser.feed(html)
    parser.close()
    text = re.sub("[\1\2]", "", re.sub("\2+\1+", " ", "".join(parser.out)))  # ends and starts of spans and links
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" {2,}", " ", text)).strip()


class _Viewer(HTMLParser):
    """Copies what viewers keep. `skipped` is the element left out at the moment, `rows` counts those of open lists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.rows: list[list] = []
        self.links: list[bool] = []
        self.skipped, self.depth, self.more, self.folds, self.inner = "", 0, 0, 0, False

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if self.skipped:
            self.depth += tag == self.skipped
        elif self._left_out(tag, facts):
            self.skipped, self.depth = ("", 0) if tag in _EMPTY else (tag, 1)
        elif tag in ("details", "summary") and self.folds + (tag == "details") > 1:
            self.folds += tag == "details"
            self.out.append("<p>" * (tag == "summary"))
        else:
            if tag in _LISTS:
                self.rows.append([tag, 0])
            if tag == "a":  # what a link within the page leads to has another name here, or is not there
                self.links.append(not (facts.get("href") or "#").startswith("#"))
            self.out.append("\1" * (tag in ("a", "span")))
            if tag == "small":  # a line of its own on a page
                self.out.append(" <br><small>")
            elif tag != "span" and (tag != "a" or self.links[-1]):
                self.out.append(_start(tag, facts))
            self.folds += tag == "details"

    def _left_out(self, tag, facts) -> bool:
        """Count a row of the innermost table or list; tell whether an element is left out."""
        if self.rows and tag == _LISTS[self.rows[-1][0]]:
            self.rows[-1][1] += 1
            if self.rows[-1][1] > ROWS:
                return True
        classes = (facts.get("class") or "").split()
        drawn = "plot" in classes if tag in ("td", "th") else "axis" in classes
        return tag in _DROPPED or "hidden" in facts or drawn or "page-only" in classes

    def handle_endtag(self, tag):
        if self.skipped:
            self.depth -= tag == self.skipped
            if not self.depth:
                self.folds -= self.inner
                self.skipped, self.inner = "", False
            return
        if tag == "summary" and self.folds > 1:  # the rest of an inner fold is left out
            self.out.append(" (on the page of the site)</p> ")
            self.skipped, self.depth, self.inner = "details", 1, True
            return
        self.folds -= tag == "details"
        if tag in _LISTS and self.rows:
            self.more = max(self.rows.pop()[1] - ROWS, 0)
            self._say_more("li" if tag != "tbody" else "")
        if tag == "span" or (tag == "a" and self.links and not self.links.pop()):
            self.out.append("\2")
            return
        self.out.append("</div>" * (tag in _CELLS) + f"</{tag}>" + ("\2" if tag == "a" else " " * (tag not in _INLINE)))
        self._say_more("p" if tag == "table" else "")

    def _say_more(self, tag) -> None:
        if tag and self.more:
            self.out.append(f"<{tag}>… and {self.more:,} more on the page of the site and in the tables.</{tag}> ")
            self.more = 0

    def handle_data(self, data):
        if not self.skipped:
            self.out.append(data)

    def handle_entityref(self, name):
        self.handle_data(f"&{name};")

    def handle_charref(self, name):
        self.handle_data(f"&#{name};")

    def handle_comment(self, data):
        if not self.skipped and data.startswith("<"):
            self.out.append(data if data.startswith("<img ") else viewable(data))


def _start(tag, facts) -> str:
    kept = "".join(f' {name}="{escape(facts[name] or "")}"' for name in _KEPT.get(tag, ()) if name in facts)
    return f"<{tag}{kept}><div align=left>" if tag in _CELLS else f"<{tag}{kept}>"
