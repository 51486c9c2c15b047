"""No page, sentence or table says more than an interval can: banned words over everything that readers see."""

import json
import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

from reviewlib.meaning.finding import findings
from reviewlib.meaning.plain_language import plain_language
from reviewlib.meaning.statement import BANNED, overclaims
from reviewlib.meaning.summary_of_findings import summary_of_findings
from reviewlib.meaning.words import signed
from reviewlib.page import claims
from reviewlib.page.block import bullets
from reviewlib.page.people import people
from reviewlib.viewer import page_form

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOPICS = sorted((ROOT / "evidence").glob("*/topic.yml"))
# Where cells repeat what a source printed. Nothing else may quote these words; a new entry needs its reason.
QUOTING = {
    "Results that could not be read": "what is known of such a result is often only the authors' word for it",
    "Pooled results of published reviews": "certainty and place repeat the reviews' own words",
    "Harms as reported": "one trial's abstract gives harms only in such words",
    "What was searched": "the column of what a search gave repeats titles and abstracts",
    "Notes": "the notes of a row say how its source worded a result of which no number was read",
}
# Not about an effect: the null line of an axis, and the precision of a number.
# A threshold that is not known, and a finding as its authors published it, claim nothing of an effect either.
HARMLESS = re.compile(
    r"no difference at −?[\d.]+|\b[01]: no difference|significant digits"
    r"|no difference( between groups)? that matters is|published finding of no difference"
    r"|no difference of means is stated|\"no significant harms\"|states in words that no difference was found"
    r"|reports no difference in responders at|found no difference \([−-]?\d"
    r"|Claims significance against no treatment|at 12 months \(no difference\)",
    re.IGNORECASE,
)


def hits(text) -> list[str]:
    """Return each overclaiming word with the words around it, so that the failure can be found."""
    text = HARMLESS.sub("", text)
    found = (m for pattern in BANNED for m in re.finditer(pattern, text, re.IGNORECASE))
    return [" ".join(text[max(0, m.start() - 60) : m.end() + 30].split()) for m in found]


def _quoting(soup):
    """Return (name, element) of every table and every note of a row."""
    tables = [(t.caption.get_text(" ", strip=True), t) for t in soup.find_all("table") if t.caption]
    return tables + [("Notes", term.find_next("dd")) for term in soup.select(".records dt") if term.text == "Notes"]


def _read(html) -> str:
    """Return the words of an output, also those for the ear, without the places that quote their sources."""
    soup = BeautifulSoup(html, "html.parser")
    for name, element in _quoting(soup):
        if any(name.startswith(allowed) for allowed in QUOTING):
            element.decompose()
    for style in soup.find_all("style"):
        style.decompose()
    spoken = [element.get("aria-label", "") for element in soup.find_all(attrs={"aria-label": True})]
    return " ".join([soup.get_text(" "), *spoken])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_and_outputs_of_a_notebook(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert not hits("".join(cell["source"])), cell["id"]
        for output in cell.get("outputs", []):
            html = page_form(output.get("data", {})) or "".join(output.get("text", ""))
            assert not hits(_read(html)), (cell["id"], hits(_read(html)))


@pytest.mark.parametrize("path", TOPICS, ids=lambda path: path.parent.name)
def test_words_of_a_topic(path):
    def texts(value):
        if isinstance(value, dict):
            return [text for part in value.values() for text in texts(part)]
        if isinstance(value, list):
            return [text for part in value for text in texts(part)]
        return [str(value)]

    found = [hit for text in texts(yaml.safe_load(path.read_text(encoding="utf-8"))) for hit in hits(text)]
    assert not found


def test_every_generated_sentence(evidence):
    for topic in evidence:
        said = [str(plain_language(topic))]
        if topic.comparisons:
            every = findings(topic)
            said += [found.sentence for found in every.values()]
            said += [people(topic, key).text for key in every]
            table = summary_of_findings(topic)
            said += [table.to_markdown()]
        for text in said:
            assert not hits(text), hits(text)


def test_every_claim(evidence):
    for row in evidence.claims.itertuples():
        for text in (row.topic, row.claim, row.reason, row.key_number or ""):
            assert not hits(text), row.claim_id
    for block in (claims.answer(evidence), claims.verdicts(evidence), claims.limits(evidence)):
        assert not hits(block.text)


# What a wide interval or a small study cannot show, in plain words; our own sentences say "could not be shown".
EQUAL = re.compile(
    r"\bno (better|worse|change|more|less)\b(?! (?:in [^.;]* )?could be shown)|did not change|\bmatch(es)?\b", re.I
)


def test_no_reason_of_a_claim_makes_a_finding_of_what_was_not_found(evidence):
    for row in evidence.claims.itertuples():
        for text in (row.reason, row.differs or "", row.key_number or ""):
            assert not EQUAL.search(text), (row.claim_id, EQUAL.search(text))


def test_a_reason_that_rests_on_low_certainty_says_may(evidence):
    for row in evidence.claims.itertuples():
        for part in re.split(r"[.;] ", row.reason):
            if re.search(r"low (or very low )?certainty", part):
                assert re.search(r"\bmay\b|uncertain|too few", part), (row.claim_id, part)


def test_every_reason_and_decision(evidence):
    for topic in evidence:
        for table, columns in (("certainty", ("reason",)), ("decisions", ("question", "choice", "reason"))):
            for column in columns if table in topic.text else ():
                for text in topic.text[table][column]:
                    assert not hits(text), (topic.id, table, hits(text))


def test_each_entry_of_the_allow_list_is_still_needed():
    quoted = set()
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                soup = BeautifulSoup(page_form(output.get("data", {})), "html.parser")
                quoted |= {name for name, element in _quoting(soup) if hits(element.get_text(" "))}
    idle = [allowed for allowed in QUOTING if not any(name.startswith(allowed) for name in quoted)]
    assert not idle


def test_the_search_finds_what_it_should():
    assert overclaims("x was not significant") and hits("a trend towards benefit") and hits("no effect was seen")
    assert hits(_read("<p>no difference</p><table><caption>Other</caption><tr><td>x</td></tr></table>"))
    assert hits("the difference was 0: no difference") == [] and hits("no difference in pain")
    assert not hits(_read("<table><caption>Harms as reported</caption><tr><td>no difference</td></tr></table>"))


def test_a_hyphen_before_a_number_is_a_minus_sign_where_it_is_one():
    assert signed("-0.20 (-0.35 to -.04), SF-36, 0-100, 2026-11-22, a -b") == (
        "−0.20 (−0.35 to −.04), SF-36, 0-100, 2026-11-22, a -b"
    )
    assert "−7.9 to 9.6" in bullets(["The interval holds both: -7.9 to 9.6"]).html
