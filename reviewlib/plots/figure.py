"""From a drawn figure to bytes and to a page: the same bytes every time, text that can be selected, words for the ear.

Text in an SVG stays text. It is 9 points, which is 12 CSS px at the figure's natural size, so a page never shrinks a
figure: a wide one scrolls in its own region, and where a narrow twin is given a phone shows that one instead.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from html import escape
from io import BytesIO, StringIO
from typing import Any

from ..errors import EvidenceError
from ..html import Block, Html, cell, plain
from ..meaning.words import signed
from ..typed import Axes, Figure
from ..viewer import picture
from .sheets import FIGURE_CSS

DPI = 100  # of a picture inside a notebook: as wide as its column
WIDTHS: dict[Any, float] = {"paper": 7.0, "phone": 3.5}  # inches: a page (178 mm), a column or a phone (89 mm, 336 px)
_KEPT: ContextVar[dict[str, tuple[Figure, ...]] | None] = ContextVar("_KEPT", default=None)
_BANNED = re.compile(r"\b(significan\w*|trends?|no effect)\b", re.IGNORECASE)
_FONT = 'font-family="DejaVu Sans, Verdana, Arial, sans-serif"'
_SALT: Any = {"svg.hashsalt": "reviewlib", "svg.fonttype": "none"}


def new_axes(width: float | str = "paper", height: float | None = None, *, rows: Any = None) -> Axes:
    """Return an axes alone on a new figure that pyplot does not know.

    Parameters
    ----------
    width : "paper", "phone" or float
        Inches.
    height : float, optional
        Inches; default 0.62 of the width, or what `rows` lines of text need.
    rows : int, optional
        Lines of text the figure holds beside its axis.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    inches = WIDTHS[width] if width in WIDTHS else float(width)
    height = height or (1.0 + 0.24 * rows if rows else 0.62 * inches)
    fig = Figure(figsize=(inches, height), facecolor="white", layout="constrained")
    FigureCanvasAgg(fig)
    return fig.add_subplot()


def draw(
    plot: Callable,
    *args: Any,
    width: float | str = "paper",
    height: float | None = None,
    rows: Any = None,
    **options: Any,
) -> Figure:
    """Return a new figure with one picture: ``draw(plots.funnel, result)``; options go to the plot."""
    ax = new_axes(width, height, rows=rows)
    plot(*args, ax=ax, **options)
    return ax.get_figure(root=True)


def png(fig: Figure, *, dpi: int = 200, colours: int | None = 48) -> bytes:
    """Return the figure as PNG of few colours, a quarter of the size; the same figure gives the same bytes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    dpi : int
    colours : int or None
        None keeps every shade, in a fifth of the time.
    """
    drawn, out = BytesIO(), BytesIO()
    fig.savefig(drawn, format="rgba", dpi=dpi)
    wide, tall = (int(dpi * inches) for inches in fig.get_size_inches())
    if colours is None:
        return _shades(drawn.getvalue(), wide, tall, dpi)
    from PIL import Image

    image = Image.frombytes("RGBA", (wide, tall), drawn.getvalue()).convert("RGB")
    image.quantize(colours).save(out, format="PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue()


def _shades(pixels, wide, tall, dpi) -> bytes:
    """Return pixels of four bytes as PNG with every shade.

    Rows as they are: the filters of PNG, made for photographs, take half the time and make a drawing larger.
    """
    import numpy as np

    rows = np.zeros((tall, 1 + 3 * wide), np.uint8)
    for i in range(3):
        rows[:, 1 + i :: 3] = np.frombuffer(pixels, np.uint8, 4 * wide * tall).reshape(tall, wide, 4)[:, :, i]
    metre = round(dpi / 0.0254)
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", wide, tall, 8, 2, 0, 0, 0),
        b"pHYs": struct.pack(">IIB", metre, metre, 1),
        b"IDAT": zlib.compress(rows.tobytes(), 3),
        b"IEND": b"",
    }
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def stripe(parts: Sequence[tuple[float, str | None]], *, width: int = 160, height: int = 14) -> bytes:
    """Return a bar of shares as PNG, a few hundred bytes, for viewers that keep no colour of a page.

    Parameters
    ----------
    parts : sequence of (share, colour)
        Shares from 0 to 1, from left to right; no colour leaves its part white.
    width, height : int
        In pixels.
    """
    from PIL import Image, ImageDraw

    image, out, at = Image.new("RGB", (width, height), "white"), BytesIO(), 0.0
    draw = ImageDraw.Draw(image)
    for share, colour in parts:
        draw.rectangle((round(at * width), 0, round((at + share) * width) - 1, height), fill=colour or "white")
        at += share
    draw.rectangle((0, 0, width - 1, height - 1), outline="gray")
    image.quantize(8).save(out, format="PNG", optimize=True)
    return out.getvalue()


