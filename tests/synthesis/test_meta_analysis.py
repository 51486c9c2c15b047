"""One synthesis: printed values, the edge cases on which other software fails, refusals and what results say."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl

BCG = {
    "trial": ["Aronson 1948", "Ferguson 1949", "Rosenthal 1960", "Hart 1977", "Frimodt-Moller 1973", "Stein 1953"]
    + ["Vandiviere 1973", "TPT Madras 1980", "Coetzee 1968", "Rosenthal 1961", "Comstock 1974", "Comstock 1969"]
    + ["Comstock 1976"],
    "events_int": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "n_int": [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
    "events_ctl": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "n_ctl": [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
}


@pytest.fixture(scope="module")
def bcg():
    return rl.effect_sizes(pd.DataFrame(BCG), "RR")


def quiet(studies, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        return rl.meta_analysis(studies, **options)


def pair(estimate, variance):
    return {"estimate": estimate, "variance": variance}


# printed values


def test_bcg_as_printed(bcg):
    fit = rl.meta_analysis(bcg, measure="RR")
    assert (fit.estimate, *fit.ci) == pytest.approx((-0.7145323422, -1.1084437137, -0.3206209706), abs=5e-11)
    assert fit.prediction == pytest.approx((-1.9960168342, 0.5669521499), abs=5e-11)
    assert (fit.tau2, fit.q, fit.i2) == pytest.approx((0.3132432581, 152.2330080824, 0.9222138452), abs=5e-10)
    assert fit.tau2_ci == pytest.approx((0.119718, 1.111479), abs=5e-7)
    assert str(fit) == "RR 0.49 (95% CI 0.33 to 0.73; 13 studies); 95% prediction interval 0.14 to 1.76"


def test_two_studies_as_printed():
    two = pair([0.1, 0.5], [0.02, 0.03])
    assert quiet(two, ci="hksj").ci == pytest.approx((-2.25, 2.82), abs=0.005)
    assert quiet(two, ci="wald").ci == pytest.approx((-0.10, 0.68), abs=0.005)


def test_four_agreeing_trials_as_printed():
    # the variances are not printed; these round ones give every printed limit
    four = pair([0.10, 0.11, 0.09, 0.10], [0.01, 0.03, 0.04, 0.02])
    widths = {rule: quiet(four, ci=rule).ci for rule in ("hksj", "wald", "hksj-floor", "wider")}
    assert widths["hksj"] == pytest.approx((0.091, 0.110), abs=0.0005)
    assert widths["wald"] == pytest.approx((-0.035, 0.236), abs=0.0006)
    assert widths["wald"] == quiet(four, method="CE").ci == widths["wider"]
    assert widths["hksj-floor"] == pytest.approx((-0.120, 0.321), abs=0.0006)


@pytest.mark.parametrize(
    ("k", "first", "second"), [(3, 4.30, 12.71), (5, 2.78, 3.18), (8, 2.36, 2.45), (13, 2.18, 2.20)]
)
def test_prediction_multipliers_as_printed(k, first, second):
    y = np.linspace(-1, 1, k)
    for df, want in (("k-1", first), ("k-2", second)):
        fit = rl.meta_analysis(pair(y, np.full(k, 0.01)), prediction_df=df, prediction_min_k=3)
        reach = (fit.prediction.high - fit.estimate) / np.hypot(fit.tau, fit.se)
        assert reach == pytest.approx(want, abs=0.005)
        assert f"t on {df} = {k - int(df[-1])} df" in fit.methods


def test_house_rule(bcg):
    fit = rl.house_rule(bcg, "RR")
    assert (fit.method, fit.ci_method) == ("REML", "wider")
    assert "the wider of" in fit.methods
    four, five = bcg.iloc[:4], bcg.iloc[:5]
    assert rl.house_rule(four).prediction is None
    assert rl.house_rule(five).prediction is not None
    with pytest.warns(rl.MethodWarning, match="provisional"):
        two = rl.house_rule(bcg.iloc[:2])
    assert two.ci == quiet(bcg.iloc[:2], ci="wald").ci
    with pytest.raises(rl.TooFewStudiesError, match="report the study by itself"):
        rl.house_rule(bcg.iloc[:1])


@pytest.mark.parametrize("seed", range(12))
def test_wider_is_the_wider_of_the_two_and_predicts_with_the_larger_error(seed):
    rng = np.random.default_rng(seed)
    data = pair(rng.normal(0, 0.3, 6), rng.uniform(0.05, 0.3, 6))
    wide, hksj, wald = (quiet(data, ci=rule) for rule in ("wider", "hksj", "wald"))
    assert wide.ci in (hksj.ci, wald.ci)
    assert wide.ci.high - wide.ci.low == max(hksj.ci.high - hksj.ci.low, wald.ci.high - wald.ci.low)
    reach = [fit.prediction.high - fit.prediction.low for fit in (wide, hksj, wald)]
    assert reach[0] == pytest.approx(max(reach), rel=1e-12)


def test_p_value_and_interval_say_the_same(bcg):
    for ci in ("wald", "hksj", "hksj-floor", "wider"):
        fit = rl.meta_analysis(bcg, ci=ci)
        shifted = bcg.assign(estimate=bcg["estimate"] - fit.ci.high)
        assert rl.meta_analysis(shifted, ci=ci).pvalue == pytest.approx(0.05, rel=1e-9)


# the edge table: every input on which some other program gives a wrong number, or none, without a word


def test_one_study_is_not_pooled():
    with pytest.raises(rl.TooFewStudiesError, match="needs 2 studies, got 1: report the study by itself"):
        rl.meta_analysis(pair([0.3], [0.02]))
    with pytest.raises(rl.TooFewStudiesError, match="got 0: no study has an effect"):
        rl.meta_analysis(pair([np.nan], [0.02]))


def test_two_studies_are_provisional():
    with pytest.warns(rl.MethodWarning, match="two studies: tau2 cannot be estimated reliably"):
        fit = rl.meta_analysis(pair([0.1, 0.5], [0.02, 0.03]))
    assert fit.k == 2
    assert fit.prediction is None


def test_a_missing_row_is_kept_with_its_reason(bcg):
    holes = bcg.assign(estimate=bcg["estimate"].where(bcg.index != 2), variance=bcg["variance"].where(bcg.index != 4))
    fit = rl.meta_analysis(holes)
    assert fit.k == 11
    assert len(fit.studies) == len(fit.weights) == 13
    assert fit.studies["excluded"].iloc[[1, 2, 4]].tolist() == ["", "no estimate", "no variance"]
    assert np.isnan(fit.weights[2])
    assert np.nansum(fit.weights) == pytest.approx(1)
    assert "2 rows left out" in fit.methods
    assert fit.estimate == rl.meta_analysis(bcg.drop(index=[2, 4])).estimate
    assert "excluded" not in bcg or bcg["excluded"].isna().all()


def test_a_reason_given_beforehand_leaves_the_row_out(bcg):
    direction = bcg.assign(excluded=["direction only: favours intervention"] + [None] * 12)
    fit = rl.meta_analysis(direction)
    assert fit.k == 12
    assert fit.studies["excluded"].iloc[0] == "direction only: favours intervention"


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_effect_is_refused_by_name(value):
    with pytest.raises(rl.EvidenceError, match=r"column estimate \(B\).*is infinite"):
        rl.meta_analysis({"trial": ["A", "B", "C"], "estimate": [0.1, value, 0.3], "variance": [0.1, 0.1, 0.1]})


@pytest.mark.parametrize("value", [0.0, -0.02, np.inf])
def test_a_variance_that_cannot_be_is_refused_all_rows_at_once(value):
    with pytest.raises(rl.EvidenceError) as caught:
        rl.meta_analysis({"trial": list("ABC"), "estimate": [0.1, 0.2, 0.3], "variance": [value, 0.1, value]})
    assert [problem.record for problem in caught.value.problems] == ["A", "C"]
    rule = {0.0: "variance must be above zero", -0.02: "a variance cannot be negative", np.inf: "is infinite"}[value]
    assert str(caught.value).count(rule) == 2


@pytest.mark.parametrize("method", ["REML", "DL", "PM", "ML", "EB", "HE", "HS", "SJ"])
def test_equal_effects_do_not_pass_without_a_word(method):
    same = pair([0.3] * 4, [0.02, 0.03, 0.05, 0.04])
    with pytest.warns(rl.MethodWarning, match="agree so closely"):
        fit = rl.meta_analysis(same, method=method, ci="hksj")
    assert fit.tau2 == 0
    assert fit.ci == pytest.approx((0.3, 0.3))
    for rule in ("wider", "hksj-floor", "wald"):
        other = rl.meta_analysis(same, method=method, ci=rule)
        assert other.ci.high - other.ci.low > 0.3


def test_columns_of_different_length_are_refused():
    with pytest.raises(rl.EvidenceError, match="differ in length"):
        rl.meta_analysis(pair([0.1, 0.2, 0.3], [0.1, 0.1]))


@pytest.mark.parametrize("method", ["REML", "ML", "EB", "PM"])
def test_variances_over_twelve_decades(method):
    """Where metafor's ML returns 2.8e-9, a likelihood of -3197 against -10.8, and its EB fails."""
    rng = np.random.default_rng(0)
    v = np.geomspace(1e-8, 1e4, 12)
    y = rng.normal(0, np.sqrt(v * 0.01 + 0.15))
    fit = rl.meta_analysis(pair(y, v), method=method)
    assert fit.converged
    assert 0.01 < fit.tau2 < 1
    low, high = fit.tau2_ci
    assert low < fit.tau2 < high


