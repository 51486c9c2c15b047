"""Estimators of the between-study variance: one record each (function, label, source, standard error)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..errors import EvidenceError
from ..typed import Array
from . import likelihood, tau2


@dataclass(frozen=True, slots=True)
class Estimator:
    """One estimator of tau2.

    Parameters
    ----------
    name, label : str
        As in calls, and in the sentence of a methods section.
    function : callable
        Takes a `Mean` or `Regression` of many data sets; returns tau2 and whether it converged, one of each per set.
    se : callable, optional
        Takes the weights 1 / (v + tau2), the variances v, the effects y and tau2; returns the asymptotic variance of
        tau2. None where there is none (a common effect).
    source : str
        Where estimator and standard error are given: ids of sources.csv.
    spellings : tuple of str
        Names by which people and programs call it, beside these two.
    """

    name: str
    label: str
    function: Callable
    se: Callable | None
    source: str
    spellings: tuple[str, ...] = ()


def _restricted(w, v, y, tau2):
    s1, s2, s3 = (np.sum(w**p) for p in (1, 2, 3))
    return 2 / (s2 - 2 * s3 / s1 + (s2 / s1) ** 2)


def _unrestricted(w, v, y, tau2):
    return 2 / np.sum(w**2)


def _generalised_q(w, v, y, tau2):
    k = len(w)
    return 2 * k**2 / (k - 1) / w.sum() ** 2


def _moments(base, scale):
    """Variance of an estimator that sets the Q of fixed weights to its expectation, of which tau2 has slope `scale`.

    With P = W - w w' / sum(w), the variance of y'Py is 2 tr(PVPV) + 4 tau2 tr(PVP) + 2 tau2^2 tr(PP); the traces are
    written as sums, so that no k x k matrix is built.
    """

    def variance(w, v, y, tau2):
        u = base(v, y)
        s1, s2, s3 = (np.sum(u**p) for p in (1, 2, 3))
        uv = np.sum(u**2 * v)
        pvpv = np.sum((u * v) ** 2) - 2 * np.sum(u**3 * v**2) / s1 + (uv / s1) ** 2
        pvp = uv - 2 * np.sum(u**3 * v) / s1 + s2 * uv / s1**2
        pp = s2 - 2 * s3 / s1 + (s2 / s1) ** 2
        return (2 * pvpv + 4 * tau2 * pvp + 2 * tau2**2 * pp) / scale(u, v, y) ** 2

    return variance


def _sidik_jonkman_slope(u, v, y):
    start = np.var(y)
    return (len(y) - 1) / start if start > 0 else np.inf


_inverse = lambda v, y: 1 / v  # noqa: E731
_se_dl = _moments(_inverse, lambda u, v, y: u.sum() - np.sum(u**2) / u.sum())
_se_hs = _moments(_inverse, lambda u, v, y: np.sum(1 / v))
_se_he = _moments(lambda v, y: np.ones_like(v), lambda u, v, y: len(y) - 1)
_se_sj = _moments(lambda v, y: 1 / (v + np.var(y)), _sidik_jonkman_slope)


def _ml(model):
    return likelihood.maximise(model, restricted=False)


_COMMON = ("FE", "EE", "common", "fixed", "common effect", "fixed effect", "equal effects")
# Morris' empirical Bayes estimator has the estimating equation of Paule and Mandel.
_LIKE_PM = tau2.paule_mandel, _generalised_q
_RECORDS = (
    ("CE", "common-effect model", tau2.common_effect, None, "higgins2024ch10", _COMMON),
    ("DL", "DerSimonian-Laird", tau2.dersimonian_laird, _se_dl, "dersimonian1986", ("DerSimonian and Laird",)),
    ("PM", "Paule-Mandel", *_LIKE_PM, "paule1982", ("Paule and Mandel", "MP")),
    ("REML", "restricted maximum likelihood (REML)", likelihood.maximise, _restricted, "viechtbauer2010"),
    ("ML", "maximum likelihood", _ml, _unrestricted, "viechtbauer2010"),
    ("EB", "empirical Bayes", *_LIKE_PM, "veroniki2016"),
    ("HE", "Hedges", tau2.hedges, _se_he, "veroniki2016", ("Hedges-Olkin", "VC", "CA")),
    ("HS", "Hunter-Schmidt", tau2.hunter_schmidt, _se_hs, "veroniki2016"),
    ("SJ", "Sidik-Jonkman", tau2.sidik_jonkman, _se_sj, "veroniki2016"),
)
ESTIMATORS = {record[0]: Estimator(*record) for record in _RECORDS}


def estimator_named(name: str) -> Estimator:
    """Return the Estimator, however it is spelled ("reml", "FE", "DerSimonian-Laird"), or refuse with those known."""
    if isinstance(name, str) and name in ESTIMATORS:
        return ESTIMATORS[name]
    if isinstance(name, str):
        text = _squeezed(name)
        for known in ESTIMATORS.values():
            if text in map(_squeezed, (known.name, known.label.partition(" (")[0], *known.spellings)):
                return known
    raise EvidenceError(f"unknown method {name!r}: choose from {', '.join(ESTIMATORS)}")


@cache
def _squeezed(text):
    return "".join(sign for sign in text.upper() if sign.isalnum())


def tau2_se(y: Array, v: Array, method: Any, tau2: Any) -> float | None:
    """Return the asymptotic standard error of tau2 under an estimator; None for a common effect and a single study.

    Parameters
    ----------
    y, v : ndarray (k,)
        Effects and variances.
    method : str
    tau2 : float
        The estimate, in squared units of the effects.

    Notes
    -----
    The formulas are those of metafor: inverse expected information for REML and ML, the variance of the estimating
    equation for the others.

    References
    ----------
    viechtbauer2010
    """
    se = estimator_named(method).se
    if se is None or len(y) < 2:
        return None
    return float(np.sqrt(se(1 / (v + tau2), v, y, tau2)))
