"""The sentence of an expert panel follows from its counts: two cells that change places change what is said."""

import shutil
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.meaning.answer import bottom_line
from reviewlib.meaning.panel import counts, panel_sentence, relation_sign, shown_panels
from reviewlib.meaning.plain_language import plain_language
from reviewlib.meaning.statement import overclaims
from reviewlib.page import rand
from reviewlib.page.readme import END, START, with_answers
from reviewlib.revise.differing import difference
from reviewlib.revise.states import open_states

EVIDENCE = Path(__file__).parents[2] / "evidence"
TODAY = (
    "For chronic neck pain the 2018 panel judged more scenarios inappropriate than appropriate, for mobilization and "
    "even more for manipulation; for chronic low back pain more appropriate than inappropriate."
)


def topic(*rated, relation=None, **panels):
    """Return a topic of invented ratings: (panel, procedure, precondition, appropriate, equivocal, inappropriate)."""
    panels = panels or {"p": ("wheezing", 2020)}
    names = ("appropriate", "equivocal", "inappropriate")
    ratings = [
        {
            "panel": panel,
            "procedure": procedure,
            "precondition": before,
            "round": "final",
            "category": name,
            "n": n,
            "n_total": sum(three),
            "status": "printed",
        }
        for panel, procedure, before, *three in rated
        for name, n in zip(names, three, strict=True)
    ]
    columns = ["panel", "procedure", "precondition", "round", "category", "n", "n_total", "status"]
    said = pd.DataFrame([{"statement_id": "s1", "panel": "p", "statement": "x", "relation": relation}])
    known = [
        {"panel_id": name, "condition": what, "year": year, "n_panelists": 9} for name, (what, year) in panels.items()
    ]
    tables = {"ratings": pd.DataFrame(ratings, columns=columns), "panels": pd.DataFrame(known), "statements": said}
    info = {"headline": {"round": "final", "panels": [{"panel": name} for name in panels]}}
    return SimpleNamespace(id="t", info=info, comparisons=[], tables=tables, ratings=tables["ratings"])


def test_the_sentence_of_today_is_computed():
    found = rl.load_evidence()["rand-appropriateness"]
    assert panel_sentence(found) == TODAY and bottom_line(found) == (TODAY, "a panel's judgement, not rated")


@pytest.mark.parametrize(
    ("rated", "said"),
    [
        ([("p", "A", None, 5, 3, 2)], "more scenarios appropriate than inappropriate for A"),
        ([("p", "A", None, 2, 3, 5)], "more scenarios inappropriate than appropriate for A"),
        ([("p", "A", None, 2, 6, 2)], "as many scenarios appropriate as inappropriate for A"),
        (
            [("p", "A", None, 2, 3, 5), ("p", "B", None, 1, 3, 6)],
            "more scenarios inappropriate than appropriate, for A and even more for B",
        ),
        (
            [("p", "A", None, 6, 3, 1), ("p", "B", None, 5, 3, 2)],
            "more scenarios appropriate than inappropriate, for B and even more for A",
        ),
        (
            [("p", "A", None, 2, 3, 5), ("p", "B", None, 2, 3, 5)],
            "more scenarios inappropriate than appropriate, for A and B",
        ),
        (
            [("p", "A", None, 2, 3, 5), ("p", "B", None, 2, 3, 15)],  # other totals: counts cannot be compared
            "more scenarios inappropriate than appropriate, for A and B",
        ),
        (
            [("p", "A", None, 5, 3, 2), ("p", "B", None, 2, 3, 5)],
            "more scenarios appropriate than inappropriate for A, and more inappropriate than appropriate for B",
        ),
        (
            [("p", "A", "first", 5, 3, 2), ("p", "A", "later", 2, 3, 5)],
            "more scenarios appropriate than inappropriate (first) "
            "but more inappropriate than appropriate (later) for A",
        ),
    ],
)
def test_the_clause_follows_from_the_counts(rated, said):
    assert panel_sentence(topic(*rated)) == f"For wheezing the 2020 panel judged {said}."
    assert not overclaims(said)


