"""What each assumed number does: the results it enters, at the value used and at both ends of its range."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..effects import study_effects
from ..errors import EvidenceError, quiet
from ..evidence import Topic
from ..typed import Frame
from .finding import finding
from .people import absolute_at
from .words import interval, number

FACTOR = 2  # where no range is published, half the value and twice the value are tried
_HEADS = ["assumption_id", "quantity", "comparison", "value", "tried", "at_low", "at_value", "at_high", "why_not"]


def assumed_effects(topic: Topic) -> Frame:
    """Every assumed number with the results it enters at the lowest value, the value used and the highest value.

    Parameters
    ----------
    topic : Topic
        Its `assumptions` name in ``used_in`` the comparisons they enter. Tried are `low` and `high`; where the table
        gives none, half and twice the value.

    Returns
    -------
    DataFrame
        One row per assumption and comparison: assumption_id, quantity, comparison, value, tried, at_low, at_value,
        at_high (results in words), why_not (why nothing was computed: the number is a label and enters no effect).

    Notes
    -----
    A baseline risk changes the numbers in people, a correlation of two contrasts with one control group changes the
    variance of their trial: :math:`v = \\sum w_i^2 v_i + 2 \\sum_{i<j} w_i w_j \\rho \\sqrt{v_i v_j}` with arms
    weighted by their people.

    References
    ----------
    higgins2024ch6, section 6.5.2.8; higgins2024ch23, section 23.3.4
    """
    lines, plan = [], {comparison["id"] for comparison in topic.comparisons}
    for row in topic.tables["assumptions"].itertuples():
        used = [name for name in (row.used_in or "").split("; ") if name in plan]
        lines += [_line(topic, row, name) for name in used] or [_line(topic, row, None)]
    return pd.DataFrame(lines, columns=_HEADS)


def _line(topic, row, name) -> dict:
    known = (row.assumption_id, row.quantity, name or "", f"{row.value:g}")
    line = dict.fromkeys(_HEADS, "") | dict(zip(_HEADS, known, strict=False))
    compute = _RESULTS.get("correlation" if "correlation" in row.quantity.lower() else row.quantity)
    if compute is None or name is None:
        where = "is used in no comparison" if name is None else "says how many, when or on which scale"
        return line | {"why_not": f"{where}: it enters no effect"}
    published = row.low == row.low and row.high == row.high
    low, high = (row.low, row.high) if published else (row.value / FACTOR, row.value * FACTOR)
    line["tried"] = f"{low:g} to {high:g}" + ("" if published else " (half and twice: no range was published)")
    try:
        said = [compute(topic, row, name, value) for value in (low, row.value, high)]
    except EvidenceError as error:
        return line | {"why_not": str(error)}
    return line | dict(zip(("at_low", "at_value", "at_high"), said, strict=True))


def _at_baseline(topic, row, name, value) -> str:
    """Return the numbers in people at another baseline risk."""
    found = finding(topic, name)
    if found.estimate is None:
        raise EvidenceError("no pooled or single effect could be stated")
    shown = absolute_at(found, row, value)
    span = interval(shown.low, shown.high, 0)
    return f"{shown.comparator:g} and {number(shown.intervention, 0)} ({span}) of {shown.out_of} people"


def _at_correlation(topic, row, name, value) -> str:
    """Return the pool with the contrasts of one trial joined under another correlation."""
    from ..synthesis import house_rule

    found = finding(topic, name)
    rows, measure = topic.rows(name), found.comparison["measure"]
    mine = rows[rows["source_id"] == row.source_id].assign(use="sensitivity")
    if found.pooled is None or len(mine) < 2:
        raise EvidenceError("nothing is pooled from contrasts of one trial")
    with quiet():
        apart = study_effects(mine, measure, combine=False)
        weight = (apart["n_int"] / apart["n_int"].sum()).to_numpy(float)
        se = apart["se"].to_numpy(float)
        spread = np.outer(weight * se, weight * se)
        variance = value * spread.sum() + (1 - value) * np.trace(spread)
        studies = found.studies
        at = studies["trial"] == mine["trial"].iloc[0]
        studies.loc[at, ["variance", "se"]] = [variance, variance**0.5]
        pooled = house_rule(studies, measure=measure)
    return f"{measure} {found.text((pooled.estimate, *pooled.ci))}"


_RESULTS = {"baseline-risk": _at_baseline, "correlation": _at_correlation}
