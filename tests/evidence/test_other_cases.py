"""Faults that a hand rarely makes, each with the words that lead to it, beside what is right and must be left alone."""

import csv
import sys

import numpy as np
import pytest

from reviewlib import cli
from reviewlib.errors import EvidenceError
from reviewlib.evidence import as_typed
from reviewlib.evidence.check import check
from reviewlib.evidence.columns import Figures, Words
from reviewlib.evidence.load import load_evidence
from reviewlib.evidence.review import read_review
from reviewlib.evidence.schema import broken_rule, schemas
from reviewlib.evidence.tidy import _coloured

RESULTS, TOPIC = "example/results.csv", "example/topic.yml"


def told(folder):
    return [f"{problem.file.split('/', 1)[1]} {problem.column}: {problem.rule}" for problem in check(folder)]


CELLS = {
    "a change beyond the scale": (
        {"value_kind": "change", "mean_int": "-130.0"},
        "mean_int: a change of more than the 100 points of example-100",
    ),
    "a level beyond all": ({"ci_level": "100"}, "ci_level: is above 99.9, the most that makes sense here"),
    "a point without its zero": ({"estimate": "-.5"}, "estimate: is not a number"),
    "nobody found the place": (
        {"locator": "locator missing"},
        "use: the result was imported and nobody has found its locator yet",
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_cannot_stand_is_told(cells, name):
    new, words = CELLS[name]
    assert any(words in line for line in told(cells(RESULTS, "example2001-r1", **new)))


def test_a_kind_of_value_without_its_mean_is_an_error_of_its_own_and_breaks_no_rule(cells):
    none = dict.fromkeys(("mean_int", "sd_int", "mean_ctl", "sd_ctl"), "")
    for kind in ("final", "change"):
        folder = cells(RESULTS, "example2001-r1", value_kind=kind, **none)
        assert not [line for line in told(folder) if "scale" in line or "points" in line]


def test_a_result_without_a_time_is_in_no_window_and_outside_none(cells):
    words = "outside the window"
    assert any(words in line for line in told(cells(RESULTS, "example2001-r1", timepoint_weeks="40")))
    assert not any(
        words in line for line in told(cells(RESULTS, "example2001-r1", timepoint_weeks="", notes="at the end"))
    )


KEYS = {
    "an empty title": ('title: "An invented topic for the tests"', 'title: ""', "title: is not a text"),
    "another folder": ("id: example", "id: exampel", "id: is not the name of the folder"),
    "no day": ("edited: 2026-11-22", "edited: null", "edited: there is no date"),
    "no search and no word why": ('searched_note: "Nothing was searched"', "", "searched: there is no date"),
    "an id twice": (
        "  - {id: pain,",
        "  - {id: pain, label: Pain, plain: pain, importance: 1}\n  - {id: pain,",
        "outcomes 2 id: the id stands twice",
    ),
    "a key twice": ("id: example\n", "id: example\nid: example\n", "id: the key stands twice"),
    "words of the scaffold": ('question: "', 'question: "write here: ', "question: is not written yet"),
    "a sign of the terminal": ('question: "', 'question: "\x01', ": cannot be read: "),
    "a panel that is a word": ("prisma_not_met: []", "headline: {panels: [5]}", "headline panels 1: "),
    "a share that is a word": (
        "prisma_not_met: []",
        "paired_analyses: [{comparison: pain-short, crossover: [x1]}]",
        "crossover 1: ",
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_cannot_stand_is_told(edit, name):
    old, new, words = KEYS[name]
    assert any(words in line for line in told(edit(TOPIC, old, new)))


def test_a_topic_without_its_keys_is_told(good):
    (good / TOPIC).unlink()
    assert "example/topic.yml : the file is missing" in told(good)


def test_a_folder_without_sources_is_told(good):
    (good / "sources.csv").unlink()
    assert "sources.csv : the table is missing: every number needs its source" in told(good)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("crossover: [{row: x1, say: so}]", ""),
        ("crossover: [{row: x2, say: so}]", "first_screen crossover 1 row: holds no share and no count"),
        ("reviews: [{row: p1, say: so}]", "first_screen reviews 1 row: holds no estimate"),
    ],
)
def test_the_first_screen_names_rows_that_hold_something(good, edit, row, words):
    edit(TOPIC, "prisma_not_met: []", f"first_screen: {{{row}}}\nprisma_not_met: []")
    write(good, "crossover", crossover_id="x2", source_id="example2001", trial="Example 2001", read="full-text")
    write(good, "pooled_published", pooled_id="p1", source_id="example2003", outcome="pain", read="abstract")
    found = [line for line in told(good) if "first_screen" in line]
    assert found == ([f"{TOPIC} {words}"] if words else [])


def write(folder, table, **row):
    """Add a row to a table of the topic, which is made where there is none."""
    path, names = folder / "example" / f"{table}.csv", schemas()[table].names
    old = list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*old, row])


