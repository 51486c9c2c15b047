"""From a formula and a table to a design matrix, with every row that cannot be used named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import EvidenceError, TooFewStudiesError


@dataclass(frozen=True, slots=True)
class Design:
    """Columns of the model matrix for the rows that were used; `spec` repeats the coding on new rows."""

    formula: str
    terms: tuple
    X: np.ndarray
    intercept: int | None
    variables: tuple
    spec: object

    @property
    def characteristics(self) -> int:
        """Terms of the formula beside the intercept: a factor counts once, however many levels it has."""
        return sum(len(term.factors) > 0 and str(term) != "1" for term in self.spec.terms)

    @property
    def mean_only(self) -> bool:
        return len(self.terms) == 1 and self.intercept is not None

    @property
    def tested(self):
        """Positions of the coefficients that the omnibus test takes: all but the intercept, or all without one."""
        everything = np.arange(len(self.terms))
        if self.intercept is None or self.mean_only:
            return everything
        return np.delete(everything, self.intercept)

    def rows_for(self, newdata):
        """Return the model matrix of new rows, coded as the fitted ones (same factor levels and centring)."""
        gone = [name for name in self.variables if name not in newdata.columns]
        if gone:
            raise EvidenceError(f"newdata has no column {', '.join(map(repr, gone))}, which {self.formula} needs")
        return _matrix(self.spec, _ready(newdata, self.variables), self.formula)[0]


def variables_of(formula, columns):
    """Names of the columns that the formula reads; an unknown name is an error that lists the known ones."""
    from formulaic import Formula

    parsed = _right_hand_side(Formula, formula)
    wanted = sorted(str(name) for name in parsed.required_variables)
    unknown = [name for name in wanted if name not in columns]
    if unknown:
        raise EvidenceError(
            f"{formula}: no column {', '.join(map(repr, unknown))}; the table has {', '.join(map(str, columns))}"
        )
    return tuple(wanted)


def build_design(formula, frame, variables) -> Design:
    """Build the model matrix of `frame` and refuse one whose columns do not determine the coefficients."""
    from formulaic import Formula

    if not len(frame):
        raise TooFewStudiesError(f"{formula}: no study has an effect and every moderator")
    X, matrix = _matrix(_right_hand_side(Formula, formula), _ready(frame, variables), formula)
    terms = tuple(str(name) for name in matrix.columns)
    _refuse_collinear(X, terms, formula)
    constant = [j for j in range(X.shape[1]) if X.shape[0] and np.ptp(X[:, j]) == 0 and X[0, j] != 0]
    return Design(formula, terms, X, constant[0] if constant else None, variables, matrix.model_spec)


def _ready(frame, variables):
    """Nullable numbers as floats and factors without empty levels: what the formula library codes as intended."""
    import pandas as pd

    frame = frame[list(variables)].copy() if variables else frame
    for name in variables:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            frame[name] = values.cat.remove_unused_categories()
        elif pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
            frame[name] = values.to_numpy(dtype=float, na_value=np.nan)
        elif values.dtype == object:
            frame[name] = values.infer_objects()
    return frame


def _matrix(maker, frame, formula):
    import warnings

    from formulaic.errors import DataMismatchWarning, FormulaicError

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # A level that the fit has not seen would be coded as the reference level.
            warnings.simplefilter("error", DataMismatchWarning)
            matrix = maker.get_model_matrix(frame, na_action="raise")
    except (FormulaicError, ValueError, DataMismatchWarning) as problem:
        raise EvidenceError(f"{formula}: {problem}") from problem
    X = np.asarray(matrix, dtype=float)
    if not np.isfinite(X).all():
        raise EvidenceError(f"{formula} gives missing or infinite values: look for logarithms of zero and empty cells")
    return X, matrix


def _right_hand_side(Formula, formula):
    from formulaic.errors import FormulaicError

    text = formula.strip()
    if not text.startswith("~"):
        raise EvidenceError(f"{formula!r}: write the moderators as '~ dose + year', with nothing left of the tilde")
    try:
        return Formula(text[1:])
    except FormulaicError as problem:
        raise EvidenceError(f"{formula!r} is not a formula: {str(problem).splitlines()[0]}") from problem


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
        known = ", ".join(terms[j] for j in kept)
        raise EvidenceError(
            f"{formula}: {', '.join(surplus)} adds nothing that {known} does not already say in these {len(X)} "
            "studies (collinear, constant, or a level without studies): leave it out or merge levels"
        )
