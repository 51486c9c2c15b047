"""A large table of results is held by columns; its faults are those of the same table held by rows."""

import csv
import math
import random
import shutil
import tracemalloc
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import reviewlib as rl
from reviewlib.evidence import blocks, columnar, folder, reading, row_rules, suspects, widths
from reviewlib.evidence.check import check
from reviewlib.evidence.load import load_evidence
from reviewlib.evidence.rows import ByKey
from reviewlib.evidence.rules import check_folder
from reviewlib.evidence.schema import schemas
from reviewlib.evidence.sheet import Listed, parts

REAL = sorted(Path(__file__).parents[2].glob("evidence/*/results.csv"))
NUMBERS = ("", "", "0", "1", "2.5", "-3.10", "12", "40.0", "99", "101.5", "7e5", "1.0000001")


@pytest.fixture
def by_columns(monkeypatch):
    """Hold every table of results by columns from now on, also one that was read before."""

    def hold():
        monkeypatch.setattr(folder, "SMALL", 0)
        monkeypatch.setattr(reading, "LARGE", 0)

    return hold


def anything(n, seed):
    """Yield `n` rows of results in which every cell is drawn from words that rules ask for, and some that none does."""
    rng = random.Random(seed)
    words = {
        "result_id": ["doe2020-r{0}", "doe2020-{0}-12w", "doe2019-r{0}", "Doe {0}"],
        "source_id": ["example2001", "example2001", "nobody"],
        "trial": ["Doe 2020", "doe 2020", "Roe 2001"],
        "arm_id": ["", "arm-a", "arm-b"],
        "control_id": ["", "arm-c", "arm-b"],
        "intervention": ["a"],
        "outcome": ["pain", "walking"],
        "instrument_id": ["", "example-scale", "other-scale"],
        "timepoint_weeks": ["", "12", "26"],
        "analysis_set": ["itt", "per-protocol"],
        "analysis": ["", "adjusted", "not adjusted", "Bonferroni", "crossover, all periods"],
        "value_kind": ["", "final", "change", "percent", "percent-improvement"],
        "measure": ["", "MD", "SMD", "RR", "OR", "RD", "HR", "proportion", "NNT", "XX"],
        "ci_level": ["", "95", "95", "90", "99", "49"],
        "ci_printed_level": ["", "", "95"],
        "ci_adjusted": ["", "", "b"],
        "p_value": ["", "NS", "0.04", ".2", "<0.001", ">0.05", "p"],
        "contrast": ["", "int-ctl", "ctl-int"],
        "favours": ["", "int", "ctl", "neither"],
        "design": ["rct", "cohort"],
        "status": ["reported"],
        "read": ["abstract"],
        "locator": ["Table 2", "90% CI, Table 3", " Table"],
        "notes": [
            "",
            "",
            "read off a figure",
            "looked at (estimate): so printed",
            "caf\u00e9, \u201c95%\u201d",
            "\u200b",
        ],
    }
    for i in range(n):
        sides = {name: rng.choice(words.get(name, NUMBERS)).format(i) for name in schemas()["results"].names}
        if rng.random() < 0.8:  # mostly numbers of one trial, which agree or nearly do
            n_int, n_ctl, mean = rng.randint(8, 90), rng.randint(8, 90), rng.uniform(0, 60)
            sides |= {"n_int": f"{n_int}", "n_ctl": f"{n_ctl}", "sd_int": f"{rng.uniform(5, 30):.1f}"}
            sides |= {"sd_ctl": f"{rng.uniform(5, 30):.1f}", "mean_int": f"{mean:.1f}", "mean_ctl": f"{mean + 4:.1f}"}
            sides |= {"events_int": f"{rng.randint(0, n_int)}", "events_ctl": f"{rng.randint(0, n_ctl)}"}
            middle, half = rng.choice([-4.0, 4.0, 0.5, 1.2]), rng.choice([0.3, 2.0, 8.0])
            sides |= {"estimate": f"{middle:.2f}", "ci_low": f"{middle - half:.2f}", "ci_high": f"{middle + half:.2f}"}
        if i % 5 == 0:  # as an old paper prints them: arms, at most a P value, and a side that did better
            sides |= dict.fromkeys(("measure", "estimate", "ci_low", "ci_high", "ci_level", "contrast"), "")
            sides |= {"mean_ctl": sides["mean_int"]} if i % 10 else {}
        yield sides


