"""From one published row to an effect: arms, a printed contrast, or an exact P value, each with its route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..convert import sd_from_se_of_difference, se_from_p
from ..measures import ARMS, COUNTS
from ..numeric import absent
from ..typed import Array, Frame
from .columns import level_fraction
from .continuous import hedges_correction, smd_variance
from .contrast import printed_contrast
from .table import NO_RATIO, effect_sizes


@dataclass(slots=True)
class Effects:
    """Candidate effects of all rows by one route; NaN where the route does not lead there.

    `limits` (2, rows) holds the printed interval where it is the interval of the estimate.
    """

    estimate: np.ndarray
    variance: np.ndarray
    df: np.ndarray
    route: list
    corrected: np.ndarray
    kind: str
    limits: np.ndarray | None = None

    def usable(self) -> Array:
        return np.isfinite(self.estimate) & np.isfinite(self.variance) & (self.variance > 0)


def from_arms(rows: Frame, m: Any, to: str, add: float) -> Effects:
    """Effects from means, SDs and n, or from events and n; no ratio where both arms had no events, or only events."""
    table = pd.DataFrame({name: rows.get(name, np.nan) for name in ("trial", "result_id", *m.columns)})
    if m.columns == ARMS and (shares := _percentages(rows)).any():
        table.loc[shares, ["mean_int", "mean_ctl"]] = np.nan
    got = effect_sizes(table, m.name, to=to, add=add, drop00=m.ratio)
    df, route = np.full(len(got), np.inf), list(got["route"])
    estimate, variance, corrected = (got[name].to_numpy() for name in ("estimate", "variance", "corrected"))
    return Effects(estimate, variance, df, route, corrected, "arms")


def from_contrast(rows: Frame, m: Any, level: float) -> Effects:
    """Effects from printed estimates with intervals, turned to intervention minus control on the analysis scale."""
    printed = text(rows, "measure", m.name)
    wanted = {m.name} | ({"MD"} if m.name == "SMD" else set())
    fits = np.array([m.name == "GEN" or name in wanted for name in printed], dtype=bool)
    fits &= ~(_percentages(rows) & (m.scale in ("standardized", "difference")) & (m.columns == ARMS))
    table = pd.DataFrame(
        {name: rows.get(name, np.nan) for name in ("trial", "result_id", "estimate", "ci_low", "ci_high")}
    )
    table["ci_level"] = rows.get("ci_level", 95.0)
    table["measure"] = printed
    if not fits.all():
        table.loc[~fits, ["estimate", "ci_low", "ci_high"]] = np.nan
    means = np.array([name == "MD" for name in printed], dtype=bool)
    df = column(rows, "n_int") + column(rows, "n_ctl") - 2
    table["df"] = df = np.where(means & (df > 0), df, np.nan)
    got = printed_contrast(table)
    levels = zip(got["route"], text(rows, "ci_printed_level"), text(rows, "ci_adjusted"), strict=True)
    route = [f"{r}, printed as {float(p):g}%, {why or 'adjusted'}" if r and p else r for r, p, why in levels]
    estimate, route = _turned(rows, got["estimate"].to_numpy(float), route)
    df = np.where(np.isnan(df), np.inf, df)
    limits = got[["ci_low", "ci_high"]].to_numpy(float).T
    back = np.array([name == "ctl-int" for name in text(rows, "contrast", "int-ctl")], dtype=bool)
    limits = np.where(back, -limits[::-1], limits)
    same_level = np.abs(level_fraction(np.nan_to_num(column(table, "ci_level"), nan=95.0)) - level) < 1e-9
    limits = np.where(same_level, limits, np.nan)
    made = Effects(estimate, got["variance"].to_numpy(float), df, route, np.zeros(len(rows), bool), "contrast", limits)
    return _standardized(rows, made, means) if m.name == "SMD" else made


def from_p(rows: Frame, m: Any) -> Effects:
    """Effects from a difference (printed, or of the printed means) or ratio and its exact P value: approximate."""
    printed = text(rows, "measure", m.name)
    p, n1, n2 = exact_p(rows), column(rows, "n_int"), column(rows, "n_ctl")
    raw, ratio = column(rows, "estimate"), m.ratio
    fits = np.array(
        [name == m.name or (m.name == "SMD" and name == "MD") for name in printed], dtype=bool
    ) & ~_percentages(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        shown = np.where(fits, np.log(raw) if ratio else raw, np.nan)
    shown, _ = _turned(rows, shown, [""] * len(rows))
    if m.columns == ARMS and not ratio:
        means = np.where(_percentages(rows), np.nan, column(rows, "mean_int") - column(rows, "mean_ctl"))
        shown = np.where(np.isnan(shown), means, shown)
    known = ~np.isnan(n1 + n2) & (n1 + n2 > 2) & (not ratio)
    df = np.where(known, n1 + n2 - 2, np.inf)
    ok = np.isfinite(shown) & (shown != 0) & np.isfinite(p)
    se = np.full(len(rows), np.nan)
    if ok.any():
        se[ok] = se_from_p(shown[ok], p[ok], df[ok])
    by = [f"t on {d:g} df" if np.isfinite(d) else "normal" for d in df]
    route = [f"APPROXIMATE: SE from the exact P value {p[i]:g} ({by[i]})" for i in range(len(rows))]
    made = Effects(np.where(ok, shown, np.nan), se**2, df, route, np.zeros(len(rows), bool), "P value")
    difference = np.array([name != "SMD" for name in text(rows, "measure", "MD")], dtype=bool)
    return _standardized(rows, made, difference) if m.name == "SMD" else made


def _standardized(rows, made, means):
    """Divide mean differences by the SD that their SE and n imply, with Hedges' correction."""
    n1, n2 = column(rows, "n_int"), column(rows, "n_ctl")
    ready = means & made.usable() & (n1 + n2 > 3)
    g, v = np.where(means, np.nan, made.estimate), np.where(means, np.nan, made.variance)
    sd = np.full(len(g), np.nan)
    if ready.any():
        sd[ready] = sd_from_se_of_difference(np.sqrt(made.variance[ready]), n1[ready], n2[ready])
        g[ready] = hedges_correction(n1 + n2 - 2)[ready] * made.estimate[ready] / sd[ready]
        v[ready] = smd_variance(g, n1, n2)[ready]
    route = [
        f"{made.route[i]}; over the SD this implies ({sd[i]:.3g}), Hedges' g" if ready[i] else made.route[i]
        for i in range(len(g))
    ]
    limits = None if made.limits is None else np.where(means, np.nan, made.limits)
    return Effects(g, v, np.where(means, np.inf, made.df), route, made.corrected, made.kind, limits)


