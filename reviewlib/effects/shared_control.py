"""Arms of one trial that share a control group, joined into one effect so that no patient is counted twice."""

from __future__ import annotations

import numpy as np

from ..convert import combine_groups
from ..measures import ARMS
from .derivation import column, text

_SAME = ("trial", "outcome", "timepoint_weeks", "instrument_id", "comparator", "analysis_set", "value_kind", "measure")


def shared_groups(rows, usable):
    """Return lists of row positions that are different arms against one control group."""
    keys = [tuple(values) for values in zip(*(text(rows, name) for name in _SAME), strict=True)]
    n_ctl, arms = column(rows, "n_ctl"), text(rows, "intervention")
    groups = {}
    for i in np.flatnonzero(usable & ~np.isnan(n_ctl)):
        groups.setdefault((*keys[i], n_ctl[i]), []).append(int(i))
    return [
        g
        for g in groups.values()
        if len(g) > 1 and None not in (names := [arms[i] for i in g]) and len(set(names)) == len(g)
    ]


def joined_arms(rows, group, m):
    """Return the columns of the joined intervention arm beside the control, or None where the controls differ."""
    values = {name: column(rows, name)[group] for name in m.columns}
    control = [name for name in m.columns if name.endswith("_ctl")]
    if any(np.isnan(v).any() for v in values.values()) or any(np.ptp(values[name]) > 0 for name in control):
        return None
    joined = {name: values[name][0] for name in control}
    if m.columns == ARMS:
        arm = combine_groups(values["n_int"], values["mean_int"], values["sd_int"])
        joined.update(n_int=arm.n, mean_int=arm.mean, sd_int=arm.sd)
    else:
        joined.update({name: values[name].sum() for name in m.columns if name.endswith("_int")})
    return joined


def joined_contrasts(estimate, variance, n_int, n_ctl):
    r"""One effect from contrasts of several arms with the same control group.

    Parameters
    ----------
    estimate, variance : array
        Of each arm against the control, on the analysis scale.
    n_int : array
        People in each intervention arm.
    n_ctl : float
        People in the shared control group.

    Returns
    -------
    estimate, variance, covariance : float

    Notes
    -----
    Arms are weighted by their size, as if their patients were joined. Contrasts that share a control have covariance
    :math:`SD^2 / n_{ctl}`, where :math:`SD^2 = v_i / (1/n_i + 1/n_{ctl})`, averaged over the arms, is what their
    variances imply. Left out, it would make the trial look more precise than it was. Without the arm sizes the arms
    weigh alike and half of the geometric mean of their variances is taken.

    References
    ----------
    higgins2024ch23, section 23.3.4
    """
    y, v = np.asarray(estimate, float), np.asarray(variance, float)
    n = np.asarray(n_int, float)
    known = not np.isnan(n).any()
    weight = n / n.sum() if known else np.full(len(y), 1 / len(y))
    implied = (weight * v / (1 / n + 1 / n_ctl)).sum() / n_ctl if known else 0.5 * np.exp(np.log(v).mean())
    # A covariance above the smallest variance would give an arm negative information.
    covariance = min(float(implied), float(v.min()))
    matrix = np.full((len(y), len(y)), covariance)
    np.fill_diagonal(matrix, v)
    return float(weight @ y), float(weight @ matrix @ weight), covariance
