"""Digits kept where variances differ by many orders of magnitude; the truth is exact arithmetic in fractions."""

from fractions import Fraction as F

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib import batch

pytestmark = pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")


def exact(values):
    return np.array([F(float(x)) for x in np.ravel(values)], dtype=object).reshape(np.shape(values))


def inverse(a):
    """Gauss and Jordan in fractions."""
    n = len(a)
    m = np.hstack([a, exact(np.eye(n))])
    for i in range(n):
        pivot = next(r for r in range(i, n) if m[r, i] != 0)
        m[[i, pivot]] = m[[pivot, i]]
        m[i] = m[i] / m[i, i]
        for r in range(n):
            if r != i:
                m[r] = m[r] - m[r, i] * m[i]
    return m[:, n:]


def weighted(y, v, X, tau2=0):
    """Coefficients, their covariance, residual Q and the projection P, all in fractions."""
    y, X = exact(y), exact(X)
    w = 1 / (exact(v) + F(tau2))
    cov = inverse(X.T @ (w[:, None] * X))
    beta = cov @ (X.T @ (w * y))
    r = y - X @ beta
    P = np.diag(w) - (w[:, None] * X) @ cov @ (w[:, None] * X).T
    return beta, cov, (w * r * r).sum(), P


def spread_out(span, seed, k=12):
    rng = np.random.default_rng(seed)
    v = 10 ** rng.uniform(-span / 2, span / 2, k)
    v[:2] = 10 ** (-span / 2), 10 ** (span / 2)
    return rng.normal(0.5, np.sqrt(v)), v


@pytest.mark.parametrize("span", [2, 8, 12])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_tests_of_funnel_asymmetry_keep_their_digits(span, seed):
    y, v = spread_out(span, seed)
    studies = {"estimate": y, "variance": v}
    pet = rl.pet_peese(studies)
    for x, got in ((np.sqrt(v), rl.egger(studies)), (v, None)):
        beta, cov, q, _ = weighted(y, v, np.c_[np.ones(12), x])
        error = [float(q / 10 * cov[j, j]) ** 0.5 for j in (0, 1)]
        if got is not None:
            want = [float(beta[1]), error[1], float(beta[1]) / error[1], float(beta[0]), error[0]]
            ours = [got.intercept, got.intercept_se, got.statistic, got.limit, got.limit_se]
            assert ours == pytest.approx(want, rel=1e-10)
            assert [pet.pet_estimate, pet.pet_se] == pytest.approx([float(beta[0]), error[0]], rel=1e-10)
        else:
            assert [pet.peese_estimate, pet.peese_se] == pytest.approx([float(beta[0]), error[0]], rel=1e-10)


@pytest.mark.parametrize("span", [2, 8, 12])
def test_a_regression_keeps_its_digits(span):
    y, v = spread_out(span, 3)
    X = np.c_[np.ones(12), np.random.default_rng(4).normal(size=12), np.arange(1990, 2014, 2)]
    rows = pd.DataFrame({"estimate": y, "variance": v, "x": X[:, 1], "year": X[:, 2]})
    beta, cov, q, P = weighted(y, v, X)
    fit = rl.meta_regression("~ x + year", rows, method="CE", insist=True)
    assert list(fit.params) == pytest.approx(list(map(float, beta)), rel=1e-9)
    assert list(fit.se) == pytest.approx([float(cov[j, j]) ** 0.5 for j in range(3)], rel=1e-11)
    assert fit.qe == pytest.approx(float(q), rel=1e-11)
    qm = beta[1:] @ inverse(cov[1:, 1:]) @ beta[1:]
    assert fit.qm == pytest.approx(float(qm), rel=1e-8)
    moments = float((q - 9) / np.trace(P))
    got = batch.meta_analysis(y, v, "DL", design=X).tau2[0]
    assert got == pytest.approx(max(0.0, moments), rel=1e-9)


