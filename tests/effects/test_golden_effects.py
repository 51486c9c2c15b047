"""Every measure against escalc() of metafor 3.8-1: real data sets, and a table with zeros and small arms."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import reviewlib as rl

GOLDEN = json.loads((Path(__file__).parents[2] / "reviewlib" / "page" / "golden" / "effects.json").read_text())


def _name(case):
    options = case["options"] or {}
    return "-".join([case["label"], case["measure"], *(f"{k}={v}" for k, v in options.items())])


def _floats(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=_name)
def test_effect_sizes_match_metafor(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.MethodWarning)
        got = rl.effect_sizes(case["input"], case["measure"], **(case["options"] or {}))
    y, v = _floats(case["yi"]), _floats(case["vi"])
    usable = ~np.isnan(y) & (v > 0)  # a variance of 0 cannot be pooled: excluded here, 0 there
    assert usable.any()
    np.testing.assert_array_equal(got["excluded"].isna(), usable)
    np.testing.assert_allclose(got["estimate"][usable], y[usable], rtol=GOLDEN["rtol"], atol=1e-13)
    np.testing.assert_allclose(got["variance"][usable], v[usable], rtol=GOLDEN["rtol"])
    assert got["estimate"][~usable].isna().all() and got["se"][~usable].isna().all()


def test_golden_cases_cover_every_measure_and_rule():
    seen = {(c["measure"], (c["options"] or {}).get("to")) for c in GOLDEN["cases"]}
    for measure in ("OR", "RR", "RD", "PETO", "AS", "IRR", "IRD", "IRSD", "PR", "PLN", "PLO", "PAS", "PFT"):
        assert {(measure, to) for to in ("only0", "all", "if0all", "none")} <= seen
    assert {"MD", "SMD", "SMDH", "ROM", "COR", "ZCOR", "MC", "SMCC", "SMCR"} <= {m for m, _ in seen}


@pytest.mark.parametrize(
    "key, measure", [("pft_hm", "PFT"), ("pft", "PFT"), ("pas", "PAS"), ("plo", "PLO"), ("zcor", "ZCOR")]
)
def test_back_transformations_match_metafor(key, measure):
    want = GOLDEN["back"][key]
    got = rl.back_transform(np.array(want["x"]), measure, n=want.get("n"), paired=key == "pft")
    np.testing.assert_allclose(got, want["p"], rtol=1e-10, atol=1e-14)