def test_effects_near_one_in_ten_thousand_keep_every_digit(bcg):
    """Where metafor's Paule-Mandel interval is 170 times too wide."""
    for method in ("PM", "REML", "ML", "EB", "SJ"):
        here = rl.meta_analysis(bcg, method=method)
        for c in (1e-6, 1e-4, 1e4, 1e6):
            small = bcg.assign(estimate=bcg["estimate"] * c, variance=bcg["variance"] * c**2)
            there = rl.meta_analysis(small, method=method)
            assert np.array([there.estimate, there.se, *there.ci, *there.prediction]) / c == pytest.approx(
                np.array([here.estimate, here.se, *here.ci, *here.prediction]), rel=1e-10
            )
            assert np.array([there.tau2, *there.tau2_ci, there.tau2_se]) / c**2 == pytest.approx(
                np.array([here.tau2, *here.tau2_ci, here.tau2_se]), rel=1e-10
            )
            assert there.heterogeneity("generalized-q").i2_ci == pytest.approx(
                here.heterogeneity("generalized-q").i2_ci, rel=1e-9
            )


def test_dersimonian_laird_is_cut_at_zero():
    fit = rl.meta_analysis(pair([0.1, 0.12, 0.11], [0.2, 0.3, 0.25]), method="DL", ci="wald")
    assert fit.tau2 == 0
    assert fit.i2 == fit.i2_q == 0
    assert fit.ci == rl.meta_analysis(pair([0.1, 0.12, 0.11], [0.2, 0.3, 0.25]), method="CE").ci


