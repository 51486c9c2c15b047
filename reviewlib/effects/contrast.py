"""Contrasts as printed: a difference, or a ratio taken to the log scale, with its interval, SE or variance.

Whether a number is a ratio or the logarithm of one is never guessed. Somebody says so (`ratio`, the name of a column),
or limits decide: those of a ratio lie evenly around it on the log scale, those of a logarithm on its own. A standard
error or variance beside a ratio belongs to its logarithm. Where nothing decides, the table is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..convert import quantile
from ..errors import EvidenceError
from ..gate import numbers, refuse, require_columns
from ..measures import is_ratio
from ..results import percent
from ..typed import Array, Frame
from .columns import LEVEL_WORDS, LOGARITHM, RATIO, UNREAD_LEVEL, contrast_faults, level_fraction, other_level
from .finish import finish, why_unusable
from .names import bare
from .twins import half_unit, refuse_twins

_SPREADS = ("ci_low", "ci_high", "se", "variance")
_AGREE = 0.25  # how far a standard error may be from that of the limits: they may come from Student's t
_UNSPREAD = "not reported: se, variance or limits"


def printed_contrast(out: Frame, ratio: Any = None) -> Frame:
    """Return the table with estimate, variance, se and route from printed contrasts (see `effect_sizes`, GEN).

    Each row takes its limits where it is a ratio that has them, else its standard error, its variance, its limits.
    """
    c = _columns(out)
    ratio = False if out.attrs.pop("logarithms", False) and ratio is None else ratio
    ratios = _ratio_rows(out, ratio)
    if out.attrs.get("measure") == "GEN" and "measure" in out and out["measure"].nunique() == 1:
        out.attrs["measure"] = str(out["measure"].dropna().iloc[0]).upper()
    if ratio is None and not ratios.any() and ("measure" not in out or out["measure"].isna().all()):
        refuse_unnamed_ratios(out, c)
    printed, printed_limits = _scales(out, c, ratios, ratio)
    excluded = why_unusable(out, {"estimate": c["estimate"]})
    with np.errstate(all="ignore"):
        estimate = np.where(printed, np.log(c["estimate"]), c["estimate"])
        low, high = (np.where(printed_limits, np.log(c[name]), c[name]) for name in ("ci_low", "ci_high"))
        by_limits = (high - low) / (2 * quantile(c["ci_level"], c["df"]))
    given = np.where(np.isnan(c["se"]), np.sqrt(c["variance"]), c["se"])
    limited = np.isfinite(by_limits) & (printed | np.isnan(given))
    se = np.where(limited, by_limits, given)
    refuse_twins(out, estimate, se, c["estimate"], "estimate", ratio=printed)
    if "ci_low" in out:
        out["ci_low"], out["ci_high"] = low, high
    lacking = np.isnan(se) & np.isfinite(estimate)
    one = np.isnan(low) != np.isnan(high)
    words = np.where(one, "only one limit is reported: the other, or the se, is needed", _UNSPREAD)
    excluded = [why or (str(words[i]) if lacking[i] else None) for i, why in enumerate(excluded)]
    route = _routes(c, estimate, low, high, limited, printed, ratios)
    variance = np.where(limited | np.isfinite(c["se"]), se**2, c["variance"])
    return finish(out, estimate, variance, np.zeros(len(out), bool), route, excluded, ["not estimable"] * len(out))


def scales(table: Frame, ratio: Any = None) -> tuple[Array, Array]:
    """Return which estimates, and which limits, of a table of ratios are ratios as printed; the others are logarithms.

    Parameters
    ----------
    table : DataFrame
        With the columns of `printed_contrast` and a `measure` in every row.
    ratio : as in `effect_sizes`

    Raises
    ------
    EvidenceError
        Rows that contradict what is said of them, or of which nothing says what they are.
    """
    return _scales(table, _columns(table), _ratio_rows(table, ratio), ratio)


def _columns(out):
    """Return the number columns of a contrast, NaN where the table has none, the level filled in and as a fraction."""
    if "estimate" not in out or not any(name in out for name in ("ci_low", "se", "variance")):
        require_columns(out, ("estimate", "ci_low", "ci_high"), "a printed contrast (or estimate with se)")
    if ("ci_low" in out) != ("ci_high" in out):
        require_columns(out, ("ci_low", "ci_high"), "an interval")
    c = numbers(out, [name for name in ("estimate", *_SPREADS, "ci_level", "df") if name in out])
    if "ci_low" in c and "ci_level" not in c:
        remedy = "Name the column ci_level if it is, else leave it out"
        limited = np.isfinite(c["ci_low"])
        for name in (name for name in out.columns if bare(str(name)) in LEVEL_WORDS):
            refuse(out, [(name, limited & [other_level(cell) for cell in out[name]], UNREAD_LEVEL, remedy)])
    for name in (*_SPREADS, "ci_level", "df"):
        c.setdefault(name, np.full(len(out), np.nan))
    c["ci_level"] = np.where(np.isnan(c["ci_level"]), 0.95, level_fraction(c["ci_level"]))
    c["df"] = np.where(np.isnan(c["df"]), np.inf, c["df"])
    remedy = "Look at the source again"
    refuse(out, [(name, c[name] <= 0, f"{name} must be above 0", remedy) for name in ("se", "variance")])
    return c


def _ratio_rows(out, ratio):
    """Return which rows hold a ratio or its logarithm, as far as the measure or the caller says."""
    said = np.array([bool(r) if r is not None else False for r in _each(out, ratio)], dtype=bool)
    if is_ratio(out.attrs.get("measure")):
        return np.ones(len(out), dtype=bool)
    kinds = {name: is_ratio(name) for name in set(out["measure"].dropna())} if "measure" in out else {}
    return said | np.array([kinds.get(name, False) for name in out["measure"]] if kinds else said, dtype=bool)


def _each(out, ratio):
    """Return `ratio` row by row: True, False, or None where nobody says."""
    if ratio is None or isinstance(ratio, (bool, np.bool_)):
        return [ratio] * len(out)
    return [None if r is None or r != r else bool(r) for r in ratio]


def _scales(out, c, ratios, ratio):
    """Return which estimates, and which limits, are ratios as printed; refuse what cannot be or cannot be known."""
    said = _each(out, ratio)
    as_printed, as_logs = (np.array([s is value for s in said], dtype=bool) for value in (True, False))
    votes_ratio, votes_log = symmetry(c)
    open_rows = ratios & ~as_printed & ~as_logs & np.isfinite(c["estimate"])
    if open_rows.any():
        printed = _decided(out, c, open_rows, votes_ratio, votes_log)
        as_printed, as_logs = as_printed | (open_rows & printed), as_logs | (open_rows & ~printed)
    limits = as_printed | (as_logs & ratios & _limits_of_the_ratio(c, as_logs))
    faults = contrast_faults(_on_one_scale(c, as_printed, limits), as_printed)
    # a person who says ratio=True or False is believed; the name of a column is held against the limits
    named = ratios & np.isfinite(c["estimate"]) & (not isinstance(ratio, (bool, np.bool_)))
    as_log = named & as_printed & votes_log & ~votes_ratio
    rule = "its limits lie around it as those of a logarithm or a difference do, not as those of a ratio"
    faults.append(("estimate", as_log, rule, LOGARITHM))
    as_ratio = named & as_logs & ~limits & votes_ratio & ~votes_log
    rule = "its limits lie around it as those of a ratio do, not as those of a logarithm"
    faults.append(("estimate", as_ratio, rule, RATIO))
    faults += _quarrels(c, as_printed, limits)
    refuse(out, faults)
    return as_printed, limits


def symmetry(c: dict[str, Array]) -> tuple[Array, Array]:
    """Return which rows could be ratios, and which logarithms or differences, by how the limits lie around them.

    Half a unit of the last digit that the columns show is allowed for each number, twice over.
    """
    y, low, high = c["estimate"], c["ci_low"], c["ci_high"]
    half = 2 * half_unit(np.concatenate([y, low, high]))
    with np.errstate(all="ignore"):
        straight = np.abs(2 * y - low - high) <= 4 * half + 1e-9 * np.abs(high - low)
        bent = np.abs(2 * np.log(y) - np.log(low) - np.log(high))
        bent = (low > 0) & (bent <= half * (2 / y + 1 / low + 1 / high) + 1e-9 * np.log(high / low))
    return bent, straight


def refuse_unnamed_ratios(table: Frame, c: dict[str, Array], names: Any = None) -> None:
    """Refuse estimates of no measure whose limits lie around them as those of ratios do, and none as of a difference.

    Parameters
    ----------
    table : DataFrame
    c : dict of arrays
        With `estimate`, `ci_low` and `ci_high`.
    names : sequence of str, optional
        What the rows are called.
    """
    bent, straight = symmetry(c)
    rule = "its limits lie around it as those of a ratio do, and nothing says which measure it is"
    inside = (c["ci_low"] < c["estimate"]) & (c["estimate"] < c["ci_high"])
    if not (straight & ~bent).any():
        refuse(table, [("estimate", bent & ~straight & inside, rule, RATIO)], names)


def limits_decide(table: Frame) -> bool:
    """Return whether limits, or values below 0, show on which scale the ratios of a table are."""
    nothing = np.full(len(table), np.nan)
    c = {name: table[name].to_numpy(float) if name in table else nothing for name in ("estimate", "ci_low", "ci_high")}
    bent, straight = symmetry(c)
    return bool((bent != straight).any() or (c["estimate"] <= 0).any() or (c["ci_low"] <= 0).any())


def all_limited(table: Frame) -> bool:
    """Return whether every estimate of a table has both limits."""
    given = table[["ci_low", "ci_high"]].notna().all(axis=1) if {"ci_low", "ci_high"} <= set(table) else False
    return bool((given | table["estimate"].isna()).all())


def _decided(out, c, rows, votes_ratio, votes_log):
    """Return which rows of unnamed scale hold ratios; the limits of a column decide for all of it."""
    negative = rows & ((c["estimate"] <= 0) | (c["ci_low"] <= 0))
    for_log = negative | (rows & votes_log & ~votes_ratio)
    for_ratio = rows & votes_ratio & ~votes_log & ~negative
    if for_log.any() and for_ratio.any():
        fault = "the limits of some rows are those of ratios, of others those of logarithms; this one is a logarithm"
        refuse(
            out, [("estimate", for_log, fault, "Write all as ratios or all as logarithms, in a column that says so")]
        )
    limited = rows & np.isfinite(c["ci_low"]) & np.isfinite(c["ci_high"])
    if for_log.any() or for_ratio.any():
        return np.full(len(out), for_ratio.any())
    if (rows & ~limited).any():
        raise EvidenceError(
            "the estimates may be ratios or their logarithms, and nothing beside them says which. Say ratio=True for "
            "ratios (se and variance are then those of the logarithm), ratio=False for logarithms"
        )
    return np.ones(len(out), dtype=bool)  # a contrast with its interval is as printed, on the scale people read


def _limits_of_the_ratio(c, as_logs):
    """Return which limits beside a logarithm are those of the ratio itself; those of all logarithms are alike."""
    y, low, high = c["estimate"], c["ci_low"], c["ci_high"]
    with np.errstate(all="ignore"):
        inside = (low <= y) & (y <= high)
        bent = (low > 0) & (np.log(low) <= y) & (y <= np.log(high))
        nearer = np.abs(2 * y - np.log(low) - np.log(high)) / np.log(high / low) < np.abs(2 * y - low - high) / (
            high - low
        )
    limited = np.isfinite(low) & as_logs
    all_bent = bool(bent[limited].all()) if limited.any() else False
    return np.full(len(y), all_bent) & (~inside | nearer)


def _on_one_scale(c, as_printed, limits):
    """Return estimates and limits on the scale of the estimate, for what is impossible to be found."""
    with np.errstate(all="ignore"):
        mixed = limits & ~as_printed
        return c | {name: np.where(mixed, np.log(c[name]), c[name]) for name in ("ci_low", "ci_high")}


def _quarrels(c, as_printed, limits):
    """Return the faults of standard errors that agree neither with the variance nor with the limits beside them."""
    y, se, v = c["estimate"], c["se"], c["variance"]
    with np.errstate(all="ignore"):
        low, high = (np.where(limits, np.log(c[name]), c[name]) for name in ("ci_low", "ci_high"))
        z = 2 * quantile(c["ci_level"], np.full(len(y), np.inf))
        half = half_unit(np.concatenate([c["ci_low"], c["ci_high"]]))
        wide, plain = (high - low) / z, (c["ci_high"] - c["ci_low"]) / z
        slack = 2 * half / z * np.where(limits, 1 / c["ci_low"] + 1 / c["ci_high"], 2) + half_unit(se)
        given = np.where(np.isnan(se), np.sqrt(v), se)
        near = np.abs(given - wide) <= _AGREE * wide + slack
        near |= as_printed & (
            (np.abs(given - plain) <= _AGREE * plain + 4 * half / z) | (np.abs(given - y * wide) <= _AGREE * y * wide)
        )
        apart = np.abs(se**2 - v) > 0.05 * v + 2 * se * half_unit(se) + half_unit(v)
    both = np.isfinite(given) & np.isfinite(wide)
    look = "One of them is misprinted, or the limits have another level (ci_level): correct it, or leave one out"
    name = "se" if np.isfinite(se).any() else "variance"
    return [
        (name, both & ~near, f"{name} does not agree with the limits", look),
        ("variance", np.isfinite(se) & np.isfinite(v) & apart, "the variance is not the square of the se", look),
    ]


def printed_limits(row: Mapping, level: float) -> tuple[float, float] | None:
    """Return the limits that the source printed at this level, on the analysis scale; None where it printed others.

    Parameters
    ----------
    row : mapping
        A row of `effect_sizes` or `study_effects`, whose `route` says whether its interval is a printed one.
    level : float
    """
    route = str(row.get("route"))
    if "as printed" not in route or f"its {percent(level)} interval" not in route:
        return None
    low, high = row.get("ci_low", np.nan), row.get("ci_high", np.nan)
    return (float(low), float(high)) if low <= row["estimate"] <= high else None


def _routes(c, y, low, high, limited, printed, ratios):
    """Say for each row how its standard error was made, and whether the estimate is off the middle."""
    routes = []
    with np.errstate(all="ignore"):
        off = (2 * y - low - high) / (high - low)
    for i in range(len(y)):
        kind = "log ratio" if printed[i] else "contrast"
        if not limited[i]:
            name = "se" if np.isfinite(c["se"][i]) else "variance"
            what = "estimate, read as the logarithm of a ratio," if ratios[i] else "estimate"
            routes.append(f"log ratio, its {name} as given" if printed[i] else f"{what} with its {name} as given")
            continue
        df = c["df"][i]
        by = "normal quantile" if np.isinf(df) else f"t quantile on {df:g} df"
        text = f"{kind} as printed, SE from its {100 * c['ci_level'][i]:.4g}% interval ({by})"
        if abs(off[i]) > 0.1:
            text += f"; the estimate lies {abs(off[i]):.0%} of half the width off the middle"
        routes.append(text)
    return routes
