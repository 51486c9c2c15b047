"""From rows to the sentence: what each basis, size and certainty lets a page say, on an invented topic."""

from dataclasses import dataclass, field

import pandas as pd
import pytest

from reviewlib.evidence.load import _frame
from reviewlib.evidence.read_only import Tables
from reviewlib.meaning.finding import finding, findings
from reviewlib.meaning.sentence import size_note
from reviewlib.meaning.signals import signals
from reviewlib.meaning.statement import overclaims

INSTRUMENTS = pd.DataFrame(
    {
        "instrument_id": ["scale"],
        "name": ["Example scale 0-24"],
        "scale_min": [0.0],
        "scale_max": [24.0],
        "better": ["lower"],
        "unit": ["points"],
        "mid": [2.0],
        "mid_unit": ["points"],
        "mid_kind": ["between-group"],
    }
)
COMPARISON = {
    "id": "c",
    "title": "Example",
    "outcome": "o",
    "measure": "MD",
    "intervention": "A",
    "comparator": "B",
    "pool": True,
    "pool_reason": "example",
    "say": {"intervention": "treatment A", "comparator": "care B", "outcome": "disability"},
}


def row(trial, estimate, half, n=50, use="main", **more):
    values = {
        "result_id": f"{trial}-r",
        "source_id": trial,
        "trial": trial,
        "intervention": "A",
        "comparator": "B",
        "outcome": "o",
        "instrument_id": "scale",
        "timepoint_weeks": 10.0,
        "analysis_set": "itt",
        "n_int": n,
        "n_ctl": n,
        "mean_int": None,
        "sd_int": None,
        "mean_ctl": None,
        "sd_ctl": None,
        "value_kind": None,
        "events_int": None,
        "events_ctl": None,
        "measure": None if estimate is None else "MD",
        "estimate": estimate,
        "ci_low": None if estimate is None else estimate - half,
        "ci_high": None if estimate is None else estimate + half,
        "ci_level": 95.0,
        "p_value": None,
        "contrast": "int-ctl",
        "read": "abstract",
        "favours": "int",
        "design": "rct",
        "status": "reported",
        "use": use,
        "reason": "",
        "scale_min": 0.0,
        "scale_max": 24.0,
        "better": "lower",
    }
    return values | more


@dataclass
class Topic:
    made: list
    steps: dict | None = None
    comparison_: dict = field(default_factory=lambda: dict(COMPARISON))
    bias: dict = field(default_factory=dict)
    id: str = "example"
    instruments: pd.DataFrame = field(default_factory=lambda: INSTRUMENTS)
    outcomes: list = field(default_factory=lambda: [{"id": "o", "label": "Disability", "instrument_id": "scale"}])

    @property
    def comparisons(self):
        return [self.comparison_]

    def comparison(self, _):
        return self.comparison_

    def rows(self, _, use="main"):
        frame = pd.DataFrame(self.made, columns=list(row("x", 1, 1)))
        return frame if use is None else frame[frame["use"] == use]

    @property
    def tables(self):
        tables = {}
        if self.steps is not None:
            who = dict(comparison_id="c", judged_by="one assessor", status="draft", reason="x")
            lines = [("start", "high"), *self.steps.items()]
            tables["certainty"] = pd.DataFrame([dict(who, domain=d, judgement=str(j)) for d, j in lines])
        tables["risk_of_bias"] = pd.DataFrame(
            [dict(trial=t, tool="RoB 2", domain="overall", judgement=j) for t, j in self.bias.items()],
            columns=["trial", "tool", "domain", "judgement"],
        )
        return Tables({name: frame.copy for name, frame in tables.items()}, _frame, "topic")


def test_two_trials_are_pooled_when_the_plan_says_so():
    found = finding(Topic([row("a", -3, 1), row("b", -2.6, 1)], {"risk-of-bias": -1}), "c")
    assert (found.basis, found.trials, found.people, found.size) == ("pooled", 2, 200, "important")
    assert found.estimate == pytest.approx(-2.8)
    open_size = "whether that matters between groups depends on which of two usual intervals is taken"
    assert found.sentence == f"Treatment A probably reduces disability, compared with care B; {open_size}."
    assert any("provisional" in caution for caution in found.cautions)


def test_the_plan_forbids_pooling():
    topic = Topic([row("a", -3, 1), row("b", -2.6, 1)], {}, COMPARISON | {"pool": False})
    found = finding(topic, "c")
    assert (found.basis, found.pooled, found.estimate) == ("side by side", None, None)
    assert "not pooled" in found.sentence


def test_one_trial_keeps_its_printed_limits():
    found = finding(Topic([row("a", 0.9, 0, ci_low=-7.9, ci_high=9.6)], {"imprecision": -2}), "c")
    assert (found.basis, tuple(found.ci)) == ("one trial", (-7.9, 9.6))


