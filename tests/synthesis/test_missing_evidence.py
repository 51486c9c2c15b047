"""Funnel tests, trim and fill, PET-PEESE and the selection model against metafor and lm."""

import itertools
import json
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from reviewlib.errors import EvidenceError, MethodWarning, TooFewStudiesError
from reviewlib.synthesis import (
    begg,
    egger,
    funnel_smd,
    harbord,
    meta_analysis,
    pet_peese,
    peters,
    selection_model,
    trim_and_fill,
)
from reviewlib.synthesis.rank_test import kendall

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "missing_evidence.json").read_text())
SETS = [name for name, value in GOLDEN.items() if isinstance(value, dict) and "lm" in value]
TRIMS = [(name, key) for name in SETS for key, value in GOLDEN[name]["trim"].items() if value]
# Where metafor's delta stays inside its bounds, and its maximum is the highest (for the other see below).
FITTED = [
    (name, side)
    for name in SETS
    for side in ("greater", "less")
    if (GOLDEN[name].get(f"sel_{side}") or {"delta": 101})["delta"] < 100 and (name, side) != ("egger2001", "less")
]

pytestmark = pytest.mark.filterwarnings("ignore:tied ranks:reviewlib.errors.MethodWarning")


def table(name):
    return pd.DataFrame(GOLDEN[name]["data"]).rename(columns={"y": "estimate", "v": "variance"})


def close(got, want, rtol=GOLDEN["rtol"]):
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(want, float), rtol=rtol)


@pytest.mark.parametrize("name", SETS)
def test_egger_matches_regtest(name):
    want = GOLDEN[name]
    lm = egger(table(name))
    close(
        [lm.statistic, lm.pvalue, lm.limit, *lm.limit_ci, lm.df],
        [want["lm"][n] for n in ("z", "p", "est", "low", "high", "df")],
    )
    close([lm.intercept, lm.intercept_se], [want["pet"]["bias"], want["pet"]["se"]])
    rma = egger(table(name), "rma")
    close(
        [rma.statistic, rma.pvalue, rma.limit, *rma.limit_ci],
        [want["rma"][n] for n in ("z", "p", "est", "low", "high")],
    )
    close(rma.intercept, want["rma"]["bias"])
    knha = egger(table(name), "rma", ci="hksj")
    close([knha.statistic, knha.pvalue], [want["knha"]["z"], want["knha"]["p"]])


@pytest.mark.parametrize("name", SETS)
def test_begg_matches_ranktest(name):
    got = begg(table(name))
    close([got.statistic, got.pvalue], [GOLDEN[name]["begg"]["tau"], GOLDEN[name]["begg"]["p"]], 1e-12)


@pytest.mark.parametrize("name", ["egger2001", "bcg"])
@pytest.mark.parametrize("test", [peters, harbord])
def test_tests_for_odds_ratios_match_lm(name, test):
    data = GOLDEN["binary"][name]
    got = test(pd.DataFrame(data["data"]).rename(columns={"y": "estimate", "v": "variance"}))
    want = data[test.__name__]
    close(
        [got.intercept, got.intercept_se, got.statistic, got.pvalue, got.limit, got.limit_se],
        [want[n] for n in ("bias", "se", "t", "p", "limit", "limit_se")],
    )


def test_sample_size_test_for_smd_matches_lm():
    data = GOLDEN["raudenbush1985"]
    got = funnel_smd(table("raudenbush1985").assign(n_int=data["n_int"], n_ctl=data["n_ctl"]))
    close([got.intercept, got.statistic, got.pvalue], [data["psr"][n] for n in ("bias", "t", "p")])


def test_size_weights_keep_the_effect_out_of_the_weights():
    rows = table("raudenbush1985").assign(
        n_int=GOLDEN["raudenbush1985"]["n_int"], n_ctl=GOLDEN["raudenbush1985"]["n_ctl"]
    )
    size = 1 / rows["n_int"] + 1 / rows["n_ctl"]
    by_hand = egger(rows.assign(variance=size))
    got = funnel_smd(rows, weights="size")
    close([got.intercept, got.statistic, got.limit], [by_hand.intercept, by_hand.statistic, by_hand.limit], 1e-12)


