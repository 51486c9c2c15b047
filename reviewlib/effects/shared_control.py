"""Arms of one trial that share people, joined into one effect so that nobody is counted twice.

Arms are known by `arm_id` and `control_id`; words that describe an arm are never compared. Rows that hold different
people on both sides (a control that a review halved, strata) are joined only where the plan says so, by `join_as`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import combine_groups
from ..errors import EvidenceError, warn
from ..evidence.arms import JOINED
from ..evidence.labels import folded
from ..measures import ARMS
from ..typed import Array, Frame
from .derivation import column, text

_IDS = {"ctl": "control_id", "int": "arm_id"}


def shared_groups(rows: Frame, usable: Array) -> list[list[int]]:
    """Return lists of row positions: the rows of one trial, time and instrument whose arms are linked by people.

    Rows that are only shown stay as they were published.
    """
    use, planned = text(rows, "use"), text(rows, "join_as")
    same = zip(*(text(rows, name) for name in ("trial", "timepoint_weeks", *JOINED)), strict=True)
    ids = {side: text(rows, name) for side, name in _IDS.items()}
    groups = {}
    for i, (trial, *more) in enumerate(same):
        if usable[i] and use[i] not in ("shown", "no") and all(ids[side][i] for side in ids):
            groups.setdefault((folded(trial), planned[i], *more), []).append(i)
    sets = ([rows] if name else _linked(rows, ids) for (_, name, *_), rows in groups.items())
    return [linked for found in sets for linked in found if len(linked) > 1]


def _linked(group, ids):
    """Split rows into sets that are linked, directly or over other rows, by an arm on the same side."""
    sets = []
    for i in group:
        people = {(side, ids[side][i]) for side in ids}
        near = [(rows, known) for rows, known in sets if known & people]
        sets = [entry for entry in sets if entry not in near]
        sets.append((sorted({i, *(j for rows, _ in near for j in rows)}), people.union(*(known for _, known in near))))
    return [rows for rows, _ in sets]


def arms_of(rows: Frame, m: Any) -> dict[str, Any]:
    """Return what `join` reads, by column: the identifiers of both arms, and their numbers for the measure."""
    return {name: text(rows, name) for name in _IDS.values()} | {name: column(rows, name) for name in m.columns}


def join(known: dict[str, Any], group: Any, m: Any, from_arms: Any) -> Any:
    """Return how the rows of a group become one effect, or None where they cannot.

    Parameters
    ----------
    known : dict
        From `arms_of`.
    group : list of int
        Positions of rows, from `shared_groups`.
    m : Measure
    from_arms : bool
        Whether every row has the numbers of its two arms.

    Returns
    -------
    (side, columns) or None
        The side on which one arm is shared (None where several stand on both), and the columns of the joined arms (None
        where contrasts must be combined instead).
    """
    pairs = [tuple(known[name][i] for name in _IDS.values()) for i in group]
    arms = {side: {} for side in _IDS}
    for i, pair in zip(group, pairs, strict=True):
        for side, name in zip(_IDS, pair, strict=True):
            arms[side].setdefault(name, []).append(i)
    if len(set(pairs)) < len(pairs) or set(arms["int"]) & set(arms["ctl"]):
        return None  # a pair of arms that is there twice, or an arm that is compared with itself over another
    side = next((side for side, found in arms.items() if len(found) == 1), None)
    columns = _columns(known, arms, m) if from_arms else None
    return (side, columns) if columns or side else None


def _columns(known, arms, m):
    """Return the columns of the two joined arms, or None where an arm has other numbers in another of its rows."""
    joined = {}
    for side, found in arms.items():
        names = [name for name in m.columns if name.endswith(f"_{side}")]
        values = {name: known[name] for name in names}
        # NaN equals nothing, so an arm without its numbers cannot be joined either.
        if not all(
            (values[name][places] == values[name][places[0]]).all() for name in names for places in found.values()
        ):
            return None
        first = [places[0] for places in found.values()]
        if len(first) == 1:
            joined |= {name: values[name][first[0]] for name in names}
        elif m.columns == ARMS:
            arm = combine_groups(*(values[f"{name}_{side}"][first] for name in ("n", "mean", "sd")))
            joined |= {f"n_{side}": arm.n, f"mean_{side}": arm.mean, f"sd_{side}": arm.sd}
        else:
            joined |= {name: values[name][first].sum() for name in names}
    return joined


def counted_twice(rows: Frame, studies: Any, refuse: Any) -> None:
    """Refuse studies that hold the same people twice where a comparison rests on both (`main`), else warn of them.

    Raises
    ------
    EvidenceError
        Two studies of one trial, or of one arm under two trial labels; the message names the rows.
    """
    named = ("use", "arm_id", "control_id")
    known = dict(zip(rows["result_id"], zip(*(text(rows, name) for name in named), strict=True), strict=True))
    seen, double = {}, []
    for trial, ids in studies.loc[studies["excluded"].isna(), ["trial", "result_ids"]].itertuples(index=False):
        mine = [known[name] for name in ids.split("; ")]
        main = refuse and all(use == "main" for use, *_ in mine)
        people = {(folded(trial),), *(arm for _, *arms in mine for arm in arms if arm)}
        before = [seen[group] for group in people if group in seen]
        if main and any(earlier for _, earlier in before):
            first = next(name for name, earlier in before if earlier)
            raise EvidenceError(
                f"{first} and {ids} would count people of {trial} twice: they are not arms of one trial at one time, "
                "on one instrument, that share a group. Write the same control_id (or arm_id) for the group they "
                "share, the same join_as into rows of different people, or keep one of them as main"
            )
        double += [trial] if before else []
        for group in people:
            seen.setdefault(group, (ids, main))
    if double:
        warn(
            f"{', '.join(map(str, dict.fromkeys(double)))}: more than one row is not an arm against a shared control "
            "(arm_id and control_id say which arms are the same); pooled together they would count people twice"
        )


def joined_contrasts(estimate: Any, variance: Any, n_apart: Any, n_shared: Any) -> tuple[float, float, float]:
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
