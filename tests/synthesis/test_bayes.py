"""The quadrature against brute-force integration, closed forms, and its own identities."""

from functools import cache

import numpy as np
import pytest
from scipy import integrate, special, stats

import reviewlib as rl
from reviewlib.synthesis.priors import COMPARISONS, TauPrior, empirical_prior

FOUR = {"estimate": [0.1, 0.45, -0.2, 0.6], "variance": [0.02, 0.05, 0.04, 0.1]}
PRIORS = [("half-normal", 0.5), ("half-cauchy", 0.3), ("log-normal", -2.56, 1.74), ("log-t", -3.44, 2.59)]


def brute(studies, prior, limit):
    """Posterior mean, P(mean < 0.1), P(tau < limit) by adaptive integration over tau and nothing of ours."""
    y, v = (np.array(studies[name]) for name in ("estimate", "variance"))

    @cache  # the integrals below share most of their points
    def joint(tau):
        w = 1 / (v + tau**2)
        m = (w * y).sum() / w.sum()
        like = np.prod(np.sqrt(w)) / np.sqrt(w.sum()) * np.exp(-0.5 * (w * (y - m) ** 2).sum())
        return like * prior(tau), m, w.sum() ** -0.5

    def total(f, high=1e18):
        # over the logarithm of tau: the log-t prior has an integrable peak at zero
        cuts = [x for x in (-320, -100, -40, -20, -12, -8, -5, -3, -2, -1, 0, 1, 3, 8, 20) if x < np.log(high)]
        cuts += [np.log(high)]
        options = {"epsabs": 1e-16, "epsrel": 1e-12, "limit": 400}
        pieces = zip(cuts[:-1], cuts[1:], strict=True)
        return sum(integrate.quad(lambda x: f(np.exp(x)) * np.exp(x), a, b, **options)[0] for a, b in pieces)

    z = total(lambda t: joint(t)[0])
    mean = total(lambda t: joint(t)[0] * joint(t)[1]) / z
    below = total(lambda t: joint(t)[0] * special.ndtr((0.1 - joint(t)[1]) / joint(t)[2])) / z
    return mean, below, total(lambda t: joint(t)[0], limit) / z


DENSITY = {
    "half-normal": lambda s: stats.halfnorm(scale=s).pdf,
    "half-cauchy": lambda s: stats.halfcauchy(scale=s).pdf,
    "log-normal": lambda m, s: lambda t: stats.lognorm(s, scale=np.exp(m)).pdf(t**2) * 2 * t,
    "log-t": lambda m, s: lambda t: stats.t(5, m, s).pdf(np.log(t**2)) * 2 / t,
}


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: p[0])
def test_agrees_with_brute_force(prior):
    got = rl.bayesian(FOUR, prior)
    mean, below, tau_below = brute(FOUR, DENSITY[prior[0]](*prior[1:]), got.tau_ci.high)
    assert got.estimate == pytest.approx(mean, rel=1e-9)
    assert got.probability(0.1) == pytest.approx(below, rel=1e-9)
    assert got.probability(0.1, "above") == pytest.approx(1 - below, rel=1e-9)
    low, high = got.ci
    assert (got.probability(low), got.probability(high)) == pytest.approx((0.025, 0.975), rel=1e-10)
    assert tau_below == pytest.approx(0.975, rel=1e-9)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: p[0])
def test_priors_are_densities_of_tau(prior):
    tau = TauPrior(prior[0], prior[1:])
    grid = np.array([0.01, 0.1, 0.5, 2.0])
    np.testing.assert_allclose(np.exp(tau(grid)), DENSITY[prior[0]](*prior[1:])(grid), rtol=1e-12)


def test_no_heterogeneity_is_the_common_effect():
    got = rl.bayesian(FOUR, ("half-normal", 1e-6))
    want = rl.meta_analysis(FOUR, method="CE")
    assert (got.estimate, got.sd) == pytest.approx((want.estimate, want.se), rel=1e-8)
    assert got.ci == pytest.approx(want.ci, rel=1e-7)


def test_normal_prior_of_the_mean_is_one_more_study():
    tight = rl.bayesian(FOUR, ("half-normal", 1e-6), mean_prior=(0.0, 0.1))
    five = {"estimate": [*FOUR["estimate"], 0.0], "variance": [*FOUR["variance"], 0.01]}
    want = rl.meta_analysis(five, method="CE")
    assert (tight.estimate, tight.sd) == pytest.approx((want.estimate, want.se), rel=1e-8)


