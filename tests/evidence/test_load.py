"""Typed frames, text as typed, rows of a comparison, and a loader that refuses what the checker refuses."""

import contextlib
import copy
import csv
import importlib
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.evidence import reading
from reviewlib.evidence.check import check
from reviewlib.evidence.folder import checksum
from reviewlib.evidence.review import read_review
from reviewlib.evidence.schema import schemas
from reviewlib.evidence.tidy import repairs

finding_module = importlib.import_module("reviewlib.meaning.finding")


@pytest.fixture
def evidence(good):
    return rl.load_evidence(good)


def test_numbers_are_numbers_and_empty_text_is_none(evidence):
    results = evidence["example"].results
    assert results["estimate"].dtype == "float64" and results["n_int"].dtype == "Int64"
    assert results["mean_int"].tolist()[0] == 30.0 and results["n_int"].isna().tolist() == [False, True, False, False]
    empty = results["contrast"].tolist()[2]
    assert empty is None
    assert results["notes"].tolist()[2] == "A note in\ntwo lines"


def test_what_was_typed_stays(edit):
    edit("sources.csv", "Journal of Examples,10.1234/example.1,,", "NA,10.1234/example.1,25844995,")
    folder = edit("example/results.csv", "31.5,13.0", "31.50,013.0")
    evidence = rl.load_evidence(folder)
    text = evidence["example"].text["results"]
    assert text.loc[2, ["mean_int", "sd_int"]].tolist() == ["31.50", "013.0"]
    assert text.loc[3, "estimate"] == "2.00" and text.loc[1, "n_int"] == ""
    assert evidence.sources.loc[0, ["journal", "pmid"]].tolist() == ["NA", "25844995"]


def test_rows_of_a_comparison_come_with_instrument_and_use(evidence):
    topic = evidence["example"]
    rows = topic.rows("pain-short")
    assert rows["result_id"].tolist() == ["example2001-r1", "example2002-r1"]
    assert rows.loc[1, ["use", "accepts", "better", "instrument"]].tolist() == [
        "main",
        "secondary",
        "lower",
        "Example scale",
    ]
    assert (rows["scale_max"] == 100).all() and rows["accepts"].tolist()[0] is None
    assert rows["n_int"].dtype == "Int64"
    assert len(topic.rows("pain-short", use=None)) == 3
    assert topic.rows("pain-short", use="shown").empty
    with pytest.raises(KeyError, match="comparisons: pain-short"):
        topic.rows("pain-long")


def test_a_topic_knows_its_question_and_its_tables(evidence):
    topic = evidence["example"]
    assert evidence.topics == ("example",) and list(topic.question)[0] == "population"
    assert topic.comparison("pain-short")["measure"] == "MD" and topic.outcomes[0]["id"] == "pain"
    assert topic.info["edited"] == "2026-11-22"
    with pytest.raises(AttributeError, match="has no table decisions.csv"):
        _ = topic.decisions
    with pytest.raises(AttributeError):
        topic.id = "other"
    with pytest.raises(KeyError, match="topics: example"):
        evidence["exmple"]


def test_the_loader_refuses_with_every_fault(edit):
    edit("example/results.csv", "MD,-6.0", "MD,6.0")
    folder = edit("instruments.csv", "scale,0,100", "scale,O,100")
    with pytest.raises(rl.EvidenceError) as refused:
        rl.load_evidence(folder)
    assert [p.column for p in refused.value.problems] == ["estimate", "scale_min"]
    assert "line 2, column estimate" in str(refused.value)


def test_the_checksum_changes_with_one_byte_and_with_nothing_else(good, edit):
    first = rl.load_evidence(good).checksum
    assert rl.load_evidence(good).checksum == first and len(first) == 64
    (good / "remark.txt").write_text("not a table")
    assert rl.load_evidence(good).checksum == first
    edit("example/results.csv", "30.0", "30.1")
    assert rl.load_evidence(good).checksum != first