def test_a_direction_is_never_a_number():
    found = finding(Topic([row("a", None, 0)], {}), "c")
    assert (found.basis, found.estimate, found.size) == ("direction only", None, None)
    assert found.studies["excluded"].notna().all()


def test_rows_that_are_only_shown_carry_no_estimate():
    found = finding(Topic([row("a", -3, 1, use="shown")], {}), "c")
    assert (found.basis, found.estimate) == ("shown only", None)


def test_without_rows_the_sentence_says_so():
    assert finding(Topic([], {}), "c").basis == "no data"


def test_without_a_rating_no_effect_is_claimed():
    assert "has not been rated" in finding(Topic([row("a", -3, 1)]), "c").sentence


def test_an_interval_on_both_sides_claims_no_direction_without_a_threshold():
    bare = INSTRUMENTS.assign(mid=float("nan"))
    for made in (row("a", -0.9, 5, n=None), row("a", -5, 9)):  # no size known; one by convention only
        said = finding(Topic([made], {"risk-of-bias": -1}, instruments=bare), "c").sentence
        assert "a better and for a worse result" in said


def test_a_narrow_interval_around_no_effect_is_little_to_no_difference():
    found = finding(Topic([row("a", -0.3, 1.5)], {}, instruments=PERSON), "c")
    assert "little to no difference" in found.sentence


def test_a_wide_interval_around_no_effect_is_not_little_to_no_difference():
    found = finding(Topic([row("a", -0.3, 9, n=8)], {}, instruments=PERSON), "c")
    assert found.size == "trivial" and "a better and for a worse result" in found.sentence


@pytest.mark.parametrize(("estimate", "size"), [(-0.9, "trivial"), (-1.5, "small"), (-2.5, "important")])
def test_size_is_held_against_the_threshold(estimate, size):
    assert finding(Topic([row("a", estimate, 0.3)], {}), "c").size == size


PERSON = INSTRUMENTS.assign(mid=5.0, mid_kind="within-person")


@pytest.mark.parametrize(
    ("share", "size"), [(-0.15, "trivial"), (-0.3, "small"), (-0.6, "important"), (-3, "important")]
)
def test_a_threshold_of_one_person_decides_no_adjective(share, size):
    """The size follows from standard deviations, whatever counts as a change in one person."""
    sd = 4.0
    half = 1.984 * sd * (2 / 50) ** 0.5  # the interval that 50 and 50 people with this SD give
    found = finding(Topic([row("a", share * sd, half)], {}, instruments=PERSON), "c")
    assert (found.size, found.size_rule, found.threshold) == (size, "standardized", 5.0)
    assert found.sd == pytest.approx(sd, rel=2e-3)
    assert finding(Topic([row("a", share * sd, half)], {}, instruments=PERSON.assign(mid=0.5)), "c").size == size


def test_the_same_size_gets_the_same_word_on_two_scales():
    """Two scales of one outcome, one longer than the other: no page says "slightly" where another does not."""
    words = set()
    for stretch in (1, 10):
        topic = Topic([row("a", -2.8 * stretch, 1.6 * stretch)], {}, instruments=PERSON.assign(mid=15.0))
        words.add(finding(topic, "c").sentence)
    assert words == {"Treatment A reduces disability, compared with care B."}


def test_without_people_or_a_threshold_between_groups_there_is_no_adjective():
    found = finding(Topic([row("a", -3, 1, n=None)], {}, instruments=PERSON), "c")
    assert (found.size, found.size_rule, found.sd) == (None, None, None)


def test_an_interval_on_both_sides_is_not_called_small_by_a_convention():
    found = finding(Topic([row("a", -1.5, 2)], {"risk-of-bias": -1}, instruments=PERSON), "c")
    assert found.size == "small" and "a better and for a worse result" in found.sentence


@pytest.mark.parametrize(("read", "text"), [("abstract", "its abstract gives"), (None, "what was read of it gives")])
def test_a_trial_without_figures_is_found_not_empty(read, text):
    said = finding(Topic([row("a", None, 0, read=read)], {}), "c").sentence
    assert f"1 trial was found, but {text} no estimate with an interval" in said
    both = finding(Topic([row("a", None, 0, read=read), row("b", None, 0, read=read)], {}), "c").sentence
    assert "2 trials were found, but" in both and ("their abstracts give" in both) == (read == "abstract")


def test_the_note_beside_a_size_names_what_decided_it():
    between = finding(Topic([row("a", -3, 1)], {}), "c")
    assert size_note(between) == "The size in words is held against the 2 points between groups."
    convention = size_note(finding(Topic([row("a", -3, 1)], {}, instruments=PERSON), "c"))
    assert (
        "0.2 and 0.5 standard deviations (one is 2.52 points" in convention and "5" not in convention.split("(")[0][-3:]
    )


def test_a_worse_result_says_so():
    assert "increases disability" in finding(Topic([row("a", 3, 1)], {}), "c").sentence


