"""The answer box: eight things a clinician needs in thirty seconds, each from the tables, each leading to its row."""

import dataclasses
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib import page
from reviewlib.meaning.few_trials import widest
from reviewlib.meaning.words import signed
from reviewlib.page.answer import _better_or_worse, headline, is_not, linked
from reviewlib.page.records import uses
from reviewlib.page.scale import points, ruler
from reviewlib.results import Interval

TOPICS = ("massage", "stenosis", "mobilization")


@pytest.fixture(params=TOPICS)
def topic(evidence, request):
    return evidence[request.param]


def soup(block):
    return BeautifulSoup(str(block.html), "html.parser")


def test_the_box_says_everything_a_first_screen_must(topic):
    box, found = soup(page.answer(topic)), headline(topic)
    assert box.select_one(".bottom-line").text == found.sentence
    certainty = box.select_one(".certainty summary")
    assert found.certainty.symbol in certainty.text and f"{found.certainty.level} certainty" in certainty.text
    assert points(found) in box.select_one(".size").text
    dates = box.select_one(".dates").text
    assert re.search(r"\d trial", dates) and re.search("Last search|last checked", dates)
    assert box.select_one(".harm summary").text.startswith("Harms: ")
    assert box.select_one(".applies summary").text.startswith(f"For: {topic.info['applies_to'][0]}.")
    assert box.select_one(".is-not").text == is_not(topic)


def test_nothing_said_of_harms_or_of_whom_is_lost_by_folding(topic):
    box = soup(page.answer(topic))
    harms = " ".join(box.select_one(".harm").text.split()).lower()
    for part in topic.info["harm_line"].removeprefix("Harms: ").rstrip(".").split(";"):
        assert part.strip().lower() in harms
    for text in (*topic.info["applies_to"], *topic.info["not_for"]):
        assert text in box.select_one(".applies").text


def test_the_reasons_for_less_certainty_are_one_tap_away(topic):
    reasons, rated = soup(page.answer(topic)).select_one(".certainty"), headline(topic).certainty
    lowered = [domain for domain, step in rated.steps.items() if step]
    assert lowered
    for domain in lowered:
        assert signed(rated.reasons[domain]) in reasons.text


def test_the_size_leads_to_its_row_or_to_the_trials_that_were_pooled(evidence):
    targets = {t: soup(page.answer(evidence[t])).select_one(".size a")["href"] for t in TOPICS}
    assert targets == {
        "massage": "#trials-massage-lbp-disability-short",
        "stenosis": "#row-stenosis-delitto2015-r01",
        "mobilization": "#trials-mobilization-lbp-mob-added-exercise-pain",
    }


def test_the_ruler_is_as_long_as_the_scale_and_says_what_it_shows(evidence):
    found = headline(evidence["massage"])
    picture = BeautifulSoup(ruler(found), "html.parser").svg
    both = "1.7 to 3.2 lower by Wald, 7.0 lower to 2.1 higher by Hartung-Knapp"
    assert points(found) == f"2.4 points lower (95% CI {both})"
    assert points(found) in picture["aria-label"] and "scale of 0 to 23" in picture["aria-label"]
    place = [float(line["x1"].rstrip("%")) for line in picture.select(".axis line")[1:]]
    far, near, zero = place
    # The reach beyond zero holds the band of 2 points, or an eighth of the scale: 0.12 of 23 is longer.
    points_to_percent = (zero - far) / 23
    assert near - zero == pytest.approx(0.12 * 23 * points_to_percent, abs=0.02)
    low, high = (float(line["x1"].rstrip("%")) for line in picture.select(".difference line")[1:])
    drawn = widest(found.pooled, found.ci)
    assert drawn.low < found.ci.low and drawn.high > found.ci.high, "one line is not the narrower of two intervals"
    assert low == pytest.approx(zero + drawn.low * points_to_percent, abs=0.01)
    assert high == pytest.approx(zero + drawn.high * points_to_percent, abs=0.01)
    band = picture.select_one(".mid")
    assert float(band["width"].rstrip("%")) == pytest.approx(2 * 2 * points_to_percent, abs=0.02)


def test_an_interval_on_both_sides_of_zero_is_told_with_both_directions(evidence):
    assert points(headline(evidence["stenosis"])) == "0.9 points higher (95% CI 7.9 lower to 9.6 higher)"


