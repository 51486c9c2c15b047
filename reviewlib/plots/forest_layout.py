"""Where every word of a forest plot goes, in points, before anything is drawn.

A page has columns from left to right and rows from top to bottom; a row is as tall as its longest cell has lines.
When the room is short, names are wrapped first, then arm columns leave, then the letters get smaller. A page that must
keep its columns gets smaller letters first, then signs of risk of bias in lines of their own; see `complete`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

from .bias import TOTALS
from .fit import FONT, longest_word, text_width, wrap
from .forest_notes import axis_title, footnotes
from .rows import Forest
from .words import is_ratio, sentence

if TYPE_CHECKING:
    from .rows import Row

LINE, PAD = 1.25, 0.5  # height of a line and space between rows, in letters
_MIN_PLOT, _MIN_LABEL = 13.0, 8.0  # in letters


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text: its head, how it is aligned, and its cells as lists of lines."""

    key: str
    head: str
    group: str = ""
    align: str = "right"
    cells: tuple = ()

    def width(self, size: float) -> float:
        """Return the room its cells need; a head is wrapped into it, but no word of it is broken."""
        text = max((text_width(line, size, True) for lines in self.cells for line in lines), default=0.0)
        return max(text, longest_word(self.head, size, True))


@dataclass(slots=True)
class Layout:
    """Places in points: x of columns, y (downwards) of rows, the plot's own stretch, and the words below it."""

    size: float
    width: float
    columns: list = field(default_factory=list)  # (Column, left, right)
    ends: tuple = (0.0, 1.0)  # printed scale
    plot: tuple = (0.0, 0.0)
    null_at: float = 0.0
    favours: list = field(default_factory=list)  # (x, align, text, line)
    rows: list = field(default_factory=list)  # (Row, top, height, label lines)
    top: float = 0.0
    bottom: float = 0.0
    height: float = 0.0
    footer: list = field(default_factory=list)  # lists of lines
    heads: int = 1
    groups: int = 0
    strip: bool = False  # signs of risk of bias in a line under each trial
    left_out: int = 0  # columns that found no room

    def middle(self, row: Row, top: float, height: float) -> float:
        """Return the height of a row's words and mark: above its signs, where these have a line of their own."""
        under = self.strip and len(self.columns) > 1 and row.kind == "study"
        return top + (height - (LINE * self.size if under else 0)) / 2

    @property
    def room(self) -> float:
        """Width of the plot."""
        return self.plot[1] - self.plot[0]


def complete(data: Forest, width: float, size: float, smallest: float | None, **options: Any) -> Layout:
    """Return the layout with the largest letters, from `size` down to `smallest`, in which no column is left out.

    Signs of risk of bias keep their columns where that is possible, else they get a line under each trial. Without a
    smallest size the letters are kept, and arm columns leave.
    """
    steps = [] if smallest is None else [size - i / 2 for i in range(int(2 * (size - smallest)) + 1)]
    for letters, strip in [(s, strip) for strip in (False, True) for s in steps] or [(size, False)]:
        page = arrange(data, width, size=letters, strip=strip, **options)
        if not page.left_out and page.room >= 9 * letters:
            break
    return page


def arrange(
    data: Forest,
    width: float,
    *,
    size: float = FONT,
    columns: Any = "auto",
    favours: Any = None,
    stacked: bool = False,
    strip: bool = False,
    ends: tuple[float, float] = (0.0, 1.0),
) -> Layout:
    """Return the layout of a forest plot that is `width` points wide."""
    page = Layout(size=size, width=width, ends=ends, strip=data.bias is not None and (strip or stacked))
    label = _label_column(data, stacked)
    others = [] if stacked else _text_columns(data, columns, page.strip)
    kept, label_room = _fit(label, others, width, size, columns == "auto", stacked)
    page.left_out = len(others) - len(kept)
    _place_columns(page, label, kept, label_room)
    page.null_at = _null_at(page, data)
    _place_rows(page, data, label_room, stacked)
    _place_footer(page, data, favours)
    return page


def _label_column(data, stacked):
    heads = ["Trial", f"{data.heading}" + (", weight" if data.weighted else "")] if stacked else ["Trial"]
    return Column("label", "; ".join(heads), align="left", cells=tuple([row.label] for row in data.rows))


