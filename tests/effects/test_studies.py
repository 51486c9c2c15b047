"""Published rows become a studies table: right numbers, one direction, nobody counted twice, nothing dropped."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import reviewlib as rl
from reviewlib import convert
from reviewlib.effects import hedges_correction
from reviewlib.effects.shared_control import joined_contrasts

COLUMNS = [
    "result_id",
    "source_id",
    "trial",
    "arm_id",
    "control_id",
    "join_as",
    "use",
    "intervention",
    "comparator",
    "outcome",
    "instrument_id",
    "better",
    "timepoint_weeks",
    "analysis_set",
    "n_int",
    "mean_int",
    "sd_int",
    "n_ctl",
    "mean_ctl",
    "sd_ctl",
    "value_kind",
    "events_int",
    "events_ctl",
    "measure",
    "estimate",
    "ci_low",
    "ci_high",
    "ci_level",
    "p_value",
    "contrast",
    "favours",
]


def rows(*records):
    """Rows of results.csv; what is not given is empty, and numbers may be missing."""
    common = {
        "outcome": "pain",
        "instrument_id": "vas",
        "better": "lower",
        "timepoint_weeks": 4.0,
        "comparator": "usual",
    }
    table = pd.DataFrame(
        [
            {"result_id": f"r{i}", "trial": f"T{i}", "intervention": "massage"} | common | r
            for i, r in enumerate(records)
        ]
    )
    return table.reindex(columns=COLUMNS)


def printed(estimate, low, high, n_int=None, n_ctl=None, measure="MD", contrast="int-ctl", **more):
    return {
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "n_int": n_int,
        "n_ctl": n_ctl,
        "measure": measure,
        "contrast": contrast,
        "ci_level": 95.0,
    } | more


def arms(n1, m1, s1, n2, m2, s2, **more):
    return {"n_int": n1, "mean_int": m1, "sd_int": s1, "n_ctl": n2, "mean_ctl": m2, "sd_ctl": s2} | more


# Published trials -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def massage():
    return rl.load_evidence()["massage"].results


def shown(study):
    return f"{study['estimate']:.2f} ({study['ci_low']:.2f} to {study['ci_high']:.2f})"


@pytest.mark.parametrize(
    "result_id, measure, want",
    [
        ("arguisuelas2017-rmdq-2w", "MD", "-2.60 (-6.16 to 0.96)"),
        ("hsieh2004-pain-4w", "SMD", "-0.67 (-1.00 to -0.33)"),
        ("hsieh2004-pain-26w", "SMD", "-0.73 (-1.07 to -0.40)"),
        ("mackawan2007-vas-immediate", "SMD", "-0.54 (-1.03 to -0.06)"),
    ],
)
def test_massage_trials_from_their_arms(massage, result_id, measure, want):
    row = massage[massage["result_id"] == result_id].assign(better="lower")
    assert shown(rl.study_effects(row, measure).iloc[0]) == want


def test_the_other_common_variance_gives_the_limits_that_other_software_prints(massage):
    """With J squared on the whole variance (metafor's vtype "LS2") -1.00 to -0.34 and -1.09 to -0.07 come out."""
    for result_id, n1, n2, want in (
        ("hsieh2004-pain-4w", 69, 77, (-1.00, -0.34)),
        ("zheng2012-vas-change", 30, 30, (0.07, 1.09)),
    ):
        g = abs(rl.study_effects(massage[massage["result_id"] == result_id], "SMD")["estimate"].iloc[0])
        j = float(hedges_correction(n1 + n2 - 2))
        se = j * np.sqrt(1 / n1 + 1 / n2 + (g / j) ** 2 / (2 * (n1 + n2)))
        low, high = convert.ci_from_se(g if want[1] > 0 else -g, se)
        assert (round(low, 2), round(high, 2)) == want


def test_massage_trial_on_a_wider_scale(massage):
    row = massage[massage["result_id"] == "arguisuelas2017-vas-2w"].assign(better="lower")
    study = rl.study_effects(row, "MD").iloc[0]
    assert f"{study['estimate']:.1f} ({study['ci_low']:.1f} to {study['ci_high']:.1f})" == "-6.7 (-20.9 to 7.5)"


def test_change_scores_of_improvement_give_g_of_0_58_in_the_better_direction(massage):
    row = massage[massage["result_id"] == "zheng2012-vas-change"]
    g = rl.study_effects(row, "SMD").iloc[0]
    # 1.9 (SD 0.9) against 1.4 (0.8), 30 people each: which sign the table holds depends on how change was typed.
    assert f"{abs(g['estimate']):.2f}" == "0.58"
    assert g["se"] == pytest.approx(0.2636, abs=5e-5)


def test_two_massage_arms_against_one_control_are_one_trial(massage):
    both = massage[massage["result_id"].isin(["cherkin2011-rdq-relax-10w", "cherkin2011-rdq-struct-10w"])]
    study = rl.study_effects(both.assign(better="lower"), "MD").iloc[0]
    assert (study["n_int"], study["n_ctl"]) == (268, 133)
    assert f"{study['estimate']:.2f}" == "-2.70"
    # By hand with SD 4.60 in all arms, as the relaxation interval implies: -3.66 to -1.75. Ours takes each arm's own
    # SD and the t quantile, which is a little narrower.
    se = 4.60 * np.sqrt(1 / 268 + 1 / 133)
    assert [f"{limit:.2f}" for limit in convert.ci_from_se(study["estimate"], se)] == ["-3.66", "-1.75"]
    assert [f"{study[limit]:.2f}" for limit in ("ci_low", "ci_high")] == ["-3.63", "-1.77"]
    assert "share 133 controls" in study["route"] and study["result_ids"].count(";") == 1


# Identities -----------------------------------------------------------------------------------------------------


def sizes(low, high, arms_of_a_trial, trials=100):
    """People per arm of many trials, both ends of the range among them; all trials go through one call."""
    drawn = np.random.default_rng(20).integers(low, high, (trials, arms_of_a_trial), endpoint=True)
    drawn[0], drawn[1] = low, high
    return drawn.tolist()


def same(got, want, names, rtol):
    """Both tables hold one study per trial, with the same numbers."""
    assert got["trial"].is_unique and sorted(got["trial"]) == sorted(want["trial"])
    got, want = (table.set_index("trial").sort_index()[names].to_numpy(float) for table in (got, want))
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-12)


