"""One block for every comparison of a topic, so that a new comparison needs no new cell."""

from __future__ import annotations

from collections.abc import Callable

from ..evidence import Topic
from .block import Block, join, paragraph


def each(topic: Topic, block: Callable) -> Block:
    """One kind of block for every comparison of the summary, in the order of topic.yml.

    Parameters
    ----------
    topic : Topic
    block : callable
        Takes the topic and the id of a comparison: `figures.forest`, `side_by_side`, `sensitivity` ...
    """
    chosen = [c["id"] for c in topic.comparisons if c.get("in_summary", True)]
    if not chosen:
        return paragraph("No comparison stands in topic.yml yet.", "note")
    return join(*(block(topic, comparison) for comparison in chosen))
