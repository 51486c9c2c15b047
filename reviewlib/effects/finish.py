"""The last step of every effect: the result columns, and a reason in each row that has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..gate import reasons
from ..typed import Array, Frame


def finish(
    out: Frame, estimate: Any, variance: Any, corrected: Any, route: Any, excluded: Any, undefined: Any
) -> Frame:
    """Write the result columns; rows without a usable estimate and variance become NaN and say why."""
    estimate, variance = np.broadcast_arrays(np.asarray(estimate, float), np.asarray(variance, float))
    usable = np.isfinite(estimate) & np.isfinite(variance) & (variance > 0)
    usable &= np.array([reason is None for reason in excluded], dtype=bool)
    why = [None if ok else (said or undefined[i]) for i, (ok, said) in enumerate(zip(usable, excluded, strict=True))]
    out["estimate"] = np.where(usable, estimate, np.nan)
    out["variance"] = np.where(usable, variance, np.nan)
    out["se"] = np.sqrt(out["variance"].to_numpy(float))
    out["corrected"] = np.asarray(corrected, dtype=bool) & usable
    out["route"] = [text if ok else "" for text, ok in zip(route, usable, strict=True)]
    # An object column keeps None as None; a string column would turn it into NaN.
    out["excluded"] = pd.Series(why, index=out.index, dtype=object)
    return out


def why_unusable(out: Frame, c: dict[str, Array]) -> list[str | None]:
    """Return, row by row, why it cannot be estimated as far as the input shows: already excluded, or not reported."""
    missing = np.array([np.isnan(values) for values in c.values()]).reshape(len(c), len(out))
    lacking = [", ".join(np.array(list(c))[column]) for column in missing.T]
    return [
        reason or (f"not reported: {names}" if names else None)
        for reason, names in zip(reasons(out), lacking, strict=True)
    ]
