"""Arms joined, arms split, and clusters counted as fewer people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..errors import ConversionError
from ..typed import Number
from .quantities import numbers, numbers_only, plain, require


class Arm(NamedTuple):
    """Size, mean and SD of a group, in units of the instrument."""

    n: float
    mean: float
    sd: float


@numbers_only
def combine_groups(n: Any, mean: Any, sd: Any, *more: Any) -> Arm:
    r"""Size, mean and SD of several arms taken as one group of patients.

    Parameters
    ----------
    n, mean, sd : sequences
        One entry an arm. Also accepted: six plain numbers, ``n1, mean1, sd1, n2, mean2, sd2``.

    Returns
    -------
    Arm
        ``n, mean, sd``; exactly what the pooled patients would give.

    Notes
    -----
    .. math:: SD^2 = \frac{\sum (n_i - 1) SD_i^2 + \sum n_i (M_i - M)^2}{n - 1}, \quad M = \sum n_i M_i / n

    Signs are kept: with means of opposite sign a rule on absolute values gives a wrong SD.

    References
    ----------
    higgins2024ch6, table 6.5.a

    Examples
    --------
    >>> n, mean, sd = combine_groups([40, 25], [-1.0, 1.5], [2.5, 2.2])
    >>> print(f"{n:.0f} {mean:.3f} {sd:.3f}")
    65 -0.038 2.669
    """
    if more:
        n, mean, sd = (n, more[0]), (mean, more[1]), (sd, more[2])
    each = (("n", n), ("mean", mean), ("sd", sd))
    n, mean, sd = (np.atleast_1d(np.asarray(numbers(name, values), float)) for name, values in each)
    if not n.shape == mean.shape == sd.shape:
        raise ConversionError(
            f"n, mean and sd need one entry for each arm: there are {len(n)}, {len(mean)} and {len(sd)}"
        )
    require(n > 0, "n must be above 0", n)
    require(sd >= 0, "a standard deviation cannot be negative", sd)
    total = n.sum(axis=0)
    centre = (n * mean).sum(axis=0) / total
    squares = ((n - 1) * sd**2).sum(axis=0) + (n * (mean - centre) ** 2).sum(axis=0)
    return Arm(plain(total), plain(centre), plain(np.sqrt(squares / (total - 1))))


@numbers_only
def split_group(n: Number, parts: int = 2, events: Any = None) -> Any:
    """Size (and events) of each part when one control group serves several comparisons; mean and SD stay.

    Parameters
    ----------
    n : int
        People in the shared group.
    parts : int, default 2
        Comparisons it serves.
    events : int, optional
        Events in the shared group.

    Returns
    -------
    float, or tuple of float
        n / parts, and events / parts when events are given; not rounded.

    Notes
    -----
    Second choice: it removes the double counting of people but only part of the correlation between comparisons.
    Joining the arms (`combine_groups`) is preferred.

    References
    ----------
    higgins2024ch23, section 23.3.4

    Examples
    --------
    >>> print(split_group(133, 2))
    66.5
    """
    require(np.asarray(parts) >= 1, "parts must be 1 or more", parts)
    require(np.asarray(n) > 0, "n must be above 0", n)
    share = plain(np.asarray(n, float) / parts)
    return share if events is None else (share, plain(np.asarray(events, float) / parts))


@numbers_only
def design_effect(cluster_size: Number, icc: Number) -> Number:
    r"""Factor by which clustering inflates the variance of a mean: :math:`1 + (M - 1)\,ICC`.

    Parameters
    ----------
    cluster_size : float or array
        Mean number of people in a cluster.
    icc : float or array
        Intracluster correlation, 0 to 1; from the trial, or a similar one, with sensitivity over its range.

    Returns
    -------
    float
        1 or more where `icc` is positive.

    References
    ----------
    higgins2024ch23, section 23.1

    Examples
    --------
    >>> print(f"{design_effect(10, 0.05):.2f}")
    1.45
    """
    m, rho = np.asarray(cluster_size, float), np.asarray(icc, float)
    require(m >= 1, "a cluster holds at least 1 person", m)
    require((rho >= 0) & (rho <= 1), "an intracluster correlation lies between 0 and 1", rho)
    return plain(1 + (m - 1) * rho)


@numbers_only
def effective_n(n: Number, cluster_size: Number, icc: Number) -> Number:
    """Number of independent people that a cluster-randomized arm is worth: n over the design effect.

    Divide events by the same factor, or multiply the SE by its square root, never both.

    Parameters
    ----------
    n : float
        People in the arm.
    cluster_size : float
        Mean number of people in a cluster.
    icc : float
        Intracluster correlation, 0 to 1.

    Returns
    -------
    float
        People.

    References
    ----------
    higgins2024ch23, section 23.1

    Examples
    --------
    >>> print(f"{effective_n(120, 10, 0.05):.1f}")
    82.8
    """
    require(np.asarray(n) > 0, "n must be above 0", n)
    return plain(np.asarray(n, float) / design_effect(cluster_size, icc))
