"""A search says where it ended: its certificate refuses what is no maximum, and its steps never go downhill."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from reviewlib import batch, multilevel
from reviewlib.batch import compiled, one
from reviewlib.batch.sums import FIRST, Running, Studies, Summed, Without, split
from reviewlib.errors import EvidenceError, MethodWarning
from reviewlib.synthesis import components, pooled, regression, selection
from reviewlib.synthesis.blocks import evaluate, score_and_hessian

Y = np.array([0.1, 0.9, 0.4, 1.6, 0.2, 0.7, -0.3, 1.1])
ROWS = pd.DataFrame({"study": list("aabbccdd"), "estimate": Y, "variance": 0.02, "dose": [0.0, 1.0] * 4})
FREE = np.array([True, True])


@pytest.fixture
def model():
    return multilevel(ROWS)


def test_a_model_with_nothing_left_to_search_is_evaluated_where_it_is(model):
    held = components.maximise(model._blocks, (0.1, 0.2))
    assert held.loglik == evaluate(model._blocks, np.array([0.1, 0.2])).loglik < model._state.loglik


@pytest.mark.parametrize("sigma2", [(0.0, 0.0), (50.0, 50.0)])  # where the slope rises; where the hill is no hill
def test_what_is_no_maximum_gets_no_certificate(model, sigma2):
    state = evaluate(model._blocks, np.array(sigma2))
    assert components._is_maximum(model._blocks, model._state, FREE)
    assert not components._is_maximum(model._blocks, state, FREE)


def test_a_search_that_ended_elsewhere_says_so(model, monkeypatch):
    monkeypatch.setattr(components, "_climb", lambda blocks, start, free: evaluate(blocks, np.array([50.0, 50.0])))
    with pytest.warns(MethodWarning, match="did not reach a clean maximum"):
        components.maximise(model._blocks)


def test_newton_takes_no_step_from_where_the_likelihood_is_not_a_hill(model):
    far = evaluate(model._blocks, np.array([50.0, 50.0]))
    assert np.linalg.eigvalsh(score_and_hessian(model._blocks, far)[1]).max() > 0
    assert components._newton(model._blocks, far, FREE) is far


def test_a_step_is_halved_until_it_is_not_downhill_and_given_up_where_it_always_is(model, monkeypatch):
    start = evaluate(model._blocks, np.array([0.0, 0.05]))
    score, _ = score_and_hessian(model._blocks, start)
    step = 1e4 * np.sign(score)
    moved = components._take(model._blocks, start, FREE, step)
    assert moved.loglik >= start.loglik and np.abs(moved.sigma2 - start.sigma2).max() < 1e4
    monkeypatch.setattr(components, "_take", lambda *given: None)
    assert components._newton(model._blocks, start, FREE) is start


def test_a_variance_that_the_data_put_at_zero_has_a_profile_from_zero():
    flat = multilevel(ROWS.assign(estimate=[0.5, 0.52, 0.48, 0.5, 0.51, 0.49, 0.5, 0.5]))
    assert flat.sigma2 == {"outer": 0.0, "inner": 0.0}
    for interval in flat.sigma2_ci.values():
        assert interval[0] == 0 < interval[1] < 0.1


def test_a_limit_past_all_size_is_none(model, monkeypatch):
    monkeypatch.setattr(components, "_profile", lambda *given: model._state)
    assert components.profile_interval(model._blocks, model._state, 0) == (0.0, None)


def test_covariances_given_and_those_of_a_correlation_are_the_same_model():
    s = np.sqrt(ROWS["variance"].to_numpy())
    same = ROWS["study"].to_numpy()[:, None] == ROWS["study"].to_numpy()[None, :]
    V = np.outer(s, s) * np.where(same, 0.6 + 0.4 * np.eye(8), 0.0)
    given, assumed = multilevel(ROWS, V=V), multilevel(ROWS, rho=0.6)
    assert (given.estimate, given.se) == pytest.approx((assumed.estimate, assumed.se), rel=1e-9)
    with pytest.raises(EvidenceError, match="covariance between clusters"):
        multilevel(ROWS, V=V + 1e-4)


def test_a_model_with_moderators_prints_its_coefficients(model):
    dosed = multilevel(ROWS, moderators="~ dose")
    assert dosed.estimate is None and str(dosed).startswith(str(dosed.coefficients))
    robust = dosed.robust()
    assert str(robust).startswith(str(robust.coefficients)) and "over 4 clusters, df" in str(robust)
    assert "95% CI" in str(model.robust())


def test_a_joint_test_of_more_than_the_clusters_can_carry_is_none():
    drawn = np.random.default_rng(1)
    rows = ROWS.assign(study=list("aaabbbcc"), other=drawn.normal(size=8), third=drawn.normal(size=8))
    with pytest.warns(MethodWarning):
        assert multilevel(rows, moderators="~ dose + other + third").robust().qm is None
        assert multilevel(rows, moderators="~ dose").robust().qm is not None


def test_a_model_of_its_mean_alone_has_no_joint_test(model):
    assert model.robust().qm is None


@pytest.mark.parametrize("said", [pooled._warn, regression._warn])
def test_an_estimator_that_did_not_converge_is_named(said):
    fit = SimpleNamespace(converged=[False], method="CE", se=np.ones((1, 1)), k=9)
    fit.converged = [False] if said is regression._warn else False
    given = (False, np.ones((1, 1)), None, 0.95) if said is regression._warn else (1.0,)
    with pytest.warns(MethodWarning, match="CE did not converge: use another estimator"):
        said(fit, *given)


def test_a_selection_without_a_clean_maximum_is_not_to_be_used():
    with pytest.warns(MethodWarning, match="no clean maximum: do not use these estimates"):
        selection._warn(False, False)


@pytest.mark.parametrize("source", [Without, Running])
def test_the_likelihood_from_sums_is_that_of_the_studies_themselves(source):
    y, v, t = Y, np.linspace(0.02, 0.09, 8), np.array([0.01, 0.3])
    index = np.arange(3, 8)
    for t in (0.01, 0.3):
        got = Summed(source(Studies(y, v), index)).log_likelihood(np.full(5, t))
        parts = [np.delete(np.arange(8), i) if source is Without else np.arange(i + 1) for i in index]
        want = [_loglik(y[part], v[part] + t) for part in parts]
        assert got - want == pytest.approx(np.full(5, got[0] - want[0]), abs=1e-8)


def _loglik(y, s2):
    w = 1 / s2
    q = (w * (y - (w @ y) / w.sum()) ** 2).sum()
    return -0.5 * (np.log(s2).sum() + q + np.log(w.sum()))


def test_few_studies_in_a_row_are_all_fitted_by_themselves():
    blocks, few = split(Running, Y, np.full(8, 0.1))
    assert len(Y) < FIRST and blocks == [] and few.tolist() == list(range(8))


def test_compiled_code_that_ends_every_search_leaves_none_to_the_arrays(monkeypatch):
    monkeypatch.setattr(compiled, "_rows", lambda: one.rows)  # as plain Python
    monkeypatch.setattr(compiled, "wanted", lambda cells: True)
    y, v = np.array([Y, Y[::-1] * 2]), np.full((2, 8), 0.04)
    assert compiled.fits(y, v, True)[1].size == 0
    both, each = batch.fit(y, v, "REML"), [batch.fit(y[i : i + 1], v[i : i + 1], "REML") for i in (0, 1)]
    assert both.tau2.tolist() == pytest.approx([fit.tau2[0] for fit in each], rel=1e-9)


def test_effects_that_the_model_fits_exactly_leave_no_error_to_test_against():
    with pytest.warns(MethodWarning, match="the model fits the effects exactly"):
        robust = multilevel(ROWS.assign(estimate=0.5)).robust()
    assert (robust.estimate, robust.se) == (pytest.approx(0.5), 0.0)
