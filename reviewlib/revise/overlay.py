"""Before and after on one line: an inline SVG for a page, a row of signs for a terminal."""

from __future__ import annotations

from math import log

from ..html import Html, cell
from .conclusions import Conclusion, Side

WIDTH, HEIGHT, MARGIN = 360, 74, 14
_LETTERS = 41  # of a line on a terminal
_DRAWN = "\N{BOX DRAWINGS LIGHT HORIZONTAL}\N{BLACK CIRCLE}\N{WHITE CIRCLE}\N{BOX DRAWINGS LIGHT VERTICAL}"
_SIGNS = {True: _DRAWN, False: "-*o|"}


class Axis:
    """Positions from 0 to 1 for values of both states, with no effect always on it; logarithmic for a ratio."""

    def __init__(self, conclusion: Conclusion):
        self.ratio = conclusion.shown.ratio
        ends = [side.number(name) for side in (conclusion.before, conclusion.after) for name in ("low", "high")]
        self.null = 1.0 if self.ratio else 0.0
        values = [self._scale(value) for value in (*ends, self.null) if value is not None]
        self.low, self.high = min(values), max(values)
        self.known = len(values) > 1 and self.high > self.low

    def __call__(self, value: float) -> float:
        return (self._scale(value) - self.low) / (self.high - self.low)

    def _scale(self, value: float) -> float:
        return log(value) if self.ratio else value


def spark(conclusion: Conclusion, unicode: bool = True) -> list[str]:
    """Return two lines of signs: the interval before and after, the estimate on it, and no effect as a bar."""
    axis = Axis(conclusion) if conclusion.shown else None
    if axis is None or not axis.known:
        return []
    line, after, before, null = _SIGNS[unicode]
    dots = (conclusion.before, before), (conclusion.after, after)
    return [_signs(axis, side, line, dot, null) for side, dot in dots]


def _signs(axis: Axis, side: Side, line: str, dot: str, null: str) -> str:
    def at(value):
        return round(axis(value) * (_LETTERS - 1))

    signs = [" "] * _LETTERS
    if side.number("low") is not None:
        low, high = at(side.number("low")), at(side.number("high"))
        signs[low : high + 1] = line * (high - low + 1)
    signs[at(axis.null)] = null
    if side.number("estimate") is not None:
        signs[at(side.number("estimate"))] = dot
    return "".join(signs).rstrip()


def svg(conclusion: Conclusion) -> Html:
    """Return both intervals over one axis as an inline SVG whose label holds the numbers; empty without any."""
    from ..meaning.words import interval, number
    from ..plots.colours import PAPER, POOLED, PREDICTION, RULE

    axis = Axis(conclusion) if conclusion.shown else None
    if axis is None or not axis.known:
        return Html("")

    def x(value):
        return round(MARGIN + axis(value) * (WIDTH - 2 * MARGIN), 1)

    said, parts = [], [f'<line x1="{x(axis.null)}" x2="{x(axis.null)}" y1="6" y2="52" stroke="{RULE}"/>']
    both = (conclusion.before, 18, PREDICTION, "before"), (conclusion.after, 40, POOLED, "after")
    for side, y, colour, name in both:
        if side.number("estimate") is None:
            said.append(f"{name}: no estimate")
            continue
        low, high, middle = (side.number(name) for name in ("low", "high", "estimate"))
        said.append(f"{name} {number(middle, 2)}, 95% interval {interval(low, high, 2)}")
        parts.append(f'<line x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>')
        shape = f'<circle cx="{x(middle)}" cy="{y}" r="5" fill="{colour}"/>'
        parts.append(
            shape if name == "after" else shape.replace(f'fill="{colour}"', f'fill="{PAPER}" stroke="{colour}"')
        )
    parts.append(f'<text x="{x(axis.null)}" y="68" font-size="12" text-anchor="{_anchor(axis)}">no effect</text>')
    label = f"{conclusion.title}. {'; '.join(said)}."
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif"'
    return Html(f'<svg role="img" aria-label="{cell(label)}" {size}>{"".join(parts)}</svg>')


def _anchor(axis: Axis) -> str:
    at = axis(axis.null)
    return "start" if at < 0.12 else "end" if at > 0.88 else "middle"
