"""The forest as a table: walkable, escaped, self-contained, with a drawing a row."""

import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

import reviewlib.plots as plots
from reviewlib.plots.bias_marks import ELEMENTS

from .conftest import invented, judged, pooled


def soup(*args, **options):
    return BeautifulSoup(plots.forest_html(*args, **options), "html.parser")


def test_table_has_caption_scopes_labels_and_a_drawing_in_each_row(five):
    page = soup(five, favours=("favours a", "favours b"), caption="Pain at six weeks")
    assert page.caption.text == "Pain at six weeks"
    assert all(th.get("scope") for th in page.find_all("th"))
    rows = page.select("tbody tr")
    assert [tr["class"][0] for tr in rows] == ["study"] * 5 + ["pooled", "prediction"]
    assert all(tr.th["scope"] == "row" and tr.th.text.strip() for tr in rows)
    for tr in rows:
        drawing = tr.select_one("td.plot > svg")
        assert drawing["aria-hidden"] == "true"
        assert all(td.get("data-label") for td in tr.find_all("td") if "plot" not in td["class"])
    scale = page.select_one("tfoot svg")
    assert scale["role"] == "img" and "no difference at 0" in scale["aria-label"]
    assert [s.text for s in page.select(".sides span")] == ["\u2190 favours a", "favours b \u2192"]


def test_pooled_numbers_and_weights_are_text(five):
    page = soup(five)
    low, high = five.ci
    minus = f"{five.estimate:.2f} [{low:.2f}, {high:.2f}]".replace("-", "\u2212")
    assert page.select_one("tr.pooled td.effect").text.strip() == minus
    weights = [float(td.text.rstrip("%")) for td in page.select("tr.study td.weight")]
    assert sum(weights) == pytest.approx(100, abs=0.3)


def test_no_cell_can_bring_markup_or_fetch_anything(five):
    evil = '<script>alert(1)</script>"><img src=x onerror=y>'
    table = five.studies.assign(trial=[evil, *five.studies["trial"][1:]], detail=evil)
    table["excluded"] = [None, None, None, None, evil]
    table.loc[4, ["estimate", "variance", "se"]] = np.nan
    html = plots.forest_html(
        pooled(table),
        detail="detail",
        notes=(evil,),
        caption=evil,
        favours=(evil, evil),
        unit=evil,
        risk_of_bias={evil: {evil: evil}},
        links={"r01": "javascript:alert(1)"},
    )
    page = BeautifulSoup(html, "html.parser")
    assert not page.find_all(["script", "img"]) and "javascript" not in html
    assert evil in page.get_text()
    assert not [t for t in page.find_all(True) if any(a.startswith("on") for a in t.attrs)]
    assert not re.search(r"(src|href)=.?https?:|@import|url\(", html)


def test_rows_link_and_carry_their_numbers(five):
    page = soup(five, links={"r01": "#row-r01"})
    assert page.select_one("tr.study:nth-of-type(2) th a")["href"] == "#row-r01"
    row = page.select_one('tr[data-result="r03"]')
    assert float(row["data-estimate"]) == pytest.approx(five.studies["estimate"][3])
    assert float(row["data-variance"]) == pytest.approx(five.studies["variance"][3])


def test_square_areas_and_places_follow_the_numbers(five):
    page = soup(five, xlim=(-4, 2))
    sides = np.array([float(r["width"]) for r in page.select("rect.estimate")])
    assert (sides / sides.max()) ** 2 == pytest.approx(np.array(five.weights) / max(five.weights), abs=0.02)
    places = [float(r["x"].rstrip("%")) for r in page.select("rect.estimate")]
    assert places == pytest.approx([3 + 94 * (e + 4) / 6 for e in five.studies["estimate"]], abs=0.01)


def test_ratios_stand_on_a_log_scale():
    result = pooled(invented(6, "RR"), "RR")
    page = soup(result, xlim=(0.25, 4))
    assert float(page.select_one("line.null")["x1"].rstrip("%")) == pytest.approx(50)
    assert {t.text for t in page.select("tfoot text")} == {"0.25", "0.5", "1", "2", "4"}


def test_rows_without_an_effect_stay_as_words():
    table = invented(4)
    table.loc[[0, 2], ["estimate", "variance", "se"]] = np.nan
    table.loc[0, "excluded"] = "direction only: favours intervention; P is a bound"
    table.loc[2, "excluded"] = "no SD reported"
    page = soup(pooled(table))
    effects = [td.get_text(" ", strip=True) for td in page.select("tr.study td.effect")]
    assert effects[0] == "favours intervention P is a bound" and effects[2] == "not reported no SD reported"
    assert len(effects) == 4 and not page.select("tr.study")[0].select("rect.estimate, line.interval")


def test_clipped_limits_get_arrows_and_not_pooled_gets_circles(five):
    assert len(soup(five, xlim=(-1.2, -0.9)).select("svg.beyond")) >= 5
    page = soup(five.studies, None, measure="MD", reason="different questions")
    assert len(page.select("circle.estimate")) == 5 and not page.select("rect.estimate, tr.pooled")
    assert "Not pooled: different questions." in page.text


def test_risk_of_bias_says_each_judgement_in_words(five):
    page = soup(five, risk_of_bias=judged(five.studies))
    cell = page.select_one("tr.study td.bias")
    signs = cell.select_one('.marks[role="img"]')
    assert len(signs.find_all(True)) == 6 and re.match("low: A, ", signs["aria-label"])
    assert signs.find(True).name == ELEMENTS["low"] and signs.find(True).text == "+"
    assert [letter.text for letter in page.select("thead .marks > *")] == ["A", "B", "C", "D", "E", "All"]
    assert "A randomization; B deviations" in page.select_one(".forest-notes details").text


def test_groups_are_bodies_of_their_own():
    table = invented(4).assign(group=["early", "early", "late", "late"])
    page = soup(pooled(table), by="group", subgroups={g: pooled(t) for g, t in table.groupby("group")})
    assert [th.text for th in page.select('th[scope="rowgroup"]')] == ["early", "late"]
    assert len(page.find_all("tbody")) == 3 and len(page.select("tr.subtotal")) == 2


def test_style_comes_once_or_not_at_all(five):
    assert plots.forest_html(five).startswith("<style>")
    assert "<style>" not in plots.forest_html(five, style=False)
    assert "http" not in plots.FOREST_CSS and "@import" not in plots.FOREST_CSS
