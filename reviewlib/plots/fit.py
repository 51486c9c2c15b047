"""How much room words take, which stretch of an axis to show, and where its ticks are.

Widths are measured with the font that will draw them, so that columns are as wide as their longest word and no wider.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import zip_longest
from math import exp, floor, log, log10
from typing import TYPE_CHECKING, Any

from .words import is_ratio

if TYPE_CHECKING:
    from .rows import Forest

FONT = 9.0  # points; 12 CSS px on a page that shows the figure at its natural size

# Scripts whose letters keep their shape beside any other, but for the few that fonts draw as one; no combining marks.
_ONE_BY_ONE = re.compile("[ -\u02ff\u0370-\u058f\u1e00-\u1fff\u2010-\u27ff]+")
_LETTERS = re.compile("f[fil]+|.")
_EAST_ASIAN = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "Yu Gothic",
    "Hiragino Sans",
    "SimHei",
    "Droid Sans Fallback",
)
_LADDERS = (
    (0.9, 0.95, 1, 1.05, 1.1),
    (0.8, 0.9, 1, 1.1, 1.25),
    (0.5, 0.7, 1, 1.5, 2),
    (0.25, 0.5, 1, 2, 4),
    (0.1, 0.2, 0.5, 1, 2, 5, 10),
    (0.1, 0.3, 1, 3, 10),
    (0.01, 0.1, 1, 10, 100),
    (0.0001, 0.01, 1, 100, 10000),
)


@lru_cache(maxsize=20000)
def text_width(text: str, size: float = FONT, bold: bool = False) -> float:
    """Return the width in points of one line of text."""
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.textpath import text_to_path

    if not text:
        return 0.0
    font = FontProperties(family=family(text), size=size, weight="bold" if bold else "normal")
    wide = _sum(text, findfont(font)) if _ONE_BY_ONE.fullmatch(text) else None
    if wide is None:
        return 1.02 * text_to_path.get_text_width_height_descent(text, font, False)[0]
    return 1.02 * (wide / 64 * (size / text_to_path.FONT_SCALE))


def _sum(text, file) -> float | None:
    """Return the width of a line at 100 points, in 64ths, from what is remembered of its letters; None without them."""
    start = end = 0.0
    letters = _LETTERS.findall(text)
    for letter, after in zip_longest(letters, letters[1:], fillvalue=""):
        step = _step(letter, after, file)
        if step is None:
            return None
        start, end = start + step, max(end, start + _set(letter, file)[0])
    return end


@lru_cache(maxsize=16384)
def _step(letter, after, file) -> float | None:
    """Return how far the letter that follows starts from this one; None where they are not written one by one."""
    places, count = _set(letter + after, file)[1], len(_set(letter, file)[1])
    whole = count and len(places) == count + (len(_set(after, file)[1]) if after else 0) and not places[:, 1].any()
    return (float(places[count, 0]) if after else 0.0) if whole else None


@lru_cache(maxsize=16384)
def _set(text, file) -> tuple:
    """Return the width of some letters at 100 points, in 64ths, and where each starts; nothing without all of them."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags
    from matplotlib.textpath import text_to_path

    font = get_font(file)
    if not all(font.get_char_index(ord(letter)) for letter in text):
        return 0.0, ()
    font.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
    places = font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0], places


def family(text: str) -> Any:
    """Return the font families for a text in East Asian script; None, the default, for all others."""
    if all(ord(letter) < 0x2E80 for letter in text):
        return None
    from matplotlib import rcParams
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [*rcParams["font.family"], *(name for name in _EAST_ASIAN if name in installed)]


def wrap(text: str, room: float, size: float = FONT, bold: bool = False) -> list:
    """Return the lines of a text no wider than `room` points; a word too long for a line is broken."""
    lines, line, room = [], "", room + 0.05  # a text measured twice must fit its own width
    for word in _words(text, room, size, bold):
        while text_width(word, size, bold) > room and len(word) > 1:
            cut = _fitting(word, room, size, bold)
            if line:
                lines, line = [*lines, line], ""
            lines, word = [*lines, word[:cut]], word[cut:]
        trial = f"{line} {word}".strip()
        if line and text_width(trial, size, bold) > room:
            lines, line = [*lines, line], word
        else:
            line = trial
    return [*lines, line] if line or not lines else lines


