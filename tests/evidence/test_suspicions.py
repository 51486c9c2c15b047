"""What is legal but suspicious is warned of once, by its row, and falls silent when the row says it was looked at."""

import random
from statistics import median

import numpy as np
import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.folder import find_evidence
from reviewlib.evidence.looked_at import acknowledged
from reviewlib.evidence.rows import Row
from reviewlib.evidence.rules import check_folder
from reviewlib.evidence.schema import schemas
from reviewlib.evidence.sheet import Listed, Sheet
from reviewlib.evidence.spreads import _median_without
from reviewlib.evidence.suspects import fewer_is_better

RESULTS = "example/results.csv"
DRAW = random.Random(14)


@pytest.fixture
def row(good):
    """Append a row made from the first result of the invented folder, with some cells changed."""
    import csv

    def append(file, like, **cells):
        path = good / file
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        new = next(r for r in rows if like in r.values()) | cells
        with path.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(sorted([*rows, new], key=lambda r: list(r.values())[:2]))
        return good

    return append


def arms(**cells):
    """Return a row of arm data that contradicts nothing."""
    empty = dict.fromkeys(
        ("measure", "estimate", "ci_low", "ci_high", "ci_level", "p_value", "contrast", "favours"), ""
    )
    return {"n_int": "60", "mean_int": "31.0", "n_ctl": "60", "mean_ctl": "35.0", "value_kind": "final"} | empty | cells


def warned(folder):
    return [(p.column, p.record, p.rule) for p in check(folder) if p.severity == "warning"]


def test_a_standard_error_typed_for_a_standard_deviation_is_seen(row):
    folder = row(
        RESULTS, "example2001-r1", result_id="example2001-r9", trial="Another", **arms(sd_int="1.8", sd_ctl="14.0")
    )
    ((column, record, rule),) = warned(folder)
    assert (column, record) == ("sd_int", "example2001-r9")
    assert "looks like a standard error: times the root of 60 it is 13.9, near the 14" in rule


def test_an_sd_far_from_those_of_other_trials_is_seen(row):
    row(RESULTS, "example2001-r1", result_id="example2001-r8", trial="Second", **arms(sd_int="13.0", sd_ctl="13.0"))
    folder = row(
        RESULTS, "example2001-r1", result_id="example2001-r9", trial="Third", **arms(sd_int="40.0", sd_ctl="14.0")
    )
    ((column, record, rule),) = warned(folder)
    assert (column, record) == ("sd_int", "example2001-r9") and "3 other trials" in rule and "off the usual" in rule


def test_two_trials_alone_cannot_say_which_of_their_sds_is_odd(row):
    path = row(
        RESULTS,
        "example2001-r1",
        result_id="example2001-r9",
        trial="Example 2002",
        **arms(sd_int="40.0", sd_ctl="40.0"),
    )
    lines = [
        line.replace(",45,31.5,13.0,45,35.0,15.0,final,", ",45,31.5,,45,35.0,,final,")
        for line in (path / RESULTS).read_text().split("\n")
    ]
    (path / RESULTS).write_text("\n".join(lines))
    assert [w for w in warned(path) if "sd_" in w[0]] == []


def test_changes_among_finals_in_a_standardized_pool_are_seen(row, edit):
    edit("example/topic.yml", "measure: MD", "measure: SMD")
    change = arms(mean_int="-9.0", mean_ctl="-4.0", sd_int="14.0", sd_ctl="14.0", value_kind="change")
    row(RESULTS, "example2001-r1", result_id="example2001-r9", trial="Another", **change)
    folder = row("example/synthesis.csv", "example2001-r1", result_id="example2001-r9")
    found = [w for w in warned(folder) if "change from baseline" in w[2]]
    assert [(column, record) for column, record, _ in found] == [("result_id", "pain-short example2001-r9")]