def _turned(rows, estimate, route):
    """Turn contrasts printed as control minus intervention."""
    turned = np.array([name == "ctl-int" for name in text(rows, "contrast", "int-ctl")], dtype=bool)
    turned &= np.isfinite(estimate)
    route = [
        f"{r}; sign turned (printed control minus intervention)" if t else r for r, t in zip(route, turned, strict=True)
    ]
    return np.where(turned, -estimate, estimate), route


def first_route(usable: Any) -> Array:
    """Return for each row the position of the first route that leads to an effect, -1 where none does.

    Parameters
    ----------
    usable : sequence of bool arrays
        For each route, the preferred first: the rows for which it gives an effect.
    """
    found = np.full(len(usable[0]), -1)
    for position, rows in reversed(list(enumerate(usable))):
        found[rows] = position
    return found


def column(rows: Frame, name: str) -> Array:
    """Return a column as floats, NaN where it is empty or absent."""
    if name not in rows:
        return np.full(len(rows), np.nan)
    values = rows[name]
    if values.dtype == float:
        return values.to_numpy(copy=True)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        values = pd.to_numeric(values, errors="coerce").astype("Float64")
    return values.to_numpy(dtype=float, na_value=np.nan)


def text(rows: Frame, name: str, default: str | None = None) -> list[str]:
    """Return a column as text, `default` where it is empty or absent."""
    if name not in rows:
        return [default] * len(rows)
    return [default if absent(cell) else str(cell).strip() for cell in rows[name].tolist()]


def exact_p(rows: Frame) -> Array:
    """Return exact P values; a bound ("<0.001") or text is NaN."""

    def value(p):
        try:
            number = float(str(p).removeprefix("=").strip())
        except ValueError:
            return np.nan
        return number if 0 < number < 1 else np.nan

    return np.array([value(p) if p is not None else np.nan for p in text(rows, "p_value")])


def _percentages(rows):
    return np.array([str(kind).startswith("percent") for kind in text(rows, "value_kind")], dtype=bool)


_SAID = {"mean": "means", "sd": "SDs", "n": "group sizes", "events": "counts"}
_SAID |= {"estimate": "an estimate", "ci": "an interval"}


def why_not(rows: Frame, m: Any, lost: Array) -> dict[int, str]:
    """Say in words why each row of the mask `lost` has no effect: what is missing, and which side its authors name."""
    percentages, estimates, exact = _percentages(rows), column(rows, "estimate"), exact_p(rows)
    printed, p, sides = text(rows, "measure"), text(rows, "p_value"), text(rows, "favours")
    needed = {name: np.isnan(column(rows, name)) for name in m.columns}
    cells = m.corrected_cells({name: column(rows, name) for name in m.columns}) if m.ratio else None
    said = {}
    for i in map(int, np.flatnonzero(lost)):
        favours = {"int": "intervention", "ctl": "control", "neither": "neither"}.get(sides[i])
        reasons = []
        if percentages[i] and m.columns in (ARMS, COUNTS):
            reasons.append("percentages without counts")
        if printed[i] and printed[i] != m.name and np.isfinite(estimates[i]):
            reasons.append(f"reported as {printed[i]}, not as {m.name}")
        if p[i] and not np.isfinite(exact[i]):
            reasons.append(f"P {p[i]} is a bound, not a value")
        lacking = [name for name, empty in needed.items() if empty[i]]
        if cells is not None and cells[1][i]:
            reasons.append(NO_RATIO)
        if lacking and not reasons:
            words = dict.fromkeys(_SAID.get(name.partition("_")[0], name) for name in lacking)
            reasons.append(f"not reported: {', '.join(words)}")
        why = "; ".join(reasons) or "not estimable"
        said[i] = f"direction only: favours {favours}; {why}" if favours else f"no usable numbers: {why}"
    return said
