"""The same output in fewer bytes: style sheets that the page has already, and what a picture does not need."""

from __future__ import annotations

import re

from ..plots import FIGURE_CSS, FOREST_CSS
from ..plots.sheets import VARIABLES

# Lines, letters and paper of a figure turn with the page, see `plots.colours.DARK`.
_COLOUR = re.compile(rf"(fill|stroke):({'|'.join(VARIABLES)})\b")
_PLACES = re.compile(r'\s(d|x|y|x1|x2|y1|y2|width|height|transform)="[^"]*"')


def lighter(html: str) -> str:
    """Return an output without repeated style sheets, its pictures without what cannot be seen."""
    for sheet in (FIGURE_CSS, FOREST_CSS):
        html = html.replace(f"<style>{sheet}</style>", "")
    return re.sub(r"<svg.*?</svg>", lambda match: lighter_picture(match[0]), html, flags=re.DOTALL)


def lighter_picture(svg: str) -> str:
    """Return a picture with places to a hundredth of a point, without line breaks and ids that nothing refers to."""
    svg = re.sub(r">\s*\n\s*<", "><", svg)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg).replace(" xlink:href=", " href=")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r'\sid="([^"]*)"', lambda match: match[0] if match[1] in used else "", svg)
    svg = _PLACES.sub(_shorter, svg)
    svg = re.sub(r'style="[^"]*"', lambda match: re.sub(r"([:;]) ", r"\1", match[0]), svg)
    svg = _COLOUR.sub(lambda match: f"{match[1]}:var(--{VARIABLES[match[2]]})", svg)
    return re.sub(r"></(use|path|rect|line|circle|polygon)>", "/>", svg)


def _shorter(match) -> str:
    text = re.sub(r"(\.\d\d)\d+", r"\1", match[0])
    if match[1] != "d":
        return text
    return " " + re.sub(r"\s*([MLHVCSQTAZz])\s*", r"\1", " ".join(text.split()))
