"""What a row says twice must agree: two columns of one effect, and an estimate beside its arms."""

import csv
import re

import numpy as np
import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError
from reviewlib.exchange.quickpool import pool_file

HEADS = ("yi,vi,{}", "{},yi,vi", "TE,seTE,{}", "estimate,se,{}")
LOGS = np.log([0.81, 0.56, 0.75])


def sheet(head, first, second, spread=(0.1, 0.2, 0.15)):
    """Return a file of three studies: `first` under the estimate of the head, `second` under the other column."""
    names = head.split(",")
    lines = [f"study,{head}"]
    for i, study in enumerate("ABC"):
        cells = {
            "yi": first[i],
            "TE": first[i],
            "estimate": first[i],
            "vi": spread[i] ** 2,
            "seTE": spread[i],
            "se": spread[i],
        }
        lines.append(",".join([study, *(str(cells.get(name, second[i])) for name in names)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("column", ["OR", "odds ratio", "HR", "RR", "IRR", "Hazard Ratio"])
def test_a_ratio_beside_its_logarithm_is_compared_by_pool(write, head, column):
    right, wrong, metafor = [0.81, 0.56, 0.75], [0.81, 0.56, 1.33], np.log(0.743)
    logs = [f"{value:.4f}" for value in LOGS]
    text = sheet(head.format(column), logs, right)
    if not head.startswith("estimate"):  # nothing says that these are logarithms, if not the column beside them
        assert pool_file(write("a.csv", text)).pooled.estimate == pytest.approx(metafor, abs=5e-4)
    with pytest.raises(EvidenceError, match="contradicts the estimate in the same row|could all be estimate"):
        pool_file(write("b.csv", sheet(head.format(column), logs, wrong)))


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [
        ("OR,se,logOR", ["0.81", "0.56", "0.75"], ["-0.211", "-0.58", "0.288"]),  # a sign lost
        ("HR,se,lnHR", ["0.81", "0.56", "0.75"], ["-0.211", "-0.58", "-0.75"]),
        ("yi,vi,log_rr", ["-0.21", "-0.58", "-0.29"], ["-0.21", "0.58", "-0.29"]),
        ("yi,vi,SMD", ["-0.21", "-0.58", "-0.29"], ["-0.21", "0.58", "-0.29"]),
        ("yi,vi,MD", ["-2.1", "-5.8", "-2.9"], ["-2.1", "-5.8", "-29"]),  # ten times
        ("yi,vi,ln(OR)", ["-0.2107", "-0.5798", "-0.2877"], ["-0.2107", "-0.5798", "-0.25"]),
    ],
)
def test_a_contradiction_is_refused_by_the_column_and_the_line(run, write, evidence, head, first, second):
    names, lines = head.split(","), [f"study,{head},design"]
    for i, study in enumerate("ABC"):
        cells = [first[i], {"se": "0.1", "vi": "0.01"}[names[1]], second[i]]
        lines.append(",".join([study, *cells, "rct"]))
    path = write("a.csv", "\n".join(lines) + "\n")
    for words in (["pool", path], ["import", path, "--topic", "example", "--evidence", evidence, "--yes"]):
        code, _, err = run(*words)
        assert code == 1 and re.search(rf"column ({names[0]}|{re.escape(names[2])}): .*contradicts the estimate", err)


@pytest.mark.parametrize(
    "column", ["aOR", "adjusted OR", "n", "weight", "d", "OR_note"]
)  # may differ, or say nothing of the effect
def test_other_columns_are_left_alone(write, column):
    assert pool_file(write("a.csv", sheet(f"yi,vi,{column}", [-0.21, -0.58, -0.29], [9, 8, 7]))).pooled.k == 3


@pytest.mark.parametrize("name", ["OR", "logHR", "risk ratio", "SMD"])
def test_the_api_compares_too(name):
    right = np.exp(LOGS) if name in ("OR", "risk ratio") else LOGS
    table = {"study": list("ABC"), "yi": LOGS, "vi": [0.01, 0.04, 0.0225]}
    assert rl.meta_analysis(table | {name: right}).k == 3
    bad = right * [1, 1, 1.4]
    with pytest.raises(EvidenceError, match=r"\(C\).* contradicts the estimate in the same row"):
        rl.meta_analysis(table | {name: bad})
    out = table | {name: bad, "excluded": ["", "", "misprint"]}
    assert rl.meta_analysis(out).k == 2
    with pytest.raises(EvidenceError, match="contradicts the estimate in the same row"):
        rl.egger(table | {name: bad})
    printed = {"trial": list("ABC"), "estimate": np.exp(LOGS), "se": [0.1, 0.2, 0.15], "lnHR": LOGS * [1, 1, -1]}
    with pytest.raises(EvidenceError, match="column lnHR"):
        rl.effect_sizes(printed, "HR", ratio=True)


# ------------------------------------------------------------------------------------------------ arms

MEANS = "study,mean_e,sd_e,n_e,mean_c,sd_c,n_c,MD,lower,upper"
EVENTS = "study,event_e,n_e,event_c,n_c,OR,lower,upper"
MEAN, EVENT = "A,7.1,3,40,9.4,3,40,-2.3,-3.6,-1.0", "A,10,50,20,50,0.375,0.15,0.92"
CONTRADICTIONS = {
    "exchanged means": (MEANS, [MEAN, "B,9.4,3,40,7.1,3,40,-2.3,-3.6,-1.0"], "MD", "side"),
    "another place": (MEANS, [MEAN, "B,7.1,3,40,9.4,3,40,-5.3,-6.6,-4.0"], "MD", "place"),
    "exchanged events": (EVENTS, [EVENT, "B,20,50,10,50,0.38,0.15,0.92"], "OR", "side"),
    "another odds ratio": (EVENTS, [EVENT, "B,10,50,20,50,0.95,0.39,2.3"], "OR", "place"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_an_estimate_that_its_arms_contradict_is_refused_by_import(run, write, evidence, name):
    head, rows, measure, kind = CONTRADICTIONS[name]
    path = write("a.csv", "\n".join([head, *rows]) + "\n")
    before = sorted((p, p.read_bytes()) for p in evidence.rglob("*") if p.is_file())
    words = ("--set", f"measure={measure}", "--topic", "example", "--evidence", evidence, "--yes")
    code, _, err = run("import", path, *words)
    assert code == 1 and f"on the other {kind}" in err.replace("at another", "on the other") and "B, line 3" in err
    assert sorted((p, p.read_bytes()) for p in evidence.rglob("*") if p.is_file()) == before


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_pool_refuses_a_mirrored_estimate_and_notes_one_at_another_place(run, write, name):
    head, rows, measure, kind = CONTRADICTIONS[name]
    code, out, err = run("pool", write("a.csv", "\n".join([head, *rows]) + "\n"), "--measure", measure)
    assert (code, "the arms give" in (err if kind == "side" else out)) == (1 if kind == "side" else 0, True)


def test_a_mirrored_estimate_is_found_where_nobody_says_the_measure(run, write, evidence):
    text = "study,m1i,sd1i,n1i,m2i,sd2i,n2i,yi,vi\nA,9.4,3,40,7.1,3,40,-2.3,0.45\nB,9,3,40,7,3,40,2,0.45\n"
    code, _, err = run("import", write("a.csv", text), "--topic", "example", "--evidence", evidence)
    assert code == 1 and "the arms give MD 2.3, the estimate is -2.3, on the other side" in err


@pytest.mark.parametrize(
    "row",
    [
        "A,7.1,3,40,9.4,3,40,-2.3,-3.6,-1.0",
        "A,7.1,3,40,9.4,3,40,-2.1,-3.4,-0.8",  # an adjusted estimate nearby
        "A,7.1,3,40,9.4,3,40,,,",
        "A,,,,,,,-2.3,-3.6,-1.0",
        "A,9.0,3,40,9.01,3,40,0.02,-1.3,1.3",  # about no difference
    ],
)
def test_estimates_near_their_arms_are_imported(run, write, evidence, row):
    path = write("a.csv", f"{MEANS}\n{row}\n")
    words = [
        "intervention=x",
        "comparator=y",
        "outcome=pain",
        "design=rct",
        "instrument_id=example-100",
        "value_kind=final",
        "measure=MD",
        "contrast=int-ctl",
    ]
    options = [part for word in words for part in ("--set", word)]
    code, out, err = run("import", path, *options, "--topic", "example", "--evidence", evidence, "--yes")
    assert code == 0, err
    rows = list(csv.DictReader((evidence / "example" / "results.csv").open()))
    assert any(r["trial"] == "A" for r in rows)


def test_a_contrast_the_other_way_round_is_no_contradiction(write):
    rows = "A,7,3,40,9,3,40,2,0.7,ctl-int\nB,8,3,40,9,3,40,1,0.7,ctl-int\n"
    text = f"study,mean_e,sd_e,n_e,mean_c,sd_c,n_c,MD,se,contrast\n{rows}"
    assert pool_file(write("a.csv", text), "MD").pooled.estimate == pytest.approx(-1.5)


@pytest.mark.parametrize(
    ("head", "value", "measure"), [("TE", "2", "MD"), ("yi", "2", "MD"), ("MD", "2", "MD"), ("SMD", "0.5", "SMD")]
)
def test_an_effect_without_its_standard_error_is_held_against_the_arms_too(write, head, value, measure):
    names = f"study,Ne,Me,Se,Nc,Mc,Sc,{head}"
    rows = f"A,40,10.5,4,41,12.5,4,{value}\nB,30,11,4.5,31,12,4,\n"
    with pytest.raises(EvidenceError, match="on the other side"):
        pool_file(write("a.csv", f"{names}\n{rows}"), measure)
    assert pool_file(write("b.csv", f"{names}\n{rows.replace(f',{value}', f',-{value}')}"), measure).pooled.k == 2


def test_the_route_that_is_told_is_that_of_each_row(write):
    text = "slab,ai,n1i,ci,n2i,OR,lower,upper\nA,10,50,20,50,,,\nB,,,,,0.6,0.4,0.9\nC,5,40,8,41,,,\n"
    assert any("not from arms: B" in note for note in pool_file(write("a.csv", text), "OR").noticed)
    text = "slab,yi,vi,ci.lb,ci.ub\nA,-0.5,0.04,,\nB,-0.3,0.09,,\nC,-0.4,,-0.8,0\n"
    assert not any("not from arms" in note for note in pool_file(write("b.csv", text), "MD").noticed)
