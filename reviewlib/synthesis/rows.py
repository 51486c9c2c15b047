"""Read the studies that a model with moderators, clusters or funnels needs, and keep the others with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Rows:
    """Usable rows as arrays, beside the whole table with its reasons for exclusion."""

    y: np.ndarray
    v: np.ndarray
    used: np.ndarray
    studies: object
    labels: tuple

    @property
    def k(self) -> int:
        return len(self.y)

    def column(self, name):
        """Return a column of the used rows as an array."""
        return self.studies[name].to_numpy()[self.used]


def read_rows(studies, estimate="estimate", variance="variance", needed=(), label=None) -> Rows:
    """Return the rows with an estimate, a positive variance and every column in `needed`.

    `studies` is a table or any result that carries one as ``.studies``. A row without a number stays in the
    table with its reason; a number that cannot be right (infinite, variance not above zero) is an error.
    """
    studies = getattr(studies, "studies", studies)
    missing = [name for name in (estimate, variance, *needed) if name not in studies.columns]
    if missing:
        raise EvidenceError(f"the studies table has no column {', '.join(map(repr, missing))}")
    studies = studies.copy()
    labels = _labels(studies, label)
    y = studies[estimate].to_numpy(dtype=float, na_value=np.nan)
    v = studies[variance].to_numpy(dtype=float, na_value=np.nan)
    reasons = _reasons(studies, y, v, needed)
    used = np.array([reason is None for reason in reasons], dtype=bool)
    _refuse(labels, used & ~(np.isfinite(y) & np.isfinite(v)), f"{estimate} or {variance} is infinite")
    _refuse(labels, used & ~(v > 0), f"{variance} is not above zero")
    studies["excluded"] = reasons
    return Rows(y[used], v[used], used, studies, tuple(np.array(labels, dtype=object)[used]))


def _labels(studies, label):
    for name in (label, "trial", "study"):
        if name is not None and name in studies.columns:
            return [str(value) for value in studies[name]]
    return [str(value) for value in studies.index]


def _reasons(studies, y, v, needed):
    given = studies["excluded"] if "excluded" in studies.columns else [None] * len(studies)
    reasons = [None if value is None or value != value or value == "" else str(value) for value in given]
    for why, absent in (("no estimate", np.isnan(y)), ("no variance", np.isnan(v))):
        reasons = [why if r is None and gone else r for r, gone in zip(reasons, absent, strict=True)]
    for name in needed:
        absent = studies[name].isna().to_numpy()
        reasons = [f"no {name}" if r is None and gone else r for r, gone in zip(reasons, absent, strict=True)]
    return reasons


def _refuse(labels, broken, why):
    if broken.any():
        rows = ", ".join(f"row {i + 1} ({labels[i]})" for i in np.flatnonzero(broken))
        raise EvidenceError(f"{why}: {rows}")
