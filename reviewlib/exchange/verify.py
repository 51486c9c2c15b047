"""The pools that a review prints, recomputed from the rows that were read: the proof that they were read rightly."""

from __future__ import annotations

import warnings
from math import exp, isclose

from ..errors import EvidenceError
from .incoming import PrintedPool

RATIOS = ("OR", "RR", "HR", "IRR", "ROM", "PETO")
# RevMan's own variance of an SMD differs from ours in the second order of 1/n.
LOOSE = {"SMD": 0.03}


def recomputed(pool: PrintedPool) -> tuple[float, float, float]:
    """Return estimate and limits by the method that the review names, on the scale people read.

    Notes
    -----
    A random-effects "Mantel-Haenszel" analysis of RevMan is the method of DerSimonian and Laird with Q taken around the
    Mantel-Haenszel estimate.

    References
    ----------
    mantel1959; veroniki2016
    """
    from ..synthesis import mantel_haenszel, meta_analysis, peto

    frame = _frame(pool.records)
    events = all(name in frame and frame[name].notna().all() for name in ("events_int", "n_int", "events_ctl", "n_ctl"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if events and pool.measure == "PETO":
            fit = peto(frame)
        elif events and pool.method == "MH" and not pool.random:
            fit = mantel_haenszel(frame, pool.measure)
        else:
            studies = _studies(frame, pool.measure)
            tau2 = _tau2_around(studies, mantel_haenszel(frame, pool.measure).estimate) if (
                events and pool.method == "MH"
            ) else None  # fmt: skip
            fit = meta_analysis(studies, method="DL" if pool.random else "CE", ci="wald", tau2=tau2)
    values = (fit.estimate, fit.ci.low, fit.ci.high)
    return tuple(exp(v) for v in values) if pool.measure in RATIOS else tuple(map(float, values))


def _frame(records):
    import pandas as pd

    names = ("events_int", "n_int", "events_ctl", "n_ctl", "mean_int", "sd_int", "mean_ctl", "sd_ctl", "estimate", "se")
    rows = [{name: float(r.get(name)) if r.get(name) else None for name in names} for r in records]
    frame = pd.DataFrame(rows, columns=list(names), dtype=float)
    frame["trial"] = [record.get("trial") for record in records]
    return frame.dropna(axis=1, how="all")


def _studies(frame, measure):
    from ..effects import MEASURES, effect_sizes

    known = MEASURES.get(measure)
    if known and known.formula and set(known.columns) <= set(frame.columns):
        return effect_sizes(frame.drop(columns=["estimate", "se"], errors="ignore"), measure)
    return effect_sizes(frame, "GEN", ratio=False)


def _tau2_around(studies, centre):
    used = studies[studies["excluded"].isna()]
    w = 1 / used["variance"].to_numpy(float)
    q = float((w * (used["estimate"].to_numpy(float) - centre) ** 2).sum())
    return max(0.0, (q - (len(w) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def verdict(pool: PrintedPool) -> str:
    """Return one line that says what the review printed, what comes of the rows, and whether they agree."""
    printed = (pool.estimate, pool.ci_low, pool.ci_high)
    text = "{:.3g} ({:.3g} to {:.3g})".format(*printed)
    try:
        ours = recomputed(pool)
    except EvidenceError as error:
        return (
            f"analysis {pool.title}: the file's own pool {text} could not be recomputed ({str(error).splitlines()[0]})"
        )
    mine = "{:.3g} ({:.3g} to {:.3g})".format(*ours)
    width = abs(pool.ci_high - pool.ci_low)
    near = LOOSE.get(pool.measure, 0.005)
    agree = all(isclose(a, b, rel_tol=near / 5, abs_tol=near * width) for a, b in zip(ours, printed, strict=True))
    said = "they agree" if agree else "THEY DISAGREE: look at the rows before using them"
    return f"analysis {pool.title}: the file's own pool {pool.measure} {text}, recomputed from its rows {mine}: {said}"
