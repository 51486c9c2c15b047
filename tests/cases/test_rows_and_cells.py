"""Rows that report their effect in different columns, intervals printed in one cell, and effects of no named measure.

Right values are exact arithmetic on what stands in the row: log(0.81), and log(0.985 / 0.666) over twice 1.959964.
"""

import csv
import json
import math
import warnings

import pytest

import reviewlib as rl
from reviewlib.errors import EvidenceError, MethodWarning
from reviewlib.exchange import pool_file
from reviewlib.exchange.parted import parted
from reviewlib.exchange.sheet import Sheet

Z = 1.959963984540054
Y = {"A": math.log(0.81), "B": math.log(0.56), "C": -0.2877}
SE = {"A": math.log(0.985 / 0.666) / (2 * Z), "B": math.log(0.829 / 0.378) / (2 * Z), "C": 0.15}


@pytest.fixture
def write(tmp_path):
    def made(text, name="a.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return made


# Each row takes the route it has, on the scale of its own column ---------------------------------------------------

MIXED = [
    "study,HR,lower,upper,lnHR,selnHR\nA,0.81,0.666,0.985,,\nB,0.56,0.378,0.829,,\nC,,,,-0.2877,0.15\n",
    "study,lnHR,selnHR,HR,lower,upper\nC,-0.2877,0.15,,,\nA,,,0.81,0.666,0.985\nB,,,0.56,0.378,0.829\n",
    "study,logOR,se,OR,lower,upper\nC,-0.2877,0.15,,,\nA,,,0.81,0.666,0.985\n",
    "study,lnRR,se_lnRR,RR,RR_low,RR_high\nC,-0.2877,0.15,,,\nB,,,0.56,0.378,0.829\n",
    "study,yi,vi,OR,lower,upper\nC,-0.2877,0.0225,,,\nB,,,0.56,0.378,0.829\n",
    "study,TE,seTE,HR,lower,upper\nC,-0.2877,0.15,,,\nB,,,0.56,0.378,0.829\n",
    "study,OR,lower,upper,logOR,log lower,log upper\nA,0.81,0.666,0.985,,,\nC,,,,-0.2877,-0.581695,0.006295\n",
    "study,measure,estimate,se,lower,upper\nA,OR,0.81,,0.666,0.985\nC,logOR,-0.2877,0.15,,\n",
    "study;HR;KI unten;KI oben;ln HR;Standardfehler ln HR\nA;0,81;0,666;0,985;;\nC;;;;-0,2877;0,15\n",
]


@pytest.mark.parametrize("text", MIXED)
def test_a_row_without_the_ratio_is_read_from_its_logarithm(write, text):
    quick = pool_file(write(text))
    assert quick.studies["excluded"].isna().all()
    assert quick.studies["estimate"].tolist() == pytest.approx([Y[name] for name in quick.studies["trial"]])
    assert quick.studies["se"].tolist() == pytest.approx([SE[name] for name in quick.studies["trial"]], rel=1e-5)
    assert any(note.startswith("routes: ") and "C" in note for note in quick.noticed)
    assert quick.studies.set_index("trial")["route"]["C"].startswith(("estimate, read as the logarithm", "contrast as"))


def test_the_pool_of_such_a_file_is_that_of_metafor(write):
    # rma(c(log(.81), log(.56), -.2877), sei = c(log(.985/.666), log(.829/.378), .15 * 2 * z) / (2 * z), test = "knha")
    pooled = pool_file(write(MIXED[0])).pooled
    assert pooled.estimate == pytest.approx(GOLDEN[0], rel=1e-6)
    assert list(pooled.ci) == pytest.approx(GOLDEN[1:], rel=1e-6)


GOLDEN = (-0.296376600662, -0.702705136182, 0.109951934858)


def test_a_standard_error_that_may_be_that_of_the_ratio_is_not_taken_for_that_of_the_logarithm(write):
    with pytest.raises(EvidenceError, match=r"line 2, column se.*may be that of the ratio or of its logarithm"):
        pool_file(write("study,HR,se,lnHR,selnHR\nA,0.81,0.1,,\nB,0.56,0.2,,\nC,,,-0.2877,0.15\n"))


def test_another_measure_is_no_second_column_of_the_same(write):
    with pytest.raises(EvidenceError, match="may belong to OR or to yi"):
        pool_file(write("study,yi,vi,OR,lower,upper\nA,-0.2,0.01,,,\nB,,,0.56,0.378,0.829\n"), "RR")


def test_a_contradiction_between_the_two_columns_is_still_refused(write):
    with pytest.raises(EvidenceError, match="contradicts the estimate"):
        pool_file(write("study,yi,vi,OR\nA,-0.21,0.01,0.81\nB,-0.3,0.02,0.56\n"))


def test_the_api_takes_the_estimate_of_a_row_without_arms():
    table = {
        "trial": ["A", "B", "C"],
        "m1i": [10.5, 11, None],
        "sd1i": [4, 4.5, None],
        "n1i": [40, 30, None],
        "m2i": [12.5, 12, None],
        "sd2i": [4, 4, None],
        "n2i": [41, 31, None],
        "yi": [None, None, -3],
        "vi": [None, None, 1.2],
    }
    found = rl.effect_sizes(table, "MD")
    assert found["estimate"].tolist() == [-2, -1, -3] and found["variance"].iloc[2] == 1.2
    assert found["route"].tolist()[1:] == [
        "mean difference from means, SDs and n of both arms",
        "estimate with its variance as given",
    ]
    arms = {
        "trial": ["A", "B"],
        "events_int": [4, None],
        "n_int": [50, None],
        "events_ctl": [9, None],
        "n_ctl": [51, None],
        "estimate": [None, 0.56],
        "se": [None, 0.2],
    }
    assert rl.effect_sizes(arms, "RR", ratio=True)["estimate"].iloc[1] == pytest.approx(math.log(0.56))
    with pytest.raises(EvidenceError, match="ratio=True"):
        rl.effect_sizes(arms, "RR")
    other = rl.effect_sizes(arms | {"measure": ["OR", "OR"]}, "RR")
    assert other["excluded"].iloc[1].startswith("not reported")


# Estimates where a measure is computed from arms -------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["OR", "RR", "IRR", "ROM", "MD", "SMD", "ZCOR"])
def test_printed_estimates_are_refused_with_the_measure_that_takes_them(measure):
    table = {"trial": ["A", "B"], "estimate": [0.81, 0.56], "ci_low": [0.666, 0.378], "ci_high": [0.985, 0.829]}
    with pytest.raises(EvidenceError, match=r'The table has estimates: .*effect_sizes\(table, "GEN"'):
        rl.effect_sizes(table, measure, ratio=True)


def test_the_way_that_the_refusal_names_works():
    table = {
        "trial": ["A", "B"],
        "estimate": [0.81, 0.56],
        "ci_low": [0.666, 0.378],
        "ci_high": [0.985, 0.829],
        "measure": ["RR", "RR"],
    }
    found = rl.effect_sizes(table, "GEN", ratio=True)
    assert found.attrs["measure"] == "RR"
    assert found["estimate"].tolist() == pytest.approx([Y["A"], Y["B"]])
    assert found["se"].tolist() == pytest.approx([SE["A"], SE["B"]])


# Intervals in one cell ---------------------------------------------------------------------------------------------


def cell(text, name="OR (95% CI)"):
    sheet = parted(Sheet("a.csv", ("study", name), [(2, {"study": "A", name: text})]))
    return [value for column, value in sheet.rows[0][1].items() if column != "study"]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("0.75 (0.50 to 1.12)", ["0.75", "0.50", "1.12"]),
        ("0.75 [0.50, 1.12]", ["0.75", "0.50", "1.12"]),
        ("0.75 (0.50-1.12)", ["0.75", "0.50", "1.12"]),
        ("0.75 (0.50 \u2013 1.12)", ["0.75", "0.50", "1.12"]),
        ("0.75 (0.50,1.12)", ["0.75", "0.50", "1.12"]),
        ("0,75 (0,50-1,12)", ["0,75", "0,50", "1,12"]),
        ("0,75 (0,50; 1,12)", ["0,75", "0,50", "1,12"]),
        ("0,75 [0,50, 1,12]", ["0,75", "0,50", "1,12"]),
        ("0,75 (0,50 bis 1,12)", ["0,75", "0,50", "1,12"]),
        ("0.75 (95% CI: 0.50 to 1.12)", ["0.75", "0.50", "1.12"]),
        ("-0.5 (-0.9 to -0.1)", ["-0.5", "-0.9", "-0.1"]),
        ("\u22120.5 (\u22120.9\u2013\u22120.1)", ["-0.5", "-0.9", "-0.1"]),
        ("-0.5 (-0.9 - 0.1)", ["-0.5", "-0.9", "0.1"]),
    ],
)
def test_an_estimate_with_its_interval_is_three_numbers(text, want):
    assert cell(text) == want


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0.75 (0.50 -1.12)", "OR (95% CI)"),  # 0.50 to 1.12, or -1.12?
        ("0.75 (90% CI 0.50 to 1.12)", "OR (95% CI)"),
        ("0.75 (0.50 1.12)", "OR (95% CI)"),
        ("0.75 (0,50 to 1,12)", "OR (95% CI)"),
        ("0.75 (0.20)", "OR (95% CI)"),
        ("0.75 (0.50 to 1.12), P = 0.03", "OR (95% CI)"),
        ("0.75 (0.50 to 1.12)", "OR"),  # an interval of what kind and level?
        ("10.5 (4 to 12)", "Median (IQR)"),
        ("0.50 to 1.12", "Range"),
    ],
)
def test_what_may_be_something_else_is_left_as_it_is(text, name):
    assert cell(text, name) == [text]


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("study,OR (95% CI)\nA,0.81 (0.666 to 0.985)\nB,0.56 (0.378 to 0.829)\n", None),
        ("study,HR [95% CI]\nA,0.81 [0.666; 0.985]\nB,0.56 [0.378; 0.829]\nC,NR\n", None),
        ("Studie;OR (95%-KI)\nA;0,81 (0,666-0,985)\nB;0,56 (0,378-0,829)\n", None),
        ("study,HR,95% CI\nA,0.81,0.666 to 0.985\nB,0.56,0.378 to 0.829\n", None),
        ("study,aHR,aHR 95% CI\nA,0.81,0.666-0.985\nB,0.56,0.378-0.829\n", None),
        ("study,Risk ratio (RR),CI\nA,0.81,(0.666 to 0.985)\nB,0.56,(0.378 to 0.829)\n", None),
        ("study,Odds ratio (OR) (95% CI)\nA,0.81 (0.666-0.985)\nB,0.56 (0.378-0.829)\n", None),
        ("study,OR\nA,0.81 (95% CI 0.666 to 0.985)\nB,0.56 (95% CI 0.378 to 0.829)\n", None),
        ("study,effect (95% CI)\nA,0.81 (0.666 to 0.985)\nB,0.56 (0.378 to 0.829)\n", "OR"),
        ('\u00c9tude;OR (IC 95 %)\nA;"0,81 [0,666 ; 0,985]"\nB;"0,56 [0,378 ; 0,829]"\n', None),
    ],
)
def test_printed_intervals_are_pooled_and_the_reading_is_told(write, text, measure):
    quick = pool_file(write(text), measure)
    used = quick.studies[quick.studies["excluded"].isna()]
    assert used["estimate"].tolist() == pytest.approx([Y["A"], Y["B"]])
    assert used["se"].tolist() == pytest.approx([SE["A"], SE["B"]])
    assert any("was read as" in note and "0" in note for note in quick.noticed)


