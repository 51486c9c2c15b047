"""Rows of a small review of another field that contradict themselves or each other, in many spellings; and right ones.

Every case is one change of a folder without a fault: what is heard is listed by column, what is right is left alone.
"""

import csv
import math
import re
import shutil
from pathlib import Path

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.folder import find_evidence, read_folder
from reviewlib.evidence.rules import check_folder
from reviewlib.evidence.schema import schemas
from reviewlib.evidence.widths import disagree, p_bounds
from tests.page import foreign

from .conftest import errors

ROW = {
    "source_id": "doe2001",
    "trial": "Doe2001",
    "population": "pupils",
    "arm_id": "doe2001-aloud",
    "control_id": "doe2001-silent",
    "intervention": "reading aloud",
    "comparator": "silent reading",
    "outcome": "speed",
    "instrument_id": "wpm",
    "timepoint_weeks": "12",
    "analysis_set": "itt",
    "n_int": "60",
    "mean_int": "82.0",
    "sd_int": "14.0",
    "n_ctl": "60",
    "mean_ctl": "76.0",
    "sd_ctl": "14.0",
    "value_kind": "final",
    "design": "rct",
    "status": "reported",
    "read": "full-text",
    "locator": "Table 2",
}
COUNTED = dict.fromkeys(("mean_int", "sd_int", "mean_ctl", "sd_ctl", "value_kind", "instrument_id"), "")
COUNTED |= {"events_int": "12", "events_ctl": "24"}


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    folder = foreign.build(tmp_path_factory.mktemp("review"))
    for topic in foreign.TOPICS:
        if topic != "aloud":
            shutil.rmtree(folder / topic)
    assert check(folder) == []
    return folder


@pytest.fixture
def heard(review, tmp_path):
    """Return the columns that are complained of after rows were changed or added, and what was said."""
    folder = shutil.copytree(review, tmp_path / "evidence")

    def write(name, change=None, add=()):
        file = folder / (f"aloud/{name}.csv" if (folder / f"aloud/{name}.csv").exists() else f"{name}.csv")
        if schemas()[name].scope == "topic":
            file = folder / f"aloud/{name}.csv"
        rows = list(csv.DictReader(file.open(encoding="utf-8", newline=""))) if file.exists() else []
        for key, cells in (change or {}).items():
            next(row for row in rows if next(iter(row.values())) == key).update(cells)
        with file.open("w", encoding="utf-8", newline="") as handle:
            out = csv.DictWriter(handle, schemas()[name].names, restval="", lineterminator="\n")
            out.writeheader()
            out.writerows(sorted([*rows, *add], key=lambda row: tuple(row[key] for key in schemas()[name].key)))

    def ask(words=None, **tables):
        for name, (change, *add) in tables.items():
            write(name, change, add)
        if words:
            topic = folder / "aloud/topic.yml"
            topic.write_text(topic.read_text() + f'words:\n  tool: ["{words}"]\n')
        return [(p.column, p.rule) for p in check(folder)]

    return ask


def columns(found):
    return sorted({column for column, _ in found})


def printed(estimate, low="", high="", measure="MD", contrast="int-ctl", **more):
    given = {"measure": measure, "estimate": estimate, "contrast": contrast} | more
    return given | ({"ci_low": low, "ci_high": high, "ci_level": "95"} if low else {})


