"""The gate: what a person hands to a public function, turned into what the library works with, or refused in words.

Everything that takes a table goes through `table`; its cells through `numbers` and `reasons`; coverages through
`coverage`; calls through `door`. Nothing here guesses: what can be read in two ways is refused with both ways named.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import wraps
from numbers import Number, Real
from typing import Any

import numpy as np

from .errors import EvidenceError, Problem, UsageError
from .results import Result
from .typed import Frame, Series

TABLES = "a table is a DataFrame (pandas, polars or pyarrow), a mapping of columns or a list of records"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Columns of metafor and of R's meta, by the sets that only make sense together -> ours.
_FOREIGN = (
    {"yi": "estimate"}, {"vi": "variance"}, {"sei": "se"}, {"TE": "estimate", "seTE": "se"},
    {"ai": "events_int", "n1i": "n_int", "ci": "events_ctl", "n2i": "n_ctl"},
    {"ai": "events_int", "bi": "others_int", "ci": "events_ctl", "di": "others_ctl"},
    {"x1i": "events_int", "t1i": "time_int", "x2i": "events_ctl", "t2i": "time_ctl"},
    {"m1i": "mean_int", "sd1i": "sd_int", "n1i": "n_int", "m2i": "mean_ctl", "sd2i": "sd_ctl", "n2i": "n_ctl"},
    {"xi": "events", "ni": "n"}, {"ri": "r", "ni": "n"},
)  # fmt: skip


def table(given: Mapping[str, str], what: str = "studies") -> Frame:
    """Return a pandas DataFrame of what a person gave; pandas keeps index, types and attributes.

    Parameters
    ----------
    given : DataFrame (pandas, polars, pyarrow), mapping of columns, list of records, or a fitted result
        A fitted result gives the studies that it was fitted to.
    what : str
        What the caller calls it, for the message.

    Returns
    -------
    DataFrame
        With our names where all columns of a set carry metafor's (yi, vi, sei; ai, bi, ci, di; m1i, sd1i, n1i ...),
        and with text in `excluded`: the reason, or nothing for a row in use.

    Raises
    ------
    EvidenceError
        It is no table, or the column `excluded` cannot be decided.
    """
    frame = _frame(given.studies if isinstance(given, Result) and hasattr(given, "studies") else given, what)
    return _with_text_in_excluded(_ours(frame))


def _frame(given, what):
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        if given.columns.nlevels > 1:
            raise EvidenceError(f"the columns of {what} have {given.columns.nlevels} levels: give them one name each")
        return given
    try:
        if hasattr(given, "to_pydict"):  # pyarrow
            return pd.DataFrame(given.to_pydict())
        if hasattr(given, "collect") and hasattr(given, "lazy"):  # polars, not yet computed
            given = given.collect()
        if hasattr(given, "get_columns") and hasattr(given, "to_dict"):  # polars
            return pd.DataFrame(given.to_dict(as_series=False))
        if isinstance(given, Mapping) or (isinstance(given, np.ndarray) and given.dtype.names):
            return pd.DataFrame(dict(given) if isinstance(given, Mapping) else given)
        if isinstance(given, Sequence) and not isinstance(given, str | bytes) and all(map(_is_record, given)):
            return pd.DataFrame(list(given))
    except (ValueError, TypeError) as problem:
        raise EvidenceError(_no_frame(given, what, problem)) from problem
    if hasattr(given, "compute") and hasattr(given, "columns"):
        raise EvidenceError(f"{what}: call .compute() first, then pass the result: {TABLES}")
    hint = "; read a file first, with pandas.read_csv for instance" if isinstance(given, str) else ""
    raise EvidenceError(f"{what} must be a table with columns, got {type(given).__name__}: {TABLES}{hint}")


def _no_frame(given, what, problem):
    if isinstance(given, Mapping):
        sizes = {name: len(c) for name, c in given.items() if hasattr(c, "__len__") and not isinstance(c, str)}
        if len(set(sizes.values())) > 1:
            told = ", ".join(f"{name} {size}" for name, size in sizes.items())
            return f"the columns of {what} differ in length ({told}): make them the same length"
        if not sizes:
            return f"the columns of {what} hold one value each: give a list of values, one per study"
    return f"{TABLES}; what was given for {what} is none: {problem}"


def _is_record(row):
    return isinstance(row, Mapping) or hasattr(row, "_fields")


def _ours(frame):
    """Rename metafor's columns where a whole set is there and ours are not."""
    names = set(map(str, frame.columns))
    renamed = {}
    for known in _FOREIGN:
        if set(known) <= names and not names & set(known.values()):
            renamed |= known
    if not renamed:
        return frame
    frame = frame.rename(columns=renamed)
    for arm in ("int", "ctl"):
        if f"others_{arm}" in renamed.values() and f"n_{arm}" not in frame:
            got = numbers(frame, (f"events_{arm}", f"others_{arm}"))
            frame[f"n_{arm}"] = got[f"events_{arm}"] + got[f"others_{arm}"]
    return frame.drop(columns=[c for c in ("others_int", "others_ctl") if c in renamed.values() and c in frame])


