"""Two or three trials: both usual intervals stand, and where they disagree the answer rests on neither alone."""

import pytest
from scipy.stats import norm, t

import reviewlib as rl
from reviewlib.meaning.few_trials import both_limits, both_said, disputed, limits_text, widest
from reviewlib.meaning.people import absolute_rows
from reviewlib.meaning.plain_language import message, plain_language
from reviewlib.meaning.sentence import sentence
from reviewlib.meaning.sof_rows import difference
from reviewlib.meaning.variants import variants
from reviewlib.results import Interval


def pool(estimate, se):
    return rl.house_rule({"estimate": estimate, "se": se}, "MD")


@pytest.fixture(scope="module")
def every():
    return [(topic, found) for topic in rl.load_evidence() for found in rl.findings(topic).values()]


@pytest.mark.filterwarnings("ignore::reviewlib.MethodWarning")
def test_two_trials_have_both_limits_and_four_have_one():
    two = both_limits(pool([0.1, 0.5], [0.02**0.5, 0.03**0.5]))
    assert [round(x, 2) for x in two["Hartung-Knapp"]] == [-2.25, 2.82]  # written down for these two trials
    assert [round(x, 2) for x in two["Wald"]] == [-0.10, 0.68]
    assert set(both_limits(pool([1.0, 2.0, 3.0], [1.0] * 3))) == {"Wald", "Hartung-Knapp"}
    assert both_limits(pool([1.0, 2.0, 3.0, 4.0], [1.0] * 4)) == {} == both_limits(None)
    assert limits_text(None, "MD") == "" == both_said(None, "MD", None, None)


@pytest.mark.filterwarnings("ignore::reviewlib.MethodWarning")
def test_what_they_disagree_on_is_named():
    apart, alike = pool([-3.0, -1.5], [0.4, 0.5]), pool([0.1, 0.5], [0.02**0.5, 0.03**0.5])
    assert disputed(apart) == (0.0,)
    assert set(disputed(apart, threshold=4.0)) == {0.0, -4.0, 4.0}
    assert disputed(alike) == ()
    assert "disagree on whether the average lies on one side only and whether the threshold" in both_said(
        apart, "MD", None, 4.0
    )
    assert "they agree on whether the average lies on one side only" in both_said(alike, "MD", None, None)


def test_every_pool_of_two_or_three_trials_shows_both_limits_wherever_it_stands(every):
    few = [(topic, f) for topic, f in every if f.pooled is not None and f.pooled.k <= 3]
    assert len(few) > 2
    for _, found in few:
        assert difference(found).count(" by ") == 2 and "Hartung-Knapp" in difference(found)
        assert any("both intervals count" in caution for caution in found.cautions)
        between = found.threshold if found.threshold_kind == "between-group" else None
        if 0.0 in disputed(found.pooled, between) and found.certainty and found.certainty.level != "very low":
            assert "too few to decide" in found.sentence
            assert "not clear if" in message(found)
    assert all("Hartung-Knapp" not in difference(f) for _, f in every if f.pooled is not None and f.pooled.k > 3)


def test_a_mean_difference_has_its_unit_and_no_other_effect_has_one(every):
    shown = [f for _, f in every if f.shown is not None]
    assert {f.comparison["measure"] for f in shown} > {"MD", "RR"}
    for found in shown:
        assert (f" {found.unit} (95% CI " in difference(found)) == (found.comparison["measure"] == "MD")


def test_a_lone_trial_among_variants_has_its_own_interval(every):
    topic = next(topic for topic, _ in every if topic.id == "massage")
    alone = variants(topic, "lbp-disability-short").iloc[1]
    assert alone["trials"] == 1 and "whose printed values contradict each other" in alone["analysis"]
    assert alone["estimate"] == pytest.approx(-2.70, abs=0.005) and alone["wald_high"] < 0


def test_what_is_said_in_people_and_in_plain_words_has_room_for_both_intervals(evidence):
    """Of 25 of 100, limits of 0.10 and 22.98 by Hartung-Knapp are 3 and everybody, not the 25 to 59 of Wald."""
    found = rl.finding(evidence["massage"], "neck-pain-responder-short")
    (people,) = absolute_rows(evidence["massage"], found)
    assert (round(people.low), round(people.high), people.cut) == (3, 100, True)
    said = str(plain_language(evidence["massage"]))
    assert "from 7.0 points lower to 2.1 points higher" in said and "1.7 points lower" not in said


def test_four_trials_keep_the_interval_they_have():
    assert widest(None, Interval(1.0, 2.0)) == Interval(1.0, 2.0)


@pytest.mark.filterwarnings("ignore::reviewlib.MethodWarning")
@pytest.mark.parametrize("level", ["very low", "low"])
def test_two_intervals_that_disagree_are_named_at_every_certainty(every, level):
    """Of a pool in any field: the sentence says that they disagree, whatever the certainty."""
    found = next(f for _, f in every if f.pooled is not None and f.pooled.k == 2 and f.certainty and not f.ratio)
    pooled = pool([-3.0, -1.5], [0.4, 0.5])
    rated = rl.certainty({"risk-of-bias": -2 if level == "low" else -3}, start="high")
    parts = {name: getattr(found, name) for name in found.__dataclass_fields__ if name != "sentence"}
    parts |= {"pooled": pooled, "estimate": pooled.estimate, "ci": pooled.ci, "certainty": rated, "threshold": None}
    said = sentence(**parts | {"threshold_kind": None, "size": "important", "size_rule": "standardized", "sd": 2.0})
    both = "the two usual intervals disagree on whether there is any effect"
    assert rated.level == level and both in said


@pytest.mark.filterwarnings("ignore::reviewlib.MethodWarning")
def test_the_quantile_behind_the_two_trials_of_massage_is_the_one_decided(every):
    """d27: 2.12 with Student's t on the sizes of the arms, 2.13 with the normal quantile, both 2.1 on the page."""
    topic = next(topic for topic, _ in every if topic.id == "massage")
    reason = topic.text["decisions"].set_index("decision_id").loc["d27", "reason"]
    rows = topic.rows("lbp-disability-short").set_index("result_id")
    arms = rows.loc[["cherkin2011-rdq-relax-10w", "cherkin2011-rdq-struct-10w"]]
    n, control = arms["n_int"].astype(float).to_numpy(), float(arms["n_ctl"].iloc[0])
    width = (arms["ci_high"] - arms["ci_low"]).to_numpy()
    little = rows.loc["little2008-rmdq-massage-13w"]
    last, weight, per = (little["ci_high"] - little["ci_low"]) / 2 / norm.ppf(0.975), n / n.sum(), 1 / n + 1 / control
    got = []
    for quantile in (t.ppf(0.975, n + control - 2), norm.ppf(0.975)):
        scaled = weight * width / 2 / quantile
        variance = (scaled**2).sum() + 2 * scaled.prod() / control / per.prod() ** 0.5
        both = both_limits(pool([-(weight @ arms["estimate"]), little["estimate"]], [variance**0.5, last]))
        got.append(f"{both['Hartung-Knapp'].high:.2f}")
    assert got == ["2.12", "2.13"] and "2.12 with this quantile" in reason and "2.1 with either" in reason
    found = rl.finding(topic, "lbp-disability-short")
    assert f"{both_limits(found.pooled)['Hartung-Knapp'].high:.2f}" == "2.12" and "2.1 by Hartung-Knapp" in difference(
        found
    )
