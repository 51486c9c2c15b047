"""Effects as people and as points of a scale they know."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from ..errors import EvidenceError
from ..typed import Axes
from .canvas import axes, clear, extent, text
from .colours import FAINT, INK, MUTED, PAPER, PEOPLE, POOLED, STUDY, THRESHOLD, UNSURE
from .fit import FONT, text_width, wrap
from .words import number


def icon_array(
    risk: float,
    *,
    ci: Any = None,
    of: int = 100,
    label: str = "",
    event: str = "with the event",
    ax: Axes | None = None,
) -> Axes:
    """Draw people out of 100 or 1000: filled for the risk, hatched as far as its interval reaches.

    Parameters
    ----------
    risk : float
        Between 0 and 1, shown as whole people.
    ci : pair of float, optional
        Limits of the risk: people between the two are lighter, those below the estimate with a dark rim.
    of : 100 or 1000
    label, event : str
        Who is shown, and what happens to them; written above the array.
    ax : Axes, optional

    Raises
    ------
    EvidenceError
        For a risk that would need part of a person, or one below 1 in 1000: give the numbers instead.
    """
    _check_risk(risk, of)
    ax = clear(ax)
    people = floor(risk * of + 0.5)
    low, high = (people, people) if ci is None else (floor(ci[0] * of + 0.5), ceil(ci[1] * of - 1e-9))
    across = 10 if of == 100 else 40
    rows = of // across
    wide, tall = extent(ax)
    step = min(wide / (across + 0.5), tall / (rows + 3))
    groups = (
        ("people", range(0, min(low, people)), PEOPLE, PEOPLE),
        ("people-uncertain", range(min(low, people), people), UNSURE, PEOPLE),
        ("others-uncertain", range(people, max(high, people)), UNSURE, MUTED),
        ("others", range(max(high, people), of), PAPER, MUTED),
    )
    for name, members, face, edge in groups:
        if len(members):
            x, y = zip(*(divmod(i, across)[::-1] for i in members), strict=True)
            look: Any = {"facecolors": face, "edgecolors": edge, "linewidths": 0.9}
            ax.scatter(x, y, s=(0.72 * step) ** 2, marker="o", gid=name, **look)
    words = f"{people} of {of} {event}"
    if ci is not None:
        words += f" ({low} to {high})"
    for i, line in enumerate(reversed([label, words] if label else [words])):
        text(ax, -0.5, -1.1 - 0.95 * i, line, fontweight="bold" if line == label else "normal", va="center")
    ax.set(xlim=(-0.6, across - 0.4), ylim=(rows - 0.4, -2.6), aspect="equal")
    return ax


def _check_risk(risk, of):
    if of not in (100, 1000):
        raise EvidenceError(f"an icon array shows 100 or 1000 people, got {of}")
    if not 0 <= risk <= 1:
        raise EvidenceError(f"a risk lies between 0 and 1, got {risk}")
    if 0 < risk < 0.001:
        raise EvidenceError(f"a risk of {risk:g} is below 1 in 1000: say it in numbers, not in icons")
    if 0 < risk * of < 1:
        raise EvidenceError(f"a risk of {risk:g} is less than one icon of {of}: use of=1000")


def mid_scale(
    estimate: float,
    ci: Any,
    *,
    scale: tuple[float, float],
    mid: float | None = None,
    mid_label: str = "smallest difference that matters",
    unit: str = "points",
    favours: Any = None,
    digits: int = 1,
    ax: Axes | None = None,
) -> Axes:
    """Draw a difference on a ruler as long as its instrument, beside the smallest difference that matters.

    Parameters
    ----------
    estimate : float
        Mean difference in points of the instrument.
    ci : pair of float
    scale : pair of float
        Lowest and highest score of the instrument; the ruler is as long as this range.
    mid : float, optional
        Minimal important difference in points, shaded around zero.
    mid_label, unit : str
    favours : pair of str, optional
        What lies below and above zero.
    digits : int
    ax : Axes, optional
    """
    ax = axes(ax)
    length = abs(scale[1] - scale[0])
    side = -1 if estimate < 0 else 1
    reach = max(0.12 * length, *(1.15 * -side * v for v in ci), 0.0 if mid is None else 1.25 * abs(mid))
    low, high = (-length, reach) if side < 0 else (-reach, length)
    if mid is not None:
        ax.axvspan(-abs(mid), abs(mid), ymax=0.37, color=THRESHOLD, linewidth=0, zorder=0, gid="mid")
    ax.plot([0, 0], [0, 1.07], color=MUTED, linewidth=0.9, gid="null")
    ax.barh(0.6, estimate, height=0.34, color=STUDY, linewidth=0, zorder=2, gid="estimate")
    ax.plot(ci, [0.6, 0.6], color=INK, linewidth=1.6, zorder=3, gid="interval")
    ax.plot(list(ci), [0.6, 0.6], linestyle="none", marker="|", markersize=10, color=INK, zorder=3)
    ax.plot([estimate], [0.6], marker="D", markersize=6, color=POOLED, zorder=4)
    ax.set(xlim=(low, high), ylim=(0, 2.9))
    words = f"{number(estimate, digits)} {unit} ({number(ci[0], digits)} to {number(ci[1], digits)})"
    _inside(ax, estimate, 1.36, words, fontweight="bold")
    if mid is not None:
        _inside(ax, 0.0, 1.86, f"shaded: below the {mid_label}, {abs(mid):g} {unit}")
    if favours:
        text(ax, low, 2.55, f"\N{LEFTWARDS ARROW} {favours[0]}", va="center")
        text(ax, high, 2.55, f"{favours[1]} \N{RIGHTWARDS ARROW}", va="center", ha="right")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(f"Difference in {unit}; the scale runs from {scale[0]:g} to {scale[1]:g}", fontsize=FONT)
    return ax


def _inside(ax, x, y, words, **style):
    """Write words centred on x, or as near as the axes allow; too long for it, on two lines."""
    low, high = ax.get_xlim()
    room, _ = extent(ax)
    lines = wrap(words, room, FONT, True)
    half = max(text_width(line, FONT, True) for line in lines) / 2 / room * (high - low)
    at = min(max(x, low + half), high - half)
    style |= {"bbox": {"facecolor": PAPER, "edgecolor": FAINT, "linewidth": 0, "pad": 0.5}, "zorder": 5}
    text(ax, at, y, "\n".join(lines), ha="center", va="center", linespacing=1.1, **style)