def test_another_level_of_a_printed_interval_counts(write):
    quick = pool_file(write("study,OR (90% CI)\nA,0.81 (0.666 to 0.985)\nB,0.56 (0.378 to 0.829)\n"))
    assert quick.studies["se"].iloc[0] == pytest.approx(math.log(0.985 / 0.666) / (2 * 1.6448536269514722))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("study,OR\nA,0.75 (0.50 to 1.12)\nB,0.81 (0.666 to 0.985)\n", "Write three columns"),
        ("study,OR (95% CI)\nA,0.75 (0.50 to 1.12)\nB,about 1\n", 'line 3, column OR .95% CI.: "about 1"'),
        ("study,OR (95% CI)\nA,0.75 (0.50 to 1.00)\nB,0.81 (0.61 to 1.01)\n", "as those of a logarithm"),
        ("study,effect (95% CI)\nA,0.81 (0.666 to 0.985)\nB,0.56 (0.378 to 0.829)\n", "those of a ratio do"),
        ("study,OR (95% CI),aOR (95% CI)\nA,0.8 (0.6 to 1),0.8 (0.6 to 1)\n", "could all be estimate"),
    ],
)
def test_printed_intervals_that_leave_something_open_are_refused(write, text, words):
    with pytest.raises(EvidenceError, match=words):
        pool_file(write(text))


