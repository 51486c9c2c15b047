"""What a difference is held against: its instrument, the least difference that matters, the spread among people."""

from __future__ import annotations

from ..typed import Frame
from .statement import size_of
from .words import unit_of


def instrument_of(instruments: Frame, comparison: dict, outcome: dict, rows: Frame) -> dict:
    """Return the instrument results are brought to, or all rows share; else the outcome's own where it is theirs."""
    used, name = list(rows["instrument_id"].dropna().unique()), outcome.get("instrument_id")
    if target := comparison.get("instrument_id"):
        name = target
    elif len(used) == 1:
        name = used[0]
    elif used and name not in used:
        return {}
    known = instruments.set_index("instrument_id")
    return {"instrument_id": name, **known.loc[name].to_dict()} if name in known.index else {}


def threshold_of(instrument: dict, measure: str) -> tuple[float | None, str | None]:
    """Return the minimal important difference in the unit of the estimate, and its kind."""
    mid, unit = instrument.get("mid"), instrument.get("mid_unit")
    if measure != "MD" or mid is None or mid != mid or unit not in ("points", unit_of(instrument)):
        return None, None
    return float(mid), instrument.get("mid_kind")


def size_by(
    estimate: float | None, measure: str, threshold: float | None, usable: Frame
) -> tuple[str | None, str | None, float | None]:
    """Return the adjective's size, what decided it, and the standard deviation where that was it; see `size_of`."""
    if estimate is None or measure not in ("MD", "SMD"):
        return None, None, None
    if threshold:
        return size_of(estimate, mid=threshold), "between-group", None
    sd = 1.0 if measure == "SMD" else _spread(usable)
    return (size_of(estimate, sd=sd), "standardized", sd) if sd else (None, None, None)


def _spread(usable) -> float | None:
    """Return the SD among people that the standard errors and sizes of the trials imply, None where no n was read.

    The SD of each trial is its standard error over sqrt(1/n1 + 1/n2) (higgins2024ch6, 6.5.2.3), averaged as squares
    with n1 + n2 as weight. From an adjusted analysis it is a residual SD, which makes the effect look larger, not
    smaller.
    """
    n_int, n_ctl, se = (usable[name].astype(float) for name in ("n_int", "n_ctl", "se"))
    squares, people = se**2 / (1 / n_int + 1 / n_ctl), n_int + n_ctl
    known = squares.notna() & (squares > 0)
    return float((squares * people)[known].sum() / people[known].sum()) ** 0.5 if known.any() else None