def test_one_control_group_in_two_reports_is_seen(row):
    twin = arms(source_id="example2002", trial="Another", sd_int="14.0", sd_ctl="14.0", mean_ctl="36.0")
    row(RESULTS, "example2001-r1", result_id="example2002-r9", **twin)
    folder = row("example/synthesis.csv", "example2001-r1", result_id="example2002-r9")
    assert any("n, mean and SD of example2001-r1: perhaps the same people" in rule for _, _, rule in warned(folder))


def test_a_warning_that_was_looked_at_falls_silent_with_its_reason_only(row):
    def with_note(note, name):
        return row(
            RESULTS, "example2001-r1", result_id=name, trial="Another", notes=note, **arms(sd_int="1.8", sd_ctl="14.0")
        )

    folder = with_note("As printed (sd_int): the table says SD.", "example2001-r9")
    assert warned(folder) == []
    assert [p.column for p in check_folder(folder)[0].looked_at] == ["sd_int"]
    assert len(warned(with_note("As printed (sd_int):", "example2001-r8"))) == 1, "a reason must follow"


def test_a_note_that_silences_nothing_is_reported(edit):
    folder = edit("sources.csv", "example2001,", "example2001,")
    path = folder / RESULTS
    lines = path.read_text().split("\n")
    lines[1] = lines[1].rsplit(",", 1)[0] + ",looked at (sd_int): nothing there"
    path.write_text("\n".join(lines))
    ((column, _, rule),) = warned(folder)
    assert column == "notes" and "sd_int was looked at, but there is no warning about it" in rule


def test_an_error_is_never_silenced(edit):
    folder = edit(RESULTS, "MD,-6.0,-11.0,-1.0", "MD,6.0,-11.0,-1.0")
    path = folder / RESULTS
    lines = path.read_text().split("\n")
    lines[1] = lines[1].rsplit(",", 1)[0] + ",as printed (estimate): so it stands"
    path.write_text("\n".join(lines))
    assert any(p.severity == "error" and p.column == "estimate" for p in check(folder))


def test_several_columns_may_be_named_at_once():
    assert acknowledged("as printed (a, b): x. Looked at (c): y") == ("a", "b", "c")
    assert acknowledged("as printed, twice (a)") == ()


def test_every_warning_about_the_committed_tables_was_looked_at():
    folder, problems = check_folder(find_evidence())
    open_ones = [str(p) for p in problems if p.rule != "is not written yet"]  # a topic that is being written may wait
    assert open_ones == [], "mend it, or answer it in its row: evidence/README.md says how"
    assert {p.record for p in folder.looked_at} >= {"pua2007-r01", "pmc2996343-any-complication"}


PLAIN = arms(mean_int="31.0", sd_int="14.0", sd_ctl="14.0")


@pytest.mark.parametrize(("small", "large"), [("14.0", "35.2"), ("5.5", "14.0"), ("1.4", "14.0")])
def test_one_arm_that_spreads_far_more_than_the_other_is_seen_without_any_other_trial(row, small, large):
    cells = arms(sd_int=small, sd_ctl=large, instrument_id="", outcome="response", value_kind="percent-improvement")
    ((column, record, rule),) = warned(row(RESULTS, "example2001-r1", result_id="example2001-r9", **cells))
    assert (column, record) == ("sd_int", "example2001-r9") and "over 2.5 times as large" in rule


def test_arms_that_spread_up_to_twice_as_much_are_left_alone(row):
    assert (
        warned(row(RESULTS, "example2001-r1", result_id="example2001-r9", **arms(sd_int="12.0", sd_ctl="24.0"))) == []
    )


@pytest.mark.parametrize("n", ["600", "610", "6"])
def test_an_arm_ten_times_or_a_tenth_of_its_neighbours_is_told_at_n(row, n):
    total = {"example2001": "1000"}
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **PLAIN | {"n_ctl": n})
    sources = folder / "sources.csv"
    sources.write_text(sources.read_text().replace("rct,,120,", f"rct,,{total['example2001']},"))
    found = [w for w in warned(folder) if w[1] == "example2001-r9"]
    assert [column for column, _, _ in found] == ["n_ctl"]
    assert "the arms of this trial usually hold 60 people" in found[0][2]


