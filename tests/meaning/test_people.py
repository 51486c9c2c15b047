"""People out of 100: the ratio is applied to the named baseline, and never the other way round."""

from math import log
from types import SimpleNamespace

import pandas as pd
import pytest

from reviewlib.meaning.people import absolute_rows


def _rows(measure, ratios, percent):
    table = pd.DataFrame([{
        "quantity": "baseline-risk", "used_in": "a-comparison", "value": percent, "origin": "one trial's control group",
    }])  # fmt: skip
    estimate, low, high = map(log, ratios)
    finding = SimpleNamespace(comparison={"id": "a-comparison", "measure": measure}, estimate=estimate, ci=(low, high))
    return absolute_rows(SimpleNamespace(tables={"assumptions": table}), finding)


def test_risk_ratio_is_applied_to_the_named_baseline():
    (row,) = _rows("RR", (1.5, 1.2, 2.0), 25)
    assert (row.comparator, row.intervention, row.low, row.high) == pytest.approx((25, 37.5, 30, 50))
    assert row.out_of == 100


def test_odds_ratio_goes_through_the_odds_of_the_baseline():
    # 25 % is odds of 1/3; times 3 gives odds of 1, that is 50 %. Swapped arguments would give another number.
    (row,) = _rows("OR", (3.0, 1.0, 9.0), 25)
    assert (row.comparator, row.intervention, row.low, row.high) == pytest.approx((25, 50, 25, 75))


def test_rare_outcomes_are_told_out_of_a_thousand():
    (row,) = _rows("RR", (2.0, 1.0, 3.0), 0.5)
    assert (row.comparator, row.intervention, row.out_of) == (pytest.approx(5), pytest.approx(10), 1000)