@pytest.mark.parametrize("span", [2, 8, 12])
@pytest.mark.parametrize("seed", [1, 5, 6])
@pytest.mark.parametrize("method", ["REML", "ML", "PM"])
def test_the_root_of_a_regression_is_the_root_in_fractions(span, seed, method):
    y, v = spread_out(span, seed, 9)
    v[2:5] = v.min() * np.array([1.5, 2, 3])  # several precise studies that disagree
    y[2:5] += 8 * np.sqrt(v.min()) * np.array([-1, 1, 1])
    X = np.c_[np.ones(9), np.random.default_rng(seed).normal(size=9)]
    tau2 = float(batch.meta_analysis(y, v, method, design=X).tau2[0])
    assert tau2 > 0

    def score(t):
        _, _, q, P = weighted(y, v, X, t)
        if method == "PM":
            return q - 7
        z = P @ exact(y)
        return z @ z - (np.trace(P) if method == "REML" else (1 / (exact(v) + F(t))).sum())

    assert score(tau2 * (1 - 1e-9)) > 0 > score(tau2 * (1 + 1e-9))


@pytest.mark.parametrize("span", [0, 3, 8, 12])
def test_one_design_for_all_and_one_for_each_agree(span):
    rng = np.random.default_rng(7)
    v = 10 ** rng.uniform(-span / 2, span / 2, (30, 8))
    y = rng.normal(size=v.shape) * np.sqrt(v + 0.5)
    y[::3, 5], v[::3, 5] = np.nan, np.nan
    X = np.c_[np.ones(8), rng.normal(size=8)]
    for method in batch.ESTIMATORS:
        a = batch.meta_analysis(y, v, method, design=X)
        b = batch.meta_analysis(y, v, method, design=np.broadcast_to(X, (30, 8, 2)))
        for name in ("estimate", "se", "tau2", "q", "q_random", "typical_variance"):
            np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-9, atol=1e-12)
        assert a.converged.all()


@pytest.mark.parametrize("span", [2, 8, 12])
def test_a_three_level_model_keeps_its_digits(span):
    from reviewlib.synthesis.blocks import evaluate

    y, v = spread_out(span, 8, 10)
    rows = pd.DataFrame({"study": list("aabbbccdde"), "estimate": y, "variance": v, "year": np.arange(1990, 2010, 2)})
    fit = rl.multilevel(rows, moderators="~ year")
    X = np.c_[np.ones(10), rows["year"]]
    assert fit.q == pytest.approx(float(weighted(y, v, X)[2]), rel=1e-10)
    for outer, inner in ((0.0, 0.0), (float(v.min()), 0.0), (0.0, 0.5), (1.0, float(v.min()))):
        got = evaluate(fit._blocks, (outer, inner))
        same = exact(rows["study"].to_numpy()[:, None] == rows["study"].to_numpy())
        W = inverse(np.diag(exact(v) + F(inner)) + F(outer) * same)
        cov = inverse(exact(X).T @ W @ exact(X))
        beta = cov @ (exact(X).T @ W @ exact(y))
        r = exact(y) - exact(X) @ beta
        assert list(got.beta) == pytest.approx(list(map(float, beta)), rel=1e-8)
        assert list(np.diag(got.vcov)) == pytest.approx([float(cov[j, j]) for j in (0, 1)], rel=1e-9)
        assert got.rss == pytest.approx(float(r @ W @ r), rel=1e-9)


@pytest.mark.parametrize("span", [2, 8, 12])
def test_robust_errors_keep_their_digits(span):
    y, v = spread_out(span, 9, 12)
    rows = pd.DataFrame({"study": list("aabbbccddeff"), "estimate": y, "variance": v, "year": np.arange(1990, 2014, 2)})
    X = np.c_[np.ones(12), rows["year"]]
    beta, cov, _, _ = weighted(y, v, X)
    score = (exact(X) * ((exact(y) - exact(X) @ beta) / exact(v))[:, None]).T
    meat = exact(np.zeros((2, 2)))
    for name in "abcdef":
        one = score[:, rows["study"].to_numpy() == name].sum(axis=1)
        meat = meat + one[:, None] * one
    want = [float((cov @ meat @ cov)[j, j]) ** 0.5 for j in (0, 1)]
    got = rl.robust(rl.meta_regression("~ year", rows, method="CE", insist=True), "study", "CR0")
    assert list(got.coefficients.se) == pytest.approx(want, rel=1e-8)
    assert list(got.params) == pytest.approx(list(map(float, beta)), rel=1e-8)
