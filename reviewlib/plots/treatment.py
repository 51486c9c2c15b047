"""How patients were treated in fact, and why intention-to-treat and as-treated analyses disagree."""

from __future__ import annotations

from typing import Any

from ..typed import Axes
from .canvas import current, extent, legend, panels, stack, text
from .colours import CONTROL, FAINT, INK, INTERVENTION, PAPER, POOLED, RULE, STUDY, THRESHOLD
from .fit import FONT, text_width, wrap
from .words import amount, count, missing, number

ANALYSES = {
    "itt": ("intention to treat: as randomized", "s", POOLED),
    "as-randomised": ("as randomized", "s", POOLED),
    "as-treated": ("as treated: not randomized", "o", "white"),
    "per-protocol": ("per protocol: not randomized", "^", "white"),
    "cace": ("complier average effect", "D", STUDY),
    "observational": ("observational cohort", "v", "white"),
}


def crossover(
    shares: Any,
    effects: Any,
    *,
    planned: Any = None,
    mid: float | None = None,
    unit: str = "points",
    favours: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw, time by time, who received what in each arm, and beside it the effect by each analysis.

    Parameters
    ----------
    shares : DataFrame
        A row per arm and time: `arm`, `timepoint_weeks`, `percent` who received the *other* treatment.
    effects : DataFrame
        A row per analysis and time: `analysis_set`, `timepoint_weeks`, `estimate`, `ci_low`, `ci_high`.
    planned : mapping of str to str, optional
        Arm -> what its members were assigned to, for the labels; default the arm's name.
    mid : float, optional
        Minimal important difference, shaded.
    unit : str
    favours : pair of str, optional
    ax : Axes, optional
        Filled with two axes: shares on the left, effects on the right.
    """
    ax = current(ax)
    left, right = panels(ax, (0.17, 0.16, 0.27, 0.74), (0.52, 0.16, 0.47, 0.74))
    times = sorted({float(t) for t in (*shares["timepoint_weeks"].dropna(), *effects["timepoint_weeks"].dropna())})
    rows = {t: 0.0 for t in times}
    y = 0.0
    for t in times:
        rows[t] = y
        mine = [int((frame["timepoint_weeks"].astype(float) == t).sum()) for frame in (shares, effects)]
        y += 0.9 * max(*mine, 1) + 0.9
    _shares(left, shares, rows, planned or {})
    _effects(right, effects, rows, mid, unit)
    for panel in (left, right):
        panel.set_ylim(y - 0.4, -0.75)
    left.set_title("What they received", fontsize=FONT, fontweight="bold", loc="left", color=INK)
    right.set_title(f"Effect in {unit}", fontsize=FONT, fontweight="bold", loc="left", color=INK)
    if favours:
        right.set_xlabel(f"\N{LEFTWARDS ARROW} {favours[0]} | {favours[1]} \N{RIGHTWARDS ARROW}", fontsize=FONT)
    return ax


def analysis_name(name: str) -> str:
    """Return an analysis set in words: "itt" is "intention to treat"."""
    return ANALYSES.get(name, (str(name),))[0].partition(":")[0]


def when(weeks: float) -> str:
    """Return a time in words: 104 weeks is "2 years"."""
    years = weeks / 52
    if weeks >= 52 and abs(years - round(years)) < 0.02:
        return count(round(years), "year")
    return amount(weeks, "weeks")


def _shares(ax, shares, rows, planned):
    """Draw a bar per arm: the part that got what it was assigned to, and the part that got the other treatment."""
    places, names = [], []
    for t, top in rows.items():
        mine = shares[shares["timepoint_weeks"].astype(float) == t]
        for i, (arm, crossed) in enumerate(zip(mine["arm"], mine["percent"].astype(float), strict=True)):
            y = top + 0.9 * i
            if missing(crossed):
                text(ax, 2, y, "share not reported", va="center")
            else:
                parts = (
                    (100 - crossed, INTERVENTION, "", "as assigned", "kept"),
                    (crossed, CONTROL, "//", "the other treatment", "crossed"),
                )
                stack(ax, y, [(*part, f"{part[0]:.0f}%" if part[0] >= 14 else "") for part in parts], 0.62)
            places.append(y)
            names.append("\n".join(wrap(planned.get(arm, str(arm)), 88, FONT)))
        text(ax, 2, top - 0.58, when(t), va="center", fontweight="bold")
    ax.set_yticks(places, names, fontsize=FONT)
    ax.set_xlim(0, 100)
    ax.set_xticks([0, 50, 100], ["0", "50", "100%"])
    legend(ax, loc="upper center", bbox_to_anchor=(0.4, -0.1), borderaxespad=0)


def _effects(ax, effects, rows, mid, unit):
    """Draw each analysis at its time; filled marks are randomized comparisons, open marks are not."""
    if mid is not None:
        ax.axvspan(-abs(mid), abs(mid), color=THRESHOLD, linewidth=0, zorder=0, gid="mid")
    ax.axvline(0, color=RULE, linewidth=0.8, gid="null")
    values = effects[["estimate", "ci_low", "ci_high"]].astype(float)
    low, high = min(0.0, float(values.min().min())), max(0.0, float(values.max().max()))
    room = 0.08 * (high - low) or 1.0
    ax.set_xlim(low - room, high + room)
    for t, top in rows.items():
        mine = effects[effects["timepoint_weeks"].astype(float) == t]
        for i, row in enumerate(mine.to_dict("records")):
            _effect(ax, row, top + 0.9 * i, low, high)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y", color=FAINT)


def _effect(ax, row, y, low, high):
    words, marker, face = ANALYSES.get(row["analysis_set"], (str(row["analysis_set"]), "X", STUDY))
    value = "not computable"
    if not missing(row["estimate"]):
        value = number(float(row["estimate"]), 1)
        if not missing(row["ci_low"]) and not missing(row["ci_high"]):
            value += f" ({number(float(row['ci_low']), 1)} to {number(float(row['ci_high']), 1)})"
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=INK, linewidth=1.1, zorder=2, gid="interval")
        look = {"marker": marker, "s": 46, "facecolors": face, "edgecolors": INK, "linewidths": 1, "zorder": 3}
        ax.scatter([row["estimate"]], [y], gid=f"effect-{row['analysis_set']}", **look)
    line, (left, right) = f"{words}: {value}", ax.get_xlim()
    width = text_width(line, FONT) / extent(ax)[0] * (right - left)
    centre = (low + high) / 2 if missing(row["estimate"]) else float(row["estimate"])
    at = min(max(centre - width / 2, left), max(right - width, left))
    text(ax, at, y - 0.36, line, va="center", zorder=4, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4})
