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
from matplotlib.font_manager import findfont, get_font
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

_WHERE_IT_IS = IdentityTransform()


class Line(Text):
    """A `Text` that is painted from remembered letters."""

    def draw(self, renderer: Any) -> None:
        """Draw as `Text` does."""
        plain = type(renderer) is RendererAgg and self.get_antialiased() and not self.get_usetex()
        painter: Any = _Painter(renderer, self.get_fontproperties()) if plain else renderer
        super().draw(painter)

    def set_clip_path(self, path: Any, transform: Any = None) -> None:
        """Leave out the edge of the axes: words are not cut there."""


class _Painter:
    """A renderer that leaves everything but plain level lines to another."""

    def __init__(self, to, prop):
        self._to = to
        self._face = (findfont(prop), prop.get_size_in_points(), to.dpi, get_hinting_flag())

    def __getattr__(self, name):
        return getattr(self._to, name)

    def get_text_width_height_descent(self, s, prop, ismath):
        """Return width, height and descent of a line in pixels."""
        placed = None if ismath else _placed(s, self._face)
        return placed[0] if placed else self._to.get_text_width_height_descent(s, prop, ismath)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Paint a line from its left end on the base line, in pixels from the upper left."""
        placed = None if ismath or angle else _placed(s, self._face)
        if placed is None:
            self._to.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        elif len(placed[2]):
            gc.set_linewidth(0)
            gc.set_snap(False)
            start = np.round((64 * x, 64 * (self._to.height - y))) / 64  # fonts count in 64ths
            path = Path(placed[1] + start, placed[2])
            self._to.draw_path(gc, path, _WHERE_IT_IS, gc.get_rgb())


@lru_cache(maxsize=8)  # a line is measured, then painted
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
