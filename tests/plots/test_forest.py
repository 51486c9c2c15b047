"""The forest plot: what stands on the axes, that nothing covers anything, that no row is lost."""

from itertools import combinations

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import reviewlib as rl
import reviewlib.plots as plots

from .conftest import invented, judged, pooled

FAVOURS = ("favours mobilization", "favours usual care")


def words(ax):
    return [t.get_text() for t in ax.texts]


def artist(ax, gid):
    return [a for a in ax.get_children() if a.get_gid() == gid]


def shown_ticks(ax):
    """Return the names of both axes and the tick labels inside their limits; matplotlib keeps others it never draws."""
    out = [ax.xaxis.label, ax.yaxis.label]
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        out += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    return out


def boxes(fig):
    """Return (text, box) of everything written, tick labels too, shrunk by half a point for rounding."""
    renderer = FigureCanvasAgg(fig).get_renderer()
    fig.draw_without_rendering()
    found = []
    for ax in [a for parent in fig.axes for a in (parent, *parent.child_axes)]:
        for text in [*ax.texts, *(shown_ticks(ax) if ax.axison else [])]:
            if text.get_text().strip() and text.get_visible():
                found.append((text.get_text(), text.get_window_extent(renderer).padded(-0.7)))
    return found


def overlaps(fig):
    return [(a, b) for (a, x), (b, y) in combinations(boxes(fig), 2) if x.overlaps(y)]


def cut(fig):
    whole = fig.bbox.padded(0.5)
    return [
        text
        for text, box in boxes(fig)
        if not (box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= whole.y0 and box.y1 <= whole.y1)
    ]


@pytest.mark.parametrize("width", ["paper", "phone"])
@pytest.mark.parametrize("measure", ["MD", "RR"])
@pytest.mark.parametrize("k", [1, 2, 5, 20, 60])
def test_no_words_touch_and_none_are_cut(k, measure, width):
    table = invented(k, measure)
    result = pooled(table, measure) if k > 1 else None
    fig = plots.forest_figure(
        table,
        result,
        measure=measure,
        width=width,
        favours=FAVOURS,
        mid=1.0 if measure == "MD" else None,
        risk_of_bias=judged(table) if k in (5, 20) else None,
        unit="points, 0 to 10" if measure == "MD" else "",
        reason="" if result else "only one trial",
    )
    assert overlaps(fig) == []
    assert cut(fig) == []
    assert min(t.get_fontsize() for t in fig.axes[0].texts) >= 8
    assert fig.get_figwidth() == pytest.approx({"paper": 7.0, "phone": 3.5}[width])


def test_long_names_wrap_and_stay_whole():
    table = invented(4)
    long = "A multicentre pragmatic randomised trial of supervised exercise against usual care (LONG NAME 2019)"
    table["trial"] = [long, "W" * 70, "\u0141\u00f3d\u017a 2011", "$x_1$ & <b>"]
    fig = plots.forest_figure(table, pooled(table), favours=("favours " + "very " * 8 + "long words", "favours b"))
    assert overlaps(fig) == [] and cut(fig) == []
    joined = "".join("".join(words(fig.axes[0])).split())
    assert "".join(long.split()) in joined and "W" * 70 in joined
    assert r"\$x_1\$ & <b>" in words(fig.axes[0])


def test_axes_given_are_axes_returned_and_nothing_global_changes(five):
    before, fig = dict(matplotlib.rcParams), Figure()
    ax = fig.subplots()
    size = tuple(fig.get_size_inches())
    assert plots.forest(five, favours=FAVOURS, ax=ax) is ax
    assert dict(matplotlib.rcParams) == before and tuple(fig.get_size_inches()) == size
    assert overlaps(fig) == []


def test_small_axes_get_smaller_letters_not_overlaps():
    fig = Figure(figsize=(6.4, 3))
    ax = plots.forest(pooled(invented(30)), favours=FAVOURS, ax=fig.subplots())
    assert overlaps(fig) == [] and cut(fig) == []
    assert len({t.get_fontsize() for t in ax.texts}) == 1


def test_square_area_is_proportional_to_weight(five):
    ax = plots.forest(five, ax=Figure().subplots())
    (squares,) = artist(ax, "estimates")
    area, weight = squares.get_sizes(), np.array(five.weights)
    assert area / area.max() == pytest.approx(weight / weight.max())
    assert [p[0] for p in squares.get_offsets()] == pytest.approx(list(five.studies["estimate"]))


