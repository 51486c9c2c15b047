"""The rows of a forest plot, before anybody decides how to draw them.

One list of rows serves the picture for papers and the table for pages. Every study that came in goes out as a row:
one without a computable effect keeps its place and says in words what is known of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..door import coverage
from ..errors import EvidenceError
from ..gate import measure_of
from ..measures import find
from .bias import BiasGrid, bias_grid
from .canvas import entered
from .study_rows import Row, study_rows
from .words import code, decimals, missing, name, null_value, number, percent, sentence, shown


@dataclass(frozen=True, slots=True)
class Forest:
    """Rows with what belongs to all of them."""

    rows: tuple
    measure: str
    level: float
    digits: int
    null: float | None
    mid: tuple  # limits of the stretch too small to matter, or empty
    pooled: bool
    columns: tuple  # of (key, head, group), arm columns that hold something
    bias: BiasGrid | None
    arms: tuple
    unit: str
    notes: tuple

    @property
    def weighted(self) -> bool:
        """Return whether any study has a weight to show."""
        return self.pooled and any(row.weight is not None for row in self.studies)

    @property
    def studies(self) -> tuple:
        """Return the rows that are studies."""
        return tuple(row for row in self.rows if row.kind == "study")

    def text(self, row: Any, *, plain: bool = False) -> str:
        """Return ``estimate [low, high]`` of a row, or the words in its place."""
        if row.kind == "prediction":
            low, high = (number(v, self.digits, plain=plain) for v in (row.low, row.high))
            return f"[{low}, {high}]"
        if row.estimate is None:
            return row.word
        est, low, high = (number(v, self.digits, plain=plain) for v in (row.estimate, row.low, row.high))
        return f"{est} [{low}, {high}]" if low else est

    @property
    def heading(self) -> str:
        """Return the head of the effect column: measure, unit, coverage."""
        unit = f", {self.unit}" if self.unit else ""
        m = find(code(self.measure))
        short = code(self.measure) if len(code(self.measure)) <= 5 and m.heading(1) == m.name else name(self.measure)
        return f"{short if short != 'GEN' else 'Effect'}{unit} [{percent(self.level)} CI]"


def forest_rows(
    studies: Any,
    pooled: Any = None,
    *,
    subgroups: Any = None,
    by: str | None = None,
    label: str | None = None,
    detail: str | None = None,
    measure: str | None = None,
    level: float | None = None,
    arms: Any = ("Intervention", "Control"),
    risk_of_bias: Any = None,
    null: Any = None,
    mid: float | None = None,
    digits: int | None = None,
    unit: str = "",
    reason: str = "",
    notes: Any = (),
    sort: str | None = None,
    extra: Any = (),
    limits: Any = None,
) -> Forest:
    """Return the rows of a forest plot; parameters as in `forest`."""
    frame, pooled, subgroups = _inputs(studies, pooled, subgroups)
    measure = measure_of(frame, measure or getattr(pooled, "measure", None)) or "GEN"
    level = coverage(getattr(pooled, "level", None) or 0.95 if level is None else level)
    label = label or next((c for c in ("trial", "study") if c in frame.columns), None)
    sorting = [sort] if isinstance(sort, str) else sort or ()
    _check_columns(frame, label, detail, by, *sorting, *extra, *(limits or ()))
    named = {"label": label, "detail": detail, "extra": extra, "limits": limits}
    rows = study_rows(frame, _weights(frame, pooled), measure=measure, level=level, **named)
    if sort is not None:
        rows = [rows[i] for i in frame.reset_index(drop=True).sort_values(sort, kind="stable").index]
        frame = frame.sort_values(sort, kind="stable")
    rows = _grouped(rows, list(frame[by]), subgroups, measure) if by else rows
    rows += _summary_rows(pooled, _pooled_label(pooled, "Pooled"), "pooled", measure, level)
    values = [v for row in rows for v in (row.low, row.high, row.estimate)]
    if reason:
        notes = (f"Not pooled: {reason.rstrip('.')}.", *notes)
    null = null_value(measure) if null is None else null
    return Forest(
        rows=tuple(rows),
        measure=measure,
        level=level,
        digits=decimals(values, measure) if digits is None else digits,
        null=null,
        mid=_threshold(mid, null),
        pooled=pooled is not None,
        columns=_columns(rows, arms),
        bias=None if risk_of_bias is None else bias_grid(risk_of_bias),
        arms=tuple(arms),
        unit=unit,
        notes=tuple(notes),
    )


def _check_columns(frame, *names):
    """Refuse columns that are not there; the words that `columns` knows itself need not be."""
    lacking = [str(name) for name in names if name is not None and name not in frame.columns and name not in _OWN]
    if lacking:
        has = ", ".join(map(str, frame.columns))
        raise EvidenceError(f"there is no column {', '.join(lacking)}: the table has {has}")


_OWN = ("n", "events", "mean", "effect", "weight")


def _threshold(mid, null):
    if mid is None:
        return ()
    return tuple(mid) if hasattr(mid, "__len__") else ((null or 0.0) - abs(mid), (null or 0.0) + abs(mid))


def _inputs(studies, pooled, subgroups):
    """Return the table of studies, the overall result and the results by group, whatever came in."""
    if hasattr(studies, "studies"):
        pooled = studies if pooled is None else pooled
        studies = studies.studies
    studies = entered(studies)
    for part in ("by_group", "groups", "results"):
        if subgroups is not None and not hasattr(subgroups, "items") and hasattr(subgroups, part):
            subgroups = getattr(subgroups, part)
    if subgroups is not None and not hasattr(subgroups, "items"):
        subgroups = {group.name: group for group in subgroups}
    return studies, pooled, dict(subgroups or {})


def _weights(frame, pooled):
    """Return one weight a row as a fraction of all, None where there is none."""
    if pooled is not None and getattr(pooled, "weights", None) is not None and len(pooled.weights) == len(frame):
        values = list(pooled.weights)
    elif pooled is not None and "weight" in frame.columns:
        values = list(frame["weight"])
    else:
        values = [None] * len(frame)
    return [None if missing(v) else float(v) for v in values]


def _columns(rows, arms):
    """Return the arm columns worth showing: events of people, or mean (SD) and people."""
    held = {key for row in rows for key in row.cells}
    if held & {"events_int", "events_ctl"}:
        return tuple((f"events_{arm}", "events/n", head) for arm, head in zip(("int", "ctl"), arms, strict=True))
    kinds = [("mean", "mean (SD)"), ("n", "n")]
    return tuple(
        (f"{kind}_{arm}", text, head)
        for arm, head in zip(("int", "ctl"), arms, strict=True)
        for kind, text in kinds
        if held & {f"{kind}_int", f"{kind}_ctl"}
    )


def _grouped(rows, groups, results, measure):
    """Return the rows under a heading a group, each group closed by its summary where it has one."""
    out = []
    for group in dict.fromkeys("" if missing(g) else g for g in groups):
        members = [row for row, g in zip(rows, groups, strict=True) if ("" if missing(g) else g) == group]
        out.append(Row("group", str(group) or "Group not reported"))
        out += members
        result = results.get(group, results.get(str(group)))
        if result is not None and getattr(result, "pooled", True):
            out += _summary_rows(result, _pooled_label(result, "Subtotal"), "subtotal", measure, None)
    return out


def _pooled_label(result, word) -> str:
    k = getattr(result, "k", None)
    return word if k is None else f"{word} (k = {k})"


def _summary_rows(result, text, kind, measure, level):
    """Return the diamond and, under it, the prediction interval where there is one."""
    if result is None or missing(getattr(result, "estimate", None)):
        return []
    low, high = result.ci
    estimate, low, high = (shown(value, measure) for value in (result.estimate, low, high))
    rows = [Row(kind, text, estimate=estimate, low=low, high=high, weight=getattr(result, "weight", None))]
    prediction = getattr(result, "prediction", None)
    if prediction is not None and kind == "pooled" and not missing(prediction[0]):
        text = f"Expected in a new setting ({percent(level)} prediction interval)"
        rows.append(Row("prediction", text, low=shown(prediction[0], measure), high=shown(prediction[1], measure)))
    return rows


def heterogeneity(result: Any) -> str:
    """Return the spread between studies in one line, as the result holds it."""
    parts = []
    if not missing(getattr(result, "tau2", None)):
        parts.append(f"between-study variance \N{GREEK SMALL LETTER TAU}\N{SUPERSCRIPT TWO} = {result.tau2:.3g}")
    if not missing(getattr(result, "i2", None)):
        parts.append(f"I\N{SUPERSCRIPT TWO} = {100 * result.i2:.0f}%")
    if not missing(getattr(result, "q", None)):
        parts.append(f"Q = {result.q:.1f}")
    return sentence("; ".join(parts))
