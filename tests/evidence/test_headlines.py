"""What a page says first rests on rows: each number of the line on harms stands in its row, words agree with counts."""

import shutil

import pytest

from reviewlib.evidence.check import check
from reviewlib.evidence.folder import find_evidence
from reviewlib.evidence.schema import schemas

LINE = "Harms: 6 of 60 people (10%) were sore within 12 weeks"
TOPIC = "prisma_not_met: []"
MORE = "e2,example2002,Example 2002,treatment,nausea,1200,30,2.5,2.5,104,full-text,Table 5,\n"


@pytest.fixture
def harms(good):
    """Write a line on harms and the rows that it names; return what the check says of it."""

    def write(line, rows, more=MORE):
        topic, events = good / "example" / "topic.yml", good / "example" / "adverse_events.csv"
        events.write_text(events.read_text() + more)
        topic.write_text(topic.read_text().replace(TOPIC, f'harm_line: "{line}"\nharm_rows: {rows}\n{TOPIC}'))
        return [p for p in check(good) if p.column.startswith("harm")]

    return write


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (LINE, "[e1]"),
        ("Harms: 10% were sore; 30 of 1,200 had nausea within two years", "[e1, e2]"),
        ("Harms: nausea in 2.5% (95% CI not printed) over 24 months, after 30 of 1200", "[e2]"),
        ("Harms: none were counted", "[]"),
        ("Harms: soreness in 10% to 10%", "[e1]"),
    ],
)
def test_numbers_that_their_rows_hold_are_accepted(harms, line, rows):
    assert harms(line, rows) == []


@pytest.mark.parametrize(
    ("line", "rows", "number"),
    [
        (LINE.replace("6 of 60", "7 of 60"), "[e1]", "7"),
        (LINE.replace("10%", "60%"), "[e1]", "60%"),  # a count is no percentage
        (LINE.replace("12 weeks", "13 weeks"), "[e1]", "13"),
        (LINE, "[]", "6"),
        ("Harms: three of 60 people were sore", "[e1]", "three"),
        ("Harms: 1,300 people had nausea", "[e2]", "1,300"),
    ],
)
def test_a_number_that_no_row_holds_is_an_error(harms, line, rows, number):
    problems = harms(line, rows)
    assert {p.severity for p in problems} == {"error"}
    assert f"{number} is in none of its rows" in [p.rule for p in problems]


def test_two_numbers_that_changed_places_between_rows_are_an_error(harms):
    """The set of numbers is the same; only the order of the rows tells which belongs to which."""
    swapped = harms("Harms: 2.5% were sore, and 10% had nausea", "[e1, e2]")
    assert [p.rule for p in swapped] == ["10% is not in the row that it belongs to"]


def test_a_row_that_is_not_there_is_named_with_the_nearest(harms):
    ((problem),) = harms("Harms: none", "[e11]")
    assert (
        "neither in adverse_events.csv nor in pooled_published.csv" in problem.rule and "Did you mean" in problem.remedy
    )


PANEL = """headline:
  round: final
  panels:
    - {panel: panel1, statements: [s1]}
  examples: [nobody]
  harms: elsewhere
"""


def test_the_headline_names_rows_that_are_there(edit, good):
    edit("example/topic.yml", TOPIC, f"{PANEL}{TOPIC}")
    wrong = {p.column: p.rule for p in check(good) if p.column.startswith("headline")}
    assert wrong["headline panels 1 statements 1"] == "is not in statements.csv"
    assert wrong["headline examples 1"] == "is not in panels.csv"
    assert wrong["headline harms"] == "is not a topic of this folder"


