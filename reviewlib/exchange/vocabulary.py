"""The words and names by which columns are known, as names.yml lists them."""

from __future__ import annotations

from pathlib import Path

from ..evidence.schema import yaml_of

NAMES = yaml_of(Path(__file__).with_name("names.yml"))


def words_of(part: str) -> dict[str, tuple[str, ...]]:
    """Return the words of each entry of a part of names.yml."""
    return {name: tuple(words.split()) for name, words in NAMES[part].items()}
