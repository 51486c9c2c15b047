"""A number in the reason of a judgement or decision is computed or in a row; what is invented is told."""

import math
import re
from dataclasses import replace

import pytest

from reviewlib.evidence.spoken import results
from reviewlib.meaning import finding
from reviewlib.meaning.reasons import computed, unheld_reasons

SLOW = pytest.mark.slow


def typed(topic, table, column, number, at=0):
    """Return what is told of a topic with one judgement or decision, to one text of which a number was added."""
    text = dict(topic.text) | {name: topic.text[name][:0] for name in ("certainty", "decisions")}
    text[table] = topic.text[table][at : at + 1].copy()
    text[table][column] += f" It fell by {number} points."
    return list(unheld_reasons(replace(topic, text=text)))


@pytest.fixture(scope="module")
def stenosis(evidence):
    return evidence["stenosis"]


@pytest.mark.parametrize(
    "name", ["stenosis", pytest.param("massage", marks=SLOW), pytest.param("mobilization", marks=SLOW)]
)
def test_every_number_of_our_reasons_is_held(evidence, name):
    assert list(unheld_reasons(evidence[name])) == []


def test_an_invented_number_is_told_with_its_row(stenosis):
    row = stenosis.text["certainty"].iloc[0]
    name = f"{row['comparison_id']} {row['domain']}"
    assert typed(stenosis, "certainty", "reason", "71.53") == [("certainty", name, "reason", "71.53")]
    assert typed(stenosis, "certainty", "reason", "7153 people, 7") == [("certainty", name, "reason", "7153")]
    two = [("certainty", name, "reason", number) for number in ("71.53", "81.94")]
    assert typed(stenosis, "certainty", "reason", "71.53, then by 81.94") == two
    first = stenosis.text["decisions"].iloc[0]["decision_id"]
    assert typed(stenosis, "decisions", "choice", "71.53%") == [("decisions", first, "choice", "71.53")]


def test_a_finding_is_held_to_the_decimals_that_are_typed(evidence):
    topic = evidence["massage"]
    of = {name: at for at, name in enumerate(topic.text["certainty"]["comparison_id"])}
    found = next(f for name in of if (f := finding(topic, name)).pooled is not None)
    low, at = abs(found.shown[1]), of[found.comparison["id"]]
    for decimals in (1, 2, 3, 4):
        assert typed(topic, "certainty", "reason", f"{low:.{decimals}f}", at) == []
    [(*_, number)] = typed(topic, "certainty", "reason", f"{low + 0.0313:.4f}", at)
    assert number == f"{low + 0.0313:.4f}"


def test_what_is_computed_of_a_pool_holds_what_its_page_shows(evidence):
    topic = evidence["massage"]
    found = next(f for c in topic.comparisons if (f := finding(topic, c["id"])).pooled is not None and f.pooled.k > 3)
    values = computed(topic, found.comparison["id"])
    for shown in (*found.shown, *found.back(found.pooled.prediction), 100 * found.pooled.i2, found.pooled.tau2):
        assert any(math.isclose(shown, value) for value in values)


def test_the_rule_asks_of_many_numbers():
    """Of decimals, percentages and people; any other whole number may be a count of anything."""
    assert list(results("94 people, 787 needed, 0.4 to 3.0 points, I² 77%")) == ["0.4", "3.0", "77"]
    assert not re.search(r"\d", "".join(results("six trials of 24 weeks")))
