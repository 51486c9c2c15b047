"""Meta-regression: does the effect go with a characteristic of the trials. An association, not a cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from .. import batch, gate
from ..door import door
from ..errors import EvidenceError, TooFewStudiesError, warn
from ..nouns import count
from ..results import Interval, Result
from ..typed import Frame, Studies
from .coefficients import Coefficients, by_term, coefficients, critical_value, omnibus, p_text
from .complete import complete_rows, exact_fit
from .design import Design, build_design, new_rows
from .formula import variables_of
from .heterogeneity import q_profile
from .permutation import PermutationTest, permute, scaling

RULES = ("hksj", "hksj-floor", "wald")


@dataclass(frozen=True, slots=True, repr=False)
class MetaRegression(Result):
    """A random-effects meta-regression; quantities by term are Series, labelled as the formula library names columns.

    `qm` tests all moderators at once: chi-square on `qm_df[0]`, or F on `qm_df` with Knapp-Hartung standard errors.
    `qe` tests residual heterogeneity. `r2` is the share of tau2 that the moderators explain, never below 0, and None
    where it has no meaning (no intercept, common effect, no tau2 to explain).
    """

    formula: str
    method: str
    ci_method: str
    level: float
    k: int
    p: int
    tau2: float
    qm: float | None
    qm_df: tuple
    qm_pvalue: float | None
    qe: float
    qe_df: int
    qe_pvalue: float
    r2: float | None
    i2: float
    h2: float
    converged: bool
    methods: str
    coefficients: Coefficients = field(repr=False)
    studies: Frame = field(repr=False, compare=False)
    _design: Design = field(repr=False, compare=False)
    _y: np.ndarray = field(repr=False, compare=False)
    _v: np.ndarray = field(repr=False, compare=False)
    _vcov: np.ndarray = field(repr=False, compare=False)

    rebuilds = ("_design",)

    @classmethod
    def rebuilt(cls, values: Any) -> MetaRegression:
        """Return the regression from its kept fields: the coding of its moderators follows from its studies."""
        table = values["studies"]
        used = np.array([not reason for reason in gate.reasons(table)], dtype=bool)
        variables = variables_of(values["formula"], table.columns)
        return cls(**values, _design=build_design(values["formula"], table[used], variables))

    def __str__(self) -> str:
        share = "" if self.r2 is None else f", R2 {self.r2:.0%}"
        return f"{self.coefficients}; moderators {p_text(self.qm_pvalue)}{share} ({self.k} studies)"

    params = by_term("estimate", "Coefficients as a Series by term.")
    se = by_term("se", "Standard errors as a Series by term.")
    statistics = by_term("statistic", "z or t statistics as a Series by term.")
    pvalues = by_term("pvalue", "Two-sided P values as a Series by term.")
    ci = by_term("ci", "A Series of Intervals by term.")

    @property
    def vcov(self) -> Frame:
        """Covariance matrix of the coefficients as a DataFrame."""
        return pd.DataFrame(self._vcov, self._design.terms, self._design.terms)

    @property
    def tau2_ci(self) -> Interval:
        """Q-profile interval of the residual between-study variance."""
        return q_profile(self._y, self._v, self.level, self._design.X)

    @property
    def weights(self) -> tuple:
        """Share of each study in the weights 1 / (v + tau2), in the order of `studies`; nan for rows left out."""
        every = np.full(len(self.studies), np.nan)
        w = 1 / (self._v + self.tau2)
        every[[not said for said in gate.reasons(self.studies)]] = w / w.sum()
        return tuple(every.tolist())

    def predict(self, newdata: Any = None) -> Frame:
        """Return the mean effect at new values of the moderators, with its interval and the prediction interval.

        Parameters
        ----------
        newdata : DataFrame or dict of columns, optional
            One row a prediction; default the studies themselves.

        Returns
        -------
        DataFrame
            estimate, se, ci_low, ci_high, prediction_low, prediction_high, on the analysis scale. Quantiles are those
            of the coefficients, also for the prediction interval (as metafor); a common-effect model has none.
        """
        if newdata is None:
            X, index = self._design.X, None
        else:
            newdata = newdata if hasattr(newdata, "columns") else new_rows(newdata)
            X, index = self._design.rows_for(newdata), newdata.index
        mean = X @ np.array(self.coefficients.estimate)
        variance = np.einsum("ip,pq,iq->i", X, self._vcov, X)
        critical = critical_value(self.coefficients.df[0], self.level)
        half = critical * np.sqrt(variance)
        wide = critical * np.sqrt(variance + self.tau2) if self.method != "CE" else np.full(len(mean), np.nan)
        columns = {"estimate": mean, "se": np.sqrt(variance), "ci_low": mean - half, "ci_high": mean + half}
        return pd.DataFrame({**columns, "prediction_low": mean - wide, "prediction_high": mean + wide}, index=index)

    def permutation_test(
        self, n: int = 1000, seed: int | None = None, exact: bool | None = None, n_jobs: int | None = None
    ) -> PermutationTest:
        """Test the moderators by shuffling them over the studies; see `reviewlib.synthesis.permutation.permute`."""
        return permute(self, n, seed, exact, n_jobs)

    def to_frame(self) -> Frame:
        """Return one row a term; quantities of the whole model are in `overview`."""
        return self.coefficients.to_frame()

    def overview(self) -> Frame:
        """Return the quantities of the whole model as one row."""
        return pd.DataFrame([self._row()]).drop(columns="coefficients")

    def _row(self):
        row = Result._row(self)
        row["coefficients"] = self.coefficients._row()
        row["qm_df"] = list(self.qm_df)
        return row

    def summary(self) -> str:
        """Return a text table: the sentence, the coefficients, then the model."""
        model = self.overview().iloc[0].drop(["formula", "methods"])
        lines = [
            f"{name:<12}{value:.4g}" if isinstance(value, float) else f"{name:<12}{value}"
            for name, value in model.items()
        ]
        table = self.to_frame().to_string(index=False, float_format="{:.4g}".format)
        rule = "=" * max(map(len, table.splitlines()))
        return "\n".join([self.formula, rule, table, rule, *lines, rule, self.methods])


@door
def meta_regression(
    formula: str,
    studies: Studies,
    *,
    method: str = "REML",
    ci: Any = "hksj",
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
    label: str | None = None,
) -> MetaRegression:
    r"""Regress effects on characteristics of their trials.

    Parameters
    ----------
    formula : str
        ``"~ dose + year"``; factors, interactions (``a:b``, ``a * b``) and ``~ 0 + group`` as in statsmodels, through
        formulaic.
    studies : DataFrame or MetaAnalysis
        One row a study. A row without a moderator is left out, with the reason in ``studies["excluded"]``.
    method : {"REML", "DL", "PM", "ML", "EB", "HE", "HS", "SJ", "CE"}
        Estimator of the residual between-study variance.
    ci : {"hksj", "hksj-floor", "wald"}
        Knapp-Hartung standard errors with t on k - p (never below the model's with the floor), or the normal ones.
        "CE" always takes the normal ones.
    level : float
        Coverage of intervals.
    insist : bool
        Fit with fewer than ten studies for each characteristic (term of the formula).
    label : str, optional
        Column that names the studies; by default `trial`, else `study`, else the index.

    Returns
    -------
    MetaRegression

    Raises
    ------
    TooFewStudiesError
        Fewer than ten studies for a characteristic without `insist`; no more studies than coefficients.
    EvidenceError
        Moderators that do not exist, or that are collinear: the message names the columns.

    Notes
    -----
    .. math:: y_i = x_i'\beta + u_i + e_i,\quad u_i \sim N(0,\tau^2),\ e_i \sim N(0, v_i)

    R2 is :math:`\max(0, (\tau^2_0 - \tau^2)/\tau^2_0)` with :math:`\tau^2_0` of the model without moderators. Agrees
    with metafor ``rma(mods = )``.

    References
    ----------
    knapp2003; viechtbauer2010; higgins2024ch10, section 10.11.5.1

    Examples
    --------
    >>> import pandas as pd
    >>> x = range(10)
    >>> rows = pd.DataFrame({"dose": x, "estimate": [0.1 * d + 0.05 * (-1) ** d for d in x], "variance": 0.01})
    >>> fit = meta_regression("~ dose", rows, ci="wald")
    >>> print(f"{fit.params['dose']:.4f} {fit.se['dose']:.4f}")
    0.0970 0.0110
    """
    if ci not in RULES:
        raise EvidenceError(f"ci must be one of {', '.join(RULES)}, got {ci!r}")
    variables = variables_of(formula, gate.table(studies).columns)
    rows = complete_rows(studies, estimate, variance, variables, label)
    design = build_design(formula, rows.table[rows.used], variables)
    _refuse_few(design, rows.k, insist)
    fit = batch.fit(rows.y[None], rows.v[None], method, design.X)
    return _result(rows, design, fit, "wald" if method == "CE" else ci, level)


def _refuse_few(design, k, insist):
    p = design.X.shape[1]
    if k <= p:
        raise TooFewStudiesError(f"{design.formula}: {p} coefficients need at least {p + 1} studies, got {k}")
    if k < 10 * design.characteristics and not insist:
        raise TooFewStudiesError(
            f"{design.formula} needs {10 * design.characteristics} studies, ten for each characteristic, "
            f"got {k}; drop some, or insist=True and say so where the result is shown"
        )


def _result(rows, design, fit, rule, level):
    k, p = design.X.shape
    df = None if rule == "wald" else float(k - p)
    exact = rule == "hksj" and exact_fit(rows.y, rows.v, fit.q[0])
    vcov = fit.cov[0] * (0.0 if exact else float(scaling(fit, rule)[0]))
    beta = fit.estimate[0]
    table = coefficients(design.terms, beta, np.sqrt(np.diag(vcov)), df, level)
    qm, qm_df, qm_p = omnibus(beta, vcov, design, df) if not exact else (None, (len(design.tested), k - p), None)
    qe = float(fit.q[0])
    _warn(fit, exact, vcov, df, level)
    about = {"formula": design.formula, "method": fit.method, "ci_method": rule, "level": level, "k": k, "p": p}
    tests = {"qm": qm, "qm_df": qm_df, "qm_pvalue": qm_p, "qe": qe, "qe_df": k - p}
    spread = {name: float(getattr(fit, name)[0]) for name in ("tau2", "i2", "h2")} | {"r2": _r2(rows, design, fit)}
    methods = _methods(fit.method, rule, k, p, len(rows.used) - k)
    said = {"converged": bool(fit.converged[0]), "methods": methods, "coefficients": table, "studies": rows.table}
    found = {**about, **tests, **spread, **said, "qe_pvalue": float(chdtrc(k - p, qe))}
    return MetaRegression(**found, _design=design, _y=rows.y, _v=rows.v, _vcov=vcov)


def _warn(fit, exact, vcov, df, level):
    if not fit.converged[0]:
        warn(f"{fit.method} did not converge: use another estimator")
    if exact:
        warn("the moderators fit the effects exactly: no error is left to test against; use ci='wald'")
    elif critical_value(df, level) * vcov[0, 0] ** 0.5 < critical_value(None, level) * float(fit.se[0, 0]) / 2:
        warn(
            "the studies agree so closely that Knapp-Hartung limits are less than half as wide as normal ones: "
            "do not rely on them; ci='hksj-floor' guards against this"
        )


def _r2(rows, design, fit):
    if design.intercept is None or fit.method == "CE" or design.X.shape[1] == 1:
        return None
    plain = float(batch.fit(rows.y[None], rows.v[None], fit.method).tau2[0])
    return max(0.0, 1 - float(fit.tau2[0]) / plain) if plain > 0 else None


def _methods(method, rule, k, p, left_out):
    model = "common-effect" if method == "CE" else "random-effects"
    how = {"wald": "normal limits", "hksj": f"Knapp-Hartung standard errors, t on {k - p} degrees of freedom"}
    how["hksj-floor"] = how["hksj"] + ", variance factor not below one"
    parts = [f"{model} meta-regression of {k} studies", f"residual tau2 by {method}", how[rule]]
    parts += ["between-trial association"]
    if left_out:
        parts.append(f"{count(left_out, 'row')} left out, with the reason in the studies table")
    return "; ".join(parts)
