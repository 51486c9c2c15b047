"""Leave-one-out, cumulative, influence, Baujat and GOSH against metafor 3.8-1."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import reviewlib as rl

GOLDEN = Path(__file__).parents[1] / "golden"
REFERENCE = json.loads((GOLDEN / "reruns.json").read_text())
SETS = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "pooling.json").read_text())["sets"]
CASES = [(name, kind) for name in REFERENCE["sets"] for kind in REFERENCE["sets"][name]]
METHOD = {"REML": "REML", "DL": "DL", "FE": "CE"}


def options(kind):
    method, test = kind.split("_")
    return {"method": METHOD[method], "ci": "wald" if test == "z" else "hksj"}


def studies(name):
    return {"estimate": SETS[name]["y"], "variance": SETS[name]["v"]}


def same(frame, want, names, rtol=None):
    for name in names:
        values = np.array(want[name], float)
        got = frame[name].to_numpy(float)
        if not values.size:  # metafor has no column tau2 for a common effect
            assert (got == 0).all()
            continue
        if np.isnan(values[0]):  # nor a P value or Q for the first step of a cumulative analysis
            got, values = got[1:], values[1:]
        np.testing.assert_allclose(got, values, rtol=rtol or REFERENCE["rtol"], atol=1e-12, err_msg=name)


COLUMNS = ("estimate", "se", "ci_low", "ci_high", "pvalue", "q", "tau2", "i2", "h2")


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_leave_one_out(name, kind):
    got = rl.leave_one_out(studies(name), **options(kind)).to_frame()
    same(got, REFERENCE["sets"][name][kind]["leave_one_out"], COLUMNS)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_cumulative(name, kind):
    got = rl.cumulative(studies(name), **options(kind)).to_frame()
    same(got, REFERENCE["sets"][name][kind]["cumulative"], COLUMNS)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_influence(name, kind):
    want = REFERENCE["sets"][name][kind]["influence"]
    got = rl.influence(studies(name), **options(kind)).to_frame()
    names = ("rstudent", "dffits", "cooks_d", "cov_r", "tau2_deleted", "q_deleted", "hat", "weight", "dfbetas")
    same(got, want, names)
    assert got["influential"].tolist() == want["influential"]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_baujat(name, kind):
    want = REFERENCE["sets"][name][kind]["baujat"]
    got = rl.baujat(studies(name), **options(kind)).to_frame()
    np.testing.assert_allclose(got["heterogeneity"], want["x"], rtol=1e-8)
    np.testing.assert_allclose(got["influence"], want["y"], rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("method", ["REML", "DL", "FE"])
def test_gosh_of_seven(method):
    want = REFERENCE["gosh"][method]
    seven = {name: values[:7] for name, values in studies("bcg_rr").items()}
    got = rl.gosh(seven, method=METHOD[method])
    order = {"".join("1" if x else "0" for x in row): i for i, row in enumerate(got.include)}
    at = [order[code] for code in want["include"]]
    assert len(at) == got.subsets == 127
    np.testing.assert_allclose(got.estimate[at], want["estimate"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(got.tau2[at], want["tau2"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(got.i2[at], want["i2"], rtol=1e-6, atol=1e-6)


def test_a_fitted_result_brings_its_own_choices():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = rl.meta_analysis(studies("bcg_rr"), method="DL", ci="wald")
    again = rl.leave_one_out(fit)
    assert (again.method, again.ci_method) == ("DL", "wald")
    assert again.to_frame().equals(rl.leave_one_out(studies("bcg_rr"), method="DL", ci="wald").to_frame())
