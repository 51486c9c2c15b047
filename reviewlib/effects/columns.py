"""Columns read as numbers and held against what is possible, every fault told at once."""

from __future__ import annotations

import numpy as np

from ..errors import EvidenceError, Problem


def frame(table):
    """Return a DataFrame copy of a DataFrame, a mapping of columns or a list of records."""
    import pandas as pd

    try:
        return pd.DataFrame(table).copy()
    except ValueError as problem:
        what = "a table is a DataFrame, a mapping of columns or a list of records"
        raise EvidenceError(f"{what}: {problem}") from problem


def labels(table):
    """Return what each row is called: its trial, else its study, else its index; with its result_id if it has one."""
    for column in ("trial", "study"):
        if column in table and "result_id" in table:
            return [f"{value}, {row}" for value, row in zip(table[column], table["result_id"], strict=True)]
        if column in table:
            return [str(value) for value in table[column]]
    return [str(value) for value in table.index]


def require_columns(table, columns, title):
    """Refuse a table that lacks columns, naming those that are missing and those that are there."""
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise EvidenceError(
            f"{title} needs the column{'s' * (len(columns) > 1)} {', '.join(columns)}; missing: {', '.join(lacking)} "
            f"(the table has {', '.join(map(str, table.columns)) or 'no columns'})"
        )


def numbers(table, columns):
    """Return the columns as float arrays, NaN for empty cells; text that is no number is refused."""
    import pandas as pd

    found, faults = {}, []
    for column in columns:
        raw = table[column]
        values = pd.to_numeric(raw, errors="coerce")
        text = raw.notna() & values.isna() & (raw.astype(str).str.strip() != "")
        found[column] = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        faults += [(column, text.to_numpy(bool), "is not a number", "Type a number or leave the cell empty")]
        faults += [(column, np.isinf(found[column]), "is infinite", "Leave the cell empty if it was not reported")]
    refuse(table, faults)
    return found


def refuse(table, faults):
    """Raise one EvidenceError for all faults, each ``(column, mask of rows, rule, remedy)``."""
    names, problems = labels(table), []
    for column, broken, rule, remedy in faults:
        for i in np.flatnonzero(broken):
            value = str(table[column].iloc[i]) if column in table else ""
            problems.append(Problem("table", None, column, names[i], value, rule, remedy))
    if problems:
        raise EvidenceError(problems)


_MISREAD = "Look at the source again: a misprint, or the value belongs to another column"


def impossible(c):
    """Return the faults of the columns that are present, as `refuse` takes them."""
    faults = []
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


def level_fraction(level):
    """Return interval levels as fractions; 95 and 0.95 are the same."""
    level = np.asarray(level, float)
    return np.where(level > 1, level / 100, level)


LOGARITHM = "If it is a logarithm, name its column so: logOR, lnHR (in Python: ratio=False). Else compare the source"
RATIO = "If it is a ratio, name its column so: OR, HR (in Python: ratio=True). Else compare the source"


def contrast_faults(c, ratio):
    """Return what is impossible in printed contrasts; `ratio` marks the rows that are ratios."""
    y, low, high, level = c["estimate"], c["ci_low"], c["ci_high"], c["ci_level"]
    order = "Check the limits, their order and their signs in the source"
    return [
        ("ci_low", low >= high, "the lower limit is not below the upper limit", order),
        ("estimate", (y < low) | (y > high), "the estimate lies outside its interval", order),
        ("estimate", ratio & (y <= 0), "a ratio must be above 0", LOGARITHM),
        ("ci_low", ratio & (low <= 0), "the limit of a ratio must be above 0", LOGARITHM),
        ("ci_level", (level <= 0) | (level >= 1), "an interval's level lies between 0 and 100", "Type 95 or 0.95"),
    ]
