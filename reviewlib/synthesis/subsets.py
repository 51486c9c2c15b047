"""GOSH: the synthesis of every subset of the studies, or of many drawn at random."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .. import batch
from ..door import door
from ..errors import EvidenceError
from ..results import Result
from ..typed import Frame, Studies
from ..workers import each
from . import wording
from .reruns import plan

MOST = 1 << 22  # all subsets of 22 studies
PIECE = 60_000
BITS = 1 << 32  # subsets times studies that are kept, one bit each: 512 MB
CELLS = 2_000_000  # subsets times studies that are in memory together


@dataclass(frozen=True, slots=True, repr=False)
class Gosh(Result):
    """Fits of many subsets; the arrays share their order, `include` is (subsets, k) and true where a study is in.

    Look for more than one cloud: a subset of studies that tells another story.
    """

    measure: str | None
    method: str
    k: int
    subsets: int
    labels: tuple
    size: np.ndarray = field(repr=False, compare=False)
    estimate: np.ndarray = field(repr=False, compare=False)
    tau2: np.ndarray = field(repr=False, compare=False)
    i2: np.ndarray = field(repr=False, compare=False)
    h2: np.ndarray = field(repr=False, compare=False)
    q: np.ndarray = field(repr=False, compare=False)
    _codes: Any = field(repr=False, compare=False)

    @property
    def include(self) -> np.ndarray:
        return _members(self._codes, self.k)

    def to_frame(self) -> Frame:
        """Return one row a subset: its size, estimate, tau2, i2, h2, q, and a true/false column a study."""
        names = ("size", "estimate", "tau2", "i2", "h2", "q")
        frame = pd.DataFrame({name: getattr(self, name) for name in names})
        return pd.concat([frame, pd.DataFrame(self.include, columns=list(self.labels))], axis=1)

    def _row(self) -> dict:
        low, middle, high = np.quantile(self.estimate, [0.025, 0.5, 0.975]).tolist()
        done = {"method": self.method, "k": self.k, "subsets": self.subsets}
        return done | {"estimate_low": low, "estimate_median": middle, "estimate_high": high}

    def __str__(self) -> str:
        low, middle, high = wording.figures(self.measure, *np.quantile(self.estimate, [0.025, 0.5, 0.975]).tolist())
        return (
            f"{wording.heading(self.measure)} over {self.subsets} subsets of {self.k} studies: median {middle}, "
            f"95% of them between {low} and {high}"
        )


@door
def gosh(
    studies: Studies,
    subsets: Any = "all",
    *,
    seed: int | None = None,
    method: str | None = None,
    measure: str | None = None,
    n_jobs: int | None = None,
    **columns: Any,
) -> Gosh:
    """Pool the subsets of the studies.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`.
    subsets : "all" or int
        Every non-empty subset (2**k - 1 of them, up to 22 studies), or this many different ones drawn at random.
        A number not below 2**k - 1 means all.
    seed : int, optional
        Makes a random draw repeatable.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.
    method : str, optional
        Estimator, as in `reviewlib.meta_analysis`; by default that of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    Gosh
        One row a subset with its estimate, tau2, I2 and Q.

    References
    ----------
    olkin2012

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(len(rl.gosh(trials).to_frame()))
    15
    """
    how = plan(studies, method, measure=measure, **columns)
    rows = how.rows
    codes = _draw(rows.k, subsets, seed)
    lean = rows.y, rows.v, how.method, how.tau2
    step = max(min(PIECE, CELLS // rows.k), 1)
    pieces = [codes[i : i + step] for i in range(0, len(codes), step)]
    fits = each(partial(_fit, lean), pieces, n_jobs if len(pieces) > 1 else 1, "subsets, in pieces")
    arrays = [np.concatenate(column) for column in zip(*fits, strict=True)]
    return Gosh(how.measure, how.method, rows.k, len(codes), tuple(rows.used_labels), *arrays, codes)


def _draw(k, subsets, seed):
    """Return the subsets as rows of packed bits."""
    total = 2**k - 1
    if subsets == "all" or (isinstance(subsets, (int, np.integer)) and subsets >= total):
        if total > MOST:
            raise EvidenceError(f"{k} studies have 2**{k} - 1 subsets: ask for a number of them, as subsets=100000")
        return _pack(_bits(np.arange(1, total + 1), k))
    if isinstance(subsets, bool) or not isinstance(subsets, (int, np.integer)) or subsets < 1:
        raise EvidenceError(f'subsets must be "all" or a positive number, got {subsets!r}')
    if subsets * k > BITS:
        raise EvidenceError(f"{subsets} subsets of {k} studies are too many to keep: ask for at most {BITS // k}")
    rng = np.random.default_rng(seed)
    if total <= MOST:
        return _pack(_bits(rng.choice(total, subsets, replace=False) + 1, k))
    # different in the first 62 studies is different
    codes = np.empty(0, np.int64)
    while len(codes) < subsets:
        codes = np.union1d(codes, rng.integers(1, 2 ** min(k, 62), subsets))
    bits = _bits(rng.permutation(codes)[:subsets], min(k, 62))
    step = max(CELLS // k, 1)
    rest = [
        _pack(np.hstack([bits[i : i + step], rng.random((len(bits[i : i + step]), max(k - 62, 0))) < 0.5]))
        for i in range(0, subsets, step)
    ]
    return np.concatenate(rest)


def _bits(codes, k):
    return ((codes[:, None] >> np.arange(k)) & 1).astype(bool)


def _pack(include):
    return np.packbits(include, axis=1)


def _members(codes, k):
    return np.unpackbits(codes, axis=1, count=k).astype(bool)


def _fit(how, codes):
    y, v, method, tau2 = how
    member = _members(codes, len(y))
    fit = batch.fit(np.where(member, y, np.nan), np.broadcast_to(v, member.shape), method, tau2=tau2)
    return fit.k, fit.estimate, fit.tau2, fit.i2, fit.h2, fit.q
