"""One effect shown twice: `yi` beside a column `OR`, `logHR` beside `HR`. Both must say the same.

A pair that does not agree within its rounding is refused: nothing says which of the two is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from .. import gate
from ..typed import Array, Frame, Number
from .names import LOG_WORDS, MEASURE_WORDS, WEAK, Effect, bare, effect_named

_SLACK = 0.05  # standard errors; corrections for zero cells move one of the two a little
CONTRADICTS = (
    "contradicts the estimate in the same row",
    "One of the two is wrong: correct it, or leave that column out",
)
_ESTIMATORS = 0.5  # Cohen's d and Hedges' g are both called SMD


def twins(header: Iterable, measure: str | None = None) -> dict[str, Effect]:
    """Return the columns of a header that show a named effect as it is, by what their name says of it.

    Parameters
    ----------
    header : iterable of str
        The names of the columns, without that of the estimate.
    measure : str, optional
        Only effects of this measure; without it the columns count only if all name the same one.
    """
    found = {name: said for name in header if (said := _plainly(str(name)))}
    measures = {said.measure for said in found.values()}
    if measure is None and len(measures) > 1:
        return {}
    return {name: said for name, said in found.items() if measure in (None, said.measure)}


@lru_cache(1000)
def _plainly(name):
    """Return what a name says of an effect; None for an "adjusted OR", which may well differ, and for one letter."""
    text = bare(name)
    plain = {text, *(text.removeprefix(log) for log in LOG_WORDS if text.startswith(log))}
    return None if text in WEAK or plain.isdisjoint(MEASURE_WORDS) else effect_named(name)


def apart(y: Number, shown: Number, said: Effect, se: Number, half: Number) -> Any:
    """Return where a column shows another effect than `y`, both on the analysis scale; `half` is their rounding."""
    allowed = (_ESTIMATORS if said.measure == "SMD" else _SLACK) * np.nan_to_num(se) + half
    with np.errstate(invalid="ignore"):
        return np.abs(np.asarray(y) - shown) > allowed * 1.001 + 1e-9


def on_scale(values: Array, said: Effect, half: float) -> tuple[Array, Array]:
    """Return shown effects on the analysis scale, with half a unit of their last digit there."""
    if said.scale != "ratio":
        return values, half + 0 * values
    with np.errstate(all="ignore"):
        return np.log(values), half / values


def half_unit(values: Array) -> float:
    """Return half a unit of the last decimal that any of the numbers shows; 0 where they show more than nine."""
    values = values[np.isfinite(values)]
    for decimals in range(10):
        if np.array_equal(np.round(values, decimals), values):
            return 0.5 * 10.0**-decimals
    return 0.0


def refuse_twins(
    table: Frame, y: Array, se: Array, raw: Array, taken: str, names: Any = None, ratio: Array | None = None
) -> None:
    """Refuse a table whose estimates contradict a column that names their effect.

    Parameters
    ----------
    table : DataFrame
        `attrs["measure"]`, else its column `measure`, says which effect the estimates are.
    y, se : arrays
        Estimates on the analysis scale (ratios as logarithms) and their standard errors.
    raw : array
        The estimates as typed, whose digits say how far they were rounded.
    taken : str
        The column of the estimates.
    ratio : bool array, optional
        Which estimates were typed as ratios.
    """
    measure = table.attrs.get("measure")
    if measure in (None, "GEN") and "measure" in table and table["measure"].nunique() == 1:
        measure = str(table["measure"].dropna().iloc[0])
    faults = []
    for name, said in twins([c for c in table.columns if c != taken], None if measure == "GEN" else measure).items():
        if getattr(table[name].dtype, "kind", "O") not in "if":
            continue
        own = half_unit(raw)
        with np.errstate(all="ignore"):
            own = np.where(np.zeros(len(raw), bool) if ratio is None else ratio, own / raw, own)
        values = table[name].to_numpy(float)
        shown, half = on_scale(values, said, half_unit(values))
        wrong = np.isfinite(y) & np.isfinite(values) & ~(np.isfinite(shown) & ~apart(y, shown, said, se, half + own))
        wrong &= np.array([not reason for reason in gate.reasons(table)], bool)
        faults.append((name, wrong, *CONTRADICTS))
    gate.refuse(table, faults, names)
