"""How much each study pulls the result: the influence table and Baujat's coordinates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtr

from ..door import door
from ..errors import warn
from ..results import Result
from ..typed import Frame, Studies
from .intervals import mean_interval
from .reruns import plan


@dataclass(frozen=True, slots=True, repr=False)
class Diagnostics(Result):
    """One row a study; `influential` names those that cross a customary threshold."""

    kind: str
    method: str
    ci_method: str
    k: int
    influential: tuple
    _columns: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row a study."""
        return pd.DataFrame(self._columns)

    def __str__(self) -> str:
        if not self.influential:
            return f"No study of {self.k} crosses a customary threshold of influence"
        return f"Influential among {self.k} studies: {', '.join(self.influential)}"


def _deleted(how):
    """Return the fit of all studies and of all but each, each with its standard errors by the interval rule."""
    whole, fit = how.whole(), how.without_each()
    se, se_deleted = (mean_interval(f, how.ci, how.level)[0] for f in (whole, fit))
    if not ((se > 0).all() and (se_deleted > 0).all()):
        text = "a set of equal effects has a HKSJ standard error of zero: what is divided by it is not defined; "
        warn(text + 'use ci="wald"')
    return float(whole.estimate[0]), float(whole.tau2[0]), float(se[0]), fit, se_deleted


@door
def influence(
    studies: Studies, *, method: str | None = None, ci: Any = None, level: float | None = None, **columns: Any
) -> Diagnostics:
    r"""Deletion diagnostics of every study.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`.
    method : str, optional
        Estimator, as in `reviewlib.meta_analysis`; by default that of the fit.
    ci : str
        As in `reviewlib.meta_analysis`.
    level : float
        Coverage, as a fraction.

    Returns
    -------
    Diagnostics
        Columns label, rstudent (externally standardised residual), dffits, cooks_d, cov_r, tau2_deleted, q_deleted,
        hat, weight (fraction), dfbetas, influential.

    Notes
    -----
    With the deleted fit marked (i) and s the factor by which the interval rule scales the standard error:

    .. math:: rstudent_i = \frac{y_i - \hat\mu_{(i)}}
        {\sqrt{s_{(i)}^2 (v_i + \hat\tau^2_{(i)}) + SE_{(i)}^2}}, \quad
        D_i = \frac{(\hat\mu - \hat\mu_{(i)})^2}{SE^2}

    A study is called influential where abs(dffits) > 3 sqrt(1 / (k - 1)), the chi-square(1) probability of Cook's
    distance exceeds one half, hat > 3 / k, or abs(dfbetas) > 1.

    References
    ----------
    viechtbauer2010b

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> frame = rl.influence(trials).to_frame()
    >>> print(frame["cooks_d"].round(2).tolist())
    [0.35, 0.04, 0.33, 0.29]
    """
    how = plan(studies, method, ci, level, **columns)
    rows, k = how.rows, how.rows.k
    mean, tau2, se, fit, se_deleted = _deleted(how)
    tau2_deleted = fit.tau2
    scale = (se_deleted / fit.se) ** 2
    weight = 1 / (rows.v + tau2)
    hat = weight / weight.sum()
    shift = mean - fit.estimate
    full_variance = 1 / (1 / fit.se**2 + 1 / (rows.v + tau2_deleted))  # of the mean of all, at that tau2
    residual = rows.y - fit.estimate
    with np.errstate(divide="ignore", invalid="ignore"):
        cooks_d = (shift / se) ** 2
        dffits = shift / np.sqrt(scale * hat * (tau2_deleted + rows.v))
        dfbetas = shift / np.sqrt(scale * full_variance)
        rstudent = residual / np.sqrt(scale * (rows.v + tau2_deleted) + se_deleted**2)
        cov_r = (se_deleted / se) ** 2
    flag = (np.abs(dffits) > 3 / np.sqrt(k - 1)) | (chdtr(1, cooks_d) > 0.5) | (hat > 3 / k) | (np.abs(dfbetas) > 1)
    labels = rows.used_labels
    table = {"label": labels, "rstudent": rstudent, "dffits": dffits, "cooks_d": cooks_d, "cov_r": cov_r}
    table |= {"tau2_deleted": tau2_deleted, "q_deleted": fit.q, "hat": hat, "weight": hat}
    table |= {"dfbetas": dfbetas, "influential": flag}
    names = tuple(name for name, flagged in zip(labels, flag, strict=True) if flagged)
    return Diagnostics("influence", how.method, how.ci, k, names, table)


@door
def baujat(
    studies: Studies, *, method: str | None = None, ci: Any = None, level: float | None = None, **columns: Any
) -> Diagnostics:
    r"""Coordinates of Baujat's plot: what each study adds to heterogeneity, and how far it moves the mean.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`.
    method, ci, level : optional
        As there; by default those of the fit.

    Returns
    -------
    Diagnostics
        Columns label, heterogeneity (:math:`(y_i - \hat\mu)^2 / (v_i + \hat\tau^2)`) and influence
        (:math:`(\hat\mu - \hat\mu_{(i)})^2 / SE_{(i)}^2`). No study is flagged: the picture is for looking at.

    References
    ----------
    baujat2002

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> frame = rl.baujat(trials).to_frame()
    >>> print(frame.loc[frame["heterogeneity"].idxmax(), "label"])
    3
    """
    how = plan(studies, method, ci, level, **columns)
    rows = how.rows
    mean, tau2, _, fit, se_deleted = _deleted(how)
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = ((mean - fit.estimate) / se_deleted) ** 2
    table = {"label": rows.used_labels, "heterogeneity": (rows.y - mean) ** 2 / (rows.v + tau2), "influence": pull}
    return Diagnostics("baujat", how.method, how.ci, rows.k, (), table)
