"""What arrives from other libraries and from spreadsheets: masks, dates, NaN that signal, numbers beyond a double.

Each input was once read as another number, or ended in a traceback. Right values are exact: n = 25, so that the
standard deviation is five times the standard error; of two studies of which one is missing the other is the answer.
"""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import openpyxl
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib import batch, convert
from reviewlib.cells import advice
from reviewlib.errors import ConversionError, EvidenceError

NAN = float("nan")
ARMS = {
    "study": ["A", "B"],
    "n_int": [30, 40],
    "mean_int": [3.1, 2.5],
    "sd_int": [1.1, 1.3],
    "n_ctl": [31, 42],
    "mean_ctl": [3.9, 3.5],
    "sd_ctl": [1.2, 1.4],
}
NO_NUMBERS = [
    [np.bool_(True), 4],
    [b"4", 9],
    np.array(["4", 9], dtype=object),
    np.array([True, False]),
    np.array([4 + 0j, 9]),
    np.array(["2026-03-04", "2026-03-05"], dtype="datetime64[ns]"),
    [dt.date(2026, 3, 4), 9],
    [dt.time(3, 4), 9],
    [[4], [4, 9]],
    {4, 9},
    (x for x in (4, 9)),
]


# A mask is a gap, here and in every array that a function takes -----------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        np.ma.array([4.0, 9.0], mask=[False, True]),
        np.ma.array([4, 9], mask=[False, True]),
        [4, np.ma.masked],
        [4, Decimal("sNaN")],
        [4, None],
        pd.array([4, pd.NA], "Int64"),
    ],
)
def test_a_masked_value_is_never_converted(given):
    np.testing.assert_array_equal(convert.sd_from_se(given, 25), [20, NAN])
    np.testing.assert_array_equal(convert.sd_from_se(1, given), [2, NAN])
    assert batch.meta_analysis(given, [0.02, 0.03]).estimate.tolist() == [4]
    assert batch.meta_analysis([0.1, 0.7], given).estimate.tolist() == [0.1]


def test_a_masked_covariance_is_no_covariance():
    rows = {"study": list("aabbc"), "estimate": [0.1, 0.3, 0.6, 0.2, 0.1], "se": [0.1] * 5}
    for V in (np.ma.array(np.eye(5), mask=np.eye(5)), np.diag([np.inf] * 5)):
        with pytest.raises(EvidenceError, match="V is not a covariance matrix"):
            rl.multilevel(rows, "study", V=V)


@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda given: type(given).__name__)
def test_what_is_no_number_is_refused_by_every_array_door(given):
    for call in (
        lambda: convert.sd_from_se(given, 25),
        lambda: batch.meta_analysis(given, [0.02, 0.03]),
        lambda: batch.meta_analysis([0.1, 0.3], given),
        lambda: batch.meta_analysis([0.1, 0.3], [0.02, 0.03], tau2=given),
        lambda: rl.impute_covariance(given, ["a", "b"], 0.5),
    ):
        with pytest.raises(EvidenceError):
            call()


def test_exact_numbers_are_read_alone_and_in_a_list():
    for five in (Decimal(5), Fraction(10, 2), [Decimal(5)], pd.Categorical([5]), np.array([5], np.uint8)):
        assert np.all(np.equal(convert.sd_from_se(five, 25), 25))
        assert np.all(np.equal(convert.sd_from_se(1, five), 5**0.5))


def test_small_whole_numbers_do_not_overflow():
    few = [np.array([200], np.uint8)] * 2
    assert np.all(convert.effective_n(few[0], 2, 1) == 100)
    arms = convert.combine_groups(np.array([200, 200], np.uint8), [1.0, 1.0], [1.0, 1.0])
    assert arms.n == 400


@pytest.mark.parametrize("tau2", [[0.1, 0.2], Decimal("-1"), "0.1", dt.date(2026, 3, 4), np.timedelta64(3, "D")])
def test_a_wrong_tau2_is_a_sentence(tau2):
    with pytest.raises(EvidenceError, match="tau2"):
        batch.meta_analysis([0.1, 0.3], [0.02, 0.03], tau2=tau2)