APART = {
    "an SMD of another size": printed("1.43", "1.07", "1.79", "SMD"),
    "an SMD of another size without an interval": printed("1.43", measure="SMD"),
    "a mean difference called standardized": printed("6.0", "0.9", "11.1", "SMD"),
    "an SMD ten times too large": printed("4.3", "0.7", "7.9", "SMD"),
    "a median difference on the other side": printed("-6.0", "-11.1", "-0.9", "median-difference"),
    "an OR called RR": COUNTED | printed("0.375", "0.167", "0.842", "RR"),
    "an RR called OR": COUNTED | printed("0.50", "0.28", "0.91", "OR"),
    "a fraction for points": COUNTED | printed("-0.20", "-0.355", "-0.045", "RD"),
    "an RR above one though nobody had it": COUNTED | printed("3.0", "0.9", "10.0", "RR", events_int="0"),
    "the arms of a ratio exchanged": COUNTED | printed("0.50", "0.28", "0.91", "RR", events_int="24", events_ctl="12"),
}
FIT = {
    "an SMD": printed("0.43", "0.07", "0.79", "SMD"),
    "an SMD by the SD of the controls": printed("0.43", "0.07", "0.79", "SMD", sd_int="16.0"),
    "an SMD without SDs": printed("0.43", "0.07", "0.79", "SMD", sd_int="", sd_ctl=""),
    "nobody had it": COUNTED | printed("0.05", "0.003", "0.88", "RR", events_int="0", events_ctl="9"),
    "an adjusted RR": COUNTED | printed("0.70", "0.45", "1.09", "RR", analysis="adjusted for age"),
    "risk in points": COUNTED | printed("-20", "-35.5", "-4.5", "RD"),
}


@pytest.mark.parametrize("name", APART)
def test_arms_and_an_estimate_that_disagree(heard, name):
    found = heard(results=({"doe2001-r1": APART[name]},))
    assert any(column == "estimate" and rule.startswith("the arms give") for column, rule in found)


@pytest.mark.parametrize("name", FIT)
def test_arms_and_an_estimate_that_agree(heard, name):
    assert not any(column == "estimate" for column, _ in heard(results=({"doe2001-r1": FIT[name]},)))


# 95% intervals of the arms, of R's epitools and by hand; the others are those of 90%, 97.5% and 99%.
WIDTHS = {
    "RR 90": (COUNTED | printed("0.50", "0.30", "0.82", "RR"), 90.2),
    "RR 99": (COUNTED | printed("0.50", "0.23", "1.09", "RR"), 99),
    "OR 90": (COUNTED | printed("0.38", "0.19", "0.74", "OR"), 90),
    "RD 90": (COUNTED | printed("-20.0", "-33.4", "-6.6", "RD"), 90),
    "RD 97.5": (COUNTED | printed("-20.0", "-38.3", "-1.7", "RD"), 97.5),
    "SMD 90": (printed("0.43", "0.12", "0.73", "SMD"), 90),
    "percentages": (
        COUNTED
        | printed("0.50", "0.30", "0.82", "RR")
        | dict(events_int="", events_ctl="", mean_int="20", mean_ctl="40", value_kind="percent"),
        90.2,
    ),
    "no SDs, a P value": (printed("6.0", "1.8", "10.2", p_value="0.019", sd_int="", sd_ctl=""), 90),
    "an HR and its P value": (
        COUNTED | printed("0.70", "0.53", "0.92", "HR", p_value="0.034", events_int="", events_ctl=""),
        90,
    ),
}


@pytest.mark.parametrize("name", WIDTHS)
def test_an_interval_of_another_level_than_is_typed(heard, name):
    cells, level = WIDTHS[name]
    (rule,) = {rule for column, rule in heard(results=({"doe2001-r1": cells},)) if column == "ci_level"}
    said = re.search(r"about ([\d.]+)%, not 95%$", rule)[1]
    assert float(said) == pytest.approx(level, abs=0.7)


@pytest.mark.parametrize(
    "cells",
    [
        COUNTED | printed("0.50", "0.28", "0.91", "RR"),
        COUNTED | printed("0.38", "0.17", "0.84", "OR"),
        COUNTED | printed("-20.0", "-36.0", "-4.0", "RD"),
        printed("0.43", "0.06", "0.79", "SMD"),
        COUNTED | printed("0.22", "0.05", "0.98", "RR", events_int="2", events_ctl="9"),  # few events: intervals differ
        printed("6.0", "0.9", "11.1", p_value="0.021", sd_int="", sd_ctl=""),
        printed("6.0", "0.9", "11.1", p_value="0.04", analysis="adjusted", sd_int="", sd_ctl=""),
        printed("6.0", "0.9", "11.1", p_value="<0.05", sd_int="", sd_ctl=""),
    ],
)
def test_an_interval_of_the_level_that_is_typed(heard, cells):
    assert [rule for column, rule in heard(results=({"doe2001-r1": cells},)) if column == "ci_level"] == []


