"""Changes to the code: which there are, that no file is touched, and that a test that looks notices them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import code_changes  # noqa: E402

TEXT = '''
"""Words."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import a
LIMIT = 2

def size(x, least=0.5) -> int:
    """Words."""
    if x <= LIMIT and x:
        raise ValueError(f"{x} is below {LIMIT + 1}")
    return -x * least
'''


def test_what_runs_is_changed_and_what_is_said_is_not():
    assert [(c.within, c.before, c.after) for c in code_changes.changes("a.py", TEXT)] == [
        ("", "2", "3"),
        ("size", "0.5", "1.5"),
        ("size", "if x <= LIMIT and x:", "if not (x <= LIMIT and x):"),
        ("size", "x <= LIMIT and x", "x <= LIMIT or x"),
        ("size", "x <= LIMIT and x", "x"),
        ("size", "x <= LIMIT and x", "x <= LIMIT"),
        ("size", "x <= LIMIT", "x < LIMIT"),
        ("size", "return -x * least", "return None"),
        ("size", "-x * least", "-x / least"),
        ("size", "-x", "+x"),
    ]


def test_each_change_alters_one_place():
    import ast

    whole = ast.unparse(ast.parse(TEXT)).splitlines()
    for change in code_changes.changes("a.py", TEXT):
        other = code_changes.changed_source(change, TEXT).splitlines()
        assert sum(a != b for a, b in zip(whole, other, strict=True)) == 1, change


def test_a_change_that_is_listed_as_harmless_is_still_there_and_has_its_reason():
    for (file, within, change, nth), why in code_changes.known().items():
        there = {found.name for found in code_changes.changes(file)}
        assert (file, within, change, nth) in there, f"{file} {within}: {change}"
        assert len(why.split()) > 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("tests", "result"),
    [
        ("tests/evidence/test_possible_numbers.py", r"evidence: [1-4] killed"),
        ("tests/test_flags.py", "evidence: 1 survived"),
        ("tests/test_flags.py::test_that_is_gone", "evidence: 1 untested"),
        ("test_fails.py", "evidence: 1 untested"),
    ],
)
def test_a_test_that_looks_notices_and_one_that_does_not_lets_it_pass(tmp_path, tests, result):
    if tests == "test_fails.py":  # by itself, whatever the code: it notices nothing
        (tmp_path / tests).write_text("def test_it():\n    assert not 'always'\n", encoding="utf-8")
        tests = str(tmp_path / tests)
    words = (
        "--each",
        "4" if "killed" in result else "1",
        "--room",
        "evidence",
        "--file",
        "reviewlib/evidence/numbers.py",
        "--tests",
        tests,
    )
    command = [sys.executable, str(HERE / "code_changes.py"), *words]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert re.match(result, told.stdout.splitlines()[-1]), told.stdout + told.stderr
    assert "fails without any change" in told.stderr or "test_fails" not in tests
