"""From a number on a page to its place in print: which links count, and that ours arrive in three clicks."""

import random

import pytest

from reviewlib.errors import EvidenceError
from reviewlib.site.provenance import CLICKS, NUMBER, Site, lost, summary

PLACE = '<a href="#source-doe2020">Doe 2020</a>, Table 2'
RECORD = f'<div class="record" id="row-t-r1"><dl><div><dt>Source</dt><dd>{PLACE}</dd></div></dl></div>'
FOREST = '<div class="output"><div id="trials-t-c"><a href="#row-t-r1">r1</a></div></div>'


def walks(tmp_path, *blocks, other=""):
    body = "".join(f'<div class="output">{block}</div>' for block in blocks)
    (tmp_path / "a.html").write_text(f"<html><body><nav>9.9</nav><main>{body}</main></body></html>")
    if other:
        (tmp_path / "b.html").write_text(f"<html><body><main>{other}</main></body></html>")
    return [walk for walk in Site(tmp_path).walks() if NUMBER.fullmatch(walk.number)]


@pytest.mark.parametrize(
    ("block", "clicks"),
    [
        (f"<table><tr><td>2.7</td><td>{PLACE}</td></tr></table>", 0),
        (f'<p>2.7</p><p class="where small">Read in: {PLACE}.</p>', 0),
        ('<p>2.7 <a href="#row-t-r1">r1</a></p>', 1),
        ('<table><tr><td>2.7</td></tr></table><p><a href="#row-t-r1">r1</a></p>', 1),
        ('<p><a href="#trials-t-c">2.7</a></p>', 2),
        ('<p>2.7 <a href="b.html#row-t-r2">on another page</a></p>', 1),
        ("<p>2.7</p>", None),
        ('<p>2.7 <a href="#nowhere">dead</a></p>', None),
        ('<p>2.7 <a href="#source-doe2020">Doe</a></p>', 0),
        ('<p>2.7</p><ul class="sources"><li id="source-doe2020">Doe 2020</li></ul>', None),
    ],
)
def test_a_number_is_followed_to_the_place_where_it_was_read(tmp_path, block, clicks):
    other = RECORD.replace("row-t-r1", "row-t-r2")
    found = walks(tmp_path, block, RECORD, FOREST, other=other)
    assert [(walk.number, walk.clicks) for walk in found if walk.page == "a.html"] == [("2.7", clicks)]
    assert [walk.number for walk in lost(found)] == ["2.7"] * (clicks is None)


def test_a_way_longer_than_three_clicks_is_none(tmp_path):
    chain = "".join(f'<div class="output" id="s{i}"><a href="#s{i + 1}">on</a></div>' for i in range(CLICKS + 1))
    end = f'<div class="output"><p id="s{CLICKS + 1}">{PLACE}</p></div>'
    assert walks(tmp_path, '<p>2.7 <a href="#s0">on</a></p>', chain + end)[0].clicks is None
    assert walks(tmp_path, '<p>2.7 <a href="#s1">on</a></p>', chain + end)[0].clicks is None
    assert walks(tmp_path, '<p>2.7 <a href="#s2">on</a></p>', chain + end)[0].clicks == CLICKS


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("−2.7 (95% CI −3.6 to −1.8)", ["−2.7", "−3.6", "−1.8"]),
        ("in 57% of 1,234.5 people, 1.2.3 and doi 10.1000/x1.5", ["57", "1,234.5"]),
        ("at its 95% interval", []),
    ],
)
def test_which_numbers_are_followed(text, numbers):
    assert NUMBER.findall(text) == numbers


@pytest.mark.parametrize(
    "part",
    [
        "<svg><text>2.7</text></svg>",
        '<table class="made-here"><tr><td>2.7</td></tr></table>',
        '<table class="keep about-us"><tr><td>2.7</td></tr></table>',
        "<code>2.7</code>",
        "<p hidden>2.7</p>",
    ],
)
def test_what_is_no_result_is_left_aside(tmp_path, part):
    assert walks(tmp_path, part, "<p>None</p>") == []


