"""The page on reliability: written by a command, whole, and within its bounds; a small part of each of its parts."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import code_changes  # noqa: E402
import harness  # noqa: E402
import reliability  # noqa: E402
import test_killed  # noqa: E402
from slips_from_print import KINDS  # noqa: E402

PAGE = reliability.PAGE.read_text(encoding="utf-8")


def block(name):
    """Return the cells of the table between two marks."""
    text = re.search(rf"<!-- {name}: start -->\n(.*?)<!-- {name}: end -->", PAGE, re.DOTALL)[1]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_holds_each_kind_of_slip_and_its_share():
    head, _, *rows = block("slips")
    assert head == ["slip", "tried", "error", "warning", "moved", "silent", "none"]
    assert [row[0] for row in rows] == [*(kind.replace("_", " ") for kind in KINDS), "all", "share"]
    for _, tried, *by in rows[:-1]:
        assert int(tried) == sum(map(int, by))
    assert float(rows[-1][head.index("moved")].rstrip("%")) <= 2


def test_the_page_holds_each_command_and_nothing_was_lost():
    rows = block("kills")[2:]
    assert [row[0] for row in rows] == [*test_killed.COMMANDS, *test_killed.MORE]
    assert all(int(points) > 5 and rest == ["nothing", "yes"] for _, points, *rest in rows)


def test_the_page_names_no_day_and_no_machine():
    assert not re.search(r"20\d\d-\d\d|load average|cores|Python 3|seconds|/home|/tmp|/work", PAGE)


def test_a_slip_in_the_evidence_is_told_in_most_cases_and_breaks_nothing():
    kinds = ("digits_transposed", "pair_exchanged", "other_word", "lookalike_letter")
    found = [outcome for *_, outcome, _ in harness.run(each=1, seed=7, only=kinds)]
    assert len(found) == len(kinds)
    assert "broken" not in found and found.count("moved") <= 1 < found.count("error") + found.count("warning")


def test_what_a_slip_comes_to(tmp_path):
    bench = harness.Bench(HERE.parent / "evidence" / "tables", tmp_path)
    [file] = [file for file in bench.tables if file.stem == "results"]

    def outcome(column, text):
        def slip(rows, i, name, draw):
            rows[i][name] = text(rows[i][name])
            return True

        return bench.outcome(slip, (file, 0, column), None)[0]

    before = file.read_bytes()
    assert outcome("estimate", lambda typed: typed + "0") == "none"
    assert outcome("estimate", lambda typed: f"-{typed}") == "error"
    assert outcome("population", lambda typed: typed + "s") == "silent"
    assert outcome("ci_low", lambda typed: f"{float(typed) - 0.1:.1f}") == "moved"
    assert file.read_bytes() == before


@pytest.mark.parametrize(("moved", "broken", "fault"), [(2, 0, ""), (3, 0, "moved a conclusion"), (0, 1, "breaks")])
def test_more_than_two_in_a_hundred_is_a_failure(moved, broken, fault):
    outcomes = ["moved"] * moved + ["broken"] * broken + ["error"] * (100 - moved - broken)
    made = harness.table([("digit_changed", None, outcome, "") for outcome in outcomes])
    assert fault in reliability.wrong("slips", made) and bool(fault) == bool(reliability.wrong("slips", made))


def test_the_table_of_changes_lists_what_no_test_noticed():
    name = ("reviewlib/a.py", "size", "x < 1 -> x <= 1", "0")
    lines = reliability.changes_table(
        {"effects": [(name, "survived"), (name, "killed"), (name, "listed")]}
    ).splitlines()
    assert lines[2] == "| effects | 3 | 1 | 0 | 1 | 1 |"
    assert lines[-1] == "- `reviewlib/a.py`, size: `x < 1 -> x <= 1`"


def test_a_command_that_lost_something_is_a_failure():
    points = '<properties><property name="points" value="9"/></properties>'
    case = f'<testcase name="test_every_point[{{}}]">{points}{{}}</testcase>'
    report = ElementTree.fromstring(f"<x>{case.format('render', '')}{case.format('import', '<failure/>')}</x>")
    made = reliability.kills_table(report.iter("testcase"))
    assert made.splitlines()[2:] == ["| render | 9 | nothing | yes |", "| import | 9 | see the test | no |"]
    assert reliability.wrong("kills", made) and not reliability.wrong("kills", made.splitlines()[2])


def test_only_what_stands_between_the_marks_is_replaced():
    page = "a\n<!-- b: start -->\nold\n<!-- b: end -->\nc\n"
    assert reliability.written(page, "b", "new") == "a\n<!-- b: start -->\nnew\n<!-- b: end -->\nc\n"


ABOUT = {"summary": {"num_statements": 4, "covered_lines": 3, "num_branches": 4, "covered_branches": 2}}


def test_a_branch_that_no_test_takes_is_listed_with_its_reason_or_open(monkeypatch):
    [file] = [file for file in code_changes.files("meaning") if file.endswith("/words.py")]
    lines = (reliability.ROOT / file).read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines, 1) if line == "    if float(text) == 0:")
    about = {file: ABOUT | {"missing_branches": [(at, at + 1)]}}
    name = (file, "number", "if float(text) == 0:", 'text = text.lstrip("-")')
    assert reliability.branch(file, at, at + 1) == name
    assert reliability.branch(file, at, -1)[-1] == "the end"
    for listed, counts, last in (
        ({name: "Because."}, "| 0 | 0 | 0 | 1 | 0 |", f"- `{file}`, number: `{name[2]}` to `{name[3]}`. Because."),
        ({}, "| 0 | 0 | 0 | 0 | 1 |", f"- `{file}`, number: `{name[2]}` to `{name[3]}`"),
    ):
        monkeypatch.setattr(reliability, "reasons", lambda listed=listed: listed)
        made = reliability.branches_table({"meaning": about}).splitlines()
        assert made[2] == f"| meaning | 4 | 75.0% | 4 | 50.0% {counts}" and made[-1] == last


def test_every_branch_that_no_test_takes_has_its_reason_on_the_page():
    rows = block("branches")
    assert [row[rows[0].index("open")] for row in rows[2:]] == ["0"] * 4
    assert reliability.wrong("branches", "x\nOpen, so tests are missing:\n") and not reliability.wrong("branches", "x")


def test_a_branch_to_a_refusal_is_told_from_another():
    [file] = [file for file in code_changes.files("meaning") if file.endswith("/certainty.py")]
    lines = (reliability.ROOT / file).read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines, 1) if "if difference == 0 or sd <= 0:" in line)
    assert (reliability._kind(file, at, at + 1), reliability._kind(file, at, at + 2)) == ("refusals", "others")


def test_a_branch_that_is_listed_is_still_there_and_has_its_reason():
    for (file, within, start, end), why in reliability.reasons().items():
        text = (reliability.ROOT / file).read_text("utf-8")
        lines = {line.partition("  #")[0].strip() for line in text.splitlines()}
        assert {start, end} <= {*lines, "the end", "any"} and (within == "the module" or f"def {within}(" in text), (
            f"{file}, {within}: {start} to {end}"
        )
        assert len(why.split()) > 3
