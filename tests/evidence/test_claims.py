"""The condition of a claim: read, asked, refused."""

import pytest

from reviewlib.evidence.claims import parse_condition

CELLS = {("t.a-1", "low"): -1.0, ("t.a-1", "high"): 2.0, ("t.b.2", "low"): 5.0, ("t.a-1", "gone"): None}


def cell(record, column):
    return CELLS[record, column]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("t.a-1.low < 0 < high", True),
        ("t.a-1.low < 0 < low", False),
        ("t.a-1.low >= -1.0 and t.a-1.high == 2", True),
        ("0 < t.a-1.high and low > 0", False),
        ("t.a-1.gone < 0", None),
        ("t.a-1.high != 3 <= 4", True),
    ],
)
def test_a_condition_is_true_false_or_open(text, truth):
    assert parse_condition(text).holds(cell) is truth


@pytest.mark.parametrize(
    "text", ["", "low < 0", "t.a.low", "t.a.low <", "t.a.low < 0 >", "t.a.low is 3", "t.a.low < (0)", "and"]
)
def test_what_is_not_a_condition_is_refused(text):
    with pytest.raises(ValueError, match=r"needs|needed|neither"):
        parse_condition(text)


def test_a_column_alone_belongs_to_the_record_named_last():
    assert parse_condition("t.a-1.low < 0 < high").references() == [("t.a-1", "low"), ("t.a-1", "high")]