def test_a_double_zero_study_is_named(bcg):
    table = pd.DataFrame(BCG)
    table.loc[0, ["events_int", "events_ctl"]] = 0
    fit = rl.meta_analysis(rl.effect_sizes(table, "RR", drop00=True))
    assert fit.k == 12
    assert "no events" in fit.studies["excluded"].iloc[0]


def test_one_study_with_all_the_weight():
    fit = quiet(pair([0.5, 9.0, -9.0], [1e-12, 1e6, 1e6]), ci="wald")
    assert fit.estimate == pytest.approx(0.5, abs=1e-9)
    assert fit.weights[0] == pytest.approx(1, abs=1e-9)


def test_text_in_a_number_and_missing_columns():
    with pytest.raises(rl.EvidenceError, match="column estimate .*about 2.*is not a number"):
        rl.meta_analysis({"estimate": ["0.1", "about 2"], "variance": [0.1, 0.2]})
    with pytest.raises(rl.EvidenceError, match="no column 'yi': the table has estimate, variance"):
        rl.meta_analysis(pair([0.1, 0.2], [0.1, 0.2]), estimate="yi")
    with pytest.raises(rl.EvidenceError, match="unknown interval rule ci='kn'"):
        rl.meta_analysis(pair([0.1, 0.2], [0.1, 0.2]), ci="kn")
    with pytest.raises(rl.EvidenceError, match="level is a fraction"):
        rl.meta_analysis(pair([0.1, 0.2], [0.1, 0.2]), level=95)
    with pytest.raises(rl.EvidenceError, match="unknown method"):
        rl.meta_analysis(pair([0.1, 0.2], [0.1, 0.2]), method="XX")
    with pytest.raises(rl.EvidenceError, match="prediction_df"):
        rl.meta_analysis(pair([0.1, 0.2, 0.3], [0.1] * 3), prediction_df="k-3")


