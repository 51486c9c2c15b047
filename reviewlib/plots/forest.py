"""The forest plot: a row per trial, the pooled diamond, and what to expect in the next setting.

`forest` draws into the axes it is given and never outside them; `forest_figure` makes a figure that fits, for a page
of paper or for a phone.
"""

from __future__ import annotations

from typing import Any

from ..typed import Axes, Figure
from .canvas import current, extent
from .figure import WIDTHS
from .fit import FONT, axis_ends, ticks
from .forest_layout import arrange, complete
from .forest_marks import axis, draw_bias, draw_marks
from .forest_text import draw_words
from .rows import forest_rows
from .words import is_ratio


def forest(
    studies: Any,
    pooled: Any = None,
    *,
    subgroups: Any = None,
    by: str | None = None,
    label: str | None = None,
    detail: str | None = None,
    measure: str | None = None,
    level: float | None = None,
    columns: Any = "auto",
    arms: Any = ("Intervention", "Control"),
    risk_of_bias: Any = None,
    null: Any = None,
    mid: float | None = None,
    favours: Any = None,
    xlim: tuple[float, float] | None = None,
    digits: int | None = None,
    unit: str = "",
    reason: str = "",
    notes: Any = (),
    sort: str | None = None,
    limits: Any = None,
    stacked: bool = False,
    size: float = FONT,
    ax: Axes | None = None,
) -> Axes:
    """Draw a forest plot.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
        One row per study: `estimate` (log scale for ratios), `variance` or `se`, a name (`trial`, `study` or the
        index), perhaps arm columns and `excluded`. A fitted result brings its own studies.
    pooled : MetaAnalysis, optional
        What to draw as a diamond, with its weights and prediction interval. None draws trials side by side.
    subgroups : mapping of str to MetaAnalysis, optional
        Summaries by group; `by` names the column of `studies` that holds the group.
    label, detail : str, optional
        Column of the name, and of what tells several effects of one trial apart.
    measure, level : optional
        Default those of `pooled`.
    columns : "auto" or sequence of str
        "auto" shows what fits; a list of ``n events mean effect weight`` or of columns of `studies` shows just those.
    arms : pair of str
        Heads over the arm columns.
    risk_of_bias : DataFrame, mapping or BiasGrid, optional
        Judgements of one tool, see `bias_grid`.
    null, mid : float, optional
        Value without difference, and the minimal important difference (a number, or a pair of limits), on the
        printed scale.
    favours : pair of str, optional
        What lies left and right of the null line, for example ``("favours the diet", "favours usual care")``.
    xlim : pair of float, optional
        Stretch of the axis on the printed scale; intervals beyond it end in an arrow.
    digits, unit, reason, notes, sort
        Decimals; unit of the scale; why nothing is pooled; lines under the plot; column to sort by.
    limits : pair of str, optional
        Columns of `studies` with the limits of each row, on the analysis scale, where they are not those of a
        normal interval (leave-one-out results, for example).
    stacked : bool
        Write the effect under the name (narrow pages).
    size : float, default 9
        Letter height in points; smaller where the axes leave no room.
    ax : Axes, optional

    Returns
    -------
    Axes
        The same `ax`. Its x axis is in printed units, its y axis in points from the top.

    Notes
    -----
    Squares have an area proportional to weight. A study's interval is the one that its source printed at this level,
    where the table comes from `effect_sizes` or `study_effects` and holds it, else the estimate plus or minus the
    normal quantile times its standard error; everything else is read from the results.
    """
    ax = current(ax)
    extra = () if columns == "auto" else tuple(columns)
    data = forest_rows(
        studies,
        pooled,
        subgroups=subgroups,
        by=by,
        label=label,
        detail=detail,
        measure=measure,
        level=level,
        arms=arms,
        risk_of_bias=risk_of_bias,
        null=null,
        mid=mid,
        digits=digits,
        unit=unit,
        reason=reason,
        notes=notes,
        sort=sort,
        extra=extra,
        limits=limits,
    )
    fixed = {"columns": columns, "favours": favours, "stacked": stacked, "ends": axis_ends(data, xlim)}
    page = _fitting(data, extent(ax), size, **fixed)
    return _draw(ax, data, page)


def forest_figure(
    studies: Any,
    pooled: Any = None,
    *,
    width: str = "paper",
    size: float = FONT,
    smallest: float | None = None,
    columns: Any = "auto",
    favours: Any = None,
    **options: Any,
) -> Figure:
    """Return a new figure that fits its forest plot: as wide as asked, as tall as its rows.

    Parameters
    ----------
    studies, pooled, columns, favours, options
        As for `forest`.
    width : "paper", "phone" or float
        Inches. "phone" writes the effect under the name. A list of `columns` that needs more than the page makes
        the figure wider rather than the words smaller.
    size : float, default 9
        Letter height in points, kept.
    smallest : float, optional
        Letters may shrink to this height, and signs of risk of bias move under the trials, before a column leaves.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes; not known to pyplot, so nothing needs closing.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    stacked = options.pop("stacked", width == "phone")
    xlim = options.pop("xlim", None)
    inches, margin = WIDTHS[width] if width in WIDTHS else float(width), 0.06
    extra = () if columns == "auto" else tuple(columns)
    data = forest_rows(studies, pooled, extra=extra, **options)
    fixed = {"columns": columns, "favours": favours, "stacked": stacked, "ends": axis_ends(data, xlim)}
    page = complete(data, 72 * (inches - 2 * margin), size, smallest, **fixed)
    while page.room < 9 * page.size and inches < 30:
        inches += 0.5
        page = complete(data, 72 * (inches - 2 * margin), size, smallest, **fixed)
    tall = page.height / 72 + 2 * margin
    fig = Figure(figsize=(inches, tall), facecolor="white")
    FigureCanvasAgg(fig)
    ax = fig.add_axes((margin / inches, margin / tall, 1 - 2 * margin / inches, 1 - 2 * margin / tall))
    _draw(ax, data, page)
    return fig


def _fitting(data, room, size, **options):
    """Return the layout with the largest letters, up to `size`, that fit both ways."""
    for _ in range(40):
        page = arrange(data, room[0], size=size, **options)
        if page.height <= room[1] and page.room >= 8 * size:
            break
        size *= 0.94
    return page


def _draw(ax, data, page):
    """Draw rows, marks and words into axes whose limits are set so that the plot fills its own stretch."""
    low, high = page.ends
    found = ticks(low, high, is_ratio(data.measure), page.plot[1] - page.plot[0], page.size)
    axis(ax, page, low, high, found, is_ratio(data.measure))
    draw_marks(ax, data, page, page.ends)
    draw_words(ax, data, page)
    if data.bias is not None:
        draw_bias(ax, data, page)
    return ax
