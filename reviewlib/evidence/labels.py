"""When two labels are the same to a reader: case, spaces, marks and letters that look alike do not tell them apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

# Letters of other alphabets and digits that print like a Latin letter in most fonts: pairs of one and the other.
_ALIKE = (
    "\u0430a \u0435e \u043eo \u0440p \u0441c \u0443y \u0445x \u0456i \u0458j \u0455s \u0501d \u051bq \u051dw \u04bbh "
    "\u043ak \u043cm \u0442t \u0432b \u043dh \u03b1a \u03bfo \u03c1p \u03c5u \u03bdv \u03b9i \u03bak \u03c4t \u03c7x "
    "\u0131i \u0142l \u00f8o 0o 1l \u0111d \u00f0d \u00feth \u00e6ae \u0153oe"
)
_LATIN = str.maketrans({pair[0]: pair[1:] for pair in _ALIKE.split()})


@cache
def folded(label: str | None) -> str:
    """Return a label as a reader sees it, for comparing it with another one.

    Examples
    --------
    >>> folded("Chan\u00a02011 ") == folded("chan 2011") == folded("\u0421han2011")
    True
    """
    plain = unicodedata.normalize("NFKD", label or "").casefold().translate(_LATIN)
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LN") or plain


def slug(text: str) -> str:
    """Return text as an identifier: lower-case letters and digits, single hyphens.

    Examples
    --------
    >>> slug("Sm\u00f8rg\u00e5s & Stra\u00dfe, 2nd")
    'smorgas-strasse-2nd'
    """
    bare = unicodedata.normalize("NFKD", text.replace("\u00df", "ss").replace("\u00f8", "o")).encode("ascii", "ignore")
    return re.sub(r"[^a-z0-9]+", "-", bare.decode().lower()).strip("-")


def drawn(label: str | None) -> str:
    """Return a label by the shapes of its letters: a capital I (and a bar) is a small l, which `folded` tells apart.

    Examples
    --------
    >>> drawn("AIi 2001") == drawn("Ali 2001"), folded("AIi 2001") == folded("Ali 2001")
    (True, False)
    """
    return folded((label or "").replace("I", "l").replace("|", "l"))


def nearest(word: str, known: Iterable[str | None]) -> str:
    """Return the remedy for a name that is not there: the nearest one that is; else ""."""
    near = get_close_matches(word, [name for name in known if name], 1)
    return f"Did you mean {near[0]}?" if near else ""


def trials_named(row: Mapping[str, Any]) -> tuple[list[str], bool]:
    """Return the trials that a published pool names, and whether they are all: "and others" ends a list that is not.

    Examples
    --------
    >>> trials_named({"trials": "BREATHE; BEACON; and others"})
    (['BREATHE', 'BEACON'], False)
    """
    parts = [part.strip() for part in (row.get("trials") or "").split(";") if part.strip()]
    return [part for part in parts if part != "and others"], "and others" not in parts


# A letter of another alphabet in a Latin word. Greek letters are symbols too (as in TNF\u03b1 and \u03bcm): they are
# strange only inside a word, or as a capital that is drawn like a Latin one.
_OTHERS = "[\u0400-\u052f\u0531-\u0587\u13a0-\u13ff\u2c80-\u2cff\uff21-\uff5a]"
_LATIN_LETTER = "[A-Za-z\u00c0-\u024f]"
_GREEK_CAPITAL = "[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf]"
_MIXED = re.compile(
    rf"(?<={_LATIN_LETTER})({_OTHERS}|{_GREEK_CAPITAL})|({_OTHERS}|{_GREEK_CAPITAL})(?={_LATIN_LETTER})"
    r"|(?<=[A-Za-z])([\u03b1-\u03c9])(?=[a-z]{2})"
)


def foreign_letter(text: str) -> str:
    """Return the name of a letter of another alphabet inside a Latin word, where no reader sees it; else "".

    Examples
    --------
    >>> foreign_letter("p\u0430in"), foreign_letter("TNF\u03b1 of 5 \u03bcg")
    ('cyrillic small letter a', '')
    """
    if text.isascii():
        return ""
    mixed, cyrillic = _MIXED.search(text), re.findall("[\u0400-\u052f]", text)
    if mixed is None and cyrillic and re.search("[A-Za-z]", text):  # a whole word may be drawn with such letters
        mixed = cyrillic if all(sign.casefold().translate(_LATIN).isascii() for sign in cyrillic) else None
    return unicodedata.name(mixed[0], "unnamed").lower() if mixed else ""
