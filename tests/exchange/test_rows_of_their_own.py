"""Rows that hold another thing than most: each takes the route it has, and one that has none is not written."""

import math

import pytest

from reviewlib.errors import EvidenceError
from reviewlib.exchange.quickpool import pool_file

SAID = ("design=rct", "outcome=symptoms", "intervention=exercise", "comparator=rest")


@pytest.mark.parametrize("names", ["r,n", "cor,N", "ri,ni"])
def test_a_correlation_with_its_n_counts_beside_rows_with_an_estimate(write, names):
    quick = pool_file(write("a.csv", f"study,{names},yi,vi\nA,.5,40,,\nB,.4,30,,\nC,,,.3,.02\n"), "ZCOR")
    assert quick.studies["estimate"].tolist() == pytest.approx([math.atanh(0.5), math.atanh(0.4), 0.3])
    assert quick.studies["variance"].tolist() == pytest.approx([1 / 37, 1 / 27, 0.02])


@pytest.mark.parametrize("names", ["events,n", "cases,total", "xi,ni"])
def test_events_of_one_group_count_beside_rows_with_an_estimate(write, names):
    quick = pool_file(write("a.csv", f"study,{names},yi,vi\nA,5,40,,\nB,4,30,,\nC,,,-1.3,.2\n"), "PLO")
    assert quick.studies["estimate"].tolist() == pytest.approx([math.log(5 / 35), math.log(4 / 26), -1.3])
    assert quick.studies["variance"].tolist() == pytest.approx([1 / 5 + 1 / 35, 1 / 4 + 1 / 26, 0.2])


def test_a_study_without_a_subgroup_is_named(write):
    rows = "A,.5,.3,.83,a\nB,.4,.2,.8,a\nC,.9,.5,1.6,b\nD,.8,.5,1.3,\n"
    quick = pool_file(write("a.csv", "study,OR,lower,upper,sub\n" + rows), subgroup="sub")
    assert quick.pooled.k == 4 and quick.subgroups.overall.k == 3
    assert "in no subgroup, because subgroup is missing: D" in str(quick)


@pytest.mark.parametrize(
    "text",
    [
        "study,n_int,n_ctl\nA,50,50\nB,60,60\n",
        "study,r,n\nA,.5,40\nB,.4,50\n",
        "study,xi,ni\nA,5,40\nB,6,50\n",
        "study,events,total\nA,5,40\nB,6,50\n",
        "study,se\nA,.5\nB,.6\n",
        "study,outcome,timepoint_weeks,n_int,n_ctl\nA,pain,6,50,50\n",
    ],
)
def test_an_import_without_a_result_that_the_table_can_hold_writes_nothing(run, write, evidence, text):
    before = {path: path.read_bytes() for path in evidence.rglob("*.csv")}
    said = [word for pair in SAID for word in ("--set", pair)]
    topic = next(path.parent.name for path in evidence.glob("*/results.csv"))
    code, out, err = run("import", write("a.csv", text), "--topic", topic, *said, "--yes", "--evidence", evidence)
    assert code and "no means, events or estimates" in out + err
    assert before == {path: path.read_bytes() for path in evidence.rglob("*.csv")}


def test_closed_standard_input_is_said_in_words(monkeypatch, capsys):
    from reviewlib.cli import main

    monkeypatch.setattr("sys.stdin", None)
    assert main(["pool", "-"]) and "standard input is closed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["World Health Organization,", "WHO,", "The ACME Study Group,", "Team AB,"])
def test_a_comma_at_the_end_marks_an_organisation_as_endnote_writes_it(name):
    from reviewlib.exchange.people import person

    assert str(person(name)) == name.rstrip(",")


def test_no_level_at_all_is_refused_in_a_sentence():
    import reviewlib as rl

    rows = {"estimate": [0.1, 0.2, 0.4], "variance": [0.1, 0.2, 0.1]}
    for call in (rl.meta_analysis, rl.sensitivity):
        with pytest.raises(EvidenceError, match="level is a fraction"):
            call(rows, level=None)
    assert rl.leave_one_out(rows, level=None)
