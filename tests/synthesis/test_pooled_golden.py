"""Pooling against metafor 3.8-1 at its tightest settings, on 21 published data sets and all estimators."""

import json
import warnings
from pathlib import Path

import pytest

import reviewlib as rl

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "pooling.json").read_text())
SETS = GOLDEN["sets"]
CASES = [(name, method) for name in SETS for method in SETS[name]["fits"]]
TIGHT = GOLDEN["rtol"]


def near(want):
    return pytest.approx(want, rel=TIGHT, abs=1e-13)


def fit(name, method, **options):
    one = SETS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        return rl.meta_analysis({"estimate": one["y"], "variance": one["v"]}, method=method, **options)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_estimates_and_intervals(name, method):
    want = SETS[name]["fits"][method]
    ours = "CE" if method == "FE" else method
    got = fit(name, ours, ci="wald", prediction_df="normal", prediction_min_k=2)
    assert got.tau2 == near(want["tau2"])
    for field in ("estimate", "se", "q", "pvalue", "q_pvalue", "h2", "i2"):
        assert getattr(got, field) == near(want[field]), field
    assert got.ci == near(want["ci"])
    if method == "FE":
        return
    assert got.prediction == near(want["prediction_z"])
    assert got.tau2_se == near(want["tau2_se"])
    assert got.weights == near(want["weights"])
    hksj = fit(name, method, ci="hksj", prediction_min_k=2)
    assert (hksj.se, hksj.pvalue) == near([want["hksj_se"], want["hksj_pvalue"]])
    assert hksj.ci == near(want["hksj_ci"])
    assert hksj.prediction == near(want["prediction_t"])
    floor = fit(name, method, ci="hksj-floor")
    assert floor.ci == near(want["floor_ci"])
    blup = hksj.blup()
    assert blup["prediction"].tolist() == near(want["blup"])
    assert blup["se"].tolist() == near(want["blup_se"])


@pytest.mark.parametrize("name", SETS)
def test_interval_for_tau2(name):
    want = SETS[name]["profile"]
    got = fit(name, "REML").heterogeneity()
    assert got.tau2_ci == pytest.approx(want["tau2"], rel=1e-10, abs=1e-13)
    assert got.i2_ci == pytest.approx(want["i2"], rel=1e-10, abs=1e-12)
    assert got.h2_ci == pytest.approx(want["h2"], rel=1e-10)
