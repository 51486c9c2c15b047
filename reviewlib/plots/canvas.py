"""What the smaller pictures share: axes to draw in, a frame out of any result, scales for ratios and differences."""

from __future__ import annotations

from typing import Any

from .. import gate
from ..typed import Axes, Frame
from .colours import INK, MUTED, RULE
from .fit import FONT, text_width, ticks
from .words import is_ratio, name, null_value, sentence, shown


def axes(ax: Axes) -> Axes:
    """Return the axes that were given, or pyplot's current ones, with a quiet frame."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.gca()
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
    style = {"fontsize": FONT, "color": INK, **style}
    return ax.text(x, y, str(words).replace("$", r"\$"), **style)


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
    box = ax.get_window_extent()
    unit = ax.figure.dpi / 72
    taken = [
        (px - 3 * unit, py - 3 * unit, px + 3 * unit, py + 3 * unit) for px, py in map(ax.transData.transform, crowd)
    ]
    for x, y, word in points:
        px, py = ax.transData.transform((x, y))
        wide, tall = text_width(word, FONT) * unit, 1.1 * FONT * unit
        for align, dx, dy in (
            ("left", 6, 0),
            ("right", -6, 0),
            ("left", 4, 11),
            ("right", -4, 11),
            ("left", 4, -11),
            ("right", -4, -11),
        ):
            left = px + dx * unit - (wide if align == "right" else 0)
            place = (left, py + dy * unit - tall / 2, left + wide, py + dy * unit + tall / 2)
            if (
                place[0] >= box.x0
                and place[2] <= box.x1
                and place[1] >= box.y0
                and not any(_touch(place, t) for t in taken)
            ):
                taken.append(place)
                ax.annotate(
                    word.replace("$", r"\$"),
                    (x, y),
                    xytext=(dx, dy),
                    textcoords="offset points",
                    ha=align,
                    va="center",
                    fontsize=FONT,
                    color=INK,
                )
                break


def _touch(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def clear(ax: Axes) -> Axes:
    """Take away frame and ticks, for pictures whose coordinates mean nothing."""
    ax.set_axis_off()
    return ax


def panels(ax: Axes, *boxes: Any) -> list:
    """Return axes inside `ax`, at (x, y, width, height) in fractions of it; `ax` itself shows nothing."""
    ax.set_axis_off()
    return [axes(ax.inset_axes(box)) for box in boxes]


def fade(ax: Axes, low: float, high: float, which: str = "x", **style: Any) -> None:
    """Shade a stretch of one axis."""
    (ax.axvspan if which == "x" else ax.axhspan)(low, high, linewidth=0, zorder=0, **style)
