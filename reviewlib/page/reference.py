"""Reference values: what publications print, what metafor gives, and what we compute beside them.

The calls in ``golden/printed.csv`` and ``guide.csv`` are evaluated as they stand, so that what a reader sees is
what was run. Differences are told in digits that agree, capped, because what lies below differs between machines.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import quiet
from ..typed import Frame

# Digits of agreement beyond this are not told apart: the rest is rounding of the machine that computes the page.
DIGITS = 11
GOLDEN = Path(__file__).with_name("golden")


def read_json(name: str) -> dict:
    """Return one file of reference values."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def read_rows(name: str) -> Frame:
    """Return one table of reference values as text, empty cells as empty text."""
    return pd.read_csv(GOLDEN / f"{name}.csv", dtype=str, keep_default_na=False)


def room() -> dict:
    """Return the names that the calls may use: ``rl``, ``np``, ``ndtri`` and the data sets."""
    import numpy as np
    from scipy.special import ndtri

    import reviewlib

    sets = {name: pd.DataFrame(columns) for name, columns in read_json("printed")["data_sets"].items()}
    return {"rl": reviewlib, "np": np, "ndtri": ndtri, **sets}


def printed_values() -> Frame:
    """Return printed.csv with our value, metafor's, and the differences.

    Returns
    -------
    DataFrame
        Adds `ours` and `reference` (floats), `units` (ours minus print, in units of the last printed digit), `agrees`
        (the print is ours, rounded) and `digits` (digits that ours and metafor's share, at most `DIGITS`).
    """
    rows, values, names = read_rows("printed"), read_json("printed")["values"], room()
    with quiet():
        ours = [float(eval(call, names)) for call in rows["call"]]
    places = [len(text.partition(".")[2]) for text in rows["printed"]]
    units = [(value - float(text)) * 10**n for value, text, n in zip(ours, rows["printed"], places, strict=True)]
    reference = [values[i] for i in rows["example_id"]]
    # Half a unit, and a hair for a printed value that lies on the edge of rounding.
    agrees = [abs(u) <= 0.5 + 1e-6 for u in units]
    digits = [digits_shared(a, b) for a, b in zip(ours, reference, strict=True)]
    return rows.assign(ours=ours, reference=reference, units=units, agrees=agrees, digits=digits)


def guide_values() -> Frame:
    """Return guide.csv with `value` (ours, computed by the call shown), `reference` (metafor's) and `digits`."""
    rows, values, names = read_rows("guide"), read_json("printed")["guide"], room()
    ours = []
    with quiet():
        for row in rows.itertuples():
            exec(row.ours, names)
            ours.append(float(eval(row.ours_value, names)))
    reference = [values[task] for task in rows["task"]]
    return rows.assign(
        value=ours, reference=reference, digits=[digits_shared(a, b) for a, b in zip(ours, reference, strict=True)]
    )


def digits_shared(ours: float, reference: Any) -> int:
    """Return how many significant digits two numbers share, at most `DIGITS`; 0 where one of them is missing."""
    if ours is None or reference is None or math.isnan(ours) or math.isnan(reference):
        return 0
    if ours == reference:
        return DIGITS
    gap = abs(ours - reference) / max(abs(reference), abs(ours))
    return max(0, min(DIGITS, math.floor(-math.log10(gap))))
