"""Words in a row that speak against one of its numbers, and those that deny them, as phrases.yml lists them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from ..files import yaml_of


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
