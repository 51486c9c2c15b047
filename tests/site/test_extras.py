"""What the build adds: files to take along, citations, a feed, explained terms, admitted scripts, lighter pictures."""

import csv
import dataclasses
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from base64 import b64decode, b64encode
from io import BytesIO, StringIO

import pytest
from bs4 import BeautifulSoup
from kinds import display
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from reviewlib import page
from reviewlib.evidence.review import Author, Review, Term
from reviewlib.page.again import figures_of
from reviewlib.page.figures import forest
from reviewlib.page.glossary import general, terms
from reviewlib.site import figure_files
from reviewlib.site.build import build
from reviewlib.site.cite import Citation, feed, sitemap
from reviewlib.site.downloads import as_csv, downloads
from reviewlib.site.lighter import lighter_picture, shared_styles
from reviewlib.site.links import page_links, settled
from reviewlib.site.scripts import NEEDED, admitted, policy, scripts
from reviewlib.site.tables import finish_tables
from reviewlib.site.terms import explained, pattern
from reviewlib.viewer import bundle, page_form, picture

ALT = "Forest plot of 9 trials. Pooled mean difference -1.1 points, 95% interval -1.9 to -0.3."
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIGURE = (
    '<table><caption>Trials</caption><thead><tr><th scope="col">Trial</th><th scope="col">Plot</th></tr></thead>'
    '<tbody><tr data-estimate="-1.25" data-variance="0.5"><th scope="row">=1+1</th>'
    '<td><svg aria-hidden="true"></svg></td></tr>'
    "</tbody></table>"
    f'<figure class="plot-figure"><div class="plot-scroll" role="region" aria-label="Figure: Pain at a week">'
    f'<svg role="img" xmlns="http://www.w3.org/2000/svg" aria-label="{ALT}">'
    '<path id="a" d="M 1.23456 2 \nL 3 4"/></svg>'
    "</div></figure>"
)
ANSWER = '<section class="answer" aria-label="The answer"><p class="bottom-line">It &lt;may&gt; help.</p></section>'


@pytest.fixture
def site(project, write):
    """Build a front page and a massage page with an answer and a figure; return the project."""
    write("start", "# Front")
    drawn = FIGURE.replace("</svg>", "</svg>" + picture(b64decode(PNG), "Pain at a week"))
    output = new_output("display_data", data=bundle(drawn, "p"))
    write("massage", "# Does it help?", ("a", display("text/html", ANSWER)), ("b", output))
    build(project, project.notebooks())
    return project


def test_every_download_on_a_page_exists(site):
    page = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    names = [link["href"] for link in page.select("a[download]")]
    assert {name.rsplit(".", 1)[1] for name in names} == {"svg", "html", "csv", "bib", "json", "xml"}
    assert all((site.site / name).stat().st_size for name in names)


def test_a_downloaded_picture_stands_by_itself(site):
    (picture,) = site.site.glob("figures/*.svg")
    assert ET.fromstring(picture.read_text()).tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(site.site.glob("figures/*.png")), "a picture of a notebook is too small for a journal"
    alone = BeautifulSoup((site.site / "figures" / "massage-pain-at-a-week.html").read_text(), "html.parser")
    assert alone.svg and not alone.select("script, img, link, [src]")
    assert "default-src 'none'" in str(alone.meta.find_next("meta"))
    assert [link["href"] for link in alone.select("a")] == ["../massage.html#figure-massage-pain-at-a-week"]
    home = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    assert home.select_one("#figure-massage-pain-at-a-week svg")


def test_a_site_with_an_address_is_built_and_says_how_to_embed_each_figure(site):
    (site.root / "evidence" / "review.yml").write_text("title: Rubs\nsite: https://example.org/r\n")
    build(site, site.notebooks())
    page = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    assert page.select_one("link[rel=canonical]")["href"] == "https://example.org/r/massage.html"
    assert 'src="https://example.org/r/figures/massage-pain-at-a-week.html"' in page.select_one("figure code").text


@pytest.mark.parametrize(
    ("call", "shown", "widths"),
    [
        ("flow", lambda topic: page.flow(topic), [89]),
        ("people", lambda topic: page.people(topic, "neck-pain-responder-short"), [89, 89]),
        ("example_ratings", lambda topic: page.figures.example_ratings(), [178, 89]),
    ],
)
def test_a_figure_is_drawn_again_as_a_journal_prints_it(evidence, call, shown, widths):
    """300 dots an inch, one column or a page wide, with the words of the page; not where the tables have changed."""
    topic = evidence["massage"]
    block = shown(topic)
    output = new_output("display_data", data=block._repr_mimebundle_())
    nb = new_notebook(cells=[new_code_cell("x", outputs=[output])])
    assert f'data-drawn="{call}' in page_form(output.data)
    made = [file for file in downloads(nb, "massage", evidence.review, evidence)[0][0] if file.name.endswith(".png")]
    pictures = [Image.open(BytesIO(file.content)) for file in made]
    assert [round(picture.width / picture.info["dpi"][0] * 25.4) for picture in pictures] == widths
    assert {round(picture.info["dpi"][0]) for picture in pictures} == {300}
    assert [("column" in file.name) for file in made] == [width == 89 for width in widths]
    assert not [file for file in downloads(nb, "massage", evidence.review)[0][0] if file.name.endswith(".png")]


