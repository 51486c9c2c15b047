"""Two or three trials: both usual intervals stand, and where they disagree the answer rests on neither alone."""

from __future__ import annotations

from math import exp
from typing import Any

from ..door import RULE_NAMES
from ..errors import quiet
from ..measures import is_ratio
from ..results import Interval
from .words import count, digits_for, interval

RULES = ("wald", "hksj")


def both_limits(pooled: Any) -> dict[str, Interval]:
    """Both limits of a pool of two or three trials by the name of their rule; empty for any other.

    Wald's are too narrow there, those of Hartung and Knapp so wide that they hardly ever decide (higgins2024ch10).
    """
    from ..synthesis import meta_analysis

    if pooled is None or pooled.k > 3:
        return {}
    with quiet():
        return {RULE_NAMES[rule]: meta_analysis(pooled, ci=rule, level=pooled.level).ci for rule in RULES}


def widest(pooled: Any, ci: Interval) -> Interval:
    """Return the interval that holds both limits of a pool of two or three trials; for any other the one it has.

    What is said in people, or as a range in plain words, has room for one range: it must not be the narrower.
    """
    ends = list(zip(*both_limits(pooled).values(), strict=True))
    return Interval(min(ends[0]), max(ends[1])) if ends else ci


def disputed(pooled: Any, threshold: float | None = None) -> tuple[float, ...]:
    """Values (zero first, then the threshold between groups) that one of the two intervals leaves out, not the other.

    On the analysis scale, so zero is a ratio of 1.
    """
    limits = both_limits(pooled).values()
    values = (0.0, -threshold, threshold) if threshold else (0.0,)
    return tuple(value for value in values if len({low < value < high for low, high in limits}) > 1)


def limits_text(pooled: Any, measure: str, instrument: Any = None) -> str:
    """Both limits in words: "-3.2 to -1.7 by Wald, -7.0 to 2.1 by Hartung-Knapp"; empty where one interval stands."""
    back = exp if is_ratio(measure) else float
    digits = digits_for(measure, instrument)
    shown = ((back(low), back(high), name) for name, (low, high) in both_limits(pooled).items())
    return ", ".join(f"{interval(low, high, digits)} by {name}" for low, high, name in shown)


def both_said(pooled: Any, measure: str, instrument: Any, threshold: float | None) -> str:
    """Return the caution that a pool of two or three trials carries, empty for any other."""
    text = limits_text(pooled, measure, instrument)
    if not text:
        return ""
    where = disputed(pooled, threshold)
    end = "they agree on whether the average lies on one side only"
    if where:
        what = ["whether the average lies on one side only"] if 0.0 in where else []
        what += ["whether the threshold between groups is reached"] if set(where) - {0.0} else []
        end = f"they disagree on {' and '.join(what)}, so the answer rests on neither alone"
    return f"with {count(pooled.k, 'trial')} both intervals count: {text}; {end}"
