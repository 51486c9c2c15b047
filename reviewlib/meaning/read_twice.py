"""How many of the numbers in use were read twice: what one person typed once, nobody has checked."""

from __future__ import annotations

from dataclasses import dataclass

from ..evidence import Topic
from ..evidence.readings import cells_read
from ..evidence.schema import schemas
from .words import count

_OF_PANELS = ("ratings", "panel_statistics")
_SAME_SOURCE = "publication"


@dataclass(frozen=True, slots=True)
class ReadTwice:
    """Numbers in use, how many have a second reading, and how many of those were read again in the publication."""

    numbers: int
    twice: int
    in_source: int

    @property
    def sentence(self) -> str:
        """The count in words; without a second reading it says that too, without a number it says nothing."""
        if not self.numbers:
            return ""
        if not self.twice:
            return f"None of the {count(self.numbers, 'number')} in use was read twice."
        said = f"{self.twice:,} of {count(self.numbers, 'number')} in use were read twice"
        collected = self.twice - self.in_source
        if not self.in_source:
            return f"{said}, the second time in the facts collected from the sources, not in the sources themselves."
        if not collected:
            return f"{said}, both times in the source itself."
        return f"{said}: {self.in_source:,} in the source itself again, {collected:,} in the facts collected from it."


def read_twice(topic: Topic) -> ReadTwice:
    """Count the numbers in use and their second readings.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`. In use are the numbers of results that a comparison takes up (`synthesis`), and every
        number of a panel's `ratings` and `panel_statistics`.

    Returns
    -------
    ReadTwice
        numbers, twice, in_source: cells that hold a number, those that a row of `readings` names, and those of them
        that were read from the publication.
    """
    again = {
        (row.table, row.record, column): row.read_from
        for row in topic.text["readings"].itertuples()
        for column in cells_read(row.cells)
    }
    found = [again.get(cell) for cell in _in_use(topic)]
    twice = [place for place in found if place is not None]
    return ReadTwice(len(found), len(twice), sum(place == _SAME_SOURCE for place in twice))


def _in_use(topic: Topic) -> list[tuple[str, str, str]]:
    """Return table, row and column of every number that a comparison or a panel takes up."""
    taken = topic.tables["synthesis"]
    cells = []
    for name in ("results", *_OF_PANELS):
        schema, text = schemas()[name], topic.text[name]
        key = schema.names[0]
        if name == "results":
            text = text[text[key].isin(taken.loc[taken["use"] != "no", "result_id"])]
        numeric = [column.name for column in schema.columns if column.type in ("number", "integer")]
        for column in numeric:
            cells += [(name, record, column) for record, there in zip(text[key], text[column], strict=True) if there]
    return cells
