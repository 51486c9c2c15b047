"""How many numbers in use were read twice, in words that say what the second reader had before them."""

import pandas as pd
import pytest

from reviewlib.evidence.schema import schemas
from reviewlib.meaning.read_twice import ReadTwice, read_twice


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (ReadTwice(0, 0, 0), ""),
        (ReadTwice(12, 0, 0), "None of the 12 numbers in use was read twice."),
        (
            ReadTwice(1200, 1100, 0),
            "1,100 of 1,200 numbers in use were read twice, the second time in the facts collected from the sources, "
            "not in the sources themselves.",
        ),
        (ReadTwice(12, 9, 9), "9 of 12 numbers in use were read twice, both times in the source itself."),
        (
            ReadTwice(12, 9, 4),
            "9 of 12 numbers in use were read twice: 4 in the source itself again, 5 in the facts collected from it.",
        ),
    ],
)
def test_the_sentence_says_how_many_and_where(found, sentence):
    assert found.sentence == sentence


class Invented:
    """Two results, of which a comparison takes one up; its mean was read twice, its people were not."""

    text = {
        name: pd.DataFrame(rows)
        for name, rows in {
            "readings": [
                {
                    "table": "results",
                    "record": "a",
                    "cells": "mean_int 3.4; sd_int nothing",
                    "read_from": "publication",
                },
                {"table": "results", "record": "b", "cells": "n_int 9", "read_from": "publication"},
            ],
            "results": [
                {"result_id": "a", "n_int": "7", "mean_int": "3.4", "sd_int": ""},
                {"result_id": "b", "n_int": "9", "mean_int": "", "sd_int": ""},
            ],
            "ratings": [],
            "panel_statistics": [],
        }.items()
    }
    tables = {"synthesis": pd.DataFrame([{"result_id": "a", "use": "main"}, {"result_id": "b", "use": "no"}])}


def test_only_numbers_that_a_comparison_takes_up_count():
    for name, frame in Invented.text.items():
        for column in schemas()[name].names:
            if column not in frame:
                frame[column] = ""
    assert read_twice(Invented()) == ReadTwice(numbers=2, twice=1, in_source=1)
