"""A cell that holds more than a number is refused, and the refusal says which columns to write instead."""

import pytest

import reviewlib as rl
from reviewlib.cells import advice
from reviewlib.errors import EvidenceError
from reviewlib.evidence.check import check

HELD = [
    ("0.8 (0.6 to 1.1)", "estimate", "three columns: 0.8 in estimate, 0.6 in ci_low, 1.1 in ci_high"),
    ("0.8 [0.6, 1.1]", "estimate", "0.6 in ci_low, 1.1 in ci_high"),
    ("0,8 (0,6; 1,1)", "estimate", "0,8 in estimate, 0,6 in ci_low, 1,1 in ci_high"),
    ("-2.3 (\u22123.6 \u2013 \u22121.0)", "estimate", "-2.3 in estimate, -3.6 in ci_low, -1.0 in ci_high"),
    ("0.80 (95% CI 0.61 to 1.10)", "estimate", "0.80 in estimate, 0.61 in ci_low, 1.10 in ci_high"),
    ("0.8; 95% KI: 0.6 bis 1.1", "estimate", "0.8 in estimate, 0.6 in ci_low, 1.1 in ci_high"),
    ("12.3 \u00b1 4.5", "mean_int", "12.3 in mean_int, 4.5 in sd_int if it is the SD (an SE is turned by SD = SE x"),
    ("12.3+/-4.5", "mean_ctl", "12.3 in mean_ctl, 4.5 in sd_ctl"),
    ("12.3 (4.5)", "mean_int", "12.3 in mean_int, 4.5 in sd_int"),
    ("12.3 (SE 0.6)", "mean_int", "0.6 x root of n in sd_int"),
    ("12.3 (10.1 to 14.5)", "mean_int", "12.3 in mean_int, and sd_int = root of n_int x (14.5 - 10.1) / 3.92"),
    ("0.8 \u00b1 0.1", "estimate", "0.8 in estimate, 0.1 in se"),
    ("12/50", "events_int", "12 in events_int, 50 in n_int"),
    ("12 of 50 (24%)", "events_ctl", "12 in events_ctl, 50 in n_ctl"),
    ("12 (24%)", "events_int", "the count alone, 12"),
    ("<0.001", "estimate", "Leave the cell empty: from a bound no number follows"),
    ("p > 0.05", "se", "from a bound no number follows"),
    ("0.6\u20131.1", "ci_low", "0.6 in ci_low and 1.1 in ci_high"),
    ("ca. 12", "mean_int", "12 alone if the source prints it so"),
    ("12.3*", "mean_int", "12.3 alone, and what the mark says in notes"),
    ("5 mg", "mean_int", "5 alone; the unit goes into the name"),
]


@pytest.mark.parametrize(("text", "column", "words"), HELD)
def test_the_remedy_names_the_columns_to_write(text, column, words):
    assert words in advice(text, column)[1]


@pytest.mark.parametrize(
    "text", ["abc", "", "NR", "0.8 (0.6", "1.2.3", "1,200", "3O", "l2", "2011", "-5", "1e5", "1 200"]
)
def test_of_a_text_that_may_be_anything_nothing_is_said(text):
    assert advice(text, "estimate") is None


def test_every_door_says_the_same(run, write, evidence):
    """pool, import, check and the functions: the same sentence for the same cell."""
    said = "Write three columns: 0.8 in estimate, 0.6 in ci_low, 1.1 in ci_high"
    path = write("a.csv", "study,logOR,se\nA,0.8 (0.6 to 1.1),0.1\nB,-0.5,0.2\n")
    assert said in run("pool", path, "--measure", "OR")[2]
    assert said in run("import", path, "--topic", "example", "--evidence", evidence, "--yes")[2]
    with pytest.raises(EvidenceError) as refused:
        rl.meta_analysis({"estimate": ["0.8 (0.6 to 1.1)", -0.5], "se": [0.1, 0.2]})
    assert said in str(refused.value)
    results = evidence / "example" / "results.csv"
    text = results.read_text()
    assert ",-6.0," in text
    results.write_text(text.replace(",-6.0,", ",0.8 (0.6 to 1.1),", 1))
    assert any(said in str(problem) for problem in check(evidence))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (
            "study,mean_e,se_e,n_e,mean_c,se_c,n_c",
            "se_e, se_c may be a standard error: write a column with the SD",
        ),
        ("study,meanE,seE,nE,meanC,seC,nC", "may be a standard error"),
        ("study,mean_e,var_e,n_e,mean_c,var_c,n_c", "may be a variance: write a column with the SD, its square root"),
        ("study,mean_e,lower_e,n_e,mean_c,lower_c,n_c", "may be a limit of a mean"),
        ("study,median_e,iqr_e,n_e,median_c,iqr_c,n_c", "a median is no mean"),
    ],
)
def test_where_an_sd_is_missing_the_refusal_says_how_it_follows(run, write, head, words):
    code, out, err = run("pool", write("a.csv", f"{head}\nA,10,1,40,12,1,41\nB,9,2,40,12,1,41\n"), "--measure", "MD")
    assert code == 1 and words in err and not out