def test_a_call_that_no_page_has_draws_nothing(evidence):
    assert figures_of(evidence, "exit 1") == {}


def test_the_data_of_a_figure_hold_the_numbers_and_run_no_formula(site):
    (data,) = site.site.glob("figures/*.csv")
    rows = list(csv.DictReader(StringIO(data.read_text())))
    assert rows == [{"Trial": "'=1+1", "estimate": "-1.25", "variance": "0.5"}]


def test_a_negative_number_in_a_table_stays_a_number():
    table = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>-2.5</td></tr></tbody></table>"
    assert as_csv(BeautifulSoup(table, "html.parser").table) == "a\n-2.5\n"


def test_files_of_an_earlier_build_do_not_stay(site, write):
    write("massage", "# Does it help?", ("a", display("text/html", ANSWER)))
    build(site, site.notebooks())
    assert list(site.site.glob("figures/*")) == []
    assert (site.site / "cite" / "massage.bib").exists()


def test_citations_name_title_date_version_and_data(site):
    bib = (site.site / "cite" / "massage.bib").read_text()
    (item,) = json.loads((site.site / "cite" / "massage.json").read_text())
    assert item["title"] == "Does it help?" and item["issued"] == {"date-parts": [[2026, 11, 22]]}
    assert item["abstract"] == "It <may> help."
    for text in (bib, item["note"]):
        assert site.evidence() in text
    assert bib.count("{") == bib.count("}")


def test_the_facts_for_search_engines_are_json_and_cannot_end_their_element():
    cited = Citation("x", "A </script><script>alert(1)</script>", Review(), "S", "2026-11-22", "1", "0" * 64)
    assert "<" not in cited.json_ld()
    assert json.loads(cited.json_ld())["headline"] == cited.title
    assert json.loads(cited.json_ld())["@type"] == "ScholarlyArticle"


