"""Which conclusions may have moved between two states, and which of them did."""

from __future__ import annotations

from ..evidence.folder import Folder, TopicFolder
from ..evidence.rows import rows_of, texts_of
from .conclusions import Difference, statement_names
from .rows import Change, changes
from .states import State


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
