"""One line a coefficient: what regressions, three-level models and robust inference have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from ..results import Interval, Result, percent
from ..typed import Array, Frame, Series
from .wording import figures, heading


@dataclass(frozen=True, slots=True, repr=False)
class Coefficients(Result):
    """Estimates by term; `df` is None where the normal distribution was used."""

    terms: tuple
    estimate: tuple
    se: tuple
    statistic: tuple
    df: tuple
    pvalue: tuple
    ci: tuple
    level: float

    def __str__(self) -> str:
        lines = zip(self.terms, self.estimate, self.ci, strict=True)
        return "; ".join(f"{t} {b:.4g} ({percent(self.level)} CI {ci[0]:.4g} to {ci[1]:.4g})" for t, b, ci in lines)

    def to_frame(self) -> Frame:
        """Return one row a term."""
        low, high = zip(*self.ci, strict=True)
        columns = {"term": self.terms, "estimate": self.estimate, "se": self.se, "ci_low": low, "ci_high": high}
        return pd.DataFrame({**columns, "statistic": self.statistic, "df": self.df, "pvalue": self.pvalue})

    def series(self, name: str) -> Series:
        """Return one quantity as a Series labelled by term."""
        values = getattr(self, name)
        dtype = object if name in ("ci", "df") else float
        return pd.Series(list(values), index=list(self.terms), dtype=dtype, name=name)

    def _row(self):
        return {"terms": list(self.terms), **{f"{q}": list(getattr(self, q)) for q in _QUANTITIES}, "level": self.level}


def by_term(name: str, said: str) -> Any:
    """Return a property of a model: one quantity of its coefficients as a Series by term."""
    return property(lambda self: self.coefficients.series(name), doc=said)


_QUANTITIES = ("estimate", "se", "statistic", "df", "pvalue", "ci")


def coefficients(terms: Sequence[str], beta: Array, se: Any, df: Any, level: float) -> Coefficients:
    """Test each coefficient against zero; `df` is None (normal), a number, or one number a term."""
    dfs = df if isinstance(df, (list, tuple, np.ndarray)) else [df] * len(terms)
    rows = [inference(b, s, d, level) for b, s, d in zip(beta, se, dfs, strict=True)]
    statistic, pvalue, ci = zip(*rows, strict=True)
    plain = tuple(None if d is None else float(d) for d in dfs)
    return Coefficients(
        tuple(terms), tuple(map(float, beta)), tuple(map(float, se)), statistic, plain, pvalue, ci, level
    )


def inference(estimate: Any, se: Any, df: Any, level: float) -> tuple[Any, Any, Interval]:
    """Return statistic, two-sided P value and interval from the normal (df None) or Student's t."""
    if not se > 0:
        return None, None, Interval(float(estimate), float(estimate))
    statistic = float(estimate / se)
    tail = ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))
    half = se * critical_value(df, level)
    return statistic, float(2 * tail), Interval(float(estimate - half), float(estimate + half))


def effect_text(measure: str, estimate: Any, ci: Any, level: float, inside: str = "", size: Any = None) -> str:
    """Return "RR 0.49 (95% CI 0.33 to 0.73; inside)", back-transformed as people read the measure."""
    mean, *limits = figures(measure, estimate, *(ci or ()), size=size)
    limits = f"{percent(level)} CI {limits[0]} to {limits[1]}" if limits else "interval not estimable"
    return f"{heading(measure, size)} {mean} ({limits}{'; ' if inside else ''}{inside})"


def p_text(pvalue: float) -> str:
    """Return "P = 0.012" or "P < 0.001"; never a bare zero."""
    if pvalue is None:
        return "P not estimable"
    return "P < 0.001" if pvalue < 0.001 else f"P = {pvalue:.3f}"


def critical_value(df: Any, level: float) -> float:
    """Two-sided quantile of the normal (df None) or of Student's t."""
    return float(ndtri(0.5 + level / 2) if df is None else stdtrit(df, 0.5 + level / 2))


def omnibus(beta: Array, vcov: Array, design: Any, df: Any) -> tuple[Any, Any, Any]:
    """Test all moderators at once: statistic, its degrees of freedom and P value (F where `df` is given)."""
    tested = design.tested
    m = len(tested)
    quadratic = float(beta[tested] @ np.linalg.solve(vcov[np.ix_(tested, tested)], beta[tested]))
    if df is None:
        return quadratic, (m,), float(chdtrc(m, quadratic))
    return quadratic / m, (m, int(df)), float(fdtrc(m, df, quadratic / m))
