"""The bridge from published rows to the studies table: one effect a trial, one scale, one direction, with its route."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..convert import quantile
from ..door import door
from ..errors import EvidenceError, warn
from ..gate import refuse, table
from ..measures import ARMS, CONTRAST, COUNTS, PERSON_TIME, measure_named
from ..numeric import absent
from ..typed import Frame
from .derivation import column, first_route, from_arms, from_contrast, from_p, text, why_not
from .rescaled import rescaled
from .shared_control import arms_of, counted_twice, join, joined_contrasts, shared_groups
from .table import effect_sizes
from .transform import turn

_ABOUT = ("source_id", "population", "intervention", "comparator", "outcome", "instrument_id", "instrument", "better")
_HOW = ("timepoint_weeks", "technique", "analysis_set", "analysis", "value_kind", "design", "status", "read", "use")
_CARRIED = (*_ABOUT, *_HOW, "reason", "favours", "repaired")
_NOTHING: dict[str, Any] = {"trial": None, "n_int": np.nan, "n_ctl": np.nan, "result_ids": ""}
_NOTHING |= dict.fromkeys(("estimate", "variance", "ci_low", "ci_high"), np.nan)
_NOTHING |= {"df": np.inf, "route": "", "corrected": False, "excluded": None, "kind": ""}
_SHOWN = ("mean_int", "sd_int", "mean_ctl", "sd_ctl", "events_int", "events_ctl", "time_int", "time_ctl")


@door
def study_effects(
    rows: Frame,
    measure: str,
    *,
    prefer: str | None = None,
    combine: bool = True,
    to: str = "only0",
    add: float | None = None,
    level: float = 0.95,
) -> Frame:
    r"""Studies table from rows as published: one effect a trial where the rows allow it.

    Parameters
    ----------
    rows : DataFrame
        Rows of a comparison with the columns of results.csv and the instrument's `better`.
    measure : str
        MD SMD SMDH ROM OR RR RD PETO AS IRR IRD HR, or GEN (contrasts as printed).
    prefer : {"contrast", "arms"}, optional
        Which to use where a row has both. By default the printed contrast for a mean difference (an adjusted difference
        is the more precise) and for HR and GEN; arms for everything else.
    combine : bool, default True
        Join the rows of a trial that share an arm, by `arm_id` and `control_id`, or that the plan joins (`join_as`).
    to, add
        Zero-cell rule and size, as in `effect_sizes`.
    level : float, default 0.95
        Coverage of `ci_low` and `ci_high`.

    Returns
    -------
    DataFrame
        `trial`, `estimate` (log scale for ratios; negative is lower on the instrument), `variance`, `se`, `ci_low`,
        `ci_high`, `n_int`, `n_ctl`, `route`, `result_ids`, `corrected`, `excluded`, then the columns that describe the
        rows. Rows without a usable number stay, with NaN and the reason in `excluded`.

    Raises
    ------
    EvidenceError
        Impossible values, an estimate without a stated contrast, instruments of opposite direction for a measure whose
        sign cannot be turned, or rows of use `main` that would count the people of a trial twice.

    Notes
    -----
    Three routes: arms (means, SDs and n, or events and n); a contrast with its interval, SE by Student's t on
    n1 + n2 - 2 for mean differences when both n are known, else by the normal quantile; and last a difference with an
    *exact* P value, marked APPROXIMATE. An SMD from a mean difference divides by the SD that the interval and n imply.
    Percentages are never turned into counts. A contrast printed as control minus intervention is turned. Where
    instruments point both ways, those on which higher is better are turned, so that negative is better. `ci_low` and
    `ci_high` are the printed limits where a single row printed them at this level, else they come from the SE.

    References
    ----------
    higgins2024ch6; higgins2024ch23

    Examples
    --------
    >>> import reviewlib as rl
    >>> rows = {"events_int": [4, 6], "n_int": [123, 306], "events_ctl": [11, 29], "n_ctl": [139, 303]}
    >>> print(rl.study_effects(rows, "RR")["estimate"].round(4).tolist())
    [-0.8893, -1.5854]
    """
    m = measure_named(measure)
    if m.columns not in (ARMS, COUNTS, PERSON_TIME, CONTRAST):
        raise EvidenceError(f"{m.name} does not compare an intervention with a control: use effect_sizes")
    rows = table(rows, "rows").reset_index(drop=True)
    rows["result_id"] = [name or str(i) for i, name in enumerate(text(rows, "result_id"))]
    named = zip(text(rows, "trial"), text(rows, "source_id"), rows["result_id"], strict=True)
    rows["trial"] = [trial or source or row for trial, source, row in named]
    _check_contrasts(rows)
    rows, moved = rescaled(rows)
    routes = _candidates(rows, m, prefer, to, add, level)
    chosen = first_route([candidate.usable() for candidate in routes])
    picked = _pick(rows, m, routes, chosen)
    for record, note in zip(picked, moved, strict=True):
        record["route"] += note if record["route"] else ""
    groups = shared_groups(rows, chosen >= 0) if combine else []
    whole = np.any([c.usable() for c in routes if c.kind == "arms"], axis=0) & (chosen >= 0)
    out = _studies(rows, m, picked, _plans(rows, m, groups, picked, whole), to, add)
    counted_twice(rows, out, refuse=combine)
    out = _one_direction(out, m)
    half = quantile(level, out.pop("df").to_numpy(float)) * out["se"].to_numpy(float)
    printed = out["ci_low"].notna() & out["ci_high"].notna()
    out["ci_low"] = out["ci_low"].where(printed, out["estimate"] - half)
    out["ci_high"] = out["ci_high"].where(printed, out["estimate"] + half)
    _warn(out, m)
    first = ["trial", "estimate", "variance", "se", "ci_low", "ci_high", "n_int", "n_ctl", "route", "result_ids"]
    first += ["corrected", "excluded"]
    out = out[first + [name for name in out.columns if name not in first]]
    out.attrs["measure"] = m.name
    return out


def _check_contrasts(rows):
    """Refuse estimates that do not say which arm was subtracted from which."""
    if "contrast" not in rows:
        return
    stated = text(rows, "contrast")
    lost = np.isfinite(column(rows, "estimate")) & np.array(
        [s not in ("int-ctl", "ctl-int") for s in stated], dtype=bool
    )
    if lost.any():
        remedy = "Type int-ctl or ctl-int, as the paper subtracted"
        refuse(rows, [("contrast", lost, "an estimate needs its contrast", remedy)])


def _candidates(rows, m, prefer, to, add, level):
    """Return the routes to an effect, the preferred first."""
    if prefer not in (None, "contrast", "arms"):
        raise EvidenceError(f"prefer must be 'contrast' or 'arms', got {prefer!r}")
    contrast = from_contrast(rows, m, level)
    if m.columns == CONTRAST:
        return [contrast, from_p(rows, m)]
    arms = from_arms(rows, m, to, add)
    prefer = prefer or ("contrast" if m.units else "arms")
    return [*((contrast, arms) if prefer == "contrast" else (arms, contrast)), from_p(rows, m)]


def _pick(rows, m, routes, chosen):
    """Return one record a row: the effect by its chosen route, or the reason why there is none."""
    records = []
    n1, n2 = column(rows, "n_int"), column(rows, "n_ctl")
    trials, ids, lost = rows["trial"].tolist(), rows["result_id"].tolist(), why_not(rows, m, chosen < 0)
    for i, position in enumerate(chosen):
        record = dict(_NOTHING) | {"trial": trials[i], "n_int": n1[i], "n_ctl": n2[i], "result_ids": ids[i]}
        if position < 0:
            record["excluded"] = lost[i]
        else:
            e = routes[position]
            record |= {"estimate": e.estimate[i], "variance": e.variance[i], "df": e.df[i], "route": e.route[i]}
            record |= {"corrected": bool(e.corrected[i]), "kind": e.kind}
            if e.limits is not None:
                record |= {"ci_low": e.limits[0, i], "ci_high": e.limits[1, i]}
        records.append(record)
    return records


def _plans(rows, m, groups, picked, whole):
    """Return how the rows of each group are joined, by the position of its first row; see `join`."""
    plans, known = {}, arms_of(rows, m)
    for group in groups:
        by_arms = {picked[i]["kind"] for i in group} == {"arms"}
        plan = join(known, group, m, by_arms) or (join(known, group, m, True) if whole[group].all() else None)
        plans |= {group[0]: (group, *plan)} if plan else {}
    return plans


def _effects_of(plans, m, to, add):
    """Return the effect of each plan that joins arms, by the position of its first row, computed all at once."""
    joined = {i: columns for i, (_, _, columns) in plans.items() if columns}
    if not joined:
        return {}
    got = effect_sizes(list(joined.values()), m.name, to=to, add=add)
    cells = (got[name].tolist() for name in ("estimate", "variance", "corrected", "route"))
    return dict(zip(joined, zip(*cells, strict=True), strict=True))


def _studies(rows, m, picked, plans, to, add):
    """Return the table with groups of arms joined, in the order of first appearance."""
    inside = {i for group, *_ in plans.values() for i in group[1:]}
    carried = {name: rows[name].tolist() for name in _CARRIED if name in rows}
    shown = {name: column(rows, name) for name in _SHOWN if name in rows}
    effects = _effects_of(plans, m, to, add)
    records = []
    for i, record in enumerate(picked):
        if i in inside:
            continue
        group, *plan = plans.get(i, ([i],))
        record = dict(record) | {name: _together([cells[j] for j in group]) for name, cells in carried.items()}
        record |= {name: values[i] for name, values in shown.items()}
        if plan:
            record |= _joined(rows, [picked[j] for j in group], *plan, effects.get(i))
        if isinstance(record.get("repaired"), str) and record["route"]:
            record["route"] += f"; {record['repaired']}"
        records.append(record)
    out = pd.DataFrame(records, columns=None if records else list(_NOTHING)).drop(columns="kind")
    out["se"] = np.sqrt(out["variance"].to_numpy(float))
    out["excluded"] = out["excluded"].astype(object).where(out["excluded"].notna(), None)
    return out


def _together(cells):
    """Return the value the rows share, or all of them in one text."""
    seen = list(dict.fromkeys(v for v in cells if not absent(v)))
    return seen[0] if len(seen) == 1 else "; ".join(map(str, seen)) if seen else None


def _joined(rows, parts, side, columns, got):
    """Return the joined effect of arms that share people: by joining patients, else by covariance; see `join`."""
    ids = "; ".join(p["result_ids"] for p in parts)
    if columns:
        estimate, variance, corrected, each = got
        how = f"{len(parts)} rows of one trial joined, each arm counted once"
        if side:
            how = f"{len(parts)} arms joined into one (they share {_people(columns[f'n_{side}'], side)})"
        effect = {"estimate": estimate, "variance": variance, "corrected": bool(corrected)}
        said = {"result_ids": ids, "route": f"{how}; {each}", "df": np.inf, "ci_low": np.nan, "ci_high": np.nan}
        return said | columns | effect
    n = {name: np.array([p[name] for p in parts]) for name in ("n_int", "n_ctl")}
    shared, apart = (f"n_{side}", "n_int" if side == "ctl" else "n_ctl")
    whole = n[shared].max()  # where fewer were measured in one row, they are among those of the other
    y, v = [p["estimate"] for p in parts], [p["variance"] for p in parts]
    estimate, variance, covariance = joined_contrasts(y, v, n[apart], whole)
    weight = "weighted by n" if np.isfinite([*n[apart], whole]).all() else "weighted alike"
    route = (
        f"{len(parts)} arms that share {_people(whole, side)} combined, {weight}, covariance {covariance:.3g}; each: "
    )
    route += " | ".join(dict.fromkeys(p["route"] for p in parts))
    df = n[apart].sum() + whole - len(parts) - 1 if np.isfinite([p["df"] for p in parts]).all() else np.inf
    shown = {name: np.nan for name in ("ci_low", "ci_high", *(name for name in _SHOWN if name in rows))}
    said = {"result_ids": ids, "route": route, apart: n[apart].sum(), shared: whole}
    return said | shown | {"estimate": estimate, "variance": variance, "df": df}


def _people(n, side) -> str:
    who = "controls" if side == "ctl" else "people with the intervention"
    return f"{n:g} {who}" if np.isfinite(n) else f"one group of {who}"


def _one_direction(out, m):
    """Turn rows on which higher is better where the table holds both directions."""
    better = text(out, "better")
    if (
        len({b for b, reason in zip(better, out["excluded"], strict=True) if b in ("lower", "higher") and not reason})
        < 2
    ):
        return out
    if not m.mirrored:
        raise EvidenceError(
            f"{m.name}: some rows count a good event and some a bad one, and the ratio of an event is not the inverse "
            "of the ratio of its opposite: recode the events in the table, use OR, or take the rows apart"
        )
    out = turn(
        out, np.array([b == "higher" for b in better], dtype=bool), "sign turned: higher is better on this instrument"
    )
    out["better"] = "lower"
    return out.drop(columns="turned")


def _warn(out, m):
    """Warn when change and final values meet in a standardized difference."""
    used = out[out["excluded"].isna()]
    kinds = {kind for kind in text(used, "value_kind") if kind in ("final", "change")}
    if m.columns == ARMS and m.scale == "standardized" and len(kinds) > 1:
        warn(
            "change scores and final values are mixed in a standardized mean difference: "
            "their SDs measure different things"
        )
