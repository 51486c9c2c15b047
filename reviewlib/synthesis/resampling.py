"""The same synthesis of other draws: without each two studies, of studies drawn again.

Draws are made in pieces by one generator, one after the other, before anybody fits them: the digits do not depend on
how many processes share the work, nor on how large the pieces are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from .. import batch
from ..door import door
from ..errors import EvidenceError
from ..results import Interval, Result, percent
from ..typed import Frame, Studies
from ..workers import each
from . import wording
from .reruns import Rerun, plan, rerun_of

CELLS = 2_000_000  # studies of all draws that are in memory together
PAIRS = 2_000_000


@door
def leave_two_out(
    studies: Studies,
    *,
    method: str | None = None,
    ci: Any = None,
    level: float | None = None,
    measure: str | None = None,
    n_jobs: int | None = None,
    **columns: Any,
) -> Rerun:
    """Pool again without each pair of studies: two that agree can hide behind each other when one is left out.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.leave_one_out`.
    method, ci, level : optional
        As in `reviewlib.meta_analysis`; by default those of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    Rerun
        One row per pair, named by both.

    References
    ----------
    viechtbauer2010b

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5], "variance": [0.02, 0.03, 0.01, 0.04]}
    >>> print(rl.leave_two_out(trials).to_frame()["estimate"].round(3).tolist())
    [0.3, 0.386, 0.225, 0.275, 0.167, 0.18]
    """
    how = plan(studies, method, ci, level, measure, **columns)
    k = how.rows.k
    if k < 4 or k * (k - 1) // 2 > PAIRS:
        raise EvidenceError(f"leave_two_out takes 4 to 2000 studies, got {k}: use leave_one_out")
    pairs = np.array(list(combinations(range(k), 2)))
    step = max(CELLS // k, 1)
    what = how.rows.y, how.rows.v, how.method, how.tau2
    pieces = [pairs[i : i + step] for i in range(0, len(pairs), step)]
    fits = each(partial(_without, what), pieces, n_jobs if len(pieces) > 1 else 1, "pairs left out, in pieces")
    named = how.rows.used_labels
    return rerun_of("leave-two-out", how, [f"{named[a]} and {named[b]}" for a, b in pairs], _joined(fits))


def _without(what, pairs):
    y, v, method, tau2 = what
    left = np.repeat(y[None], len(pairs), axis=0)
    np.put_along_axis(left, pairs, np.nan, axis=1)
    return batch.fit(left, np.broadcast_to(v, left.shape), method, tau2=tau2)


def _joined(fits):
    names = [part.name for part in fields(batch.Batch) if part.name not in ("method", "cov")]
    return batch.Batch(fits[0].method, *(np.concatenate([getattr(fit, name) for fit in fits]) for name in names))


@dataclass(frozen=True, slots=True, repr=False)
class Bootstrap(Result):
    """Estimates of studies drawn again with replacement: `ci` and `tau2_ci` hold their middle share.

    ``to_frame()`` has the columns estimate and tau2, one row per draw.
    """

    measure: str | None
    method: str
    k: int
    draws: int
    level: float
    estimate: float
    se: float
    ci: Interval
    tau2: float
    tau2_ci: Interval
    _drawn: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row per draw."""
        return pd.DataFrame(self._drawn, columns=["estimate", "tau2"])

    def __str__(self) -> str:
        mean, low, high = wording.figures(self.measure, self.estimate, *self.ci)
        name = wording.heading(self.measure, otherwise="the estimate")
        shown = f"{name} {mean} ({percent(self.level)} bootstrap interval {low} to {high}; "
        return f"{shown}{self.draws} draws of {self.k} studies)"


@door
def bootstrap(
    studies: Studies,
    n: int = 2000,
    *,
    seed: int | None = None,
    method: str | None = None,
    level: float | None = None,
    measure: str | None = None,
    n_jobs: int | None = None,
    **columns: Any,
) -> Bootstrap:
    """Percentile intervals of the mean and of tau2 from studies drawn again with replacement.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`. Five at least: fewer have too few different draws.
    n : int
        Draws.
    seed : int, optional
        Makes the draws repeatable.
    method, level : optional
        As in `reviewlib.meta_analysis`; by default those of the fit.
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    Bootstrap
        With few studies its interval is too narrow: it shows how the answer depends on them, and replaces no `ci`.

    References
    ----------
    viechtbauer2007

    Examples
    --------
    >>> import reviewlib as rl
    >>> trials = {"estimate": [0.1, 0.3, 0.2, 0.5, 0.4], "variance": [0.02, 0.03, 0.01, 0.04, 0.02]}
    >>> print(rl.bootstrap(trials, 500, seed=1).draws)
    500
    """
    how = plan(studies, method, None, level, measure, **columns)
    k = how.rows.k
    if k < 5:
        raise EvidenceError(f"a bootstrap takes at least 5 studies, got {k}: use the interval of meta_analysis")
    at_least(n, 100, "draws")
    rng, what = np.random.default_rng(seed), (how.rows.y, how.rows.v, how.method, how.tau2)
    sizes = in_pieces(n, k)
    pieces = ((rng.random((size, k)) * k).astype(np.int32) for size in sizes)
    fits = each(partial(_again, what), pieces, n_jobs if len(sizes) > 1 else 1, "draws, in pieces")
    drawn, whole = np.concatenate(fits), how.whole()
    tail = (1 - how.level) / 2
    ci, tau2_ci = (Interval(*map(float, np.quantile(column, [tail, 1 - tail]))) for column in drawn.T)
    first = float(whole.estimate[0]), float(drawn[:, 0].std(ddof=1)), ci
    return Bootstrap(how.measure, how.method, k, n, how.level, *first, float(whole.tau2[0]), tau2_ci, drawn)


def _again(what, rows):
    y, v, method, tau2 = what
    fit = batch.fit(y[rows], v[rows], method, tau2=tau2)
    return np.column_stack([fit.estimate, fit.tau2])


def at_least(n: int, least: int, what: str) -> None:
    """Refuse fewer draws than an answer needs."""
    if n < least:
        raise EvidenceError(f"n is the number of {what}, at least {least}; got {n}")


def in_pieces(n: int, k: int) -> list[int]:
    """Return how many of n draws of k studies are made at a time."""
    step = max(CELLS // k, 1)
    return [min(step, n - i) for i in range(0, n, step)]
