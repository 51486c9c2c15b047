r"""Proof that a root of the likelihood score is the global maximum, from sums that Newton's method has at hand.

With N = y'P^2y, T = tr P and g = log(N / T) the likelihood rises where g > 0. log N and log T are convex and falling
in tau2 = t. Let

.. math:: u(t) = N / y'P^3y - t, \quad s(t) = T / tr P^2 - t

so that the slope of g is :math:`1/(s(t)+t) - 2/(u(t)+t)`. By the Cauchy-Schwarz inequality neither u nor s ever falls
as t grows, and u tends to :math:`r'Vr / r'r`, with r the residuals without weights. On an interval (a, b) the slope is
therefore at most :math:`1/(s(a)+t) - 2/(u(b)+t)`, which can be integrated. Two consequences carry the proof:

* *from the left*: where g(a) <= 0, g stays so on (a, b) if :math:`u(b) \le 2 s(a) + a`, or if g(a) plus the largest
  integral is below zero;
* *from the right*: where g(b) >= 0, g stays so on (a, b) if g(b) minus the whole integral is not below zero.

Zero, the root and infinity settle most data sets. Of the others the interval is halved, and again each half that does
not settle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Array

HALVINGS = 7


def uncertain(model: Any, root: Array, u: Array, s: Array, start: Any, limit: Any, restricted: bool) -> Array:
    """Return the positions of data sets for which `root` is not yet proved to be the global maximum.

    `u` and `s` belong to the root, `start` are the moments at zero, `limit` is that of u; all (batch,).
    """
    df = model.df > 0
    zero = np.zeros_like(root)
    top = np.where(root > 0, 0.0, np.log(start.fall / start.trace))
    s0 = start.trace / start.trace2
    right = _stays_below(root, None, top, s, limit) | ~df
    left = (root == 0) | _stays_above(zero, root, zero, s0, u) | ~df
    # beyond limit - 2 s(a) the score falls for good
    far = np.maximum(limit - 2 * s, root)
    for settled, holds, *piece in (
        (right, _stays_below, root, far, top, s, limit),
        (left, _stays_above, zero, root, zero, s0, u),
    ):
        rows = np.flatnonzero(~settled)
        if rows.size:
            settled[rows] = _halved(model, rows, holds, s0[rows], restricted, *(a[rows] for a in piece))
    return np.flatnonzero(~(left & right))


def _stays_below(a, _, g, s, u):
    """Is score <= 0 from `a` on, given g(a), s(a) and a bound `u` of u to the right?"""
    peak = u - 2 * s
    return (peak <= a) | (g + np.log((s + peak) / (s + a)) - 2 * np.log((u + peak) / (u + a)) < 0)


def _stays_above(a, b, g, s, u):
    """Is score >= 0 on (a, b), given g(b) >= 0, s(a) and u(b)?"""
    return g + 2 * np.log((u + b) / (u + a)) - np.log((s + b) / (s + a)) >= 0


def _halved(model, rows, holds, scale, restricted, *piece):
    """Try the same proof on halves of (a, b): which data sets have all of them proved?

    `piece` is a, b, g (of a for `_stays_below`, of b for `_stays_above`), s(a) and u(b) of the data sets at `rows`.
    """
    below = holds is _stays_below
    proved, own = np.ones(len(rows), bool), np.arange(len(rows))
    for _ in range(HALVINGS):
        a, b, g, s, u = piece
        mid = np.sqrt((a + scale[own]) * (b + scale[own])) - scale[own]
        m = model.take(rows[own]).moments(mid, restricted)
        g_mid, s_mid, u_mid = np.log(m.fall / m.trace), m.trace / m.trace2 - mid, m.fall / m.bend - mid
        lost = (g_mid > 0) if below else (g_mid < 0)
        proved[own[lost]] = False
        halves = [np.concatenate(pair) for pair in ((a, mid), (mid, b), (g, g_mid), (s, s_mid), (u_mid, u))]
        if not below:
            halves[2] = np.concatenate((g_mid, g))
        own = np.concatenate((own, own))
        open_ = ~holds(*halves) & proved[own]
        if not open_.any():
            return proved
        own, piece = own[open_], [a[open_] for a in halves]
    proved[own] = False
    return proved