def test_a_contrast_printed_either_way_round_is_the_same_study():
    rng = np.random.default_rng(21)
    one, two = [], []
    for n1, n2 in sizes(5, 200, 2):
        y, width = rng.uniform(-5, 5), rng.uniform(0.5, 9)
        n1, n2 = (n1, n2) if rng.random() < 0.5 else (None, None)
        one.append(printed(y, y - width, y + width, n1, n2))
        two.append(printed(-y, -y - width, -y + width, n1, n2, contrast="ctl-int"))
    one, two = rl.study_effects(rows(*one), "MD"), rl.study_effects(rows(*two), "MD")
    same(two, one, ["estimate", "variance", "ci_low", "ci_high"], 1e-12)


def test_joined_arms_are_the_pooled_patients():
    rng = np.random.default_rng(22)
    apart, whole = [], []
    for i, people in enumerate(sizes(4, 80, 3)):
        a, b, c = (rng.normal(mean, sd, n) for mean, sd, n in zip((-2, 1, 0), (3, 2, 2), people, strict=True))
        trial = {"trial": f"T{i}", "value_kind": "final"}
        for name, arm in (("a", a), ("b", b)):
            apart.append(arms(*numbers_of(arm), *numbers_of(c), arm_id=f"{i}-{name}", control_id=f"{i}-c", **trial))
        whole.append(arms(*numbers_of(np.concatenate([a, b])), *numbers_of(c), **trial))
    for measure in ("MD", "SMD"):
        got, want = rl.study_effects(rows(*apart), measure), rl.study_effects(rows(*whole), measure)
        same(got, want, ["estimate", "variance", "n_int", "n_ctl"], 1e-9)


def numbers_of(people):
    return len(people), people.mean(), people.std(ddof=1)


