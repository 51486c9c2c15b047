"""Exact conditional inference for a common odds ratio across 2x2 tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from ..errors import EvidenceError
from ..nouns import count
from ..results import Interval, Result, percent
from ..typed import Array


@dataclass(frozen=True, slots=True, repr=False)
class ExactTest(Result):
    """Exact test that the common odds ratio is one, with the conditional maximum likelihood estimate and limits."""

    odds_ratio: float
    ci: Interval
    pvalue: float
    level: float
    k: int

    def __str__(self) -> str:
        low, high = self.ci
        return (
            f"OR {self.odds_ratio:.2f} (exact {percent(self.level)} CI {low:.2f} to {high:.2f}, P = {self.pvalue:.3g}; "
            f"{count(self.k, 'study')})"
        )


def exact_test(a: Array, b: Array, c: Array, d: Array, level: float = 0.95) -> ExactTest:
    r"""Return the exact conditional test of the tables [[a, b], [c, d]] (arrays of whole numbers).

    Notes
    -----
    Given all margins the sum of `a` follows a convolution of noncentral hypergeometric distributions with the common
    odds ratio as parameter. The P value adds all outcomes no more likely than the one seen (with R's allowance of
    1e-7); the limits put (1 - level) / 2 in each tail. The method of R's ``mantelhaen.test(exact = TRUE)``.
    """
    logs, low = _support(a, b, c, d)
    seen = round(float(a.sum())) - low
    values = np.arange(len(logs)) + low
    if len(logs) == 1:
        raise EvidenceError("the exact test needs a table with both events and people without")
    p = _density(logs, values, 0.0)
    tail = (1 - level) / 2
    top = len(logs) - 1
    estimate = 0.0 if seen == 0 else np.inf if seen == top else np.exp(_solve(logs, values, _mean, float(values[seen])))
    high = np.inf if seen == top else np.exp(_solve(logs, values, _upto(seen), tail))
    below = 0.0 if seen == 0 else np.exp(_solve(logs, values, _upto(seen - 1), 1 - tail))
    pvalue = float(min(1.0, p[p <= p[seen] * (1 + 1e-7)].sum()))
    return ExactTest(float(estimate), Interval(float(below), float(high)), pvalue, level, len(a))


def _support(a, b, c, d):
    """Return the log weights of every possible sum at odds ratio 1, and the smallest sum."""
    logs, low = np.zeros(1), 0
    for n1, n2, events in zip(a + b, c + d, a + c, strict=True):
        least, most = max(0.0, events - n2), min(n1, events)
        x = np.arange(least, most + 1)
        one = -(gammaln(x + 1) + gammaln(n1 - x + 1) + gammaln(events - x + 1) + gammaln(n2 - events + x + 1))
        logs, low = _convolved(logs, one - one.max()), low + round(least)
    return logs, low


def _convolved(a, b):
    """Convolve on the log scale, so that far tails do not vanish."""
    if len(a) > len(b):
        a, b = b, a
    out = np.full((len(a), len(a) + len(b) - 1), -np.inf)
    for i, one in enumerate(a):
        out[i, i : i + len(b)] = one + b
    return np.logaddexp.reduce(out, axis=0)


def _density(logs, values, log_odds):
    z = logs + values * log_odds
    p = np.exp(z - z.max())
    return p / p.sum()


def _mean(p, values):
    return (p * values).sum()


def _upto(index):
    return lambda p, values: p[: index + 1].sum()


def _solve(logs, values, summary, target):
    """Return the log odds ratio at which a monotone summary of the distribution equals `target`."""
    from scipy.optimize import brentq

    def gap(log_odds):
        return summary(_density(logs, values, log_odds), values) - target

    reach = 1.0
    while gap(-reach) * gap(reach) > 0:
        reach *= 2
    return brentq(gap, -reach, reach, xtol=1e-14, rtol=1e-14)
