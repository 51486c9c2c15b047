"""What topic.yml and review.yml name is there, and each of their entries has a name of its own.

`tables.yml` says of a key what it refers to: columns of tables (``panels.panel_id``; one of several is enough), or
``topics``, ``outcomes`` or ``comparisons``; and of a list which keys tell its entries apart (``unique``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from .key_file import KeyFile
from .labels import nearest

_RULES = {
    "topics": "is not a topic of this folder",
    "outcomes": "is not an outcome of this topic",
    "comparisons": "is not a comparison of topic.yml",
}


def note_twins(document: KeyFile, keys: dict[str, dict]) -> None:
    """Note each entry of a list that has the name of an entry before it."""
    for name, words in keys.items():
        for key in words.get("unique", "").split():
            seen = set()
            for i, entry in enumerate(document.entries(name.rstrip("?"))):
                value = entry.get(key)
                if isinstance(value, str) and value in seen:
                    remedy = "Keep one of the two, or give every entry its own"
                    document.note((name.rstrip("?"), i, key), f"the {key} stands twice", remedy, value)
                seen.add(str(value))


def note_strangers(document: KeyFile, keys: dict[str, dict], known: Callable[[str], Collection | None]) -> None:
    """Note each word of a document that names what is not there.

    Parameters
    ----------
    document : KeyFile
    keys : dict
        Its keys, as `tables.yml` describes them.
    known : callable
        ``known(place)`` gives the names that a place holds; None where nobody can tell, or where it is asked elsewhere.
    """
    for path, word, places in _named(document.info, keys, ()):
        there = [known(place) for place in places]
        if None in there or any(word in names for names in there):
            continue
        files = [f"{place.partition('.')[0]}.csv" for place in places]
        if places[0] in _RULES:
            rule, remedy = _RULES[places[0]], f"Name one of: {', '.join(there[0]) or 'none yet'}"
        else:
            rule = f"is not in {files[0]}" if len(files) == 1 else f"is neither in {' nor in '.join(files)}"
            remedy = f"Add the row to {' or '.join(files)}, or correct the name"
        every = [name for names in there for name in names]
        document.note(path, rule, nearest(str(word), every) or remedy, value=word)


def _named(found: dict, keys: dict[str, dict], path: tuple) -> Iterator[tuple[tuple, Any, list[str]]]:
    """Yield (path, word, places where it must be) of every word that refers to something."""
    for name, words in keys.items():
        value, at = found.get(name.rstrip("?")), (*path, name.rstrip("?"))
        several = list(enumerate(value)) if isinstance(value, list) else []
        if "references" in words and value:
            each = [((*at, i), word) for i, word in several] if isinstance(value, list) else [(at, value)]
            yield from ((place, word, words["references"].split()) for place, word in each)
        elif "keys" in words and isinstance(value, dict):
            yield from _named(value, words["keys"], at)
        for i, entry in several if "each" in words else ():
            if isinstance(entry, dict):
                yield from _named(entry, words["each"], (*at, i))