def write(folder, rows):
    with (folder / "example" / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, schemas()["results"].names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("seed", range(3))
def test_no_rule_misses_a_fault_of_a_large_table(good, by_columns, seed, monkeypatch):
    write(good, anything(400, seed))
    by_rows = check(good)
    assert len({problem.rule[:12] for problem in by_rows}) > 30, "the rows should break many rules"
    by_columns()
    asked = []
    monkeypatch.setattr(suspects, "STATED", (lambda sheet: asked.append(sheet) or screened(sheet), *suspects.STATED))
    assert check(good) == by_rows
    assert asked, "the table should be held by columns, or nothing is compared"


def test_rules_share_one_index_of_the_rows_of_a_large_table(good, by_columns, monkeypatch):
    write(good, anything(50, 1))
    by_columns()
    table = check_folder(good)[0].topics["example"].tables["results"]
    assert table.by == {}, "after a check it takes no room"
    asked, texts = [], columnar.Rows.texts
    monkeypatch.setattr(columnar.Rows, "texts", lambda self, names: asked.append(tuple(names)) or texts(self, names))
    found = [ByKey(table).get(table.rows[7].record) for _ in range(3)]
    assert found[0].line == found[2].line == table.rows[7].line and asked == [("result_id",)]
    table.rows = table.rows.replaced({})
    assert "no-such-row" not in ByKey(table) and len(asked) == 2, "other rows, another index"


def screened(sheet):
    return np.zeros(len(sheet.rows), bool)


def one_slip(n, seed):
    """Yield `n` rows in which all numbers agree, but for one of them, so that only one rule could look closer."""
    rng = random.Random(seed)
    for i in range(n):
        people, others, sd = (
            rng.choice([4, 5, 6, 9, 12, 20, 40]),
            rng.choice([4, 5, 7, 12, 40, 400]),
            rng.uniform(8, 18),
        )
        means, measure = (rng.uniform(30, 60), rng.uniform(30, 60)), rng.choice(["MD", "MD", "SMD", "RR", "OR", "RD"])
        row = dict.fromkeys(schemas()["results"].names, "") | {
            "result_id": f"doe2020-r{i}",
            "source_id": "example2001",
            "trial": f"Doe{i} 2001",
            "population": "p",
            "intervention": "a",
            "comparator": "b",
            "outcome": "pain",
            "instrument_id": "example-100",
            "timepoint_weeks": "12",
            "analysis_set": "itt",
            "measure": measure,
            "contrast": "int-ctl",
            "ci_level": rng.choice(["95", "95", "90"]),
            "design": "rct",
            "status": "reported",
            "read": "abstract",
            "n_int": f"{people}",
            "n_ctl": f"{others}",
            "locator": "Table 2",
            "notes": "90% limits",
        }
        if measure in ("MD", "SMD"):
            row |= {"mean_int": f"{means[0]:.2f}", "mean_ctl": f"{means[1]:.2f}", "value_kind": "final"}
            row |= {"sd_int": f"{sd:.2f}", "sd_ctl": f"{sd * rng.choice([0.4, 0.95, 1, 1.05, 2]):.2f}"}
            by = sd if measure == "SMD" else 1
            middle = (means[0] - means[1]) / by
            error = math.sqrt(1 / people + 1 / others) * sd / by
        else:
            events = rng.randint(2, people - 2), rng.randint(2, others - 2)
            row |= {"events_int": f"{events[0]}", "events_ctl": f"{events[1]}"}
            p, q = events[0] / people, events[1] / others
            middle = {"RR": math.log(p / q), "OR": math.log(p / (1 - p) / q * (1 - q)), "RD": 100 * (p - q)}[measure]
            parts = {
                "RR": ((1 - p) / p, (1 - q) / q),
                "OR": (1 / p / (1 - p), 1 / q / (1 - q)),
                "RD": (1e4 * p * (1 - p), 1e4 * q * (1 - q)),
            }[measure]
            error = math.sqrt(parts[0] / people + parts[1] / others)
        z, slip = NormalDist().inv_cdf(0.5 + float(row["ci_level"]) / 200), rng.choice("wcpsn")
        half = z * error * (math.exp(rng.uniform(-1.2, 1.2)) if slip == "w" else 1)
        off = half * rng.uniform(-0.9, 0.9) if slip == "c" else 0
        ends = middle, middle - half + off, middle + half + off
        back = math.exp if measure in ("RR", "OR") else float
        row |= {name: f"{back(end):.3f}" for name, end in zip(("estimate", "ci_low", "ci_high"), ends, strict=True)}
        said = 2 * NormalDist().cdf(-abs(middle) / error)
        row["p_value"] = f"{max(said, 0.001):.3f}" if rng.random() < 0.5 else "" if slip != "p" else "NS"
        if slip == "p":
            row["p_value"] = rng.choice(["0.01", "0.04", "0.3", "0.45", "NS", "<0.001", ">0.05", "0.049"])
        row["favours"] = rng.choice(["int", "ctl"]) if slip == "s" else ""
        yield row


@pytest.mark.parametrize("seed", range(3))
def test_no_rule_misses_the_only_fault_of_a_row(good, by_columns, seed):
    """A width, a middle, a P value or a side that is wrong alone: nothing else makes anybody look closer."""
    write(good, one_slip(500, seed))
    by_rows = check(good)
    said = " ".join(problem.rule for problem in by_rows if problem.file.endswith("results.csv"))
    for words in ("interval", "middle", "favours", "P "):
        assert words in said
    by_columns()
    assert check(good) == by_rows


def columns_of(good, rows):
    """Return the sheets of a table of the rows, with the places of their rows."""
    write(good, rows)
    data = (good / "example" / "results.csv").read_bytes()
    return list(parts(reading.read_table(data, "results.csv", schemas()["results"])))


def arm(row, name):
    """Return (n, share of events before and after rounding, mean or None, SD or None) of an arm, one by one."""
    n, events, mean, sd = (row.values[f"{what}_{name}"] for what in ("n", "events", "mean", "sd"))
    return n or 0, None if events is None or not n else events / n, mean, sd or None


def least_and_most(row):
    """Return the least and the largest standard error of two arms by the formulas of one row; None where unknown."""
    (m, p, _, a), (n, q, _, b) = arm(row, "int"), arm(row, "ctl")
    kind, half = row.values["measure"], 0.005
    if kind == "MD" and min(m, n) > 1 and a and b:
        ends = []
        for x, y in ((a - half, b - half), (a + half, b + half)):
            common = ((m - 1) * x * x + (n - 1) * y * y) / (m + n - 2)
            ends.append((math.sqrt(common * (1 / m + 1 / n)), math.sqrt(x * x / m + y * y / n)))
        return min(ends[0]), max(ends[1])
    if kind == "SMD" and m and n:
        d = row.values["estimate"]
        return math.sqrt(1 / m + 1 / n), math.sqrt(1 / m + 1 / n + d * d / 2 / min(m + n, 2 * m, 2 * n))
    of = {"RD": lambda p, n: 1e4 * p * (1 - p) / n, "RR": lambda p, n: 1 / p / n - 1 / n, "OR": None}
    of["OR"] = lambda p, n: 1 / (n * p) + 1 / (n - n * p)
    if kind not in of or p is None or q is None or min(m * p, m - m * p, n * q, n - n * q) < 5 - 1e-9:
        return None
    return (math.sqrt(of[kind](p, m) + of[kind](q, n)),) * 2


def difference(row):
    """Return the difference of two arms, a ratio as its log, by the formulas of one row; None where unknown."""
    (m, p, x, a), (n, q, y, b) = arm(row, "int"), arm(row, "ctl")
    kind = row.values["measure"]
    if kind == "MD" and None not in (x, y):
        return x - y
    if kind == "SMD" and None not in (x, y, a, b) and m and n:
        return (x - y) / math.sqrt(((m - 1) * a * a + (n - 1) * b * b) / max(m + n - 2, 1))
    if kind == "RD" and None not in (p, q):
        return 100 * (p - q)
    if kind in ("RR", "OR") and p and q and (kind == "RR" or max(p, q) < 1):
        return math.log(p / q if kind == "RR" else p * (1 - q) / (q * (1 - p)))
    return None


def test_columns_hold_what_the_formulas_give_of_one_row(good, by_columns):
    """A standard error to the last digits; a difference of arms within what rounding and small samples allow."""
    by_columns()
    known = 0
    for _, sheet in columns_of(good, [*one_slip(150, 1), *without_a_number(one_slip(100, 2))]):
        with np.errstate(all="ignore"):
            least, most, _ = widths._errors(sheet)
            low, high = sheet.from_arms
        for at, row in enumerate(sheet.rows):
            wanted, middle = least_and_most(row), difference(row)
            assert math.isnan(least[at]) if wanted is None else (least[at], most[at]) == pytest.approx(wanted, rel=1e-9)
            if middle is not None:
                assert low[at] - 1e-9 <= middle <= high[at] + 1e-9, row.text
                known += wanted is not None
    assert known > 80


def fewer_did_better(row):
    """Return whether the side that did better has the smaller share, by one row; None where it does not say."""
    value, kind, turned = row.values["estimate"], row.values["measure"], row.values["contrast"] == "ctl-int"
    if value is None or kind not in ("RR", "OR", "RD"):
        (_, p, *_), (_, q, *_) = arm(row, "int"), arm(row, "ctl")
        value, turned = None if None in (p, q) else p - q, False
        ends = None if value is None else (value, value)
    else:
        null, half = 0 if kind == "RD" else 1, 0.5 * 10.0 ** -len(row.text["estimate"].partition(".")[2])
        ends = (value - half - null, value + half - null)
    if ends is None or ends[0] <= 0 <= ends[1] or row.values["favours"] not in ("int", "ctl"):
        return None
    return ((ends[1] < 0) != turned) == (row.values["favours"] == "int")


@pytest.mark.parametrize("large", [True, False])
def test_a_column_says_of_each_row_whether_fewer_events_are_better(good, by_columns, large):
    """By the ratio or difference of its shares, and where it prints none by its counts."""
    if large:
        by_columns()
    none = dict.fromkeys(("measure", "estimate", "ci_low", "ci_high", "ci_level", "contrast"), "")
    sides = [row | {"favours": "int" if i % 2 else "ctl"} for i, row in enumerate(one_slip(200, 3))]
    rows = [*sides, *(row | none | {"result_id": f"{row['result_id']}-x"} for row in sides)]
    said = {None: 0, True: 0, False: 0}
    for _, sheet in columns_of(good, rows):
        with np.errstate(all="ignore"):
            fewer = suspects.fewer_is_better(sheet)
        for row, number in zip(sheet.rows, fewer, strict=True):
            wanted = fewer_did_better(row)
            said[wanted] += 1
            assert np.isnan(number) if wanted is None else number == wanted
    assert min(said.values()) > 5, said


def test_a_row_with_a_broken_cell_is_looked_at_by_itself(good, by_columns):
    by_columns()
    broken = [row | {"timepoint_weeks": "soon"} for row in one_slip(1, 5)]
    (most, large), (few, small) = columns_of(good, [*one_slip(9, 4), *(row | {"result_id": "z"} for row in broken)])
    assert (len(most), few.tolist()) == (10, [9]) and isinstance(small.rows, Listed)
    assert large.sound("measure").tolist() == [True] * 9 + [False]
    assert small.sound("measure").tolist() == [True] and small.sound("measure", "timepoint_weeks").tolist() == [False]


def test_an_sd_too_large_for_its_scale_is_found_in_a_large_table_too_where_no_number_of_people_was_read(
    good, by_columns
):
    """A scale of 100 points: without n an SD of 71 is the largest, and 80 once passed in a large table."""
    row = next(r for r in one_slip(50, 1) if r["measure"] == "MD")
    write(good, [row | {"n_int": "", "sd_int": "80.00"}])
    found = [problem for problem in check(good) if problem.column == "sd_int" and "can be that large" in problem.rule]
    by_columns()
    assert found and found[0] in check(good)


@pytest.mark.parametrize("large", [True, False])
def test_a_number_with_more_digits_than_a_double_has_powers_is_judged_too(good, by_columns, large):
    row = next(r for r in one_slip(50, 1) if r["measure"] == "MD")
    write(good, [row | {"estimate": f"0.{'0' * 450}1"}])
    if large:
        by_columns()
    assert any(problem.column == "estimate" for problem in check(good))


def test_student_s_quantile_is_right_to_its_second_term():
    z = NormalDist().inv_cdf(0.975)
    for df in (10, 100, 1000):
        assert abs(stats.t.ppf(0.975, df) - widths.student(z, df + 1)) * df**2 < 4


def without_a_number(rows):
    """Yield the rows with one number of an arm left out or at its end: nobody had the event, one person was there."""
    rng, ends = random.Random(4), {"n": ["", "1", "2"], "sd": ["", "0.01"], "events": ["", "0", "1"]}
    for row in rows:
        name = rng.choice([name for name in ends if row[f"{name}_int"]])
        yield row | {f"{name}_{rng.choice(['int', 'ctl'])}": rng.choice(ends[name])}


@pytest.mark.parametrize("file", REAL, ids=lambda file: file.parent.name)
def test_the_frames_of_a_large_table_are_those_of_a_small_one(file, by_columns, tmp_path):
    there = Path(shutil.copytree(file.parents[1], tmp_path / "evidence"))
    small = load_evidence(there)[file.parent.name]
    by_columns()
    (there / "claims_search.csv").unlink()  # another folder, which is read again
    large = load_evidence(there)[file.parent.name]
    assert type(reading.read_table(file.read_bytes(), "results.csv", schemas()["results"]).rows) is not tuple
    pd.testing.assert_frame_equal(large.results, small.results)
    pd.testing.assert_frame_equal(large.text["results"], small.text["results"])
    pd.testing.assert_frame_equal(large.results_used(), small.results_used())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n", b"\n\n"),
        (b'pain",', b"pain,"),
        (b'row pain",', b'row pain",' * 9),
        (b"row pain", b"r\n\npain\t"),
        (b"result_id", b"id"),
        (b"itt", b"it\xff"),
        (b"60,30.0", b"99999999999999999999,30.0"),
        (b"\n", b"\r\n"),
        (b"60,30.0", "6\u0660,30.0".encode()),
        (b"30.0", b"9" + 60 * b"0"),
    ],
)
def test_a_torn_table_has_the_same_faults_either_way(good, by_columns, old, new):
    path = good / "example" / "results.csv"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new, 1 if old != b"\n" else -1))
    by_rows = check(good)
    by_columns()
    assert check(good) == by_rows != []


