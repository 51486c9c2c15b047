"""The evidence as frozen, typed tables.

Everything is read as text first and parsed by the schema, so `topic.text["results"]` still holds what was typed.
Loading enforces every rule that `reviewlib check` enforces: a table with a fault is refused with all its faults.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from ..errors import EvidenceError, Problem
from .folder import Folder, checksum, find_evidence, state
from .loaded import Evidence, Topic
from .read_only import Tables, read_only
from .reads import SHARED, announce
from .review import review_from
from .rules import check_folder
from .schema import schemas

_SHARED = tuple(name for name, schema in schemas().items() if schema.scope == "shared")
_DTYPES = {"number": "float64", "integer": "Int64"}


def load_evidence(path: str | Path | None = None) -> Evidence:
    """Return the evidence tables, read, checked and typed.

    Parameters
    ----------
    path : path-like, optional
        The evidence folder; by default the nearest ``evidence/`` at or above the working folder, then that of this
        repository.

    Returns
    -------
    Evidence
        ``evidence["asthma"]`` is the `Topic` of that id; shared tables are attributes (`sources`, `instruments`,
        `claims` ...); `review` is whose review it is. While no byte of the folder changes, the same object again.

    Raises
    ------
    EvidenceError
        A table breaks its dictionary or a rule; ``.problems`` holds every fault with file, line, column and remedy.

    Examples
    --------
    >>> import reviewlib as rl
    >>> evidence = rl.load_evidence()
    >>> print(len(evidence) == len(evidence.topics))
    True
    """
    folder = find_evidence(path)
    key = str(folder), state(folder)
    if not key[1]:
        return evidence_of(*check_folder(folder))
    announce(SHARED)
    if key in _KEPT:
        return _kept(_KEPT, key, dict, 2)
    read, problems = check_folder(folder)
    found = evidence_of(read, problems)
    # Edited while it was read, perhaps to and fro: it is not what these bytes hold.
    if state(folder) != key[1] or checksum(folder) != read.checksum:
        return found
    return _kept(_KEPT, key, lambda: found, 2)


# By the bytes read, so that what did not change is not computed again; nobody can change what they hold.
_KEPT: OrderedDict[tuple, Evidence] = OrderedDict()
_MEMOS: OrderedDict[tuple, dict] = OrderedDict()  # what was computed of a topic: from its own files and the shared ones


def _kept(store, key, make, most):
    """Return what a store holds under a key, made where it is missing; only the `most` asked for last are kept."""
    if key not in store:
        store[key] = make()
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)
    return store[key]


def evidence_of(folder: Folder, problems: list[Problem]) -> Evidence:
    """Return the typed tables of a folder that was read and checked, or raise an EvidenceError with its faults."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise EvidenceError(errors)
    there = [name for name in _SHARED if name in folder.shared or name in _ALWAYS]
    shared = {name: _asked_for(folder.shared.get(name), name) for name in there}
    text = {name: partial(_text_frame, table, name) for name, table in folder.shared.items()}
    shared = MappingProxyType(Tables(shared, _frame, "shared"))
    topics, review = {}, review_from(folder.review, folder.topics)
    for name, topic in folder.topics.items():
        frames = Tables({key: _asked_for(table, key) for key, table in topic.tables.items()}, _frame, "topic")
        typed = {key: partial(_text_frame, table, key) for key, table in topic.tables.items()}
        typed = Tables(typed, _text_frame, "topic")
        frames, typed = MappingProxyType(frames), MappingProxyType(typed)
        topics[name] = Topic(name, read_only(topic.about.info), frames, typed, review, shared, topic.checksum)
        object.__setattr__(topics[name], "memo", _kept(_MEMOS, (name, topic.checksum), dict, 500))
    announce(SHARED)
    return Evidence(
        path=str(folder.path),
        checksum=folder.checksum,
        tables=shared,
        text=MappingProxyType(Tables(text, _text_frame, "shared")),
        warnings=tuple(problem for problem in problems if problem.severity == "warning"),
        review=review,
        _topics=MappingProxyType(topics),
    )


_ALWAYS = ("sources", "instruments", "thresholds", "claims")


def _asked_for(table, name: str) -> Callable:
    """Return what hands out copies of the typed frame of a table, which is made when it is first asked for."""
    made = cache(partial(_frame, table, name))
    return lambda: made().copy()


def _pandas():
    import pandas as pd

    # Where pyarrow is installed pandas keeps texts in it, and forgets which cells of a page's table are HTML.
    pd.options.mode.string_storage = "python"
    return pd


def _frame(table, name: str):
    """Return the typed frame of a table: float64, Int64, or text with None for an empty cell."""
    pd = _pandas()
    rows = table.rows if table else ()
    columns = {}
    for column in schemas()[name].columns:
        values = [row.values[column.name] for row in rows] if isinstance(rows, tuple) else rows.column(column.name)
        columns[column.name] = (
            pd.array(values, dtype=_DTYPES[column.type]) if column.type in _DTYPES else pd.Series(values, dtype=object)
        )
    return pd.DataFrame(columns)


def _text_frame(table, name: str):
    """Return a table as it was typed."""
    pd = _pandas()
    names = list(schemas()[name].names)
    if table and not isinstance(table.rows, tuple):
        return pd.DataFrame({key: table.rows.typed(key) for key in names}, dtype=object)
    return pd.DataFrame(list(table.texts(*names)) if table else [], columns=names, dtype=object)
