"""Bytes that repeat, text that can be selected, words that say something."""

import re
from math import exp

import matplotlib
import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
import reviewlib.plots as plots
from reviewlib.viewer import PAGE

from .conftest import invented, judged, pooled


def figure(five, **options):
    return plots.forest_figure(five, risk_of_bias=judged(five.studies), **options)


def test_the_same_picture_gives_the_same_bytes(five):
    assert plots.svg(figure(five)) == plots.svg(figure(five))
    assert plots.png(figure(five), dpi=60) == plots.png(figure(five), dpi=60)


def test_saving_changes_nothing_global(five):
    before = dict(matplotlib.rcParams)
    plots.figure_block(figure(five), alt=plots.alt_forest(five), caption="x")
    assert dict(matplotlib.rcParams) == before


def test_text_in_svg_is_text_of_at_least_twelve_css_pixels(five):
    svg = BeautifulSoup(plots.svg(figure(five), alt="x" * 50), "html.parser")
    texts = svg.find_all("text")
    assert "Pooled (k = 5)" in {t.text for t in texts}
    assert all(float(re.search(r"font-size: ([\d.]+)px", t["style"])[1]) >= 12 for t in texts)
    assert all("scale(.75)" in t["transform"] for t in texts)
    assert float(svg.svg["width"]) == pytest.approx(7 * 96)


def test_ids_of_several_pictures_differ_and_references_hold(five):
    pictures = [plots.svg(figure(five)), plots.svg(figure(pooled(invented(7)))), plots.svg(figure(five), key="again")]
    ids = [re.findall(r'\bid="([^"]+)"', p) for p in pictures]
    assert len(set(sum(map(lambda i: list(set(i)), ids), []))) == sum(len(set(i)) for i in ids)
    for picture, known in zip(pictures, ids, strict=True):
        assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', picture)) <= set(known)
    assert "<style" not in pictures[0] and "<metadata" not in pictures[0] and "DOCTYPE" not in pictures[0]


def test_figure_html_carries_words_caption_and_a_twin_for_the_phone(five):
    html = plots.figure_html(
        figure(five), alt=plots.alt_forest(five), caption="Pain <now>", phone=figure(five, width="phone")
    )
    page = BeautifulSoup(html, "html.parser")
    assert page.figcaption.text == "Pain <now>"
    assert [s["role"] for s in page.select("figure svg[aria-label]")] == ["img", "img"]
    assert f"{five.estimate:.2f}" in page.svg["aria-label"]
    assert page.select_one("svg.plot-phone")["width"] == f"{3.5 * 96:g}"
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]+"', "", html)


def test_alt_text_states_the_pooled_numbers_and_every_trial(five):
    alt = plots.alt_forest(five, unit="points")
    low, high = five.ci
    assert alt.startswith("Forest plot of 5 trials. Pooled mean difference")
    assert f"{five.estimate:.2f} points, 95% interval {low:.2f} to {high:.2f}" in alt
    assert f"Range expected in a new setting {five.prediction[0]:.2f} to {five.prediction[1]:.2f}" in alt
    assert all(name in alt for name in five.studies["trial"])


def test_alt_text_of_ratios_is_on_the_printed_scale():
    result = pooled(invented(20, "RR"), "RR")
    alt = plots.alt_forest(result)
    assert f"Pooled risk ratio {exp(result.estimate):.2f}, 95% interval {exp(result.ci[0]):.2f} to" in alt
    assert "Single trials range from" in alt


@pytest.mark.parametrize("word", ["a significant difference", "a trend to benefit", "there was no effect at all"])
def test_words_that_mislead_are_refused_as_alt_text(five, word):
    with pytest.raises(rl.EvidenceError, match="must not say"):
        plots.figure_html(figure(five), alt=f"Forest plot of five trials that shows {word} in pain")


def test_alt_text_that_says_nothing_is_refused(five):
    with pytest.raises(rl.EvidenceError, match="must say"):
        plots.figure_html(figure(five), alt="Forest plot")


def test_block_has_every_form(five):
    bundle = plots.figure_block(figure(five), alt=plots.alt_forest(five))._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", PAGE}
    assert "Pooled mean difference" in bundle["text/plain"]


def test_alt_text_gives_the_limits_that_the_picture_shows(five):
    table = five.studies.assign(ci_low=-9.0, ci_high=9.0)
    assert "(-9.00 to 9.00)" in plots.alt_forest(table, five, limits=("ci_low", "ci_high"))


def test_a_stripe_is_as_wide_as_its_shares_and_small():
    from io import BytesIO

    from PIL import Image

    made = plots.figure.stripe([(0.25, "#000000"), (0.5, None), (0.25, "#0000ff")], width=100, height=10)
    row = [Image.open(BytesIO(made)).convert("RGB").getpixel((x, 5)) for x in range(1, 99)]
    assert [row.count(c) for c in ((0, 0, 0), (255, 255, 255), (0, 0, 255))] == [24, 50, 24] and len(made) < 300


def test_a_minus_in_words_for_the_ear_is_no_hyphen():
    block = plots.figure_block(plots.new_axes().get_figure(), alt="Mean difference over time: at 26 weeks -3.66 points")
    assert "26 weeks −3.66 points" in block.html and " -3.66" not in block.html
