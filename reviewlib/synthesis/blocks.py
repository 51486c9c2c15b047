r"""Restricted likelihood of the three-level model, one block of the covariance matrix per cluster.

.. math:: y = X\beta + u_{cluster} + w_{row} + e,\quad
          \mathrm{Var}(y) = A = V + \sigma^2_{outer} J + \sigma^2_{inner} G

J and G mark the pairs of rows that share a cluster, and a level inside it. Clusters of similar size stand together in
a `Part`, padded to one size (ones on the diagonal, zeros elsewhere: no contribution), so that memory grows with the
rows and every step is one batched call of linear algebra. All sums are over whitened rows,
:math:`L^{-1}y` with A = LL', and their orthonormal basis Q: nothing is squared that need not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..errors import EvidenceError
from ..typed import Array

LOG_2PI = float(np.log(2 * np.pi))
LARGEST = 1 << 26  # cells of all blocks together: half a GiB of doubles in each of the few arrays that are held


class Part(NamedTuple):
    """Clusters of similar size: arrays of shape (clusters, size, ...); `rows` is -1 for padding."""

    y: np.ndarray
    X: np.ndarray
    V: np.ndarray
    Z: np.ndarray  # (2, clusters, size, size): J and G
    rows: np.ndarray


@dataclass(frozen=True, slots=True)
class Blocks:
    """All clusters; X in the parts is orthonormal, and `back` (p, p) turns its coefficients into those asked for."""

    parts: tuple
    clusters: int
    k: int
    p: int
    back: np.ndarray

    @property
    def scale(self) -> float:
        """Geometric mean of the sampling variances: the unit in which components are searched."""
        logs = [np.log(np.einsum("cii->ci", part.V)[part.rows >= 0]) for part in self.parts]
        return float(np.exp(np.concatenate(logs).mean()))

    @property
    def spread(self) -> float:
        """Variance of the effects."""
        return float(np.var(np.concatenate([part.y[part.rows >= 0] for part in self.parts])))


def build_blocks(y: Array, X: Array, errors: Any, cluster: Any, level: Any) -> Blocks:
    """Arrange rows by cluster.

    Parameters
    ----------
    y, X : ndarray (k,), (k, p)
    errors : callable
        Takes rows (clusters, size) and returns their sampling covariances (clusters, size, size).
    cluster, level : array_like (k,)
        Which rows share a cluster, and which an inner unit.
    """
    codes = np.unique(cluster, return_inverse=True)[1]
    levels = np.unique(level, return_inverse=True)[1]
    counts = np.bincount(codes)
    size = 1 << np.ceil(np.log2(counts)).astype(int)  # padded to a power of two
    cells = (size.astype(float) ** 2).sum()
    if cells > LARGEST:
        raise EvidenceError(
            f"the largest cluster has {counts.max()} effects, and blocks of {cells:.3g} cells "
            f"do not fit in memory (at most {LARGEST:.3g}): combine effects within clusters first (combine_within)"
        )
    basis, upper = np.linalg.qr(X)
    order = np.argsort(codes, kind="stable")
    start = np.cumsum(counts) - counts
    parts = []
    for each in np.unique(size):
        mine = np.flatnonzero(size == each)
        slot = np.arange(min(each, counts[mine].max()))
        rows = np.where(slot < counts[mine, None], order[np.minimum(start[mine, None] + slot, len(order) - 1)], -1)
        parts.append(_part(rows, y, basis, errors, levels))
    return Blocks(tuple(parts), len(counts), *X.shape, np.linalg.inv(upper))


def _part(rows, y, X, errors, levels):
    there = rows >= 0
    both = there[:, :, None] & there[:, None, :]
    V = np.where(both, errors(rows), np.eye(rows.shape[1]))
    inner = both & (levels[rows][:, :, None] == levels[rows][:, None, :])
    Z = np.stack([both, inner]).astype(float)
    return Part(np.where(there, y[rows], 0.0), np.where(there[:, :, None], X[rows], 0.0), V, Z, rows)


class White(NamedTuple):
    """One part at one pair of components: A^-1/2, and the basis and residuals of the whitened rows."""

    root: np.ndarray
    Q: np.ndarray
    r: np.ndarray


@dataclass(frozen=True, slots=True)
class State:
    """Everything the model gives at one pair of variance components; `turn` (p, p) takes Q'L^-1 y to `beta`."""

    sigma2: np.ndarray
    loglik: float
    beta: np.ndarray
    turn: np.ndarray
    rss: float
    white: tuple

    @property
    def vcov(self) -> Array:
        return self.turn @ self.turn.T


