"""Pages: everything in the notebook is on them, nothing is fetched, and a fault stops the build."""

import bz2
import re
import shutil
from base64 import b85encode

import nbformat
import pytest
from bs4 import BeautifulSoup
from kinds import display, result, stream
from nbformat.v4 import new_output

from reviewlib.site import SiteError, pages
from reviewlib.site.build import build, readme_in_step
from reviewlib.viewer import PAGE

TABLE = (
    "<table><caption>Trials</caption><thead><tr><th>Trial</th></tr></thead>"
    "<tbody><tr><th>Alpha 2010</th></tr></tbody></table>"
)
ALT = "Forest plot of 9 trials. Pooled mean difference -1.1 points, 95% interval -1.9 to -0.3."
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = '<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>'


def one_page(project, write, *cells):
    write("start", "# A page", *cells)
    (path,) = build(project, project.notebooks())
    return BeautifulSoup(path.read_text(), "html.parser")


def fault(project, write, *cells):
    with pytest.raises(SiteError) as caught:
        one_page(project, write, *cells)
    assert not project.site.exists()
    return str(caught.value)


def test_every_kind_of_output_is_on_the_page(project, write):
    page = one_page(
        project,
        write,
        ("a", result("text/html", TABLE), display("text/html", "<p>shown</p>"), stream("printed <b>\x1b[31m!\x1b[0m")),
        ("b", result("text/plain", "plain <script>alert(1)</script>")),
        ("c", display("image/png", PNG, **{"image/png": {"alt": ALT}})),
        ("d", result("text/latex", "$\\tau^2$")),
    )
    outputs = page.select("main div.output")
    assert [o.get_text(strip=True) for o in outputs[1:4]] == [
        "shown",
        "printed <b>!",
        "plain <script>alert(1)</script>",
    ]
    assert outputs[0].find("th", string="Alpha 2010")
    assert outputs[4].img["alt"] == ALT
    assert outputs[5].find("math")
    assert [s["type"] for s in page.find_all("script", type=True)] == ["application/ld+json"]


def test_html_is_preferred_to_the_picture_and_the_plain_text(project, write):
    output = new_output("display_data", data={"text/plain": "p", "image/png": PNG, "text/html": "<p>h</p>"})
    assert one_page(project, write, ("a", output)).select_one("div.output").get_text(strip=True) == "h"


@pytest.mark.parametrize("kept", ["display_data", "stream"])
def test_a_template_that_drops_a_kind_of_output_fails_the_build(project, write, monkeypatch, tmp_path, kept):
    template = (pages.HERE / "page.html.j2").read_text()
    (tmp_path / "t").mkdir()
    loop = '{%- elif part.kind == "output" %}'
    assert loop in template
    wrong = f"{{%- elif part.kind == 'output' and (part.class == 'stream') == {kept == 'stream'} %}}"
    (tmp_path / "t" / "page.html.j2").write_text(template.replace(loop, wrong))
    (tmp_path / "t" / "page.css").write_text("")
    monkeypatch.setattr(pages, "HERE", tmp_path / "t")
    assert "the notebook has 2 outputs, the page 1" in fault(
        project, write, ("a", result("text/html", TABLE), stream("x"))
    )


def test_a_table_that_is_lost_inside_its_output_fails_the_build(project, write, monkeypatch):
    monkeypatch.setattr(pages, "finish_tables", lambda html, labels: re.sub("<table.*</table>", "", html))
    message = fault(project, write, ("a", result("text/html", f"<p>Below</p>{TABLE}")))
    assert "output 1 lost text on its way to the page" in message
    assert "output 1 lost a table" in message


def test_an_output_that_no_page_can_show_is_refused(project, write):
    assert "application/vnd.jupyter.widget-view+json" in fault(
        project, write, ("a", result("application/vnd.jupyter.widget-view+json", {"model_id": "1"}))
    )


