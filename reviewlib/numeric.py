"""One cell, a column or an array as numbers: read, or refused by a rule; never guessed, and no mask forgotten."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from math import isinf, nan
from numbers import Real
from typing import Any

import numpy as np

from .cells import plain_number
from .errors import EvidenceError
from .typed import Array

NO_NUMBER = "is not a number"
_DATE, _LOGICAL, _INFINITE = "is a date or a time, not a number", "is true or false, not a number", "is infinite"
REMEDY = {
    NO_NUMBER: "Type a number, with a point for the decimals and no mark between thousands, or leave it empty",
    _DATE: "Give the number that it stands for: what a spreadsheet made a date of, such as 3-4, is in the source",
    _LOGICAL: "Type a number, or leave the cell empty",
    _INFINITE: "Leave the cell empty if it was not reported",
}


def absent(cell: Any) -> bool:
    """Return whether a cell holds nothing: None, NaN, NA, NaT, masked or blank text."""
    if cell is None or cell is np.ma.masked or (isinstance(cell, str) and not cell.strip()):
        return True
    try:
        return bool(cell != cell)
    except InvalidOperation:  # a NaN of decimal that signals
        return True
    except (TypeError, ValueError):  # pandas' NA has no truth value
        return type(cell).__name__ == "NAType"


def read(cell: Any) -> tuple[float, str]:
    """Return the number of a cell, NaN for an empty one, and the rule that it breaks, if any."""
    if absent(cell):
        return nan, ""
    if isinstance(cell, bool | np.bool_):
        return nan, _LOGICAL
    if any(hasattr(cell, part) for part in ("year", "hour", "total_seconds")):
        return nan, _DATE
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return nan, _DATE
    if not (plain_number(cell) if isinstance(cell, str) else isinstance(cell, Real | Decimal)):
        return nan, NO_NUMBER
    try:
        number = float(cell)
    except OverflowError:
        number = float("inf")
    return number, _INFINITE if isinf(number) else ""


def column_of(values: Any) -> tuple[Array, dict]:
    """Return a pandas column as floats, and the rows that break a rule, by rule."""
    import pandas as pd

    kind = getattr(values.dtype, "kind", "O")
    if values.dtype == np.float64:
        got = values.to_numpy().copy()
        return got, {_INFINITE: np.isinf(got)}
    if isinstance(values.dtype, pd.PeriodDtype) or kind in "mM":
        return np.full(len(values), nan), {_DATE: ~values.isna().to_numpy()}
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.full(len(values), nan), {_LOGICAL: ~values.isna().to_numpy()}
    if pd.api.types.is_numeric_dtype(values.dtype) and kind != "c":
        got = values.to_numpy(dtype=float, na_value=nan)
        return got, {_INFINITE: np.isinf(got)}
    pairs = [read(cell) for cell in values.to_numpy(object)]
    rules = np.array([rule for _, rule in pairs], dtype=object)
    return np.array([number for number, _ in pairs], float), {rule: rules == rule for rule in REMEDY}


def shown(value: Any) -> str:
    """Return how a value is written in a message, cut where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else f"{text[:200]}..."


def array(name: str, value: Any, error: type[EvidenceError] = EvidenceError) -> Any:
    """Return one number, a sequence or an array of any library as floats, NaN where it is empty or masked.

    Parameters
    ----------
    name : str
        What the caller calls it, for the message.
    value : number or array_like
        Text is refused even if it is a number: an array of text was read from somewhere without a look.
    error : type, default EvidenceError
        What is raised.

    Returns
    -------
    number or ndarray

    Raises
    ------
    EvidenceError
        It holds text, a date, true or false, a complex number, or lists of different lengths.
    """
    if type(value) in (int, float) and (abs(value) <= sys.float_info.max or value != value):
        return value
    if isinstance(value, np.ma.MaskedArray):
        value = np.where(np.ma.getmaskarray(value), None, value.data.astype(object))
    try:
        values = np.asarray(value, object if isinstance(value, list | tuple) else None)
    except ValueError:
        values = np.empty(0, "V")
    if values.dtype.kind == "O":
        pairs = [(nan, NO_NUMBER) if isinstance(cell, str) else read(cell) for cell in values.flat]
        if not any(rule and rule != _INFINITE for _, rule in pairs) and not (values.ndim == 0 and absent(values[()])):
            values = np.reshape([number for number, _ in pairs], values.shape)
    if values.dtype.kind not in "iuf":
        raise error(f"{name} must be a number, got {shown(value)}")
    values = values.astype(float)  # whole numbers of few bits overflow in a sum of two groups
    return values[()]
