"""Other draws of the same synthesis: refits by hand, and what simulation must give where the answer is known."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.synthesis.resampling import CELLS, in_pieces

pytestmark = pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")


def trials(k=7):
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {"trial": list("abcdefghijkl"[:k]), "estimate": rng.normal(0.2, 0.4, k), "variance": rng.uniform(0.01, 0.2, k)}
    )


@pytest.mark.parametrize("method", ["REML", "DL", "CE"])
def test_leaving_out_two_is_a_refit_of_the_others(method):
    rows = trials()
    got = rl.leave_two_out(rows, method=method).to_frame()
    for (a, b), row in zip(combinations(range(7), 2), got.itertuples(), strict=True):
        fit = rl.meta_analysis(rows.drop(index=[a, b]), method=method)
        assert row.label == f"{rows['trial'][a]} and {rows['trial'][b]}" and row.k == 5
        assert (row.estimate, row.ci_low, row.ci_high, row.tau2) == pytest.approx(
            (fit.estimate, *fit.ci, fit.tau2), abs=1e-10
        )
    assert "Leaving out two studies at a time" in str(rl.leave_two_out(rows))


def test_a_bootstrap_of_equal_studies_is_their_effect():
    same = rl.bootstrap({"estimate": [0.3] * 6, "variance": [0.1] * 6}, 200, seed=1)
    assert (*same.ci, same.estimate, same.tau2, *same.tau2_ci) == pytest.approx((0.3, 0.3, 0.3, 0, 0, 0), abs=1e-12)


def test_the_standard_error_of_a_bootstrap_is_that_of_a_mean():
    """Equal variances: the estimate is the plain mean, whose bootstrap standard error is sd / sqrt(k), sd over k."""
    y = trials(12)["estimate"]
    got = rl.bootstrap({"estimate": y, "variance": [0.05] * 12}, 40_000, seed=1)
    assert got.estimate == pytest.approx(y.mean(), rel=1e-12)
    assert got.se == pytest.approx(y.std(ddof=0) / 12**0.5, rel=0.02)
    assert got.to_frame()["estimate"].quantile([0.025, 0.975]).tolist() == pytest.approx(got.ci, rel=1e-12)


def test_exact_intervals_cover_as_often_as_they_say():
    """Equal variances: Knapp-Hartung is Student's t test of the effects; a common effect without tau2 is exact."""
    t = rl.coverage_simulation([0.1] * 6, 0.2, 40_000, ci="hksj", level=0.9, seed=1).to_frame()
    z = rl.coverage_simulation([0.1, 0.3, 0.2], 0.0, 40_000, methods="CE", level=0.9, seed=1).to_frame()
    for row in (*t.itertuples(), *z.itertuples()):
        assert abs(row.coverage - 0.9) < 4 * row.mcse
    assert z["width"][0] == pytest.approx(2 * 1.6448536269514722 / (1 / 0.1 + 1 / 0.3 + 1 / 0.2) ** 0.5, rel=1e-9)
    low = rl.coverage_simulation([0.1] * 4, 0.5, 4000, ci=("wald", "hksj"), seed=1)
    assert low.lowest < 0.92 < low.highest and str(low).startswith("95% intervals of 4 studies with tau2 0.5 hold")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: rl.leave_two_out(trials(3)), "takes 4 to 2000 studies, got 3"),
        (lambda: rl.bootstrap(trials(4)), "at least 5 studies, got 4"),
        (lambda: rl.bootstrap(trials(), 10), "number of draws, at least 100; got 10"),
        (lambda: rl.coverage_simulation([0.1], 0.1), "two studies or more"),
        (lambda: rl.coverage_simulation([0.1, -0.2], 0.1), "each above zero"),
        (lambda: rl.coverage_simulation([0.1, 0.2], -0.1), "tau2 is a variance"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, said):
    with pytest.raises(rl.EvidenceError, match=said):
        call()


@pytest.mark.parametrize(
    ("n", "k", "pieces"), [(5, CELLS // 2, [2, 2, 1]), (3, CELLS, [1] * 3), (2, CELLS + 1, [1] * 2)]
)
def test_no_piece_holds_more_numbers_than_it_may(n, k, pieces):
    assert in_pieces(n, k) == pieces
