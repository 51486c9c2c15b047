"""Reviews of Cochrane's programs: read rightly when the review's own pools come out again from the rows that were read.

The pools in the invented reviews come from metafor (reviews.R, numbers in reviews.json), so that a reader that takes a
wrong column, a wrong scale or a zero for a value cannot pass.
"""

import json
from math import exp, log10
from pathlib import Path

import pytest
from invented import snapshot, zipped

import reviewlib as rl
from reviewlib.evidence.check import check
from reviewlib.exchange.detect import read_any
from reviewlib.exchange.placing import rows_of
from reviewlib.exchange.verify import recomputed, verdict

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
WANT = json.loads((GOLDEN / "reviews.json").read_text(encoding="utf-8"))
STUDIES = ("Invented A 2001", "Invented B 2003", "Invented C 2007", "Invented D 2010", "Invented E 2014")
EVENTS = ((12, 100, 20, 102), (5, 61, 9, 58), (30, 210, 41, 205), (8, 75, 7, 77), (16, 140, 31, 138))
MEANS = (
    (10.2, 3.1, 40, 12.0, 3.3, 41),
    (8.9, 2.8, 25, 9.1, 3.0, 24),
    (11.0, 4.0, 60, 14.1, 4.2, 58),
    (9.4, 3.5, 33, 10.2, 3.6, 35),
    (10.1, 3.9, 50, 12.9, 4.1, 50),
)
LOGS = ((-0.51, 0.21), (-0.12, 0.33), (-0.42, 0.15), (0.08, 0.29), (-0.66, 0.24))
OE = ((-4.2, 8.1), (-1.1, 3.3), (-6.0, 16.2), (0.4, 3.9), (-7.1, 10.4))


def attributes(**words):
    return " ".join(f'{name}="{value}"' for name, value in words.items())


def outcome(kind, number, name, want, rows, *, measure=None, **about):
    """One analysis of a .rm5 file, with the pool that metafor gives for it."""
    pool = {"EFFECT_SIZE": want[0], "CI_START": want[1], "CI_END": want[2], "LOG_EFFECT_SIZE": "0", "TOTALS": "YES"}
    own = {"EFFECT_MEASURE": measure} if measure and kind in ("DICH", "CONT") else {}
    child = f"<EFFECT_MEASURE>{measure}</EFFECT_MEASURE>" if measure and not own else ""
    data = "".join(f'<{kind}_DATA STUDY_ID="STD-Example_x002d_{i}" {attributes(**row)}/>' for i, row in enumerate(rows))
    head = attributes(NO=number, **own, **pool, **about)
    return (
        f"<{kind}_OUTCOME {head}><NAME>{name}</NAME>{child}<GROUP_LABEL_1>Treatment</GROUP_LABEL_1>"
        f"<GROUP_LABEL_2>Control</GROUP_LABEL_2>{data}</{kind}_OUTCOME>"
    )


