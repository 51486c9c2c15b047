"""Events over person-time, and proportions of a single group."""

from __future__ import annotations

import numpy as np

from ..measure_record import double_arcsine
from ..typed import Array


def two_counts(c: dict[str, Array]) -> tuple[Array, Array]:
    """Return the two event counts, and which rows have no event at all."""
    cells = np.array([c["events_int"], c["events_ctl"]], dtype=float)
    return cells, (cells == 0).all(axis=0)


def one_group(c: dict[str, Array]) -> tuple[Array, Array]:
    """Return events and non-events of a single group; a double zero cannot occur."""
    cells = np.array([c["events"], c["n"] - c["events"]], dtype=float)
    return cells, np.zeros(cells.shape[1], dtype=bool)


def rate_ratio(c: dict[str, Array]) -> tuple[Array, Array]:
    x1, x2 = c["cells"]
    return np.log(x1 / c["time_int"]) - np.log(x2 / c["time_ctl"]), 1 / x1 + 1 / x2


def rate_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    (x1, x2), t1, t2 = c["cells"], c["time_int"], c["time_ctl"]
    return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2


def root_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    (x1, x2), t1, t2 = c["cells"], c["time_int"], c["time_ctl"]
    return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 1 / (4 * t1) + 1 / (4 * t2)


def proportion(c: dict[str, Array]) -> tuple[Array, Array]:
    x, m = c["cells"]
    return x / (x + m), x * m / (x + m) ** 3


def log_proportion(c: dict[str, Array]) -> tuple[Array, Array]:
    x, m = c["cells"]
    return np.log(x) - np.log(x + m), 1 / x - 1 / (x + m)


def logit_proportion(c: dict[str, Array]) -> tuple[Array, Array]:
    x, m = c["cells"]
    return np.log(x) - np.log(m), 1 / x + 1 / m


def arcsine_proportion(c: dict[str, Array]) -> tuple[Array, Array]:
    x, m = c["cells"]
    return np.arcsin(np.sqrt(x / (x + m))), 1 / (4 * (x + m))


def freeman_tukey(c: dict[str, Array]) -> tuple[Array, Array]:
    """Double arcsine of a proportion; its back-transformation needs a sample size (`back_transform`).

    References: freeman1950
    """
    x, m = c["cells"]
    n = x + m
    return double_arcsine(x, n), 1 / (4 * n + 2)
