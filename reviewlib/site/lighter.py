"""The same output in fewer bytes: style sheets that the page has already, and what a picture does not need."""

from __future__ import annotations

import re
from collections import Counter

from ..plots import FIGURE_CSS, FOREST_CSS
from ..plots.sheets import VARIABLES

# Lines, letters and paper of a figure turn with the page, see `plots.colours.DARK`.
_COLOUR = re.compile(rf"(fill|stroke):({'|'.join(VARIABLES)})\b")
_SVG, _TAG, _STYLE = re.compile(r"<svg.*?</svg>", re.DOTALL), re.compile(r"<\w[^>]*>"), re.compile(r' style="([^"]*)"')
# An id that a drawing program made; what a reader may link to has a name in words.
_DRAWN = re.compile(r'(\bid="|href="#|url\(#)([\w-]*[0-9a-f]{10})(?=["\)])')
_OFTEN = 3  # times from which a style is shorter as a class
_PLACES = re.compile(r'\s(d|x|y|x1|x2|y1|y2|width|height|transform)="[^"]*"')


def lighter(html: str) -> str:
    """Return an output without repeated style sheets, its pictures without what cannot be seen."""
    for sheet in (FIGURE_CSS, FOREST_CSS):
        html = html.replace(f"<style>{sheet}</style>", "")
    return _SVG.sub(lambda match: lighter_picture(match[0]), html)


def lighter_picture(svg: str) -> str:
    """Return a picture with places to a hundredth of a point, without line breaks and ids that nothing refers to."""
    svg = re.sub(r">\s*\n\s*<", "><", svg)
    svg = re.sub(r' (xmlns(:xlink)?|version|focusable)="[^"]*"', "", svg).replace(" xlink:href=", " href=")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r'\sid="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = _PLACES.sub(_shorter, svg)
    svg = re.sub(r'style="[^"]*"', lambda match: re.sub(r"([:;]) ", r"\1", match[0]), svg)
    svg = _COLOUR.sub(lambda match: f"{match[1]}:var(--{VARIABLES[match[2]]})", svg)
    return re.sub(r"></(use|path|rect|line|circle|polygon)>", "/>", svg)


def shared_styles(html: str) -> str:
    """Return a page whose pictures name a style that returns often by a class, written once in the page's sheet."""
    often = Counter(match[1] for svg in _SVG.findall(html) for match in _STYLE.finditer(svg))
    names = {style: f"z{at}" for at, (style, times) in enumerate(often.most_common()) if times >= _OFTEN}
    html = _SVG.sub(lambda svg: _TAG.sub(lambda tag: _classed(tag[0], names), svg[0]), html)
    html = _short_ids(html)
    # The name twice: a style on an element wins over the sheet of the page, and so must this.
    sheet = "".join(f"svg .{name}.{name}{{{style}}}\n" for style, name in names.items())
    return html.replace("</style>", f"{sheet}</style>", 1)


def _short_ids(html) -> str:
    """Return a page whose pictures name what they use again by a short id."""
    drawn = dict.fromkeys(match[2] for svg in _SVG.findall(html) for match in _DRAWN.finditer(svg))
    short = {name: f"g{at}" for at, name in enumerate(drawn)}
    return _SVG.sub(lambda svg: _DRAWN.sub(lambda match: match[1] + short[match[2]], svg[0]), html)


def plain_sheet(css: str) -> str:
    """Return a style sheet without its comments and the spaces that only its author needs."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};])\s*", r"\1", re.sub(r"\s+", " ", css)).replace(";}", "}").replace("}", "}\n")


def _classed(tag, names) -> str:
    style = _STYLE.search(tag)
    if not style or style[1] not in names:
        return tag
    tag, name = tag.replace(style[0], "", 1), names[style[1]]
    if ' class="' in tag:
        return tag.replace(' class="', f' class="{name} ', 1)
    return re.sub(r"^<\w+", lambda start: f"{start[0]} class={name}", tag)


def _shorter(match) -> str:
    text = re.sub(r"(\.\d\d)\d+", r"\1", match[0])
    if match[1] != "d":
        return text
    return " " + re.sub(r"\s*([MLHVCSQTAZz])\s*", r"\1", " ".join(text.split()))