@given(st.integers(5, 300), st.integers(5, 300), st.integers(5, 300), st.floats(0.5, 10))
def test_joined_contrasts_with_one_sd_are_the_joined_arms(n1, n2, n_ctl, sd):
    variance = [sd**2 * (1 / n1 + 1 / n_ctl), sd**2 * (1 / n2 + 1 / n_ctl)]
    y, v, covariance = joined_contrasts([-2.0, 1.0], variance, [n1, n2], n_ctl)
    assert y == pytest.approx((-2 * n1 + n2) / (n1 + n2))
    assert v == pytest.approx(sd**2 * (1 / (n1 + n2) + 1 / n_ctl))
    assert covariance == pytest.approx(sd**2 / n_ctl)


def test_one_arm_against_two_controls_is_one_study_too():
    """Turning a trial round (its arm for its control) changes the sign and nothing else."""
    rng = np.random.default_rng(23)
    one, two = [], []
    for i, people in enumerate(sizes(4, 80, 3)):
        a, b, c = zip(people, rng.normal(0, 2, 3), rng.uniform(1, 3, 3), strict=True)
        trial, c_id = {"trial": f"T{i}"}, f"{i}-c"
        for name, arm in (("a", a), ("b", b)):
            one.append(arms(*arm, *c, arm_id=f"{i}-{name}", control_id=c_id, **trial))
            two.append(arms(*c, *arm, arm_id=c_id, control_id=f"{i}-{name}", **trial))
    for measure in ("MD", "SMD"):
        got, want = rl.study_effects(rows(*two), measure), rl.study_effects(rows(*one), measure)
        same(got.assign(estimate=-got["estimate"]), want, ["estimate", "variance"], 1e-6)
        same(got.rename(columns={"n_int": "n_ctl", "n_ctl": "n_int"}), want, ["n_int", "n_ctl"], 0)


def test_printed_contrasts_of_one_arm_against_two_controls_are_weighed_by_the_controls():
    turned = {"trial": "T", "arm_id": "t-c"}
    two = [
        printed(-1, -3, 1, 20, 30, control_id="t-a", **turned),
        printed(-2, -4, 0, 20, 50, control_id="t-b", **turned),
    ]
    joined = rl.study_effects(rows(*two), "MD").iloc[0]
    assert joined["estimate"] == pytest.approx((-1 * 30 - 2 * 50) / 80) and joined["n_int"] == 20
    assert "2 arms that share 20 people with the intervention combined" in joined["route"]


@pytest.mark.parametrize("measure", ["RR", "OR"])
@pytest.mark.parametrize("events", [0, 50])
def test_no_ratio_comes_from_counts_without_any_event_or_with_nothing_else(measure, events):
    table = rows({"events_int": events, "n_int": 50, "events_ctl": events, "n_ctl": 50})
    (study,) = rl.study_effects(table, measure).to_dict("records")
    assert np.isnan(study["estimate"]) and study["excluded"].endswith("no events, or only events, in both arms")
    assert np.isfinite(rl.study_effects(table, "RD")["estimate"]).all()


def test_joined_counts_are_added():
    table = rows(
        {
            "trial": "T",
            "arm_id": "t-a",
            "control_id": "t-c",
            "events_int": 5,
            "n_int": 40,
            "events_ctl": 9,
            "n_ctl": 50,
        },
        {
            "trial": "T",
            "arm_id": "t-b",
            "control_id": "t-c",
            "events_int": 8,
            "n_int": 30,
            "events_ctl": 9,
            "n_ctl": 50,
        },
    )
    got = rl.study_effects(table, "RR").iloc[0]
    assert got["estimate"] == pytest.approx(np.log((13 / 70) / (9 / 50)))
    assert (got["events_int"], got["n_int"], got["n_ctl"]) == (13, 70, 50)


# Routes ---------------------------------------------------------------------------------------------------------


