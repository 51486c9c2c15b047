r"""A selection model with steps: how would the mean look if results on one side of a P value were seen less often.

A study's result is seen with relative probability :math:`\delta_j` when its one-sided P value falls into interval j
(the first interval is the reference, :math:`\delta_1 = 1`). Sensitivity analysis only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import chdtrc, ndtr, ndtri

from .. import batch
from ..door import door, several_numbers
from ..errors import EvidenceError, warn
from ..gate import measure_of
from ..results import Interval, Result
from ..typed import Array, Frame, Studies
from .coefficients import effect_text, inference, p_text
from .complete import complete_rows, refuse_few
from .wording import figures

LARGEST = 100.0  # bound on delta, as in metafor 3.8
NOTE = "sensitivity analysis: the model assumes that P values alone drive what is seen"


@dataclass(frozen=True, slots=True, repr=False)
class SelectionModel(Result):
    """Maximum-likelihood fit of the step-function selection model."""

    measure: str | None
    k: int
    estimate: float
    se: float | None
    ci: Interval | None
    pvalue: float | None
    tau2: float
    tau2_se: float | None
    delta: tuple
    delta_se: tuple
    steps: tuple
    counts: tuple
    loglik: float
    lrt: float
    lrt_df: int
    lrt_pvalue: float
    unadjusted: float
    alternative: str
    level: float
    converged: bool
    methods: str
    note: str
    studies: Frame = field(repr=False, compare=False)

    def __str__(self) -> str:
        seen = ", ".join(f"{d:.2f}" for d in self.delta[1:])
        mean = effect_text(self.measure, self.estimate, self.ci, self.level, f"{self.k} studies")
        plain = figures(self.measure, self.unadjusted)[0]
        return (
            f"selection model: {mean}, without selection {plain}; relative "
            f"chance of being seen {seen}, test of selection {p_text(self.lrt_pvalue)}; {self.note}"
        )


@door
def selection_model(
    studies: Studies,
    *,
    steps: Any = (0.025,),
    alternative: str = "greater",
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> SelectionModel:
    r"""Fit the three-parameter selection model (or one with more steps).

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
    steps : sequence of float
        Cut points of the one-sided P value, rising, between 0 and 1. One step at 0.025 is the three-parameter model.
    alternative : {"greater", "less"}
        Direction in which a small P value is easier to publish: positive or negative estimates.
    level : float
        Coverage of the interval.
    insist : bool
        Fit with fewer than ten studies.

    Returns
    -------
    SelectionModel
        `delta` are the relative chances of being seen, the first 1; `lrt` tests all of them against 1.

    Notes
    -----
    .. math:: \ell = \sum_i \log\delta_{j(i)} + \log\phi\Big(\frac{y_i-\mu}{s_i}\Big) - \log s_i - \log A_i,\quad
              s_i^2 = v_i + \tau^2,\ A_i = \sum_j \delta_j P_j(\mu, \tau^2)

    Maximum likelihood from several starts, finished by Newton steps. Agrees with metafor ``selmodel(type="stepfun")``
    on a ``method="ML"`` fit. A `delta` that runs to its bound (0 to 100) is reported with a MethodWarning and without
    its standard error. With tau2 = 0 standard errors are those of the model with tau2 held at 0.

    References
    ----------
    vevea1995; viechtbauer2010; mcshane2016

    Examples
    --------
    >>> import reviewlib as rl
    >>> estimate = [0.9, 0.7, 0.8, 0.4, 0.5, 0.3, 0.2, 0.3, 0.1, 0.2]
    >>> variance = [0.20, 0.16, 0.12, 0.09, 0.08, 0.06, 0.04, 0.03, 0.02, 0.01]
    >>> studies = {"estimate": estimate, "variance": variance}
    >>> print(f"{rl.selection_model(studies).estimate:.2f}")
    0.24
    """
    steps = _checked_steps(steps)
    if alternative not in ("greater", "less"):
        raise EvidenceError(f'alternative must be "greater" or "less", got {alternative!r}')
    rows = complete_rows(studies, estimate, variance)
    refuse_few(rows.k, "a selection model", "its estimates rest on how many P values fall on each side", insist)
    sign = 1.0 if alternative == "greater" else -1.0
    model = StepLikelihood(sign * rows.y, rows.v, steps)
    _refuse_empty(model, steps, rows.k)
    null = batch.meta_analysis(rows.y, rows.v, "ML")
    found, smooth = _maximise(model, sign * float(null.estimate[0]), float(null.tau2[0]))
    return _result(rows, model, found, smooth, null, sign, steps, alternative, level, measure_of(studies))


class StepLikelihood:
    """Log-likelihood and gradient in (mu, tau2, log delta), for effects whose small P values are positive."""

    def __init__(self, y: Array, v: Array, steps: Any):
        self.y, self.v = y, v
        self.cuts = -np.sqrt(v)[:, None] * ndtri(np.asarray(steps))
        p = ndtr(-y / np.sqrt(v))
        self.group = (p[:, None] > np.asarray(steps)).sum(axis=1)
        self.size = 2 + len(steps)
        self.counts = np.bincount(self.group, minlength=len(steps) + 1)

    def __call__(self, x):
        mu, tau2, log_delta = x[0], x[1], np.concatenate([[0.0], x[2:]])
        delta = np.exp(log_delta)
        s2 = self.v + tau2
        z = (self.cuts - mu) / np.sqrt(s2)[:, None]
        edge = np.ones((len(self.y), 1))
        upper = np.hstack([edge, ndtr(z)])
        P = upper - np.hstack([upper[:, 1:], 0 * edge])
        A = P @ delta
        phi = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        dA_mu = (phi @ (delta[:-1] - delta[1:])) / np.sqrt(s2)
        dA_tau2 = ((z * phi) @ (delta[:-1] - delta[1:])) / (2 * s2)
        r = self.y - mu
        loglik = (log_delta[self.group] - 0.5 * (np.log(2 * np.pi * s2) + r**2 / s2) - np.log(A)).sum()
        slope = [(r / s2 - dA_mu / A).sum(), ((r**2 / s2 - 1) / (2 * s2) - dA_tau2 / A).sum()]
        return loglik, np.array([*slope, *(self.counts[1:] - delta[1:] * (P[:, 1:] / A[:, None]).sum(axis=0))])

    def hessian(self, x: Any, unit: Any) -> Array:
        """Fourth-order differences of the exact gradient; `unit` is a natural step for each parameter."""
        H = np.empty((len(x), len(x)))
        for j, h in enumerate(1e-3 * unit):
            # Near tau2 = 0 the step stays on the right side of the smallest variance.
            g = [self(x + step * h * (np.arange(len(x)) == j))[1] for step in (-2, -1, 1, 2)]
            H[j] = (g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * h)
        return (H + H.T) / 2


def _checked_steps(steps):
    steps = several_numbers("steps", steps)
    if any(not 0 < s < 1 for s in steps) or list(steps) != sorted(set(steps)):
        raise EvidenceError(f"steps are rising P values between 0 and 1, got {steps}")
    return steps


def _refuse_empty(model, steps, k):
    edges = (0.0, *steps, 1.0)
    empty = [f"{edges[j]:g} to {edges[j + 1]:g}" for j in range(len(edges) - 1) if model.counts[j] == 0]
    if empty:
        raise EvidenceError(
            f"no study has a one-sided P value in {', '.join(empty)}: the chance of being seen there cannot be "
            "estimated; choose other steps, or the other alternative"
        )
    if k < model.size + 1:
        raise EvidenceError(f"{k} studies cannot carry {model.size} parameters")


def _maximise(model, mu, tau2):
    """Return the best point over several starts, and whether the slope vanishes there."""
    unit = _units(model)
    bounds = [(None, None), (0, None)] + [(np.log(1e-6), np.log(LARGEST))] * (model.size - 2)

    def objective(x):
        loglik, slope = model(x * unit)
        return -loglik, -slope * unit

    best, options = None, {"ftol": 1e-11, "gtol": 1e-6, "maxiter": 500}
    for start_tau2 in (tau2, tau2 / 4 + unit[1] / 4):
        for log_delta in (0.0, -1.5, -4.0, 1.5):
            x = np.array([mu, start_tau2, *[log_delta] * (model.size - 2)]) / unit
            end = minimize(objective, x, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
            if best is None or end.fun < best.fun:
                best = end
    return _newton(model, best.x * unit, unit)


def _units(model):
    scale = max(float(np.exp(np.log(model.v).mean())), float(np.var(model.y)))
    return np.array([scale**0.5, scale, *[1.0] * (model.size - 2)])


def _free(model, x):
    """Which parameters are inside their bounds."""
    bounded = (x[2:] > np.log(LARGEST) - 1e-9) | (x[2:] < np.log(1e-6) + 1e-9)
    return np.concatenate([[True, x[1] > 0], ~bounded])


def _newton(model, x, unit):
    for _ in range(20):
        free = _free(model, x)
        slope = model(x)[1]
        H = model.hessian(x, _step(model, x, unit))[np.ix_(free, free)]
        if np.linalg.eigvalsh(H * np.outer(unit[free], unit[free])).max() >= 0:
            break
        step = np.zeros_like(x)
        step[free] = np.linalg.solve(H, -slope[free])
        moved = x + step
        moved[1] = max(moved[1], 0.0)
        if model(moved)[0] < model(x)[0] - 1e-10:
            break
        done = np.abs(step / unit).max() < 1e-13
        x = moved
        if done:
            break
    slope = model(x)[1] * unit
    free = _free(model, x)
    return x, bool(np.abs(slope[free]).max() < 1e-5 and (free[1] or slope[1] < 1e-5))


def _step(model, x, unit):
    """Steps for the differences: tau2 must stay above minus the smallest variance."""
    return np.array([unit[0], min(unit[1], 100 * (x[1] + model.v.min())), *[1.0] * (model.size - 2)])


def _result(rows, model, x, smooth, null, sign, steps, alternative, level, measure):
    unit, free = _units(model), _free(model, x)
    delta = np.exp(x[2:])
    H = model.hessian(x, _step(model, x, unit))[np.ix_(free, free)]
    se = np.full(model.size, np.nan)
    definite = np.linalg.eigvalsh(H * np.outer(unit[free], unit[free])).max() < 0
    if definite:
        se[free] = np.sqrt(np.diag(np.linalg.inv(-H)))
    se[2:] *= delta
    bounded = not free[2:].all()
    _warn(smooth and definite, bounded)
    plain = [None if np.isnan(s) else float(s) for s in se]
    mean = float(sign * x[0])
    _, pvalue, ci = inference(mean, plain[0], None, level) if plain[0] else (None, None, None)
    loglik = float(model(x)[0])
    lrt = max(0.0, 2 * (loglik - _null_loglik(rows, null)))
    where = ", ".join(f"{s:g}" for s in steps)
    center = {"estimate": mean, "se": plain[0], "ci": ci, "pvalue": pvalue, "tau2": float(x[1]), "tau2_se": plain[1]}
    seen = {"delta": (1.0, *map(float, delta)), "delta_se": (None, *plain[2:]), "steps": steps}
    test = {"loglik": loglik, "lrt": lrt, "lrt_df": len(steps), "lrt_pvalue": float(chdtrc(len(steps), lrt))}
    clean = bool(smooth and definite and not bounded)
    methods = (
        f"step-function selection model, maximum likelihood, steps of the one-sided P value at {where} "
        f"(alternative {alternative}), normal limits"
    )
    said = {"alternative": alternative, "level": level, "converged": clean, "methods": methods, "note": NOTE}
    found = {**center, **seen, **test, **said, "unadjusted": float(null.estimate[0])}
    counts = tuple(map(int, model.counts))
    return SelectionModel(measure=measure, k=rows.k, counts=counts, studies=rows.table, **found)


def _null_loglik(rows, null):
    s2 = rows.v + null.tau2[0]
    return float(-0.5 * (np.log(2 * np.pi * s2) + (rows.y - null.estimate[0]) ** 2 / s2).sum())


def _warn(smooth, bounded):
    if bounded:
        warn(
            f"the likelihood keeps rising as a relative chance of being seen runs to its bound ({LARGEST:g} or 0): the "
            "data do not say how strong selection is"
        )
    elif not smooth:
        warn("the likelihood has no clean maximum: do not use these estimates")