@pytest.mark.parametrize("name", SETS)
def test_pet_peese_matches_lm(name):
    got, want = pet_peese(table(name)), GOLDEN[name]
    close([got.pet_estimate, got.pet_se, got.pet_pvalue], [want["pet"][n] for n in ("limit", "limit_se", "limit_p")])
    close([got.peese_estimate, got.peese_se], [want["peese"]["limit"], want["peese"]["limit_se"]])
    assert got.chosen == ("PEESE" if want["pet"]["limit_p"] < 0.10 else "PET")
    assert got.to_frame().query("chosen")["estimate"].item() == got.estimate


@pytest.mark.parametrize(("name", "key"), TRIMS)
def test_trim_and_fill_matches_trimfill(name, key):
    method, estimator, side = key.split("_")
    want = GOLDEN[name]["trim"][key]
    got = trim_and_fill(table(name), method="CE" if method == "FE" else method, estimator=estimator, side=side)
    assert got.k0 == want["k0"]
    close([got.estimate, got.se, *got.ci], [want["est"], want["se"], want["low"], want["high"]])
    close(got.k0_se if got.k0_se is not None else np.nan, np.nan if want["se_k0"] == "NaN" else want["se_k0"] or np.nan)
    filled = got.studies[got.studies["filled"]]["estimate"]
    close(sorted(filled), sorted(np.ravel(want["filled"])) if want["k0"] else [])


@pytest.mark.parametrize("name", SETS)
def test_side_is_chosen_as_metafor_chooses(name):
    assert trim_and_fill(table(name)).side == GOLDEN[name]["trim_auto"]


@pytest.mark.parametrize(("name", "side"), FITTED)
def test_selection_model_matches_selmodel(name, side):
    want = GOLDEN[name][f"sel_{side}"]
    got = selection_model(table(name), alternative=side)
    close([got.estimate, got.tau2, got.delta[1], got.loglik], [want[n] for n in ("est", "tau2", "delta", "ll")], 1e-8)
    close([got.se, got.tau2_se, got.delta_se[1]], [want[n] for n in ("se", "se_tau2", "se_delta")], 1e-7)
    close(got.lrt, 2 * (want["ll"] - want["ll0"]), 1e-8)
    # metafor as it comes, with its own stopping rule
    close([got.estimate, got.lrt], [want["metafor"]["est"], want["metafor"]["lrt"]], 2e-5)
    assert got.converged


def test_selection_model_finds_the_higher_of_two_maxima():
    want = GOLDEN["egger2001"]["sel_less"]
    got = selection_model(table("egger2001"), alternative="less")
    assert got.loglik > want["ll"] + 1.5 and got.tau2 == 0.0 and got.converged


def test_selection_that_never_ends_is_said():
    v = np.linspace(0.01, 0.2, 20)
    z = np.r_[1.97, np.linspace(1.5, 1.95, 19)]
    with pytest.warns(MethodWarning, match="keeps rising"):
        got = selection_model(pd.DataFrame({"estimate": z * np.sqrt(v), "variance": v}))
    assert got.delta[1] == pytest.approx(100) and got.delta_se[1] is None and not got.converged
    assert got.se > 0


def test_unselected_data_give_delta_near_one():
    rng = np.random.default_rng(5)
    v = rng.uniform(0.01, 0.2, 2000)
    rows = pd.DataFrame({"estimate": rng.normal(0.2, np.sqrt(v + 0.05)), "variance": v})
    got = selection_model(rows)
    assert abs(got.delta[1] - 1) < 3 * got.delta_se[1] and abs(got.estimate - 0.2) < 3 * got.se