# what a result says


def test_a_result_is_a_row_a_sentence_and_json(bcg):
    fit = rl.meta_analysis(bcg, measure="RR")
    row = fit.to_frame()
    assert len(row) == 1
    assert {"estimate", "ci_low", "prediction_high", "tau2_ci_low", "i2", "methods"} <= set(row)
    back = json.loads(fit.to_json())
    assert back["estimate"] == fit.estimate
    assert len(back["weights"]) == 13
    assert "REML" in fit.methods
    assert str(fit) in fit.summary()
    assert "<table" in fit._repr_html_()
    assert all(type(getattr(fit, name)) is float for name in ("estimate", "se", "tau2", "q", "i2", "pvalue"))


def test_standard_errors_serve_where_variances_are_missing(bcg):
    only_se = bcg.drop(columns="variance")
    assert rl.meta_analysis(only_se).tau2 == pytest.approx(rl.meta_analysis(bcg).tau2, rel=1e-12)


def test_share_beyond_agrees_with_the_prediction_interval(bcg):
    fit = rl.meta_analysis(bcg)
    assert fit.share_beyond(fit.prediction.low) == pytest.approx(0.025, rel=1e-9)
    assert fit.share_beyond(fit.prediction.high, "above") == pytest.approx(0.025, rel=1e-9)
    assert fit.share_beyond(fit.estimate) == pytest.approx(0.5)
    assert rl.meta_analysis(bcg, method="CE").share_beyond(0) is None
    for df in ("k-2", "normal"):
        other = rl.meta_analysis(bcg, prediction_df=df)
        assert other.share_beyond(other.prediction.low) == pytest.approx(0.025, rel=1e-9)


def test_blups_lie_between_study_and_mean(bcg):
    fit = rl.meta_analysis(bcg)
    table = fit.blup()
    inside = (table["prediction"] - fit.estimate) * (table["estimate"] - table["prediction"]) >= -1e-15
    assert inside.all()
    common = rl.meta_analysis(bcg, method="CE").blup()
    assert np.ptp(common["prediction"]) == 0


