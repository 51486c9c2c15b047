"""GRADE certainty: human judgement as data, recomputed by code, with the signals each domain rests on.

The library never decides. It adds the steps a person typed, refuses a level that does not follow from them, and shows
the numbers beside each judgement so that a reader can disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import gate
from ..errors import EvidenceError
from ..results import Result
from .statement import LEVELS

DOWN = {"risk-of-bias": 3, "inconsistency": 2, "indirectness": 2, "imprecision": 3, "publication-bias": 1}
UP = {"large-effect": 2, "dose-response": 1, "opposing-confounding": 1}
SYMBOLS = {"high": "⊕⊕⊕⊕", "moderate": "⊕⊕⊕○", "low": "⊕⊕○○", "very low": "⊕○○○"}


@dataclass(frozen=True, slots=True, repr=False)
class Certainty(Result):
    """How sure we can be of one finding, and who says so.

    `steps` maps a domain to levels down or up, `reasons` to its sentence; both are empty where a published rating was
    read without its domains. `status` is "published" or "draft".
    """

    level: str
    start: str | None
    steps: dict
    reasons: dict
    judged_by: str
    status: str

    @property
    def symbol(self) -> str:
        """Return the four-step symbol; always shown with the word."""
        return SYMBOLS[self.level]

    def __str__(self) -> str:
        who = self.judged_by if self.status == "published" else f"draft, {self.judged_by}"
        return f"{self.symbol} {self.level} certainty ({who})"


def certainty(
    judgements: Any,
    *,
    start: Any = None,
    level: str | None = None,
    judged_by: str = "one assessor",
    status: str = "draft",
) -> Certainty:
    r"""Certainty of one finding, recomputed from its judgements.

    Parameters
    ----------
    judgements : DataFrame or mapping
        Rows of ``certainty.csv`` for one comparison and one judge (domain, judgement, reason ...), or a mapping from
        domain to a whole number of steps (-1 down, +1 up).
    start, level : str, optional
        With a mapping: where the rating starts (``high`` for trials, ``low`` for observational studies) and the
        level that was written down, if any.
    judged_by, status : str
        With a mapping: who judged, and ``draft`` or ``published``.

    Returns
    -------
    Certainty

    Raises
    ------
    EvidenceError
        Unknown domain, a step a domain does not allow, a step up for a body of trials or beside a step down, a level
        that does not follow from start and steps, or neither level nor start.

    Notes
    -----
    .. math:: level = \min(\max(start + \sum steps,\ very\ low),\ high)

    References
    ----------
    guyatt2025core1; schunemann2019; zeng2022

    Examples
    --------
    >>> print(certainty({"risk-of-bias": -1, "imprecision": -1}, start="high").level)
    low
    """
    reasons = {}
    if isinstance(judgements, Mapping) and not any(isinstance(value, list | tuple) for value in judgements.values()):
        steps = _steps(judgements)
    else:
        rows = gate.table(judgements, "certainty")
        gate.require_columns(rows, ("domain", "judgement", "judged_by", "status", "reason"), "certainty")
        start, level, steps, reasons, judged_by, status = _from_rows(rows)
    faults = _faults(start, level, steps)
    if faults:
        raise EvidenceError("certainty: " + "; ".join(faults))
    return Certainty(level or _computed(start, steps), start, steps, reasons, judged_by, status)


def _from_rows(rows):
    """Return the parts of a judgement from rows of the long table."""
    who = {(row.judged_by, row.status) for row in rows.itertuples()}
    if len(who) != 1:
        raise EvidenceError(f"certainty: give the rows of one judge, got {len(who)}: {sorted(map(str, who))}")
    values = dict(zip(rows["domain"], rows["judgement"], strict=True))
    reasons = {row.domain: row.reason for row in rows.itertuples() if isinstance(row.reason, str) and row.reason}
    start, level = values.pop("start", None), values.pop("level", None)
    return start, level, _steps(values), reasons, *who.pop()


def _steps(values) -> dict[str, int]:
    """Return steps as whole numbers; half a step is none."""
    wrong = {}
    for domain, value in values.items():
        try:
            whole = not isinstance(value, bool) and float(value).is_integer()
        except (TypeError, ValueError):
            whole = False
        wrong |= {} if whole else {domain: value}
    if wrong:
        raise EvidenceError(f"certainty: steps must be whole numbers such as -1 or 0, got {wrong}")
    return {domain: int(float(value)) for domain, value in values.items()}


def _computed(start, steps) -> str:
    return LEVELS[min(max(LEVELS.index(start) + sum(steps.values()), 0), 3)]


def _faults(start, level, steps) -> list[str]:
    wrong = [(name, word) for name, word in (("start", start), ("level", level)) if word not in (None, *LEVELS)]
    faults = [f"{name} {word!r} is not one of {', '.join(LEVELS)}" for name, word in wrong]
    faults += [f"{domain!r} is not a domain" for domain in steps if domain not in DOWN and domain not in UP]
    faults += [
        f"{d} may go from 0 to -{DOWN[d]}, got {s}" for d, s in steps.items() if d in DOWN and not -DOWN[d] <= s <= 0
    ]
    faults += [f"{d} may go from 0 to +{UP[d]}, got {s}" for d, s in steps.items() if d in UP and not 0 <= s <= UP[d]]
    raised = any(step > 0 for step in steps.values())
    if raised and start == "high":
        faults.append("rating up is for observational studies, which start at low")
    if raised and any(step < 0 for step in steps.values()):
        faults.append("rating up is only for a body of evidence that nothing rates down")
    if start is None and (level is None or steps):
        faults.append("say where the rating starts (high for trials, low for observational studies)")
    if not faults and start is not None and level is not None and level != _computed(start, steps):
        faults.append(f"written as {level!r}, but {start} with {steps} gives {_computed(start, steps)!r}")
    return faults


def information_size(difference: float, sd: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    r"""Optimal information size: people in both arms together that a trial of this difference would need.

    Parameters
    ----------
    difference, sd : float
        Difference worth finding and standard deviation, same unit.
    alpha, power : float
        Two-sided error and power.

    Returns
    -------
    int

    Notes
    -----
    The size of a two-sided t test with equal arms, solved by statsmodels. For 0.2 SD it is 787 in all; the often
    repeated "400 in total" is half of that.

    References
    ----------
    zeng2022

    Examples
    --------
    >>> print(information_size(0.2, 1))
    787
    """
    from math import ceil

    from statsmodels.stats.power import TTestIndPower

    if difference == 0 or sd <= 0:
        raise EvidenceError("information size needs a difference other than zero and a standard deviation above zero")
    an_arm = TTestIndPower().solve_power(abs(difference) / sd, alpha=alpha, power=power)
    return ceil(2 * an_arm)