# Names of columns --------------------------------------------------------------------------------------------------


NAMES = ["OR_adj", "OR (adjusted)", "aOR", "AOR", "cOR", "POR", "OR ajust\u00e9", "Odds ratio [OR]"]


@pytest.mark.parametrize("name", NAMES)
def test_an_adjusted_ratio_is_a_ratio(write, name):
    quick = pool_file(write(f"study,{name},lower,upper\nA,0.81,0.666,0.985\nB,0.56,0.378,0.829\n"))
    assert quick.pooled.measure == "OR" and quick.studies["estimate"].tolist() == pytest.approx([Y["A"], Y["B"]])


@pytest.mark.parametrize("name", ["sHR", "SHR", "csHR", "HR_adj", "aHR", "Subdistribution hazard ratio"])
def test_hazard_ratios_of_competing_risks_are_hazard_ratios(write, name):
    quick = pool_file(write(f"study,{name},lower,upper\nA,0.81,0.666,0.985\nB,0.56,0.378,0.829\n"))
    assert quick.pooled.measure == "HR" and quick.studies["se"].tolist() == pytest.approx([SE["A"], SE["B"]])


@pytest.mark.parametrize("name", ["ARR", "arr", "COR", "chr", "SMR", "RRR", "VHR", "score"])
def test_names_that_look_like_a_ratio_are_none(write, name):
    with pytest.raises(EvidenceError, match="Not recognized|no se"):
        pool_file(write(f"study,{name},lower,upper\nA,0.81,0.666,0.985\nB,0.56,0.378,0.829\n"))