def test_the_quantile_follows_what_is_known_and_the_route_says_which():
    got = rl.study_effects(rows(printed(-3, -5, -1, 12, 12), printed(-3, -5, -1)), "MD")
    assert got["se"].tolist() == pytest.approx([2 / convert.quantile(0.95, 22), 2 / convert.quantile(0.95)])
    assert "t quantile on 22 df" in got["route"][0] and "normal quantile" in got["route"][1]
    assert got[["ci_low", "ci_high"]].to_numpy().tolist() == [[-5, -1]] * 2
    wide = rl.study_effects(rows(printed(-3, -5, -1, 12, 12)), "MD", level=0.99).iloc[0]
    assert wide["ci_low"] == pytest.approx(-3 - convert.quantile(0.99, 22) * wide["se"])


def test_a_printed_mean_difference_becomes_an_smd_over_the_sd_it_implies():
    got = rl.study_effects(rows(printed(-2.9, -4.0, -1.8, 136, 133)), "SMD").iloc[0]
    sd = convert.sd_from_se_of_difference(convert.se_from_ci(-4.0, -1.8, df=267), 136, 133)
    assert got["estimate"] == pytest.approx(-2.9 / sd * (1 - 3 / (4 * 267 - 1)), rel=1e-5)
    assert got["variance"] == pytest.approx(1 / 136 + 1 / 133 + got["estimate"] ** 2 / (2 * 269))
    assert "over the SD this implies (4.58)" in got["route"]
    direct = rl.study_effects(rows(printed(-0.6, -0.9, -0.3, 136, 133, measure="SMD")), "SMD").iloc[0]
    assert direct["estimate"] == -0.6 and direct["se"] == pytest.approx(0.3 / convert.quantile(0.95))


def test_which_route_comes_first_depends_on_the_measure_and_can_be_chosen():
    table = rows(printed(-2.0, -3.0, -1.0, 30, 30, mean_int=4.0, sd_int=2.0, mean_ctl=5.0, sd_ctl=2.0))
    assert rl.study_effects(table, "MD")["estimate"].tolist() == [-2.0]
    assert rl.study_effects(table, "MD", prefer="arms")["estimate"].tolist() == [-1.0]
    assert "from means" in rl.study_effects(table, "SMD")["route"][0]
    with pytest.raises(rl.EvidenceError, match="prefer must be"):
        rl.study_effects(table, "MD", prefer="both")


def test_an_exact_p_value_is_the_last_resort_and_marked():
    exact = arms(78, 3.41, None, 90, 4.71, None, p_value="0.01")
    bound = arms(78, 5.88, None, 90, 8.92, None, p_value="<0.001", favours="int")
    got = rl.study_effects(rows(exact, bound), "MD")
    assert got["se"][0] == pytest.approx(convert.se_from_p(-1.3, 0.01, 166))
    assert got["route"][0].startswith("APPROXIMATE")
    assert got["excluded"][1] == "direction only: favours intervention; P <0.001 is a bound, not a value"


def test_a_hazard_ratio_has_no_arms_to_fall_back_on_only_its_p_value():
    bare = {"estimate": 0.5, "measure": "HR", "contrast": "int-ctl", "n_int": 80, "n_ctl": 90, "p_value": "0.01"}
    got = rl.study_effects(rows(printed(0.5, 0.25, 1.0, measure="HR"), bare), "HR")
    assert got["estimate"].tolist() == pytest.approx(np.log([0.5, 0.5]))
    assert got["se"][1] == pytest.approx(convert.se_from_p(np.log(0.5), 0.01))
    assert got["route"][1].startswith("APPROX")


def test_ratios_go_to_the_log_scale_and_counts_come_first():
    table = rows(
        printed(1.45, 1.13, 1.85, measure="RR"),
        printed(2.0, 1.0, 4.0, measure="RR", contrast="ctl-int"),
        printed(2.0, 1.0, 4.0, measure="OR", favours="int"),
        {"events_int": 5, "n_int": 46, "events_ctl": 19, "n_ctl": 46},
        {"events_int": 0, "n_int": 46, "events_ctl": 19, "n_ctl": 46},
    )
    got = rl.study_effects(table, "RR")
    assert got["estimate"].tolist()[:2] == pytest.approx([np.log(1.45), -np.log(2)])
    assert got["ci_low"][1] == pytest.approx(-np.log(4)) and got["ci_high"][1] == 0.0
    assert got["excluded"][2] == "direction only: favours intervention; reported as OR, not as RR"
    assert got["estimate"][3] == pytest.approx(np.log(5 / 19))
    assert got["corrected"].tolist() == [False, False, False, False, True]


