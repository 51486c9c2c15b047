"""Every editing mistake that a person can make is told by file, line, column and remedy, and nothing is written."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys

import pytest

from reviewlib import cli
from reviewlib.evidence import reading
from reviewlib.evidence.check import check

RESULTS = "example/results.csv"
FIRST = "example2001-r1,example2001,"
MEANS = "60,30.0,14.0,60,36.0,14.0"

# name: (file, old, new, line, column, rule words, remedy words)
BREAKS = {
    "wrong source id": (
        RESULTS,
        FIRST,
        "example2001-r1,exampel2001,",
        2,
        "source_id",
        "not in sources.csv",
        "Did you mean example2001?",
    ),
    "interval without its estimate": (
        RESULTS,
        "MD,-6.0,-11.0,-1.0",
        "MD,6.0,-11.0,-1.0",
        2,
        "estimate",
        "does not contain",
        "Table 2",
    ),
    "limits swapped": (
        RESULTS,
        "-6.0,-11.0,-1.0",
        "-6.0,-1.0,-11.0",
        2,
        "ci_low",
        "is above the upper limit",
        "Look again",
    ),
    "value off the scale": (
        RESULTS,
        MEANS,
        "60,130.0,14.0,60,36.0,14.0",
        2,
        "mean_int",
        "0 to 100",
        "right instrument",
    ),
    "difference wider than the scale": (
        RESULTS,
        "-6.0,-11.0,-1.0",
        "-160,-170,-150",
        2,
        "estimate",
        "100 points",
        "Look again",
    ),
    "duplicate id": (
        RESULTS,
        "example2001-r2,",
        "example2001-r1,",
        3,
        "result_id",
        "already on line 2",
        "own identifier",
    ),
    "text in a number": (
        RESULTS,
        MEANS,
        "sixty,30.0,14.0,60,36.0,14.0",
        2,
        "n_int",
        "not a whole number",
        "digits only",
    ),
    "letter O for zero": (
        RESULTS,
        MEANS,
        "6O,30.0,14.0,60,36.0,14.0",
        2,
        "n_int",
        "not a whole number",
        "did you mean 60?",
    ),
    "decimal comma": (RESULTS, MEANS, '60,"30,0",14.0,60,36.0,14.0', 2, "mean_int", "not a number", "as a point"),
    "dash for missing": (
        RESULTS,
        MEANS,
        "NA,30.0,14.0,60,36.0,14.0",
        2,
        "n_int",
        "not a whole number",
        "Leave the cell empty",
    ),
    "typographic minus": (RESULTS, "MD,-6.0", "MD,\u22126.0", 2, "estimate", "not a number", "plain hyphen"),
    "missing locator": (RESULTS, '"Table 2, row pain",', ",", 2, "locator", "the cell is empty", "Place in the source"),
    "missing what was read": (RESULTS, "reported,full-text", "reported,", 2, "read", "the cell is empty", "How much"),
    "events above n": (RESULTS, "20,10,RR", "50,10,RR", 6, "events_int", "50 events among 45", "swapped"),
    "negative SD": (RESULTS, MEANS, "60,30.0,-14.0,60,36.0,14.0", 2, "sd_int", "below 0", "Look again"),
    "impossible SD": (RESULTS, MEANS, "60,30.0,64.0,60,36.0,14.0", 2, "sd_int", "can be that large", "Look again"),
    "nobody in the arm": (RESULTS, MEANS, "0,30.0,14.0,60,36.0,14.0", 2, "n_int", "below 1", "Look again"),
    "more people than the trial": (RESULTS, MEANS, "90,30.0,14.0,60,36.0,14.0", 2, "n_int", "120", "Look again"),
    "unknown instrument": (
        RESULTS,
        "example-100,12,",
        "example-10,12,",
        2,
        "instrument_id",
        "not in instruments.csv",
        "example-100?",
    ),
    "mean without instrument": (
        RESULTS,
        "pain,example-100,12,",
        "pain,,12,",
        2,
        "instrument_id",
        "needs its instrument",
        "instruments.csv",
    ),
    "estimate without measure": (RESULTS, ",MD,-6.0", ",,-6.0", 2, "measure", "needs its measure", "MD, SMD"),
    "estimate without direction": (
        RESULTS,
        "0.02,int-ctl",
        "0.02,",
        2,
        "contrast",
        "needs its direction",
        "int-ctl or ctl-int",
    ),
    "interval without level": (RESULTS, "-1.0,95,", "-1.0,,", 2, "ci_level", "needs its level", "Write 95"),
    "ratio below zero": (RESULTS, "RR,2.00,1.05,3.80", "RR,-2.00,-3.80,-1.05", 6, "estimate", "above zero", "log"),
    "p value in words": (RESULTS, ",0.02,", ",significant,", 2, "p_value", "is not written", "<0.001"),
    "unknown word": (RESULTS, ",itt,ITT,60", ",ITT,ITT,60", 2, "analysis_set", "not one of the words", "as-treated"),
    "bad identifier": (RESULTS, "example2001-r1,", "Example_2001,", 2, "result_id", "not an identifier", "lower-case"),
    "blank after a text": (
        RESULTS,
        "Example 2001,invented",
        "Example 2001 ,invented",
        2,
        "trial",
        "blank before or after",
        "Delete",
    ),
    "unbalanced quotes": (
        RESULTS,
        '"Table 2, row pain",',
        '"Table 2, row pain,',
        2,
        "locator",
        "has no partner",
        "both ends",
    ),
    "ragged row": (
        RESULTS,
        "nothing,pain,example-100,12",
        "nothing,pain,example-100,,12",
        2,
        "notes",
        "has 34 cells",
        "extra commas",
    ),
    "short row": (
        RESULTS,
        "RR,2.00,1.05,3.80,95,",
        "RR,2.00,1.05,3.80",
        6,
        "locator",
        "has 31 cells",
        "missing commas",
    ),
    "after a cell of two lines": (
        RESULTS,
        "nothing,response,",
        "nothing,response,nowhere",
        6,
        "instrument_id",
        "not in",
        "instruments",
    ),
    "duplicate header": (RESULTS, "n_int,mean_int", "n_int,n_int", 1, "n_int", "stands twice", "Delete or rename"),
    "unknown column": (
        RESULTS,
        "n_int,mean_int",
        "n_intervention,mean_int",
        1,
        "n_intervention",
        "not a column",
        "Did you mean",
    ),
    "missing column": (RESULTS, "n_int,mean_int", "n_intervention,mean_int", 1, "n_int", "column is missing", "Add it"),
    "columns in another order": (
        RESULTS,
        "result_id,source_id",
        "source_id,result_id",
        1,
        "source_id",
        "another order",
        "The order is",
    ),
    "byte-order mark": (RESULTS, b"result_id,", b"\xef\xbb\xbfresult_id,", 1, "", "byte-order mark", "UTF-8"),
    "windows encoding": (RESULTS, b"Example 2001", b"Ex\xe4mple 2001", 2, "trial", "Windows-1252", "UTF-8"),
    "a stray carriage return": (RESULTS, b"notes\n", b"notes\r\r\n", 1, "", "carriage return without", "LF"),
    "nul byte": (RESULTS, b"invented people", b"invented\x00people", 2, "", "NUL", "UTF-8"),
    "control character": (
        RESULTS,
        b"invented people",
        b"invented\x08people",
        2,
        "population",
        "control character",
        "again",
    ),
    "secondary as main": ("example/synthesis.csv", "main,secondary", "main,", 4, "use", "marked secondary", "accepts"),
    "no such result": (
        "example/synthesis.csv",
        "example2002-r1",
        "example2002-r9",
        4,
        "result_id",
        "not in example/results.csv",
        "Did you",
    ),
    "no such comparison": (
        "example/synthesis.csv",
        "pain-short,example2002",
        "pain-sort,example2002",
        4,
        "comparison_id",
        "topic.yml",
        "pain-short?",
    ),
    "one trial twice": (
        "example/synthesis.csv",
        "r2,sensitivity",
        "r2,main",
        3,
        "result_id",
        "at another time",
        "one time point",
    ),
    "crossover percent": ("example/crossover.csv", "60,15,25,", "60,15,35,", 2, "percent", "25.0%", "Look again"),
    "harm counts": (
        "example/adverse_events.csv",
        "60,6,10,10",
        "60,61,10,10",
        2,
        "n_events",
        "61 events among 60",
        "swapped",
    ),
    "certainty steps": (
        "example/certainty.csv",
        "level,low",
        "level,moderate",
        3,
        "judgement",
        "lead to low",
        "Correct",
    ),
    "certainty level": (
        "example/certainty.csv",
        "level,low",
        "dose-response,0",
        2,
        "domain",
        "no row for the level",
        "Add a row",
    ),
    "draft by others": (
        "example/certainty.csv",
        "one assessor,draft,imp",
        "one assessor,published,imp",
        2,
        "status",
        "draft goes with",
        "judged_by",
    ),
    "flow": ("example/flow.csv", "excluded,reports,7", "excluded,reports,6", 4, "n", "4 remain, not 3", "Count again"),
    "classes": (
        "example/ratings.csv",
        "inappropriate,20,80,25.0",
        "inappropriate,21,80,26.3",
        4,
        "n",
        "make 81, not 80",
        "Look again",
    ),
    "misprint": (
        "example/ratings.csv",
        "equivocal,40,80,50.0",
        "equivocal,40,80,55.0",
        3,
        "percent_printed",
        "50.0%",
        "misprint",
    ),
    "scale upside down": ("instruments.csv", "scale,0,100", "scale,100,0", 2, "scale_max", "not above", "range"),
    "threshold without source": (
        "instruments.csv",
        "nobody,example2003,Abstract",
        "nobody,,Abstract",
        2,
        "mid_source_id",
        "needs it",
        "Fill",
    ),
    "no identifier of a source": (
        "sources.csv",
        "10.1234/example.1,,,,rct,,120,full-text,,",
        ",,,,rct,,120,full-text,https://example.org/report.html,",
        2,
        "doi",
        "no reason is recorded",
        "no_identifier",
    ),
    "no authors of a source": (
        "sources.csv",
        '"Example A, et al."',
        "",
        2,
        "authors",
        "no reason is recorded",
        "no_authors",
    ),
    "no name of an author": (
        "sources.csv",
        '"Example A, et al."',
        "(author names not in the retrieved excerpt)",
        2,
        "authors",
        "not the name of an author",
        "no_authors",
    ),
    "claim without row": (
        "claims.csv",
        "example.example2001-r1,example.",
        "example.example2001-r7,example.",
        2,
        "evidence",
        "is not a row",
        "Did you",
    ),
    "claim condition": (
        "claims.csv",
        "ci_low < 0",
        "ci_low smaller 0",
        2,
        "condition",
        "cannot be read",
        "comparison like",
    ),
    "yaml": (
        "example/topic.yml",
        'title: "An invented',
        "title: An: invented",
        2,
        "character",
        "cannot be read",
        "colon",
    ),
    "hidden sign in the key file": (
        "example/topic.yml",
        "An invented",
        "An \u202einvented",
        2,
        "title",
        "an invisible character (right-to-left override)",
        "type it again",
    ),
    "topic key": ("example/topic.yml", "question:", "qestion:", 4, "qestion", "no such key", "Did you mean question"),
    "topic outcome": (
        "example/topic.yml",
        "outcome: pain\n",
        "outcome: pian\n",
        35,
        "comparisons 1 outcome",
        "not an outcome",
        "pain?",
    ),
}


def run(folder, *more):
    """Run the command in this process, as `main` is run by the command: what it returns and says."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(["check", str(folder), *more])
    return subprocess.CompletedProcess([], code, out.getvalue(), err.getvalue())


