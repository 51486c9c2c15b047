"""Ratios handed to a function that pools logarithms are refused where their limits give them away."""

import pandas as pd
import pytest

import reviewlib as rl

RATIOS = pd.DataFrame({"estimate": [0.7, 0.8], "se": [0.1717, 0.1476], "ci_low": [0.5, 0.6], "ci_high": [0.98, 1.07]})


@pytest.mark.parametrize("pooled", [rl.meta_analysis, rl.leave_one_out, rl.egger])
def test_printed_ratios_are_not_pooled_as_logarithms(pooled):
    with pytest.raises(rl.EvidenceError, match="limits lie around the effect as those of a ratio do"):
        pooled(pd.concat([RATIOS] * 3, ignore_index=True))


def test_the_way_that_the_message_names_pools_the_ratios():
    found = rl.meta_analysis(rl.effect_sizes(RATIOS, "GEN", ratio=True), measure="OR", method="FE")
    assert str(found).startswith("OR 0.76 (95% CI 0.61 to 0.94")


def test_logarithms_and_differences_with_their_limits_are_pooled():
    low, high = -0.29 - 1.96 * 0.15, -0.29 + 1.96 * 0.15
    table = pd.DataFrame(
        {"estimate": [-0.29, 0.31], "se": [0.15, 0.15], "ci_low": [low, low + 0.6], "ci_high": [high, high + 0.6]}
    )
    assert rl.meta_analysis(table, method="FE").estimate == pytest.approx(0.01)