def test_a_subgroup_of_a_trial_is_left_alone(row):
    assert warned(row(RESULTS, "example2001-r1", result_id="example2001-r9", **PLAIN | {"n_ctl": "18"})) == []


def in_arms(folder, first, second, **more):
    """Give two rows the same arms by identifier."""
    import csv

    path = folder / RESULTS
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    for each in rows:
        named = each["result_id"] in (first, second)
        each |= {"arm_id": "example2001-active" if named else "", "control_id": "example2001-none" if named else ""}
        each |= more if each["result_id"] == second else {}
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({"mean_int": "37.0", "mean_ctl": "36.0"}, ["mean_int"]),
        ({"mean_int": "3.0", "mean_ctl": "36.0"}, ["mean_int"]),
        ({"mean_int": "30.0", "mean_ctl": "63.0"}, ["mean_ctl"]),
        ({"mean_int": "30", "mean_ctl": "35.9"}, []),  # rounded in another way
        ({"mean_int": "37.0", "mean_ctl": "36.0", "timepoint_weeks": "26"}, []),
        ({"mean_int": "37.0", "mean_ctl": "36.0", "analysis_set": "per-protocol"}, []),
    ],
)
def test_one_arm_with_two_means_at_one_time_is_seen(row, changed, columns):
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **PLAIN)
    folder = in_arms(folder, "example2001-r1", "example2001-r9", **changed)
    assert [w[0] for w in warned(folder) if w[1] == "example2001-r9"] == columns


COPY = arms(mean_int="30.0", sd_int="14.0", sd_ctl="14.0", mean_ctl="36.0")


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"trial": "Another 2004", "source_id": "example2002"}, True),
        ({"trial": "Another 2004", "source_id": "example2002", "instrument_id": "", "value_kind": "percent"}, True),
        ({"timepoint_weeks": "26"}, True),  # the row of another week copied
        ({"value_kind": "change"}, True),  # final scores called changes
        ({"outcome": "walking", "instrument_id": "", "value_kind": "percent"}, True),  # of another outcome
        ({"locator": "Table 4"}, False),  # one result printed at two places
        ({"trial": "Example 2001, comparison 3", "source_id": "example2003"}, False),  # one trial in two reviews
        ({"trial": "Another 2004", "source_id": "example2002", "n_int": "59"}, False),
    ],
)
def test_numbers_copied_from_another_row_are_seen(row, changed, seen):
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **COPY | changed)
    assert [w[0] for w in warned(folder) if "was its row copied" in w[2]] == (["mean_int"] if seen else [])


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"ci_level": "90"}, [("ci_level", "a level other than 95 needs a word in notes")]),
        ({"ci_level": "90", "notes": "Printed with 90% intervals"}, []),
        ({"estimate": "-8.5"}, [("estimate", "does not lie near the middle of its interval")]),
        ({"ci_low": "-5.0"}, [("estimate", "does not lie near the middle of its interval")]),  # typed for its limit
        ({"estimate": "0.0", "ci_low": "0.0", "ci_high": "0.1"}, []),  # rounded
    ],
)
def test_a_published_pool_is_looked_at_as_a_result_is(good, changed, seen):
    from reviewlib.evidence.schema import schemas

    cells = {"pooled_id": "p1", "source_id": "example2001", "comparison": "a vs b", "outcome": "pain", "measure": "MD"}
    cells |= {"estimate": "-5.0", "ci_low": "-9.0", "ci_high": "-1.0", "ci_level": "95", "read": "abstract"}
    row = {name: (cells | {"locator": "Table 2"} | changed).get(name, "") for name in schemas()["claims_pooled"].names}
    (good / "claims_pooled.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    assert [(column, rule) for column, record, rule in warned(good) if record == "p1"] == seen


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"outcome": "response"}, ["example2001-r9"]),
        ({"outcome": "response", "notes": "Looked at (instrument_id): asked in the same words."}, []),
        ({"instrument_id": ""}, []),
        ({}, []),
    ],
)
def test_an_instrument_of_another_outcome_is_seen(row, changed, seen):
    cells = PLAIN | {"mean_int": "30.9", "value_kind": "percent-improvement"} | changed
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", timepoint_weeks="3", **cells)
    found = [record for column, record, rule in warned(folder) if "everywhere else it measures" in rule]
    assert found == seen


