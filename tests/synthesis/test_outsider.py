"""What a stranger found wrong: every test here failed once."""

import warnings

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl

ELEVEN = {
    "study": list("aabbccddeef"),
    "estimate": [0.1, 0.4, -0.2, 0.6, 0.25, 0.9, 0.15, 0.33, 0.5, 0.05, 0.7],
    "variance": [0.02, 0.05, 0.1, 0.01, 0.3, 0.08, 0.03, 0.06, 0.15, 0.04, 0.09],
}


def in_unit(c):
    rows = pd.DataFrame(ELEVEN)
    return rows.assign(estimate=rows["estimate"] * c, variance=rows["variance"] * c**2)


def test_robust_inference_with_one_study_that_has_all_the_weight():
    # clubSandwich 0.5.8: coef_test(rma(yi, vi), vcov = "CR2", cluster = study, test = "Satterthwaite")
    rows = {
        "study": [1, 2, 2, 3, 4, 5],
        "estimate": [0.3, 0.5, 0.1, 0.2, 0.6, 0.4],
        "variance": [1e-9, 0.1, 0.2, 0.05, 0.1, 0.3],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        result = rl.robust(rl.meta_analysis(rows, ci="wald"), "study")
    assert result.se == pytest.approx(1.06133721283035e-05, rel=1e-6)
    assert result.df == pytest.approx(1.0000000662069, rel=1e-6)


@pytest.mark.parametrize("c", [1e-6, 1e-3, 1e3, 1e9])
def test_three_level_models_and_their_robust_inference_do_not_depend_on_the_unit(c):
    here, there = rl.multilevel(in_unit(1.0), rho=0.3), rl.multilevel(in_unit(c), rho=0.3)
    assert there.robust().df == pytest.approx(here.robust().df, rel=1e-9)
    assert there.robust().se / c == pytest.approx(here.robust().se, rel=1e-9)
    assert there.i2 == pytest.approx(here.i2, rel=1e-9)


def test_a_sentence_never_tells_a_small_effect_as_zero():
    rows = {"estimate": [0.0031, 0.0024, 0.0042, 0.0028, 0.0035], "variance": [1e-6, 2e-6, 1e-6, 3e-6, 1e-6]}
    fit = rl.meta_analysis(rows, measure="RD", ci="wald")
    assert str(fit).startswith("RD 0.0034 (95% CI 0.0024 to 0.0044; 5 studies)")
    assert "all 5 studies 0.00337" in str(rl.leave_one_out(fit))
    assert str(rl.meta_analysis(ELEVEN)).startswith("effect 0.34 (95% CI 0.13 to 0.54; 11 studies)")


@pytest.mark.parametrize("tau2", [-1.0, float("nan"), float("inf")])
def test_a_given_tau2_must_be_a_variance(tau2):
    with pytest.raises(rl.EvidenceError, match="tau2 is a (variance|number, got)"):
        rl.meta_analysis(ELEVEN, tau2=tau2)


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (2, 2, 2), ()])
def test_the_kernel_refuses_arrays_that_are_not_data_sets_of_studies(shape):
    with pytest.raises(rl.EvidenceError, match="at least one study"):
        rl.batch.meta_analysis(np.ones(shape), np.ones(shape))


def test_tables_that_are_no_tables_are_refused_in_words():
    twice = pd.DataFrame([[0.1, 0.2, 0.1], [0.3, 0.4, 0.1]], columns=["estimate", "estimate", "variance"])
    with pytest.raises(rl.EvidenceError, match="2 columns named 'estimate'"):
        rl.meta_analysis(twice)
    with pytest.raises(rl.EvidenceError, match="same length"):
        rl.effect_sizes({"events": [1, 2], "n": [3]}, "PLO")
    with pytest.raises(rl.EvidenceError, match="mapping of columns"):
        rl.mantel_haenszel("trials.csv", "OR")
    with pytest.raises(rl.EvidenceError, match="is not a formula") as refused:
        rl.meta_regression("~ dose +* 3", {**ELEVEN, "dose": range(11)})
    assert "\x1b" not in str(refused.value)


def test_a_standard_error_beside_a_variance_that_is_not_its_square_is_told():
    confused = {"estimate": [0.1, 0.3, 0.6], "se": [0.02, 0.03, 0.02], "variance": [0.02, 0.03, 0.02]}
    with pytest.warns(rl.MethodWarning, match="3 rows: `variance` is what is used"):
        rl.meta_analysis(confused)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_influence_among_equal_effects_says_what_is_not_defined():
    equal = {"estimate": [0.2] * 5, "variance": [0.04] * 5}
    for diagnose in (rl.influence, rl.baujat):
        with pytest.warns(rl.MethodWarning, match="standard error of zero"):
            diagnose(equal, ci="hksj")
    assert np.isfinite(rl.influence(equal, ci="wald").to_frame()["cooks_d"]).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_an_enormous_logarithm_is_an_infinite_ratio():
    assert rl.back_transform(1000.0, "RR") == np.inf


def test_results_hold_plain_floats():
    fit = rl.peto({"events_int": [1, 4, 9], "n_int": [20, 30, 40], "events_ctl": [9, 5, 2], "n_ctl": [20, 30, 40]})
    assert type(fit.i2) is float
