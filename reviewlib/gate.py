"""The gate: what a person hands to a public function, turned into what the library works with, or refused in words.

Everything that takes a table goes through `table`; its cells through `numbers` and `reasons`; the call itself through
`door`. Nothing here guesses: what can be read in two ways is refused with both ways named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from .cells import advice
from .errors import EvidenceError, Problem
from .measures import shown_as, spelled
from .numeric import NO_NUMBER, REMEDY, absent, column_of
from .otherwise import remedies
from .results import Result
from .typed import Array, Frame, Series

TABLES = "a table is a DataFrame (pandas, polars or pyarrow), a mapping of columns or a list of records"
# Columns of metafor and of R's meta, by the sets that only make sense together -> ours.
_FOREIGN = (
    {"yi": "estimate"},
    {"vi": "variance"},
    {"sei": "se"},
    {"TE": "estimate", "seTE": "se"},
    {"ai": "events_int", "n1i": "n_int", "ci": "events_ctl", "n2i": "n_ctl"},
    {"ai": "events_int", "bi": "others_int", "ci": "events_ctl", "di": "others_ctl"},
    {"x1i": "events_int", "t1i": "time_int", "x2i": "events_ctl", "t2i": "time_ctl"},
    {"m1i": "mean_int", "sd1i": "sd_int", "n1i": "n_int", "m2i": "mean_ctl", "sd2i": "sd_ctl", "n2i": "n_ctl"},
    {"xi": "events", "ni": "n"},
    {"ri": "r", "ni": "n"},
)


def table(given: Any, what: str = "studies") -> Frame:
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
            names = list(getattr(given, "column_names", ()))
            if twice := [name for name in names if names.count(name) > 1]:
                raise EvidenceError(f"there are {len(twice)} columns named {twice[0]!r}: rename or drop all but one")
            return pd.DataFrame(given.to_pydict())
        if hasattr(given, "collect") and hasattr(given, "lazy"):  # polars, not yet computed
            given = given.collect()
        if hasattr(given, "get_columns") and hasattr(given, "to_dict"):  # polars
            return pd.DataFrame(given.to_dict(as_series=False))
        if isinstance(given, Mapping):
            _one_index(given, what)
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


def _one_index(given, what):
    """Refuse columns that are Series with different indexes: pandas would pair by them, the eye by place."""
    import pandas as pd

    found = [(name, column.index) for name, column in given.items() if isinstance(column, pd.Series)]
    for name, index in found[1:]:
        if not index.equals(found[0][1]):
            raise EvidenceError(
                f"the columns {found[0][0]} and {name} of {what} have different indexes, so that it is unclear which "
                "values belong together: give each as a list, or join them in pandas first"
            )


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
    if {"yi", "TE"} & renamed.keys():
        frame.attrs["logarithms"] = True  # what metafor and meta call so is on the scale of the model
    for arm in ("int", "ctl"):
        if f"others_{arm}" in renamed.values() and f"n_{arm}" not in frame:
            got = numbers(frame, (f"events_{arm}", f"others_{arm}"))
            frame[f"n_{arm}"] = got[f"events_{arm}"] + got[f"others_{arm}"]
    return frame.drop(columns=[c for c in ("others_int", "others_ctl") if c in renamed.values() and c in frame])


# What Excel writes for true and false in its languages; other words for no are unclear.
MARKS = {
    "true": True,
    "false": False,
    "1": True,
    "0": False,
    "": False,
    "wahr": True,
    "falsch": False,
    "vrai": True,
    "faux": False,
    "verdadero": True,
    "falso": False,
}
_NO = {"no", "n", "f", "in", "included", "nan", "none", "na", "null", "nein", "non", "nee", "nej"}
_NO |= {word for word, mark in MARKS.items() if word and not mark}
_YES = {"yes", "ja", "oui", "si", "s\u00ed", "sim"} | {word for word, mark in MARKS.items() if mark}


UNCLEAR = (
    "may mean that the study is in or that it is out",
    "Write True or False (without quotes), or the reason in words; leave the cell empty to keep the study",
)


def _with_text_in_excluded(frame):
    if "excluded" not in frame.columns:
        return frame
    one_column(frame, "excluded")
    cells, said, wrong = frame["excluded"].to_numpy(object), [], np.zeros(len(frame), bool)
    plain = {"", *cells} if all(cell is None or isinstance(cell, str) for cell in cells) else {" "}
    if not any(cell is not None and cell != "" and cell.strip().lower() in _NO | _YES | {""} for cell in plain):
        return frame
    for i, cell in enumerate(cells):
        text = reason_of(cell)
        wrong[i] = text is None
        said.append(text or "")
    refuse(frame, [("excluded", wrong, *UNCLEAR)])
    return frame.assign(excluded=np.array(said, dtype=object))


def reason_of(cell: Any) -> str | None:
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


def named_measures(frame: Frame) -> set[str]:
    """Return the measures that a column `measure` names; other words in it, as those of instruments, are none."""
    return {m for word in frame["measure"].unique() if (m := spelled(word))} if "measure" in frame else set()


def measure_of(studies: Any, asked: str | None = None) -> str | None:
    """Return the measure that is asked for, else the one that a table or a result says it holds, or None.

    Raises
    ------
    EvidenceError
        What is asked for is not what the effects are said to be: by the result, by ``attrs["measure"]`` or, where that
        is open, by a column `measure`. The number would be shown on a scale that it is not on.
    """
    fitted = isinstance(studies, Result)
    stated = getattr(studies, "measure", None) if fitted else getattr(studies, "attrs", {}).get("measure")
    stated = shown_as(stated) if isinstance(stated, str) else None
    if asked is None or asked == "GEN":
        return asked or stated
    held = {stated} - {None, "GEN"} or (set() if fitted else named_measures(table(studies)))
    if held - {asked}:
        theirs = ", ".join(sorted(held))
        raise EvidenceError(f"the effects are {theirs}, as the table says, and {asked} is asked for: leave measure out")
    return asked


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
        there = {str(name): str(name) for name in frame.columns}
        told = "".join(f". {text}" for text, *_ in remedies(there, there, columns))
        raise EvidenceError(
            f"{title} needs the column{'s' * (len(columns) > 1)} {', '.join(columns)}; missing: {', '.join(lacking)} "
            f"(the table has {', '.join(map(str, frame.columns)) or 'no columns'}){told}"
        )


def numbers(frame: Frame, columns: Sequence[str], names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Return columns as float arrays, NaN for empty cells.

    Integers, floats, nullable and Decimal columns, and text that is a plain number, are read; dates, true and false,
    infinities and every other text are refused, all cells at once (but for rows that are left out).
    """
    found, faults = {}, []
    for column in columns:
        found[column], wrong = column_of(one_column(frame, column))
        faults += [(column, mask, rule, REMEDY[rule]) for rule, mask in wrong.items() if np.count_nonzero(mask)]
    if faults:
        used = np.array([not reason for reason in reasons(frame)], dtype=bool)
        refuse(frame, [(column, mask & used, *rest) for column, mask, *rest in faults], names)
    return found


def refuse(frame: Frame, faults: Any, names: Sequence[str] | None = None) -> None:
    """Raise one EvidenceError for all faults, each ``(column, mask of rows, rule, remedy)``."""
    problems = []
    for column, broken, rule, remedy in faults:
        for i in np.flatnonzero(broken) if broken.any() else ():
            names = labels(frame) if names is None else names
            value = str(frame[column].iloc[i]) if column in frame else ""
            said = advice(value, column) if rule == NO_NUMBER else None
            problems.append(Problem("table", None, column, str(names[i]), value, *(said or (rule, remedy))))
    if problems:
        raise EvidenceError(problems)


def no_negative(table: Frame, column: str, values: Array, names: Any = None) -> None:
    """Refuse standard errors and variances below zero, but for rows that are left out."""
    if not np.count_nonzero(values < 0):  # many times faster than any() for a few studies
        return
    kind = "a standard error" if column == "se" else "a variance"
    said = np.array([not reason for reason in reasons(table)], bool)
    remedy = "Look at the sign in the source, or leave the study out by a reason in the column `excluded`"
    refuse(table, [(column, said & (values < 0), f"{kind} cannot be negative", remedy)], names)
