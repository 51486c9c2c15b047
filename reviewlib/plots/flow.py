"""The flow of records, reports and studies (PRISMA 2020): what came in, what went out and why."""

from __future__ import annotations

from typing import Any

from ..typed import Axes, Figure
from .canvas import clear, extent, text
from .colours import MUTED, PAPER, SHADE
from .fit import FONT, wrap
from .words import amount, missing, sentence

_OUT = ("excluded", "removed", "not retrieved", "duplicate", "left out")


def prisma_flow(flow: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the flow as boxes: down the left what is carried on, to the right what is left out with its reason.

    Parameters
    ----------
    flow : DataFrame
        Rows in order with step, unit, n, reason. Steps that begin with excluded, removed, not retrieved or duplicate
        go to the right; rows that follow each other with another unit start a new column of counting.
    ax : Axes, optional
        Best made by `prisma_flow_figure`, which knows the height.

    References
    ----------
    page2021
    """
    ax = clear(ax)
    width, _ = extent(ax)
    placed, height = _place(flow, width)
    ax.set(xlim=(0, width), ylim=(height, 0))
    last = None
    for side, unit, lines, x, y, wide, tall in placed:
        ax.add_patch(_rectangle(x, y, wide, tall, side))
        for i, line in enumerate(lines):
            weight = "bold" if i == 0 else "normal"
            text(ax, x + 6, y + 5 + (i + 0.5) * 1.25 * FONT, line, va="center", fontweight=weight)
        if last is not None and last[0] == unit:
            _arrow(ax, last, side, x, y, wide, tall)
        if side == "main":
            last = (unit, x + 0.18 * wide, y + tall, x + wide)
    return ax


def prisma_flow_figure(flow: Any, *, width: str = "paper") -> Figure:
    """Return a new figure that fits the flow."""
    from .figure import WIDTHS, new_axes

    inches = WIDTHS.get(width, width)
    _, height = _place(flow, 72 * inches - 8)
    ax = new_axes(inches, (height + 8) / 72)
    ax.figure.set_layout_engine("none")
    ax.set_position((4 / 72 / inches, 4 / (height + 8), 1 - 8 / 72 / inches, height / (height + 8)))
    return prisma_flow(flow, ax=ax).get_figure(root=True)


def _rectangle(x, y, wide, tall, side):
    from matplotlib.patches import Rectangle

    face = PAPER if side == "main" else SHADE
    return Rectangle((x, y), wide, tall, facecolor=face, edgecolor=MUTED, linewidth=0.8, gid=f"box-{side}")


def _arrow(ax, last, side, x, y, wide, tall):
    """Draw the way from the last main box: down to the next, or to the side to what is left out."""
    _, stem, bottom, _ = last
    style = {"arrowstyle": "-|>", "color": MUTED, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
    if side == "main":
        ax.annotate("", (stem, y), (stem, bottom), arrowprops=style)
    else:
        ax.annotate("", (x, y + tall / 2), (stem, y + tall / 2), arrowprops=style)


def _place(flow, width):
    """Return (side, unit, lines, x, y, wide, tall) of every box in points, and the height of all."""
    narrow = width < 340
    wide_main, wide_out = (0.86 * width, 0.74 * width) if narrow else (0.46 * width, 0.46 * width)
    placed, y, last = [], 2.0, None
    for row in flow.to_dict("records"):
        side = "out" if str(row["step"]).lower().startswith(_OUT) else "main"
        unit = str(row["unit"])
        counted = f"not counted {unit}" if missing(row["n"]) else amount(row["n"], unit)
        head = f"{sentence(str(row['step']).replace('-', ' '))}: {counted}"
        wide = wide_main if side == "main" else wide_out
        lines = wrap(head, wide - 12, FONT, True)
        lines += [] if missing(row.get("reason")) else wrap(sentence(str(row["reason"])), wide - 12, FONT)
        tall = 10 + 1.25 * FONT * len(lines)
        y += 16 if last not in (None, unit) else 0
        placed.append((side, unit, lines, 1.0 if side == "main" else width - wide_out - 1, y, wide, tall))
        y, last = y + tall + 12, unit
    return placed, y