def test_selected_data_are_recovered():
    rng = np.random.default_rng(6)
    v = rng.uniform(0.02, 0.2, 6000)
    y = rng.normal(0.15, np.sqrt(v + 0.04))
    kept = (y / np.sqrt(v) > 1.959964) | (rng.random(6000) < 0.3)
    rows = pd.DataFrame({"estimate": y[kept], "variance": v[kept]})
    got = selection_model(rows)
    assert abs(got.delta[1] - 0.3) < 3 * got.delta_se[1] and abs(got.estimate - 0.15) < 3 * got.se
    assert meta_analysis(rows).estimate > got.estimate + 0.05 and got.lrt_pvalue < 1e-6


def test_exact_kendall_counts_every_order():
    x = np.array([0.3, -1.0, 2.0, 0.9, -0.2])
    scores = [
        sum(np.sign(b - a) for a, b in itertools.combinations(order, 2)) for order in itertools.permutations(range(5))
    ]
    for order in [(0, 1, 2, 3, 4), (2, 0, 1, 4, 3), (4, 2, 3, 0, 1)]:
        y = np.array(order, float)
        tau, p, exact = kendall(np.sort(x), y)
        score = sum(np.sign(b - a) for a, b in itertools.combinations(order, 2))
        tail = sum(abs(s) >= abs(score) for s in scores) / factorial(5)
        assert exact and tau == pytest.approx(score / 10) and p == pytest.approx(min(1.0, tail))


numbers = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=12, max_size=12, unique=True)
spreads = st.lists(st.floats(0.01, 0.5).map(lambda x: round(x, 3)), min_size=12, max_size=12, unique=True)


@settings(max_examples=25)
@given(numbers, spreads, st.sampled_from([1e-6, 1e6]), st.permutations(range(12)))
@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_mirror_scale_and_order(y, v, factor, order):
    rows = pd.DataFrame({"estimate": y, "variance": v})
    mirror = rows.assign(estimate=-rows["estimate"]).iloc[list(order)]
    scaled = rows.assign(estimate=factor * rows["estimate"], variance=factor**2 * rows["variance"])
    e, m, s = egger(rows), egger(mirror), egger(scaled)
    assert m.statistic == pytest.approx(-e.statistic, rel=1e-6, abs=1e-9)
    assert s.statistic == pytest.approx(e.statistic, rel=1e-6, abs=1e-9)
    assert begg(mirror).statistic == pytest.approx(-begg(rows).statistic)
    left, right = trim_and_fill(rows, side="left"), trim_and_fill(mirror, side="right")
    assert left.k0 == right.k0 and right.estimate == pytest.approx(-left.estimate, rel=1e-7, abs=1e-9)
    assert trim_and_fill(scaled, side="left").estimate == pytest.approx(
        factor * left.estimate, rel=1e-7, abs=1e-9 * factor
    )
    p, q = pet_peese(rows), pet_peese(mirror)
    assert q.estimate == pytest.approx(-p.estimate, rel=1e-6, abs=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from([1e-5, 1e5]))
def test_selection_model_mirrors_and_scales(seed, factor):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.2, 30)
    rows = pd.DataFrame({"estimate": rng.normal(0.3, np.sqrt(v + 0.05)), "variance": v})
    fit = selection_model(rows)
    mirror = selection_model(rows.assign(estimate=-rows["estimate"]), alternative="less")
    scaled = selection_model(rows.assign(estimate=factor * rows["estimate"], variance=factor**2 * v))
    assert mirror.estimate == pytest.approx(-fit.estimate, rel=1e-6, abs=1e-7)
    assert scaled.estimate == pytest.approx(factor * fit.estimate, rel=1e-6, abs=1e-7 * factor)
    assert mirror.delta[1] == pytest.approx(fit.delta[1], rel=1e-6)


def test_symmetric_funnel_is_left_alone():
    y = np.array([-0.5, 0.5, -0.3, 0.3, -0.2, 0.2, -0.1, 0.1, 0.0, 0.05, -0.05])
    rows = pd.DataFrame({"estimate": y, "variance": [0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.01, 0.02, 0.02]})
    assert trim_and_fill(rows, side="left").k0 == 0
    assert egger(rows).intercept == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("test", [egger, begg, pet_peese, trim_and_fill, selection_model])
