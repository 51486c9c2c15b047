"""`reviewlib pool`: one line for a spreadsheet of any dialect, and a friendly word for what cannot be pooled."""

import json

import numpy as np
import pytest

import reviewlib as rl
from reviewlib.exchange import pool_file

ARMS = """trial,n_int,mean_int,sd_int,n_ctl,mean_ctl,sd_ctl,setting
Example A,40,12.5,4.1,41,14.9,4.4,clinic
Example B,25,10.0,3.9,24,10.4,4.0,clinic
Example C,60,11.2,5.0,58,14.0,4.8,hospital
Example D,33,9.8,4.2,35,11.1,4.1,hospital
Example E,50,10.9,4.6,50,13.3,4.9,hospital
"""
METAFOR = ARMS.replace("trial,n_int,mean_int,sd_int,n_ctl,mean_ctl,sd_ctl", "slab,n1i,m1i,sd1i,n2i,m2i,sd2i")
METAPSY = ARMS.replace(
    "trial,n_int,mean_int,sd_int,n_ctl,mean_ctl,sd_ctl", "study,n_arm1,mean_arm1,sd_arm1,n_arm2,mean_arm2,sd_arm2"
)
REVMAN = ARMS.replace(
    "trial,n_int,mean_int,sd_int,n_ctl,mean_ctl,sd_ctl",
    "Study,Experimental N,Experimental mean,Experimental SD,Control N,Control mean,Control SD",
)


def studies(measure="SMD"):
    rows = [line.split(",") for line in ARMS.splitlines()]
    table = {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}
    numbers = {
        name: [float(v) for v in values] if name not in ("trial", "setting") else values
        for name, values in table.items()
    }
    return rl.effect_sizes(numbers, measure)


@pytest.mark.parametrize(
    ("text", "dialect"), [(ARMS, "ours"), (METAFOR, "metafor"), (METAPSY, "metapsy"), (REVMAN, "revman")]
)
def test_the_same_studies_in_every_dialect_give_the_same_pool(write, text, dialect):
    quick = pool_file(write("a.csv", text), "SMD")
    want = rl.house_rule(studies())
    assert quick.mapping.dialect.key == dialect
    assert (quick.pooled.estimate, *quick.pooled.ci, quick.pooled.tau2) == pytest.approx(
        (want.estimate, *want.ci, want.tau2), rel=1e-12
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_encodings_separators_and_decimal_commas_change_nothing(write, encoding, mark):
    text = ARMS.replace("Example A", "Exampl\u00e9 A")
    if mark != ",":
        text = text.replace(",", mark).replace(".", ",")
    quick = pool_file(write("a.csv", text.encode(encoding)), "MD")
    assert quick.pooled.estimate == pytest.approx(rl.house_rule(studies("MD")).estimate, rel=1e-12)
    assert quick.studies["trial"].iloc[0] == "Exampl\u00e9 A"


def test_yi_and_vi_are_on_the_analysis_scale(write):
    effects = rl.effect_sizes(
        {
            "trial": list("ABC"),
            "events_int": [4, 9, 12],
            "n_int": [50, 60, 55],
            "events_ctl": [9, 11, 20],
            "n_ctl": [51, 58, 50],
        },
        "RR",
    )
    text = "slab,yi,vi\n" + "\n".join(
        f"{t},{y!r},{v!r}" for t, y, v in effects[["trial", "estimate", "variance"]].values
    )
    quick = pool_file(write("y.csv", text.replace("np.float64(", "").replace(")", "")), "RR")
    want = rl.house_rule(effects)
    assert quick.pooled.estimate == pytest.approx(want.estimate, rel=1e-12)
    assert f"RR {np.exp(want.estimate):.2f}" in str(quick)


def test_ratios_with_limits_are_taken_to_the_log_scale(write):
    text = "Study,Odds ratio,Lower CI,Upper CI\nExample A,0.5,0.25,1\nExample B,2,1,4\n"
    quick = pool_file(write("o.csv", text))
    assert quick.pooled.estimate == pytest.approx(0, abs=1e-12)
    assert "OR 1.00" in str(quick)


def test_non_events_become_totals(write):
    one = pool_file(write("n.csv", "study,ai,bi,ci,di\nA,4,46,9,42\nB,6,50,10,45\n"), "OR")
    two = pool_file(write("t.csv", "study,ai,n1i,ci,n2i\nA,4,50,9,51\nB,6,56,10,55\n"), "OR")
    assert one.pooled.estimate == two.pooled.estimate


def test_one_line_prints_table_sentence_methods_and_draws(run, write, tmp_path):
    for name, start in (("f.svg", b"<svg"), ("f.png", b"\x89PNG"), ("f.pdf", b"%PDF")):
        code, out, err = run("pool", write("a.csv", ARMS), "--measure", "SMD", "--forest", tmp_path / name)
        assert code == 0 and err == ""
        assert (tmp_path / name).read_bytes().startswith(start)
    for words in ("this project's own", "Example C", "95% CI", "tau2", "restricted maximum likelihood", "f.pdf"):
        assert words in out


def test_json_holds_every_digit(run, write):
    code, out, _ = run("pool", write("a.csv", ARMS), "--measure", "MD", "--json", "--subgroup", "setting")
    document = json.loads(out)
    assert code == 0
    assert document["pooled"]["estimate"] == rl.house_rule(studies("MD")).estimate
    assert [group["name"] for group in document["subgroups"]["groups"]] == ["clinic", "hospital"]
    assert len(document["studies"]) == 5


def test_a_column_can_be_named(run, write):
    text = ARMS.replace("trial,n_int", "Paper,Treated")
    code, _, err = run("pool", write("a.csv", text), "--measure", "SMD")
    assert code == 1 and "Treated" in err and "--map ours=theirs" in err
    code, out, _ = run("pool", write("a.csv", text), "--measure", "SMD", "--map", "n_int=Treated", "--label", "Paper")
    assert code == 0 and "Example A" in out


def test_one_study_is_shown_and_not_pooled(run, write):
    code, _, err = run("pool", write("a.csv", "\n".join(ARMS.splitlines()[:2])), "--measure", "MD")
    assert code == 1
    assert "report it by itself" in err and "Example A" in err and "-2.40" in err


def test_the_same_study_twice_is_told(run, write):
    code, out, _ = run("pool", write("a.csv", ARMS.replace("Example B", "Example A")), "--measure", "MD")
    assert code == 0 and "counted twice" in out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("12.5", "12.5x"), ["line 2", "mean_int", "is not a number"]),
        (("12.5", "=A1"), ["line 2", "formula"]),
        (("4.1", "-4.1"), ["sd_int", "cannot be negative"]),
        (("sd_int", "mean_int"), ["two columns have this name"]),
        (("Example A,40", "Example A"), ["line 2", "cells"]),
        (("Example A", '"Example A'), ["quotation mark"]),
    ],
)
def test_faults_are_told_with_their_place(run, write, change, words):
    code, _, err = run("pool", write("a.csv", ARMS.replace(*change, 1)), "--measure", "SMD")
    assert code == 1
    for word in words:
        assert word in err


