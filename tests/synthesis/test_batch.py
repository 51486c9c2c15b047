"""The kernel: identities, scales, the global maximum, hostile data, refusals."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import reviewlib as rl
from reviewlib import batch

METHODS = tuple(batch.ESTIMATORS)


def log_likelihood(y, v, tau2, restricted):
    """(k,) data on a grid (n,) of tau2, written out as in a textbook."""
    w = 1 / (v[:, None] + tau2)
    mean = (w * y[:, None]).sum(0) / w.sum(0)
    value = -0.5 * (np.log(v[:, None] + tau2).sum(0) + (w * (y[:, None] - mean) ** 2).sum(0))
    return value - 0.5 * np.log(w.sum(0)) if restricted else value


@st.composite
def studies(draw, least=2, most=12):
    k = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    v = 10 ** rng.uniform(*draw(st.sampled_from([(-2, 0), (-4, 1), (-0.1, 0.1)])), k)
    return rng.normal(draw(st.sampled_from([0.0, 0.3, -5.0])), np.sqrt(v + rng.choice([0, 0.1, 2.0])), k), v


@given(studies(), st.sampled_from(METHODS))
@settings(max_examples=60, deadline=None)
def test_sign_flip_mirrors(data, method):
    y, v = data
    a, b = batch.meta_analysis(y, v, method), batch.meta_analysis(-y, v, method)
    assert (b.estimate[0], b.se[0], b.tau2[0], b.q[0]) == (-a.estimate[0], a.se[0], a.tau2[0], a.q[0])


@given(studies(), st.sampled_from(METHODS), st.sampled_from([-6, -3, 3, 6]))
@settings(max_examples=80, deadline=None)
def test_unit_change_scales(data, method, power):
    y, v = data
    c = 10.0**power
    a, b = batch.meta_analysis(y, v, method), batch.meta_analysis(c * y, c * c * v, method)
    assert b.tau2[0] / c**2 == pytest.approx(a.tau2[0], rel=1e-10, abs=1e-14 * v.mean())
    assert b.estimate[0] / c == pytest.approx(a.estimate[0], rel=1e-10, abs=1e-12 * np.sqrt(v.mean()))
    assert (b.se[0] / c, b.i2[0], b.q[0]) == pytest.approx((a.se[0], a.i2[0], a.q[0]), rel=1e-10, abs=1e-12)


@given(studies(), st.sampled_from(METHODS), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_studies_does_not_matter(data, method, random):
    y, v = data
    order = list(range(len(y)))
    random.shuffle(order)
    a, b = batch.meta_analysis(y, v, method), batch.meta_analysis(y[order], v[order], method)
    assert b.tau2[0] == pytest.approx(a.tau2[0], rel=1e-10, abs=1e-13 * v.mean())
    assert b.estimate[0] == pytest.approx(a.estimate[0], rel=1e-10, abs=1e-12 * np.sqrt(v.mean()))


@given(studies(), st.sampled_from(METHODS))
@settings(max_examples=60, deadline=None)
def test_a_shift_of_all_effects_shifts_the_mean_only(data, method):
    y, v = data
    a, b = batch.meta_analysis(y, v, method), batch.meta_analysis(y + 16.0, v, method)
    assert b.estimate[0] == pytest.approx(a.estimate[0] + 16, rel=1e-9)
    assert b.tau2[0] == pytest.approx(a.tau2[0], rel=1e-7, abs=1e-12 * v.mean())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [2, 5, 40])
def test_identical_studies_divide_the_variance_by_k(method, k):
    fit = batch.meta_analysis(np.full(k, 0.3), np.full(k, 0.04), method)
    assert (fit.estimate[0], fit.se[0], fit.tau2[0]) == pytest.approx((0.3, np.sqrt(0.04 / k), 0), abs=1e-15)


@pytest.mark.parametrize("method", ["CE", "REML", "ML", "DL"])
def test_a_study_of_no_weight_changes_nothing(method):
    y, v = np.array([0.1, 0.5, -0.2, 0.9]), np.array([0.02, 0.05, 0.03, 0.04])
    a = batch.meta_analysis(y, v, method)
    b = batch.meta_analysis([*y, 3.0], [*v, 1e18], method)
    # Q keeps its value but has one more degree of freedom, so DL may move: hold tau2
    b = batch.meta_analysis([*y, 3.0], [*v, 1e18], method, tau2=a.tau2) if method == "DL" else b
    rel = 0.5 if method == "ML" else 1e-9
    assert b.estimate[0] == pytest.approx(a.estimate[0], rel=1e-9)
    assert b.se[0] == pytest.approx(a.se[0], rel=rel)


def test_an_absent_study_is_as_if_it_were_not_there():
    rng = np.random.default_rng(3)
    y, v = rng.normal(0, 0.5, (200, 9)), rng.uniform(0.01, 0.3, (200, 9))
    out = rng.random((200, 9)) < 0.3
    out[:, :3] = False
    for method in METHODS:
        whole = batch.meta_analysis(np.where(out, np.nan, y), v, method)
        for i in range(0, 200, 23):
            one = batch.meta_analysis(y[i, ~out[i]], v[i, ~out[i]], method)
            got = [getattr(whole, name)[i] for name in ("estimate", "se", "tau2", "q", "i2")]
            want = [getattr(one, name)[0] for name in ("estimate", "se", "tau2", "q", "i2")]
            assert got == pytest.approx(want, rel=1e-11, abs=1e-14)
        assert whole.k.tolist() == (~out).sum(1).tolist()


def test_every_estimating_equation_holds():
    rng = np.random.default_rng(5)
    y, v = rng.normal(0, 0.6, (500, 8)), rng.uniform(0.01, 0.3, (500, 8))

    def score(t, restricted):
        w = 1 / (v + t[:, None])
        total = w.sum(1)
        r = y - ((w * y).sum(1) / total)[:, None]
        trace = total - (w**2).sum(1) / total if restricted else total
        return ((w * r) ** 2).sum(1) / trace - 1, (w * r**2).sum(1)

    for method, restricted in (("REML", True), ("ML", False)):
        t = batch.meta_analysis(y, v, method).tau2
        gap = score(t, restricted)[0]
        assert np.abs(gap[t > 0]).max() < 1e-12
        assert gap[t == 0].max() < 1e-12
    t = batch.meta_analysis(y, v, "PM").tau2
    q = score(t, True)[1]
    assert np.abs(q[t > 0] / 7 - 1).max() < 1e-13
    assert q[t == 0].max() < 7 * (1 + 1e-12)


def test_ten_thousand_sets_converge_to_the_global_maximum():
    rng = np.random.default_rng(11)
    v = rng.uniform(0.01, 0.4, (10_000, 10))
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.02, 0.3], (10_000, 1))))
    grid = np.r_[0, np.geomspace(1e-4, 20, 40)]
    for method, restricted in (("REML", True), ("ML", False)):
        fit = batch.meta_analysis(y, v, method)
        assert fit.converged.all()
        best = np.full(10_000, -np.inf)
        for t in grid:
            best = np.maximum(best, _rowwise(y, v, np.full(10_000, t), restricted))
        assert (_rowwise(y, v, fit.tau2, restricted) - best).min() > -1e-10


def _rowwise(y, v, t, restricted):
    w = 1 / (v + t[:, None])
    total = w.sum(1)
    r = y - ((w * y).sum(1) / total)[:, None]
    value = np.log(w).sum(1) - (w * r**2).sum(1)
    return 0.5 * (value - np.log(total)) if restricted else 0.5 * value


def hostile(kind, rng, k):
    if kind == "nine decades":
        return 10 ** rng.uniform(-8, 4, k)
    if kind == "two worlds":
        return np.where(rng.random(k) < 0.5, 1e-4, 1.0) * rng.uniform(0.5, 2, k)
    return np.where(np.arange(k) == 0, 1e-9, rng.uniform(0.01, 1, k))


@pytest.mark.parametrize("kind", ["nine decades", "two worlds", "one giant"])
def test_hostile_variances_reach_the_global_maximum(kind):
    rng = np.random.default_rng(7)
    grid = np.r_[0, np.geomspace(1e-12, 1e5, 1200)]
    for _ in range(150):
        k = rng.integers(2, 12)
        v = hostile(kind, rng, k)
        y = rng.normal(0, np.sqrt(v * 10 ** rng.uniform(-2, 1) + rng.choice([0, 0.01, 1, 100])))
        for method, restricted in (("REML", True), ("ML", False)):
            fit = batch.meta_analysis(y, v, method)
            assert fit.converged[0]
            best = log_likelihood(y, v, grid, restricted).max()
            assert log_likelihood(y, v, fit.tau2, restricted)[0] >= best - 1e-9 * max(1, abs(best))


def test_the_lower_of_two_maxima_is_not_returned():
    """Three precise studies agree by luck, three others lie far apart: a small peak near zero, the true one beyond."""
    y, v = np.array([-0.01, 0.0, 0.02, 4.48, -3.78, 4.54]), np.array([1e-4, 1e-4, 1e-4, 1.0, 1.0, 1.0])
    grid = np.geomspace(1e-9, 100, 20_000)
    values = log_likelihood(y, v, grid, True)
    at = 1 + np.flatnonzero((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:]))
    assert len(at) == 2
    assert values[at[1]] > values[at[0]] + 10
    assert batch.meta_analysis(y, v, "REML").tau2[0] == pytest.approx(grid[at[1]], rel=0.002)


def test_newton_does_not_cycle_on_a_hundred_thousand_subsets():
    rng = np.random.default_rng(2)
    y, v = rng.normal(0, 0.4, 20), rng.uniform(0.005, 0.3, 20)
    member = rng.random((100_000, 20)) < 0.5
    member[:, :2] = True
    fit = batch.fit(np.where(member, y, np.nan), np.broadcast_to(v, member.shape), "REML")
    assert fit.converged.all()
    assert np.isfinite(fit.estimate).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_design_of_ones_is_the_plain_model(method):
    rng = np.random.default_rng(1)
    y, v = rng.normal(0, 0.5, (50, 7)), rng.uniform(0.01, 0.4, (50, 7))
    y[3, 2] = np.nan
    plain, ones = batch.meta_analysis(y, v, method), batch.meta_analysis(y, v, method, design=np.ones((7, 1)))
    for name in ("tau2", "q", "q_random", "typical_variance"):
        np.testing.assert_allclose(getattr(ones, name), getattr(plain, name), rtol=1e-9, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(ones.estimate[:, 0], plain.estimate, rtol=1e-10)
    np.testing.assert_allclose(ones.se[:, 0], plain.se, rtol=1e-10)


def test_units_of_a_moderator_do_not_matter_and_one_design_serves_all_rows():
    rng = np.random.default_rng(1)
    y, v, x = rng.normal(0, 0.5, (20, 12)), rng.uniform(0.01, 0.4, (20, 12)), rng.normal(50, 10, 12)
    a = batch.meta_analysis(y, v, design=np.c_[np.ones(12), x])
    b = batch.meta_analysis(y, v, design=np.c_[np.ones(12), 1e6 * x])
    c = batch.meta_analysis(y, v, design=np.broadcast_to(np.c_[np.ones(12), x], (20, 12, 2)))
    np.testing.assert_allclose(b.tau2, a.tau2, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(b.estimate[:, 1] * 1e6, a.estimate[:, 1], rtol=1e-9)
    np.testing.assert_allclose(c.cov, a.cov, rtol=1e-10)


def test_a_regression_reaches_the_global_maximum_too():
    rng = np.random.default_rng(9)
    grid = np.r_[0, np.geomspace(1e-6, 100, 150)]
    for i in range(60):
        k = rng.integers(4, 14)
        v = 10 ** rng.uniform(-3, 0, k) if i % 2 else hostile("two worlds", rng, k)
        y, x = rng.normal(0, np.sqrt(v + rng.choice([0, 0.05, 2]))), np.c_[np.ones(k), rng.normal(size=k)]
        for method, restricted in (("REML", True), ("ML", False)):
            fit = batch.meta_analysis(y, v, method, design=x)
            best = max(_with_design(y, v, x, t, restricted) for t in grid)
            assert fit.converged[0]
            assert _with_design(y, v, x, fit.tau2[0], restricted) >= best - 1e-9 * max(1, abs(best))


def _with_design(y, v, x, t, restricted):
    w = 1 / (v + t)
    inner = x.T @ (x * w[:, None])
    r = y - x @ np.linalg.solve(inner, x.T @ (w * y))
    value = np.log(w).sum() - (w * r * r).sum()
    return 0.5 * (value - np.linalg.slogdet(inner)[1]) if restricted else 0.5 * value


def test_too_few_studies_in_a_row_of_a_batch():
    nan = np.nan
    fit = batch.meta_analysis([[1.0, nan, nan], [nan, nan, nan], [1.0, 2.0, nan]], [[0.2, 1, 1]] * 3)
    assert fit.k.tolist() == [1, 0, 2]
    assert (fit.estimate[0], fit.se[0], fit.tau2[0], fit.i2[0]) == pytest.approx((1, np.sqrt(0.2), 0, 0))
    assert np.isnan(fit.estimate[1])
    assert np.isnan(fit.tau2[1])


def test_refusals():
    for bad in (0.0, -0.1, np.inf):
        with pytest.raises(rl.EvidenceError, match="above zero; 1 are not, the first in data set 0, study 1"):
            batch.meta_analysis([0.1, 0.2], [0.1, bad])
    with pytest.raises(rl.EvidenceError, match="finite"):
        batch.meta_analysis([0.1, np.inf], [0.1, 0.1])
    with pytest.raises(rl.EvidenceError, match="do not belong together"):
        batch.meta_analysis([0.1, 0.2, 0.3], [0.1, 0.2])
    with pytest.raises(rl.EvidenceError, match="3 estimates but 1 variances"):
        batch.meta_analysis([0.1, 0.2, 0.3], [0.1])
    with pytest.raises(rl.EvidenceError, match="unknown method 'XX'"):
        batch.meta_analysis([0.1, 0.2], [0.1, 0.1], "XX")
    with pytest.raises(rl.EvidenceError, match="collinear"):
        batch.meta_analysis([0.1, 0.2, 0.4], [0.1] * 3, design=np.c_[np.ones(3), np.full(3, 2.0)])
    with pytest.raises(rl.EvidenceError, match="with k = 3"):
        batch.meta_analysis([0.1, 0.2, 0.4], [0.1] * 3, design=np.ones((4, 1)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("c", [1e-29, 1e29])
def test_units_no_one_uses_still_work_or_are_refused(method, c):
    y, v = np.array([0.1, 0.5, -0.4, 0.9]), np.array([0.02, 0.05, 0.03, 0.04])
    here, there = batch.meta_analysis(y, v, method), batch.meta_analysis(c * y, c * c * v, method)
    assert there.tau2[0] / c**2 == pytest.approx(here.tau2[0], rel=1e-10)
    with pytest.raises(rl.EvidenceError, match="variances above it or below 1e-60, overflow: use another unit"):
        batch.meta_analysis(c**3 * y, c**6 * v, method)


def test_wild_data_never_give_nan_a_warning_or_a_loop():
    rng = np.random.default_rng(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(150):
            k = rng.integers(2, 30)
            v = 10 ** rng.uniform(-rng.uniform(0, 20), rng.uniform(0, 20), k)
            y = rng.normal(0, 1, k) * np.sqrt(v) * 10 ** rng.uniform(-3, 6)
            y = np.full(k, y[0]) if i % 5 == 0 else y
            for method in METHODS:
                fit = batch.meta_analysis(y, v, method)
                assert fit.converged[0]
                assert np.isfinite([fit.estimate[0], fit.se[0], fit.tau2[0], fit.i2[0], fit.q[0]]).all()
                assert fit.tau2[0] >= 0


def test_no_numpy_warning_reaches_the_user():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in METHODS:
            batch.meta_analysis(
                [[0.1, 0.1, np.nan], [0.1, 0.1, 0.1], [np.nan, 1, np.nan]], [[0.1, 0.2, 0.3]] * 3, method
            )


def test_coverage_is_near_nominal():
    """Mean 0.3, tau2 0.1, eight studies, 20,000 syntheses: Monte Carlo error of a coverage is 0.0015."""
    from reviewlib.synthesis.intervals import mean_interval

    rng = np.random.default_rng(19)
    v = rng.uniform(0.02, 0.2, (20_000, 8))
    y = rng.normal(0.3, np.sqrt(v + 0.1))
    fit = batch.meta_analysis(y, v)
    covered = {}
    for rule in ("wald", "hksj", "wider", "hksj-floor"):
        se, _, low, high = mean_interval(fit, rule)
        covered[rule] = ((low < 0.3) & (high > 0.3)).mean()
    assert 0.93 < covered["hksj"] < 0.953
    assert 0.88 < covered["wald"] < 0.94
    assert covered["hksj"] <= covered["wider"] <= covered["hksj-floor"] < 0.985


@pytest.mark.parametrize(("k", "least", "most"), [(8, 0.83, 0.90), (200, 0.94, 0.96)])
def test_prediction_interval_is_nominal_only_with_many_studies(k, least, most):
    """Eight trials with I2 near one half: 85 %. The interval is honest about its formula, not a guarantee."""
    from reviewlib.synthesis.intervals import mean_interval, prediction_interval

    rng = np.random.default_rng(23)
    v = rng.uniform(0.02, 0.2, (6_000, k))
    fit = batch.meta_analysis(rng.normal(0.3, np.sqrt(v + 0.1)), v)
    low, high = prediction_interval(fit, mean_interval(fit, "hksj")[0])
    new = rng.normal(0.3, np.sqrt(0.1), 6_000)
    assert least < ((low < new) & (new < high)).mean() < most


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_proof_of_the_maximum_costs_less_than_the_maximum(method, monkeypatch):
    """Evaluations of the sums are counted, per data set: finding the root takes about three."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.01, 0.3, (4000, 10))
    y = rng.normal(0, np.sqrt(v + rng.choice([0, 0.1], (4000, 1))))
    count, moments = [], batch.Mean.moments
    monkeypatch.setattr(batch.Mean, "moments", lambda m, t, r=True: count.append(len(t)) or moments(m, t, r))
    assert batch.fit(y, v, method).converged.all()
    assert sum(count) < 5.5 * 4000
