r"""Studies around a regression on moderators, in two forms that agree where both are exact.

`Level` sums over an orthonormal design; its error is about 1e-16 times the ratio of the largest and smallest weight.
`Steep` keeps its digits whatever that ratio. It picks, for each data set, as many precise studies as there are
coefficients, and takes coordinates in which their design is the identity and their effects are zero. With D the
weights of these studies, C the design of the others, S = C'WC and A = D + S:

.. math:: \hat\beta = A^{-1}C'Wy,\quad P_{11} = DA^{-1}S,\quad P_{21} = -WCA^{-1}D,\quad P_{22} = W - WCA^{-1}C'W

Nothing there is a difference of large numbers (with one coefficient these are the sums of `Mean`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..typed import Array
from .model import Moments, add, inverse

WIDE = 1e3  # above this ratio of weights the steep form is used


class Regression:
    """A regression for many data sets; each evaluation takes the form that keeps its digits at that tau2."""

    def __init__(self, y: Array, v: Array, k: Array, x: Any):
        """`y`, `v` (k, batch), absent studies as (0, inf); `x` (k, p) shared by all data sets, or (batch, k, p)."""
        basis, upper = np.linalg.qr(x)
        self._set(Level(y, v, k, _first(basis), np.linalg.inv(upper)), None)
        if (self.high > WIDE * self.low).any():
            self.steep = Steep(y, v, _first(basis), _first(x))

    def _set(self, level, steep):
        self.level, self.steep, self.k, self.p = level, steep, level.k, level.p
        self.low, self.high = level.v.min(0), np.where(np.isinf(level.v), 0.0, level.v).max(0)
        return self

    def take(self, index: Array) -> Any:
        """Return the data sets at `index` (a mask or positions, repeats allowed)."""
        steep = None if self.steep is None else self.steep.take(index)
        return object.__new__(Regression)._set(self.level.take(index), steep)

    @property
    def df(self) -> Array:
        return self.k - self.p

    def variances(self) -> tuple[Array, ...]:
        """Return (smallest, largest) within-study variance."""
        return self.low, self.high

    def plain(self) -> tuple[Array, ...]:
        """Return r'r, tr (I - H)V and r'Vr, with r the residuals without weights."""
        return self.level.plain()

    def spread(self) -> Array:
        """Return the variance of the effects with divisor k, the start of Sidik and Jonkman's estimator."""
        return self.level.spread()

    def q(self, t: Array) -> tuple[Array, ...]:
        """Return y'Py and y'P^2y."""
        return self._best("q", t)

    def trace(self, t: Array) -> Any:
        """Return tr P."""
        return self._best("trace", t)[0]

    def moments(self, t: Array, restricted: bool = True) -> Any:
        """Return the Moments at tau2 = `t`, an array of shape (batch,)."""
        return Moments(*self._best("moments", t, restricted))

    def log_likelihood(self, t: Array, restricted: bool = True) -> Any:
        """Return the (restricted) log-likelihood at `t`, without constants that do not depend on tau2."""
        return self._best("log_likelihood", t, restricted)[0]

    def coefficients(self, t: Array) -> tuple[Array, Array]:
        """Return the estimates (p, batch) and their covariance (p, p, batch)."""
        return self._best("coefficients", t)

    def _best(self, what, t, *options):
        values = getattr(self.level, what)(t, *options)
        if self.steep is None:
            return values
        rows = np.flatnonzero(self.high + t > WIDE * (self.low + t))
        if not rows.size:
            return values
        every = rows.size == len(t)
        part = self.steep if every else self.steep.take(rows)
        better = getattr(part, what)(t[rows], *options)
        if every:
            return better
        for whole, piece in zip(values, better, strict=True):
            whole[..., rows] = piece
        return values


def _first(x):
    """Put (k, p) as (p, k) and (batch, k, p) as (p, k, batch)."""
    return np.ascontiguousarray(x.T if x.ndim == 2 else x.transpose(2, 1, 0))


