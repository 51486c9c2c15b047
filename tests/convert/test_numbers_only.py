"""Conversions take numbers: what is none is refused by the name of its argument, never repeated or left infinite."""

import inspect
import math

import numpy as np
import pandas as pd
import pytest

from reviewlib import convert
from reviewlib.errors import ConversionError

ASKED = [
    (getattr(convert, name), argument)
    for name in convert.__all__
    if inspect.isfunction(getattr(convert, name))
    for argument, said in inspect.signature(getattr(convert, name)).parameters.items()
    if said.annotation in ("Number", "float") and said.default is inspect.Parameter.empty
]


@pytest.mark.parametrize("value", ["<0.001", "1,2", True, math.inf, [0.1, "0.2"]], ids=repr)
@pytest.mark.parametrize(("function", "argument"), ASKED, ids=lambda part: getattr(part, "__name__", part))
def test_what_is_no_finite_number_is_refused_by_name(function, argument, value):
    signature = inspect.signature(function).parameters
    rest = {name: 0.5 for name, said in signature.items() if said.default is inspect.Parameter.empty}
    with pytest.raises(ConversionError, match=f"^{argument} must be "):
        function(**rest | {argument: value})


def test_every_function_is_asked():
    assert len(ASKED) > 35 and len({function for function, _ in ASKED}) > 20


def test_arms_are_joined_entry_by_entry_and_none_is_repeated():
    assert convert.combine_groups([10, 20], [1, 2], [3, 4]).sd == pytest.approx(3.6750166158041764, rel=1e-12)
    with pytest.raises(ConversionError, match="one entry for each arm: there are 2, 2 and 1"):
        convert.combine_groups([10, 20], [1, 2], [3])
    with pytest.raises(ConversionError, match="^sd must be a number"):
        convert.combine_groups([10, 20], [1, 2], ["3", "4"])


@pytest.mark.parametrize(
    "value", [[1.5, None], np.array([1.5, None], object), pd.Series([1.5, pd.NA], dtype="Float64")]
)
def test_an_empty_cell_stays_empty_whatever_writes_it(value):
    assert convert.sd_from_se(value, 20) == pytest.approx([1.5 * 20**0.5, np.nan], nan_ok=True)


@pytest.mark.parametrize("value", [None, pd.NA, {}, [[1.5], None, {}]])
def test_no_number_at_all_is_refused(value):
    with pytest.raises(ConversionError, match="se must be a number"):
        convert.sd_from_se(value, 20)