def test_a_page_is_cited_by_the_authors_of_its_review():
    people = (Author("Doe J", "0000-0002-1825-0097", "A university"), Author("Smith & Sons"))
    review = Review("Inhalers", "Inhalers", authors=people, site="https://example.org/r/", language="de")
    cited = Citation("drugs", "Do they help?", review, "Yes.", "2026-11-22", "1", "0" * 64)
    assert cited.text.startswith("Doe J, Smith & Sons (2026). Do they help? In: Inhalers. Version 1")
    assert cited.text.endswith("https://example.org/r/drugs.html")
    assert "author = {{Doe J} and {Smith \\& Sons}}," in cited.bibtex()
    item, facts = json.loads(cited.csl())[0], json.loads(cited.json_ld())
    assert [who["literal"] for who in item["author"]] == ["Doe J", "Smith & Sons"] and item["language"] == "de"
    assert [who["@type"] for who in facts["author"]] == ["Person", "Organization"]
    assert facts["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"


def test_a_review_that_names_nobody_is_cited_by_its_title():
    cited = Citation("drugs", "Do they help?", Review(), "Yes.", "2026-11-22", "1", "0" * 64)
    assert cited.text.startswith("Do they help? (2026). In: Evidence review. Version 1")
    assert "author" not in cited.bibtex() + cited.csl() + cited.json_ld()
    untitled = Citation("drugs", "Methods", Review(), "", "", "1", "0" * 64)
    assert untitled.text.startswith("Methods. In: ")


def test_two_reviews_share_no_entry_of_a_feed():
    def ids(review):
        entry = Citation("drugs", "T", review, "Yes.", "2026-11-22", "1", "0" * 64)
        return set(re.findall("urn:uuid:[^<]+", feed([entry], review).content.decode()))

    assert len(ids(Review("A")) | ids(Review("B"))) == 4


def test_the_feed_holds_an_entry_for_each_conclusion(site):
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(site.site / "feed.xml").getroot()
    (entry,) = feed.findall(f"{atom}entry")
    assert entry.findtext(f"{atom}summary") == "It <may> help."
    assert entry.findtext(f"{atom}updated") == "2026-11-22T00:00:00Z" == feed.findtext(f"{atom}updated")
    assert len({element.text for element in feed.iter(f"{atom}id")}) == 2


def test_everything_beside_the_pages_is_the_same_when_built_again(site):
    before = {path: path.read_bytes() for path in site.site.rglob("*") if path.is_file()}
    build(site, site.notebooks())
    assert {path: path.read_bytes() for path in site.site.rglob("*") if path.is_file()} == before


def test_only_scripts_that_a_page_needs_stand_on_it_each_admitted_by_its_hash(site):
    page = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    rules = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    run = [script.string for script in page.find_all("script") if not script.get("type")]
    digest = b64encode(hashlib.sha256(run[0].encode()).digest()).decode()
    assert len(run) == 1 and f"script-src 'sha256-{digest}'" in rules
    assert "unsafe" not in rules.split("script-src")[1]
    assert "script-src" not in policy([])


def test_every_script_is_named_and_small():
    sources = scripts("".join(mark for marks in NEEDED.values() for mark in marks))
    assert len(sources) == len(NEEDED) == len({admitted(source) for source in sources})
    assert all(len(source) < 8000 and "</script" not in source for source in sources)


@pytest.mark.parametrize("term", [term for term in general() if term.written], ids=lambda term: term.term)
def test_every_term_has_a_meaning_and_is_found_in_its_own_name(term):
    assert term.meaning and pattern(term).search(term.term)


def test_a_review_adds_terms_and_says_those_of_the_field_in_its_own_words():
    review = Review(glossary=(Term("Wheeze", "A whistle", ("wheeze",)), Term("Risk of bias", "Our words")))
    assert [t.meaning for t in terms(review) if t.term in ("Wheeze", "Risk of bias")] == ["A whistle", "Our words"]
    page = explained("<main><p>Wheeze, not wheezes. SMD</p></main>", terms(review))
    assert page.count('class="term"') == 2 and '">Wheeze</button>, not wheezes' in page and "A whistle" in page
    assert "Wheeze" not in explained("<main><p>no wheezes</p></main>", terms(review))


def test_a_term_is_explained_once_where_it_can_be_seen():
    page = explained(
        '<main><h2>SMD</h2><p><a href="#x">SMD</a></p><details><p>SMD folded</p></details>'
        "<p>The SMD, and SMD</p></main>",
        general(),
    )
    assert page.count('class="term"') == 1
    assert '<p>The <button type="button" class="term"' in page
    target = re.search(r'popovertarget="([^"]+)"', page)[1]
    assert f'<div popover id="{target}" class="term-note"><strong>SMD' in page


def test_the_longer_of_two_terms_is_explained_first():
    page = explained("<main><p>a standardized mean difference</p></main>", general())
    assert ">standardized mean difference</button>" in page


def test_a_row_on_another_page_is_linked_there_and_a_figure_that_is_nowhere_is_words(project):
    html = '<a href="#row-massage-r1">1</a> <a href="#trials-massage-c">c</a>'
    assert page_links(html, "explore.html", {"massage.html"}, project).count('href="massage.html#') == 2
    assert page_links(html, "explore.html", set(), project) == "<span>1</span> <span>c</span>"
    here = page_links(html, "massage.html", {"massage.html"}, project)
    assert here == '<a href="#row-massage-r1">1</a> <span>c</span>'
    assert settled({"a.html": '<a href="b.html#no">x</a><a href="b.html#yes">y</a>', "b.html": '<p id="yes">'}) == {
        "a.html": '<a href="b.html">x</a><a href="b.html#yes">y</a>',
        "b.html": '<p id="yes">',
    }


def test_a_lighter_picture_is_the_same_picture():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg">\n <g id="unused">\n  <path id="m" d="M 1.23456 2 \nL 3 4 \nz\n" '
        'style="fill: #fff; stroke: none"></path></g><use xlink:href="#m" x="1.999999"></use>'
        '<text aria-label="1.23456">1.23456</text></svg>'
    )
    assert lighter_picture(svg) == (
        '<svg><g><path id="m" d="M1.23 2L3 4z" style="fill:#fff;stroke:none"/></g><use href="#m" x="1.99"/>'
        '<text aria-label="1.23456">1.23456</text></svg>'
    )


def test_a_style_that_returns_often_is_said_once():
    style = "fill:#123456;stroke-width:0.6"
    marks = "".join(f'<path d="M{i} 0" style="{style}"/>' for i in range(3))
    page = f'<style>p{{}}</style><svg>{marks}<path class="a" d="M9 9" style="{style}"/><path style="fill:red"/></svg>'
    made = shared_styles(page)
    assert made.count(style) == 1 and f"svg .z0.z0{{{style}}}" in made
    assert made.count("class=z0") == 3 and 'class="z0 a"' in made and 'style="fill:red"' in made
    words = "<style></style>" + '<p style="color:red"></p>' * 4
    assert shared_styles(words) == words


def test_a_figure_has_an_address_of_its_own(site):
    page = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    figure = page.select_one("figure.plot-figure")
    assert figure["id"] == "figure-massage-pain-at-a-week" and figure.select_one(f'a[href="#{figure["id"]}"]')


