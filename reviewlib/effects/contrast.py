"""Contrasts as printed: a difference, or a ratio taken to the log scale, with its interval, SE or variance."""

from __future__ import annotations

import numpy as np

from ..convert import quantile
from ..measures import is_ratio
from .columns import contrast_faults, level_fraction, numbers, refuse, require_columns


def printed_contrast(out, ratio=None):
    """Return the table with estimate, variance, se and route from printed contrasts (see `effect_sizes`, GEN)."""
    from .table import _reasons, finish

    given = _spread_column(out)
    c = numbers(out, ("estimate", *given, *(name for name in ("ci_level", "df") if name in out)))
    ratios = _ratio_rows(out, ratio)
    if out.attrs.get("measure") == "GEN" and "measure" in out and out["measure"].nunique() == 1:
        out.attrs["measure"] = str(out["measure"].dropna().iloc[0]).upper()
    c.setdefault("ci_level", np.full(len(out), np.nan))
    level = c["ci_level"] = np.where(np.isnan(c["ci_level"]), 0.95, level_fraction(c["ci_level"]))
    if "ci_low" in given:
        refuse(out, contrast_faults(c, ratios))
    else:
        refuse(out, [(given[0], c[given[0]] <= 0, f"{given[0]} must be above 0", "Look at the source again")])
    excluded = _reasons(out, {name: c[name] for name in ("estimate", *given)})
    df = np.where(np.isnan(c["df"]), np.inf, c["df"]) if "df" in c else np.full(len(out), np.inf)
    log = ratios & ("ci_low" in given)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = np.where(log, np.log(c["estimate"]), c["estimate"])
        if "ci_low" in given:
            low, high = (np.where(log, np.log(c[name]), c[name]) for name in ("ci_low", "ci_high"))
            se = (high - low) / (2 * quantile(level, df))
            out["ci_low"], out["ci_high"] = low, high
            route = _routes(c, log, df, level)
        else:
            se = c["se"] if given[0] == "se" else np.sqrt(c["variance"])
            route = [f"estimate with its {given[0]} as given"] * len(out)
    nothing = np.zeros(len(out), dtype=bool)
    return finish(out, estimate, se**2, nothing, route, excluded, ["not estimable"] * len(out))


def _spread_column(out):
    """Return which columns say how precise the contrast is; the interval comes first."""
    for names in (("ci_low", "ci_high"), ("se",), ("variance",)):
        if all(name in out for name in ("estimate", *names)):
            return names
    require_columns(out, ("estimate", "ci_low", "ci_high"), "a printed contrast (or estimate with se)")
    return ()


def _ratio_rows(out, ratio):
    if ratio is not None:
        return np.full(len(out), bool(ratio))
    if "measure" not in out:
        return np.zeros(len(out), dtype=bool)
    return np.array([is_ratio(name) if isinstance(name, str) else False for name in out["measure"]], dtype=bool)


def _routes(c, log, df, level):
    """Say for each row how its standard error was made, and whether the estimate is off the middle."""
    routes = []
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = c["ci_low"], c["ci_high"]
        off = np.where(log, (2 * np.log(c["estimate"]) - np.log(low) - np.log(high)) / np.log(high / low), np.nan)
        off = np.where(log, off, (2 * c["estimate"] - low - high) / (high - low))
    for i in range(len(log)):
        kind = "log ratio" if log[i] else "contrast"
        by = "normal quantile" if np.isinf(df[i]) else f"t quantile on {df[i]:g} df"
        text = f"{kind} as printed, SE from its {level[i]:.0%} interval ({by})"
        if abs(off[i]) > 0.1:
            text += f"; the estimate is {off[i]:+.0%} of half the width off the middle"
        routes.append(text)
    return routes
