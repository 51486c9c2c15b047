"""The style sheets of forest tables and figures, with the colours of every other picture filled in."""

from __future__ import annotations

from pathlib import Path
from string import Template

from . import colours
from .bias_marks import ELEMENTS


def _sheet(name) -> str:
    text = Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8")
    named = {name: value for name, value in vars(colours).items() if isinstance(value, str)}
    dark = {f"DARK_{name}": colours.DARK[value] for name, value in named.items() if value in colours.DARK}
    return Template(text.partition("*/")[2]).substitute(named | dark, SHADES=_shades(), SIGNS=_signs())


def _signs() -> str:
    """Return the colours of the judgements of risk of bias, by the element of each step."""
    shown = [(element, colours.BIAS[step][0]) for step, element in ELEMENTS.items()]
    return "\n".join(f".marks {element}{{background:{colour};color:{colours.on(colour)}}}" for element, colour in shown)


def _shades() -> str:
    """Return the variables of the colours that change on a dark page: light, then dark."""
    light = "".join(f"--{name}:{colour};" for colour, name in VARIABLES.items())
    dark = "".join(f"--{name}:{colours.DARK[colour]};" for colour, name in VARIABLES.items())
    return f".plot-figure{{{light}}}\n@media screen and (prefers-color-scheme:dark){{.plot-figure{{{dark}}}}}"


VARIABLES = {colour: f"f{place}" for place, colour in enumerate(colours.DARK)}
FOREST_CSS, FIGURE_CSS = _sheet("forest"), _sheet("figure")