class Level:
    """Sums over an orthonormal design: exact to about 1e-16 times the ratio of the largest and smallest weight."""

    def __init__(self, y: Array, v: Array, k: Array, x: Any, back: Any):
        """`x` of shape (p, k) shared by all data sets, or (p, k, batch); `back` undoes its orthonormalization."""
        self.y, self.v, self.k, self.x, self.back, self.p = y, v, k, x, back, x.shape[0]

    def take(self, index: Array) -> Any:
        shared = self.x.ndim == 2
        x, back = (self.x, self.back) if shared else (self.x[:, :, index], self.back[index])
        return Level(self.y[:, index], self.v[:, index], self.k[index], x, back)

    def cross(self, w: Array) -> Array:
        """Return X'WX, shape (p, p, batch)."""
        if self.x.ndim == 2:
            pairs = self.x[:, None] * self.x[None]
            return (pairs.reshape(self.p**2, -1) @ w).reshape(self.p, self.p, -1)
        return np.einsum("ikb,jkb,kb->ijb", self.x, self.x, w, optimize=True)

    def onto(self, z: Array) -> Array:
        """Return X'z, shape (p, batch)."""
        return self.x @ z if self.x.ndim == 2 else np.einsum("ikb,kb->ib", self.x, z)

    def fitted(self, beta: Array) -> Array:
        return self.x.T @ beta if self.x.ndim == 2 else np.einsum("ikb,ib->kb", self.x, beta)

    def solve(self, t: Array) -> tuple[Array, ...]:
        """Return w, (X'WX)^-1, the coefficients and the residuals (zero for absent studies)."""
        w = 1.0 / (self.v + t)
        inner = inverse(self.cross(w))
        beta = (inner * self.onto(w * self.y)).sum(1)
        r = self.y - self.fitted(beta)
        return w, inner, beta, r

    def q(self, t: Array) -> tuple[Array, ...]:
        w, _, _, r = self.solve(t)
        z = w * r
        return add(z * r), add(z * z)

    def trace(self, t: Array) -> Any:
        w = 1.0 / (self.v + t)
        return (add(w) - (inverse(self.cross(w)) * self.cross(w * w)).sum((0, 1)),)

    def moments(self, t: Array, restricted: bool = True) -> Any:
        w, inner, _, r = self.solve(t)
        z = w * r
        fall = add(z * z)
        wz = w * z
        u = self.onto(wz)
        bend = add(wz * z) - (inner * u * u[:, None]).sum((0, 1))
        ww = w * w
        if not restricted:
            return add(z * r), fall, bend, add(w), add(ww)
        am2 = np.einsum("ijb,jlb->ilb", inner, self.cross(ww))
        trace = add(w) - np.einsum("iib->b", am2)
        trace2 = add(ww) - 2 * (inner * self.cross(ww * w)).sum((0, 1)) + np.einsum("ijb,jib->b", am2, am2)
        return add(z * r), fall, bend, trace, trace2

    def log_likelihood(self, t: Array, restricted: bool = True) -> Any:
        w, inner, _, r = self.solve(t)
        present = np.isfinite(self.v)
        value = add(np.log(np.where(present, self.v + t, 1.0))) + add(w * r * r)
        if restricted:
            value = value - np.log(np.linalg.det(inner.transpose(2, 0, 1)))
        return (-0.5 * value,)

    def coefficients(self, t: Array) -> tuple[Array, Array]:
        _, inner, beta, _ = self.solve(t)
        return _coefficients(self.back, beta, inner)

    def plain(self) -> tuple[Array, ...]:
        present = np.isfinite(self.v)
        ones = present.astype(float)
        inner = inverse(self.cross(ones))
        r = np.where(present, self.y - self.fitted((inner * self.onto(self.y)).sum(1)), 0.0)
        v = np.where(present, self.v, 0.0)
        return add(r * r), add(v) - (inner * self.cross(v)).sum((0, 1)), add(r * r * v)

    def spread(self) -> Array:
        present = np.isfinite(self.v)
        mean = add(self.y) / self.k
        return add(np.where(present, self.y - mean, 0.0) ** 2) / self.k


