"""Which pooled trials report harms: silence is counted."""

import pytest

import reviewlib as rl
from reviewlib.meaning.harms import SILENT, HarmReporting, harm_reporting


@pytest.fixture(scope="module")
def topic():
    return rl.load_evidence()["mobilization"]


def test_every_trial_is_in_one_group_and_the_words_count_them(topic):
    said = harm_reporting(topic)
    groups = [set(group) for group in (said.reported, said.silent, said.unread)]
    assert sum(map(len, groups)) == len(set.union(*groups)) == said.trials > 10
    assert str(said).startswith(f"Of the {said.trials} trials pooled here, {len(said.reported)} report harms, ")


def test_a_trial_is_silent_only_where_all_its_rows_are(topic):
    rows = topic.tables["adverse_events"].groupby("trial")["reporting"].agg(set)
    said = harm_reporting(topic)
    assert said.silent and all(rows[trial] <= set(SILENT) for trial in said.silent)
    assert all(rows[trial] - set(SILENT) for trial in said.reported)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (((), (), ()), "No trial with a number is compared on this page"),
        ((("a",), (), ()), "Of the 1 trial pooled here, 1 reports harms"),
        (
            ((), ("a",), ("b", "c")),
            "Of the 3 trials pooled here, none reports harms, 1 makes no clear statement, and what 2 say was not read",
        ),
    ],
)
def test_what_is_said(groups, words):
    assert str(HarmReporting(*groups)) == words