def test_a_corrected_and_twice_read_cell_is_judged_as_it_is_used(good, by_columns):
    """The real tables hold corrections and second readings; their warnings are the same either way."""
    by_rows = check(REAL[0].parents[1])
    by_columns()
    assert check(REAL[0].parents[1]) == by_rows


def test_a_large_table_has_its_twins_in_a_small_one(good, monkeypatch):
    """The same numbers in two topics are told although one table is held by rows and the other by columns."""
    shutil.copytree(good / "example", good / "other")
    path = good / "other" / "topic.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("id: example\n", "id: other\n"), encoding="utf-8")
    first = good / "other" / "results.csv"
    row = next(csv.DictReader(first.open(encoding="utf-8"))) | {"result_id": "sample2003-r1", "trial": "Sample 2003"}
    write(good, [row, *anything(100, 1)])
    by_rows = check(good)
    assert any("both arms have the n, mean and SD" in problem.rule for problem in by_rows)
    monkeypatch.setattr(folder, "SMALL", 0)
    monkeypatch.setattr(reading, "LARGE", first.stat().st_size + 1)
    assert check(good) == by_rows


@pytest.mark.parametrize("plain", [True, False])
def test_numbers_of_which_few_are_alike_are_judged_in_an_array_as_one_by_one(good, by_columns, monkeypatch, plain):
    write(good, anything(300, 5))
    by_rows = check(good)
    by_columns()
    monkeypatch.setattr(blocks, "_MANY", 20)
    monkeypatch.setattr(blocks, "RECORDS", 50)
    monkeypatch.setattr(blocks, "SIZE", 20_000)
    if plain:
        assert (
            len(blocks.plain_pieces((good / "example" / "results.csv").read_bytes(), len(schemas()["results"].names)))
            > 2
        )
    else:
        monkeypatch.setattr(blocks, "plain_pieces", lambda data, width: None)
    assert check(good) == by_rows


