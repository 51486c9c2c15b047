"""The drawn part of a forest plot: axis, null line, intervals, squares, diamonds, prediction bars, arrows, symbols."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

from ..typed import Axes
from .colours import BIAS, INK, MUTED, POOLED, PREDICTION, RULE, STUDY, THRESHOLD, on
from .forest_layout import strip_places

if TYPE_CHECKING:
    from .forest_layout import Layout
    from .rows import Forest


def axis(ax: Axes, page: Layout, low: float, high: float, found: Any, ratio: bool) -> None:
    """Set limits so that `low` to `high` fills the plot's stretch; everything else of the frame goes."""
    left, right = (x / page.width for x in page.plot)
    if ratio:
        ax.set_xscale("log")
        a, b = log10(low), log10(high)
        unit = (b - a) / (right - left)
        ax.set_xlim(10 ** (a - left * unit), 10 ** (b + (1 - right) * unit))
    else:
        unit = (high - low) / (right - left)
        ax.set_xlim(low - left * unit, high + (1 - right) * unit)
    ax.set_ylim(page.height, 0)
    ax.set_yticks([])
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set(color=MUTED, linewidth=0.8, bounds=(low, high), position=("data", page.bottom))
    ax.tick_params(axis="x", labelsize=page.size, colors=INK, length=3, width=0.8, pad=2)
    ax.set_xticks([], minor=True)  # ticks come last: a frame that moves makes them anew
    ax.set_xticks([v for v, _ in found], [t for _, t in found])
    ax.patch.set_visible(False)


def draw_marks(ax: Axes, data: Forest, page: Layout, ends: tuple[float, float]) -> None:
    """Draw everything that has a value."""
    low, high = ends
    if data.mid:
        shown = [max(data.mid[0], low), min(data.mid[1], high)]
        ax.fill_between(shown, page.top, page.bottom, color=THRESHOLD, linewidth=0, zorder=0, gid="mid")
    if data.null is not None and low <= data.null <= high:
        ax.plot([data.null] * 2, [page.top, page.bottom], color=RULE, linewidth=0.8, zorder=1, gid="null")
    _intervals(ax, data, page, ends)
    _squares(ax, data, page, ends)
    for row, top, height, _ in page.rows:
        middle = page.middle(row, top, height)
        if row.kind in ("pooled", "subtotal") and row.low is not None:
            _diamond(ax, row, middle, page.size, ends)
        elif row.kind == "prediction":
            _prediction(ax, row, middle, page.size, ends)
    _guide(ax, data, page, ends)


def _inside(value, ends):
    return min(max(value, ends[0]), ends[1])


def _intervals(ax, data, page, ends):
    """Draw the interval of each study, ending in an arrow where it leaves the axis."""
    drawn = [(r, page.middle(r, top, h)) for r, top, h, _ in page.rows if r.kind == "study" and r.low is not None]
    if drawn:
        spans = [(y, _inside(r.low, ends), _inside(r.high, ends)) for r, y in drawn]
        ax.hlines(*zip(*spans, strict=True), color=INK, linewidth=1, zorder=2, gid="intervals")
    for side, marker in ((0, "<"), (1, ">")):
        cut = [y for r, y in drawn if (r.low < ends[0] if side == 0 else r.high > ends[1])]
        if cut:
            arrows(ax, ends[side], cut, marker, INK)


def arrows(ax: Axes, x: float, ys: Any, marker: str, colour: str) -> None:
    """Draw the arrowheads that say an interval goes on beyond the axis."""
    style: Any = {"s": 22, "color": colour, "linewidths": 0, "zorder": 4, "clip_on": False}
    ax.scatter([x] * len(ys), ys, marker=marker, gid="beyond-low" if marker == "<" else "beyond-high", **style)


def _squares(ax, data, page, ends):
    """Draw squares whose area is proportional to weight; circles of one size where nothing is weighted."""
    known = [(r, page.middle(r, top, h)) for r, top, h, _ in page.rows if r.kind == "study" and r.estimate is not None]
    drawn = [(r.estimate, y, r.weight or 0.0) for r, y in known if ends[0] <= r.estimate <= ends[1]]
    if not drawn:
        return
    xs, ys, weights = zip(*drawn, strict=True)
    style = {"color": STUDY, "zorder": 3}
    if not max(weights):
        ax.scatter(xs, ys, marker="o", s=0.45 * page.size**2, linewidths=0, gid="estimates", **style)
        return
    areas = [(1.05 * page.size) ** 2 * w / max(weights) for w in weights]
    ax.scatter(xs, ys, marker="s", s=areas, linewidths=0, gid="estimates", **style)
    small = [(x, y) for x, y, area in zip(xs, ys, areas, strict=True) if area < 8]
    if small:
        ax.scatter(*zip(*small, strict=True), marker="|", s=18, linewidths=1.2, gid="ticks", **style)


