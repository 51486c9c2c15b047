"""What a clinician sees without scrolling: measured where the browser put it, on a phone and on a desk."""

import pytest

pytestmark = pytest.mark.browser

TOPIC_PAGES = ("massage.html", "mobilization.html", "rand.html", "stenosis.html")
devices = pytest.mark.parametrize("device", ["desk", "phone"])
ITEMS = {
    "question": "h1",
    "bottom line": ".bottom-line",
    "how sure": ".certainty summary",
    "how large": ".size",
    "harms": ".harm",
    "for whom": ".applies",
    "people and dates": ".dates",
    "what this is not": ".is-not",
    "the trials": ".provenance a >> nth=0",
    "how it was calculated": ".provenance a >> nth=1",
    "print": "button.print",
}


@devices
@pytest.mark.parametrize("topic", TOPIC_PAGES)
def test_all_eight_items_stand_on_the_first_screen(still_page, topic, device):
    page = still_page(topic, device)
    height = page.viewport_size["height"]
    ends = {}
    for item, selector in ITEMS.items():
        box = page.locator(selector).first.bounding_box()
        assert box is not None, f"{item} cannot be seen"
        ends[item] = box["y"] + box["height"]
    assert {item: end for item, end in ends.items() if end > height} == {}


@pytest.mark.parametrize("topic", TOPIC_PAGES)
def test_the_first_screen_of_a_phone_has_two_lines_to_spare(still_page, topic):
    """Other fonts and a longer sentence must not push the last item out."""
    page = still_page(topic, "phone")
    box = page.locator(ITEMS["what this is not"]).first.bounding_box()
    assert page.viewport_size["height"] - (box["y"] + box["height"]) >= 40
    assert "edited" not in page.locator("h1 + .provenance").inner_text()  # the dates are in the box


@devices
@pytest.mark.parametrize("topic", [name for name in TOPIC_PAGES if name != "rand.html"])
def test_the_size_is_drawn_on_the_first_screen_with_readable_letters(still_page, topic, device):
    page = still_page(topic, device)
    box = page.locator("svg.ruler").bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"] and box["width"] > 250
    letters = page.evaluate(
        "[...document.querySelectorAll('svg.ruler text')].map(t => parseFloat(getComputedStyle(t).fontSize))"
    )
    assert letters and min(letters) >= 12
    inside = page.evaluate(
        """[...document.querySelectorAll('svg.ruler text')].every(t => {
            const a = t.getBoundingClientRect(), b = t.closest('.answer').getBoundingClientRect()
            return a.left >= b.left && a.right <= b.right})"""
    )
    assert inside


@pytest.mark.parametrize("scripted", [True, False])
def test_a_number_opens_its_row_by_keyboard_and_closes_again(open_page, scripted):
    """Tab to the number, Enter, the panel shows the source; close it: the page has not moved."""
    page = open_page("stenosis.html", "desk", java_script_enabled=scripted)
    number = page.locator(".size a").first
    panel = page.locator("li:has(#row-stenosis-delitto2015-r01)")
    own = panel.locator("#row-stenosis-delitto2015-r01 > dl")
    assert not own.is_visible() and panel.locator(".shared:visible").count() == 0
    number.focus()
    page.keyboard.press("Enter")
    own.wait_for(state="visible")
    assert "What was read" in panel.inner_text() and "Source" in panel.inner_text()
    box, height = panel.bounding_box(), page.viewport_size["height"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= height + 1
    assert number.bounding_box()["y"] > 0, "the page behind the panel has moved"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    panel.locator(".record-close a").focus()
    page.keyboard.press("Enter")
    own.wait_for(state="hidden")
    assert number.bounding_box()["y"] > 0


def test_escape_closes_a_row_and_returns_to_the_number(open_page):
    page = open_page("stenosis.html")
    page.locator(".size a").first.click()
    page.locator(".record:target dl").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("#row-stenosis-delitto2015-r01 dl").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('.size a')")


def test_an_open_row_breaks_no_accessibility_rule(open_page, broken_rules):
    page = open_page("massage.html", "phone")
    page.evaluate("location.hash = document.querySelector('.record').id")
    page.locator(".record:target dl").wait_for(state="visible")
    assert broken_rules(page, part=".record:target") == []
