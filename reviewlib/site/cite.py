"""How to cite a page (text, BibTeX, CSL-JSON, schema.org facts) and a feed of the conclusions, all from the pages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape, unescape
from uuid import NAMESPACE_URL, uuid5

from .downloads import Download

AUTHOR = "The reviewlib contributors"
FEED = "feed.xml"


@dataclass(frozen=True, slots=True)
class Citation:
    """What identifies one page: where it stands, what it says, and which tables it was made from."""

    stem: str
    title: str
    site: str
    sentence: str
    edited: str
    version: str
    checksum: str

    @property
    def text(self) -> str:
        """Return the citation as a sentence; the checksum names the data where an address may change."""
        year = f" ({self.edited[:4]})" if self.edited else ""
        when = f", edited {self.edited}" if self.edited else ""
        return f"{AUTHOR}{year}. {self.title} In: {self.site}. Version {self.version}{when}, data {self.checksum[:12]}."

    def bibtex(self) -> str:
        """Return the citation for LaTeX."""
        fields = {
            "author": f"{{{AUTHOR}}}", "title": f"{{{_tex(self.title)}}}", "booktitle": _tex(self.site),
            "year": self.edited[:4], "version": self.version, "note": f"Data SHA-256 {self.checksum}",
        }  # fmt: skip
        lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
        return "\n".join([f"@misc{{reviewlib-{self.stem},", *lines, "}"]) + "\n"

    def csl(self) -> str:
        """Return the citation for reference managers."""
        item = {
            "id": f"reviewlib-{self.stem}", "type": "webpage", "title": self.title, "container-title": self.site,
            "author": [{"literal": AUTHOR}], "version": self.version, "note": f"Data SHA-256 {self.checksum}",
            "abstract": self.sentence, "language": "en",
        }  # fmt: skip
        if self.edited:
            item["issued"] = {"date-parts": [[int(part) for part in self.edited.split("-")]]}
        return json.dumps([{key: value for key, value in item.items() if value}], indent=1, ensure_ascii=False) + "\n"

    def json_ld(self) -> str:
        """Return the facts for search engines; no script, and nothing in it can end the element it stands in."""
        facts = {
            "@context": "https://schema.org", "@type": "MedicalScholarlyArticle", "headline": self.title,
            "abstract": self.sentence, "dateModified": self.edited, "version": self.version, "inLanguage": "en",
            "isPartOf": {"@type": "WebSite", "name": self.site}, "isAccessibleForFree": True,
            "author": {"@type": "Organization", "name": AUTHOR}, "identifier": f"sha256:{self.checksum}",
            "publicationType": "structured evidence summary",
        }  # fmt: skip
        text = json.dumps({key: value for key, value in facts.items() if value != ""}, ensure_ascii=False)
        return text.replace("<", "\\u003c")

    def files(self) -> list[Download]:
        """Return the files that a reader can take along."""
        made = (("bib", "BibTeX", self.bibtex()), ("json", "CSL-JSON", self.csl()))
        return [Download(f"cite/{self.stem}.{kind}", words, text.encode()) for kind, words, text in made]


def sentence(outputs) -> str:
    """Return the bottom line of a page as plain text, empty where it has none."""
    found = re.search(r'<p class="bottom-line">(.*?)</p>', outputs, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found[1])).split()) if found else ""


def feed(citations) -> Download:
    """Return the conclusions as an Atom feed: an entry a page that has one, updated when its tables were edited."""
    told = [c for c in citations if c.sentence and c.edited]
    latest = max((c.edited for c in told), default="1970-01-01")
    title = escape(told[0].site if told else "Conclusions")
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<title>{title}</title>\n'
        f"<id>{_urn('feed')}</id>\n<updated>{latest}T00:00:00Z</updated>\n"
        f'<author><name>{AUTHOR}</name></author>\n<link rel="self" href="{FEED}"/>\n'
    )
    return Download(FEED, "Feed of conclusions", f"{head}{''.join(map(_entry, told))}</feed>\n".encode())


def _entry(citation) -> str:
    return (
        f"<entry>\n<title>{escape(citation.title)}</title>\n<id>{_urn(citation.stem)}</id>\n"
        f'<link href="{citation.stem}.html"/>\n<updated>{citation.edited}T00:00:00Z</updated>\n'
        f"<summary>{escape(citation.sentence)}</summary>\n</entry>\n"
    )


def _urn(name) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'reviewlib/{name}')}"


def _tex(text) -> str:
    return re.sub(r"([&%$#_{}])", r"\\\1", text)
