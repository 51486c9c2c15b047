"""Pages, README and notebooks say what the tables say, and nothing that is typed."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from reviewlib import page
from reviewlib.errors import EvidenceError
from reviewlib.evidence.schema import schemas
from reviewlib.html import Html, table
from reviewlib.meaning.finding import findings
from reviewlib.page import provenance
from reviewlib.page.readme import in_step, with_answers

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TOPICS = ("massage", "stenosis", "mobilization")


def test_readme_says_what_the_tables_say(evidence):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == with_answers(text, evidence), "run: python -m reviewlib.page.readme"


def test_a_readme_without_markers_is_refused(evidence):
    with pytest.raises(EvidenceError, match="answers: start"):
        with_answers("# nothing", evidence)


def test_a_readme_keeps_its_line_ends_and_one_that_is_no_text_is_told(tmp_path):
    path, tables = tmp_path / "README.md", ROOT / "evidence"
    path.write_bytes(b"# A\r\n<!-- answers: start -->\r\n<!-- answers: end -->\r\n")
    (made,) = in_step(path, tables).values()
    assert made.count("\n") == made.count("\r\n") > 5
    path.write_bytes(b"# A\n\xe9t\xe9\n")
    with pytest.raises(EvidenceError, match="README.md line 2: not UTF-8"):
        in_step(path, tables)
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(EvidenceError, match="README.md: the file holds 3000 million bytes"):
        in_step(path, tables)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_every_call_shows_something(path):
    for i, cell in enumerate(c for c in nbformat.read(path, 4).cells if c.cell_type == "code"):
        assert len(cell.source.splitlines()) <= 12
        assert i == 0 or cell.outputs, cell.source


@pytest.mark.parametrize("topic", TOPICS)
def test_every_number_on_the_page_leads_to_a_row(evidence, topic):
    blocks = [page.figures.forest(evidence[topic], key) for key in findings(evidence[topic])]
    blocks += [page.side_by_side(evidence[topic], key) for key in findings(evidence[topic])]
    html = "".join(str(block.html) for block in blocks)
    rows = str(page.rows(evidence[topic]).html)
    wanted = set(re.findall(r'href="#(row-[^"]+)"', html))
    assert wanted and all(f'id="{anchor}"' in rows for anchor in wanted)


@pytest.mark.parametrize("topic", [*TOPICS, "rand-appropriateness"])
def test_every_citation_leads_to_a_source_with_an_identifier_or_a_reason(evidence, topic):
    cited = (
        "".join(str(b.html) for b in (page.rows(evidence[topic]), page.harms(evidence[topic])))
        if topic in TOPICS
        else ""
    )
    listed = str(page.sources(evidence[topic]).html)
    for anchor in set(re.findall(r'href="#(source-[^"]+)"', cited)):
        assert f'id="{anchor}"' in listed, anchor


def test_headline_numbers_are_those_of_the_rows(evidence):
    found = findings(evidence["stenosis"])["pf-surgery-vs-pt-2y"]
    row = evidence["stenosis"].results.set_index("result_id").loc["delitto2015-r01"]
    assert (found.estimate, found.ci.low, found.ci.high) == (row["estimate"], row["ci_low"], row["ci_high"])
    assert found.basis == "one trial"


def test_the_pools_that_the_massage_tables_are_known_to_give(evidence):
    """The arithmetic written down when the facts were collected; digits as written there."""
    found = findings(evidence["massage"])
    neck, later = found["neck-pain-responder-short"], found["neck-pain-responder-26w"]
    assert [round(x, 2) for x in neck.shown] == [1.55, 1.02, 2.34]
    assert [round(x, 2) for x in later.shown] == [1.21, 0.97, 1.51]
    disability = found["lbp-disability-short"]
    assert round(disability.estimate, 2) == -2.43
    assert disability.ci == pytest.approx((-3.17, -1.69), abs=0.005)


def test_nothing_is_pooled_against_the_plan(evidence):
    for topic in TOPICS:
        for found in findings(evidence[topic]).values():
            assert (found.pooled is not None) <= bool(found.comparison["pool"]), found.comparison["id"]
            assert found.pooled is None or found.pooled.prediction is None or found.pooled.k >= 5


def test_a_direction_is_never_a_number(evidence):
    directions = [f for t in TOPICS for f in findings(evidence[t]).values() if f.basis == "direction only"]
    assert directions
    for found in directions:
        assert found.estimate is None and found.studies["excluded"].notna().all()


def test_published_ratings_do_not_rate_our_estimate(evidence):
    for topic in TOPICS:
        for found in findings(evidence[topic]).values():
            assert found.certainty is None or found.certainty.status == "draft"


def test_scenarios_are_never_called_patients(evidence):
    topic = evidence["rand-appropriateness"]
    assert page.rand.SCENARIOS_NOT_PATIENTS in page.rand.class_counts(topic).text
    assert page.rand.SCENARIOS_NOT_PATIENTS in page.rand.answer(topic).text


def test_neck_panel_counts_add_up(evidence):
    frame = page.rand.counts(evidence["rand-appropriateness"], "rand2018-neck")
    assert len(frame) == 4 and set(frame["of"]) == {186}
    assert (frame[["appropriate", "equivocal", "inappropriate"]].sum(axis=1) == frame["of"]).all()


def test_invented_panel_says_that_it_is_invented():
    for block in (
        page.invented.example(),
        page.invented.example_rules(),
        page.invented.example_stability(),
        page.figures.example_ratings(),
    ):
        assert "invented" in block.text.lower() and "invented" in str(block.html).lower()


def test_a_cell_that_holds_html_shows_as_text():
    import pandas as pd

    frame = pd.DataFrame({"a": ["<script>alert(1)</script>"], "b": [Html("<em>ours</em>")]})
    html = table(frame, "<b>caption</b>")
    assert "<script>" not in html and "&lt;script&gt;" in html and "<em>ours</em>" in html and "&lt;b&gt;" in html


@pytest.mark.parametrize(
    ("authors", "title", "year", "label"),
    [
        ("Doe J, Roe R", "A trial", 2020, "Doe 2020"),
        ("Doe J, et al. (NAME)", "A trial", 2020, "Doe 2020"),
        ("Pua et al. (name from a table)", "A trial", 2007, "Pua 2007"),
        ("RAND (publisher)", "A report", None, "RAND"),
        (None, "Effects of one kind of care", 2009, "\u201cEffects of one kind \u2026\u201d 2009"),
        (None, "[not shown in the text read] (of a review)", 2009, "doe2020"),
    ],
)
def test_a_source_is_called_by_its_first_author_or_by_its_title(authors, title, year, label):
    assert provenance._label("doe2020", {"authors": authors, "title": title, "year": year}) == label


def test_a_list_of_sources_puts_the_title_first_where_nobody_is_named_and_ends_a_question_once():
    import pandas as pd

    known = {"source_id": "a", "journal": "Spine", "year": 2009, "read": "abstract", "title": "Does it help?"}
    rows = pd.DataFrame([known | {"authors": "Doe J"}, known | {"authors": None}]).reindex(
        columns=[*known, "authors", "doi", "pmid", "pmcid", "registry_id", "url"]
    )
    named, nameless = provenance.listed(rows).text.splitlines()[:2]
    assert "Doe J. (2009). Does it help? Spine. " in named and "Does it help? (2009). Spine. " in nameless


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"mean_int": "68.3", "mean_ctl": "35.9", "value_kind": "percent"}, "68.3% against 35.9%"),
        (
            {"mean_int": "45.4", "mean_ctl": "7.4", "value_kind": "percent-improvement"},
            "45.4% better than before against 7.4% better than before",
        ),
        (
            {"mean_int": "2", "sd_int": "1", "n_int": "9", "mean_ctl": "3", "value_kind": "change"},
            "a change of 2 (SD 1), n 9 against a change of 3",
        ),
        ({"mean_ctl": "8.1", "n_ctl": "144", "p_value": "<0.05"}, "a value not read against 8.1, n 144; P < 0.05"),
        (
            {"events_int": "3", "n_int": "9", "events_ctl": "4", "n_ctl": "8", "p_value": "0.2"},
            "3 of 9 against 4 of 8; P = 0.2",
        ),
        ({"p_value": "NS"}, "P NS"),
    ],
)
def test_what_is_printed_of_a_row_is_said_with_its_unit(cells, words):
    row = dict.fromkeys(schemas()["results"].names, "") | cells
    assert provenance.printed(SimpleNamespace(**row)) == words


@pytest.mark.parametrize("topic", TOPICS)
def test_a_step_shows_a_rating_in_words_from_its_start_to_its_level(evidence, topic):
    rated = {key: found.certainty for key, found in findings(evidence[topic]).items() if found.certainty}
    for key, rating in rated.items():
        lines = page.step(evidence[topic], key, rating).text.split("\n\n")[0].splitlines()
        assert not re.search(r"\b[a-z]+-of-bias|publication-bias|large-effect|dose-response", "\n".join(lines))
        assert lines[-1].startswith(f"- Level, {rating.level}") and len(lines) == len(rating.steps) + 1 + bool(
            rating.start
        )
        for line, domain in zip(lines[1:], rating.steps, strict=False):
            step = re.search(r", (no change|(\d) levels? (up|down))", line)
            assert step and (step[2] is None or int(step[2]) <= 3), (line, domain)


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({"searched": None, "searched_note": "Nothing was searched yet"}, "Nothing was searched yet."),
        ({"searched": None, "searched_note": "A day is missing. The rest is long."}, "A day is missing."),
        ({"searched": "2026-01-02"}, ""),
    ],
)
def test_why_there_is_no_day_of_a_search_is_said_in_the_words_of_the_topic(evidence, info, said):
    topic = evidence["massage"]
    kept = {name: value for name, value in topic.info.items() if not name.startswith("searched")}
    text = str(page.search(replace(topic, info=kept | info)))
    assert f"not a systematic review. {said}".strip() in text and "first collection" not in text.split("\n")[0]
