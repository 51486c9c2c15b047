"""The sources as CSL-JSON and BibTeX, for a reference manager."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ..evidence.load import load_evidence
from ..latex import escaped
from .people import Person, read_back
from .placing import rows_of
from .vocabulary import listed

_WHERE = re.compile(r"^(.*?)\s+(\d+)(?:\(([^)]*)\))?(?::([\w.]+(?:[-\u2013][\w.]+)?))?$")


def used_sources(folder: Path, topics: Any, *, whole: bool) -> list[dict[str, str]]:
    """Return the rows of sources.csv that the topics name; all of them for the whole evidence."""
    evidence, rows = load_evidence(folder), rows_of((folder / "sources.csv").read_bytes())
    if whole:
        return rows
    named = {source for topic in topics for source in evidence[topic].used_sources()["source_id"]}
    return [row for row in rows if row["source_id"] in named]


def _parts(journal: str) -> dict:
    match = _WHERE.match(journal)
    if not match:
        return {"container-title": journal} if journal else {}
    names = ("container-title", "volume", "issue", "page")
    return {name: value for name, value in zip(names, match.groups(), strict=True) if value}


def csl_json(rows: Any) -> str:
    """Return sources as CSL-JSON."""
    items = []
    for row in rows:
        item = {
            "id": row["source_id"],
            "type": listed("references.yml")["csl_types"].get(row["kind"], "article-journal"),
            "title": row["title"],
        }
        authors, others = read_back(row["authors"])
        if authors:
            item["author"] = [_csl_name(person) for person in authors] + [{"literal": "et al."}] * others
        if row["year"]:
            item["issued"] = {"date-parts": [[int(row["year"])]]}
        item |= _parts(row["journal"])
        fields = {"DOI": "doi", "PMID": "pmid", "PMCID": "pmcid", "URL": "url", "number": "registry_id"}
        item |= {theirs: row[ours] for theirs, ours in fields.items() if row[ours]}
        items.append(item)
    return json.dumps(items, indent=1, ensure_ascii=False) + "\n"


def _csl_name(person: Person) -> dict:
    names = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return {name: text for name, text in names.items() if text} if person.given else {"literal": person.family}


def bibtex(rows: Any) -> str:
    """Return sources as BibTeX (UTF-8); what BibTeX or LaTeX would take as a command is written as its sign."""
    return "\n".join(map(_entry, rows))


def _entry(row) -> str:
    parts, (authors, others) = _parts(row["journal"]), read_back(row["authors"])
    names = [_bib_name(person) for person in authors] + ["others"] * others
    kind = listed("references.yml")["bibtex_types"].get(row["kind"], "article")
    where = {"year": row["year"], "journal" if kind == "article" else "howpublished": parts.get("container-title", "")}
    where |= {"volume": parts.get("volume", ""), "number": parts.get("issue", "")}
    ids = {"doi": _verbatim(row["doi"]), "pmid": row["pmid"], "pmcid": row["pmcid"], "url": _verbatim(row["url"])}
    fields = {"author": " and ".join(names), "title": f"{{{escaped(row['title'])}}}"}
    fields |= {name: escaped(text) for name, text in where.items()}
    fields |= {"pages": escaped(parts.get("page", "")).replace("-", "--"), **ids, "note": escaped(row["registry_id"])}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{row['source_id']},", *lines, "}", ""])


def _bib_name(person: Person) -> str:
    if not person.given:
        return f"{{{escaped(person.family)}}}"
    given = re.sub(r"([A-Z])(?=[A-Z]|$)", r"\1. ", person.given).strip()
    return ", ".join(escaped(part) for part in (person.family, person.suffix, given) if part)


def _verbatim(text: str) -> str:
    """Return a DOI or an address, which programs take as it stands: only what would end the field is coded."""
    return re.sub(r"[\s{}\\]", lambda m: f"%{ord(m[0]):02X}", text)
