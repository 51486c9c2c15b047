"""The rules of row_rules.yml name columns that exist, and are tried on rows as a person would type them."""

from pathlib import Path

import pytest

from reviewlib.evidence import row_rules
from reviewlib.evidence.reading import read_table
from reviewlib.evidence.schema import schemas


def broken(table, **cells):
    """Return (column, rule, severity) of each rule that a row of these cells breaks."""
    schema = schemas()[table]
    names = [column.name for column in schema.columns]
    text = ",".join(names) + "\n" + ",".join(str(cells.get(name, "")) for name in names) + "\n"
    found = row_rules.row_problems(read_table(text.encode(), Path(f"{table}.csv").name, schema))
    return [(problem.column, problem.rule, problem.severity) for problem in found]


def test_every_rule_reads_columns_of_its_table_and_known_words():
    """Nothing else can be asked for in a condition: it is evaluated, and no word leads out of the row."""
    for table, stated in row_rules._stated().items():
        for rule in row_rules._flat(stated) if table != "interval" else ():
            names = schemas()[table].names
            for arm in ("int", "ctl"):
                columns = rule["columns"].replace("<arm>", arm).split()
                texts = [rule[part].replace("<arm>", arm) for part in ("when", "rule", "remedy")]
                used = {*row_rules._names(texts[0])} | {*row_rules._names(f"(f{texts[1]!r}, f{texts[2]!r})")}
                attributes = {"startswith", "endswith", "join"}
                known = {
                    *names,
                    *row_rules._WORDS,
                    *row_rules._WORDS["__builtins__"],
                    "cell",
                    "row",
                    "again",
                    *attributes,
                }
                assert {*columns} <= {*names} and used <= known, (table, rule["rule"], used - known)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"reporting": "not reported", "n_events": 0}, "is not reported, yet n_events is filled in"),
        ({"reporting": "counted", "event": "soreness"}, "is counted, yet there is no number"),
        ({"reporting": "counted", "event": "110 events"}, ""),
        ({"reporting": "not reported"}, ""),
        ({"n_events": 12, "n_at_risk": 10}, "12 events among 10 people"),
        ({"n_events": 3, "n_at_risk": 10, "percent_low": 31, "percent_high": 31}, "3 of 10 are 30.0%"),
        ({"n_events": 3, "n_at_risk": 0, "percent_low": 30, "percent_high": 30}, "3 events among 0 people"),
        ({"percent_low": 31, "percent_high": 30}, "the lowest percent 31 is above the highest 30"),
    ],
)
def test_harms_agree_with_themselves(cells, rule):
    assert [said for _, said, _ in broken("adverse_events", event_id="e1", **{"event": "pain"} | cells)] == (
        [rule] if rule else []
    )


@pytest.mark.parametrize(
    ("table", "cells", "expected"),
    [
        ("results", {"ci_low": 1}, ("ci_high", "one end of the interval is missing", "error")),
        ("results", {"events_ctl": 5, "n_ctl": 4}, ("events_ctl", "5 events among 4 people", "error")),
        ("results", {"sd_int": 0}, ("sd_int", "a standard deviation of 0 says that all people scored alike", "error")),
        ("ratings", {"n": 5, "n_total": 4}, ("n", "5 of 4", "error")),
        (
            "instruments",
            {"mid": 9, "scale_min": 0, "scale_max": 7, "mid_unit": "points"},
            ("mid", "is wider than the whole scale (0 to 7)", "error"),
        ),
        (
            "certainty",
            {"domain": "start", "judgement": "-1", "judged_by": "one assessor", "status": "draft"},
            ("judgement", "start takes a level", "error"),
        ),
    ],
)
def test_a_row_that_breaks_a_rule_is_told_by_cell_rule_and_severity(table, cells, expected):
    assert expected in broken(table, **cells)
