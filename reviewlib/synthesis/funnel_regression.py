"""The regression behind tests of funnel asymmetry: its record, the line, and which test suits which measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import batch
from ..errors import EvidenceError, warn
from ..gate import measure_of
from ..measures import ARMS, COUNTS, find
from ..results import Interval, Result
from ..typed import Array, Frame, Studies
from .coefficients import inference, p_text
from .complete import column, complete_rows, exact_fit, refuse_few

NOTE = "asymmetry is not publication bias: heterogeneity, methods of small trials, chance and artefacts also cause it"
FEW = "below ten the test has too little power to say anything, and chance alone leans a funnel"


@dataclass(frozen=True, slots=True, repr=False)
class FunnelRegression(Result):
    """A regression of effects on a measure of study size.

    `intercept` is the coefficient of that measure (Egger's intercept, the slope of the funnel), which `statistic` and
    `pvalue` test; `limit` is the effect that the line reaches for an infinitely large study.
    """

    test: str
    k: int
    intercept: float
    intercept_se: float
    intercept_ci: Interval
    statistic: float | None
    df: float | None
    pvalue: float | None
    limit: float
    limit_se: float
    limit_ci: Interval
    limit_pvalue: float | None
    level: float
    methods: str
    note: str
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        statistic = "" if self.statistic is None else f", statistic {self.statistic:.2f}"
        what = f"intercept {self.intercept:.2f}{statistic}, {p_text(self.pvalue)}"
        return f"{self.test}: {what} ({self.k} studies); {self.note}"

    def _row(self):
        row = Result._row(self)
        for name in ("intercept_ci", "limit_ci"):
            low, high = row.pop(f"{name}", None) or (row.pop(f"{name}_low", None), row.pop(f"{name}_high", None))
            row |= {f"{name}_low": low, f"{name}_high": high}
        return row


# Which measures a test is made for, and what to use for the others (sterne2011; peters2006; pustejovsky2019).
_MADE_FOR = {
    "Peters' test": ("odds ratios", lambda m: m.columns == COUNTS and m.ratio and m.mirrored),
    "Harbord's test": ("odds ratios", lambda m: m.columns == COUNTS and m.ratio and m.mirrored),
    "Sample-size test": ("standardized mean differences", lambda m: m.scale == "standardized" and m.columns == ARMS),
}


def suits(test: str, studies: Studies) -> None:
    """Refuse a test that is made for another measure than the table holds, with the name of the one that suits it."""
    measure = measure_of(studies)
    m = find(measure)
    if measure is None or m.name == "GEN":
        return
    what, made_for = _MADE_FOR.get(test, ("", None))
    if made_for and not made_for(m):
        raise EvidenceError(f"{test} is for {what}, and the table holds {m.name} ({m.label}): use {_instead(m)}")
    if not made_for and _instead(m) != "egger":
        warn(
            f"{test}: the standard error of {m.name} depends on the effect itself, which alone can lean a funnel; "
            f"use {_instead(m)}"
        )


def _instead(m) -> str:
    """Return the name of the test that suits a measure."""
    if m.columns == COUNTS and m.ratio and m.mirrored:
        return "harbord or peters"
    return "funnel_smd" if m.scale == "standardized" and m.columns == ARMS else "egger"


def funnel_rows(studies: Studies, estimate: Any, variance: Any, needed: Any, what: str, insist: bool) -> Any:
    """Return the rows that a test can use; too few are refused unless somebody insists."""
    rows = complete_rows(studies, estimate, variance, needed)
    refuse_few(rows.k, what, FEW, insist)
    return rows


def events_of(rows: Any) -> tuple[Array, Array]:
    """Return events and people of both arms together."""
    events_int, n_int, events_ctl, n_ctl = (column(rows, name).astype(float) for name in COUNTS)
    return events_int + events_ctl, n_int + n_ctl


def with_events(studies: Studies, estimate: Any, variance: Any, what: str, insist: bool) -> Any:
    """Return rows for the tests of odds ratios, without trials of no events or of events only: they carry no weight."""
    rows = funnel_rows(studies, estimate, variance, COUNTS, what, insist)
    events, total = events_of(rows)
    each = [column(rows, name).astype(float) for name in COUNTS]
    if (np.min(each) < 0) or (each[0] > each[1]).any() or (each[2] > each[3]).any():
        raise EvidenceError(f"{what}: events must lie between 0 and the participants of their arm")
    empty = (events == 0) | (events == total)
    if not empty.any():
        return rows
    reasons = rows.table["excluded"].to_numpy(object)
    reasons[np.flatnonzero(rows.used)[empty]] = "no events, or events only: no weight in the test"
    return funnel_rows(rows.table.assign(excluded=reasons), estimate, variance, COUNTS, what, insist)


def regress(
    test: str,
    rows: Any,
    y: Array,
    v: Array,
    x: Any,
    x_name: str,
    model: Any,
    method: str = "REML",
    ci: Any = "wald",
    level: float = 0.95,
) -> FunnelRegression:
    """Weighted line through the funnel; "lm" is a common-effect regression whose errors are scaled by its residuals."""
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise EvidenceError(f"{test}: {x_name} is the same in all studies, so the funnel has no base and no tip")
    if ci not in ("wald", "hksj"):
        raise EvidenceError(f'ci must be "wald" or "hksj", got {ci!r}')
    estimator = "CE" if model == "lm" else method
    fit = batch.meta_analysis(y, v, estimator, design=np.column_stack([np.ones(len(x)), x]))
    scaled = model == "lm" or ci == "hksj"
    exact = scaled and exact_fit(y, v, fit.q[0])
    se = np.zeros(2) if exact else (fit.se_hksj if scaled else fit.se)[0]
    df = float(len(y) - 2) if scaled else None
    (limit, bias), (limit_se, bias_se) = map(float, fit.estimate[0]), map(float, se)
    if exact:
        warn(f"{test}: the studies lie exactly on a line; no error to test against")
    statistic, pvalue, bias_ci = inference(bias, bias_se, df, level)
    _, limit_pvalue, limit_ci = inference(limit, limit_se, df, level)
    slope = {"intercept": bias, "intercept_se": bias_se, "intercept_ci": bias_ci, "statistic": statistic, "df": df}
    end = {"limit": limit, "limit_se": limit_se, "limit_ci": limit_ci, "limit_pvalue": limit_pvalue}
    said = {"level": level, "methods": _how(model, x_name, df, method), "note": NOTE, "studies": rows.table}
    found: dict[str, Any] = {**slope, "pvalue": pvalue, **end, **said}
    return FunnelRegression(test, len(y), **found)


def _how(model, x_name, df, method):
    if model == "lm":
        return f"weighted least squares on {x_name}, multiplicative error, t on {df:.0f} degrees of freedom"
    limits = "normal limits" if df is None else f"Knapp-Hartung, t on {df:.0f} degrees of freedom"
    return f"random-effects meta-regression on {x_name}, {method}, {limits}"
