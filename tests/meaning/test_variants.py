"""The pools that stand on rows of a Cochrane review: the review's own figure comes back, and each trial counts once."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib import page
from reviewlib.meaning.variants import asymmetry, by_subgroup, settings_beyond, variants

GOLDEN = Path(__file__).parents[1] / "golden" / "review_pools.csv"
POOLS = list(csv.DictReader(GOLDEN.open(encoding="utf-8")))
PRINTED = [row for row in POOLS if row["rule"] == "rows counted, DL, Wald"]
OURS = [row for row in POOLS if row not in PRINTED]


@pytest.fixture(scope="module")
def evidence():
    return rl.load_evidence()


@pytest.fixture(scope="module")
def topic(evidence):
    return evidence["mobilization"]


def as_the_review_counted(topic, comparison_id, measure):
    """Return effects with one row per row of the review; SMDs with RevMan's variance and small-sample factor."""
    rows = topic.rows(comparison_id, as_printed=True)
    effects = rl.effect_sizes(rows.assign(trial=rows["result_id"]), measure)
    if measure == "SMD":
        n1, n2 = effects["n_int"].astype(float), effects["n_ctl"].astype(float)
        n = n1 + n2
        pooled = np.sqrt(((n1 - 1) * effects["sd_int"] ** 2 + (n2 - 1) * effects["sd_ctl"] ** 2) / (n - 2))
        g = (effects["mean_int"] - effects["mean_ctl"]) / pooled * (1 - 3 / (4 * n - 9))
        effects = pd.DataFrame({"estimate": g, "variance": n / (n1 * n2) + g**2 / (2 * (n - 3.94))}).astype(float)
    return effects


def as_printed(got, text):
    """Return whether a value rounds to what is printed, to one unit of its last digit (printed values were rounded)."""
    unit = 10.0 ** -len(text.partition(".")[2])
    return got == pytest.approx(float(text), abs=0.51 * unit)


@pytest.mark.parametrize("printed", PRINTED, ids=lambda row: row["comparison_id"])
def test_the_pool_that_the_review_printed_comes_back_from_our_rows(topic, printed):
    effects = as_the_review_counted(topic, printed["comparison_id"], printed["measure"])
    fit = rl.meta_analysis(effects, method="DL", ci="wald")
    assert fit.k == int(printed["k"])
    for got, want in zip((fit.estimate, *fit.ci), ("estimate", "ci_low", "ci_high"), strict=True):
        assert as_printed(got, printed[want]), want


@pytest.mark.parametrize("want", OURS, ids=lambda row: f"{row['comparison_id']} {row['variant']} {row['rule']}")
def test_every_pool_equals_the_one_that_two_programs_agreed_on(evidence, want):
    """Recomputed from the evidence alone, to the digits written down."""
    topic = evidence[want["topic"]]
    if want["rule"] == "DL, Wald":
        rows = rl.study_effects(topic.rows(want["comparison_id"]), want["measure"])
        fit = rl.meta_analysis(rows, method="DL", ci="wald")
        got = {"k": fit.k, "estimate": fit.estimate, "ci_low": fit.ci.low, "ci_high": fit.ci.high}
    else:
        table = variants(topic, want["comparison_id"]).set_index("analysis")
        line = table.loc[want["variant"] or "All trials"]
        rule = {"REML, Hartung-Knapp": "hksj", "REML, Wald": "wald"}[want["rule"]]
        got = {"k": line["trials"], "estimate": line["estimate"], "measure": line["measure"]}
        got |= {f"ci_{end}": line[f"{rule}_{end}"] for end in ("low", "high")}
        got |= {f"pi_{end}": line.get(f"prediction_{end}") for end in ("low", "high")}
        assert got["measure"] == want["measure"]
    assert got["k"] == int(want["k"])
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        assert not want[name] or as_printed(got[name], want[name]), name