def test_a_comparison_that_lost_its_rows_is_told_at_its_name(good):
    path = good / "example/synthesis.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    told = [(p.file, p.column, p.value) for p in check(good) if "no row of synthesis.csv" in p.rule]
    assert told == [("evidence/example/topic.yml", "comparisons 1 id", "pain-short")]


FALLS = dict(instrument_id="", outcome="falls", n_int="", mean_int="", n_ctl="", mean_ctl="", value_kind="")


def ratio(estimate, favours, measure="OR", contrast="int-ctl", **more):
    given = {"measure": measure, "estimate": estimate, "contrast": contrast, "favours": favours}
    return arms(sd_int="", sd_ctl="") | FALLS | given | more


SIDES = [
    ((ratio("0.6", "int"), ratio("0.7", "int"), ratio("1.4", "int")), ["example2001-r9"]),
    ((ratio("0.6", "int"), ratio("0.7", "int"), ratio("1.4", "ctl")), []),
    ((ratio("0.6", "int"), ratio("1.7", "int", contrast="ctl-int"), ratio("1.4", "int", "HR")), ["example2001-r9"]),
    ((ratio("0.6", "int"), ratio("0.7", "int"), ratio("1.0", "int")), []),
    ((ratio("0.6", "int"), ratio("0.7", "neither"), ratio("1.4", "neither")), []),
    ((ratio("-8", "int", "RD"), ratio("-9", "int", "RD"), ratio("9", "int", "RD")), ["example2001-r9"]),
    (
        (
            ratio("0.6", "int"),
            ratio("0.7", "int"),
            arms()
            | FALLS
            | dict(sd_int="", sd_ctl="", n_int="60", n_ctl="60", events_int="20", events_ctl="9", favours="int"),
        ),
        ["example2001-r9"],
    ),
    ((ratio("0.6", "int"), ratio("1.4", "int"), ratio("0.8", "int")), ["example2001-r8"]),
]


@pytest.mark.parametrize(("rows", "seen"), SIDES)
def test_a_ratio_on_no_scale_favours_the_side_that_the_other_rows_of_its_outcome_do(row, rows, seen):
    for i, cells in enumerate(rows):
        folder = row(RESULTS, "example2001-r1", result_id=f"example2001-r{7 + i}", trial=f"Trial {i}", **cells)
    assert [record for column, record, rule in warned(folder) if column == "favours"] == seen


def test_the_median_of_the_others_is_found_without_looking_at_each():
    for _ in range(300):
        values = sorted(DRAW.choice([1, 2, 3.5, DRAW.random()]) for _ in range(DRAW.randint(2, 9)))
        one = DRAW.choice(values)
        others = values.copy()
        others.remove(one)
        assert _median_without(values, one) == median(others)


def of_one_row(cells, form):
    """Return what one row says of fewer events; numbers are typed in a form."""
    text = {name: format(cell, form) if isinstance(cell, float) else cell for name, cell in cells.items()}
    row = Row(2, "r", text, dict.fromkeys(schemas()["results"].names) | cells, frozenset())
    with np.errstate(all="ignore"):
        (found,) = fewer_is_better(Sheet(Listed([row], row.values)))
    return None if np.isnan(found) else bool(found)


