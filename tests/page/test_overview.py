"""The front page's table of comparisons never says more than the interval and the certainty allow."""

import dataclasses
import re

import pytest

import reviewlib as rl
from reviewlib import page
from reviewlib.page.overview import NOT_SHOWN, direction
from reviewlib.results import Interval


@pytest.fixture(scope="module")
def found(evidence):
    return rl.findings(evidence["mobilization"])["lbp-mob-added-exercise-pain"]


def test_a_side_is_named_only_by_an_interval_that_leaves_out_the_other(found):
    assert direction(found) == found.comparison["favours_left"]
    mirrored = dataclasses.replace(found, estimate=7.4, ci=Interval(1.4, 13.4))
    assert direction(mirrored) == found.comparison["favours_right"]
    assert direction(dataclasses.replace(found, ci=Interval(-13.4, 0.1))) == "either way"


def test_very_low_certainty_names_no_side(found):
    unsure = dataclasses.replace(found.certainty, level="very low")
    assert direction(dataclasses.replace(found, certainty=unsure)) == "very uncertain"
    assert direction(dataclasses.replace(found, certainty=None)) == "not rated"
    assert direction(dataclasses.replace(found, estimate=None, ci=None)) == NOT_SHOWN


def test_every_comparison_of_the_summaries_is_on_the_table_once(evidence):
    text = str(page.comparisons(evidence).html)
    for topic in evidence:
        for each in rl.findings(topic).values() if topic.comparisons else ():
            shown = f'trials-{topic.id}-{each.comparison["id"]}"' in text
            assert shown == bool(each.comparison.get("in_summary", True))


def test_a_number_of_people_in_a_line_says_that_it_is_of_people(evidence):
    """Under the heading People a number stands alone; in a line of words "291 (1 trial)" is of nothing."""
    forests = [page.forests(topic).text for topic in evidence if topic.comparisons]
    for said in (page.evidence_map(evidence).text, *forests):
        assert " people (" in said and not re.search(r"[;,] [\d,]+ (randomized )?\(\d+ trial", said)
