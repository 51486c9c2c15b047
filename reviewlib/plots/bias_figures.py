"""Risk of bias: the traffic-light grid and the weighted summary, symbol and colour together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..typed import Axes, Figure, Frame
from .bias import TOTALS, bias_grid, meaning
from .canvas import axes, current, extent, legend, stack, text
from .colours import BIAS, FAINT, MUTED, PAPER
from .fit import FONT, text_width, wrap
from .forest_marks import symbols
from .words import missing

_HATCH = dict(zip(BIAS, ("", "//", "xx", "**", "..", ""), strict=True))


def risk_of_bias(
    table: Frame,
    *,
    trial: str = "trial",
    tool: str | None = None,
    domains: Sequence[str] | None = None,
    order: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a row per trial and a column per domain; a total is written as the number that was read.

    Parameters
    ----------
    table : DataFrame, mapping or BiasGrid
        Judgements of one tool, see `bias_grid`. A cell that nobody judged shows "not yet assessed".
    trial, tool, domains : optional
        As for `bias_grid`.
    order : sequence of str, optional
        Trials, top to bottom.
    ax : Axes, optional
        Best made by `risk_of_bias_figure`, which knows how much room the grid needs.
    """
    grid = bias_grid(table, trial=trial, tool=tool, domains=domains)
    return _grid(current(ax), grid, list(order or grid.cells))


def risk_of_bias_figure(
    table: Frame,
    *,
    width: str = "paper",
    trial: str = "trial",
    tool: str | None = None,
    domains: Sequence[str] | None = None,
    order: Any = None,
) -> Figure:
    """Return a new figure that fits its traffic-light grid; parameters as for `risk_of_bias`."""
    from .figure import WIDTHS, new_axes

    grid = bias_grid(table, trial=trial, tool=tool, domains=domains)
    trials = list(order or grid.cells)
    inches = WIDTHS.get(width, width)
    lines = _heights(grid, trials, 72 * inches - 12)
    ax = new_axes(inches, (lines * 1.5 * FONT + 16) / 72)
    ax.figure.set_layout_engine("none")
    ax.set_position((0.01, 0.01, 0.98, 0.98))
    return _grid(ax, grid, trials).figure


def _heights(grid, trials, room) -> float:
    """Return how many lines the grid and its legend take."""
    names = _name_room(trials, room, len(grid.domains))
    rows = sum(len(wrap(t, names, FONT)) * 0.85 + 0.35 for t in trials)
    return 1.2 + rows + 0.6 + sum(len(wrap(line, room, FONT)) for line in _legend(grid, trials))


def _name_room(trials, room, domains) -> float:
    widest = max((text_width(t, FONT) for t in trials), default=60.0)
    return min(widest, max(room - 19.0 * domains - FONT, 7 * FONT)) + 2


def _grid(ax, grid, trials):
    """Draw heads, names, cells and legend; coordinates are points from the left and lines from the top."""
    room, _ = extent(ax)
    total = _heights(grid, trials, room)
    ax.set(xlim=(0, room), ylim=(total, 0))
    ax.set_axis_off()
    names = _name_room(trials, room, len(grid.domains))
    step = min(34.0, (room - names - FONT) / max(len(grid.domains), 1))
    at = {d: names + FONT + (i + 0.5) * step for i, d in enumerate(grid.domains)}
    for domain, head in grid.letters().items():
        text(ax, at[domain], 0.5, head, ha="center", va="center", fontweight="bold")
    y, places = 1.2, []
    for name in trials:
        lines = wrap(name, names, FONT)
        height = len(lines) * 0.85 + 0.35
        ax.axhline(y, color=FAINT, linewidth=0.6)
        for i, line in enumerate(lines):
            text(ax, 0, y + height / 2 + 0.85 * (i - (len(lines) - 1) / 2), line, va="center")
        for domain in grid.domains:
            word = grid.cells.get(name, {}).get(domain)
            if domain.lower() in TOTALS:
                text(ax, at[domain], y + height / 2, "not read" if missing(word) else word, ha="center", va="center")
            else:
                places.append((at[domain], y + height / 2, grid.step(name, domain)))
        y += height
    symbols(ax, places, 150.0, ax.transData)
    _write_legend(ax, grid, trials, room, y + 0.6)
    return ax


def _legend(grid, trials):
    """Return the lines that name the domains, then the signs that occur, in the tool's words."""
    letters = [f"{head} {domain}" for domain, head in grid.letters().items() if head != "Total"]
    tool = f"{grid.tool}: " if grid.tool else ""
    kinds, words = [], []
    for name in trials:
        for domain in grid.domains:
            if domain.lower() not in TOTALS:
                kinds.append(grid.step(name, domain))
                words.append(grid.cells.get(name, {}).get(domain))
    found = meaning(kinds, words)
    signs = [f"{BIAS[k][2]} {found[k]}" for k in BIAS if k in found]
    lines = [f"{tool}{'; '.join(letters)}."] if letters else []
    return lines + (["; ".join(signs) + "."] if signs else [])


def _write_legend(ax, grid, trials, room, y):
    for line in _legend(grid, trials):
        for part in wrap(line, room, FONT):
            text(ax, 0, y + 0.3, part, va="center")
            y += 1


def risk_of_bias_summary(
    table: Frame,
    weights: Any,
    *,
    trial: str = "trial",
    tool: str | None = None,
    domains: Sequence[str] | None = None,
    stated: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw for each domain the share of the synthesis that rests on each judgement.

    Parameters
    ----------
    table : as for `risk_of_bias`
    weights : mapping of str to float
        Trial -> weight in the synthesis (any scale). Unweighted bars mislead, so weights are required.
    stated : str
        Which synthesis the weights come from; written under the bars.
    ax : Axes, optional
    """
    ax = axes(ax)
    grid = bias_grid(table, trial=trial, tool=tool, domains=domains)
    total = sum(weights.values())
    rows = [d for d in grid.domains if d.lower() not in TOTALS]
    used = [k for k in BIAS if any(grid.step(t, d) == k for t in weights for d in rows)]
    for y, domain in enumerate(rows):
        parts = []
        for kind in used:
            share = 100 * sum(w for t, w in weights.items() if grid.step(t, domain) == kind) / total
            colour, _, symbol = BIAS[kind]
            words = f"{symbol} {share:.0f}%" if share >= 7 else ""
            parts.append((share, colour or PAPER, _HATCH[kind], f"{symbol} {kind}", f"bias-{kind}", words))
        stack(ax, y, parts, 0.7)
    ax.set_yticks(range(len(rows)), ["\n".join(wrap(d, 150, FONT)) for d in rows], fontsize=FONT)
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, 100))
    ax.set_xlabel("Share of the weight, %" + (f" ({stated})" if stated else ""), fontsize=FONT)
    legend(ax, ncols=2, bbox_to_anchor=(0, -0.22))
    ax.tick_params(axis="x", colors=MUTED)
    return ax
