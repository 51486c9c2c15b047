"""From a formula and a table to a design matrix, with every row and term that cannot be used named."""

from __future__ import annotations

import datetime
import numbers
import re
import warnings
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EvidenceError, TooFewStudiesError
from ..typed import Array, Frame
from .formula import bare_names, explained, parse

NUMBER = re.compile(r"\s*[-+−]?[\d.,' ]*\d([eE][-+]?\d+)?\s*%?\s*")


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of the model matrix for the rows that were used; `spec` repeats the coding on new rows."""

    formula: str
    terms: tuple
    X: np.ndarray
    intercept: int | None
    variables: tuple
    spec: Any

    @property
    def characteristics(self) -> int:
        """Terms of the formula beside the intercept: a factor counts once, however many levels it has."""
        return sum(len(term.factors) > 0 and str(term) != "1" for term in self.spec.terms)

    @property
    def mean_only(self) -> bool:
        return len(self.terms) == 1 and self.intercept is not None

    @property
    def tested(self) -> Array:
        """Positions of the coefficients that the omnibus test takes: all but the intercept, or all without one."""
        everything = np.arange(len(self.terms))
        if self.intercept is None or self.mean_only:
            return everything
        return np.delete(everything, self.intercept)

    def rows_for(self, newdata: Any) -> Array:
        """Return the model matrix of new rows, coded as the fitted ones (same factor levels and centring)."""
        gone = [name for name in self.variables if name not in newdata.columns]
        if gone:
            raise EvidenceError(f"newdata has no column {', '.join(map(repr, gone))}, which {self.formula} needs")
        empty = [name for name in self.variables if newdata[name].isna().any()]
        if empty:
            raise EvidenceError(f"newdata has empty cells in {', '.join(empty)}: a prediction needs every moderator")
        return _matrix(self.spec, _ready(newdata, self.variables, (), self.formula), self.formula)[0]


def new_rows(newdata: Any) -> Frame:
    """Return a DataFrame from a dict of columns, or of single values."""
    try:
        return pd.DataFrame({name: np.atleast_1d(np.asarray(cells, dtype=object)) for name, cells in newdata.items()})
    except (AttributeError, ValueError) as problem:
        raise EvidenceError("newdata is a table, or a dict with one list of equal length per moderator") from problem


def build_design(formula: str, frame: Frame, variables: Any) -> Design:
    """Build the model matrix of `frame`, in which every term of the formula has its columns.

    Parameters
    ----------
    formula : str
    frame : DataFrame
        The rows in use.
    variables : sequence of str
        The columns that the formula reads (`variables_of`).

    Returns
    -------
    Design
        The intercept is a column of ones, however it was written.

    Raises
    ------
    EvidenceError
        A column that is neither numbers nor groups, a factor with one level, a transformation without a value, a
        column that the others determine: each by its name.
    """
    if not len(frame):
        raise TooFewStudiesError(f"{formula}: no study has an effect and every moderator")
    parsed = parse(formula)
    X, matrix = _matrix(parsed, _ready(frame, variables, bare_names(parsed), formula), formula)
    terms = tuple(str(name) for name in matrix.columns)
    _refuse_missing_terms(matrix.model_spec, formula, len(frame))
    _refuse_collinear(X, terms, formula)
    ones = np.flatnonzero((np.abs(X - 1) <= 1e-12).all(axis=0))
    return Design(formula, terms, X, int(ones[0]) if ones.size else None, tuple(variables), matrix.model_spec)


def _ready(frame, variables, bare, formula):
    """Numbers as floats, groups as text, factors without empty levels: what the formula library codes as intended."""
    if not variables:
        return frame
    columns = {}
    for name in variables:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            columns[name] = values.cat.remove_unused_categories()
        elif pd.api.types.is_bool_dtype(values) or pd.api.types.is_any_real_numeric_dtype(values):
            columns[name] = values.to_numpy(dtype=float, na_value=np.nan)
        else:
            columns[name] = _plain(values.astype(object).to_numpy(), name, name in bare, formula)
    return pd.DataFrame(columns, index=frame.index)


def _plain(cells, name, bare, formula):
    """Return text as it is and numbers as floats; refuse every other kind, and text that holds numbers."""
    kinds = {_kind(cell) for cell in cells}
    if kinds == {"numbers"}:
        return np.array([float(cell) for cell in cells])
    if kinds != {"text"}:
        what = " and ".join(sorted(kinds))
        remedy = "a year or a number of days" if "dates" in kinds else "numbers only, or text only for groups"
        raise EvidenceError(f"{formula}: column {name!r} holds {what}: give {remedy}")
    distinct = set(cells)
    written = [cell for cell in distinct if NUMBER.fullmatch(cell)]
    if bare and 2 * len(written) >= len(distinct):
        raise EvidenceError(
            f"{formula}: column {name!r} holds numbers written as text ({written[0]!r}): turn it into numbers, or "
            f"write C({name}) where each value is a group of its own"
        )
    alike = {}
    for cell in sorted(distinct):
        twin = alike.setdefault(" ".join(cell.split()).casefold(), cell)
        if twin != cell:
            raise EvidenceError(f"{formula}: {twin!r} and {cell!r} in column {name!r} would be two groups: write one")
    return cells


def _kind(cell):
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, (bool, np.bool_, numbers.Real, Decimal)):
        return "numbers"
    if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)):
        return "dates"
    return {"Period": "dates", "complex": "complex numbers"}.get(type(cell).__name__, f"{type(cell).__name__} objects")


def _matrix(maker, frame, formula):
    from formulaic.errors import DataMismatchWarning

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A level that the fit has not seen would be coded as the reference level.
            warnings.simplefilter("error", DataMismatchWarning)
            matrix = maker.get_model_matrix(frame, na_action="raise")
        X = np.asarray(matrix, dtype=float)
    except DataMismatchWarning as problem:
        raise EvidenceError(f"{formula}: {_unseen(str(problem))}") from problem
    except Exception as problem:  # a formula calls functions on columns: anything can come of it
        raise EvidenceError(f"{formula}: {_uncomputed(str(problem))}") from problem
    bad = ~np.isfinite(X)
    if bad.any():
        names = ", ".join(str(matrix.columns[j]) for j in np.flatnonzero(bad.any(axis=0)))
        rows = ", ".join(map(str, frame.index[bad.any(axis=1)][:5]))
        raise EvidenceError(f"{formula}: {names} is infinite or not a number in row {rows}")
    return X, matrix


def _uncomputed(message):
    remedy = "these columns cannot be turned into moderators: give numbers, or text for groups"
    return explained("compute", message, remedy)


def _unseen(message):
    found = re.search(r"\{(.*?)\}", message)
    return f"{found[1] if found else 'a level'} is a group that no fitted study has"


def _refuse_missing_terms(spec, formula, k):
    """Refuse a factor with one level, whose columns would be left out, and any other term without a column."""
    for factor, contrast in spec.factor_contrasts.items():
        if len(contrast.levels) < 2:
            only = contrast.levels[0] if len(contrast.levels) else ""
            raise EvidenceError(
                f'{formula}: {factor} is "{only}" in all {k} studies in use; a factor needs two levels or more: '
                "leave it out"
            )
    for row in spec.structure:
        if not row.columns:
            raise EvidenceError(f"{formula}: {row.term} adds no column in these {k} studies: leave it out")


def _refuse_collinear(X, terms, formula):
    """Name each column that the columns before it already determine."""
    if X.shape[1] == 0:
        raise EvidenceError(f"{formula!r} has no column: nothing to estimate")
    scaled = X / np.maximum(np.abs(X).max(axis=0), 1e-300)
    kept, surplus = [], []
    for j in range(X.shape[1]):
        trial = [*kept, j]
        if np.linalg.matrix_rank(scaled[:, trial]) == len(trial):
            kept.append(j)
        else:
            surplus.append(terms[j])
    if surplus:
        known = ", ".join(terms[j] for j in kept) or "a column of zeros"
        raise EvidenceError(
            f"{formula}: {', '.join(surplus)} adds nothing that {known} does not already say in these {len(X)} "
            "studies (collinear, constant, or a level without studies): leave it out or merge levels"
        )