def test_signals_stand_beside_judgements_without_deciding():
    topic = Topic(
        [row("a", -3, 1), row("b", 2.6, 1)], {"inconsistency": 0, "imprecision": 0}, bias={"a": "high", "b": "high"}
    )
    table = signals(topic, finding(topic, "c")).set_index("Domain")
    assert table.loc["risk of bias", "Suggests"] == "-1" and "100%" in table.loc["risk of bias", "Signal"]
    assert table.loc["inconsistency", "Suggests"] == "-1" and table.loc["inconsistency", "Look again"] == "yes"
    assert table.loc["indirectness", "Suggests"] == ""
    assert table.loc["risk of bias", "Judged"] == "not judged" and table.loc["risk of bias", "Look again"] == "no"
    assert finding(topic, "c").certainty.level == "high"


def test_only_a_suggestion_that_differs_from_a_judgement_asks_to_look_again():
    steps = {"inconsistency": -1, "indirectness": -1, "imprecision": -1}
    topic = Topic([row("a", -3, 1), row("b", 2.6, 1)], steps)
    table = signals(topic, finding(topic, "c")).set_index("Domain")
    assert (table.loc["inconsistency", "Suggests"], table.loc["inconsistency", "Judged"]) == ("-1", "-1")
    assert (table.loc["indirectness", "Suggests"], table.loc["indirectness", "Judged"]) == ("", "-1")
    again = table.index[table["Look again"] == "yes"]
    assert set(again) == {
        d
        for d in table.index
        if table.loc[d, "Suggests"] not in ("", table.loc[d, "Judged"]) and table.loc[d, "Judged"] != "not judged"
    }
    assert not {"inconsistency", "indirectness"} & set(again)


def test_imprecision_is_held_against_thresholds_between_groups_only():
    made = [row("a", -3, 2.5)]
    said = [
        signals(t, finding(t, "c")).set_index("Domain").loc["imprecision"]
        for t in (Topic(made, {}), Topic(made, {}, instruments=PERSON))
    ]
    assert [s["Suggests"] for s in said] == ["-1", "0"]
    assert "crosses \N{MINUS SIGN}2.0 points" in said[0]["Signal"]
    assert "does not cross zero, and no threshold between groups is known" in said[1]["Signal"]


def test_a_criteria_count_is_not_a_judgement():
    topic = Topic([row("a", -3, 1)], {}, bias={"a": "8"})
    assert "no trial has an overall" in signals(topic, finding(topic, "c")).iloc[0]["Signal"]


def test_every_sentence_is_free_of_overclaims():
    cases = [[], [row("a", None, 0)], [row("a", -3, 1)], [row("a", -3, 1), row("b", 1, 1)]]
    for made in cases:
        for steps in (None, {}, {"imprecision": -1}, {"imprecision": -3}):
            assert not overclaims(findings(Topic(made, steps))["c"].sentence)


@pytest.mark.parametrize(
    ("down", "said"), [(1, "the interval leaves room for a better and for a worse result"), (3, "very uncertain")]
)
def test_very_low_certainty_is_said_before_the_width_of_the_interval(down, said):
    comparison, steps = {**COMPARISON, "pool": False}, {"risk-of-bias": -down}
    instruments = INSTRUMENTS.assign(mid_kind=["within-person"])
    topic = Topic([row("One", -3.0, 4.0)], steps, comparison, instruments=instruments)
    assert said in finding(topic, "c").sentence


def test_the_scale_is_that_of_the_rows_in_use_and_of_the_rows_shown_where_none_is():
    other = INSTRUMENTS.assign(instrument_id="other", scale_max=100.0)
    plan = {"instruments": pd.concat([INSTRUMENTS, other]), "outcomes": [{"id": "o", "label": "Disability"}]}
    shown = row("b", -3, 1, use="shown", instrument_id="other")
    assert finding(Topic([row("a", -3, 1), shown], {}, **plan), "c").instrument["scale_max"] == 24
    assert finding(Topic([shown], {}, **plan), "c").instrument["scale_max"] == 100


def test_trials_without_any_event_say_that_no_ratio_follows_and_why_they_were_not_pooled():
    none = dict(measure=None, ci_level=None, contrast=None, favours=None, events_int=0, events_ctl=0)
    made = [row(name, None, None, **none) for name in ("a", "b")]
    found = finding(Topic(made, comparison_=COMPARISON | {"measure": "RR"}), "c")
    assert "2 trials were found with no events, or only events, in both arms" in found.sentence
    assert found.why == "To be pooled, but no trial gives an effect with its interval"
    one = finding(Topic([row("a", -3, 1), made[0]]), "c")
    assert one.why == "To be pooled, but only one trial gives an effect with its interval"
    assert finding(Topic([row("a", -3, 1), row("b", -2, 1)]), "c").why == COMPARISON["pool_reason"]
