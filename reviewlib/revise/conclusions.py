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

from ..evidence.folder import Folder, TopicFolder
from ..evidence.rows import rows_of, texts_of
from .rows import Change, changes
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


def difference(before: State, after: State) -> Difference:
    """Return the rows that differ and the conclusions that moved, those that change first."""
    rows = changes(before.folder, after.folder)
    if before.problems or after.problems or not rows:
        return Difference(before, after, rows, (), 0)
    touched, compared = {change.topic for change in rows}, []
    for topic in {**before.folder.topics, **after.folder.topics}:
        reached = _reached(before.folder.topics.get(topic), after.folder.topics.get(topic), rows)
        if (topic in touched or "" in touched) and reached != set():
            from .compared import of_topic  # and with it pandas: only where something is computed

            compared += of_topic(before.evidence, after.evidence, topic, rows, reached)
    if any(change.table == "claims" for change in rows):
        from .compared import of_claims

        compared += of_claims(before.evidence, after.evidence)
    moved = sorted((c for c in compared if c.moved), key=lambda c: not c.changed)
    every = _names(before.folder) | _names(after.folder)
    return Difference(before, after, rows, tuple(moved), len(every) - len(moved))


def _reached(old: TopicFolder | None, new: TopicFolder | None, rows: tuple[Change, ...]) -> set[str] | None:
    """Return the comparisons that use a result that differs; None where more than results and readings differ."""
    if old is None or new is None or old.about.info != new.about.info or not old.about.ids("comparisons"):
        return None
    here = [change for change in rows if change.topic in (old.name, "")]
    used, later = (list(texts_of(t.tables.get("synthesis"), "comparison_id", "result_id")) for t in (old, new))
    empty = not all(rows_of(topic.tables.get("results")) for topic in (old, new))  # of which it is said that it is
    if empty or used != later or any(change.table not in ("results", "readings") for change in here):
        return None
    differ = {change.record for change in here if change.table == "results"}
    return {comparison or "" for comparison, result in used if result in differ}


def _names(folder: Folder) -> set[tuple[str, str]]:
    """Return (topic, name) of every conclusion of a state."""
    names = {("claims", claim or "") for (claim,) in texts_of(folder.shared.get("claims"), "claim_id")}
    for name, topic in folder.topics.items():
        names |= {(name, said) for said in [*topic.about.ids("comparisons"), *statement_names(topic.about.info)]}
    return names


def statement_names(info: Mapping) -> list[str]:
    """Return the names of what a page says beside its comparisons, of a topic with that topic.yml."""
    return ["answer", "harms"] if info.get("comparisons") or info.get("harm_line") else ["answer"]


def _same(a, b) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
