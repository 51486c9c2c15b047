"""The effects of the rows of a file: each by the best route that its cells allow, arms before an estimate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from ..effects import effect_sizes
from ..effects.contrast import all_limited, limits_decide
from ..effects.derivation import first_route
from ..errors import EvidenceError
from ..measures import MEASURES, is_ratio, measure_named, spelled
from ..typed import Frame
from .dialects import option
from .programs import ARMS, EVENTS, NUMBERS, TIMES

_CONTRAST = ["estimate", "se", "variance", "ci_low", "ci_high", "ci_level"]
_SPREADS = (("se",), ("variance",), ("ci_low", "ci_high"))
_CORRELATED = ("r", "n")
_COUNTED = ("events", "n")


def row_effects(frame: Frame, measure: str, mapping: Any) -> Frame:
    """Return the studies table: each row by the best route that its cells and the measure allow, arms first."""
    named = measure or _one_measure(frame)
    m = measure_named(named) if named else None
    frame = _only(frame.copy(), m and m.name)
    others = _of_others(frame, m)
    frame.loc[others.notna(), [name for name in _CONTRAST if name in frame]] = np.nan
    frame["trial"] = frame["trial"] + ", " + frame["place"]
    routes = []
    if m and m.formula and _filled(frame, m.columns):
        routes.append(effect_sizes(frame.drop(columns=_CONTRAST, errors="ignore"), m.name))
    if _filled(frame, ("estimate",)):
        routes.append(_contrasts(frame, m and m.name, mapping))
    if not routes and others.notna().any():
        raise EvidenceError(_other_measure(m, sorted(others.dropna().unique()), mapping))
    if not routes:
        raise EvidenceError(_what_is_there(frame, m and m.name, mapping))
    out, chosen = routes[0], first_route([route["estimate"].notna().to_numpy() for route in routes])
    for name in ("estimate", "variance", "se", "route", "excluded", "corrected"):
        out[name] = routes[0][name].where(chosen != 1, routes[-1][name])
    for name in ("ci_low", "ci_high"):  # on the analysis scale; a row from arms printed none
        out[name] = (
            routes[-1].get(name, np.nan) if len(routes) == 1 else np.where(chosen == 1, routes[-1][name], np.nan)
        )
    out = out.drop(columns=["measure", "scale"], errors="ignore")
    out.attrs["measure"] = m and m.name
    return out


def _contrasts(frame, measure, mapping):
    """Return the effects that rows print as an estimate, on the scale that its column says or its limits show."""
    theirs = mapping.columns.get("estimate", "estimate")
    if not any(_filled(frame, names) for names in _SPREADS):
        raise EvidenceError(
            f"the estimates have no se, variance or interval (columns: {', '.join(mapping.columns.values())}). "
            f"{mapping.otherwise((measure and MEASURES[measure].columns) or ARMS)}"
            "Name the column, for example --map se=STDERR"
        )
    scale = [{"ratio": True, "log": False}.get(said) for said in frame["scale"]]
    if not is_ratio(measure):
        if True in scale:
            raise EvidenceError(f"{theirs} is a ratio: say which with --measure OR, RR, HR or IRR")
        scale = None if measure is None else False
    elif None in scale and not limits_decide(frame) and not (mapping.dialect.key == "ours" and all_limited(frame)):
        raise EvidenceError(
            f"{theirs} may hold ratios or their logarithms, and nothing beside it says which. Say "
            f"{option(measure, theirs)} if they are ratios, {option('log' + measure, theirs)} if they are logarithms; "
            "se and variance are then those of the logarithm"
        )
    kept = frame.drop(columns=["measure"], errors="ignore")
    kept["measure"] = measure if is_ratio(measure) else None
    out = effect_sizes(kept, "GEN", ratio=scale)
    back = out["contrast"] == "ctl-int" if "contrast" in out else np.zeros(len(out), bool)
    out["route"] = out["route"].where(~back, out["route"] + "; sign turned (printed control minus intervention)")
    low, high = (out.get(name, np.full(len(out), np.nan)) for name in ("ci_low", "ci_high"))
    limits = {"ci_low": np.where(back, -high, low), "ci_high": np.where(back, -low, high)}
    return out.assign(estimate=out["estimate"].where(~back, -out["estimate"]), **limits)


def _filled(frame, names):
    return all(name in frame and frame[name].notna().any() for name in names)


def _only(frame, measure):
    """Leave out rows that name another measure, where the file holds several, with the reason."""
    if "measure" not in frame or frame["measure"].replace("", None).nunique() < 2:
        return frame
    other = [f"its measure is {name}" if name and name != measure else None for name in frame["measure"]]
    rest = [reason is not None for reason in other]
    if "excluded" in frame:
        other = [reason or before for reason, before in zip(other, frame["excluded"], strict=True)]
    numbers = [name for name in frame.columns if name in NUMBERS and name not in ("year", "timepoint_weeks")]
    frame = frame.assign(excluded=other)
    frame.loc[rest, numbers] = float("nan")
    return frame


def _of_others(frame, m):
    """Return the measure of each printed estimate that is said to be of another than the one that is pooled."""
    if m is None or m.name == "GEN" or "measure" not in frame or "estimate" not in frame:
        return frame["trial"].map(lambda _: None)
    said = frame["measure"].map(lambda name: (spelled(name) or str(name)) if name else None)
    return said.where(frame["estimate"].notna() & (said != m.name), None)


def _other_measure(m, others, mapping):
    theirs, needs = mapping.columns, f" or {', '.join(m.columns)} of each study" if m.columns else ""
    return (
        f"{theirs['estimate']} holds {', '.join(others)}, as the column {theirs['measure']} says, and "
        f"{m.name} was asked for: no {m.name} follows from it. Pool by --measure {others[0]}, or write estimates of "
        f"{m.name}{needs}"
    )


def _one_measure(frame):
    if "measure" not in frame:
        return None
    named = sorted({str(name) for name in frame["measure"].dropna() if name})
    if len(named) > 1:
        raise EvidenceError(f"the file holds several measures ({', '.join(named)}): say which with --measure")
    return named[0] if named else None


def _what_is_there(frame, measure, mapping):
    """Say which measures the columns allow, or which columns are missing."""
    fits = []
    if _filled(frame, ARMS):
        fits.append("means: --measure MD where all trials used one scale, --measure SMD where they did not (or ROM)")
    if _filled(frame, EVENTS):
        fits.append("events: --measure RR, OR or RD")
    if _filled(frame, TIMES):
        fits.append("events and person-time: --measure IRR or IRD")
    if _filled(frame, _CORRELATED):
        fits.append("correlations: --measure ZCOR")
    if _filled(frame, _COUNTED):
        fits.append("events of one group: --measure PLO")
    if fits and not measure:
        return f"the file holds {'; and '.join(fits)}. Say which"
    needs = MEASURES[measure].columns if measure else ARMS
    known = ", ".join(f"{theirs} as {ours}" for ours, theirs in mapping.columns.items()) or "none"
    return (
        f"{measure or 'a pool'} needs {', '.join(needs)}, or an estimate with its se, variance or limits. Recognized: "
        f"{known}. Not recognized: {', '.join(mapping.unread) or 'none'}. {mapping.otherwise(needs)}"
        "Write one value per cell, and name a column with --map ours=theirs"
    )


@contextmanager
def in_file(table: Any, mapping: Any) -> Iterator[None]:
    """Tell the faults of a frame by the file, the line and the names of its columns."""
    try:
        yield
    except EvidenceError as error:
        if not error.problems:
            raise
        raise EvidenceError([_placed(problem, table, mapping) for problem in error.problems]) from None


def _placed(problem, table, mapping):
    name, _, place = problem.record.rpartition(", ")
    kind, _, line = place.rpartition(" ")
    theirs = mapping.columns.get(problem.column, problem.column)
    if table.cells and theirs in table.header:
        theirs = f"{theirs} ({table.place(int(line), theirs)})"
    remedy = re.sub(r" \(in Python: [^)]*\)", "", problem.remedy)
    return replace(problem, file=table.name, line=int(line), column=theirs, record=name, remedy=remedy)