def test_generalized_q_interval_at_its_limits(bcg):
    """At each limit the observed Q has exactly the tail probability; simulated independently of our distribution."""
    fit = rl.meta_analysis(bcg)
    low, high = fit.heterogeneity("generalized-q").tau2_ci
    rng = np.random.default_rng(8)
    w = 1 / bcg["variance"].to_numpy()
    for tau2, want in ((low, 0.025), (high, 0.975)):
        y = rng.normal(0, np.sqrt(1 / w + tau2), (200_000, 13))
        q = (w * (y - ((w * y).sum(1) / w.sum())[:, None]) ** 2).sum(1)
        assert (q >= fit.q).mean() == pytest.approx(want, abs=0.0015)


def test_generalized_q_is_q_profile_when_variances_are_equal():
    y, v = np.array([0.1, 0.9, -0.4, 0.6, 1.3]), np.full(5, 0.05)
    fit = rl.meta_analysis(pair(y, v))
    assert fit.heterogeneity("generalized-q").tau2_ci == pytest.approx(fit.tau2_ci, rel=1e-10)


def test_a_given_tau2_is_used_and_said(bcg):
    fit = rl.meta_analysis(bcg, tau2=0.5, ci="wald")
    assert fit.tau2 == 0.5
    assert fit.tau2_se is None
    assert "tau2 fixed at 0.5" in fit.methods
    assert (rl.leave_one_out(fit).to_frame()["tau2"] == 0.5).all()
    assert fit.se == pytest.approx((1 / (bcg["variance"] + 0.5)).sum() ** -0.5, rel=1e-14)


def test_nothing_is_nan_by_surprise():
    same = quiet(pair([0.0] * 3, [0.02, 0.03, 0.05]), ci="hksj")
    assert (same.statistic, same.pvalue) == (None, None)
    assert json.loads(same.to_json())["pvalue"] is None
    assert same.tau2_ci == (0, 0)
    for fit in (same, quiet(pair([0.1, 0.5], [0.02, 0.03])), quiet(pair([0.1, 0.5], [0.02, 0.03]), method="CE")):
        json.loads(fit.to_json())
        assert fit.summary()
        assert np.isfinite([*fit.heterogeneity().i2_ci, *fit.heterogeneity("generalized-q").tau2_ci]).all()


@pytest.mark.parametrize(
    ("measure", "want", "head"),
    [
        ("RR", 0.49, "RR"),
        ("ZCOR", -0.61, "correlation"),
        ("PLO", 0.33, "proportion"),
        ("MD", -0.71, "MD"),
        (None, -0.71, "effect"),
    ],
)
def test_sentences_are_on_the_scale_people_read(bcg, measure, want, head):
    plain = pair(bcg["estimate"], bcg["variance"])
    assert f"{head} {want:.2f} (" in str(rl.meta_analysis(plain, measure=measure))
    assert rl.meta_analysis(bcg).measure == "RR"  # effect_sizes says what it made


# refits


def test_sensitivity_says_whether_the_conclusion_changes(bcg):
    got = rl.sensitivity(bcg, "RR")
    table = got.to_frame()
    names = [
        "house rule",
        "Cochrane conditional rule",
        "REML, HKSJ",
        "REML, Wald",
        "DerSimonian-Laird, Wald",
        "common effect",
    ]
    assert table["analysis"].tolist()[:6] == names
    assert table["estimate"][0] == rl.house_rule(bcg).estimate
    assert not got.changed
    assert str(got) == "All 7 other analyses agree that the interval lies below a ratio of 1"
    close = pair([1.0, -0.2, 0.9, 0.1], [0.01, 0.02, 0.03, 0.02])
    moved = rl.sensitivity(close)
    assert moved.changed
    assert "common effect" in moved.changes
    assert "does not hold in" in str(moved)


def test_sensitivity_of_two_studies_does_not_leave_one_out():
    table = rl.sensitivity(pair([0.1, 0.5], [0.02, 0.03])).to_frame()
    assert len(table) == 6
    assert table["ci_low"][0] == table["ci_low"][1]


