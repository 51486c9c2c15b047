"""Figures, ratings and judgements take what the other functions take, and refuse what they refuse."""

import inspect

import matplotlib
import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib import meaning, plots
from tests.cases.test_gate import FRAMES

matplotlib.use("Agg")

GIVEN = {"time": "weeks", "series": "trial", "weights": None}
WORDS = {"certainty", "statement"}  # there, level is a word such as "low"


def trials(**more):
    rows = {
        "trial": list("ABCD"),
        "weeks": [4, 8, 12, 26],
        "events_int": [4, 6, 9, 3],
        "n_int": [30, 40, 50, 20],
        "events_ctl": [8, 9, 9, 5],
        "n_ctl": [31, 39, 50, 22],
        "estimate": [-0.5, -0.2, 0.1, -0.4],
        "se": [0.2, 0.3, 0.25, 0.4],
    }
    return pd.DataFrame(rows | more)


def functions(module, *words):
    """Return the names of the public functions that have one of these parameters."""
    made = {name: getattr(module, name) for name in module.__all__ if inspect.isfunction(getattr(module, name))}
    return [name for name, function in made.items() if set(words) & set(inspect.signature(function).parameters)]


FIGURES = functions(plots, "studies", "table")
OF_EFFECTS = [n for n in FIGURES if "bias" not in n and n not in ("bubble", "alt_bubble", "labbe")]


def draw(name, table, **more):
    import matplotlib.pyplot as plt

    function = getattr(plots, name)
    parameters = inspect.signature(function).parameters
    options = {word: value for word, value in GIVEN.items() if word in parameters}
    if name == "radial":
        more = {"pooled": rl.meta_analysis(trials())} | more
    plt.close("all")
    return function(table, **options, **more)


KINDS = (
    "a mapping of lists",
    "a list of records",
    "named tuples",
    "polars",
    "pyarrow",
    "the shape of polars",
    "the shape of pyarrow",
)


def told(result):
    """Return what a figure shows, as far as two of them can be compared."""
    if not hasattr(result, "get_lines"):
        return len(str(result)) if hasattr(result, "axes") else str(result)
    return [np.round(line.get_xydata(), 9).tolist() for line in result.get_lines()]


def test_the_figures_are_found():
    assert {"forest", "funnel", "effect_over_time", "radial", "alt_funnel", "forest_html"} <= set(OF_EFFECTS)
    assert {"risk_of_bias", "labbe"} <= set(FIGURES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*OF_EFFECTS, "labbe"])
def test_a_figure_takes_every_kind_of_table(name, kind):
    assert told(draw(name, FRAMES[kind](trials()))) == told(draw(name, trials()))


@pytest.mark.parametrize("name", OF_EFFECTS)
def test_a_figure_refuses_a_negative_standard_error_and_text(name):
    for column, cells, said in (
        ("se", [0.2, -0.3, 0.25, 0.4], "cannot be negative"),
        ("estimate", ["-0.5", "about 2", "0.1", "-0.4"], "is not a number"),
    ):
        with pytest.raises(rl.EvidenceError, match=said):
            draw(name, trials(**{column: cells}))


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("given", [3, "trials.csv", [1, 2]])
def test_what_is_no_table_is_refused_in_a_sentence(name, given):
    if name in ("bubble", "alt_bubble"):
        return
    with pytest.raises(rl.EvidenceError, match="table"):
        draw(name, given)


@pytest.mark.parametrize("mark", [True, "yes", "a duplicate"])
def test_studies_that_are_left_out_are_not_drawn_in_a_funnel(mark):
    marks = [mark, False, False, False] if mark is True else [mark, "", "", ""]
    dots = draw("funnel", trials(excluded=marks)).collections
    assert 3 in {len(dot.get_offsets()) for dot in dots} and 4 not in {len(dot.get_offsets()) for dot in dots}


LEVELLED = [(module, name) for module in (plots, meaning) for name in functions(module, "level") if name not in WORDS]


