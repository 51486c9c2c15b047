"""What files once got wrong without a word, kept with the right value, or with the refusal that says what to write."""

import io
import math

import openpyxl
import pytest
from invented import snapshot, zipped

import reviewlib as rl
from reviewlib.errors import EvidenceError
from reviewlib.exchange import pool_file
from reviewlib.exchange.detect import read_any
from reviewlib.exchange.dialects import understand
from reviewlib.exchange.numerals import number, says

RATIOS = "study,OR,se\nA,0.81,0.10\nB,0.56,0.20\nC,0.75,0.15\n"
LIMITS = "study,{},lower,upper\nA,0.81,0.666,0.985\nB,0.56,0.378,0.829\nC,0.75,0.559,1.006\n"
MEANS = "mean_t,sd_t,n_t,mean_c,sd_c,n_c"
ROWS = "A,10.5,4,40,12.5,4,41\nB,11,4.5,30,12,4,31\n"


# The scale of a ratio --------------------------------------------------------------------------------------------


def test_a_column_named_as_a_ratio_is_one_and_its_se_that_of_the_logarithm(write):
    pooled = pool_file(write("a.csv", RATIOS), "OR").pooled
    # metafor: rma(log(c(.81, .56, .75)), sei = c(.1, .2, .15), test = "knha"), exponentiated
    got = [math.exp(v) for v in (pooled.estimate, *pooled.ci)]
    assert got == pytest.approx([0.743, 0.495, 1.117], abs=5e-4)


@pytest.mark.parametrize(
    "name",
    [
        "OR",
        "aOR",
        "adj. OR",
        "Odds Ratio",
        "odds_ratio",
        "crude OR",
        "HR",
        "Hazard Ratio",
        "aHR",
        "aRR",
        "Relative risk",
    ],
)
def test_every_spelling_of_a_ratio_is_a_ratio(write, name):
    for text in (RATIOS.replace("OR", name), LIMITS.format(name)):
        studies = pool_file(write("a.csv", text)).studies
        assert studies["estimate"].tolist() == pytest.approx([math.log(v) for v in (0.81, 0.56, 0.75)])
        assert studies["se"].tolist() == pytest.approx([0.10, 0.20, 0.15], rel=0.01)


@pytest.mark.parametrize("name", ["logOR", "lnHR", "ln(OR)", "log_rr", "beta", "coef", "yi", "TE", "log odds ratio"])
def test_every_spelling_of_a_logarithm_is_a_logarithm(write, name):
    studies = pool_file(
        write("a.csv", RATIOS.replace("OR", name)), {"lnHR": "HR", "log_rr": "RR"}.get(name, "OR")
    ).studies
    assert studies["estimate"].tolist() == [0.81, 0.56, 0.75]


def test_limits_decide_where_the_name_does_not(write):
    ratios = pool_file(write("a.csv", LIMITS.format("estimate")), "OR").studies
    assert ratios["estimate"].iloc[0] == pytest.approx(math.log(0.81))
    logs = "study,effect,lower,upper\nA,0.81,0.61,1.01\nB,0.56,0.16,0.96\n"
    assert pool_file(write("b.csv", logs), "OR").studies["estimate"].tolist() == [0.81, 0.56]
    below = "study,effect,se\nA,0.81,0.1\nB,-0.56,0.2\n"
    assert pool_file(write("c.csv", below), "OR").studies["estimate"].tolist() == [0.81, -0.56]


def test_limits_of_the_ratio_beside_its_logarithm_are_turned(write):
    text = LIMITS.format("logOR").replace("0.81", "-0.2107").replace("0.56", "-0.5798").replace("0.75", "-0.2877")
    studies = pool_file(write("a.csv", text)).studies
    assert studies["se"].tolist() == pytest.approx([0.10, 0.20, 0.15], rel=0.01)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RATIOS.replace("OR", "estimate"), "--map OR=estimate"),
        (RATIOS.replace("0.81", "-0.21"), "line 2, column OR"),
        (RATIOS.replace("se", "SE of OR"), "ratio itself or of its logarithm"),
        ("study,OR,lower,upper\nA,0.81,0.61,1.01\nB,0.56,0.16,0.96\n", "as those of a logarithm"),
        (LIMITS.format("logOR"), "as those of a ratio do"),
        (LIMITS.format("OR").replace("upper", "upper,se").replace("0.985", "0.985,0.6"), "cells"),
        ("study,OR,lower,upper,se\nA,0.81,0.666,0.985,0.6\nB,0.56,0.378,0.829,0.2\n", "does not agree with the limits"),
        ("study,logOR,se,var\nA,0.81,0.1,0.1\nB,0.56,0.2,0.04\n", "not the square"),
        ("study,crude OR,adj OR,se\nA,0.8,0.7,0.1\nB,0.5,0.6,0.2\n", "could all be estimate"),
        ("study,OR,HR,se\nA,0.8,0.7,0.1\nB,0.5,0.6,0.2\n", "say which with --measure"),
        ("study,OR,se\nA,0.8,0.1\nTotal,0.7,0.05\n", "is a total, not a study"),
    ],
)
def test_what_contradicts_itself_or_stays_open_is_refused(run, write, text, said):
    measure = ("--measure", "OR") if "HR" not in text else ()
    code, out, err = run("pool", write("a.csv", text), *measure)
    assert code == 1 and said in err and "ratio=" not in err and out == ""