def test_percentages_are_never_turned_into_counts_or_points():
    percent = arms(50, 62.0, None, 50, 40.0, None, value_kind="percent", p_value="0.02", favours="int")
    points = rl.study_effects(rows(percent), "MD")["excluded"].tolist()
    assert points == ["direction only: favours intervention; percentages without counts"]
    assert rl.study_effects(rows(percent), "RR")["estimate"].isna().all()


# Direction ------------------------------------------------------------------------------------------------------


def test_instruments_that_point_both_ways_are_turned_to_negative_is_better():
    table = rows(arms(30, 4, 2, 30, 5, 2), arms(30, 60, 10, 30, 50, 10, better="higher", instrument_id="sf36"))
    got = rl.study_effects(table, "SMD")
    assert (got["estimate"] < 0).all() and got["better"].tolist() == ["lower", "lower"]
    assert "higher is better on this instrument" in got["route"][1] and "turned" not in got["route"][0]
    assert (got["ci_low"] < got["estimate"]).all() and (got["estimate"] < got["ci_high"]).all()
    alone = rl.study_effects(table.iloc[[1]], "SMD")
    assert alone["estimate"].tolist() == [-got["estimate"][1]]  # one direction only: left as it was measured


def test_opposite_events_cannot_be_turned_for_a_risk_ratio():
    table = rows(printed(1.4, 1.1, 1.8, measure="RR"), printed(0.7, 0.5, 0.9, measure="RR", better="higher"))
    with pytest.raises(rl.EvidenceError, match="not the inverse"):
        rl.study_effects(table, "RR")
    odds = rl.study_effects(table.assign(measure="OR"), "OR")
    assert odds["estimate"].tolist() == pytest.approx([np.log(1.4), -np.log(0.7)])


# What stays, what warns, what is refused ------------------------------------------------------------------------


def test_rows_without_numbers_stay_with_their_direction():
    got = rl.study_effects(rows({"favours": "neither"}, {}, printed(-1, -2, 0, favours="int")), "MD")
    assert got["estimate"].isna().tolist() == [True, True, False]
    assert got["excluded"][0].startswith("direction only: favours neither; not reported: means")
    assert got["excluded"][1].startswith("no usable numbers")
    assert got["excluded"][2] is None


def test_a_trial_that_would_count_twice_warns():
    twice = rows(printed(-1, -2, 0, trial="T"), printed(-2, -3, -1, trial="T", timepoint_weeks=52.0))
    with pytest.warns(rl.MethodWarning, match="T: more than one row"):
        assert len(rl.study_effects(twice, "MD")) == 2
    apart = rows(
        printed(-1, -2, 0, 20, 30, trial="T", arm_id="t-a", control_id="t-c"),
        printed(-2, -3, -1, 20, 30, trial="T", arm_id="t-b", control_id="t-c"),
    )
    assert len(rl.study_effects(apart, "MD")) == 1
    with pytest.warns(rl.MethodWarning):
        assert len(rl.study_effects(apart, "MD", combine=False)) == 2
    other = apart.assign(control_id=["t-c", "t-d"])  # 30 controls each by chance are not the same 30 people
    with pytest.warns(rl.MethodWarning):
        assert len(rl.study_effects(other, "MD")) == 2


def twins(**second):
    """Two arms of one trial against one control, both main, with cells of the second row changed."""
    one = printed(-1, -2, 0, 20, 30, trial="T", use="main", arm_id="t-a", control_id="t-c")
    return rows(one, one | {"estimate": -2, "ci_low": -3, "ci_high": -1, "arm_id": "t-b"} | second)


