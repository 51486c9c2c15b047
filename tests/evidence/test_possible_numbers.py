"""Means and SDs that n scores of a scale cannot have; years in identifiers against the years of their rows."""

from math import sqrt

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.years import registered_year

SCALE = "instruments.csv"
ALONE = dict.fromkeys(("measure", "estimate", "ci_low", "ci_high", "ci_level", "p_value", "contrast", "favours"), "")


@pytest.fixture
def found(good, cells):
    """Return the problems after cells of the first result and of its instrument were changed."""

    def after(instrument=(), **row):
        cells("example/results.csv", "example2002-r1", instrument_id="", value_kind="percent")  # no second trial on it
        cells(SCALE, "example-100", **dict(instrument))
        cells("example/results.csv", "example2001-r1", **ALONE | row)
        return [(p.severity, p.column, p.rule) for p in check(good) if p.record == "example2001-r1"]

    return after


def arms(n, mean, sd="3.0", **more):
    return {"n_int": n, "mean_int": mean, "sd_int": sd, "n_ctl": n, "mean_ctl": "5", "sd_ctl": "4.0"} | more


WHOLE = {"scale_min": "0", "scale_max": "24", "item_step": "1"}
IMPOSSIBLE = {  # scale, n, mean, value_kind, the two nearest
    "5.19 of 28": (WHOLE, "28", "5.19", "final", "5.179 and 5.214"),
    "3.45 of 7": (WHOLE, "7", "3.45", "final", "3.429 and 3.571"),
    "one decimal, nine people": (WHOLE, "9", "4.5", "final", "4.444 and 4.556"),
    "a change": (WHOLE, "25", "-2.15", "change", "-2.16 and -2.12"),
    "half points": (WHOLE | {"item_step": "0.5"}, "10", "6.27", "final", "6.25 and 6.3"),
    "steps of two percent": (WHOLE | {"scale_max": "100", "item_step": "2"}, "20", "22.55", "final", "22.5 and 22.6"),
    "from 5, in steps of 10": (
        {"scale_min": "5", "scale_max": "95", "item_step": "10"},
        "8",
        "40.1",
        "final",
        "40 and 41.25",
    ),
    "a scale of unknown ends": (
        {"scale_min": "", "scale_max": "", "item_step": "2"},
        "3",
        "10.5",
        "final",
        "10 and 10.67",
    ),
    "a change in steps of 2": (WHOLE | {"item_step": "2"}, "3", "10.5", "change", "10 and 10.67"),
    "below zero": ({"scale_min": "-7", "scale_max": "7", "item_step": "1"}, "12", "-3.45", "final", "-3.5 and -3.417"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_mean_that_whole_scores_cannot_have_is_seen(found, name):
    scale, n, mean, kind, near = IMPOSSIBLE[name]
    (problem,) = found(scale, **arms(n, mean, value_kind=kind))
    assert problem[:2] == ("warning", "mean_int") and problem[2].endswith(f"have this mean: the nearest are {near}")


@pytest.mark.parametrize(
    ("scale", "row"),
    [
        (WHOLE, arms("28", "5.18")),  # 145 / 28
        (WHOLE, arms("", "5.19")),  # of how many, nobody says
        (WHOLE, arms("28", "", n_ctl="28", mean_ctl="")),
        (WHOLE, arms("28", "5.21")),  # 146 / 28
        (WHOLE, arms("8", "3.12")),  # 25 / 8 = 3.125, rounded to even
        (WHOLE, arms("8", "3.13")),  # the same, rounded up
        (WHOLE, arms("28", "5.2")),  # one decimal cannot tell
        (WHOLE, arms("280", "5.19")),  # so many people can have any
        (WHOLE | {"item_step": ""}, arms("28", "5.19")),  # the step is not known
        (WHOLE, arms("28", "5.19", analysis="ANCOVA, adjusted for baseline")),
        (WHOLE, arms("28", "5.19", analysis="multiple imputation")),
        (WHOLE, arms("28", "5.19", notes="Read off the figure.")),
        (WHOLE, arms("28", "5.19", notes="The review halved the arm.")),
        (WHOLE, arms("28", "5.19", value_kind="percent-improvement")),
        ({"scale_min": "0", "scale_max": "10", "item_step": "0.1"}, arms("20", "5.305")),
        ({"scale_min": "1", "scale_max": "10", "item_step": "3"}, arms("2", "5.5")),  # 4 and 7
    ],
)
def test_a_mean_that_scores_can_have_or_that_nothing_can_tell_of_is_left_alone(found, scale, row):
    assert [rule for _, column, rule in found(scale, **row) if column == "mean_int"] == []


def test_instruments_without_the_column_are_not_tested(found):
    assert found({"scale_max": "24"}, **arms("28", "5.19")) == []


@pytest.mark.parametrize(
    ("low", "high", "n", "mean", "sd", "severity"),
    [
        ("0", "10", "20", "5", "5.2", "error"),  # half the range, and n / (n - 1)
        ("-7", "7", "30", "0", "7.3", "error"),
        ("-7", "7", "30", "-6.0", "4.2", "warning"),  # sqrt(1 x 13 x 30 / 29) = 3.67
        ("5", "25", "40", "6.0", "5.0", "warning"),  # sqrt(1 x 19 x 40 / 39) = 4.41
        ("3", "30", "16", "29.0", "6", "warning"),
        ("1", "5", "12", "1.0", "1.2", "warning"),  # everybody at the lowest score
    ],
)
def test_an_sd_that_a_bounded_scale_cannot_have_is_seen(found, low, high, n, mean, sd, severity):
    cells = arms(n, mean, sd, value_kind="final", mean_ctl=mean, sd_ctl=str(float(sd) / 2))
    problems = [p for p in found({"scale_min": low, "scale_max": high}, **cells) if p[1] == "sd_int"]
    assert [p[0] for p in problems] == [severity] and "no standard deviation" in problems[0][2]


@pytest.mark.parametrize("n", [2, 3, 10, 200])
@pytest.mark.parametrize(("low", "high"), [(0, 10), (-7, 7), (5, 25)])
def test_the_widest_sd_that_people_can_have_is_left_alone(found, n, low, high):
    half = n // 2  # half of the people at each end
    mean = (half * low + (n - half) * high) / n
    sd = sqrt((half * (low - mean) ** 2 + (n - half) * (high - mean) ** 2) / (n - 1))
    cells = arms(str(n), f"{mean:.2f}", f"{sd:.2f}", mean_ctl=f"{mean:.2f}", sd_ctl=f"{sd:.2f}", value_kind="final")
    assert [p for p in found({"scale_min": str(low), "scale_max": str(high)}, **cells) if "sd" in p[1]] == []


def test_a_change_near_the_whole_scale_leaves_no_room_to_spread(found):
    cells = arms("20", "-9.0", "5.0", value_kind="change", mean_ctl="-5", sd_ctl="5")
    ((severity, column, rule),) = found({"scale_min": "0", "scale_max": "10"}, **cells)
    assert (severity, column) == ("warning", "sd_int")
    assert "on -10 to 10 no standard deviation can be above 4.58" in rule


# ------------------------------------------------------------------------------------------------ years


@pytest.mark.parametrize(
    ("number", "year"),
    [
        ("CTRI/2013/05/003456", 2013),
        ("EUCTR2009-012345-11", 2009),
        ("IRCT2014010116034N1", 2014),
        ("ACTRN12605000012345", 2005),
        ("ChiCTR-TRC-12002500", 2012),
        ("NCT00022776", None),
        ("DRKS00013180", None),
    ],
)
def test_some_registries_put_the_year_into_the_number(number, year):
    assert registered_year(number) == year


@pytest.mark.parametrize(("registered", "seen"), [("CTRI/2013/05/003456", True), ("CTRI/2001/05/003456", False)])
def test_a_trial_published_before_it_was_registered_is_seen(good, cells, registered, seen):
    cells("sources.csv", "example2001", registry_id=registered)
    rules = [p.rule for p in check(good)]
    assert rules == ([f"published 2001, but {registered} was registered in 2013"] if seen else [])


@pytest.mark.parametrize(("year", "seen"), [("2010", True), ("2000", True), ("2001", False), ("", False)])
def test_the_year_of_a_source_that_its_identifier_contradicts_is_seen(good, cells, year, seen):
    cells("sources.csv", "example2001", year=year)
    found = [(p.severity, p.column, p.record) for p in check(good) if "identifier says 2001" in p.rule]
    assert found == ([("warning", "source_id", "example2001")] if seen else [])


@pytest.mark.parametrize(
    ("named", "trial", "seen"),
    [
        ("example2011-r1", "Example 2001", True),
        ("example2002-r9", "Example 2001", False),  # another source of the tables reports the trial
        ("other-2011-w12", "Other", True),
        ("example1998-r1", "Example 1998", False),  # the trial's own year, in a later report
        ("example2001-r8", "Example 1998/2001", False),
        ("example-r1", "Example 2001", False),
        ("pmc2996343-r1", "Example 2001", False),  # a number, no year
    ],
)
def test_the_year_of_a_result_that_source_and_trial_contradict_is_seen(good, edit, named, trial, seen):
    for file in ("results", "synthesis"):
        path = good / f"example/{file}.csv"
        path.write_text(path.read_text().replace("example2001-r1", named).replace("Example 2001", trial))
    found = [(p.severity, p.column, p.record) for p in check(good) if "the source and trial" in p.rule]
    assert found == ([("warning", "result_id", named)] if seen else [])
