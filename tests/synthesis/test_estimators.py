"""One record per estimator: an invented one reaches every synthesis; spellings of other programs lead to ours."""

import numpy as np
import pytest

import reviewlib as rl
from reviewlib.batch.estimators import ESTIMATORS, Estimator, estimator_named, tau2_se

TRIALS = {"estimate": [0.1, 0.3, 0.6, 0.4, 0.2], "variance": [0.02, 0.03, 0.02, 0.05, 0.01]}


def test_an_invented_estimator_needs_one_record(monkeypatch):
    half = Estimator(
        "HALF",
        "half of the variance of the effects",
        lambda m: (m.spread() / 2, np.ones(len(m.k), bool)),
        lambda w, v, y, tau2: 4.0,
        "nobody",
        ("halved",),
    )
    monkeypatch.setitem(ESTIMATORS, "HALF", half)
    fit = rl.meta_analysis(TRIALS, method="halved")
    assert fit.method == "HALF" and fit.tau2_se == 2.0
    assert fit.tau2 == pytest.approx(np.var(TRIALS["estimate"]) / 2, rel=1e-12)
    assert "tau2 by half of the variance of the effects" in fit.methods
    assert rl.leave_one_out(fit).method == "HALF"
    with pytest.raises(rl.EvidenceError, match="choose from .*HALF"):
        rl.meta_analysis(TRIALS, method="third")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("reml", "REML"), ("FE", "CE"), ("EE", "CE"), ("fixed", "CE"), ("DerSimonian-Laird", "DL"), ("pm", "PM")],
)
def test_spellings_of_other_programs_lead_to_our_names(theirs, ours):
    assert rl.meta_analysis(TRIALS, method=theirs) == rl.meta_analysis(TRIALS, method=ours)
    assert rl.influence(TRIALS, method=theirs).method == ours


@pytest.mark.parametrize("method", [m for m, e in ESTIMATORS.items() if e.se])
def test_the_standard_error_of_tau2_equals_the_trace_formula_with_whole_matrices(method):
    rng = np.random.default_rng(7)
    y, v = rng.normal(size=12), rng.uniform(0.01, 2.0, 12)
    tau2 = 0.31
    base = {"HE": np.ones(12), "SJ": 1 / (v + np.var(y)), "DL": 1 / v, "HS": 1 / v}.get(method, 1 / (v + tau2))
    P = np.diag(base) - np.outer(base, base) / base.sum()
    if method in ("REML", "ML", "PM", "EB"):
        w = 1 / (v + tau2)
        want = {"REML": 2 / np.sum(P**2), "ML": 2 / np.sum(w**2)}.get(method, 2 * 144 / 11 / w.sum() ** 2)
    else:
        PV = P * v
        spread = 2 * np.trace(PV @ PV) + 4 * tau2 * np.trace(PV @ P) + 2 * tau2**2 * np.trace(P @ P)
        slope = {"DL": np.trace(P), "HS": np.sum(1 / v), "HE": 11.0, "SJ": 11 / np.var(y)}[method]
        want = spread / slope**2
    assert tau2_se(y, v, method, tau2) == pytest.approx(np.sqrt(want), rel=1e-12)


def test_the_standard_error_of_tau2_is_linear_in_the_number_of_studies():
    k = 200_000
    v = np.full(k, 0.5)
    assert tau2_se(np.zeros(k), v, "DL", 0.5) == pytest.approx(np.sqrt(2 / (k - 1)), rel=1e-6)


def test_a_common_effect_has_no_standard_error_of_tau2_and_nothing_is_no_estimator():
    assert tau2_se(np.zeros(3), np.ones(3), "FE", 0.0) is None
    for name in (None, 3, "", "HKSJ"):
        with pytest.raises(rl.EvidenceError, match="unknown method"):
            estimator_named(name)
