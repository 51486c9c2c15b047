"""An effect against something else: a moderator of the studies, or time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..door import coverage
from ..gate import measure_of, require_columns
from ..typed import Axes
from .canvas import axes, axis_name, circles, column, entered, extent, labels, measure_axis, printed, spread, text
from .colours import FAINT, INK, LEAD, POOLED, STUDY, THRESHOLD
from .fit import FONT, wrap
from .treatment import when
from .words import is_ratio, missing, z_value

_INKS = (STUDY, POOLED, INK)
_MARKS = ("o", "s", "D", "^", "v", "P", "X", "<", ">")
_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))


def bubble(
    result: Any,
    x: str,
    *,
    studies: Any = None,
    measure: str | None = None,
    unit: str = "",
    label: str | None = None,
    points: Any = 60,
    names: Any = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a meta-regression on one numeric moderator: circles by weight, the line with its interval.

    Parameters
    ----------
    result : MetaRegression
        Fitted on `x` alone; asked to predict along the axis.
    x : str
        Column of the studies.
    studies : DataFrame, optional
        Default those of the result.
    measure, unit, label : str, optional
        Of the effect; `label` names the moderator.
    points : int
        Where the line is drawn.
    names : bool
    ax : Axes, optional
    """
    from numpy import linspace

    ax = axes(ax)
    frame = result.studies if studies is None else studies
    measure = measure_of(frame, measure or getattr(result, "measure", None))
    used = frame[frame["estimate"].notna() & frame[x].notna()]
    weight = 1 / (used["variance"] + (result.tau2 or 0.0))
    grid = linspace(float(used[x].min()), float(used[x].max()), points)
    line = result.predict({x: grid})
    limits: Any = [printed(line[end], measure) for end in ("ci_low", "ci_high")]
    ax.fill_between(grid, *limits, color=FAINT, linewidth=0, zorder=1, gid="interval")
    ax.plot(grid, printed(line["estimate"], measure), color=POOLED, linewidth=1.4, zorder=2, gid="line")
    y = printed(used["estimate"], measure)
    circles(ax, used[x], y, weight, 260)
    if names:
        for word, a, b in zip(labels(used), used[x], y, strict=True):
            text(ax, a, b, f"   {word}", va="center")
    ax.set_xlabel(label or x.replace("_", " ").capitalize(), fontsize=FONT)
    measure_axis(ax, measure, which="y", unit=unit)
    return ax


def effect_over_time(
    studies: Any,
    *,
    time: str = "timepoint_weeks",
    series: str = "trial",
    measure: str | None = None,
    unit: str = "",
    mid: float | None = None,
    level: float = 0.95,
    favours: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw effects at their times, a line and a marker a trial, named at the end of the line.

    Parameters
    ----------
    studies : DataFrame
        `estimate`, `variance` or `se`, a column of weeks, and what makes a series; rows without an effect are listed
        under the axis, not dropped.
    time, series : str
    measure, unit : str, optional
    mid : float, optional
        Minimal important difference, shaded on both sides of the null value.
    level : float
    favours : pair of str, optional
        What lies below and above the null line.
    ax : Axes, optional
    """
    ax = axes(ax)
    studies, level = entered(studies), coverage(level)
    require_columns(studies, ("estimate", time, series), "a plot of effects over time")
    measure = measure_of(studies, measure)
    usable = studies[studies["estimate"].notna() & studies[time].notna()]
    if mid is not None and not is_ratio(measure):
        label = "Smaller than the minimal important difference"
        ax.axhspan(-abs(mid), abs(mid), linewidth=0, zorder=0, color=THRESHOLD, gid="mid", label=label)
    groups = list(dict.fromkeys(usable[series].astype(str)))
    ends, width = [], float(usable[time].max()) if len(usable) else 1.0
    for i, group in enumerate(groups):
        mine = usable[usable[series].astype(str) == group].sort_values(time)
        x = mine[time].astype(float) + 0.006 * width * (i - (len(groups) - 1) / 2)
        y = printed(mine["estimate"], measure)
        _bars(ax, mine, x, measure, level)
        look: Any = {"marker": _MARKS[i % len(_MARKS)], "linestyle": _LINES[i % len(_LINES)], "color": _INKS[i % 3]}
        ax.plot(x, y, linewidth=1.1, markersize=5.5, zorder=3, gid=f"series-{i}", **look)
        ends.append((float(x.iloc[-1]), y[-1], group))
    _name_ends(ax, ends, width)
    times = sorted({0.0, *usable[time].astype(float)})
    if all(later - earlier > 0.07 * width for earlier, later in pairwise(times)):
        ax.set_xticks(times, [f"{value:g}" for value in times])  # where something was measured, and nowhere else
    ax.set_xlabel("Weeks after the start" if time == "timepoint_weeks" else time.replace("_", " "), fontsize=FONT)
    measure_axis(ax, measure, which="y", unit=unit)
    if favours:
        ax.set_ylabel(f"{axis_name(measure, unit)}\nbelow: {favours[0]}; above: {favours[1]}", fontsize=FONT)
    lost = [
        f"{name} ({when(float(week))})" if time == "timepoint_weeks" and not missing(week) else name
        for name, week, e in zip(studies[series].astype(str), studies[time], studies["estimate"], strict=True)
        if missing(e)
    ]
    if lost:
        note = "Not computable from what was reported: " + ", ".join(dict.fromkeys(lost))
        below: Any = {"xycoords": "axes fraction", "xytext": (0, -34), "textcoords": "offset points", "va": "top"}
        ax.annotate(note, (0, 0), fontsize=FONT, **below)
    return ax


def _bars(ax, mine, x, measure, level):
    """Draw each interval as a thin upright line."""
    se = column(mine, "se")
    se = mine["variance"] ** 0.5 if se is None else se
    half = z_value(level) * se
    limits = [printed(mine["estimate"] + side * half, measure) for side in (-1, 1)]
    ax.vlines(x, *limits, color=INK, linewidth=0.9, zorder=2, gid="intervals")


def _name_ends(ax, ends, width):
    """Name each series at its last point, in the room right of it; names that would touch are moved apart."""
    if not ends:
        return
    low, high = ax.get_ylim()
    wide, height = (found or 250 for found in extent(ax))
    names = ["\n".join(wrap(name, 0.42 / 1.45 * wide)) for *_, name in ends]
    most = 1 + max(name.count("\n") for name in names)
    places = spread([y for _, y, _ in ends], 1.35 * FONT * most * (high - low) / height)
    right = max(x for x, *_ in ends)
    for (x, y, _), name, at in zip(ends, names, places, strict=True):
        ax.plot([x, right + 0.02 * width], [y, at], color=LEAD, linewidth=0.6, zorder=1)
        text(ax, right + 0.025 * width, at, name, va="center")
    ax.set_xlim(min(0.0, ax.get_xlim()[0]), right + 0.45 * width)
    ax.spines["bottom"].set_bounds(0, right)
    ax.set_xticks([v for v in ax.get_xticks() if 0 <= v <= right])
