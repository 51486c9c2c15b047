"""On which scale the effects of a table stand, and how a shown effect is brought to that of the analysis."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from reviewlib.effects.contrast import limits_decide
from reviewlib.effects.twins import on_scale

RATIOS = {"estimate": [0.5, 2.0], "ci_low": [0.25, 1.0], "ci_high": [1.0, 4.0]}
LOGS = {"estimate": [0.512, 0.9], "ci_low": [0.103, 0.4], "ci_high": [0.921, 1.4]}


@pytest.mark.parametrize(
    ("cells", "decided"),
    [
        (RATIOS, True),
        (LOGS, True),
        ({"estimate": [-0.5, 0.9]}, True),  # a ratio is above 0
        ({"estimate": [0.5, 0.9], "ci_low": [-0.1, 0.4]}, True),
        ({"estimate": [0.5, 0.9]}, False),  # nothing tells a ratio from its log
        ({"estimate": [0.5, 0.9], "ci_low": [0.1, 0.4]}, False),
    ],
)
def test_limits_or_values_below_nought_show_the_scale(cells, decided):
    assert limits_decide(pd.DataFrame(cells)) is decided


def test_a_shown_ratio_is_logged_and_a_difference_is_not():
    shown = np.array([0.5, 2.0])
    values, half = on_scale(shown, SimpleNamespace(scale="ratio"), 0.05)
    assert values == pytest.approx([-np.log(2), np.log(2)]) and half == pytest.approx([0.1, 0.025])
    values, half = on_scale(shown, SimpleNamespace(scale="difference"), 0.05)
    assert values == pytest.approx(shown) and half == pytest.approx([0.05, 0.05])
