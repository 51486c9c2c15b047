"""One step of a worked example in a notebook: what was computed, and the rows that it was computed from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..evidence import Topic
from ..html import Html
from .block import Block, join, paragraph, table_block
from .provenance import read_in, rests_on


def step(topic: Topic, key: str, shown: Any, caption: str = "") -> Block:
    """What a step of a worked example gives, above a link to the rows it rests on.

    Parameters
    ----------
    topic : Topic
    key : str
        A comparison of the topic, or a panel of its ratings.
    shown : DataFrame, Block, str or result
        A frame becomes a table under `caption`, its columns named as in the tables; a result shows itself.
    caption : str
        Of the table.
    """
    if isinstance(shown, pd.DataFrame):
        shown = table_block(shown, caption)
    elif isinstance(shown, str):
        shown = paragraph(shown)
    elif not isinstance(shown, Block):
        shown = Block(Html(shown._repr_html_()), str(shown))
    if key in [comparison["id"] for comparison in topic.comparisons]:
        return join(shown, rests_on(topic, key))
    ratings = topic.text.get("ratings")
    rows = None if ratings is None else ratings[ratings["panel"] == key]
    if rows is None or rows.empty:
        topic.comparison(key)  # refuses a name that stands for nothing here, and says which there are
    return join(shown, read_in(topic, rows))
