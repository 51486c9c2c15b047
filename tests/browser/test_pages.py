"""What only a browser can tell: accessibility rules, requests, sideways scroll, keyboard, print."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SITE = Path(__file__).resolve().parents[2] / "_site"

devices = pytest.mark.parametrize("device", ["desk", "phone"])


# Two rules measure contrast and take most of axe's time: they look at pages as they open. A page without its scripts
# has the colours of the page with them.
CONTRAST = ["color-contrast", "link-in-text-block"]
SIZES = {"1280": "desk", "390": "phone", "320": "narrow"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", ["light", "dark", "light, no script", "dark, no script"])
def test_no_accessibility_rule_is_broken(open_page, broken_rules, name, size, state):
    scheme, _, without = state.partition(", ")
    page = open_page(name, SIZES[size], color_scheme=scheme)
    if without:
        html = re.sub(r"<script>.*?</script>", "", (SITE / name).read_text(encoding="utf-8"), flags=re.DOTALL)
        page.set_content(html)
    assert broken_rules(page, without=CONTRAST if without else []) == []
    if (size, state) == ("1280", "light"):
        assert broken_rules(page, unfolded=True, without=CONTRAST) == []


@devices
def test_nothing_is_fetched_and_nothing_complains(still_page, name, device):
    page = still_page(name, device)
    page.wait_for_load_state("load")
    assert [url for url in page.requested if not url.startswith(("file://", "data:"))] == []
    assert page.messages == []
    assert page.context.cookies() == []


CUT = """() => { const name = document.querySelector('.top [aria-current]').getBoundingClientRect(),
    list = document.querySelector('.top ul').getBoundingClientRect(); return name.right - list.right }"""
SIGNS = """() => {
  document.querySelectorAll('details').forEach(d => d.open = true)
  const small = [], clash = []
  for (const strip of document.querySelectorAll('tbody .marks')) {
    const boxes = [...strip.children].map(sign => sign.getBoundingClientRect()).filter(box => box.width)
    small.push(...boxes.filter(box => box.width < 13 || box.height < 16 || box.right > innerWidth))
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => a.left < b.right - .5 && b.left < a.right - .5
      && a.top < b.bottom - .5 && b.top < a.bottom - .5 && clash.push(a)))
  }
  return [small.length, clash.length]
}"""


# 640 px is a desk at 200% zoom, 320 px the reflow test of WCAG 1.4.10 (1280 px at 400%).
def test_no_sideways_scroll(open_page, name):
    page = open_page(name)
    for width in (1280, 640, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('main *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('thead, svg, .sr'))
                .slice(0, 5).map(e => e.outerHTML.slice(0, 150))"""
        )
        assert (width, wide) == (width, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CUT) <= 1, "the name of the open page is whole"
    assert page.evaluate(SIGNS) == [0, 0], "signs of risk of bias are large enough and apart at 320 px"


@devices
def test_the_title_and_the_first_words_stand_on_the_first_screen(still_page, name, device):
    page = still_page(name, device)
    title = page.locator("h1").bounding_box()
    assert title["y"] >= 0
    assert title["y"] + title["height"] < page.viewport_size["height"] / 2


@devices
def test_no_text_is_smaller_than_12_pixels(still_page, name, device):
    small = still_page(name, device).evaluate(
        """() => {
            const found = [], folds = [...document.querySelectorAll('details:not([open])')]
            folds.forEach(fold => fold.open = true)
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
            while (walker.nextNode()) {
                const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement
                const unseen = 'math, .sr, sup, sub, title, desc, style'
                if (!text || !element.checkVisibility() || element.closest(unseen)) continue
                const svg = element.closest('svg')
                const matrix = svg && element.getScreenCTM && element.getScreenCTM()
                const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1
                const size = parseFloat(getComputedStyle(element).fontSize) * scale
                // A picture drawn for a journal is beside a table for the phone: it may shrink there.
                if (svg && svg.closest('figure') && innerWidth < 640) continue
                if (size < 11.9) found.push([text.slice(0, 40), size])
            }
            folds.forEach(fold => fold.open = false)
            return found
        }"""
    )
    assert small == []


def test_the_keyboard_reaches_the_content_and_shows_where_it_is(open_page, name):
    page = open_page(name)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main, footer') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_the_page_prints(still_page, name, tmp_path):
    page = still_page(name)
    pdf = page.pdf(path=tmp_path / f"{name}.pdf", prefer_css_page_size=True, page_ranges="1-2")
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert page.locator("h1").is_visible()
    page.emulate_media(media="null")


def test_a_reader_who_wants_no_motion_gets_none(still_page, name):
    page, behaviour = still_page(name), "getComputedStyle(document.documentElement).scrollBehavior"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(behaviour) == "auto"
    page.emulate_media(reduced_motion="null")


def test_the_policy_stops_a_request(open_page, name):
    page = open_page(name)
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://example.org/x.png'}))")
    page.wait_for_timeout(100)
    assert any("Content Security Policy" in message for message in page.messages)