BOTH = "study,OR,lower,upper,HR,{},{}\nA,0.7,0.5,0.98,0.81,0.666,0.985\nB,0.5,0.3,0.83,0.56,0.378,0.829\n"
ADJUSTED = BOTH.replace("OR,", "OR_crude,").replace("HR,", "OR_adj,")


ENDS = [("HRlower", "HRupper"), ("hr_l", "hr_u"), ("hr_low", "hr_upp"), ("HR 95% LL", "HR 95% UL")]


@pytest.mark.parametrize("ends", ENDS)
def test_each_effect_takes_the_limits_that_are_named_after_it(write, ends):
    path = write(BOTH.format(*ends))
    assert pool_file(path, "HR").studies["se"].tolist() == pytest.approx([SE["A"], SE["B"]])
    assert pool_file(path, "OR").studies["estimate"].tolist() == pytest.approx([math.log(0.7), math.log(0.5)])


@pytest.mark.parametrize(
    ("text", "measure", "given", "words"),
    [
        (BOTH.format("x", "y"), "HR", (), "lower may belong to OR or to HR"),
        ("study,OR,HR,lower,upper\nA,0.7,0.81,0.666,0.985\nB,0.5,0.56,0.378,0.829\n", "OR", (), "to HR or to OR"),
        ("study,OR,se,HR\nA,0.81,0.1,0.7\nB,0.56,0.2,0.6\n", "HR", (), "se may belong to OR"),
        ("study,MD,SMD,se\nA,-0.21,-0.3,0.2\nB,-0.1,0.56,0.2\n", "MD", (), "se may belong to SMD"),
        (ADJUSTED.format("x", "y"), None, ("estimate=OR_adj",), "lower may belong to OR_crude"),
        (ADJUSTED.format("lower_adj", "upper_adj"), None, ("estimate=OR_adj",), "could all be ci_low"),
    ],
)
def test_limits_behind_another_effect_are_not_taken_for_those_of_the_estimate(write, text, measure, given, words):
    with pytest.raises(EvidenceError, match=words):
        pool_file(write(text), measure, given=given)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("deaths_int,relapses_int,n_int,deaths_ctl,relapses_ctl,n_ctl", "could all be events_int"),
        ("age_int,n_int,age_ctl,n_ctl", "Not recognized: age_int"),
        ("deaths,n_int,deaths_c,n_ctl", "Not recognized: deaths"),
        ("a,b,c,d", "Not recognized: a, b, c, d"),
        ("deaths_t,n_t,deaths_e,n_e,deaths_c,n_c", "more than one pair of arms"),
        ("deaths_1,n_1,deaths_2,n_2,deaths_3,n_3", "third arm"),
    ],
)
def test_counts_that_may_be_something_else_are_refused(write, header, words):
    cells = ["4", "50", "9", "51", "3", "60"][: header.count(",") + 1]
    with pytest.raises(EvidenceError, match=words):
        pool_file(write(f"study,{header}\nA,{','.join(cells)}\nB,{','.join(cells)}\n"), "RR")


