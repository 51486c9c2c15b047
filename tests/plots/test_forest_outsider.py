"""What a stranger found wrong in forest plots: every test here failed once."""

import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.plots.rows import forest_rows

RARE = pd.DataFrame({"trial": ["A", "B"], "estimate": [0.0031, 0.0024], "variance": [1e-6, 2e-6]})


@pytest.mark.parametrize("wrong", [{"by": "nope"}, {"label": "nope"}, {"columns": ["nope"]}, {"sort": "nope"}])
def test_a_column_that_is_not_there_is_named(wrong):
    with pytest.raises(rl.EvidenceError, match="no column nope: the table has trial, estimate, variance"):
        rl.plots.forest(RARE, **wrong)


def test_something_that_is_no_table_is_refused_in_words():
    with pytest.raises(rl.EvidenceError, match="got str"):
        rl.plots.forest("trials.csv")


def test_tiny_risk_differences_are_not_printed_as_zero():
    data = forest_rows(RARE, measure="RD")
    assert data.text(data.rows[0], plain=True) == "0.0031 [0.0011, 0.0051]"
