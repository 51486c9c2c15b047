"""A cell that differs from its second reading is an error, whichever of the two is wrong."""

import pytest

from reviewlib.evidence.check import check

HEAD = "table,record,cells,read_from,read_by,read_on\n"


@pytest.fixture
def read(good):
    """Write second readings of the invented topic: ``read("results,example2001-r1,n_int 50")``."""

    def write(*rows):
        lines = [f"{row},publication,second assessor,2026-11-27\n" for row in rows]
        (good / "example" / "readings.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
        return good

    return write


def faults(folder):
    return [(p.file, p.column, p.value, p.rule) for p in check(folder) if p.severity == "error"]


@pytest.fixture
def printed(good):
    """Cells of the first result, as the invented table holds them."""
    import csv

    with (good / "example/results.csv").open(newline="", encoding="utf-8") as handle:
        return next(csv.DictReader(handle))


def test_equal_readings_say_nothing_and_numbers_are_compared_as_numbers(read, printed):
    low = f"{float(printed['ci_low']):.3f}"
    assert (
        faults(read(f"results,{printed['result_id']},ci_low {low}; trial {printed['trial']}; events_int nothing")) == []
    )


def test_a_slip_of_one_digit_names_both_values_and_the_place(read, printed):
    [(file, column, value, rule)] = faults(read(f"results,{printed['result_id']},ci_low -99.5"))
    assert (file, column, value) == ("evidence/example/results.csv", "ci_low", printed["ci_low"])
    assert rule == "a second reading found -99.5 (readings.csv line 2)"


def test_what_was_not_printed_and_now_stands_there_is_a_slip_too(read, printed):
    [(_, column, _, rule)] = faults(read(f"results,{printed['result_id']},ci_low nothing"))
    assert column == "ci_low" and rule.startswith("a second reading found nothing")


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("results,nobody,n_int 5", "was read twice, and results.csv has no such row"),
        ("pooled_published,nobody,n 5", "was read twice, and pooled_published.csv has no such row"),
        ("results,example2001-r1,people 5", "people is no column of results.csv"),
        ("results,example2001-r1,n_int=5", "is not written the way this column is written"),
    ],
)
def test_a_reading_that_fits_no_cell_is_told(read, row, rule):
    assert rule in [fault[3] for fault in faults(read(row))]


def test_a_row_that_stands_twice_under_two_names_is_told(good):
    table = good / "example/adverse_events.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines, "zz-" + lines[1]]) + "\n", encoding="utf-8")
    record = lines[1].split(",")[0]
    assert ("event_id", f"every other cell is that of {record}: one fact would count twice") in [
        (column, rule) for _, column, _, rule in faults(good)
    ]