def _text_columns(data, columns, strip):
    """Return arm columns, then (after the plot) effect, weight and risk of bias."""
    wanted = None if columns == "auto" else set(columns)
    keep = [c for c in data.columns if wanted is None or c[0].split("_")[0] in wanted]
    out = [Column(k, head, group, cells=tuple([row.cells.get(k, "")] for row in data.rows)) for k, head, group in keep]
    known = {"n", "events", "mean", "effect", "weight"}
    for key in () if wanted is None else [c for c in columns if c not in known]:
        texts = tuple([row.cells.get(key, "")] for row in data.rows)
        out.append(Column(key, sentence(key.replace("_", " ")), align="left", cells=texts))
    if wanted is None or "effect" in wanted:
        texts = tuple(
            [data.text(row) if row.estimate is not None or row.kind == "prediction" else ""] for row in data.rows
        )
        out.append(Column("effect", data.heading, cells=texts))
    if data.weighted and (wanted is None or "weight" in wanted):
        out.append(Column("weight", "Weight", cells=tuple([weight_text(row)] for row in data.rows)))
    return out if strip or data.bias is None else out + bias_columns(data)


def weight_text(row: Any) -> str:
    """Return a weight in percent; a study without effect has none."""
    if row.kind == "study" and row.weight is None:
        return "\N{EN DASH}"
    return "" if row.weight is None else f"{100 * row.weight:.1f}%"


def bias_columns(data: Forest) -> list:
    """Return a column per domain; totals are text, everything else a symbol."""
    out = []
    for domain, head in data.bias.letters().items():
        words = [data.bias.cells.get(row.trial, {}).get(domain) if row.kind == "study" else None for row in data.rows]
        cells = tuple([str(w or "")] if domain.lower() in TOTALS else [""] for w in words)
        out.append(Column(f"bias:{domain}", head, "Risk of bias", "center", cells))
    return out


def _fit(label, others, width, size, may_drop, stacked):
    """Return the columns that stay and the room of the names."""
    natural = label.width(size)
    names = [line for lines in label.cells for line in lines]
    words = [text_width(t, size, True) if len(t) <= 18 else longest_word(t, size, True) for t in names]
    least = min(natural, max(_MIN_LABEL * size, min(max(words, default=0.0), 12 * size)))
    if stacked:
        return [], min(max(natural, 0.50 * width), 0.56 * width)
    drops = ["mean", "n", "events"] if may_drop else []
    while True:
        used = sum(_rooms(others, size).values()) + 2 * size
        free = width - used - max(_MIN_PLOT * size, 0.2 * width)
        if free >= least or not drops:
            return others, min(natural, max(free, least))
        gone = drops.pop(0)
        others = [c for c in others if c.key.split("_")[0] != gone]


def _rooms(columns, size):
    """Return the room each column takes, gaps included; a head over several columns widens the first of them."""
    rooms, first = {}, True
    for c in columns:
        if c.key.startswith("bias:"):
            rooms[c.key] = max(1.35 * size, c.width(size) + 0.35 * size) + (0.9 * size if first else 0)
            first = False
        else:
            rooms[c.key] = c.width(size) + 1.1 * size
    for group in {c.group for c in columns if c.group}:
        members = [c.key for c in columns if c.group == group]
        rooms[members[0]] += max(0.0, longest_word(group, size, True) + 1.1 * size - sum(rooms[key] for key in members))
    return rooms


def _place_columns(page, label, others, label_room):
    """Give every column its left and right edge; what is left between them is the plot."""
    size, x = page.size, label_room + 0.9 * page.size
    rooms = _rooms(others, size)
    after = [c for c in others if c.key in ("effect", "weight") or c.key.startswith("bias:")]
    page.columns.append((label, 0.0, label_room))
    for column in [c for c in others if c not in after]:
        page.columns.append((column, x, x + rooms[column.key] - 1.1 * size))
        x += rooms[column.key]
    end, placed = page.width, []
    for column in reversed(after):
        room = rooms[column.key]
        width = (
            max(1.35 * size, column.width(size) + 0.35 * size) if column.key.startswith("bias:") else room - 1.1 * size
        )
        placed.append((column, end - width, end))
        end -= room
    page.columns += reversed(placed)
    page.plot = (x + 0.2 * size, end - (0.2 * size if after else 0.8 * size))
    page.heads = max(len(wrap(c.head, right - left, size, True)) for c, left, right in page.columns)
    groups = group_heads(page)
    page.groups = max((len(wrap(g, right - left, size, True)) for g, left, right in groups), default=0)


