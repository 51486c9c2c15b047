"""Twenty points of method standards, answered from the tables; assumed numbers tried over their range."""

from types import SimpleNamespace

import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.meaning.assumed import assumed_effects
from reviewlib.meaning.sof_rows import _why
from reviewlib.meaning.strict_core import POINTS, _all, _assignment, _searched, strict_core


@pytest.fixture(scope="module")
def evidence():
    return rl.load_evidence()


def test_the_points_are_the_twenty_of_the_strict_core(evidence):
    numbers = [1, 5, 9, 11, 13, 16, 18, 21, 24, 26, 27, 29, 33, 35, 37, 39, 41, 43, 45, 48]
    assert [point.number for point in POINTS] == numbers
    for topic in evidence:
        table = strict_core(topic)
        assert list(table["number"]) == numbers and table["reason"].str.len().min() > 10


def test_what_code_can_meet_is_met_on_every_page(evidence):
    for topic in evidence:
        answers = strict_core(topic).set_index("number")["answer"]
        assert set(answers.loc[[1, 9, 11, 13, 16, 18, 24, 26, 27, 29, 33, 37, 45, 48]]) <= {"yes", "does not apply"}


@pytest.mark.parametrize(
    ("good", "names", "answer"),
    [
        ([], [], "does not apply"),
        (["a"], ["a"], "yes"),
        (["a"], ["a", "b"], "partly"),
        ([], ["a", "b"], "no"),
    ],
)
def test_an_answer_follows_from_what_is_as_it_should_be(good, names, answer):
    assert _all(good, names, "things")[0] == answer


def test_an_assumed_number_as_used_gives_the_result_of_the_page(evidence):
    topic = evidence["massage"]
    tried = assumed_effects(topic).set_index(["assumption_id", "comparison"])
    joined = tried.loc["cherkin2011-correlation"]
    for name, line in joined[joined["at_value"] != ""].iterrows():
        found = rl.finding(topic, name)
        assert f"{abs(found.estimate):.1f}" in line["at_value"] or f"{abs(found.estimate):.2f}" in line["at_value"]
        assert line["at_low"] and line["at_high"] and line["tried"] == "0.3 to 0.7"
    assert (joined["at_value"] + joined["why_not"]).ne("").all()
    risks = tried.loc["neck-baseline-pain-responder", "neck-pain-responder-short"]
    assert risks["at_value"].startswith("25 and 39") and "half and twice" in risks["tried"]


def test_a_label_enters_no_effect_and_says_so(evidence):
    tried = assumed_effects(evidence["stenosis"])
    assert tried["at_value"].eq("").all() and tried["why_not"].str.contains("enters no effect").all()


@pytest.mark.parametrize(
    ("date", "query", "answer"),
    [
        ("2026-11-01", "pain", "yes"),
        ("not recorded", "pain", "no"),
        ("2026-11-01", "not recorded", "no"),
        ("not recorded", "not recorded", "no"),
    ],
)
def test_a_search_counts_with_its_day_and_its_words(date, query, answer):
    search = pd.DataFrame({"search_id": ["s1"], "source": ["PubMed"], "date": [date], "query": [query]})
    assert _searched(SimpleNamespace(tables={"search": search}), [])[0] == answer


def test_a_scale_without_a_threshold_is_said_to_have_none_beside_its_result(evidence):
    """Point 39 says that the page does: so it does, for each difference of the summary."""
    for topic in evidence:
        for found in rl.findings(topic).values():
            told = found.estimate is not None and found.comparison["measure"] in ("MD", "SMD")
            if told and found.threshold is None:
                assert any("known for this scale" in note for note in _why(found)), found.comparison["id"]


@pytest.mark.parametrize(
    ("sets", "answer", "reason"),
    [
        (["itt", "as-randomised"], "yes", "trials analysed as assigned: all 2"),
        (
            ["unclear", "unclear"],
            "partly",
            "what was read of 2 of 2 trials does not say who was analysed in which group",
        ),
        (
            ["itt", "unclear"],
            "partly",
            "trials analysed as assigned: all 1; what was read of 1 of 2 trials does not say",
        ),
        (["as-treated", "unclear"], "no", "trials analysed as assigned: not a; what was read of 1 of 2 trials"),
        (["itt", "as-treated"], "partly", "trials analysed as assigned: all but b"),
    ],
)
def test_an_analysis_that_nobody_read_is_not_called_intention_to_treat(sets, answer, reason):
    studies = pd.DataFrame({"trial": ["a", "b"], "analysis_set": sets, "estimate": [0.1, 0.2]})
    said = _assignment(None, [SimpleNamespace(studies=studies)])
    assert said[0] == answer and said[1].startswith(reason)


def test_a_topic_without_a_recorded_search_does_not_report_one():
    search = pd.DataFrame({"search_id": [], "date": [], "query": []})
    assert _searched(SimpleNamespace(tables={"search": search}), []) == ("no", "no search is recorded")
