"""The colours of every figure: one meaning each, always beside a symbol, a shape or a word.

The four steps of risk of bias run from pale blue over amber and red to dark, as readers expect, and lie at least 20
CAM02-UCS units apart under simulated deuteranopia, protanopia and tritanopia, with distinct greys; a test measures it.
"""

from __future__ import annotations

INK = "#1a1a1a"
MUTED = "#595959"
RULE = "#8c8c8c"
FAINT = "#e3e3e3"
GRID = "#ececec"
SHADE = "#f4f4f4"
LEAD = "#bdbdbd"
PAPER = "#ffffff"

STUDY = "#52596d"
POOLED = "#00224e"
PREDICTION = "#948e77"
THRESHOLD = "#f1e6b8"
PEOPLE = "#243c6f"  # those who have the event
UNSURE = "#a9b6cf"  # people between the limits of an interval

# What each colour of lines, letters and paper becomes on a dark page; areas that carry a meaning keep theirs.
DARK = {
    INK: "#e8e6e1",
    MUTED: "#aab3b6",
    RULE: "#8d9497",
    FAINT: "#2f383b",
    GRID: "#283033",
    SHADE: "#1c2528",
    LEAD: "#535c60",
    PAPER: "#13181a",
    STUDY: "#a3b4cc",
    POOLED: "#6fb0ea",
    PREDICTION: "#b9aa7d",
    THRESHOLD: "#453c1b",
    PEOPLE: "#7db5f0",
    UNSURE: "#3c5474",
    "#dedede": "#3d464a",  # CONTOURS
    "#eeeeee": "#262e31",
}
ON_DARK, ON_LIGHT = "#fffffe", "#1a1a1b"  # letters on an area that keeps its colour

INTERVENTION = "#243c6e"
CONTROL = "#c8b866"

CLASSES = {"inappropriate": "#7d2a18", "equivocal": "#cf9a10", "appropriate": "#a9d8ee"}

SPREAD = {"agreement": (PAPER, ""), "neither": ("#d9d9d9", "//"), "disagreement": (MUTED, "xx")}
CONTOURS = (LEAD, "#dedede", "#eeeeee")  # of significance, darkest first

# judgement -> (colour, matplotlib marker, symbol as text); serious (ROBINS-I) and high (RoB 2) mean the same step.
BIAS = {
    "low": ("#8ecae6", "+", "+"),
    "some concerns": ("#bd8a0a", "_", "\N{EN DASH}"),
    "high": ("#9c3a22", "x", "\N{MULTIPLICATION SIGN}"),
    "critical": ("#3d0a1a", "$!$", "!"),
    "no information": (PAPER, "$?$", "?"),
    "not yet assessed": (None, None, "\N{MIDDLE DOT}"),
}


def on(colour: str) -> str:
    """Return the ink that can be read on `colour` (relative luminance below 0.25 takes white)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return ON_DARK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.25 else ON_LIGHT
