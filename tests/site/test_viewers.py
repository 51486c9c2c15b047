"""What is left of the committed notebooks where viewers strip what they do not trust: JupyterLab and GitHub.

The lists are shortened to what our outputs use: JupyterLab's are those of `apputils/sanitizer`, GitHub's those of its
documented markup filter. Both keep the letters inside an element that they drop.
"""

import re
from html import unescape

import bleach
import nbformat
import pytest
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib.site import Project
from reviewlib.viewer import ROWS, beginning, bundle, instead, page_form, picture, pictures, viewable

NOTEBOOKS = sorted((Project.find(__file__).root / "notebooks").glob("*.ipynb"))
NAMES = (
    "a b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr tt ul var"
)
TEXT = set(NAMES.split())
CELL = ["align", "colspan", "rowspan", "scope", "valign", "width"]
COMMON = {"a": ["href"], "img": ["alt", "src", "width"], "td": CELL, "th": CELL, "div": ["align"], "details": ["open"]}
VIEWERS = {
    "JupyterLab": (TEXT | {"section", "mark", "header", "footer"}, COMMON | {"*": ["class", "id", "style", "title"]}),
    "GitHub": (TEXT - {"figcaption", "figure"}, COMMON | {"*": ["title", "id"]}),
}
PNG = b"\x89PNG an invented picture"


def stripped(html, viewer):
    """Return the HTML that a viewer shows of an output."""
    tags, attributes = VIEWERS[viewer]
    return bleach.clean(html, tags=tags, attributes=attributes, protocols={"http", "https", "data"}, strip=True)


def unfolded(html, gone):
    """Return a piece of HTML without what is chosen by `gone`."""
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.select(gone):
        element.decompose()
    return soup


def words(html, tags):
    """Return the words of a piece of HTML whose tags are replaced by `tags`; signs above and below belong to theirs."""
    bare = re.sub(r"<(style|script|svg)\b.*?</\1>|</?su[bp]\b[^>]*>", "", html, flags=re.DOTALL)
    return set(re.findall(r"[^\W\d_]+", unescape(re.sub(r"<[^>]*>", tags, bare))))


def glued(html, page):
    """Return the words that run together where every tag of an output is taken away: the page has no such words."""
    ours = words("and more on the page of the site in tables: Comparisons by outcome", "")
    return sorted(words(html, "") - words(page, " ") - ours)


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_survive(path, viewer):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = data.get("text/html", "")
            assert not {"image/png", "image/svg+xml"} & set(data), "a picture travels inside text/html"
            assert not re.search(r"<(svg|script)\b", html), cell.source
            seen, drawn = BeautifulSoup(stripped(html, viewer), "html.parser"), BeautifulSoup(html, "html.parser")
            assert len(seen.find_all("table")) == len(drawn.find_all("table"))
            assert len(seen.find_all("img")) == len(drawn.find_all("img"))
            assert all(
                len(img["alt"]) >= 40 and img["src"].startswith("data:image/png") for img in seen.find_all("img")
            )
            page = page_form(data)
            # Trials on an axis, a figure, a bar of shares: a picture for each that is not folded.
            drawn = unfolded(page, "details, .page-only").select(".forest-plot, figure.plot-figure, .share")
            assert len(unfolded(html, "details").find_all("img")) >= len(drawn), f"a picture is lost: {cell.source}"
            if page != html:
                assert seen.get_text(strip=True), cell.source
                assert all(td.div["align"] == "left" for td in seen.find_all(["td", "th"]))
                assert not glued(html, page), (cell.source, glued(html, page)[:5])
            assert not seen.find_all(string=re.compile("Show all|trials behind these")), "no viewer can do that"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_stays_small(path):
    assert path.stat().st_size < 700_000


def test_both_forms_of_a_drawing():
    drawn = '<figure class="plot-figure"><svg><text>12</text></svg>'
    html = f"<style>p{{}}</style>{drawn}{picture(PNG, 'a > b')}</figure>"
    data = bundle(html, "text")
    assert re.fullmatch(
        r'<figure><img alt="a &gt; b" src="data:image/png;base64,[\w+/=]+"></figure>', data["text/html"]
    )
    assert page_form(data) == f"<style>p{{}}</style>{drawn}</figure>"
    assert pictures(html) == pictures(data["text/html"]) == [PNG]


def test_objects_are_aligned_too():
    studies = {"estimate": [-2.0, -1.0, -1.5], "variance": [0.25, 0.16, 0.2]}
    shown = BeautifulSoup(rl.meta_analysis(studies)._repr_mimebundle_()["text/html"], "html.parser")
    assert shown.td and all(cell.div["align"] == "left" for cell in shown.find_all(["td", "th"]))


def test_html_that_every_viewer_keeps_travels_once():
    assert bundle("<p>Pain fell.</p>", "Pain fell.") == {"text/html": "<p>Pain fell.</p>", "text/plain": "Pain fell."}


def test_words_of_neighbours_stay_apart():
    sides = "<div><span>favours a</span><span>favours b</span></div>"
    links = '<a href="#r1">Ash</a><a href="#r2">Birch</a><a href="x.ipynb">Cedar</a><a href="y.ipynb">Elm</a>'
    rest = f"<p>I<sup>2</sup> [{links}]</p><b>Speed<small>fast</small></b>"
    shown = viewable(f"{sides}<dl><dt>n</dt><dd>26</dd></dl>{rest}")
    assert re.sub(r"<[^>]*>", "", shown).split() == [
        "favours",
        "a",
        "favours",
        "b",
        "n",
        "26",
        "I2",
        "[Ash",
        "Birch",
        "Cedar",
        "Elm]",
        "Speed",
        "fast",
    ]


def test_what_only_a_page_can_do_is_left_out_or_said_in_another_way():
    html = '<form><button>Show all</button></form><p class="note page-only">A mark leads to its trials.</p>'
    html += f'<table class="page-only"><tr><td></td></tr></table>{instead("<table><tr><td>a < b</td></tr></table>")}'
    data = bundle(f"{html}<p>End.</p>", "text")
    assert re.sub(r"\s+", " ", BeautifulSoup(data["text/html"], "html.parser").get_text(" ")).strip() == "a < b End."
    assert "a < b" not in page_form(data) and "Show all" in page_form(data)


def test_a_long_table_says_how_many_rows_follow():
    rows = "".join(f"<tr><td>{i}</td></tr>" for i in range(ROWS + 1200))
    shown = BeautifulSoup(viewable(f"<table><tbody>{rows}</tbody></table><p>End.</p>"), "html.parser")
    assert len(shown.find_all("tr")) == ROWS
    assert shown.p.get_text() == "… and 1,200 more on the page of the site and in the tables."
    assert shown.find_all("p")[1].get_text() == "End."


def test_a_fold_within_a_fold_is_one_line():
    inner = "<details><summary>Inner</summary><table><tr><td>1</td></tr></table></details>"
    hidden = "<details hidden><summary>No</summary></details>"
    shown = viewable(f"<details><summary>Outer</summary>{hidden}{inner}{inner}<p>After</p></details><p>Last</p>")
    assert re.sub(r"\s+", " ", shown).replace("> <", "><") == (
        "<details><summary>Outer</summary><p>Inner (on the page of the site)</p><p>Inner (on the page of the site)</p>"
        "<p>After</p></details><p>Last</p>"
    )


def test_text_is_cut_to_its_first_lines():
    assert beginning("a\nb") == "a\nb"
    assert beginning("\n".join("x" * 200 for _ in range(14))).splitlines()[-1] == "… and 2 more lines"
