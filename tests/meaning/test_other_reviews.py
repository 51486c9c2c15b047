"""What our own topics do not need and another review does: other measures, other scales, other ratings of bias."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError
from reviewlib.meaning import plain_size
from reviewlib.meaning.appropriateness import Rule, appropriateness
from reviewlib.meaning.certainty import information_size
from reviewlib.meaning.plain_language import _easily, _frame, _sure
from reviewlib.meaning.plain_size import _side, size_plainly
from reviewlib.meaning.sentence import spoken
from reviewlib.meaning.signals import imprecision_signal, publication_signal
from reviewlib.meaning.sof_rows import _why, people_text
from reviewlib.meaning.stability import class_stability, necessity, round_change
from reviewlib.meaning.strict_core import _bias, _missing
from reviewlib.meaning.variants import settings_beyond, without_high_risk
from reviewlib.meaning.words import inside, number
from reviewlib.measures import MEASURES
from reviewlib.results import Interval


def _size(topic, finding, words):
    return size_plainly(topic, finding, *_easily(finding, words))


@pytest.fixture
def found(evidence):
    """One pooled difference on a scale of points."""
    return rl.finding(evidence["massage"], "lbp-pain-short")


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Quality of life", "quality of life"),
        ("HbA1c", "HbA1c"),
        ("LDL cholesterol", "LDL cholesterol"),
        ("EQ-5D utility", "EQ-5D utility"),
        ("T2 lesions", "T2 lesions"),
        ("Infection with HIV", "infection with HIV"),
        ("Symptoms of Parkinson's disease", "symptoms of Parkinson's disease"),
        ("A fall", "a fall"),
        ("mTOR", "mTOR"),
    ],
)
def test_names_in_an_outcome_keep_their_capitals_inside_a_sentence(label, said):
    assert inside(label) == said
    assert spoken({"intervention": "A", "comparator": "B"}, {"id": "x", "label": label})[2] == said


def measured(found, measure, low=0.5, high=0.8):
    """Return the same finding in another measure, without its pool: a single trial on the analysis scale."""
    back = np.log if MEASURES[measure].ratio else float
    ends = Interval(float(back(low)), float(back(high)))
    comparison = dict(found.comparison) | {"measure": measure}
    return replace(found, comparison=comparison, pooled=None, estimate=sum(ends) / 2, ci=ends)


@pytest.mark.parametrize(
    ("measure", "first"),
    [
        ("SMD", "The trials used different scales, so we do not give it in points."),
        ("RR", "It happened 0.63 times as often with massage as with usual care; 1 means just as often."),
        ("HR", "The hazard ratio was 0.63 with massage, compared with usual care; 1 means no difference."),
        ("RD", "The risk difference was 0.650 with massage, compared with usual care; 0 means no difference."),
    ],
)
def test_an_effect_that_is_no_number_of_points_is_told_in_its_own_words(evidence, found, measure, first):
    topic = evidence["massage"]
    topic = SimpleNamespace(id=topic.id, tables=topic.tables, rows=lambda *_: pd.DataFrame(), info=topic.info)
    said = _size(topic, measured(found, measure), {"X": "x"})
    assert said[0] == first
    assert measure == "SMD" or said[1].startswith("The true value could lie anywhere from 0.5")


def test_a_difference_on_a_scale_without_range_or_threshold_says_so(evidence, found):
    scale = {name: None if name.startswith("scale") else value for name, value in found.instrument.items()}
    said = _size(evidence["massage"], replace(measured(found, "MD"), instrument=scale, threshold=None), {})
    assert said == (
        "The average score was 0.65 points higher with massage than with usual care.",
        "The true difference could lie anywhere from 0.50 points higher to 0.80 points higher.",
        "We found no agreed size from which a difference on this scale matters.",
    )


def test_people_out_of_a_hundred_are_told_as_people(evidence, found, monkeypatch):
    row = SimpleNamespace(out_of=100, comparator=40.2, intervention=25.4, low=16.1, high=37.9)
    monkeypatch.setattr(plain_size, "absolute_rows", lambda *_: [row])
    first, second = _size(evidence["massage"], found, {})
    assert first.startswith("Of 100 people with usual care, about 40 have ")
    assert second == "With massage it would be about 25, but it could be as few as 16 or as many as 38."


def test_a_topic_that_does_not_say_whom_it_leaves_out_says_whom_it_is_for(evidence):
    topic = evidence["massage"]
    info = {name: value for name, value in topic.info.items() if name != "not_for"}
    said = dict(_frame(SimpleNamespace(info=info, text=topic.text, review=topic.review), {}))
    assert len(said["Who is this for?"]) == 1 and len(dict(_frame(topic, {}))["Who is this for?"]) == 2


def test_a_threshold_that_a_review_used_is_not_called_agreed(evidence, found):
    used = replace(found, threshold=2.0, threshold_kind="used-by-review")
    assert _size(evidence["massage"], used, {})[-1].startswith("A review worked with 2 points as the smallest")


def test_no_difference_has_no_side_and_no_negative_zero():
    assert _side(-0.001, 2, "points") == _side(0.0, 2, "points") == "0 points higher"
    assert (number(-0.001), number(0.0), number(None), number(float("nan"))) == ("0.00", "0.00", "", "")


def test_a_rating_without_a_step_down_gives_no_reason(found):
    high = replace(found.certainty, level="high", steps={})
    assert "This is because" in " ".join(_sure(found))
    assert _sure(replace(found, certainty=high))[-1].endswith("is graded “high”.")


def test_standard_deviations_are_held_against_the_people_that_0_2_of_them_needs(found):
    said, steps = imprecision_signal(replace(measured(found, "SMD"), people=120, threshold=None))
    assert said.endswith("; 120 people, 787 needed to find 0.2 standard deviations") and steps == 0
    assert imprecision_signal(replace(found, estimate=None, ci=None)) == ("there is no pooled or single estimate", None)


@pytest.mark.parametrize(("trials", "words"), [(9, "not assessable by funnel"), (10, "see the funnel plot")])
def test_a_funnel_plot_needs_ten_trials(found, trials, words):
    said, steps = publication_signal(replace(found, trials=trials))
    assert words in said and steps is None


def judged(*rows, facts=0):
    """Return (topic, findings) of two trials, with judgements as (trial, tool, judgement)."""
    tables = {
        "risk_of_bias": pd.DataFrame(rows, columns=["trial", "tool", "judgement"], dtype=object),
        "rob2_facts": pd.DataFrame({"fact": ["x"] * facts}),
    }
    studies = pd.DataFrame({"trial": ["A", "B"], "estimate": [0.1, 0.2], "result_ids": ["a", "b"]})
    return SimpleNamespace(tables=tables), [SimpleNamespace(studies=studies, basis="pooled", estimate=0.1)]


ROB2, FIRST = ("RoB 2", "low"), ("Cochrane RoB 1", "low")


@pytest.mark.parametrize(
    ("rows", "answer", "reason"),
    [
        ([("A", *ROB2), ("B", *ROB2)], "yes", "RoB 2 for all 2 trials"),
        ([("A", *ROB2), ("B", "RoB 2", "Not yet assessed")], "partly", "no judgement was read for B"),
        ([("A", *FIRST), ("B", *FIRST)], "published, first tool", "all 2 trials as judged by a Cochrane review"),
        ([("A", *FIRST), ("B", "PEDro", "yes")], "partly published, first tool", "1 more with other published items"),
        ([("A", *FIRST)], "partly published, first tool", "1 of 2 trials as judged by a Cochrane review"),
        ([], "no", "not judged with RoB 2"),
    ],
)
def test_risk_of_bias_is_answered_by_who_judged_which_trials(rows, answer, reason):
    said, why = _bias(*judged(*rows))
    assert said == answer and reason in why


def test_an_empty_list_of_missing_results_is_not_taken_for_none():
    topic = SimpleNamespace(comparisons=[{}], tables={"missing_results": pd.DataFrame()})
    assert _missing(topic, []) == ("no", "no list of results that are known to be missing")


def test_a_pool_whose_trials_nobody_judged_is_not_repeated_without_some(evidence):
    topic, found = evidence["mobilization"], None
    found = next(f for f in rl.findings(topic).values() if f.pooled is not None)
    assert set(without_high_risk(topic, found)) >= {"domains", "left_out", "trials"}
    bare = SimpleNamespace(tables={"risk_of_bias": topic.tables["risk_of_bias"][:0]})
    assert without_high_risk(bare, found) is None


def test_settings_beyond_a_threshold_need_one(evidence):
    found = next(f for f in rl.findings(evidence["mobilization"]).values() if settings_beyond(f))
    assert settings_beyond(replace(found, threshold=None, threshold_kind=None, sd=None)) is None


def test_a_panel_says_by_which_percentiles_it_disagrees():
    assert str(Rule("ipras")).startswith("disagreement by IPRAS (30th and 70th percentile, type 7, DI of 1: no disag")
    rows = [{"anna": 7, "ben": 8, "carl": 8}, {"anna": 1, "ben": 2, "carl": 2}]
    assert appropriateness(rows).table["class"].tolist() == ["appropriate", "inappropriate"]


PANEL = [[7, 7, 8, 8, 8, 8, 9, 9, 9], [1, 1, 2, 2, 2, 3, 3, 3, 3]]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: Rule(limits=(70, 30)), "limits must be two percentiles, low before high"),
        (lambda: appropriateness(np.ones((2, 3, 4))), "scenarios by panellists"),
        (lambda: appropriateness(7), "ratings are a table or an array"),
        (lambda: class_stability(appropriateness(PANEL), professions=["a", "b"]), "names 2 panellists"),
        (lambda: class_stability(appropriateness([np.arange(40) % 9 + 1])), "too large to enumerate"),
        (lambda: round_change(appropriateness(PANEL), appropriateness(PANEL[:1])), "must hold the same scenarios"),
        (lambda: necessity(appropriateness(PANEL), PANEL[:1]), "1 scenarios have a necessity rating and 2 an appro"),
        (lambda: information_size(0, 1), "a difference other than zero"),
        (lambda: information_size(1, 0), "a standard deviation above zero"),
    ],
)
def test_what_cannot_be_counted_is_refused(asked, words):
    with pytest.raises(EvidenceError, match=words):
        asked()


def test_people_are_those_of_the_trials_else_those_randomized_as_far_as_a_row_names_them(found):
    names = ["quantity", "value", "used_in"]
    rows = [("baseline-risk", 25, found.comparison["id"]), ("people-randomised", 240, f"x; {found.comparison['id']}")]
    topic = SimpleNamespace(tables={"assumptions": pd.DataFrame(rows, columns=names)})
    assert people_text(topic, replace(found, people=120, trials=2)) == "120 (2 trials)"
    assert people_text(topic, replace(found, people=None, trials=2)) == "240 randomized (2 trials)"
    topic.tables["assumptions"] = topic.tables["assumptions"][:1]
    assert people_text(topic, replace(found, people=None, trials=1)) == "number of people not read (1 trial)"
    assert people_text(topic, replace(found, trials=0)) == ""


def test_why_trials_are_not_pooled_is_said_where_they_are_not(found):
    why = found.comparison["pool_reason"]
    assert why in _why(replace(found, basis="one trial")) and why not in _why(replace(found, basis="pooled"))
