"""Judgements of risk of bias beside the trials of a forest: of one tool, by one judge, named; none are made up."""

from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib import page
from reviewlib.page.bias import columns_of_bias

FIRST = "Cochrane risk of bias, first tool"


def judged(trials, tool=FIRST, by="a review", judgement="low", result_id=None):
    domains = ("random_sequence", "other-bias", "dropouts")
    rows = [(trial, tool, domain, judgement, by, result_id) for trial in trials for domain in domains]
    return pd.DataFrame(rows, columns=["trial", "tool", "domain", "judgement", "judged_by", "result_id"])


def columns(*tables, trials=("A", "B", "C", "D")):
    studies = pd.DataFrame({"trial": trials, "result_id": [f"{trial}-r1" for trial in trials]})
    topic = SimpleNamespace(tables={"risk_of_bias": pd.concat(tables, ignore_index=True)} if tables else {})
    return columns_of_bias(topic, SimpleNamespace(studies=studies))


def test_the_first_tool_stands_where_nobody_has_used_the_second():
    unused = judged("ABCD", tool="RoB 2", judgement="not yet assessed", by=None)
    grid = columns(unused, judged("ABC"))
    assert grid.tool == f"{FIRST}; judged by a review" and list(grid.cells) == ["A", "B", "C"]
    assert grid.domains == ("random sequence", "other bias", "dropouts")
    assert columns(judged("ABCD", tool="RoB 2"), judged("ABCD")).tool == "RoB 2; judged by a review"


def test_two_judges_never_share_a_column():
    grid = columns(judged("ABC", judgement="high"), judged("CD", by="another review"))
    assert set(grid.cells) == {"A", "B", "C"} and grid.tool.endswith("judged by a review")


@pytest.mark.parametrize(
    "tables",
    [
        [],
        [judged("A")],  # under half of the trials
        [judged("ABCD", tool="PEDro")],  # no tool for risk of bias
        [judged("ABCD", judgement="not yet assessed")],
        [judged("ABCD", result_id="A-r9")],  # of another result
        [judged("XYZ")],
    ],
)
def test_nothing_stands_beside_trials_that_were_not_judged(tables):
    assert columns(*tables) is None


def test_a_forest_of_the_review_shows_them_and_says_whose_they_are():
    topic = rl.load_evidence()["mobilization"]
    key = next(k for k, f in rl.findings(topic).items() if f.pooled is not None and columns_of_bias(topic, f))
    html = BeautifulSoup(page.figures.forest(topic, key, picture=False).html, "html.parser")
    found = rl.findings(topic)[key]
    strips = html.select('tr.study .bias .marks[role="img"]')
    assert len(strips) == len(found.studies) and all("low" in strip["aria-label"] for strip in strips)
    notes = html.select_one(".forest-notes").text
    assert "first tool" in notes and "judged by" in notes


def test_each_way_to_a_number_is_written_once_and_names_all_its_trials():
    topic = rl.load_evidence()["mobilization"]
    for found in rl.findings(topic).values():
        if found.studies.empty:
            continue
        table = BeautifulSoup(page.tables.how_numbers(topic, found).html, "html.parser")
        ways = [row.th.text for row in table.select("tbody tr")]
        assert len(set(ways)) == len(ways)
        linked = {link["href"].removeprefix("#row-mobilization-") for link in table.select("a")}
        assert linked == set(rl.meaning.words.result_ids(found.studies))
