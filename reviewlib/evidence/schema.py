"""The dictionary of the evidence tables, and how a cell's text becomes a value.

`tables.yml` holds one schema for every kind of table. Everything else that speaks of columns (the Frictionless data
package, the data dictionary, the checker, the typed frames) is made from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..cells import advice
from ..measures import ARMS, CONTRAST, COUNTS, MEASURES, PERSON_TIME, printed_measures

_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_ID = r"[a-z0-9]+(-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of table, as `tables.yml` describes it.

    Rows are grouped or joined by a column of `words`: each is one of those that topic.yml lists for it.
    """

    name: str
    type: str
    title: str
    description: str
    example: str
    required: bool = False
    unique: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    references: str | None = None
    words: bool = False

    @property
    def constraints(self) -> dict:
        """Return the Frictionless constraints that both versions of the standard know."""
        found = {"required": self.required or None, "unique": self.unique or None}
        found |= {"minimum": self.minimum, "maximum": self.maximum, "pattern": self.pattern}
        found["enum"] = list(self.enum) or None
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Schema:
    """One kind of table: a shared one at the top of `evidence/`, or one of every topic."""

    name: str
    scope: str
    title: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns, in the order of the file."""
        return tuple(column.name for column in self.columns)

    def header(self, there: Iterable[str]) -> tuple[str, ...]:
        """Return the header of a table: every column that is needed, and the optional ones that are `there`."""
        return tuple(column.name for column in self.columns if not column.optional or column.name in there)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@cache
def _dictionary() -> dict:
    text = Path(__file__).with_name("tables.yml").read_text(encoding="utf-8")
    names = printed_measures()
    said = "; ".join(f"{name} {MEASURES[name].label}" for name in names)
    compared = ", ".join(name for name in names if MEASURES[name].columns in (ARMS, COUNTS, PERSON_TIME, CONTRAST))
    for word, meant in (("measures", ", ".join(names)), ("measures in words", said), ("compared", compared)):
        text = text.replace(f"<{word}>", meant)
    return yaml.load(text, Loader=_SAFE)


def instead(word: Any, enum: Iterable) -> str:
    """Return what to write instead of a word that is none of `enum`."""
    ways = [way for form, way in _dictionary()["otherwise"].items() if re.fullmatch(form, str(word).strip())]
    return ". ".join([f"Use one of: {', '.join(map(str, enum))}", *ways])


@cache
def topic_keys() -> dict[str, dict]:
    """Return what topic.yml holds; a key that ends in ``?`` may be left out."""
    listed = {c.name: s.name for s in schemas().values() for c in s.columns if c.words}
    lists = {f"{name}?": {"type": "texts", "description": f"Words of the column `{name}`"} for name in listed}
    keys = _dictionary()["topic"]
    said = f"{keys['words?']['description']}: {', '.join(listed)}"
    return keys | {"words?": keys["words?"] | {"description": said, "keys": lists}}


def review_keys() -> dict[str, dict]:
    """Return what review.yml holds; a key that ends in ``?`` may be left out."""
    return _dictionary()["review"]


def key_kinds() -> dict[str, list[str]]:
    """Return what a value of each kind of key is held against: rule, remedy and, for some, a pattern."""
    return _dictionary()["kinds"]


@cache
def schemas() -> dict[str, Schema]:
    """Return every kind of table by name, shared ones first."""
    document = _dictionary()
    tables = document["tables"]
    return {
        name: _schema(name, {**tables.get(table.get("like"), {}), **table}, document["columns"])
        for name, table in tables.items()
    }


def _schema(name: str, table: dict, common: dict) -> Schema:
    columns = tuple(_column(key, {**common.get(key, {}), **own}) for key, own in table["columns"].items())
    return Schema(name, table["scope"], table["title"], table["description"], tuple(table["key"]), columns)


def _column(name: str, words: dict) -> Column:
    words = dict(words)
    words["example"] = str(words.get("example", ""))
    words["enum"] = tuple(words.get("enum", ()))
    if words["type"] == "id":
        words.setdefault("pattern", _ID)
    return Column(name, **words)


def value_of(column: Column, text: str) -> Any:
    """Return the value of a cell: float, int or str, and None for an empty cell.

    Parameters
    ----------
    column : Column
        Says the type.
    text : str
        What was typed.

    Raises
    ------
    ValueError
        The text is not of that type; the message is the rule that it breaks.
    """
    if text == "":
        return None
    if column.type == "number":
        if not _NUMBER.fullmatch(text):
            raise ValueError("is not a number")
        return float(text)
    if column.type == "integer":
        if not _INTEGER.fullmatch(text):
            raise ValueError("is not a whole number")
        return int(text)
    if column.type == "date":
        try:
            if len(text) != 10:
                raise ValueError
            date.fromisoformat(text)
        except ValueError:
            raise ValueError("is not a date") from None
    return text


def broken_rule(column: Column, text: str) -> tuple[str, str] | None:
    """Return the rule that a cell breaks and the remedy, or None for a good cell.

    The remedy for a number never guesses a value; only a letter typed for a digit is named as such.
    """
    if text == "":
        remedy = f"Fill it in. {column.title}: {column.description}"
        return ("the cell is empty, but every row needs it", remedy) if column.required else None
    if text != text.strip():
        return "there is a blank before or after the text", "Delete the blank"
    try:
        value = value_of(column, text)
    except ValueError as error:
        several = advice(text, column.name) if column.type in ("number", "integer") else None
        return several or (str(error), _typing_remedy(column, text))
    return _constraint(column, text, value)


def _constraint(column: Column, text: str, value) -> tuple[str, str] | None:
    again = "Look again at the place in the source that the row names"
    if column.minimum is not None and value < column.minimum:
        return f"is below {column.minimum:g}, the least that makes sense here", again
    if column.maximum is not None and value > column.maximum:
        return f"is above {column.maximum:g}, the most that makes sense here", again
    if column.enum and text not in column.enum:
        return "is not one of the words of this column", instead(text, column.enum)
    if column.pattern and not re.fullmatch(column.pattern, text):
        if column.type == "id":
            return "is not an identifier", "Use lower-case letters, digits and single hyphens only"
        remedy = f"Write it like this: {column.example}. {column.description}"
        return "is not written the way this column is written", remedy
    return None


_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})


def _typing_remedy(column: Column, text: str) -> str:
    if column.type == "date":
        return "Write year-month-day, like 2026-11-22"
    pattern = _INTEGER if column.type == "integer" else _NUMBER
    if text.upper() in {"NA", "N/A", "NAN", "NULL", "NONE", "-", "NR", "?"}:
        return "Leave the cell empty when the source does not report it"
    if any(sign in text for sign in "\u2212\u2013\u2012\u2014"):
        return "Write a minus sign as the plain hyphen of the keyboard"
    digits = text.translate(_LOOKALIKES)
    if digits != text and pattern.fullmatch(digits) and any(sign.isdigit() for sign in text):
        return f"There is a letter in place of a digit (O for 0, l for 1): did you mean {digits}?"
    if "," in text:
        return "Write the decimal mark as a point, and no mark between thousands"
    if text.startswith((".", "-.")):
        return "Write a zero before the point"
    if column.type == "integer" and _NUMBER.fullmatch(text):
        return "Write digits only; look again at the source if it prints a fraction here"
    return "Write digits only; put words into the column for notes"
