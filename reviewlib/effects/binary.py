"""Two arms with events: odds ratio, risk ratio, risk difference, Peto, arcsine; and the zero-cell rules.

The cells are a, b (intervention: events, none) and c, d (control). Which tables are corrected, and by how much, is
decided in `correct`, never inside a formula.
"""

from __future__ import annotations

import numpy as np

from ..typed import Array

RULES = ("only0", "all", "if0all", "none")


def two_by_two(c: dict[str, Array]) -> tuple[Array, Array]:
    """Return the four cells, and which rows are double zeros (no events, or only events, in both arms)."""
    cells = np.array(
        [c["events_int"], c["n_int"] - c["events_int"], c["events_ctl"], c["n_ctl"] - c["events_ctl"]], dtype=float
    )
    a, b, cc, d = cells
    return cells, ((a == 0) & (cc == 0)) | ((b == 0) & (d == 0))


def correct(cells: Array, add: float, to: str) -> tuple[Array, Array]:
    """Add `add` to every cell of the rows the rule names.

    Parameters
    ----------
    cells : array (cells, studies)
    add : float
    to : {"only0", "all", "if0all", "none"}
        Rows with a zero cell; all rows; all rows if any has a zero cell; none.

    Returns
    -------
    cells : array
    corrected : array of bool
    """
    zero = (cells == 0).any(axis=0)
    chosen = {"only0": zero, "all": np.ones_like(zero), "if0all": np.full_like(zero, zero.any())}
    corrected = chosen.get(to, np.zeros_like(zero)) & (add != 0)
    return cells + np.where(corrected, add, 0.0), corrected


def odds_ratio(c: dict[str, Array]) -> tuple[Array, Array]:
    a, b, cc, d = c["cells"]
    return np.log(a) - np.log(b) - np.log(cc) + np.log(d), 1 / a + 1 / b + 1 / cc + 1 / d


def risk_ratio(c: dict[str, Array]) -> tuple[Array, Array]:
    a, b, cc, d = c["cells"]
    estimate = np.log(a) - np.log(a + b) - np.log(cc) + np.log(cc + d)
    return estimate, 1 / a - 1 / (a + b) + 1 / cc - 1 / (cc + d)


def risk_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    a, b, cc, d = c["cells"]
    n1, n2 = a + b, cc + d
    return a / n1 - cc / n2, a * b / n1**3 + cc * d / n2**3


def peto(c: dict[str, Array]) -> tuple[Array, Array]:
    r"""Peto's one-step log odds ratio, observed minus expected events over their hypergeometric variance.

    Good for rare events, balanced arms and moderate effects; biased otherwise.

    References: yusuf1985
    """
    a, b, cc, d = c["cells"]
    n1, n2 = a + b, cc + d
    n, events, none = n1 + n2, a + cc, b + d
    variance = events * none * (n1 / n) * (n2 / n) / (n - 1)
    return (a - events * n1 / n) / variance, 1 / variance


def arcsine_difference(c: dict[str, Array]) -> tuple[Array, Array]:
    """Difference of arcsine-root risks, defined at zero events; no correction by default.

    References: ruecker2009
    """
    a, b, cc, d = c["cells"]
    estimate = np.arcsin(np.sqrt(a / (a + b))) - np.arcsin(np.sqrt(cc / (cc + d)))
    return estimate, 1 / (4 * (a + b)) + 1 / (4 * (cc + d))