@pytest.mark.parametrize(
    ("p", "cells", "seen"),
    [
        ("0.02", {}, False),
        ("<0.05", {}, False),
        ("<0.0001", {}, False),  # 3.9 standard errors where the arms give 2.3: another test may be that much sharper
        ("NS", {}, False),
        ("0.90", {}, True),
        ("<0.001", {"mean_int": "76.5"}, True),
        ("<0.05", {"mean_int": "76.0"}, True),
        ("<0.05", {"mean_int": "76.5"}, False),  # of changes from baseline, perhaps
        ("0.02", {"mean_int": "76.0"}, True),  # the mean of the other arm
        ("0.02", {"sd_int": "1.8", "sd_ctl": "1.8"}, True),  # standard errors
        ("0.02", {"mean_int": "14.0", "sd_int": "82.0"}, True),
        (">0.05", {"sd_int": "1.8", "sd_ctl": "1.8"}, True),
        (">=0.05", {"mean_int": "76.0"}, False),
        ("0.90", {"analysis": "ANCOVA"}, False),
        ("0.90", {"notes": "P of a mixed model"}, False),
        ("0.90", {"n_int": "9"}, False),
        ("0.90", printed("6.0", "0.9", "11.1"), False),  # then the interval is asked
        ("", {}, False),
    ],
)
def test_a_p_value_is_held_against_arms_that_print_no_interval(heard, p, cells, seen):
    found = heard(results=({"doe2001-r1": {"p_value": p} | cells},))
    assert any("n of its arms P is about" in rule for _, rule in found) == seen
    if p == "0.90" and seen:  # 6.0 over 2.56
        assert any(rule.endswith("P is about 0.019") for _, rule in found)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("NS", 0, 1.960),
        (">0.05", 0, 1.960),
        ("<0.001", 3.291, math.inf),
        ("<=0.05", 1.960, math.inf),
        ("0.03", 2.108, 2.241),  # 0.035 and 0.025
        ("0.000", 3.481, math.inf),
        ("1", 0, 0.674),
        ("<0", 6.109, math.inf),
    ],
)
def test_a_printed_p_value_says_how_many_standard_errors(text, least, most):
    assert p_bounds(text) == pytest.approx((least, most), abs=0.001)


@pytest.mark.parametrize(
    ("z", "printed", "apart"),
    [
        ((0.0, 0.1), (2.1, 2.3), True),
        ((0.0, 0.3), (2.1, 2.3), False),  # by less than 1.9
        ((2.0, 2.1), (4.3, 4.4), True),
        ((2.0, 2.1), (4.3, math.inf), True),
        ((2.1, 2.2), (4.2, 4.3), False),  # by less than twice
        ((4.3, 4.4), (2.0, 2.1), True),
        ((4.1, 4.2), (2.0, 2.1), False),
        ((1.9, 2.0), (0.0, 0.1), False),
    ],
)
def test_what_is_too_far_apart(z, printed, apart):
    assert bool(disagree(z, printed)) == apart


@pytest.mark.parametrize(
    ("cells", "seen"),
    [
        ({"favours": "int"}, True),
        ({"favours": "neither"}, False),
        ({"favours": "int", "value_kind": "change"}, True),
        ({"favours": "int", "mean_ctl": "75.9"}, False),
        ({"favours": "int"} | printed("3.0", "0.9", "5.1"), False),
        ({"favours": "int", "mean_int": "", "mean_ctl": ""}, False),
    ],
)
def test_a_side_that_did_better_by_the_same_mean(heard, cells, seen):
    found = heard(results=({"doe2001-r1": {"mean_int": "76.0"} | cells},))
    assert any("yet both means are 76" in rule for _, rule in found) == seen


