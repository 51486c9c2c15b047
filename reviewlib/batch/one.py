r"""One data set at a time, in scalars: the single fit, and every large batch where a compiler (numba) is installed.

The steps are those of `reviewlib.batch.likelihood` and `reviewlib.batch.certificate`, on the sums of
`reviewlib.batch.model`; a data set whose maximum is not proved here is left to them. As plain Python this is faster
than arrays for one fit of a few studies, and it compiles as it stands.
"""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np

from ..typed import Array

ROUNDS = 200
HALVINGS = 7
FEW = 40  # studies of a single fit up to which plain Python is faster than arrays


def moments(
    y: Array, v: Array, v0: float, t: float, restricted: bool, w: Any, z: Any
) -> tuple[float, float, float, float]:
    """Return fall, bend, trace and trace2 (see `Moments`) at tau2 = `t`; `w` and `z` are room to work in."""
    a1 = a2 = a3 = b1 = 0.0
    for i in range(len(y)):
        x = 1.0 / (v[i] + t)
        w[i] = x
        a1 += x
        a2 += x * x
        a3 += x * x * x
        b1 += x * y[i]
    w0 = 1.0 / (v0 + t)
    total = w0 + a1
    mean = b1 / total
    z0 = -w0 * mean
    fall, shift = z0 * z0, 0.0
    for i in range(len(y)):
        x = w[i] * (y[i] - mean)
        fall += x * x
        z[i] = x - z0
        shift += w[i] * z[i]
    shift /= total
    bend = w0 * shift * shift
    for i in range(len(y)):
        x = z[i] - shift
        bend += w[i] * x * x
    if not restricted:
        return fall, bend, total, w0 * w0 + a2
    share, lead = a2 / total, w0 * a1 / total
    return fall, bend, lead + a1 - share, lead * lead + a2 - 2 * a3 / total + share * (2 * w0 * w0 / total + share)


def at(y: Array, v: Array, v0: float, t: float) -> tuple[float, float, float, float]:
    """Return the mean, its variance, y'Py and tr P at tau2 = `t`."""
    a1 = a2 = b1 = 0.0
    for i in range(len(y)):
        x = 1.0 / (v[i] + t)
        a1 += x
        a2 += x * x
        b1 += x * y[i]
    w0 = 1.0 / (v0 + t)
    total = w0 + a1
    mean = b1 / total
    q = w0 * mean * mean
    for i in range(len(y)):
        q += (y[i] - mean) ** 2 / (v[i] + t)
    return mean, 1.0 / total, q, w0 * a1 / total + a1 - a2 / total


def ends(y: Array, v: Array, v0: float) -> Any:
    """Return the largest variance, a bound above every root, and the limit of u (see `certificate`)."""
    high, mean, n = v0, 0.0, len(y) + 1
    for i in range(len(y)):
        high = max(high, v[i])
        mean += y[i] / n
    rss = mean * mean
    spread = rss * v0
    for i in range(len(y)):
        x = (y[i] - mean) ** 2
        rss += x
        spread += x * v[i]
    return max(high, 2 * rss / (n - 1)) * 1.001, min(spread / rss * (1 + 1e-9), high)


def climb(y: Array, v: Array, v0: float, bound: float, first: Any, restricted: bool, w: Any, z: Any) -> Any:
    """Return the root of the score above zero, u and s beside it, and whether it was reached."""
    lo, hi, t, new, u, s = 0.0, bound, 0.0, 0.0, 0.0, 0.0
    fall, bend, trace, trace2 = first
    for turn in range(ROUNDS):
        excess = fall / trace - 1
        if excess > 0:
            lo = t
        else:
            hi = t
        new = t + excess / (2 * bend / fall - trace2 / trace)
        if not lo < new < hi or (turn > 12 and turn % 3 == 0):
            middle = sqrt(lo * hi) if lo > 0 else hi / 64
            new = middle if turn % 2 else (lo + hi) / 2
        u, s = fall / bend - t, trace / trace2 - t
        if abs(excess) <= 4e-15:
            return t, u, s, True
        if abs(new - t) <= 1e-8 * new or hi - lo <= 4e-16 * hi:
            return new, u, s, True
        t = new
        fall, bend, trace, trace2 = moments(y, v, v0, t, restricted, w, z)
    return new, u, s, False


def stays_below(a: float, g: float, s: float, u: float) -> bool:
    """Is score <= 0 from `a` on, given g(a), s(a) and a bound `u` of u to the right?"""
    peak = u - 2 * s
    return peak <= a or g + log((s + peak) / (s + a)) - 2 * log((u + peak) / (u + a)) < 0


def stays_above(a: float, b: float, g: float, s: float, u: float) -> bool:
    """Is score >= 0 on (a, b), given g(b) >= 0, s(a) and u(b)?"""
    return g + 2 * log((u + b) / (u + a)) - log((s + b) / (s + a)) >= 0


