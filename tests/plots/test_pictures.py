"""Every other picture: the right things on the axes, in the axes that were given, in words that fit."""

from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import reviewlib as rl
import reviewlib.plots as plots
from reviewlib.door import RULE_NAMES
from reviewlib.meaning.appropriateness import DISPERSIONS
from reviewlib.meaning.panel import DISPERSION
from reviewlib.plots.colours import SPREAD

from .conftest import invented, judged, pooled
from .test_forest import artist, cut, overlaps, words

SHARES = pd.DataFrame(
    {"arm": ["surgery", "other care"] * 2, "timepoint_weeks": [104, 104, 416, 416], "percent": [33, 43, 30, 52]}
)
EFFECTS = pd.DataFrame(
    {
        "analysis_set": ["itt", "as-treated"] * 2,
        "timepoint_weeks": [104, 104, 416, 416],
        "estimate": [7.8, 13.6, 1.0, np.nan],
        "ci_low": [1.5, 10, -5, np.nan],
        "ci_high": [14.1, 17.2, 7, np.nan],
    }
)
COUNTS = pd.DataFrame(
    {
        "label": ["Panel A", "Panel B"],
        "appropriate": [34, 22],
        "equivocal": [95, 94],
        "inappropriate": [57, 70],
        "agreement": [60, 70],
        "neither": [124, 115],
        "disagreement": [2, 1],
    }
)
FLOW = pd.DataFrame(
    {
        "step": ["identified", "excluded", "included"],
        "unit": ["reports"] * 3,
        "n": [58, 3, 55],
        "reason": ["found in the collection", "no identifier to cite", None],
    }
)
TIMES = pd.concat([invented(1, seed=s).assign(timepoint_weeks=w) for s in (1, 2, 3) for w in (6, 52)]).assign(
    trial=["A 2001", "A 2001", "B 2002", "B 2002", "C 2003", "C 2003"], estimate=[-1, -0.9, -1, -0.92, -1, np.nan]
)
SPECS = pd.DataFrame(
    [
        {"estimator": e, "interval": i, "estimate": m, "ci_low": m - 0.5, "ci_high": m + 0.5}
        for m, (e, i) in enumerate((e, i) for e in ("REML", "DL") for i in ("HKSJ", "Wald"))
    ]
)


def ratings():
    rng = np.random.default_rng(3)
    return rl.appropriateness(pd.DataFrame(rng.integers(1, 10, (4, 9)), index=list("ABCD")))


def baujat():
    return pd.DataFrame({"label": list("abc"), "heterogeneity": [1.0, 4.0, 0.5], "influence": [0.1, 2.0, 0.0]})


def gosh():
    rng = np.random.default_rng(1)
    return SimpleNamespace(estimate=rng.normal(-0.5, 0.1, 400), i2=rng.uniform(0, 1, 400), measure="RR")


def influence():
    table = invented(6)
    return table.assign(label=table["trial"], rstudent=table["estimate"], dffits=0.1, cooks_d=0.2, weight=0.1)


CASES = {
    "funnel": (plots.funnel, lambda: (pooled(invented(12, "RR"), "RR"),), {}),
    "radial": (plots.radial, lambda: (pooled(invented(12)),), {}),
    "labbe": (plots.labbe, lambda: (pooled(invented(12, "RR"), "RR"),), {}),
    "baujat": (plots.baujat, lambda: (baujat(),), {}),
    "gosh": (plots.gosh, lambda: (gosh(),), {}),
    "influence": (plots.influence, lambda: (influence(),), {"width": 9}),
    "time": (plots.effect_over_time, lambda: (TIMES,), {"measure": "MD", "mid": 1.0}),
    "specification": (plots.specification_curve, lambda: (SPECS,), {"measure": "MD", "main": 0, "height": 5}),
    "posterior": (plots.posterior, lambda: ([-2, -1, 0], [0.1, 0.8, 0.1]), {"estimate": -1, "ci": (-1.8, -0.2)}),
    "bias": (plots.risk_of_bias, lambda: (judged(invented(5)),), {}),
    "bias summary": (
        plots.risk_of_bias_summary,
        lambda: (judged(invented(2)), {"Delitto 1990": 3, "Weinstein 1991": 1}),
        {},
    ),
    "appropriateness": (plots.appropriateness, lambda: (COUNTS,), {"height": 3.4}),
    "ratings": (plots.ratings, lambda: (ratings(),), {"height": 3.2}),
    "crossover": (plots.crossover, lambda: (SHARES, EFFECTS), {"height": 4.4}),
    "icons": (plots.icon_array, lambda: (0.14,), {"ci": (0.1, 0.19), "width": 3, "height": 3.6}),
    "scale": (plots.mid_scale, lambda: (-1.4, (-1.9, -0.8)), {"scale": (0, 10), "mid": 1.5, "height": 2.2}),
    "flow": (plots.prisma_flow, lambda: (FLOW,), {}),
}


