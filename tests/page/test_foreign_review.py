"""A review of another field from an empty folder: no call crashes; no page, file, citation or feed speaks of ours."""

import inspect
import re

import foreign
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import reviewlib as rl
from reviewlib import page
from reviewlib.meaning.few_trials import both_limits
from reviewlib.page import claims, invented, methods, rand, start
from reviewlib.site import Project
from reviewlib.site.build import build

OURS = re.compile(
    r"stenosis|massage|neck|\bback pain|mobili[sz]ation|manipulation|spin(al|e)\b|\bSPORT\b|sf-?36|surg|chiropract"
    r"|physical therap|acupunct|hands-on|contributors|\bRAND\b(?!/UCLA|[)\x22])|delitto|cherkin|patients? with low",
    re.IGNORECASE,
)
# Seams that a machine leaves: a word twice, marks that pile up, empty brackets, a range of one value.
SEAMS = re.compile(
    r"\b(?!had\b|that\b|(?:in)?appropriate\b)([a-z]{2,}) \1\b|[?!]\.|(?<!\.)\.\.(?!\.)|(?<![\w\]])\(\s*\)|[,;:] ?[,;]"
    r"| against \?|\bNone\b(?! of|\.)|\bnan\b|from (−?[\d.]+) to \2(?![\d.])"
    r"|\b(?:1 (?:trials|people|rows|studies|comparisons)|[2-9] (?:trial|row|study))\b"
    r"|\ba (?:ordinary|estimate|effect|interval|outcome|average|older|other|error|instrument)\b"
)
# Furniture, and parts of a page that another call makes.
TAKEN = {
    "bars",
    "bullets",
    "details",
    "drawn_again",
    "join",
    "listed",
    "paragraph",
    "section",
    "table_block",
    "facts",
    "for_whom",
    "fold",
    "how_numbers",
    "read_in",
    "reviews",
}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return rl.load_evidence(foreign.build(tmp_path_factory.mktemp("review")))


def functions(module):
    """Return the public functions of a module that make a block, by name."""
    made = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return {
        name: thing
        for name, thing in made.items()
        if inspect.isfunction(thing)
        and "Block" in str(inspect.signature(thing).return_annotation)
        and name not in TAKEN
    }


CALLS = [
    (module.__name__.rpartition(".")[2], name, thing)
    for module in (page, page.figures, rand, start, claims, invented, methods)
    for name, thing in functions(module).items()
]
# What speaks of no topic is called once.
CASES = [
    pytest.param(topic, thing, id=f"{module}.{name}-{topic}")
    for module, name, thing in CALLS
    for i, topic in enumerate(foreign.TOPICS)
    if not i or {"topic", "holder"} & set(inspect.signature(thing).parameters)
]


