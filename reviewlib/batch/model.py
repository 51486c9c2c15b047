"""The weighted sums behind every estimator, for many data sets at once.

Everything here lives on arrays of shape (k, batch), because numpy adds along the first axis at memory speed. An absent
study has an infinite variance and an effect of zero, so that its weight, and every sum it enters, is exactly zero.

The studies of a data set are put in an order where the most precise comes first and effects are counted from it. Sums
then never cancel: with variances from 1e-8 to 1e4 the naive ``sum(w) - sum(w**2) / sum(w)`` keeps four digits.
"""

from __future__ import annotations

import numpy as np

from ..typed import Array

add = np.add.reduce  # over the studies: the first axis; without the overhead of the method `sum`
try:  # products are summed in one pass over memory, without an array of their own
    from numpy._core.multiarray import c_einsum as dot
except ImportError:
    dot = np.einsum


class Moments:
    r"""What one evaluation at tau2 gives; arrays of shape (batch,).

    With :math:`P = W - WX(X'WX)^{-1}X'W` and :math:`W = diag(1 / (v + \tau^2))`:
    ``q`` is :math:`y'Py`, ``fall`` is :math:`y'P^2y` (minus the derivative of q), ``bend`` is :math:`y'P^3y`,
    ``trace`` is tr P and ``trace2`` is tr P squared (for maximum likelihood the traces of W and of W squared).
    """

    __slots__ = ("q", "fall", "bend", "trace", "trace2")

    def __init__(self, q: Array, fall: Array, bend: Array, trace: Array, trace2: Array):
        self.q, self.fall, self.bend, self.trace, self.trace2 = q, fall, bend, trace, trace2


class Mean:
    """Studies around one mean: sums written so that nothing cancels."""

    p = 1

    def __init__(self, y: Array, v: Array, k: Array):
        """`y`, `v` of shape (k, batch), absent studies as (0, inf); `k` (batch,) counts the present ones."""
        first = v.argmin(0)
        if first.any():
            y, v = y.copy(), v.copy()
            columns = np.arange(len(first))
            for a in (y, v):
                top = a[0].copy()
                a[0] = a[first, columns]
                a[first, columns] = top
        self.origin = y[0].copy()
        self.y = np.where(np.isinf(v[1:]), 0.0, y[1:] - self.origin)
        self.v0, self.v, self.k = v[0], v[1:], k
        self.desk = np.empty(0)

    def take(self, index: Array) -> Mean:
        """Return the data sets at `index` (positions, repeats allowed)."""
        part = object.__new__(Mean)
        part.origin, part.v0, part.k = self.origin[index], self.v0[index], self.k[index]
        part.y, part.v = (a.take(index, axis=1, mode="clip") for a in (self.y, self.v))
        part.desk = self.desk
        return part

    def _sheets(self):
        """Return two arrays shaped as `y` to work on, the same at each call: fresh memory costs more than the sums."""
        if self.desk.size < 2 * self.y.size:
            self.desk = np.empty(2 * self.y.size)
        return self.desk[: 2 * self.y.size].reshape(2, *self.y.shape)

    @property
    def df(self) -> Array:
        return self.k - 1

    def variances(self) -> tuple[Array, ...]:
        """Return (smallest, largest) within-study variance."""
        return self.v0, np.maximum(np.where(np.isinf(self.v), 0.0, self.v).max(0, initial=0.0), self.v0)

    def weighted(self, t: Array) -> tuple[Array, ...]:
        """Return w0, w, sum(w), the mean counted from the origin."""
        w = 1.0 / (self.v + t)
        w0 = 1.0 / (self.v0 + t)
        total = w0 + add(w)
        return w0, w, total, add(w * self.y) / total

    def q(self, t: Array) -> tuple[Array, Array]:
        """Return y'Py and y'P^2y."""
        w0, w, _, mean = self.weighted(t)
        r = self.y - mean
        z = w * r
        return w0 * mean * mean + add(z * r), (w0 * mean) ** 2 + add(z * z)

    def trace(self, t: Array) -> Array:
        """Return tr P."""
        w0, w = 1.0 / (self.v0 + t), 1.0 / (self.v + t)
        rest = add(w)
        total = w0 + rest
        return w0 * rest / total + rest - add(w * w) / total

    def moments(self, t: Array, restricted: bool = True) -> Moments:
        """Return the Moments at tau2 = `t`, an array of shape (batch,)."""
        w, z = self._sheets()
        np.reciprocal(np.add(self.v, t, out=w), out=w)
        w0 = 1.0 / (self.v0 + t)
        a1, a2 = add(w), dot("ij,ij->j", w, w)
        total = w0 + a1
        mean = dot("ij,ij->j", w, self.y) / total
        np.subtract(self.y, mean, out=z)
        z *= w
        z0 = -w0 * mean
        fall = z0 * z0 + dot("ij,ij->j", z, z)
        z -= z0
        shift = dot("ij,ij->j", w, z) / total
        z -= shift
        bend = w0 * shift * shift + dot("ij,ij,ij->j", w, z, z)
        if not restricted:
            return Moments(None, fall, bend, total, w0 * w0 + a2)
        share = a2 / total
        lead = w0 * a1 / total
        a3 = dot("ij,ij,ij->j", w, w, w)
        trace2 = lead * lead + a2 - 2 * a3 / total + share * (2 * w0 * w0 / total + share)
        return Moments(None, fall, bend, lead + a1 - share, trace2)

    def log_likelihood(self, t: Array, restricted: bool = True) -> Array:
        """Return the (restricted) log-likelihood at `t`, without constants that do not depend on tau2."""
        w0, w, total, mean = self.weighted(t)
        q = w0 * mean * mean + add(w * (self.y - mean) ** 2)
        logs = np.log(self.v0 + t) + add(np.log(np.where(np.isinf(self.v), 1.0, self.v + t)))
        return -0.5 * (logs + q + (np.log(total) if restricted else 0.0))

    def coefficients(self, t: Array) -> tuple[Array, Array]:
        """Return the estimate (1, batch) and its covariance (1, 1, batch)."""
        _, _, total, mean = self.weighted(t)
        return (self.origin + mean)[None], (1.0 / total)[None, None]

    def plain(self) -> tuple[Array, ...]:
        """Return r'r, tr (I - H)V and r'Vr, with r the residuals without weights."""
        mean = add(self.y) / self.k
        present = np.isfinite(self.v)
        v, squares = np.where(present, self.v, 0.0), np.where(present, self.y - mean, 0.0) ** 2
        own = mean * mean
        trace = (self.v0 + add(v)) * (self.k - 1) / self.k
        return own + add(squares), trace, own * self.v0 + add(squares * v)

    def spread(self) -> Array:
        """Return the variance of the effects with divisor k, the start of Sidik and Jonkman's estimator."""
        return self.plain()[0] / self.k


def inverse(m: Array) -> Array:
    """Return the inverses of symmetric positive matrices (p, p, batch), by elimination; singular gives nan."""
    a = m.copy()
    for i in range(len(a)):
        pivot = 1.0 / a[i, i]
        row, column = a[i] * pivot, a[:, i].copy()
        a -= column[:, None] * row[None]
        a[i], a[:, i] = row, -column * pivot
        a[i, i] = pivot
    return a
