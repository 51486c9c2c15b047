"""What a change of the tables does to each conclusion, and how far each changed row alone moves it.

Both states are computed with the code of this checkout, so that only the evidence differs. Conclusions are what pages
say as such: every comparison, what a panel's ratings come to, the line on harms, the verdict on each claim. One *moves*
when anything that a reader sees of it differs; it *changes* when its words do: its sentence, its certainty, its basis,
or the side of no effect on which its interval lies.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from math import exp, isclose
from types import MappingProxyType

import pandas as pd

from ..errors import EvidenceError
from ..meaning.finding import Finding, finding, read_by
from ..meaning.people import absolute_rows
from ..meaning.plain_language import message, plain_words
from .rows import Change, changes
from .statements import claim_statements, statement_names, topic_statements
from .states import State

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
    touched = {change.topic for change in rows}
    topics = [*before.evidence.topics, *(t for t in after.evidence.topics if t not in before.evidence.topics)]
    compared = []
    for topic in topics:
        if topic in touched or "" in touched:
            compared += _topic(before.evidence, after.evidence, topic, rows)
    if any(change.table == "claims" for change in rows):
        compared += _stated("claims", *map(claim_statements, (before.evidence, after.evidence)))
    moved = sorted((c for c in compared if c.moved), key=lambda c: not c.changed)
    every = set().union(*(_names(state.evidence) for state in (before, after)))
    return Difference(before, after, rows, tuple(moved), len(every) - len(moved))


def _names(evidence) -> set[tuple[str, str]]:
    """Return (topic, name) of every conclusion of a state."""
    names = {("claims", claim) for claim in evidence.claims["claim_id"]}
    for topic in evidence:
        names |= {(topic.id, name) for name in [*(c["id"] for c in topic.comparisons), *statement_names(topic)]}
    return names


def _stated(topic, old, new) -> list[Conclusion]:
    """Return the conclusions that are no comparison, by the name of each, from what two states say."""
    gone = Side(None, "There was no such conclusion.")

    def side(state, name):
        return Side(None, "", *state[name][1:]) if name in state else gone

    sides = {name: [side(state, name) for state in (old, new)] for name in {**old, **new}}
    return [
        Conclusion(topic, name, (new.get(name) or old[name])[0], pair[0], pair[1], ()) for name, pair in sides.items()
    ]


def _topic(old, new, topic, rows) -> list[Conclusion]:
    a, b = (state[topic] if topic in state.topics else None for state in (old, new))
    named = {c["id"]: c for state in (a, b) if state is not None for c in state.comparisons}
    found, reached = [], _reached(a, b, rows)
    for name, comparison in named.items():
        if (reached is not None and name not in reached) or (
            a is not None and b is not None and _same_read(a, b, name)
        ):
            continue
        sides = [_side(state, name) for state in (a, b)]
        title = comparison.get("title", name)
        one = Conclusion(topic, name, title, sides[0], sides[1], ())
        if one.moved and a is not None and b is not None:
            one = replace(one, alone=_each_alone(a, b, name, rows))
        found.append(one)
    return found + _stated(topic, *({} if state is None else topic_statements(state) for state in (a, b)))


def _reached(old, new, rows) -> set[str] | None:
    """Return the comparisons that use a result that differs; None where more than results and readings differ."""
    if old is None or new is None or not old.tables["synthesis"].equals(new.tables["synthesis"]):
        return None
    here = [change for change in rows if change.topic in (old.id, "")]
    if any(change.table not in ("results", "readings") for change in here):
        return None
    differ = {change.record for change in here if change.table == "results"}
    used = old.tables["synthesis"]
    return set(used.loc[used["result_id"].isin(differ), "comparison_id"])


def _same_read(old, new, name) -> bool:
    """Whether a comparison of both states is made from the same rows and words, so that it cannot move."""
    if not all(any(c["id"] == name for c in topic.comparisons) for topic in (old, new)):
        return False
    try:
        before, after = (
            {**read_by(topic, name), "words": plain_words(topic), "baselines": topic.tables["assumptions"]}
            for topic in (old, new)
        )
    except EvidenceError:
        return False
    pairs = ((before[part], after[part]) for part in before)
    return all(a.equals(b) if isinstance(a, pd.DataFrame) else a == b for a, b in pairs)


def _side(topic, name) -> Side:
    if topic is None or all(c["id"] != name for c in topic.comparisons):
        return Side(None, "There was no such comparison.")
    try:
        found = finding(topic, name)
        figures = {"Out of many people": "; ".join(map(str, absolute_rows(topic, found)))}
        return Side(found, said={"In plain words": message(found, plain_words(topic))}, figures=figures)
    except EvidenceError as error:
        return Side(None, f"Cannot be computed: {error}")


def _each_alone(old, new, name, rows) -> tuple[Alone, ...]:
    """Return what each changed result of a comparison does by itself to the earlier state."""
    if all(c["id"] != name for c in old.comparisons):
        return ()
    in_use = {r for t in (old, new) for r in t.synthesis.loc[t.synthesis["comparison_id"] == name, "result_id"]}
    kinds = {}
    for change in rows:
        if change.topic == old.id and change.table in ("results", "synthesis"):
            record = change.record.split(" ")[-1]
            kinds[record] = change.kind if change.table == "results" else kinds.get(record, f"use {change.kind}")
    make = partial(_with_one_row, old, new)
    return tuple(Alone(r, kind, _side(make(r), name)) for r, kind in kinds.items() if r in in_use)


def _with_one_row(old, new, record):
    """Return the earlier topic with one result, and its use, as in the later one."""
    tables = dict(old.tables)
    for table in ("results", "synthesis"):
        kept = old.tables[table][old.tables[table]["result_id"] != record]
        came = new.tables[table][new.tables[table]["result_id"] == record]
        tables[table] = pd.concat([frame for frame in (kept, came) if len(frame)] or [kept], ignore_index=True)
    known = set(old.instruments["instrument_id"])
    extra = new.instruments[~new.instruments["instrument_id"].isin(known)]
    instruments = pd.concat([old.instruments, extra], ignore_index=True) if len(extra) else old.instruments
    shared = MappingProxyType({**old._shared, "instruments": instruments})
    return replace(old, tables=MappingProxyType(tables), _shared=shared)


def _same(a, b) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
