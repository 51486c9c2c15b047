"""The steps of `reviewlib.batch.one`, compiled by numba where it is installed: the extra ``[fast]``."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from types import FunctionType
from typing import Any

import numpy as np

from ..typed import Array
from . import one

WORTH = 1_000_000  # cells from which loading the compiler's library pays
_NAMES = ("moments", "at", "ends", "climb", "stays_below", "stays_above", "halved", "maximise", "fit", "rows")


def wanted(cells: int) -> bool:
    """Is there a compiler, and is the batch worth loading it? Once it is loaded any batch is."""
    return ("numba" in sys.modules or cells >= WORTH) and find_spec("numba") is not None


@cache
def _rows():
    """Return `one.rows`, compiled; numba keeps it on disk and makes it anew when one.py changes."""
    from numba import njit

    scope = dict(vars(one))
    for name in _NAMES:
        plain = FunctionType(getattr(one, name).__code__, scope, name)
        scope[name] = njit(plain, error_model="numpy", nogil=True, cache=True)
    return scope["rows"]


def fits(y: Array, v: Array, restricted: bool) -> Any:
    """Return the columns of a `Batch` of rows (batch, k), and the positions whose maximum is not proved."""
    whole = np.ascontiguousarray(y), np.ascontiguousarray(v)
    k, (mean, variance, t, q, q_random, trace, proved) = _rows()(*whole, restricted)
    df = k - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = k, df, mean, np.sqrt(variance), t, q, q_random, df / trace, proved == 1.0, None
    return columns, np.flatnonzero(proved != 1.0)