def test_words_never_decide_which_arms_are_the_same():
    want = rl.study_effects(twins(), "MD")
    assert len(want) == 1 and want["n_ctl"].tolist() == [30]
    for words in ({"comparator": "usual cares"}, {"intervention": "Massage "}, {"comparator": None}):
        got = rl.study_effects(twins(**words), "MD")
        assert got[["estimate", "variance", "n_int", "n_ctl"]].equals(want[["estimate", "variance", "n_int", "n_ctl"]])


@pytest.mark.parametrize(
    "second",
    [
        {"control_id": "t-cc"},
        {"control_id": None},
        {"arm_id": None},
        {"arm_id": "t-a"},
        {"timepoint_weeks": 8.0},
        {"instrument_id": "nrs"},
        {"analysis_set": "itt"},
        {"outcome": "ache"},
        {"control_id": "t-cc", "trial": "t"},
        {"control_id": "t-cc", "trial": "\u0422"},
        {"trial": "Another"},
    ],
)
def test_main_rows_that_stay_apart_and_share_people_are_refused(second):
    with pytest.raises(rl.EvidenceError, match="r0 and r1 would count people of .* twice.*control_id"):
        rl.study_effects(twins(**second), "MD")


def test_a_third_row_that_shares_the_arm_and_not_the_control_is_refused():
    third = printed(-1, -2, 0, 20, 25, trial="T", use="main", arm_id="t-a", control_id="t-d", result_id="r9")
    table = pd.concat([twins(), rows(third)], ignore_index=True)
    with pytest.raises(rl.EvidenceError, match="r0 and r1 would count people of T twice"):
        rl.study_effects(table, "MD")


def test_several_arms_against_several_comparators_are_the_pooled_patients():
    rng = np.random.default_rng(24)
    ways = [("a", "c"), ("b", "c"), ("a", "d")], [("b", "d"), ("a", "c"), ("a", "d")]
    whole, tables = [], [[] for _ in (*ways, "halves")]
    for i, ns in enumerate(sizes(4, 60, 4)):
        people = {x: rng.normal(mean, 2, n) for x, mean, n in zip("abcd", (-2, 0, 1, 2), ns, strict=True)}
        for both in ("ab", "cd"):
            people[both] = np.concatenate([people[x] for x in both])

        def row(one, other, i=i, people=people, **more):
            ids = {"trial": f"T{i}", "use": "main", "arm_id": f"{i}-{one}", "control_id": f"{i}-{other}"} | more
            return arms(*numbers_of(people[one]), *numbers_of(people[other]), **ids)

        whole.append(row("ab", "cd"))
        for table, pairs in zip(tables, ways, strict=False):
            table += [row(*pair) for pair in pairs]
        tables[-1] += [row(*pair, control_id=f"{i}-half-{pair[0]}", join_as=f"{i}") for pair in ("ac", "bd")]
    want = rl.study_effects(rows(*whole), "MD")
    for table in tables:
        same(rl.study_effects(rows(*table), "MD"), want, ["estimate", "variance", "n_int", "n_ctl"], 1e-9)


def test_rows_that_the_plan_joins_need_the_numbers_of_every_arm():
    two = twins(arm_id="t-old", control_id="t-old-c").assign(join_as="t")
    with pytest.raises(rl.EvidenceError, match="twice"):
        rl.study_effects(two, "MD")
    whole = two.assign(mean_int=4.0, sd_int=2.0, mean_ctl=5.0, sd_ctl=2.0)
    study = rl.study_effects(whole, "MD").iloc[0]
    assert (study["n_int"], study["n_ctl"], study["estimate"]) == (40, 60, -1.0)
    assert study["ci_low"] == pytest.approx(-1 - convert.quantile(0.95) * study["se"])


def test_fewer_controls_measured_in_one_row_are_among_those_of_the_other():
    study = rl.study_effects(twins(n_ctl=28), "MD").iloc[0]
    assert (study["n_int"], study["n_ctl"]) == (40, 30)


def test_change_and_final_scores_in_an_smd_warn():
    table = rows(arms(30, 4, 2, 30, 5, 2, value_kind="final"), arms(30, -2, 1, 30, -1, 1, value_kind="change"))
    with pytest.warns(rl.MethodWarning, match="change scores and final values are mixed"):
        rl.study_effects(table, "SMD")


