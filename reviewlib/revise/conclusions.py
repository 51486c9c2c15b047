"""What a change of the tables does to each conclusion, and how far each changed row alone moves it.

Both states are computed with the code of this checkout, so that only the evidence differs. Conclusions are what pages
say as such: every comparison, what a panel's ratings come to, the line on harms, the verdict on each claim. One *moves*
when anything that a reader sees of it differs; it *changes* when its words do: its sentence, its certainty, its basis,
or the side of no effect on which its interval lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, isclose
from typing import TYPE_CHECKING

from .rows import Change
from .states import State

if TYPE_CHECKING:
    from ..meaning.finding import Finding

NUMBERS = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2")


@dataclass(frozen=True, slots=True)
class Side:
    """A conclusion in one state: its numbers on the scale that a reader sees, its words, and why there is none.

    `said` are words, and `figures` texts with numbers, beside or instead of those of a finding.
    """

    found: Finding | None
    fault: str = ""
    said: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """Return one of `NUMBERS`, back-transformed for a ratio (not tau2), or None."""
        if self.found is None:
            return None
        pooled = self.found.pooled
        if name == "tau2":
            return pooled.tau2 if pooled is not None else None
        if name.startswith("prediction"):
            limits = pooled.prediction if pooled is not None else None
            value = None if limits is None else limits[name == "prediction_high"]
            return exp(value) if value is not None and self.found.ratio else value
        return None if self.found.shown is None else self.found.shown[("estimate", "low", "high").index(name)]

    @property
    def words(self) -> dict[str, str]:
        """Return what is said: the sentence first; of a finding also certainty, basis and where the interval lies."""
        if self.found is None:
            return {"sentence": self.fault, "certainty": "", "basis": "", "interval": ""} | self.said
        rated = self.found.certainty
        return {
            "sentence": self.found.sentence,
            "certainty": rated.level if rated else "not rated",
            "basis": self.found.basis,
            "interval": _where(self.found),
            **self.said,
        }

    @property
    def people(self) -> tuple[int, int | None]:
        """Return trials and people."""
        return (0, None) if self.found is None else (self.found.trials, self.found.people)


def _where(found: Finding) -> str:
    if found.ci is None:
        return "no interval"
    low, high = found.ci
    return "includes no effect" if low <= 0 <= high else "below no effect" if high < 0 else "above no effect"


@dataclass(frozen=True, slots=True)
class Alone:
    """One changed result by itself, everything else as before: the estimate it leads to, and the sentence."""

    record: str
    kind: str
    side: Side


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One comparison, or another thing that pages say as a conclusion, before and after."""

    topic: str
    comparison: str
    title: str
    before: Side
    after: Side
    alone: tuple[Alone, ...]

    @property
    def changed(self) -> bool:
        """Whether the sentence, the certainty, the basis or the side of the interval differs."""
        return self.before.words != self.after.words

    @property
    def moved(self) -> bool:
        """Whether anything that a reader sees differs."""
        numbers = (_same(self.before.number(name), self.after.number(name)) for name in NUMBERS)
        texts = (self.before.people, self.before.figures) == (self.after.people, self.after.figures)
        return self.changed or not texts or not all(numbers)

    @property
    def shown(self) -> Finding:
        """Return the later finding, or the earlier where the comparison is gone."""
        return self.after.found or self.before.found


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two states."""

    before: State
    after: State
    rows: tuple[Change, ...]
    conclusions: tuple[Conclusion, ...]
    unmoved: int

    @property
    def comparable(self) -> bool:
        """Whether both states pass the check, so that their conclusions can be computed."""
        return not (self.before.problems or self.after.problems)

    @property
    def exit_code(self) -> int:
        """Return 0 when no conclusion moved, 1 when one did or a state does not pass the check."""
        return 0 if self.comparable and not self.conclusions else 1


def statement_names(info: Mapping) -> list[str]:
    """Return the names of what a page says beside its comparisons, of a topic with that topic.yml."""
    return ["answer", "harms"] if info.get("comparisons") or info.get("harm_line") else ["answer"]


def _same(a, b) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
