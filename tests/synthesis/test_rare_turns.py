"""Turns that a synthesis takes seldom: equal effects, one study in a group, a search that ends elsewhere."""

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.batch.sums import Studies, Without
from reviewlib.errors import EvidenceError, MethodWarning, TooFewStudiesError
from reviewlib.synthesis.coefficients import p_text
from reviewlib.synthesis.formula import _read_by
from reviewlib.synthesis.wording import harmonic_size

Y = [0.1, 0.35, 0.2, 0.6, 0.45, 0.3, 0.15, 0.5]
ROWS = pd.DataFrame({"trial": list("ABCDEFGH"), "estimate": Y, "variance": [0.04] * 8})


@pytest.mark.parametrize(("p", "said"), [(None, "P not estimable"), (0.0004, "P < 0.001"), (0.0312, "P = 0.031")])
def test_a_p_value_is_never_a_bare_zero(p, said):
    assert p_text(p) == said


def test_the_interval_of_a_standardized_difference_is_converted_as_its_estimate():
    given = rl.e_value(0.5, (0.2, 0.8), measure="SMD")
    assert tuple(given.risk_ratio_ci) == pytest.approx((np.exp(0.91 * 0.2), np.exp(0.91 * 0.8)))
    assert given.limit == pytest.approx(rl.e_value(np.exp(0.91 * 0.2)).estimate)
    with pytest.raises(EvidenceError, match="ci is a pair of numbers"):
        rl.e_value(1.5, (1.2, 1.6, 1.9))


def test_the_names_that_a_formula_reads_are_its_columns():
    assert _read_by("np.log(dose) + Q('mean age')") == {"dose", "mean age"}
    assert _read_by("`mean age` * center(dose)") == {"mean age", "dose"}


def test_subgroups_of_one_study_each_are_shown_and_not_tested():
    rows = ROWS.assign(kind=["x"] * 6 + ["y", "z"])
    apart = rl.subgroups(rows, "kind", ci="wald")
    assert (apart.q, apart.pvalue, apart.df) == (None, None, (0,))
    assert apart.apart == ("not in the test, one study each: y, z",)
    shared = rl.subgroups(rows, "kind", ci="wald", shared_tau2=True)
    assert (shared["y"].pooled, shared["y"].i2, shared["y"].estimate) == (False, None, 0.15)
    assert shared.df == (2,) and shared.pvalue is not None


def test_subgroups_without_an_error_have_no_test_and_too_few_studies_are_refused():
    equal = ROWS.assign(kind=list("xxxxyyyy"), estimate=[0.2] * 4 + [0.5] * 4)
    assert rl.subgroups(equal, "kind", ci="hksj", shared_tau2=True).pvalue is None
    with pytest.raises(TooFewStudiesError, match="2 subgroups with a shared tau2 need at least 3 studies, got 2"):
        rl.subgroups(equal.iloc[[0, 4]], "kind", shared_tau2=True, ci="wald")
    with pytest.raises(EvidenceError, match="ci must be one of"):
        rl.subgroups(equal, "kind", ci="exact")


def test_ratios_that_were_never_logged_are_asked_about():
    with pytest.warns(MethodWarning, match="every estimate is above 0 and was read as the logarithm of OR"):
        rl.meta_analysis(ROWS, measure="OR", ci="wald")


def test_knapp_hartung_limits_that_are_too_narrow_are_said_to_be():
    close = ROWS.assign(estimate=[0.30, 0.304, 0.299, 0.303, 0.301, 0.305, 0.302, 0.306], dose=[1, 2, 3, 4, 5, 6, 7, 9])
    with pytest.warns(MethodWarning, match="less than half as wide as normal ones"):
        rl.meta_regression("~ dose", close, ci="hksj", insist=True)


def test_studies_that_agree_have_nobody_of_influence():
    said = rl.influence(ROWS.assign(estimate=[0.3, 0.31, 0.29, 0.3, 0.3, 0.32, 0.28, 0.3]), ci="wald")
    assert str(said) == "No study of 8 crosses a customary threshold of influence"


def test_filled_studies_carry_the_standard_error_of_their_twins():
    lean = ROWS.assign(estimate=[0.1, 0.2, 0.3, 0.4, 0.6, 0.9, 1.3, 2], se=[0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6])
    lean["variance"] = lean["se"] ** 2
    found = rl.trim_and_fill(lean, side="left", insist=True)
    new = found.studies[found.studies["filled"]]
    assert len(new) == found.k0 == 4 and list(new["trial"]) == [f"Filled {i}" for i in (1, 2, 3, 4)]
    assert sorted(new["se"]) == pytest.approx([0.3, 0.4, 0.5, 0.6])


def test_orders_past_counting_are_drawn_and_not_enumerated():
    rng = np.random.default_rng(1)
    many = pd.DataFrame({"estimate": rng.normal(0.3, 0.2, 60), "variance": 0.04, "dose": rng.permutation(60)})
    fit = rl.meta_regression("~ dose", many, ci="wald")
    with pytest.raises(EvidenceError, match="arrangements are too many for an exact test"):
        fit.permutation_test(exact=True)
    with pytest.raises(EvidenceError, match="at least two arrangements, got n=1"):
        fit.permutation_test(n=1)


def test_without_each_study_the_others_bound_the_variances():
    v = np.array([2.0, 1.0, 7.0, 5.0])
    low, high = Without(Studies(np.zeros(4), v), np.arange(4)).smallest_and_largest()
    rest = [np.delete(v, i) for i in range(4)]
    assert list(low) == [r.min() for r in rest] and list(high) == [r.max() for r in rest]


def test_the_methods_name_what_was_transformed_and_what_was_not():
    assert "(effects as given: no measure was named" in rl.meta_analysis(ROWS, ci="wald").methods
    assert "(MD values)" in rl.meta_analysis(ROWS, measure="MD", ci="wald").methods
    assert "of each study)" in rl.meta_analysis(ROWS, measure="PAS", ci="wald").methods


def test_a_study_of_nobody_has_no_harmonic_mean():
    table = pd.DataFrame({"n": [10.0, 40.0]})
    used = np.array([True, True])
    assert harmonic_size("PFT", table, used) == 16
    assert harmonic_size("PFT", table * [0.0], used) is None
    assert harmonic_size("PFT", table, ~used) is None and harmonic_size("PLO", table, used) is None
