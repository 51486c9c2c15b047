"""The same synthesis again and again: without each study in turn, and as the studies came in.

Every re-run is one batch of the kernel; nothing here loops over fits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from .. import batch
from ..batch import Batch
from ..door import door
from ..errors import EvidenceError
from ..gate import measure_of
from ..results import Interval, Result
from ..typed import Frame, Studies
from . import wording
from .intervals import DEFAULT_RULE, check_rule, mean_interval, two_sided_p
from .pooled import MetaAnalysis, need_two
from .rows import Rows, read_rows


@dataclass(frozen=True, slots=True)
class Plan:
    """What to refit and how: the studies with the method, interval rule, level and measure that apply."""

    rows: Rows
    method: str
    ci: str
    level: float
    measure: str | None
    tau2: float | None = None

    def whole(self) -> Batch:
        """Fit all studies together."""
        return batch.fit(self.rows.y[None], self.rows.v[None], self.method, tau2=self.tau2)

    def without_each(self) -> Batch:
        """Fit all studies but each in turn."""
        return batch.leave_one_out(self.rows.y, self.rows.v, self.method, self.tau2)


def plan(
    studies: Studies,
    method: str | None = None,
    ci: Any = None,
    level: float | None = None,
    measure: str | None = None,
    **columns: Any,
) -> Plan:
    """Settle how to refit `studies`: what is not given comes from a fitted MetaAnalysis, else REML, wider and 0.95."""
    fitted = isinstance(studies, MetaAnalysis)
    rows = studies._rows if fitted else read_rows(studies, **columns)
    need_two(rows)
    method = batch.estimator_named(method or (studies.method if fitted else "REML")).name
    ci = ci or (studies.ci_method if fitted else DEFAULT_RULE)
    level = level or (studies.level if fitted else 0.95)
    check_rule(ci, level)
    tau2 = studies.tau2 if fitted and studies.tau2_fixed and method == studies.method else None
    return Plan(rows, method, ci, level, measure_of(studies, measure), tau2)


def columns_of(fit: Any, rule: str, level: float) -> dict:
    """Return the columns that every refit reports, as arrays."""
    se, df, low, high = mean_interval(fit, rule, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = fit.estimate / se
    limits = {"ci_low": low, "ci_high": high, "pvalue": two_sided_p(statistic, df)}
    spread = {name: getattr(fit, name) for name in ("tau2", "i2", "h2", "q")}
    spread |= {"q_pvalue": chdtrc(np.maximum(fit.df, 0), fit.q), "converged": fit.converged}
    return {"k": fit.k, "estimate": fit.estimate, "se": se, **limits, **spread}


@dataclass(frozen=True, slots=True, repr=False)
class Rerun(Result):
    """Many fits of subsets of the same studies, one row each; effects on the analysis scale.

    `kind` says what was done, `estimate` and `ci` are those of all studies together, `lowest` and `highest` the
    extreme estimates among the rows. ``to_frame()`` has the columns label, k, estimate, se, ci_low, ci_high, pvalue,
    tau2, i2, h2, q, q_pvalue and converged.
    """

    kind: str
    measure: str | None
    method: str
    ci_method: str
    level: float
    k: int
    estimate: float
    ci: Interval
    lowest: float
    highest: float
    lowest_label: str
    highest_label: str
    _columns: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row a refit."""
        return pd.DataFrame(self._columns)

    def __str__(self) -> str:
        low, high, whole = wording.figures(self.measure, self.lowest, self.highest, self.estimate)
        what = {
            "leave-one-out": "Leaving out one study at a time",
            "leave-two-out": "Leaving out two studies at a time",
        }
        what |= {"cumulative": "Adding studies one at a time"}
        name = wording.heading(self.measure, otherwise="the estimate")
        span = f"ranges from {low} ({self.lowest_label}) to {high} ({self.highest_label})"
        span = f"stays at {low}" if low == high else span
        return f"{what[self.kind]}, {name} {span}; all {self.k} studies {whole}"


def rerun_of(kind: str, how: Plan, labels: Any, fit: Batch) -> Rerun:
    """Return the refits of one kind as a result, a label each."""
    whole = how.whole()
    _, _, *limits = (float(a[0]) for a in mean_interval(whole, how.ci, how.level))
    columns = {"label": labels, **columns_of(fit, how.ci, how.level)}
    low, high = int(np.nanargmin(fit.estimate)), int(np.nanargmax(fit.estimate))
    done = (kind, how.measure, how.method, how.ci, how.level, how.rows.k, float(whole.estimate[0]), Interval(*limits))
    ends = (float(fit.estimate[low]), float(fit.estimate[high]), labels[low], labels[high])
    return Rerun(*done, *ends, columns)


@door
def leave_one_out(
    studies: Studies,
    *,
    method: str | None = None,
    ci: Any = None,
    level: float | None = None,
    measure: str | None = None,
    **columns: Any,
) -> Rerun:
    """Pool again without each study in turn.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`, whose `method`, `ci`, `level` and column names apply. A MetaAnalysis brings
        its own choices.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    Rerun
        One row a study left out, named by it, in the order of the table.

    References
    ----------
    viechtbauer2010

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.leave_one_out(trials).to_frame()["estimate"].round(3).tolist())
    [0.268, 0.214, 0.267, 0.191]
    """
    how = plan(studies, method, ci, level, measure, **columns)
    return rerun_of("leave-one-out", how, how.rows.used_labels, how.without_each())


@door
def cumulative(
    studies: Studies,
    by: str | None = None,
    *,
    method: str | None = None,
    ci: Any = None,
    level: float | None = None,
    measure: str | None = None,
    **columns: Any,
) -> Rerun:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
    by : str, optional
        Column to sort by, smallest first (a year, a sample size); ties, and no column, keep the order of the table.
    method, ci, level : optional
        As in `reviewlib.meta_analysis`; by default those of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    Rerun
        One row a step, named by the study it adds. The first row is that study with normal limits.

    References
    ----------
    viechtbauer2010

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.cumulative(trials).to_frame()["estimate"].round(3).tolist())
    [0.1, 0.18, 0.191, 0.228]
    """
    how = plan(studies, method, ci, level, measure, **columns)
    rows, labels = how.rows, how.rows.used_labels
    order = np.arange(rows.k)
    if by is not None:
        if by not in rows.table.columns:
            raise EvidenceError(f"there is no column {by!r} to order the studies by")
        values = rows.table.loc[rows.used, by].reset_index(drop=True)
        if values.isna().any():
            missing = ", ".join(labels[i] for i in np.flatnonzero(values.isna()))
            raise EvidenceError(f"column {by!r} is empty for {missing}: their place in the order is unknown")
        try:
            order = values.sort_values(kind="stable").index.to_numpy()
        except TypeError:
            kinds = ", ".join(sorted({type(value).__name__ for value in values}))
            raise EvidenceError(
                f"column {by!r} holds values that have no common order ({kinds}): make them all numbers, dates or text"
            ) from None
    fit = batch.cumulative(rows.y[order], rows.v[order], how.method, how.tau2)
    return rerun_of("cumulative", how, [labels[i] for i in order], fit)
