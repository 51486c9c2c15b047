"""What a reader can do on a page: search, sort, ask for a term, walk by keyboard; and what prints."""

import unicodedata

import pytest

pytestmark = pytest.mark.browser


def test_comparisons_can_be_searched_and_sorted(open_page):
    page = open_page("index.html")
    page.locator("details:has(table.overview) > summary").first.click()
    rows = page.locator("table.overview tbody tr:visible")
    whole = rows.count()
    page.get_by_label("Search", exact=True).fill("NECK massage")
    assert 0 < rows.count() < whole
    assert (
        f"{rows.count()} of {whole} comparisons" in page.locator(".finder:not(.site-search) [role=status]").inner_text()
    )
    assert all("neck" in text.lower() for text in rows.all_inner_texts())
    page.get_by_label("Search", exact=True).fill("")
    page.get_by_label("Sort by").select_option("how sure, surest first")
    sure = [text.count("⊕") for text in rows.all_inner_texts()]
    assert sure == sorted(sure, reverse=True) and sure[0] > sure[-1] and len(sure) == whole


def test_without_scripts_the_table_stands_whole_and_nothing_is_offered_that_does_not_work(open_page):
    page = open_page("index.html", java_script_enabled=False)
    page.locator("details:has(table.overview) > summary").first.click()
    assert page.locator("table.overview tbody tr:visible").count() > 10
    assert page.locator(".finder").count() == 0 and page.locator(".index li").count() > 100
    other = page.context.new_page()
    other.goto(page.url.replace("index.html", "massage.html"))
    assert not other.locator("button.print").first.is_visible() and not other.locator(".pool-again").first.is_visible()


# What needs no script: lists and switches that CSS reads, a reset, notes and contents that the browser opens.
WORKS = ".claims-filter :is(select, [type=reset]), .either input, #show-code, button[popovertarget]"
CONTROLS = """works => [...document.querySelectorAll('button, input, select, textarea, [role=button]')]
    .filter(e => e.checkVisibility() && !e.matches(works)).map(e => e.outerHTML.slice(0, 100))"""
ROWS = """[...document.querySelectorAll('main tbody tr, main .claim')]
    .filter(e => !e.checkVisibility() && !e.closest('.either')).map(e => e.outerHTML.slice(0, 100))"""


def test_without_scripts_no_control_is_dead_and_every_row_is_there(open_page, name):
    page = open_page(name, java_script_enabled=False)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert page.evaluate(CONTROLS, WORKS) == []
    assert page.evaluate(ROWS) == []


@pytest.mark.parametrize("scripted", [True, False])
def test_a_term_is_explained_in_place_by_keyboard_and_without_a_script(open_page, scripted):
    page = open_page("massage.html", "phone", java_script_enabled=scripted)
    term = page.locator("button.term").first
    note = page.locator(f"[id='{term.get_attribute('popovertarget')}']")
    assert not note.is_visible()
    term.focus()
    page.keyboard.press("Enter")
    note.wait_for(state="visible")
    box = note.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    note.wait_for(state="hidden")


def test_a_walk_by_keyboard_comes_to_everything_that_can_be_seen_and_always_shows_where_it_is(open_page, name):
    page = open_page(name)
    count = page.evaluate("[...document.querySelectorAll('a[href], button, summary, input, select')].length")
    seen, unseen = 0, []
    for _ in range(min(count, 60)):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
                return [e === document.body, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0,
                        r.width > 0 && r.height > 0, e.outerHTML.slice(0, 100)] }"""
        )
        if state[0]:
            break
        seen += 1
        if not (state[1] and state[2]):
            unseen.append(state[3])
    assert seen > 8 and unseen == []


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_what_can_be_tapped_is_large_enough(still_page, name, device):
    """WCAG 2.5.8: 24 px, but for links in a sentence."""
    page = still_page(name, device)
    small = page.evaluate(
        """[...document.querySelectorAll(
                'button:not(.term), summary, input, select, .downloads a, .record-close a, nav a')]
            .filter(e => e.checkVisibility()).map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
            .filter(([_, r]) => r.width > 0 && (r.width < 24 || r.height < 24))
            .map(([html, r]) => [html, r.width, r.height])"""
    )
    assert small == []


def test_nothing_that_only_works_on_a_screen_is_printed(open_page):
    page = open_page("massage.html")
    page.emulate_media(media="print")
    for selector in ("nav", "button.print", ".pool-again", ".downloads", ".code"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator("svg.ruler").is_visible()


def test_the_printed_page_has_the_answer_on_its_first_sheet(open_page, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    page = open_page("massage.html")
    page.pdf(path=tmp_path / "massage.pdf", prefer_css_page_size=True, tagged=True, page_ranges="1")
    first = pypdf.PdfReader(tmp_path / "massage.pdf").pages[0].extract_text()
    first = unicodedata.normalize("NFKC", first)  # letters that print as one: fi, ff
    for words in ("Does massage help low back pain?", "How sure:", "How large:", "Harms:"):
        assert words in first
