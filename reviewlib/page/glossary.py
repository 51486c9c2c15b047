"""Words used on the pages: the terms of the field, from glossary.yml, and those of the review."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from ..evidence import Evidence
from ..evidence.review import Review, Term

PANELS = ("Appropriate (RAND)", "Equivocal")  # only a review that has panels of experts lists them


@cache
def general() -> tuple[Term, ...]:
    """Return the terms of the field."""
    entries = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return tuple(Term(entry["term"], entry["meaning"], tuple(entry.get("written", ()))) for entry in entries)


def terms(review: Review) -> tuple[Term, ...]:
    """Return the terms of the field and of a review; a review may say a term of the field in words of its own."""
    own = {term.term for term in review.glossary}
    return (*(term for term in general() if term.term not in own), *review.glossary)


def listed(evidence: Evidence) -> list[Term]:
    """Return the terms that the front page lists."""
    panels = any(len(topic.tables["panels"]) for topic in evidence)
    return [term for term in terms(evidence.review) if panels or term.term not in PANELS]


def term_id(term: str) -> str:
    """Return the id of a term in the list of terms."""
    return f"word-{'-'.join(re.findall(r'[a-z0-9]+', term.lower()))}"