def test_every_trial_counts_once_and_all_its_people_once(topic):
    found = rl.findings(topic)
    for printed in PRINTED:
        finding = found[printed["comparison_id"]]
        assert finding.studies["trial"].is_unique
        rows = topic.rows(printed["comparison_id"])
        assert finding.trials == rows["trial"].nunique() < len(rows)
        assert finding.people == rows[["n_int", "n_ctl"]].sum().sum()  # halves of a group are different people


def test_variants_leave_out_include_and_change_the_measure_as_the_plan_says(topic):
    table = variants(topic, "lbp-thrust-vs-mob-pain").set_index("analysis")
    assert table["trials"].tolist() == [7, 6, 5, 4]
    want = {"All trials": (-1.10, -9.99, 7.79, -25.86, 23.65), "Without Lizis 2021": (1.89, -5.95, 9.74, -17.68, 21.47)}
    for name, values in want.items():
        columns = ["estimate", "hksj_low", "hksj_high", "prediction_low", "prediction_high"]
        assert table.loc[name, columns].astype(float).tolist() == pytest.approx(values, abs=6e-3)
    other = variants(topic, "lbp-thrust-vs-mob-disability")
    assert other["measure"].tolist() == ["MD", "SMD"]
    assert other["trials"].tolist() == [3, 6]
    standard = other.iloc[1][["estimate", "hksj_low", "hksj_high", "wald_low", "wald_high", "prediction_low"]]
    assert standard.astype(float).tolist() == pytest.approx([-0.418, -1.765, 0.928, -1.433, 0.597, -3.888], abs=6e-4)
    assert variants(topic, "lbp-mob-added-exercise-pain")["trials"].tolist() == [4, 5, 2]


def test_trials_at_high_risk_are_left_out_by_domain(topic):
    table = variants(topic, "lbp-smt-sham-pain").set_index("analysis")
    left = table.loc["Without trials at high risk of bias", "left_out"].split("; ")
    judged = topic.tables["risk_of_bias"]
    domains = ["random_sequence", "allocation_concealment", "incomplete_dropouts"]
    high = judged[judged["domain"].isin(domains) & (judged["judgement"] == "high risk")]["trial"]
    assert set(left) == set(high) & set(topic.rows("lbp-smt-sham-pain")["trial"])
    assert len(left) == 4


def test_subgroups_follow_the_technique_as_described(topic):
    table, test = by_subgroup(topic, "lbp-smt-other-pain")
    assert table["trials"].sum() == 31 == sum(group.k for group in test.groups)
    assert dict(zip(table["analysis"], table["trials"], strict=True))["thrust manipulation"] == 11
    assert by_subgroup(topic, "lbp-thrust-vs-mob-pain") is None


@pytest.mark.parametrize("comparison_id", ["lbp-smt-other-pain", "lbp-smt-other-function"])
def test_a_trial_of_two_techniques_is_of_one_kind_whichever_row_stands_first(topic, comparison_id):
    table, _ = by_subgroup(topic, comparison_id)
    assert {"both; thrust manipulation", "mobilization (non-thrust); thrust manipulation"} < set(table["analysis"])


def test_the_page_shows_both_limits_of_every_set_and_the_test_of_interaction(topic):
    text = str(page.variants(topic, "lbp-smt-sham-pain"))
    assert "\u221214.9 to \u22121.1" in text and "\u221214.5 to \u22121.5" in text
    assert "\u221214.9 to \u22121.2" in text  # as printed
    assert "Test of interaction P = 0.471" in text
    assert "no other set" in str(page.variants(topic, "neck-mob-gp-recovery"))


