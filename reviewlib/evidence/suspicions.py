"""What is legal but suspicious between rows: an instrument of another outcome, another side, changes among finals.

Every fault here is a warning. One that was looked at is silenced by its row: see `looked_at`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress

import numpy as np

from ..errors import Problem
from .folder import Folder, TopicFolder, results_of
from .key_file import KeyFile, dotted
from .rows import BrokenCell, ByKey, rows_of
from .sheet import parts
from .signs import look_again
from .suspects import fewer_is_better

UNWRITTEN = "write here:"  # how a scaffolded topic.yml begins what a person has still to write


def instrument_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each row whose instrument measures another outcome wherever else it is used."""
    used = defaultdict(lambda: defaultdict(list))
    for table, at, instrument, outcome in results_of(folder, "instrument_id", "outcome"):
        if instrument and outcome and len(used[instrument][outcome]) < 2:
            used[instrument][outcome].append((table, at))
    found = []
    for outcomes in used.values():
        for outcome, group in outcomes.items():
            others = sorted(outcomes.keys() - {outcome})
            if others and len(group) == 1:
                rule = f"everywhere else it measures {' or '.join(others)}, here {outcome}"
                table, row = group[0][0], group[0][0].rows[group[0][1]]
                found.append(table.warning(row, "instrument_id", rule, f"{look_again(row)}: right instrument?"))
    return found


def side_problems(folder: Folder) -> list[Problem]:
    """Return a warning for each ratio or count on no scale that calls another side better than its outcome does.

    More of a harm is worse; of any other outcome all rows that name a side say by it whether more is better.
    """
    said, harms = defaultdict(list), set()
    better = {
        row.text.get("instrument_id"): row.text.get("better") for row in rows_of(folder.shared.get("instruments"))
    }
    for name, topic in folder.topics.items():
        harms |= {
            (name, outcome.get("id")) for outcome in topic.about.entries("outcomes") if outcome.get("benefit") == "harm"
        }
        table = topic.tables.get("results")
        for at, outcome, fewer in _sides(table, better) if table else ():
            said[name, outcome].append((table, at, fewer))
    found = []
    for outcome, rows in said.items():
        count = Counter(fewer for *_, fewer in rows)
        for table, at, fewer in rows:
            if (fewer is False) if outcome in harms else (count[fewer] == 1 and count[not fewer]):
                row = table.rows[at]
                less = "fewer" if not fewer else "more"
                rule = (
                    f"this favours the other side: {less} people with {outcome[1]} is better {_WHERE[outcome in harms]}"
                )
                asked = "which way is the ratio taken, and is it of people with the event or without it?"
                found.append(table.warning(row, "favours", rule, f"{look_again(row)}: {asked}"))
    return found


_WHERE = {True: "(topic.yml calls it a harm)", False: "in the other rows"}


def _sides(table, better):
    """Yield (place, outcome, whether fewer is better) of each row on no scale that says so."""
    for places, s in parts(table):
        with np.errstate(all="ignore"):
            fewer = fewer_is_better(s)
        asked = ~np.isnan(fewer) & s.sound("instrument_id", "outcome")
        for at in np.flatnonzero(asked & ~s.rows.by_text(("instrument_id",), better.get, asked)):
            yield places[at], s.rows.columns["outcome"].text(at), bool(fewer[at] > 0)


def kind_problems(topic: TopicFolder) -> list[Problem]:
    """Return a warning a pool of standardized differences that mixes changes from baseline with final scores."""
    table, results = topic.tables.get("synthesis"), topic.tables.get("results")
    if table is None or results is None:
        return []
    by_id = ByKey(results)
    pooled = {c.get("id") for c in topic.about.entries("comparisons") if c.get("pool") and c.get("measure") == "SMD"}
    kinds = defaultdict(lambda: defaultdict(list))
    for row in table.rows:
        result = by_id.get(row.text.get("result_id"))
        with suppress(BrokenCell):
            if result and row["use"] == "main" and row["comparison_id"] in pooled and result["sd_int"] is not None:
                kinds[row["comparison_id"]][result["value_kind"]].append(row)
    found = []
    for comparison, there in kinds.items():
        for row in there["change"] if there["final"] else ():
            rule = f"a change from baseline stands among final scores in {comparison}, a standardized difference"
            remedy = "The SD of changes is another yardstick: use final scores, or a mean difference, or say why"
            found.append(table.warning(row, "result_id", rule, remedy))
    return found


def unwritten_problems(about: KeyFile) -> list[Problem]:
    """Return a warning a key of topic.yml in which the words of the scaffold still stand."""
    found, open_paths = [], [((), about.info)]
    while open_paths:
        path, value = open_paths.pop()
        if isinstance(value, (dict, list)):
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            open_paths += [((*path, key), part) for key, part in inner]
        elif isinstance(value, str) and value.startswith(UNWRITTEN):
            rule, remedy = "is not written yet", "Replace the words of the scaffold"
            line = about.lines.get(path, 1)
            found.append(Problem(about.file, line, dotted(path), "", value, rule, remedy, "warning"))
    return found