_NO, _YES = {"false", "no", "n", "0", "f", "in", "included", "nan", "none", "na", "null"}, {"true", "yes", "1"}


def _with_text_in_excluded(frame):
    if "excluded" not in frame.columns:
        return frame
    one_column(frame, "excluded")
    cells, said, wrong = frame["excluded"].to_numpy(object), [], np.zeros(len(frame), bool)
    plain = {"", *cells} if all(cell is None or isinstance(cell, str) for cell in cells) else {" "}
    if not any(cell is not None and cell != "" and cell.strip().lower() in _NO | _YES | {""} for cell in plain):
        return frame
    for i, cell in enumerate(cells):
        text = _reason(cell)
        wrong[i] = text is None
        said.append(text or "")
    remedy = "Write True or False (without quotes), or the reason in words; leave the cell empty to keep the study"
    refuse(frame, [("excluded", wrong, "may mean that the study is in or that it is out", remedy)])
    return frame.assign(excluded=np.array(said, dtype=object))


def _reason(cell):
    """Return why a row is left out, "" for a row in use, None where that cannot be decided."""
    if absent(cell):
        return ""
    if isinstance(cell, str):
        word = cell.strip().lower()
        return None if word in _NO else "excluded" if word in _YES else cell
    if isinstance(cell, bool | np.bool_ | Real | Decimal) and cell in (0, 1):
        return "excluded" if cell else ""
    return None


def reasons(frame: Frame) -> list[str]:
    """Return why each row of a table is left out, an empty text for rows in use."""
    if "excluded" not in frame.columns:
        return [""] * len(frame)
    return [cell if isinstance(cell, str) else "" for cell in frame["excluded"].to_numpy(object)]


def absent(cell: Any) -> bool:
    """Return whether a cell holds nothing: None, NaN, NA, NaT or blank text."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    try:
        return bool(cell != cell)
    except (TypeError, ValueError):  # pandas' NA has no truth value
        return type(cell).__name__ == "NAType"


def labels(frame: Frame) -> list[str]:
    """Return what each row is called: its trial, else its study, else its index; with its result_id if it has one."""
    for column in ("trial", "study"):
        if column in frame and "result_id" in frame:
            return [f"{value}, {row}" for value, row in zip(frame[column], frame["result_id"], strict=True)]
        if column in frame:
            return [str(value) for value in frame[column]]
    return [str(value) for value in frame.index]


def one_column(frame: Frame, name: str) -> Series:
    """Return a column, or refuse a name that no column or several columns have."""
    if name not in frame.columns:
        raise EvidenceError(
            f"there is no column {name!r}: the table has {', '.join(map(str, frame.columns)) or 'no columns'}"
        )
    values = frame[name]
    if getattr(values, "ndim", 1) != 1:
        raise EvidenceError(f"there are {values.shape[1]} columns named {name!r}: rename or drop all but one")
    return values


def require_columns(frame: Frame, columns: Sequence[str], title: str) -> None:
    """Refuse a table that lacks columns, naming those that are missing and those that are there."""
    lacking = [column for column in columns if column not in frame]
    if lacking:
        raise EvidenceError(
            f"{title} needs the column{'s' * (len(columns) > 1)} {', '.join(columns)}; missing: {', '.join(lacking)} "
            f"(the table has {', '.join(map(str, frame.columns)) or 'no columns'})"
        )


def numbers(frame: Frame, columns: Sequence[str], names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Return columns as float arrays, NaN for empty cells.

    Integers, floats, nullable and Decimal columns, and text that is a plain number, are read; dates, true and false,
    infinities and every other text are refused, all cells at once (but for rows that are left out).
    """
    found, faults = {}, []
    used = np.array([not reason for reason in reasons(frame)], dtype=bool)
    for column in columns:
        found[column], wrong = _floats(one_column(frame, column))
        faults += [(column, mask & used, rule, _REMEDY[rule]) for rule, mask in wrong.items()]
    refuse(frame, faults, names)
    return found


_REMEDY = {
    "is not a number": "Type a number, with a point for the decimals and no mark between thousands, or leave it empty",
    "is a date or a time, not a number": "Give the number that it stands for",
    "is true or false, not a number": "Type a number, or leave the cell empty",
    "is infinite": "Leave the cell empty if it was not reported",
}