def test_the_result_without_the_repairs_of_standard_deviations_stands_beside(topic):
    table = variants(topic, "lbp-smt-sham-pain")
    assert table["analysis"][1] == "With the values of Tavares 2017 and Thomas 2020 as printed"
    columns = ["estimate", "hksj_low", "hksj_high"]
    assert table.loc[0, columns].astype(float).round(1).tolist() == [-8.0, -14.9, -1.1]
    assert table.loc[1, columns].astype(float).round(1).tolist() == [-8.1, -14.9, -1.2]
    found = rl.finding(topic, "lbp-smt-sham-pain")
    assert any("8.01257 is used for the printed 0.801257" in caution for caution in found.cautions)


def test_the_funnel_is_tested_by_the_test_that_suits_the_measure_in_every_set_of_ten_trials(evidence, topic):
    tests = dict(asymmetry(topic, "lbp-smt-sham-pain"))
    printed = tests["With the values of Tavares 2017 and Thomas 2020 as printed"]
    without = tests["Without Krekoukias 2017, the outlier"]
    assert [round(test.pvalue, 2) for test in (tests["All trials"], printed, without)] == [0.83, 0.26, 0.35]
    rows = topic.rows("lbp-smt-sham-pain", as_printed=True).query("trial != 'Krekoukias 2017'").reset_index(drop=True)
    assert round(rl.egger(rl.study_effects(rows, "MD")).pvalue, 3) == 0.009  # the lean of SDs that lack a digit
    assert {test.test for _, test in asymmetry(topic, "lbp-smt-other-function")} == {
        "Sample-size test for standardized mean differences"
    }
    added = [round(test.pvalue, 3) for _, test in asymmetry(evidence["massage"], "neck-soft-tissue-added-pain")]
    assert added == [0.209, 0.143]  # nine trials are too few
    assert asymmetry(topic, "lbp-thrust-vs-mob-pain") == []
    shown = str(page.missing(topic))
    assert "funnel of 31 trials" in shown and "Asymmetry is not publication bias" in shown


def test_the_share_of_comparable_settings_follows_from_mean_and_spread(topic):
    found = rl.finding(topic, "lbp-smt-sham-pain")
    favoured, other, threshold = settings_beyond(found)
    assert threshold == pytest.approx(0.5 * found.sd)
    draws = np.random.default_rng(7).normal(found.estimate, found.pooled.tau2**0.5, 400_000)
    assert favoured == pytest.approx((draws < -threshold).mean(), abs=0.003)
    assert other == pytest.approx((draws > threshold).mean(), abs=0.003)
    assert settings_beyond(rl.finding(topic, "lbp-mob-added-exercise-pain")) is None  # four trials
    assert f"In about {favoured:.0%} of comparable settings" in str(page.variants(topic, "lbp-smt-sham-pain"))


@pytest.mark.parametrize("printed", PRINTED, ids=lambda row: row["comparison_id"])
def test_the_pool_of_the_review_is_reproduced_beside_ours(topic, printed):
    table = variants(topic, printed["comparison_id"]).set_index("analysis")
    line = table.loc[f"As the review counted: {printed['k']} rows, DerSimonian-Laird"]
    assert line["trials"] == int(printed["k"]) and line["left_out"] == ""
    exact = printed["measure"] == "MD"  # RevMan's variance of a standardized difference is another one
    for name, want in (("estimate", "estimate"), ("wald_low", "ci_low"), ("wald_high", "ci_high")):
        assert line[name] == pytest.approx(float(printed[want]), abs=6e-4 if exact else 0.02)


def test_every_row_kept_for_sensitivity_enters_an_analysis(evidence):
    """A row that says "sensitivity" promises a line of the variants, or stands in for a row of its own trial."""
    for topic in evidence:
        for comparison in topic.comparisons:
            rows = topic.rows(comparison["id"], use=None)
            named = {row for variant in comparison.get("variants") or [] for row in variant.get("include") or []}
            swapped = rows["trial"].isin(rows.loc[rows["use"] == "main", "trial"]) & rows["ci_low"].notna()
            promised = rows.loc[(rows["use"] == "sensitivity") & ~swapped, "result_id"]
            assert set(promised) <= named, comparison["id"]
