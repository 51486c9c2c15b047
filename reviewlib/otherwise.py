"""What to write where a table holds something else than what is needed: the remedies of otherwise.yml."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .files import yaml_of


def remedies(
    header: Iterable[str], known: Mapping[str, str], needs: Collection[str]
) -> list[tuple[str, Any, list[str]]]:
    """Return what the columns that cannot be read may be, and what to write instead.

    Parameters
    ----------
    header : iterable of str
        The columns as the table names them.
    known : mapping of str to str
        From our names of those that could be read to theirs.
    needs : collection of str
        Our names of those that are needed.

    Returns
    -------
    list of (str, dict, list of str)
        A sentence without its point, its entry, and the columns it is about. A column is spoken of once.
    """
    words = {_words(str(name)): str(name) for name in header}
    out, told = [], set()
    for entry in _entries():
        if not {entry.get("needs")} <= {None, *needs} or not {*entry.get("with", ())} <= {*known}:
            continue
        names = _matched(entry, {word: name for word, name in words.items() if name not in told}, known)
        if names:
            told.update(names)
            out.append((f"{', '.join(names)} {entry['says']}", entry, names))
    return out


def _matched(entry, words, known):
    if "all" in entry:
        each = [next((name for word, name in words.items() if re.fullmatch(p, word)), None) for p in entry["all"]]
        return [] if None in each else each
    part = entry.get("arm")
    form = f".+_(?:{part})(?:_.+)?|(?:{part})_.+" if part else entry.get("any")
    if not form:
        return [known[name] for name in entry["with"]]
    return [name for word, name in words.items() if re.fullmatch(form, word) and not re.fullmatch(part or "", word)]


def _words(name):
    parted = re.sub(r"(?<=[a-z])(?=[A-Z\d])", "_", name.replace("%", " percent "))
    return re.sub(r"[\W_]+", "_", parted).strip("_").lower()


@cache
def _entries():
    return yaml_of(Path(__file__).with_name("otherwise.yml"))