def rm5() -> str:
    events = [dict(zip(("EVENTS_1", "TOTAL_1", "EVENTS_2", "TOTAL_2"), row, strict=True)) for row in EVENTS]
    means = [dict(zip(("MEAN_1", "SD_1", "TOTAL_1", "MEAN_2", "SD_2", "TOTAL_2"), row, strict=True)) for row in MEANS]
    logs = [{"ESTIMATE": y, "EFFECT_SIZE": exp(y), "LOG_EFFECT_SIZE": log10(exp(y)), "SE": se} for y, se in LOGS]
    # Older files hold no ESTIMATE: then only the ratio itself may be used, never its logarithm to base 10.
    old = [{k: v for k, v in row.items() if k != "ESTIMATE"} for row in logs]
    ipd = [{"O_E": o, "VAR": v, "EVENTS_1": 1, "TOTAL_1": 10, "EVENTS_2": 2, "TOTAL_2": 10} for o, v in OE]
    studies = "".join(
        f'<STUDY ID="STD-Example_x002d_{i}" NAME="{name}" YEAR="{name[-4:]}." DATA_SOURCE="PUB"/>'
        for i, name in enumerate(STUDIES)
    )
    outcomes = "".join(
        (
            outcome("DICH", 1, "Death", WANT["mh_rr"], events, measure="RR", METHOD="MH", RANDOM="NO"),
            outcome("DICH", 2, "Death, random", WANT["mh_random_rr"], events, measure="RR", METHOD="MH", RANDOM="YES"),
            outcome("DICH", 3, "Death, odds", WANT["peto"], events, measure="PETO_OR", METHOD="PETO", RANDOM="NO"),
            outcome("CONT", 4, "Pain", WANT["md_random"], means, measure="MD", METHOD="IV", RANDOM="YES"),
            outcome("CONT", 5, "Pain, standardized", WANT["smd_fixed"], means, measure="SMD", METHOD="IV", RANDOM="NO"),
            outcome("IV", 6, "Relapse", WANT["log_fixed"], logs, measure="Hazard Ratio", METHOD="IV", RANDOM="NO"),
            outcome(
                "IV", 7, "Relapse, old file", WANT["log_fixed"], old, measure="Odds Ratio", METHOD="IV", RANDOM="NO"
            ),
            outcome("IPD", 8, "Survival", WANT["oe"], ipd, measure="Hazard Ratio", METHOD="EXP_O_E_VAR", RANDOM="NO"),
        )
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<COCHRANE_REVIEW DESCRIPTION="Invented" TYPE="INTERVENTION">'
        f"<STUDIES_AND_REFERENCES><STUDIES>{studies}</STUDIES></STUDIES_AND_REFERENCES>"
        f'<ANALYSES_AND_DATA><COMPARISON NO="1"><NAME>Invented</NAME>{outcomes}</COMPARISON></ANALYSES_AND_DATA>'
        "</COCHRANE_REVIEW>"
    )


ROWS = (
    "Analysis group,Analysis number,Analysis name,Subgroup,Applicability,Study,Study year,GIV Mean,GIV SE,"
    "Experimental mean,Experimental SD,Experimental cases,Experimental N,Control mean,Control SD,Control cases,"
    "Control N,O-E,Variance,Weight,Mean,CI start,CI end,Footnotes"
)
SETTINGS = (
    "Analysis group,Analysis number,Analysis name,Data source,Data type,Log-scale data,Experimental group label,"
    "Control group label,Statistical method,Effect measure,Unit of effect measure,Analysis model,Study CI,"
    "Estimate CI,Swap event and non-event,Mean,CI start,CI end,Heterogeneity Tau\u00b2"
)


def web_rows():
    """Rows as RevMan Web writes them: what is absent is 0.0."""
    for i, name in enumerate(STUDIES):
        e, m, (y, se), (o, v) = EVENTS[i], MEANS[i], LOGS[i], OE[i]
        year = name[-4:]
        yield f"1,1,Death,,,{name},{year},0.0,0.0,0.0,0.0,{e[0]},{e[1]},0.0,0.0,{e[2]},{e[3]},0.0,0.0,20%,0.7,0.4,1.1,"
        yield f"1,2,Pain,,,{name},{year},0.0,0.0,{m[0]},{m[1]},0,{m[2]},{m[3]},{m[4]},0,{m[5]},0.0,0.0,20%,0.0,0.0,0.0,"
        yield f"1,3,Relapse,,,{name},{year},{y},{se},0.0,0.0,0,0,0.0,0.0,0,0,0.0,0.0,20%,{exp(y)},0.1,2,#N/A"
        yield f"1,4,Survival,,,{name},{year},0.0,0.0,0.0,0.0,1,10,0.0,0.0,2,10,{o},{v},20%,0.0,0.0,0.0,"