NARROW, WIDE = ("6.0", "3.9", "8.1"), ("6.0", "-5.0", "17.0")


@pytest.mark.parametrize(
    ("limits", "analysis", "people", "wrong"),
    [
        (NARROW, "crossover, paired test", "60", []),
        (NARROW, "unpaired test", "120", ["sd_int"]),
        (NARROW, "mixed model, schools as clusters", "120", ["sd_int"]),
        (WIDE, "mixed model, schools as clusters", "120", []),
        (WIDE, "crossover, paired test", "60", ["sd_int"]),
        (WIDE, "", "60", ["n_int", "sd_int"]),
        (NARROW, "cross-over", "59", ["n_int"]),  # more than the whole trial in one arm
    ],
)
def test_the_same_people_in_both_arms_and_clusters_are_no_fault(heard, limits, analysis, people, wrong):
    """They are more in all than the trial has, and intervals are narrower or wider than the arms make them."""
    cells = printed(*limits) | {"analysis": analysis}
    found = heard(results=({"doe2001-r1": cells},), sources=({"doe2001": {"n_total": people}},))
    assert [column for column in columns(found) if column in ("n_int", "sd_int")] == wrong


@pytest.mark.parametrize(("n", "seen"), [(("60", "60"), True), (("100", "40"), False), (("100", ""), False)])
def test_a_ratio_of_shares_is_held_against_its_p_value_where_the_arms_are_even(heard, n, seen):
    cells = COUNTED | printed("0.70", "0.53", "0.92", "RR", p_value="0.034", n_int=n[0], n_ctl=n[1])
    found = heard(results=({"doe2001-r1": cells | dict(events_int="", events_ctl="")},))
    assert ("ci_level" in columns(found)) == seen


SEVERAL = (
    "Bonferoni",
    "Tukey-Kramer",
    "S\u00ecd\u00e0k",
    "Hochberg",
    "Hommel",
    "post hoc test",
    "Duncan's multiple range",
    "Benjamini-Hochberg",
    "false discovery rate",
    "family-wise error",
    "adjusted for three comparisons",
    "corrected for the number of comparisons",
    "adjustment for multiple end points",
    "simultaneous 95% CI",
    "alpha of 0.0167",
    "significance level 0.025",
    "97.5% CI",
    "98.3% confidence intervals",
    "alpha-spending",
)
PLAIN = (
    "no adjustment for multiple comparisons",
    "not adjusted for multiple comparisons",
    "without Bonferroni correction",
    "unadjusted for multiplicity",
    "No correction for multiple testing was made",
    "a study in Tukey County",
    "Holmes 2010 is the protocol",
    "alpha 0.05",
    "adjusted for age",
    "95% CI",
)


@pytest.mark.parametrize("words", SEVERAL)
@pytest.mark.parametrize("place", ["notes", "locator", "analysis"])
def test_words_of_several_comparisons_beside_a_level_of_95(heard, words, place):
    found = heard(results=({"doe2001-r1": printed("6.0", "0.9", "11.1") | {place: f"Means, {words}"}},))
    assert "ci_level" in columns(found)


@pytest.mark.parametrize("words", PLAIN)
def test_words_that_deny_it_or_mean_something_else(heard, words):
    found = heard(results=({"doe2001-r1": printed("6.0", "0.9", "11.1", notes=f"Means; {words}")},))
    assert "ci_level" not in columns(found)


HARM = {
    "event_id": "e1",
    "source_id": "doe2001",
    "trial": "Doe2001",
    "arm": "reading aloud",
    "event": "headache",
    "n_at_risk": "48",
    "n_events": "5",
    "read": "full-text",
    "locator": "Table 4",
}


