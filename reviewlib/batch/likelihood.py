r"""Maximum and restricted maximum likelihood for tau2: the global maximum, certified.

With N = y'P^2y and T = tr P (for ML: tr W) the score is (N - T) / 2 and a maximum lies where N = T. T / N is close
to a straight line in tau2, so Newton's method on T / N - 1 needs about three rounds. Each step must fall strictly
inside the bracket of signs, otherwise the bracket is halved: no cycle, no endless loop. Whether the root is the
global maximum is settled in `reviewlib.batch.certificate`; where it cannot be, the likelihood is searched on a grid.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Array
from .certificate import uncertain

ROUNDS = 200
GRID = 160


def maximise(model: Any, restricted: bool = True) -> tuple[Array, Array]:
    """Return tau2 at the global maximum of the (restricted) likelihood and whether it was reached, both (batch,)."""
    low, high = model.variances()
    rss, _, spread = model.plain()
    bound = np.maximum(high, 2 * rss / np.maximum(model.df, 1)) * 1.001  # no root lies above
    zero = np.zeros(len(low))
    start = model.moments(zero, restricted)
    with np.errstate(divide="ignore", invalid="ignore"):
        root, u, s, done = _climb(model, zero, bound, start, restricted)
        unsure = uncertain(model, root, u, s, start, np.minimum(spread / rss * (1 + 1e-9), high), restricted)
    if unsure.size:
        root[unsure], done[unsure] = _search(model.take(unsure), low[unsure], bound[unsure], root[unsure], restricted)
    return root, done


def _climb(model, lo, hi, at_lo, restricted):
    """Solve N = T between `lo` and `hi`; where N <= T at `lo` the answer is `lo`.

    Returns the root, u and s at the last evaluation, and whether it converged.
    """
    root = lo.copy()
    u, s = at_lo.fall / at_lo.bend - lo, at_lo.trace / at_lo.trace2 - lo
    done = np.ones(len(lo), bool)
    rows = np.flatnonzero(at_lo.fall > at_lo.trace)
    if not rows.size:
        return root, u, s, done
    every = rows.size == len(lo)
    part = model if every else model.take(rows)
    t, lo, hi = lo[rows], lo[rows], hi[rows]
    m = at_lo if every else _pick(at_lo, rows)
    for turn in range(ROUNDS):
        excess = m.fall / m.trace - 1
        above = excess > 0
        lo, hi = np.where(above, t, lo), np.where(above, hi, t)
        new = t + excess / (2 * m.bend / m.fall - m.trace2 / m.trace)
        inside = (new > lo) & (new < hi)
        if turn > 12 or not inside.all():
            halved = np.where(lo > 0, np.sqrt(lo * hi), hi / 64) if turn % 2 else (lo + hi) / 2
            new = np.where(inside & (turn <= 12 or turn % 3 > 0), new, halved)
        step = np.abs(new - t)
        root[rows], u[rows], s[rows] = new, m.fall / m.bend - t, m.trace / m.trace2 - t
        going = (step > 1e-8 * new) & (np.abs(excess) > 4e-15) & (hi - lo > 4e-16 * hi)
        flat = ~going & (np.abs(excess) <= 4e-15)
        if flat.any():
            root[rows[flat]] = t[flat]
        if not going.any():
            return root, u, s, done
        if not going.all():
            kept = np.flatnonzero(going)
            rows, part = rows[kept], part.take(kept)
            lo, hi, new = lo[kept], hi[kept], new[kept]
        t = new
        m = part.moments(t, restricted)
    done[rows] = False
    return root, u, s, done


def _pick(m, rows):
    return type(m)(None, m.fall[rows], m.bend[rows], m.trace[rows], m.trace2[rows])


def _search(model, low, bound, root, restricted):
    """Look for every local maximum on a grid of tau2 and return the one with the largest likelihood."""
    size = len(root)
    share = np.linspace(0, 1, GRID)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        grid = 1e-3 * low * (bound / (1e-3 * low)) ** share
        wide = model.take(np.tile(np.arange(size), GRID))
        m = wide.moments(grid.ravel(), restricted)
        sign = (m.fall > m.trace).reshape(GRID, size)
    node, row = np.nonzero(sign[:-1] & ~sign[1:])
    best, done = root.copy(), np.ones(size, bool)
    value = np.maximum.reduce([model.log_likelihood(root, restricted)])
    zero = np.zeros(size)
    at_zero = model.log_likelihood(zero, restricted)
    best, value = np.where(at_zero >= value, 0.0, best), np.maximum(value, at_zero)
    if not row.size:
        return best, done
    peaks = model.take(row)
    start = peaks.moments(grid[node, row], restricted)
    with np.errstate(divide="ignore", invalid="ignore"):
        t, _, _, fine = _climb(peaks, grid[node, row], grid[node + 1, row], start, restricted)
    height = peaks.log_likelihood(t, restricted)
    for j in np.argsort(height, kind="stable"):
        # the same peak reached twice differs in the last digit only: keep the first
        if height[j] > value[row[j]] + 1e-12 * abs(value[row[j]]):
            best[row[j]], value[row[j]], done[row[j]] = t[j], height[j], fine[j]
    return best, done
