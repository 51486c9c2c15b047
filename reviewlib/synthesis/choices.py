"""Would another defensible analysis of the same studies say something else? The sensitivity row of every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..door import door, several_numbers
from ..errors import quiet
from ..measures import is_ratio
from ..results import Interval, Result
from ..typed import Array, Frame, Studies
from .pooled import meta_analysis
from .reruns import leave_one_out, plan


@dataclass(frozen=True, slots=True, repr=False)
class Sensitivity(Result):
    """The same studies pooled by other rules. ``to_frame()`` has a row an analysis.

    `changes` names the analyses whose interval lies otherwise towards the thresholds than the headline's.
    """

    measure: str | None
    k: int
    level: float
    estimate: float
    ci: Interval
    conclusion: str
    changes: tuple
    _table: Any = field(repr=False, compare=False)

    @property
    def changed(self) -> bool:
        return bool(self.changes)

    def to_frame(self) -> Frame:
        """Return columns analysis, k, estimate, ci_low, ci_high, tau2, conclusion and changes."""
        return self._table.copy()

    def __str__(self) -> str:
        others = len(self._table) - 1
        if not self.changes:
            return f"All {others} other analyses agree that {self.conclusion}"
        return (
            f"That {self.conclusion} does not hold in {len(self.changes)} of {others} other analyses: "
            f"{'; '.join(self.changes)}"
        )


@door
def sensitivity(
    studies: Studies, measure: str | None = None, *, thresholds: Any = (0.0,), level: float = 0.95, **columns: Any
) -> Sensitivity:
    """Pool by the house rule and by the rules a reader might have expected, and say whether the conclusion changes.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
    thresholds : sequence of float
        Effects, on the analysis scale, that the interval is held against: the null value, and a smallest important
        difference where there is one.
    level : float
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    Sensitivity
        Rows: house rule; Cochrane's conditional rule (HKSJ where tau2 > 0 and more than two studies, else Wald);
        REML with HKSJ; REML with Wald; DerSimonian-Laird with Wald; common effect; and, from three studies, the house
        rule without the study that lowers, and without the one that raises, the estimate most. Any other study whose
        removal changes the conclusion has a row of its own.

    References
    ----------
    veroniki2016; jackson2017; bender2018

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.sensitivity(trials, "MD").to_frame().shape[0])
    10
    """
    thresholds = several_numbers("thresholds", thresholds)
    how = plan(studies, "REML", "wider", level, measure, **columns)
    rows = how.rows
    data = {"estimate": rows.y, "variance": rows.v}
    analyses = [("house rule", "REML", "wider"), None, ("REML, HKSJ", "REML", "hksj"), ("REML, Wald", "REML", "wald")]
    analyses += [("DerSimonian-Laird, Wald", "DL", "wald"), ("common effect", "CE", "wald")]
    table = []
    with quiet():
        reml = meta_analysis(data, ci="wald", level=level)
        analyses[1] = ("Cochrane conditional rule", "REML", "hksj" if reml.tau2 > 0 and rows.k > 2 else "wald")
        for name, method, ci in analyses:
            fit = meta_analysis(data, method=method, ci=ci, level=level)
            table.append((name, fit.k, fit.estimate, *fit.ci, fit.tau2, side(*fit.ci, thresholds)))
    if rows.k > 2:
        table += _without(how, data, thresholds, table[0][-1])
    return _result(how, table, thresholds)


def side(low: float, high: float, thresholds: Any) -> str:
    """Return where an interval lies: below, above, or across each threshold."""
    where = []
    for t in thresholds:
        name = "the null value" if t == 0 else f"{t:g}"
        where.append(f"below {name}" if high < t else f"above {name}" if low > t else f"across {name}")
    return " and ".join(where)


def _without(how, data, thresholds, headline):
    """Return the extreme leave-one-out analyses, and all those that come to another conclusion."""
    frame = leave_one_out(data, method="REML", ci="wider", level=how.level).to_frame()
    labels = how.rows.used_labels
    said = [side(a, b, thresholds) for a, b in zip(frame["ci_low"], frame["ci_high"], strict=True)]
    mean = frame["estimate"].to_numpy()
    show = {int(mean.argmin()), int(mean.argmax())} | {i for i, text in enumerate(said) if text != headline}
    columns = ("k", "estimate", "ci_low", "ci_high", "tau2")
    return [(f"without {labels[i]}", *(frame[c][i].item() for c in columns), said[i]) for i in sorted(show)]


def _result(how, rows, thresholds) -> Sensitivity:
    names = ["analysis", "k", "estimate", "ci_low", "ci_high", "tau2", "conclusion"]
    table = pd.DataFrame(rows, columns=names)
    headline = rows[0]
    table["changes"] = table["conclusion"] != headline[-1]
    conclusion = f"the interval lies {headline[-1]}"
    if len(thresholds) == 1 and thresholds[0] == 0 and is_ratio(how.measure):
        conclusion = conclusion.replace("the null value", "a ratio of 1")
    estimate, *limits = map(float, headline[2:5])
    changes = tuple(table.loc[table["changes"], "analysis"])
    fit = how.measure, how.rows.k, how.level, estimate, Interval(*limits)
    return Sensitivity(*fit, conclusion, changes, table)


def pad(tables: Any) -> Array:
    """Return rows of unequal length as one array (tables, longest), NaN where a table has no more studies."""
    longest = max(map(len, tables), default=0)
    out = np.full((len(tables), longest), np.nan)
    for row, values in zip(out, tables, strict=True):
        row[: len(values)] = values
    return out