@pytest.mark.parametrize(
    "words",
    [
        "completers only",
        "48 completed the study",
        "available for follow-up",
        "respondents at 5 years",
        "with data at 2",
        "assessed at 12 months",
        "at the 2-year follow-up",
        "could be contacted",
        "still enrolled",
        "excluding dropouts",
        "after losses to follow-up",
        "survivors at 5 years",
        "evaluable patients",
        "retained at 12 months",
        "answered the questionnaire",
        "remained in the study",
    ],
)
def test_people_who_could_still_be_asked_as_people_at_risk(heard, words):
    assert columns(heard(adverse_events=(None, HARM | {"notes": words}))) == ["n_at_risk"]


@pytest.mark.parametrize(
    "words",
    [
        "all who were treated",
        "safety population",
        "counted in the diary",
        "nobody was lost to follow-up",
        "all 48 were followed up",
        "as the following table says",
        "intention to treat",
    ],
)
def test_people_at_risk_who_are_all_there(heard, words):
    assert heard(adverse_events=(None, HARM | {"notes": words})) == []


AGAIN = ROW | {"result_id": "doe2001-r2"}


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"mean_int": "84.0"}, "mean_int"),
        ({"mean_int": "84.0", "analysis": "raw means"}, "mean_int"),
        ({"sd_int": "19.0"}, "sd_int"),
        ({"n_int": "50"}, "n_int"),
        (
            {"arm_id": "doe2001-silent", "control_id": "doe2001-song", "mean_int": "79.0", "mean_ctl": "70.0"},
            "mean_int",
        ),
    ],
)
def test_one_arm_with_two_numbers_at_one_time(heard, more, column):
    assert column in columns(heard(results=(None, AGAIN | more)))


@pytest.mark.parametrize(
    "more",
    [
        {"timepoint_weeks": "30", "mean_int": "84.0"},
        {"analysis_set": "completers", "mean_int": "84.0", "n_int": "50"},
        {"mean_int": "84.0", "sd_int": "13.0", "analysis": "adjusted for baseline"},
        {"mean_int": "82.04", "sd_int": "14.02", "mean_ctl": "75.98", "sd_ctl": "13.99"},
    ],
)
def test_one_arm_at_two_times_or_in_two_analyses(heard, more):
    assert not any("has another" in rule for _, rule in heard(results=(None, AGAIN | more)))


SHARES = COUNTED | {"mean_int": "20", "mean_ctl": "40", "events_int": "", "events_ctl": "", "value_kind": "percent"}


@pytest.mark.parametrize(
    ("cells", "other", "seen"),
    [(COUNTED, {"events_int": "15"}, True), (SHARES, {"mean_int": "25"}, False)],  # shares may be of other things
)
def test_one_arm_with_two_counts_at_one_time(heard, cells, other, seen):
    found = heard(results=({"doe2001-r1": cells}, AGAIN | cells | other))
    assert any("has another" in rule for _, rule in found) == seen


@pytest.mark.parametrize("n", ["600", "6", "430"])
def test_one_arm_ten_times_the_other(heard, n):
    found = heard(results=({"doe2001-r1": {"n_int": n}},))
    assert [c for c, rule in found if "the other arm: a digit" in rule] == ["n_ctl" if n == "6" else "n_int"]


def test_uneven_arms_are_left_alone(heard):
    assert heard(results=({"doe2001-r1": {"n_int": "240"}},)) == []