def svg(fig: Figure, *, alt: str = "", key: str | None = None, classes: str = "") -> str:
    """Return the figure as an `<svg>` element for a page; the same figure gives the same bytes.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        What the picture says, in words; without it the picture is hidden from screen readers.
    key : str, optional
        Start of every id inside; default a digest of the picture, so that several pictures share a page.
    """
    from matplotlib import rc_context

    out = StringIO()
    with rc_context(_SALT):
        fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>\s*|<style[^>]*>.*?</style>\s*", "", text[text.index("<svg") :], flags=re.S)
    key = key or "f" + sha256(text.encode()).hexdigest()[:8]
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{key}-", text)
    text = re.sub(r"<text (.*?)>", _css_pixels, text)
    width, height = (float(v) for v in re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text).groups())
    size = f'width="{width * 96 / 72:g}" height="{height * 96 / 72:g}"'
    name = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
    name += f' class="{escape(classes)}"' if classes else ""
    head = f'<svg {size} stroke-linejoin="round" stroke-linecap="butt" focusable="false" {name} {_FONT}'
    return re.sub(
        r'^<svg (.*?)width="[\d.]+pt" height="[\d.]+pt"', rf"{head} \1".replace("\\1", r"\g<1>"), text, count=1
    )


def _css_pixels(match) -> str:
    """Return the start of a text element whose font size is given in CSS px, scaled back to the figure's points."""
    text = match[1]
    place = re.search(r'\bx="([-\d.]+)" y="([-\d.]+)"', text)
    if place is None:
        return match[0]
    x, y = place.groups()
    turn = re.search(r'transform="rotate\(([-\d.]+)', text)
    style = re.sub(r"font-size: ([\d.]+)px", lambda m: f"font-size: {float(m[1]) * 96 / 72:g}px", text)
    style = re.sub(r" font-family: [^;\"]*;", "", style)
    style = re.sub(r'\s*\b[xy]="[-\d.]+"|\s*transform="[^"]*"', "", style)
    angle = float(turn[1]) if turn else 0.0
    rotate = f" rotate({angle:g})" if angle else ""
    return f'<text {style} transform="translate({x} {y}){rotate} scale(.75)">'


def figure_html(
    fig: Figure, *, alt: str, caption: str = "", phone: Any = None, key: str | None = None, style: Any = True
) -> Html:
    """Return a `<figure>` with the picture inline, its alternative text and its caption.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    alt : str
        Says what the picture shows, with its main numbers; see `alt_forest` and its like.
    caption : str or Html
        Shown under the picture.
    phone : matplotlib.figure.Figure, optional
        Narrow twin for screens below 44 rem.
    key, style
        Start of the ids; whether to bring `FIGURE_CSS` along.

    Raises
    ------
    EvidenceError
        When the alternative text is too short to say anything, or uses a word that no page may use.
    """
    check_alt(alt)
    parts = svg(fig, alt=alt, key=key)
    twin = (
        "" if phone is None else svg(phone, alt=alt, key=None if key is None else f"{key}-phone", classes="plot-phone")
    )
    label = escape(f"Figure: {plain(caption) or alt[:80]}")
    foot = f"<figcaption>{cell(caption)}</figcaption>" if caption else ""
    return Html(
        (f"<style>{FIGURE_CSS}</style>" if style else "")
        + f'<figure class="plot-figure{" has-phone" if twin else ""}">'
        + f'<div class="plot-scroll" role="region" tabindex="0" aria-label="{label}">{parts}</div>{twin}{foot}</figure>'
    )


def figure_block(
    fig: Figure, *, alt: str, caption: str = "", phone: Any = None, key: str | None = None, style: Any = True
) -> Block:
    """Return the figure as an output of a notebook cell: page, terminal and bitmap; parameters of `figure_html`."""
    alt = signed(alt)
    if (kept := _KEPT.get()) is not None:
        kept[alt] = (fig,) if phone is None else (fig, phone)
        return Block("", alt)
    html = figure_html(fig, alt=alt, caption=caption, phone=phone, key=key, style=style)
    bitmap = picture(png(fig, dpi=DPI, colours=32), alt)
    return Block(Html(html.replace("</svg>", f"</svg>{bitmap}", 1)), f"{plain(caption)}\n{alt}".strip())


@contextmanager
def keeping() -> Iterator[dict[str, tuple[Figure, ...]]]:
    """Hand over the figures that `figure_block` is given meanwhile, by their alternative text, in place of outputs."""
    kept: dict[str, tuple[Figure, ...]] = {}
    before = _KEPT.set(kept)
    try:
        yield kept
    finally:
        _KEPT.reset(before)


def check_alt(alt: str) -> None:
    """Refuse alternative text that says nothing, or says it in words that mislead."""
    if len(alt.strip()) < 40:
        raise EvidenceError(f"alternative text must say what the picture shows, got {alt!r}")
    if found := _BANNED.search(alt):
        raise EvidenceError(f"alternative text must not say {found[0]!r}: give the estimate and its interval")
