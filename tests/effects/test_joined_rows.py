"""Rows of one trial joined by plan, and points of one scale brought to another."""

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.convert import combine_groups

HALVES = pd.DataFrame(
    {
        "result_id": ["r1", "r2"],
        "trial": ["Ash 2011"] * 2,
        "outcome": ["pain"] * 2,
        "use": ["main"] * 2,
        "arm_id": ["ash-fast", "ash-slow"],
        "control_id": ["ash-usual-1", "ash-usual-2"],
        "join_as": ["ash"] * 2,
        "n_int": [40, 30],
        "mean_int": [20.0, 26.0],
        "sd_int": [9.0, 11.0],
        "n_ctl": [16, 17],
        "mean_ctl": [31.0, 31.0],
        "sd_ctl": [10.0, 10.0],
    }
)


def test_rows_joined_by_plan_are_the_trial_with_all_its_people():
    joined = rl.study_effects(HALVES, "MD").iloc[0]
    int_, ctl = combine_groups([40, 30], [20, 26], [9, 11]), combine_groups([16, 17], [31, 31], [10, 10])
    whole = rl.effect_sizes(
        {
            "n_int": [int_.n],
            "mean_int": [int_.mean],
            "sd_int": [int_.sd],
            "n_ctl": [ctl.n],
            "mean_ctl": [ctl.mean],
            "sd_ctl": [ctl.sd],
        },
        "MD",
    ).iloc[0]
    assert joined[["estimate", "variance"]].tolist() == pytest.approx(whole[["estimate", "variance"]].tolist())
    assert (joined["n_int"], joined["n_ctl"]) == (70, 33)
    assert "each arm counted once" in joined["route"]


def test_an_arm_that_stands_in_both_rows_counts_once():
    rows = HALVES.assign(arm_id="ash-fast", n_int=40, mean_int=20.0, sd_int=9.0)
    joined = rl.study_effects(rows, "SMD").iloc[0]
    assert (joined["n_int"], joined["n_ctl"]) == (40, 33)


def test_rows_of_one_trial_that_no_plan_joins_are_refused():
    without = HALVES.assign(join_as=None)
    with pytest.raises(rl.EvidenceError, match="count people of Ash 2011 twice"):
        rl.study_effects(without, "MD")


def test_points_are_brought_onto_another_scale_and_back():
    rows = pd.DataFrame(
        {
            "trial": ["A", "B"],
            "n_int": 50,
            "mean_int": [4.45, 44.5],
            "sd_int": [1.04, 10.4],
            "n_ctl": 50,
            "mean_ctl": [3.03, 30.3],
            "sd_ctl": [1.18, 11.8],
            "value_kind": "final",
            "scale_min": 0.0,
            "scale_max": [10.0, 100.0],
            "onto_min": 0.0,
            "onto_max": 100.0,
        }
    )
    effects = rl.study_effects(rows, "MD")
    assert effects["estimate"].tolist() == pytest.approx([14.2, 14.2])
    assert np.ptp(effects["variance"]) == pytest.approx(0, abs=1e-12)
    assert effects["route"].tolist()[0].endswith("brought from 0 to 10 onto 0 to 100")
    with pytest.raises(rl.EvidenceError, match="no stated range"):
        rl.study_effects(rows.assign(scale_max=[np.nan, 100.0]), "MD")


def test_a_printed_difference_and_its_limits_are_rescaled_and_a_shifted_scale_too():
    rows = pd.DataFrame(
        {
            "trial": ["A"],
            "measure": ["MD"],
            "estimate": [-1.0],
            "ci_low": [-2.0],
            "ci_high": [0.0],
            "contrast": "int-ctl",
            "scale_min": 1.0,
            "scale_max": 11.0,
            "onto_min": 0.0,
            "onto_max": 100.0,
        }
    )
    effect = rl.study_effects(rows, "MD").iloc[0]
    assert effect[["estimate", "ci_low", "ci_high"]].astype(float).tolist() == pytest.approx([-10, -20, 0])
