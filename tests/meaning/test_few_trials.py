"""Two or three trials: both usual intervals stand, and where they disagree the answer rests on neither alone."""

import pytest

import reviewlib as rl
from reviewlib.meaning.few_trials import both_limits, both_said, disputed, limits_text, widest
from reviewlib.meaning.people import absolute_rows
from reviewlib.meaning.plain_language import message, plain_language
from reviewlib.meaning.summary_of_findings import difference
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
    assert "both lie on the same side or both on two" in both_said(alike, "MD", None, None)


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
