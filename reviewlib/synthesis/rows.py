"""Take effects and variances out of a studies table: refuse what is broken, keep what is left out with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import EvidenceError, Problem, warn

LABELS = ("trial", "study", "label", "slab", "author")


@dataclass(frozen=True, slots=True)
class Rows:
    """The usable studies as arrays, and the whole table with a column `excluded` that says why a row is not used."""

    y: np.ndarray
    v: np.ndarray
    used: np.ndarray
    table: Any
    label: str | None

    @property
    def k(self) -> int:
        return len(self.y)

    @property
    def labels(self) -> list[str]:
        """Labels of all rows, used or not."""
        values = self.table.index if self.label is None else self.table[self.label]
        return [str(value) for value in values]

    @property
    def used_labels(self) -> list[str]:
        return [name for name, used in zip(self.labels, self.used, strict=True) if used]


def read_rows(studies, estimate="estimate", variance="variance", label=None) -> Rows:
    """Return the Rows of a studies table.

    Parameters
    ----------
    studies : DataFrame, or dict of columns
        One row a study. A missing effect or variance leaves the row out, with the reason in `excluded`; so does a
        reason that stands there already. Where `variance` is missing as a column, `se` is squared.
    estimate, variance : str
        Columns of the effects (ratios as logarithms) and of their squared standard errors.
    label : str, optional
        Column that names the studies; else trial, study, label, slab or author, else the index.

    Raises
    ------
    EvidenceError
        Columns missing, text in a number, infinite effects, variances that are not above zero: all rows at once.
    """
    if isinstance(studies, dict):
        studies = _frame(studies)
    if not hasattr(studies, "columns"):
        raise EvidenceError(f"studies must be a table with columns, got {type(studies).__name__}")
    columns = studies.columns
    if label is None:
        label = next((name for name in LABELS if name in columns), None)
    elif label not in columns:
        raise EvidenceError(f"there is no column {label!r} to name the studies: the table has {', '.join(columns)}")
    y = _numbers(studies, estimate)
    v = _numbers(studies, "se") ** 2 if variance not in columns and "se" in columns else _numbers(studies, variance)
    if variance == "variance" and "variance" in columns and "se" in columns:
        _agree(_numbers(studies, "se"), v)
    reasons = studies["excluded"].to_numpy(object) if "excluded" in columns else None
    used = np.isfinite(y) & (v > 0) & np.isfinite(v)
    if reasons is not None:
        used &= np.array([not _said(reason) for reason in reasons], bool)
    if used.all():
        return Rows(y, v, used, studies.copy(deep=False), label)
    table = _with_reasons(studies, y, v, used, reasons, label, (estimate, variance))
    return Rows(y[used], v[used], used, table, label)


def _frame(columns):
    import pandas as pd

    try:
        return pd.DataFrame(columns)
    except ValueError as problem:
        raise EvidenceError(f"columns of the studies differ in length: {problem}") from problem


def _numbers(table, column):
    if column not in table.columns:
        raise EvidenceError(f"there is no column {column!r}: the table has {', '.join(map(str, table.columns))}")
    values = table[column]
    if getattr(values, "ndim", 1) != 1:
        raise EvidenceError(f"there are {values.shape[1]} columns named {column!r}: rename or drop all but one")
    try:
        return values.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as problem:
        raise EvidenceError(f"column {column!r} holds text where numbers belong: {problem}") from problem


def _agree(se, v):
    """Warn where a standard error and a variance cannot belong to one study: one is taken for the other easily."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = se**2 / v
    apart = int(((ratio < 0.5) | (ratio > 2)).sum())
    if apart:
        text = f"`variance` is not the square of `se` in {apart} row{'s' * (apart > 1)}: `variance` is what is used"
        warn(f"{text}; drop the column that is wrong")


def _said(reason) -> bool:
    return isinstance(reason, str) and reason != ""


def _with_reasons(studies, y, v, used, reasons, label, names):
    """Return the table with every row that is left out explained; refuse values that can only be mistakes."""
    labels = studies.index if label is None else studies[label]
    said, problems = [], []
    for i, name in enumerate(labels):
        given = reasons[i] if reasons is not None and _said(reasons[i]) else ""
        if used[i] or given:
            said.append(given)
            continue
        if np.isnan(y[i]) or np.isnan(v[i]):
            said.append("no estimate" if np.isnan(y[i]) else "no variance")
            continue
        broken = "variance must be above zero and finite" if np.isfinite(y[i]) else "estimate must be finite"
        column, value = (names[1], v[i]) if np.isfinite(y[i]) else (names[0], y[i])
        remedy = "Correct it, or leave the study out by a reason in the column `excluded`."
        problems.append(Problem("studies", i + 2, column, str(name), f"{value:g}", broken, remedy))
    if problems:
        raise EvidenceError(problems)
    return studies.assign(excluded=said)