def test_a_number_beyond_a_double_is_a_sentence():
    for given in (10**400, [10**400, 4], Fraction(10**400, 3)):
        with pytest.raises(ConversionError, match=r"must be finite, got .{1,210}$"):
            convert.sd_from_se(given, 25)
    with pytest.raises(EvidenceError, match="is infinite"):
        rl.effect_sizes({**ARMS, "n_int": [10**400, 40]}, "MD")
    for level in (10**400, Decimal("sNaN"), np.timedelta64(3, "D")):
        with pytest.raises(EvidenceError, match="level is a fraction between 0 and 1"):
            rl.meta_analysis({"estimate": [0.1, 0.3], "se": [0.1, 0.2]}, measure="MD", level=level)


# Tables ------------------------------------------------------------------------------------------------------------


def test_a_decimal_nan_that_signals_is_an_empty_cell():
    got = rl.effect_sizes({**ARMS, "n_int": [Decimal("sNaN"), 40]}, "MD")
    assert np.isnan(got.variance[0]) and got.variance[1] == pytest.approx(1.3**2 / 40 + 1.4**2 / 42)


def test_series_that_pandas_would_pair_otherwise_than_the_eye_are_refused():
    turned = {**ARMS, "n_int": pd.Series([30, 40], index=[1, 0]), "n_ctl": pd.Series([31, 42])}
    with pytest.raises(EvidenceError, match="n_int and n_ctl of table have different indexes"):
        rl.effect_sizes(turned, "MD")
    alike = {**ARMS, "n_int": pd.Series([30, 40], index=[1, 0]), "n_ctl": pd.Series([31, 42], index=[1, 0])}
    assert rl.effect_sizes(alike, "MD").variance.tolist() == rl.effect_sizes(ARMS, "MD").variance.tolist()


def test_two_arrow_columns_of_one_name_are_refused():
    class Arrow:
        column_names = [*ARMS, "n_int"]

        def to_pydict(self):
            return ARMS  # as pyarrow does: the last column of a name wins

    with pytest.raises(EvidenceError, match="there are 2 columns named 'n_int'"):
        rl.effect_sizes(Arrow(), "MD")


DATES = [
    "2026-03-04",
    "2026-03-04 00:00:00",
    "2026/3/4",
    "04.03.2026",
    "3/4/26",
    "3-Apr",
    "Mar-12",
    "4. M\u00e4rz",
    "12 Dec 2026",
    "03:04:00",
]


@pytest.mark.parametrize("text", DATES)
def test_a_date_in_place_of_a_number_is_called_a_date(text):
    assert advice(text, "n_int")[0] == "is not a number: it looks like a date or a time"
    with pytest.raises(EvidenceError, match="looks like a date"):
        rl.effect_sizes({**ARMS, "n_int": [text, 40]}, "MD")


@pytest.mark.parametrize("text", ["3-4", "3/4", "12 mm", "0.5", "4 months", "1.5 (0.3)", "3.4", "10-12", "1.2.3"])
def test_what_is_no_date_is_not_called_one(text):
    assert "date" not in (advice(text, "mean_int") or ("",))[0]


@pytest.mark.parametrize("cell", [dt.datetime(2026, 3, 4), dt.date(2026, 3, 4), dt.time(3, 4), "2026-03-04", 46085])
def test_a_cell_that_excel_made_a_date_is_refused_as_a_date(tmp_path, cell):
    from reviewlib.exchange import pool_file

    book = openpyxl.Workbook()
    for row in (list(ARMS), *map(list, zip(*ARMS.values(), strict=True))):
        book.active.append(row)
    book.active["B2"] = cell
    if isinstance(cell, int):
        book.active["B2"].number_format = "d-mmm"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(EvidenceError, match=r"cell B2.*looks like a date or a time"):
        pool_file(tmp_path / "a.xlsx", measure="MD")