def test_an_interval_above_zero_is_told_from_its_near_end(evidence):
    found = dataclasses.replace(headline(evidence["massage"]), estimate=3.0, ci=Interval(1.0, 5.0), pooled=None)
    assert points(found) == "3.0 points higher (95% CI 1.0 to 5.0 higher)"


def test_a_ratio_has_no_ruler(evidence):
    ratios = [f for f in rl.findings(evidence["massage"]).values() if f.ratio]
    assert ratios and all(ruler(found) is None for found in ratios)


def test_every_difference_of_the_summary_leads_somewhere(topic):
    table = soup(page.sof(topic)).table
    rows = [row.find_all(["th", "td"]) for row in table.select("tbody tr")]
    told = [cells[2] for cells in rows if cells[3].text]
    assert told and all(cell.a for cell in told)


def test_a_row_says_where_it_was_read_and_what_was_made_of_it(topic):
    panels = soup(page.rows(topic)).select(".record")
    text = topic.text["results"].set_index("result_id")
    assert len(panels) == len(text)
    used = uses(topic)
    for panel in panels:
        around = [dl for part in panel.find_parents(["div", "li"]) for dl in part.find_all("dl", recursive=False)]
        lists = [panel.dl, *around]
        facts = [(dt.text, dt.find_next("dd").text) for dl in lists for dt in dl.select("dt")]
        named = dict(facts)
        row = text.loc[panel["id"].removeprefix(f"row-{topic.id}-")]
        assert named["Place"] == row.locator and named["Source"] and named["What was read"] and named["Printed"]
        # A fact of the row is in its own list or in one that it shares, and no fact of another row is.
        for _, title, value, route in used.get(row.name, []):
            assert ("Used in", f"{title}: {value}") in facts and ("Calculation", route) in facts or not route
        assert len([name for name, _ in facts if name == "Used in"]) == len(used.get(row.name, []))
    assert used


def test_a_row_can_be_reported_where_the_review_has_an_address(evidence):
    topic = evidence["massage"]
    assert "Report this number" not in page.rows(topic).html
    there = dataclasses.replace(topic.review, repository="https://example.org/team/review/")
    made = soup(page.rows(dataclasses.replace(topic, review=there)))
    link = made.select_one("#row-massage-cherkin2011-rdq-relax-10w").find("a", string="Report this number")["href"]
    asked = parse_qs(urlsplit(link).query)
    assert link.startswith("https://example.org/team/review/issues/new?")
    assert asked["row"] == ["cherkin2011-rdq-relax-10w"] and asked["page"] == ["massage.html"]
    assert asked["source"] == ["cherkin2011, Abstract, Results"] and asked["template"] == ["report-a-number.yml"]


def test_a_pooled_result_of_several_arms_names_the_trials_not_one_row(evidence):
    found = headline(evidence["massage"])
    assert "href" in linked(evidence["massage"], found, "x") and found.basis == "pooled"


def test_html_in_a_cell_shows_as_text_in_answer_rows_and_ruler(evidence):
    topic = evidence["massage"]
    evil = "<script>alert(1)</script>"
    info = {**topic.info, "applies_to": [evil], "not_for": [evil], "harm_line": f"Harms: {evil}; {evil}"}
    text = {
        **topic.text,
        "results": topic.text["results"].assign(notes=evil, locator=evil, outcome=evil, analysis=evil),
    }
    changed = dataclasses.replace(topic, info=info, text=text)
    for block in (page.answer(changed), page.rows(changed)):
        assert evil not in str(block.html) and "&lt;script&gt;" in str(block.html)


@pytest.mark.parametrize(
    ("better", "words"),
    [
        ("higher", "7.8 points better (95% CI 1.5 to 14.1 better)"),
        ("lower", "7.8 points worse (95% CI 1.5 to 14.1 worse)"),
        (None, "7.8 points higher (95% CI 1.5 to 14.1 higher)"),
    ],
)
def test_a_size_without_its_scale_says_better_or_worse_where_that_is_known(evidence, better, words):
    found = rl.finding(evidence["stenosis"], "pain-surgery-vs-usual-care")
    assert _better_or_worse(dataclasses.replace(found, instrument=found.instrument | {"better": better})) == words
