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