def test_a_person_can_say_which_it_is(write):
    path = write("a.csv", RATIOS.replace("OR", "estimate"))
    ratio = pool_file(path, "OR", given=["OR=estimate"]).studies["estimate"]
    assert ratio.tolist() == pytest.approx([math.log(v) for v in (0.81, 0.56, 0.75)])
    assert pool_file(path, "OR", given=["logOR=estimate"]).studies["estimate"].tolist() == [0.81, 0.56, 0.75]


def test_limits_of_another_level_are_read_by_their_name(write):
    text = LIMITS.format("OR").replace("lower", "90% CI low").replace("upper", "90% CI high")
    se = pool_file(write("a.csv", text)).studies["se"]
    assert se.iloc[0] == pytest.approx(math.log(0.985 / 0.666) / (2 * 1.6448536), rel=1e-6)


def test_import_writes_what_is_printed(run, write, evidence):
    words = [f"--set={name}=x" for name in ("intervention", "comparator")] + [
        "--set=design=rct",
        "--set=outcome=response",
    ]
    path = write("a.csv", RATIOS.replace("A,", "Alpha 2001,").replace("B,", "Beta 2002,").replace("C,", "Gamma 2003,"))
    code, _, err = run("import", path, "--topic", "example", "--evidence", evidence, *words, "--yes")
    assert code == 0, err
    table = rl.load_evidence(evidence)["example"].results
    rows = table[table["locator"] == "locator missing"]
    assert sorted(rows["estimate"]) == [0.56, 0.75, 0.81] and set(rows["measure"]) == {"OR"}
    assert sorted(rl.study_effects(rows, "OR")["se"]) == pytest.approx([0.10, 0.15, 0.20])


@pytest.mark.parametrize("measure", ["HR", "GEN"])
def test_the_api_does_not_guess_either(measure):
    table, logs = {"trial": ["A", "B"], "estimate": [0.7, 0.8], "se": [0.2, 0.1]}, [math.log(0.7), math.log(0.8)]
    table |= {"measure": "HR"} if measure == "GEN" else {}
    with pytest.raises(EvidenceError, match="ratio=True"):
        rl.effect_sizes(table, measure)
    assert rl.effect_sizes(table, measure, ratio=True)["estimate"].tolist() == pytest.approx(logs)
    assert rl.effect_sizes(table, measure, ratio=False)["estimate"].tolist() == [0.7, 0.8]
    assert rl.effect_sizes(table | {"estimate": [-0.7, 0.8]}, measure)["estimate"].tolist() == [-0.7, 0.8]
    limited = table | {"ci_low": [0.47, 0.66], "ci_high": [1.04, 0.97]}
    assert rl.effect_sizes(limited, measure)["estimate"].tolist() == pytest.approx(logs)


# Numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        ("12.5", "."),
        ("12,5", ","),
        ("0.123", "."),
        ("1,234", "?"),
        ("1.234", "?"),
        ("1,234.5", "."),
        ("1.234,5", ","),
        ("1.234.567", ","),
        ("1,25,000", "."),
        ("1.5e-3", "."),
        ("40", None),
        ("1 200", None),
        ("1 200,5", ","),
    ],
)
def test_what_a_cell_says_of_its_marks(cell, mark):
    assert says(cell) == mark


