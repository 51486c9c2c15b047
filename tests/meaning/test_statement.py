"""The grid of size and certainty, sizes against a threshold, and the words that overclaim."""

import pytest

from reviewlib.errors import EvidenceError
from reviewlib.meaning.statement import LEVELS, SIZES, overclaims, size_of, statement

WORDS = dict(intervention="Massage", verb="reduce", outcome="pain")
GRID = {
    ("high", "large"): "Massage results in a large reduction in pain",
    ("high", "important"): "Massage reduces pain",
    ("high", "small"): "Massage slightly reduces pain",
    ("high", "trivial"): "Massage results in little to no difference in pain",
    ("moderate", "large"): "Massage probably results in a large reduction in pain",
    ("moderate", "important"): "Massage probably reduces pain",
    ("moderate", "small"): "Massage probably slightly reduces pain",
    ("moderate", "trivial"): "Massage probably results in little to no difference in pain",
    ("low", "large"): "Massage may result in a large reduction in pain",
    ("low", "important"): "Massage may reduce pain",
    ("low", "small"): "Massage may slightly reduce pain",
    ("low", "trivial"): "Massage may result in little to no difference in pain",
}


@pytest.mark.parametrize(("level", "size"), [(level, size) for level in LEVELS for size in SIZES])
def test_the_grid(level, size):
    very_low = "The evidence is very uncertain about the effect of massage on pain"
    assert statement(level, size=size, **WORDS) == GRID.get((level, size), very_low)


def test_an_acronym_keeps_its_capitals():
    assert "effect of TENS on pain" in statement("very low", intervention="TENS", verb="reduce", outcome="pain")


def test_a_large_increase_has_its_article():
    said = statement("high", size="large", intervention="X", verb="increase", outcome="pain")
    assert said == "X results in a large increase in pain"


@pytest.mark.parametrize("wrong", [{"level": "strong"}, {"size": "huge"}, {"verb": "cure"}])
def test_what_the_grid_does_not_know_is_refused_with_the_choices(wrong):
    with pytest.raises(EvidenceError, match="is not one of"):
        statement(**{"level": "low", **WORDS, **wrong})


@pytest.mark.parametrize(
    ("estimate", "size"), [(0.9, "trivial"), (-1.0, "small"), (1.99, "small"), (2.0, "important"), (-6, "large")]
)
def test_sizes_against_a_difference_of_two_points(estimate, size):
    assert size_of(estimate, mid=2, large=6) == size


def test_without_a_threshold_nothing_is_large():
    assert size_of(100, mid=2) == "important"


@pytest.mark.parametrize(
    ("estimate", "size"), [(0.19, "trivial"), (-0.2, "small"), (0.49, "small"), (-0.5, "important"), (4, "important")]
)
def test_sizes_in_standard_deviations_where_no_threshold_is_known(estimate, size):
    assert size_of(estimate, sd=1) == size_of(10 * estimate, sd=10) == size


@pytest.mark.parametrize("mid", [None, 0, -1, float("nan")])
def test_a_size_needs_a_threshold(mid):
    with pytest.raises(EvidenceError, match="minimal important difference"):
        size_of(1, mid=mid)


@pytest.mark.parametrize(
    "text",
    [
        "There was no significant difference.",
        "a trend towards benefit",
        "Massage had no effect.",
        "no evidence of a difference",
        "the non-significant result",
    ],
)
def test_words_that_overclaim_are_found(text):
    assert overclaims(text)


def test_every_sentence_of_the_grid_is_clean():
    for level in LEVELS:
        for size in SIZES:
            assert not overclaims(statement(level, size=size, **WORDS))
    assert not overclaims("Massage results in little to no difference in pain; the interval is wide.")


@pytest.mark.parametrize(
    ("named", "within"),
    [("A massage", "of a massage"), ("Massage", "of massage"), ("TENS", "of TENS"), ("K-tape", "of K-tape")],
)
def test_only_an_abbreviation_keeps_its_capital_within_a_sentence(named, within):
    assert within in statement("very low", intervention=named, verb="reduce", outcome="pain")


def test_a_difference_stated_as_a_fact_claims_too_much():
    assert overclaims("By one interval there is a difference.") == ["there is a difference"]
