"""What a panel judged: scenarios by class and dispersion, each scenario's ratings, and change between rounds."""

from __future__ import annotations

from itertools import product
from typing import Any

from ..typed import Axes, Frame
from .canvas import axes, clear, frame_of, legend, stack, text
from .colours import CLASSES, FAINT, INK, PAPER, SHADE, SPREAD
from .fit import FONT, wrap
from .words import count

_ALIAS = {"uncertain": "equivocal", "indeterminate": "neither", "uncertain dispersion": "neither"}
_HATCH = {"inappropriate": "xx", "equivocal": "", "appropriate": ".."}
_NARROW = 4.5  # inches
CAUTION = "A share of scenarios is not a share of patients."


def appropriateness(counts: Any, *, label: str | None = None, example: bool = False, ax: Axes | None = None) -> Axes:
    """Draw one stacked bar per panel or procedure: scenarios by class, and under it by dispersion where it was read.

    Parameters
    ----------
    counts : Appropriateness, or DataFrame
        A row per bar, columns inappropriate, equivocal (or uncertain), appropriate, and perhaps agreement,
        neither (or indeterminate), disagreement: numbers of scenarios.
    label : str, optional
        Column of the bar's name; default `label`, else the index.
    example : bool
        Mark the data as invented.
    ax : Axes, optional
    """
    ax = axes(ax)
    frame = class_counts(counts)
    names = frame[label] if label else frame["label"] if "label" in frame.columns else frame.index
    y, ticks = 0.0, []
    for name, row in zip(names, frame.to_dict("records"), strict=True):
        parts = [(k, row.get(k), CLASSES[k], _HATCH[k]) for k in CLASSES]
        stack(ax, y, _shares(parts), 0.62)
        ticks.append((y, f"{name} ({count(sum(int(v or 0) for _, v, *_ in parts), 'scenario')})"))
        spread = [(k, row.get(k), *SPREAD[k]) for k in SPREAD if row.get(k) is not None]
        stack(ax, y + 0.56, _shares(spread), 0.36)
        y += 1.5 if spread else 1.0
    ax.set_yticks([v for v, _ in ticks], ["\n".join(wrap(str(t), 125, FONT)) for _, t in ticks], fontsize=FONT)
    ax.set(xlim=(0, 100), ylim=(y - 0.4, -0.6))
    ax.set_xlabel(f"Share of scenarios, %. {CAUTION}{' Invented example.' if example else ''}", fontsize=FONT)
    legend(ax, ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0), borderaxespad=0)
    return ax


def class_counts(counts: Any) -> Frame:
    """Return the counts as a frame with the words of the figure as columns."""
    if hasattr(counts, "counts"):
        import pandas as pd

        held = counts.table["dispersion"].value_counts() if "dispersion" in counts.table.columns else {}
        row = {_ALIAS.get(k, k): v for k, v in counts.counts.items()}
        row |= {_ALIAS.get(k, k): int(held.get(k, 0)) for k in SPREAD}
        return pd.DataFrame([row], index=["All"])
    return frame_of(counts).rename(columns=_ALIAS)


def _shares(parts):
    """Yield the parts of one bar as `stack` takes them, with count and share written where there is room."""
    total = sum(float(v or 0) for _, v, *_ in parts) or 1.0
    for word, value, colour, hatch in parts:
        share, count = 100 * float(value or 0) / total, int(value or 0)
        words = f"{count} ({share:.0f}%)" if share >= 12 else f"{count}" if share >= 4 else ""
        yield share, colour, hatch, word, f"class-{word}", words