def state(folder):
    return {p: hashlib.sha256(p.read_bytes()).digest() for p in folder.rglob("*") if p.is_file()}


def test_the_invented_tables_are_good_before_they_are_broken(good):
    done = run(good)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no error" in done.stdout and "warning" not in done.stdout


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_table_is_told_by_file_line_column_and_remedy(edit, name, monkeypatch):
    file, old, new, line, column, rule, remedy = BREAKS[name]
    folder = edit(file, old, new)
    before = state(folder)
    done = run(folder, "--json")
    assert done.returncode == 1 and done.stderr == ""
    told = json.loads(done.stdout)["problems"]
    fits = [
        p
        for p in told
        if p["file"] == f"evidence/{file}" and p["line"] == line and column in p["column"] and rule in p["rule"]
    ]
    assert any(remedy in p["remedy"] and p["severity"] == "error" for p in fits), told
    assert state(folder) == before, "the checker wrote something"
    by_rows = check(folder)
    monkeypatch.setattr(reading, "LARGE", 0)  # held by columns, as a million rows are
    assert check(folder) == by_rows


@pytest.mark.parametrize(
    ("file", "data", "rule"),
    [
        (RESULTS, b"", "the file is empty"),
        (RESULTS, "result_id,source_id\n".encode("utf-16"), "UTF-16"),
        (RESULTS, b"result_id;source_id;trial\n", "semicolons"),
        (RESULTS, b"\xff" * 40, "not UTF-8"),
        ("example/result.csv", b"result_id\n", "no table of this name"),
        ("example/topic.yml", b"- a\n- b\n", "keys and values"),
        ("example/topic.yml", b"edited: 2026-13-45\n", "cannot be read"),
        ("sources.csv", b"a\rb\r", "carriage return without"),
    ],
)
def test_a_file_that_is_something_else_is_named(good, file, data, rule):
    (good / file).write_bytes(data)
    done = run(good)
    assert done.returncode == 1 and done.stderr == ""
    assert f"evidence/{file}" in done.stdout and rule in done.stdout


