"""The sentences of pooled results: what was found, and exactly how."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..batch import ESTIMATORS
from ..gate import numbers
from ..measures import MEASURES, is_ratio
from ..nouns import count
from ..results import percent
from ..typed import Table

# What the methods section calls an interval rule; tables and figures have the short names of `door.RULE_NAMES`.
INTERVALS = {
    "wald": "normal (Wald) limits",
    "hksj": "Hartung-Knapp-Sidik-Jonkman limits (t on {df} df)",
    "hksj-floor": "Hartung-Knapp-Sidik-Jonkman limits (t on {df} df) with the variance factor not below one",
    "wider": "the wider of the Hartung-Knapp-Sidik-Jonkman and Wald limits",
}


def shown(measure: str, value: float, size: Any = None) -> float:
    """Return a value of the analysis scale as people read it: ratios, correlations, proportions back-transformed.

    A measure that `effect_sizes` does not know, and PFT without the sample `size` that its inverse needs, is shown as
    it is (and `heading` says so).
    """
    known = MEASURES.get(measure)
    if known is None or (known.sized and size is None):
        return float(value)
    return float(known.back(value, size))


def heading(measure: str, size: Any = None, otherwise: str = "effect") -> str:
    """Return what stands before or above the values that `shown` gives; `otherwise` without a measure."""
    known = MEASURES.get(measure)
    return known.heading(size) if known else measure or otherwise


def harmonic_size(measure: str, table: Table, used: Any) -> float | None:
    """Return the harmonic mean of n of the studies in use, where the way back to the printed scale needs it."""
    known = MEASURES.get(measure)
    if known is None or not known.sized or "n" not in table.columns:
        return None
    n = numbers(table, ("n",))["n"][used]
    return float(len(n) / np.sum(1 / n)) if len(n) and np.all(n > 0) else None


def figures(measure: str, *values: Any, size: Any = None) -> list[str]:
    """Return values of the analysis scale as people read them, with two decimals, or more where two hide all.

    Values that lie within 0.02 of each other (risk differences of a rare event) get two digits of their distance, so
    that an effect of 0.0031 is not told as 0.00.
    """
    values = [shown(measure, x, size) for x in values]
    finite = [x for x in values if np.isfinite(x)]
    size = max(map(abs, finite), default=0.0)
    apart = max(finite, default=0.0) - min(finite, default=0.0)
    apart = apart if apart > 1e-9 * size else size
    if apart >= 0.02 or apart == 0:
        return [f"{x:.2f}" for x in values]
    places = 1 - int(np.floor(np.log10(apart)))
    return [f"{x:.{places}f}" if places <= 6 else f"{x:.3g}" for x in values]


def sentence(fit: Any) -> str:
    """Return the sentence a paper would contain."""
    size = harmonic_size(fit.measure, fit.studies, fit._rows.used)
    mean, low, high = figures(fit.measure, fit.estimate, *fit.ci, size=size)
    text = f"{heading(fit.measure, size)} {mean} ({percent(fit.level)} CI {low} to {high}; {fit.k} studies)"
    if fit.prediction is None:
        return text
    low, high = figures(fit.measure, *fit.prediction, size=size)
    return f"{text}; {percent(fit.level)} prediction interval {low} to {high}"


def methods(fit: Any) -> str:
    """Return the sentence of the methods section."""
    unnamed = fit.measure in (None, "GEN")
    what = "effects as given: no measure was named, nothing was transformed" if unnamed else f"{fit.measure} values"
    if is_ratio(fit.measure):
        what = f"{fit.measure} on the log scale"
    elif MEASURES.get(fit.measure) and MEASURES[fit.measure].transform != "none":
        what = f"{MEASURES[fit.measure].title} of each study"
        size = harmonic_size(fit.measure, fit.studies, fit._rows.used)
        what += f", transformed back at the harmonic mean of n, {size:.4g}" if size else ""
    parts = [f"Inverse-variance meta-analysis of {fit.k} studies ({what})"]
    if fit.method == "CE":
        parts.append("common-effect model with normal limits")
    else:
        two = fit.ci_method == "wider" and fit.k == 2
        rule = f"{INTERVALS['wald']}, for two studies" if two else INTERVALS[fit.ci_method].format(df=fit.k - 1)
        if fit.ci_method == "wider" and not two:
            rule += f" (here {'HKSJ' if fit.df else 'Wald'})"
        tau2 = f"fixed at {fit.tau2:g}" if fit.tau2_fixed else f"by {ESTIMATORS[fit.method].label}"
        parts += [f"random effects, tau2 {tau2}", rule]
        parts.append(_prediction(fit))
    left_out = len(fit.weights) - fit.k
    if left_out:
        parts.append(f"{count(left_out, 'row')} left out, with the reason in the studies table")
    return "; ".join(parts) + "."


def _prediction(fit) -> str:
    if fit.prediction is None:
        return "no prediction interval (too few studies)"
    how = "normal quantile" if fit.prediction_df == "normal" else f"t on {fit.prediction_df} = {_df(fit)} df"
    return f"prediction interval with {how}"


def _df(fit) -> int:
    return fit.k - (2 if fit.prediction_df == "k-2" else 1)