def test_a_column_of_our_own_name_goes_before_another_word_for_it(write):
    text = "study,deaths_int,n_int,deaths_ctl,n_ctl,events_int,events_ctl\nA,1,50,2,51,4,9\nB,1,56,2,55,6,10\n"
    quick = pool_file(write(text), "RR")
    assert quick.studies["events_int"].tolist() == [4, 6] and quick.mapping.unread == ("deaths_int", "deaths_ctl")


# Effects of no measure, and logarithms -----------------------------------------------------------------------------


def test_effects_of_no_measure_are_pooled_as_they_are_and_that_is_said_by_every_door(write, capsys):
    from reviewlib.cli import main

    path = write("study,effect,se\nA,0.81,0.1\nB,0.56,0.2\n")
    quick = pool_file(path)
    assert quick.studies["estimate"].tolist() == [0.81, 0.56]
    said = "no measure was named, nothing was transformed"
    assert said in quick.pooled.methods and any("nothing says which measure effect holds" in n for n in quick.noticed)
    assert said in rl.meta_analysis({"estimate": [0.81, 0.56], "se": [0.1, 0.2]}).methods
    assert main(["pool", str(path), "--json"]) == 0
    assert "nothing says which measure" in " ".join(json.loads(capsys.readouterr().out)["noticed"])


def test_limits_of_ratios_without_a_measure_are_refused(write):
    limited = {"estimate": [0.81, 0.56], "ci_low": [0.666, 0.378], "ci_high": [0.985, 0.829]}
    with pytest.raises(EvidenceError, match="nothing says which measure it is"):
        rl.effect_sizes(limited, "GEN")
    with pytest.raises(EvidenceError, match="nothing says which measure it is"):
        pool_file(write("study,estimate,lower,upper\nA,0.81,0.666,0.985\nB,0.56,0.378,0.829\n"))
    assert rl.effect_sizes(limited, "GEN", ratio=False)["estimate"].tolist() == [0.81, 0.56]


