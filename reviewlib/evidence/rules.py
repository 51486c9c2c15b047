"""All rules, run over an evidence folder: every fault at once, in the order of files and lines."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import Problem
from . import agreement, numbers, suspicions, tallies, widths
from .arms import arm_problems, people_problems
from .as_typed import contents
from .claim_rules import claim_problems
from .corrections import as_used, correction_problems
from .folder import Folder, TopicFolder, read_folder
from .headlines import headline_problems
from .judgements import bias, judgement_problems
from .links import link_problems
from .looked_at import without_looked_at
from .package import as_json, datapackage
from .pools import certainty_problems, synthesis_problems
from .readings import reading_problems
from .repeated import control_problems, repeated_problems
from .row_rules import row_problems
from .rows import BrokenCell, ByKey, Table
from .sheet import faults
from .spoken import spoken_problems
from .spreads import size_problems, spread_problems
from .years import year_problems


@contextmanager
def _uncollected() -> Iterator[None]:
    """Search for no cyclic garbage: millions of cells are made and kept, and each would be looked at every time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def check_folder(path: Path, passed: Folder | None = None) -> tuple[Folder, list[Problem]]:
    """Read an evidence folder and return it with every problem, errors and warnings, by file and line.

    Warnings that their row says were looked at stand in ``folder.looked_at`` instead. With `passed`, a folder that is
    known to have no error, rules that only warn are left out, as are rules within a topic of which no byte is another
    one, nor of the shared tables.
    """
    folder = read_folder(path)
    known = {name: topic.checksum for name, topic in passed.topics.items()} if passed else {}
    fresh = [name for name, topic in folder.topics.items() if known.get(name) != topic.checksum]
    printed, folder = folder, as_used(folder)
    found = folder.problems + link_problems(folder, fresh)
    for name in fresh:
        found += correction_problems(printed.topics[name]) + reading_problems(printed.topics[name])
        found += _inside(folder, folder.topics[name])
    for table in folder.shared.values():
        found += _rows(table)
    for topic in folder.topics.values():
        found += headline_problems(folder, topic)
    found += arm_problems(folder) + people_problems(folder) + claim_problems(folder)
    if passed is None:
        found += _warnings(folder)
    for _, table in (*printed.tables(), *folder.tables()):
        table.by.clear()
    # A topic.yml keeps its own list, part of which was already added when it was read.
    found = list(dict.fromkeys(found))
    if passed is None:
        found, printed.looked_at = without_looked_at(folder, found)
    return printed, sorted(found, key=lambda p: (p.file, p.line or 0, p.severity, p.column, p.rule))


def _inside(folder: Folder, topic: TopicFolder) -> list[Problem]:
    """Return the problems that a topic has by itself or with the shared tables."""
    found = [problem for table in topic.tables.values() for problem in _rows(table)]
    found += _results(folder, topic.tables.get("results"))
    found += synthesis_problems(topic)
    found += certainty_problems(topic.tables.get("certainty"))
    found += tallies.flow_problems(topic.tables.get("flow"))
    found += tallies.studies_problems(topic.tables.get("flow"), topic.tables.get("results"))
    found += tallies.class_problems(topic.tables.get("ratings"))
    return [*found, *judgement_problems(topic)]


def _rows(table: Table) -> list[Problem]:
    found = row_problems(table) + faults(table, _OF_KIND.get(table.schema.name, ()))
    for row in table.rows if table.schema.name == "risk_of_bias" else ():
        with suppress(BrokenCell):
            found += [table.problem(row, *fault[:3], severity=(*fault, "error")[3]) for fault in bias(row)]
    return found


# The interval of a review's pool is an ordinary one; its level may be unknown.
_OF_KIND = dict.fromkeys(("pooled_published", "claims_pooled"), (numbers.unusual_level, numbers.off_centre))


def _warnings(folder: Folder) -> list[Problem]:
    """Return the problems by rules that only ever warn."""
    found = _package(folder) + spread_problems(folder) + control_problems(folder)
    for topic in folder.topics.values():
        found += suspicions.kind_problems(topic) + suspicions.unwritten_problems(topic.about)
    found += suspicions.instrument_problems(folder) + suspicions.side_problems(folder)
    found += size_problems(folder) + repeated_problems(folder)
    return found + year_problems(folder) + spoken_problems(folder)


def _results(folder: Folder, table: Table | None) -> list[Problem]:
    rules = [*numbers.RULES, *agreement.RULES, *widths.RULES]
    more = (ByKey(folder.shared.get(name)) for name in ("instruments", "sources"))
    return faults(table, rules, *more) if table else []


def _package(folder: Folder) -> list[Problem]:
    """datapackage.json, where there is one, describes the tables that are there."""
    file = folder.path / "datapackage.json"
    if not file.is_file():
        return []
    if contents(file)[0] == as_json(datapackage(folder.path)).encode():
        return []
    label = f"{folder.path.name}/datapackage.json"
    remedy = f"Run: python -m reviewlib.evidence.dictionary {folder.path.name}"
    return [Problem(label, None, "", "", "", "is not in step with the tables that are there", remedy, "warning")]
