"""An argument of the wrong kind is refused in a sentence, whatever function takes it."""

import inspect

import numpy as np
import pytest

import reviewlib as rl
from tests.cases.test_gate import FOUND, call, trials

TYPED = {
    (name, word): str(parameter.annotation)
    for name, (function, _) in FOUND.items()
    for word, parameter in inspect.signature(function).parameters.items()
    if str(parameter.annotation).startswith(("float", "int", "str")) and word != "level"
}
NUMBERS = [key for key, kind in TYPED.items() if not kind.startswith("str")]
TEXTS = [key for key, kind in TYPED.items() if kind.startswith("str") and key[1] != "formula"]


def test_the_arguments_are_found():
    assert {("meta_analysis", "tau2"), ("gosh", "seed"), ("pet_peese", "alpha")} <= set(NUMBERS)
    assert {("subgroups", "by"), ("cumulative", "by"), ("meta_analysis", "method")} <= set(TEXTS)


@pytest.mark.parametrize(("name", "word"), NUMBERS)
@pytest.mark.parametrize("value", ["a", [0.5], {}, 1 + 2j])
def test_a_number_is_a_number(name, word, value):
    with pytest.raises(rl.EvidenceError, match=f"{word} is a number, got"):
        call(name, trials(name), **{word: value})


@pytest.mark.parametrize(("name", "word"), TEXTS)
@pytest.mark.parametrize("value", [["year"], ("a", "b"), {"a": 1}, np.arange(3)])
def test_a_text_is_one_text(name, word, value):
    with pytest.raises(rl.EvidenceError, match=f"{word} is one text, got"):
        call(name, trials(name), **{word: value})


@pytest.mark.parametrize("fit", [None, [], "x", trials()])
def test_robust_takes_a_fitted_model(fit):
    with pytest.raises(rl.EvidenceError, match="robust takes a fitted model"):
        rl.robust(fit)


@pytest.mark.parametrize("given", [("a",), (1.2, 3), (1.2, ("a", "b")), (1.2, (1.1,)), (None,)])
def test_an_e_value_is_of_numbers(given):
    with pytest.raises(rl.EvidenceError, match="number"):
        rl.e_value(*given)


@pytest.mark.parametrize("value", ["a", {}, ["x"]])
def test_a_back_transformation_is_of_numbers(value):
    with pytest.raises(rl.EvidenceError, match="give numbers|must be"):
        rl.back_transform(value, "OR")


# ------------------------------------------------------------------------------------------ what no function can use


@pytest.mark.parametrize(("name", "word"), [key for key in NUMBERS if "None" not in TYPED[key]])
@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), None])
def test_a_number_is_finite_and_no_truth(name, word, value):
    with pytest.raises(rl.EvidenceError, match=f"{word} is a number, got"):
        call(name, trials(name), **{word: value})


PRIORS = [
    ("half-normal", "0.5"),
    ("half-normal", True),
    ("half-normal", 1e300),
    ("half-normal", 1e-300),
    ("half-normal",),
    ("half-normal", 0.5, 0.6),
    ("half-normal", [0.5]),
    ("half-cauchy", -1),
    ("log-normal", 1e30, 1),
    ("uniform", 1),
    ("log-t", -2, 0),
    ("half-normal", float("inf")),
    ("half-normal", float("nan")),
    "half-normal",
    None,
    0.5,
    (),
]


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_a_prior_is_a_family_with_its_numbers(prior):
    with pytest.raises(rl.EvidenceError, match="prior"):
        rl.bayesian(trials(), prior)


@pytest.mark.parametrize(
    "prior",
    [("0", 1), (0, "1"), (True, 1), (0, 1e308), (0, 1e-308), (1e6, 1e-12), (1e30, 1), (0,), (0, 1, 2), 0, "x", {}],
    ids=repr,
)
def test_a_prior_of_the_mean_is_two_numbers_that_can_be_computed_with(prior):
    with pytest.raises(rl.EvidenceError, match="mean_prior is"):
        rl.bayesian(trials(), ("half-normal", 0.5), mean_prior=prior)


SEVERAL = {
    "rho": lambda value: rl.correlation_sensitivity(trials(), "unit", rho=value),
    "thresholds": lambda value: rl.sensitivity(trials(), thresholds=value),
    "steps": lambda value: rl.selection_model(trials(), steps=value),
}


@pytest.mark.parametrize("word", SEVERAL)
@pytest.mark.parametrize("value", [float("nan"), None, "a", (), ("a",), [True], [0.2, float("inf")]], ids=repr)
def test_several_numbers_are_numbers(word, value):
    with pytest.raises(rl.EvidenceError, match=f"{word} is one finite number or several"):
        SEVERAL[word](value)


def test_one_threshold_is_a_sequence_of_one():
    assert str(rl.sensitivity(trials(), thresholds=0.2)) == str(rl.sensitivity(trials(), thresholds=(0.2,)))


@pytest.mark.parametrize("given", [{"ci": None}, {"ci": 1}, {"methods": None}, {"methods": [1]}])
def test_a_multiverse_takes_names(given):
    with pytest.raises(rl.EvidenceError, match="methods and ci are names"):
        rl.multiverse({"all": trials()}, **given)


@pytest.mark.parametrize("alpha", [-1, 0, 1, 2])
def test_alpha_is_a_probability(alpha):
    with pytest.raises(rl.EvidenceError, match="alpha lies between 0 and 1"):
        rl.pet_peese(trials(), alpha=alpha)


@pytest.mark.parametrize("seed", [-1, -(2**70)])
def test_a_seed_is_not_negative(seed):
    with pytest.raises(rl.EvidenceError, match="seed is a whole number, 0 or above"):
        rl.gosh(trials(), 50, seed=seed)


@pytest.mark.parametrize("given", [{"itt_estimate": float("nan")}, {"itt_se": True}, {"uptake_int": None}])
def test_an_effect_of_adherence_is_of_numbers(given):
    with pytest.raises(rl.EvidenceError, match="is a number, got"):
        rl.cace(**{"itt_estimate": -3.0, "itt_se": 1.5, "uptake_int": 0.8, "uptake_ctl": 0.3} | given)