def test_logarithms_above_0_are_shown_to_have_been_read_as_such(write):
    quick = pool_file(write("study,yi,vi\nA,0.81,0.01\nB,0.56,0.04\n"), "OR")
    assert "ratio as its logarithm" in str(quick) and "ratio as its logarithm" in json.loads(quick.to_json())["reading"]
    assert quick.studies["route"].str.startswith("estimate, read as the logarithm of a ratio").all()
    with pytest.warns(MethodWarning, match="was read as the logarithm of OR"):
        rl.meta_analysis({"estimate": [0.81, 0.56, 0.75], "se": [0.1, 0.2, 0.15]}, measure="OR")


def test_yi_of_metafor_is_a_logarithm_for_the_api_too(recwarn):
    table = {"yi": [0.81, 0.56, 0.75], "vi": [0.01, 0.04, 0.02]}
    assert rl.effect_sizes(table, "HR")["estimate"].tolist() == table["yi"]
    rl.meta_analysis(table, measure="OR")
    assert not [w for w in recwarn if "logarithm" in str(w.message)]


@pytest.mark.parametrize("word", ["or", "OR", "odds ratio", "Odds Ratio"])
def test_a_measure_in_words_is_shown_as_what_it_is(word):
    logs = {"estimate": [-0.2, -0.6, -0.3], "se": [0.1, 0.2, 0.15]}
    assert str(rl.meta_analysis(logs, measure=word)) == str(rl.meta_analysis(logs, measure="OR"))


# The same files through import ------------------------------------------------------------------------------------

WRITTEN = [
    ("study,OR (95% CI)\nA 2001,0.81 (0.666 to 0.985)\n", (), ["OR", "0.81", "0.666", "0.985", "95"]),
    ("study,OR (90% CI)\nA 2001,0.81 (0.666 to 0.985)\n", (), ["OR", "0.81", "0.666", "0.985", "90"]),
    ("study,aHR,95% CI\nA 2001,0.81,0.666-0.985\n", (), ["HR", "0.81", "0.666", "0.985", "95"]),
    ("Studie;OR;KI unten;KI oben\nA 2001;0,81;0,666;0,985\n", (), ["OR", "0.81", "0.666", "0.985", "95"]),
    (BOTH.format("HRlower", "HRupper"), ("--set=measure=HR",), ["HR", "0.81", "0.666", "0.985", "95"]),
]


