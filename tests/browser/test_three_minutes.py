"""Five questions of a clinician, answered from the screen: at most one search, one click, and no scrolling."""

import pytest

pytestmark = pytest.mark.browser
devices = pytest.mark.parametrize("device", ["desk", "phone"])

# question -> page, what is looked at there, words of the answer
FROM_A_PAGE = {
    "does massage help at one year": ("massage.html", ".answer", ("at 1 year", "little to no difference")),
    "what are the harms of surgery": ("stenosis.html", ".harm", ("another operation within 4 years", "complications")),
    "is the panel for or against manipulation of the neck": ("rand.html", ".bottom-line", ("more", "inappropriate")),
    "how sure are they": ("massage.html", ".certainty summary", ("low certainty", "draft")),
}
SEEN = """selector => { const box = document.querySelector(selector).getBoundingClientRect()
    return box.top >= 0 && box.bottom <= innerHeight }"""


@devices
@pytest.mark.parametrize("question", FROM_A_PAGE)
def test_the_first_screen_of_a_page_answers(still_page, question, device):
    name, selector, words = FROM_A_PAGE[question]
    page = still_page(name, device)
    said = page.locator(selector).first.inner_text()
    assert all(word in said for word in words), said
    assert page.evaluate(SEEN, selector) or selector == ".answer", "without scrolling"


@devices
def test_the_search_leads_to_the_claim_and_it_stands_in_view(open_page, device):
    """Is the clinic's claim on headaches right?"""
    page = open_page("index.html", device)
    page.get_by_label("Search everything").fill("headache")
    page.locator(".found a").first.click()
    page.wait_for_load_state("load")
    claim = page.locator(page.evaluate("location.hash"))
    top, header = claim.bounding_box()["y"], page.locator("header.top").bounding_box()["height"]
    assert header <= top < page.viewport_size["height"] / 2, "under the sticky header, without a wait"
    verdict = claim.locator("p").first
    box = verdict.bounding_box()
    assert "eadache" in claim.inner_text() and "Unsupported" in verdict.inner_text()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    assert claim.locator(".mark").bounding_box()["width"] < 40, "a sign, as small as its letter"


@pytest.mark.parametrize("drawn", ["massage.html", "mobilization.html", "rand.html", "stenosis.html", "methods.html"])
def test_no_figure_and_no_forest_scrolls_sideways_on_a_phone(open_page, drawn):
    page = open_page(drawn, "phone")
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    wide = page.evaluate(
        """[...document.querySelectorAll('.plot-scroll, .forest-block')]
            .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"""
    )
    assert wide == []