def group_heads(page: Layout) -> list[tuple]:
    """Return (text, left, right) of each head that spans several columns."""
    spans = {}
    for column, left, right in page.columns:
        if column.group:
            low, high = spans.get(column.group, (left, right))
            spans[column.group] = (min(low, left), max(high, right))
    return [(group, low, high) for group, (low, high) in spans.items()]


def _place_rows(page, data, label_room, stacked):
    size = page.size
    y = (page.heads + page.groups + page.strip) * LINE * size + 0.6 * size
    page.top = y
    plot_room = page.plot[1] - page.plot[0]
    for row in data.rows:
        bold = row.kind not in ("study", "prediction")
        full = row.kind in ("group", "prediction") and not stacked
        lines = wrap(row.label, page.plot[0] - 0.8 * size if full else label_room, size, bold)
        lines = [line for line in lines if line]
        if row.detail:
            lines += wrap(row.detail, label_room - size, size)
        extra = 0 if stacked or row.estimate is not None else len(wrap(row.word, plot_room, size))
        if stacked:
            lines += stacked_lines(data, row, label_room, size)
        count = max(len(lines), extra, 1) + (page.strip and row.kind == "study")
        height = (count * LINE + PAD) * size
        page.rows.append((row, y, height, lines))
        y += height
    page.bottom = y + 0.2 * size


def strip_places(data: Forest, page: Layout) -> dict[str, float]:
    """Return x of the sign of each domain in a line under a trial; totals are numbers, which have no sign."""
    domains = [domain for domain in data.bias.domains if domain.lower() not in TOTALS]
    return {domain: (0.6 + 1.3 * i) * page.size for i, domain in enumerate(domains)}


def stacked_lines(data: Forest, row: Any, room: float, size: float) -> list:
    """Return the lines under a name on a narrow page: the effect, then its weight."""
    if row.kind == "group":
        return []
    text = data.text(row)
    weight = weight_text(row) if data.pooled and row.kind == "study" and row.weight is not None else ""
    joined = f"{text}; {weight}" if weight else text
    return wrap(joined, room, size, row.kind not in ("study", "prediction"))


def _place_footer(page, data, favours):
    """Find room under the axis for ticks, the name of the scale, the favoured sides and the notes."""
    size, y = page.size, page.bottom + 1.9 * page.size
    page.footer = [wrap(note, page.width, size) for note in footnotes(data)]
    y += LINE * size * len(axis_title(data, page))
    page.favours = favoured_sides(page, favours)
    y += LINE * size * (1 + max((line for *_, line in page.favours), default=-1))
    y += 0.5 * size if page.footer else 0
    page.height = y + LINE * size * sum(map(len, page.footer)) + 0.5 * size


def favoured_sides(page: Layout, favours: Any) -> list[tuple]:
    """Return (x, align, text, line) of the words on each side of the null line.

    Each side starts at the null line where there is room; otherwise it gets lines of its own, against the page's edge.
    """
    if not favours:
        return []
    size, gap, out, line = page.size, 0.5 * page.size, [], 0
    arrows = ("\N{LEFTWARDS ARROW} {}", "{} \N{RIGHTWARDS ARROW}")
    rooms = (page.null_at - gap, page.width - page.null_at - gap)
    texts = [arrow.format(text) if text else "" for arrow, text in zip(arrows, favours, strict=True)]
    beside = all(text_width(text, size) <= room for text, room in zip(texts, rooms, strict=True))
    for side, (text, room) in enumerate(zip(texts, rooms, strict=True)):
        fits = text_width(text, size) <= room
        x = (page.null_at - gap, page.null_at + gap)[side] if fits else (0.0, page.width)[side]
        align = ("right", "left")[side] if fits else ("left", "right")[side]
        for part in wrap(text, page.width, size) if text else []:
            out.append((x, align, part, line))
            line += 0 if beside else 1
    return out


def _null_at(page, data) -> float:
    """Return where the null line is, or the middle of the plot."""
    (low, high), (left, right) = page.ends, page.plot
    if data.null is None or not low < data.null < high:
        return (left + right) / 2
    scale = log if is_ratio(data.measure) else float
    return left + (right - left) * (scale(data.null) - scale(low)) / (scale(high) - scale(low))