@pytest.mark.parametrize("name", CASES)
def test_picture_fits_its_figure_and_changes_nothing_global(name):
    plot, arguments, options = CASES[name]
    before = dict(matplotlib.rcParams)
    fig = plots.draw(plot, *arguments(), **options)
    assert overlaps(fig) == [] and cut(fig) == []
    assert dict(matplotlib.rcParams) == before
    sizes = [t.get_fontsize() for ax in fig.axes for t in ax.texts]
    assert min(sizes, default=9) >= 8


@pytest.mark.parametrize("name", CASES)
def test_picture_returns_the_axes_it_was_given(name):
    plot, arguments, options = CASES[name]
    ax = Figure(figsize=(7, 5)).subplots()
    assert plot(*arguments(), ax=ax, **{k: v for k, v in options.items() if k not in ("width", "height")}) is ax


def test_funnel_turns_the_axis_and_contours_open_from_the_null():
    result = pooled(invented(12, "RR"), "RR")
    ax = plots.funnel(result, ax=Figure().subplots())
    bottom, top = ax.get_ylim()
    assert bottom > top == 0 and ax.get_xscale() == "log"
    (cone,) = artist(ax, "contour-0.95")
    (tip, low, high) = cone.get_xy()[:3]
    assert tip == pytest.approx([1, 0]) and np.log([low[0], high[0]]) == pytest.approx(
        [-1.959964 * bottom, 1.959964 * bottom]
    )
    (points,) = artist(ax, "studies")
    assert list(points.get_offsets()[:, 1]) == pytest.approx(list(result.studies["se"]))


def test_imputed_studies_are_open_circles():
    table = invented(10).assign(filled=[False] * 8 + [True] * 2)
    ax = plots.funnel(table, measure="MD", ax=Figure().subplots())
    assert len(artist(ax, "filled")[0].get_offsets()) == 2


def test_time_picture_lists_what_cannot_be_computed():
    ax = plots.effect_over_time(TIMES, measure="MD", ax=Figure().subplots())
    assert any("C 2003 (1 year)" in w for w in words(ax))
    assert {"A 2001", "B 2002", "C 2003"} <= set(words(ax))


def test_the_axis_of_time_has_its_ticks_where_something_was_measured():
    table = pd.DataFrame({"trial": "A", "estimate": [1.0, 2.0], "se": 0.5, "timepoint_weeks": [2.0, 12.0]})
    ax = plots.effect_over_time(table, measure="MD", ax=Figure().subplots())
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "2", "12"]


def test_a_long_name_leaves_the_axis_of_time_its_room():
    name = "Malmivaara 2007 / Slatis 2011 (Finnish trial)"
    table = pd.DataFrame({"trial": name, "estimate": [-11.3, -9.6], "se": 3.5, "timepoint_weeks": [52.0, 312.0]})
    fig = plots.draw(plots.effect_over_time, table, width="phone", height=3.0, measure="MD")
    fig.canvas.draw()
    ax = fig.axes[0]
    assert ax.get_window_extent().width > 0.7 * fig.bbox.width
    (written,) = [t for t in ax.texts if "Slatis" in t.get_text()]
    assert written.get_text().split() == name.split() and written.get_window_extent().x1 <= fig.bbox.width


