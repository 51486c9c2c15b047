"""Each check that needs no second reading hears its slip, leaves alone what is right, and is silent on our tables."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from named_checks import CHECKS, RIGHT, heard  # noqa: E402


@pytest.mark.parametrize("name", CHECKS)
def test_a_slip_is_heard_at_its_column(name):
    *_, column, words = CHECKS[name]
    assert [p.column for p in heard(name) if words in p.rule] == [column]


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_left_alone(name):
    words = CHECKS[name][-1]
    assert not [p for p in heard(name, RIGHT[name]) if words in p.rule or p.column == CHECKS[name][-2]]
