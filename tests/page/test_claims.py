"""The claim check: harm first, verdict in words, links that lead, a filter without a script, rechecked rows."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib import page
from reviewlib.errors import EvidenceError
from reviewlib.evidence.claims import parse_condition
from reviewlib.meaning.words import signed
from reviewlib.page import claim_evidence, claims, rand

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def soup(evidence):
    return BeautifulSoup(str(claims.listing(evidence).html), "html.parser")


def test_every_claim_stands_once_with_its_verdict_in_words(evidence, soup):
    cards = {card["id"]: card for card in soup.select("article.claim")}
    assert set(cards) == {f"claim-{name}" for name in evidence.claims["claim_id"]}
    for row in evidence.claims.itertuples():
        card = cards[f"claim-{row.claim_id}"]
        mark, word, _ = claims.VERDICTS[row.verdict]
        assert card.select_one(".mark").text == mark and card.select_one(".mark")["aria-hidden"] == "true"
        assert word in card.text and f"confidence in this verdict: {row.confidence}" in card.text
        assert row.claim in card.h4.text and signed(row.reason) in card.text


def test_no_claim_is_worded_stronger_than_its_topic_page(evidence):
    """Where a page says that its pool is too few trials to decide, so does each claim that cites one of them."""
    seen = set()
    for topic in evidence:
        for name, found in rl.findings(topic).items():
            if "too few to decide" not in found.sentence:
                continue
            mine = {f"{topic.id}.{row}" for row in topic.rows(name)["result_id"]}
            for claim in evidence.claims.itertuples():
                cited = set(claim.evidence.split(";")) if isinstance(claim.evidence, str) else set()
                if cited & mine and claim.kind == "effect" and claim.verdict in ("supported", "partly-supported"):
                    seen.add(claim.claim_id)
                    assert "too few to decide" in claim.reason, (claim.claim_id, name)
    assert seen


def test_what_misleads_most_comes_first(evidence, soup):
    first = set(evidence.claims.loc[evidence.claims["misleads"] == 1, "claim_id"])
    order = [card["id"].removeprefix("claim-") for card in soup.select("article.claim")]
    assert first and set(order[: len(first)]) == first
    assert soup.h3.text == "Most likely to mislead a reader"
    linked = re.findall(r'href="#claim-([^"]+)"', str(claims.answer(evidence).html))
    assert set(linked) == first


def test_the_filter_knows_every_verdict_and_group_and_needs_no_script(evidence, soup):
    assert not soup.find("script") and not re.search(r"\son\w+=", str(soup))
    assert soup.form["method"] == "dialog"  # it never sends anything
    rules = soup.style.text
    used = {name for card in soup.select("article.claim") for name in card["class"] if name[:2] in ("v-", "g-")}
    for name in used:
        assert f'option[value="{name}"]:checked) .claim:not(.{name})' in rules
        assert soup.find("option", value=name), name
    for select in soup.find_all("select"):
        assert select.find_parent("label") and select.option["value"] == ""
        numbers = [int(re.search(r"\((\d+)\)", option.text)[1]) for option in select.find_all("option")]
        assert numbers[0] == sum(numbers[1:]) == len(evidence.claims)
    assert rules.index("@media screen{") < rules.index(".claims:has(")  # on paper everything is shown


def test_every_link_leads_to_a_source_or_a_row(evidence, soup):
    here = "".join(
        str(block.html) for block in (claims.listing(evidence), claims.pools(evidence), claims.sources(evidence))
    )
    places = {"claims.html": here}
    for topic in evidence:
        makers = (page.rows, page.published_pools, page.harms) if "results" in topic.tables else ()
        blocks = [maker(topic) for maker in makers]
        blocks += [page.crossover(topic)] if "crossover" in topic.text else []
        if "panels" in topic.text:
            blocks += [rand.panels(topic), *(rand.statements(topic, name) for name in set(topic.statements["panel"]))]
        places[f"{evidence.review.page_of(topic.id)}.html"] = "".join(str(block.html) for block in blocks)
    links = [link["href"] for link in soup.select("a[href]")]
    assert any(link.startswith("stenosis.html#row-stenosis-delitto2015-r01") for link in links)
    for link in links:
        target, _, anchor = link.partition("#")
        place = places[target or "claims.html"]
        assert not anchor or f'id="{anchor}"' in place, link


def test_conditions_are_told_in_words_with_the_numbers_of_today(evidence):
    known = claim_evidence.records(evidence)
    row = evidence.claims.set_index("claim_id").loc["stenosis-01"]
    told = claim_evidence.condition_parts(row["condition"], known)
    printed = known["stenosis.delitto2015-r01"][1]
    assert told[0] == (f"delitto2015-r01: the lower limit, now {printed.ci_low.replace('-', '−')}, is below 0", True)
    assert told[1] == (f"delitto2015-r01: the upper limit, now {printed.ci_high}, is above 0", True)


def test_words_and_checker_agree_on_every_condition(evidence):
    known = claim_evidence.records(evidence)

    def cell(record, column):
        text = getattr(known[record][1], column)
        return float(text) if text else None

    texts = evidence.claims["condition"].dropna()
    assert len(texts) > 20
    for text in texts:
        parts = claim_evidence.condition_parts(text, known)
        assert parse_condition(text).holds(cell) is all(truth for _, truth in parts) is True, text


def test_a_condition_that_cannot_be_told_or_no_longer_holds_is_shown_so(evidence):
    known = dict(claim_evidence.records(evidence))
    table, row, place = known["stenosis.delitto2015-r01"]
    known["stenosis.delitto2015-r01"] = (table, row._replace(ci_low="0.5", ci_high=""), place)
    text = "stenosis.delitto2015-r01.ci_low < 0 < ci_high"
    assert [truth for _, truth in claim_evidence.condition_parts(text, known)] == [False, None]
    claim = next(r for r in evidence.claims.itertuples() if r.claim_id == "stenosis-01")
    shown = claims._condition(claim, known).text
    assert "✗ does not hold" in shown and "? cannot be checked" in shown and "must be judged again" in shown


def _change(folder, file, key, column, value):
    path = folder / file
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    place = rows[0].index(column)
    row = next(row for row in rows if row[0] == key)
    assert row[place] != value
    row[place] = value
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("claim", "file", "row", "column", "value"),
    [
        ("stenosis-01", "stenosis/results.csv", "delitto2015-r01", "ci_low", "0.1"),
        ("stenosis-02", "stenosis/crossover.csv", "delitto2015-physical-therapy-104w", "percent", "7"),
        ("rest-01", "claims_pooled.csv", "dahm2010-p01", "ci_low", "-0.02"),
        ("mobilization-01", "mobilization/pooled_published.csv", "coulter2018-p05", "ci_high", "0.4"),
    ],
)
def test_a_verdict_fails_when_the_row_it_cites_no_longer_says_so(tmp_path, claim, file, row, column, value):
    folder = Path(shutil.copytree(ROOT / "evidence", tmp_path / "evidence"))
    rl.load_evidence(folder)
    _change(folder, file, row, column, value)
    with pytest.raises(EvidenceError) as caught:
        rl.load_evidence(folder)
    broken = {problem.record for problem in caught.value.problems if problem.column == "condition"}
    assert claim in broken


# Publishers, guideline bodies and a trade association's release: each looked at; no business that treats people.
HOSTS = {
    "ncbi.nlm.nih.gov",
    "ptwa.wordpress.com",
    "www.csp.org.uk",
    "www.health.harvard.edu",
    "www.kngf.nl",
    "www.prnewswire.com",
    "www.rand.org",
}


def test_claims_hold_no_address_and_their_sources_only_addresses_that_were_looked_at(evidence):
    assert not re.search(r"https?://|www\.|\.com\b", " ".join(evidence.text["claims"].to_numpy().ravel()))
    links = BeautifulSoup(str(claims.sources(evidence).html), "html.parser").select('a[href^="http"]')
    hosts = {link["href"].split("/")[2] for link in links}
    assert hosts - {"doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov", "clinicaltrials.gov"} <= HOSTS


def test_a_new_group_of_claims_lands_under_other(evidence):
    assert claims.group_of(evidence, "moxibustion-01") == "other"
    assert claims.group_of(evidence, "physical-therapy-03") == "exercise"


@pytest.mark.browser
def test_the_filter_works_by_keyboard_and_paper_shows_everything(evidence, browser, tmp_path):
    path = tmp_path / "claims.html"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    head += f"<style>{(ROOT / 'reviewlib' / 'site' / 'claims.css').read_text(encoding='utf-8')}</style>"
    path.write_text(head + str(claims.listing(evidence).html), encoding="utf-8")
    wanted = int((evidence.claims["verdict"] == "contradicted").sum())  # the first choice of the first list
    view = browser.new_page()
    view.goto(path.as_uri())

    def shown(name):
        script = f"[...document.querySelectorAll('{name}')].filter(e => e.checkVisibility()).length"
        return view.evaluate(script)

    assert shown(".claim") == len(evidence.claims)
    view.locator("select").first.focus()
    view.keyboard.press("ArrowDown")
    assert shown(".claim") == wanted and shown(".claim-part h3") <= wanted
    view.emulate_media(media="print")
    assert shown(".claim") == len(evidence.claims) and shown(".claims-filter") == 0
    view.emulate_media(media="screen")
    view.keyboard.press("Tab")
    view.keyboard.press("Tab")
    view.keyboard.press("Enter")
    assert shown(".claim") == len(evidence.claims) and view.url == path.as_uri()
    view.close()
