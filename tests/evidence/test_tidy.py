"""--fix puts the form right, never a value; it shows the difference and asks before it writes."""

import csv
import io

import pytest

from reviewlib import cli
from reviewlib.evidence.check import check
from reviewlib.evidence.folder import find_evidence
from reviewlib.evidence.tidy import repairs

RESULTS = "example/results.csv"


def cells(path):
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    return sorted(tuple(c.strip() for c in row) for row in csv.reader(io.StringIO(text)) if row)


def spoiled(folder):
    """Give a table every fault of form at once and return its path."""
    path = folder / RESULTS
    header, first, second, *rest = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    first = first.replace(",example2001,", ", example2001 ,", 1)
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([header, second, "", first, *rest]).encode())
    return path


def test_every_fault_of_form_is_put_right_and_no_value_changes(good, capsys):
    fine = (good / RESULTS).read_bytes()
    path = spoiled(good)
    before = cells(path)
    assert {p.severity for p in check(good)} == {"error", "warning"}
    assert cli.main(["check", str(good), "--fix", "--yes"]) == 0
    told = capsys.readouterr().out
    for word in (
        "byte-order mark",
        "line ends",
        "empty lines",
        "blanks around cells",
        "order of rows",
        "last line end",
    ):
        assert word in told
    assert "-" in told and "@@" in told, "the difference is shown"
    assert cells(path) == before and path.read_bytes() == fine and check(good) == []
    assert [p.name for p in path.parent.glob(".*")] == [], "no neighbour stays behind"


def test_nothing_is_written_without_a_yes(good, capsys, monkeypatch):
    path = spoiled(good)
    before = path.read_bytes()
    assert cli.main(["check", str(good), "--fix"]) == 1
    told = capsys.readouterr()
    assert "@@" in told.out and "Nothing was written" in told.err and path.read_bytes() == before
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, code in (("n", 1), ("yes", 0)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert cli.main(["check", str(good), "--fix"]) == code
    assert path.read_bytes() != before


def test_a_file_that_is_saved_while_the_question_stands_is_not_overwritten(good, capsys, monkeypatch):
    path = spoiled(good)

    def answer_late(_):
        path.write_bytes(path.read_bytes() + b"\n")
        return "y"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer_late)
    assert cli.main(["check", str(good), "--fix"]) == 1
    assert "changed meanwhile" in capsys.readouterr().err and path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_good_folder_is_left_alone(good, capsys):
    assert repairs(good) == [] and repairs(find_evidence()) == []
    assert cli.main(["check", str(good), "--fix"]) == 0
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"caf\xe9\r\n", b'a,"b\r\nc', b"a\x00b\r\n", b""])
def test_a_file_that_cannot_be_read_whole_is_left_as_it_is(good, damage):
    path = good / RESULTS
    path.write_bytes(damage)
    assert [r for r in repairs(good) if r.path == path] == []


def test_values_that_look_untidy_stay(good):
    path = good / "example/crossover.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("25,", "025,", 1) + "\r\n", encoding="utf-8", newline="")
    before = cells(path)
    assert cli.main(["check", str(good), "--fix", "--yes"]) == 0
    assert cells(path) == before


def test_topic_yml_keeps_its_meaning(good):
    path = good / "example" / "topic.yml"
    fine = path.read_bytes()
    path.write_bytes(fine.replace(b"\n", b"  \r\n"))
    assert cli.main(["check", str(good), "--fix", "--yes"]) == 0
    assert path.read_bytes() == fine


def test_a_wrong_folder_is_wrong_usage(tmp_path, capsys):
    assert cli.main(["check", str(tmp_path / "nowhere"), "--fix"]) == 1
    assert "is not a folder" in capsys.readouterr().err
