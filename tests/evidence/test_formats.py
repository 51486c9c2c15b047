"""The same problems for a person, for JSON readers, for GitHub and for code scanning."""

import json
import re

import pytest

from reviewlib import cli
from reviewlib.errors import Problem
from reviewlib.evidence.formats import as_github, as_sarif

RESULTS = "example/results.csv"
ODD = Problem("evidence/a,b.csv", 3, "x:y", "r1", "50%", "is odd\nhere", "Look: again, please")


def told(folder, form, capsys):
    code = cli.main(["check", str(folder), "--format", form])
    return code, capsys.readouterr().out


@pytest.fixture
def broken(edit):
    edit(RESULTS, "MD,-6.0", "MD,6.0")
    return edit(RESULTS, "example2001-r1,example2001,", "example2001-r1,exampel2001,")


def test_sarif_has_the_shape_that_the_standard_asks_for(broken, capsys):
    code, text = told(broken, "sarif", capsys)
    log = json.loads(text)
    assert code == 1 and log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "reviewlib" and len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) >= 2
    for result in run["results"]:
        assert result["level"] in ("error", "warning", "note", "none") and result["message"]["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (place,) = result["locations"]
        place = place["physicalLocation"]
        assert re.fullmatch(r"evidence/[\w./-]+", place["artifactLocation"]["uri"])
        assert place["region"]["startLine"] >= 1
    assert any("Did you mean example2001?" in result["message"]["text"] for result in run["results"])


def test_sarif_of_a_good_folder_is_a_run_without_results(good, capsys):
    code, text = told(good, "sarif", capsys)
    assert code == 0 and json.loads(text)["runs"][0]["results"] == []


def test_github_gets_one_annotation_a_problem(broken, capsys):
    code, text = told(broken, "github", capsys)
    lines = text.strip().split("\n")
    assert code == 1
    assert all(re.fullmatch(r"::(error|warning) file=evidence/\S+,line=\d+,title=[^:]+::.+", line) for line in lines)
    assert any(line.startswith(f"::error file=evidence/{RESULTS},line=2,title=source_id") for line in lines)


def test_what_separates_the_parts_of_an_annotation_is_escaped():
    line = as_github([ODD])
    assert line.startswith("::error file=evidence/a%2Cb.csv,line=3,title=x%3Ay r1::")
    assert "50%25" in line and "is odd%0Ahere" in line and "\n" not in line


def test_a_problem_of_a_whole_file_has_no_line():
    problem = Problem("evidence/sources.csv", None, "", "", "", "the table is missing", "Add it")
    assert as_github([problem]) == "::error file=evidence/sources.csv::the table is missing. Add it."
    place = json.loads(as_sarif([problem]))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "evidence/sources.csv"}}


def test_json_counts_what_was_looked_at(good, capsys):
    code, text = told(good, "json", capsys)
    assert code == 0 and json.loads(text) == {"errors": 0, "warnings": 0, "looked_at": 0, "problems": []}
