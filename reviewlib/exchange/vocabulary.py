"""The words and names by which files of others are known, as the YAML files of this room list them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ..files import yaml_of


@cache
def listed(file: str) -> Any:
    """Return the content of a YAML file of this room."""
    return yaml_of(Path(__file__).with_name(file))


NAMES = listed("names.yml")


def words_of(part: str) -> dict[str, tuple[str, ...]]:
    """Return the words of each entry of a part of names.yml."""
    return {name: tuple(words.split()) for name, words in NAMES[part].items()}
