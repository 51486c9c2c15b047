r"""Restricted likelihood of the three-level model, one block of the covariance matrix a cluster.

.. math:: y = X\beta + u_{cluster} + w_{row} + e,\quad
          \mathrm{Var}(y) = V + \sigma^2_{outer} J + \sigma^2_{inner} G

J and G mark the pairs of rows that share a cluster, and a level inside it. Clusters are padded to one size (ones on
the diagonal, zeros elsewhere: no contribution), so that every step is one batched call of linear algebra.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Blocks:
    """Arrays of shape (clusters, size, ...); `place` puts rows of the table into (cluster, position)."""

    y: np.ndarray
    X: np.ndarray
    V: np.ndarray
    Z: np.ndarray  # (2, clusters, size, size): J and G
    place: tuple
    k: int
    p: int
    _log_xx: float = field(repr=False, default=0.0)

    @property
    def present(self):
        """Which of the (cluster, position) are rows of the table; the others are padding."""
        mask = np.zeros(self.y.shape, dtype=bool)
        mask[self.place] = True
        return mask

    @property
    def scale(self) -> float:
        """Geometric mean of the sampling variances: the unit in which components are searched."""
        diagonal = np.einsum("cii->ci", self.V)[self.place]
        return float(np.exp(np.log(diagonal).mean()))


def build_blocks(y, X, V, cluster, level) -> Blocks:
    """Arrange rows by cluster; `V` is the (k, k) covariance matrix of the sampling errors."""
    codes = np.unique(cluster, return_inverse=True)[1]
    levels = np.unique(level, return_inverse=True)[1]
    k, p = X.shape
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    position = np.empty(k, dtype=int)
    position[order] = np.arange(k) - np.repeat(np.cumsum(counts) - counts, counts)
    place = (codes, position)
    n_clusters, size = len(counts), int(counts.max())
    yb, Xb = np.zeros((n_clusters, size)), np.zeros((n_clusters, size, p))
    yb[place], Xb[place] = y, X
    Vb = np.tile(np.eye(size), (n_clusters, 1, 1))
    Z = np.zeros((2, n_clusters, size, size))
    for c in range(n_clusters):
        rows = np.flatnonzero(codes == c)
        at = np.ix_(position[rows], position[rows])
        Vb[c][at] = V[np.ix_(rows, rows)]
        Z[0, c][at] = 1.0
        Z[1, c][at] = levels[rows][:, None] == levels[rows][None, :]
    return Blocks(yb, Xb, Vb, Z, place, k, p, float(np.linalg.slogdet(X.T @ X)[1]))


@dataclass(frozen=True, slots=True)
class State:
    """Everything the model gives at one pair of variance components."""

    sigma2: np.ndarray
    loglik: float
    beta: np.ndarray
    vcov: np.ndarray
    rss: float
    W: np.ndarray
    residual: np.ndarray


def evaluate(blocks: Blocks, sigma2) -> State:
    """Generalized least squares and the restricted log-likelihood at `sigma2` = (outer, inner)."""
    sigma2 = np.asarray(sigma2, dtype=float)
    A = blocks.V + np.tensordot(sigma2, blocks.Z, axes=1)
    W = np.linalg.inv(A)
    W = (W + W.transpose(0, 2, 1)) / 2
    log_det = np.linalg.slogdet(A)[1].sum()
    WX = W @ blocks.X
    information = np.einsum("cip,ciq->pq", blocks.X, WX)
    vcov = np.linalg.inv(information)
    beta = vcov @ np.einsum("cip,ci->p", WX, blocks.y)
    residual = blocks.y - blocks.X @ beta
    rss = float(np.einsum("ci,cij,cj->", residual, W, residual))
    log_xwx = np.linalg.slogdet(information)[1]
    minus_two = (blocks.k - blocks.p) * LOG_2PI - blocks._log_xx + log_det + log_xwx + rss
    return State(sigma2, float(-minus_two / 2), beta, vcov, rss, W, residual)


def score_and_hessian(blocks: Blocks, state: State):
    """Exact first and second derivatives of the restricted log-likelihood in (outer, inner)."""
    W, X, M = state.W, blocks.X, state.vcov
    WX = W @ X
    u = np.einsum("cij,cj->ci", W, state.residual)
    WZ = [W @ Z for Z in blocks.Z]
    a = [np.einsum("cij,cj->ci", Z, u) for Z in blocks.Z]
    Xa = [np.einsum("cip,ci->p", WX, each) for each in a]
    ZWX = [Z @ WX for Z in blocks.Z]
    B = [np.einsum("cip,ciq->pq", WX, each) for each in ZWX]
    score, hessian = np.empty(2), np.empty((2, 2))
    for j in range(2):
        trace = np.einsum("cii->", WZ[j]) - np.trace(M @ B[j])
        score[j] = (np.vdot(u, a[j]) - trace) / 2
        for h in range(2):
            middle = np.einsum("cip,cij,cjq->pq", ZWX[j], W, ZWX[h])
            trace = np.einsum("cij,cji->", WZ[j], WZ[h]) - 2 * np.trace(M @ middle) + np.trace(M @ B[j] @ M @ B[h])
            quadratic = np.einsum("ci,cij,cj->", a[j], W, a[h]) - Xa[j] @ M @ Xa[h]
            hessian[j, h] = trace / 2 - quadratic
    return score, hessian


def typical_variance(blocks: Blocks) -> float:
    """Sampling variance of a typical row, (k - p) / tr(P), as in the I2 of one-level models."""
    state = evaluate(blocks, (0.0, 0.0))
    WX = state.W @ blocks.X
    trace = np.einsum("cii->ci", state.W)[blocks.place].sum()
    trace -= np.trace(state.vcov @ np.einsum("cip,ciq->pq", WX, WX))
    return float((blocks.k - blocks.p) / trace)