def test_leave_one_out_is_a_forest_of_reruns():
    rerun = rl.leave_one_out(invented(6), measure="MD")
    fig = plots.leave_one_out_figure(rerun)
    assert sum(w.startswith("Without ") for w in words(fig.axes[0])) == 6
    alt = plots.alt_leave_one_out(rerun)
    assert f"{rerun.lowest:.2f} ({rerun.lowest_label})" in alt and f"{rerun.highest:.2f}" in alt


def test_risk_of_bias_keeps_totals_and_says_not_yet_assessed():
    table = pd.DataFrame(
        [
            {"trial": t, "tool": "PEDro", "domain": d, "judgement": j}
            for t, total in (("Cherkin 2001", "7/10"), ("Furlan 2015", None))
            for d, j in (("random_allocation", "yes"), ("blind_subjects", None), ("total", total))
        ]
    )
    ax = plots.risk_of_bias_figure(table).axes[0]
    found = words(ax)
    assert {"A", "B", "Total", "7/10", "not read"} <= set(found)
    assert any("criterion met" in w and "not yet assessed" in w for w in found)
    assert "total 7/10" in plots.alt_risk_of_bias(table)


def test_mixing_tools_in_one_grid_is_refused():
    table = pd.concat([judged(invented(1)), judged(invented(1), tool="PEDro")])
    with pytest.raises(rl.EvidenceError, match="several tools"):
        plots.risk_of_bias(table, ax=Figure().subplots())


def test_weighted_summary_adds_up_to_the_weights():
    ax = plots.risk_of_bias_summary(
        judged(invented(2)), {"Delitto 1990": 3, "Weinstein 1991": 1}, stated="REML", ax=Figure().subplots()
    )
    first = [p.get_width() for p in ax.patches if p.get_y() == pytest.approx(-0.35)]
    assert sorted(w for w in first if w) == pytest.approx([25, 75])
    assert "REML" in ax.get_xlabel()


def test_appropriateness_counts_stand_in_the_bars_with_the_caution():
    ax = plots.appropriateness(COUNTS, example=True, ax=Figure().subplots())
    assert "57 (31%)" in words(ax) and "not a share of patients" in ax.get_xlabel() and "Invented" in ax.get_xlabel()
    assert "34 appropriate, 95 equivocal, 57 inappropriate, 60 agreement" in plots.alt_appropriateness(COUNTS)


def test_flow_between_rounds_keeps_every_scenario():
    change = pd.DataFrame(
        {"class_before": ["uncertain"] * 3 + ["appropriate"], "class_after": ["uncertain", "appropriate"] * 2}
    )
    ax = plots.ratings_flow(change, ax=Figure().subplots())
    assert {"appropriate 1", "equivocal 3", "appropriate 2", "equivocal 2"} <= set(words(ax))


def test_crossover_names_each_analysis_and_each_share():
    ax = plots.crossover(SHARES, EFFECTS, ax=Figure(figsize=(7, 4.4)).subplots())
    left, right = ax.child_axes
    assert {"67%", "33%", "48%", "52%", "2 years", "8 years"} <= set(words(left))
    assert any(w.startswith("as treated: not randomized: 13.6 (10.0 to 17.2)") for w in words(right))
    assert any("not computable" in w for w in words(right))
    alt = plots.alt_crossover(SHARES, EFFECTS)
    assert "surgery at 2 years 33%" in alt and "7.8 points (1.5 to 14.1)" in alt


def test_icons_are_whole_people():
    ax = plots.icon_array(0.144, ci=(0.1, 0.19), label="With massage", event="improved", ax=Figure().subplots())
    sizes = {
        g: len(artist(ax, g)[0].get_offsets()) for g in ("people", "people-uncertain", "others-uncertain", "others")
    }
    assert sizes == {"people": 10, "people-uncertain": 4, "others-uncertain": 5, "others": 81}
    assert "14 of 100 improved (10 to 19)" in words(ax)


@pytest.mark.parametrize(
    ("risk", "of", "why"),
    [(0.0004, 1000, "in numbers"), (0.004, 100, "of=1000"), (1.2, 100, "between 0 and 1"), (0.2, 250, "100 or 1000")],
)
def test_icons_refuse_what_they_cannot_show(risk, of, why):
    with pytest.raises(rl.EvidenceError, match=why):
        plots.icon_array(risk, of=of, ax=Figure().subplots())


