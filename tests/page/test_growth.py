"""The work of one fit, counted: it grows as the studies do."""

import pytest

from reviewlib.page import growth, methods


def test_each_study_costs_the_same_however_many_there_are():
    work = [growth.counted(k) for k in (200, 2_000, 20_000)]
    for one in work:
        assert one["operations"] == pytest.approx(work[0]["operations"] / 200 * one["studies"], rel=0.3)
        assert one["bytes"] == pytest.approx(16 * one["studies"] * one["passes"])
        assert 4 < one["passes"] < 20


def test_every_evaluation_of_the_sums_is_counted():
    evaluated = {name for name in dir(growth.Mean) if not name.startswith("_")}
    assert set(growth.OPERATIONS) <= evaluated


def test_the_table_says_what_bounds_the_time():
    text = methods.growth().text
    assert "Bytes read" in text and "100,000" in text and "the larger of the two is the limit" in text
