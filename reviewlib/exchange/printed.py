"""Estimates of a file as our tables print them: ratios as ratios, with limits, on whatever scale they came."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd

from ..convert import quantile
from ..effects.contrast import all_limited, limits_decide, scales
from ..errors import EvidenceError
from ..measures import is_ratio
from .numerals import digits
from .records import Record


def printed_scales(found: Any, constants: dict) -> Any:
    """Return, for records of ratios without arms, whether their estimate and their limits are ratios as printed."""
    records = [
        r for r in found.records if r.get("estimate") and is_ratio(_measure(r, constants)) and not armed(r, found)
    ]
    if not records or all(not r.get(name) for r in records for name in ("se", "variance", "ci_low")):
        return {}
    names = ("estimate", "se", "variance", "ci_low", "ci_high", "ci_level")
    frame = pd.DataFrame([{name: float(r.get(name) or "nan") for name in names} for r in records])
    frame["trial"] = [f"{r.get('trial')}, {r.place}" for r in records]
    frame["measure"] = [_measure(r, constants) for r in records]
    said = [{"ratio": True, "log": False}.get(r.scale or found.scale) for r in records]
    if None in said and not limits_decide(frame) and not (found.own and all_limited(frame)):
        raise EvidenceError(
            f"{found.file}: the estimates may be ratios or their logarithms, and nothing beside them says which. Say "
            "--map OR=COLUMN (or RR, HR ...) if they are ratios, --map logOR=COLUMN if they are logarithms"
        )
    try:
        ratio, limits = scales(frame, said)
    except EvidenceError as error:
        raise EvidenceError([_told(problem, found.file) for problem in error.problems] or str(error)) from None
    return {id(r): pair for r, *pair in zip(records, ratio, limits, strict=True)}


def _told(problem, file):
    return replace(problem, file=file, remedy=re.sub(r" \(in Python: [^)]*\)", "", problem.remedy))


def _measure(record, constants):
    return (constants.get("measure") or record.get("measure")).upper()


def armed(record: Record, found: Any) -> bool:
    """Return whether a row of another program has both arms, which then go before its estimate."""
    sets = (("mean", "sd", "n"), ("events", "n"))
    return not found.own and any(record.has(*(f"{a}_{b}" for a in arm for b in ("int", "ctl"))) for arm in sets)


def with_limits(row: Any, record: Record, printed: Any) -> list[str]:
    """Bring the estimate of a row to the scale people read, with limits where it has none; return the notes on that.

    `printed` says whether the estimate and its limits are ratios as printed; None for differences.
    """
    log, log_limits = (not p for p in printed) if printed else (False, False)
    shown = {name: float(row[name]) for name in ("estimate", "ci_low", "ci_high") if row[name]}
    se = float(record.get("se") or "nan") if record.get("se") else float(record.get("variance") or "nan") ** 0.5
    if row["ci_low"] or math.isnan(se):
        turned = [name for name in shown if (log if name == "estimate" else log_limits)]
        row |= {name: digits(math.exp(shown[name])) for name in turned}
        said = ", ".join(f"{name} {shown[name]:.6g}" for name in turned)
        return [f"logarithms in the file ({said}), limits computed from them"] if turned else []
    y = math.log(shown["estimate"]) if printed and not log else shown["estimate"]
    means = row["measure"] == "MD" and row["n_int"] and row["n_ctl"]
    df = int(row["n_int"]) + int(row["n_ctl"]) - 2 if means else 0
    half = float(quantile(0.95, df) if df > 0 else quantile(0.95)) * se
    low, high = (math.exp(v) if printed else v for v in (y - half, y + half))
    row |= {"ci_low": digits(low), "ci_high": digits(high), "ci_level": "95"}
    if log:
        row["estimate"] = digits(math.exp(y))
    how = f"t on {df} df" if df > 0 else "normal quantile"
    kind = "log " if printed else ""
    return [f"estimate {shown['estimate']:.6g} with {kind}SE {se:.6g} in the file, 95% limits computed from it ({how})"]