def arguments(thing, evidence, topic):
    """Return the arguments of a public function of a page, None where it needs what the topic does not have."""
    comparison = topic.comparisons[0]["id"] if topic.comparisons else None
    known = {
        "evidence": evidence,
        "read": evidence,
        "topic": topic,
        "holder": topic,
        "comparison_id": comparison,
        "assigned": comparison,
        "treated": comparison,
        "block": page.side_by_side,
        "panel": "staff2020",
        "name": "results",
        "source_id": "doe2001",
        "outcome": "speed",
        "key": comparison,
        "shown": "words",
        "instrument_id": "wpm",
        "measure": topic.comparisons[0]["measure"] if topic.comparisons else "MD",
    }
    names = [
        p.name
        for p in inspect.signature(thing).parameters.values()
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    assert set(names) <= set(known), f"say what {thing.__name__} takes: {names}"
    found = [known[name] for name in names]
    return None if any(value is None for value in found) else found


@pytest.mark.parametrize(("topic", "thing"), CASES)
def test_every_call_of_a_page_says_something_true(evidence, topic, thing):
    given = arguments(thing, evidence, evidence[topic])
    if given is None:
        return
    block = thing(*given)
    shown = str(getattr(block, "html", None) or block._repr_mimebundle_()["text/html"]) if block else ""
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", shown, flags=re.DOTALL)
    assert words.strip(), "a cell of a page may not be empty"
    assert not OURS.search(words), OURS.search(words)[0] + " is ours: " + words[:200]
    assert not SEAMS.search(block.text), SEAMS.search(block.text)


WHY = {
    "empty": "No results yet",
    "uncompared": "topic.yml names no comparison",
    "unfed": "No results yet",
    "unlinked": "",
    "unrated": "",
}


@pytest.mark.parametrize("topic", WHY)
def test_an_answer_that_is_missing_says_the_true_reason(evidence, topic):
    assert WHY[topic] in page.answer(evidence[topic]).text


def test_a_result_that_nobody_judged_says_so_and_a_ratio_is_told_as_one(evidence):
    said = page.answer(evidence["counted"]).text
    assert "not rated, because nobody has judged it yet" in said and "How large: risk ratio" in said
    plain = page.plain_language(evidence["counted"]).text
    assert "times as often with reading aloud as with silent reading" in plain and "scale" not in plain
    assert "What the 3 trials pooled here say of harms was not read" in page.harms(evidence["counted"]).text


def test_numbers_of_people_in_a_summary_are_whole(evidence):
    table = rl.summary_of_findings(evidence["counted"]).table
    assert not re.search(r"\d\.\d+ of \d+ people", " ".join(table.astype(str).to_numpy().ravel()))


def test_an_outcome_that_no_comparison_names_is_not_called_unread(evidence):
    shown = rl.summary_of_findings(evidence["uncompared"]).table.to_string()
    assert "no comparison names its results" in shown and "no trial with a usable result" not in shown


def test_a_unit_is_the_instruments_own(evidence):
    said = page.answer(evidence["aloud"]).text
    assert "words higher" in said and "points" not in said


def test_three_trials_of_any_field_show_both_limits_and_say_where_they_disagree(evidence):
    found = rl.finding(evidence["aloud"], "speed-short")
    limits = both_limits(found.pooled)
    assert found.pooled.k == 3 and limits["Wald"].low > 0 > limits["Hartung-Knapp"].low
    assert "the two usual intervals disagree" in found.sentence
    said = page.answer(evidence["aloud"]).text
    assert "by Wald" in said and "by Hartung-Knapp" in said


def notebook(path, title, *blocks):
    cells = [new_markdown_cell(f"# {title}")]
    for block in blocks:
        data = {key: text for key, text in block._repr_mimebundle_().items()}
        cells.append(new_code_cell("made", execution_count=1, outputs=[new_output("display_data", data=data)]))
    nbformat.write(new_notebook(cells=cells), path)


@pytest.fixture(scope="module")
def site(evidence):
    """Build the site of the foreign review and return its folder."""
    from pathlib import Path

    project = Project(Path(evidence.path).parent)
    (project.root / "notebooks").mkdir()
    front = (start.overview(evidence), page.comparisons(evidence), start.glossary(evidence), start.tables(evidence))
    notebook(project.root / "notebooks" / "hello.ipynb", "Welcome", *front)
    for topic in evidence:
        blocks = [
            page.answer(topic),
            page.question(topic),
            page.rows(topic),
            page.each(topic, page.figures.forest),
            page.sources(topic),
            page.search(topic),
        ]
        blocks += [page.sof(topic)] if topic.comparisons else []
        notebook(project.root / "notebooks" / f"{topic.id}.ipynb", topic.title, *blocks)
    build(project, project.notebooks())
    return project.site


def test_no_page_file_citation_or_feed_speaks_of_our_review(site):
    files = [path for path in site.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert {path.suffix for path in files} >= {".html", ".bib", ".json", ".xml"}
    for path in files:
        text = re.sub(r"<style>.*?</style>|<script(?! type).*?</script>", "", path.read_text("utf-8"), flags=re.DOTALL)
        found = OURS.search(text)
        assert not found, f"{path.name}: {text[found.start() - 60 : found.end() + 60]}"


def test_the_review_is_titled_and_cited_as_its_own(site):
    front, topic = (site / name for name in ("index.html", "aloud.html"))
    assert f"<title>Reading aloud: aloud - {foreign.TITLE}</title>" in topic.read_text("utf-8")
    assert f"<p>{foreign.AUTHOR} (2026)." in front.read_text("utf-8")
    assert f"<name>{foreign.AUTHOR}</name>" in (site / "feed.xml").read_text("utf-8")
    assert f"author = {{{{{foreign.AUTHOR}}}}}" in (site / "cite" / "aloud.bib").read_text("utf-8")