def _diamond(ax, row, y, size, ends):
    """Draw a diamond over the interval; where it leaves the axis the tip is cut and an arrow is drawn there."""
    half = (0.55 if row.kind == "pooled" else 0.42) * size
    place = log10 if ax.get_xscale() == "log" else float
    mid, points = _inside(row.estimate, ends), []
    for tip, sign in ((row.low, 1), (row.high, -1)):
        edge = _inside(tip, ends)
        reach = abs(place(row.estimate) - place(tip)) or 1.0
        cut = half * min(1.0, abs(place(edge) - place(tip)) / reach)
        points += [(edge, y + sign * cut), (edge, y - sign * cut), (mid, y - sign * half)]
    face = POOLED if row.kind == "pooled" else STUDY
    ax.fill(*zip(*points, strict=True), facecolor=face, edgecolor=POOLED, linewidth=0.8, zorder=3, gid=row.kind)
    _beyond(ax, row, y, ends, POOLED)


def _beyond(ax, row, y, ends, colour):
    if row.low < ends[0]:
        arrows(ax, ends[0], [y], "<", colour)
    if row.high > ends[1]:
        arrows(ax, ends[1], [y], ">", colour)


def _prediction(ax, row, y, size, ends):
    """Draw the prediction interval as a flat bar with end caps: another thing than the diamond, in another shape."""
    low, high = _inside(row.low, ends), _inside(row.high, ends)
    thick = 0.16 * size
    ax.fill_between([low, high], y - thick, y + thick, color=PREDICTION, linewidth=0, zorder=3, gid="prediction")
    caps = [v for v, inside in ((low, row.low >= ends[0]), (high, row.high <= ends[1])) if inside]
    ax.vlines(caps, y - 0.42 * size, y + 0.42 * size, color=PREDICTION, linewidth=1.6, zorder=3)
    _beyond(ax, row, y, ends, PREDICTION)


def _guide(ax, data, page, ends):
    """Draw the dotted line from the diamond up through the studies."""
    for row, top, height, _ in page.rows:
        if row.kind == "pooled" and row.estimate is not None and ends[0] <= row.estimate <= ends[1]:
            style = {"color": POOLED, "linewidth": 0.7, "linestyle": (0, (1, 2.5)), "zorder": 1}
            ax.plot([row.estimate] * 2, [page.top, top + height / 2], gid="guide", **style)


def bias_places(data: Forest, page: Layout) -> list:
    """Return (x, y, step) of each symbol: in its column, or in a line under the name on a narrow page."""
    columns = {c.key[5:]: (left + right) / 2 for c, left, right in page.columns if c.key.startswith("bias:")}
    size, places = page.size, []
    for row, top, height, _ in page.rows:
        if row.kind != "study":
            continue
        line = top + height - 0.75 * size
        for domain, x in strip_places(data, page).items():
            at = (columns[domain], top + height / 2) if columns else (x, line)
            places.append((*at, data.bias.step(row.trial, domain)))
    return places


def draw_bias(ax: Axes, data: Forest, page: Layout) -> None:
    """Draw each judgement as a coloured cell with its symbol."""
    places = [(x / page.width, y, kind) for x, y, kind in bias_places(data, page)]
    symbols(ax, places, (1.02 * page.size) ** 2, ax.get_yaxis_transform())


def symbols(ax: Axes, places: Any, area: float, transform: Any) -> None:
    """Draw judgements at (x, y, step): one call for each step, colour and symbol together."""
    for kind in dict.fromkeys(k for _, _, k in places):
        xs, ys = zip(*[(x, y) for x, y, k in places if k == kind], strict=True)
        colour, marker, _ = BIAS.get(kind, (None, "$?$", "?"))
        common: Any = {"transform": transform, "clip_on": False}
        gid = f"bias-{kind.replace(' ', '-')}"
        face: Any = {"facecolors": colour or "none", "edgecolors": MUTED, "linestyle": "-" if colour else ":"}
        ax.scatter(xs, ys, marker="o", s=area, linewidths=0.6, zorder=3, gid=gid, **face, **common)
        sign: Any = {"color": on(colour) if colour else MUTED, "s": area * (0.3 if marker else 0.06)}
        width = 1.2 if marker and not marker.startswith("$") else 0
        ax.scatter(xs, ys, marker=marker or ".", linewidths=width, zorder=4, **sign, **common)