def test_diamond_and_prediction_have_their_own_rows_and_shapes(five):
    ax = plots.forest(five, ax=Figure().subplots())
    (diamond,) = artist(ax, "pooled")
    (bar,) = artist(ax, "prediction")
    x = diamond.get_xy()[:, 0]
    assert (x.min(), x.max()) == pytest.approx(five.ci)
    y = bar.get_paths()[0].vertices
    assert (y[:, 0].min(), y[:, 0].max()) == pytest.approx(five.prediction)
    assert y[:, 1].min() > diamond.get_xy()[:, 1].max()
    assert any("prediction" in w for w in words(ax)) and "Pooled (k = 5)" in words(ax)


def test_ratio_measure_has_a_log_axis_with_round_ratios_and_printed_values():
    table = invented(9, "RR")
    result = pooled(table, "RR")
    ax = plots.forest(result, ax=Figure(figsize=(8, 5)).subplots())
    ticks = [t.get_text() for t in ax.get_xticklabels()]
    assert (
        ax.get_xscale() == "log"
        and "1" in ticks
        and set(ticks) <= {"0.1", "0.2", "0.25", "0.5", "1", "2", "4", "5", "10"}
    )
    assert any(f"{np.exp(result.estimate):.2f} [" in w for w in words(ax))
    (null,) = artist(ax, "null")
    assert null.get_xdata()[0] == 1


def test_clipped_intervals_end_in_arrows(five):
    ax = plots.forest(five, xlim=(-1.5, -0.5), ax=Figure().subplots())
    low, high = artist(ax, "beyond-low"), artist(ax, "beyond-high")
    assert low and high
    z = 1.959964
    beyond = five.studies["estimate"] - z * five.studies["se"] < -1.5
    assert len(low[0].get_offsets()) == beyond.sum()
    (lines,) = artist(ax, "intervals")
    assert min(s[:, 0].min() for s in lines.get_segments()) == pytest.approx(-1.5)
    assert not artist(plots.forest(five, ax=Figure().subplots()), "beyond-low")


def test_one_wild_interval_does_not_flatten_the_rest():
    table = invented(12)
    table.loc[3, ["variance", "se"]] = [900.0, 30.0]
    ax = plots.forest(pooled(table), ax=Figure(figsize=(8, 5)).subplots())
    assert artist(ax, "beyond-low") and artist(ax, "beyond-high")
    left, right = ax.spines["bottom"].get_bounds()
    assert right - left < 12


def test_every_row_is_kept_as_words_when_its_effect_cannot_be_computed():
    table = invented(6)
    table.loc[[1, 3, 4], ["estimate", "variance", "se"]] = np.nan
    table.loc[1, "excluded"] = "direction only: favours intervention"
    table.loc[3, "excluded"] = "direction only: neither"
    ax = plots.forest_figure(pooled(table)).axes[0]
    found = words(ax)
    assert {"favours intervention", "no difference stated", "not reported"} <= set(found)
    assert all(any(name in w for w in found) for name in table["trial"])
    (squares,) = artist(ax, "estimates")
    assert len(squares.get_offsets()) == 3 and 0.0 not in [p[0] for p in squares.get_offsets()]


def test_not_pooled_shows_circles_and_the_reason():
    ax = plots.forest_figure(invented(3), None, measure="MD", reason="the trials ask different questions").axes[0]
    assert "Not pooled: the trials ask different questions." in words(ax)
    assert not artist(ax, "pooled") and "Weight" not in words(ax)


def test_subgroups_have_headings_summaries_and_the_overall():
    table = invented(6).assign(group=["low risk"] * 3 + ["high risk"] * 3)
    parts = {name: pooled(part) for name, part in table.groupby("group")}
    ax = plots.forest_figure(pooled(table), by="group", subgroups=parts).axes[0]
    found = words(ax)
    order = [found.index(w) for w in ("low risk", "high risk")]
    assert order == sorted(order) and found.count("Subtotal (k = 3)") == 2 and len(artist(ax, "subtotal")) == 2
    assert "Pooled (k = 6)" in found


