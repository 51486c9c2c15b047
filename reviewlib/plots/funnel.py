"""Pictures of all studies at once: funnel, radial and L'Abbe plots."""

from __future__ import annotations

from math import exp, log
from typing import Any

from ..measures import COUNTS, find
from ..typed import Axes, Frame
from .canvas import DASHED, axes, axis_name, circles, labels, legend, measure_axis, printed, studies_of, text
from .colours import CONTOURS, FAINT, INK, MUTED, PAPER, POOLED, RULE, STUDY
from .fit import FONT
from .words import code, is_ratio, missing, null_value, z_value


def funnel(
    studies: Any,
    pooled: Any = None,
    *,
    measure: str | None = None,
    unit: str = "",
    contours: Any = (0.90, 0.95, 0.99),
    names: Any = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw estimates against their standard errors, over contours of the P value.

    Parameters
    ----------
    studies, pooled : as for `forest`
        A table with a column `filled` (trim and fill) shows imputed studies as open circles.
    measure, unit : str, optional
    contours : sequence of float
        Levels whose limits around the null value are drawn; empty for none.
    names : bool
        Write the name of each study beside its point.
    ax : Axes, optional

    Returns
    -------
    Axes

    Notes
    -----
    Asymmetry is not evidence of missing results by itself: heterogeneity, design and chance do the same.

    References
    ----------
    peters2008, sterne2011
    """
    ax = axes(ax)
    frame, pooled = studies_of(studies, pooled)
    measure = measure or getattr(pooled, "measure", None)
    used = frame[frame["estimate"].notna() & frame["variance"].notna()]
    se = used["variance"] ** 0.5
    top = 1.08 * float(se.max()) if len(used) else 1.0
    _contours(ax, measure, contours, top)
    x = printed(used["estimate"], measure)
    imputed = used["filled"].astype(bool) if "filled" in used.columns else [False] * len(used)
    kinds = ((False, STUDY, "studies", "Study"), (True, "white", "filled", "Imputed by trim and fill"))
    for kind, face, gid, label in kinds:
        at = [i for i, f in enumerate(imputed) if bool(f) is kind]
        if at:
            style: Any = {"s": 30, "marker": "o", "facecolors": face, "edgecolors": INK, "linewidths": 0.8, "zorder": 3}
            ax.scatter([x[i] for i in at], se.iloc[at], gid=gid, label=label, **style)
    if pooled is not None:
        at = printed([pooled.estimate], measure)[0]
        style = {"color": POOLED, "linewidth": 1, "linestyle": DASHED, "zorder": 2}
        ax.axvline(at, gid="pooled", label="Pooled estimate", **style)
    ax.set_ylim(top, 0)
    ax.set_ylabel("Standard error" + (" of the logarithm" if is_ratio(measure) else ""), fontsize=FONT)
    _funnel_width(ax, used, measure, contours, top)
    measure_axis(ax, measure, unit=unit)
    if names:
        for label, a, b in zip(labels(used), x, se, strict=True):
            text(ax, a, b, f" {label}", va="center")
    legend(ax, borderaxespad=0.2)
    return ax


def _back(measure):
    return exp if is_ratio(measure) else float


def _contours(ax, measure, levels, top):
    """Shade where a study's P value against the null would fall: one cone a level, the widest first."""
    null = null_value(measure)
    if null is None:
        return
    centre, back = (log(null) if is_ratio(measure) else null), _back(measure)
    shades = [PAPER, *CONTOURS][: len(levels)]
    for level, shade in zip(sorted(levels, reverse=True), reversed(shades), strict=True):
        low, high = back(centre - z_value(level) * top), back(centre + z_value(level) * top)
        narrower = [v for v in levels if v < level]
        words = f"P {1 - level:.2g} to {1 - max(narrower):.2g}" if narrower else f"P above {1 - level:.2g}"
        style = {"facecolor": shade, "edgecolor": MUTED, "linewidth": 0.4, "zorder": 0}
        ax.fill([back(centre), low, high], [0, top, top], gid=f"contour-{level:g}", label=words, **style)


def _funnel_width(ax, used, measure, contours, top):
    """Show all studies and the whole widest contour."""
    null = null_value(measure)
    scale = log if is_ratio(measure) else float
    ends = [float(v) for v in used["estimate"]]
    if null is not None:
        reach = z_value(max(contours)) * top if contours else 0.0
        ends += [scale(null) - reach, scale(null) + reach]
    room = 0.03 * (max(ends) - min(ends)) or 0.5
    ax.set_xlim(*map(_back(measure), (min(ends) - room, max(ends) + room)))


def radial(studies: Any, pooled: Any = None, *, names: Any = True, ax: Axes | None = None) -> Axes:
    """Draw each study's z value against its precision; the slope from the origin is its effect (Galbraith).

    Parameters
    ----------
    studies, pooled : as for `forest`
    names : bool, default True
        Name the studies outside the band of two standard errors around the pooled line.
    ax : Axes, optional

    References
    ----------
    galbraith1988
    """
    ax = axes(ax)
    frame, pooled = studies_of(studies, pooled)
    used = frame[frame["estimate"].notna() & frame["variance"].notna()]
    spread = (used["variance"] + (pooled.tau2 or 0.0)) ** 0.5
    x, y = 1 / spread, used["estimate"] / spread
    end = 1.1 * float(x.max())
    at = pooled.estimate * end
    style: Any = {"color": FAINT, "linewidth": 0, "zorder": 0, "gid": "band"}
    ax.fill_between([0, end], [-2, at - 2], [2, at + 2], label="Pooled effect, plus or minus 2", **style)
    ax.plot([0, end], [0, at], color=POOLED, linewidth=1.2, gid="pooled")
    ax.scatter(x, y, s=28, color=STUDY, zorder=3, gid="studies")
    for label, a, b in zip(labels(used), x, y, strict=True):
        if names and abs(b - pooled.estimate * a) > 2:
            text(ax, a, b, f" {label}", va="center")
    ax.axhline(0, color=RULE, linewidth=0.8)
    ax.set_xlim(0, end)
    ax.set_xlabel("Precision (1 / standard error, with the between-study variance)", fontsize=FONT)
    scale = f" of the log {code(pooled.measure)}" if is_ratio(pooled.measure) else ""
    ax.set_ylabel(f"z value{scale}", fontsize=FONT)
    return ax


def labbe(
    table: Frame,
    pooled: Any = None,
    *,
    arms: Any = ("Intervention", "Control"),
    names: Any = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share with the event in one arm against the other; circles by number of people (L'Abbe).

    Parameters
    ----------
    table : DataFrame or result
        Columns events_int, n_int, events_ctl, n_ctl.
    pooled : result, optional
        RR, OR or RD: drawn as the curve of that constant effect.
    arms, names, ax

    References
    ----------
    labbe1987
    """
    ax = axes(ax)
    frame, pooled = studies_of(table, pooled)
    used = frame[[not any(map(missing, row)) for row in frame[list(COUNTS)].to_numpy()]]
    x, y = used["events_ctl"] / used["n_ctl"], used["events_int"] / used["n_int"]
    people = used["n_int"] + used["n_ctl"]
    ax.plot([0, 1], [0, 1], color=RULE, linewidth=0.8, gid="null", label="Same in both arms")
    circles(ax, x, y, people, 300)
    m = find(getattr(pooled, "measure", None))
    if m.risk is not None and m.columns == COUNTS:
        grid = [i / 100 for i in range(101)]
        line = [float(m.risk(m.back(pooled.estimate), p)) for p in grid]
        label = f"Pooled {axis_name(pooled.measure).lower()}"
        ax.plot(grid, line, color=POOLED, linewidth=1.2, linestyle=DASHED, gid="pooled", label=label)
    if names:
        for label, a, b in zip(labels(used), x, y, strict=True):
            text(ax, a, b, f"  {label}", va="center", color=MUTED)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_xlabel(f"Share with the event, {arms[1]}", fontsize=FONT)
    ax.set_ylabel(f"Share with the event, {arms[0]}", fontsize=FONT)
    legend(ax)
    return ax
