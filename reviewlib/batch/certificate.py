r"""Proof that a root of the likelihood score is the global maximum, from sums that Newton's method has at hand.

With N = y'P^2y, T = tr P and g = log(N / T) the likelihood rises where g > 0. log N and log T are convex and falling
in tau2 = t. Let

.. math:: u(t) = N / y'P^3y - t, \quad s(t) = T / tr P^2 - t

so that the slope of g is :math:`1/(s(t)+t) - 2/(u(t)+t)`. By the Cauchy-Schwarz inequality neither u nor s ever falls
as t grows, and u never exceeds the largest variance. On an interval (a, b) the slope is therefore at most
:math:`1/(s(a)+t) - 2/(u(b)+t)`, which can be integrated. Two consequences carry the proof:

* *from the left*: where g(a) <= 0, g stays so on (a, b) if :math:`u(b) \le 2 s(a) + a`, or if g(a) plus the largest
  integral is below zero;
* *from the right*: where g(b) >= 0, g stays so on (a, b) if g(b) minus the whole integral is not below zero.

Zero, the root and infinity settle most data sets; a few nodes between them settle nearly all others.
"""

from __future__ import annotations

import numpy as np

NODES = 5
_SHARE = np.linspace(0, 1, NODES + 2)[:, None]


def uncertain(model, root, u, s, start, high, restricted):
    """Return the positions of data sets for which `root` is not yet proved to be the global maximum.

    `u` and `s` belong to the root, `start` are the moments at zero, `high` the largest variance; all (batch,).
    """
    df = model.df > 0
    top = np.where(root > 0, 0.0, np.log(start.fall / start.trace))
    right = _stays_below(root, top, s, high) | ~df
    s0 = start.trace / start.trace2
    left = (root == 0) | _stays_above(0.0, s0, root, np.zeros_like(root), u) | ~df
    if not right.all():
        rows = np.flatnonzero(~right)
        far = high[rows] - 2 * s[rows]  # beyond it g falls for good
        right[rows] = _walk(model.take(rows), root[rows], far, s0[rows], top[rows], restricted, below=True)
    if not left.all():
        rows = np.flatnonzero(~left)
        zero = np.zeros(len(rows))
        left[rows] = _walk(model.take(rows), zero, root[rows], s0[rows], zero, restricted, below=False)
    return np.flatnonzero(~(left & right))


def _stays_below(a, g, s, u):
    """Is g <= 0 from `a` on, given g(a), s(a) and a bound `u` of u to the right?"""
    peak = u - 2 * s
    rise = np.log((s + peak) / (s + a)) - 2 * np.log((u + peak) / (u + a))
    return (peak <= a) | (g + rise < 0)


def _stays_above(a, s, b, g, u):
    """Is g >= 0 on (a, b), given s(a), g(b) >= 0 and u(b)?"""
    return g + 2 * np.log((u + b) / (u + a)) - np.log((s + b) / (s + a)) >= 0


def _walk(model, a, b, scale, g_end, restricted, below):
    """Try the same proof on the pieces of (a, b) between nodes; g is `g_end` at a (below) or zero at b."""
    size = len(a)
    t = (a + scale) * ((b + scale) / (a + scale)) ** _SHARE - scale
    t[0], t[-1] = a, b
    wide = model.take(np.arange(size * (NODES + 2)) % size)
    m = wide.moments(t.ravel(), restricted)
    g = np.log(m.fall / m.trace).reshape(t.shape)
    u = (m.fall / m.bend).reshape(t.shape) - t
    s = (m.trace / m.trace2).reshape(t.shape) - t
    g[0 if below else -1] = g_end if below else 0.0
    if below:
        return ((g[:-1] <= 0) & _stays_below(t[:-1], g[:-1], s[:-1], u[1:])).all(0)
    return ((g[1:] >= 0) & _stays_above(t[:-1], s[:-1], t[1:], g[1:], u[1:])).all(0)
