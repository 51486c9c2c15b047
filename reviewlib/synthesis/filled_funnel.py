"""Trim and fill: what the mean would be if the funnel were made symmetric by mirrored studies. Not evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .. import batch
from ..door import door
from ..errors import EvidenceError, warn
from ..gate import measure_of
from ..results import Interval, Result
from ..typed import Frame, Studies
from .coefficients import effect_text
from .complete import complete_rows, refuse_few
from .funnel_regression import NOTE
from .pooled import MetaAnalysis, meta_analysis
from .wording import figures

ROUNDS = 100


@dataclass(frozen=True, slots=True, repr=False)
class TrimAndFill(Result):
    """The pooled effect after filling; `studies` holds the filled rows, marked in the column `filled`."""

    measure: str | None
    k0: int
    k0_se: float | None
    side: str
    estimator: str
    estimate: float
    se: float
    ci: Interval
    pvalue: float
    tau2: float
    k: int
    unfilled: float
    level: float
    methods: str
    note: str
    fit: MetaAnalysis = field(repr=False, compare=False)
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        mean = effect_text(self.measure, self.estimate, self.ci, self.level)
        filled = f"{self.k0} stud{'y' if self.k0 == 1 else 'ies'} filled on the {self.side}"
        return (
            f"trim and fill ({self.estimator}), {filled}: {mean}, unfilled {figures(self.measure, self.unfilled)[0]}; "
            f"sensitivity analysis only; {self.note}"
        )

    def _row(self):
        return {name: value for name, value in Result._row(self).items() if name != "fit"}


@door
def trim_and_fill(
    studies: Studies,
    *,
    method: str = "REML",
    side: str = "auto",
    estimator: str = "L0",
    ci: Any = "wald",
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
    label: str | None = None,
) -> TrimAndFill:
    r"""Trim and fill of Duval and Tweedie.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
    method : str
        Estimator of tau2 ("CE" for a common-effect model) in trimming and in the final fit.
    side : {"auto", "left", "right"}
        Where studies are thought missing. "auto": opposite to the lean of a regression on the standard error.
    estimator : {"L0", "R0"}
        Estimator of the number of missing studies.
    ci : str
        Interval of the final fit; normal limits by default, because filled studies are not data that a t
        distribution could count.
    level : float
        Coverage of the interval.
    insist : bool
        Fill with fewer than ten studies.
    label : str, optional
        Column that names the studies; by default `trial`, else `study`, else the index.

    Returns
    -------
    TrimAndFill

    Notes
    -----
    With signed ranks r of :math:`|y - \hat\mu|` over all k studies, after trimming the k0 most extreme:
    :math:`L_0 = (4 S_r - k(k+1))/(2k-1)`, :math:`R_0 = k - \max\{-r: r<0\} - 1`, rounded, until it repeats. Ties keep
    the order of the table, as in metafor's ``trimfill``; if the number cycles, the largest in the cycle is taken and a
    MethodWarning given.

    References
    ----------
    duval2000; viechtbauer2010

    Examples
    --------
    >>> k = range(10)
    >>> filled = trim_and_fill({"estimate": [0.2 + 0.05 * i for i in k], "variance": [0.01 * i + 0.01 for i in k]})
    >>> print(filled.k0, filled.side, f"{filled.unfilled:.2f} {filled.estimate:.2f}")
    5 left 0.32 0.26
    """
    if side not in ("auto", "left", "right") or estimator not in ("L0", "R0"):
        raise EvidenceError(
            f'side is "auto", "left" or "right" and estimator "L0" or "R0", got {side!r}, {estimator!r}'
        )
    rows = complete_rows(studies, estimate, variance, (), label)
    refuse_few(rows.k, "trim and fill", "with few studies it fills chance", insist)
    if np.ptp(rows.y) <= 1e-12 * np.abs(rows.y).max():
        raise EvidenceError("trim and fill: all effects are equal, so nothing is out of symmetry")
    side = _side(rows, method) if side == "auto" else side
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * rows.y, kind="stable")
    k0, k0_se, mean = _iterate(sign * rows.y[order], rows.v[order], method, estimator)
    extreme = order[rows.k - k0 :]
    table = _filled(rows, 2 * sign * mean - rows.y[extreme], rows.v[extreme], estimate, variance)
    measure = measure_of(studies)
    columns = {"estimate": estimate, "variance": variance, "label": rows.label}
    fit = meta_analysis(table, measure=measure, method=method, ci=ci, level=level, **columns)
    before = batch.meta_analysis(rows.y, rows.v, method)
    filled = {"k0": k0, "k0_se": k0_se, "side": side, "estimator": estimator, "unfilled": float(before.estimate[0])}
    pooled = {name: getattr(fit, name) for name in ("estimate", "se", "ci", "pvalue", "tau2", "k")}
    methods = f"trim and fill, {estimator}, {side} side; then: {fit.methods}"
    found: dict[str, Any] = {**filled, **pooled, "level": level, "methods": methods, "note": NOTE}
    return TrimAndFill(measure=measure, fit=fit, studies=table, **found)


def _side(rows, method):
    x = np.sqrt(rows.v)
    if np.ptp(x) <= 1e-12 * x.max():
        raise EvidenceError('all studies are equally precise, so the funnel has no lean: give side="left" or "right"')
    fit = batch.meta_analysis(rows.y, rows.v, method, design=np.column_stack([np.ones(rows.k), x]))
    return "right" if fit.estimate[0, 1] < 0 else "left"


def _iterate(y, v, method, estimator):
    """Return k0, its standard error and the trimmed mean, for effects in rising order with the left side thin."""
    k0, seen, rounds = 0, [], 0
    while True:
        rounds += 1
        used = len(y) - k0
        mean = float(y[0]) if used == 1 else float(batch.meta_analysis(y[:used], v[:used], method).estimate[0])
        found, se = _missing(y - mean, estimator)
        if found == k0:
            return k0, se, mean
        if found in seen or rounds == ROUNDS:
            return _settle(y, v, method, estimator, max(found, k0))
        seen.append(k0)
        k0 = found


def _settle(y, v, method, estimator, k0):
    warn(f"trim and fill goes round without settling; {k0} filled studies is the largest number on its way")
    used = len(y) - k0
    mean = float(batch.meta_analysis(y[:used], v[:used], method).estimate[0])
    return k0, _missing(y - mean, estimator)[1], mean


def _missing(centred, estimator):
    """Return the rounded number of missing studies and its standard error; ties rank in the order given."""
    k = len(centred)
    rank = np.empty(k)
    rank[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        left = rank[centred < 0]
        k0 = k - (left.max() if len(left) else 0) - 1
        se = np.sqrt(2 * max(0, k0) + 2)
    else:
        k0 = (4 * rank[centred > 0].sum() - k * (k + 1)) / (2 * k - 1)
        variance = (
            k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
        )
        se = 4 * np.sqrt(variance / 24) / (2 * k - 1) if variance >= 0 else None
    return min(max(0, int(np.round(k0))), k - 1), None if se is None else float(se)


def _filled(rows, y, v, estimate, variance):
    table = rows.table.assign(filled=False)
    if not len(y):
        return table
    new = pd.DataFrame({estimate: y, variance: v, "filled": True, "excluded": ""})
    if "se" in table.columns:
        new["se"] = np.sqrt(v)
    if rows.label is not None:
        new[rows.label] = [f"Filled {i + 1}" for i in range(len(y))]
    # Columns that a filled study cannot have stay empty in its row.
    joined = pd.concat([table.astype({"filled": object}), new.astype({"filled": object})], ignore_index=True)
    return joined.astype({"filled": bool})
