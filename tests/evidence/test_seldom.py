"""What seldom happens to a folder: each case takes a way through the rules that no other test takes."""

import csv
import io

import numpy as np
import pytest

from reviewlib.evidence import as_typed, reading
from reviewlib.evidence.as_typed import FAR_MORE, without_faults
from reviewlib.evidence.check import check
from reviewlib.evidence.folder import find_evidence
from reviewlib.evidence.key_file import read_keys
from reviewlib.evidence.pools import _window
from reviewlib.evidence.schema import schemas
from reviewlib.evidence.sheet import Listed, Sheet
from reviewlib.evidence.widths import p_and_width


def test_the_evidence_is_found_from_a_folder_below(good, monkeypatch):
    below = good.parent / "notes" / "drafts"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_evidence() == good


def test_an_arm_under_a_trial_label_that_cannot_be_read_is_no_second_fault(cells):
    cells("example/results.csv", "example2001-r1", arm_id="one", control_id="two")
    twice = {"arm_id": "one", "control_id": "three"}
    folder = cells("example/results.csv", "example2002-r2", **twice)
    assert any("is an arm of Example 2001" in problem.rule for problem in check(folder))
    folder = cells("example/results.csv", "example2002-r2", trial="Ex\u200bample 2002", **twice)
    assert not any("is an arm of" in problem.rule for problem in check(folder))


def test_a_key_that_is_itself_a_list_is_named_and_a_document_without_a_word_refused():
    listed = read_keys(b"title: a\n? [b, c]\n: d\n", "topic.yml", {"title": {"type": "text"}})
    assert listed.problems and all(problem.file == "topic.yml" for problem in listed.problems)
    (nothing,) = read_keys(b"# only a comment\n", "topic.yml", {}).problems
    assert nothing.rule == "is not a list of keys and values"


def test_a_file_far_larger_than_a_hand_made_one_is_refused(monkeypatch):
    monkeypatch.setattr(as_typed, "LARGEST", 10)
    (problem,) = (problems := []) or without_faults(b"x" * 11, "topic.yml", problems) or problems
    assert FAR_MORE in problem.rule


@pytest.mark.parametrize(
    ("relation", "warned"), [("appropriate > inappropriate", True), ("appropriate = inappropriate", False)]
)
def test_words_of_a_source_that_its_counts_contradict_are_warned_of(good, relation, warned):
    (good / "example" / "statements.csv").write_text(
        "statement_id,panel,source_id,statement,relation,read,locator,notes\n"
        f"panel1-s1,panel1,example2003,Most were so.,{relation},abstract,Abstract,\n",
        encoding="utf-8",
    )
    said = [problem.rule for problem in check(good) if problem.column == "relation"]
    assert [("the counts in ratings.csv say otherwise" in rule) for rule in said] == [True] * warned


def row_of(**cells):
    """Return a row of results with some cells."""
    schema = schemas()["results"]
    text = {name: "" for name in schema.names} | cells
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([text.keys(), text.values()])
    return reading.read_table(out.getvalue().encode(), "results.csv", schema).rows[0]


@pytest.mark.parametrize(("estimate", "warned"), [("0.0", False), ("0.4", True)])
def test_a_p_value_beside_an_estimate_that_may_be_none_says_nothing_of_the_width(estimate, warned):
    row = row_of(measure="MD", estimate=estimate, ci_low="-0.1", ci_high="0.9", ci_level="95", p_value="0.40")
    row.values.update(n_int=40, n_ctl=40)
    with np.errstate(all="ignore"):
        assert bool(list(p_and_width(Sheet(Listed([row], row.text))))) == warned


def test_rows_held_by_columns_are_sliced_as_a_tuple_is(good, monkeypatch):
    data, schema = (good / "example" / "results.csv").read_bytes(), schemas()["results"]
    few = reading.read_table(data, "results.csv", schema).rows
    monkeypatch.setattr(reading, "LARGE", 0)
    many = reading.read_table(data, "results.csv", schema).rows
    assert not isinstance(many, tuple)
    for part in (slice(None), slice(1, 3), slice(-1, None), slice(None, None, -2)):
        assert [row.text for row in many[part]] == [row.text for row in few[part]]


@pytest.mark.parametrize("empty", ["", ' ""', " null"])
def test_an_empty_key_is_a_fault_where_it_must_be_there_and_none_where_it_may_be_missing(empty):
    keys = {"title": {"type": "text"}, "note?": {"type": "text"}}
    (fault,) = read_keys(f"title:{empty}\nnote:{empty}\n".encode(), "topic.yml", keys).problems
    assert (fault.line, fault.column) == (1, "title")


def test_a_row_without_a_time_is_left_alone_by_the_window():
    window = {"window_weeks": [2, 13]}
    assert list(_window({}, {"timepoint_weeks": None}, window)) == []
    assert [len(list(_window({}, {"timepoint_weeks": weeks}, window))) for weeks in (1.9, 2, 13, 13.1)] == [1, 0, 0, 1]
