"""Every publication that a docstring cites is a row of the sources, with the same provenance as a trial."""

from functools import cache

import pytest

import reviewlib as rl
from reviewlib.page import citations
from reviewlib.page.citations import entries

cited = cache(citations.cited)

# Panels whose reports print the rule they used: they are cited for that rule.
PANELS = {"basger2012", "glaucoma2009"}


@pytest.fixture(scope="module")
def sources():
    return rl.load_evidence().sources.set_index("source_id")


def test_every_id_in_a_references_section_is_a_source(sources):
    lacking = {key: names for key, names in cited().items() if key not in sources.index}
    assert not lacking, f"add these to evidence/sources.csv as method-paper: {lacking}"


def test_cited_publications_are_method_papers(sources):
    kinds = {key: sources.at[key, "kind"] for key in cited()}
    assert {key for key, kind in kinds.items() if kind != "method-paper"} == PANELS


def test_method_papers_can_be_found(sources):
    for key in cited():
        row = sources.loc[key]
        ways = [row[name] for name in ("doi", "pmid", "pmcid", "url", "notes")]
        assert any(isinstance(way, str) and way for way in ways), f"{key} has no identifier and no word on why"


def test_the_library_cites_its_sources():
    assert len(cited()) > 60


@pytest.mark.parametrize(
    ("docstring", "want"),
    [
        ("One.\n\nReferences\n----------\nsmith2020, Table 1; jones1999", ["smith2020", "jones1999"]),
        ("One.\n\nReferences\n----------\na2020\nb2021, section 3.1\n\nExamples\n--------\n>>> 1", ["a2020", "b2021"]),
        ("One.\n\nReferences\n----------\nram_func_r", ["ram_func_r"]),
        ("No section.", []),
    ],
)
def test_a_references_section_is_read(docstring, want):
    assert entries(docstring) == want
