"""What could change the answer: for the weightiest pool in the open, for every other pool under its title."""

from __future__ import annotations

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.answer import headline
from ..meaning.sof_rows import difference
from ..meaning.summary_of_findings import by_weight
from ..meaning.words import count
from .analysis import multiverse, sensitivity
from .block import Block, details, fold, join, paragraph
from .tables import missing
from .variants import variants


def could_change(topic: Topic) -> Block:
    """Other sets of trials, other rules and missing results: the first pool in the open, the others folded.

    Parameters
    ----------
    topic : Topic
    """
    if not topic.comparisons:
        return paragraph("No comparison is written in topic.yml yet.", "note")
    pools = [found for found in by_weight(topic) if found.pooled is not None]
    first = headline(topic)
    alone = None
    if first.pooled is None:
        title = first.title
        alone = paragraph(f"The answer above ({title}) is not a pool: no other rule can change it, another trial can.")
    rest = [_folded(topic, found) for found in pools[1:]]
    other = fold(count(len(rest), "other pool"), *rest) if rest else None
    return join(alone, *(_pool(topic, found) for found in pools[:1]), other, missing(topic))


def _pool(topic, found) -> Block:
    key = found.comparison["id"]
    return join(sensitivity(topic, key), multiverse(topic, key), variants(topic, key))


def _folded(topic, found) -> Block:
    title = found.title
    head = Html(f'{cell(title)} <span class="hint">{cell(difference(found))}</span>')
    return details(head, _pool(topic, found))