@pytest.mark.parametrize(
    ("alt", "why"),
    [
        ("", "no alternative text"),
        ("No description has been provided for this image", "placeholder"),
        ("massage_forest_plot_of_pain_at_one_week_final.png", "placeholder"),
        ("3f786850e387550fdab836ed7e6dc881de23001b3f786850", "placeholder"),
        ("<Figure size 640x480 with 1 Axes and some more words 12>", "placeholder"),
        ("Forest plot of 9 trials", "fewer than 40 characters"),
        ("Forest plot of nine trials with the pooled mean difference", "without a number"),
    ],
)
def test_a_picture_needs_real_words(project, write, alt, why):
    png = display("image/png", PNG, **{"image/png": {"alt": alt}})
    assert why in fault(project, write, ("a", png))
    figure = f'<figure aria-label="{alt.replace("<", "&lt;")}">{SVG}<figcaption>A figure</figcaption></figure>'
    assert why in fault(project, write, ("a", display("text/html", figure)))


@pytest.mark.parametrize(
    "html",
    [
        f'<figure role="img" aria-label="{ALT}">{SVG}</figure>',
        f"<figure>{SVG.replace('<svg', f'<svg role=img aria-label={ALT!r}')}</figure>",
        f"{SVG.replace('><path', f'><title>{ALT}</title><path')}",
        TABLE.replace("Alpha 2010", f"Alpha 2010 {SVG.replace('<svg', '<svg aria-hidden=true')}"),
        f"<p>Low certainty {SVG.replace('<svg', '<svg aria-hidden=true')}</p>",
    ],
)
def test_words_may_stand_on_the_figure_the_picture_or_beside_it(project, write, html):
    assert one_page(project, write, ("a", display("text/html", html))).find("svg")


def test_a_whole_figure_cannot_be_hidden_from_a_screen_reader(project, write):
    hidden = f"<figure>{SVG.replace('<svg', '<svg aria-hidden=true')}</figure>"
    assert "no alternative text" in fault(project, write, ("a", display("text/html", hidden)))


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (TABLE.replace("<caption>Trials</caption>", ""), "has no caption"),
        (
            '<section aria-label="Trials"><p>1</p></section><section aria-label="Trials"><p>2</p></section>',
            "two regions are called",
        ),
        ('<p aria-describedby="gone">x</p>', "#gone, which stands 0 times"),
        ("<h4>Deep</h4>", "a level is skipped"),
        ("<h1>Another</h1>", "2 <h1>, not one"),
        ("<script>alert(1)</script><p>x</p>", "a script or a frame"),
        ('<p>x<img src="https://example.org/a.png" alt="x"></p>', "would fetch https://example.org/a.png"),
        ("<style>@import 'https://example.org/a.css';</style><p>x</p>", "a style would fetch"),
        ('<p style="background:url(//example.org/x)">x</p>', "a style would fetch"),
        ('<p><a href="nowhere.html">x</a></p>', "nowhere.html, which is not a page of this site"),
        ('<p><a href="#nowhere">x</a></p>', "#nowhere, which is not on the page"),
        ("<p></p>", "output 1 is empty"),
    ],
)
def test_a_page_with_a_fault_is_not_built(project, write, html, why):
    message = fault(project, write, ("a", display("text/html", html)))
    assert message.startswith("notebooks/start.ipynb: ")
    assert why in message


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (b85encode(bz2.compress(bytes(10_000_000))).decode(), "cell 2: .* unpacks to over 10,000,000 bytes"),
        (b85encode(b"BZh91AY&SY, cut short").decode(), "cell 2: .* is damaged: execute the notebook again"),
        ("'no base 85", "cell 2: .* is damaged"),
        (b85encode(bz2.compress(b"\xff\xfe")).decode(), "cell 2: .* is damaged"),
    ],
)
def test_the_form_for_the_page_that_is_damaged_or_a_bomb_is_told(project, write, packed, why):
    assert re.search(why, fault(project, write, ("a", display(PAGE, packed))))


def test_an_error_a_warning_and_an_unexecuted_cell_are_refused(project, write):
    error = new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    assert "cell 2 ends in ZeroDivisionError: division by zero" in fault(project, write, ("1/0", error))
    printed = fault(project, write, ("w", stream("x" * 1_000_001)))
    assert "cell 2 printed 1,000,001 characters, more than a page can hold" in printed
    assert "cell 2 wrote to stderr: look again" in fault(project, write, ("w", stream("look again", "stderr")))
    assert len(fault(project, write, ("w", stream("y" * 900_000, "stderr")))) < 1000
    huge = fault(project, write, ("w", display("text/html", "<b>" + "z" * 10_000_000 + "</b>")))
    assert "its cells show 10,000,007 characters, more than the 10,000,000 that a page can hold" in huge
    path = write("start", "# A page", ("print(1)",))
    path.write_text(path.read_text().replace('"execution_count": 1', '"execution_count": null'))
    with pytest.raises(SiteError, match="cell 2 was never executed"):
        build(project, project.notebooks())


