"""Words in a row that speak for or against one of its numbers, as phrases.yml lists them, and where to look again."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ..files import yaml_of
from .rows import Row

ONE_GROUP = ("mean", "proportion", "NNT")  # measures of no comparison


@cache
def phrases() -> dict[str, Any]:
    """Return the words and patterns that rules look for."""
    return yaml_of(Path(__file__).with_name("phrases.yml"))


def found(phrase: str, text: str) -> re.Match | None:
    """Return where a text holds one of the phrases, whatever the case."""
    return re.search(phrases()[phrase], text, re.IGNORECASE)


def said(signs: str, denied: str, text: str) -> str:
    """Return the first words of a text that are one of the signs and are not denied just before, else "".

    Parameters
    ----------
    signs, denied : str
        Their names in phrases.yml.
    text : str

    Examples
    --------
    >>> said("several", "denied", "95% CI, Bonferroni adjusted")
    'Bonferroni'
    >>> said("several", "denied", "95% CI, not Bonferroni adjusted")
    ''
    """
    matches = re.finditer("|".join(phrases()[signs]), text, re.IGNORECASE)
    return next((m[0] for m in matches if not re.search(phrases()[denied], text[: m.start()], re.IGNORECASE)), "")


def look_again(row: Row) -> str:
    """Return the remedy for a number that cannot be right: the place to look at."""
    place = row.text.get("locator") or "the place in the source"
    return f"Look again at the source ({row.text.get('source_id', '')}: {place})"


def half_unit(text: str) -> float:
    """Return half a unit of the last digit printed."""
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


def plain(row: Row) -> bool:
    """Return whether nothing in a row says that its estimate is more than a comparison of its raw arms."""
    return plain_words(row["analysis"], row["notes"])


def plain_words(*texts: str | None) -> bool:
    """Return whether the words of a row (its analysis, its notes) say so."""
    return not found("not_plain", " ".join(filter(None, texts)))
