"""Effect sizes: identities, what stays in the table and why, what is refused, and the way back to readable scales."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import reviewlib as rl
from reviewlib.effects import MEASURES, hedges_correction

MEAN = st.floats(-50, 50)
SD = st.floats(0.1, 20)
N = st.integers(3, 300)
ARM = st.tuples(MEAN, SD, N)
COUNT = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + pair[1] + 1))


def _arms(one, two):
    names = ("mean", "sd", "n")
    return {f"{k}_int": [v] for k, v in zip(names, one, strict=True)} | {
        f"{k}_ctl": [v] for k, v in zip(names, two, strict=True)
    }


def _effect(table, measure, **options):
    got = rl.effect_sizes(table, measure, **options).iloc[0]
    return got["estimate"], got["variance"]


# Identities -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["MD", "SMD", "SMDH"])
@given(ARM, ARM, st.floats(0.01, 100), MEAN)
def test_means_swap_mirror_and_change_unit(measure, one, two, unit, zero):
    y, v = _effect(_arms(one, two), measure)
    assert _effect(_arms(two, one), measure) == pytest.approx((-y, v), rel=1e-9, abs=1e-12)
    moved = [(unit * m + zero, unit * s, n) for m, s, n in (one, two)]
    scale = unit if measure == "MD" else 1.0
    assert _effect(_arms(*moved), measure) == pytest.approx((scale * y, scale**2 * v), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "PETO", "AS"])
@given(COUNT, COUNT)
def test_counts_swap_and_mirror(measure, one, two):
    def table(a, b):
        return {"events_int": [a[0]], "n_int": [a[1]], "events_ctl": [b[0]], "n_ctl": [b[1]]}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        y, v = _effect(table(one, two), measure)
        assert _effect(table(two, one), measure) == pytest.approx((-y, v), rel=1e-9, abs=1e-12)
        if measure != "RR":  # counting the opposite event mirrors all but the risk ratio
            flipped = [(n - x, n) for x, n in (one, two)]
            assert _effect(table(*flipped), measure) == pytest.approx((-y, v), rel=1e-9, abs=1e-12)


@given(st.permutations(range(5)))
def test_the_order_of_rows_does_not_matter(order):
    table = pd.DataFrame({"events_int": [4, 0, 3, 7, 9], "n_int": 20, "events_ctl": [6, 2, 0, 9, 1], "n_ctl": 22})
    whole = rl.effect_sizes(table, "OR", to="if0all")
    shuffled = rl.effect_sizes(table.iloc[list(order)], "OR", to="if0all")
    pd.testing.assert_frame_equal(shuffled.sort_index(), whole)


def test_hedges_correction_is_exact_at_both_ends():
    assert hedges_correction(2) == pytest.approx(1 / np.sqrt(np.pi), rel=1e-14)
    assert np.isnan(hedges_correction([1, 0])).all()
    df = np.array([1e4, 1e8, 1e12])
    np.testing.assert_allclose(hedges_correction(df), 1 - 3 / (4 * df) - 7 / (32 * df**2), rtol=1e-11)
    steps = hedges_correction([10, 12])  # J(m + 2) / J(m) follows from gamma(x + 1) = x gamma(x)
    assert steps[1] / steps[0] == pytest.approx(10 / 9 * np.sqrt(10 / 12), rel=1e-14)


def test_a_paired_change_of_uncorrelated_halves_is_the_variance_of_two_means():
    table = {"mean_pre": [50], "mean_post": [42], "sd_pre": [10], "sd_post": [12], "n": [30], "r": [0.0]}
    assert _effect(table, "MC") == pytest.approx((-8, (100 + 144) / 30))


# Zero cells -----------------------------------------------------------------------------------------------------

ZEROS = {"trial": ["A", "B", "C"], "events_int": [4, 0, 0], "n_int": [20, 20, 20], "events_ctl": [6, 3, 0], "n_ctl": 20}


@pytest.mark.parametrize(
    "to, corrected", [("only0", [0, 1, 1]), ("all", [1, 1, 1]), ("if0all", [1, 1, 1]), ("none", [0, 0, 0])]
)
def test_every_correction_is_visible(to, corrected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        got = rl.effect_sizes(ZEROS, "RR", to=to)
    assert got["corrected"].tolist() == [bool(c) for c in corrected]
    assert [("0.5 added to each cell" in route) for route in got["route"]] == got["corrected"].tolist()


def test_double_zeros_warn_for_ratios_and_can_be_left_out():
    with pytest.warns(rl.MethodWarning, match="both arms of C"):
        rl.effect_sizes(ZEROS, "RR")
    got = rl.effect_sizes(ZEROS, "RR", drop00=True)
    assert got["estimate"].isna().tolist() == [False, False, True]
    assert got["excluded"][2] == "no events, or only events, in both arms"
    assert got["corrected"].tolist() == [False, True, False]


def test_without_a_correction_a_zero_cell_is_said_not_guessed():
    got = rl.effect_sizes(ZEROS, "OR", to="none")
    assert got["excluded"].tolist()[1:] == ["a cell is 0 and no correction was asked for"] * 2
    assert got["excluded"][0] is None


# Rows that stay, rows that are refused --------------------------------------------------------------------------


def test_the_input_is_not_changed_and_unreported_rows_stay_with_a_reason():
    table = pd.DataFrame(_arms((1, 2, 30), (2, 2, 30))).loc[[0, 0]].reset_index(drop=True)
    table["sd_int"] = pd.array([2.0, None], dtype="Float64")
    table["n_int"] = pd.array([30, 30], dtype="Int64")
    before = table.copy(deep=True)
    got = rl.effect_sizes(table, "SMD")
    pd.testing.assert_frame_equal(table, before)
    assert got["excluded"].tolist() == [None, "not reported: sd_int"]
    assert got[["estimate", "variance", "se"]].iloc[1].isna().all()


def test_a_row_excluded_before_keeps_its_reason():
    table = pd.DataFrame(_arms((1, 2, 30), (2, 2, 30))).assign(excluded="direction only: favours control")
    assert rl.effect_sizes(table, "MD")["excluded"].tolist() == ["direction only: favours control"]


def test_all_faults_are_told_at_once_by_row_and_column():
    table = {
        "trial": ["Alpha", "Beta"],
        "events_int": [12, 3],
        "n_int": [10, 0],
        "events_ctl": ["three", 4],
        "n_ctl": [10, 10],
    }
    with pytest.raises(rl.EvidenceError) as caught:
        rl.effect_sizes(table, "RR")
    assert [(p.record, p.column) for p in caught.value.problems] == [("Alpha", "events_ctl")]
    table["events_ctl"] = [-3, 4]
    with pytest.raises(rl.EvidenceError) as caught:
        rl.effect_sizes(table, "RR")
    faults = {(p.record, p.column) for p in caught.value.problems}
    assert faults == {("Alpha", "events_int"), ("Beta", "n_int"), ("Alpha", "events_ctl"), ("Beta", "events_int")}
    assert all(p.remedy and p.rule for p in caught.value.problems)


@pytest.mark.parametrize(
    "measure, change, message",
    [
        ("MD", {"sd_int": [-1]}, "cannot be negative"),
        ("MD", {"sd_ctl": [0]}, "all people scored alike"),
        ("SMD", {"n_ctl": [0]}, "at least 1 person"),
        ("MD", {"mean_int": [np.inf]}, "is infinite"),
    ],
)
def test_impossible_arms_are_refused(measure, change, message):
    with pytest.raises(rl.EvidenceError, match=message):
        rl.effect_sizes(_arms((1, 2, 30), (2, 2, 30)) | change, measure)


def test_unknown_measures_and_missing_columns_say_what_would_work():
    with pytest.raises(rl.EvidenceError, match=r"did you mean .*SMD"):
        rl.effect_sizes({}, "SMDD")
    with pytest.raises(rl.EvidenceError, match="missing: sd_ctl, n_ctl"):
        rl.effect_sizes({"mean_int": [1], "sd_int": [1], "n_int": [9], "mean_ctl": [1]}, "MD")
    with pytest.raises(rl.EvidenceError, match="only0, all, if0all, none"):
        rl.effect_sizes(ZEROS, "OR", to="sometimes")
    with pytest.raises(rl.EvidenceError, match="add must be 0 or more"):
        rl.effect_sizes(ZEROS, "OR", add=-1)


def test_small_groups_are_kept_without_an_estimate():
    assert rl.effect_sizes(_arms((1, 2, 1), (2, 2, 2)), "SMD")["excluded"].tolist() == ["too few people for an SD"]
    assert rl.effect_sizes({"r": [0.5, 1.0], "n": [3, 30]}, "ZCOR")["estimate"].isna().all()
    assert rl.effect_sizes(_arms((-1, 2, 10), (2, 2, 20)), "ROM")["excluded"].tolist() == [
        "means not on the same side of zero"
    ]


@pytest.mark.parametrize("measure", list(MEASURES))
def test_an_empty_table_gives_an_empty_table(measure):
    columns = MEASURES[measure].columns
    got = rl.effect_sizes(pd.DataFrame({name: [] for name in columns}), measure)
    assert len(got) == 0 and {"estimate", "variance", "se", "corrected", "route", "excluded"} <= set(got)


# Printed contrasts ----------------------------------------------------------------------------------------------


def test_contrasts_go_to_the_log_scale_by_their_measure():
    table = pd.DataFrame(
        {
            "trial": ["A", "B", "C"],
            "measure": ["RR", "MD", "MD"],
            "estimate": [1.45, -2.9, -2.9],
            "ci_low": [1.13, -4.0, -4.0],
            "ci_high": [1.85, -1.8, -1.8],
            "ci_level": [95, 0.95, 90],
            "df": [None, 267, None],
        }
    )
    got = rl.effect_sizes(table, "GEN")
    want = [np.log(1.85 / 1.13) / 3.919928, 2.2 / (2 * 1.968889), 2.2 / (2 * 1.644854)]
    assert got["se"].tolist() == pytest.approx(want, rel=1e-6)
    assert got["estimate"].tolist() == pytest.approx([np.log(1.45), -2.9, -2.9])
    assert got["ci_low"][0] == pytest.approx(np.log(1.13))
    assert "t quantile on 267 df" in got["route"][1] and "90% interval" in got["route"][2]
    assert rl.effect_sizes(table.iloc[[0]].assign(measure="HR"), "HR")["estimate"].tolist() == pytest.approx(
        [np.log(1.45)]
    )
    assert got.attrs["measure"] == "GEN"
    assert rl.effect_sizes(table.iloc[[0]], "GEN").attrs["measure"] == "RR"
    assert rl.effect_sizes(table.iloc[[0]], "GEN", ratio=False)["estimate"].tolist() == [1.45]


def test_contrasts_with_se_or_variance_and_off_centre_estimates():
    assert rl.effect_sizes({"estimate": [0.3], "se": [0.2]}, "GEN")["variance"].tolist() == pytest.approx([0.04])
    assert rl.effect_sizes({"estimate": [0.3], "variance": [0.04]}, "GEN")["se"].tolist() == pytest.approx([0.2])
    got = rl.effect_sizes({"estimate": [1.0], "ci_low": [0.0], "ci_high": [4.0]}, "GEN")
    assert "lies 50% of half the width off the middle" in got["route"][0]


@pytest.mark.parametrize(
    "row, message",
    [
        ((1.0, 2.0, 3.0), "outside its interval"),
        ((1.0, 2.0, 0.5), "not below the upper limit"),
    ],
)
def test_impossible_contrasts_are_refused(row, message):
    with pytest.raises(rl.EvidenceError, match=message):
        rl.effect_sizes(dict(zip(("estimate", "ci_low", "ci_high"), ([v] for v in row), strict=True)), "GEN")
    with pytest.raises(rl.EvidenceError, match="limit of a ratio must be above 0"):
        rl.effect_sizes({"estimate": [1.0], "ci_low": [-0.1], "ci_high": [2.0]}, "GEN", ratio=True)
    with pytest.raises(rl.EvidenceError, match="missing: ci_low, ci_high"):
        rl.effect_sizes({"estimate": [1.0]}, "GEN")


# Direction and the way back -------------------------------------------------------------------------------------


def test_align_mirrors_rows_and_leaves_the_input_alone():
    table = pd.DataFrame(
        {"estimate": [-0.5, 0.4], "ci_low": [-1, 0.1], "ci_high": [0, 0.7], "better": ["lower", "higher"], "route": "x"}
    )
    got = rl.align(table)
    assert got["estimate"].tolist() == [-0.5, -0.4]
    assert got[["ci_low", "ci_high"]].to_numpy().tolist() == [[-1, 0], [-0.7, -0.1]]
    assert table["estimate"].tolist() == [-0.5, 0.4] and "sign turned" in got["route"][1]
    back = rl.align(got.assign(better="lower"), benefit="positive")
    assert back["estimate"].tolist() == [0.5, 0.4]
    assert rl.align(table, "higher")["turned"].tolist() == [True, True]


@pytest.mark.parametrize(
    "better, message",
    [("no_such", "no column 'no_such'"), (["lower"], "1 directions for 2 rows"), (["lower", "up"], "not so for")],
)
def test_align_refuses_unknown_directions(better, message):
    with pytest.raises(rl.EvidenceError, match=message):
        rl.align({"trial": ["A", "B"], "estimate": [0.1, 0.2]}, better)


@pytest.mark.parametrize(
    "measure, table, value",
    [
        ("PLO", {"events": [3], "n": [12]}, 0.25),
        ("PLN", {"events": [3], "n": [12]}, 0.25),
        ("PAS", {"events": [3], "n": [12]}, 0.25),
        ("PFT", {"events": [3], "n": [12]}, 0.25),
        ("ZCOR", {"r": [-0.4], "n": [12]}, -0.4),
        ("RR", {"events_int": [3], "n_int": [12], "events_ctl": [6], "n_ctl": [12]}, 0.5),
        ("MD", _arms((1, 2, 30), (3, 2, 30)), -2.0),
    ],
)
def test_what_goes_to_the_analysis_scale_comes_back(measure, table, value):
    y, _ = _effect(table, measure)
    assert rl.back_transform(y, measure, n=12) == pytest.approx(value, rel=1e-9)


def test_back_transform_keeps_the_shape_it_is_given():
    limits = rl.back_transform(rl.Interval(-1.0, 0.0), "OR")
    assert isinstance(limits, rl.Interval) and limits.high == 1.0
    assert rl.back_transform(np.zeros((2, 3)), "PLO").shape == (2, 3)
    assert rl.back_transform([0.05, 1.6], "PFT", n=[20, 20]).tolist() == [0.0, 1.0]
    with pytest.raises(rl.EvidenceError, match="needs the sample sizes"):
        rl.back_transform(0.5, "PFT")
