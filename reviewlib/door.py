"""How a public function is called: under our names, in other programs' habits, with a level that is a coverage."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import wraps
from numbers import Number
from typing import Any

from .errors import EvidenceError, UsageError
from .measures import shown_as
from .numeric import absent, read


def coverage(level: float) -> float:
    """Return the coverage of an interval, a fraction from 0.5 to 1; 95 and what may be its complement are refused."""
    if is_number(level):
        if 0.5 <= level < 1:
            return float(level)
        if 0 < level < 0.5:
            raise EvidenceError(f"level is the coverage of the interval, got {level}: write {1 - float(level):g}")
        if 1 < level < 100:
            raise EvidenceError(f"level is a fraction between 0 and 1, got {level}: write {float(level) / 100:g}")
    raise EvidenceError(f"level is a fraction between 0 and 1, such as 0.95, got {level!r}")


@dataclass(frozen=True, slots=True)
class _Habit:
    """A keyword of metafor: our keyword, and what to say where it has none."""

    ours: str = ""
    instead: str = ""


_HABITS = {
    "yi": _Habit("estimate"),
    "vi": _Habit("variance"),
    "slab": _Habit("label"),
    "test": _Habit("ci"),
    "conf_level": _Habit("level"),
    "confidence": _Habit("level"),
    "alpha_level": _Habit("level"),
    "data": _Habit("studies"),
    "fixed": _Habit(instead='use method="CE"'),
    "random": _Habit(instead='use method="REML"'),
    "sei": _Habit(instead="name the column se, and leave out the variance"),
    "mods": _Habit(instead='use meta_regression("~ dose", studies)'),
    "weights": _Habit(instead="weights come from the variances"),
}
_TABLES = ("studies", "table", "rows")  # what our functions call the table that metafor calls data
_CELLS = "ai bi ci di n1i n2i x1i x2i t1i t2i m1i m2i sd1i sd2i xi ni ri"
_INTO = _Habit(instead="put the columns into the table that comes first, under these names")
_HABITS |= dict.fromkeys(_CELLS.split(), _INTO)
_RULES = {
    "knha": "hksj",
    "hk": "hksj",
    "hksj": "hksj",
    "hartungknapp": "hksj",
    "knapphartung": "hksj",
    "z": "wald",
    "wald": "wald",
    "normal": "wald",
    "norm": "wald",
}
RULE_NAMES = {  # what a table or a figure calls a rule
    "wald": "Wald",
    "hksj": "Hartung-Knapp",
    "hksj-floor": "Hartung-Knapp, factor at least one",
    "wider": "wider of the two",
}
_COLUMNS = ("estimate", "variance", "label")


def interval_rule(name: str) -> str:
    """Return our name of an interval rule ("knha" is "hksj", "z" is "wald"); another text as it is."""
    return _RULES.get(re.sub("[^a-z]", "", name.lower()), name) if isinstance(name, str) and "-" not in name else name


def door(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a public function be called with other programs' habits, and refuse a wrong call in a sentence.

    An unknown or missing argument raises UsageError with the names that there are; `level` is checked; "knha", "z" and
    lower-case estimators are brought to our names.
    """
    signature = inspect.signature(function)
    parameters = signature.parameters
    open_end = next((p.name for p in parameters.values() if p.kind is p.VAR_KEYWORD), None)
    known = [name for name in parameters if name != open_end] + list(_COLUMNS if open_end == "columns" else ())
    optional = "level" in parameters and parameters["level"].default is None
    kinds = {name: kind for name, p in parameters.items() if name != "level" and (kind := _kind(str(p.annotation)))}
    first, *rest = parameters.values()
    plain = first.name not in {*kinds, "level", "ci", "measure"} and first.kind is first.POSITIONAL_OR_KEYWORD
    plain = plain and all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in rest)

    @wraps(function)
    def entered(*args, **kwargs):
        if plain and len(args) == 1 and not kwargs:
            return function(*args)  # a table alone: nothing is to be brought to our names
        kwargs = _keywords(function.__name__, known, kwargs, free=open_end not in (None, "columns"))
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as problem:
            raise UsageError(f"{function.__name__}: {problem}. It takes {', '.join(known)}") from None
        given = bound.arguments
        _of_a_kind(function.__name__, given, kinds)
        inner_column = "inner" in known and isinstance(given.get("level"), str)
        if "level" in given and not inner_column and not (optional and given["level"] is None):
            given["level"] = coverage(given["level"])
        if isinstance(given.get("ci"), str) and parameters["ci"].default != "t":
            given["ci"] = interval_rule(given["ci"])
        if isinstance(given.get("measure"), str):
            given["measure"] = shown_as(given["measure"])
        return function(*bound.args, **bound.kwargs)

    return entered