def test_scale_shows_the_threshold_and_the_whole_range():
    ax = plots.mid_scale(-1.4, (-1.9, -0.8), scale=(0, 10), mid=1.5, ax=Figure(figsize=(7, 2.2)).subplots())
    assert ax.get_xlim()[0] == -10 and "from 0 to 10" in ax.get_xlabel()
    assert any("1.5 points" in w for w in words(ax)) and "\u22121.4 points (\u22121.9 to \u22120.8)" in words(ax)


def test_what_lies_between_agreement_and_disagreement_has_one_word_in_tables_figures_and_their_alternatives():
    word = rl.appropriateness(ratings().ratings).table["dispersion"]
    assert list(SPREAD) == list(DISPERSIONS) == list(DISPERSION.values()) and set(word) <= set(DISPERSIONS)
    alt = plots.alt_appropriateness(COUNTS.rename(columns={"neither": "indeterminate"}))
    assert "124 neither" in alt and "indeterminate" not in alt
    legend = plots.draw(plots.appropriateness, COUNTS, height=3.4).axes[0].get_legend()
    assert "neither" in [t.get_text() for t in legend.get_texts()]


def test_flow_boxes_say_what_left_and_why():
    ax = plots.prisma_flow_figure(FLOW).axes[0]
    assert {"Identified: 58 reports", "Excluded: 3 reports", "No identifier to cite"} <= set(words(ax))
    assert len(artist(ax, "box-main")) == 2 and len(artist(ax, "box-out")) == 1
    alt = plots.alt_prisma_flow(FLOW)
    assert alt == "Flow of the evidence: identified 58 reports; excluded 3 reports; included 55 reports."


def test_specification_curve_orders_analyses_and_marks_choices():
    ax = plots.specification_curve(
        SPECS.sample(frac=1, random_state=2), measure="MD", ax=Figure(figsize=(7, 5)).subplots()
    )
    upper, lower = ax.child_axes
    places = artist(upper, "estimates")[0].get_offsets()
    assert list(places[:, 1]) == sorted(places[:, 1])
    assert sorted(" ".join(t.get_text().split()) for t in lower.get_yticklabels()) == [
        "DerSimonian-Laird",
        "Hartung-Knapp",
        "Wald",
        "restricted maximum likelihood",
    ]
    assert "4 analyses" in plots.alt_specification_curve(SPECS, measure="MD")


def test_bubble_line_is_the_models_prediction():
    table = invented(12).assign(year=np.arange(12.0))
    fit = rl.meta_regression("~ year", table)
    ax = plots.bubble(fit, "year", measure="MD", ax=Figure().subplots())
    (line,) = artist(ax, "line")
    x, y = line.get_data()
    assert y == pytest.approx(list(fit.predict({"year": x})["estimate"]))


def test_posterior_of_a_result_has_unit_area_and_peaks_at_its_mean():
    result = rl.bayesian(invented(6), ("half-normal", 1.0))
    ax = plots.posterior(result, measure="MD", mid=-1.0, ax=Figure().subplots())
    x, y = artist(ax, "density")[0].get_data()
    assert float(np.trapezoid(y, x)) == pytest.approx(1, abs=0.01)
    assert x[int(np.argmax(y))] == pytest.approx(result.median, abs=0.1)


def test_multiverse_of_the_library_is_drawn_with_its_choices():
    table = invented(8)
    many = rl.multiverse({"all": table, "without high risk": table.iloc[2:]})
    ax = plots.multiverse(many, measure="MD", ax=Figure(figsize=(7, 6)).subplots())
    upper, lower = ax.child_axes
    assert len(artist(upper, "estimates")[0].get_offsets()) == many.specifications
    ticks = {" ".join(t.get_text().split()) for t in lower.get_yticklabels()}
    names = {"common-effect model", "Paule-Mandel", "Hartung-Knapp", "wider of the two"}  # no code such as CE or hksj
    assert {"all", "without high risk"} | names <= ticks and "below" not in ticks
    assert not ticks & {*rl.batch.ESTIMATORS, *RULE_NAMES}