def web(rows=None, settings=None, extra=None) -> bytes:
    def line(number, name, kind, method, measure, model, want):
        pool = ",".join(map(str, want))
        about = f"manual,{kind},false,Treatment,Control,{method},{measure},,{model},95%,95%,false"
        return f"1,{number},{name},{about},{pool},0.1"

    made = [
        line(1, "Death", "Dichotomous", "Mantel-Haenszel", "Risk Ratio", "Fixed effect", WANT["mh_rr"]),
        line(2, "Pain", "Continuous", "Inverse variance", "Mean Difference", "Random effects", WANT["md_random"]),
        line(3, "Relapse", "Contrast level", "Inverse variance", "Hazard Ratio", "Fixed effect", WANT["log_fixed"]),
        line(4, "Survival", "O-E and variance", "Exp[(O-E) / Var]", "Hazard Ratio", "Fixed effect", WANT["oe"]),
    ]
    rows = "\ufeff" + "\n".join([ROWS, *(rows or web_rows())]) + "\n"
    settings = "\ufeff" + "\n".join([SETTINGS, *(settings or made)]) + "\n"
    inner = {
        "CD0-analysis-data/CD0-data-rows.csv": rows.encode(),
        "CD0-analysis-data/CD0-overall-estimates-and-settings.csv": settings.encode(),
        **(extra or {}),
    }
    return zipped({"CD0-files/CD0-data.zip": zipped(inner)})


@pytest.mark.parametrize(("name", "content", "count"), [("r.rm5", rm5, 8), ("r.zip", web, 4)])
def test_the_pools_of_the_review_come_out_again(write, name, content, count):
    found = read_any(write(name, content()))
    assert len(found.pools) == count
    assert len(found.records) == count * len(STUDIES)
    for pool in found.pools:
        assert recomputed(pool) == pytest.approx((pool.estimate, pool.ci_low, pool.ci_high), rel=1e-6), pool.title
        assert "they agree" in verdict(pool)


def test_a_review_in_latin_1_keeps_its_letters(write):
    text = rm5().replace("Invented A 2001", "Inv\u00e9nted A 2001")
    for data in (text.encode("latin-1"), text.replace("ISO-8859-1", "UTF-8").encode("utf-8-sig")):
        assert read_any(write("r.rm5", data)).records[0].get("trial") == "Inv\u00e9nted A 2001"


def test_a_wrong_row_makes_the_pools_disagree(write):
    found = read_any(write("r.rm5", rm5().replace('EVENTS_1="12"', 'EVENTS_1="21"')))
    assert "THEY DISAGREE" in verdict(found.pools[0])


def test_study_names_years_and_arms_are_those_of_the_review(write):
    record = read_any(write("r.rm5", rm5())).records[0]
    assert (record.get("trial"), record.get("year")) == ("Invented A 2001", "2001")
    assert (record.get("intervention"), record.get("comparator")) == ("Treatment", "Control")


def test_zeros_that_mean_absent_are_not_values(write):
    records = {r.get("outcome"): r for r in read_any(write("r.zip", web())).records}
    assert not records["Death"].get("mean_int") and records["Death"].get("events_int")
    assert not records["Pain"].get("events_int") and records["Pain"].get("mean_int")
    assert not records["Relapse"].get("n_int")


def test_zeros_of_a_loose_table_are_not_values_either(write):
    found = read_any(write("data-rows.csv", "\n".join([ROWS, *web_rows()])))
    kinds = [next(n for n in ("mean_int", "estimate", "events_int") if r.get(n)) for r in found.records[:3]]
    assert kinds == ["events_int", "mean_int", "estimate"]
    assert not found.records[1].get("events_int") and not found.records[2].get("n_int")


