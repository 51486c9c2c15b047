"""A data set fitted alone, or by compiled code, is the data set fitted among many: same numbers, same proof."""

import importlib.util

import numpy as np
import pytest

from reviewlib import batch
from reviewlib.batch import compiled, one

NAMES = ("k", "df", "estimate", "se", "tau2", "q", "q_random", "typical_variance", "converged")
KINDS = ("near", "two decades", "nine decades", "two worlds", "one giant")


def sets(kind, count, most=13):
    """Data sets of up to `most` studies, some of them absent."""
    rng = np.random.default_rng([5, KINDS.index(kind)])
    shape = count, most
    v = {
        "near": lambda: rng.uniform(0.01, 0.3, shape),
        "two decades": lambda: 10 ** rng.uniform(-2, 0, shape),
        "nine decades": lambda: 10 ** rng.uniform(-6, 3, shape),
        "two worlds": lambda: np.where(rng.random(shape) < 0.5, 1e-4, 1.0) * rng.uniform(0.5, 2, shape),
        "one giant": lambda: np.where(np.arange(most) == 0, 1e-9, rng.uniform(0.01, 1, shape)),
    }[kind]()
    y = rng.normal(0, np.sqrt(v * 10 ** rng.uniform(-2, 1, (count, 1)) + rng.choice([0, 0.01, 1, 100], (count, 1))))
    absent = rng.random(shape) < rng.uniform(0, 0.9, (count, 1))
    return np.where(absent, np.nan, y), np.where(absent, np.nan, v)


def same(got, want):
    """To twelve digits; estimates to as many of their standard errors, tau2 down to a millionth of the variances."""
    for name in NAMES:
        a, b = np.asarray(getattr(got, name), float), np.asarray(getattr(want, name), float)
        scale = want.se if name == "estimate" else 0.0
        floor = 1e-6 * want.se**2 if name == "tau2" else 1e-12
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b), err_msg=name)
        # where the likelihood is flat, its root has fewer digits than the sums
        tolerance = 1e-11 if name == "tau2" else 1e-12
        off = np.abs(a - b) > tolerance * np.maximum(np.maximum(np.abs(b), scale), floor)
        assert not off.any(), (name, a[off][:3], b[off][:3])


def by_arrays(monkeypatch, y, v, method):
    with monkeypatch.context() as only:
        only.setattr(batch, "_by_scalars", lambda *_: None)
        return batch.fit(y, v, method)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("kind", KINDS)
def test_scalars_and_arrays_find_the_same_maximum(kind, method, monkeypatch):
    y, v = sets(kind, 150)
    monkeypatch.setattr(compiled, "_rows", lambda: one.rows)  # as plain Python
    monkeypatch.setattr(compiled, "wanted", lambda cells: True)
    same(batch.fit(y, v, method), by_arrays(monkeypatch, y, v, method))


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_a_single_fit_is_a_row_of_a_batch(method, monkeypatch):
    y, v = sets("two decades", 60)
    for row in range(len(y)):
        there = ~np.isnan(y[row])
        if there.any():
            alone = y[row : row + 1, there], v[row : row + 1, there]
            before = [a.copy() for a in alone]
            same(batch.fit(*alone, method), by_arrays(monkeypatch, *alone, method))
            assert all(np.array_equal(a, b) for a, b in zip(alone, before, strict=True))


def test_equal_effects_need_no_search():
    fit = batch.fit(np.full((1, 4), 0.3), np.array([[0.1, 0.2, 0.3, 0.4]]), "REML")
    assert (fit.tau2[0], fit.q[0], fit.estimate[0]) == pytest.approx((0, 0, 0.3)) and fit.converged[0]


def test_a_compiler_is_loaded_for_many_fits_only(monkeypatch):
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    assert not compiled.wanted(10**9)
    monkeypatch.setattr(compiled, "find_spec", lambda name: name)
    monkeypatch.setattr(compiled, "sys", type("sys", (), {"modules": {}}))
    assert compiled.wanted(compiled.WORTH) and not compiled.wanted(compiled.WORTH - 1)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed: the extra [fast]")
@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("kind", KINDS)
def test_compiled_fits_are_the_fits_of_arrays(kind, method, monkeypatch):
    y, v = sets(kind, 20_000)
    monkeypatch.setattr(compiled, "WORTH", 1)
    same(batch.fit(y, v, method), by_arrays(monkeypatch, y, v, method))
