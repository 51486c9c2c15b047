"""Functions, command line and pages pool by one rule unless they are asked for another."""

import json
import warnings

import numpy as np
import pytest

import reviewlib as rl
from reviewlib.exchange.quickpool import pool_file
from reviewlib.synthesis.intervals import DEFAULT_RULE

TABLES = {
    "two trials": ([0.1, 0.6], [0.02, 0.03]),
    "three that agree by luck": ([0.30, 0.31, 0.30], [0.02, 0.03, 0.05]),
    "four": ([0.1, 0.3, 0.2, 0.5], [0.02, 0.03, 0.01, 0.04]),
    "six that differ": ([0.1, 0.9, -0.2, 0.5, 0.4, 1.2], [0.02, 0.03, 0.01, 0.04, 0.02, 0.05]),
}


@pytest.fixture(params=TABLES)
def studies(request):
    estimate, variance = TABLES[request.param]
    return {"study": [f"T{i}" for i in range(len(estimate))], "estimate": estimate, "variance": variance}


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        yield


def test_function_command_line_house_rule_and_reruns_agree(studies, tmp_path):
    fit = rl.meta_analysis(studies)
    lines = ["study,estimate,variance", *(f"{a},{b},{c}" for a, b, c in zip(*studies.values(), strict=True))]
    (tmp_path / "trials.csv").write_text("\n".join(lines) + "\n")
    pooled = pool_file(tmp_path / "trials.csv").pooled
    house = rl.house_rule(studies)
    for other in (pooled, house):
        assert (other.estimate, other.ci, other.prediction) == (fit.estimate, fit.ci, fit.prediction)
        assert (other.ci_method, other.prediction_df, other.level) == (fit.ci_method, fit.prediction_df, fit.level)
    assert rl.leave_one_out(studies).ci == rl.cumulative(studies).ci == fit.ci
    assert rl.sensitivity(studies).ci == fit.ci
    assert (fit.prediction is None) == (len(studies["study"]) < 5)
    groups = rl.subgroups({k: v * 2 for k, v in studies.items()} | {"g": ["a"] * fit.k + ["b"] * fit.k}, "g")
    assert groups["a"].ci == fit.ci


def test_the_command_line_prints_the_same_limits(studies, tmp_path, capsys):
    from reviewlib.cli import main

    lines = ["study,estimate,variance", *(f"{a},{b},{c}" for a, b, c in zip(*studies.values(), strict=True))]
    (tmp_path / "trials.csv").write_text("\n".join(lines) + "\n")
    assert main(["pool", str(tmp_path / "trials.csv"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)["pooled"]
    fit = rl.meta_analysis(studies)
    assert [printed["estimate"], printed["ci_low"], printed["ci_high"]] == [fit.estimate, *fit.ci]


def test_pages_pool_as_the_function_does():
    for topic in rl.load_evidence().topics:
        for found in rl.findings(rl.load_evidence()[topic]).values():
            if found.pooled is not None:
                fit = rl.meta_analysis(found.pooled.studies)
                assert fit.ci == found.pooled.ci and fit.prediction == found.pooled.prediction
                assert np.isfinite(fit.estimate) and fit.ci_method == DEFAULT_RULE