def test_a_prior_of_the_mean_weighs_tau_too_as_the_whole_grid_does():
    """The posterior of mean and tau together, summed over a grid of both: no formula of the library is in it."""
    y, v = (np.array(FOUR[name]) for name in ("estimate", "variance"))
    mu, tau = np.linspace(-3, 3, 1201)[:, None], np.linspace(0, 3, 1501)[None, :]
    log = -0.5 * (tau / 0.5) ** 2 - 0.5 * ((mu - 1.0) / 0.2) ** 2
    for each, variance in zip(y, v, strict=True):
        log = log - 0.5 * np.log(variance + tau**2) - 0.5 * (each - mu) ** 2 / (variance + tau**2)
    weight = np.exp(log - log.max())
    weight[:, 0] /= 2  # the trapezoid's end
    weight /= weight.sum()
    got = rl.bayesian(FOUR, ("half-normal", 0.5), mean_prior=(1.0, 0.2))
    mean = float((weight * mu).sum())
    assert (got.estimate, got.sd) == pytest.approx((mean, float((weight * (mu - mean) ** 2).sum()) ** 0.5), rel=1e-4)
    below = np.interp(0.5, np.cumsum(weight.sum(0)), tau[0])
    assert got.tau == pytest.approx(below, rel=5e-3)


@pytest.mark.parametrize("c", [1e-6, 1e-3, 1e3, 1e6])
def test_unit_change_scales(c):
    there = {"estimate": [c * y for y in FOUR["estimate"]], "variance": [c * c * v for v in FOUR["variance"]]}
    a, b = rl.bayesian(FOUR, ("half-cauchy", 0.3)), rl.bayesian(there, ("half-cauchy", 0.3 * c))
    assert np.array([b.estimate, b.sd, *b.ci, *b.prediction, b.tau, *b.tau_ci]) / c == pytest.approx(
        np.array([a.estimate, a.sd, *a.ci, *a.prediction, a.tau, *a.tau_ci]), rel=1e-9
    )


def test_shortest_interval_is_not_longer_and_holds_as_much():
    equal, short = rl.bayesian(FOUR, PRIORS[0]), rl.bayesian(FOUR, PRIORS[0], interval="shortest")
    assert short.ci.high - short.ci.low <= equal.ci.high - equal.ci.low
    assert short.probability(short.ci.high) - short.probability(short.ci.low) == pytest.approx(0.95, rel=1e-9)


def test_many_precise_studies_agree_with_reml():
    rng = np.random.default_rng(4)
    many = {"estimate": rng.normal(0.3, 0.2, 200), "variance": np.full(200, 1e-4)}
    got, want = rl.bayesian(many, ("half-cauchy", 1.0)), rl.meta_analysis(many, ci="wald")
    assert got.estimate == pytest.approx(want.estimate, rel=1e-6)
    assert got.tau == pytest.approx(want.tau, rel=0.01)
    assert got.ci == pytest.approx(want.ci, abs=0.001)


def test_published_priors_name_their_paper():
    prior = empirical_prior("OR", "pain", COMPARISONS[2])
    assert (prior.family, prior.parameters) == ("log-normal", (-2.05, 1.71))
    assert "turner2015" in rl.bayesian(FOUR, prior).methods
    assert "rhodes2015" in str(empirical_prior("SMD"))
    with pytest.raises(rl.EvidenceError, match="no published prior for MD"):
        empirical_prior("MD", "pain", COMPARISONS[0])
    with pytest.raises(rl.EvidenceError, match="unknown prior 'gamma'"):
        rl.bayesian(FOUR, ("gamma", 1, 1))


@pytest.mark.parametrize("k", [700, 3000, 12000])
@pytest.mark.parametrize("tau", [0.5, 0.0])
def test_many_studies_have_a_narrow_posterior_that_is_still_integrated(k, tau):
    """Against sums over a fine grid of tau, where the posterior is narrow, and where it lies at zero."""
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.02, k)
    y = rng.normal(0.2, np.sqrt(v + tau**2))
    got = rl.bayesian({"estimate": y, "variance": v}, ("half-normal", 0.5))
    middle, wide = (tau, 0.5 / np.sqrt(2 * k)) if tau else (0.0, 4 * 0.015**0.5 / k**0.25)
    grid = np.linspace(max(middle - 8 * wide, 0), middle + 8 * wide, 1201)
    precision = 1 / (v + (grid**2)[:, None])
    mean = (precision * y).sum(1) / precision.sum(1)
    log = 0.5 * (np.log(precision).sum(1) - np.log(precision.sum(1)) - (precision * (y - mean[:, None]) ** 2).sum(1))
    mass = np.exp(log - 2 * grid**2 - (log - 2 * grid**2).max()) * np.where(np.isin(grid, grid[[0, -1]]), 0.5, 1)
    mass /= mass.sum()
    assert got.estimate == pytest.approx(mass @ mean, rel=1e-6)
    assert got.sd == pytest.approx(np.sqrt(mass @ (1 / precision.sum(1) + (mean - mass @ mean) ** 2)), rel=1e-5)
    inside = mass.cumsum() - mass / 2
    want = np.interp([0.5, 0.025, 0.975], inside, grid)
    assert [got.tau, *got.tau_ci] == pytest.approx(want, abs=wide / 500)
