"""Points of one scale brought to another: a pain of 4.4 on 0 to 10 beside a pain of 44 on 0 to 100."""

from __future__ import annotations

import numpy as np

from ..gate import refuse
from ..typed import Frame
from .derivation import column, text

_LEVELS, _LENGTHS = ("mean_int", "mean_ctl"), ("sd_int", "sd_ctl")
_CONTRAST = ("estimate", "ci_low", "ci_high")


def rescaled(rows: Frame) -> tuple[Frame, list[str]]:
    r"""Return rows on the scale named in `onto_min` and `onto_max`, and what was done to each.

    Parameters
    ----------
    rows : DataFrame
        Rows as published, with the range of each row's instrument in `scale_min` and `scale_max`. Without the columns
        `onto_min` and `onto_max` nothing is changed.

    Returns
    -------
    rows : DataFrame
    notes : list of str
        ``"; brought from 0 to 10 onto 0 to 100"``, or empty where the instrument has that range already.

    Raises
    ------
    EvidenceError
        A row whose instrument has no stated range cannot be brought to another.

    Notes
    -----
    .. math:: x' = a' + f (x - a), \quad f = (b' - a') / (b - a)

    for final means; changes, SDs and differences are multiplied by :math:`f`. Ratios have no scale and stay.
    """
    if "onto_min" not in rows:
        return rows, [""] * len(rows)
    low, high = column(rows, "scale_min"), column(rows, "scale_max")
    to_low, to_high = column(rows, "onto_min"), column(rows, "onto_max")
    means = np.isfinite(column(rows, "mean_int")) | np.isin(text(rows, "measure", ""), ["MD"])
    unknown = means & ~np.isfinite(low + high)
    remedy = "Add the range to instruments.csv, or leave the row out of this comparison"
    refuse(rows, [("scale_max", unknown, "the instrument has no stated range to bring onto another", remedy)])
    factor = (to_high - to_low) / (high - low)
    moved = means & ((low != to_low) | (high != to_high))
    out = rows.copy()
    final = np.array([kind in ("", "final") for kind in text(rows, "value_kind", "")], dtype=bool)
    for name in _LEVELS:
        start, origin = np.where(final, low, 0.0), np.where(final, to_low, 0.0)
        out[name] = np.where(moved, origin + factor * (column(rows, name) - start), column(rows, name))
    for name in _LENGTHS:
        out[name] = np.where(moved, factor * column(rows, name), column(rows, name))
    points = moved & np.isin(text(rows, "measure", ""), ["MD"])
    for name in _CONTRAST:
        out[name] = np.where(points, factor * column(rows, name), column(rows, name))
    ranges = zip(moved, low, high, to_low, to_high, strict=True)
    return out, [f"; brought from {a:g} to {b:g} onto {c:g} to {d:g}" if m else "" for m, a, b, c, d in ranges]
