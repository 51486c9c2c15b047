"""One meta-analysis per group of a table that need not fit in memory: a living map of many questions."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from ..errors import EvidenceError
from ..extras import need
from ..gate import numbers, one_column, reasons, table
from ..nouns import count
from ..typed import Frame, Table
from ..workers import each

COLUMNS = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "q", "i2", "converged")
ROWS = 200_000  # of a table that are one piece of work
WIDER = 1.5  # groups up to this many times the smallest of a batch share it: at most a third of its cells are empty


def by_group(
    source: Table | str | Path,
    by: str,
    *,
    method: str = "REML",
    ci: str = "wider",
    level: float = 0.95,
    estimate: str = "estimate",
    variance: str = "variance",
    n_jobs: int | None = None,
) -> Frame:
    """Pool the studies of every group.

    Parameters
    ----------
    source : table or path
        One row per study. A folder of Parquet files (or one file) is read file by file, one per process at a time, so
        that memory holds a few files and not the table; a Dask dataframe is taken partition by partition. All rows of
        a group stand in one file or partition.
    by : str
        Column that names the group of a row.
    method, ci, level : optional
        As in `reviewlib.meta_analysis`.
    estimate, variance : str
        Columns of the effects on the analysis scale and of their squared standard errors (`se` is squared where there
        is no variance). A row in which one of them is missing, or with a reason in `excluded`, is left out.
    n_jobs : int, optional
        Processes, through joblib; -1 uses every core (see `reviewlib.workers`).

    Returns
    -------
    DataFrame
        One row per group in the order of its name: `by`, k, estimate, se, ci_low, ci_high, tau2, q, i2 and converged.
        A group of one study has that study's effect with normal limits and no tau2; one without any is empty.

    Raises
    ------
    EvidenceError
        A column is missing or holds what is no number, a variance is not above zero, or a group is spread over files.

    Examples
    --------
    >>> import reviewlib as rl
    >>> rows = {"topic": ["a", "a", "b", "b"], "estimate": [0.1, 0.3, 0.2, 0.6], "variance": [0.02, 0.03, 0.01, 0.02]}
    >>> print(rl.batch.by_group(rows, "topic")[["topic", "k"]].to_dict("list"))
    {'topic': ['a', 'b'], 'k': [2, 2]}
    """
    import pandas as pd

    how = partial(_pooled, by=by, columns=(estimate, variance), method=method, ci=ci, level=level)
    parts = _parts(source, by)
    if len(parts) == 1:
        return how(next(iter(parts.values())))
    found = each(how, parts.values(), n_jobs, "parts of the table")
    whole = pd.concat(found, ignore_index=True)
    if whole[by].duplicated().any():
        name = whole.loc[whole[by].duplicated(), by].iloc[0]
        there = ", ".join(file for file, part in zip(parts, found, strict=True) if (part[by] == name).any())
        raise EvidenceError(f"{by} {name} stands in {there}: write the table sorted by {by}, a group whole in one file")
    return whole.sort_values(by, ignore_index=True)


def _parts(source, by):
    """Return what is done as one piece, by name: files, partitions, or rows of a table whose groups are whole.

    The pieces do not depend on how many workers there are, and so the digits do not.
    """
    if hasattr(source, "npartitions"):  # a Dask dataframe
        return {f"partition {i}": source.partitions[i] for i in range(source.npartitions)}
    if isinstance(source, str | Path):
        path = Path(source)
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
        if not files:
            raise EvidenceError(f"{path} holds no Parquet file: name a folder with *.parquet, or give a table")
        return {file.relative_to(path).as_posix() if file != path else file.name: file for file in files}
    frame = table(source)
    return {str(i): part for i, part in enumerate(_pieces(frame, by))} if len(frame) > ROWS else {"0": frame}


def _pieces(frame, by):
    """Yield about `ROWS` rows at a time, every group whole."""
    import pandas as pd

    code = pd.factorize(one_column(frame, by), sort=True)[0]
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-2))
    at = np.searchsorted(starts, np.arange(0, len(frame), ROWS))
    cuts = [*np.unique(starts[at[at < len(starts)]]), len(frame)]
    for first, end in zip(cuts[:-1], cuts[1:], strict=True):
        yield frame.iloc[order[first:end]]


def _pooled(source, *, by, columns, method, ci, level):
    import pandas as pd

    from ..synthesis.intervals import check_rule, mean_interval
    from . import checked, fit

    check_rule(ci, level)
    if isinstance(source, Path):
        source = _read(source, {by, *columns, "se", "excluded"})
    frame = table(source.compute() if hasattr(source, "compute") else source)
    if one_column(frame, by).isna().any():
        raise EvidenceError(
            f"the column {by} is empty in {count(int(frame[by].isna().sum()), 'row')}: name the group of each"
        )
    y, v = _effects(frame, *columns)
    code, names = pd.factorize(frame[by], sort=True)
    order = np.argsort(code, kind="stable")
    size = np.bincount(code, minlength=len(names))
    start = np.cumsum(size) - size
    y, v = y[order], v[order]
    out = {name: np.full(len(names), np.nan) for name in COLUMNS}
    for group, places in _alike(size):
        place = start[group, None] + np.arange(places)
        there = place < (start + size)[group, None]
        place = np.where(there, place, 0)
        got = fit(*checked(np.where(there, y[place], np.nan), np.where(there, v[place], np.nan)), method)
        se, _, low, high = mean_interval(got, ci, level)
        tau2 = np.where(got.df > 0, got.tau2, np.nan)
        values = (got.k, got.estimate, se, low, high, tau2, got.q, got.i2, got.converged)
        for name, value in zip(COLUMNS, values, strict=True):
            out[name][group] = value
    out["k"], out["converged"] = out["k"].astype(int), out["converged"] == 1
    return pd.DataFrame({by: names, **out})


def _read(file, wanted):
    import pandas as pd

    need("cluster", "pyarrow")
    from pyarrow.parquet import read_schema

    return pd.read_parquet(file, columns=[name for name in read_schema(file).names if name in wanted])


def _effects(frame, estimate, variance):
    """Return effects and variances, NaN in both for rows that lack one or are left out by a reason."""
    if variance not in frame.columns and "se" in frame.columns:
        read = numbers(frame, (estimate, "se"))
        if (read["se"] < 0).any():
            raise EvidenceError(f"a standard error cannot be negative; {int((read['se'] < 0).sum())} are")
        y, v = read[estimate], read["se"] ** 2
    else:
        y, v = numbers(frame, (estimate, variance)).values()
    out = np.array([reason != "" for reason in reasons(frame)], bool) | np.isnan(y) | np.isnan(v)
    return np.where(out, np.nan, y), np.where(out, np.nan, v)


def _alike(size):
    """Yield positions of groups of about the same size, and the places of a row of theirs: few of them are empty.

    The places depend on the size of a group alone, and so do the digits of its sums, whatever stands beside it.
    """
    low, places = 0, 1
    while low < size.max(initial=0):
        group = np.flatnonzero((size > low) & (size <= places))
        if len(group):
            yield np.resize(group, max(len(group), 8)), places  # few are summed in another order
        low, places = places, max(int(WIDER * places), places + 1)
