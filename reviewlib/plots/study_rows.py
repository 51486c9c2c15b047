"""One row per study of a forest plot: its numbers on the printed scale, or the words in their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..effects.contrast import printed_limits
from ..typed import Frame
from .words import missing, number, shown, z_value

_DIRECTION = "direction only:"
_WORDS = {"neither": "no difference stated", "int": "favours intervention", "ctl": "favours control"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a forest plot; estimate and limits on the printed scale (ratios, not their logarithms)."""

    kind: str  # study | group | subtotal | pooled | prediction
    label: str
    detail: str = ""
    trial: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    word: str = ""
    reason: str = ""
    cells: dict = field(default_factory=dict)
    key: str = ""  # result_id, where the table has one
    analysis: tuple = ()  # estimate and variance on the analysis scale


def study_rows(
    frame: Frame,
    weights: Any,
    *,
    label: str,
    detail: str,
    measure: str,
    level: float,
    extra: Any = (),
    limits: Any = None,
) -> list:
    """Return a row per study, in the order of the table; parameters as in `forest_rows`."""
    names = [str(name) for name in (frame.index if label is None else frame[label])]
    rows, last = [], None
    for name, weight, cells in zip(names, weights, frame.to_dict("records"), strict=True):
        more = "" if detail is None or missing(cells.get(detail)) else str(cells[detail])
        usable = not missing(cells.get("estimate")) and missing(cells.get("excluded"))
        low, high = _limits(cells, level, limits) if usable else (None, None)
        se = _se(cells)
        rows.append(
            Row(
                kind="study",
                label="" if more and name == last else name,
                detail=more,
                trial=str(cells.get("trial", name)),
                estimate=shown(cells["estimate"], measure) if usable else None,
                low=shown(low, measure),
                high=shown(high, measure),
                weight=weight if usable else None,
                word="" if usable else _word(cells),
                reason=_reason(cells),
                cells=_cells(cells) | {key: _text(cells.get(key)) for key in extra},
                key=_key(cells),
                analysis=(float(cells["estimate"]), se**2) if usable and se is not None else (),
            )
        )
        last = name
    return rows


def _limits(cells, level, limits):
    """Return the limits on the analysis scale: named columns, printed ones, else estimate and standard error."""
    if limits is not None:
        return tuple(None if missing(cells.get(name)) else float(cells[name]) for name in limits)
    if printed := printed_limits(cells, level):
        return printed
    se = _se(cells)
    half = None if se is None else z_value(level) * se
    return (None, None) if half is None else (cells["estimate"] - half, cells["estimate"] + half)


def _text(value) -> str:
    if missing(value):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _key(cells) -> str:
    """Return the id of the first published row behind an effect."""
    ids = cells.get("result_id", cells.get("result_ids"))
    return "" if missing(ids) else str(ids).replace(";", ",").split(",")[0].strip()


def _se(cells):
    if not missing(cells.get("se")):
        return float(cells["se"])
    return None if missing(cells.get("variance")) else float(cells["variance"]) ** 0.5


def _word(cells) -> str:
    """Return what is known of an effect that cannot be computed, in words."""
    why = "" if missing(cells.get("excluded")) else str(cells["excluded"]).strip()
    if why.lower().startswith(_DIRECTION):
        word = why[len(_DIRECTION) :].split(";")[0].strip()
        return _WORDS.get(word, word) or "direction not stated"
    if not missing(cells.get("favours")):
        return _WORDS.get(str(cells["favours"]), f"favours {cells['favours']}")
    return "not pooled" if why and not missing(cells.get("estimate")) else "not reported"


def _reason(cells) -> str:
    """Return why a row is left out; of a direction only what follows the direction itself."""
    why = "" if missing(cells.get("excluded")) else str(cells["excluded"]).strip()
    return why.partition(";")[2].strip() if why.lower().startswith(_DIRECTION) else why


def _cells(cells) -> dict:
    """Return the arm data as printed text: people, events of people, mean with SD."""
    out = {}
    for arm in ("int", "ctl"):
        n, events, mean, sd = (cells.get(f"{name}_{arm}") for name in ("n", "events", "mean", "sd"))
        if not missing(n):
            out[f"n_{arm}"] = number(float(n), 0)
        if not missing(events) and not missing(n):
            out[f"events_{arm}"] = f"{number(float(events), 0)}/{number(float(n), 0)}"
        if not missing(mean):
            spread = "" if missing(sd) else f" ({float(sd):.1f})"
            out[f"mean_{arm}"] = number(float(mean), 1) + spread
    return out