def test_the_site_has_a_page_a_notebook_in_reading_order_and_keeps_no_old_page(project, write):
    for name in ("zebra", "massage", "start"):
        write(name, f"# The {name} page\n\n[front](start.ipynb) [trials](massage.ipynb#the-massage-page)")
    pages = "{notebook: start, label: Start here, kind: front}, {notebook: massage, label: Massage, topic: massage}"
    (project.root / "evidence" / "review.yml").write_text(f"title: Hands\npages: [{pages}]\n")
    project.site.mkdir()
    (project.site / "gone.html").write_text("old")
    build(project, project.notebooks())
    assert sorted(path.name for path in project.site.glob("*.html")) == ["index.html", "massage.html", "zebra.html"]
    page = BeautifulSoup((project.site / "massage.html").read_text(), "html.parser")
    links = page.select("nav a")
    assert [(a["href"], a.text) for a in links] == [
        ("index.html", "Start here"),
        ("massage.html", "Massage"),
        ("zebra.html", "The zebra page"),
    ]
    assert [a.get("aria-current") for a in links] == [None, "page", None]
    assert [a["href"] for a in page.select("main p a")] == ["index.html", "massage.html#the-massage-page"]
    assert page.title.text == "The massage page - Hands"


def test_a_page_that_review_yml_lists_and_nobody_wrote_is_told(project, write):
    write("start", "# Front")
    pages = "{notebook: start, label: Start, kind: front}, {notebook: gone, label: Gone}"
    (project.root / "evidence" / "review.yml").write_text(f"title: Hands\npages: [{pages}]\n")
    with pytest.raises(SiteError, match="review.yml lists pages that are not there: notebooks/gone.ipynb"):
        project.notebooks()


def test_building_nothing_is_a_failure(project, write):
    with pytest.raises(SiteError, match="holds no notebook"):
        project.notebooks()
    write("massage", "# A page")
    with pytest.raises(SiteError, match="start.ipynb is missing"):
        build(project, project.notebooks())
    with pytest.raises(SiteError, match="no notebook named start: there are massage"):
        project.notebooks(["start"])


def test_building_twice_gives_the_same_bytes(project, write):
    write("start", "# A page\n\n$x$", ("a", result("text/html", TABLE)))
    (path,) = build(project, project.notebooks())
    first = path.read_bytes()
    path.unlink()
    build(project, project.notebooks())
    assert path.read_bytes() == first


def test_the_page_says_what_it_was_made_from(project, write):
    write("start", "# Front")
    path = write("massage", "# A *page*\n\nText")
    nb = nbformat.read(path, as_version=4)
    nb.metadata["reviewlib"] = {"made_with": {"numpy": "2.4.6", "scipy": "1.17.1"}}
    nbformat.write(nb, path)
    build(project, project.notebooks())
    page = BeautifulSoup((project.site / "massage.html").read_text(), "html.parser")
    assert "Computed with numpy 2.4.6, scipy 1.17.1" in page.footer.text
    line = page.select_one("h1 + p.provenance").text
    assert line.startswith("Last search 2026-11-20 · tables edited 2026-11-22 · data ")
    assert project.evidence()[:12] in line
    assert page.html["lang"] == "en"
    assert page.select_one("a.skip")["href"] == "#" + page.main["id"]


def test_tables_that_changed_since_lend_neither_checksum_nor_dates_to_old_numbers(project, write):
    write("start", "# Front")
    path, old = write("massage", "# A page\n\nText"), project.evidence()
    nb = nbformat.read(path, as_version=4)
    nb.metadata["reviewlib"] = {"evidence": old}
    nbformat.write(nb, path)
    (project.root / "evidence/massage/results.csv").write_text("result_id,mean_int\nr1,9.3\n")
    build(project, project.notebooks())
    page = (project.site / "massage.html").read_text()
    assert "The tables have changed since this page was computed, and it shows the earlier numbers" in page
    assert old[:12] in page and project.evidence()[:12] not in page and "2026-11-22" not in page
    assert old in (project.site / "cite/massage.bib").read_text()


