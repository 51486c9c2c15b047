"""The conclusions of a topic in two states, computed only where what they are made from differs."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from ..errors import EvidenceError
from ..evidence import Evidence
from ..meaning.finding import finding, read_by
from ..meaning.people import absolute_rows
from ..meaning.plain_language import message, plain_words
from .conclusions import Alone, Conclusion, Side
from .rows import Change
from .statements import claim_statements, topic_statements


def of_topic(
    before: Evidence, after: Evidence, topic: str, rows: tuple[Change, ...], reached: set[str] | None
) -> list[Conclusion]:
    """Return the conclusions of a topic that may have moved: comparisons, and what is said beside them.

    `reached` are the comparisons that can have moved where nothing else can, `rows` every row that differs.
    """
    a, b = (state[topic] if topic in state.topics else None for state in (before, after))
    named = {c["id"]: c for state in (a, b) if state is not None for c in state.comparisons}
    found, both = [], a is not None and b is not None
    for name, comparison in named.items():
        if both and (_same_read(a, b, name) if reached is None else name not in reached):
            continue
        one = Conclusion(topic, name, comparison.get("title", name), _side(a, name), _side(b, name), ())
        found.append(replace(one, alone=_each_alone(a, b, name, rows, reached)) if one.moved and both else one)
    if reached is None:
        found += _stated(topic, *({} if state is None else topic_statements(state) for state in (a, b)))
    return found


def of_claims(before: Evidence, after: Evidence) -> list[Conclusion]:
    """Return the verdicts on claims."""
    return _stated("claims", claim_statements(before), claim_statements(after))


def _stated(topic, old, new) -> list[Conclusion]:
    """Return the conclusions that are no comparison, by the name of each, from what two states say."""
    gone = Side(None, "There was no such conclusion.")

    def side(state, name):
        return Side(None, "", *state[name][1:]) if name in state else gone

    sides = {name: [side(state, name) for state in (old, new)] for name in {**old, **new}}
    return [
        Conclusion(topic, name, (new.get(name) or old[name])[0], pair[0], pair[1], ()) for name, pair in sides.items()
    ]


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


def _each_alone(old, new, name, rows, reached) -> tuple[Alone, ...]:
    """Return what each changed result of a comparison does by itself to the earlier state.

    One that is all that differs there makes of it the later state.
    """
    if all(c["id"] != name for c in old.comparisons):
        return ()
    in_use = {r for t in (old, new) for r in t.synthesis.loc[t.synthesis["comparison_id"] == name, "result_id"]}
    kinds = {}
    for change in rows:
        if change.topic == old.id and change.table in ("results", "synthesis"):
            record = change.record.split(" ")[-1]
            kinds[record] = change.kind if change.table == "results" else kinds.get(record, f"use {change.kind}")
    kinds = {record: kind for record, kind in kinds.items() if record in in_use}
    only = reached is not None and len(kinds) == 1
    return tuple(Alone(r, kind, _side(new if only else _with_one_row(old, new, r), name)) for r, kind in kinds.items())


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
