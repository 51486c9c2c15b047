"""Columns by which rows are grouped or joined hold words of topic.yml: two spellings are never two groups."""

import csv
import io

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.schema import schemas, topic_keys


@pytest.fixture
def listed(good):
    """Return a function that gives results.csv a technique per row, and topic.yml these words."""

    def write(techniques, words):
        table, about = good / "example" / "results.csv", good / "example" / "topic.yml"
        rows = list(csv.DictReader(io.StringIO(table.read_text())))
        names = list(rows[0])
        names.insert(names.index("outcome"), "technique")
        out = io.StringIO()
        made = csv.DictWriter(out, names, lineterminator="\n")
        made.writeheader()
        made.writerows(row | {"technique": word} for row, word in zip(rows, techniques, strict=True))
        table.write_text(out.getvalue())
        about.write_text(about.read_text().replace("words:\n", f"words:\n{words}"))
        return [p for p in check(good) if p.severity == "error"]

    return write


LISTED = "  technique: [thrust, no thrust]\n"


def test_words_of_the_list_pass(listed):
    assert not listed(["thrust", "no thrust", "thrust", ""], LISTED)


@pytest.mark.parametrize("word", ["thrusts", "Thrust", "thrust ", "no  thrust", "thrust\u00a0"])
def test_another_spelling_is_refused_with_the_nearest_word(listed, word):
    problems = listed(["thrust", word, "thrust", ""], LISTED)
    assert len(problems) == 1 and problems[0].column == "technique" and problems[0].line == 3


def test_an_unknown_word_names_the_word_that_is_near(listed):
    (problem,) = listed(["thrust", "no thrsut", "", ""], LISTED)
    assert problem.remedy == "Did you mean no thrust?" and "topic.yml" in problem.rule


def test_without_a_list_the_message_is_the_list(listed):
    (problem,) = listed(["thrust", "other", "thrust", ""], "")
    assert problem.remedy == 'Add to topic.yml, below \'words:\', technique: ["other", "thrust"]'


@pytest.mark.parametrize("words", ["[thrust, Thrust, no thrust]", "[thrust, no thrust, nothrust]"])
def test_two_words_that_read_alike_are_refused(listed, words):
    (problem,) = listed(["thrust", "", "", ""], f"  technique: {words}\n")
    assert "reads like" in problem.rule and problem.file.endswith("topic.yml")


@pytest.mark.parametrize(
    ("column", "rule"), [("population", "free text"), ("tecnique", "not a column"), ("notes", "free text")]
)
def test_subgroups_are_made_by_words_only(edit, column, rule):
    folder = edit("example/topic.yml", "    measure: MD\n", f"    measure: MD\n    subgroups: {column}\n")
    (problem,) = [p for p in check(folder) if p.severity == "error"]
    assert rule in problem.rule and "technique" in problem.remedy


def test_every_list_of_topic_yml_is_that_of_a_column():
    columns = {column.name for schema in schemas().values() for column in schema.columns if column.words}
    assert {name.rstrip("?") for name in topic_keys()["words?"]["keys"]} == columns
    assert {"technique", "procedure", "precondition", "round", "category", "condition", "tool"} <= columns