def test_a_row_is_made_only_for_a_closer_look_and_takes_no_memory_before(good):
    rows = [dict.fromkeys(schemas()["results"].names, "") for _ in range(20_000)]
    first = next(csv.DictReader((good / "example" / "results.csv").open(encoding="utf-8")))
    for i, row in enumerate(rows):
        row |= {key: first[key] for key in first} | {"result_id": f"example2001-x{i:06d}"}
        row |= {"trial": f"Doe{i % 90} 2001", "notes": f"row {i}", "arm_id": "", "control_id": ""}
    write(good, rows)
    data = (good / "example" / "results.csv").read_bytes()
    assert len(data) > reading.LARGE
    made = []

    def count(*arguments, **more):
        made.append(1)
        return row_of(*arguments, **more)

    row_of, reading._row = reading._row, count
    try:
        tracemalloc.start()
        table = reading.read_table(data, "results.csv", schemas()["results"])
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    finally:
        reading._row = row_of
    assert not made and len(table.rows) == 20_000
    assert held < 500 * len(rows), "bytes per row"


def test_the_public_door_reads_a_large_table(good):
    rows = list(csv.DictReader((good / "example" / "results.csv").open(encoding="utf-8")))
    assert len(rl.load_evidence(good)["example"].results) == len(rows)


