"""Covidence's tables for RevMan: study information, study arms, study results, risk of bias.

One row is one arm there; arms of a study, outcome and time are brought together here. The exact headers are not
documented in public, so columns are found by their words, and ``--map ours=theirs`` names those that are not.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from .dialects import squeeze
from .incoming import Incoming
from .opened import is_zip, members, read_bytes, text_of
from .records import Record, cell_number, settle_marks
from .sheet import Sheet, read_sheet, separator_of
from .vocabulary import words_of

NAMES = words_of("covidence")
_NUMBERS = ("events", "n", "mean", "sd", "se", "ci_low", "ci_high", "estimate")
_CONTROL = re.compile(r"control|placebo|sham|usual|no (treatment|intervention)|wait|standard care|comparator", re.I)


def is_part(header: str) -> bool:
    """Return whether a header line is that of the study results table."""
    cells = {squeeze(cell) for cell in next(csv.reader([header], delimiter=separator_of(header)), [])}
    there = [bool(cells & set(NAMES[name])) for name in ("trial", "outcome", "arm")]
    return all(there) and not cells & {"m1i", "conditionarm1", "resultid", "nint"}


def read(data: bytes, path: Path, given: Any = ()) -> Incoming:
    """Return the results of the study results table, or of an archive that holds the four."""
    if not is_zip(data):
        return _read({path.name: data}, path.name, given)
    files = {file.rpartition("/")[2]: content for file, content in members(data, path.name).items()}
    return _read({name: content for name, content in files.items() if name.lower().endswith(".csv")}, path.name, given)


def read_folder(path: Path, given: Any = ()) -> Incoming:
    """Return the results of a folder that holds the four tables."""
    found = {file.name: read_bytes(file) for file in sorted(path.glob("*.csv"))}
    if not found:
        raise EvidenceError(
            f"{path.name} is a folder without a CSV file. Name a file, or the folder of Covidence's tables"
        )
    return _read(found, path.name, given)


def _read(files, name, given):
    found = Incoming(name, "Covidence tables for RevMan", "results")
    sheets = {}
    for file, data in files.items():
        text, noticed = text_of(data, file)
        found.noticed += noticed
        sheets[file] = text
    results = [file for file, text in sheets.items() if is_part(text.lstrip().splitlines()[0] if text.strip() else "")]
    if len(results) != 1:
        raise EvidenceError(
            f"{name}: {len(results) or 'none'} of {', '.join(sheets)} looks like the table of study results (columns "
            "study, outcome, arm). Name that file"
        )
    left = [file for file in sheets if file not in results]
    if left:
        found.noticed.append(f"only study results become rows; not read: {', '.join(left)}")
    sheet = read_sheet(sheets[results[0]], results[0])
    columns = _columns(sheet, given)
    found.mapping = "Columns: " + ", ".join(f"{theirs} -> {ours}" for ours, theirs in columns.items())
    arms = _arms(sheet, columns)
    _one_control(arms)
    found.records = [record for group in arms.values() for record in _paired(group, found)]
    if not found.records:
        raise EvidenceError(f"{name}: no study has two arms with numbers, or a contrast, for the same outcome and time")
    return found


def _columns(sheet: Sheet, given):
    squeezed = {squeeze(name): name for name in sheet.header}
    said = {}
    for pair in given:
        ours, _, theirs = pair.partition("=")
        if theirs not in sheet.header or ours not in NAMES:
            raise EvidenceError(f"--map {pair}: write one of {', '.join(NAMES)} = one of {', '.join(sheet.header)}")
        said[ours] = theirs
    for ours, names in NAMES.items():
        theirs = next((squeezed[name] for name in names if name in squeezed), None)
        if theirs and ours not in said:
            said[ours] = theirs
    return said


def _arms(sheet, columns):
    """Return the arms (place, cells) of each study, outcome and time."""
    groups, problems = {}, []
    mark = settle_marks(sheet, {ours: theirs for ours, theirs in columns.items() if ours in _NUMBERS})
    for line, cells in sheet.rows:
        arm = {ours: cells[theirs] for ours, theirs in columns.items()}
        for name in _NUMBERS:
            try:
                arm[name] = cell_number(arm.get(name, ""), name, mark)
            except ValueError as error:
                problems.append(sheet.problem(line, columns[name], *str(error).split("\t")))
        key = (arm.get("trial", ""), arm.get("outcome", ""), arm.get("time", ""))
        groups.setdefault(key, []).append((f"{sheet.name} line {line}", arm))
    if problems:
        raise EvidenceError(problems)
    return groups


def _numbered(group):
    return [(place, arm) for place, arm in group if not arm["estimate"] and (arm["mean"] or arm["events"])]


def _controls(arms):
    """Return the positions of the arms that are the control by the reference arm that is named, or by their name."""
    named = [i for i, (_, arm) in enumerate(arms) if arm.get("reference") and arm["reference"] == arm.get("arm")]
    return named or [i for i, (_, arm) in enumerate(arms) if _CONTROL.search(arm.get("arm", ""))]


def _one_control(groups):
    """Refuse arms of which nothing says which one is the control."""
    open_groups = [arms for group in groups.values() if len(arms := _numbered(group)) > 1 and len(_controls(arms)) != 1]
    if open_groups:
        shown = "\n".join(
            f"{arms[0][0]}: which of {' and '.join(arm.get('arm') or '(no name)' for _, arm in arms)} is the control?"
            for arms in open_groups
        )
        raise EvidenceError(f"{shown}\nAdd (control) to the name of the control arm, or leave the other arms out")


def _paired(group, found):
    """Return one record a contrast, or one an arm against the control arm."""
    contrasts = [(place, arm) for place, arm in group if arm["estimate"]]
    for place, arm in contrasts:
        numbers = {name: arm[name] for name in ("estimate", "se", "ci_low", "ci_high")}
        numbers["measure"] = arm.get("measure", "").upper()
        yield Record(place, _about(arm, arm.get("reference", "")) | numbers)
    arms = _numbered(group)
    if len(arms) < 2:
        found.noticed += [f"{place}: an arm without another one was left out" for place, _ in arms]
        return
    control = _controls(arms)[0]
    place_of, ctl = arms[control]
    for i, (place, arm) in enumerate(arms):
        if i != control:
            numbers = {f"{name}_int": arm[name] for name in ("mean", "sd", "n", "events")}
            numbers |= {f"{name}_ctl": ctl[name] for name in ("mean", "sd", "n", "events")}
            yield Record(f"{place} and {place_of.rpartition(' ')[2]}", _about(arm, ctl.get("arm", "")) | numbers)


_ABOUT = {"trial": "trial", "outcome": "outcome", "intervention": "arm", "analysis": "time"}


def _about(arm, comparator):
    weeks = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:weeks?|wks?|w)", arm.get("time", "").strip(), re.I)
    year = re.search(r"\b(19|20)\d\d\b", arm.get("trial", ""))
    said = {ours: arm.get(theirs, "") for ours, theirs in _ABOUT.items()}
    when = {"year": year[0] if year else "", "timepoint_weeks": weeks[1] if weeks else ""}
    return said | when | {"comparator": comparator}