def test_the_condition_of_a_claim_names_a_column_that_is_there(edit):
    line = next(line for line in told(edit("claims.csv", "r1.ci_low < 0", "r1.ci_lowest < 0")) if "condition" in line)
    assert line == "claims.csv condition: ci_lowest is not a column of example.example2001-r1"


def test_words_for_a_step_of_certainty_are_no_step(cells):
    assert any("certainty.csv" in line for line in told(cells("example/certainty.csv", "pain-short", judgement="-7")))


@pytest.mark.parametrize(
    ("table", "column", "text", "rule", "remedy"),
    [
        ("readings", "read_on", "20260101", "is not a date", "Write year-month-day, like 2026-11-22"),
        ("readings", "read_on", "2026-02-30", "is not a date", "Write year-month-day, like 2026-11-22"),
        ("results", "estimate", ".5", "is not a number", "Write a zero before the point"),
        ("results", "estimate", "-.5", "is not a number", "Write a zero before the point"),
    ],
)
def test_how_a_cell_is_typed_right_is_said(table, column, text, rule, remedy):
    assert broken_rule(schemas()[table][column], text) == (rule, remedy)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (f'"{"a" * 131_073}"', "a cell is longer than 131072 characters"),
        ("a" * 131_073, "a cell is longer than 131072 characters"),
        ('"invented" people', "a quotation mark has no partner, so the rest of the file cannot be read"),
        ('"invented people', "a quotation mark has no partner, so the rest of the file cannot be read"),
    ],
    ids=("too long, quoted", "too long", "closed too early", "never closed"),
)
def test_a_cell_that_cannot_be_read_is_named_though_another_has_quotes(edit, cell, rule):
    before = csv.field_size_limit(131_072)  # other libraries raise it for everybody
    try:
        assert told(edit(RESULTS, "invented people", cell))[-1] == f"{RESULTS} population: {rule}"
    finally:
        csv.field_size_limit(before)


def test_a_file_that_is_too_large_is_not_read(good, monkeypatch):
    monkeypatch.setattr(as_typed, "LARGEST", 20)
    assert any(line.startswith("instruments.csv : the file holds 0 million bytes") for line in told(good))


def test_a_table_that_cannot_be_opened_is_refused_in_python_too(good):
    (good / RESULTS).unlink()
    (good / RESULTS).mkdir()
    with pytest.raises(EvidenceError, match="results.csv"):
        load_evidence(good)


def test_a_folder_that_is_not_there_is_a_neutral_review(tmp_path):
    assert read_review(tmp_path / "nowhere").authors == ()


def test_a_table_that_nobody_knows_is_no_empty_one(good):
    topic = load_evidence(good)["example"]
    assert topic.tables["missing_results"].empty
    with pytest.raises(KeyError, match="surveys is not a table; tables: results"):
        topic.tables["surveys"]


def test_a_good_folder_says_nothing_to_a_machine(good, capsys):
    assert cli.main(["check", str(good), "--format", "github"]) == 0
    assert capsys.readouterr().out == ""


def test_a_difference_has_colours_only_where_somebody_sees_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert _coloured("+new\n same\n") == "\x1b[32m+new\x1b[0m\n same\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert _coloured("+new\n same\n") == "+new\n same\n"


def test_a_column_of_few_texts_becomes_one_of_many_and_loses_none():
    for extra, kind in (("zz", Figures), ("\u00e4", Words), ("z" * 99, Words)):
        held = Words(4)
        assert held.add(np.arange(3), ["a", "b", extra]) and held.add(np.zeros(3, int), ["c"])
        assert not held.add(np.arange(3), ["d", "e", "f"])
        other = held.other()
        assert other.add(np.arange(3), ["d", "e", "f"]) and type(other) is kind
        other.close()
        assert [other.text(at) for at in range(9)] == ["a", "b", extra, "c", "c", "c", "d", "e", "f"]
