"""effect_sizes: a table of arms or contrasts in, the same table with estimate, variance and their route out."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..door import door
from ..errors import EvidenceError, warn
from ..gate import labels, named_measures, numbers, refuse, require_columns, table as table_of
from ..measures import ARMS, CONTRAST, CORRELATION, COUNTS, ONE_GROUP, PERSON_TIME, measure_named
from ..typed import Frame, Table
from .binary import RULES, correct
from .columns import impossible
from .contrast import printed_contrast
from .finish import finish, why_unusable

NO_RATIO = "no events, or only events, in both arms"


@door
def effect_sizes(
    table: Table, measure: str, *, add: float | None = None, to: str = "only0", drop00: bool = False, ratio: Any = None
) -> Frame:
    r"""Estimate and sampling variance of each study, added to a copy of the table.

    Parameters
    ----------
    table : DataFrame, mapping of columns or list of records
        One row a study, labelled by `trial` (else `study`, else the index). Columns by measure:

        ================================ ==================================================================
        MD SMD SMDH ROM                  mean_int sd_int n_int mean_ctl sd_ctl n_ctl
        OR RR RD PETO AS                 events_int n_int events_ctl n_ctl
        IRR IRD IRSD                     events_int time_int events_ctl time_ctl
        PR PLN PLO PAS PFT               events n
        COR ZCOR                         r n
        MC SMCC SMCR                     mean_pre mean_post sd_pre sd_post n r (SMCR: without sd_post)
        GEN HR                           estimate ci_low ci_high [ci_level] [df] [measure], or estimate and se
        ================================ ==================================================================
    measure : str
        One of the names above.
    add : float, optional
        Added to every cell of a corrected row; 0.5, but 0 for AS PAS PFT IRSD, which are defined at zero.
    to : {"only0", "all", "if0all", "none"}
        Rows to correct: those with a zero cell; all; all if any row has a zero cell; none.
    drop00 : bool, default False
        Leave out rows without any event, or with nothing but events, in both arms. They say nothing about a ratio, and
        a MethodWarning names them when a correction makes them count.
    ratio : bool or sequence of bool, optional
        For GEN and HR: whether the estimates (all, or each row's) are ratios as printed, to be taken to the log scale;
        their `se` or `variance` is that of the logarithm. By default limits decide for the rows of a ratio (HR, or a
        column `measure` that says OR, RR, HR, IRR, ROM or PETO); without limits such rows are refused. Rows of other
        measures are differences.

    Returns
    -------
    DataFrame
        A copy with `estimate` (log scale for ratios), `variance` (squared), `se`, `corrected` (bool: a zero correction
        was added), `route` (how the number came about) and `excluded` (why a row has no estimate, else None). Rows that
        cannot be estimated stay, with NaN. For GEN the limits are turned to the analysis scale too. The measure's name
        stands in ``attrs["measure"]``.

    Raises
    ------
    EvidenceError
        Unknown measure, missing columns, or impossible values: all of them at once, by row and column.

    Notes
    -----
    Agrees with escalc of metafor 3.8-1 at its defaults (vtype "LS"); a row for which escalc gives a variance of 0 is
    excluded here, because it cannot be pooled, and a row with a missing value does not set off ``if0all``.

    References
    ----------
    viechtbauer2010

    Examples
    --------
    >>> trials = {"trial": ["A", "B"], "events_int": [4, 0], "n_int": [50, 40], "events_ctl": [9, 3], "n_ctl": [50, 41]}
    >>> effects = effect_sizes(trials, "RR")
    >>> print([f"{y:.4f}" for y in effects["estimate"]], effects["corrected"].tolist())
    ['-0.8109', '-1.9218'] [False, True]
    """
    m = measure_named(measure)
    if to not in RULES:
        raise EvidenceError(f"unknown zero-cell rule to={to!r}: use one of {', '.join(RULES)}")
    add = m.add if add is None else float(add)
    if not (np.isfinite(add) and add >= 0):
        raise EvidenceError(f"add must be 0 or more, got {add}")
    out = table_of(table, "table").copy()
    out.attrs["measure"] = m.name
    if m.columns == CONTRAST:
        _own_measure(out, m)
        return printed_contrast(out, ratio)
    if "estimate" in out and not set(m.columns) <= set(out.columns):
        raise EvidenceError(_instead(m, [name for name in m.columns if name not in out.columns]))
    require_columns(out, m.columns, m.title)
    given = out.copy(deep=False)
    c = numbers(out, m.columns)
    refuse(out, impossible(c))
    excluded = why_unusable(out, c)
    waiting = np.array([reason is not None for reason in excluded], dtype=bool)
    corrected = dropped = np.zeros(len(out), dtype=bool)
    if m.cells is not None:
        cells, double = m.corrected_cells(c)
        dropped = double & drop00
        c["cells"], corrected = correct(np.where(waiting | dropped, np.nan, cells), add, to)
        corrected &= ~waiting & ~dropped
        _double_zero(out, m, double & corrected)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        estimate, variance = m.effect(c)
    route = [_route(m, add if fixed else 0.0) for fixed in corrected]
    found = finish(out, estimate, variance, corrected, route, excluded, _why_not(m, dropped))
    return _with_printed(found, given, m, ratio)


def _own_measure(out, m):
    """Refuse estimates that are said to be of another measure than the one that is asked for."""
    others = named_measures(out[out["estimate"].notna()]) - {m.name} if m.name != "GEN" and "estimate" in out else ()
    if others:
        raise EvidenceError(
            f"estimate holds {', '.join(sorted(others))}, as the column measure says, and {m.name} was asked for: no "
            f'{m.name} follows from it. Write effect_sizes(table, "GEN") for estimates of what the column says'
        )


def _instead(m, lacking):
    """Say how estimates are used where the arms of a measure are missing."""
    named = f"add a column measure that says {m.name}, and " if m.transform in ("none", "log") else ""
    scale = 'write effect_sizes(table, "GEN"{})'.format
    ways = f"{scale(', ratio=True')} for ratios as printed, ratio=False for logarithms" if m.ratio else scale("")
    return (
        f"{m.title} needs the columns {', '.join(m.columns)}; missing: {', '.join(lacking)}. The table has estimates: "
        f"{named}{ways}"
    )


def _with_printed(found, given, m, ratio):
    """Fill the rows that report no arms but an estimate of this measure with what says how precise it is."""
    spreads = [name for name in ("se", "variance", "ci_low") if name in given]
    said = (("measure", m.name), ("contrast", "int-ctl"))  # of another measure or direction: `study_effects` turns them
    own = [given[name].fillna(word).to_numpy() == word for name, word in said if name in given]
    if "estimate" not in given or not spreads or m.transform not in ("none", "log"):
        return found
    lacking = np.array([str(why).startswith("not reported") for why in found["excluded"]], bool)
    rows = np.logical_and.reduce([lacking, *own])
    rows &= given["estimate"].notna().to_numpy() & given[spreads].notna().any(axis=1).to_numpy()
    if not rows.any():
        return found
    part = given[rows].assign(measure=m.name)
    part.attrs |= {"measure": m.name}
    printed = printed_contrast(part, ratio)
    for name in ("estimate", "variance", "se", "route", "excluded"):
        found.loc[rows, name] = printed[name]
    return found


_FROM = {
    ARMS: "means, SDs and n of both arms",
    COUNTS: "events and n of both arms",
    PERSON_TIME: "events and person-time of both arms",
    ONE_GROUP: "events and n",
    CORRELATION: "r and n",
}


def _route(m, add):
    source = _FROM.get(m.columns, "means, SDs and n before and after, with their correlation")
    return f"{m.title} from {source}" + (f"; {add:g} added to each cell" if add else "")


def _why_not(m, dropped):
    return [NO_RATIO if d else m.undefined for d in dropped]


def _double_zero(out, m, rows):
    """Warn where a correction alone makes a study without information about a ratio count."""
    if m.ratio and m.columns in (COUNTS, PERSON_TIME) and rows.any():
        names = ", ".join(np.array(labels(out), dtype=object)[rows])
        warn(
            f"{NO_RATIO} of {names}: with the correction they count although they say "
            "nothing about a ratio; drop00=True leaves them out"
        )