class Steep:
    """The same sums in coordinates of the most precise studies: no difference of large numbers."""

    def __init__(self, y: Array, v: Array, basis: Array, x: Any):
        """`basis` chooses the precise studies, `x` is the design itself, both (p, k) or (p, k, batch)."""
        self.p, columns = len(x), np.arange(y.shape[1])
        each = lambda a: np.broadcast_to(a[:, :, None], (*a.shape, len(columns))) if a.ndim == 2 else a  # noqa: E731
        first, x = _precise(each(basis), v), each(x)
        base = x[:, first, columns].transpose(2, 1, 0)
        base[np.linalg.det(base) == 0] = np.nan  # the studies present do not determine the coefficients
        self.back = np.linalg.inv(base)  # from effects of those studies to coefficients, (batch, p, p)
        self.origin, self.v0 = y[first, columns], v[first, columns]
        rest = np.ones(y.shape, bool)
        rest[first, columns] = False
        others = np.nonzero(rest.T)[1].reshape(y.shape[1], -1).T
        self.v = v[others, columns]
        design = x[:, others, columns]
        self.c = np.einsum("bij,imb->jmb", self.back, design)
        here = y[others, columns] - np.einsum("jmb,jb->mb", self.c, self.origin)
        self.y = np.where(np.isinf(self.v), 0.0, here)
        self.c = np.where(np.isinf(self.v), 0.0, self.c)
        self.log_base = 2 * np.linalg.slogdet(each(basis)[:, first, columns].transpose(2, 1, 0))[1]

    def take(self, index: Array) -> Any:
        part = object.__new__(Steep)
        part.p, part.back, part.log_base = self.p, self.back[index], self.log_base[index]
        part.origin, part.v0 = self.origin[:, index], self.v0[:, index]
        part.y, part.v, part.c = self.y[:, index], self.v[:, index], self.c[:, :, index]
        return part

    def cross(self, w: Array) -> Array:
        """Return C'WC, shape (p, p, batch)."""
        return np.einsum("imb,jmb,mb->ijb", self.c, self.c, w, optimize=True)

    def weights(self, t: Array) -> tuple[Array, ...]:
        """Return D as its diagonal, W likewise, S and A^-1."""
        d, w = 1.0 / (self.v0 + t), 1.0 / (self.v + t)
        s = self.cross(w)
        a = s.copy()
        a[np.arange(self.p), np.arange(self.p)] += d
        return d, w, s, inverse(a)

    def solve(self, w: Array, inner: Array, y: Array) -> tuple[Array, ...]:
        """Return the coefficients of `y` (zero for the precise studies) and the residuals of the others."""
        beta = (inner * np.einsum("imb,mb->ib", self.c, w * y)).sum(1)
        return beta, y - np.einsum("imb,ib->mb", self.c, beta)

    def q(self, t: Array) -> tuple[Array, ...]:
        d, w, _, inner = self.weights(t)
        beta, r = self.solve(w, inner, self.y)
        return add(d * beta * beta) + add(w * r * r), add((d * beta) ** 2) + add((w * r) ** 2)

    def trace(self, t: Array) -> Any:
        d, w, s, inner = self.weights(t)
        return (add(w) - (inner * self.cross(w * w)).sum((0, 1)) + (d[:, None] * inner * s).sum((0, 1)),)

    def moments(self, t: Array, restricted: bool = True) -> Any:
        d, w, s, inner = self.weights(t)
        beta, r = self.solve(w, inner, self.y)
        z0, z = -d * beta, w * r
        q, fall = add(d * beta * beta) + add(z * r), add(z0 * z0) + add(z * z)
        again, r = self.solve(w, inner, z - np.einsum("imb,ib->mb", self.c, z0))
        bend = add(d * again * again) + add(w * r * r)
        ww = w * w
        if not restricted:
            return q, fall, bend, add(d) + add(w), add(d * d) + add(ww)
        s2 = self.cross(ww)
        am = np.einsum("ijb,jlb->ilb", inner, s2)
        di = d[:, None] * inner
        corner = np.einsum("ijb,jlb->ilb", di, s)  # P of the precise studies
        trace = add(w) - np.einsum("iib->b", am) + np.einsum("iib->b", corner)
        trace2 = add(ww) - 2 * (inner * self.cross(ww * w)).sum((0, 1)) + np.einsum("ijb,jib->b", am, am)
        trace2 += 2 * np.einsum("ijb,jlb,ilb->b", di, s2, di) + (corner * corner).sum((0, 1))
        return q, fall, bend, trace, trace2

    def log_likelihood(self, t: Array, restricted: bool = True) -> Any:
        d, w, _, inner = self.weights(t)
        beta, r = self.solve(w, inner, self.y)
        logs = add(np.log(np.where(np.isfinite(self.v), self.v + t, 1.0))) + add(np.log(self.v0 + t))
        value = logs + add(d * beta * beta) + add(w * r * r)
        if restricted:
            value = value - np.linalg.slogdet(inner.transpose(2, 0, 1))[1] + self.log_base
        return (-0.5 * value,)

    def coefficients(self, t: Array) -> tuple[Array, Array]:
        _, w, _, inner = self.weights(t)
        beta, _ = self.solve(w, inner, self.y)
        return _coefficients(self.back, self.origin + beta, inner)


def _coefficients(back, beta, inner):
    """Return coefficients of the design itself and their covariance; `back` is (p, p) or (batch, p, p)."""
    cov = back @ inner.transpose(2, 0, 1) @ np.swapaxes(back, -1, -2)
    return np.einsum("...ij,...j->...i", back, beta.T).T, cov.transpose(1, 2, 0)


def _precise(x, v):
    """Return p studies per data set (p, batch), the weightiest whose rows are not yet determined by those before."""
    left, w = x.copy(), 1.0 / v
    columns = np.arange(v.shape[1])
    chosen = []
    for _ in range(len(x)):
        row = (w * (left * left).sum(0)).argmax(0)
        chosen.append(row)
        direction = left[:, row, columns]
        direction = direction / np.sqrt((direction * direction).sum(0))
        left = left - direction[:, None] * (direction[:, None] * left).sum(0)
        left[:, row, columns] = 0.0
    return np.array(chosen)
