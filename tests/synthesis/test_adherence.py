"""Complier effects and E-values: printed examples, identities, refusals."""

import math

import pytest
from hypothesis import given, strategies as st

from reviewlib.errors import EvidenceError, MethodWarning
from reviewlib.synthesis import cace, e_value


def test_example_of_the_method_notes():
    got = cace(-3.0, 1.5, 0.80, 0.30)
    assert (got.estimate, got.se) == pytest.approx((-6.0, 3.0))
    assert got.ci == pytest.approx((-6 - 1.959964 * 3, -6 + 1.959964 * 3), rel=1e-6)
    assert "compliers only" in str(got) and any("defiers" in text for text in got.assumptions)
    assert "uptake taken as known" in got.methods


def test_delta_method_widens_and_matches_its_formula():
    got = cace(-3.0, 1.5, 0.80, 0.30, 100, 90)
    d2 = 0.8 * 0.2 / 100 + 0.3 * 0.7 / 90
    assert got.se == pytest.approx(math.sqrt(1.5**2 + 36 * d2) / 0.5, rel=1e-12)
    assert got.se > cace(-3.0, 1.5, 0.80, 0.30).se and "delta method" in got.methods


def test_large_arms_leave_known_uptake():
    assert cace(-3.0, 1.5, 0.8, 0.3, 10**9, 10**9).se == pytest.approx(3.0, rel=1e-6)


def test_full_adherence_is_intention_to_treat():
    got = cace(-3.0, 1.5, 1.0, 0.0, 50, 50)
    assert (got.estimate, got.se, got.divisor_se) == (-3.0, 1.5, 0.0)


@given(st.floats(-10, 10), st.floats(0.1, 5), st.floats(0.5, 1.0), st.floats(0.0, 0.1))
def test_test_is_that_of_intention_to_treat_and_signs_mirror(effect, se, high, low):
    got, mirror = cace(effect, se, high, low), cace(-effect, se, high, low)
    assert got.estimate / got.se == pytest.approx(effect / se, rel=1e-9)
    assert mirror.ci == pytest.approx((-got.ci.high, -got.ci.low), rel=1e-9)


def test_swapping_the_arms_changes_nothing():
    one, other = cace(-3.0, 1.5, 0.8, 0.3, 40, 50), cace(3.0, 1.5, 0.3, 0.8, 50, 40)
    assert (one.estimate, one.se) == pytest.approx((other.estimate, other.se))


def test_small_divisor_warns():
    with pytest.warns(MethodWarning, match="only 30 percentage points"):
        cace(-3.0, 1.5, 0.6, 0.3)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-3, 0, 0.8, 0.3), "itt_se"),
        ((-3, 1, 80, 30), "divide a percentage by 100"),
        ((-3, 1, 0.5, 0.5), "assignment changed nothing"),
        ((-3, 1, 0.8, 0.3, 10), "both n_int and n_ctl"),
        ((-3, 1, 0.8, 0.3, 0, 10), "above zero"),
    ],
)
def test_cace_refusals(values, words):
    with pytest.raises(EvidenceError, match=words):
        cace(*values)


def test_printed_e_value():
    got = e_value(1.5, (1.4, 1.6))
    assert (round(got.estimate, 2), round(got.limit, 2)) == (2.37, 2.15)
    assert "no verdict by itself" in str(got)


def test_protective_ratios_are_inverted():
    got, other = e_value(1 / 1.5, (1 / 1.6, 1 / 1.4)), e_value(1.5, (1.4, 1.6))
    assert (got.estimate, got.limit) == pytest.approx((other.estimate, other.limit))


@given(st.floats(0.05, 20))
def test_e_value_solves_the_bounding_formula(ratio):
    e = e_value(ratio).estimate
    assert e * e / (2 * e - 1) == pytest.approx(max(ratio, 1 / ratio), rel=1e-9)


def test_limit_across_no_effect_is_one():
    assert e_value(1.2, (0.9, 1.6)).limit == 1.0
    assert e_value(1.0).estimate == 1.0
    assert e_value(1.5).limit is None


def test_conversions_of_other_measures():
    assert e_value(2.25, measure="OR").risk_ratio == pytest.approx(1.5)
    assert e_value(2.25, measure="OR", rare=True).risk_ratio == 2.25
    hazard = (1 - 0.5 ** math.sqrt(2.0)) / (1 - 0.5 ** math.sqrt(0.5))
    assert e_value(2.0, measure="HR").risk_ratio == pytest.approx(hazard)
    smd = e_value(0.5, measure="SMD", se=0.2)
    assert smd.risk_ratio == pytest.approx(math.exp(0.455))
    assert smd.risk_ratio_ci == pytest.approx((math.exp(0.455 - 0.356), math.exp(0.455 + 0.356)))
    assert e_value(-0.5, measure="SMD").estimate == pytest.approx(smd.estimate)


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ((-0.4,), {}, "natural scale"),
        ((1.5, (1.6, 1.9)), {}, "does not contain"),
        ((1.5,), {"measure": "RD"}, "RR, OR, HR or SMD"),
        ((1.5,), {"se": 0.2}, "se is for an SMD"),
        ((math.inf,), {}, "is a number, got inf"),
    ],
)
def test_e_value_refusals(values, options, words):
    with pytest.raises(EvidenceError, match=words):
        e_value(*values, **options)


@pytest.mark.parametrize("se", [0, -1.0, math.inf, math.nan])
def test_an_effect_without_a_standard_error_has_no_complier_effect(se):
    with pytest.raises(EvidenceError, match="itt_se"):
        cace(-3.0, se, 0.80, 0.30)
