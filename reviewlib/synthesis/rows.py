"""Take effects and variances out of a studies table: refuse what is broken, keep what is left out with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import gate
from ..effects.contrast import symmetry
from ..effects.twins import refuse_twins
from ..errors import EvidenceError, warn
from ..nouns import count
from ..results import Result
from ..typed import Frame, Studies

UNIQUE = ("trial", "study")  # authors may well share a name
LABELS = (*UNIQUE, "label", "slab", "author")


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


def read_rows(
    studies: Studies,
    estimate: Any = "estimate",
    variance: Any = "variance",
    label: str | None = None,
    *,
    independent: bool = True,
) -> Rows:
    """Return the Rows of a studies table.

    Parameters
    ----------
    studies : table or fitted result
        As `reviewlib.gate.table` takes it, one row per study. A missing effect or variance leaves the row out, with the
        reason in `excluded`; so does a reason that stands there already. Without a column `variance`, `se` is squared.
    estimate, variance : str
        Columns of the effects (ratios as logarithms) and of their squared standard errors.
    label : str, optional
        Column that names the studies; else trial, study, label, slab or author, else the index.
    independent : bool, default True
        The method takes its rows for separate studies: several rows of one study get a MethodWarning.

    Returns
    -------
    Rows
        `table` has the column `variance` whether or not it was given, and text in `excluded` once a row is left out.

    Raises
    ------
    EvidenceError
        Columns missing, text in a number, infinite effects, negative standard errors, variances that are not above
        zero: all rows at once.
    """
    fitted = getattr(studies, "_rows", None) if isinstance(studies, Result) else None
    if isinstance(fitted, Rows):
        return fitted
    table = gate.table(studies)
    there = set(table.columns)
    if label is None:
        label = next((name for name in LABELS if name in there), None)
    elif label not in there:
        has = ", ".join(map(str, table.columns))
        raise EvidenceError(f"there is no column {label!r} to name the studies: the table has {has}")
    names = None if label is None else [str(name) for name in table[label]]  # None: that of the index, where asked for
    y = gate.numbers(table, (estimate,), names)[estimate]
    table, v = _variances(table, variance, names)
    if "route" not in there:  # effect_sizes has compared them already
        refuse_twins(table, y, np.sqrt(np.abs(v)), y, estimate, names)
        if {"ci_low", "ci_high"} <= there:
            _refuse_ratios(table, y, names)
    said = gate.reasons(table)
    used = np.isfinite(y) & (v > 0) & np.isfinite(v) & np.array([not reason for reason in said], bool)
    if independent and label in UNIQUE and names and len(set(names)) < len(names):
        warn_of_repeats(table[used], label)
    if "measure" in there and table.attrs.get("measure") in (None, "GEN"):
        _refuse_several(gate.named_measures(table[used]))
    if used.all():
        return Rows(y, v, used, table.copy(deep=False), label)
    said = [
        reason or ("" if ok else "no estimate" if np.isnan(a) else "no variance" if np.isnan(b) else "")
        for reason, ok, a, b in zip(said, used, y, v, strict=True)
    ]
    broken = ~used & np.array([not reason for reason in said], bool)
    remedy = "Correct it, or leave the study out by a reason in the column `excluded`"
    gate.refuse(table, [(variance, broken, "variance must be above zero and finite", remedy)], names)
    return Rows(y[used], v[used], used, table.assign(excluded=said), label)


def _refuse_several(held):
    """Refuse effects of several measures: their mean is one of nothing."""
    if len(held) > 1:
        raise EvidenceError(
            f"the effects are of several measures ({', '.join(sorted(held))}), as the column measure says: keep the "
            "rows of one, or bring all to one first"
        )


def warn_of_repeats(table: Frame, label: str) -> None:
    """Warn where a study has several rows; one name in two years is two studies."""
    same = [label, *({"year"} & set(table.columns))]
    repeated = table[table.duplicated(same, keep=False)].groupby(label, sort=False)
    if len(repeated):
        named = [f"{name} ({', '.join(rows['place'])})" if "place" in rows else f"{name}" for name, rows in repeated]
        told = ", ".join(named[:5]) + " ..." * (len(named) > 5)
        warn(
            f"more than one row of {told}: they are taken for separate studies, and the people they share are counted "
            "twice; keep one row each (or, in Python, use combine_within, multilevel or robust)"
        )


def _variances(table, variance, names):
    """Return the table with a column of variances, and the variances: as given, else the squared standard errors."""
    if "se" not in table.columns or variance != "variance":
        if variance not in table.columns and {"ci_low", "ci_high"} <= set(table.columns):
            has = ", ".join(map(str, table.columns))
            raise EvidenceError(
                f"there is no column {variance!r}: the table has {has}; effects with limits go through "
                'effect_sizes(table, "GEN") first'
            )
        v = gate.numbers(table, (variance,), names)[variance]
        gate.no_negative(table, variance, v, names)
        return table, v
    se = gate.numbers(table, ("se",), names)["se"]
    gate.no_negative(table, "se", se, names)
    if variance not in table.columns:
        return table.assign(**{variance: se**2}), se**2
    v = gate.numbers(table, (variance,), names)[variance]
    gate.no_negative(table, variance, v, names)
    _agree(se, v)
    return table, v


def _refuse_ratios(table, y, names):
    """Refuse effects whose limits lie around them as those of ratios do: what is pooled here is a logarithm."""
    bent, straight = symmetry({"estimate": y, **gate.numbers(table, ("ci_low", "ci_high"), names)})
    if (bent & ~straight).any() and not (straight & ~bent).any():
        where = (gate.labels(table) if names is None else names)[int(np.flatnonzero(bent & ~straight)[0])]
        raise EvidenceError(
            f"{where}: the limits lie around the effect as those of a ratio do, and effects of ratios are pooled as "
            'logarithms: write effect_sizes(table, "GEN", ratio=True) first, or drop the limits'
        )


def _agree(se, v):
    """Warn where a standard error and a variance cannot belong to one study: one is taken for the other easily."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = se**2 / v
    apart = int(((ratio < 0.5) | (ratio > 2)).sum())
    if apart:
        text = f"`variance` is not the square of `se` in {count(apart, 'row')}: `variance` is what is used"
        warn(f"{text}; drop the column that is wrong")
