"""A figure that another page shows in a frame: it follows the reader's colours and needs no sideways scrolling."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SITE = Path(__file__).resolve().parents[2] / "_site"
LOOK = """() => [
  [document.body, ...document.querySelectorAll('.plot-scroll > svg')]
    .map(e => getComputedStyle(e).backgroundColor),
  [...document.querySelectorAll('.forest-block, .plot-scroll')].some(e => e.scrollWidth > e.clientWidth + 1)]"""
DARK, LIGHT = "rgb(19, 24, 26)", "rgb(255, 255, 255)"


@pytest.mark.parametrize(("scheme", "paper"), [("dark", DARK), ("light", LIGHT)])
def test_an_embedded_figure_has_the_readers_paper_and_fits_its_frame(open_page, scheme, paper):
    names = sorted(path.name for path in (SITE / "figures").glob("*.html"))
    page = open_page(f"figures/{names[0]}", color_scheme=scheme)
    wrong = []
    for name in names:
        page.goto((SITE / "figures" / name).as_uri())
        for width in (760, 700, 390):
            page.set_viewport_size({"width": width, "height": 600})
            papers, wide = page.evaluate(LOOK)
            if wide or set(papers) != {paper}:
                wrong.append((name, width, wide, papers))
    assert names and wrong == []