def halved(
    y: Array,
    v: Array,
    v0: float,
    below: bool,
    scale: float,
    restricted: bool,
    w: Any,
    z: Any,
    piece: Any,
) -> Any:
    """Is the score proved to keep its sign on all halves of a piece (a, b, g, s(a), u(b))?"""
    left = [(*piece, 0)]
    while len(left) > 0:
        a, b, g, s, u, depth = left.pop()
        if depth == HALVINGS:
            return False
        mid = sqrt((a + scale) * (b + scale)) - scale
        fall, bend, trace, trace2 = moments(y, v, v0, mid, restricted, w, z)
        g_mid, s_mid, u_mid = log(fall / trace), trace / trace2 - mid, fall / bend - mid
        if below:
            if g_mid > 0:
                return False
            first, second = stays_below(a, g, s, u_mid), stays_below(mid, g_mid, s_mid, u)
        else:
            if g_mid < 0:
                return False
            first, second = stays_above(a, mid, g_mid, s, u_mid), stays_above(mid, b, g, s_mid, u)
        if not first:
            left.append((a, mid, g if below else g_mid, s, u_mid, depth + 1))
        if not second:
            left.append((mid, b, g_mid if below else g, s_mid, u, depth + 1))
    return True


def maximise(y: Array, v: Array, v0: float, restricted: bool, w: Any, z: Any) -> Any:
    """Return tau2 and whether it is proved to be the global maximum; effects are counted from the most precise."""
    fall, bend, trace, trace2 = first = moments(y, v, v0, 0.0, restricted, w, z)
    if not fall > 0:
        return 0.0, fall == 0
    bound, limit = ends(y, v, v0)
    root, top, u, s0 = 0.0, log(fall / trace), fall / bend, trace / trace2
    s, found = s0, True
    if fall > trace:
        root, u, s, found = climb(y, v, v0, bound, first, restricted, w, z)
        top = 0.0
    far = max(limit - 2 * s, root)
    if found and not stays_below(root, top, s, limit):
        found = halved(y, v, v0, True, s0, restricted, w, z, (root, far, top, s, limit))
    if found and root > 0 and not stays_above(0.0, root, 0.0, s0, u):
        found = halved(y, v, v0, False, s0, restricted, w, z, (0.0, root, 0.0, s0, u))
    return root, found


def fit(y: Array, v: Array, restricted: bool, w: Any, z: Any) -> Any:
    """Return the estimate, its variance, tau2, Q, Q at the weights of the fit, tr P, and whether all is proved.

    `y` and `v` are changed: the most precise study comes last, effects are counted from it.
    """
    last, first = len(y) - 1, 0
    for i in range(1, len(v)):
        if v[i] < v[first]:
            first = i
    origin, v0 = y[first], v[first]
    y[first], v[first] = y[last], v[last]
    y, v = y[:last], v[:last]
    for i in range(last):
        y[i] -= origin
    t, found = 0.0, True
    if last:
        t, found = maximise(y, v, v0, restricted, w, z)
    mean, variance, q_random, _ = at(y, v, v0, t)
    _, _, q, trace = at(y, v, v0, 0.0)
    return origin + mean, variance, t, q, q_random, trace, found


def rows(y: Array, v: Array, restricted: bool) -> Any:
    """Return the number of studies of each row (batch, k), NaN for absent ones, and what `fit` says, (7, batch)."""
    batch, k = y.shape
    found, sizes = np.full((7, batch), np.nan), np.zeros(batch, np.int64)
    own_y, own_v, w, z = np.empty(k), np.empty(k), np.empty(k), np.empty(k)
    for row in range(batch):
        n = 0
        for i in range(k):
            if not np.isnan(y[row, i]):
                own_y[n], own_v[n] = y[row, i], v[row, i]
                n += 1
        sizes[row] = n
        if n > 0:
            mean, variance, t, q, q_random, trace, proved = fit(own_y[:n], own_v[:n], restricted, w, z)
            found[0, row], found[1, row], found[2, row], found[3, row] = mean, variance, t, q
            found[4, row], found[5, row], found[6, row] = q_random, trace, 1.0 if proved else 0.0
    return sizes, found


def single(y: Array, v: Array, restricted: bool) -> Any:
    """Fit one data set without absent studies: the columns of a `Batch`, or None where the maximum is not proved."""
    k = len(y)
    try:
        mean, variance, t, q, q_random, trace, found = fit(y.tolist(), v.tolist(), restricted, [0.0] * k, [0.0] * k)
        typical = (k - 1) / trace
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    if not found:
        return None
    columns = np.array([[mean], [sqrt(variance)], [t], [q], [q_random], [typical]])
    return np.array([k]), np.array([k - 1]), *columns, np.array([True]), None
