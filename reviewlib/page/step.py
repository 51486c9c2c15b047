"""One step of a worked example in a notebook: what was computed, and the rows that it was computed from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..evidence import Topic
from ..html import Html
from ..meaning.certainty import DOWN, UP, Certainty
from .block import Block, bullets, join, paragraph, table_block
from .provenance import read_in, rests_on


def step(topic: Topic, key: str, shown: Any, caption: str = "") -> Block:
    """What a step of a worked example gives, above a link to the rows it rests on.

    Parameters
    ----------
    topic : Topic
    key : str
        A comparison of the topic, or a panel of its ratings.
    shown : DataFrame, Block, str, Certainty or result
        A frame becomes a table under `caption`, its columns named as in the tables; a rating becomes its reasons, one a
        line; a result shows itself.
    caption : str
        Of the table.
    """
    if isinstance(shown, pd.DataFrame):
        shown = table_block(shown, caption)
    elif isinstance(shown, str):
        shown = paragraph(shown)
    elif isinstance(shown, Certainty):
        shown = _reasons(shown)
    elif not isinstance(shown, Block):
        shown = Block(Html(shown._repr_html_()), str(shown))
    if key in [comparison["id"] for comparison in topic.comparisons]:
        return join(shown, rests_on(topic, key))
    ratings = topic.text.get("ratings")
    rows = None if ratings is None else ratings[ratings["panel"] == key]
    if rows is None or rows.empty:
        topic.comparison(key)  # refuses a name that stands for nothing here, and says which there are
    return join(shown, read_in(topic, rows))


def _reasons(rated) -> Block:
    """Return where a rating starts, what each domain takes off or adds and why, and where it ends."""
    moves = {0: "no change", 1: "1 level up", -1: "1 level down"}
    said = {"start": rated.start, "level": rated.level}
    said |= {d: moves.get(n, f"{abs(n)} levels {'up' if n > 0 else 'down'}") for d, n in rated.steps.items()}
    names = [name for name in ("start", *DOWN, *UP, "level") if said.get(name)]
    heads = (f"{name.replace('-', ' ').capitalize()}, {said[name]}" for name in names)
    return bullets(
        f"{head}: {rated.reasons[n]}" if n in rated.reasons else head for n, head in zip(names, heads, strict=True)
    )
