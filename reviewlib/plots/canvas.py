"""What the smaller pictures share: axes to draw in, a frame out of any result, scales for ratios and differences."""

from __future__ import annotations

from typing import Any

from .. import gate
from ..typed import Axes, Frame
from .colours import INK, MUTED, PAPER, RULE, STUDY, on
from .fit import FONT, text_width, ticks
from .words import is_ratio, name, null_value, sentence, shown

DASHED = (0, (4, 2))  # the line of a pooled estimate


def current(ax: Axes | None) -> Axes:
    """Return the axes that were given, or pyplot's current ones."""
    import matplotlib.pyplot as plt

    return plt.gca() if ax is None else ax


def axes(ax: Axes | None) -> Axes:
    """Return the axes that were given, or pyplot's current ones, with a quiet frame."""
    ax = current(ax)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set(color=MUTED, linewidth=0.8)
    ax.tick_params(labelsize=FONT, colors=INK, length=3, width=0.8)
    return ax


def frame_of(result: Any) -> Frame:
    """Return a result as a DataFrame; a DataFrame as it is."""
    return result if hasattr(result, "columns") else result.to_frame()


def entered(studies: Any, what: str = "studies") -> Frame:
    """Return a table of effects as `gate.table` takes it, its numbers read and no spread below zero."""
    frame = gate.table(studies, what)
    columns = [name for name in ("estimate", "se", "variance") if name in frame.columns]
    if not columns:
        return frame
    frame = frame.assign(**gate.numbers(frame, columns))
    for kind in columns[("estimate" in columns) :]:
        gate.no_negative(frame, kind, frame[kind].to_numpy(float))
    return frame


def studies_of(studies: Any, pooled: Any) -> tuple[Any, Any]:
    """Return (studies in use, pooled) whether the caller gave a table, a result, or both."""
    if hasattr(studies, "studies"):
        studies, pooled = studies.studies, studies if pooled is None else pooled
    frame = entered(studies)
    if "se" in frame.columns and "variance" not in frame.columns:
        frame = frame.assign(variance=frame["se"] ** 2)
    return frame[[not reason for reason in gate.reasons(frame)]], pooled


def column(frame: Frame, *names: Any) -> Any:
    """Return the first of these columns that the frame has; None without any."""
    return next((frame[name] for name in names if name in frame.columns), None)


def labels(frame: Frame) -> list[str]:
    """Return the names of the rows."""
    found = column(frame, "label", "trial", "study", "slab")
    return [str(v) for v in (frame.index if found is None else found)]


def measure_axis(ax: Axes, measure: str, *, which: str = "x", unit: str = "", null: Any = True) -> None:
    """Name an axis after its measure; ratios get a log scale with round ratios, and the null line is drawn."""
    ratio = is_ratio(measure)
    getattr(ax, f"set_{which}label")(axis_name(measure, unit), fontsize=FONT, color=INK)
    if ratio:
        getattr(ax, f"set_{which}scale")("log")
        low, high = getattr(ax, f"get_{which}lim")()
        found = ticks(min(low, high), max(low, high), True, 230, FONT)
        getattr(ax, f"set_{which}ticks")([v for v, _ in found], [t for _, t in found])
        getattr(ax, f"set_{which}ticks")([], minor=True)
    at = null_value(measure)
    if null and at is not None:
        draw = ax.axvline if which == "x" else ax.axhline
        draw(at, color=RULE, linewidth=0.8, zorder=1, gid="null")


def axis_name(measure: str, unit: str = "") -> str:
    """Return the measure in words with its unit."""
    return sentence(name(measure or "GEN")) + (f" ({unit})" if unit else "")


def printed(values: Any, measure: str) -> list:
    """Return values of the analysis scale on the printed scale."""
    return [shown(v, measure) for v in values]


def text(ax: Axes, x: float, y: float, words: str, **style: Any) -> Any:
    """Write words at data coordinates in the letters of all figures."""
    from .letters import Line

    style = {"fontsize": FONT, "color": INK, "transform": ax.transData, "clip_on": False, **style}
    return ax.add_artist(Line(x, y, str(words).replace("$", r"\$"), **style))