def test_a_panel_without_counts_is_told_by_the_words_of_its_source():
    words = {
        "appropriate > inappropriate": "more scenarios appropriate than inappropriate",
        "inappropriate > appropriate": "more scenarios inappropriate than appropriate",
        "appropriate = inappropriate": "as many scenarios appropriate as inappropriate",
    }
    for relation, said in words.items():
        assert panel_sentence(topic(relation=relation)) == f"For wheezing the 2020 panel judged {said}."
    assert panel_sentence(topic()) == "For wheezing no class was read."
    assert [relation_sign(r) for r in words] == [">", "<", "="]


def test_another_year_names_its_panel_again():
    rated = [("p", "A", None, 5, 3, 2), ("q", "A", None, 2, 3, 5)]
    said = panel_sentence(topic(*rated, p=("wheezing", 2020), q=("coughing", 1991)))
    assert said.endswith("; for coughing the 1991 panel judged more scenarios inappropriate than appropriate for A.")


def test_a_topic_that_names_no_panel_says_so():
    bare = topic(("p", "A", None, 5, 3, 2))
    bare.info.pop("headline")
    assert "topic.yml names no panel under headline" in bottom_line(bare)[0]


@pytest.fixture
def swapped(tmp_path):
    """Return a copy of the evidence in which two final classes of one condition have changed places."""
    folder = Path(shutil.copytree(EVIDENCE, tmp_path / "evidence"))
    path = folder / "rand-appropriateness" / "ratings.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines(keepends=True) if line.startswith("neck2018-man-after-final-")]
    swap = {",inappropriate,": ",appropriate,", ",appropriate,": ",inappropriate,"}
    new = {line: line.replace(old, other) for line in rows for old, other in swap.items() if old in line}
    assert len(new) == 2
    for old, line in new.items():
        text = text.replace(old, line)
    path.write_text(text, encoding="utf-8", newline="\n")
    return folder


def test_two_cells_that_change_places_change_the_sentence_and_the_readme(swapped):
    before, after = rl.load_evidence(EVIDENCE), rl.load_evidence(swapped)
    said = panel_sentence(after["rand-appropriateness"])
    assert said != TODAY and "(non-manipulative conservative care has failed)" in said
    readme = f"{START}\n{END}"
    assert TODAY in with_answers(readme, before) and said in with_answers(readme, after)
    assert str(plain_language(before["rand-appropriateness"])) != str(plain_language(after["rand-appropriateness"]))


def test_diff_hears_two_cells_that_change_places(swapped):
    said = panel_sentence(rl.load_evidence(swapped)["rand-appropriateness"])
    with ExitStack() as stack:
        found = difference(*open_states(EVIDENCE.parent, (EVIDENCE, swapped), stack))
    changed = [c for c in found.conclusions if c.changed and c.topic == "rand-appropriateness"]
    assert found.exit_code == 1 and changed
    assert {TODAY, said} <= {side.words["sentence"] for c in changed for side in (c.before, c.after)}


def test_words_that_contradict_the_counts_are_warned_of(swapped):
    path = swapped / "rand-appropriateness" / "statements.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",inappropriate > appropriate,", ",appropriate > inappropriate,"), encoding="utf-8")
    warnings = [w for w in rl.load_evidence(swapped).warnings if w.column == "relation"]
    assert {w.record for w in warnings} == {"neck2018-s1"}
    assert "mobilization, 65 appropriate and 115 inappropriate" in warnings[0].rule + warnings[-1].rule


def test_counts_leave_out_sums_that_somebody_typed():
    table = topic(("p", "A", "first", 5, 3, 2), ("p", "A", "both", 9, 9, 9))
    table.ratings.loc[table.ratings["precondition"] == "both", "status"] = "derived"
    assert counts(table, "p")["precondition"].tolist() == ["first"]
    assert shown_panels(table)[0].totals.loc["A", "of"] == 10


def test_every_block_of_a_panel_page_says_the_true_reason_without_ratings():
    bare = topic()
    bare.text = {}
    for block in (rand.class_counts, rand.dispersion, rand.steps, rand.statistics, rand.misprints, rand.decision_tree):
        assert "read" in block(bare).text or "No " in block(bare).text
