"""The pools that a review prints, recomputed from the rows that were read: the proof that they were read rightly.

The arithmetic is RevMan 5's own, which differs from ours in small print: where 0.5 is added, which studies are not
estimable, the variance of an SMD and of a Mantel-Haenszel risk difference, and the centre of Q.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from scipy.special import ndtri

from ..errors import EvidenceError
from ..measures import is_ratio
from ..synthesis.counts import POOL
from .incoming import PrintedPool


@np.errstate(all="ignore")  # what has no effect is left out; a pool beyond all numbers disagrees
def recomputed(pool: PrintedPool) -> tuple[float, ...]:
    r"""Return estimate and limits by the method that the review names, on the scale people read.

    Parameters
    ----------
    pool : PrintedPool
        The pool with the rows it was made from.

    Raises
    ------
    EvidenceError
        No row has an effect, so that there is nothing to pool.

    Notes
    -----
    Counts with a zero cell get 0.5 in all four cells, also within the Mantel-Haenszel sums; a risk difference gets it
    in its variance only, Peto's odds ratio never. Studies without any event have no RR, OR or Peto OR; studies with
    events only have no OR and no Peto OR. The SMD is Hedges' g with the correction :math:`1 - 3/(4N - 9)` and the
    variance :math:`N/(n_1 n_2) + g^2 / (2(N - 3.94))`. Random effects are DerSimonian and Laird's, with Q around the
    Mantel-Haenszel estimate where that is the method, else around the inverse-variance one.

    References
    ----------
    mantel1959; greenland1985; dersimonian1986; yusuf1985
    """
    y, v, pooled = _effects(pool)
    usable = np.isfinite(y) & np.isfinite(v) & (v > 0)
    y, v = y[usable], v[usable]
    if not y.size:
        raise EvidenceError("no row has an effect that can be estimated")
    if pool.random or pooled is None:
        pooled = _weighted(y, v + (_tau2(y, v, _weighted(y, v)[0] if pooled is None else pooled[0]) * pool.random))
    mean, se = pooled
    half = ndtri(0.5 + pool.level / 2) * se
    values = np.array([mean, mean - half, mean + half])
    return tuple(map(float, np.exp(values) if is_ratio(pool.measure) else values))


def _weighted(y, v):
    return (y / v).sum() / (1 / v).sum(), (1 / v).sum() ** -0.5


def _tau2(y, v, centre):
    w, df = 1 / v, len(y) - 1
    excess = (w * (y - centre) ** 2).sum() - df
    return max(0.0, excess / (w.sum() - (w**2).sum() / w.sum())) if df else 0.0


def _effects(pool):
    """Return effects and variances of the estimable studies, and the Mantel-Haenszel mean and SE where it is used."""

    def columns(*names):
        return np.array([[float(r.get(name) or "nan") for r in pool.records] for name in names])

    said = np.array([record.get("estimable") != "NO" for record in pool.records])
    if pool.measure in _COUNTS:
        a, n1, c, n2 = columns("events_int", "n_int", "events_ctl", "n_ctl")
        if np.isfinite(a).any():
            return _from_counts(np.array([a, n1 - a, c, n2 - c]), said, pool)
    if pool.measure in ("MD", "SMD"):
        m1, s1, n1, m2, s2, n2 = columns("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
        if np.isfinite(m1).any():
            return *_from_means(m1, s1, n1, m2, s2, n2, pool.measure == "SMD"), None
    y, se = columns("estimate", "se")
    known = np.isfinite(y) & (se > 0)
    return y[known], se[known] ** 2, None


def _from_means(m1, s1, n1, m2, s2, n2, standardized):
    known = np.isfinite(m1 - m2) & (s1 > 0) & (s2 > 0) & (n1 > 0) & (n2 > 0)
    m1, s1, n1, m2, s2, n2 = (x[known] for x in (m1, s1, n1, m2, s2, n2))
    if not standardized:
        return m1 - m2, s1**2 / n1 + s2**2 / n2
    n = n1 + n2
    g = (m1 - m2) / np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n - 2)) * (1 - 3 / (4 * n - 9))
    return g, n / (n1 * n2) + g**2 / (2 * (n - 3.94))


def _odds(a, b, c, d):
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def _risk(a, b, c, d):
    return np.log(a / (a + b) * (c + d) / c), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def _difference(a, b, c, d):
    return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3


def _peto(a, b, c, d):
    n1, n2, events, n = a + b, c + d, a + c, a + b + c + d
    v = n1 * n2 * events * (b + d) / (n**2 * (n - 1))
    return (a - n1 * events / n) / v, 1 / v


_COUNTS = {"OR": _odds, "RR": _risk, "RD": _difference, "PETO": _peto}


def _from_counts(cells, said, pool):
    a, b, c, d = cells
    none, all_ = a + c == 0, b + d == 0
    # Programs differ over a risk ratio of 20/20 against 20/20; the file says what it did.
    silent = {"RR": none | (all_ & ~said), "RD": none & False}.get(pool.measure, none | all_)
    cells = cells[:, np.isfinite(cells).all(0) & (cells >= 0).all(0) & (a + b > 0) & (c + d > 0) & ~silent]
    effect = _COUNTS[pool.measure]
    corrected = cells + 0.5 * (cells == 0).any(0) * (pool.measure != "PETO")
    y, v = effect(*corrected)
    if pool.measure == "RD":
        y = effect(*cells)[0]
    if pool.method != "MH" or not y.size or pool.measure == "PETO":
        return y, v, None
    if pool.measure != "RD":
        return y, v, POOL[pool.measure](*corrected)
    a, b, c, d = corrected
    weight = (a + b) * (c + d) / corrected.sum(0)
    return y, v, ((weight * y).sum() / weight.sum(), np.sqrt((weight**2 * v).sum()) / weight.sum())


def verdict(pool: PrintedPool) -> str:
    """Return one line that says what the review printed, what comes of the rows, and whether they agree.

    They agree when they differ by no more than the rounding of what was printed.
    """
    printed = np.array([pool.estimate, pool.ci_low, pool.ci_high])
    text = _three(printed)
    try:
        if not np.isfinite(printed).all():
            raise EvidenceError("it holds no number")
        ours = recomputed(pool)
    except EvidenceError as error:
        return f"analysis {pool.title}: the file's own pool {text} could not be recomputed ({error})"
    rounding = 0.5 * 10.0 ** max(min(Decimal(repr(float(x))).as_tuple().exponent for x in printed), -15)
    allowed = 1.001 * rounding + 1e-6 * np.maximum(np.abs(printed), np.ptp(printed))
    agree = np.isfinite(ours).all() and np.all(np.abs(printed - ours) <= allowed)
    said = "they agree" if agree else "THEY DISAGREE: look at the rows before using them"
    return (
        f"analysis {pool.title}: the file's own pool {pool.measure} {text}, recomputed from its rows {_three(ours)}: "
        f"{said}"
    )


def _three(values) -> str:
    return "{:.3g} ({:.3g} to {:.3g})".format(*values)