# ------------------------------------------------------------------------------------------------ labels and sources


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ali 2001", "AIi 2001"),
        ("Hill 2001", "HiIl 2001"),
        ("Hill 2001", "Hi|l 2001"),
        ("Dukic 2001", "\u0110uki\u0107 2001"),
        ("Aebelo 2001", "\u00c6bel\u00f8 2001"),
        ("ProFIT", "PROFIT"),
        ("Thor 2001", "\u00deor 2001"),
        ("Doe 2001", "\uff24oe 2001"),
        ("Doe 2001", "Doe\u00ad2001"),
    ],
)
def test_labels_that_look_alike(heard, one, other):
    rows = [AGAIN | {"result_id": "doe2001-r3", "trial": one, "arm_id": "a", "control_id": "b"}]
    rows += [AGAIN | {"result_id": "doe2001-r4", "trial": other, "arm_id": "a", "control_id": "b", "read": "abstract"}]
    assert any("reads like" in rule or "is typed" in rule or "sign" in rule for _, rule in heard(results=(None, *rows)))


@pytest.mark.parametrize(
    ("one", "other"), [("Roe 2001a", "Roe 2001b"), ("Ali 2001", "All 2001"), ("SPORT I", "SPORT II")]
)
def test_labels_that_differ(heard, one, other):
    rows = [
        AGAIN | {"result_id": f"doe2001-{i}", "trial": name, "arm_id": f"{i}", "control_id": f"{i}c"}
        for i, name in enumerate((one, other))
    ]
    assert not any("reads like" in rule for _, rule in heard(results=(None, *rows)))


SOURCE = {
    "source_id": "moe2009",
    "authors": "Moe K",
    "year": "2009",
    "title": "Again",
    "kind": "rct",
    "read": "abstract",
}


@pytest.mark.parametrize("doi", ["10.1000/DOE2001", "10.1000/doe2001.", "10.1000/doe2001/", "10.1000/doe2001#top"])
def test_one_doi_in_two_sources(heard, doi):
    assert "doi" in columns(heard(sources=(None, SOURCE | {"doi": doi})))


@pytest.mark.parametrize("pmid", ["12345", "012345"])
def test_one_pubmed_number_in_two_sources(heard, pmid):
    found = heard(sources=({"doe2001": {"pmid": "12345"}}, SOURCE | {"doi": "10.1000/x", "pmid": pmid}))
    assert "pmid" in columns(found)


# ------------------------------------------------------------------------------------------------ risk of bias

JUDGED = {
    "rob_id": "d1",
    "trial": "Doe2001",
    "trial_source_id": "doe2001",
    "judged_by": "the review",
    "read": "table",
    "source_id": "doe2001",
    "locator": "Figure 2",
    "tool": "PEDro",
    "domain": "total",
    "judgement": "7/10",
}
RIGHT_WORDS = [
    ("RoB 2", "Domain 5: selection of the reported result", "low risk"),
    ("RoB 2", "D2", "low"),
    ("RoB 2.0", "D1: randomisation process", "Some concerns"),
    ("ROBINS-I", "bias due to confounding", "serious"),
    ("PEDro scale", "concealed allocation", "no"),
    ("PEDro", "total", "10/10"),
    ("PEDro", "Total score", "6"),
    ("Newcastle-Ottawa Scale", "selection", "4 stars"),
    ("Newcastle-Ottawa", "outcome", "***"),
    ("JBI checklist for randomized trials", "Was true randomization used?", "yes"),
    ("Jadad", "total", "4"),
    ("AMSTAR 2", "overall", "critically low"),
    ("MINORS", "total", "18/24"),
    ("ROBINS-E", "confounding", "very high"),
    ("QUADAS-2", "patient selection", "high"),
    ("Downs and Black", "reporting", "9"),
    ("a tool of our own", "x", "blue"),
]
WRONG_WORDS = [
    ("ROB-2", "randomization process", "unclear"),
    ("RoB 2", "randomization process", "hihg"),
    ("Cochrane Risk of Bias tool for randomized trials, version 2", "randomization process", "unclear"),
    ("Risk Of Bias In Non-randomised Studies of Interventions", "confounding", "high"),
    ("Physiotherapy Evidence Database (PEDro)", "blind assessors", "unclear"),
    ("PEDro", "blind assessors", "7/10"),
    ("PEDro", "total", "yes"),
    ("PEDro", "total", "11/10"),
    ("Cochrane RoB tool", "blinding", "some concerns"),
    ("Cochrane Collaboration's tool", "allocation concealment", "moderate"),
    ("NOS", "selection", "some concerns"),
    ("Newcastle-Ottawa Scale", "selection", "12"),
    ("Jadad", "total", "9"),
    ("AMSTAR 2", "overall", "some concerns"),
    ("JBI checklist", "Was allocation concealed?", "serious"),
    ("ROBINS-E", "confounding", "serious"),
    ("QUADAS-2", "patient selection", "some concerns"),
    ("MINORS", "total", "31"),
    ("AHRQ study quality", "overall", "B"),
]


