"""The layers of a page, measured where the browser put them: one load per page and width answers every question."""

from unicodedata import normalize

import pytest

pytestmark = pytest.mark.browser

TOPICS = ("massage.html", "mobilization.html", "rand.html", "stenosis.html")
SCREENS = {"desk": 9, "phone": 16}
ROWS, STOPS = 7, 120

MEASURED = """() => {
  const seen = e => e.checkVisibility() && e.getBoundingClientRect().height > 0
  const all = (s, w = document) => [...w.querySelectorAll(s)]
  const box = e => e.getBoundingClientRect()
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
  const clashes = []
  for (const svg of all('.ruler, .forest-plot .axis svg').filter(seen)) {
    const words = all('text', svg).map(t => [t.textContent, box(t)])
    words.forEach(([a, p], i) => words.slice(i + 1).forEach(([b, q]) => overlap(p, q) && clashes.push([a, b])))
  }
  // An axis title or a side's words over a drawn interval.
  for (const table of all('.forest-plot').filter(seen)) {
    const drawn = all('tbody .plot svg', table).filter(seen).map(box)
    const clipped = getComputedStyle(table.tHead).position === 'absolute'
    for (const words of all(clipped ? '.sides span' : '.sides span, thead .plot', table).filter(seen).map(box))
      if (words.width > 2 && drawn.some(d => overlap(words, d)))
        clashes.push(['title over interval', table.caption.textContent])
  }
  // A cell's label stands left of its content, both on one first line, and the content is one run of text.
  const split = innerWidth < 640 ? all('table.card td[data-label], table.card.labelled td').filter(seen).filter(td => {
    const range = document.createRange()
    range.selectNodeContents(td)
    const parts = [...range.getClientRects()].filter(r => r.width > 1 && r.height > 1)
    if (!parts.length) return false
    const left = Math.min(...parts.map(r => r.left)), top = Math.min(...parts.map(r => r.top))
    return ['grid', 'flex'].includes(getComputedStyle(td).display) || left < box(td).left + 60 || top > box(td).top + 24
  }).map(td => td.outerHTML.slice(0, 120)) : []
  return {
    screens: document.documentElement.scrollHeight / innerHeight,
    rows: all('main > section .sof').filter(seen).flatMap(t => all('tbody tr', t)).length,
    empty: all('.trials').filter(t => !t.querySelector('tr[data-estimate]')).map(t => t.id),
    stops: all('a[href], button, summary, input, select, [tabindex="0"]')
      .filter(e => seen(e) && e.tabIndex >= 0).length,
    code: all('.code').filter(seen).length, switches: all('#show-code').length, clashes, split,
    lost: all('.contents a').map(a => a.hash).filter(h => !document.getElementById(decodeURIComponent(h.slice(1)))),
    current: (r => r.left >= 0 && r.right <= innerWidth)(box(document.querySelector('.top [aria-current]'))),
  }
}"""


@pytest.mark.parametrize("device", ["desk", "phone"])
def test_a_page_keeps_its_measures(still_page, name, device):
    page = still_page(name, device)
    got = page.evaluate(MEASURED)
    if name in TOPICS:
        assert got["screens"] <= SCREENS[device], "folds closed"
        assert got["rows"] <= ROWS
    assert got["empty"] == [], "no plot without numbers"
    assert got["clashes"] == [] and got["split"] == []
    assert got["stops"] <= STOPS, "tables are one stop each"
    assert got["switches"] <= 1 and got["code"] == 0
    assert got["lost"] == [] and got["current"]


@pytest.mark.parametrize("scripted", [True, False])
def test_one_switch_shows_the_code_and_an_anchor_opens_its_fold(open_page, scripted):
    page = open_page("stenosis.html", "desk", java_script_enabled=scripted)
    assert not page.locator(".code").first.is_visible()
    page.locator("#show-code").check()
    assert page.locator("main > section .code, main > .code").first.is_visible()
    assert page.locator("details.record-section[open]").count() == 0
    fold = page.locator("details.record-section:has(.record)")
    page.goto(f"{page.url}#{fold.locator('.record').first.get_attribute('id')}")
    assert fold.get_attribute("open") is not None


def test_the_contents_follow_the_reader_and_open_from_a_button_on_a_phone(open_page):
    page = open_page("massage.html")
    link = page.locator(".contents a").nth(2)
    link.click()
    page.locator(".contents a[aria-current]").wait_for()
    assert page.locator(".contents").bounding_box()["y"] >= 0, "still beside the text"
    phone = open_page("massage.html", "phone")
    assert not phone.locator(".contents").is_visible()
    phone.get_by_role("button", name="Contents").click()
    phone.locator(".contents a").last.click()
    phone.locator(".contents").wait_for(state="hidden")


@pytest.mark.parametrize("topic", TOPICS)
def test_one_page_is_one_page(open_page, tmp_path, topic):
    """One side of a sheet of paper holds the answer, the summary of findings, and the map of the trials."""
    pypdf = pytest.importorskip("pypdf")
    page = open_page(topic)
    page.evaluate("document.documentElement.classList.add('one-page')")
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    sides = [normalize("NFKC", side.extract_text()) for side in pypdf.PdfReader(tmp_path / "sheet.pdf").pages]
    assert len(sides) == 1 and "Harms:" in sides[0]
    assert topic == "rand.html" or "Summary of findings" in sides[0] and "Map of the trials" in sides[0]


def test_paper_holds_everything_or_one_sheet(open_page):
    page = open_page("massage.html")
    page.emulate_media(media="print")
    whole = page.evaluate("document.documentElement.scrollHeight")
    assert page.locator(".records").is_visible() and page.locator(".footnotes").first.is_visible()
    page.evaluate("document.documentElement.classList.add('one-page')")
    for selector in (".answer", ".sof", ".trial-map"):
        assert page.locator(selector).first.is_visible(), selector
    assert not page.locator(".records").is_visible() and not page.locator(".forest-plot").first.is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") < whole / 8


def test_arrows_walk_a_table_that_is_one_stop(open_page):
    page = open_page("index.html")
    marks = page.locator(".evidence-map a")
    marks.first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement") is not None
    assert marks.nth(1).evaluate("mark => mark === document.activeElement")
    assert marks.evaluate_all("marks => marks.filter(mark => mark.tabIndex === 0).length") <= 2


KINDS = {
    "massage sham": "Comparison",
    "surgery harms": "Harms",
    "sciatica": "Term",
    "cherkin": "Trial",
    "headache": "Claim",
}


def test_the_search_finds_every_kind_offline(open_page):
    page = open_page("index.html", offline=True)
    for words, kind in KINDS.items():
        page.get_by_label("Search everything").fill(words)
        found = page.locator(".found li").all_inner_texts()
        assert any(f" {kind}: " in text for text in found), words
    assert page.messages == []


def test_every_mark_of_the_map_says_what_it_shows_and_leads_to_its_trials(still_page):
    page = still_page("index.html")
    marks = page.locator(".evidence-map a.mark")
    assert marks.count() > 10
    for text, address in marks.evaluate_all("marks => marks.map(m => [m.textContent, m.getAttribute('href')])"):
        assert "certainty" in text and ".html#trials-" in address, text