def _kind(annotation):
    """Return "float", "int" or "str" for a parameter of that kind, with " or None" where that is one; "" for others."""
    kind = next((kind for kind in ("float", "int", "str") if annotation.startswith(kind)), "")
    return f"{kind} or None" if kind and ("None" in annotation or kind == "str") else kind


def is_number(value: Any) -> bool:
    """Return whether a value is one finite number: not true or false, not text, not complex."""
    return not isinstance(value, str) and not absent(value) and not read(value)[1]


def several_numbers(word: str, values: Any) -> tuple[float, ...]:
    """Return what was given as one number or a sequence of them as a tuple, or refuse it in a sentence."""
    given = (values,) if isinstance(values, Number | Decimal) else values
    told = [] if isinstance(given, str) or not hasattr(given, "__iter__") else list(given)
    if not told or not all(map(is_number, told)):
        raise UsageError(f"{word} is one finite number or several, such as [0.2, 0.5], got {_short(values)}")
    return tuple(map(float, told))


_WITHIN = {
    "seed": (lambda x: x >= 0, "seed is a whole number, 0 or above"),
    "alpha": (lambda x: 0 < x < 1, "alpha lies between 0 and 1, such as 0.10"),
}


def _of_a_kind(name, given, kinds):
    """Refuse a text where the signature says number, and a list or table where it says text (the name of a column)."""
    for word, value in given.items():
        kind = kinds.get(word)
        if not kind or (value is None and kind.endswith("None")):
            continue
        if kind.startswith("str"):
            if hasattr(value, "__len__") and not isinstance(value, str):
                raise UsageError(f"{name}: {word} is one text, got {_short(value)}")
        elif not is_number(value):
            raise UsageError(f"{name}: {word} is a number, got {_short(value)}")
        elif kind.startswith("int") and value != int(value):
            raise UsageError(f"{name}: {word} is a whole number, got {_short(value)}")
        elif word in _WITHIN and not _WITHIN[word][0](value):
            raise UsageError(f"{name}: {_WITHIN[word][1]}, got {_short(value)}")


def _short(value):
    shown = repr(value) if isinstance(value, str | list | tuple | Number | None) else ""
    return shown if 0 < len(shown) < 60 else type(value).__name__


def _keywords(name, known, kwargs, free):
    """Return the keyword arguments under our names, or refuse one that means nothing here."""
    ours = {}
    for word, value in kwargs.items():
        habit = _HABITS.get(word.replace(".", "_"), _Habit()) if word not in known else _Habit(word)
        if habit.ours == "studies":
            habit = _Habit(next((name for name in _TABLES if name in known), "studies"))
        if habit.ours in known and habit.ours not in ours and (habit.ours == word or _fits(habit.ours, value)):
            ours[habit.ours] = value
        elif free and not habit.instead:
            ours[word] = value
        else:
            raise UsageError(_unknown(name, known, word, habit))
    return ours


def _fits(ours, value):
    """Return whether a value given under another program's keyword is what ours takes: a column is named by a text."""
    return isinstance(value, str) if ours in ("estimate", "variance", "label", "ci") else True


def _unknown(name, known, word, habit):
    near = get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    if habit.instead:
        hint = f"{habit.instead}. "
    elif habit.ours in ("estimate", "variance"):
        hint = f'{habit.ours} names a column: put the numbers into the table, {{"estimate": ..., "variance": ...}}. '
    return f"{name} has no argument {word!r}: {hint}It takes {', '.join(known)}"