def test_html_lists_what_there_is(evidence):
    shown = evidence._repr_html_() + evidence["example"]._repr_html_()
    assert shown.count("<caption>") == 4 and 'scope="col"' in shown
    assert evidence.checksum in shown and "results" in shown and "<script" not in shown


def test_warnings_do_not_stop_the_loader(edit):
    folder = edit("example/results.csv", "-6.0,-11.0,-1.0,95,0.02", "-6.0,-11.0,-1.0,95,0.2")
    (warning,) = rl.load_evidence(folder).warnings
    assert warning.column == "p_value" and "contradicts" in warning.rule


WARNINGS = {
    "off centre": ("example/results.csv", "RR,2.00,1.05,3.80", "RR,3.50,1.05,3.80", "log scale"),
    "standard error for SD": (
        "example/results.csv",
        "60,30.0,14.0,60,36.0,14.0",
        "60,30.0,1.8,60,36.0,1.8",
        "standard error",
    ),
    "favours the other side": ("example/results.csv", "0.02,int-ctl,int", "0.02,int-ctl,ctl", "other side"),
    "unneeded acceptance": ("example/synthesis.csv", "r1,main,,", "r1,main,secondary,", "not marked"),
    "another outcome": ("example/results.csv", "pain,example-100,12", "ache,example-100,12", "its outcome is 'ache'"),
    "rows out of order": ("example/ratings.csv", "g1,", "g9,", "not in the order of rating_id"),
    "no line end": ("example/flow.csv", "included,reports,3,\n", "included,reports,3,", "no line end"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_legal_but_suspicious_is_a_warning(edit, name):
    file, old, new, rule = WARNINGS[name]
    told = check(edit(file, old, new))
    assert {problem.severity for problem in told} == {"warning"} and any(rule in problem.rule for problem in told)


def test_a_shared_control_group_under_two_labels_is_a_warning(edit):
    folder = edit(
        "example/results.csv",
        "example2001-r2,example2001,Example 2001,invented people,treatment,nothing,pain,example-100,52,itt,ITT,,,,,,,",
        "example2001-r2,example2001,Example 2001b,invented people,more,nothing,pain,example-100,12,itt,ITT"
        ",,,,60,36.0,14.0,final",
    )
    edit("example/synthesis.csv", "r2,sensitivity", "r2,main")
    told = check(folder)
    assert [(p.severity, p.column) for p in told] == [("warning", "result_id")]
    assert "control group may be that of example2001-r1" in told[0].rule


@pytest.mark.parametrize(
    ("second", "rule", "people"),
    [
        ({}, None, (60, 60)),
        ({"comparator": "nothings", "intervention": "another treatment"}, None, (60, 60)),
        (
            {"arm_id": "example2001-treatment", "mean_int": "30.0", "control_id": "example2001-x", "mean_ctl": "35.0"},
            None,
            (30, 120),
        ),
        ({"control_id": "example2001-nothing-half-2", "join_as": "example2001"}, None, (60, 120)),
        ({"control_id": "example2001-nothings"}, "people of Example 2001 may count twice", None),
        ({"control_id": ""}, "people of Example 2001 may count twice", None),
        ({"arm_id": "example2001-treatment"}, "the same people of Example 2001 are already main", None),
        ({"trial": "example  2001", "control_id": ""}, "people of Example 2001 may count twice", None),
        ({"timepoint_weeks": "10"}, "at another time", None),
        ({"analysis_set": "unclear"}, "the two differ in analysis_set and cannot be joined", None),
        ({"trial": "Another"}, "is an arm of Example 2001 (example2001-r1), not of Another", None),
        ({"control_id": "example2001-more"}, "is the intervention arm too", None),
        ({"control_id": "example2001-nothings", "join_as": "e"}, "has the numbers of example2001-nothing", None),
        ({"control_id": "", "join_as": "example2001"}, "but has no control_id", None),
        ({"control_id": "example2001-x", "mean_ctl": "", "join_as": "e"}, "they are not all there", None),
    ],
)
def test_arms_are_joined_by_their_ids_or_refused(good, second, rule, people):
    """A second arm of Example 2001 against the same control group is joined; whatever leaves it apart is an error."""

    def rewrite(file, change):
        path = good / file
        rows = change(list(csv.DictReader(path.open(newline="", encoding="utf-8"))))
        with path.open("w", newline="", encoding="utf-8") as out:
            names = [column for column in schemas()[path.stem].names if any(column in row for row in rows)]
            writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    plan = {"join_as": second.get("join_as", "")}
    other = {name: value for name, value in second.items() if name != "join_as"}
    one = {"arm_id": "example2001-treatment", "control_id": "example2001-nothing", "n_int": "30"}
    two = one | {"result_id": "example2001-r3", "arm_id": "example2001-more", "mean_int": "31.0"} | other
    rewrite("example/results.csv", lambda rows: [rows[0] | one, rows[1], rows[0] | two, *rows[2:]])
    use = {"result_id": "example2001-r3", "reason": "The other arm"} | plan
    rewrite("example/synthesis.csv", lambda rows: [rows[0] | plan, rows[1], rows[0] | use, *rows[2:]])
    errors = [problem.rule for problem in check(good) if problem.severity == "error"]
    assert any(rule in error for error in errors) if rule else errors == [], errors
    if not rule:
        rows = rl.load_evidence(good)["example"].rows("pain-short")
        study = rl.study_effects(rows, "MD").set_index("trial").loc["Example 2001"]
        assert (study["n_int"], study["n_ctl"]) == people


def test_what_is_handed_out_cannot_change_the_evidence(evidence):
    topic = evidence["example"]
    before, sentence = topic.results.to_csv(), str(rl.finding(topic, "pain-short"))
    results, text, sources = topic.results, topic.text["results"], evidence.sources
    results.loc[0, "mean_int"], text.loc[0, "trial"], sources.loc[0, "year"] = 99.0, "Nobody", 1999
    results["n_int"] = 1
    for column in ("mean_int", "n_int", "trial"):
        with contextlib.suppress(ValueError, TypeError):  # a read-only buffer says so
            topic.results[column].to_numpy()[0] = topic.results[column].iloc[1]
        with contextlib.suppress(ValueError, TypeError):
            topic.results[column].array[0] = topic.results[column].iloc[1]
    studies = rl.findings(topic)["pain-short"].studies
    studies["estimate"] = 0.0
    assert topic.results.to_csv() == before and topic.text["results"].loc[0, "trial"] == "Example 2001"
    assert evidence.sources.loc[0, "year"] == 2001
    again = rl.finding(topic, "pain-short")
    assert str(again) == sentence and (again.studies["estimate"] != 0).all()


def _changes(info):
    return {
        "a key": lambda: info.__setitem__("title", "Another"),
        "a key removed": lambda: info.pop("title"),
        "all keys": lambda: info.update(title="Another"),
        "merged": lambda: info.__ior__({"title": "Another"}),
        "an outcome": lambda: info["outcomes"][0].update(id="other"),
        "a comparison": lambda: info["comparisons"].append({}),
        "a comparison's words": lambda: info["comparisons"][0].clear(),
    }


@pytest.mark.parametrize("name", _changes(None))
def test_topic_yml_as_handed_out_cannot_be_changed(evidence, name):
    topic = evidence["example"]
    before = copy.deepcopy(topic.info)
    with pytest.raises((TypeError, AttributeError)):
        _changes(topic.info)[name]()
    assert topic.info == before and pickle.loads(pickle.dumps(topic.info)) == before


def test_an_editor_completes_topics_and_tables(evidence):
    completions = evidence._ipython_key_completions_()
    assert completions == list(evidence.topics) == ["example"]
    assert {"results", "synthesis", "title"} <= set(dir(evidence["example"])) and "sources" in dir(evidence)


@pytest.mark.parametrize("label", ["example 2001", "Example2001", "EXAMPLE  2001", "Ex\u0430mple 2001", "Example 2OO1"])
def test_a_label_that_reads_like_another_is_an_error(edit, label):
    folder = edit(
        "example/results.csv", "example2001-r2,example2001,Example 2001", f"example2001-r2,example2001,{label}"
    )
    said = ("reads like 'Example 2001'", "a letter of another alphabet")
    assert any(p.severity == "error" and any(words in p.rule for words in said) for p in check(folder))


@pytest.mark.parametrize("doi", ["10.1234/example.1", "10.1234/EXAMPLE.1"])
def test_two_sources_with_one_identifier_are_an_error(edit, doi):
    folder = edit("sources.csv", "10.1234/example.2", doi)
    assert [p.rule for p in check(folder) if p.severity == "error"] == ["is that of example2001 too"]


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\u00ad", "\ufeff"])
def test_characters_that_nobody_sees_are_refused(edit, sign):
    folder = edit("example/results.csv", "invented people", f"invented{sign} people")
    assert any("invisible character" in p.rule for p in check(folder) if p.severity == "error")


@pytest.mark.parametrize(
    ("level", "notes", "column", "rule"),
    [
        ("95", "Tukey", "ci_level", "may be wider"),
        ("95", "adjusted for multiple comparisons", "ci_level", "may be wider"),
        ("90", "", "ci_level", "needs a word in notes"),
        ("90", "Printed as a 90% interval", None, None),
        ("95", "", None, None),
    ],
)
def test_the_level_of_an_interval_is_held_against_its_words(edit, level, notes, column, rule):
    edit("example/results.csv", "2.00,1.05,3.80,95,0.03,", f"2.00,1.05,3.80,{level},,")
    folder = edit("example/results.csv", "abstract,Abstract,", f"abstract,Abstract,{notes}")
    found = [p for p in check(folder) if "by the events" not in p.rule]  # the arms say 95%, whatever is typed
    assert [p.column for p in found] == ([column] if column else [])
    assert rule is None or rule in found[0].rule


def test_a_pipe_or_a_huge_file_is_not_opened(good):
    (good / "sources.csv").rename(good / "kept")
    os.mkfifo(good / "sources.csv")
    assert any(p.rule == "is not a plain file" for p in check(good))
    (good / "sources.csv").unlink()
    with (good / "sources.csv").open("wb") as file:
        file.truncate(10**9)
    assert any("1000 million bytes" in p.rule for p in check(good))


def test_a_finding_is_computed_once(evidence, monkeypatch):
    calls = []
    whole = finding_module.study_effects
    monkeypatch.setattr(finding_module, "study_effects", lambda *a, **k: calls.append(1) or whole(*a, **k))
    evidence["example"].memo.clear()
    for _ in range(3):
        rl.findings(evidence["example"])
        rl.finding(evidence["example"], "pain-short")
    assert len(calls) == 1


def test_a_table_may_leave_out_what_is_optional_and_nothing_else(good):
    assert rl.load_evidence(good)["example"].results["ci_adjusted"].isna().all()


def test_review_pools_and_treated_patients_stay_out_of_headline_pools(edit):
    edit("example/results.csv", "Printed as points lower", "")
    edit("example/results.csv", "52,itt,ITT", "12,as-treated,as treated")
    edit("example/synthesis.csv", "r2,sensitivity,", "r2,main,as-treated")
    folder = edit("example/results.csv", "rct,secondary", "review,secondary")
    edit("example/synthesis.csv", "main,secondary", "main,secondary;review")
    rules = [p.rule for p in check(folder) if p.severity == "error"]
    assert "a result marked as-treated is never main in a headline comparison" in rules
    assert "a review's own pool would count its trials twice" in rules


def test_the_committed_tables_have_no_fault():
    told = [str(problem) for problem in check() if problem.severity == "error"]
    assert told == []
    evidence = rl.load_evidence()
    assert {"massage", "stenosis", "rand-appropriateness"} <= set(evidence.topics)
    for topic in evidence:
        for comparison in topic.comparisons:
            rows = topic.rows(comparison["id"])
            assert rows["result_id"].notna().all() and rows["source_id"].notna().all()
            assert isinstance(rows, pd.DataFrame)


def test_importing_and_checking_load_no_heavy_library(good):
    code = (
        "import sys; from reviewlib.evidence.check import main; main(sys.argv[1]); import reviewlib.evidence;"
        "sys.exit(bool({'pandas', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(good)], capture_output=True).returncode == 0


def test_the_same_bytes_are_read_once_and_any_other_byte_again(good):
    """Answers are computed once for the tables as they are, also by callers that know nothing of each other."""
    first = rl.load_evidence(good)
    assert rl.load_evidence(good) is first
    path = good / "example" / "results.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"\n", b"\r\n"))
    assert rl.load_evidence(good) is not first and rl.load_evidence(good).warnings
    path.write_bytes(before)
    assert rl.load_evidence(good).warnings == first.warnings
    (good / "stranger.csv").write_text("a\n")
    with pytest.raises(rl.EvidenceError, match="no table of this name"):
        rl.load_evidence(good)


@pytest.mark.parametrize("back", [False, True], ids=["for good", "to and fro"])
@pytest.mark.parametrize("file", ["sources.csv", "example/topic.yml", "example/results.csv"])
def test_what_was_read_while_a_file_changed_is_not_remembered(good, monkeypatch, file, back):
    """The next one who asks meets what the files hold then, and the checksum is that of the bytes that were read."""
    path = good / file
    before = path.read_bytes()
    after = (
        before.replace(b"Example", b"Sample") if b"Example" in before else before.replace(b"nvented", b"nvented  one")
    )
    loader, told = importlib.import_module("reviewlib.evidence.load"), checksum(good)
    assert after != before
    check_folder = loader.check_folder

    def meanwhile(folder):
        path.write_bytes(after)
        found = check_folder(folder)
        if back:
            path.write_bytes(before)
        return found

    monkeypatch.setattr(loader, "check_folder", meanwhile)
    first = rl.load_evidence(good)
    monkeypatch.undo()
    again = rl.load_evidence(good)
    assert first.checksum != told and again is not first
    assert (again.checksum == told) is back and again.checksum == checksum(good)
    assert rl.load_evidence(good) is again


@pytest.mark.parametrize(
    "file", ["sources.csv", "instruments.csv", "review.yml", "example/topic.yml", "example/results.csv"]
)
def test_a_pipe_in_any_place_is_named_and_nobody_waits_for_it(good, file):
    """Also where datapackage.json is held against the headers of the tables."""
    (good / "datapackage.json").write_text("{}\n")
    (good / file).unlink(missing_ok=True)
    os.mkfifo(good / file)
    assert [p.file.split("/", 1)[1] for p in check(good) if p.rule == "is not a plain file"] == [file]
    if file == "review.yml":
        with pytest.raises(rl.EvidenceError, match="review.yml: is not a plain file"):
            read_review(good)


@pytest.mark.parametrize("file", ["review.yml", "instruments.csv", "example/topic.yml", "example/synthesis.csv"])
@pytest.mark.parametrize(("target", "why"), [("gone", "a link to a file that is not there"), ("", "cannot be opened")])
def test_a_link_that_leads_nowhere_is_no_file_that_is_missing(good, file, target, why):
    path = good / file
    path.unlink(missing_ok=True)
    path.symlink_to(target or path.name)
    assert [p.file.split("/", 1)[1] for p in check(good) if why in p.rule] == [file]


@pytest.mark.parametrize("file", ["sources.csv", "instruments.csv", "example/results.csv", "example/topic.yml"])
def test_a_file_that_cannot_be_read_is_the_only_fault(good, file):
    """Rows that name what it may hold are not blamed."""
    with (good / file).open("wb") as handle:
        handle.truncate(10**9)
    (problem,) = [p for p in check(good) if p.severity == "error"]
    assert problem.file.endswith(file) and "1000 million bytes" in problem.rule
    (good / file).write_bytes(b"\xff\xfe,\n")
    told = [p for p in check(good) if p.severity == "error"]
    assert told and {p.file.split("/", 1)[1] for p in told} == {file}


def test_a_topic_that_no_folder_on_windows_can_hold_is_an_error(good):
    topic = (good / "example").rename(good / "aux") / "topic.yml"
    topic.write_text(topic.read_text("utf-8").replace("id: example\n", "id: aux\n", 1), encoding="utf-8")
    assert any("is a name that no folder can have on Windows" in p.rule for p in check(good))


@pytest.mark.parametrize("file", ["review.yml", "example/topic.yml"])
def test_aliases_that_multiply_are_counted_and_not_written_out(good, file):
    """Nine times nine ... nine: 500 bytes that would fill any memory."""
    path = good / file
    names = "abcdefghijklmnop"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]\n" for p, c in zip(names, names[1:], strict=False))
    path.write_text((path.read_text(encoding="utf-8") if path.is_file() else "") + bomb, encoding="utf-8")
    told = [p for p in check(good) if p.file.endswith(file)]
    assert any("far more than a hand-made file" in p.rule for p in told)
    path.write_bytes(path.read_bytes() + b"z: 1 \n")
    (repair,) = [r for r in repairs(good) if r.path == path]
    assert repair.after.endswith("z: 1\n"), "--fix compares what the file says, and writes no alias out either"


def test_results_are_joined_once_for_all_comparisons(monkeypatch):
    joins, merge = [], pd.DataFrame.merge
    monkeypatch.setattr(pd.DataFrame, "merge", lambda *a, **b: joins.append(1) or merge(*a, **b))
    topic = rl.load_evidence()["stenosis"]
    topic.memo.pop(("joined", False), None)
    shown = [topic.rows(comparison["id"], use=None) for comparison in topic.comparisons]
    assert len(shown) > 30 and len(joins) == 1
    first = shown[0]
    first["trial"] = "changed"
    again = topic.rows(topic.comparisons[0]["id"], use=None)
    assert "changed" not in set(again["trial"]) and again["result_id"].tolist() == first["result_id"].tolist()


def test_a_text_is_judged_once_for_each_column_that_holds_it(monkeypatch):
    """What the rows have in common costs nothing again: reading grows with the texts that differ."""
    judged, judge = [], reading._cell_fault
    count = lambda column, text: judged.append((column.name, text)) or judge(column, text)  # noqa: E731
    monkeypatch.setattr(reading, "_cell_fault", count)
    path = Path(__file__).with_name("tables") / "example/results.csv"
    header, first, *_ = path.read_text(encoding="utf-8").splitlines()
    rows = [first.replace("example2001-r1,", f"example2001-r{i},", 1) for i in range(1, 301)]
    table = reading.read_table("\n".join([header, *rows, ""]).encode(), "results.csv", schemas()["results"])
    assert len(table.rows) == 300 and not table.problems
    assert len(judged) == len(set(judged)) < 300 + len(table.schema.columns)


@pytest.mark.parametrize("name", ["mobilization/risk_of_bias.csv", "massage/results.csv"])
def test_a_table_that_cannot_be_read_is_one_fault_not_one_for_each_of_its_rows(tmp_path, name):
    folder = shutil.copytree(Path(__file__).parents[2] / "evidence", tmp_path / "evidence")
    (folder / name).write_bytes(b"\x00" + (folder / name).read_bytes())
    (fault,) = [problem for problem in check(folder) if problem.severity == "error"]
    assert fault.file == f"evidence/{name}" and "NUL byte" in fault.rule
