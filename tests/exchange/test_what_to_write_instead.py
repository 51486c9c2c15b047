"""A table that holds something else than what is needed: the refusal says what to write, and doing that works."""

import math
import shlex

import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError

# header, two rows, measure, what the refusal says
OTHER = [
    ("study,O-E,V", "A,-3.2,5.1\nB,-1,2.2", "HR", "logHR or logOR) is (O - E) / V and its se 1 / root of V"),
    (
        "study,logrank O-E,logrank V",
        "A,-3.2,5.1\nB,-1,2.2",
        "HR",
        '--map "o_e=logrank O-E" --map "oe_variance=logrank V"',
    ),
    ("study,o_e,var", "A,-3.2,5.1\nB,-1,2.2", "PETO", "--map o_e=o_e --map oe_variance=var"),
    (
        "study,ev_t,n_t,ev_c,n_c",
        "A,4,40,6,41\nB,3,50,5,50",
        "HR",
        "from which no hazard ratio follows: pool OR, RR or RD",
    ),
    ("study,TP,FP,FN,TN", "A,30,5,4,60\nB,20,3,6,70", "OR", "sensitivity is TP of n = TP + FN"),
    ("study,a,b,c,d", "A,4,36,6,35\nB,3,47,5,45", "OR", "events_int = a, n_int = a + b"),
    (
        "study,n_t,Mean (SD) t,n_c,Mean (SD) c",
        "A,50,10 (2),50,12 (3)\nB,40,9 (2),41,12 (3)",
        "MD",
        "write a column for each",
    ),
    (
        "study,n_t,median_t,min_t,max_t,n_c",
        "A,50,10,1,22,50\nB,40,9,1,20,41",
        "MD",
        "by the methods of Luo 2018 and Wan 2014",
    ),
    ("study,t,n1,n2", "A,2.1,50,50\nB,1.3,40,41", "SMD", "t x root of (1/n1 + 1/n2)"),
    ("study,F,n1,n2", "A,2.1,50,50\nB,1.3,40,41", "SMD", "the square of t, without its sign"),
    ("study,d,n1,n2", "A,.4,50,50\nB,.3,40,41", "SMD", "root of (1/n1 + 1/n2 + SMD^2 / (2 x (n1 + n2)))"),
    ("study,chi2,n", "A,4.1,50\nB,3,40", "OR", "how sure, not how large an effect is"),
    (
        "study,n,mean_a,sd_a,mean_b,sd_b,r",
        "A,20,1,2,3,2,.5\nB,25,1,2,3,2,.6",
        "MD",
        "measured twice: pool MC (or SMCC)",
    ),
    ("study,prevalence,n", "A,6%,50\nB,10%,40", "PLO", "never turned into counts"),
    ("study,r,lower,upper", "A,.3,.02,.53\nB,.5,.22,.70", "ZCOR", "(atanh(upper) - atanh(lower)) / 3.92"),
    ("study,md,p", "A,-2,0.03\nB,-1,0.2", "MD", "of a mean difference, its size / t on n1 + n2 - 2"),
    ("study,OR,p-value", "A,.5,0.03\nB,.7,0.2", "OR", "the se of a log ratio, its size / z"),
]


@pytest.mark.parametrize(("header", "rows", "measure", "words"), OTHER)
def test_the_refusal_says_what_to_write(run, write, header, rows, measure, words):
    code, out, err = run("pool", write("a.csv", f"{header}\n{rows}\n"), "--measure", measure)
    assert (code, out) == (1, "") and words in err


def _pooled(run, write, text, measure, *said):
    code, out, err = run("pool", write("a.csv", text), "--measure", measure, *said)
    assert code == 0, err
    return out


def test_observed_minus_expected_in_one_of_both_ways_is_the_same_pool(run, write):
    """(-3.2 / 5.1, 1 / root of 5.1) = (-0.62745, 0.44281): HR 0.53 (0.22 to 1.27)."""
    rows = [("A", -3.2, 5.1), ("B", -1.0, 2.2), ("C", -6.5, 9.0)]
    theirs = "study,O-E,V\n" + "".join(f"{name},{o},{v}\n" for name, o, v in rows)
    ours = "study,logHR,se\n" + "".join(f"{name},{o / v},{1 / math.sqrt(v)}\n" for name, o, v in rows)
    read = _pooled(run, write, theirs, "HR", "--map", "o_e=O-E", "--map", "oe_variance=V")
    written = _pooled(run, write, ours, "HR")
    assert "A      0.53 (0.22 to 1.27)" in read
    assert read.split("\n", 1)[1] == written.split("\n", 1)[1]
    common = math.exp(sum(o for _, o, _ in rows) / sum(v for *_, v in rows))
    assert f"HR {common:.2f} (95% CI" in read  # no heterogeneity: the sum of O - E over the sum of V


