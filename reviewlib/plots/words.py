"""The words and numbers that stand in figures: names of measures, formatted effects, scales for the eye.

Nothing is estimated here; an estimate is turned from its analysis scale into what is printed beside it.
"""

from __future__ import annotations

from math import exp, floor, log10, sin, tanh
from statistics import NormalDist

from ..effects import RATIOS
from ..html import missing
from ..meaning.words import NAMES, number

_SHOWN = {"PLO": lambda x: 1 / (1 + exp(-x)), "ZCOR": tanh, "PAS": lambda x: sin(min(max(x, 0.0), 1.5707963)) ** 2}
_NULL_FREE = {"PR", "PLO", "PAS", "PFT"}


def code(measure) -> str:
    """Return the measure without a leading "log ", in capitals: "log RR" is "RR"."""
    text = str(measure or "GEN").strip()
    return text[4:].upper() if text.lower().startswith("log ") else text.upper()


def is_ratio(measure) -> bool:
    """Return whether the measure is pooled as a logarithm and shown as a ratio."""
    return code(measure) in RATIOS


def name(measure) -> str:
    """Return the measure in words; an unknown one as it was written."""
    return NAMES.get(code(measure), str(measure))


def shown(value, measure):
    """Return a value of the analysis scale on the scale that is printed; None stays None."""
    if missing(value):
        return None
    if is_ratio(measure):
        return exp(min(float(value), 700.0))
    return float(_SHOWN.get(code(measure), float)(value))


def null_value(measure):
    """Return the value without difference on the printed scale; None where a measure has none."""
    if code(measure) in _NULL_FREE:
        return None
    return 1.0 if is_ratio(measure) else 0.0


def decimals(values, measure) -> int:
    """Return how many decimals an effect deserves: two, one where differences reach ten units, more for tiny ones."""
    if is_ratio(measure):
        return 2
    largest = max((abs(v) for v in values if not missing(v)), default=0.0)
    if 0 < largest < 0.05:  # risk differences of a rare event
        return min(1 - floor(log10(largest)), 8)
    if code(measure) not in {"MD", "GEN"}:
        return 2
    return 1 if any(abs(v) >= 10 for v in values if not missing(v)) else 2


def effect(estimate, low, high, measure, digits, *, plain=False) -> str:
    """Return ``estimate [low, high]`` on the printed scale."""
    est, lo, hi = (number(shown(v, measure), digits, plain=plain) for v in (estimate, low, high))
    return f"{est} [{lo}, {hi}]" if lo and hi else est


def z_value(level) -> float:
    """Return the half-width of a normal interval in standard errors."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def percent(level) -> str:
    """Return a coverage as text: 0.95 is "95%"."""
    return f"{100 * level:g}%"


def sentence(text) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