@pytest.mark.parametrize("cell", ["1 200", "1\u00a0200", "1\u202f200", "1'200", "1\u2019200", "1,200", "+1200"])
def test_thousands_are_read_where_the_decimal_mark_is_known(cell):
    assert number(cell, mark=".") == "1200"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study,event.e,n.e,event.c,n.c\nA,10.5,50,12,50\nB,4,50,6,50\n", "10.5 events, which must be a whole number"),
        ("study,event.e,n.e,event.c,n.c\nA,21%,50,12,50\nB,4,50,6,50\n", "is a percentage"),
        ("study,event.e,n.e,event.c,n.c\nA,10,1.200,12,1.100\nB,4,50,6,50\n", "may be 1200 or 1.200"),
        (f"study;{MEANS.replace(',', ';')}\nA;10.5;4;1,200;12.5;4;41\n", "is 1.200"),
        (f"study;{MEANS.replace(',', ';')}\nA;10,5;4;40;12.5;4;41\n", "has a decimal comma, but 12.5"),
    ],
)
def test_part_people_and_two_marks_in_one_file_are_refused(run, write, text, said):
    code, _, err = run("pool", write("a.csv", text), "--measure", "MD" if "mean" in text else "OR")
    if said == "is 1.200":
        assert code == 1 and "pooling needs 2 studies" in err  # 1,200 beside decimal points is 1200 people
    else:
        assert code == 1 and "line 2" in err and said in err


def test_points_beside_decimal_commas_separate_thousands_and_that_is_told(write):
    text = f"study;{MEANS.replace(',', ';')}\nA;10,5;4;1.200;12,5;4;1.100\nB;11;4,5;30;12;4;31\n"
    quick = pool_file(write("a.csv", text), "MD")
    assert quick.studies["n_int"].tolist() == [1200, 30]
    assert any("thousands (1.200)" in note for note in quick.noticed)
    assert any("decimal commas" in note for note in quick.noticed)


# Columns ---------------------------------------------------------------------------------------------------------


def test_se_is_an_sd_among_the_names_of_its_set_and_a_standard_error_elsewhere():
    together = understand(["author", "TE", "seTE", "Ne", "Me", "Se", "Nc", "Mc", "Sc"]).columns
    assert (together["sd_int"], together["se"]) == ("Se", "seTE")
    assert understand(["author", "TE", "Se"]).columns["se"] == "Se"
    assert "se" not in understand(["author", "TE", "Me", "Se", "Mc", "Sc"]).columns


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("study,n_t,mean_t,sd_t,n_e,mean_e,sd_e,n_c,mean_c,sd_c", "more than one pair of arms"),
        ("study,n1,mean1,sd1,n2,mean2,sd2,n3,mean3,sd3", "third arm"),
        ("study,n_t,N treatment,mean_t,sd_t,n_c,mean_c,sd_c", None),
        ("study,n_e,N e,mean_e,sd_e,n_c,mean_c,sd_c", "could all be n_int"),
        ("study,ai,bi,ci,OR", None),
    ],
)
def test_a_header_that_reads_two_ways_is_refused(header, said):
    if said:
        with pytest.raises(EvidenceError, match=said):
            understand(header.split(","))
    else:
        assert "events_ctl" not in understand(header.split(",")).columns


def test_numbered_arms_are_shown_by_pool_and_refused_by_import(run, write, evidence):
    path = write("a.csv", f"study,mean1,sd1,n1,mean2,sd2,n2\n{ROWS}")
    assert "first group (n1) against the second (n2)" in str(pool_file(path, "MD"))
    code, _, err = run("import", path, "--topic", "example", "--evidence", evidence)
    assert code == 1 and "--map n_int=n2" in err


def test_estimates_of_the_file_uncover_exchanged_arms(run, write):
    text = "study,mean_e,sd_e,n_e,mean_c,sd_c,n_c,MD,se\nA,10.5,4,40,12.5,4,41,2,0.9\nB,11,4.5,30,12,4,31,1,1.1\n"
    code, _, err = run("pool", write("a.csv", text), "--measure", "MD")
    assert code == 1 and "the arms give MD -2, the estimate is 2, on the other side" in err


def test_each_row_takes_the_best_route_it_has(write):
    text = "slab,m1i,sd1i,n1i,m2i,sd2i,n2i,yi,vi\nA,10.5,4,40,12.5,4,41,,\nB,11,4.5,30,12,4,31,,\nC,,,,,,,-3,1.2\n"
    quick = pool_file(write("a.csv", text), "MD")
    assert quick.pooled.k == 3 and quick.studies["variance"].iloc[2] == 1.2
    routes = ["mean difference from means, SDs and n of both arms", "estimate with its variance as given"]
    assert quick.studies["route"].tolist()[1:] == routes
    assert any("not from arms: C" in note for note in quick.noticed)
    mixed = "study,OR,lower,upper,se\nA,0.81,0.666,0.985,\nB,0.56,,,0.2\n"
    assert pool_file(write("b.csv", mixed)).studies["se"].tolist() == pytest.approx([0.1, 0.2], rel=0.01)