def spread(places: Any, gap: float) -> list:
    """Return places moved apart by at least `gap`, in their order and around where they were."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = list(map(float, places))
    for _ in range(200):
        moved = False
        for a, b in zip(order, order[1:], strict=False):
            short = gap - (out[b] - out[a])
            if short > 1e-9:
                out[a], out[b], moved = out[a] - short / 2, out[b] + short / 2, True
        if not moved:
            break
    return out


def name_points(ax: Axes, points: Any, crowd: Any = ()) -> None:
    """Write the name of each (x, y, name) beside its point, where it covers no other name and no point.

    Limits and scales of the axes must be final. A name that fits nowhere is left out: the figure's table has it.
    """
    from matplotlib.transforms import Bbox

    box, unit = ax.get_window_extent(), ax.figure.dpi / 72
    taken = [Bbox([at - 3 * unit, at + 3 * unit]) for at in map(ax.transData.transform, crowd)]
    for x, y, word in points:
        px, py = ax.transData.transform((x, y))
        wide, tall = text_width(word, FONT) * unit, 1.1 * FONT * unit
        for side, dx, dy in ((1, 6, 0), (-1, 6, 0), (1, 4, 11), (-1, 4, 11), (1, 4, -11), (-1, 4, -11)):
            left = px + side * dx * unit - (wide if side < 0 else 0)
            place = Bbox.from_bounds(left, py + dy * unit - tall / 2, wide, tall)
            inside = place.x0 >= box.x0 and place.x1 <= box.x1 and place.y0 >= box.y0
            if inside and not place.count_overlaps(taken):
                taken.append(place)
                style: Any = {"fontsize": FONT, "color": INK, "va": "center", "ha": "left" if side > 0 else "right"}
                written = word.replace("$", r"\$")
                ax.annotate(written, (x, y), xytext=(side * dx, dy), textcoords="offset points", **style)
                break


def clear(ax: Axes | None) -> Axes:
    """Take away frame and ticks, for pictures whose coordinates mean nothing."""
    ax = current(ax)
    ax.set_axis_off()
    return ax


def extent(ax: Axes) -> tuple[float, float]:
    """Return width and height of axes in points."""
    box = ax.get_window_extent()
    return box.width * 72 / ax.figure.dpi, box.height * 72 / ax.figure.dpi


def on_paper(ax: Axes, x: float, y: float, words: str, paper: str = PAPER, pad: float = 1.0, **style: Any) -> None:
    """Write words centred on a patch of `paper`, so that no line or hatching crosses them."""
    style = {"ha": "center", "va": "center", **style}
    text(ax, x, y, words, bbox={"facecolor": paper, "edgecolor": "none", "pad": pad}, **style)


def stack(ax: Axes, y: float, parts: Any, height: float) -> None:
    """Draw shares side by side as one bar: (percent, colour, hatch, label, gid, words), words where they have room."""
    left = 0.0
    for share, colour, hatch, label, gid, words in parts:
        look = {"color": colour, "edgecolor": INK, "linewidth": 0.6, "hatch": hatch}
        ax.barh(y, share, left=left, height=height, label=label, gid=gid, **look)
        if words:
            on_paper(ax, left + share / 2, y, words, colour, 0.5 if words.isdigit() else 1.0, color=on(colour))
        left += share


def circles(ax: Axes, x: Any, y: Any, weight: Any, largest: float) -> None:
    """Draw studies as circles of an area proportional to their weight."""
    style: Any = {
        "facecolors": STUDY,
        "alpha": 0.75,
        "edgecolors": INK,
        "linewidths": 0.6,
        "zorder": 3,
        "gid": "studies",
    }
    ax.scatter(x, y, s=largest * weight / weight.max(), **style)


def legend(ax: Axes, **place: Any) -> None:
    """Draw a legend without a frame in which each word stands once; beside the axes, or in a column under them."""
    handles, words = ax.get_legend_handles_labels()
    unique = dict(zip(words, handles, strict=True))
    narrow = ax.get_figure(root=True).get_figwidth() < 4.5
    place = {"loc": "upper left", "bbox_to_anchor": (0.0, -0.2) if narrow else (1.0, 1.0), **place}
    ax.legend(unique.values(), unique.keys(), fontsize=FONT, frameon=False, **place)


def panels(ax: Axes, *boxes: Any) -> list:
    """Return axes inside `ax`, at (x, y, width, height) in fractions of it; `ax` itself shows nothing."""
    clear(ax)
    return [axes(ax.inset_axes(box)) for box in boxes]
