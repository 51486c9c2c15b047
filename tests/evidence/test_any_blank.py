"""Whatever cell is blank and whatever stands in a key file, the check answers in sentences: it never breaks."""

import csv
import random
from pathlib import Path

import pytest
import yaml

from reviewlib.evidence.check import check
from reviewlib.evidence.schema import schemas

# Every number of a row of results, with nothing that contradicts it.
FULL = {
    "population": "invented people",
    "arm_id": "example2001-treated",
    "control_id": "example2001-others",
    "events_int": "20",
    "events_ctl": "24",
    "ci_printed_level": "",
    "notes": "As printed.",
}


def tables(folder):
    return sorted(file for file in folder.rglob("*.csv") if file.stem in schemas())


def rows_of(file):
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def written(file, rows):
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("name", sorted(file.stem for file in tables(Path(__file__).with_name("tables"))))
def test_each_cell_of_the_first_row_may_be_blank(good, cells, name):
    cells("example/results.csv", "example2001-r1", **FULL)
    [file] = [file for file in tables(good) if file.stem == name]
    rows = rows_of(file)
    for column in rows[0]:
        written(file, [rows[0] | {column: ""}, *rows[1:]])
        assert all(problem.rule and problem.file for problem in check(good)), column
    written(file, rows)
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert all(problem.rule for problem in check(good)), "no row at all"


def places(value):
    """Yield (holder, key) of every place of a key file."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from places(inner)


OTHER = [None, "", [], {}, "words", 0, 3.5, True, ["a"], [["a"]], {"a": None}]


@pytest.mark.parametrize("seed", range(3))
def test_anything_may_stand_in_a_key_file(good, seed):
    draw, file = random.Random(seed), good / "example" / "topic.yml"
    before = file.read_bytes()
    for _ in range(20):
        about = yaml.safe_load(before)
        holder, key = draw.choice(list(places(about)))
        holder[key] = draw.choice(OTHER)
        file.write_text(yaml.safe_dump(about), encoding="utf-8")
        assert all(problem.rule for problem in check(good)), f"{key}: {holder[key]!r}"


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize(("key", "needed"), [("title", True), ("question", True), ("harm_line", False)])
def test_a_key_that_is_needed_may_not_be_empty(good, key, needed, value):
    file = good / "example" / "topic.yml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_bytes()) | {key: value}, sort_keys=False), encoding="utf-8")
    assert [(p.column, p.rule) for p in check(good)] == ([(key, "is not a text")] if needed else [])