@pytest.mark.parametrize(
    ("measure", "estimate", "favours", "fewer"),
    [
        ("RR", 0.8, "int", True),
        ("RR", 0.8, "ctl", False),
        ("RR", 1.25, "int", False),
        ("RD", -0.05, "int", True),
        ("RD", 0.05, "int", False),
        ("RR", 1.0, "int", None),
        ("RD", 0.0, "ctl", None),
        ("RR", 0.8, "neither", None),
    ],
)
def test_the_side_with_the_smaller_share_is_told_only_where_the_printed_ratio_leaves_no_doubt(
    measure, estimate, favours, fewer
):
    row = {"measure": measure, "estimate": estimate, "favours": favours, "contrast": "int-ctl"}
    assert of_one_row(row, ".2f") is fewer
    assert of_one_row(row | {"contrast": "ctl-int"}, ".2f") is (None if fewer is None else not fewer)


BARE = dict.fromkeys(("mean_int", "sd_int", "mean_ctl", "sd_ctl", "value_kind"), "")


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"trial": "Another 2004", "source_id": "example2002"}, True),
        ({"trial": "Another 2004", "source_id": "example2002", "outcome": "walking", "instrument_id": ""}, True),
        ({"trial": "Another 2004", "source_id": "example2002", "n_int": "59"}, False),
        ({"trial": "Another 2004", "source_id": "example2002", "ci_high": "-1.1"}, False),
        ({"trial": "Another 2004", "source_id": "example2002", "n_int": "", "n_ctl": ""}, False),
        ({"trial": "Example 2001, comparison 3", "source_id": "example2003"}, False),  # one trial in two reviews
        ({"outcome": "walking", "instrument_id": ""}, False),  # two scores of one trial may agree
    ],
)
def test_an_estimate_with_its_interval_under_the_name_of_another_trial_is_seen(row, changed, seen):
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **BARE | changed)
    assert [w[0] for w in warned(folder) if "one trial twice" in w[2]] == (["estimate"] if seen else [])


@pytest.mark.parametrize(("n", "seen"), [("120", True), ("91", True), ("90", False), ("30", False)])
def test_the_people_of_both_arms_in_one_are_seen_beside_another_row_of_the_arm(row, n, seen):
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **PLAIN)
    folder = in_arms(folder, "example2001-r1", "example2001-r9", n_int=n, timepoint_weeks="26")
    found = [w for w in warned(folder) if "no other row gives example2001-active more than 60 people" in w[2]]
    assert [w[0] for w in found] == (["n_int"] if seen else [])


def test_an_arm_with_a_digit_too_many_is_told_once(row):
    folder = row(RESULTS, "example2001-r1", result_id="example2001-r9", **PLAIN)
    folder = in_arms(folder, "example2001-r1", "example2001-r9", n_int="600", timepoint_weeks="26")
    sources = folder / "sources.csv"
    sources.write_text(sources.read_text().replace("rct,,120,", "rct,,1000,"))
    assert len([w for w in warned(folder) if w[0] == "n_int" and w[1] == "example2001-r9"]) == 1


@pytest.mark.parametrize(
    ("percents", "fewer"),
    [
        ((10.0, 20.0), True),
        ((20.0, 10.0), False),
        ((10.0, 11.0), None),  # 10.5 may be either
        ((11.0, 10.0), None),
        ((10.0, 11.5), True),
        ((11.5, 10.0), False),
    ],
)
def test_rounded_percentages_tell_the_smaller_share_only_where_no_rounding_turns_them(percents, fewer):
    row = {"favours": "int", "value_kind": "percent"} | dict(zip(("mean_int", "mean_ctl"), percents, strict=True))
    assert of_one_row(row, "g") is fewer
    assert of_one_row(row | {"measure": "RR"}, "g") is fewer, "a measure without its estimate"
    assert of_one_row(row | {"favours": "ctl"}, "g") is (None if fewer is None else not fewer)