def test_a_whole_number_leads_to_a_row_or_to_the_cell_that_counted(tmp_path):
    """What stands in no row, such as a count of rows, is counted by the cell whose output shows it."""
    prose = '<div class="text"><p>8 of 9</p></div>'
    body = f'{prose}<div class="output"><p>17 trials, 2.7</p></div><div class="output">{RECORD}<p>3</p></div>'
    (tmp_path / "a.html").write_text(f"<html><body><main><p>5</p>{body}</main></body></html>")
    where = {walk.number: walk for walk in Site(tmp_path, {"a.html": ["cell 2", "cell 4"]}).walks()}
    assert where["17"].place == "counted by cell 2" and where["17"].clicks is None
    assert where["3"].place == "counted by cell 4"
    assert where["8"].place == "in prose, asserted by the cell after it"
    assert where["5"].place == "counted when the page was put together"
    assert where["2"].clicks == 0, "the number of a table in a record"
    assert [walk.number for walk in lost(where.values())] == ["2.7"], "a result is no count"
    assert len(lost(Site(tmp_path).walks())) == 6, "of a page whose cells are not known, nothing is taken on trust"
    assert lost(Site(tmp_path, {"a.html": ["cell 2", "cell 4"]}, {"a.html"}).walks()) == [], "a lesson"


def test_prose_is_followed_through_the_cell_that_asserts_it(tmp_path):
    output = f'<div class="output"><p>2.7</p><p class="where small">Read in: {PLACE}.</p></div>'
    (tmp_path / "a.html").write_text(
        f'<html><body><main><div class="text"><p>2.7</p></div>{output}</main></body></html>'
    )
    assert [walk.clicks for walk in Site(tmp_path).walks() if walk.number == "2.7"] == [0, 0]


def test_many_places_under_a_fold_are_places_too(tmp_path):
    fold = f'<details><summary>Read in</summary><ul class="where"><li>{PLACE}</li></ul></details>'
    assert [walk.clicks for walk in walks(tmp_path, f"<table><tr><td>2.7</td></tr></table>{fold}")] == [0]


def test_a_folder_without_pages_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(EvidenceError, match="build the site first"):
        Site(tmp_path)


def test_the_summary_counts_clicks_page_by_page(tmp_path):
    found = walks(tmp_path, '<p>2.7 <a href="#row-t-r1">r1</a></p><p>3.1</p>', RECORD)
    assert summary(found) == "a.html: 2 numbers; clicks to the printed place: 2 after 1"
    found = walks(tmp_path, "<p>2.7</p>")
    assert summary(found) == "a.html: 1 numbers; clicks to the printed place: none arrives; 1 without a place"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Pages of the review made in this process from the cells of their notebooks: bare, with the links they have."""
    import ast
    import json
    import re
    from pathlib import Path

    folder, root = tmp_path_factory.mktemp("site"), Path(__file__).parents[2]
    for name in ("claims", "massage", "rand", "stenosis"):
        space, parts = {}, []
        for cell in json.loads((root / "notebooks" / f"{name}.ipynb").read_text())["cells"]:
            tree = ast.parse("".join(cell["source"])) if cell["cell_type"] == "code" else ast.Module([], [])
            shown = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), space)
            value = eval(compile(ast.Expression(shown.value), name, "eval"), space) if shown else None
            parts.append(f'<div class="output">{getattr(value, "html", "")}</div>')
        html = re.sub(r'href="([a-z]+)\.ipynb', r'href="\1.html', "".join(parts))
        (folder / f"{name}.html").write_text(f'<html><meta charset="utf-8"><body><main>{html}</main></body></html>')
    return folder


@pytest.mark.slow
def test_twenty_numbers_lead_to_a_printed_place_in_three_clicks(live):
    site = Site(live)
    cells = {name: ["its cell"] * len(page.xpath("//div[@class='output']")) for name, page in site.pages.items()}
    found = list(Site(live, cells).walks())
    assert len(found) > 10_000
    picked = random.Random(20).sample(found, 20)
    assert len({walk.page for walk in picked}) > 2
    assert not lost(picked), "\n".join(map(str, lost(picked)))
    assert not lost(found), "\n".join(map(str, lost(found)[:20]))
