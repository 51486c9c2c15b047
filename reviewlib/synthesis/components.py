"""Find the variance components that maximise the restricted likelihood, and prove it is the highest maximum.

A grid over both components comes first, so that a likelihood with two hills gives the higher one; a bounded
quasi-Newton search climbs from the best cells; exact Newton steps finish. Components are searched in units of the
typical sampling variance, so that a change of unit changes no digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import chdtri

from ..errors import quiet, warn
from .blocks import Blocks, State, evaluate, score_and_hessian

GRID = 9


def maximise(blocks: Blocks, fixed: Any = (None, None)) -> State:
    """Return the state at the maximum; `fixed` holds a component at a value (for profiles)."""
    free = np.array([value is None for value in fixed])
    held = np.array([0.0 if value is None else value for value in fixed])
    starts, best = _grid(blocks, free, held)
    ends = [_climb(blocks, start, free) for start in starts]
    state = max(ends, key=lambda end: end.loglik)
    if not _is_maximum(blocks, state, free) or state.loglik < best - 1e-7 * max(1.0, abs(best)):
        warn("the search for the variance components did not reach a clean maximum: read them as approximate")
    return state


def _grid(blocks, free, held):
    unit, top = blocks.scale, max(blocks.spread, blocks.scale)
    low = min(unit, top) * 1e-2
    axis = np.concatenate([[0.0], np.geomspace(low, 10 * top, GRID)])
    axes = [axis if is_free else np.array([value]) for is_free, value in zip(free, held, strict=True)]
    values = np.array([[evaluate(blocks, (a, b)).loglik for b in axes[1]] for a in axes[0]])
    padded = np.pad(values, 1, constant_values=-np.inf)
    around = np.max(
        [np.roll(padded, (i, j), (0, 1))[1:-1, 1:-1] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j], axis=0
    )
    peaks = np.argwhere(values >= around)
    peaks = sorted(peaks, key=lambda at: -values[tuple(at)])[:3]
    return [np.array([axes[0][i], axes[1][j]]) for i, j in peaks], values.max()


def _climb(blocks, start, free):
    if not free.any():
        return evaluate(blocks, start)
    unit = max(blocks.scale, blocks.spread)
    full = start.copy()

    def objective(x):
        full[free] = x * unit
        state = evaluate(blocks, full)
        score, _ = score_and_hessian(blocks, state)
        return -state.loglik, -score[free] * unit

    options, bounds = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 500}, [(0, None)] * free.sum()
    found = minimize(objective, start[free] / unit, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    full[free] = found.x * unit
    return _newton(blocks, evaluate(blocks, full), free)


def _newton(blocks, state, free):
    """Finish with exact Newton steps on the components that are not at zero."""
    for _ in range(30):
        score, hessian = score_and_hessian(blocks, state)
        inside = free & ((state.sigma2 > 0) | (score > 0))
        if not inside.any():
            break
        block = hessian[np.ix_(inside, inside)]
        if np.linalg.eigvalsh(block).max() >= 0:
            break
        step = np.linalg.solve(block, -score[inside])
        moved = _take(blocks, state, inside, step)
        if moved is None:
            break
        small = np.abs(moved.sigma2 - state.sigma2).max() <= 1e-14 * (moved.sigma2.sum() + blocks.scale)
        state = moved
        if small:
            break
    return state


def _take(blocks, state, inside, step):
    """Return the first of the halved steps that does not lower the likelihood."""
    for half in range(30):
        sigma2 = state.sigma2.copy()
        sigma2[inside] = np.maximum(sigma2[inside] + step * 0.5**half, 0.0)
        moved = evaluate(blocks, sigma2)
        if moved.loglik >= state.loglik - 1e-12 * max(1.0, abs(state.loglik)):
            return moved
    return None


def _is_maximum(blocks, state, free):
    """At zero the slope must not rise; inside, one more Newton step must be negligible."""
    score, hessian = score_and_hessian(blocks, state)
    inside = free & (state.sigma2 > 0)
    edge = free & ~inside
    unit = state.sigma2.sum() + blocks.scale
    if (score[edge] * unit > 1e-6).any():
        return False
    if not inside.any():
        return True
    block = hessian[np.ix_(inside, inside)]
    if np.linalg.eigvalsh(block).max() >= 0:
        return False
    return bool(np.abs(np.linalg.solve(block, score[inside])).max() <= 1e-7 * unit)


def profile_interval(blocks: Blocks, state: State, which: int, level: float = 0.95) -> tuple[float, float | None]:
    """Limits of one component from its profile likelihood; a limit at the boundary is 0."""
    drop = chdtri(1, 1 - level) / 2
    other = 1 - which

    def above(value):
        fixed = [None, None]
        fixed[which] = value
        with quiet():
            profile = _profile(blocks, fixed, state.sigma2[other])
        return profile.loglik - state.loglik + drop

    peak = state.sigma2[which]
    low = 0.0 if above(0.0) >= 0 else brentq(above, 0.0, peak, xtol=1e-300, rtol=1e-12)
    high = 2 * peak + blocks.scale
    while above(high) > 0:
        if high > 1e12 * (peak + blocks.scale):
            return float(low), None
        high *= 4
    return float(low), float(brentq(above, peak, high, xtol=1e-300, rtol=1e-12))


def _profile(blocks, fixed, near):
    """Maximise over the other component from its overall optimum, from zero and from the typical variance."""
    which = fixed.index(None)
    ends = []
    for start in {near, 0.0, blocks.scale}:
        point = np.array([start if value is None else value for value in fixed])
        ends.append(_climb_one(blocks, point, which))
    return max(ends, key=lambda end: end.loglik)


def _climb_one(blocks, point, which):
    """Climb along one component: Newton's method on the score inside a bracket of signs, halved where it leaves it."""
    unit = point.sum() + blocks.scale
    low, high = 0.0, np.inf
    for _ in range(200):
        state = evaluate(blocks, point)
        score, hessian = score_and_hessian(blocks, state)
        slope, bend, at = score[which], hessian[which, which], point[which]
        if slope > 0:
            low = at
        else:
            high = at
        if slope <= 0 and at == 0:
            return state
        new = at - slope / bend if bend < 0 else np.nan
        if not low < new < high:
            new = (low + high) / 2 if high < np.inf else 4 * at + unit
            if low == 0 and new < 1e-13 * unit:
                new = 0.0
        if abs(new - at) <= 1e-12 * (at + 1e-3 * unit) or (high < np.inf and high - low <= 1e-14 * high):
            return state
        point = point.copy()
        point[which] = new
    return state
