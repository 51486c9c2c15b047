"""The written part of a forest plot: heads, names, numbers, favoured sides and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..typed import Axes
from .bias import TOTALS
from .colours import INK, MUTED, RULE
from .fit import family, wrap
from .forest_layout import LINE, group_heads, strip_places
from .forest_notes import axis_title

if TYPE_CHECKING:
    from .forest_layout import Layout
    from .rows import Forest


def draw_words(ax: Axes, data: Forest, page: Layout) -> None:
    """Write everything that is text."""
    _heads(ax, page)
    if page.strip:
        for domain, x in strip_places(data, page).items():
            letter = data.bias.letters()[domain]
            write(ax, page, x, page.top - 0.75 * page.size, letter, "center", fontweight="bold")
    for place in page.rows:
        _row(ax, data, page, *place)
    _below(ax, data, page)


def write(ax: Axes, page: Layout, x: float, y: float, text: str, align: str = "left", **style: Any) -> Any:
    """Write one line at x points from the left, centred on y points from the top."""
    style = {"color": INK, "fontsize": page.size, "va": "center_baseline", **style}
    if family(text):
        style["fontfamily"] = family(text)
    from .letters import Line

    place: Any = {"ha": align, "transform": ax.get_yaxis_transform(), "clip_on": False}
    return ax.add_artist(Line(x / page.width, y, text.replace("$", r"\$"), **place, **style))


def _at(column, left, right):
    return {"left": left, "right": right, "center": (left + right) / 2}[column.align]


def _heads(ax, page):
    """Write the heads, their last lines level, and a rule under them."""
    step = LINE * page.size
    bottom = page.top - 0.75 * page.size - page.strip * step
    for column, left, right in page.columns:
        lines = wrap(column.head, right - left, page.size, True)
        for i, line in enumerate(reversed(lines)):
            write(ax, page, _at(column, left, right), bottom - i * step, line, column.align, fontweight="bold")
    for text, left, right in group_heads(page):
        lines = wrap(text, right - left, page.size, True)
        for i, line in enumerate(reversed(lines)):
            y = bottom - (page.heads + i) * step
            write(ax, page, (left + right) / 2, y, line, "center", fontweight="bold")
    ax.plot([0, 1], [page.top - 0.05 * page.size] * 2, color=RULE, linewidth=0.6, transform=ax.get_yaxis_transform())


def _row(ax, data, page, row, top, height, lines):
    """Write the name and the cells of one row."""
    step, weight = LINE * page.size, "normal" if row.kind in ("study", "prediction") else "bold"
    stacked = len(page.columns) == 1
    block = len(lines) * step
    middle = page.middle(row, top, height)
    start = (top + 0.25 * page.size if stacked else middle - block / 2) + step / 2
    for i, line in enumerate(lines):
        indent = page.size if row.detail and not stacked and i >= _name_lines(page, row, lines) else 0
        write(ax, page, indent, start + i * step, line, fontweight=weight)
    for column, left, right in page.columns[1:]:
        text = _cell(data, page, column, row)
        if text:
            write(ax, page, _at(column, left, right), middle, text, column.align, fontweight=weight)
    if row.word and not stacked:
        _word(ax, page, row, middle, step)


def _name_lines(page, row, lines):
    """Return how many of the lines belong to the name rather than to the detail under it."""
    detail = len("".join(row.detail.split()))
    for i in range(len(lines), -1, -1):
        if len("".join("".join(lines[i:]).split())) >= detail:
            return i
    return len(lines)


def _cell(data, page, column, row):
    """Return the text of a cell; symbols of risk of bias are drawn, not written."""
    if column.key.startswith("bias:") and column.key[5:].lower() not in TOTALS:
        return ""
    for place, lines in zip(page.rows, column.cells, strict=True):
        if place[0] is row:
            return lines[0]
    return ""


def _word(ax, page, row, middle, step):
    """Write the words in place of an effect, in the middle of the plot, on paper so that no line crosses them."""
    room = page.plot[1] - page.plot[0]
    lines = wrap(row.word, room, page.size)
    look = {"style": "italic", "color": MUTED, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.8}}
    for i, line in enumerate(lines):
        y = middle + (i - (len(lines) - 1) / 2) * step
        write(ax, page, sum(page.plot) / 2, y, line, "center", **look)


def _below(ax, data, page):
    """Write the scale, the favoured sides and the notes under the axis."""
    step, y = LINE * page.size, page.bottom + 2.3 * page.size
    centre = sum(page.plot) / 2
    for line in axis_title(data, page):
        write(ax, page, centre, y, line, "center")
        y += step
    for x, align, text, line in page.favours:
        write(ax, page, x, y + line * step, text, align)
    y += (1 + max((line for *_, line in page.favours), default=-1)) * step + 0.5 * page.size
    for lines in page.footer:
        for line in lines:
            write(ax, page, 0, y, line)
            y += step
