"""RevMan 5 reviews (.rm5): studies, arms and contrasts of every analysis, and the review's own pools.

The XML is parsed without entities, document types or network. `LOG_EFFECT_SIZE` is a logarithm to base 10, unlike the
estimates and standard errors beside it, and is never read.
"""

from __future__ import annotations

import re
from math import log
from typing import Any

from ..errors import EvidenceError
from ..measures import is_ratio, spelled
from .incoming import Incoming, PrintedPool
from .numerals import digits, number, one_step
from .records import Record
from .sheet import clean
from .vocabulary import NAMES

KINDS = ("DICH", "CONT", "IV", "IPD", "OTHER")
_CELLS = NAMES["revman5"]


def refused(data: bytes) -> bool:
    """Return whether XML declares a document type or entities, which a review never does."""
    head = data[:20_000].replace(b"\0", b"").upper()
    return b"<!DOCTYPE" in head or b"<!ENTITY" in head


def parse(data: bytes, name: str) -> Any:
    """Return the root element, or refuse what is dangerous, damaged or no review."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if refused(data):
        raise EvidenceError(
            f"{name} declares a document type or XML entities, which no RevMan file needs and XML bombs do. "
            "It was not read"
        )
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        line = error.position[0]
        raise EvidenceError(
            f"{name} line {line}: the XML is damaged or cut off ({str(error).split(':')[0]}). Export the review again"
        ) from None
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise EvidenceError(
            f"{name} cannot be read safely as XML ({type(error).__name__}). Export the review again"
        ) from None
    if root.tag != "COCHRANE_REVIEW":
        raise EvidenceError(f"{name} is XML, but no RevMan 5 review: it starts with <{root.tag}>")
    if "DIAG" in (root.get("TYPE") or "").upper() or root.find(".//TESTS") is not None:
        raise EvidenceError(f"{name} is a review of test accuracy: such tables have no place here. Nothing was read")
    return root


def read(data: bytes, name: str) -> Incoming:
    """Return the rows of every analysis of a review, with its pools."""
    root = parse(data, name)
    found = Incoming(name, "RevMan 5 review", "results", scale="log")
    studies = {node.get("ID"): node for node in root.iter("STUDY")}
    problems = []
    for comparison in root.iter("COMPARISON"):
        for outcome in comparison:
            kind = outcome.tag.removesuffix("_OUTCOME")
            if outcome.tag.endswith("_OUTCOME") and kind in KINDS:
                _outcome(comparison, outcome, kind, studies, found, problems)
    if problems:
        raise EvidenceError([f"{name}: {text}" for text in problems])
    if not found.records:
        raise EvidenceError(f"{name} is a review without any data row in its analyses: there is nothing to import")
    found.mapping = (
        "The groups 1 and 2 of each analysis are the intervention and the comparator: EVENTS, TOTAL, MEAN, SD, O_E, "
        "VAR, ESTIMATE and SE were read"
    )
    return found


def _outcome(comparison, outcome, kind, studies, found, problems):
    number_of = f"{comparison.get('NO') or '?'}.{outcome.get('NO') or '?'}"
    title = f"{number_of} {_text(outcome, 'NAME')}"
    if kind == "OTHER":
        found.noticed.append(f"analysis {title} is a table of words (other data) and was left out")
        return
    said = outcome.get("EFFECT_MEASURE") or _text(outcome, "EFFECT_MEASURE") or _text(outcome, "EFFECT_MEASURE_NAME")
    measure = spelled(said) or ""
    about = {
        "outcome": _text(outcome, "NAME"),
        "intervention": _text(outcome, "GROUP_LABEL_1"),
        "comparator": _text(outcome, "GROUP_LABEL_2"),
        "analysis": f"analysis {number_of}",
    }
    records = []
    for group in (outcome, *outcome.findall(f"{kind}_SUBGROUP")):
        own = []
        for row in group.findall(f"{kind}_DATA"):
            place = f"analysis {title}, study {unescaped(row.get('STUDY_ID') or '?')}"
            try:
                values = _values(row, kind, measure)
            except ValueError as error:
                problems.append(f"{place}: {error}")
                continue
            if group is not outcome:
                values["subgroup"] = _text(group, "NAME")
            study = studies.get(row.get("STUDY_ID"))
            own.append(Record(place, about | values | _study(study, row)))
        records += own
        if group is not outcome and outcome.get("TOTALS") != "NO":
            _pool(group, outcome, f"{title}, {_text(group, 'NAME')}", kind, measure, own, found)
    found.records += records
    _pool(outcome, outcome, title, kind, measure, records, found)


def _values(row, kind, measure):
    values = {ours: _number(row, theirs) for theirs, ours in _CELLS[kind].items()}
    if kind == "IV" and measure:
        estimate, shown = _number(row, "ESTIMATE"), _number(row, "EFFECT_SIZE")
        if not estimate and shown and (not is_ratio(measure) or float(shown) > 0):
            estimate = digits(log(float(shown))) if is_ratio(measure) else shown
        values |= {"estimate": estimate}
    if kind == "IPD" and (found := one_step(_number(row, "O_E"), _number(row, "VAR"))):
        values |= found | {"events_int": "", "events_ctl": ""}
    return values | {"measure": measure, "estimable": row.get("ESTIMABLE") or ""}


def _number(row, name):
    try:
        return number(row.get(name) or "")
    except ValueError as error:
        raise ValueError(f'{name}="{row.get(name)[:40]}" {str(error).split(chr(9))[0]}') from None


def _study(study, row):
    if study is None:
        label = unescaped((row.get("STUDY_ID") or "").removeprefix("STD-"))
        return {"trial": clean(label.replace("-", " ")), "year": ""}
    year = re.sub(r"\D", "", study.get("YEAR") or "")[:4]
    name = clean(study.get("NAME") or unescaped(study.get("ID") or ""))
    return {"trial": name, "year": year}


def unescaped(text: str) -> str:
    """Return an id with its escaped signs: ``_x002d_`` is a hyphen."""
    return re.sub(r"_x([0-9a-fA-F]{4})_", lambda m: chr(int(m[1], 16)), text)


def _text(node, name):
    child = node.find(name)
    return clean("".join(child.itertext())) if child is not None else ""


def _pool(node, outcome, title, kind, measure, records, found):
    """Keep the review's own pool of an analysis or a subgroup, to be recomputed from the rows read."""
    if not measure or len(records) < 2 or "NO" in (node.get("ESTIMABLE"), node.get("TOTALS")):
        return
    if node is outcome and outcome.get("TOTALS") in ("SUB", "NONE"):
        return
    if outcome.get("SWAP_EVENTS") == "YES":
        found.noticed.append(f"analysis {title} counts the opposite event in its own pool (events are kept as typed)")
        return
    try:
        values = [float(node.get(name) or "") for name in ("EFFECT_SIZE", "CI_START", "CI_END")]
        level = float(outcome.get("CI_TOTAL") or 95) / 100
    except ValueError:
        return
    random = (outcome.get("RANDOM") or "").upper() in ("YES", "TRUE", "RANDOM")
    method = (outcome.get("METHOD") or ("PETO" if kind == "IPD" else "IV")).upper()
    found.pools.append(PrintedPool(title, measure, method, random, *values, level, records))
