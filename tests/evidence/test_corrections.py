"""A printed slip stays printed; its correction is declared, checked, used, and shown with its reason."""

import pytest

import reviewlib as rl
from reviewlib.evidence.check import check
from reviewlib.meaning.variants import variants

HEAD = "result_id,column,printed,used,reason,source_id,by\n"
SIGN = "the sign is lost: only this limit is as far from the estimate as the other one"


@pytest.fixture
def correct(good):
    """Write corrections of the invented topic: ``correct("example2001-r1,ci_low,-11.0,-11.5")``."""

    def write(*rows):
        lines = sorted(f"{row},{SIGN},,one assessor\n" for row in rows)
        (good / "example" / "corrections.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
        return good

    return write


def errors(folder):
    return [(p.column, p.rule) for p in check(folder) if p.severity == "error"]


def test_rows_keep_what_is_printed_and_analyses_take_what_is_used(correct, cells):
    cells("example/results.csv", "example2001-r1", ci_high="1.0")
    folder = correct("example2001-r1,ci_high,1.0,-1.0")
    assert errors(folder) == []
    topic = rl.load_evidence(folder)["example"]
    assert topic.text["results"]["ci_high"].iloc[0] == "1.0" and topic.results["ci_high"].iloc[0] == 1.0
    rows = topic.rows("pain-short").set_index("result_id").loc[["example2001-r1"]]
    assert rows["ci_high"].tolist() == [-1.0]
    assert rows["repaired"].tolist() == [f"-1 is used for the printed 1 (upper limit): {SIGN}"]
    assert topic.rows("pain-short", as_printed=True)["ci_high"].iloc[0] == 1.0
    found = rl.finding(topic, "pain-short")
    assert any(SIGN in caution for caution in found.cautions)
    first = found.studies.iloc[0]
    assert first["ci_high"] == -1.0 and SIGN in first["route"]


def test_printed_values_that_contradict_each_other_pass_once_they_are_corrected(correct, cells):
    cells("example/results.csv", "example2001-r1", ci_low="1.0", ci_high="11.0")
    assert any(column == "estimate" or column == "ci_low" for column, _ in errors(correct()))
    folder = correct("example2001-r1,ci_low,1.0,-11.0", "example2001-r1,ci_high,11.0,-1.0")
    assert errors(folder) == []
    topic = rl.load_evidence(folder)["example"]
    table = variants(topic, "pain-short")
    assert table["analysis"].tolist() == [
        "All trials",
        "Without Example 2001, whose printed values contradict each other",
    ]
    assert table["trials"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("example2001-r1,ci_low,-11,-11.5", "printed", "is not what ci_low of example2001-r1 holds, -11.0"),
        ("example2001-r1,ci_low,-11.0,-11.0", "used", "is the printed value: nothing is corrected"),
        ("example2001-r2,sd_int,14.0,140", "column", "sd_int of example2001-r2 is empty"),
        ("example2001-r1,sd_int,14.0,-14.0", "used", "is below 0"),
        ("example2001-r1,n_int,60,59.5", "used", "is not a whole number"),
        ("example2001-r9,n_int,60,59", "result_id", "is not in example/results.csv"),
        ("example2001-r1,trial,60,59", "column", "is not one of the words"),
    ],
)
def test_a_correction_that_does_not_fit_its_row_is_an_error(correct, row, column, rule):
    found = errors(correct(row))
    assert [name for name, _ in found] == [column] and rule in found[0][1]


def test_the_value_that_is_used_is_held_to_every_rule(correct):
    found = errors(correct("example2001-r1,mean_int,30.0,300"))
    assert any(column == "mean_int" for column, _ in found)  # the scale ends at 100


def test_a_topic_without_corrections_has_no_column_for_them(good):
    topic = rl.load_evidence(good)["example"]
    assert "repaired" not in topic.rows("pain-short") and topic.results_used().equals(topic.results)
