"""What a row of a file says twice: its estimate, another column of the same effect, and its arms.

Two columns of one effect agree within rounding, or the file is refused. Arms and estimate that are mirrored (the same
size on the other side) are refused too; arms and an estimate at another place are told, or refused where only one of
the two is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from math import exp, isfinite, nan
from typing import Any

import numpy as np

from ..effects import effect_sizes
from ..effects.names import WEAK, Effect, bare, effect_named
from ..effects.twins import CONTRADICTS, apart, on_scale, twins
from ..errors import EvidenceError, Problem
from ..evidence.signs import half_unit
from ..gate import MARKS
from ..measures import ARMS, COUNTS, MEASURES
from .dialects import Mapping
from .numerals import number
from .sheet import Sheet

_FAMILIES = ((ARMS, ("MD", "SMD", "ROM")), (COUNTS, ("OR", "RR", "RD")))
_FAR = {"MD": 0.25, "SMD": 1.0}  # half intervals an estimate may lie from that of its arms, as `check` allows; else 0.5


def read_twins(cells: dict, mapping: Mapping, mark: str | None) -> list[tuple]:
    """Return the cells of a row that show its effect once more: (column, what its name says, the number as typed)."""
    spare = [theirs for ours, theirs, _ in mapping.spare if ours == "estimate"]
    columns = twins([*mapping.unread, *spare], mapping.effect.measure)
    if "estimate" not in mapping.columns:  # beside arms, TE or yi without a standard error
        unread = {name: effect_named(name) for name in mapping.unread if bare(name) not in WEAK}
        columns |= {name: said for name, said in unread.items() if said == Effect("log", None)}
    found = []
    for name, said in columns.items():
        with suppress(ValueError):  # the column is not read; what it holds is no number
            if typed := number(cells[name], mark=mark):
                found.append((name, said, typed))
    return found


def twin_faults(sheet: Sheet, records: list) -> list[Problem]:
    """Return a fault for each cell that shows another effect than the estimate of its row."""
    problems = []
    for (line, _), record in zip(sheet.rows, records, strict=True):
        for name, said, typed in record.shown if record.get("estimate") and not left_out(record) else ():
            if record.get("measure") and record.get("measure").upper() != said.measure:
                continue
            value, rounding = _typed(typed, said)
            if not any(
                not apart(y, value, said, _se(record), rounding + own)
                for y, own in _readings(record.get("estimate"), record.scale, said.measure)
            ):
                problems.append(sheet.problem(line, name, *CONTRADICTS))
    return problems


def _typed(text, said):
    value, half = on_scale(np.array([float(text)]), said, half_unit(text))
    return value[0], half[0]


def _readings(text, scale, measure):
    """Return what a typed estimate may be on the analysis scale, each with its rounding."""
    ratio = MEASURES[measure].ratio
    kinds = ("ratio",) if scale == "ratio" and ratio else ("log", "ratio") if scale is None and ratio else ("log",)
    return [r for r in (_typed(text, Effect(kind, measure)) for kind in kinds) if isfinite(r[0])]


def _se(record) -> float:
    """Return the standard error beside an estimate, as far as the row gives one."""
    variance = float(record.get("variance") or nan)
    return float(record.get("se") or nan) if record.get("se") else variance**0.5 if variance > 0 else nan


def left_out(record: Any) -> str:
    """Return why a row of a file is left out, as far as its column `excluded` says, else ""."""
    return "" if MARKS.get(record.get("excluded").lower()) is False else record.get("excluded")


def against_arms(records: Iterable, measure: str | None = None) -> Iterator[tuple]:
    """Yield (record, mirrored, words) for each estimate that its arms contradict, on the other side or elsewhere.

    Parameters
    ----------
    records : list of Record
    measure : str, optional
        That of the estimates, where the records do not name it. Without any, only a mirrored estimate is found: one
        that is no measure of the arms, but one of the arms exchanged.
    """
    for record in records:
        if left_out(record):
            continue
        own = (record.get("estimate"), record.scale, record.get("measure") or measure)
        for typed, scale, named in (own, *((t, said.scale, said.measure or measure) for _, said, t in record.shown)):
            if typed and (found := _contradiction(record, typed, scale, (named or "").upper())):
                yield record, *found
                break


def _contradiction(record, typed, scale, named):
    """Return (mirrored, words) where an effect as typed is not that of the arms of its row, else None."""
    names = next((names for columns, names in _FAMILIES if record.has(*columns)), ())
    if not names or (named and named not in names):
        return None
    sign = -1 if record.get("contrast") == "ctl-int" else 1
    arms = [(name, sign * y, se) for name in ([named] if named else names) for y, se in [_of_arms(record, name)]]
    gaps = {name: _gaps(_readings(typed, scale, name), y, se) for name, y, se in arms if isfinite(y)}
    mirrored = [name for name, (_, mirror, _) in gaps.items() if mirror]
    if not gaps or any(same for same, _, _ in gaps.values()) or not (mirrored or named):
        return None
    name = mirrored[0] if mirrored else named
    if not mirrored and gaps[named][2] <= _FAR.get(named, 0.5):
        return None
    y = next(y for each, y, _ in arms if each == name)
    shown = exp(y) if MEASURES[name].ratio and scale != "log" else y
    return bool(mirrored), f"the arms give {name} {shown:.3g}, the estimate is {typed}"


MIRRORED = (
    "Either the arms or the direction of the estimate are exchanged: say which arm is which with --map, correct the "
    "sign, or leave the estimates out of the file"
)
ELSEWHERE = (
    "Correct the one that is wrong, or leave one of them out; if the estimate is adjusted, import it without arms"
)


def agreed(records: list, file: str, noticed: list[str], measure: str | None = None) -> None:
    """Refuse a file whose estimates contradict their arms (see `against_arms`), before the arms are pooled.

    Arms go before an estimate, so that one at another place is only noted, unless other rows have nothing else.
    """
    found = list(against_arms(records, measure))
    only = [r for r in records if r.get("estimate") and not any(r.has(*columns) for columns, _ in _FAMILIES)]
    broken = [_problem(file, *one) for one in found if one[1] or only]
    if broken:
        raise EvidenceError(broken)
    noticed += [
        f"{record.get('trial')} ({record.place}): {words}; the arms are pooled. Is the estimate adjusted?"
        for record, _, words in found
    ]


def contradicted(records: list, file: str, measure: str | None = None) -> list[Problem]:
    """Return a fault for each estimate that contradicts its arms, of which an import would keep the arms alone."""
    return [_problem(file, *one) for one in against_arms(records, measure)]


def _problem(file, record, mirrored, words):
    kind = "on the other side" if mirrored else "at another place"
    rule = f"contradicts its arms: {words}, {kind}"
    name = f"{record.get('trial')}, {record.place}"
    return Problem(file, None, "estimate", name, record.get("estimate"), rule, MIRRORED if mirrored else ELSEWHERE)


def _gaps(readings, y, se):
    """Return whether an estimate is that of the arms, whether it is their mirror image, and how far off it is.

    The distance is in half intervals of 95%. Close to no effect only rounding may part the image from the mirror.
    """
    slack = 0.1 * se if abs(y) > 0.5 * se else 0.02 * se
    same = any(abs(e - y) <= 0.1 * se + half for e, half in readings)
    mirror = any(abs(e + y) <= slack + half for e, half in readings)
    return same, mirror, min((abs(e - y) - half for e, half in readings), default=0.0) / (1.96 * se)


def _of_arms(record, name) -> tuple[float, float]:
    """Return effect and standard error of the arms of a row, NaN where they have none."""
    try:
        made = effect_sizes([{c: float(record.get(c)) for c in MEASURES[name].columns}], name)
    except EvidenceError:
        return nan, nan
    return float(made["estimate"].iloc[0]), float(made["se"].iloc[0])
