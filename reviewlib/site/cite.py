"""How to cite a page (text, BibTeX, CSL-JSON, schema.org facts) and a feed of the conclusions, all from the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..evidence.review import Review
from ..latex import escaped
from .downloads import Download
from .links import slug

FEED = "feed.xml"


@dataclass(frozen=True, slots=True)
class Citation:
    """What identifies one page: where it stands, whose it is, what it says, and which tables it was made from."""

    stem: str
    title: str
    review: Review
    sentence: str
    edited: str
    version: str
    checksum: str

    @property
    def key(self) -> str:
        """Return the name of the entry in a list of references."""
        return f"{slug(self.review.short_title)}-{self.stem}"

    @property
    def address(self) -> str:
        """Return where the page is published, empty where the review names no site."""
        return f"{self.review.site.rstrip('/')}/{self.stem}.html" if self.review.site else ""

    @property
    def text(self) -> str:
        """Return the citation as a sentence; the checksum names the data where an address may change."""
        year, who = f" ({self.edited[:4]})" if self.edited else "", self.review.cited_as()
        title = self.title if self.title.endswith(("?", "!", ".")) else f"{self.title}."
        lead = f"{who}{year}. {title}" if who else f"{title.removesuffix('.')}{year}."
        when = f", edited {self.edited}" if self.edited else ""
        where = f" {self.address}" if self.address else ""
        within = "" if self.title == self.review.title else f" In: {self.review.title}."
        return f"{lead}{within} Version {self.version}{when}, data {self.checksum[:12]}.{where}"

    def bibtex(self) -> str:
        """Return the citation for LaTeX."""
        fields = {
            "author": " and ".join(f"{{{escaped(author.name)}}}" for author in self.review.authors),
            "title": f"{{{escaped(self.title)}}}",
            "booktitle": escaped(self.review.title),
            "year": self.edited[:4],
            "version": self.version,
            "url": self.address,
            "note": f"Data SHA-256 {self.checksum}",
        }
        lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
        return "\n".join([f"@misc{{{self.key},", *lines, "}"]) + "\n"

    def csl(self) -> str:
        """Return the citation for reference managers."""
        item = {
            "id": self.key,
            "type": "webpage",
            "title": self.title,
            "container-title": self.review.title,
            "author": [{"literal": author.name} for author in self.review.authors],
            "version": self.version,
            "note": f"Data SHA-256 {self.checksum}",
            "abstract": self.sentence,
            "language": self.review.language,
            "URL": self.address,
        }
        if self.edited:
            item["issued"] = {"date-parts": [[int(part) for part in self.edited.split("-")]]}
        return json.dumps([{key: value for key, value in item.items() if value}], indent=1, ensure_ascii=False) + "\n"

    def json_ld(self) -> str:
        """Return the facts for search engines; no script, and nothing in it can end the element it stands in."""
        facts = {
            "@context": "https://schema.org",
            "@type": "ScholarlyArticle",
            "headline": self.title,
            "abstract": self.sentence,
            "dateModified": self.edited,
            "version": self.version,
            "inLanguage": self.review.language,
            "isPartOf": {"@type": "WebSite", "name": self.review.title},
            "isAccessibleForFree": True,
            "author": [_who(author) for author in self.review.authors],
            "license": self.review.licence,
            "url": self.address,
            "identifier": f"sha256:{self.checksum}",
        }
        text = json.dumps({key: value for key, value in facts.items() if value}, ensure_ascii=False)
        return text.replace("<", "\\u003c")

    def files(self) -> list[Download]:
        """Return the files that a reader can take along."""
        made = (("bib", "BibTeX", self.bibtex()), ("json", "CSL-JSON", self.csl()))
        return [Download(f"cite/{self.stem}.{kind}", words, text.encode()) for kind, words, text in made]


def _who(author) -> dict:
    """Return an author for search engines: a person where an ORCID iD says so, a group otherwise."""
    facts = {"@type": "Person" if author.orcid else "Organization", "name": author.name}
    facts |= {"@id": f"https://orcid.org/{author.orcid}"} if author.orcid else {}
    return facts | ({"affiliation": author.affiliation} if author.affiliation else {})


def sentence(outputs: Sequence[Any]) -> str:
    """Return the bottom line of a page as plain text, empty where it has none."""
    found = re.search(r'<p class="bottom-line">(.*?)</p>', outputs, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", found[1])).split()) if found else ""


def feed(citations: Any, review: Review) -> Download:
    """Return the conclusions as an Atom feed: an entry a page that has one, updated when its tables were edited."""
    told = [c for c in citations if c.sentence and c.edited]
    latest = max((c.edited for c in told), default="1970-01-01")
    here = f"{review.site.rstrip('/')}/{FEED}" if review.site else FEED
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<title>{escape(review.title)}</title>\n<id>{_urn(review, 'feed')}</id>\n"
        f"<updated>{latest}T00:00:00Z</updated>\n"
        f"<author><name>{escape(review.cited_as() or review.title)}</name></author>\n"
        f'<link rel="self" href="{escape(here)}"/>\n'
    )
    return Download(FEED, "Feed of conclusions", f"{head}{''.join(map(_entry, told))}</feed>\n".encode())


def sitemap(citations: Any, review: Review) -> dict[str, bytes]:
    """Return the map of the site for search engines; nothing for a site without an address, which a map must name."""
    if not review.site:
        return {}
    lines = [
        f"<url><loc>{escape(c.address)}</loc>{f'<lastmod>{c.edited}</lastmod>' if c.edited else ''}</url>\n"
        for c in citations
    ]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return {"sitemap.xml": f"{head}{''.join(lines)}</urlset>\n".encode()}


def _entry(citation) -> str:
    return (
        f"<entry>\n<title>{escape(citation.title)}</title>\n<id>{_urn(citation.review, citation.stem)}</id>\n"
        f'<link href="{escape(citation.address or citation.stem + ".html")}"/>\n'
        f"<updated>{citation.edited}T00:00:00Z</updated>\n<summary>{escape(citation.sentence)}</summary>\n</entry>\n"
    )


def _urn(review, name) -> str:
    """Return an address that stays the same from build to build and is shared with no other review."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{review.site or review.title}/{name}')}"
