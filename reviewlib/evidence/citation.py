"""CITATION.cff beside the evidence folder: how the whole review is cited, made from review.yml."""

from __future__ import annotations

from pathlib import Path

import yaml

from .review import read_review

_MESSAGE = "Please cite the sources behind a number first (evidence/sources.csv), then this work."


def cff(folder: Path) -> str:
    """Return the Citation File Format of a review as text; empty where review.yml names no author to cite.

    Raises
    ------
    EvidenceError
        With every fault of review.yml.
    """
    review = read_review(folder)
    if not review.authors:
        return ""
    who = [{"name": a.name} | ({"orcid": f"https://orcid.org/{a.orcid}"} if a.orcid else {}) for a in review.authors]
    found = {"cff-version": "1.2.0", "message": _MESSAGE, "type": "dataset", "title": review.title, "authors": who}
    found |= {"abstract": review.description, "license": review.licence}
    found |= {"repository-code": review.repository, "url": review.site}
    kept = {key: value for key, value in found.items() if value}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=120)
