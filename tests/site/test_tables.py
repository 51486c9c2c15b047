"""Tables on pages: scopes, no empty header cell, labels on cells, one named scroll region a wide table."""

import pandas as pd
from bs4 import BeautifulSoup

from reviewlib.html import table
from reviewlib.site.tables import finish_tables


def soup(html, labels=None):
    return BeautifulSoup(finish_tables(html, set() if labels is None else labels), "html.parser")


def test_a_raw_pandas_table_gets_scopes_and_loses_its_empty_header_cell():
    page = soup(pd.DataFrame({"n": [40], "md": [-1.1]}, index=["Alpha"]).to_html())
    assert all(th["scope"] in ("col", "row") and th.get_text(strip=True) for th in page.find_all("th"))
    assert page.select_one("thead td") is not None
    assert page.select_one('tbody th[scope="row"]').get_text() == "Alpha"


def test_cells_carry_the_name_of_their_column():
    page = soup(
        "<table><thead><tr><th>Trial</th><th>Pain <b>now</b></th></tr></thead>"
        "<tbody><tr><th>A</th><td>1</td></tr></tbody></table>"
    )
    assert page.table["style"] == "--c2:'Pain now'" and page.table["class"] == ["labelled"]
    assert not page.select("[data-label]"), "said once for the table, not in each cell"


def test_a_label_is_written_as_a_style_sheet_reads_it():
    page = soup(table(pd.DataFrame([["x", "1"]], columns=["Trial", "Sherman's \\ <b>"]), "A"))
    assert page.table["style"] == "--c2:'Sherman\\'s \\\\ <b>'"


def test_cells_of_one_column_with_labels_of_their_own_keep_them():
    page = soup(
        "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><th>1</th><td data-label='x'>2</td></tr>"
        "<tr><th>3</th><td>4</td></tr></tbody></table>"
    )
    assert [cell["data-label"] for cell in page.select("td")] == ["x", "B"] and not page.table.get("style")


def test_a_table_that_never_becomes_cards_needs_no_labels():
    page = soup(table(pd.DataFrame([["x", "1"]], columns=["Trial", "A"]), "A", classes="keep"))
    assert not page.select("[data-label]") and not page.table.get("style")


def test_cells_that_span_are_not_labelled_by_counting():
    page = soup(
        "<table><thead><tr><th colspan='2'>A</th><th>B</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>"
    )
    assert not page.select("[data-label]")


def wide(columns, caption="Trials", classes=""):
    return table(pd.DataFrame([["x"] * columns], columns=[f"c{i}" for i in range(columns)]), caption, classes=classes)


def test_rows_of_many_columns_become_cards_unless_told_otherwise():
    assert "card" in soup(wide(3)).table["class"]
    assert soup(wide(2)).table["class"] == ["labelled"]
    assert soup(wide(5, classes="keep")).table["class"] == ["keep"]


def test_two_wide_tables_of_one_caption_get_two_region_names():
    labels = {"Pages"}
    names = [soup(wide(7), labels).select_one("[role=region]")["aria-label"] for _ in range(2)]
    assert names == ["Trials", "Trials (2)"]
    assert soup(wide(6), labels).select_one("[role=region]") is None
    own = f'<div role="region" tabindex="0" aria-label="Forest plot">{wide(8)}</div>'
    assert len(soup(own, labels).select("[role=region]")) == 1


def test_html_without_a_table_is_not_touched():
    html = '<svg viewBox="0 0 1 1"><clipPath id="a"/></svg>'
    assert finish_tables(html, set()) is html


def test_a_caption_that_repeats_the_line_of_its_fold_is_for_a_screen_reader_alone():
    inner = "<table><caption>{}</caption><thead><tr><th>a</th></tr></thead></table>"
    same = finish_tables(f"<details><summary>Two rows</summary>{inner.format('Two rows')}</details>", set())
    other = finish_tables(f"<details><summary>Two rows</summary>{inner.format('Both arms')}</details>", set())
    assert '<caption class="sr">Two rows</caption>' in same and "<caption>Both arms</caption>" in other
