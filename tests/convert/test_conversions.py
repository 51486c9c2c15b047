"""Conversions: identities first, then printed examples, then R's numbers, then refusals."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

import reviewlib as rl
from reviewlib import convert

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "convert.json").read_text())
SD = st.floats(0.05, 50)
N = st.integers(3, 500)
MEAN = st.floats(-100, 100)


# Identities -----------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(MEAN, min_size=2, max_size=12), min_size=2, max_size=4))
def test_combined_groups_are_the_groups_combined(groups):
    pooled = np.concatenate(groups)
    got = convert.combine_groups(
        [len(g) for g in groups], [np.mean(g) for g in groups], [np.std(g, ddof=1) for g in groups]
    )
    assert got == pytest.approx((len(pooled), pooled.mean(), pooled.std(ddof=1)), rel=1e-8, abs=1e-9)


@given(N, MEAN, SD, N, MEAN, SD)
def test_combining_does_not_depend_on_order_and_mirrors_with_the_sign(n1, m1, s1, n2, m2, s2):
    one = convert.combine_groups(n1, m1, s1, n2, m2, s2)
    assert convert.combine_groups(n2, m2, s2, n1, m1, s1) == pytest.approx(one, abs=1e-9)
    assert convert.combine_groups([n1, n2], [-m1, -m2], [s1, s2]) == pytest.approx((one.n, -one.mean, one.sd), abs=1e-9)


def test_combining_takes_arrays_of_trials():
    n, mean, sd = convert.combine_groups([[40, 30], [25, 20]], [[-2, 1], [1.5, 2]], [[3, 2], [2, 2]])
    assert mean.shape == sd.shape == n.shape == (2,)
    assert sd[1] == pytest.approx(convert.combine_groups(30, 1, 2, 20, 2, 2).sd)


@given(MEAN, SD, N, st.floats(0.5, 0.999))
def test_sd_survives_the_way_through_se_ci_t_and_p(mean, sd, n, level):
    mean = mean or 1.0
    se = sd / math.sqrt(n)
    low, high = convert.ci_from_se(mean, se, level, df=n - 1)
    assert convert.sd_from_se(se, n) == pytest.approx(sd)
    assert convert.sd_from_ci(low, high, n, level) == pytest.approx(sd, rel=1e-6)
    if 1e-3 < abs(mean / se) < 30:
        assert convert.sd_from_t(mean, mean / se, n) == pytest.approx(sd)
        p = convert.p_from_statistic(mean / se, df=n - 1)
        assert convert.sd_from_p(mean, p, n) == pytest.approx(sd, rel=1e-6)


@given(SD, SD, st.floats(-0.99, 0.99))
def test_correlation_and_sd_of_change_are_inverse(before, after, r):
    change = convert.sd_of_change(before, after, r)
    # The correlation hangs on a small part of the sum of squares when one SD dwarfs the other.
    loose = 1e-9 * (before / after + after / before) ** 2
    assert convert.correlation_from_sds(before, after, change) == pytest.approx(r, abs=loose)


@given(SD, N, N)
def test_pooled_sd_and_se_of_difference_are_inverse(sd, n1, n2):
    se = sd * math.sqrt(1 / n1 + 1 / n2)
    assert convert.sd_from_se_of_difference(se, n1, n2) == pytest.approx(sd)


@given(st.floats(-3, 3), st.floats(0.02, 2))
def test_ratio_interval_gives_its_se_back_and_is_centred(log_ratio, se):
    low, high = convert.ratio_ci_from_log_se(log_ratio, se)
    assert convert.se_from_ratio_ci(low, high) == pytest.approx(se)
    assert convert.geometric_mean(low, high) == pytest.approx(math.exp(log_ratio))
    assert convert.midpoint_check(math.exp(log_ratio), low, high, ratio=True) == pytest.approx(0, abs=1e-7)


@given(st.floats(-2, 2), st.floats(0.01, 0.99))
def test_responders_mirror_and_meet_at_no_effect(smd, p):
    for method in ("logistic", "normal"):
        assert convert.smd_to_responders(0.0, p, method) == pytest.approx(p)
        assert convert.smd_to_responders(-smd, 1 - p, method) == pytest.approx(
            1 - convert.smd_to_responders(smd, p, method)
        )
    assert convert.log_or_to_smd(convert.smd_to_log_or(smd)) == pytest.approx(smd)
    assert convert.absolute_risk(math.exp(convert.smd_to_log_or(smd)), p, "OR") == pytest.approx(
        convert.smd_to_responders(smd, p)
    )


@given(st.floats(-5, 5), SD, st.floats(-5, 5))
def test_shares_beyond_a_threshold_are_complementary(mean, sd, threshold):
    lower = convert.share_beyond(mean, sd, threshold, "lower")
    assert lower + convert.share_beyond(mean, sd, threshold, "higher") == pytest.approx(1)
    assert convert.share_beyond(-mean, sd, -threshold, "higher") == pytest.approx(lower)


def test_a_split_group_adds_up_and_clusters_of_one_change_nothing():
    n, events = convert.split_group(133, 3, events=40)
    assert (3 * n, 3 * events) == pytest.approx((133, 40))
    assert convert.effective_n(120, 1, 0.4) == 120 == convert.effective_n(120, 25, 0.0)


# Printed examples -----------------------------------------------------------------------------------------------


def test_printed_examples():
    assert f"{convert.sd_from_ci(30.0, 34.2, n=25):.2f}" == "5.09"
    assert f"{convert.effective_n(120, 10, 0.05):.1f}" == "82.8"
    assert [f"{convert.sd_of_change(10, 12, r):.1f}" for r in (0.2, 0.5, 0.8)] == ["14.0", "11.1", "7.2"]
    assert f"{convert.sd_from_se_of_difference(convert.se_from_ci(-4.0, -1.8), 136, 133):.2f}" == "4.60"
    assert f"{convert.sd_from_se_of_difference(convert.se_from_ci(-3.5, -1.4), 132, 133):.2f}" == "4.36"
    # 3.92, 3.29 and 5.15 are the divisors for large arms at 95, 90 and 99 %.
    assert [f"{2 * convert.quantile(level):.2f}" for level in (0.95, 0.90, 0.99)] == ["3.92", "3.29", "5.15"]
    assert [f"{convert.quantile(0.95, n - 1) / convert.quantile(0.95):.2f}" for n in (25, 11)] == ["1.05", "1.14"]


def test_absolute_means_would_give_a_wrong_sd():
    patients = np.r_[np.linspace(-6, 2, 20), np.linspace(-1, 5, 30)]
    arms = [(len(a), a.mean(), a.std(ddof=1)) for a in (patients[:20], patients[20:])]
    n, mean, sd = zip(*arms, strict=True)
    truth = patients.std(ddof=1)
    assert convert.combine_groups(n, mean, sd).sd == pytest.approx(truth)
    assert convert.combine_groups(n, np.abs(mean), sd).sd < 0.9 * truth


@pytest.mark.parametrize(
    "p, logistic, normal, nnt_logistic, nnt_normal",
    [(0.40, "0.535", "0.519", "7.4", "8.4"), (0.10, None, None, "16.5", "15.8"), (0.60, None, None, "8.3", "9.1")],
)
def test_smd_of_0_30_in_people(p, logistic, normal, nnt_logistic, nnt_normal):
    for method, share, number in (("logistic", logistic, nnt_logistic), ("normal", normal, nnt_normal)):
        got = convert.smd_to_responders(0.30, p, method)
        assert share is None or f"{got:.3f}" == share
        assert str(convert.nnt(got - p, better="higher")) == f"NNTB {number}"
    assert f"{math.exp(convert.smd_to_log_or(0.30)):.2f}" == "1.72"


# Numbers needed to treat ----------------------------------------------------------------------------------------


def test_nnt_turns_with_the_direction_of_the_event():
    assert str(convert.nnt(-0.10, -0.20, -0.05)) == "NNTB 10.0 (5.0 to 20.0)"
    assert str(convert.nnt(-0.10, -0.20, -0.05, better="higher")) == "NNTH 10.0 (5.0 to 20.0)"
    assert convert.nnt(-0.10, -0.20, -0.05) == convert.nnt(0.10, 0.05, 0.20, better="higher")


def test_nnt_runs_through_infinity_where_the_interval_holds_no_effect():
    got = convert.nnt(-0.10, -0.30, 0.10)
    assert str(got) == "NNTB 10.0 (NNTB 3.3 to infinity to NNTH 10.0)"
    assert got.through_infinity and got.ci is None
    assert str(convert.nnt(-0.10, -0.25, 0.0)) == "NNTB 10.0 (NNTB 4.0 to infinity)"
    assert str(convert.nnt(0.0, -0.2, 0.1)) == "no difference, no number (NNTB 5.0 to infinity to NNTH 10.0)"
    assert convert.nnt(0.0).number is None and json.loads(got.to_json())["number"] == pytest.approx(10)


# R's numbers ----------------------------------------------------------------------------------------------------


def test_everyday_conversions_match_r():
    got = {
        "sd_from_ci": convert.sd_from_ci(30, 34.2, 25),
        "se_from_ci_t": convert.se_from_ci(-3.5, -1.4, df=263),
        "se_from_ci_90": convert.se_from_ci(-3.5, -1.4, 0.90),
        "se_from_p_t": convert.se_from_p(-1.3, 0.01, df=166),
        "se_from_p_z": convert.se_from_p(-1.3, 0.01),
        "se_from_ratio_ci": convert.se_from_ratio_ci(1.13, 1.85),
        "responders_logistic": convert.smd_to_responders(0.3, 0.4),
        "responders_normal": convert.smd_to_responders(0.3, 0.4, "normal"),
        "risk_or": convert.absolute_risk(0.8, 0.25, "OR"),
        "risk_hr": convert.absolute_risk(0.8, 0.25, "HR"),
        "share_beyond": convert.share_beyond(-2.9, 4.6, -2.0),
    }
    assert got == pytest.approx(GOLDEN["plain"], rel=GOLDEN["rtol"])


# Refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: convert.sd_from_ci(34.2, 30.0, 25), "lower limit must be below"),
        (lambda: convert.sd_from_ci(30.0, 34.2, 1), "degrees of freedom"),
        (lambda: convert.sd_from_se(-0.5, 20), "standard error must be above 0"),
        (lambda: convert.se_from_p(-1.0, 0.0), "exact P value"),
        (lambda: convert.se_from_p(0.0, 0.5), "estimate of 0"),
        (lambda: convert.se_from_ci(1, 2, level=95), "level is a fraction"),
        (lambda: convert.se_from_ratio_ci(-0.2, 0.5), "limits of a ratio"),
        (lambda: convert.correlation_from_sds(10, 12, 30), "impossible correlation"),
        (lambda: convert.sd_of_change(10, 12, 1.2), "between -1 and 1"),
        (lambda: convert.combine_groups([10, 0], [1, 2], [1, 1]), "n must be above 0"),
        (lambda: convert.absolute_risk(3.0, 0.5), "outside 0 to 1"),
        (lambda: convert.absolute_risk(-0.2, 0.5), "is this a logarithm"),
        (lambda: convert.absolute_risk(0.8, 25), "control risk lies between 0 and 1"),
        (lambda: convert.absolute_risk(0.8, 0.2, "XX"), "measure must be"),
        (lambda: convert.smd_to_responders(0.3, 0.4, "probit"), "method must be"),
        (lambda: convert.share_beyond(1, 1, 1, "down"), "better must be"),
        (lambda: convert.nnt(10), "not a percentage"),
        (lambda: convert.nnt(0.1, low=0.05), "both limits"),
        (lambda: convert.design_effect(10, 1.5), "intracluster"),
        (lambda: convert.split_group(100, 0), "parts must be 1 or more"),
    ],
)
def test_impossible_input_is_refused_in_words(call, message):
    with pytest.raises(rl.ConversionError, match=message):
        call()


def test_a_ratio_off_the_middle_of_its_interval_warns():
    with pytest.warns(rl.MethodWarning, match="off the middle"):
        convert.se_from_ratio_ci(0.5, 2.0, estimate=1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        convert.se_from_ratio_ci(1.13, 1.85, estimate=1.45)


def test_a_standardized_difference_is_told_in_units_of_its_scale():
    assert convert.smd_to_units(-0.5, 24) == pytest.approx(-12.0)
    assert convert.smd_to_units(-0.5, 24) / 24 == pytest.approx(-0.5)


@pytest.mark.parametrize(("low", "high"), [(0, 2), (1, 0), (-1, 2)])
def test_a_ratio_has_no_middle_where_a_limit_is_not_above_nought(low, high):
    with pytest.raises(ValueError, match="limits of a ratio must be above 0"):
        convert.geometric_mean(low, high)