def _floats(values):
    import pandas as pd

    kind = getattr(values.dtype, "kind", "O")
    every = np.ones(len(values), bool)
    if isinstance(values.dtype, pd.PeriodDtype) or kind in "mM":
        return np.full(len(values), np.nan), {"is a date or a time, not a number": every & ~values.isna().to_numpy()}
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.full(len(values), np.nan), {"is true or false, not a number": every & ~values.isna().to_numpy()}
    if pd.api.types.is_numeric_dtype(values.dtype) and kind != "c":
        got = values.to_numpy(dtype=float, na_value=np.nan)
        return got, {"is infinite": np.isinf(got)}
    got, wrong = np.full(len(values), np.nan), {rule: np.zeros(len(values), bool) for rule in _REMEDY}
    for i, cell in enumerate(values.to_numpy(object)):
        rule = None if absent(cell) else _rule(cell)
        if rule:
            wrong[rule][i] = True
        elif not absent(cell):
            got[i] = float(cell)
    wrong["is infinite"] |= np.isinf(got)
    return got, wrong


def _rule(cell):
    """Return the rule that a cell breaks, None for a number."""
    if isinstance(cell, bool | np.bool_):
        return "is true or false, not a number"
    if isinstance(cell, str):
        return None if _NUMBER.fullmatch(cell.strip()) else "is not a number"
    if hasattr(cell, "year") or hasattr(cell, "total_seconds") or isinstance(cell, np.datetime64 | np.timedelta64):
        return "is a date or a time, not a number"
    return None if isinstance(cell, Real | Decimal) else "is not a number"


def refuse(frame: Frame, faults: Any, names: Sequence[str] | None = None) -> None:
    """Raise one EvidenceError for all faults, each ``(column, mask of rows, rule, remedy)``."""
    problems = []
    for column, broken, rule, remedy in faults:
        for i in np.flatnonzero(broken):
            names = labels(frame) if names is None else names
            value = str(frame[column].iloc[i]) if column in frame else ""
            problems.append(Problem("table", None, column, str(names[i]), value, rule, remedy))
    if problems:
        raise EvidenceError(problems)


def coverage(level: float) -> float:
    """Return the coverage of an interval, a fraction between 0 and 1; 95 is refused."""
    if isinstance(level, Number | Decimal) and not isinstance(level, bool | complex):
        if 0 < level < 1:
            return float(level)
        if 1 < level < 100:
            raise EvidenceError(f"level is a fraction between 0 and 1, got {level}: write {float(level) / 100:g}")
    raise EvidenceError(f"level is a fraction between 0 and 1, such as 0.95, got {level!r}")


# ------------------------------------------------------------------------------------------------ calls


@dataclass(frozen=True, slots=True)
class _Habit:
    """A keyword of metafor: our keyword, and what to say where it has none."""

    ours: str = ""
    instead: str = ""


_HABITS = {
    "yi": _Habit("estimate"), "vi": _Habit("variance"), "slab": _Habit("label"), "test": _Habit("ci"),
    "conf_level": _Habit("level"), "confidence": _Habit("level"), "alpha_level": _Habit("level"),
    "data": _Habit("studies"), "fixed": _Habit(instead='use method="CE"'),
    "random": _Habit(instead='use method="REML"'),
    "sei": _Habit(instead="name the column se, and leave out the variance"),
    "mods": _Habit(instead='use meta_regression("~ dose", studies)'),
    "weights": _Habit(instead="weights come from the variances"),
}  # fmt: skip
_RULES = {"knha": "hksj", "hk": "hksj", "hksj": "hksj", "hartungknapp": "hksj", "knapphartung": "hksj",
          "z": "wald", "wald": "wald", "normal": "wald", "norm": "wald"}  # fmt: skip
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

    @wraps(function)
    def entered(*args, **kwargs):
        kwargs = _keywords(function.__name__, known, kwargs, free=open_end not in (None, "columns"))
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as problem:
            raise UsageError(f"{function.__name__}: {problem}. It takes {', '.join(known)}") from None
        given = bound.arguments
        inner_column = "inner" in known and isinstance(given.get("level"), str)
        if given.get("level") is not None and not inner_column:
            given["level"] = coverage(given["level"])
        if isinstance(given.get("ci"), str) and parameters["ci"].default != "t":
            given["ci"] = interval_rule(given["ci"])
        return function(*bound.args, **bound.kwargs)

    return entered


def _keywords(name, known, kwargs, free):
    """Return the keyword arguments under our names, or refuse one that means nothing here."""
    ours = {}
    for word, value in kwargs.items():
        habit = _HABITS.get(word.replace(".", "_"), _Habit()) if word not in known else _Habit(word)
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
