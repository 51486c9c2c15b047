"""Medians turned into means: printed formulas, exact families, simulation, and the flag that always goes with them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

import reviewlib as rl
from reviewlib import convert

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "convert.json").read_text())
ALL = ("minimum", "q1", "median", "q3", "maximum")
SCENARIO = {"S1": ("minimum", "median", "maximum"), "S2": ("q1", "median", "q3"), "S3": ALL}


def _given(five, scenario):
    return {name: value for name, value in zip(ALL, five, strict=True) if name in SCENARIO[scenario]}


@pytest.mark.parametrize("case", GOLDEN["quantiles"], ids=lambda case: f"n={case['n']}")
@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
def test_closed_forms_match_an_independent_script(case, scenario):
    want = case["values"][scenario]
    args = {"n": case["n"], **_given(case["five"], scenario)}
    wan = convert.mean_sd_from_quantiles(**args, method="wan")
    best = convert.mean_sd_from_quantiles(**args)
    assert (wan.mean, wan.sd) == pytest.approx((want["wan_mean"], want["wan_sd"]), rel=GOLDEN["rtol"])
    assert (best.mean, best.sd) == pytest.approx((want["luo"], want.get("shi_sd", want["wan_sd"])), rel=GOLDEN["rtol"])
    assert (best.skew_statistic, best.skew_critical) == pytest.approx((want["t"], want["crit"]), rel=GOLDEN["rtol"])
    assert best.skewed == (want["t"] >= want["crit"]) and best.scenario == scenario


@given(
    st.floats(-50, 50),
    st.floats(0.1, 20),
    st.sampled_from(["S1", "S2", "S3"]),
    st.sampled_from(["luo-wan-shi", "wan", "qe"]),
)
def test_unit_and_zero_of_the_scale_do_not_matter(shift, scale, scenario, method):
    five = np.array([-3.0, -1.0, 0.2, 1.5, 4.0])  # a negative value: quantile estimation is then normal throughout
    base = convert.mean_sd_from_quantiles(n=40, **_given(five, scenario), method=method)
    moved = _given(shift + scale * five, scenario)
    if method == "qe" and min(moved.values()) >= 0:
        return
    got = convert.mean_sd_from_quantiles(n=40, **moved, method=method)
    assert (got.mean, got.sd) == pytest.approx((shift + scale * base.mean, scale * base.sd), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
@pytest.mark.parametrize(
    "family, law",
    [
        ("log-normal", stats.lognorm(0.6, scale=8)),
        ("gamma", stats.gamma(3, scale=4)),
        ("gamma", stats.gamma(0.6, scale=4)),  # most people near 0
        ("Weibull", stats.weibull_min(1.4, scale=9)),
        ("beta", stats.beta(2, 5)),
        ("normal", stats.norm(2, 9)),
    ],
)
def test_quantile_estimation_gives_back_the_family_whose_quantiles_it_sees(scenario, family, law):
    n = 60
    five = law.ppf([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    got = convert.mean_sd_from_quantiles(n=n, **_given(five, scenario), method="qe")
    assert got.distribution == family
    assert (got.mean, got.sd) == pytest.approx((law.mean(), law.std()), rel=2e-5)


@pytest.mark.parametrize("case", GOLDEN["fits"], ids=lambda case: case["family"])
def test_quantile_estimation_matches_a_general_optimiser(case):
    got = convert.mean_sd_from_quantiles(n=case["n"], **_given(case["five"], "S3"), method="qe")
    assert got.distribution == case["family"]
    assert (got.mean, got.sd) == pytest.approx((case["mean"], case["sd"]), rel=GOLDEN["rtol_fit"])


def test_printed_example_of_the_authors_package():
    """The read-me of the R package estmeansd prints these for (2, 4, 9), n = 100."""
    args = {"minimum": 2, "median": 4, "maximum": 9, "n": 100}
    qe = convert.mean_sd_from_quantiles(**args, method="qe")
    # Its optimiser stops a little before the minimum: the printed digits differ from it in the fifth.
    assert (qe.mean, qe.sd) == pytest.approx((4.347284, 1.502171), rel=1e-5)
    # Its Box-Cox numbers are the mean and SD of 1,100 random draws; allow three of their standard errors.
    bc = convert.mean_sd_from_quantiles(**args, method="bc")
    assert bc.mean == pytest.approx(4.204881, abs=3 * bc.sd / 1100**0.5)
    assert bc.sd == pytest.approx(1.277236, rel=3 / (2 * 1100) ** 0.5)


def test_box_cox_of_a_log_normal_is_the_log_normal():
    law, n = stats.lognorm(0.5, scale=10), 400
    p = [(1 - 0.375) / (n + 0.25), None, 0.5, None, (n - 0.375) / (n + 0.25)]  # where Wan places the extremes
    got = convert.mean_sd_from_quantiles(
        n=n, minimum=law.ppf(p[0]), median=law.ppf(0.5), maximum=law.ppf(p[4]), method="bc"
    )
    assert (got.mean, got.sd) == pytest.approx((law.mean(), law.std()), rel=1e-6)


@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
def test_methods_recover_mean_and_sd_in_simulation(scenario):
    rng = np.random.default_rng(7)
    for law, methods in ((stats.norm(50, 10), ("luo-wan-shi", "wan")), (stats.lognorm(0.5, scale=20), ("qe", "bc"))):
        samples = law.rvs((60, 150), random_state=rng)
        for method in methods:
            got = [
                convert.mean_sd_from_quantiles(
                    n=150, **_given(np.quantile(x, [0, 0.25, 0.5, 0.75, 1]), scenario), method=method
                )
                for x in samples
            ]
            assert np.mean([g.mean for g in got]) == pytest.approx(law.mean(), rel=0.03)
            # Quantile estimation places the extremes at 1/n and 1 - 1/n, so that a range makes it a tenth too wide.
            assert np.mean([g.sd for g in got]) == pytest.approx(law.std(), rel=0.13 if method == "qe" else 0.09)


@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
def test_the_skewness_test_keeps_its_level_and_has_power(scenario):
    rng = np.random.default_rng(11)
    flags = {}
    for name, draw in (("normal", rng.normal(size=(3000, 60))), ("skewed", rng.lognormal(sigma=1, size=(300, 60)))):
        fives = np.quantile(draw, [0, 0.25, 0.5, 0.75, 1], axis=1).T
        flags[name] = np.mean([convert.mean_sd_from_quantiles(n=60, **_given(f, scenario)).skewed for f in fives])
    assert 0.03 < flags["normal"] < 0.08
    assert flags["skewed"] > 0.35


def test_the_route_and_the_flag_travel_with_the_numbers():
    skewed = convert.mean_sd_from_quantiles(minimum=0, q1=0, median=1, q3=4, maximum=22, n=400)
    assert skewed.skewed and "SKEWED by the test of Shi 2023" in skewed.route and "Shi 2020" in skewed.route
    assert skewed.to_frame()["skewed"].tolist() == [True]
    assert "no sign of skewness" in str(convert.mean_sd_from_quantiles(q1=3, median=5, q3=7, n=40))


@pytest.mark.parametrize(
    "args, message",
    [
        ({"median": 5, "n": 40}, "a range alone is not enough"),
        ({"median": None, "minimum": 1, "maximum": 9, "n": 40}, "a range alone is not enough"),
        ({"median": 5, "q1": 3, "n": 40}, "q1 and q3 go together"),
        ({"median": 5, "q1": 6, "q3": 8, "n": 40}, "does not hold"),
        ({"median": 5, "q1": 5, "q3": 5, "n": 40}, "no spread"),
        ({"median": 5, "q1": 3, "q3": 8, "n": 4}, "at least 5 people"),
        ({"median": 5, "q1": 3, "q3": 8, "n": 40, "method": "hozo"}, "method must be"),
        ({"median": 5, "q1": -3, "q3": 8, "n": 40, "method": "bc"}, "values above 0"),
    ],
)
def test_impossible_quantiles_are_refused_in_words(args, message):
    with pytest.raises(rl.ConversionError, match=message):
        convert.mean_sd_from_quantiles(**args)
