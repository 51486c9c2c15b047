"""The style sheets of forest tables and figures, with the colours of every other picture filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

from . import colours


def _sheet(name) -> str:
    text = Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8")
    return Template(text.partition("*/")[2]).substitute(vars(colours))


FOREST_CSS, FIGURE_CSS = _sheet("forest"), _sheet("figure")
