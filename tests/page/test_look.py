"""A table to explore: every value as typed, its unit and source on hover, every column explained."""

import re

import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib import page
from reviewlib.evidence.schema import schemas
from reviewlib.page.block import bullets


def cells(block):
    soup = BeautifulSoup(str(block.html), "html.parser")
    return [[cell for cell in row.find_all(["th", "td"])] for row in soup.tbody.find_all("tr")]


def test_every_cell_stands_as_typed_and_tells_unit_source_and_place(evidence):
    topic = evidence["massage"]
    names = ["result_id", "n_int", "estimate", "ci_low", "timepoint_weeks"]
    block = page.look(topic, "results", columns=names, records=["cherkin2011-rdq-relax-10w"])
    typed = topic.text["results"].set_index("result_id").loc["cherkin2011-rdq-relax-10w"]
    ((_, n, estimate, low, weeks),) = cells(block)
    assert (estimate.get_text(), low.get_text()) == (typed["estimate"], typed["ci_low"])
    title = estimate.span["title"]
    for part in (
        "points on Modified Roland Disability Questionnaire",
        "0 to 23, lower is better",
        f"source {typed['source_id']}",
        typed["locator"],
        "read: ",
    ):
        assert part in title
    assert "weeks" in weeks.span["title"] and (not n.get_text() or "people" in n.span["title"])


def test_a_ratio_has_no_unit_and_an_smd_none_of_its_scale(evidence):
    topic = evidence["massage"]
    text = topic.text["results"]
    for measure, unit in (("RR", "a ratio, without a unit"), ("SMD", "standard deviations")):
        found = text[(text["measure"] == measure) & (text["estimate"] != "")]
        for record in found["result_id"].head(3):
            ((cell,),) = cells(page.look(topic, "results", columns=["estimate"], records=[record]))
            assert unit in cell.span["title"] and "points" not in cell.span["title"]


def test_heads_explain_their_columns_and_the_table_is_accessible(evidence):
    soup = BeautifulSoup(str(page.look(evidence, "instruments", rows=3).html), "html.parser")
    assert soup.caption.get_text() == f"Instruments: 3 rows of {len(evidence.instruments)}"
    for head, column in zip(soup.thead.find_all("th"), schemas()["instruments"].columns, strict=True):
        assert head["scope"] == "col" and head["title"] == column.description
    assert len(soup.tbody.find_all("tr")) == 3


@pytest.mark.parametrize("name", schemas())
def test_every_column_of_every_table_is_explained(name):
    block = page.columns(name)
    assert all(column.name in block.text and column.description in block.text for column in schemas()[name].columns)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"name": "result"}, "there is no table 'result'; there are: "),
        ({"name": "results", "columns": ["estimat"]}, "there is no column estimat; there are: result_id"),
        ({"name": "results", "records": ["nobody2000"]}, "there is no record nobody2000"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(evidence, words, why):
    with pytest.raises(rl.EvidenceError, match=re.escape(why)):
        page.look(evidence["massage"], **words)


def test_a_cell_cannot_smuggle_markup(evidence):
    block = page.look(evidence["massage"], "results", columns=["notes", "locator"])
    soup = BeautifulSoup(str(block.html), "html.parser")
    assert {tag.name for tag in soup.find_all()} <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "span"}


def test_each_shows_every_comparison_of_the_summary(evidence):
    topic = evidence["massage"]
    block = page.each(topic, page.side_by_side)
    for comparison in topic.comparisons:
        assert (comparison["title"] in block.text) == comparison.get("in_summary", True)


def test_many_places_fold_and_all_of_them_are_listed(evidence):
    """A list made from an iterator was once empty: thirty-five places stood behind a line and none under it."""
    topic = evidence["rand-appropriateness"]
    soup = BeautifulSoup(str(page.rand.class_counts(topic).html), "html.parser")
    places = [item.text for item in soup.select("details li")]
    assert places and all("Table" in place or "," in place for place in places)
    assert str(bullets(iter(["a", "b"])).html) == str(bullets(["a", "b"]).html) != ""
