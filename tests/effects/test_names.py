"""What the name of a column says of an effect, and what a table may not leave open or say twice."""

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.effects.contrast import printed_limits
from reviewlib.effects.names import effect_named
from reviewlib.effects.twins import half_unit, on_scale, refuse_twins, twins
from reviewlib.errors import EvidenceError

NAMES = {
    ("ratio", "OR"): ("OR", "Odds ratio (OR)", "OR [95% CI]", "aOR", "AOR", "aor", "cOR", "adj. OR", "a odds ratio"),
    ("ratio", "HR"): ("HR", "sHR", "adjusted hazard ratio"),
    ("ratio", "RR"): ("Risk ratio", "Risikoverh\u00e4ltnis"),
    ("ratio", "IRR"): ("aIRR", "incidence rate ratios"),
    ("log", "OR"): ("ln(OR)", "log OR", "logOR"),
    ("log", "HR"): ("ln aHR", "log HR (crude)"),
    (None, "MD"): ("MD", "Mean difference (MD)", "mean diff"),
    (None, "SMD"): ("Hedges' g", "SMD [95% CI]"),
    (None, "RD"): ("risk difference",),
    ("log", None): ("yi", "beta", "log estimate", "ln effect size"),
    ("ratio", None): ("exp(b)", "expB"),
    (None, None): ("estimate", "Effect size", "adjusted estimate"),
    None: ("ARR", "COR", "chr", "n", "log", "weight", "Mean difference (OR)", "log risk difference", "\u0394"),
}


@pytest.mark.parametrize(("said", "name"), [(said, name) for said, names in NAMES.items() for name in names])
def test_a_name_says_its_measure_and_scale_or_nothing(said, name):
    assert effect_named(name) == said


def test_a_second_column_counts_only_where_its_name_is_plain():
    assert set(twins(["OR", "aOR", "weight", "d"])) == {"OR"}
    assert twins(["OR", "RR"]) == {}, "two measures: nobody knows which one the estimate is"
    assert set(twins(["OR", "logRR"], "RR")) == {"logRR"}


def test_a_shown_number_is_rounded_as_its_column_shows():
    assert [half_unit(np.array(shown)) for shown in ([1.25, np.nan], [2.0, 3.0], [1 / 3])] == [0.005, 0.5, 0.0]
    values, half = on_scale(np.array([2.0, 4.0]), effect_named("OR"), 0.5)
    assert values == pytest.approx(np.log([2, 4])) and half == pytest.approx([0.25, 0.125])
    values, half = on_scale(np.array([2.0, 4.0]), effect_named("MD"), 0.5)
    assert list(values) == [2, 4] and list(half) == [0.5, 0.5]


def test_a_twin_that_is_text_is_not_read_and_one_that_contradicts_is_refused():
    table = pd.DataFrame({"trial": ["A", "B"], "yi": [0.69, 1.39], "OR": [2.0, 4.0]})
    y, se = table["yi"].to_numpy(), np.array([0.1, 0.1])
    refuse_twins(table, y, se, y, "yi")
    refuse_twins(table.assign(OR=["2 (1 to 3)", "9"]), y, se, y, "yi")
    refuse_twins(table.assign(OR=[2.0, 9.0], measure="RR"), y, se, y, "yi")
    with pytest.raises(EvidenceError, match="column OR .B.*contradicts the estimate"):
        refuse_twins(table.assign(OR=[2.0, 9.0]), y, se, y, "yi", names=["A", "B"])


GEN = pd.DataFrame(
    {"trial": ["A", "B"], "measure": "OR", "estimate": [0.69, 2.0], "ci_low": [-0.3, 1.0], "ci_high": [1.68, 4.0]}
)


def test_ratios_and_their_logarithms_in_one_column_are_refused_by_the_row():
    with pytest.raises(EvidenceError, match="A.*this one is a logarithm"):
        rl.effect_sizes(GEN, "GEN")
    assert rl.effect_sizes(GEN, "GEN", ratio=[False, True])["estimate"].tolist() == pytest.approx([0.69, np.log(2)])
    assert rl.effect_sizes(GEN[1:], "GEN", ratio=[None])["estimate"].tolist() == pytest.approx([np.log(2)])


@pytest.mark.parametrize(
    ("table", "measure", "words"),
    [
        ({"estimate": [2.0], "se": [0.1], "ci_low": [1.0]}, "GEN", "an interval needs.*ci_high"),
        ({"estimate": [2.0], "se": [0.1]}, "HR", "nothing beside them says which. Say ratio=True"),
        ({"estimate": [2.0], "n_int": [10]}, "MD", "The table has estimates: add a column measure that says MD"),
    ],
)
def test_what_a_contrast_leaves_open_is_refused_with_the_way_to_say_it(table, measure, words):
    with pytest.raises(EvidenceError, match=words):
        rl.effect_sizes(pd.DataFrame({"trial": ["A"]} | table), measure)


def test_a_trial_without_arms_is_filled_by_its_estimate_and_one_without_either_stays():
    arms = {"mean_int": 3.0, "sd_int": 2.0, "n_int": 20, "mean_ctl": 5.0, "sd_ctl": 2.0, "n_ctl": 20}
    table = pd.DataFrame([{"trial": "A", **arms}, {"trial": "B", "estimate": -1.5, "se": 0.5}, {"trial": "C"}])
    found = rl.effect_sizes(table, "MD")
    assert found["estimate"].tolist()[:2] == pytest.approx([-2.0, -1.5]) and found["se"][1] == pytest.approx(0.5)
    assert found["excluded"].isna().tolist() == [True, True, False]
    both = table[:1].assign(estimate=9.0, se=0.5)
    assert rl.effect_sizes(both, "MD")["estimate"].tolist() == [-2.0], "arms that are there come first"


def test_only_the_limits_that_the_source_printed_at_this_level_are_shown():
    route = "contrast as printed, SE from its 95% interval (normal quantile)"
    row = {"route": route, "estimate": 1.0, "ci_low": 0.5, "ci_high": 1.6}
    assert printed_limits(row, 0.95) == (0.5, 1.6)
    assert printed_limits(row, 0.9) is None
    assert printed_limits(row | {"route": "mean difference from means, SDs and n of both arms"}, 0.95) is None
    assert printed_limits(row | {"ci_low": np.nan}, 0.95) is None


def test_signs_are_turned_with_limits_or_without():
    rows = {"trial": ["A"], "estimate": [0.4]}
    assert rl.align(rows, "higher")["estimate"].tolist() == [-0.4]
    assert rl.align(rows, "higher", benefit="positive")["turned"].tolist() == [False]
    with pytest.raises(EvidenceError, match="benefit must be 'negative' or 'positive', got 'up'"):
        rl.align(rows, "higher", benefit="up")


def test_a_proportion_is_brought_back_at_people_only():
    with pytest.raises(EvidenceError, match="sample sizes must be above 0"):
        rl.back_transform(0.5, "PFT", n=[10, 0])