@pytest.mark.parametrize(("tool", "domain", "judgement"), RIGHT_WORDS)
def test_words_of_a_tool(heard, tool, domain, judgement):
    row = JUDGED | {"tool": tool, "domain": domain, "judgement": judgement}
    assert heard(tool, risk_of_bias=(None, row)) == []


@pytest.mark.parametrize(("tool", "domain", "judgement"), WRONG_WORDS)
def test_words_that_are_not_those_of_the_tool(heard, tool, domain, judgement):
    row = JUDGED | {"tool": tool, "domain": domain, "judgement": judgement}
    assert columns(heard(tool, risk_of_bias=(None, row))) == ["judgement"]


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"trial": "Nobody 1999", "trial_source_id": ""}, "trial"),
        ({"trial": "Deo2001"}, "trial"),
        ({"trial_source_id": "lee2003"}, "trial_source_id"),
        ({"result_id": "lee2003-r1"}, "result_id"),
    ],
)
def test_a_judgement_of_no_trial_or_of_another(heard, more, column):
    assert column in columns(heard("PEDro", risk_of_bias=(None, JUDGED | more)))


def test_one_judge_with_two_judgements(heard):
    found = heard("PEDro", risk_of_bias=(None, JUDGED, JUDGED | {"rob_id": "d2", "judgement": "6/10"}))
    assert found == [("judgement", "is 7/10 in d1, by the same judge")]


def test_a_trial_without_numbers_may_be_judged(heard):
    rows = (JUDGED | {"trial": "Moe 2009", "trial_source_id": "moe2009"},)
    rows += (JUDGED | {"rob_id": "d2", "trial": "Noe 2010", "trial_source_id": "", "notes": "Not read."},)
    assert heard("PEDro", sources=(None, SOURCE | {"doi": "10.1000/x"}), risk_of_bias=(None, *rows)) == []


@pytest.mark.parametrize("cells", [{"sd_int": "0"}, {"sd_ctl": "0.0"}, {"sd_int": "0", "sd_ctl": "0"}])
def test_an_sd_of_nought_with_which_no_page_could_be_computed(heard, cells):
    assert set(columns(heard(results=({"doe2001-r1": cells},)))) >= set(cells)


@pytest.mark.parametrize("topic", ["massage", "mobilization", "stenosis", "claims"])
def test_beside_tables_that_passed_the_same_errors_are_found(tmp_path, topic):
    """A cell that is none, and the label of a trial that reads like one of another topic: both are found at once."""
    real = find_evidence()
    folder = Path(shutil.copytree(real, tmp_path / "evidence"))
    path = folder / ("claims.csv" if topic == "claims" else f"{topic}/results.csv")
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    other = "mobilization" if topic == "massage" else "massage"
    with (folder / other / "results.csv").open(encoding="utf-8", newline="") as there:
        label = next(csv.DictReader(there))["trial"]
    rows[1][rows[0].index("verdict" if topic == "claims" else "value_kind")] = "no such word"
    rows[2][rows[0].index("source_ids" if topic == "claims" else "trial")] = label.upper()
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    found = errors(check_folder(folder, read_folder(real))[1])
    assert found == errors(check_folder(folder)[1]) and len({problem.column for problem in found}) > 1
