"""Bayesian random-effects synthesis by deterministic quadrature: no chains, no seed, the same digits every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr, sici

from .. import batch
from ..door import door, is_number
from ..errors import EvidenceError
from ..gate import measure_of
from ..nouns import count
from ..results import Interval, Result, percent
from ..typed import Studies
from . import wording
from .pooled import need_two
from .priors import LARGE, TauPrior
from .result import MetaAnalysis
from .rows import read_rows

POINTS = 801
CELLS = 2_000_000  # nodes times studies that are in memory together
LARGEST = 100_000  # studies
ENOUGH = 40  # nodes with mass, from which sums over them are exact to rounding
REACH = (-6.0, 4.0)  # tau from exp(-317) to exp(43) times its scale: a log-t prior has mass that far down


@dataclass(frozen=True, slots=True, repr=False)
class Bayesian(Result):
    """Posterior of the mean effect and of tau (effects on the analysis scale, ratios as logarithms).

    `estimate` is the posterior mean, `median` the median, `ci` the credible interval; `prediction` is for the true
    effect in a new study; tau has its median and interval.
    """

    measure: str | None
    k: int
    estimate: float
    median: float
    sd: float
    ci: Interval
    interval: str
    prediction: Interval
    tau: float
    tau_ci: Interval
    level: float
    prior: str
    _mixture: Any = field(repr=False, compare=False)

    def probability(self, threshold: float = 0.0, direction: str = "below", of: str = "mean") -> float:
        """Return the posterior probability that the mean (or, with ``of="new"``, a new study's true effect) lies
        beyond `threshold` (analysis scale): below or above it. With a smallest important difference as threshold this
        is the probability of an important benefit.
        """
        if direction not in ("below", "above") or of not in ("mean", "new"):
            raise EvidenceError('direction is "below" or "above", of is "mean" or "new"')
        mass, mean, sd, tau = self._mixture
        spread = sd if of == "mean" else np.hypot(sd, tau)
        below = _below(threshold, mass, mean, spread)
        return below if direction == "below" else 1 - below

    @property
    def methods(self) -> str:
        """The sentence for a methods section."""
        return (
            f"Bayesian normal random-effects model of {count(self.k, 'study')} by numerical quadrature; flat prior for "
            f"the mean; {self.prior} prior; {self.interval} {percent(self.level)} credible interval."
        )

    def __str__(self) -> str:
        mean, low, high = wording.figures(self.measure, self.estimate, *self.ci)
        return (
            f"{wording.heading(self.measure)} {mean} ({percent(self.level)} credible interval {low} to {high}; "
            f"{count(self.k, 'study')}; {self.prior})"
        )


@door
def bayesian(
    studies: Studies,
    prior: Any,
    *,
    mean_prior: Any = None,
    level: float = 0.95,
    interval: str = "equal-tailed",
    measure: str | None = None,
    **columns: Any,
) -> Bayesian:
    r"""Posterior of a random-effects model with a prior on the between-study standard deviation.

    Parameters
    ----------
    studies : DataFrame, dict of columns, or MetaAnalysis
        As in `reviewlib.meta_analysis`.
    prior : TauPrior or (family, parameter, ...)
        For instance ``("half-normal", 0.5)``, ``("half-cauchy", 0.3)``, ``("log-normal", mean, sd)`` and ``("log-t",
        location, scale)`` (both on tau2), or `reviewlib.synthesis.priors.empirical_prior`. Scales are in the unit of
        the effects: 0.5 is wide for a log odds ratio and absurdly narrow for points on a 0 to 100 scale.
    mean_prior : (mean, sd), optional
        Normal prior of the mean effect; flat unless given.
    level : float
    interval : {"equal-tailed", "shortest"}
    measure : str, optional
        Named in the sentence; ratios are shown back-transformed.

    Returns
    -------
    Bayesian

    Notes
    -----
    Given tau the mean is normal, so only tau is integrated:
    :math:`p(\tau \mid y) \propto p(\tau) L_R(\tau)` with the restricted likelihood for a flat prior. The double
    exponential rule :math:`\tau = c \exp(s\sinh u)` has 801 nodes, drawn together (:math:`s \le \pi/2`) where many
    studies make the posterior narrow; its error is at rounding level.

    References
    ----------
    roever2020; bender2018; turner2015; rhodes2015

    Examples
    --------
    >>> import reviewlib as rl
    >>> from reviewlib.synthesis import TauPrior
    >>> trials = {"estimate": [0.1, 0.3, 0.2], "variance": [0.02, 0.03, 0.01]}
    >>> print(rl.bayesian(trials, TauPrior("half-normal", (0.5,))))
    effect 0.19 (95% credible interval -0.12 to 0.52; 3 studies; half-normal(0.5) on tau, given by the analyst)
    """
    prior = prior if isinstance(prior, TauPrior) else _tau_prior(prior)
    mean_prior = None if mean_prior is None else _mean_prior(mean_prior)
    if interval not in ("equal-tailed", "shortest"):
        raise EvidenceError(f'interval must be "equal-tailed" or "shortest", got {interval!r}')
    measure = measure_of(studies, measure)
    rows = studies._rows if isinstance(studies, MetaAnalysis) else read_rows(studies, **columns)
    need_two(rows)
    if rows.k > LARGEST:
        raise EvidenceError(
            f"bayesian takes up to {LARGEST} studies, got {rows.k}: with so many the prior says nothing that "
            "meta_analysis does not"
        )
    posterior = _Posterior(rows.y, rows.v, prior, mean_prior)
    mass, mean, sd, tau = mixture = posterior.mixture()
    center = float(mass @ mean)
    spread = float(np.sqrt(mass @ (sd**2 + (mean - center) ** 2)))
    tail = (1 - level) / 2
    limits = [_quantile(p, mass, mean, sd) for p in (tail, 1 - tail)]
    if interval == "shortest":
        limits = _shortest(mixture, level)
    wide = np.hypot(sd, tau)
    ahead = Interval(*(_quantile(p, mass, mean, wide) for p in (tail, 1 - tail)))
    tau, *tau_limits = (posterior.tau_quantile(p) for p in (0.5, tail, 1 - tail))
    of_tau = {"tau": tau, "tau_ci": Interval(*tau_limits), "prior": str(prior), "_mixture": mixture}
    of_mean = {"estimate": center, "median": _quantile(0.5, mass, mean, sd), "sd": spread, "ci": Interval(*limits)}
    found: dict[str, Any] = {**of_mean, **of_tau, "interval": interval, "prediction": ahead}
    return Bayesian(measure=measure, k=rows.k, level=level, **found)


def _tau_prior(prior):
    """Return the TauPrior that a family and its parameters name."""
    try:
        family, *parameters = () if isinstance(prior, str) else prior
        return TauPrior(family, tuple(float(x) if is_number(x) else x for x in parameters))
    except (TypeError, ValueError) as problem:
        if isinstance(problem, EvidenceError):
            raise
        raise EvidenceError(
            f'prior is a TauPrior, or a family with its parameters, such as ("half-normal", 0.5); got {prior!r}'
        ) from None


def _mean_prior(prior):
    """Return mean and standard deviation of the prior of the mean effect, or refuse them."""
    try:
        mean, sd = (float(x) if is_number(x) else np.nan for x in prior)
    except (TypeError, ValueError):
        mean = sd = np.nan
    if not (np.isfinite(mean) and np.isfinite(sd) and 1 / LARGE <= sd <= LARGE and abs(mean) <= 1e12 * sd):
        raise EvidenceError(
            "mean_prior is (mean, standard deviation), both finite, the second above 0 and no less than a 1e-12th of "
            f"the first; got {prior!r}"
        )
    return mean, sd


class _Posterior:
    """The posterior of tau, integrated by the double-exponential rule at nodes that are equally spaced in u.

    The more studies, the narrower the posterior: the nodes are drawn together until enough of them carry its mass.
    """

    def __init__(self, y, v, prior, mean_prior):
        self.model = batch.model(y[None], v[None])
        self.prior, self.mean_prior, self.k = prior, mean_prior, len(y)
        self.scale, self.spread = float(np.sqrt(np.median(v))), np.pi / 2
        self.u = np.linspace(*REACH, POINTS)
        every = 1 if self.k <= 1000 else 10  # of many studies the place alone is looked for at fewer nodes
        for _ in range(6):
            u = self.u[::every]
            first = self._tau(u)
            log = self._log(first) + np.log(first)
            self.scale = float(first[np.argmax(log)])  # centre the rule on the posterior
            weight = log + np.log(np.cosh(u))
            carry = every * int((weight > weight.max() - 41).sum())
            if carry >= ENOUGH:
                break
            self.spread *= carry / (3 * ENOUGH)
        self.tau = self._tau(self.u)
        log = self._log(self.tau) + np.log(self.tau) + np.log(np.cosh(self.u))
        weight = np.exp(log - log.max())
        self.mass = weight / weight.sum()

    def _tau(self, u):
        return self.scale * np.exp(self.spread * np.sinh(u))

    def _given(self, tau):
        """Return the mean and sd of the mean effect given tau, and the log likelihood of tau."""
        mean, variance, log = (np.concatenate(x) for x in zip(*map(self._piece, self._pieces(tau)), strict=True))
        if self.mean_prior is not None:
            where, sd = self.mean_prior
            # the flat-prior integral is N(mean, variance) times a constant: fold the prior into it
            log = log - 0.5 * np.log(variance + sd**2) - 0.5 * (mean - where) ** 2 / (variance + sd**2)
            precision = 1 / variance + 1 / sd**2
            mean, variance = (mean / variance + where / sd**2) / precision, 1 / precision
        return mean, np.sqrt(variance), log

    def _pieces(self, tau):
        """Return nodes in pieces, so that nodes times studies stay few in memory."""
        return np.array_split(tau, -(-len(tau) * self.k // CELLS))

    def _piece(self, tau):
        many = self.model.take(np.zeros(len(tau), int))
        mean, variance = (x.reshape(-1) for x in many.coefficients(tau**2))
        return mean, variance, many.log_likelihood(tau**2)

    def _log(self, tau):
        return self.prior(tau) + self._given(tau)[2]

    def mixture(self):
        """Return the mass, conditional mean, conditional sd and tau of every node that matters."""
        keep = self.mass > 1e-18
        mean, sd, _ = self._given(self.tau[keep])
        return self.mass[keep] / self.mass[keep].sum(), mean, sd, self.tau[keep]

    def below(self, upper):
        """Return P(tau < upper): the integral of the band-limited function through the nodes, exact as their sum is."""
        place = np.arcsinh(np.log(upper / self.scale) / self.spread)
        return float(self.mass @ (0.5 + sici(np.pi * (place - self.u) / (self.u[1] - self.u[0]))[0] / np.pi))

    def tau_quantile(self, p):
        at = np.searchsorted(np.cumsum(self.mass), p)
        low, high = self.tau[max(at - 5, 0)], self.tau[min(at + 5, POINTS - 1)]
        while self.below(low) > p:
            low /= 2
        while self.below(high) < p:
            high *= 2
        return float(brentq(lambda x: self.below(x) - p, low, high, xtol=1e-300, rtol=1e-12))


def _below(x, mass, mean, sd) -> float:
    return float(mass @ ndtr((x - mean) / sd))


def _quantile(p, mass, mean, sd) -> float:
    center, reach = float(mass @ mean), float(np.sqrt(mass @ (sd**2)))
    low, high = center - reach, center + reach
    while _below(low, mass, mean, sd) > p:
        low -= 2 * (high - low)
    while _below(high, mass, mean, sd) < p:
        high += 2 * (high - low)
    # in units of the posterior's spread, so that the tolerance is relative
    gap = lambda z: _below(center + reach * z, mass, mean, sd) - p  # noqa: E731
    return center + reach * float(brentq(gap, (low - center) / reach, (high - center) / reach, xtol=1e-14, rtol=1e-14))


def _shortest(mixture, level):
    """Return the shortest interval that holds `level` of the posterior of the mean."""
    mass, mean, sd, _ = mixture

    def ends(p):
        return _quantile(p, mass, mean, sd), _quantile(p + level, mass, mean, sd)

    def length(p):
        low, high = ends(p)
        return high - low

    return ends(minimize_scalar(length, bounds=(0, 1 - level), method="bounded", options={"xatol": 1e-9}).x)
