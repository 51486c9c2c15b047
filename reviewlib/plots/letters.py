"""Letters whose shapes are kept: a line of text as matplotlib paints it, in a fraction of the time.

Matplotlib shapes, hints and renders every letter of every line anew. `Line` is its `Text` in all respects but one:
where it is painted to pixels, advances and hinted outlines of letters are remembered, and a line is one path. What is
not a plain level line (formulas, ligatures, rotated words, letters from another font, vector formats) is left to
matplotlib.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.colors import to_rgba
from matplotlib.font_manager import findfont, get_font
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

_WHERE_IT_IS = IdentityTransform()


class Line(Text):
    """A `Text` that is painted from remembered letters."""

    def draw(self, renderer: Any) -> None:
        """Draw as `Text` does."""
        words, prop = self.get_text().replace(r"\$", ""), self.get_fontproperties()
        plain = type(renderer) is RendererAgg and self.get_antialiased() and not self.get_clip_on()
        plain = plain and self.get_visible() and not (self.get_usetex() or "$" in words or "\n" in words)
        if not plain or self.get_rotation() or self.get_wrap() or self.get_bbox_patch() or self.get_path_effects():
            return super().draw(renderer)
        face = (findfont(prop), prop.get_size_in_points(), renderer.dpi, get_hinting_flag())
        placed = _placed(self.get_text().replace(r"\$", "$"), face)
        if placed is None:
            return super().draw(renderer)
        (width, *tall), vertices, codes = placed
        x, y = self.get_transform().transform(self.get_position())
        key = (face, *tall, self.get_verticalalignment())
        if key not in _ABOVE:
            asked: Any = _Asked(renderer)
            super().draw(asked)
            _ABOVE[key] = round(renderer.height - asked.at - y, 6)  # the same from wherever it is counted
        x -= _BEFORE[self.get_horizontalalignment()] * width
        start = round(64 * x) / 64, round(64 * (y + _ABOVE[key])) / 64  # fonts count in 64ths
        gc = renderer.new_gc()
        gc.set_foreground(to_rgba(self.get_color()), isRGBA=True)
        gc.set_alpha(self.get_alpha())
        gc.set_linewidth(0)
        gc.set_snap(False)
        renderer.draw_path(gc, Path(vertices + start, codes), _WHERE_IT_IS, gc.get_rgb())
        gc.restore()

    def set_clip_path(self, path: Any, transform: Any = None) -> None:
        """Leave out the edge of the axes: words are not cut there."""


_BEFORE = {"left": 0.0, "center": 0.5, "right": 1.0}  # shares of a line that stand before its place
_ABOVE: dict[tuple, float] = {}  # pixels from the place of a line up to its base, of lines as tall and aligned alike


class _Asked:
    """A renderer that paints nothing, and notes how high a line would have stood."""

    at = 0.0

    def __init__(self, to):
        self._to = to

    def __getattr__(self, name):
        return getattr(self._to, name)

    def draw_text(self, gc, x, y, *_, **__):
        """Note the place."""
        self.at = y


def _placed(s, face):
    """Return ((width, height, descent), vertices, codes) of a line; None where letters are not one by one."""
    letters = [_letter(c, face) for c in s]
    steps = [_step(pair, face) for pair in zip(s, s[1:], strict=False)]
    if not letters or None in letters or None in steps:
        return None
    starts = list(accumulate(steps, initial=0.0))
    sizes, outlines, codes = zip(*letters, strict=True)
    descent = max(d for _, _, d in sizes)
    height = max(h - d for _, h, d in sizes) + descent
    width = max(x + w for x, (w, _, _) in zip(starts, sizes, strict=True))
    vertices = np.concatenate(outlines)
    vertices[:, 0] += np.repeat(starts, [len(outline) for outline in outlines])
    return (width, height, descent), vertices, np.concatenate(codes)


@lru_cache(maxsize=4096)
def _letter(c, face):
    """Return ((width, height, descent), outline, codes) of a letter in pixels; None where the font lacks it."""
    font = _font(face)
    code = ord(c)
    if not font.get_char_index(code):
        return None
    font.set_text(c, 0.0, flags=face[3])
    size = (*(n / 64 for n in font.get_width_height()), font.get_descent() / 64)
    font.load_char(code, flags=face[3])
    return size, *font.get_path()


@lru_cache(maxsize=16384)
def _step(pair, face):
    """Return how far the second letter starts from the first; None where the two are written as one."""
    places = _font(face).set_text("".join(pair), 0.0, flags=face[3])
    return places[1, 0] / 64 if len(places) == 2 and not places[1, 1] else None


def _font(face):
    font = get_font(face[0])
    font.clear()
    font.set_size(face[1], face[2])
    return font
