"""How often an interval holds the true mean, counted in syntheses made with a known one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .. import batch
from ..door import door, interval_rule
from ..errors import EvidenceError
from ..numeric import array
from ..results import Result, percent
from ..typed import Frame
from ..workers import each
from .intervals import check_rule, mean_interval
from .resampling import at_least, in_pieces


@dataclass(frozen=True, slots=True, repr=False)
class CoverageSimulation(Result):
    """How often the interval of each method and rule holds the true mean. ``to_frame()`` has a row per combination:
    method, ci, coverage, its Monte Carlo standard error `mcse`, and the mean `width` of the intervals.
    """

    k: int
    tau2: float
    n: int
    level: float
    lowest: float
    highest: float
    _table: Any = field(repr=False, compare=False)

    def to_frame(self) -> Frame:
        """Return one row per method and interval rule."""
        return self._table.copy()

    def __str__(self) -> str:
        low, high = f"{100 * self.lowest:.1f}%", f"{100 * self.highest:.1f}%"
        return (
            f"{percent(self.level)} intervals of {self.k} studies with tau2 {self.tau2:g} hold the true mean in {low}"
            + (f" to {high}" if low != high else "")
            + f" of {self.n} simulated syntheses"
        )


@door
def coverage_simulation(
    variance: Any,
    tau2: float,
    n: int = 10_000,
    *,
    methods: Sequence[str] = ("REML",),
    ci: Sequence[str] = ("wider", "hksj", "wald"),
    level: float = 0.95,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> CoverageSimulation:
    """Simulate syntheses of studies as precise as these and count how often intervals hold the true mean.

    Parameters
    ----------
    variance : sequence of float
        Squared standard errors of the studies, or of a meta-analysis that is planned.
    tau2 : float
        True between-study variance, in squared units of the effects.
    n : int
        Simulated syntheses, normal with the given variances.
    methods, ci : sequence of str
        As in `reviewlib.meta_analysis`. A common effect has one interval rule.
    level : float
    seed : int, optional
        Makes the simulation repeatable.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`). The result is the same for any number.

    Returns
    -------
    CoverageSimulation

    References
    ----------
    viechtbauer2007

    Examples
    --------
    >>> import reviewlib as rl
    >>> print(rl.coverage_simulation([0.02, 0.03, 0.01, 0.04], 0.05, 2000, seed=1).n)
    2000
    """
    v = np.asarray(array("variance", variance))
    if v.ndim != 1 or len(v) < 2 or not (np.isfinite(v).all() and (v > 0).all()):
        raise EvidenceError("variance is the squared standard error of two studies or more, each above zero")
    if not (np.isfinite(tau2) and tau2 >= 0):
        raise EvidenceError(f"tau2 is a variance, zero or above, got {tau2!r}")
    at_least(n, 100, "simulated syntheses")
    given = [[names] if isinstance(names, str) else list(names) for names in (methods, ci)]
    named = [batch.estimator_named(method).name for method in given[0]]
    rules = [interval_rule(rule) for rule in given[1]]
    for rule in rules:
        check_rule(rule, level)
    plans = [(method, rule) for method in named for rule in (("wald",) if method == "CE" else rules)]
    rng, sizes, spread = np.random.default_rng(seed), in_pieces(n, len(v)), np.sqrt(v + tau2)
    pieces = (rng.standard_normal((size, len(v))) * spread for size in sizes)
    what = v, plans, level
    found = each(partial(_covered, what), pieces, n_jobs if len(sizes) > 1 else 1, "simulated syntheses, in pieces")
    inside, width = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    share = inside.mean(axis=1)
    table = pd.DataFrame(plans, columns=["method", "ci"]).assign(
        coverage=share, mcse=np.sqrt(share * (1 - share) / n), width=width.mean(axis=1)
    )
    return CoverageSimulation(len(v), float(tau2), n, level, float(share.min()), float(share.max()), table)


def _covered(what, y):
    """Return, per method and rule, which intervals hold zero, the true mean, and how wide each is."""
    v, plans, level = what
    fits = {method: batch.fit(y, np.broadcast_to(v, y.shape), method) for method, _ in plans}
    limits = [mean_interval(fits[method], rule, level)[2:] for method, rule in plans]
    return np.array([(low <= 0) & (high >= 0) for low, high in limits]), np.array([b - a for a, b in limits])
