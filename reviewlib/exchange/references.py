"""References from RIS, BibTeX, CSL-JSON and PubMed files, as rows of sources.csv."""

from __future__ import annotations

import json
import re

from ..errors import EvidenceError
from .bibtex import entries
from .incoming import Incoming
from .records import Record
from .sheet import clean

_KINDS = (("systematic review", "systematic-review"), ("meta-analysis", "systematic-review"),
          ("randomized controlled trial", "rct"),
          ("practice guideline", "guideline"), ("guideline", "guideline"))  # fmt: skip
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")


def read(text_and_noticed, name: str, fmt: str) -> Incoming:
    """Return the publications of a file in one of the formats of `READERS`."""
    text, noticed = text_and_noticed
    items = READERS[fmt](text, name)
    if not items:
        raise EvidenceError(f"{name} holds no reference in the format {fmt}. It may be cut off: export it again")
    found = Incoming(
        name, {"ris": "RIS", "bibtex": "BibTeX", "csl-json": "CSL-JSON", "pubmed": "PubMed"}[fmt], "sources"
    )
    found.noticed += noticed
    for place, item in items:
        found.records.append(Record(place, _source(item, place, found)))
    found.mapping = "Authors, year, title, journal, DOI and PubMed numbers were read"
    return found


def _source(item, place, found):
    authors = [clean(author) for author in item.get("authors", ()) if clean(author)]
    doi = re.sub(r"(?i)^(https?://(dx\.)?doi\.org/|doi:\s*)", "", clean(item.get("doi", ""))).rstrip(".,; ")
    if doi and not re.fullmatch(r"10\.\d{4,9}/\S+", doi):
        found.noticed.append(f"{place}: {doi!r} is no DOI and was left out")
        doi = ""
    pmid = item.get("pmid", "").strip()
    pmcid = item.get("pmcid", "").strip().upper()
    year = _YEAR.search(item.get("year", ""))
    where = clean(item.get("journal", ""))
    volume, issue, pages = (clean(item.get(k, "")) for k in ("volume", "issue", "pages"))
    where += f" {volume}" * bool(volume) + f"({issue})" * bool(issue and volume)
    where += f":{pages}" * bool(pages and volume)
    return {
        "authors": ", ".join(authors[:6]) + (", et al." if len(authors) > 6 else ""),
        "family": re.split(r"[ ,]", authors[0])[0] if authors else "",
        "year": year[0] if year else "", "title": clean(item.get("title", "")).rstrip("."), "journal": where,
        "doi": doi, "pmid": pmid if re.fullmatch(r"[1-9]\d{0,8}", pmid) else "",
        "pmcid": pmcid if re.fullmatch(r"PMC\d+", pmcid) else "", "kind": item.get("kind", ""),
    }  # fmt: skip


def _kind(words) -> str:
    said = "; ".join(words).lower()
    return next((kind for word, kind in _KINDS if word in said), "")


def _person(name: str) -> str:
    """Return ``Family, Given Names`` as ``Family GN``; a name without a comma stands as it is."""
    family, comma, given = name.partition(",")
    if not comma:
        return name
    letters = "".join(part[0] for part in re.split(r"[\s.\-]+", given.strip()) if part)
    return f"{family.strip()} {letters.upper()}".strip()


def _ris(text, name):
    items, item, last = [], None, ""
    for line, row in enumerate(text.splitlines(), 1):
        match = re.match(r"([A-Z][A-Z0-9])  ?- ?(.*)", row)
        if not match:
            if item and last and row.strip():
                item[last][-1] += " " + row.strip()
            continue
        last, value = match[1], match[2].strip()
        if last == "TY":
            item = {"TY": [value], "line": line}
        elif last == "ER" and item:
            items.append((f"line {item.pop('line')}", _from_ris(item)))
            item = None
        elif item is not None:
            item.setdefault(last, []).append(value)
    if item:
        raise EvidenceError(
            f"{name} line {item['line']}: the reference has no end (ER): the file is cut off. Export it again"
        )
    return items


def _from_ris(tags):
    def first(*names):
        return next((tags[name][0] for name in names if tags.get(name) and tags[name][0]), "")

    pages = "-".join(p for p in (first("SP"), first("EP")) if p)
    pmid = first("AN", "C7", "PM") if re.search("pubmed|medline|nlm", " ".join(tags.get("DB", [])), re.I) else ""
    return {
        "authors": [_person(a) for name in ("AU", "A1") for a in tags.get(name, ())],
        "year": first("PY", "Y1", "DA"), "title": first("TI", "T1", "CT"), 
        "journal": first("JO", "JF", "T2", "JA", "J2"),
        "volume": first("VL"), "issue": first("IS"), "pages": pages, "doi": first("DO", "M3"), "pmid": pmid,
        "pmcid": first("C2"),
    }  # fmt: skip