@pytest.mark.parametrize(
    ("final", "fault"),
    [
        ("round: second", False),
        ("round: first", False),
        ("round: null", True),
        ('round: ""', True),
        ("procedures: [manipulation]", True),
    ],
)
def test_a_panel_of_several_rounds_needs_the_one_that_counts(edit, good, final, fault):
    cells = {"source_id": "example2001", "panel": "p1", "procedure": "manipulation", "category": "appropriate"}
    cells |= {"n_total": "90", "status": "printed", "read": "table", "locator": "Table 2"}
    names = schemas()["ratings"].names
    lines = [",".join(names)]
    for i, (name, n) in enumerate((("first", "30"), ("second", "40"))):
        row = cells | {"rating_id": f"r{i}", "round": name, "n": n}
        lines.append(",".join(row.get(each, "") for each in names))
    (good / "example" / "ratings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    edit("example/topic.yml", TOPIC, f"headline:\n  {final}\n  panels: [{{panel: p1}}]\n{TOPIC}")
    told = [p.rule for p in check(good) if p.column == "headline round"]
    assert told == ["ratings.csv counts manipulation, appropriate of p1 2 times (first; second)"] * fault


PAIRED = """paired_analyses:
  - label: Example
    comparison: nothing-of-the-kind
    outcome: pain
    unit: points
    treatment: the treatment
    results: [example2001-r1, example2001-r77]
    crossover: [{row: nowhere, side: int, say: treatment}]
"""


def test_paired_analyses_name_rows_that_are_there(edit, good):
    edit("example/topic.yml", TOPIC, f"{PAIRED}{TOPIC}")
    wrong = {p.column: p.rule for p in check(good) if p.column.startswith("paired")}
    assert wrong == {
        "paired_analyses 1 comparison": "is not a comparison of topic.yml",
        "paired_analyses 1 results 2": "is not in results.csv",
        "paired_analyses 1 crossover 1 row": "is not in crossover.csv",
    }


@pytest.mark.parametrize(
    ("entry", "column", "rule"),
    [
        ("comparisons: [nothing]", "comparisons", "is not a comparison"),
        ("crossover: [{row: x9, say: them}]", "row", "is not in crossover.csv"),
        ("reviews: [{row: p9, say: it}]", "row", "is not in pooled_published.csv"),
    ],
)
def test_the_first_screen_names_rows_that_are_there(good, entry, column, rule):
    topic = good / "example" / "topic.yml"
    topic.write_text(topic.read_text().replace(TOPIC, f"first_screen:\n  {entry}\n{TOPIC}"))
    (problem,) = [p for p in check(good) if "first_screen" in p.column]
    assert rule in problem.rule and problem.severity == "error"


def test_trials_of_a_pool_are_labels_of_results_and_no_more_than_were_pooled(good):
    row = {
        "pooled_id": "p1",
        "source_id": "example2003",
        "comparison": "a vs b",
        "outcome": "pain",
        "k": "1",
        "measure": "MD",
        "estimate": "-1",
        "trials": "Example 2001; Exampel 2002",
        "read": "abstract",
        "locator": "Abstract",
    }
    names = schemas()["pooled_published"].header(row)
    lines = (",".join(names), ",".join(row.get(name, "") for name in names), "")
    (good / "example" / "pooled_published.csv").write_text("\n".join(lines))
    rules = [p.rule for p in check(good) if p.column == "trials"]
    assert sorted(rules) == ["2 trials are named, 1 were pooled", "Exampel 2002 is not a trial of results.csv"]


def test_included_studies_are_all_that_have_a_row(cells):
    """A trial without a usable number is included and says so; only a trial without a row is excluded."""
    folder = cells("example/flow.csv", "included", unit="studies", n="1")
    (problem,) = [p for p in check(folder) if p.file.endswith("flow.csv") and p.severity == "warning"]
    assert "randomized trials have rows in results.csv" in problem.rule


@pytest.mark.parametrize("event", ["no significant harms", "Adverse events: none significant", "no sig. difference"])
def test_no_significant_harms_is_not_said_of_an_event(cells, event):
    (problem,) = check(cells("example/adverse_events.csv", "e1", event=event))
    assert (problem.column, problem.severity) == ("event", "warning")
    for fair in ("a significant bleed", 'harms, in words only: "no significant harms"'):
        assert not check(cells("example/adverse_events.csv", "e1", event=fair))


def test_people_who_never_began_are_not_more_than_those_assigned(cells):
    folder = cells("example/crossover.csv", "x1", n_not_started="1000")
    assert any("never began" in p.rule for p in check(folder))


def test_a_comparison_of_classes_that_cannot_be_read_is_its_own_fault_and_no_other(tmp_path):
    folder = tmp_path / "evidence"
    shutil.copytree(find_evidence(None), folder)
    path = next(path for path in folder.glob("*/statements.csv") if "appropriate > inappropriate" in path.read_text())
    path.write_text(path.read_text().replace("appropriate > inappropriate", "more", 1))
    assert [problem.column for problem in check(folder) if problem.file.endswith("statements.csv")] == ["relation"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("instrument_id: ", "instrument_id: nowhere-"),
        ("  - id: pain-short\n", "  - id: pain-short\n    instrument_id: nowhere\n"),
    ],
)
def test_an_instrument_that_topic_yml_names_is_there(good, old, new):
    """A comparison on a scale that nobody described could not be computed."""
    topic = good / "example" / "topic.yml"
    assert old in topic.read_text()
    topic.write_text(topic.read_text().replace(old, new, 1))
    (problem,) = [p for p in check(good) if "instrument" in p.column and p.file.endswith("topic.yml")]
    assert problem.rule == "is not in instruments.csv" and problem.column.endswith(" 1 instrument_id")


VARIANT = "    variants: [{{label: Without it, reason: A test, {}}}]\n"


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("leave_out: [Exampel 2001]", "is not in results.csv"),
        ("include: [example2001-r77]", "is not in results.csv"),
        ("without_high_risk: [luck]", "is not in risk_of_bias.csv"),
    ],
)
def test_a_variant_names_trials_rows_and_domains_that_are_there(good, part, rule):
    """A name that is spelled otherwise would leave nothing out, under a label that says it did."""
    topic = good / "example" / "topic.yml"
    first = "  - id: pain-short\n"
    assert first in topic.read_text()
    topic.write_text(topic.read_text().replace(first, first + VARIANT.format(part), 1))
    (problem,) = [p for p in check(good) if "variants" in p.column]
    assert problem.rule == rule and problem.severity == "error"


def test_a_variant_that_names_a_trial_of_the_tables_is_accepted(good):
    topic = good / "example" / "topic.yml"
    variant = VARIANT.format("leave_out: [Example 2001]")
    topic.write_text(topic.read_text().replace("  - id: pain-short\n", f"  - id: pain-short\n{variant}", 1))
    assert not [p for p in check(good) if "variants" in p.column]
