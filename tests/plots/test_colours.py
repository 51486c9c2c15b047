"""Colours can be told apart by everybody, in grey too, and never stand alone."""

import re
from colorsys import rgb_to_hls
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from reviewlib import plots
from reviewlib.plots import FOREST_CSS
from reviewlib.plots.bias import step
from reviewlib.plots.bias_marks import ELEMENTS
from reviewlib.plots.colours import (
    BIAS,
    CLASSES,
    CONTOURS,
    CONTROL,
    DARK,
    INK,
    INTERVENTION,
    MUTED,
    PAPER,
    PEOPLE,
    POOLED,
    PREDICTION,
    SPREAD,
    STUDY,
    THRESHOLD,
    UNSURE,
    on,
)

spacious = pytest.importorskip("colorspacious", reason="needs colorspacious to measure distances between colours")

SETS = {
    "risk of bias": [colour for colour, _, _ in BIAS.values() if colour],
    "classes": list(CLASSES.values()),
    "arms": [INTERVENTION, CONTROL],
    "diamond and prediction": [POOLED, PREDICTION],
}
DEFICIENCIES = ("deuteranomaly", "protanomaly", "tritanomaly")


def seen(colour, deficiency):
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
    simulated = np.clip(spacious.cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return spacious.cspace_convert(simulated, "sRGB1", "CAM02-UCS")


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("name", SETS)
def test_colours_of_one_figure_stand_twenty_apart(name, deficiency):
    places = [seen(c, deficiency) for c in SETS[name]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(places, 2)) >= 20


@pytest.mark.parametrize("name", SETS)
def test_colours_print_as_different_greys(name):
    rgb = [np.array([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for c in SETS[name]]
    greys = [spacious.cspace_convert(c, "sRGB1", "CAM02-UCS")[0] for c in rgb]
    assert min(abs(a - b) for a, b in combinations(greys, 2)) >= 14


@pytest.mark.parametrize("room", ["plots", "revise", "page"])
def test_every_colour_has_its_name_in_one_place(room):
    folder = Path(plots.__file__).parents[1] / room
    files = [path for path in folder.rglob("*.py") if path.name != "colours.py"]
    files += [folder / "forest.css", folder / "figure.css"] if room == "plots" else []
    found = {path.name: re.findall(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b", path.read_text()) for path in files}
    assert files and not {name: colours for name, colours in found.items() if colours}


def contrast(one, other):
    """Return the contrast of two colours by WCAG 2."""

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return np.dot(
            (0.2126, 0.7152, 0.0722), [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        )

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["light", "dark"])
def test_marks_and_letters_are_seen_on_light_and_on_dark_paper(page):
    shown = {colour: DARK[colour] if page == "dark" else colour for colour in DARK}
    for mark in (INK, MUTED, STUDY, POOLED, PREDICTION, PEOPLE):
        assert contrast(shown[mark], shown[PAPER]) >= (4.5 if mark in (INK, MUTED) else 3), mark
    assert contrast(shown[PEOPLE], shown[UNSURE]) >= 3, "people who have it, and who may"


def test_each_judgement_has_its_own_symbol():
    symbols = [symbol for _, _, symbol in BIAS.values()]
    assert len(set(symbols)) == len(symbols)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [c for c, _, _ in BIAS.values() if c] + list(CLASSES.values()))
def test_symbols_can_be_read_on_their_colour(colour):
    a, b = sorted((luminance(colour), luminance(on(colour))))
    assert (b + 0.05) / (a + 0.05) >= 4.5


def test_the_signs_of_risk_of_bias_have_on_a_page_the_colours_of_a_figure():
    for kind in ("low", "some concerns", "high", "critical"):
        assert f".marks {ELEMENTS[kind]}{{background:{BIAS[kind][0]};color:{on(BIAS[kind][0])}}}" in FOREST_CSS


def test_the_ruler_of_an_answer_shades_a_threshold_as_figures_do():
    style = (Path(plots.__file__).parents[1] / "site" / "answer.css").read_text()
    assert re.findall(r"\.ruler \.mid { fill: (#\w+)", style) == [THRESHOLD, DARK[THRESHOLD]]


def yellowish(colour):
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, _, saturation = rgb_to_hls(red, green, blue)
    return 30 <= 360 * hue <= 70 and saturation > 0.25


@pytest.mark.parametrize("word", ["yes", "low", "low risk", "good", "Yes", "no", "high", "poor"])
def test_yellow_says_in_between_and_never_that_a_criterion_is_met_or_failed(word):
    colour = BIAS[step(word)][0]
    assert not yellowish(colour) and yellowish(BIAS[step("unclear")][0])


def test_yellow_marks_what_lies_between_and_nothing_that_is_good():
    steps = {name for name, (colour, *_) in BIAS.items() if colour and yellowish(colour)}
    classes = {name for name, colour in CLASSES.items() if yellowish(colour)}
    assert (steps, classes) == ({"some concerns"}, {"equivocal"})
    assert not any(yellowish(colour) for colour, _ in SPREAD.values())
    style = "".join(path.read_text() for path in (Path(plots.__file__).parents[1] / "site").glob("*.css"))
    tones = dict(re.findall(r"\.v-([\w-]+)\s*\{\s*--tone:\s*(#[0-9a-f]{6})", style))
    assert tones and not any(yellowish(tones[name]) for name in tones if name.startswith(("supported", "partly")))


@pytest.mark.parametrize("page", ["light", "dark"])
def test_a_study_is_seen_on_every_shade_of_a_funnel(page):
    shown = {colour: DARK[colour] if page == "dark" else colour for colour in (STUDY, *CONTOURS)}
    assert all(contrast(shown[STUDY], shown[shade]) >= 3 for shade in CONTOURS)
    assert len(set(shown.values())) == 4