def _pubmed(text, name):
    items, tags, last, start = [], {}, "", 0
    for line, row in enumerate([*text.splitlines(), ""], 1):
        match = re.match(r"([A-Z]{2,4}) *- (.*)", row)
        if match:
            last = match[1]
            start = start or line
            tags.setdefault(last, []).append(match[2].strip())
        elif row.startswith("      ") and last:
            tags[last][-1] += " " + row.strip()
        elif not row.strip() and tags:
            items.append((f"line {start}", _from_pubmed(tags)))
            tags, last, start = {}, "", 0
    return items


def _from_pubmed(tags):
    ids = [value for name in ("LID", "AID") for value in tags.get(name, ()) if value.endswith("[doi]")]
    first = {name: values[0] for name, values in tags.items()}
    return {
        "authors": tags.get("AU") or [_person(a) for a in tags.get("FAU", ())],
        "year": first.get("DP", ""), "title": first.get("TI", ""), "journal": first.get("TA") or first.get("JT", ""),
        "volume": first.get("VI", ""), "issue": first.get("IP", ""), "pages": first.get("PG", ""),
        "doi": ids[0].removesuffix("[doi]") if ids else "", "pmid": first.get("PMID", ""),
        "pmcid": first.get("PMC", ""),
        "kind": _kind(tags.get("PT", ())),
    }  # fmt: skip


def _csl(text, name):
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = f" line {error.lineno}" if hasattr(error, "lineno") else ""
        raise EvidenceError(f"{name}{line}: the JSON is damaged or cut off. Export the references again") from None
    if isinstance(document, dict):
        document = document.get("items", [document])
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise EvidenceError(f"{name} is JSON, but no list of references (CSL-JSON)")
    return [(f"reference {i}", _from_csl(item)) for i, item in enumerate(document, 1) if item.get("title")]


def _from_csl(item):
    issued = item.get("issued")
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    while isinstance(parts, list):
        parts = parts[0] if parts else ""
    people = (
        [p for p in item.get("author") or [] if isinstance(p, dict)] if isinstance(item.get("author"), list) else []
    )
    names = [str(p.get("literal") or _person(f"{p.get('family', '')}, {p.get('given', '')}")) for p in people]

    def text(*keys):
        return next((str(item[k]) for k in keys if isinstance(item.get(k), (str, int))), "")

    return {
        "authors": names,
        "year": str(parts or (issued or {}).get("raw", "") if isinstance(issued, dict) else issued or ""),
        "title": text("title"), "journal": text("container-title-short", "container-title", "publisher"),
        "volume": text("volume"), "issue": text("issue"), "pages": text("page"), "doi": text("DOI"), 
        "pmid": text("PMID"),        "pmcid": text("PMCID"),
    }  # fmt: skip


def _bibtex(text, name):
    items = []
    for line, fields in entries(text, name):
        people = re.split(r"\s+and\s+", fields.get("author", ""))
        items.append((f"line {line}", {
            "authors": [_bib_person(p) for p in people if p], "year": fields.get("year") or fields.get("date", ""),
            "title": fields.get("title", ""),
            "journal": fields.get("journal") or fields.get("journaltitle") or fields.get("publisher", ""),
            "volume": fields.get("volume", ""), "issue": fields.get("number") or fields.get("issue", ""),
            "pages": fields.get("pages", "").replace("--", "-"), "doi": fields.get("doi", ""),
            "pmid": fields.get("pmid", ""), "pmcid": fields.get("pmcid", ""),
        }))  # fmt: skip
    return items


def _bib_person(name):
    if "," in name or " " not in name.strip():
        return _person(name)
    words = name.split()
    # BibTeX takes words in lower case for the start of the family name: Cor de Wit
    start = next((i for i, word in enumerate(words[1:], 1) if word[0].islower()), len(words) - 1)
    return _person(f"{' '.join(words[start:])}, {' '.join(words[:start])}")


READERS = {"ris": _ris, "bibtex": _bibtex, "csl-json": _csl, "pubmed": _pubmed}