@pytest.mark.parametrize(("text", "words", "want"), WRITTEN)
def test_import_writes_what_is_printed(write, text, words, want):
    from reviewlib.cli import main

    path = write(text)
    said = [f"--set={name}=x" for name in ("intervention", "comparator", "outcome")]
    said += ["--set=design=rct", "--output", f"{path.parent}/out", "--yes"]
    assert main(["import", str(path), *said, *words]) == 0
    with open(path.parent / "out" / "results.csv", encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert [row[name] for name in ("measure", "estimate", "ci_low", "ci_high", "ci_level")] == want


def test_import_does_not_write_estimates_of_no_measure(write, capsys):
    from reviewlib.cli import main

    path = write("study,effect,se\nA 2001,0.81,0.1\nB 2002,0.56,0.2\n")
    assert main(["import", str(path), "--output", f"{path.parent}/out", "--yes"]) == 1
    assert "the file does not say measure (2 rows)" in " ".join(capsys.readouterr().err.split()).replace("; ", " ")
    assert not (path.parent / "out").exists()


# One label, one outcome, two results -------------------------------------------------------------------------------


def test_two_results_of_one_label_are_told_with_their_lines(write, capsys):
    from reviewlib.cli import main

    rows = "Smith 2001,0.81,0.666,0.985\nSmith 2001,0.56,0.378,0.829\nJones 2002,0.75,0.559,1.006\n"
    path = write(f"study,OR,lower,upper\n{rows}")
    assert any("Smith 2001 (line 2, line 3)" in note for note in pool_file(path).noticed)
    assert main(["import", str(path), "--output", str(path.parent / "out")]) in (0, 1)
    out = capsys.readouterr().out
    assert "Smith 2001 has 2 results of one outcome (line 2, line 3)" in out and "Jones 2002 has" not in out


TWICE = {"study": ["Ash", "Ash", "Elm", "Oak"], "estimate": [0.1, 0.2, 0.3, 0.2], "variance": [0.01, 0.02, 0.03, 0.01]}
COUNTED = {"events_int": [1, 2, 4, 3], "n_int": [20] * 4, "events_ctl": [3, 4, 6, 2], "n_ctl": [20] * 4}


@pytest.mark.parametrize(
    "pool",
    [
        lambda rows: rl.meta_analysis(rows),
        lambda rows: rl.bayesian(rows, ("half-normal", 0.5)),
        lambda rows: rl.egger(rows, insist=True),
        lambda rows: rl.mantel_haenszel({"study": rows["study"], **COUNTED}),
        lambda rows: rl.peto({"study": rows["study"], **COUNTED}),
    ],
)
def test_several_rows_of_one_study_are_not_taken_for_studies_without_a_word(pool):
    with pytest.warns(MethodWarning, match="more than one row of Ash: they are taken for separate studies"):
        pool(TWICE)


@pytest.mark.parametrize(
    "rows",
    [
        TWICE | {"year": [1999, 2003, 2003, 2004]},
        {"author": TWICE["study"], **TWICE} | {"study": [1, 2, 3, 4]},
        TWICE | {"excluded": ["another report", "", "", ""]},
    ],
)
def test_one_name_in_two_years_an_author_and_a_row_left_out_are_no_repeats(rows):
    with warnings.catch_warnings():
        warnings.simplefilter("error", MethodWarning)
        rl.meta_analysis(rows)


def test_a_model_that_knows_of_clusters_says_nothing_of_repeats():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        rl.multilevel(TWICE, "study", "estimate")
        rl.combine_within(TWICE, "study", 0.5)
    assert not [each for each in said if "separate studies" in str(each.message)]


LIMITED = {"study": ["Ash", "Elm"], "estimate": [1.0, 2.0], "ci_low": [0.0, 0.5], "ci_high": [2.0, 3.5]}


@pytest.mark.parametrize("name", ["level", "conf.level", "CI %"])
@pytest.mark.parametrize("level", ["99", "0.9", "98,5%"])
def test_a_column_that_may_be_the_level_of_the_limits_is_never_left_unread(name, level, tmp_path):
    with pytest.raises(EvidenceError, match="may be the level of the limits of this row"):
        rl.effect_sizes(LIMITED | {name: [level, 95]}, "GEN")
    file = tmp_path / "a.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([[*LIMITED, name], *zip(*LIMITED.values(), [level, "95"], strict=True)])
    with pytest.raises(EvidenceError, match=r"line 2, .*may be the level .* Say --map \"?ci_level="):
        pool_file(file, "MD")


def test_what_else_is_called_a_level_is_left_alone():
    for cells in (["high", "low"], [1, 2], [95, 95], [0.95, "95%"], [None, ""]):
        assert len(rl.effect_sizes(LIMITED | {"level": cells}, "GEN")) == 2


@pytest.mark.parametrize("level", [0.05, 0.1, 0.01])
def test_what_may_be_the_complement_of_a_coverage_is_refused(level):
    told = rf"level is the coverage of the interval, got {level}: write {1 - level:g}"
    with pytest.raises(EvidenceError, match=told):
        rl.meta_analysis(TWICE, level=level)
    with pytest.raises(EvidenceError, match="the coverage: 0.95"):
        rl.convert.se_from_ci(1, 2, level=level)
