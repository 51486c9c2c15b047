"""A line of remembered letters is the line that matplotlib paints."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from PIL import Image

from reviewlib.plots import letters, png, svg
from reviewlib.plots.fit import _sum, family, text_width

LINES = (
    "0.34 [\N{MINUS SIGN}0.43, 1.10]",
    "AVATAR, To Wait; 12/40 (95%)",
    "Gr\u00fcn, Ostergaard & Yilmaz \u2026 \u2265 5",
    "i",
    "  j _|",
)
OTHERS = ("a fine affix", "$x^2$", "")
PLACES = [(ha, va) for ha in ("left", "center", "right") for va in ("center_baseline", "baseline", "top", "center")]


def painted(kind, line, **style):
    figure = Figure(figsize=(3, 1), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.add_artist(kind(0.5, 0.5, line, transform=ax.transAxes, clip_on=False, **style))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].astype(int), figure


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("ha", "va"), PLACES)
def test_a_line_is_painted_where_and_as_matplotlib_does(line, ha, va):
    style = {"ha": ha, "va": va, "fontsize": 9.3, "fontweight": "bold", "color": "navy"}
    ours, theirs = painted(letters.Line, line, **style)[0], painted(Text, line, **style)[0]
    assert theirs.min() < 100, "something is painted"
    assert abs(ours - theirs).max() <= 24  # of 255: two ways to count how much of a pixel a curve covers
    assert abs(ours - theirs).mean() < 0.05


@pytest.mark.parametrize("va", ["center_baseline", "baseline", "top", "center", "bottom"])
def test_the_first_line_of_a_kind_is_painted_as_the_next(va, monkeypatch):
    monkeypatch.setattr(letters, "_ABOVE", {})
    first, again = (painted(letters.Line, LINES[0], va=va, fontsize=8.37)[0] for _ in range(2))
    assert len(letters._ABOVE) == 1 and (first == again).all()


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_as_wide_and_high_as_matplotlib_has_it(line):
    figure = painted(Text, line)[1]
    renderer, prop = figure.canvas.get_renderer(), Text(text=line).get_fontproperties()
    face = (findfont(prop), prop.get_size_in_points(), renderer.dpi, letters.get_hinting_flag())
    ours = letters._placed(line, face)[0]
    assert ours == pytest.approx(renderer.get_text_width_height_descent(line, prop, False), abs=1e-9)


@pytest.mark.parametrize("line", OTHERS)
def test_what_is_no_plain_line_is_left_to_matplotlib(line):
    assert (painted(letters.Line, line)[0] == painted(Text, line)[0]).all()
    upright = {"rotation": 90}
    assert (painted(letters.Line, LINES[0], **upright)[0] == painted(Text, LINES[0], **upright)[0]).all()


def test_vector_formats_are_the_same_to_the_byte():
    assert svg(painted(letters.Line, LINES[1])[1]) == svg(painted(Text, LINES[1])[1])


@pytest.mark.parametrize(
    "line", (*LINES, *OTHERS, "office fifi flaff", "e\u0301 Ж Ωmega τ²", "\u0627\u0644\u0639 f", "\u65e5\u672c")
)
def test_a_line_takes_the_room_that_matplotlib_measures(line):
    prop = FontProperties(family=family(line), size=8.5, weight="bold")
    measured = text_to_path.get_text_width_height_descent(line, prop, False)[0] if line else 0
    assert text_width(line, 8.5, True) == pytest.approx(1.02 * measured, abs=1e-12)
    assert not line.isascii() or _sum(line, findfont(prop)) is not None, "from remembered letters"


def test_a_bitmap_of_every_shade_has_the_pixels_of_the_drawing():
    figure = painted(Text, LINES[1], color="navy")[1]
    read = Image.open(BytesIO(png(figure, dpi=150, colours=None)))
    assert read.size == (450, 150) and round(read.info["dpi"][0]) == 150
    figure.set_dpi(150)
    figure.canvas.draw()
    assert (np.asarray(read) == np.asarray(figure.canvas.buffer_rgba())[:, :, :3]).all()
