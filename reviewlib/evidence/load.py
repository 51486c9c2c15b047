"""The evidence as frozen, typed tables.

Everything is read as text first and parsed by the schema, so `topic.text["results"]` still holds what was typed.
Loading enforces every rule that `reviewlib check` enforces: a table with a fault is refused with all its faults.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ..errors import EvidenceError, Problem
from ..html import Html, cell
from ..typed import Frame
from ..viewer import forms
from .corrections import results_used
from .folder import Folder, find_evidence, state
from .read_only import Tables, read_only
from .reads import EVERY, SHARED, announce
from .review import Review, review_from
from .rules import check_folder
from .schema import schemas

_SHARED = tuple(name for name, schema in schemas().items() if schema.scope == "shared")
_READ_WITH = ("instrument_id", "name", "unit", "scale_min", "scale_max", "better")
_PICO = ("population", "intervention", "comparator", "outcome", "time")
_DTYPES = {"number": "float64", "integer": "Int64"}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Topic:
    """One question with its tables; ``checksum`` is the SHA-256 of its files and the shared ones.

    Every table of the folder is also an attribute: ``topic.results`` is ``topic.tables["results"]``. A frame that is
    handed out may be changed; the evidence stays what was read. ``info``, all of topic.yml, is read-only.
    """

    id: str
    info: dict
    tables: Mapping[str, Frame]
    text: Mapping[str, Frame]
    review: Review
    _shared: Mapping[str, Frame]
    checksum: str = ""
    memo: dict = field(default_factory=dict, init=False)

    def __getattr__(self, name: str):
        tables = object.__getattribute__(self, "tables")
        if name in tables:
            return tables[name]
        if name in schemas() and schemas()[name].scope == "topic":
            raise AttributeError(f"the topic {self.id} has no table {name}.csv; it has: {', '.join(self.tables)}")
        raise AttributeError(f"a topic has no attribute {name!r}")

    def __dir__(self):
        return [*object.__dir__(self), *self.tables]

    @property
    def title(self) -> str:
        """Return the title of the topic."""
        return self.info["title"]

    @property
    def question(self) -> dict:
        """Return population, intervention, comparator, outcome and time, in plain words."""
        return {key: self.info[key] for key in _PICO}

    @property
    def plan(self) -> dict:
        """Return the analysis plan."""
        return self.info.get("plan") or {}

    @property
    def sources(self) -> Frame:
        """Return the shared table of publications."""
        return self._shared["sources"]

    @property
    def instruments(self) -> Frame:
        """Return the shared table of instruments."""
        return self._shared["instruments"]

    @property
    def thresholds(self) -> Frame:
        """Return the shared table of thresholds."""
        return self._shared["thresholds"]

    def used_sources(self) -> Frame:
        """Return the publications that any table of the topic, or an instrument it uses, names; sorted by id."""
        named = set()
        for frame in self.tables.values():
            for column in ("source_id", "trial_source_id"):
                if column in frame.columns:
                    named |= set(frame[column].dropna())
            if "instrument_id" in frame.columns:
                mine = self.instruments["instrument_id"].isin(set(frame["instrument_id"].dropna()))
                named |= set(self.instruments.loc[mine, "mid_source_id"].dropna())
        return self.sources[self.sources["source_id"].isin(named)].sort_values("source_id")

    @property
    def outcomes(self) -> tuple[dict, ...]:
        """Return the outcomes in order of importance."""
        return self.info.get("outcomes") or ()

    @property
    def comparisons(self) -> tuple[dict, ...]:
        """Return the comparisons in the order of topic.yml."""
        return self.info.get("comparisons") or ()

    def comparison(self, comparison_id: str) -> dict:
        """Return one comparison.

        Raises
        ------
        KeyError
            There is no such comparison; the message names those there are.
        """
        for comparison in self.comparisons:
            if comparison["id"] == comparison_id:
                return comparison
        there = ", ".join(c["id"] for c in self.comparisons) or "none"
        raise KeyError(f"{comparison_id} is not a comparison of {self.id}; comparisons: {there}")

    def results_used(self) -> Frame:
        """Return the results with the declared corrections: the values that analyses use."""
        return results_used(self.tables["results"], self.tables.get("corrections"))

    def rows(self, comparison_id: str, use: str | None = "main", *, as_printed: bool = False) -> Frame:
        """Return the results of a comparison with what is needed to read them.

        Parameters
        ----------
        comparison_id : str
            A comparison of topic.yml.
        use : str or None, default "main"
            Only rows of this use; None for every row of the comparison.
        as_printed : bool, default False
            Leave the values of corrections.csv as they are printed.

        Returns
        -------
        DataFrame
            The columns of results (and `repaired`, what was corrected, where the topic declares corrections), then
            use, accepts, join_as and reason, then instrument (its name), unit, scale_min, scale_max and better; in the
            order of synthesis.csv. Where the comparison brings all results to one instrument, its range as onto_min
            and onto_max.
        """
        comparison, (joined, place) = self.comparison(comparison_id), self._joined(as_printed)
        chosen = self.tables["synthesis"]
        chosen = chosen[chosen["comparison_id"] == comparison_id]
        if use is not None:
            chosen = chosen[chosen["use"] == use]
        chosen = chosen.reset_index(drop=True)
        found = joined.iloc[[place[name] for name in chosen["result_id"]]].reset_index(drop=True)
        at = len(found.columns) - len(_READ_WITH) + 1
        for name in ("reason", "join_as", "accepts", "use"):
            found.insert(at, name, chosen[name])
        if target := comparison.get("instrument_id"):
            onto = self.instruments.set_index("instrument_id").loc[target]
            found = found.assign(onto_min=onto["scale_min"], onto_max=onto["scale_max"])
        return found

    def _joined(self, as_printed):
        """Return the results with what is needed to read them, joined once for all comparisons, and each id's place."""
        key = "joined", as_printed
        if key not in self.memo:
            results = self.tables["results"] if as_printed else self.results_used()
            instruments = self.instruments[list(_READ_WITH)].rename(columns={"name": "instrument"})
            found = results.merge(instruments, on="instrument_id", how="left", sort=False)
            self.memo[key] = _none_for_missing(found), {name: i for i, name in enumerate(found["result_id"])}
        return self.memo[key]

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} {len(frame)}" for name, frame in self.tables.items())
        return f"Topic {self.id}: {self.title} (rows: {tables})"

    _repr_mimebundle_ = forms

    def _repr_html_(self) -> str:
        question = [(key, self.info[key]) for key in _PICO]
        rows = [
            (Html(f"<code>{name}</code>"), len(frame), schemas()[name].description)
            for name, frame in self.tables.items()
        ]
        asked = _html_table(f"{self.title}: the question", ("Part", "Words"), question)
        return asked + _html_table(f"Tables of {self.id}", ("Table", "Rows", "What it holds"), rows)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Evidence:
    """All evidence tables: the shared ones as attributes, a topic as ``evidence["asthma"]``.

    ``checksum`` is the SHA-256 of the files read; ``warnings`` what is legal but suspicious; ``review`` whose review it
    is, from review.yml.
    """

    path: str
    checksum: str
    tables: Mapping[str, Frame]
    text: Mapping[str, Frame]
    warnings: tuple[Problem, ...]
    review: Review
    _topics: Mapping[str, Topic]

    def __getattribute__(self, name: str):
        if name in ("checksum", "warnings"):  # which are about every topic
            announce(EVERY)
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str):
        tables = object.__getattribute__(self, "tables")
        if name in tables:
            return tables[name]
        raise AttributeError(f"the evidence has no {name!r}; shared tables: {', '.join(self.tables)}")

    def __dir__(self):
        return [*object.__dir__(self), *self.tables]

    @property
    def topics(self) -> tuple[str, ...]:
        """Return the ids of the topics, sorted."""
        return tuple(self._topics)

    def __getitem__(self, topic: str) -> Topic:
        if topic not in self._topics:
            raise KeyError(f"{topic} is not a topic; topics: {', '.join(self._topics)}")
        announce(topic)
        return self._topics[topic]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._topics)

    def __iter__(self):
        return map(self.__getitem__, self._topics)

    def __len__(self) -> int:
        return len(self._topics)

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} {len(frame)}" for name, frame in self.tables.items())
        return f"Evidence: topics {', '.join(self.topics)}; shared rows: {tables}; checksum {self.checksum[:12]}"

    _repr_mimebundle_ = forms

    def _repr_html_(self) -> str:
        topics = [(Html(f"<code>{t.id}</code>"), t.title, sum(map(len, t.tables.values()))) for t in self]
        shared = [
            (Html(f"<code>{name}</code>"), len(frame), schemas()[name].description)
            for name, frame in self.tables.items()
        ]
        listed = _html_table("Topics", ("Topic", "Title", "Rows"), topics)
        listed += _html_table("Shared tables", ("Table", "Rows", "What it holds"), shared)
        return listed + f"<p>Checksum of the tables (SHA-256): <code>{cell(self.checksum)}</code></p>"


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
    found = evidence_of(*check_folder(folder))
    if state(folder) != key[1]:  # edited while it was read: it is not what these bytes hold
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
    import pandas as pd

    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise EvidenceError(errors)
    # Where pyarrow is installed pandas keeps texts in it, and forgets which cells of a page's table are HTML.
    pd.options.mode.string_storage = "python"
    shared = {
        name: _frame(folder.shared.get(name), name) for name in _SHARED if name in folder.shared or name in _ALWAYS
    }
    text = {name: partial(_text_frame, table, name) for name, table in folder.shared.items()}
    shared = MappingProxyType(Tables(shared, _frame, "shared"))
    topics, review = {}, review_from(folder.review, folder.topics)
    for name, topic in folder.topics.items():
        frames = Tables({key: _frame(table, key) for key, table in topic.tables.items()}, _frame, "topic")
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


def _frame(table, name: str):
    """Return the typed frame of a table: float64, Int64, or text with None for an empty cell."""
    import pandas as pd

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
    import pandas as pd

    names = list(schemas()[name].names)
    if table and not isinstance(table.rows, tuple):
        return pd.DataFrame({key: table.rows.typed(key) for key in names}, dtype=object)
    return pd.DataFrame(list(table.texts(*names)) if table else [], columns=names, dtype=object)


def _none_for_missing(frame):
    """Return a frame whose text columns hold None, not NaN, for what a join left empty."""
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].where(frame[name].notna(), None)
    return frame


def _html_table(caption: str, heads, rows) -> Html:
    import pandas as pd

    from ..html import table

    return table(pd.DataFrame(rows, columns=list(heads)), caption)
