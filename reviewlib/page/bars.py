"""Shares as a table with a bar per row and the same in words: legible at any width, read aloud, light on the page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ..html import Html
from ..plots.figure import stripe
from ..viewer import picture
from .block import Block, table_block


def bars(
    lines: Sequence[tuple[str, Sequence[tuple[str, float, str | None]], str]],
    caption: str,
    heads: Sequence[str] = ("", "Share", "In words"),
) -> Block:
    """A table of shares.

    Parameters
    ----------
    lines : sequence of (label, parts, words)
        The parts of a line are (name, share from 0 to 1, colour); the words name every part with its share.
    caption : str
    heads : sequence of str
        Of the label, the bar and the words.
    """
    cells = [(label, _bar(parts, f"{label}: {words}"), words) for label, parts, words in lines]
    table = [dict(zip(heads, line, strict=True)) for line in cells]
    return table_block(pd.DataFrame(table, columns=list(heads)), caption, classes="keep shares")


def _bar(parts, alt) -> Html:
    stops, at = [], 0.0
    for _, share, colour in parts:
        stops.append(f"{colour or 'transparent'} {at:.1%} {at + share:.1%}")
        at += share
    drawn = picture(stripe([(share, colour) for _, share, colour in parts]), f"A bar of shares. {alt}")
    return Html(f'<span class="share" style="background:linear-gradient(90deg,{",".join(stops)})"></span>{drawn}')