def test_all_faults_are_told_at_once_grouped_by_file(edit):
    edit(RESULTS, "MD,-6.0", "MD,6.0")
    edit(RESULTS, "20,10,RR", "50,10,RR")
    edit("example/crossover.csv", "60,15,25,", "60,15,35,")
    edit("example/topic.yml", "outcome: pain\n", "outcome: pian\n")
    done = run(edit("sources.csv", "2001,An invented", "20O1,An invented"))
    assert done.returncode == 1
    assert "5 errors" in done.stdout
    for file in (RESULTS, "example/crossover.csv", "example/topic.yml", "sources.csv"):
        assert done.stdout.count(f"evidence/{file}\n") == 1


def test_a_broken_cell_does_not_hide_the_other_faults_of_its_row(edit):
    folder = edit(RESULTS, "60,30.0,14.0,60,36.0,14.0", "6O,130.0,14.0,60,36.0,64.0")
    told = json.loads(run(folder, "--json").stdout)["problems"]
    assert [p["column"] for p in told if p["severity"] == "error"] == ["mean_int", "n_int", "sd_ctl"]


def test_a_verdict_is_told_when_the_numbers_it_rests_on_change(edit):
    folder = edit(RESULTS, "-6.0,-11.0,-1.0,95,0.02", "-6.0,-13.0,1.0,95,0.09")
    (problem,) = [p for p in json.loads(run(folder, "--json").stdout)["problems"] if p["severity"] == "error"]
    assert (problem["file"], problem["line"], problem["column"]) == ("evidence/claims.csv", 2, "condition")
    assert "no longer true" in problem["rule"] and "Judge the claim again" in problem["remedy"]


