"""An effect is of the measure that its table says: nothing pools several, or shows one on the scale of another."""

import pandas as pd
import pytest

import reviewlib as rl

PRINTED = {"trial": list("ABC"), "estimate": [1.5, 2.0, 1.2], "ci_low": [1.1, 1.2, 0.9], "ci_high": [2.05, 3.33, 1.6]}
EFFECTS = {"study": list("ABC"), "estimate": [-1.0, -0.5, -0.7], "variance": [0.1, 0.1, 0.2]}
MEANS = dict(mean_int=[1.0, 2.0], sd_int=[1.0, 1.0], n_int=[20, 20], mean_ctl=[2.0, 2.5], sd_ctl=[1.0, 1.0])
POOLS = {
    "meta_analysis": rl.meta_analysis,
    "leave_one_out": rl.leave_one_out,
    "cumulative": rl.cumulative,
    "bayesian": lambda table, **more: rl.bayesian(table, prior=("half-normal", 0.5), **more),
    "forest": lambda table, **more: rl.plots.forest(table, **more),
}


@pytest.mark.parametrize("words", [["OR", "OR", "OR"], ["MD", "MD", "odds ratio"]])
def test_no_hazard_ratio_is_read_from_estimates_of_another_measure(words):
    with pytest.raises(rl.EvidenceError, match="estimate holds .*, as the column measure says, and HR was asked for"):
        rl.effect_sizes({**PRINTED, "measure": words}, "HR")
    assert len(rl.effect_sizes({**PRINTED, "measure": ["HR", None, "hazard ratio"]}, "HR")) == 3


@pytest.mark.parametrize("name", ["meta_analysis", "leave_one_out", "cumulative", "bayesian"])
@pytest.mark.parametrize("kind", [dict, pd.DataFrame])
def test_effects_of_several_measures_are_not_pooled(name, kind):
    with pytest.raises(rl.EvidenceError, match=r"of several measures \(MD, OR\)"):
        POOLS[name](kind({**EFFECTS, "measure": ["OR", "MD", "OR"]}))


def test_estimates_of_several_measures_stay_apart_after_they_were_read():
    effects = rl.effect_sizes({**PRINTED, "measure": ["OR", "MD", "RR"]}, "GEN")
    with pytest.raises(rl.EvidenceError, match=r"of several measures \(MD, OR, RR\)"):
        rl.meta_analysis(effects)
    left = effects.assign(excluded=[None, "another measure", "another measure"])
    with pytest.raises(rl.TooFewStudiesError):
        rl.meta_analysis(left)


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("told", ["attrs", "column"])
def test_effects_of_one_measure_are_not_shown_as_another(name, told):
    table = pd.DataFrame(EFFECTS)
    if told == "attrs":
        table.attrs["measure"] = "MD"
    else:
        table["measure"] = "mean difference"
    with pytest.raises(rl.EvidenceError, match="the effects are MD, as the table says, and RR is asked for"):
        POOLS[name](table, measure="RR")
    POOLS[name](table, measure="MD")


def test_computed_differences_are_not_shown_as_ratios():
    effects = rl.effect_sizes({**MEANS, "n_ctl": [20, 20]}, "MD")
    for given in (effects, rl.meta_analysis(effects)):
        with pytest.raises(rl.EvidenceError, match="the effects are MD"):
            rl.meta_analysis(given, measure="RR")


def test_a_column_of_instruments_is_no_column_of_measures():
    assert rl.meta_analysis({**EFFECTS, "measure": ["RMDQ", "ODI", "RMDQ"]}, measure="SMD").k == 3
