"""One person, once: what is main in a comparison under another trial label is refused, whichever sign gives it away."""

import csv

import pytest

import reviewlib as rl
from reviewlib.evidence.check import check


@pytest.fixture
def second(good):
    """Add a second main result to the comparison: ``second(trial="Example 2001 (BEACON)", n_int="61")``."""

    def add(**cells):
        for name, key, own in (
            ("results.csv", "example2001-r1", {"result_id": "zz9"} | cells),
            ("synthesis.csv", "example2001-r1", {"result_id": "zz9"}),
        ):
            path = good / "example" / name
            with path.open(newline="", encoding="utf-8") as handle:
                rows = list(csv.DictReader(handle))
            rows.append(next(row for row in rows if key in row.values()) | own)
            with path.open("w", newline="", encoding="utf-8") as handle:
                writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(sorted(rows, key=lambda row: list(row.values())[:2]))
        return [p.rule for p in check(good) if p.severity == "error" and "another trial label" in p.rule]

    return add


OTHER = {"n_int": "61", "mean_int": "31.0", "source_id": "example2002"}


@pytest.mark.parametrize(
    "label", ["Example 2001 (BEACON)", "EXAMPLE 2001, comparison 2", "Example 2001: long arm", "example  2001 [a]"]
)
def test_the_same_author_and_year_under_another_label_is_one_trial(second, label):
    (rule,) = second(trial=label, **OTHER)
    assert "may be main already (example2001-r1, Example 2001)" in rule and "the same author and year" in rule


@pytest.mark.parametrize("label", ["Example 2001b", "Example 2002", "Other 2001", "BEACON"])
def test_a_letter_another_year_or_another_author_is_another_trial(second, label):
    assert second(trial=label, **OTHER) == []


def test_both_arms_with_the_same_numbers_are_the_same_people(second):
    (rule,) = second(trial="Another 1999", source_id="example2002")
    assert "the same n, mean and SD in both arms" in rule


def test_one_registration_behind_two_labels_is_one_trial(second, cells):
    cells("sources.csv", "example2001", registry_id="NCT00000001")
    cells("sources.csv", "example2002", registry_id="ISRCTN1; nct00000001", kind="rct")
    assert any("the same registration nct00000001" in rule for rule in second(trial="Another 1999", **OTHER))


def test_no_person_of_the_review_counts_twice_in_a_comparison():
    """Trials that two sources hold are main once, by one of the two rows (Pach 2018, Sherman 2014, Xia 2016 ...)."""
    for topic in (topic for topic in rl.load_evidence() if topic.comparisons):
        main = topic.tables["synthesis"].query("use == 'main'").merge(topic.results, on="result_id")
        for _, rows in main.groupby(["comparison_id", "trial"]):
            shared = rows["source_id"].nunique() == 1
            assert shared, rows[["comparison_id", "result_id"]].to_string()
