"""The evidence as it is handed out: all of it, and one topic; frozen, typed tables that nobody can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import Problem
from ..html import Html, cell, table
from ..typed import Frame
from ..viewer import forms
from .corrections import results_used
from .reads import EVERY, announce
from .review import Review
from .schema import schemas

_READ_WITH = ("instrument_id", "name", "unit", "scale_min", "scale_max", "better")


_PICO = ("population", "intervention", "comparator", "outcome", "time")


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


def _none_for_missing(frame):
    """Return a frame whose text columns hold None, not NaN, for what a join left empty."""
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].where(frame[name].notna(), None)
    return frame


def _html_table(caption: str, heads, rows) -> Html:
    import pandas as pd

    return table(pd.DataFrame(rows, columns=list(heads)), caption)
