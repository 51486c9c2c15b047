"""A topic without ratings, certainty, comparisons or harms says the true reason, and never borrows another's words."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

import reviewlib as rl
from reviewlib import page
from reviewlib.meaning.answer import bottom_line
from reviewlib.meaning.plain_language import plain_language
from reviewlib.page import analysis

TABLES = Path(__file__).parents[1] / "evidence" / "tables"
BORROWED = re.compile("neck|spine|spinal|massage|manipulation|mobilization|stenosis|RAND 2018", re.IGNORECASE)


@pytest.fixture
def made(tmp_path):
    """Return the example topic with keys of topic.yml and tables taken away: ``made(drop=(...), without=(...))``."""

    def make(drop=(), without=()):
        folder = Path(shutil.copytree(TABLES, tmp_path / "evidence", dirs_exist_ok=True))
        for name in without:
            table = folder / "example" / f"{name}.csv"
            if name in ("results", "synthesis"):  # every topic has these, if only their headers
                table.write_text(table.read_text().split("\n")[0] + "\n")
            else:
                table.unlink()
        path = folder / "example" / "topic.yml"
        info = {key: value for key, value in yaml.safe_load(path.read_text()).items() if key not in drop}
        path.write_text(yaml.safe_dump(info, sort_keys=False, allow_unicode=True))
        (folder / "claims.csv").unlink()
        return rl.load_evidence(folder)["example"]

    return make


CASES = {
    "whole": ((), ()),
    "no ratings": ((), ("ratings", "panels")),
    "no comparisons": (("comparisons",), ("synthesis", "certainty", "ratings", "panels")),
    "no comparisons but ratings": (("comparisons",), ("synthesis", "certainty")),
    "no certainty": ((), ("certainty",)),
    "no harms": ((), ("adverse_events",)),
    "no results": ((), ("results", "synthesis", "certainty", "ratings", "panels", "adverse_events", "crossover")),
}


@pytest.mark.parametrize("case", CASES)
def test_every_block_says_something_and_nothing_of_ours(made, case):
    topic = made(*CASES[case])
    blocks = [
        page.answer(topic),
        page.plain_language(topic),
        page.rand.answer(topic),
        page.rand.class_counts(topic),
        page.rand.dispersion(topic),
        page.rand.steps(topic),
        page.rand.statistics(topic),
        page.rand.misprints(topic),
        page.rand.decision_tree(topic),
        page.rand.panels(topic),
        page.rand.older_panels(topic),
        page.rand.delivered_care(topic),
        page.rand.conflicts(topic),
        page.rand.statements(topic, "panel1"),
        page.figures.appropriateness(topic),
        page.figures.crossover(topic),
        page.figures.over_time(topic),
        page.complier(topic),
        page.flow(topic),
        page.risk_of_bias(topic),
    ]
    blocks += [
        make(topic, c["id"])
        for c in topic.comparisons
        for make in (page.people, page.sensitivity, page.multiverse, page.figures.forest)
    ]
    for block in blocks:
        assert block.text.strip() and not BORROWED.search(block.text), block.text


def test_results_without_a_comparison_are_not_answered_with_a_panel(made):
    topic = made(*CASES["no comparisons"])
    said, sure = bottom_line(topic)
    assert (
        said == f"{len(topic.results)} results are in the tables, but topic.yml names no comparison that they answer."
    )
    assert sure == "not rated" and said in str(plain_language(topic)) and said in page.answer(topic).text


def test_ratings_that_no_headline_names_are_not_summed_up(made):
    topic = made(*CASES["no comparisons but ratings"])
    assert "topic.yml names no panel under headline" in bottom_line(topic)[0]


def test_without_results_there_is_no_answer(made):
    topic = made(*CASES["no results"])
    assert bottom_line(topic) == ("No results yet.", "not rated")
    assert "No results yet." in page.answer(topic).text


def test_harms_that_nobody_summed_up_are_not_called_uncounted(made):
    assert "not summed up yet" in str(plain_language(made(*CASES["whole"])))
    assert "Nothing about harms was entered here" in str(plain_language(made(*CASES["no harms"])))


def test_a_figure_over_time_draws_each_time_once_and_says_what_is_not_as_printed():
    evidence = rl.load_evidence()
    massage, mobilization = (evidence[name].results_used() for name in ("massage", "mobilization"))
    said = analysis._changed(massage[massage["result_id"] == "arguisuelas2017-rdq-12w"])
    assert said == " The result at 12 weeks is not as printed; its row says why."
    wanted = ["ukbeam2004-r01", "froud2009-exercise-rmdq-13w", "froud2009-exercise-rmdq-52w"]
    rows = mobilization[mobilization["result_id"].isin(wanted)]
    typed = evidence["mobilization"].text["results"].set_index("result_id")
    drawn = analysis._one_of_a_time(rows, typed)
    assert sorted(drawn["result_id"]) == wanted[1:] and analysis._changed(drawn) == ""
    typed.loc["ukbeam2004-r01", "estimate"] = "1.5"
    assert sorted(analysis._one_of_a_time(rows, typed)["result_id"]) == sorted(wanted), (
        "two that disagree are both shown"
    )