def test_under_ten_studies_is_refused_unless_insisted(test):
    rows = table("bcg").iloc[:9] if test is not selection_model else table("molloy2014").iloc[:9]
    with pytest.raises(TooFewStudiesError, match="at least ten studies, got 9"):
        test(rows)
    assert test(rows, insist=True).k >= 9
    with pytest.raises(TooFewStudiesError, match="at least three"):
        test(rows.iloc[:2], insist=True)


@pytest.mark.parametrize("test", [egger, begg, pet_peese, trim_and_fill])
def test_results_say_what_asymmetry_is_not(test):
    got = test(table("hackshaw1998"))
    assert "not publication bias" in str(got) and got.methods
    assert len(got.to_frame()) >= 1 and json.loads(got.to_json())["k"] >= 37


def test_filled_studies_are_marked():
    rows = table("hackshaw1998").assign(study=[f"s{i}" for i in range(37)])
    got = trim_and_fill(rows)
    assert got.k0 == 7 and got.studies["filled"].sum() == 7 and got.fit.k == 44
    assert list(got.studies["study"])[-1] == "Filled 7" and "sensitivity analysis only" in str(got)


def test_trials_without_events_leave_the_binary_tests_with_a_reason():
    data = pd.DataFrame(GOLDEN["binary"]["egger2001"]["data"]).rename(columns={"y": "estimate", "v": "variance"})
    data.loc[0, ["events_int", "events_ctl"]] = 0
    got = peters(data)
    assert got.k == 15 and "no weight in the test" in got.studies["excluded"][0]
    data.loc[1, "events_int"] = 10_000
    with pytest.raises(EvidenceError, match="events must lie between"):
        harbord(data)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: egger(t.assign(variance=0.1)), "the same in all studies"),
        (lambda t: egger(t, "ols"), "lm"),
        (lambda t: egger(t, "rma", ci="t"), "hksj"),
        (lambda t: begg(t.assign(estimate=0.3)), "nothing to rank"),
        (lambda t: trim_and_fill(t.assign(estimate=0.3)), "all effects are equal"),
        (lambda t: trim_and_fill(t, estimator="Q0"), "R0"),
        (lambda t: trim_and_fill(t.assign(variance=0.1)), "equally precise"),
        (lambda t: selection_model(t, steps=(0.5, 0.1)), "rising P values"),
        (lambda t: selection_model(t, alternative="both"), "greater"),
        (lambda t: selection_model(t.assign(estimate=-1.0)), "no study has a one-sided P value"),
        (lambda t: peters(t), "no column 'events_int'"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(EvidenceError, match=words):
        call(table("hackshaw1998"))


def test_points_on_a_line_leave_nothing_to_test():
    rows = table("hackshaw1998").assign(estimate=lambda t: 0.1 + np.sqrt(t["variance"]))
    with pytest.warns(MethodWarning, match="exactly on a line"):
        assert egger(rows).pvalue is None


@pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")
def test_ratios_are_shown_as_ratios():
    rows = table("bcg")
    rows.attrs["measure"] = "RR"
    pooled = np.exp(meta_analysis(rows).estimate)
    assert f"unfilled RR {pooled:.2f}".replace("RR ", "") in str(trim_and_fill(rows))
    for fit in (trim_and_fill(rows), pet_peese(rows), selection_model(rows, alternative="less")):
        assert f"RR {np.exp(fit.estimate):.2f} (95% CI {np.exp(fit.ci.low):.2f} to" in str(fit)
        assert fit.estimate < 0


@pytest.mark.parametrize("turns", [[1, 2], [3, 1, 2]])
def test_trim_and_fill_that_goes_round_stops_and_says_so(monkeypatch, turns):
    from reviewlib.synthesis import filled_funnel

    calls = itertools.cycle(turns)
    monkeypatch.setattr(filled_funnel, "_missing", lambda centred, estimator: (next(calls), 1.0))
    with pytest.warns(MethodWarning, match="goes round without settling"):
        got = trim_and_fill(table("hackshaw1998"), side="left")
    assert got.k0 in turns and got.fit.k == 37 + got.k0