def test_a_shared_page_says_what_it_is_and_claims_no_address_it_does_not_have(site):
    page = BeautifulSoup((site.site / "massage.html").read_text(), "html.parser")
    said = {meta["property"]: meta["content"] for meta in page.select("meta[property]")}
    assert said["og:description"] == "It <may> help." and said["og:title"].startswith("Does it help?")
    assert not {"og:url", "og:image"} & set(said) and not page.select("link[rel=canonical]")
    assert not (site.site / "sitemap.xml").exists()


def test_a_site_with_an_address_has_a_map():
    review = Review(site="https://example.org/r/")
    facts = {"title": "A", "sentence": "", "version": "1", "checksum": "0" * 12, "review": review}
    cited = [Citation(stem=stem, edited=day, **facts) for stem, day in (("index", ""), ("a&b", "2026-11-22"))]
    made = sitemap(cited, review)
    tree = ET.fromstring(made["sitemap.xml"])
    assert [[part.text for part in url] for url in tree] == [
        ["https://example.org/r/index.html"],
        ["https://example.org/r/a&b.html", "2026-11-22"],
    ]
    assert sitemap([], Review()) == {}


def test_a_forest_can_stand_in_another_page(evidence, monkeypatch):
    """All it needs is in its file; nothing is fetched; its links lead back to the page and to the rows."""
    monkeypatch.setattr(figure_files, "files_of", lambda *parts: {})
    key = "lbp-disability-short"
    html = finish_tables(str(forest(evidence["massage"], key, picture=False).html), set())
    there = dataclasses.replace(evidence, review=dataclasses.replace(evidence.review, site="https://example.org/r/"))
    out, files = figure_files.with_files(html, "massage", there)
    (file,) = (file for file in files if file.name.endswith(".html"))
    assert file.name == f"figures/massage-{key}.html"
    page = BeautifulSoup(file.content.decode(), "html.parser")
    assert len(page.select("tr[data-estimate]")) == 2 and "Heterogeneity: tau² 0" in page.text
    assert not page.select("script, img, link, [src]") and "default-src 'none'" in str(page.meta.find_next("meta"))
    links = [link["href"] for link in page.select("a")]
    assert links[-1] == f"../massage.html#trials-massage-{key}"
    assert all(link.startswith("../massage.html#row-massage-") for link in links[:-1]) and len(links) == 3
    offered = BeautifulSoup(out, "html.parser")
    assert offered.select_one(f'a[href="#trials-massage-{key}"]').text == "Link to this figure"
    assert f'src="https://example.org/r/{file.name}"' in offered.select("code")[-1].text


def test_a_forest_is_drawn_again_only_when_something_in_it_changed(evidence, monkeypatch):
    drawn, html = (
        [],
        '<div class="forest-block"></div><p class="downloads" data-figure="massage lbp-disability-short"></p>',
    )
    files = {"svg": b"a", "column.png": b"b", "page.png": b"c"}
    monkeypatch.setattr(figure_files, "files_of", lambda *parts: drawn.append(parts) or dict(files))
    monkeypatch.setattr(figure_files, "_csv", lambda html: b"")
    monkeypatch.setattr(figure_files, "_embedded", lambda *parts: b"")

    def again(before):
        made = figure_files.with_files(html, "massage", evidence, figure_files.drawn_in({"files": before}))[1]
        return [{"name": file.name, "content": file.content, "made_of": file.made_of} for file in made]

    first = again([])
    assert again(first) == first and len(drawn) == 1
    studies, pooled, options = drawn[0]
    monkeypatch.setattr(figure_files, "to_print", lambda *names: (studies, pooled, options | {"unit": "another"}))
    assert again(first) != first and len(drawn) == 2


def test_a_figure_of_which_nothing_changed_keeps_its_pictures(evidence, monkeypatch):
    again = []
    monkeypatch.setattr("reviewlib.site.downloads.figures_of", lambda evidence, call: again.append(call) or {})
    figure = '<figure class="plot-figure" data-drawn="f @a"><svg aria-label="x">1</svg></figure>'
    nb = new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", data={"text/html": figure})])])
    (made,) = (f.made_of for f in downloads(nb, "a", evidence.review, evidence)[0][0] if f.name.endswith(".svg"))
    files = downloads(nb, "a", evidence.review, evidence, {(made, "page.png"): b"p"})[0][0]
    assert [f.content for f in files if f.name.endswith(".png")] == [b"p"] and again == ["f @a"]
    changed = figure.replace(">1<", ">2<")
    nb.cells[0].outputs[0].data["text/html"] = changed
    downloads(nb, "a", evidence.review, evidence, {(made, "page.png"): b"p"})
    assert again == ["f @a"] * 2