def test_a_review_becomes_rows_that_pool_to_the_same_number(run, write, evidence):
    path = write("r.rm5", rm5())
    words = ("--set", "design=rct", "--set", "outcome=death", "--set", "timepoint_weeks=12", "--yes")
    code, out, err = run("import", path, "--topic", "example", "--evidence", evidence, "--only", "Relapse", *words)
    assert code == 0, err
    assert "they agree" in out and "10 rows" in out
    assert not [p for p in check(evidence) if p.severity == "error"]
    frame = rl.load_evidence(evidence)["example"].results
    mine = frame[frame["analysis"] == "analysis 1.6"]
    assert set(mine["status"]) == {"derived"} and set(mine["locator"]) == {"locator missing"}
    assert mine["notes"].str.contains("Imported on .* from r.rm5 .RevMan 5 review.").all()
    fit = rl.meta_analysis(rl.study_effects(mine, "HR"), method="CE")
    assert exp(fit.estimate) == pytest.approx(WANT["log_fixed"][0], rel=1e-9)
    assert set(mine["source_id"]) <= {row["source_id"] for row in rows_of((evidence / "sources.csv").read_bytes())}


def test_an_imported_row_is_never_silently_main(run, write, evidence):
    words = ("--set", "design=rct", "--set", "outcome=pain", "--set", "timepoint_weeks=12", "--yes")
    means = ("--set", "instrument_id=example-100", "--set", "value_kind=final", "--only", "1.4")
    code, _, err = run("import", write("r.rm5", rm5()), "--topic", "example", "--evidence", evidence, *words, *means)
    assert code == 0, err
    table = evidence / "example" / "synthesis.csv"
    table.write_text(table.read_text() + "pain-short,invented2001-i01,main,,Because I say so\n")
    assert any("secondary" in p.rule for p in check(evidence) if p.severity == "error")
    table.write_text(table.read_text().replace("main,,Because", "main,secondary,Because"))
    assert any("locator" in p.rule for p in check(evidence) if p.severity == "error")


def test_the_same_file_twice_is_refused(run, write, evidence):
    path = write("r.rm5", rm5())
    words = ("--set", "design=rct", "--topic", "example", "--evidence", evidence, "--only", "1.1", "--yes")
    first = run("import", path, *words)
    assert first[0] == 0, first
    before = snapshot(evidence)
    code, _, err = run("import", path, *words)
    assert code == 1 and "there already" in err and snapshot(evidence) == before


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY b "&lol;&lol;">]>'
    "<COCHRANE_REVIEW>&b;</COCHRANE_REVIEW>"
)
OUTSIDE = LAUGHS.replace('<!ENTITY lol "lol">', '<!ENTITY x SYSTEM "file:///etc/hostname">')


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("r.rm5", lambda: rm5()[:3000], "cut off"),
        ("r.rm5", lambda: LAUGHS, "XML bombs"),
        ("r.rm5", lambda: LAUGHS.encode("utf-16"), "XML bombs"),
        ("r.rm5", lambda: OUTSIDE, "XML bombs"),
        ("r.rm5", lambda: rm5().replace('MEAN_1="10.2"', 'MEAN_1="ten"'), 'MEAN_1="ten"'),
        ("r.rm5", lambda: rm5().replace('TYPE="INTERVENTION"', 'TYPE="DIAGNOSTIC"'), "test accuracy"),
        ("r.rm5", lambda: "<html><body>Sign in</body></html>", "a web page (HTML)"),
        ("r.zip", lambda: web(extra={"CD0-parameters.csv": b"a"}), "test accuracy"),
        ("r.zip", lambda: zipped({"CD0-files/study-information.csv": b"a"}), "September 2024"),
        ("r.zip", lambda: web()[:400], "damaged"),
        ("r.zip", lambda: zipped({"readme.txt": b"hello"}), "neither"),
        ("r.zip", lambda: web(rows=["1,9,Death" + "," * 21]), "not in the settings"),
    ],
)
def test_what_cannot_be_read_is_told(run, write, evidence, name, content, word):
    before = snapshot(evidence)
    code, _, err = run("import", write(name, content()), "--topic", "example", "--evidence", evidence, "--yes")
    assert code == 1 and word in err
    assert snapshot(evidence) == before
