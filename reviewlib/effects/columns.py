"""What is impossible in the columns of arms and contrasts, every fault named at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Array

_MISREAD = "Look at the source again: a misprint, or the value belongs to another column"


def impossible(c: dict[str, Array]) -> list:
    """Return the faults of the columns that are present, as `refuse` takes them."""
    faults: list[tuple] = []
    whole = "Write whole people and events; an effective or split sample size is rounded down first"
    for count in (name for name in ("n_int", "n_ctl", "n", "events_int", "events_ctl", "events") if name in c):
        faults.append((count, ~np.isnan(c[count]) & (c[count] != np.round(c[count])), "is not a whole number", whole))
    for n in (name for name in ("n_int", "n_ctl", "n") if name in c):
        faults.append((n, c[n] <= 0, "a group has at least 1 person", _MISREAD))
    for sd in (name for name in ("sd_int", "sd_ctl", "sd_pre", "sd_post") if name in c):
        faults.append((sd, c[sd] < 0, "a standard deviation cannot be negative", _MISREAD))
        faults.append((sd, c[sd] == 0, "a standard deviation of 0 says that all people scored alike", _MISREAD))
    for events, n in (("events_int", "n_int"), ("events_ctl", "n_ctl"), ("events", "n")):
        if events in c:
            faults.append((events, c[events] < 0, "events cannot be negative", _MISREAD))
        if events in c and n in c:
            faults.append((events, c[events] > c[n], f"more events than people ({n})", _MISREAD))
    for time in (name for name in ("time_int", "time_ctl") if name in c):
        faults.append((time, c[time] <= 0, "person-time must be above 0", _MISREAD))
    if "r" in c:
        faults.append(("r", np.abs(c["r"]) > 1, "a correlation lies between -1 and 1", _MISREAD))
    return faults


def level_fraction(level: float) -> Array:
    """Return interval levels as fractions; 95 and 0.95 are the same."""
    level = np.asarray(level, float)
    return np.where(level > 1, level / 100, level)


LEVEL_WORDS = {"level", "conflevel", "confidence", "confidencelevel", "coverage", "ci", "cilevel", "cipercent", "cipct"}


def other_level(cell: Any) -> bool:
    """Return whether a cell holds a coverage other than 95%, as text or as a number, in per cent or as a fraction."""
    text = str(cell).strip().removesuffix("%").replace(",", ".")
    level = float(level_fraction(float(text))) if text.replace(".", "", 1).isdigit() else np.nan
    return 0.5 <= level < 1 and abs(level - 0.95) > 1e-9


LOGARITHM = "If it is a logarithm, name its column so: logOR, lnHR (in Python: ratio=False). Else compare the source"
RATIO = "If it is a ratio, name its column so: OR, HR (in Python: ratio=True). Else compare the source"


UNREAD_LEVEL = "may be the level of the limits of this row, and is not read as that"


def contrast_faults(c: dict[str, Array], ratio: Any) -> list:
    """Return what is impossible in printed contrasts; `ratio` marks the rows that are ratios."""
    y, low, high, level = c["estimate"], c["ci_low"], c["ci_high"], c["ci_level"]
    order = "Check the limits, their order and their signs in the source"
    return [
        ("ci_low", low >= high, "the lower limit is not below the upper limit", order),
        ("estimate", (y < low) | (y > high), "the estimate lies outside its interval", order),
        ("estimate", ratio & (y <= 0), "a ratio must be above 0", LOGARITHM),
        ("ci_low", ratio & (low <= 0), "the limit of a ratio must be above 0", LOGARITHM),
        ("ci_level", (level < 0.5) | (level >= 1), "an interval's level lies between 50 and 100", "Type 95 or 0.95"),
    ]
