"""`reviewlib import FILE`: read, show, ask, check, and only then write; everything or nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence.folder import find_evidence
from ..evidence.schema import schemas
from ..files import write_all
from ..nouns import count as counted
from .detect import FORMATS, read_any
from .incoming import Wishes
from .placing import as_it_is, place, rows_of, schema_problems, table_text, with_rows
from .settling import ASKED, Settled, settle
from .verify import verdict
from .workbooks import import_workbook, is_ours

SHOWN = 5


def import_file(
    path: Path, wishes: Wishes | None = None, *, say: Callable[[str], None] = print, ask: Any = None
) -> int:
    """Import one file into the evidence tables and return how many rows were written.

    Parameters
    ----------
    path : path-like
    wishes : Wishes, optional
    say : callable
        Takes the lines of the preview.
    ask : callable, optional
        Takes a question and returns the answer; None where there is no terminal.

    Raises
    ------
    EvidenceError
        Nothing was written; the message says why and what to do.
    """
    wishes = wishes or Wishes()
    if wishes.fmt and wishes.fmt not in FORMATS:
        raise EvidenceError(f"--as {wishes.fmt} is not known. Formats: {', '.join(FORMATS)}")
    if Path(path).is_file() and wishes.fmt in (None, "workbook") and is_ours(path):
        return import_workbook(path, wishes, say=say, ask=ask)
    measure = dict(wishes.constants).get("measure")
    found = read_any(path, fmt=wishes.fmt, given=wishes.given, sheet=wishes.sheet, measure=measure)
    _chosen(found, wishes)
    folder = _folder(wishes, found)
    was = {file: as_it_is(folder, file) for file in ("sources.csv", f"{wishes.topic}/results.csv")} if folder else {}
    settled = _settled(found, wishes, folder, ask)
    preview(found, settled, say)
    if settled.results and not (wishes.topic or wishes.output):
        say("Nothing was written: this is a preview. Say where the rows go: --topic NAME, or --output FOLDER.")
        return 0
    files = _tables(settled, wishes, was)
    count = len(settled.results) + len(settled.sources)
    if not files:
        return 0
    if settled.doubts:
        raise EvidenceError([f"{why}. Nothing was written" for _, _, why in settled.doubts])
    if settled.lacking:
        options = " ".join(f"--set {name}=..." for name in settled.lacking)
        told = "; ".join(
            f"{name} ({counted(n, 'row')}): {ASKED.get(name, name)}" for name, n in settled.lacking.items()
        )
        raise EvidenceError(f"the file does not say {told}. Nothing was written. Say it with {options}")
    if not wishes.yes and (
        ask is None or ask(f"Write {counted(count, 'row')}? [y/N] ").strip().lower() not in ("y", "yes")
    ):
        say("Nothing was written." + ("" if ask else " Add --yes to write these rows."))
        return 0
    _write(files, wishes, folder, was)
    where = wishes.output or folder
    done = f"{counted(count, 'row')} written to {', '.join(files)} in {where}"
    say(f"{done}. Nothing of this is in a pool: synthesis.csv decides that.")
    return count


def _folder(wishes, found) -> Path | None:
    """Return the evidence folder that the rows belong to; new tables elsewhere need none, but know what is there."""
    if wishes.output and not wishes.topic and found.kind != "sources":
        return None
    try:
        return find_evidence(wishes.evidence)
    except EvidenceError:
        if wishes.output and not (wishes.topic or wishes.evidence):
            return None
        raise


def _chosen(found, wishes):
    """Keep the analyses that were asked for."""
    if wishes.into and wishes.into != found.kind:
        raise EvidenceError(f"{found.file} ({found.format}) holds {found.kind}, not {wishes.into}")
    if not wishes.only or found.kind == "sources":
        return
    words = [word.lower() for word in wishes.only]
    kept = [r for r in found.records if any(w in f"{r.get('analysis')} {r.get('outcome')}".lower() for w in words)]
    if not kept:
        there = ", ".join(dict.fromkeys(f"{r.get('analysis')} {r.get('outcome')}".strip() for r in found.records))
        raise EvidenceError(f"--only {', '.join(wishes.only)}: no such outcome. The file has: {there}")
    found.records = kept
    ids = set(map(id, kept))  # records are compared cell by cell otherwise, each with each
    found.pools = [pool for pool in found.pools if any(id(record) in ids for record in pool.records)]


def _settled(found, wishes, folder, ask) -> Settled:
    """Settle the rows, asking for what the file does not say."""
    table = schemas()[found.kind]
    for name in wishes.constants:
        if name not in table.names:
            raise EvidenceError(f"--set {name}: not a column of {found.kind}.csv. They are: {', '.join(table.names)}")
    constants = dict(wishes.constants)
    sources, results = _there(folder, "sources.csv"), []
    if wishes.topic and folder:
        _topic(folder, wishes.topic)
        results = _there(folder, f"{wishes.topic}/results.csv")
    known = {row["instrument_id"] for row in _there(folder, "instruments.csv")}
    said = dict(wishes.sources)
    settled = settle(found, constants, sources, results, known, said)
    while ask and settled.doubts:
        label, there, why = settled.doubts[0]
        answer = ask(f"{why.partition('. If')[0]}. Source of {label} (an id, {there} or a new one): ").strip()
        if not answer:
            break
        said[label] = answer
        settled = settle(found, constants, sources, results, known, said)
    while ask and settled.lacking and (wishes.topic or wishes.output or found.kind == "sources"):
        name, count = next(iter(settled.lacking.items()))
        answer = ask(f"{name} ({counted(count, 'row')}): {ASKED.get(name, name)}: ").strip()
        if not answer:
            break
        constants[name] = answer
        settled = settle(found, constants, sources, results, known, said)
    return settled


def _there(folder, file) -> list[dict]:
    """Return the rows of a table, none where there is no folder or no table."""
    return rows_of((folder / file).read_bytes(), file) if folder and (folder / file).is_file() else []


def _topic(folder, name):
    if not (folder / name / "topic.yml").is_file():
        there = ", ".join(sorted(p.parent.name for p in folder.glob("*/topic.yml"))) or "none"
        raise EvidenceError(f"there is no topic {name!r}. Topics: {there}. Make one first: reviewlib new topic {name}")


def preview(found: Any, settled: Settled, say: Callable[[str], None]) -> None:
    """Show how the file was understood, its own pools recomputed, and the first rows."""
    say(f"{found.file}: {found.format}, {counted(len(found.records), 'row')}.")
    if found.mapping:
        say(f"{found.mapping}.")
    for text in (*found.noticed, *settled.noticed, *(why for _, _, why in settled.doubts)):
        say(f"Note: {text}")
    for pool in found.pools:
        say(verdict(pool).replace("analysis", "Analysis", 1))
    rows, name = (settled.results, "results") if found.kind == "results" else (settled.sources, "sources")
    for row in rows[:SHOWN]:
        cells = [f"{column}={row[column]}" for column in schemas()[name].names if row.get(column) and column != "notes"]
        say("  " + "; ".join(cells))
    if rows:
        say(f"  notes of the first row: {rows[0]['notes']}")
    if len(rows) > SHOWN:
        say(f"  ... and {len(rows) - SHOWN} more rows")
    if settled.lacking:
        say(f"The file does not say, and an import needs: {', '.join(settled.lacking)} (give them with --set)")
    if found.kind == "results" and settled.sources:
        say(f"New in sources.csv: {', '.join(row['source_id'] for row in settled.sources)}")


def _tables(settled, wishes, was) -> dict:
    """Return the new content of each table by its path, sources first; empty where there is nowhere to write."""
    names = schemas()
    if wishes.output:
        parts = {"sources.csv": settled.sources, "results.csv": settled.results}
        return {file: table_text(names[file[:-4]].names, rows).encode() for file, rows in parts.items() if rows}
    files = {}
    if settled.sources:
        files["sources.csv"] = with_rows(was["sources.csv"], names["sources"], settled.sources)
    if settled.results:
        file = f"{wishes.topic}/results.csv"
        files[file] = with_rows(was[file], names["results"], settled.results)
    return files


def _write(files, wishes, folder, was):
    if not wishes.output:
        place(folder, files, was)
        return
    target = Path(wishes.output)
    there = [name for name in files if (target / name).exists()]
    if there:
        raise EvidenceError(f"{target} holds {', '.join(there)} already. Nothing was written: name another folder")
    for name, data in files.items():
        schema_problems(data, name, schemas()[name[:-4]])
    write_all({target / name: data for name, data in files.items()})
