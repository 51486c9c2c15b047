"""review.yml: whose review it is, checked key by key; without it nobody's name is borrowed."""

import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError
from reviewlib.evidence.check import check
from reviewlib.evidence.review import UNTITLED, read_review

WHOLE = """title: "Inhalers: what helps"
authors:
  - {name: Doe J, orcid: 0000-0002-1825-0097, affiliation: A university}
  - name: The Inhaler Group
repository: ""
site: https://example.org/inhalers
pages:
  - {notebook: hello, label: Welcome, kind: front}
  - {notebook: drugs, label: Drugs, topic: example}
glossary:
  - {term: Wheeze, meaning: A whistling sound, written: [wheeze, wheezing]}
plain_words: {dyspnoea: short breath}
claim_groups:
  - {id: drugs, label: Drugs, prefixes: [inhaler, tablet]}
icon: {letters: IN, colour: "#123456"}
"""


def write(folder, text):
    (folder / "review.yml").write_text(text, encoding="utf-8")
    return folder


def test_evidence_carries_what_review_yml_says(good):
    review = rl.load_evidence(write(good, WHOLE)).review
    assert review.title == review.short_title == "Inhalers: what helps"
    assert (review.site, review.repository) == ("https://example.org/inhalers", "")
    assert review.cited_as() == "Doe J, The Inhaler Group" and review.authors[0].orcid == "0000-0002-1825-0097"
    assert (review.front, review.topics, review.page_of("example")) == ("hello", ("example",), "drugs")
    assert review.glossary[0].written == ("wheeze", "wheezing") and review.plain_words["dyspnoea"] == "short breath"
    assert review.claim_groups[0].prefixes == ("inhaler", "tablet") and review.icon == ("IN", "#123456")
    assert rl.load_evidence(good)["example"].review.title == review.title


def test_without_the_file_no_title_author_or_address_is_invented(good):
    review = rl.load_evidence(good).review
    assert (review.title, review.cited_as(), review.licence, review.site) == (UNTITLED, "", "", "")
    assert (review.front, review.topics, review.page_of("example")) == ("start", ("example",), "example")


def test_a_topic_that_is_not_listed_comes_last_on_the_notebook_of_its_name(good):
    review = rl.load_evidence(write(good, "title: T\npages:\n  - {notebook: a, label: A, kind: front}\n")).review
    assert [page.notebook for page in review.pages] == ["a", "example"]


def test_it_is_read_without_the_tables(good):
    write(good, WHOLE)
    (good / "sources.csv").unlink()
    assert read_review(good).title == "Inhalers: what helps"


def test_the_checksum_covers_it(good):
    before = rl.load_evidence(good).checksum
    assert rl.load_evidence(write(good, WHOLE)).checksum != before


FAULTS = {
    "unknown key": ("authors:", "autors:", 2, "autors", "no such key", "Did you mean authors"),
    "no title": ('title: "Inhalers: what helps"\n', "", 1, "title", "the key is missing", "Add it"),
    "wrong ORCID": ("0097", "0098", 3, "authors 1 orcid", "is not an ORCID iD", "ORCID page"),
    "ORCID as address": ("0000-0002", "https://orcid.org/0000-0002", 3, "authors 1 orcid", "ORCID iD", "sixteen"),
    "author as text": ("  - name: The Inhaler Group", "  - The Inhaler Group", 4, "authors 2", "with keys", "- name"),
    "address": ("https://example.org/inhalers", "example.org", 6, "site", "is not an address", "https://example.org"),
    "unknown topic": ("topic: example", "topic: exampel", 9, "pages 2 topic", "not a topic", "Did you mean example"),
    "no front page": (", kind: front", "", 8, "pages 1", "not the front page", "kind: front"),
    "page twice": ("notebook: drugs", "notebook: hello", 9, "pages 2 notebook", "stands twice", "Keep one"),
    "kind of a topic": ("topic: example", "topic: example, kind: other", 9, "pages 2 kind", "no other kind", "Delete"),
    "front page last": ("topic: example", "kind: front", 9, "pages 2 kind", "not the first", "Move it"),
    "term twice": ("glossary:\n", "glossary:\n  - {term: Wheeze, meaning: b}\n", 12, "glossary 2 term", "twice", "two"),
    "meaning missing": (", meaning: A whistling sound", "", 11, "glossary 1 meaning", "the key is missing", "Add it"),
    "words as list": ("{dyspnoea: short breath}", "[dyspnoea]", 12, "plain_words", "list of words", "word: what"),
    "number as word": ("short breath", "1", 12, "plain_words", "list of words", "word: what"),
    "prefixes as text": ("[inhaler, tablet]", "inhaler", 14, "claim_groups 1 prefixes", "list of texts", "one text"),
    "colour": ('"#123456"', "blue", 15, "icon colour", "is not a colour", "#1b6e77"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_line_key_and_remedy(good, name):
    old, new, line, key, rule, remedy = FAULTS[name]
    assert old in WHOLE
    write(good, WHOLE.replace(old, new, 1))
    found = [p for p in check(good) if p.file == "evidence/review.yml"]
    assert len(found) == 1, found
    assert (found[0].line, found[0].column) == (line, key) and rule in found[0].rule and remedy in found[0].remedy
    with pytest.raises(EvidenceError, match="review.yml line"):
        read_review(good)


@pytest.mark.parametrize("name", ["review.yaml", "reviews.yml"])
def test_a_file_of_nearly_its_name_is_not_passed_over(good, name):
    (good / name).write_text(WHOLE, encoding="utf-8")
    assert [(p.file, p.remedy) for p in check(good)] == [(f"evidence/{name}", "Did you mean review.yml?")]


def test_fix_puts_its_form_right(good):
    from reviewlib.evidence.tidy import repairs

    write(good, WHOLE.rstrip("\n") + "   ")
    assert [repair.path.name for repair in repairs(good)] == ["review.yml"]