def _words(text, room, size, bold):
    """Return what may not be broken: words, and an interval in brackets, with its comma, where it fits a line."""
    out = []
    for part in re.findall(r"\[[^\]]*\]\S*|\S+", text):
        out += [part] if text_width(part, size, bold) <= room else part.split()
    return out


def _fitting(word, room, size, bold) -> int:
    """Return how many letters of a word fit; at least one."""
    cut = max(1, int(len(word) * room / text_width(word, size, bold)))
    while cut > 1 and text_width(word[:cut], size, bold) > room:
        cut -= 1
    return cut


def longest_word(text: str, size: float = FONT, bold: bool = False) -> float:
    """Return the width of the longest word of a text."""
    return max((text_width(word, size, bold) for word in re.findall(r"\[[^\]]*\]\S*|\S+", text)), default=0.0)


def axis_ends(data: Forest, xlim: tuple[float, float] | None = None) -> tuple[float, float]:
    """Return the stretch of the axis on the printed scale: as asked, or what the rows need."""
    if xlim is not None:
        return xlim[0], xlim[1]
    if not is_ratio(data.measure):
        return span(data.rows, data.null, float, data.mid)
    low, high = span(data.rows, data.null, log, data.mid)
    return exp(low), exp(high)


def span(rows: Any, null: Any, scale: Callable, extra: Any = ()) -> tuple[float, float]:
    """Return the stretch of the axis worth showing, on the scale where distances are drawn.

    Everything pooled, every point estimate and the null value are always inside. A few study intervals that reach
    far beyond all others are cut (and get an arrow) so that the rest can be told apart.
    """
    core = [v for v in (null, *extra) if v is not None]
    ends = []
    for row in rows:
        if row.kind in ("pooled", "subtotal", "prediction"):
            core += [v for v in (row.low, row.high) if v is not None]
        if row.estimate is not None:
            core.append(row.estimate)
        if row.kind == "study" and row.low is not None:
            ends.append((scale(row.low), scale(row.high)))
    core = sorted(map(scale, core)) or [0.0]
    low, high = core[0], core[-1]
    if ends:
        low = _reach(low, [-e[0] for e in ends], high - low, sign=-1)
        high = _reach(high, [e[1] for e in ends], high - low, sign=1)
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _reach(core, ends, width, sign):
    """Return how far one side goes: to the furthest end, or only to where nine in ten of them end."""
    ends, core = sorted(ends), sign * core
    most = ends[-1] if len(ends) == 1 else ends[min(len(ends) - 2, floor(0.9 * len(ends)))]
    edge = max(core, most)
    far = max(core, ends[-1])
    return sign * (far if far <= edge + max(width, edge - core) else edge)


def ticks(low: float, high: float, ratio: bool, room: float, size: float = FONT) -> list:
    """Return (value, label) pairs whose labels keep apart in `room` points: round ratios, or round numbers."""
    if ratio:
        return _ratio_ticks(low, high, room, size)
    from matplotlib.ticker import MaxNLocator

    for count in range(6, 0, -1):
        values = [v for v in MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= v <= high]
        found = _labelled(values)
        if _apart(found, low, high, room, size, lambda v: v):
            break
    return found


def _ratio_ticks(low, high, room, size):
    """Return the ladder of round ratios that covers most of the axis with up to five labels."""
    best, most = [], 0.0
    for ladder in _LADDERS:
        found = [(v, f"{v:g}") for v in ladder if low * 0.999 <= v <= high * 1.001]
        worth = min(len(found), 5) * log(found[-1][0] / found[0][0]) if found else 0.0
        if worth > most and _apart(found, low, high, room, size, log10):
            best, most = found, worth
    if len(best) < 2:
        values = [v for v, _ in ticks(low, high, False, room, size)]
        best = [(v, f"{v:g}") for v in values if v > 0] or [(1.0, "1")]
    return best


def _labelled(values):
    """Return tick values with as many decimals as they need, and a true minus sign."""
    digits = next((d for d in range(6) if all(abs(v - round(v, d)) < 1e-9 for v in values)), 6)
    return [(float(v), f"{v + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")) for v in values]


def _apart(found, low, high, room, size, scale) -> bool:
    """Return whether neighbouring labels leave a gap of most of a letter."""
    place = [room * (scale(v) - scale(low)) / (scale(high) - scale(low)) for v, _ in found]
    half = [text_width(label, size) / 2 for _, label in found]
    return all(place[i + 1] - place[i] > half[i] + half[i + 1] + 0.7 * size for i in range(len(found) - 1))
