"""Very many studies: bytes and fits are counted, never seconds; fits by sums equal fits by rows."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
import scipy.stats  # noqa: F401  (imported here so that its import is not counted)

import reviewlib as rl
from reviewlib import batch

pytestmark = pytest.mark.filterwarnings("ignore::reviewlib.errors.MethodWarning")


def many(k, seed=1):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.3, k)
    return pd.DataFrame(
        {
            "estimate": rng.normal(0.2, np.sqrt(v + 0.05)),
            "variance": v,
            "study": rng.integers(0, k // 3, k),
            "x": rng.normal(size=k),
            "group": rng.choice(["a", "b", "c"], k),
            "year": rng.integers(1980, 2020, k),
        }
    )


SPREADS = [(1, 0.05), (4, 0.3), (8, 0.0), (12, 2.0)]


@pytest.mark.parametrize(("span", "tau2"), SPREADS)
@pytest.mark.parametrize("method", batch.ESTIMATORS)
@pytest.mark.parametrize("what", [batch.leave_one_out, batch.cumulative])
def test_fits_by_sums_are_fits_by_rows(span, tau2, method, what, monkeypatch):
    rng = np.random.default_rng(2)
    v = 10 ** rng.uniform(-span / 2, span / 2, 200)
    y = rng.normal(0.3, np.sqrt(v + tau2))
    y[3] += 9
    rows = what(y, v, method)
    monkeypatch.setattr(batch, "ROWS", 10)
    sums = what(y, v, method)
    for name in ("k", "estimate", "se", "tau2", "q", "q_random", "typical_variance", "i2", "converged"):
        want = getattr(rows, name)
        floor = 1e-13 * np.nanmedian(v) if name == "tau2" else 1e-13
        np.testing.assert_allclose(getattr(sums, name), want, rtol=1e-10, atol=floor, err_msg=name)


def test_a_given_tau2_is_kept_in_fits_by_sums(monkeypatch):
    rows = many(60)
    fit = rl.meta_analysis(rows, tau2=0.07)
    want = rl.leave_one_out(fit).to_frame()
    monkeypatch.setattr(batch, "ROWS", 10)
    pd.testing.assert_frame_equal(rl.leave_one_out(fit).to_frame(), want, rtol=1e-12)


@pytest.mark.parametrize("what", [rl.influence, rl.baujat, rl.leave_one_out, rl.cumulative])
@pytest.mark.parametrize("ci", ["hksj", "wald", "wider"])
def test_tables_by_sums_are_tables_by_rows(what, ci, monkeypatch):
    rows = many(80)
    want = what(rows, ci=ci).to_frame()
    monkeypatch.setattr(batch, "ROWS", 10)
    # shifts of a mean by one study in eighty lose two digits of the ten
    pd.testing.assert_frame_equal(what(rows, ci=ci).to_frame(), want, rtol=1e-9, atol=1e-12)


def test_studies_that_outweigh_all_others_are_said(monkeypatch):
    rng = np.random.default_rng(4)
    v = rng.uniform(0.1, 0.3, 5000)
    v[0], v[-1] = 2e-9, 1e-9
    monkeypatch.setattr(batch, "MOST", 1_000_000)
    with pytest.raises(rl.EvidenceError, match="so much more precise than all others"):
        batch.cumulative(rng.normal(0, 1, 5000), v, "REML")


WHOLE = {
    "summary": lambda rows: rl.meta_analysis(rows).summary(),
    "json": lambda rows: rl.meta_analysis(rows).to_json(),
    "html": lambda rows: rl.meta_analysis(rows)._repr_html_(),
    "frame": lambda rows: rl.meta_analysis(rows).to_frame(),
    "leave_one_out": rl.leave_one_out,
    "influence": rl.influence,
    "baujat": rl.baujat,
    "cumulative": lambda rows: rl.cumulative(rows, "year"),
    "sensitivity": rl.sensitivity,
    "multiverse": lambda rows: rl.multiverse({"all": rows, "half": rows.iloc[::2]}),
    "begg": rl.begg,
    "egger": rl.egger,
    "pet_peese": rl.pet_peese,
    "trim_and_fill": rl.trim_and_fill,
    "selection_model": rl.selection_model,
    "meta_regression": lambda rows: rl.meta_regression("~ x + group", rows).summary(),
    "subgroups": lambda rows: rl.subgroups(rows, "group").summary(),
    "robust": lambda rows: rl.robust(rl.meta_regression("~ x + group", rows), "study"),
    "multilevel": lambda rows: rl.multilevel(rows, rho=0.5, moderators="~ x").robust(),
    "combine_within": lambda rows: rl.combine_within(rows.head(len(rows) // 4), rho=0.5),
    "gosh": lambda rows: rl.gosh(rows.head(len(rows) // 4), 200, seed=1),
    "bayesian": lambda rows: rl.bayesian(rows.head(len(rows) // 4), ("half-normal", 0.5)),
    "peters": lambda rows: rl.peters(counted(rows)),
    "harbord": lambda rows: rl.harbord(counted(rows)),
    "mantel_haenszel": lambda rows: rl.mantel_haenszel(counted(rows)),
    "funnel_smd": lambda rows: rl.funnel_smd(rl.effect_sizes(arms(rows), "SMD")),
}


def counted(rows):
    n = 40 + np.arange(len(rows)) % 100
    events = {"events_int": 3 + np.arange(len(rows)) % 17, "events_ctl": 2 + np.arange(len(rows)) % 13}
    return rl.effect_sizes({**events, "n_int": n, "n_ctl": n + 1}, "OR")


def arms(rows):
    n = 10 + np.arange(len(rows)) % 100
    means = {"mean_int": rows["estimate"].to_numpy(), "mean_ctl": 0.0 * n, "sd_int": 1.0 + 0 * n, "sd_ctl": 1.0 + 0 * n}
    return means | {"n_int": n, "n_ctl": n}


def peak(call, rows):
    tracemalloc.start()
    call(rows)
    size = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size


@pytest.mark.parametrize("name", WHOLE)
def test_memory_grows_no_faster_than_the_studies(name):
    small, large = (peak(WHOLE[name], many(k)) for k in (1000, 4000))
    # four times the studies; a k x k array would be 16 times as large, and 128 MB
    assert large < 6 * max(small, 4_000_000) and large < 120_000_000


def test_fits_are_counted_not_repeated(monkeypatch):
    """Without each of 5,000 studies: one model of sums, and the rows of a handful."""
    made = []
    model = batch.model
    monkeypatch.setattr(batch, "model", lambda y, v, x=None: made.append(len(y)) or model(y, v, x))
    rl.leave_one_out(many(5000))
    assert sum(made) < 25


def test_what_needs_a_matrix_says_its_limit():
    fit = rl.meta_analysis(many(2500))
    with pytest.raises(rl.EvidenceError, match="takes up to 2000 studies, got 2500: use the Q-profile interval"):
        fit.heterogeneity("generalized-q")


def test_the_posterior_is_the_same_in_pieces(monkeypatch):
    from reviewlib.synthesis import bayes

    rows = many(30)
    whole = rl.bayesian(rows, ("half-cauchy", 0.5), mean_prior=(0, 1))
    monkeypatch.setattr(bayes, "CELLS", 900)
    pieces = rl.bayesian(rows, ("half-cauchy", 0.5), mean_prior=(0, 1))
    assert pieces.to_json(complete=False) == whole.to_json(complete=False)


LIMITS = {
    "bayesian": (
        lambda rows: rl.bayesian(dict.fromkeys(["estimate", "variance"], np.ones(100_001)), ("half-normal", 0.5)),
        "bayesian takes up to 100000 studies, got 100001",
    ),
    "impute_covariance": (
        lambda rows: rl.impute_covariance(rows["variance"], rows["study"], 0.5),
        "a covariance matrix takes up to 10000 effects, got 100000",
    ),
    "gosh": (lambda rows: rl.gosh(rows, 1_000_000, seed=1), "ask for at most 42949"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_what_would_not_fit_says_its_limit_before_any_memory_is_taken(name):
    call, said = LIMITS[name]
    rows = many(100_000)
    tracemalloc.start()
    with pytest.raises(rl.EvidenceError, match=said):
        call(rows)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 200_000_000


def test_a_covariance_matrix_is_built_cluster_by_cluster():
    rng = np.random.default_rng(5)
    v, cluster = rng.uniform(0.1, 2, 40), rng.integers(0, 9, 40)
    want = 0.4 * np.sqrt(np.outer(v, v)) * (cluster[:, None] == cluster)
    np.fill_diagonal(want, v)
    np.testing.assert_allclose(rl.impute_covariance(v, cluster, 0.4), want, rtol=1e-15)


@pytest.mark.parametrize("given", [("rows", "study"), ("column", "study"), ("column", "short"), ("words", "rows")])
def test_what_are_no_two_columns_is_refused_in_a_sentence(given):
    rows = many(20)
    kinds = {
        "rows": rows,
        "study": "study",
        "column": rows["variance"],
        "short": rows["study"][:5],
        "words": ["a"] * 20,
    }
    with pytest.raises(rl.EvidenceError, match="two columns of one length"):
        rl.impute_covariance(kinds[given[0]], kinds[given[1]], 0.5)


def test_begg_beyond_the_exact_distribution_is_normal_and_near_it():
    from reviewlib.synthesis import rank_test

    rng = np.random.default_rng(3)
    x, y = rng.normal(size=500), rng.normal(size=500)
    tau, p, exact = rank_test.kendall(x, y)
    assert exact
    rank_test.EXACT, kept = 100, rank_test.EXACT
    try:
        again, normal, said = rank_test.kendall(x, y)
    finally:
        rank_test.EXACT = kept
    assert again == tau and not said
    assert normal == pytest.approx(p, abs=1e-3)
    assert "more than 500 studies" in rl.begg(many(600)).methods
