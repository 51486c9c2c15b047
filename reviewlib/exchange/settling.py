"""From what was read to rows of our tables: ids, origin, marks, and a list of what nobody but a person can know.

An imported result is never what its authors reported to us: its status is `secondary` (or `derived`), its locator
`locator missing`, its notes say where it came from. Each of these keeps it out of a pool until a person has looked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from ..errors import EvidenceError, Problem
from ..evidence.labels import slug
from ..evidence.schema import schemas
from ..gate import UNCLEAR, reason_of
from .agreeing import contradicted, left_out
from .identity import Shelf, attributed, doubt, folded, untitled
from .incoming import Incoming
from .printed import armed, printed_scales, with_limits
from .records import RESULTS, Record
from .vocabulary import NAMES

MISSING = "locator missing"
INTEGERS = ("n_int", "n_ctl", "events_int", "events_ctl", "n_total")
ASKED = NAMES["asked"]


@dataclass(slots=True)
class Settled:
    """Rows ready for results.csv and sources.csv, and the columns that a person still has to fill."""

    results: list[dict] = field(default_factory=list)
    sources: list[dict] = field(default_factory=list)
    lacking: dict[str, int] = field(default_factory=dict)
    noticed: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str, str]] = field(default_factory=list)

    def lack(self, row: dict, *names: str) -> None:
        """Count the cells that are needed and empty."""
        for name in names:
            if not row.get(name):
                self.lacking[name] = self.lacking.get(name, 0) + 1


def settle(
    found: Incoming, constants: dict, sources: Any, results: Any, instruments: Any = frozenset(), said: Any = None
) -> Settled:
    """Return the rows of a file for our tables.

    Parameters
    ----------
    found : Incoming
        What was read.
    constants : dict
        Values for every row, by column, as a person gave them.
    sources, results : list of dict
        The rows that are there already.
    instruments : set of str
        Ids of instruments.csv; a file that names one of them is understood.
    said : dict, optional
        Source by label of a study (or place of a publication), as a person decided.

    Raises
    ------
    EvidenceError
        Numbers that our columns cannot hold, or rows that are there already: all of them.
    """
    out, problems = Settled(), [] if found.own else contradicted(found.records, found.file, constants.get("measure"))
    if found.kind == "sources":
        shelf = Shelf(sources)
        for record in found.records:
            _publication(record, found, constants, shelf, out, said or {})
        return out
    _with_numbers(found, out)
    printed = printed_scales(found, constants)
    known = {row["source_id"] for row in sources}
    names = _attributed(found, constants, sources, said or {}, out)
    ids, tried = {row["result_id"] for row in results}, {}
    there = {_content(row): row["result_id"] for row in results}
    for record in found.records:
        named = slug(record.get("instrument"))
        if named in instruments and not record.get("instrument_id"):
            record.values["instrument_id"] = named
        row = _result(record, found, constants, out, problems, printed.get(id(record)))
        row["source_id"] = row["source_id"] or names[id(record)]
        if row["source_id"] not in known:
            known.add(row["source_id"])
            out.sources.append(_study(row, record, found, out))
        _identify(row, record, ids, there, tried, found, problems)
        out.results.append(row)
    if problems:
        raise EvidenceError(problems)
    out.noticed += _repeated(out.results, found)
    return out


_ABOUT = ("source_id", "trial", "intervention", "comparator", "outcome", "instrument_id", "timepoint_weeks", "analysis")


def _repeated(rows, found):
    """Say which rows give one trial several results of one outcome: two trials of one label, or its people twice."""
    groups = {}
    for row, record in zip(rows, found.records, strict=True):
        if not record.get("result_id"):
            groups.setdefault(tuple(row.get(name) for name in _ABOUT), []).append(record.place)
    for (source, trial, *_), places in groups.items():
        if len(places) > 1:
            yield (
                f"{trial} has {len(places)} results of one outcome ({', '.join(places)}), which become rows of one "
                f"source, {source}: if they are two trials, label them apart (with a and b behind the year); if they "
                "count the same people, keep one, or say in the file how they differ"
            )


def _origin(record: Record, found: Incoming) -> str:
    place = record.place.removeprefix(f"{found.file} ")
    return f"Imported on {date.today().isoformat()} from {found.file} ({found.format}), {place}"


def _with_numbers(found, out):
    """Leave out rows without a result, and tell them; refuse a file that holds no other."""
    if found.own and any(record.get("result_id") for record in found.records):
        return  # rows of ours may say that a trial reports no number
    empty = [record for record in found.records if not record.numbered()]
    found.records = [record for record in found.records if record.numbered()]
    if not found.records:
        raise EvidenceError(
            f"{found.file} ({found.format}) holds no number that could be a result: no means, events or estimates. "
            f"{found.mapping}. {found.otherwise}Nothing was written: name the columns with --map ours=theirs, or "
            "export the table again"
        )
    if empty:
        names = ", ".join(f"{record.get('trial') or 'no name'} ({record.place})" for record in empty[:5])
        more = f" and {len(empty) - 5} more" if len(empty) > 5 else ""
        out.noticed.append(f"rows without a result were left out: {names}{more}")


def _result(record, found, constants, out, problems, printed):
    names = schemas()["results"].names
    row = {name: record.get(name) for name in names} | {name: v for name, v in constants.items() if name in names}
    _whole(row, record, found, problems)
    notes = [row["notes"]] if row["notes"] else []
    if armed(record, found):
        for name in ("estimate", "ci_low", "ci_high", "ci_level"):
            row[name] = constants.get(name, "")
        row["measure"] = row["contrast"] = ""
    elif row["estimate"]:
        notes += with_limits(row, record, printed)
    if row["estimate"]:
        row["contrast"] = row["contrast"] or ("" if found.own else "int-ctl")
        row["ci_level"] = row["ci_level"] or ("95" if row["ci_low"] else "")
        out.lack(row, "measure", "contrast")
    if row["mean_int"] or row["sd_int"] or (row["estimate"] and row["measure"] == "MD"):
        out.lack(row, "instrument_id")
    if row["mean_int"]:
        out.lack(row, "value_kind")
    derived = any("limits computed" in note for note in notes)
    kept = row["status"] if row["status"] in ("derived", "inferred") else "secondary"
    row |= {"status": "derived" if derived else kept, "read": row["read"] if found.own and row["read"] else "secondary"}
    row["locator"] = row["locator"] or MISSING
    row["analysis_set"] = row["analysis_set"] or "unclear"
    row["trial"] = row["trial"] or record.get("trial") or record.place
    if record.get("subgroup"):
        row["analysis"] = "; ".join(x for x in (row["analysis"], f"subgroup {record.get('subgroup')}") if x)
    if left_out(record) and reason_of(record.get("excluded")) is None:
        problems.append(Problem(found.file, None, "excluded", record.place, record.get("excluded"), *UNCLEAR))
    elif left_out(record):
        notes.append(f"left out in the file: {record.get('excluded')}")
    if record.get("instrument") and not row["instrument_id"]:
        notes.append(f"instrument in the file: {record.get('instrument')}")
    out.lack(row, "intervention", "comparator", "outcome", "design")
    if not row["timepoint_weeks"]:
        notes.append("time point not stated in the imported file")
    row["notes"] = "; ".join([*notes, _origin(record, found)])
    return row


def _whole(row, record, found, problems):
    for name in INTEGERS:
        text = row.get(name, "")
        if text and re.fullmatch(r"\d+\.0*", text):
            row[name] = text.split(".")[0]
        elif text and not re.fullmatch(r"\d+", text):
            rule = "is not a whole number of people"
            remedy = (
                "Round it in the file if it is an effective sample size, and say so in notes; or import the contrast"
            )
            problems.append(Problem(found.file, None, name, record.place, text, rule, remedy))
            row[name] = ""


def _attributed(found, constants, sources, said, out) -> dict[int, str]:
    """Return the source of every record that names none, and keep what is to be told and asked about it."""
    unnamed = [r for r in found.records if not (r.get("source_id") or constants.get("source_id"))]
    for record in unnamed if constants.get("trial") else ():
        record.values["trial"] = constants["trial"]
    told = attributed(unnamed, found.file, sources, said)
    out.noticed += told.noticed
    out.doubts += told.doubts
    return told.ids


def _study(row, record, found, out):
    """Return the publication of an imported trial, of which the file says little."""
    kind = {"rct": "rct", "cohort": "cohort", "review": "systematic-review"}.get(row.get("design"), "")
    said = {name: record.get(name) for name in ("authors", "year", "doi", "pmid", "country")}
    about = {"source_id": row["source_id"], "title": untitled(row["trial"]), "kind": kind, "read": "secondary"}
    return _with_reasons({**said, **about, "notes": _origin(record, found)}, found)


def _with_reasons(row, found):
    """Say of a publication without authors or identifier that the imported file has none."""
    gaps = {"no_authors": ("authors",), "no_identifier": ("doi", "pmid", "pmcid", "registry_id")}
    reason = f"Not in {found.file}, from which the row was imported"
    return row | {name: reason for name, columns in gaps.items() if not any(row.get(column) for column in columns)}


def _identify(row, record, ids, there, tried, found, problems):
    """Give a row its id; refuse one that is there already."""
    same = there.get(_content(row))
    if row["result_id"] in ids or same:
        what = row["result_id"] if row["result_id"] in ids else same
        rule = (
            f"the result is there already as {what}" if same else f"the id {what} is there already, with other numbers"
        )
        remedy = "Leave the row out of the file, or give it another id. Nothing that is there is overwritten"
        problems.append(Problem(found.file, None, "result_id", record.place, row["result_id"], rule, remedy))
        return
    if not row["result_id"]:
        names = tried.setdefault(row["source_id"], (f"{row['source_id']}-i{n:02}" for n in count(1)))
        row["result_id"] = next(name for name in names if name not in ids)
    ids.add(row["result_id"])
    there[_content(row)] = row["result_id"]


_CONTENT = sorted({*_ABOUT, *RESULTS, "n_int", "n_ctl"} - {"instrument_id", "p_value"})


def _content(row):
    return tuple(row.get(name) or "" for name in _CONTENT)


def _publication(record, found, constants, shelf, out, said):
    row = dict.fromkeys(schemas()["sources"].names, "")
    row |= {name: record.get(name) for name in row} | constants
    other, certain = shelf.find(row)
    if record.place in said:
        other, certain = shelf.there.get(said[record.place]), True
    if other and certain:
        out.noticed.append(f"{record.place}: {row['title'][:60]} is there already as {other['source_id']}; left out")
        return
    base = f"{folded(record.get('family')) or 'anonymous'}{row['year']}"
    row["source_id"] = said.get(record.place) or shelf.free(base)
    if other:
        out.doubts.append(doubt(record.place, other, row["source_id"]))
    elif row["source_id"] != base and record.place not in said:
        out.noticed.append(f"{record.place}: {base} is another publication; this one is called {row['source_id']}")
    row["read"] = row["read"] or "secondary"
    row["notes"] = f"{_origin(record, found)}; not yet read" if row["read"] == "secondary" else _origin(record, found)
    row |= _with_reasons(row, found)
    out.lack(row, "title", "kind")
    out.sources.append(row)
    shelf.add(row)
