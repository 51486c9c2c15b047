"""What a table says it holds is honoured: by the asymmetry tests, and by everything that prints an effect."""

import warnings

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.synthesis.wording import figures, heading

K = 12
RNG = np.random.default_rng(11)
N = RNG.integers(30, 120, K)
COUNTS = {
    "trial": [f"T{i}" for i in range(K)],
    "events_int": RNG.integers(3, 20, K),
    "n_int": N,
    "events_ctl": RNG.integers(3, 25, K),
    "n_ctl": N + 2,
}
MEANS = {
    "mean_int": RNG.normal(2, 1, K),
    "sd_int": [2.0] * K,
    "n_int": N,
    "mean_ctl": [1.0] * K,
    "sd_ctl": [2.1] * K,
    "n_ctl": N + 2,
}
TESTS = {
    "egger": rl.egger,
    "begg": rl.begg,
    "peters": rl.peters,
    "harbord": rl.harbord,
    "funnel_smd": rl.funnel_smd,
    "pet_peese": rl.pet_peese,
}
# measure -> the tests that run without a word, and those that run with a caution; the others are refused
SUITABLE = {
    "OR": ("peters harbord", "egger begg pet_peese"),
    "PETO": ("peters harbord", "egger begg pet_peese"),
    "RR": ("egger begg pet_peese", ""),
    "RD": ("egger begg pet_peese", ""),
    "MD": ("egger begg pet_peese", ""),
    "SMD": ("funnel_smd", "egger begg pet_peese"),
    "SMDH": ("funnel_smd", "egger begg pet_peese"),
    "ROM": ("egger begg pet_peese", ""),
}
INSTEAD = {"OR": "harbord or peters", "PETO": "harbord or peters", "SMD": "funnel_smd", "SMDH": "funnel_smd"}


def table(measure):
    return rl.effect_sizes(MEANS if measure in ("MD", "SMD", "SMDH", "ROM") else COUNTS, measure)


@pytest.mark.parametrize("measure", SUITABLE)
@pytest.mark.parametrize("test", TESTS)
def test_an_asymmetry_test_honours_the_measure_of_the_table(test, measure):
    plain, cautioned = (names.split() for names in SUITABLE[measure])
    said = INSTEAD.get(measure, "egger")
    for studies in (table(measure), rl.meta_analysis(table(measure))):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if test in plain + cautioned:
                TESTS[test](studies)
            else:
                with pytest.raises(rl.EvidenceError, match=f"the table holds {measure} .*use {said}"):
                    TESTS[test](studies)
        told = [str(w.message) for w in caught if "alone can lean a funnel" in str(w.message)]
        assert bool(told) == (test in cautioned)
        assert all(f"use {said}" in text for text in told)


def test_a_table_that_names_no_measure_is_tested_as_it_is():
    plain = pd.DataFrame(table("RR").to_dict("list"))
    assert rl.peters(plain).k == rl.harbord(plain).k == K


# ------------------------------------------------------------------------------------------ shown and headed


def test_subgroups_of_ratios_are_printed_as_ratios():
    studies = table("OR").assign(kind=["a"] * 6 + ["b"] * 5 + ["c"])
    groups = rl.subgroups(studies, "kind", ci="wald")
    ratio = np.exp(rl.meta_analysis(studies[:6], ci="wald").estimate)
    line = next(row for row in groups.summary().splitlines() if row.split()[0] == "a")
    assert f" {ratio:.2f} " in line and "OR" in groups.summary().splitlines()[0]
    assert f"a: OR {ratio:.2f} (95% CI" in str(groups)
    assert groups.to_frame()["estimate"][0] == pytest.approx(np.log(ratio))  # the frame keeps the analysis scale


def test_a_subgroup_of_one_study_and_one_without_a_usable_study_are_named():
    studies = table("OR").assign(kind=["a"] * 6 + ["b"] * 4 + ["c", "d"], excluded=[None] * 11 + ["no numbers"])
    groups = rl.subgroups(studies, "kind", ci="wald")
    for text in (str(groups), groups.summary(), groups.to_json()):
        assert "not in the test, one study each: c" in text and "no usable study: d" in text
    shared = rl.subgroups(studies, "kind", shared_tau2=True, ci="wald")
    assert "not in the test" not in str(shared) and "no usable study: d" in str(shared)


GROUP = {"events": [4, 9, 12, 3, 8], "n": [40, 61, 55, 30, 48]}


def test_a_freeman_tukey_pool_is_shown_as_a_proportion_at_the_harmonic_mean_of_n():
    studies = rl.effect_sizes(GROUP, "PFT")
    fit = rl.meta_analysis(studies)
    n = np.array(GROUP["n"])
    p = rl.back_transform(fit.estimate, "PFT", n)
    assert str(fit).startswith(f"proportion {p:.2f} (95% CI ")
    assert f"transformed back at the harmonic mean of n, {len(n) / np.sum(1 / n):.4g}" in fit.methods
    groups = rl.subgroups(studies.assign(kind=list("aaabb")), "kind")
    first = rl.back_transform(groups["a"].estimate, "PFT", n[:3])
    assert f"a: proportion {first:.2f} (95% CI" in str(groups)
    bare = rl.meta_analysis(studies.drop(columns="n"))
    assert str(bare).startswith("Freeman-Tukey proportion (not transformed back) ")


@pytest.mark.parametrize(
    ("measure", "data", "head"),
    [
        ("ZCOR", {"r": [0.2, 0.4, 0.3], "n": [40, 50, 60]}, "correlation"),
        ("PLO", GROUP, "proportion"),
        ("PLN", GROUP, "proportion"),
        ("PAS", GROUP, "proportion"),
        ("PR", GROUP, "PR"),
        ("COR", {"r": [0.2, 0.4, 0.3], "n": [40, 50, 60]}, "COR"),
    ],
)
def test_transformed_measures_are_headed_as_what_is_shown(measure, data, head):
    studies = rl.effect_sizes(data, measure)
    fit = rl.meta_analysis(studies)
    shown = rl.back_transform(fit.estimate, measure)
    for result in (fit, rl.bayesian(studies, ("half-normal", 0.5)), rl.meta_analysis(studies, method="CE")):
        assert str(result).startswith(f"{head} ")
    assert f"{head} {shown:.2f} (" in str(fit)
    assert f", {head} ranges from " in str(rl.leave_one_out(studies))
    for plot in (rl.plots.forest_table,) if hasattr(rl.plots, "forest_table") else ():
        assert head.lower() in str(plot(studies, fit)).lower()


def test_every_result_on_a_transformed_scale_uses_one_wording():
    assert heading("RR") == "RR" and heading(None) == "effect" and heading("PFT", 40) == "proportion"
    assert figures("PLO", 0.0, -1.0) == ["0.50", "0.27"] and figures("PFT", 0.5)[0] == "0.50"


def test_the_printed_limits_of_a_ratio_off_the_middle_stand_in_the_table_of_the_pool(tmp_path):
    from reviewlib.exchange.quickpool import pool_file

    (tmp_path / "hr.csv").write_text("study,HR,lower,upper\nA,0.80,0.50,1.00\nB,0.70,0.50,0.98\nC,0.90,0.70,1.16\n")
    text = str(pool_file(tmp_path / "hr.csv", "HR"))
    assert "0.80 (0.50 to 1.00)" in text and "not in the middle of its limits: A" in text