def test_the_policy_lets_nothing_out(project, write):
    page = one_page(project, write)
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy and "http" not in policy and "script-src" not in policy
    for name in (".answer", ".forest-plot", ".plot-figure"):
        assert name in page.style.string
    links = {link["rel"][0]: link["href"] for link in page.find_all("link")}
    assert links["icon"].startswith("data:image/svg+xml,") and list(links) == ["icon", "alternate"]


def test_code_is_folded_and_told_with_the_result_it_led_to(project, write):
    page = one_page(project, write, ("import reviewlib as rl",), ("x = 1 < 2",), ("x", stream("True")), ("unused = 0",))
    folded = page.select("div.code")
    assert len(folded) == 2 and len(page.select("#show-code")) == 1, "one switch shows all of them"
    assert folded[0].code.text == "import reviewlib as rl\n\nx = 1 < 2\n\nx"
    assert folded[1].code.text == "unused = 0"


def test_formulas_are_mathml_and_a_wrong_one_is_told(project, write):
    page = one_page(project, write, "Inline $\\tau^2$, and\n\n$$\\frac{a}{b}$$\n\nand 5 dollars")
    assert [m["display"] for m in page.find_all("math")] == ["inline", "block"]
    assert page.find("mfrac")
    assert "the formula '\\\\left(' cannot be shown" in fault_in_new_project(project, write, "$\\left($")


def fault_in_new_project(project, write, text):
    write("start", f"# A page\n\n{text}")
    with pytest.raises(SiteError) as caught:
        build(project, project.notebooks())
    return str(caught.value)


def test_headings_can_be_linked_and_have_ids_of_their_own(project, write):
    page = one_page(project, write, "## The trials\n\n## The trials\n\n[up](#the-trials-2)")
    assert [h["id"] for h in page.find_all("h2")] == ["the-trials", "the-trials-2"]


def test_a_page_is_made_again_only_when_something_behind_it_changed(project, write):
    write("start", "# Front")
    massage = write("massage", "# A page", ("a", result("text/html", TABLE)))

    def built():
        lines = []
        build(project, project.notebooks(), say=lines.append)
        return [line.partition(":")[0] for line in lines]

    assert built() == ["start", "massage"]
    page = (project.site / "massage.html").read_bytes()
    assert built() == []
    (project.site / "massage.html").write_text("damaged")
    assert built() == [] and (project.site / "massage.html").read_bytes() == page
    (project.cache / "pages" / "start.zip").write_text("{")
    assert built() == ["start"]
    massage.write_text(massage.read_text().replace("Alpha", "Beta"))
    assert built() == ["massage"] and b"Beta 2010" in (project.site / "massage.html").read_bytes()
    (project.root / "evidence/massage/topic.yml").write_text("id: massage\nsearched: 2026-11-21\n")
    assert built() == ["start", "massage"]
    write("third", "# A third page")
    assert built() == ["start", "massage", "third"]


def test_pages_made_side_by_side_are_those_made_one_by_one(project, write):
    for name in ("start", "massage", "zebra"):
        write(name, f"# The {name}", ("a", result("text/html", TABLE)))
    first = [path.read_bytes() for path in build(project, project.notebooks(), jobs=1)]
    shutil.rmtree(project.cache)
    assert [path.read_bytes() for path in build(project, project.notebooks(), jobs=2)] == first


def test_the_readme_is_looked_at_again_only_when_something_behind_it_changed(project, write, monkeypatch):
    write("start", "# Front")
    looked = []
    monkeypatch.setattr("reviewlib.page.readme.in_step", lambda *paths: looked.append(paths) or {})

    def again():
        looked.clear()
        readme_in_step(project)
        return len(looked)

    assert (again(), again()) == (1, 0)
    (project.root / "README.md").write_text("# Another")
    assert (again(), again()) == (1, 0)
    (project.root / "evidence/massage/topic.yml").write_text("id: massage\nsearched: 2026-11-21\n")
    assert (again(), again()) == (1, 0)
    write("third", "# A third page")
    assert (again(), again()) == (1, 0)
