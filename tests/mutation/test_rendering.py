"""Whatever the check lets pass is shown: a few changes of cells and keys, and every piece of a page made of each."""

import random
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import rendering  # noqa: E402

TABLES = HERE.parent / "evidence" / "tables"


def test_what_the_check_lets_pass_breaks_no_page():
    found = list(rendering.run(TABLES, each=1, seed=3, only=("na", "key"), slow_every=0))
    assert {"na", "key"} == {kind for kind, outcome, *_ in found if outcome == "rendered"}
    assert [(told, broke) for _, outcome, told, broke in found if outcome == "broken"] == []


def test_a_piece_that_breaks_is_named(evidence, monkeypatch):
    def answer(topic):
        raise KeyError("n_int")

    def sof(topic):
        raise rendering.EvidenceError("massage/results.csv has no row to show. Add one")

    monkeypatch.setattr(rendering, "PIECES", [("page.answer", answer), ("page.sof", sof)])
    monkeypatch.setattr(rendering, "finding", lambda *given: "")
    monkeypatch.setattr(rendering, "topic_statements", lambda *given: "")
    monkeypatch.setattr(rendering, "claim_statements", lambda *given: "")
    [(piece, error)] = rendering.broken(evidence, ["rand-appropriateness"])
    assert piece == "page.answer" and error.startswith("KeyError: 'n_int'")


def test_every_piece_of_a_page_is_made():
    names = {name for name, _ in rendering.PIECES}
    for piece in ("answer", "sof", "trial_map", "forests", "harms", "certainty_table", "risk_of_bias", "evidence_map"):
        assert f"page.{piece}" in names
    assert {"figures.forest", "claims.listing"} <= names and len(names) > 50


def test_no_piece_is_left_out_for_what_it_asks(evidence):
    """Each gets what it takes from some topic of the review: a piece that no topic suits would never be made."""
    topics = [
        (t, t.comparisons[0]["id"] if t.comparisons else None) for t in map(evidence.__getitem__, evidence.topics)
    ]
    given = [(None, None), *topics]
    left = {
        name for name, thing in rendering.PIECES if all(rendering._given(thing, evidence, *at) is None for at in given)
    }
    assert left == set()


@pytest.mark.parametrize("kind", rendering.CELLS)
def test_a_change_is_another_text(kind):
    column = rendering.schemas()["results"]["measure" if kind == "rare_word" else "n_int"]
    assert rendering.CELLS[kind](column, "12", random.Random(1)) not in (None, "12")