def evaluate(blocks: Blocks, sigma2: Any) -> State:
    """Generalized least squares and the restricted log-likelihood at `sigma2` = (outer, inner)."""
    sigma2 = np.asarray(sigma2, dtype=float)
    roots, rows, log_det = [], [], 0.0
    for part in blocks.parts:
        root, logs = whitener(part.V + sigma2[0] * part.Z[0] + sigma2[1] * part.Z[1])
        log_det += logs
        roots.append(root)
        rows.append((root @ np.concatenate([part.X, part.y[:, :, None]], axis=2)).reshape(-1, blocks.p + 1))
    rows = np.concatenate(rows)
    Q, R = np.linalg.qr(rows[:, :-1])
    c = Q.T @ rows[:, -1]
    r = rows[:, -1] - Q @ c
    rss = float(r @ r)
    minus_two = (blocks.k - blocks.p) * LOG_2PI + log_det + 2 * np.log(np.abs(np.diag(R))).sum() + rss
    turn = blocks.back @ np.linalg.inv(R)
    white, at = [], 0
    for root in roots:
        shape, end = root.shape[:2], at + root.shape[0] * root.shape[1]
        white.append(White(root, Q[at:end].reshape(*shape, -1), r[at:end].reshape(shape)))
        at = end
    return State(sigma2, float(-minus_two / 2), turn @ c, turn, rss, tuple(white))


def whitener(A: Array) -> tuple[Array, float]:
    """Return the inverse Cholesky factors of positive matrices (clusters, size, size) and the sum of log det A."""
    clusters, size, _ = A.shape
    if size > 8 or clusters < 64:
        L = np.linalg.cholesky(A)
        return np.linalg.inv(L), 2 * float(np.log(np.einsum("cii->ci", L)).sum())
    # many small blocks: elimination with the clusters along the last axis is ten times faster than a call for each
    a = np.ascontiguousarray(A.transpose(1, 2, 0))
    root = np.zeros_like(a)
    root[np.arange(size), np.arange(size)] = 1.0
    pivots = []
    for j in range(size):
        pivots.append(a[j, j].copy())
        factor = a[j + 1 :, j] / a[j, j]
        a[j + 1 :, j + 1 :] -= factor[:, None] * a[j, j + 1 :]
        root[j + 1 :, : j + 1] -= factor[:, None] * root[j, : j + 1]
    root /= np.sqrt(pivots)[:, None]
    return np.ascontiguousarray(root.transpose(2, 0, 1)), float(np.log(pivots).sum())


def score_and_hessian(blocks: Blocks, state: State) -> tuple[Array, Array]:
    """Exact first and second derivatives of the restricted log-likelihood in (outer, inner)."""
    p = blocks.p
    trace, square, B, a_q = np.zeros(2), np.zeros((2, 2)), np.zeros((2, p, p)), np.zeros((2, p))
    inside, quadratic, slope = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(2)
    for part, (root, Q, r) in zip(blocks.parts, state.white, strict=True):
        Z = root @ part.Z @ root.transpose(0, 2, 1)
        ZQ, a = Z @ Q, (Z @ r[:, :, None])[..., 0]
        flat, ZQf, af = Z.reshape(2, -1), ZQ.reshape(2, -1), a.reshape(2, -1)
        Qf = Q.reshape(-1, p)
        trace += np.einsum("jcii->j", Z)
        square += flat @ flat.T
        inside += ZQf @ ZQf.T
        quadratic += af @ af.T
        slope += af @ r.ravel()
        B += Qf.T @ ZQ.reshape(2, -1, p)
        a_q += af @ Qf
    score = (slope - trace + np.einsum("jpp->j", B)) / 2
    traces = square - 2 * inside + np.einsum("jpq,hqp->jh", B, B)
    return score, traces / 2 - quadratic + a_q @ a_q.T


def typical_variance(blocks: Blocks) -> float:
    """Sampling variance of a typical row, (k - p) / tr(P), as in the I2 of one-level models."""
    state = evaluate(blocks, (0.0, 0.0))
    trace = 0.0
    for part, (root, Q, _) in zip(blocks.parts, state.white, strict=True):
        lost = np.einsum("cip,cij->cpj", Q, root)
        trace += (root[part.rows >= 0] ** 2).sum() - (lost * lost).sum()
    return float((blocks.k - blocks.p) / trace)
