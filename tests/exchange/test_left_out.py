"""A study that the file marks as left out is left out by every door, and a mark that says nothing clear is refused."""

import csv

import pytest

from reviewlib.errors import EvidenceError
from reviewlib.exchange.quickpool import pool_file

ROWS = (("A", "0.81", "0.10"), ("B", "0.56", "0.20"), ("C", "0.75", "0.15"))


def sheet(name, marks, head="OR,se"):
    lines = [f"study,{head},{name}"] + [",".join([*row, mark]) for row, mark in zip(ROWS, marks, strict=True)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["excluded", "Excluded", "exclude", "is_excluded"])
@pytest.mark.parametrize(
    "marks",
    [
        ("TRUE", "FALSE", "FALSE"),
        ("1", "0", "0"),
        ("True", "", ""),
        ("a duplicate", "", ""),
        ("yes", "", ""),
        ("WAHR", "FALSCH", "FALSCH"),
        ("VRAI", "FAUX", "FAUX"),
        ("ja", "", ""),
        ("VERDADERO", "FALSO", ""),
    ],
)
def test_a_marked_study_is_not_pooled_and_the_table_says_so(write, name, marks):
    quick = pool_file(write("a.csv", sheet(name, marks)))
    assert quick.pooled.k == 2 and quick.studies["excluded"].notna().tolist() == [True, False, False]
    assert "left out: " in str(quick)


UNCLEAR = [("no", "yes", "no"), ("n", "", ""), ("FALSE", "a duplicate", ""), ("nein", "ja", "")]


@pytest.mark.parametrize("marks", UNCLEAR)
def test_a_mark_that_reads_both_ways_is_refused(write, marks):
    with pytest.raises(EvidenceError, match="may mean that the study is in or that it is out"):
        pool_file(write("a.csv", sheet("excluded", marks)))


@pytest.mark.parametrize("name", ["include", "Included"])
def test_a_column_of_those_that_are_in_is_refused_where_one_is_out(write, name):
    assert pool_file(write("a.csv", sheet(name, ("yes", "yes", "yes")))).pooled.k == 3
    with pytest.raises(EvidenceError, match="says that the study is out"):
        pool_file(write("b.csv", sheet(name, ("yes", "no", "yes"))))


def test_a_marked_study_keeps_its_mark_when_it_is_imported(run, write, evidence):
    path = write("a.csv", sheet("excluded", ("a duplicate", "", "")))
    words = ("intervention=x", "comparator=y", "outcome=pain", "design=rct")
    options = [part for word in words for part in ("--set", word)]
    code, _, err = run("import", path, *options, "--topic", "example", "--evidence", evidence, "--yes")
    assert code == 0, err
    rows = {row["trial"]: row["notes"] for row in csv.DictReader((evidence / "example/results.csv").open())}
    assert "left out in the file: a duplicate" in rows["A"] and "left out" not in rows["B"]


MARKED = [(("no", "yes", "no"), 1), (("nein", "ja", ""), 1), (("FALSCH", "", ""), 0)]


@pytest.mark.parametrize(("marks", "code"), MARKED)
def test_import_refuses_the_marks_that_pool_refuses(run, write, marks, code):
    got, out, err = run("import", write("a.csv", sheet("excluded", marks)))
    assert got == code and ("may mean that the study is in" in err) == bool(code) and "left out in the file" not in out


def test_a_marked_study_is_left_out_among_arms_and_measures_too(write):
    text = "study,event_e,n_e,event_c,n_c,excluded\nA,10,50,20,50,TRUE\nB,5,40,8,41,FALSE\nC,6,44,9,41,FALSE\n"
    assert pool_file(write("a.csv", text), "OR").pooled.k == 2
    rows = ("A,0.8,0.6,1.07,OR,late", "B,0.7,0.5,0.98,OR,", "C,0.75,0.5,1.13,OR,", "D,-2,-4,0,MD,")
    text = "\n".join(["study,estimate,lower,upper,measure,excluded", *rows]) + "\n"
    quick = pool_file(write("b.csv", text), "OR")
    assert quick.studies["excluded"].tolist()[0] == "late" and quick.pooled.k == 2
    assert quick.studies["excluded"].tolist()[3] == "its measure is MD"
