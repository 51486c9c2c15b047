"""The sources as CSL-JSON and BibTeX, for a reference manager."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..evidence.load import load_evidence
from .placing import rows_of

_CSL = {"guideline": "report", "panel-report": "report", "software": "software", "data-set": "dataset",
        "news": "article-newspaper", "law": "legislation", "registry-record": "webpage",
        "other": "document"}  # fmt: skip
_BIB = {"guideline": "techreport", "panel-report": "techreport", "software": "software", "data-set": "misc",
        "news": "misc", "law": "misc", "registry-record": "misc", "other": "misc"}  # fmt: skip
_WHERE = re.compile(r"^(.*?)\s+(\d+)(?:\(([^)]*)\))?(?::([\w.]+(?:[-\u2013][\w.]+)?))?$")


def used_sources(folder: Path, topics, *, whole: bool) -> list[dict[str, str]]:
    """Return the rows of sources.csv that the topics name; all of them for the whole evidence."""
    rows = rows_of((folder / "sources.csv").read_bytes())
    if whole:
        return rows
    evidence = load_evidence(folder)
    named = {source for topic in topics for source in evidence[topic].used_sources()["source_id"]}
    return [row for row in rows if row["source_id"] in named]


def _people(authors: str) -> list[dict]:
    """Return names as CSL holds them; what is no list of ``Family GN`` stays one literal name."""
    text = re.sub(r",?\s*et al\.?.*$", "", authors)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    names = [re.fullmatch(r"(.+?)\s+([A-Z][A-Z\-]{0,3})", part) for part in parts]
    people = [{"family": m[1], "given": m[2]} for m in names if m] if all(names) else [{"literal": text.strip()}]
    if "et al" in authors:
        people.append({"literal": "et al."})
    return [person for person in people if any(person.values())]


def _parts(journal: str) -> dict:
    match = _WHERE.match(journal)
    if not match:
        return {"container-title": journal} if journal else {}
    names = ("container-title", "volume", "issue", "page")
    return {name: value for name, value in zip(names, match.groups(), strict=True) if value}


def csl_json(rows) -> str:
    """Return sources as CSL-JSON."""
    items = []
    for row in rows:
        item = {"id": row["source_id"], "type": _CSL.get(row["kind"], "article-journal"), "title": row["title"]}
        if row["authors"]:
            item["author"] = _people(row["authors"])
        if row["year"]:
            item["issued"] = {"date-parts": [[int(row["year"])]]}
        item |= _parts(row["journal"])
        fields = {"DOI": "doi", "PMID": "pmid", "PMCID": "pmcid", "URL": "url", "number": "registry_id"}
        item |= {theirs: row[ours] for theirs, ours in fields.items() if row[ours]}
        items.append(item)
    return json.dumps(items, indent=1, ensure_ascii=False) + "\n"


def bibtex(rows) -> str:
    """Return sources as BibTeX (UTF-8)."""
    return "\n".join(_entry(row) for row in rows)


def _entry(row) -> str:
    parts = _parts(row["journal"])
    names = [p.get("literal") or f"{p['family']}, {p['given']}" for p in _people(row["authors"])]
    names = ["others" if name == "et al." else f"{{{name}}}" if "," not in name else name for name in names]
    kind = _BIB.get(row["kind"], "article")
    fields = {
        "author": " and ".join(names), "title": f"{{{row['title']}}}", "year": row["year"],
        "journal" if kind == "article" else "howpublished": parts.get("container-title", ""),
        "volume": parts.get("volume", ""), "number": parts.get("issue", ""),
        "pages": parts.get("page", "").replace("-", "--"), "doi": row["doi"], "pmid": row["pmid"],
        "pmcid": row["pmcid"], "url": row["url"], "note": row["registry_id"],
    }  # fmt: skip
    plain = ("doi", "url", "author", "pmid", "pmcid")
    lines = [
        f"  {name} = {{{value if name in plain else _escaped(value)}}}," for name, value in fields.items() if value
    ]
    return "\n".join([f"@{kind}{{{row['source_id']},", *lines, "}", ""])


def _escaped(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", text)
