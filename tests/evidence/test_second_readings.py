"""The committed tables: each result in use was read twice, or stands here with a reason."""

import csv
import shutil
from pathlib import Path

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.readings import cells_read
from reviewlib.meaning.read_twice import read_twice

EVIDENCE = Path(__file__).parents[2] / "evidence"
TOPICS = ("massage", "mobilization", "stenosis", "rand-appropriateness")
# Rows in use that nobody read a second time, and why: they were found after the facts had been collected.
ONCE = {
    "cherkin2011-rdq-relax-52w": "direction in words at one year, found after the collection",
    "mtu2017-r01": "direction in words, found after the collection",
    "schneider2019pcori-r01": "one of two comparisons of a report that was found after the collection",
    "schneider2019pcori-r02": "the other one of them",
}


def rows(topic, table):
    path = EVIDENCE / topic / f"{table}.csv"
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("topic", TOPICS[:3])
def test_each_result_in_use_was_read_twice_or_is_listed(topic):
    used = {row["result_id"] for row in rows(topic, "synthesis") if row["use"] != "no"}
    read = {row["record"] for row in rows(topic, "readings") if row["table"] == "results"}
    assert used - read == {name for name in ONCE if name in used}


@pytest.mark.parametrize("topic", TOPICS[:3])
def test_a_reading_covers_every_number_of_its_row_so_that_none_can_appear_from_nowhere(topic):
    numbers = {"n_int", "mean_int", "sd_int", "n_ctl", "mean_ctl", "sd_ctl", "events_int", "events_ctl"}
    numbers |= {"estimate", "ci_low", "ci_high"}
    partly = {
        row["record"]: numbers - cells_read(row["cells"]).keys()
        for row in rows(topic, "readings")
        if row["table"] == "results" and numbers - cells_read(row["cells"]).keys()
    }
    # Only the printed interval of these was collected, or what a data set stores of a trial.
    assert {name.partition("-")[0] for name in partly} <= {"snodgrass2014", "xia2016", "paige2017"}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_reading_says_from_what_and_never_stands_twice(topic):
    found = rows(topic, "readings")
    assert {row["read_from"] for row in found} <= {"publication", "collected facts"}
    assert len({(row["table"], row["record"]) for row in found}) == len(found)


@pytest.mark.parametrize("topic", TOPICS)
def test_most_numbers_in_use_were_read_twice(evidence, topic):
    found = read_twice(next(t for t in evidence if t.id == topic))
    assert found.numbers > 400 and found.numbers - found.twice <= 10


def test_one_changed_digit_anywhere_in_a_row_that_was_read_twice_is_an_error(tmp_path):
    copy = tmp_path / "evidence"
    shutil.copytree(EVIDENCE, copy)
    path = copy / "massage" / "results.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(",2.9,1.8,4.0,", ",2.7,1.8,4.0,", 1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    [fault] = [p for p in check(copy) if p.severity == "error"]
    assert (fault.column, fault.value) == ("estimate", "2.7") and fault.rule.startswith("a second reading found 2.9")