def test_a_terminal_that_knows_only_ascii_gets_its_report(edit):
    folder = edit(RESULTS, "MD,-6.0", "MD,\u22126.0")
    command = [sys.executable, "-m", "reviewlib", "check", str(folder)]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, timeout=60)
    assert done.returncode == 1 and done.stderr == b"" and b"plain hyphen" in done.stdout


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path):
    done = run(tmp_path / "nowhere")
    assert done.returncode == 2
    assert "is not a folder" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("column", "emptied"), [("no_authors", ["authors"]), ("no_identifier", ["doi"])])
def test_a_source_without_authors_or_identifier_records_why(cells, column, emptied):
    """The reason stands in a column of its own: a note about something else is none, and a filled cell needs none."""
    folder = cells("sources.csv", "example2001", **dict.fromkeys(emptied, ""), **{column: "The text read shows none"})
    assert not [p for p in check(folder) if p.file.endswith("sources.csv")]
    folder = cells("sources.csv", "example2001", authors="Example A", doi="10.1234/example.1")
    (fault,) = check(folder)
    assert (fault.column, fault.severity) == (column, "error") and emptied[0] in fault.rule


@pytest.mark.parametrize("authors", ["Not shown", "n/a", "-", "[names missing]", "Anonymous", "none given"])
def test_words_for_missing_authors_are_no_authors(cells, authors):
    (fault,) = check(cells("sources.csv", "example2001", authors=authors))
    assert (fault.column, fault.severity) == ("authors", "error")


@pytest.mark.parametrize("authors", ["Nott A, et al.", "WHO", "Unknownsson B", "O'Dwyer S", "Nonell C"])
def test_names_that_look_like_such_words_are_authors(cells, authors):
    assert not check(cells("sources.csv", "example2001", authors=authors))


@pytest.mark.parametrize(
    "text",
    [
        "p\u0430in",
        "M\u03b1rtin",
        "\uff24oe",
        "\u0410B",
        "r\u03bfw",
        "\u0430 trial",
        "\u0421\u041e\u0420\u0415 trial",
        "Bl\u0456nd",
    ],
)
def test_a_letter_that_only_looks_latin_is_named(cells, text):
    (found,) = check(cells("sources.csv", "example2001", title=f"On {text}"))
    assert found.column == "title" and "a Latin word holds a letter of another alphabet" in found.rule


@pytest.mark.parametrize(
    "text",
    [
        "TNF\u03b1",
        "5 \u03bcg",
        "k\u03a9",
        "\u0411\u043e\u043b\u044c (pain)",
        "TGF\u03b2R",
        "COVID-\u0438\u043d\u0444\u0435\u043a\u0446\u0438\u044f",
        "MRI\u691c\u67fb",
        "\u00c6r\u00f8",
        "\u03c72 = 3",
        "NF-\u03baB",
        "\u0394m",
    ],
)
def test_symbols_and_other_languages_are_left_alone(cells, text):
    assert check(cells("sources.csv", "example2001", title=f"On {text}")) == []
