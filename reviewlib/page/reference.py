"""Reference values: what publications print, what metafor gives, and what we compute beside them.

The calls in ``tests/golden/printed.csv`` and ``guide.csv`` are evaluated as they stand, so that what a reader sees is
what was run. Differences are told in digits that agree, capped, because what lies below differs between machines.
"""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

from ..errors import EvidenceError, MethodWarning

# Digits of agreement beyond this are not told apart: the rest is rounding of the machine that computes the page.
DIGITS = 11
FOLDER = Path("tests") / "golden"


def folder(evidence) -> Path:
    """Return the folder of reference values that lies beside the evidence tables."""
    found = Path(evidence.path).resolve().parent / FOLDER
    if not (found / "printed.csv").is_file():
        raise EvidenceError(f"no reference values at {FOLDER}: compute the methods page in a checkout of the project")
    return found


def read_json(place, name) -> dict:
    """Return one file of reference values from their folder."""
    return json.loads((Path(place) / f"{name}.json").read_text(encoding="utf-8"))


def read_rows(evidence, name):
    """Return one table of reference values as text, empty cells as empty text."""
    import pandas as pd

    return pd.read_csv(folder(evidence) / f"{name}.csv", dtype=str, keep_default_na=False)


def room(evidence) -> dict:
    """Return the names that the calls may use: ``rl``, ``np``, ``ndtri`` and the data sets."""
    import numpy as np
    import pandas as pd
    from scipy.special import ndtri

    import reviewlib

    sets = read_json(folder(evidence), "printed")["data_sets"]
    return {
        "rl": reviewlib,
        "np": np,
        "ndtri": ndtri,
        **{name: pd.DataFrame(columns) for name, columns in sets.items()},
    }


def printed_values(evidence):
    """Return printed.csv with our value, metafor's, and the differences.

    Returns
    -------
    DataFrame
        Adds `ours` and `reference` (floats), `units` (ours minus print, in units of the last printed digit), `agrees`
        (the print is ours, rounded) and `digits` (digits that ours and metafor's share, at most `DIGITS`).
    """
    rows, values, names = (
        read_rows(evidence, "printed"),
        read_json(folder(evidence), "printed")["values"],
        room(evidence),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodWarning)
        ours = [float(eval(call, names)) for call in rows["call"]]
    places = [len(text.partition(".")[2]) for text in rows["printed"]]
    units = [(value - float(text)) * 10**n for value, text, n in zip(ours, rows["printed"], places, strict=True)]
    reference = [values[i] for i in rows["example_id"]]
    return rows.assign(
        ours=ours,
        reference=reference,
        units=units,
        # Half a unit, and a hair for a printed value that lies on the edge of rounding.
        agrees=[abs(u) <= 0.5 + 1e-6 for u in units],
        digits=[digits_shared(a, b) for a, b in zip(ours, reference, strict=True)],
    )


def guide_values(evidence):
    """Return guide.csv with `value` (ours, computed by the call shown), `reference` (metafor's) and `digits`."""
    rows, values, names = read_rows(evidence, "guide"), read_json(folder(evidence), "printed")["guide"], room(evidence)
    ours = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodWarning)
        for row in rows.itertuples():
            exec(row.ours, names)
            ours.append(float(eval(row.ours_value, names)))
    reference = [values[task] for task in rows["task"]]
    return rows.assign(
        value=ours,
        reference=reference,
        digits=[digits_shared(a, b) for a, b in zip(ours, reference, strict=True)],
    )


def digits_shared(ours, reference) -> int:
    """Return how many significant digits two numbers share, at most `DIGITS`; 0 where one of them is missing."""
    if ours is None or reference is None or math.isnan(ours) or math.isnan(reference):
        return 0
    if ours == reference:
        return DIGITS
    gap = abs(ours - reference) / max(abs(reference), abs(ours))
    return max(0, min(DIGITS, math.floor(-math.log10(gap))))
