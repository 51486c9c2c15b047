"""A result in the words of a review is in a row of its tables: what is invented is warned of, what is held is not."""

import csv

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.spoken import holds, results
from reviewlib.site import Project
from reviewlib.site.remade import unheld

ROW = ("example/results.csv", "example2001-r1")


def said(folder):
    return [(p.column, p.rule.split()[0]) for p in check(folder) if "is in no" in p.rule and p.severity == "warning"]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("22.4 points (95% CI 16.9 to 27.9), P = 0.03", ["22.4", "16.9", "27.9", "0.03"]),
        ("57% and 12.5 %, 3 per cent, 4 percent of 169", ["57", "12.5", "3", "4"]),
        ("a 95% interval, 99% limits, the 90% confidence interval", []),
        ("on 2026-11-22, doi 10.1000/x1.5, section 3.2.1, 1/2, 12 weeks", []),
        ("1,234.5 m", ["1,234.5"]),
    ],
)
def test_a_result_has_decimals_or_percent(words, numbers):
    assert list(results(words)) == numbers


@pytest.mark.parametrize(
    ("words", "number", "there"),
    [
        ("-6.0", "6.0", True),
        ("6", "6.0", True),
        ("6.05", "6.0", False),
        ("16.0", "6.0", False),
        ("6.0.1", "6.0", False),
        ("1234.50", "1,234.5", True),
        ("1,234.5 m", "1234.5", True),
        ("57 of 80", "57", True),
        ("57.2", "57", False),
        ("x57", "57", False),
        ("(57)", "57", True),
    ],
)
def test_a_number_is_found_however_it_is_written_and_not_within_another(words, number, there):
    assert holds(f"a\n{words}\nb", number) == there


@pytest.mark.parametrize("key", ["title", "question", "searched_note"])
def test_an_invented_result_in_a_topic_is_warned_of_at_its_key(edit, key):
    folder = edit("example/topic.yml", f'{key}: "', f'{key}: "It fell by 7.31 points. ')
    assert said(folder) == [(key, "7.31")]
    (problem,) = [p for p in check(folder) if "7.31" in p.rule]
    assert problem.line and problem.rule == "7.31 is in no table of this topic"


def test_a_result_deep_in_a_topic_is_found_and_one_that_a_tableholds_is_left_alone(edit, cells):
    edit("example/topic.yml", 'pool_reason: "', 'pool_reason: "In 41.7% of them. ')
    assert said(cells(*ROW)) == [("comparisons 1 pool_reason", "41.7")]
    assert said(cells(*ROW, notes="The text says 41.7% improved.")) == []


@pytest.mark.parametrize("column", ["reason", "key_number"])
def test_an_invented_result_of_a_claim_is_warned_of_and_can_be_looked_at(cells, column):
    assert said(cells("claims.csv", "c1", **{column: "Pain fell by 7.31 points"})) == [(column, "7.31")]
    words = "looked at (reason): the textbook of the course says so. Pain fell by 7.31 points"
    folder = cells("claims.csv", "c1", reason=words, key_number="-6.0")
    assert said(folder) == [] and unheld(Project(folder.parent)) == []


@pytest.mark.parametrize("words", ["Pain fell by 6.0", "In 0.8 standard deviations", "as the claim says, 88%"])
def test_what_a_cited_row_a_convention_or_the_claim_itself_says_is_held(cells, words):
    assert said(cells("claims.csv", "c1", reason=words, claim="It works in 88%")) == []


def test_a_row_of_a_source_of_the_claim_counts_and_one_of_another_source_does_not(cells):
    assert said(cells("claims.csv", "c1", reason="Pain fell by 7.31", source_ids="example2001")) == [("reason", "7.31")]
    assert said(cells("example/results.csv", "example2002-r1", notes="7.31 in the text")) == [("reason", "7.31")]
    assert said(cells("claims.csv", "c1", source_ids="example2001;example2002")) == []


def test_the_interval_of_a_widened_one_at_its_printed_level_is_held(cells):
    widened = {"ci_low": "-12.0", "ci_high": "0.0", "ci_level": "98.33", "ci_printed_level": "95", "p_value": ""}
    cells(*ROW, **widened, ci_adjusted="widened for three comparisons")
    assert said(cells("claims.csv", "c1", reason="-6.0 (-10.9 to -1.1)")) == []
    assert said(cells("claims.csv", "c1", reason="-6.0 (-10.8 to -1.1)")) == [("reason", "10.8")]


def test_the_provenance_of_words_is_asked_for_by_the_command_too(edit):
    folder = edit("example/topic.yml", 'title: "', 'title: "It fell by 7.31 points. ')
    (sentence,) = unheld(Project(folder.parent))
    assert (
        sentence.startswith("evidence/example/topic.yml line 2, column title:")
        and "Add the row that holds it" in sentence
    )


@pytest.mark.parametrize(
    ("cell", "warned"),
    [
        ({"n_int": "31"}, ["n_int"]),
        ({"p_value": "0.04"}, ["p_value"]),
        ({"timepoint_weeks": "26"}, []),
        ({"n_int": "31", "n_ctl": "29"}, []),
        ({"n_int": "31", "locator": "Table 3"}, []),
    ],
)
def test_a_copy_of_a_row_with_one_other_number_is_asked_about(good, cell, warned):
    path = good / "example" / "results.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    rows.insert(1, rows[0] | {"result_id": "example2001-r1-b"} | cell)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    told = [p.column for p in check(good) if "every other cell is that of example2001-r1" in p.rule]
    assert told == warned
