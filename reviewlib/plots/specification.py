"""Every defensible analysis side by side, and a posterior distribution."""

from __future__ import annotations

import re
from typing import Any

from ..batch import ESTIMATORS
from ..door import RULE_NAMES, coverage, interval_rule
from ..typed import Array, Axes
from .canvas import DASHED, axes, current, extent, frame_of, measure_axis, panels, printed, text
from .colours import FAINT, INK, MUTED, POOLED, PREDICTION, RULE, STUDY, THRESHOLD
from .fit import FONT, text_width, wrap
from .words import shown

_HEADS = {"ci": "Interval", "method": "Model"}
_BESIDE = 0.36  # share of the width for the names of the choices
_NUMBERS = re.compile(
    "estimate|se|(ci_|prediction_)?(low|high)|tau2|[ih]2|k|(q_)?pvalue|q|statistic|df|converged|conclusion"
)


def specification_curve(
    result: Any,
    *,
    choices: Any = None,
    measure: str | None = None,
    unit: str = "",
    main: Any = None,
    mid: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the estimates of all analyses in order of size, and under each which choices it made.

    Parameters
    ----------
    result : Multiverse or DataFrame
        One row per analysis: estimate, ci_low, ci_high (analysis scale) and one column per choice.
    choices : sequence of str, optional
        Columns of choices; default every column that is not a number of the result and varies.
    measure, unit : str, optional
    main : int, optional
        Row of the planned analysis, drawn as a filled diamond.
    mid : float, optional
        Minimal important difference on the printed scale (differences), shaded.
    ax : Axes, optional
        Filled with two axes: estimates above, choices below.
    """
    ax, frame = current(ax), frame_of(result)
    frame = frame[frame["estimate"].notna()]
    measure = measure or getattr(result, "measure", None)
    order = frame["estimate"].sort_values(kind="stable").index
    lines = _choices(frame, choices)
    said = {(c, v): _said(c, v) for c, values in lines.items() for v in values}
    words = " ".join(said.values()).split()
    room = max(_BESIDE * extent(ax)[0] - 6, *(text_width(word, FONT) for word in words)) if words else 0
    names = {choice: wrap(text, room, FONT) for choice, text in said.items()}
    count = len(lines) + sum(len(text) + 0.3 for text in names.values())
    share, wide = min(0.7, count / (count + 9.0)), 1 - _BESIDE
    upper, lower = panels(ax, (_BESIDE, share + 0.03, wide, 0.97 - share), (_BESIDE, 0.0, wide, share - 0.02))
    _curve(upper, frame.loc[order], measure, unit, None if main is None else list(order).index(frame.index[main]), mid)
    _marks(lower, frame.loc[order], names)
    return ax


def _choices(frame, choices):
    """Return column -> its values, for the columns that hold a choice."""
    names = choices or [c for c in frame.columns if not _NUMBERS.fullmatch(c)]
    found = {c: list(dict.fromkeys(frame[c].astype(str))) for c in names}
    return {c: values for c, values in found.items() if len(values) > 1}


def _said(column, value) -> str:
    """Return a choice as a reader knows it: a model or an interval rule by its name, any other as it is."""
    if column in ("method", "estimator") and value in ESTIMATORS:
        return ESTIMATORS[value].label.partition(" (")[0]
    return RULE_NAMES.get(interval_rule(value), value) if column in ("ci", "interval") else value


def _curve(ax, frame, measure, unit, main, mid):
    x = range(len(frame))
    if mid is not None:
        ax.axhspan(-abs(mid), abs(mid), color=THRESHOLD, linewidth=0, zorder=0, gid="mid")
    if "ci_low" in frame.columns:
        limits = [printed(frame[end], measure) for end in ("ci_low", "ci_high")]
        ax.vlines(x, *limits, color=RULE, linewidth=0.9, zorder=2, gid="intervals")
    y = printed(frame["estimate"], measure)
    ax.scatter(x, y, s=14, color=STUDY, zorder=3, linewidths=0, gid="estimates")
    if main is not None:
        ax.scatter([main], [y[main]], s=60, marker="D", color=POOLED, zorder=4, gid="main")
        above = {"xytext": (main, 1.0), "textcoords": ("data", "axes fraction"), "va": "top"}
        above["arrowprops"] = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.7, "shrinkB": 5}
        side = "left" if main < len(frame) / 2 else "right"
        ax.annotate("planned analysis", (main, y[main]), fontsize=FONT, ha=side, **above)
    measure_axis(ax, measure, which="y", unit=unit)
    ax.set_xlim(-1, len(frame))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)


def _marks(ax, frame, names):
    """Draw a tick for each analysis on the line of each choice it made; `names` has the lines of text of each."""
    y, places, heads = 0, [], {}
    for (name, value), said in names.items():
        if name not in heads:
            heads[name], y = y, y + 1
        at = [i for i, v in enumerate(frame[name].astype(str)) if v == value]
        places.append(y + (len(said) - 1) / 2)
        ax.scatter(at, [places[-1]] * len(at), marker="|", s=34, color=INK, linewidths=1.1, gid=f"choice-{name}")
        y += len(said) + 0.3
    ax.set(ylim=(y - 0.4, -0.6), xlim=(-1, len(frame)))
    ax.set_yticks(places, ["\n".join(said) for said in names.values()], fontsize=FONT)
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
    beside = {"xycoords": ("axes fraction", "data"), "xytext": (-6, 0), "textcoords": "offset points", "ha": "right"}
    for name, at in heads.items():
        words = _HEADS.get(name, name.replace("_", " ").capitalize())
        ax.annotate(words, (0, at), fontsize=FONT, fontweight="bold", va="center", **beside)
    for at in places:
        ax.axhline(at, color=FAINT, linewidth=0.6, zorder=0)


multiverse = specification_curve


def posterior(
    x: Any,
    density: Array | None = None,
    *,
    estimate: float | None = None,
    ci: Any = None,
    measure: str | None = None,
    unit: str = "",
    mid: float | None = None,
    level: float = 0.95,
    prior: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the posterior density of an effect, its interval shaded, the null line and the threshold marked.

    Parameters
    ----------
    x : Bayesian, or sequence of float
        A result, which brings its density, mean, interval and measure; or a grid on the analysis scale.
    density : sequence of float, optional
        Density at a grid.
    estimate : float, optional
        Posterior mean or median.
    ci : pair of float, optional
    measure, unit : str, optional
    mid : float, optional
        On the printed scale; a dashed line.
    level : float
    prior : sequence of float, optional
        Density of the prior on the same grid, dotted.
    ax : Axes, optional
    """
    ax, level = axes(ax), coverage(level)
    if hasattr(x, "probability"):
        estimate, ci = x.estimate if estimate is None else estimate, x.ci if ci is None else ci
        measure, level = measure or x.measure, x.level
        x, density = _curve_of(x)
    places = printed(x, measure)
    ax.plot(places, density, color=POOLED, linewidth=1.4, gid="density", label="After the data")
    if prior is not None:
        style: Any = {"color": PREDICTION, "linewidth": 1.2, "linestyle": (0, (1, 2))}
        ax.plot(places, prior, gid="prior", label="Before the data", **style)
        ax.legend(fontsize=FONT, frameon=False)
    if ci is not None:
        low, high = (shown(v, measure) for v in ci)
        inside = [low <= v <= high for v in places]
        ax.fill_between(places, density, where=inside, color=FAINT, linewidth=0, gid="interval")
        text(ax, 0.5 * (low + high), 0.04 * max(density), f"{100 * level:g}% interval", ha="center", va="bottom")
    if estimate is not None:
        at = shown(estimate, measure)
        ax.axvline(at, ymax=0.94, color=POOLED, linewidth=0.9, linestyle=DASHED, gid="estimate")
    if mid is not None:
        ax.axvline(mid, color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)), gid="mid")
        text(ax, mid, 1.02 * max(density), "smallest important", ha="center", color=MUTED)
    ax.set_ylim(0, 1.12 * max(density))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlim(min(places), max(places))
    measure_axis(ax, measure, unit=unit)
    return ax


def _curve_of(result, points=241):
    """Return a grid and the density there: differences of the result's own distribution function, for drawing."""
    from numpy import diff, linspace

    edges = linspace(result.estimate - 4.5 * result.sd, result.estimate + 4.5 * result.sd, points + 1)
    below = [result.probability(float(edge), "below") for edge in edges]
    return (edges[1:] + edges[:-1]) / 2, diff(below) / (edges[1] - edges[0])