@pytest.mark.parametrize(("module", "name"), LEVELLED)
@pytest.mark.parametrize("level", [95, 1.0, 0, -0.5, "0.95"])
def test_a_level_is_a_coverage_in_figures_too(module, name, level):
    given = (np.linspace(-1, 1, 9),) if name == "posterior" else (trials(),)
    more = {"density": np.ones(9)} if name == "posterior" else {}
    with pytest.raises(rl.EvidenceError, match="level is a fraction between 0 and 1"):
        getattr(module, name)(*given, **more, level=level, **({"time": "weeks"} if "time" in name else {}))


def test_the_level_functions_are_found():
    assert {name for _, name in LEVELLED} >= {"forest", "effect_over_time", "posterior"}


# ------------------------------------------------------------------------------------------------ ratings, judgements

PANEL = pd.DataFrame({"p1": [7, 2], "p2": [8, 3], "p3": [9, 2], "p4": [7, 5]})


@pytest.mark.parametrize("kind", [*KINDS, "an array"])
def test_ratings_come_in_every_kind_of_table(kind):
    given = PANEL.to_numpy() if kind == "an array" else FRAMES[kind](PANEL)
    assert rl.appropriateness(given).table["class"].tolist() == ["appropriate", "inappropriate"]
    assert str(rl.compare_rules(given)) == str(rl.compare_rules(PANEL))


@pytest.mark.parametrize("cell", [True, 7.5, 0, "seven", "7 to 8"])
def test_a_rating_is_a_whole_number_from_1_to_9(cell):
    with pytest.raises(rl.EvidenceError, match="is not a whole number from 1 to 9"):
        rl.appropriateness(PANEL.astype(object).assign(p1=[cell, 2]))


@pytest.mark.parametrize("given", [3, "panel.csv", None, []])
def test_what_are_no_ratings_is_refused_in_a_sentence(given):
    with pytest.raises(rl.EvidenceError, match="table"):
        rl.appropriateness(given)


ROWS = pd.DataFrame(
    {
        "domain": ["start", "imprecision", "level"],
        "judgement": ["high", "-1", "moderate"],
        "reason": "",
        "judged_by": "one assessor",
        "status": "draft",
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_judgements_come_in_every_kind_of_table(kind):
    assert rl.certainty(FRAMES[kind](ROWS)).level == rl.certainty(ROWS).level == "moderate"


@pytest.mark.parametrize("step", [-0.5, "a", None, True, float("nan")])
def test_a_step_is_a_whole_number(step):
    with pytest.raises(rl.EvidenceError, match="steps must be whole numbers"):
        rl.certainty({"imprecision": step}, start="high")


# ------------------------------------------------------------------------------------------------ printed limits


@pytest.mark.parametrize("measure", ["OR", "HR", "RR"])
def test_a_forest_plot_draws_limits_off_the_middle_as_they_are_printed(measure):
    """0.75 (0.60 to 1.10): drawn there, not 0.55 to 1.02 around the estimate."""
    printed = {
        "trial": ["A", "B"],
        "estimate": [0.75, 0.9],
        "ci_low": [0.6, 0.7],
        "ci_high": [1.1, 1.16],
        "measure": measure,
    }
    studies = rl.effect_sizes(printed, "GEN", ratio=True)
    first = plots.rows.forest_rows(studies, measure=measure).rows[0]
    assert (first.low, first.estimate, first.high) == pytest.approx((0.6, 0.75, 1.1))
    other = plots.rows.forest_rows(studies, measure=measure, level=0.9).rows[0]
    half = 1.644853626951 * studies["se"].iloc[0]
    assert (other.low, other.high) == pytest.approx((0.75 * np.exp(-half), 0.75 * np.exp(half)))
    page = plots.forest_html(studies, rl.meta_analysis(studies))
    assert "0.75 [0.60, 1.10]" in page.replace("\u2009", " ").replace("&nbsp;", " ")
