"""Which studies move the answer: Baujat, GOSH, influence, and forests of reruns."""

from __future__ import annotations

from typing import Any

from ..typed import Axes, Figure, Frame
from .canvas import axes, current, frame_of, labels, legend, measure_axis, name_points, panels, printed
from .colours import CONTROL, GRID, INK, INTERVENTION, POOLED, RULE, STUDY
from .fit import FONT
from .forest import forest, forest_figure
from .words import is_ratio

_INFLUENCE = {
    "rstudent": ("Standardized residual", 0.0),
    "dffits": ("DFFITS", 0.0),
    "cooks_d": ("Cook's distance", 0.0),
    "cov_r": ("Covariance ratio", 1.0),
    "tau2_deleted": ("\N{GREEK SMALL LETTER TAU}\N{SUPERSCRIPT TWO} without it", None),
    "q_deleted": ("Q without it", None),
    "hat": ("Leverage", None),
    "weight": ("Weight", None),
}


def baujat(result: Any, *, named: int = 6, ax: Axes | None = None) -> Axes:
    """Draw what each study adds to heterogeneity against how far it moves the pooled effect.

    Parameters
    ----------
    result : Diagnostics or DataFrame
        Columns label, heterogeneity, influence.
    named : int
        How many studies, the furthest from the origin, are named.
    ax : Axes, optional

    References
    ----------
    baujat2002
    """
    ax = axes(ax)
    frame = frame_of(result)
    x, y = frame["heterogeneity"], frame["influence"]
    ax.scatter(x, y, s=28, color=STUDY, zorder=3, gid="studies")
    far = ((x / (x.max() or 1)) ** 2 + (y / (y.max() or 1)) ** 2).sort_values(ascending=False).index[:named]
    ax.set(xlim=(0, 1.08 * float(x.max()) or 1), ylim=(0, 1.12 * float(y.max()) or 1))
    ax.set_xlabel("Contribution to heterogeneity", fontsize=FONT)
    ax.set_ylabel("Influence on the pooled effect", fontsize=FONT)
    name_points(ax, zip(x[far], y[far], labels(frame.loc[far]), strict=True), crowd=zip(x, y, strict=True))
    return ax


def gosh(
    result: Any, *, highlight: Any = None, measure: str | None = None, unit: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the pooled effect of every subset against its I2, as a density.

    Parameters
    ----------
    result : Gosh
        With estimate and i2 a subset.
    highlight : str, optional
        A study: subsets that hold it are drawn in a second colour and named in the legend.
    measure, unit, ax

    Notes
    -----
    More than one cloud means that some studies point elsewhere.

    References
    ----------
    olkin2012
    """
    from numpy import array

    ax = axes(ax)
    measure = measure or getattr(result, "measure", None)
    x, y = array(printed(result.estimate, measure)), 100 * result.i2
    if highlight is None:
        style: Any = {"cmap": "cividis_r", "linewidths": 0.1, "zorder": 2, "gid": "subsets"}
        scale: Any = "log" if is_ratio(measure) else "linear"
        ax.hexbin(x, y, gridsize=50, mincnt=1, bins="log", xscale=scale, **style)
    else:
        inside = result.to_frame()[highlight].to_numpy(dtype=bool)
        for member, colour, word, mark in ((False, CONTROL, "without", "s"), (True, INTERVENTION, "with", "o")):
            at = inside == member
            style = {"s": 3, "color": colour, "marker": mark, "linewidths": 0, "alpha": 0.5, "rasterized": True}
            label = f"Subsets {word} {highlight}"
            ax.scatter(x[at], y[at], label=label, gid=f"subsets-{word}", **style)
        legend(ax, markerscale=3)
    ax.set_ylim(-3, 103)
    ax.set_ylabel("I\N{SUPERSCRIPT TWO}, %", fontsize=FONT)
    measure_axis(ax, measure, unit=unit)
    return ax


def influence(result: Any, *, columns: Any = None, ax: Axes | None = None) -> Axes:
    """Draw the deletion diagnostics of every study, a column per statistic, studies down the side.

    Parameters
    ----------
    result : Diagnostics or DataFrame
        Columns as `reviewlib.influence` gives them.
    columns : sequence of str, optional
        Which statistics; default all that are there.
    ax : Axes, optional
        Filled with one small axes a statistic.
    """
    ax, frame = current(ax), frame_of(result)
    chosen = [c for c in (columns or _INFLUENCE) if c in frame.columns]
    names, flagged = labels(frame), set(getattr(result, "influential", ()))
    width = 0.82 / len(chosen)
    boxes = [(0.18 + i * width, 0.0, 0.86 * width, 0.9) for i in range(len(chosen))]
    rows = list(range(len(frame), 0, -1))
    for i, (key, panel) in enumerate(zip(chosen, panels(ax, *boxes), strict=True)):
        title, null = _INFLUENCE.get(key, (key, None))
        if null is not None:
            panel.axvline(null, color=RULE, linewidth=0.8)
        for y, value, name in zip(rows, frame[key], names, strict=True):
            mark, colour, gid = ("D", POOLED, "influential") if name in flagged else ("o", STUDY, None)
            panel.plot(value, y, mark, color=colour, markersize=5, gid=gid)
        panel.set_ylim(0.4, len(frame) + 0.6)
        panel.set_yticks(rows, names if i == 0 else [])
        panel.set_title(title.replace(" ", "\n", 1), fontsize=FONT, color=INK)
        panel.locator_params(axis="x", nbins=2)
        panel.grid(axis="y", color=GRID, linewidth=0.8)
    return ax


def rerun_rows(result: Any) -> Frame:
    """Return the reruns as the rows of a forest plot, each named after what was done."""
    frame = frame_of(result).copy()
    word = "Without " if getattr(result, "kind", "") == "leave-one-out" else "Up to "
    frame["trial"] = [
        label if label.lower().startswith(("without", "up to")) else word + label for label in labels(frame)
    ]
    return frame[["trial", "estimate", "ci_low", "ci_high"]]


def leave_one_out(result: Any, *, ax: Axes | None = None, **options: Any) -> Axes:
    """Draw a forest plot of reruns, each without one study (or, from `cumulative`, up to one study).

    Parameters
    ----------
    result : Rerun
        With label, estimate, ci_low, ci_high a row, and the estimate of all studies.
    options
        As for `forest`.
    """
    return forest(rerun_rows(result), result, ax=ax, **_options(result, options))


def leave_one_out_figure(result: Any, **options: Any) -> Figure:
    """Return a fitted figure of reruns; options as for `forest_figure`."""
    return forest_figure(rerun_rows(result), result, **_options(result, options))


def _options(result, options):
    return {"limits": ("ci_low", "ci_high"), "columns": ("effect",), "measure": result.measure} | options


cumulative = leave_one_out
cumulative_figure = leave_one_out_figure
