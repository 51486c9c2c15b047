"""Arms of one trial that share a group of people, joined into one effect so that nobody is counted twice."""

from __future__ import annotations

import numpy as np

from ..convert import combine_groups
from ..errors import EvidenceError
from ..evidence.labels import folded
from ..evidence.pools import JOINED
from ..measures import ARMS
from .derivation import column, text

_IDS = {"ctl": "control_id", "int": "arm_id"}


def shared_groups(rows, usable):
    """Return (positions of the rows, side they share) of arms against one control, or of one arm against several.

    Arms are known by `arm_id` and `control_id` alone: words that describe an arm are never compared. Rows that the plan
    joins (`join_as`) share neither: their side is "none". Rows that are only shown stay as they were published.
    """
    same = zip(*(text(rows, name) for name in ("trial", "timepoint_weeks", *JOINED)), strict=True)
    keys = [(folded(trial), *more) for trial, *more in same]
    ids = {side: text(rows, name) for side, name in _IDS.items()}
    use = text(rows, "use")
    free = {int(i) for i in np.flatnonzero(usable) if ids["ctl"][i] and ids["int"][i] and use[i] not in ("shown", "no")}
    found, planned, joined = [], {}, text(rows, "join_as")
    for i in sorted(free):
        if joined[i]:
            planned.setdefault((*keys[i], joined[i]), []).append(i)
    found = [(group, "none") for group in planned.values() if len(group) > 1]
    free -= {i for group, _ in found for i in group}
    for side, other in (("ctl", "int"), ("int", "ctl")):
        groups = {}
        for i in sorted(free):
            groups.setdefault((*keys[i], ids[side][i]), []).append(i)
        for group in groups.values():
            if len(group) > 1 and len({ids[other][i] for i in group}) == len(group):
                found.append((group, side))
                free -= set(group)
    return found


def refuse_double(rows, studies):
    """Refuse studies that hold the same people twice, where the rows are those a comparison rests on (`main`).

    Raises
    ------
    EvidenceError
        Two studies of one trial, or of one arm under two trial labels; the message names the rows.
    """
    main = dict(zip(rows["result_id"], text(rows, "use"), strict=True))
    arms = dict(zip(rows["result_id"], zip(text(rows, "arm_id"), text(rows, "control_id"), strict=True), strict=True))
    seen = {}
    for trial, ids in studies.loc[studies["excluded"].isna(), ["trial", "result_ids"]].itertuples(index=False):
        mine = [name for name in ids.split("; ") if main.get(name) == "main"]
        people = {folded(trial), *(arm for name in mine for arm in arms[name] if arm)} if mine else set()
        if first := next((seen[group] for group in people if group in seen), None):
            raise EvidenceError(
                f"{first} and {', '.join(mine)} would count people of {trial} twice: they are not arms of one trial at "
                "one time, on one instrument, that share a group. Write the same control_id (or arm_id) for the group "
                "they share, or keep one of them as main"
            )
        seen |= dict.fromkeys(people, ", ".join(mine))


def joined_arms(rows, group, m, side):
    """Return the columns of the joined arm beside the group they share, or None where that group's numbers differ."""
    values = {name: column(rows, name)[group] for name in m.columns}
    shared = [name for name in m.columns if name.endswith(f"_{side}")]
    if any(np.isnan(v).any() for v in values.values()) or any(np.ptp(values[name]) > 0 for name in shared):
        return None
    joined = {name: values[name][0] for name in shared}
    other = {"ctl": "int", "int": "ctl"}[side]
    if m.columns == ARMS:
        arm = combine_groups(*(values[f"{name}_{other}"] for name in ("n", "mean", "sd")))
        joined |= {f"n_{other}": arm.n, f"mean_{other}": arm.mean, f"sd_{other}": arm.sd}
    else:
        joined |= {name: values[name].sum() for name in m.columns if name.endswith(f"_{other}")}
    return joined


def united_arms(rows, group, m):
    """Return the columns of one comparison of all distinct arms of rows that the plan joins.

    Raises
    ------
    EvidenceError
        An arm without its numbers, or with two sets of numbers: there is nothing to join.
    """
    joined = {}
    for side, ids in _IDS.items():
        names = [name for name in m.columns if name.endswith(f"_{side}")]
        arms = {}
        for i in group:
            numbers = tuple(float(column(rows, name)[i]) for name in names)
            if np.isnan(numbers).any() or arms.setdefault(text(rows, ids)[i], numbers) != numbers:
                raise EvidenceError(
                    f"{rows['result_id'][i]}: rows joined as {text(rows, 'join_as')[i]} need {', '.join(names)} of "
                    f"each arm, and the same numbers wherever {text(rows, ids)[i]} stands"
                )
        values = dict(zip(names, np.array(list(arms.values())).T, strict=True))
        if m.columns == ARMS:
            arm = combine_groups(*(values[f"{name}_{side}"] for name in ("n", "mean", "sd")))
            joined |= {f"n_{side}": arm.n, f"mean_{side}": arm.mean, f"sd_{side}": arm.sd}
        else:
            joined |= {name: numbers.sum() for name, numbers in values.items()}
    return joined


def joined_contrasts(estimate, variance, n_apart, n_shared):
    r"""One effect from contrasts of several arms with the same group.

    Parameters
    ----------
    estimate, variance : array
        Of each contrast, on the analysis scale.
    n_apart : array
        People in each of the arms that differ.
    n_shared : float
        People in the group they share.

    Returns
    -------
    estimate, variance, covariance : float

    Notes
    -----
    Arms are weighted by their size, as if their patients were joined. Contrasts that share a group have covariance
    :math:`SD^2 / n_{shared}`, where :math:`SD^2 = v_i / (1/n_i + 1/n_{shared})`, averaged over the arms, is what their
    variances imply. Left out, it would make the trial look more precise than it was. Without the arm sizes the arms
    weigh alike and half of the geometric mean of their variances is taken.

    References
    ----------
    higgins2024ch23, section 23.3.4
    """
    y, v = np.asarray(estimate, float), np.asarray(variance, float)
    n = np.asarray(n_apart, float)
    known = not np.isnan([*n, n_shared]).any()
    weight = n / n.sum() if known else np.full(len(y), 1 / len(y))
    implied = (weight * v / (1 / n + 1 / n_shared)).sum() / n_shared if known else 0.5 * np.exp(np.log(v).mean())
    # A covariance above the smallest variance would give an arm negative information.
    covariance = min(float(implied), float(v.min()))
    matrix = np.full((len(y), len(y)), covariance)
    np.fill_diagonal(matrix, v)
    return float(weight @ y), float(weight @ matrix @ weight), covariance
