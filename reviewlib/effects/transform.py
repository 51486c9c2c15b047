"""From the analysis scale back to the scale people read, and effects turned to one direction."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..door import door
from ..errors import EvidenceError
from ..gate import labels, table
from ..measures import measure_named
from ..results import Interval
from ..typed import Frame


@door
def back_transform(value: Any, measure: str, n: Any = None, *, paired: bool = False) -> Any:
    r"""Value on the scale people read: ratio, proportion or correlation instead of log, logit, arcsine or z.

    Parameters
    ----------
    value : float, Interval, tuple or array
        Estimate or limits on the analysis scale.
    measure : str
        As in `effect_sizes`. Logs go to ratios, PLN PLO PAS PFT to proportions, ZCOR to a correlation; measures already
        on a scale people read, and AS and IRSD, whose difference of transforms has no inverse, come back unchanged.
    n : int or sequence, optional
        PFT only: sample size, or the sizes of the pooled studies, whose harmonic mean is used.
    paired : bool, default False
        PFT only: take `n` value by value (each study with its own size) instead of the harmonic mean.

    Returns
    -------
    float, Interval or array
        The shape of `value`.

    Notes
    -----
    The inverse of the double arcsine is Miller's, cut at the values that 0 and n events have. A harmonic mean far from
    typical sizes can mislead: PLO is the safer measure to pool.

    References
    ----------
    miller1978; viechtbauer2010

    Examples
    --------
    >>> print(f"{back_transform(-0.7145, 'RR'):.3f} {back_transform(0.0, 'PLO'):.1f}")
    0.489 0.5
    """
    m = measure_named(measure)
    out = m.back(value, _size(n, paired) if m.sized and n is not None else None)
    if isinstance(value, tuple):
        return Interval(*map(float, out)) if len(out) == 2 else tuple(map(float, out))
    return float(out) if out.ndim == 0 else out


def _size(n, paired):
    """Return the sample sizes, or their harmonic mean."""
    n = np.asarray(n, float)
    if not np.all(n > 0):
        raise EvidenceError(f"sample sizes must be above 0, got {n}")
    return n if paired or n.ndim == 0 else len(n) / np.sum(1 / n)


@door
def align(studies: Any, better: Any = "better", *, benefit: str = "negative") -> Frame:
    """Turn signs so that one sign always favours the intervention; the input is not changed.

    Parameters
    ----------
    studies : DataFrame
        With `estimate` on an analysis scale where 0 is no effect, and `ci_low`, `ci_high` if there.
    better : str or sequence of str
        Name of the column that holds each row's good direction, ``lower`` or ``higher``; or the direction itself, for
        all rows or one a row.
    benefit : {"negative", "positive"}
        The sign that shall favour the intervention.

    Returns
    -------
    DataFrame
        A copy with a bool column `turned`; `route`, if there, says which rows were turned.

    Notes
    -----
    Turning the log of a risk ratio gives the ratio of control to intervention, not the ratio for the opposite event:
    recode the events where that is meant.

    Examples
    --------
    >>> both = align({"trial": ["A", "B"], "estimate": [-0.5, 0.4], "better": ["lower", "higher"]})
    >>> print(both["estimate"].tolist(), both["turned"].tolist())
    [-0.5, -0.4] [False, True]
    """
    if benefit not in ("negative", "positive"):
        raise EvidenceError(f"benefit must be 'negative' or 'positive', got {benefit!r}")
    out = table(studies).copy()
    if isinstance(better, str) and better not in ("lower", "higher"):
        if better not in out:
            raise EvidenceError(f"no column {better!r} that says which direction is better; give 'lower' or 'higher'")
        better = list(out[better])
    directions = [better] * len(out) if isinstance(better, str) else list(better)
    if len(directions) != len(out):
        raise EvidenceError(f"{len(directions)} directions for {len(out)} rows")
    unknown = [name for name, d in zip(labels(out), directions, strict=True) if d not in ("lower", "higher")]
    if unknown:
        raise EvidenceError(f"better must be lower or higher; not so for {', '.join(unknown)}")
    turned = np.array([d == "higher" for d in directions], dtype=bool)
    return turn(out, turned if benefit == "negative" else ~turned, "sign turned so that one side is better")


def turn(out: Frame, rows: Frame, reason: str) -> Frame:
    """Mirror the estimate and the limits of the marked rows, in place, and note it in `route`."""
    sign = np.where(rows, -1.0, 1.0)
    out["estimate"] = out["estimate"].to_numpy(float) * sign
    if "ci_low" in out and "ci_high" in out:
        low, high = out["ci_low"].to_numpy(float), out["ci_high"].to_numpy(float)
        out["ci_low"], out["ci_high"] = np.where(rows, -high, low), np.where(rows, -low, high)
    if "route" in out:
        notes = zip(out["route"], rows, out["estimate"], strict=True)
        out["route"] = np.array([f"{r}; {reason}" if t and not np.isnan(y) else r for r, t, y in notes], dtype=object)
    out["turned"] = rows
    return out
