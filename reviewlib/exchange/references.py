"""References from RIS, BibTeX, CSL-JSON, PubMed and EndNote files, as rows of sources.csv."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import EvidenceError
from .identity import same
from .incoming import Incoming
from .people import Person, is_others, people, written
from .records import Record
from .sheet import clean
from .tagged import records
from .vocabulary import listed

_SAID = listed("references.yml")
FORMATS = _SAID["formats"]
_YEAR = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")


def _tags(fmt):
    """Return our fields, each with the tags that hold it, the best first."""
    return {ours: tuple(tags.split()) for ours, tags in _SAID[fmt].items()}


_RIS, _PUBMED, _ENDNOTE = _tags("ris"), _tags("pubmed"), _tags("endnote")


def told(head: str) -> str | None:
    """Return the format of references that the first lines of a file show, None where they show none."""
    lines = [line for line in head.split("\n") if line.strip()]
    if lines and lines[0].startswith(("{", "[")):
        return "csl-json"
    return next((fmt for line in lines[:40] for fmt, start in _SAID["heads"].items() if re.match(start, line)), None)


def read(text_and_noticed: Any, name: str, fmt: str) -> Incoming:
    """Return the publications of a file in one of the formats of `READERS`."""
    text, noticed = text_and_noticed
    found = Incoming(name, FORMATS[fmt], "sources", noticed=list(noticed))
    items = READERS[fmt](re.sub(r"\r\n?", "\n", text), name, found)
    if not items:
        raise EvidenceError(
            f"{name} holds no reference in the format {fmt}. It may be cut off: export it "
            "again; a table of results is read as CSV or .xlsx"
        )
    found.records = [Record(place, _source(item, place, found)) for place, item in items]
    found.mapping = "Authors, year, title, journal, DOI and PubMed numbers were read"
    return found


def _source(item, place, found):
    authors = [Person(*map(clean, author)) for author in item["authors"] if clean(author.family)]
    doi = re.sub(r"(?i)^(https?://(dx\.)?doi\.org/|doi:\s*)", "", clean(item.get("doi", ""))).rstrip(".,; ")
    if doi and not re.fullmatch(r"10\.\d{4,9}/\S+", doi):
        found.noticed.append(f"{place}: {doi!r} is no DOI and was left out")
        doi = ""
    pmid = item.get("pmid", "").strip()
    pmcid = item.get("pmcid", "").strip().upper()
    year = _YEAR.search(item.get("year", ""))
    where, volume, issue, pages = (clean(item.get(k, "")) for k in ("journal", "volume", "issue", "pages"))
    where += f" {volume}" * bool(volume) + f"({issue})" * bool(issue and volume)
    where += ":" * bool(pages and volume) + re.sub("[-\u2013]+", "-", pages) * bool(volume)
    who = {"authors": written(authors, item.get("others", False)), "family": authors[0].family if authors else ""}
    what = {"title": clean(item.get("title", "")).rstrip("."), "journal": where.strip(), "kind": item.get("kind", "")}
    ids = {"doi": doi, "pmid": pmid if re.fullmatch(r"[1-9]\d{0,8}", pmid) else ""}
    ids["pmcid"] = pmcid if re.fullmatch(r"PMC\d+", pmcid) else ""
    return {**who, "year": year[0] if year else "", **what, **ids}


def _kind(words) -> str:
    said = "; ".join(words).lower()
    return next((kind for word, kind in _SAID["kinds"].items() if word in said), "")


def _tagged(fmt, names):
    """Return a reader of one format of tagged lines."""

    def reader(text, name, found):
        items, problems = [], []
        for line, tags in records(text, name, fmt, sum(names.values(), ())):
            try:
                items.append((f"line {line}", _item(tags, names, found, line)))
            except ValueError as error:
                problems.append(f"{name} line {line}: {error}")
        if problems:
            raise EvidenceError("\n".join(problems))
        return items

    return reader


def _item(tags, names, found, line):
    texts = {ours: next((tags[tag] for tag in wanted if tag in tags), []) for ours, wanted in names.items()}
    authors, others = people(texts.pop("authors"))
    if names is _RIS and "A1" in tags and "AU" in tags:  # both are for authors: the same ones, or A1 for the first
        more, and_others = people(tags["AU"])
        others, first = others or and_others, list(map(str, authors))
        authors += [author for author in more if str(author) not in first]
        said = f"line {line}: authors stand under A1 and AU; those of A1 were taken as the first: compare the row"
        found.noticed += [said] * (list(map(str, more)) not in (first, list(map(str, authors))))
    authors += [Person(group) for group in texts.pop("groups", ())]
    editors, and_others = people(texts.pop("editors"))
    if editors and not authors:
        authors, others = editors, and_others
        found.noticed.append(f"line {line}: no author is named; the editors stand in their place")
    found.noticed += _differing(tags, names, line) if names is not _PUBMED else ()
    several = [ours for ours, values in texts.items() if len(set(values)) > 1 and ours not in ("base", "pmid")]
    found.noticed += [f"line {line}: of several values for {ours} the first was taken" for ours in several]
    item = {ours: values[0] if values else "" for ours, values in texts.items()}
    item |= {"authors": authors, "others": others, "kind": _kind(tags.get("PT", ()))}
    ids = [value for name in ("LID", "AID") for value in tags.get(name, ()) if value.endswith("[doi]")]
    if ids:
        item["doi"] = ids[0].removesuffix("[doi]")
    elif not tags.get("DO") and not re.match(r"(?i)(https?://(dx\.)?doi\.org/)?10\.", item.get("doi", "")):
        item["doi"] = ""  # M3 and %R hold other things too
    if "start" in item:
        whole = "-" in item["start"] or not item["end"]
        item["pages"] = item["start"] if whole else f"{item['start']}-{item['end']}"
        item["pmid"] *= bool(re.search("pubmed|medline|nlm", " ".join(texts["base"]), re.I))
    return item


def _differing(tags, names, line):
    """Say where two tags of one record give it different titles or years."""
    for ours, plain in (("title", same), ("year", lambda text: (_YEAR.search(text) or [""])[0])):
        said = {tag: plain(tags[tag][0]) for tag in names[ours] if tag in tags}
        if len({*said.values()} - {""}) > 1:
            yield f"line {line}: {' and '.join(said)} give different {ours}s; that of {next(iter(said))} was taken"


def _csl(text, name, found):
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = f" line {error.lineno}" if hasattr(error, "lineno") else ""
        raise EvidenceError(f"{name}{line}: the JSON is damaged or cut off. Export the references again") from None
    if isinstance(document, dict):
        document = document.get("items", [document])
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise EvidenceError(f"{name} is JSON, but no list of references (CSL-JSON)")
    nameless = [i for i, item in enumerate(document, 1) if not item.get("title")]
    found.noticed += [f"reference {i} has no title and was left out" for i in nameless]
    return [(f"reference {i}", _from_csl(item)) for i, item in enumerate(document, 1) if item.get("title")]


def _from_csl(item):
    def text(*keys, of=item):
        return next((str(of[k]) for k in keys if isinstance(of.get(k), (str, int)) and not isinstance(of[k], bool)), "")

    def named(p):
        particles = text("dropping-particle", of=p), text("non-dropping-particle", of=p)
        family = " ".join(part for part in (*particles, text("family", of=p)) if part)
        return Person(family, text("given", of=p), text("suffix", of=p)) if family else Person(text("literal", of=p))

    issued = item.get("issued")
    if isinstance(issued, dict):
        issued = next((issued[key] for key in ("date-parts", "raw", "literal") if issued.get(key)), "")
    while isinstance(issued, list):
        issued = issued[0] if issued else ""
    authors = item.get("author") if isinstance(item.get("author"), list) else []
    authors = [named(p) for p in authors if isinstance(p, dict)]
    known = [author for author in authors if not is_others(author.family)]
    keys = {"title": "title", "volume": "volume", "issue": "issue", "pages": "page"}
    found = {ours: text(key) for ours, key in (keys | {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID"}).items()}
    found["year"] = str(issued) if isinstance(issued, (str, int)) else ""
    found["journal"] = text("container-title-short", "container-title", "publisher")
    return {"authors": known, "others": len(known) < len(authors), **found}


def _bibtex(text, name, found):
    from .bibtex import entries

    items = []
    for line, fields in entries(text, name):
        macros = ", ".join(f"\\{macro}" for macro in fields["unknown"])
        found.noticed += [f"line {line}: {macros} is not known and was left out: compare the row"] * bool(macros)
        item = {name: fields[name] for name in ("others", "title", "volume", "pages", "doi", "pmid", "pmcid")}
        item |= {"authors": fields["author"], "year": fields["year"] or fields["date"]}
        journal = next((fields[name] for name in _SAID["where"].split() if fields[name]), "")
        item |= {"issue": fields["number"] or fields["issue"], "journal": journal}
        items.append((f"line {line}", item))
    return items


_TAGGED = {"ris": _RIS, "pubmed": _PUBMED, "endnote": _ENDNOTE}
READERS = {fmt: _tagged(fmt, tags) for fmt, tags in _TAGGED.items()} | {"bibtex": _bibtex, "csl-json": _csl}
