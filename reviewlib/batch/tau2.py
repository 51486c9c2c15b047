"""Estimators of the between-study variance with a closed form, and those that solve Q(tau2) = target."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Array

ROUNDS = 200


def q_root(model: Any, target: Array) -> tuple[Array, Array]:
    r"""Return tau2 >= 0 with generalised Q equal to `target` (batch,), and whether it was reached.

    .. math:: Q(\tau^2) = \sum (y_i - \hat\mu)^2 / (v_i + \tau^2)

    Q falls and 1 / Q is concave in tau2, so Newton's method on 1 / Q from zero climbs to the root without ever passing
    it. It stops when a step no longer changes tau2, on no absolute scale. The root has no upper limit.
    """
    tau2 = np.zeros(len(target))
    done = np.ones(len(target), bool)
    rows, part, goal = np.arange(len(target)), model, target
    t = np.zeros(len(target))
    for _ in range(ROUNDS):
        q, fall = part.q(t)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = q * (q - goal) / (goal * fall)
        moved = np.where(step > 0, step, 0.0)  # nan (all effects equal) and Q already below the target: stay
        tau2[rows] = t + moved
        going = moved > 1e-8 * t
        going &= q - goal > 1e-14 * goal
        if not going.any():
            return tau2, done
        kept = np.flatnonzero(going)
        rows, part, goal, t = rows[kept], part.take(kept), goal[kept], (t + moved)[kept]
    done[rows] = False
    return tau2, done


def common_effect(model: Any) -> tuple[Array, Array]:
    return np.zeros(len(model.k)), np.ones(len(model.k), bool)


def _closed(value):
    return np.maximum(value, 0.0), np.ones(len(value), bool)


def dersimonian_laird(model: Any) -> tuple[Array, Array]:
    """Moment estimator with common-effect weights, cut at zero (dersimonian1986)."""
    zero = np.zeros(len(model.k))
    return _closed((model.q(zero)[0] - model.df) / model.trace(zero))


def hedges(model: Any) -> tuple[Array, Array]:
    """Unweighted moment estimator of Hedges (veroniki2016)."""
    rss, trace, _ = model.plain()
    return _closed((rss - trace) / model.df)


def hunter_schmidt(model: Any) -> tuple[Array, Array]:
    """Estimator of Hunter and Schmidt: (Q - k) / sum(w)."""
    zero = np.zeros(len(model.k))
    return _closed((model.q(zero)[0] - model.k) / model.moments(zero, restricted=False).trace)


def sidik_jonkman(model: Any) -> tuple[Array, Array]:
    """Two-step estimator that starts at the variance of the effects; positive unless all effects are equal."""
    start = model.spread()
    with np.errstate(divide="ignore", invalid="ignore"):
        value = start * model.q(start)[0] / model.df
    return _closed(np.where(start > 0, value, 0.0))


def paule_mandel(model: Any) -> tuple[Array, Array]:
    """The tau2 at which generalised Q equals its degrees of freedom (paule1982)."""
    return q_root(model, model.df.astype(float))