def test_the_control_of_long_tables_is_named_or_asked_for(write):
    text = "Study,Outcome,Arm,Mean,SD,N\nA,pain,Yoga,1,2,30\nA,pain,Walking,2,2,30\n"
    with pytest.raises(EvidenceError, match="which of Yoga and Walking is the control"):
        read_any(write("c.csv", text))
    for separator, mark in ((",", "."), (";", ",")):
        cells = text.replace("Walking", "Walking (control)").replace("1,2,30", "1.5,2,30").replace(",", separator)
        record = read_any(write("d.csv", cells.replace("1.5", f"1{mark}5"))).records[0]
        assert (record.get("mean_int"), record.get("mean_ctl")) == ("1.5", "2")


# Files that hold no result ---------------------------------------------------------------------------------------

NOTHING = {
    "rob.csv": "Study,Randomisation,Overall\nA,low,high\nB,low,low\n",
    "text.csv": "hello world\nthis is no table\n",
    "n.csv": "study,n.e,n.c\nA,40,41\n",
    "binary.csv": bytes(range(1, 256)) * 40,
    "paper.csv": b"%PDF-1.7\nwords",
    "page.csv": "<!DOCTYPE html><html><body><table></table></body></html>",
    "data.sav": b"$FL2@(#) SPSS DATA FILE",
    "study.omv": zipped({"xdata.json": "{}", "data.bin": "1", "meta": "m"}),
    "study.jasp": zipped({"manifest.json": "{}", "internal.sqlite": "1"}),
    "word.docx": zipped({"word/document.xml": "<a/>"}),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_file_without_a_usable_number_is_refused_and_nothing_is_written(run, write, evidence, name):
    before = snapshot(evidence)
    path = write(name, NOTHING[name])
    for words in (
        ("pool", path, "--measure", "OR"),
        ("import", path, "--topic", "example", "--evidence", evidence, "--yes"),
    ):
        code, _, err = run(*words)
        assert code == 1 and err.strip(), words
    assert snapshot(evidence) == before


def test_rows_without_a_number_are_told_and_left_out(run, write, evidence):
    code, out, _ = run("import", write("a.csv", f"study,{MEANS}\n{ROWS}C,,,,,,\n"), "--evidence", evidence)
    assert code == 0 and "without a result were left out: C (line 4)" in out and "trial=C" not in out


def test_revman_5_lines_of_outcomes_are_no_studies(run, write):
    head = "Comparison Number,Outcome Number,Name,Data Type,Effect Measure,Events 1,Total 1,Events 2,Total 2"
    rows = [
        "1,,Drug,,,,,,",
        "1,1,Death,DICHOTOMOUS,RISK_RATIO,10,106,19,106",
        "1,1,A,,,4,50,9,51",
        "1,1,B,,,6,56,10,55",
    ]
    quick = pool_file(write("a.csv", "\n".join([head, *rows])))
    assert quick.pooled.measure == "RR" and quick.studies["trial"].tolist() == ["A", "B"]
    more = ["1,2,Falls,DICHOTOMOUS,RISK_RATIO,1,50,2,50", "1,2,A,,,1,50,2,50"]
    code, _, err = run("pool", write("b.csv", "\n".join([head, *rows, *more])))
    assert code == 1 and "several analyses (Death, Falls)" in err


# Workbooks -------------------------------------------------------------------------------------------------------


def book(change) -> bytes:
    made = openpyxl.Workbook()
    for line in f"study,{MEANS}\n{ROWS}C,9,4,20,12,4,21".splitlines():
        made.active.append([float(c) if c[:1].isdigit() else c for c in line.split(",")])
    change(made.active)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_hidden_row_is_refused_and_a_hidden_column_told(run, write):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True

    code, _, err = run("pool", write("a.xlsx", book(hide)), "--measure", "MD")
    assert code == 1 and "row 3 hidden" in err and "Show" in err

    def filtered(sheet):
        hide(sheet)
        sheet.auto_filter.ref = "A1:G4"
        sheet.auto_filter.add_filter_column(0, ["A", "C"])

    assert "hidden by a filter" in run("pool", write("b.xlsx", book(filtered)), "--measure", "MD")[2]

    def narrow(sheet):
        sheet.column_dimensions["C"].hidden = True

    assert any("hidden columns" in note for note in pool_file(write("c.xlsx", book(narrow)), "MD").noticed)


def test_text_and_numbers_of_a_workbook_keep_their_own_marks(write):
    def text(sheet):
        sheet["B2"], sheet["D2"] = "10,5", "1.200"

    quick = pool_file(write("a.xlsx", book(text)), "MD")
    assert quick.studies[["mean_int", "n_int"]].iloc[0].tolist() == [10.5, 1200]
    assert quick.studies["sd_int"].tolist() == [4, 4.5, 4]
