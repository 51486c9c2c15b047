"""A clone with the line ends of Windows: the same tables, the same checksum, and a note in every file."""

import pytest

import reviewlib as rl
from reviewlib.evidence.check import check, main
from reviewlib.evidence.folder import checksum
from reviewlib.evidence.tidy import main as fix


@pytest.fixture
def windows(good):
    """Return the folder as git writes it with core.autocrlf, and its files as they were."""
    before = {path: path.read_bytes() for path in good.rglob("*") if path.is_file()}
    for path, data in before.items():
        path.write_bytes(data.replace(b"\n", b"\r\n"))
    return good, before


def test_it_loads_the_same_evidence_under_the_same_checksum(good):
    plain, sum_before = rl.load_evidence(good), checksum(good)
    for path in good.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    again = rl.load_evidence(good)
    assert checksum(good) == sum_before and again.checksum == plain.checksum
    for topic in plain:
        assert topic.text.keys() == again[topic.id].text.keys()
        for name, table in topic.text.items():
            assert again[topic.id].text[name].equals(table), name
    assert "A note in\ntwo lines" in again["example"].results["notes"].tolist()


def test_the_check_says_it_once_per_file_and_passes(windows, capsys):
    good, before = windows
    told = check(good)
    assert {problem.severity for problem in told} == {"warning"}
    files = sorted(problem.file for problem in told if "CRLF" in problem.rule)
    assert len(files) == len(set(files)) == sum(path.suffix in (".csv", ".yml") for path in before)
    assert main(good) == 0 and "check --fix" in capsys.readouterr().out


def test_fix_gives_back_every_byte(windows):
    good, before = windows
    assert fix(good, yes=True) == 0
    assert all(path.read_bytes() == data for path, data in before.items() if path.suffix in (".csv", ".yml"))


def test_one_line_that_ends_otherwise_is_read_too(edit):
    folder = edit("example/results.csv", b"notes\n", b"notes\r\n")
    assert [(p.severity, p.line) for p in check(folder)] == [("warning", 1)]


def test_a_carriage_return_inside_a_line_is_refused(edit):
    folder = edit("example/results.csv", b"invented people", b"invented\rpeople")
    assert any(p.severity == "error" and "carriage return" in p.rule for p in check(folder))