@pytest.mark.parametrize(
    "words",
    [("--measure", "XYZ"), ("--method", "nonsense"), ("--forest", "out.bmp"), ("--sheet", "x"), ("--map", "a=b"), ()],
)
def test_wrong_options_are_told(run, write, words):
    given = words if "--measure" in words or not words else ("--measure", "SMD", *words)
    code, _, err = run("pool", write("a.csv", ARMS), *given)
    assert (code == 1 and err) or "--sheet" in words


@pytest.mark.parametrize(
    ("measure", "one", "other"),
    [("MD", "2,1,3.5,ctl-int", "-2,-3.5,-1,int-ctl"), ("OR", "2,1,4,ctl-int", "0.5,0.25,1,int-ctl")],
)
def test_contrasts_of_our_own_columns_are_turned(write, measure, one, other):
    head = "trial,measure,estimate,ci_low,ci_high,contrast\n"
    rest = f"B,{measure},{'-1,-3,1' if measure == 'MD' else '0.8,0.4,1.6'},int-ctl\n"
    got = pool_file(write("a.csv", f"{head}A,{measure},{one}\n{rest}"))
    want = pool_file(write("b.csv", f"{head}A,{measure},{other}\n{rest}"))
    assert got.pooled.estimate == pytest.approx(want.pooled.estimate, rel=1e-12)
    assert got.pooled.se == pytest.approx(want.pooled.se, rel=1e-12)


def test_rows_of_another_measure_are_left_out_with_the_reason(write, run):
    text = (
        "trial,measure,estimate,ci_low,ci_high,contrast\nA,MD,1,0,2,int-ctl\nB,RR,2,1,4,int-ctl\nC,MD,3,1,5,int-ctl\n"
    )
    quick = pool_file(write("a.csv", text), "MD")
    assert quick.pooled.k == 2 and quick.studies["excluded"].iloc[1] == "its measure is RR"
    code, _, err = run("pool", write("a.csv", text))
    assert code == 1 and "MD, RR" in err and "--measure" in err


def test_different_outcomes_are_told(write):
    text = "trial,outcome,yi,vi\nA,pain,0.1,0.1\nB,height,0.2,0.1\n"
    assert any("different outcomes" in note for note in pool_file(write("a.csv", text)).noticed)
