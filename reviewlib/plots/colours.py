"""The colours of every figure: one meaning each, always beside a symbol, a shape or a word.

The four steps of risk of bias are taken from the cividis map and lie at least 20 CAM02-UCS units apart under
simulated deuteranopia, protanopia and tritanopia, with distinct greys; a test measures it.
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

# The same four for the forest table of a page, where each must be read on light and on dark paper.
SCREEN_STUDY, SCREEN_POOLED, SCREEN_PREDICTION, SCREEN_THRESHOLD = "#5b7089", "#3d7ab8", "#94824f", "#c8a415"

INTERVENTION = "#243c6e"
CONTROL = "#c8b866"
UNSURE = "#a9b6cf"  # people between the limits of an interval

CLASSES = {"inappropriate": "#00224e", "equivocal": "#948e77", "appropriate": "#e5cf52"}

SPREAD = {"agreement": (PAPER, ""), "indeterminate": ("#d9d9d9", "//"), "disagreement": (MUTED, "xx")}
CONTOURS = (LEAD, "#dedede", "#eeeeee")  # of significance, darkest first

# judgement -> (colour, matplotlib marker, symbol as text); serious (ROBINS-I) and high (RoB 2) mean the same step.
BIAS = {
    "low": ("#e5cf52", "+", "+"),
    "some concerns": ("#948e77", "_", "\N{EN DASH}"),
    "high": ("#52596d", "x", "\N{MULTIPLICATION SIGN}"),
    "critical": ("#00224e", "$!$", "!"),
    "no information": (PAPER, "$?$", "?"),
    "not yet assessed": (None, None, "\N{MIDDLE DOT}"),
}


def on(colour: str) -> str:
    """Return the ink that can be read on `colour` (relative luminance below 0.25 takes white)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return PAPER if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.25 else INK
