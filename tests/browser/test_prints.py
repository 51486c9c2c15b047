"""What comes out of a printer: whole headings, colours that carry a meaning, nothing that only a screen can do."""

import re
from unicodedata import normalize

import pytest

pytestmark = pytest.mark.browser

HEADS = "[...document.querySelectorAll('main :is(h2, h3, h4, caption, summary, thead)')].map(e => e.textContent)"
CELLS = "[...document.querySelectorAll('main td')].map(e => e.textContent)"


def letters(text):
    """Return the letters and digits of a text, to compare what a page holds with what a sheet of paper shows."""
    return re.sub(r"\W+", "", normalize("NFKC", text)).lower()


def sheets(page, folder):
    """Return the text of each printed sheet without its number."""
    pypdf = pytest.importorskip("pypdf")
    page.pdf(path=folder / "all.pdf", prefer_css_page_size=True)
    text = (sheet.extract_text() for sheet in pypdf.PdfReader(folder / "all.pdf").pages)
    return [letters(re.sub(r"\d+ / \d+\s*$", "", sheet.strip())) for sheet in text]


def test_no_heading_is_left_at_the_foot_of_a_sheet_and_no_sheet_is_almost_empty(open_page, tmp_path, name):
    page = open_page(name)
    cells = "|".join(map(letters, page.evaluate(CELLS)))
    heads = {head for head in map(letters, page.evaluate(HEADS)) if len(head) > 5 and head not in cells}
    printed = sheets(page, tmp_path)
    ends = [(number, head) for number, text in enumerate(printed, 1) for head in heads if text.endswith(head)]
    assert ends == []
    assert [number for number, text in enumerate(printed, 1) if len(text) < 60] == []
    assert not any("betweentrialvariance" in text for text in printed), "controls to pool again"


def test_the_colours_of_a_judgement_are_printed(open_page):
    for name, selector in (("massage.html", ".share"), ("index.html", ".dot"), ("massage.html", ".marks > *")):
        page = open_page(name)
        page.emulate_media(media="print")
        assert page.locator(selector).first.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"


def test_the_one_page_print_has_the_table_and_no_number_of_a_note_that_is_not_there(open_page, tmp_path):
    for name, words in (("rand.html", "scenariosbyclass"), ("massage.html", "summaryoffindings")):
        page = open_page(name)
        page.evaluate("document.documentElement.classList.add('one-page')")
        page.emulate_media(media="print")
        assert not any(note.is_visible() for note in page.locator(".refs").all())
        (sheet,) = sheets(page, tmp_path)
        assert words in sheet