def test_the_rows_above_break_each_stated_rule_of_results(good, monkeypatch):
    """A rule that is added to row_rules.yml must be asked of large tables too: here it is noticed."""
    tables = []
    for seed in range(3):
        write(good, anything(400, seed))
        data = (good / "example" / "results.csv").read_bytes()
        tables.append(reading.read_table(data, "results.csv", schemas()["results"]))
    for rule in row_rules._rules("results"):
        monkeypatch.setattr(row_rules, "_rules", lambda _, rule=rule: (rule,))
        assert any(row_rules.row_problems(table) for table in tables), rule


@pytest.mark.parametrize("file", ["rand-appropriateness/panels.csv", "stenosis/crossover.csv", "massage/results.csv"])
def test_a_table_that_cannot_be_read_makes_no_fault_elsewhere(tmp_path, file):
    """Neither topic.yml, which names its rows, nor a note that speaks of a warning is blamed."""
    folder = Path(shutil.copytree(REAL[0].parents[1], tmp_path / "evidence"))
    before = {(problem.file, problem.rule) for problem in check(folder)}
    (folder / file).write_bytes(b"\x00")
    after = [problem for problem in check(folder) if (problem.file, problem.rule) not in before]
    described = "evidence/datapackage.json"  # is not in step with what can be read
    assert {problem.file for problem in after} - {described} == {f"evidence/{file}"}
