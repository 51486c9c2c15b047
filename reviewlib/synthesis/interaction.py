"""Subgroups of trials, each pooled, with the test of interaction that alone says whether they differ."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc

from .. import batch
from ..door import door
from ..errors import EvidenceError, TooFewStudiesError
from ..gate import measure_of
from ..numeric import absent
from ..results import Interval, Result, percent
from ..typed import Frame, Studies
from .coefficients import effect_text, inference, p_text
from .complete import column, complete_rows
from .intervals import DEFAULT_RULE, RULES
from .pooled import MetaAnalysis, meta_analysis
from .wording import figures, harmonic_size, heading


@dataclass(frozen=True, slots=True, repr=False)
class Subgroup(Result):
    """One subgroup; `pooled` is False for a single study, which is shown as it is."""

    name: str
    k: int
    pooled: bool
    estimate: float
    se: float
    ci: Interval
    tau2: float | None
    i2: float | None
    q: float | None
    level: float
    measure: str | None = None
    size: float | None = None  # harmonic mean of n, where the way back to the printed scale needs one

    def __str__(self) -> str:
        what = f"{self.k} studies" if self.pooled else "one study, not pooled"
        return f"{self.name}: {effect_text(self.measure, self.estimate, self.ci, self.level, what, self.size)}"


@dataclass(frozen=True, slots=True, repr=False)
class Subgroups(Result):
    """Subgroups, their overall synthesis and the test of interaction (`q` on `df`; an F statistic if `df` has two)."""

    by: str
    shared_tau2: bool
    groups: tuple
    overall: MetaAnalysis
    q: float | None
    df: tuple
    pvalue: float | None
    level: float
    methods: str
    apart: tuple  # what is not in the test, or has no usable study, in words
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        test = "no test of interaction" if self.pvalue is None else f"test of interaction {p_text(self.pvalue)}"
        return "; ".join([*map(str, self.groups), test, *self.apart])

    def __getitem__(self, name) -> Subgroup:
        """Return one subgroup by its name."""
        return {group.name: group for group in self.groups}[str(name)]

    def to_frame(self) -> Frame:
        """Return one row a subgroup and the overall synthesis last."""
        frame = pd.DataFrame([{"subgroup": g.name, **g._row()} for g in self.groups]).drop(columns="name")
        o = self.overall
        last = {"subgroup": "overall", "k": o.k, "pooled": True, "estimate": o.estimate, "se": o.se, "ci_low": o.ci.low}
        last |= {"ci_high": o.ci.high, "tau2": o.tau2, "i2": o.i2, "q": o.q, "level": o.level}
        return pd.DataFrame([*frame.to_dict("records"), last], columns=frame.columns)

    def summary(self) -> str:
        """Return a text table: one line per subgroup as people read the measure, then the test of interaction."""
        frame = self.to_frame()
        o = self.overall
        sizes = [*(group.size for group in self.groups), harmonic_size(o.measure, o.studies, o._rows.used)]
        rows = zip(frame["estimate"], frame["ci_low"], frame["ci_high"], sizes, strict=True)
        effects = [figures(o.measure, *row[:3], size=row[3]) for row in rows]
        limits = [f"{low} to {high}" for _, low, high in effects]
        columns = {heading(o.measure, sizes[-1]): [e[0] for e in effects], f"{percent(self.level)} CI": limits}
        table = frame[["subgroup", "k"]].assign(**columns, **{name: frame[name] for name in ("tau2", "i2", "q")})
        lines = table.to_string(index=False, float_format="{:.4g}".format, na_rep="").splitlines()
        test = "not estimable" if self.pvalue is None else f"{self.q:.4g}, df {self.df}, P = {self.pvalue:.4g}"
        rule = "=" * max(map(len, lines))
        return "\n".join([*lines, rule, f"test of interaction: {test}", *self.apart, self.methods])

    def _row(self):
        row = {"by": self.by, "shared_tau2": self.shared_tau2, "q": self.q, "df": list(self.df), "pvalue": self.pvalue}
        row |= {"apart": list(self.apart), "groups": [g._row() for g in self.groups]}
        return row | {"overall": self.overall._row(), "methods": self.methods}


@door
def subgroups(
    studies: Studies,
    by: str,
    *,
    shared_tau2: bool = False,
    method: str = "REML",
    ci: Any = DEFAULT_RULE,
    level: float = 0.95,
    estimate: Any = "estimate",
    variance: Any = "variance",
    label: str | None = None,
) -> Subgroups:
    r"""Pool within subgroups and test whether they differ.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
    by : str
        Column of the subgroups. Rows without a value are left out with that reason.
    shared_tau2 : bool
        One between-study variance for all subgroups (better with few studies in each), or one each.
    method, ci, level
        As in `meta_analysis`.
    label : str, optional
        Column that names the studies; by default `trial`, else `study`, else the index.

    Returns
    -------
    Subgroups

    Raises
    ------
    EvidenceError
        Fewer than two subgroups.

    Notes
    -----
    Separate tau2: :math:`Q = \sum_g (\hat\mu_g - \bar\mu)^2 / SE_g^2` on G - 1 with model-based standard errors;
    subgroups of a single study, whose tau2 is not known, are shown but not in the test. Shared tau2: the omnibus
    test of the regression on subgroup (F with a HKSJ interval), single studies included. Subgroups of trials are
    compared between trials: a credible difference needs more than a small P value.

    References
    ----------
    higgins2024ch10, section 10.11.3; schandelmaier2020

    Examples
    --------
    >>> rows = {"dose": ["low"] * 3 + ["high"] * 3, "estimate": [0.1, 0.4, 0.3, 0.8, 0.9, 0.4], "variance": [0.03] * 6}
    >>> result = subgroups(rows, "dose", ci="wald")
    >>> print(result["high"])
    high: effect 0.70 (95% CI 0.40 to 1.00; 3 studies)
    >>> print(f"{result.pvalue:.3f}")
    0.018
    """
    if ci not in RULES:
        raise EvidenceError(f"ci must be one of {', '.join(RULES)}, got {ci!r}")
    rows = complete_rows(studies, estimate, variance, (by,), label)
    values = column(rows, by)
    names = list(dict.fromkeys(map(str, values)))
    if hasattr(rows.table[by], "cat"):
        names = [str(c) for c in rows.table[by].cat.categories if str(c) in names]
    if len(names) < 2:
        raise EvidenceError(f"subgroups by {by!r}: all studies have the value {', '.join(names) or 'missing'}")
    member = np.array([[str(value) == name for value in values] for name in names])
    columns = {"estimate": estimate, "variance": variance, "label": rows.label}
    overall = meta_analysis(rows.table, measure=measure_of(studies), method=method, ci=ci, level=level, **columns)
    pool = _shared if shared_tau2 else _separate
    groups, q, df, pvalue = pool(rows, names, member, method, ci, level)
    how = "one tau2 for all subgroups" if shared_tau2 else "a tau2 for each subgroup"
    test = "F test" if len(df) == 2 else "chi-square test"
    sizes = [harmonic_size(overall.measure, rows.table[rows.used], mine) for mine in member]
    groups = [replace(g, measure=overall.measure, size=size) for g, size in zip(groups, sizes, strict=True)]
    apart = _apart(rows, by, groups, tested=bool(shared_tau2))
    methods = f"subgroups by {by}, {method}, {how}, {ci} limits; {test} of interaction"
    done = (by, bool(shared_tau2), tuple(groups), overall, q, df, pvalue)
    return Subgroups(*done, level=level, methods=methods, apart=apart, studies=rows.table)


def _apart(rows, by, groups, tested) -> tuple[str, ...]:
    """Say which subgroups are not in the test, and which have no usable study."""
    single = [g.name for g in groups if not g.pooled]
    there = {str(value) for value in rows.table[by] if not absent(value)}
    empty = sorted(there - {g.name for g in groups})
    lines = [f"not in the test, one study each: {', '.join(single)}"] if single and not tested else []
    lines += [f"no usable study: {', '.join(empty)}"] if empty else []
    names = rows.table.index if rows.label is None else rows.table[rows.label]
    nowhere = [str(name) for name, why in zip(names, rows.table["excluded"], strict=True) if why == f"no {by}"]
    return (*lines, *([f"in no subgroup, because {by} is missing: {', '.join(nowhere)}"] if nowhere else ()))


def _separate(rows, names, member, method, ci, level):
    y, v = np.where(member, rows.y, np.nan), np.where(member, rows.v, np.nan)
    fit = batch.fit(y, v, method)
    groups, kept = [], []
    for g, name in enumerate(names):
        mine = member[g]
        if mine.sum() == 1:
            groups.append(_single(name, rows.y[mine][0], rows.v[mine][0], level))
            continue
        one = meta_analysis({"estimate": rows.y[mine], "variance": rows.v[mine]}, method=method, ci=ci, level=level)
        groups.append(Subgroup(name, one.k, True, one.estimate, one.se, one.ci, one.tau2, one.i2, one.q, level))
        kept.append(g)
    if len(kept) < 2:
        return groups, None, (max(len(kept) - 1, 0),), None
    between = batch.fit(fit.estimate[kept][None], fit.se[kept][None] ** 2, "CE")
    q, df = float(between.q[0]), len(kept) - 1
    return groups, q, (df,), float(chdtrc(df, q))


def _single(name, y, v, level):
    se = float(np.sqrt(v))
    return Subgroup(name, 1, False, float(y), se, inference(y, se, None, level)[2], None, None, None, level)


def _shared(rows, names, member, method, ci, level):
    """One regression with a mean a subgroup: its covariance is diagonal, so rows and test follow from it."""
    k, groups = rows.k, len(names)
    if k <= groups:
        raise TooFewStudiesError(f"{groups} subgroups with a shared tau2 need at least {groups + 1} studies, got {k}")
    fit = batch.fit(rows.y[None], rows.v[None], method, member.T.astype(float))
    tau2, wald = float(fit.tau2[0]), ci == "wald" or method == "CE"
    factor = 1.0 if wald else float(fit.q_random[0] / fit.df[0])
    factor = max(factor, 1.0) if ci in ("hksj-floor", "wider") else factor
    df = None if wald else float(k - groups)
    mean, se = fit.estimate[0], np.sqrt(factor) * fit.se[0]
    out = []
    for g, name in enumerate(names):
        m = int(member[g].sum())
        i2, q = _heterogeneity(rows, member[g], tau2)
        limits = inference(mean[g], se[g], df, level)[2]
        if m == 1:
            out.append(_single(name, rows.y[member[g]][0], rows.v[member[g]][0], level))
        else:
            out.append(Subgroup(name, m, True, float(mean[g]), float(se[g]), limits, tau2, i2, q, level))
    if not (se > 0).all():
        return out, None, (groups - 1,), None
    q = float(batch.fit(mean[None], se[None] ** 2, "CE").q[0])
    if wald:
        return out, q, (groups - 1,), float(chdtrc(groups - 1, q))
    return out, q / (groups - 1), (groups - 1, k - groups), float(fdtrc(groups - 1, k - groups, q / (groups - 1)))


def _heterogeneity(rows, mine, tau2):
    if mine.sum() < 2:
        return None, None
    fit = batch.fit(rows.y[mine][None], rows.v[mine][None], "CE")
    typical = float(fit.typical_variance[0])
    return tau2 / (tau2 + typical), float(fit.q[0])
