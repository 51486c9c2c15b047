"""A number and the thing it counts agree, wherever a sentence is made."""

import re
from pathlib import Path

import pandas as pd
import pytest

import reviewlib
from reviewlib import plots
from reviewlib.nouns import amount, count, singular


def test_counts_agree_with_their_nouns():
    assert [count(n, "trial") for n in (0, 1, 2, 1200)] == ["0 trials", "1 trial", "2 trials", "1,200 trials"]
    many = {"study": "studies", "analysis": "analyses", "day": "days", "entry": "entries", "person": "people"}
    for one, several in many.items():
        assert count(1, one) == f"1 {one}" and count(2, one, "people" if one == "person" else None) == f"2 {several}"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1, "reports", "1 report"),
        (1.0, "studies", "1 study"),
        ("1", "weeks", "1 week"),
        (1, "analyses", "1 analysis"),
        (1, "people", "1 person"),
        (1, "rows of results", "1 row of results"),
        (1, "mm", "1 mm"),
        (1.5, "weeks", "1.5 weeks"),
        (0, "rows", "0 rows"),
        (2500, "records", "2,500 records"),
    ],
)
def test_a_unit_that_a_table_gives_in_the_plural_agrees_with_its_number(value, unit, said):
    assert amount(value, unit) == said and singular("mm") == "mm"


def test_a_flow_that_leaves_out_one_says_so_in_the_picture_and_in_its_words():
    flow = pd.DataFrame([("excluded", "reports", 1, "a second entry"), ("included", "studies", 1, None)])
    flow.columns = ["step", "unit", "n", "reason"]
    assert plots.alt_prisma_flow(flow) == "Flow of the evidence: excluded 1 report; included 1 study."
    drawn = [text.get_text() for text in plots.prisma_flow_figure(flow).axes[0].texts]
    assert {"Excluded: 1 report", "Included: 1 study"} <= set(drawn)


def test_no_sentence_makes_its_plural_by_hand():
    by_hand = re.compile(r"""\} \w+\(s\)|\{['"]s['"] (\*|if)""")
    files = Path(reviewlib.__file__).parent.rglob("*.py")
    found = {path.name: by_hand.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name for name, hits in found.items() if hits} <= {"gate.py"}  # one column, or several listed after it
