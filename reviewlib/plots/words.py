"""The words and numbers in figures: names of measures, formatted effects, scales for the eye.

Nothing is estimated here; an estimate is turned from its analysis scale into what is printed beside it.
"""

from __future__ import annotations

from math import floor, log10
from statistics import NormalDist
from typing import Any

from ..html import missing
from ..meaning.words import number
from ..measures import find, is_ratio, spelled
from ..nouns import amount, count
from ..results import percent

__all__ = [
    "amount",
    "code",
    "count",
    "decimals",
    "effect",
    "is_ratio",
    "missing",
    "name",
    "null_value",
    "number",
    "percent",
    "shown",
]


def code(measure: str) -> str:
    """Return the measure without a leading "log ", in capitals: "log RR" is "RR"."""
    text = str(measure or "GEN").strip()
    return text[4:].upper() if text.lower().startswith("log ") else text.upper()


def name(measure: str) -> str:
    """Return the measure in words; an unknown one as it was written."""
    m = find(code(measure))
    return m.title if m.sized else m.label if spelled(code(measure)) else str(measure)


def shown(value: Any, measure: str) -> Any:
    """Return a value of the analysis scale on the scale that is printed; None stays None."""
    if missing(value):
        return None
    m = find(measure)
    return float(value) if m.sized else float(m.back(min(float(value), 700.0) if m.ratio else value))


def null_value(measure: str) -> float | None:
    """Return the value without difference on the printed scale; None where a measure has none."""
    return find(measure).null


def decimals(values: Any, measure: str) -> int:
    """Return how many decimals an effect deserves: two, one where differences reach ten units, more for tiny ones."""
    if is_ratio(measure):
        return 2
    largest = max((abs(v) for v in values if not missing(v)), default=0.0)
    if 0 < largest < 0.05:  # risk differences of a rare event
        return min(1 - floor(log10(largest)), 8)
    if not find(measure).units:
        return 2
    return 1 if any(abs(v) >= 10 for v in values if not missing(v)) else 2


def effect(estimate: float, low: float, high: float, measure: str, digits: int, *, plain: bool = False) -> str:
    """Return ``estimate [low, high]`` on the printed scale."""
    est, lo, hi = (number(shown(v, measure), digits, plain=plain) for v in (estimate, low, high))
    return f"{est} [{lo}, {hi}]" if lo and hi else est


def z_value(level: float) -> float:
    """Return the half-width of a normal interval in standard errors."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def sentence(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
