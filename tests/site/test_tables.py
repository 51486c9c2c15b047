"""Tables on pages: scopes, no empty header cell, labels on cells, one named scroll region a wide table."""

from bs4 import BeautifulSoup

from reviewlib.html import table
from reviewlib.site.tables import finish_tables


def soup(html, labels=None):
    return BeautifulSoup(finish_tables(html, set() if labels is None else labels), "html.parser")


def test_a_raw_pandas_table_gets_scopes_and_loses_its_empty_header_cell():
    import pandas as pd

    page = soup(pd.DataFrame({"n": [40], "md": [-1.1]}, index=["Alpha"]).to_html())
    assert all(th["scope"] in ("col", "row") and th.get_text(strip=True) for th in page.find_all("th"))
    assert page.select_one("thead td") is not None
    assert page.select_one('tbody th[scope="row"]').get_text() == "Alpha"


def test_cells_carry_the_name_of_their_column():
    page = soup(
        "<table><thead><tr><th>Trial</th><th>Pain <b>now</b></th></tr></thead>"
        "<tbody><tr><th>A</th><td>1</td></tr></tbody></table>"
    )
    assert page.find("td")["data-label"] == "Pain now"
    assert "data-label" not in page.find("tbody").find("th").attrs


def test_cells_that_span_are_not_labelled_by_counting():
    page = soup(
        "<table><thead><tr><th colspan='2'>A</th><th>B</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>"
    )
    assert not page.select("[data-label]")


def wide(columns, caption="Trials", classes=""):
    import pandas as pd

    return table(pd.DataFrame([["x"] * columns], columns=[f"c{i}" for i in range(columns)]), caption, classes=classes)


def test_rows_of_many_columns_become_cards_unless_told_otherwise():
    assert "card" in soup(wide(3)).table["class"]
    assert not soup(wide(2)).table.get("class")
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
