"""An index of the whole site, which a small script of the page turns into a search: offline, nothing is asked for."""

from __future__ import annotations

from ..evidence import Evidence
from ..html import Html, cell
from ..meaning.finding import findings
from .block import Block, fold
from .glossary import listed, term_id
from .provenance import figure_id, row_id


def index(evidence: Evidence) -> Block:
    """Every question, harm, comparison, claim, trial and term with its link and a few words, to read or to search.

    Parameters
    ----------
    evidence : Evidence
    """
    entries = [*_topics(evidence), *_claims(evidence), *_terms(evidence)]
    listed = "".join(
        f'<li><a href="{cell(address)}">{cell(name)}</a> <span class="hint">{kind}: {cell(words)}</span></li>'
        for kind, name, words, address in sorted(entries, key=lambda entry: entry[1].lower())
    )
    text = "\n".join(f"{kind}: {name}" for kind, name, *_ in entries)
    kinds = "questions, harms, comparisons, trials, claims and terms"
    return fold(f"Index of {len(entries):,} {kinds}", Block(Html(f'<ul class="index rove">{listed}</ul>'), text))


def _topics(evidence):
    for topic in evidence:
        page = evidence.review.page_of(topic.id)
        yield "Question", topic.info["question"], topic.info["title"], f"{page}.ipynb"
        if topic.info.get("harm_line"):
            yield "Harms", f"Harms: {topic.info['title']}", topic.info["harm_line"], f"{page}.ipynb"
        for key, found in findings(topic).items() if topic.comparisons else ():
            address = f"{page}.ipynb#{figure_id(topic, key)}"
            yield "Comparison", found.title, found.sentence, address
        results = topic.tables.get("results")
        for trial, rows in results.groupby("trial", sort=True) if results is not None and len(results) else ():
            first = rows.iloc[0]
            about = f"{first['intervention']} against {first['comparator']} ({first['population']})"
            yield "Trial", str(trial), about, f"#{row_id(topic, first['result_id'])}"


def _claims(evidence):
    page = next((page.notebook for page in evidence.review.pages if page.kind == "claims"), None)
    for row in evidence.claims.itertuples() if page and not evidence.claims.empty else ():
        yield "Claim", str(row.claim), str(row.verdict).replace("-", " "), f"{page}.ipynb#claim-{row.claim_id}"


def _terms(evidence):
    for term in listed(evidence):
        yield "Term", term.term, term.meaning, f"#{term_id(term.term)}"
