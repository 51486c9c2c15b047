"""Studies that have an effect and every column that a model needs; the others stay in the table with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .. import gate
from ..errors import EvidenceError, TooFewStudiesError
from ..typed import Array, Studies
from .rows import Rows, read_rows


def complete_rows(
    studies: Studies,
    estimate: Any = "estimate",
    variance: Any = "variance",
    needed: Any = (),
    label: str | None = None,
    *,
    independent: bool = True,
) -> Rows:
    """Return the Rows of a table, or of any result that carries one, leaving out those with an empty needed column."""
    rows = read_rows(studies, estimate, variance, label, independent=independent)
    unknown = [name for name in needed if name not in rows.table.columns]
    if unknown:
        has = ", ".join(map(str, rows.table.columns))
        raise EvidenceError(f"there is no column {', '.join(map(repr, unknown))}: the table has {has}")
    reasons = gate.reasons(rows.table)
    for name in needed:
        empty = _empty(rows.table[name], name)
        reasons = [f"no {name}" if gone and not said else said for said, gone in zip(reasons, empty, strict=True)]
    keep = np.array([not said for said in reasons], dtype=bool)
    inside = keep[rows.used]
    table = rows.table.assign(excluded=reasons)
    return replace(rows, y=rows.y[inside], v=rows.v[inside], used=rows.used & keep, table=table)


def _empty(values, name):
    """Which cells are missing; a text of nothing but spaces is."""
    if values.ndim > 1:
        raise EvidenceError(f"there are {values.shape[1]} columns named {name!r}: rename or drop all but one")
    gone = values.isna().to_numpy(dtype=bool)
    if values.dtype.kind in "OSU":
        gone = gone | np.array([isinstance(value, str) and not value.strip() for value in values], dtype=bool)
    return gone


def column(rows: Rows, name: str) -> Array:
    """Return one column of the rows in use."""
    return rows.table[name].to_numpy()[rows.used]


def refuse_few(k: int, what: str, why: Any, insist: bool) -> None:
    """Raise below ten studies unless the caller insists, and below three in any case."""
    if k < 3:
        raise TooFewStudiesError(f"{what} needs at least three studies, got {k}")
    if k < 10 and not insist:
        raise TooFewStudiesError(f"{what} asks for at least ten studies, got {k}: {why}; insist=True overrides")


def exact_fit(y: Array, v: Array, residual_q: Any) -> bool:
    """Whether what a model leaves of the effects is rounding error: then there is no error to test against."""
    return bool(residual_q <= 1e-26 * (y**2 / v).sum())
