"""The quantiles and checks that every conversion shares: plain numbers or arrays in, the same shape out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from ..errors import ConversionError
from ..numeric import array, shown
from ..typed import Number

_NUMERIC = {"Number", "float", "int"}
_F = TypeVar("_F", bound=Callable)


def numbers_only(function: _F) -> _F:
    """Refuse text, true and false, and infinities where a conversion takes numbers, by the name of the argument."""
    kinds = {name: {*kind.split(" | ")} for name, kind in function.__annotations__.items()}

    names = function.__code__.co_varnames[: function.__code__.co_argcount]

    def read(name: str, value: Any) -> Any:
        kind = kinds.get(name, set())
        return numbers(name, value) if kind & _NUMERIC and not (value is None and "None" in kind) else value

    @wraps(function)
    def checked(*args: Any, **named: Any) -> Any:
        first = [read(*pair) for pair in zip(names, args, strict=False)]
        return function(*first, *args[len(names) :], **{name: read(name, value) for name, value in named.items()})

    return cast(_F, checked)


def numbers(name: str, value: Any) -> Any:
    """Return a value with each empty cell as NaN; refuse what is no finite number."""
    values = array(name, value, ConversionError)
    if np.isinf(values).any():
        raise ConversionError(f"{name} must be finite, got {shown(value)}")
    return values


def plain(value: Any) -> Any:
    """Return a plain float for a scalar, the array for an array."""
    value = np.asarray(value, dtype=float)
    return float(value) if value.ndim == 0 else value


def require(condition: Any, message: str, *values: Any) -> None:
    """Raise a ConversionError with the offending values unless the condition holds everywhere (NaN is let through)."""
    condition = np.asarray(condition)
    missing = np.zeros(condition.shape, dtype=bool)
    for value in values:
        missing = missing | np.isnan(np.asarray(value, dtype=float))
    if not np.all(condition | missing):
        shown = ", ".join(np.array2string(np.asarray(value), threshold=6) for value in values)
        raise ConversionError(f"{message}, got {shown}")


@numbers_only
def quantile(level: float = 0.95, df: Any = None) -> Number:
    """Two-sided quantile for a coverage: Student's t on `df`, or the normal where `df` is None or infinite.

    Parameters
    ----------
    level : float, default 0.95
        Coverage, as a fraction.
    df : float, optional
        Degrees of freedom of Student's t; None: the normal quantile.

    Returns
    -------
    float
        Standard errors from the estimate to either limit.

    Examples
    --------
    >>> print(f"{quantile(0.95, 24):.4f} {quantile(0.95):.4f}")
    2.0639 1.9600
    """
    level = np.asarray(level, dtype=float)
    require((level >= 0.5) & (level < 1), "level is a fraction between 0 and 1, and the coverage: 0.95", level)
    normal = ndtri(0.5 + level / 2)
    if df is None:
        return plain(normal)
    df = np.asarray(df, dtype=float)
    require(df > 0, "degrees of freedom must be above 0: the groups are too small", df)
    return plain(np.where(np.isinf(df), normal, stdtrit(np.where(np.isinf(df), 1.0, df), 0.5 + level / 2)))


@numbers_only
def statistic_from_p(p: Number, df: Any = None) -> Number:
    """Absolute test statistic behind a two-sided exact P value: t on `df`, or z.

    Parameters
    ----------
    p : float
        Exact two-sided P value, 0 to 1.
    df : float, optional
        Degrees of freedom of a t test; None for a z test.

    Returns
    -------
    float
        Not negative.

    Examples
    --------
    >>> from reviewlib.convert import statistic_from_p
    >>> print(f"{statistic_from_p(0.008, df=45):.2f}")
    2.78
    """
    p = np.asarray(p, dtype=float)
    require((p > 0) & (p < 1), "an exact P value lies between 0 and 1 ('P < 0.05' is a bound, not a value)", p)
    normal = -ndtri(p / 2)
    if df is None:
        return plain(normal)
    df = np.asarray(df, dtype=float)
    require(df > 0, "degrees of freedom must be above 0: the groups are too small", df)
    return plain(np.where(np.isinf(df), normal, -stdtrit(np.where(np.isinf(df), 1.0, df), p / 2)))


@numbers_only
def p_from_statistic(statistic: Number, df: Any = None) -> Number:
    """Two-sided P value of a t statistic on `df`, or of z where `df` is None.

    Parameters
    ----------
    statistic : float
        t or z, of either sign.
    df : float, optional
        Degrees of freedom of a t test; None for a z test.

    Returns
    -------
    float
        Two-sided P value, 0 to 1.

    Examples
    --------
    >>> from reviewlib.convert import p_from_statistic
    >>> print(f"{p_from_statistic(2.78, df=45):.3f}")
    0.008
    """
    from scipy.special import ndtr

    size = -np.abs(np.asarray(statistic, dtype=float))
    return plain(2 * (ndtr(size) if df is None else stdtr(df, size)))
