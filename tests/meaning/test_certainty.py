"""GRADE: the level follows from the steps, and an inconsistent one is refused with what is wrong."""

import pandas as pd
import pytest

from reviewlib.errors import EvidenceError
from reviewlib.meaning.certainty import certainty, information_size


@pytest.mark.parametrize(
    ("start", "steps", "level"),
    [
        ("high", {}, "high"),
        ("high", {"risk-of-bias": -1}, "moderate"),
        ("high", {"risk-of-bias": -1, "imprecision": -2}, "very low"),
        ("high", {"risk-of-bias": -2, "imprecision": -3, "publication-bias": -1}, "very low"),
        ("low", {"large-effect": 1}, "moderate"),
        ("low", {"inconsistency": -1}, "very low"),
    ],
)
def test_level_is_start_plus_steps(start, steps, level):
    assert certainty(steps, start=start).level == level


@pytest.mark.parametrize(
    ("steps", "start", "level", "words"),
    [
        ({"risk-of-bias": -1}, "high", "high", "gives 'moderate'"),
        ({"imprecision": 1}, "high", None, "imprecision may go from 0 to -3"),
        ({"publication-bias": -2}, "high", None, "publication-bias may go from 0 to -1"),
        ({"large-effect": 1}, "high", None, "for observational studies"),
        ({"large-effect": 1, "imprecision": -1}, "low", None, "nothing rates down"),
        ({"quality": -1}, "high", None, "'quality' is not a domain"),
        ({"imprecision": -1}, None, "low", "say where the rating starts"),
        ({}, None, "strong", "is not one of"),
    ],
)
def test_inconsistent_judgements_are_refused(steps, start, level, words):
    with pytest.raises(EvidenceError, match=words):
        certainty(steps, start=start, level=level)


def long_table(*rows, who="one assessor", status="draft"):
    return pd.DataFrame([dict(domain=d, judgement=j, reason=r, judged_by=who, status=status) for d, j, r in rows])


def test_the_long_table_is_read_and_recomputed():
    rated = certainty(
        long_table(("start", "high", ""), ("risk-of-bias", "-1", "open trials"), ("level", "moderate", ""))
    )
    assert (rated.level, rated.steps, rated.reasons) == (
        "moderate",
        {"risk-of-bias": -1},
        {"risk-of-bias": "open trials"},
    )
    assert str(rated) == "⊕⊕⊕○ moderate certainty (draft, one assessor)"


def test_a_published_level_without_domains_stands_as_theirs():
    rated = certainty(long_table(("level", "low", ""), who="Furlan 2015 authors", status="published"))
    assert (rated.level, rated.steps) == ("low", {}) and "Furlan 2015" in str(rated)


def test_rows_of_two_judges_are_refused():
    two = pd.concat([long_table(("level", "low", "")), long_table(("level", "high", ""), who="another")])
    with pytest.raises(EvidenceError, match="one judge"):
        certainty(two)


def test_words_in_a_step_are_refused():
    with pytest.raises(EvidenceError, match="whole numbers"):
        certainty(long_table(("start", "high", ""), ("imprecision", "serious", "")))


def test_information_size_as_computed_for_the_method_notes():
    assert (information_size(0.2, 1), information_size(0.5, 1)) == (787, 128)


LIMITS = {
    "risk-of-bias": -3,
    "inconsistency": -2,
    "indirectness": -2,
    "imprecision": -3,
    "publication-bias": -1,
    "large-effect": 2,
    "dose-response": 1,
    "opposing-confounding": 1,
}


@pytest.mark.parametrize(("domain", "most"), LIMITS.items())
def test_each_domain_has_its_own_limit(domain, most):
    start, further = ("high", most - 1) if most < 0 else ("low", most + 1)
    assert certainty({domain: most}, start=start).steps == {domain: most}
    with pytest.raises(EvidenceError, match=domain):
        certainty({domain: further}, start=start)