def test_the_columns_of_a_change_within_people_are_read_under_their_own_names(run, write):
    """metafor escalc(measure="MC") and "SMCC": 2.0000, 0.1333 and 0.9741, 0.0491 for the first row."""
    text = "study,mean_pre,sd_pre,mean_post,sd_post,n,r\nA,10,2,12,2,30,.5\nB,9,2,11,2,40,.6\n"
    assert "A      2.00 (1.28 to 2.72)" in _pooled(run, write, text, "MC")
    assert "A      0.97 (0.54 to 1.41)" in _pooled(run, write, text, "SMCC")


def test_the_other_way_round_names_columns_that_are_there(run, write):
    text = "study,events1,time1,events2,time2\nA,10,500,15,480\nB,4,300,9,310\n"
    out = _pooled(run, write, text, "IRR")
    assert "the first group (events1) against the second (events2)" in out
    said = out.split("other way round say ")[1].split("\n")[0].rstrip(".")
    turned = _pooled(run, write, text, "IRR", *shlex.split(said))
    assert "A      0.64" in out and "A      1.56" in turned


@pytest.mark.parametrize(
    ("table", "measure", "words"),
    [
        ({"O-E": [-3.2], "V": [5.1]}, "HR", "is (O - E) / V and its se 1 / root of V"),
        (
            {"mean_int": [1], "se_int": [2], "n_int": [9], "mean_ctl": [1], "se_ctl": [2], "n_ctl": [9]},
            "MD",
            "SE x root",
        ),
        ({"estimate": [1.0], "p_value": [0.04]}, "GEN", "an exact two-sided one gives the se"),
        ({"events_int": [1], "n_int": [9], "events_ctl": [2], "n_ctl": [9]}, "HR", "no hazard ratio follows"),
    ],
)
def test_the_function_says_the_same(table, measure, words):
    with pytest.raises(EvidenceError) as refused:
        rl.effect_sizes(table, measure)
    assert words in str(refused.value)


@pytest.mark.parametrize("table", [{"estimate": [1.0], "se": [2.0]}, {"estimate": [1.0], "ci_low": [0.5]}])
def test_columns_of_an_estimate_are_not_taken_for_those_of_an_arm(table):
    with pytest.raises(EvidenceError) as refused:
        rl.effect_sizes(table, "MD")
    assert "may be" not in str(refused.value)


@pytest.mark.parametrize("text", ['[{"study": "A", "n": 4}]', '{"study": {"0": "A"}}', '[\n {"study": "A"}\n]'])
def test_a_table_in_json_is_called_by_its_name(run, write, text):
    code, out, err = run("pool", write("a.json", text), "--measure", "RR")
    assert (code, out) == (1, "") and "a.json is JSON, not a table. Save the table as CSV or .xlsx" in err


@pytest.mark.parametrize("named", ["icc", "Clusters", "cluster_size", "N clusters", "Design effect"])
def test_people_of_clusters_are_said_to_be_counted_as_independent(run, write, named):
    text = f"study,events_t,n_t,events_c,n_c,{named}\nA,10,50,15,50,.05\nB,4,40,6,41,.05\n"
    out = _pooled(run, write, text, "RR")
    assert f"Note: {named}: people were counted as independent" in out and "1 + (cluster size - 1) x ICC" in out
    assert "independent" not in _pooled(run, write, text.replace(named, "twinkle"), "RR")


def test_a_row_with_one_limit_says_that_the_other_is_missing(run, write):
    out = _pooled(run, write, "study,HR,lower,upper\nA,.75,,.94\nB,.8,.62,1.03\nC,.7,.5,.98\nD,.6,,\n", "HR")
    assert "A      left out: only one limit is reported: the other, or the se, is needed" in out
    assert "D      left out: not reported: se, variance or limits" in out