def test_multiverse_counts_every_specification(bcg):
    tables = {("all", "RR"): bcg, ("random only", "RR"): bcg.iloc[:7], ("one", "RR"): bcg.iloc[:1]}
    got = rl.multiverse(tables, factors=("set", "measure"), methods=("REML", "CE"), ci=("hksj", "wald"))
    table = got.to_frame()
    assert got.specifications == len(table) == 2 * (2 + 1)
    assert got.below + got.above + got.across == got.specifications
    assert got.not_pooled == ("one / RR",)
    row = table[(table["set"] == "random only") & (table["method"] == "REML") & (table["ci"] == "hksj")].iloc[0]
    one = rl.meta_analysis(bcg.iloc[:7])
    assert (row["estimate"], row["ci_low"], row["pvalue"]) == pytest.approx(
        (one.estimate, one.ci.low, one.pvalue), rel=1e-12
    )
    assert "Of 6 specifications" in str(got)
    with pytest.raises(rl.EvidenceError, match="one part for each"):
        rl.multiverse(tables, factors=("set",))


def test_cumulative_follows_a_column_and_ends_with_all(bcg):
    dated = bcg.assign(year=[int(name[-4:]) for name in bcg["trial"]])
    got = rl.cumulative(dated, by="year").to_frame()
    assert got["label"].tolist()[:2] == ["Aronson 1948", "Ferguson 1949"]
    assert got["k"].tolist() == list(range(1, 14))
    assert got["estimate"].iloc[-1] == pytest.approx(rl.meta_analysis(bcg).estimate, rel=1e-12)
    with pytest.raises(rl.EvidenceError, match="empty for Hart 1977"):
        rl.cumulative(dated.assign(year=dated["year"].where(dated["trial"] != "Hart 1977")), by="year")


def test_leave_one_out_is_pooling_without_the_study(bcg):
    table = rl.leave_one_out(bcg, method="PM", ci="wider").to_frame()
    for i in (0, 5, 12):
        one = rl.meta_analysis(bcg.drop(index=bcg.index[i]), method="PM", ci="wider")
        assert table["label"][i] == BCG["trial"][i]
        assert table.loc[i, ["estimate", "ci_low", "ci_high", "tau2", "pvalue"]].tolist() == pytest.approx(
            [one.estimate, *one.ci, one.tau2, one.pvalue], rel=1e-11
        )


def test_gosh_draws_are_different_repeatable_and_honest(bcg):
    a, b = rl.gosh(bcg, 500, seed=3), rl.gosh(bcg, 500, seed=3)
    assert (a.estimate == b.estimate).all()
    assert len(np.unique(a.include, axis=0)) == 500
    every = rl.gosh(bcg)
    assert every.subsets == 2**13 - 1
    assert rl.gosh(bcg, 10**6).subsets == 2**13 - 1
    whole = every.estimate[every.size == 13]
    assert whole.tolist() == pytest.approx([rl.meta_analysis(bcg).estimate], rel=1e-12)
    frame = a.to_frame()
    assert frame["size"].tolist() == frame[list(a.labels)].sum(axis=1).tolist()
    assert (rl.gosh(bcg, n_jobs=2).tau2 == every.tau2).all()
    with pytest.raises(rl.EvidenceError, match='"all" or a positive number'):
        rl.gosh(bcg, 0)


def test_gosh_of_many_studies_asks_for_a_number():
    rng = np.random.default_rng(1)
    many = pair(rng.normal(0, 1, 70), rng.uniform(0.1, 1, 70))
    with pytest.raises(rl.EvidenceError, match="ask for a number"):
        rl.gosh(many)
    assert len(np.unique(rl.gosh(many, 300, seed=1).include, axis=0)) == 300


def test_influence_names_the_outlier():
    y = [0.1, 0.15, 0.12, 0.08, 0.11, 2.5]
    got = rl.influence(pair(y, [0.02] * 6) | {"trial": list("abcdef")}, ci="wald")
    assert got.influential == ("f",)
    assert str(got) == "Influential among 6 studies: f"
