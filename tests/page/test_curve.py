"""The curve of every defensible analysis is drawn only where printed estimates differ, in the names the page uses."""

from math import log
from types import SimpleNamespace

import pandas as pd
import pytest

from reviewlib import plots
from reviewlib.page import analysis
from reviewlib.page.block import paragraph


def analyses(measure, *estimates):
    return SimpleNamespace(measure=measure, to_frame=lambda: pd.DataFrame({"estimate": estimates}))


@pytest.mark.parametrize(
    ("measure", "estimates", "differ"),
    [
        ("MD", (-1.234, -1.231), False),
        ("MD", (-1.236, -1.231), True),
        ("MD", (-1.5,), False),
        ("MD", (-1.5, float("nan")), False),
        ("RR", (log(0.300), log(0.304)), False),  # 0.30 and 0.30, though the logarithms differ in print
        ("RR", (log(5.00), log(5.01)), True),  # and the other way round
    ],
)
def test_analyses_differ_where_their_printed_estimates_do(measure, estimates, differ):
    assert analysis._differ(analyses(measure, *estimates), 2) is differ


@pytest.mark.filterwarnings("ignore::reviewlib.MethodWarning")
def test_a_curve_is_drawn_where_estimates_differ_and_a_sentence_stands_where_they_do_not(evidence, monkeypatch):
    monkeypatch.setattr(plots, "draw", lambda *a, **k: None)
    monkeypatch.setattr(plots, "figure_block", lambda figure, *, alt, caption: paragraph(f"CURVE {alt}"))
    drawn = []
    for topic in evidence:
        for comparison in topic.comparisons:
            html = str(analysis.multiverse(topic, comparison["id"]))
            assert ("CURVE" in html) + ("no curve is drawn" in html) + ("leaves two trials" in html) == 1
            drawn.append("CURVE" in html)
    assert any(drawn) and not all(drawn)
