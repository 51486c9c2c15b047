"""Mantel-Haenszel, its exact test and Peto against metafor and R, and by their own identities."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "tables.json").read_text())
SETS, RTOL = GOLDEN["sets"], GOLDEN["rtol"]
FIELDS = ("estimate", "se", "statistic", "pvalue", "q", "q_pvalue", "i2", "h2")


def table(name):
    t = SETS[name]["table"]
    return pd.DataFrame({"events_int": t["a"], "n_int": t["n1"], "events_ctl": t["c"], "n_ctl": t["n2"]})


def agrees(got, want, fields=FIELDS):
    for name in fields:
        assert getattr(got, name) == pytest.approx(want[name], rel=RTOL, abs=1e-14), name
    assert got.ci == pytest.approx(want["ci"], rel=RTOL)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_mantel_haenszel(name, measure):
    want = SETS[name][measure]
    got = rl.mantel_haenszel(table(name), measure)
    agrees(got, want)
    assert got.k_effects == want["k_effects"]
    if measure == "OR":
        agrees(got, want, ("cmh", "cmh_pvalue", "tarone", "tarone_pvalue"))
        plain = rl.mantel_haenszel(table(name), "OR", continuity=False)
        agrees(plain, SETS[name]["OR_no_continuity"], ("cmh", "cmh_pvalue"))


@pytest.mark.parametrize("name", SETS)
def test_corrections_are_explicit_and_as_metafor(name):
    some = rl.mantel_haenszel(table(name), "OR", correction=0.5)
    agrees(some, SETS[name]["OR_corrected"], ("estimate", "se"))
    every = rl.mantel_haenszel(table(name), "RR", correction=0.5, to="all")
    agrees(every, SETS[name]["RR_corrected_all"], ("estimate", "se"))
    assert every.correction == "0.5 added to every table"


@pytest.mark.parametrize("name", SETS)
def test_peto(name):
    agrees(rl.peto(table(name)), SETS[name]["peto"], ("estimate", "se", "statistic", "pvalue", "q"))


@pytest.mark.parametrize("measure", ["IRR", "IRD"])
def test_rates(measure):
    t = GOLDEN["rates"]["table"]
    rates = {"events_int": t["x1i"], "time_int": t["t1i"], "events_ctl": t["x2i"], "time_ctl": t["t2i"]}
    got = rl.mantel_haenszel(rates, measure)
    agrees(got, GOLDEN["rates"][measure])
    if measure == "IRR":
        agrees(got, GOLDEN["rates"]["IRR"], ("cmh", "cmh_pvalue"))


@pytest.mark.parametrize("name", [name for name in SETS if "pvalue" in (SETS[name]["exact"] or {})])
def test_exact_conditional_test(name):
    want = SETS[name]["exact"]
    got = rl.mantel_haenszel(table(name), "OR").exact()
    assert got.pvalue == pytest.approx(want["pvalue"], rel=1e-9)
    # R's uniroot stops at its default tolerance, about four digits
    assert got.odds_ratio == pytest.approx(want["odds_ratio"], rel=1e-3)
    assert got.ci == pytest.approx(want["ci"], rel=2e-3)


def test_double_zero_tables_are_kept_and_named():
    got = rl.mantel_haenszel(table("double_zeros"), "OR")
    assert len(got.studies) == 6
    reasons = got.studies["excluded"]
    assert reasons.notna().tolist() == [True, False, False, False, True, False]
    assert "2 without an effect of their own" in got.methods
    without = rl.mantel_haenszel(table("double_zeros").drop(index=[0, 4]), "OR")
    assert (without.estimate, without.se) == pytest.approx((got.estimate, got.se), rel=1e-14)


def test_one_table_is_its_own_odds_ratio():
    one = rl.mantel_haenszel({"events_int": [10], "n_int": [30], "events_ctl": [4], "n_ctl": [28]}, "OR")
    assert one.estimate == pytest.approx(np.log(10 * 24 / (20 * 4)), rel=1e-14)
    assert one.se == pytest.approx(np.sqrt(1 / 10 + 1 / 20 + 1 / 4 + 1 / 24), rel=1e-14)


def test_swapping_the_arms_turns_the_sign():
    t = table("lee2004")
    swapped = t.rename(columns=lambda c: c.replace("int", "x").replace("ctl", "int").replace("x", "ctl"))
    for measure in ("OR", "RR", "RD"):
        a, b = rl.mantel_haenszel(t, measure), rl.mantel_haenszel(swapped, measure)
        assert (a.estimate, a.se, a.pvalue) == pytest.approx((-b.estimate, b.se, b.pvalue), rel=1e-11)


def test_refusals():
    t = {"events_int": [0, 0], "n_int": [20, 30], "events_ctl": [3, 4], "n_ctl": [20, 30]}
    with pytest.raises(rl.EvidenceError, match="pooled OR does not exist"):
        rl.mantel_haenszel(t, "OR")
    with pytest.raises(rl.EvidenceError, match="not 'SMD'"):
        rl.mantel_haenszel(t, "SMD")
    with pytest.raises(rl.EvidenceError, match="counts as they are"):
        rl.mantel_haenszel(t, "OR", correction=0.5).exact()
    none = {"events_int": [0, 0], "n_int": [20, 30], "events_ctl": [0, 0], "n_ctl": [20, 30]}
    with pytest.raises(rl.EvidenceError, match="Peto's odds ratio does not exist"):
        rl.peto(none)


def test_a_pool_of_tables_is_printed_as_its_sentence():
    """Two tables of 10 of 100 against 20 of 100: 10/200 * 90/200 over 90 * 20 gives 1/2 as the risk ratio."""
    rows = pd.DataFrame({"events_int": [10, 10], "n_int": [100, 100], "events_ctl": [20, 20], "n_ctl": [100, 100]})
    both, one = rl.mantel_haenszel(rows, "RR"), rl.mantel_haenszel(rows[:1], "RR")
    low, high = (f"{np.exp(limit):.2f}" for limit in both.ci)
    assert str(both) == f"RR 0.50 (95% CI {low} to {high}; 2 studies; Mantel-Haenszel)"
    assert "; 1 study; " in str(one)