def ratings(result: Any, *, example: bool = False, ax: Axes | None = None) -> Axes:
    """Draw each scenario's ratings: how many panellists gave each value, and the median.

    Parameters
    ----------
    result : Appropriateness
        With its ratings (scenarios by panellists) and its table of medians and classes.
    example : bool
        Mark the data as invented.
    ax : Axes, optional
    """
    ax = axes(ax)
    table, given = result.table, result.ratings
    for (low, high), word in zip(((0.5, 3.5), (3.5, 6.5), (6.5, 9.5)), CLASSES, strict=True):
        ax.axvspan(low, high, color=SHADE if word == "equivocal" else PAPER, linewidth=0, zorder=0)
        text(ax, (low + high) / 2, -0.75, _word(word, set(table["class"])), ha="center", va="center")
    values = given.to_numpy() if hasattr(given, "to_numpy") else given
    for y, row in enumerate(values):
        ax.plot([0.5, 9.5], [y, y], color=FAINT, linewidth=0.6, zorder=1)
        for value in range(1, 10):
            count = int((row == value).sum())
            if count:
                ax.scatter([value], [y], s=150, facecolors=PAPER, edgecolors=INK, linewidths=0.8, zorder=2, gid="count")
                text(ax, value, y, str(count), ha="center", va="center_baseline", zorder=3)
        ax.scatter([table["median"].iloc[y]], [y + 0.4], marker="^", s=46, color=INK, zorder=3, gid="median")
    verdicts = [f"{row['class']}; {row['dispersion']}" for row in table.to_dict("records")]
    names = ["\n".join(wrap(str(name), 130, FONT)) for name in table["scenario"]]
    # A narrow figure has no room beside the ratings: there the verdict stands under the name.
    narrow = ax.get_figure(root=True).get_figwidth() < _NARROW
    if narrow:
        names = ["\n".join([name, *wrap(said, 80, FONT)]) for name, said in zip(names, verdicts, strict=True)]
    for y, said in () if narrow else enumerate(verdicts):
        text(ax, 9.65, y, said, va="center")
    ax.set_yticks(range(len(table)), names, fontsize=FONT)
    ax.set_xticks(range(1, 10))
    ax.set(xlim=(0.5, 9.5 if narrow else 14.5), ylim=(len(table) - 0.3, -1.1))
    ax.spines["bottom"].set_bounds(0.5, 9.5)
    note = "Rating, 1 to 9; circles hold how many gave it, triangles are medians"
    note = f"{note}.{' Invented example.' if example else ''}"
    ax.set_xlabel("\n".join(wrap(note, 170, FONT)) if narrow else note, fontsize=FONT, loc="left")
    return ax


def _word(word, used) -> str:
    """Return the middle class in the word that the result uses."""
    return "uncertain" if word == "equivocal" and "equivocal" not in used else word


def ratings_flow(
    change: Any,
    *,
    before: Any = "First round",
    after: Any = "Second round",
    example: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw how scenarios moved between classes from one round to the next, as bands as thick as their number.

    Parameters
    ----------
    change : DataFrame
        A row per scenario with class_before and class_after (from `round_change`).
    before, after : str
    example : bool
    ax : Axes, optional
    """
    ax = clear(ax)
    order = ["appropriate", "equivocal", "inappropriate"]
    pairs = [
        (_ALIAS.get(a, a), _ALIAS.get(b, b)) for a, b in zip(change["class_before"], change["class_after"], strict=True)
    ]
    total, gap = len(pairs), 0.06 * len(pairs)
    tops = [{}, {}]
    for side, (x, beside, align, when) in enumerate(((0.0, -0.02, "right", "before"), (0.94, 1.02, "left", "after"))):
        y = 0.0
        for word in order:
            count = sum(p[side] == word for p in pairs)
            tops[side][word] = y
            look: Any = {"color": CLASSES[word], "edgecolor": INK, "linewidth": 0.6, "hatch": _HATCH[word]}
            ax.bar(x, count, width=0.06, bottom=y, align="edge", gid=f"{when}-{word}", **look)
            text(ax, beside, y + count / 2, f"{word} {count}", ha=align, va="center")
            y += count + gap
    for a, b in product(order, order):
        if count := sum(p == (a, b) for p in pairs):
            _band(ax, tops[0][a], tops[1][b], count, CLASSES[a])
            tops[0][a] += count
            tops[1][b] += count
    ax.set(xlim=(-0.55, 1.55), ylim=(total + 2.6 * gap, -2.2 * gap))
    text(ax, 0.03, -1.2 * gap, before, ha="center", fontweight="bold")
    text(ax, 0.97, -1.2 * gap, after + (" (invented example)" if example else ""), ha="center", fontweight="bold")
    return ax


def _band(ax, left, right, count, colour):
    """Draw one band from a class before to a class after, with its number on it."""
    from numpy import linspace

    x = linspace(0, 1, 40)
    bend = 3 * x**2 - 2 * x**3
    low = left + (right - left) * bend
    ax.fill_between(0.06 + 0.88 * x, low, low + count, color=colour, alpha=0.45, linewidth=0, gid="flow")
    at = 0.22
    middle = left + (right - left) * (3 * at**2 - 2 * at**3) + count / 2
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.85}
    text(ax, 0.06 + 0.88 * at, middle, str(count), ha="center", va="center", bbox=paper)
