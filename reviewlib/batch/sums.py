r"""Leave-one-out and cumulative fits of very many studies, in time that grows with their number and not its square.

Each of these k data sets needs sums such as :math:`\sum_j 1/(v_j + \tau^2)` at a tau2 of its own, over all studies but
one, or over the first n. As functions of tau2 these sums are smooth: on an interval over which tau2 plus the smallest
variance doubles, a polynomial through 22 Chebyshev nodes gives them to the last digits (the nearest singularity is
minus the smallest variance, so the error falls by 5.8 per node). One pass over the studies at each node therefore
serves all data sets. The estimators and the certificate of `reviewlib.batch` run on such sums unchanged.

The most precise study stays outside the sums and effects are counted from it, as in `Mean`. A data set whose sums
would still be a small difference of large ones is fitted from its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..typed import Array
from .model import Moments

NODES = 22
BLOCK = 8_000  # data sets fitted together
LOSS = 1e4  # largest ratio of a sum to what is left of it: 1e-12 of its digits
FIRST = 64  # cumulative fits of so few studies are fitted from their rows
_COS = np.cos((np.arange(NODES) + 0.5) * np.pi / NODES)
_BARY = np.sin((np.arange(NODES) + 0.5) * np.pi / NODES) * (-1.0) ** np.arange(NODES)


class Studies:
    """All studies but the most precise one, their effects counted from it."""

    def __init__(self, y: Array, v: Array):
        self.first = int(v.argmin())
        self.origin, self.v0 = y[self.first], v[self.first]
        self.y, self.v = y - self.origin, v
        self.rest = np.arange(len(y)) != self.first
        self.totals = {}

    def plain(self) -> tuple[Array, ...]:
        y, v = self.y, self.v
        return np.ones_like(y), y, y * y, v, v * y, v * y * y

    def terms(self, name: str, w: Array, block: Any = slice(None)) -> Array:
        """Return what each study of a block adds to a sum: "a2" is w^2, "b2" w^2 y, "c2" w^2 y^2, "log" -log w."""
        if name == "log":
            return np.where(self.rest[block], -np.log(w), 0.0)
        power, order = w, int(name[1])
        for _ in range(order - 1):
            power = power * w
        if name[0] == "a":
            return power * self.rest[block]
        power = power * self.y[block]  # zero for the first study
        return power if name[0] == "b" else power * self.y[block]

    def nodes(self, piece: Array) -> Array:
        """Return the tau2 of the nodes of a piece, on which tau2 + v0 doubles."""
        low = self.v0 * 2.0**piece
        return low * (1.5 + _COS / 2) - self.v0

    def weights_at(self, t: Array) -> tuple[Array, Array]:
        """Return the number of the piece that each `t` lies in, and its interpolation weights (NODES, len(t))."""
        x = (t + self.v0) / self.v0
        piece = np.maximum(np.floor(np.log2(x)), 0.0)
        at = 2 * x / 2.0**piece - 3  # -1 to 1
        gap = at - _COS[:, None]
        gap[gap == 0] = 1e-300
        share = _BARY[:, None] / gap
        return piece.astype(int), share / share.sum(0)


class Without:
    """Sums over all studies but one, for each of the studies at `index`."""

    def __init__(self, studies: Any, index: Array):
        self.studies, self.index = studies, index

    def taken(self, index: Array) -> Any:
        return Without(self.studies, self.index[index])

    def sums(self, names: Sequence[str], t: Array) -> Any:
        s, out = self.studies, np.empty((len(names), len(t)))
        piece, share = s.weights_at(t)
        w = 1.0 / (s.v[self.index] + t)
        for n in np.unique(piece):
            here = piece == n
            for row, name in zip(out, names, strict=True):
                row[here] = self._nodes(name, int(n)) @ share[:, here]
        y = s.y[self.index]
        for row, name in zip(out, names, strict=True):
            own = -np.log(w) if name == "log" else w ** int(name[1]) * {"a": 1.0, "b": y, "c": y * y}[name[0]]
            row -= own
        return out

    def _nodes(self, name, piece):
        totals, s = self.studies.totals, self.studies
        if (name, piece) not in totals:
            totals[name, piece] = np.array([s.terms(name, 1.0 / (s.v + t)).sum() for t in s.nodes(piece)])
        return totals[name, piece]

    def plain(self) -> tuple[Array, ...]:
        """Return the sums of 1, y, y^2, v, v y and v y^2."""
        return tuple(part.sum() - part[self.index] for part in self.studies.plain())

    def smallest_and_largest(self) -> tuple[Array, Array]:
        v = np.sort(self.studies.v)
        mine = self.studies.v[self.index]
        return np.where(mine == v[0], v[1], v[0]), np.where(mine == v[-1], v[-2], v[-1])

    def precise(self) -> Array:
        """Return the variance of the most precise study, infinite where it is not among them."""
        return np.full(len(self.index), self.studies.v0)


class Running:
    """Sums over the first n studies, for each of the positions n - 1 at `index`, in rising order at first."""

    def __init__(self, studies: Any, index: Array, start: Any = None, before: Any = None):
        self.studies, self.index = studies, index
        self.start = int(index.min(initial=0)) if start is None else start
        self.before = {} if before is None else before  # sums over the studies before `start`, by name and piece

    def taken(self, index: Array) -> Any:
        # a part of a block goes on with the sums before the block; a block of its own begins anew
        return Running(self.studies, self.index[index], self.start, self.before)

    def sums(self, names: Sequence[str], t: Array) -> Any:
        s, out = self.studies, np.empty((len(names), len(t)))
        piece, share = s.weights_at(t)
        for n in np.unique(piece):
            here = np.flatnonzero(piece == n)
            at, total = self.index[here] - self.start, np.zeros((len(names), len(here)))
            block = slice(self.start, self.start + at.max() + 1)
            for j, (node, node_share) in enumerate(zip(s.nodes(int(n)), share[:, here], strict=True)):
                w = 1.0 / (s.v[block] + node)
                for row, name in zip(total, names, strict=True):
                    running = np.cumsum(s.terms(name, w, block)) + self._before(name, int(n))[j]
                    row += node_share * running[at]
            out[:, here] = total
        return out

    def _before(self, name, piece):
        if (name, piece) not in self.before:
            s, block = self.studies, slice(0, self.start)
            sums = [s.terms(name, 1.0 / (s.v[block] + node), block).sum() for node in s.nodes(piece)]
            self.before[name, piece] = np.array(sums)
        return self.before[name, piece]

    def plain(self) -> tuple[Array, ...]:
        return tuple(np.cumsum(part)[self.index] for part in self.studies.plain())

    def smallest_and_largest(self) -> tuple[Array, Array]:
        v = self.studies.v
        return np.minimum.accumulate(v)[self.index], np.maximum.accumulate(v)[self.index]

    def precise(self) -> Array:
        return np.where(self.index >= self.studies.first, self.studies.v0, np.inf)


class Summed:
    """Many data sets around one mean, known by sums alone: the interface of `Mean`."""

    p = 1

    def __init__(self, source: Any, *plain: Any):
        if not plain:
            k, *sums = source.plain()
            plain = source.precise(), k.astype(int), *sums, *source.smallest_and_largest()
        self.source = source
        self.v0, self.k, self.s1, self.s2, self.sv, self.sv1, self.sv2, self.low, self.high = plain

    def take(self, index: Array) -> Summed:
        return Summed(self.source.taken(index), *(a[index] for a in self._plain()))

    def _plain(self):
        return self.v0, self.k, self.s1, self.s2, self.sv, self.sv1, self.sv2, self.low, self.high

    @property
    def df(self) -> Array:
        return self.k - 1

    def variances(self) -> tuple[Array, Array]:
        return self.low, self.high

    def _sums(self, t, *names):
        t = np.broadcast_to(t, self.v0.shape)
        a1, *rest = self.source.sums(("a1", *names), t)
        w0 = 1.0 / (self.v0 + t)
        return w0, a1, w0 + a1, *rest

    def q(self, t: Array) -> tuple[Array, Array]:
        w0, a1, total, a2, b1, b2, c1, c2 = self._sums(t, "a2", "b1", "b2", "c1", "c2")
        mean = b1 / total
        return (
            w0 * mean * mean + c1 - 2 * mean * b1 + mean * mean * a1,
            (w0 * mean) ** 2 + c2 - 2 * mean * b2 + mean * mean * a2,
        )

    def trace(self, t: Array) -> Array:
        w0, a1, total, a2 = self._sums(t, "a2")
        return w0 * a1 / total + a1 - a2 / total

    def moments(self, t: Array, restricted: bool = True) -> Moments:
        w0, a1, total, a2, a3, b1, b2, b3, c2, c3 = self._sums(t, "a2", "a3", "b1", "b2", "b3", "c2", "c3")
        mean = b1 / total
        z0, wz = -w0 * mean, b2 - mean * a2
        fall = z0 * z0 + c2 - 2 * mean * b2 + mean * mean * a2
        shift = (wz - z0 * a1) / total
        gone = z0 + shift
        bend = w0 * shift * shift + c3 - 2 * mean * b3 + mean * mean * a3 - 2 * gone * wz + gone * gone * a1
        if not restricted:
            return Moments(None, fall, bend, total, w0 * w0 + a2)
        share, lead = a2 / total, w0 * a1 / total
        trace2 = lead * lead + a2 - 2 * a3 / total + share * (2 * w0 * w0 / total + share)
        return Moments(None, fall, bend, lead + a1 - share, trace2)

    def log_likelihood(self, t: Array, restricted: bool = True) -> Array:
        w0, a1, total, b1, c1, logs = self._sums(t, "b1", "c1", "log")
        mean = b1 / total
        q = w0 * mean * mean + c1 - 2 * mean * b1 + mean * mean * a1
        logs = logs - np.log(np.where(w0 > 0, w0, 1.0))
        return -0.5 * (logs + q + (np.log(total) if restricted else 0.0))

    def coefficients(self, t: Array) -> tuple[Array, Array]:
        _, _, total, b1 = self._sums(t, "b1")
        return (self.source.studies.origin + b1 / total)[None], (1.0 / total)[None, None]

    def plain(self) -> tuple[Array, ...]:
        mean = self.s1 / self.k
        spread = self.sv2 - 2 * mean * self.sv1 + mean * mean * self.sv
        return self.s2 - self.s1**2 / self.k, self.sv * (self.k - 1) / self.k, spread

    def spread(self) -> Array:
        return self.plain()[0] / self.k

    def lossy(self) -> Array:
        """Which data sets would lose more than LOSS in a difference, at tau2 = 0 where it is worst."""
        zero = np.zeros(len(self.v0))
        with np.errstate(divide="ignore", invalid="ignore"):
            w0, a1, total, a2, c2 = self._sums(zero, "a2", "c2")
            trace = w0 * a1 / total + a1 - a2 / total
            kept = a1 < LOSS * trace
            if isinstance(self.source, Without):
                w = 1.0 / self.source.studies.v[self.source.index]
                y = self.source.studies.y[self.source.index]
                kept &= (w**2 < LOSS * a2) & ((w * y) ** 2 < LOSS * c2) & (y**2 < LOSS * self.s2)
                kept &= self.source.studies.v[self.source.index] < LOSS * self.sv
                kept &= self.source.index != self.source.studies.first
            else:
                kept &= self.source.index >= FIRST
        return ~kept


def split(kind: Any, y: Array, v: Array) -> tuple[list, Array]:
    """Return blocks of (positions, model) whose sums keep their digits, and the positions that need their rows."""
    studies, every = Studies(y, v), np.arange(len(y))
    blocks, few = [], []
    for i in range(0, len(y), BLOCK):
        whole = Summed(kind(studies, every[i : i + BLOCK]))
        lossy = whole.lossy()
        few.append(whole.source.index[lossy])
        if not lossy.all():
            blocks.append((whole.source.index[~lossy], whole.take(np.flatnonzero(~lossy))))
    return blocks, np.concatenate(few)


def rows_of(kind: Any, index: Array, y: Array) -> Array:
    """Return the effects of some data sets as rows, NaN where a study is not among them."""
    position = np.arange(len(y) if kind is Without else index.max() + 1)
    member = position != index[:, None] if kind is Without else position <= index[:, None]
    return np.where(member, y[: len(position)], np.nan)
