"""Three-level models, cluster-robust inference and within-trial combination against metafor and clubSandwich."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from reviewlib.errors import EvidenceError, MethodWarning, TooFewStudiesError
from reviewlib.synthesis import (
    combine_within,
    correlation_sensitivity,
    impute_covariance,
    meta_analysis,
    meta_regression,
    multilevel,
    robust,
)

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "dependence.json").read_text())
FITS = [
    ("konstantopoulos2011", "plain", {}),
    ("konstantopoulos2011", "year", {"moderators": "~ I(year - 1990)"}),
    ("assink2016", "plain", {}),
    ("assink2016", "deltype", {"level": "deltype"}),
    ("assink2016", "che06", {"rho": 0.6}),
    ("assink2016", "che06_mods", {"rho": 0.6, "moderators": "~ pubstatus + year"}),
]


def table(name):
    return pd.DataFrame(GOLDEN[name]["data"]).rename(columns={"y": "estimate", "v": "variance"})


def close(got, want, rtol=GOLDEN["rtol"]):
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(want, float), rtol=rtol)


@pytest.mark.parametrize(("data", "key", "options"), FITS)
def test_three_level_model_matches_metafor(data, key, options):
    want = GOLDEN[data][key]
    fit = multilevel(table(data), "cluster", **options)
    table_ = fit.coefficients
    close(table_.estimate, want["beta"])
    close(table_.se, want["se"])
    close([low for low, _ in table_.ci], want["ci_low"])
    close(table_.pvalue, want["pval"], 1e-7)
    close([fit.sigma2["outer"], fit.sigma2["inner"]], want["sigma2"])
    close([fit.loglik, fit.q, fit.q_pvalue], [want["loglik"], want["qe"], want["qep"]], 1e-10)
    if "moderators" in options:
        close([fit.qm, fit.qm_pvalue], [want["qm"], want["qmp"]])


@pytest.mark.parametrize(("data", "key", "options"), FITS)
def test_student_limits_match_metafor(data, key, options):
    want = GOLDEN[data][key]
    fit = multilevel(table(data), "cluster", ci="t", **options)
    close(fit.coefficients.pvalue, want["t_pval"])
    close([low for low, _ in fit.coefficients.ci], want["t_low"])
    if "moderators" in options:
        close(fit.qm_pvalue, want["t_qmp"])


@pytest.mark.parametrize(("data", "key", "options"), FITS)
@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_cluster_robust_inference_matches_clubsandwich(data, key, options):
    want = GOLDEN[data][key]
    fit = multilevel(table(data), "cluster", **options)
    cr2 = fit.robust("CR2").coefficients
    close(cr2.se, want["cr2_se"], 1e-9)
    close(cr2.df, want["cr2_df"], 1e-9)
    close(cr2.pvalue, want["cr2_p"], 1e-8)
    close([low for low, _ in cr2.ci], want["cr2_low"])
    joint = fit.robust("CR2")
    if want["htz"]:
        close([joint.qm, *joint.qm_df, joint.qm_pvalue], [want["htz"][n] for n in ("f", "df1", "df2", "p")])
    else:
        assert joint.qm is None and joint.qm_df is None
    for kind in ("CR0", "CR1"):
        close(fit.robust(kind).coefficients.se, want[f"{kind.lower()}_se"], 1e-9)


def test_profile_intervals_match_metafor():
    fit = multilevel(table("konstantopoulos2011"), "cluster")
    want = GOLDEN["konstantopoulos2011"]["plain"]["sigma2_ci"]
    for name, key in (("outer", "1"), ("inner", "2")):
        close(fit.sigma2_ci[name], want[key], 1e-6)


def test_profile_interval_reaches_zero_where_the_likelihood_does():
    fit = multilevel(table("assink2016"), "cluster", rho=0.6, moderators="~ pubstatus + year")
    want = GOLDEN["assink2016"]["che06_mods"]["sigma2_ci"]["1"]
    assert fit.sigma2_ci["outer"].low == 0.0 == want[0]
    close(fit.sigma2_ci["outer"].high, want[1], 1e-6)


def test_level_column_that_names_each_row_is_the_default():
    rows = table("assink2016")
    named, default = multilevel(rows, "cluster", "esid"), multilevel(rows, "cluster")
    assert named.sigma2 == pytest.approx(default.sigma2, rel=1e-12)


@pytest.mark.parametrize(
    ("cluster", "key", "formula"),
    [("trial", "plain", None), ("trial", "ablat", "~ ablat"), ("alloc", "by_alloc", None)],
)
@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_robust_for_one_level_models_matches_clubsandwich(cluster, key, formula):
    rows = table("bcg").assign(trial=[f"t{i}" for i in range(13)])
    fit = meta_analysis(rows) if formula is None else meta_regression(formula, rows, insist=True)
    got, want = robust(fit, cluster), GOLDEN["bcg"][key]
    close(fit.tau2, want["tau2"])
    close(got.coefficients.estimate, want["beta"])
    close(got.coefficients.se, want["cr2_se"])
    close(got.coefficients.df, want["cr2_df"])
    close(got.coefficients.pvalue, want["cr2_p"], 1e-7)
    if want["htz"]:
        close([got.qm, *got.qm_df, got.qm_pvalue], [want["htz"][n] for n in ("f", "df1", "df2", "p")], 1e-7)


@pytest.mark.parametrize(
    ("key", "rho", "weighted"),
    [("weighted06", 0.6, True), ("weighted00", 0.0, True), ("plain06", 0.6, False), ("plain09", 0.9, False)],
)
def test_combination_within_trials_matches_aggregate(key, rho, weighted):
    got = combine_within(table("assink2016"), "cluster", rho, weighted=weighted)
    want = GOLDEN["aggregate"][key]
    assert list(got["cluster"]) == want["cluster"]
    close(got["estimate"], want["y"], 1e-12)
    close(got["variance"], want["v"], 1e-12)


def test_uncorrelated_effects_combine_to_the_common_effect():
    rows = pd.DataFrame({"study": "a", "estimate": [0.1, 0.5, 0.2], "variance": [0.01, 0.04, 0.02]})
    one = combine_within(rows, rho=0.0).iloc[0]
    pooled = meta_analysis(rows, method="CE")
    assert one["estimate"] == pytest.approx(pooled.estimate, rel=1e-14)
    assert one["se"] == pytest.approx(pooled.se, rel=1e-14)
    assert "correlation 0 assumed" in one["route"] and one["effects_combined"] == 3


def test_combination_keeps_trials_without_numbers():
    rows = pd.DataFrame({"study": list("aab"), "estimate": [0.1, 0.2, np.nan], "variance": [0.1, 0.1, 0.1]})
    got = combine_within(rows, rho=0.5)
    assert list(got["study"]) == ["a", "b"]
    assert np.isnan(got["estimate"][1]) and got["excluded"][1] == "no estimate"


def test_a_negative_weight_is_said():
    rows = pd.DataFrame({"study": "a", "estimate": [0.1, 0.5], "variance": [0.01, 1.0]})
    assert "negative weight" in combine_within(rows, rho=0.9)["route"][0]
    assert "negative" not in combine_within(rows, rho=0.9, weighted=False)["route"][0]


effects = st.lists(st.floats(-2, 2), min_size=9, max_size=9, unique=True)
spreads = st.lists(st.floats(0.01, 0.5), min_size=9, max_size=9)


def nine(y, v):
    return pd.DataFrame({"study": np.repeat(list("abcd"), [3, 2, 3, 1]), "estimate": y, "variance": v})


@settings(max_examples=15)
@given(effects, spreads, st.sampled_from([-1.0, 1e-4, 1e3]), st.permutations(range(9)))
def test_sign_scale_and_order_change_nothing(y, v, factor, order):
    y, v = np.array(y), np.array(v)
    fit = multilevel(nine(y, v))
    turned = multilevel(nine(factor * y, factor**2 * v).iloc[list(order)])
    assert turned.loglik == pytest.approx(fit.loglik - 8 * np.log(abs(factor)), rel=1e-9, abs=1e-8)
    # A flat likelihood leaves the components themselves less certain than the likelihood.
    assert turned.estimate == pytest.approx(factor * fit.estimate, rel=1e-5, abs=1e-6 * abs(factor))


@settings(max_examples=15)
@given(effects, spreads)
def test_no_point_of_a_grid_beats_the_maximum(y, v):
    from reviewlib.synthesis.blocks import evaluate

    fit = multilevel(nine(y, v))
    values = [0.0, *np.geomspace(1e-4, 10, 12)]
    assert fit.loglik >= max(evaluate(fit._blocks, (a, b)).loglik for a in values for b in values) - 1e-9


@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_equal_clusters_of_one_give_the_t_test():
    y = np.array([0.3, 0.1, 0.7, 0.4, 0.9, 0.2])
    rows = pd.DataFrame({"study": list("abcdef"), "estimate": y, "variance": 0.1})
    got = robust(meta_analysis(rows), "study")
    assert got.se == pytest.approx(y.std(ddof=1) / np.sqrt(6), rel=1e-12)
    assert got.df == pytest.approx(5, rel=1e-12)


def test_sensitivity_over_rho_holds_the_two_ends():
    rows = table("assink2016")
    got = correlation_sensitivity(rows, "cluster", rho=(0.0, 0.6))
    assert list(got["rho"]) == [0.0, 0.6]
    close(got["estimate"], [GOLDEN["assink2016"][k]["beta"] for k in ("plain", "che06")])
    close(got["se"], [np.ravel(GOLDEN["assink2016"][k]["cr2_se"])[0] for k in ("plain", "che06")])


def test_results_speak_and_stand_as_rows():
    fit = multilevel(table("assink2016"), "cluster", rho=0.6)
    assert "100 effects in 17 clusters" in str(fit)
    assert fit.to_frame()["sigma2_outer"][0] == fit.sigma2["outer"]
    assert json.loads(fit.to_json())["clusters"] == 17
    assert "correlated 0.6" in fit.methods and "CR2" in fit.robust().methods
    assert fit.prediction.low < fit.ci.low and 0 < fit.i2["total"] < 1


def test_few_clusters_warn():
    rows = nine(np.linspace(-1, 1, 9), np.full(9, 0.1))
    with pytest.warns(MethodWarning, match="degrees of freedom below 4"):
        multilevel(rows).robust()


def test_missing_rows_stay_with_their_reason():
    rows = table("assink2016").astype({"estimate": float})
    rows.loc[3, "estimate"] = np.nan
    fit = multilevel(rows, "cluster")
    assert fit.k == 99 and fit.studies["excluded"][3] == "no estimate"


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({"study": list("abcdefghi")}, {}, EvidenceError, "single inner unit"),
        ({"study": "a"}, {}, TooFewStudiesError, "two clusters"),
        ({}, {"rho": 1.2}, EvidenceError, "rho must lie"),
        ({}, {"cluster": "trial"}, EvidenceError, "no column 'trial'"),
        ({}, {"V": np.eye(3)}, EvidenceError, "one row and column a row"),
        ({}, {"V": -np.eye(9)}, EvidenceError, "not a covariance matrix"),
        ({}, {"V": np.full((9, 9), 0.05) + np.eye(9)}, EvidenceError, "between clusters"),
        ({}, {"V": np.eye(9), "rho": 0.5}, EvidenceError, "not both"),
        ({}, {"moderators": "~ study"}, EvidenceError, "separate the clusters"),
        ({}, {"ci": "hksj"}, EvidenceError, "wald"),
        ({"variance": 0.0}, {}, EvidenceError, "variance must be above zero"),
    ],
)
def test_refusals(change, options, error, words):
    rows = nine(np.linspace(-1, 1, 9), np.full(9, 0.1)).assign(**change)
    with pytest.raises(error, match=words):
        multilevel(rows, **options)


def test_robust_and_combination_refuse():
    fit = multilevel(nine(np.linspace(-1, 1, 9), np.full(9, 0.1)))
    with pytest.raises(EvidenceError, match="CR0, CR1, CR2"):
        fit.robust("CR9")
    with pytest.raises(EvidenceError, match="which correlation to assume"):
        combine_within(nine(np.linspace(-1, 1, 9), np.full(9, 0.1)))
    with pytest.raises(EvidenceError, match="rho must lie above -0.5"):
        impute_covariance([1.0, 1.0, 1.0], ["a", "a", "a"], -0.6)


def test_hostile_variances_do_not_stop_the_search():
    rng = np.random.default_rng(8)
    for _ in range(20):
        rows = nine(rng.normal(0, 1, 9), 10.0 ** rng.uniform(-8, 4, 9))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = multilevel(rows)
        assert np.isfinite([fit.estimate, fit.se, fit.loglik]).all()


def test_effects_of_no_trial_are_left_out_each_by_itself_and_said():
    rows = pd.DataFrame({"study": [None, "a", "a", None], "estimate": [0.1, 0.2, 0.3, 0.5], "variance": [0.1] * 4})
    got = combine_within(rows, rho=0.5)
    assert (
        got["excluded"].tolist() == ["", "no study", "no study"] and got["estimate"].notna().tolist()[1:] == [False] * 2
    )
    alone = combine_within(rows.iloc[[0]], rho=0.5)
    assert alone["excluded"].tolist() == ["no study"] and alone["variance"].isna().all()
    assert len(combine_within(rows.iloc[:0], rho=0.5)) == 0