def test_an_estimate_without_its_contrast_is_refused():
    with pytest.raises(rl.EvidenceError, match="an estimate needs its contrast"):
        rl.study_effects(rows(printed(-1, -2, 0, contrast=None)), "MD")


def test_faults_name_the_row_and_single_group_measures_are_sent_elsewhere():
    table = rows(arms(30, 4, -2, 30, 5, 2, trial="Alpha", result_id="alpha2001-vas"))
    with pytest.raises(rl.EvidenceError, match="Alpha, alpha2001-vas.*cannot be negative"):
        rl.study_effects(table, "MD")
    with pytest.raises(rl.EvidenceError, match="use effect_sizes"):
        rl.study_effects(table, "PFT")


def test_no_rows_give_an_empty_table_and_the_input_is_left_alone():
    table = rows(printed(-1, -2, 0))
    before = table.copy(deep=True)
    rl.study_effects(table, "MD")
    pd.testing.assert_frame_equal(table, before)
    empty = rl.study_effects(table.iloc[:0], "MD")
    assert len(empty) == 0 and list(empty.columns[:3]) == ["trial", "estimate", "variance"]


def test_the_studies_table_goes_straight_into_a_synthesis_shape():
    got = rl.study_effects(rows(printed(-1, -2, 0, 30, 30), {"favours": "ctl"}), "MD")
    first = ["trial", "estimate", "variance", "se", "ci_low", "ci_high", "n_int", "n_ctl", "route", "result_ids"]
    assert list(got.columns[:12]) == [*first, "corrected", "excluded"]
    assert got.attrs["measure"] == "MD"
    assert got["variance"].dtype == float and got["corrected"].dtype == bool


# Pools that follow from these studies by inverse variance ---------------------------------------------------------


def common_effect(studies):
    weight = 1 / studies["variance"]
    centre, se = (weight * studies["estimate"]).sum() / weight.sum(), weight.sum() ** -0.5
    return [centre, *convert.ci_from_se(centre, se)]


@pytest.mark.parametrize(
    "ids, want",
    [
        (["sherman2009-both-resp-10w", "skillgate2020-pain-massage-7w"], [1.45, 1.13, 1.85]),
        (["sherman2009-both-resp-26w", "skillgate2020-pain-massage-26w"], [1.21, 0.97, 1.51]),
    ],
)
def test_neck_responders_pool_as_computed_by_hand(massage, ids, want):
    studies = rl.study_effects(massage[massage["result_id"].isin(ids)], "RR")
    assert np.exp(common_effect(studies)).tolist() == pytest.approx(want, abs=0.0051)


def test_massage_against_active_care_pools_as_computed_by_hand(massage):
    ids = ["hsieh2004-pain-4w", "mackawan2007-vas-immediate", "zheng2012-vas-change"]
    table = massage[massage["result_id"].isin(ids)].assign(
        better=lambda t: np.where(t["mean_int"] > t["mean_ctl"], "higher", "lower")
    )
    with pytest.warns(rl.MethodWarning, match="mixed"):
        studies = rl.study_effects(table, "SMD")
    # By hand -0.62 (-0.86 to -0.38) with the other common variance; ours is a little wider.
    assert common_effect(studies) == pytest.approx([-0.62, -0.86, -0.38], abs=0.0101)


def test_a_measure_without_its_estimate_is_not_called_reported():
    table = rows(printed(None, None, None, 20, 20, measure="OR"), printed(1.5, 1.1, 2.0, 20, 20, measure="OR"))
    empty, given = rl.study_effects(table, "MD")["excluded"]
    assert "reported as" not in empty and "not reported: means" in empty
    assert "reported as OR, not as MD" in given


def test_two_people_leave_no_degree_of_freedom_and_the_normal_quantile():
    found = rl.study_effects(rows(printed(-2.0, -4.0, 0.0, 1, 1)), "MD")
    assert found["se"].tolist() == pytest.approx([2 / 1.959964], rel=1e-6) and "normal quantile" in found["route"][0]