def test_several_effects_of_one_trial_share_its_name():
    table = invented(4).assign(trial=["A 2001", "A 2001", "B 2002", "B 2002"], time=["6 weeks", "1 year"] * 2)
    found = words(plots.forest_figure(pooled(table), detail="time").axes[0])
    assert found.count("A 2001") == 1 and found.count("6 weeks") == 2


def test_risk_of_bias_has_a_symbol_and_a_colour_for_each_judgement():
    table = invented(6)
    ax = plots.forest_figure(pooled(table), risk_of_bias=judged(table)).axes[0]
    cells = [a for a in ax.collections if str(a.get_gid()).startswith("bias-")]
    assert sum(len(c.get_offsets()) for c in cells) == 6 * 6
    legend = next(w for w in words(ax) if w.startswith("+ low"))
    assert "some concerns" in legend and "no information" in legend
    assert any("randomization" in w for w in words(ax))


THIRTEEN = [f"domain {i}" for i in range(13)]


@pytest.mark.parametrize("domains", [THIRTEEN[:3], THIRTEEN, [*THIRTEEN, "overall"]])
@pytest.mark.parametrize("name", ["A 2001", "A trial of many names 2001"])
def test_a_page_of_a_journal_keeps_its_width_and_every_column(name, domains):
    """178 mm, letters of 7 points or more, means, people, weights, and a letter over the sign of each domain."""
    arms = {f"{of}_{arm}": 12.5 for of in ("mean", "sd") for arm in ("int", "ctl")} | {"n_int": 40, "n_ctl": 41}
    table = invented(4).assign(trial=[f"{name}{c}" for c in "abcd"], **arms)
    cells = [dict(trial=t, tool="T", domain=d, judgement="low") for t in table["trial"] for d in domains]
    fig = plots.forest_figure(pooled(table), risk_of_bias=pd.DataFrame(cells), smallest=7)
    ax, found = fig.axes[0], words(fig.axes[0])
    assert fig.get_figwidth() == plots.figure.WIDTHS["paper"]
    assert found.count("mean (SD)") == found.count("n") == 2 and "Weight" in found
    letters = [chr(65 + i) for i, domain in enumerate(domains) if domain != "overall"]
    assert all(found.count(letter) == 1 for letter in letters)
    assert min(t.get_fontsize() for t in ax.texts) >= 7
    signs = [tuple(place) for a in ax.collections if a.get_gid() == "bias-low" for place in a.get_offsets()]
    assert len(set(signs)) == 4 * len(domains)


def test_signs_under_the_trials_of_a_narrow_page_have_their_letters_above():
    found = words(plots.forest_figure(pooled(invented(3)), risk_of_bias=judged(invented(3)), width="phone").axes[0])
    assert all(letter in found for letter in "ABCDE") and "All" in found


def test_favoured_sides_are_two_texts():
    found = words(plots.forest_figure(pooled(invented(5)), favours=FAVOURS).axes[0])
    assert "\u2190 favours mobilization" in found and "favours usual care \u2192" in found


def test_explicit_columns_widen_the_figure_instead_of_leaving():
    table = invented(5).assign(route="sd from the 95% interval of the mean")
    fig = plots.forest_figure(pooled(table), columns=("n", "mean", "route", "effect", "weight"))
    assert fig.get_figwidth() > 7 and any("95% interval of the mean" in w for w in words(fig.axes[0]))
    assert overlaps(fig) == []


def test_reruns_show_their_own_limits(five):
    table = invented(3).assign(ci_low=[-3.0, -3.1, -3.2], ci_high=[1.0, 1.1, 1.2])
    ax = plots.forest_figure(table, five, limits=("ci_low", "ci_high"), columns=("effect",)).axes[0]
    assert any(w.endswith("[\u22123.10, 1.10]") for w in words(ax))


def test_results_of_the_library_are_drawn_as_they_come():
    table = invented(8, "RR").assign(group=["a"] * 4 + ["b"] * 4)
    parts = rl.subgroups(table, by="group")
    found = words(plots.forest_figure(parts.overall, by="group", subgroups=parts, measure="RR").axes[0])
    assert found.count("Subtotal (k = 4)") == 2 and "Pooled (k = 8)" in found
    pool = words(plots.forest_figure(rl.mantel_haenszel(table, "RR")).axes[0])
    assert "Pooled (k = 8)" in pool and "Weight" not in pool
