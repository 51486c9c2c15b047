"""The checks that need no second reading, each with one slip in an invented folder and what `check` says of it."""

from __future__ import annotations

import csv
import shutil
import tempfile
from pathlib import Path

from reviewlib.evidence.check import check

FOLDER = Path(__file__).parents[1] / "evidence" / "tables"
RESULTS, FIRST, COUNTED = "example/results.csv", "example2001-r1", "example2002-r2"
AGAIN = {"result_id": "example2003-r9", "trial": "Another", "arm_id": "", "control_id": ""}
APART = {"n_int": "30", "mean_int": "31.0", "n_ctl": "30", "mean_ctl": "35.0"}
BARE = dict.fromkeys(("measure", "estimate", "ci_low", "ci_high", "ci_level", "p_value", "contrast", "favours"), "")
MASS = {"intervention": "another treatment"} | AGAIN | {"trial": "Example 2001"} | APART | BARE

# Check -> (what is typed, the file, the row, its cells, a row to be made of it, the column and words of the message).
CHECKS = {
    "a level other than 95 needs a word in notes": (
        "99 for 95",
        RESULTS,
        FIRST,
        {"ci_level": "99"},
        None,
        "ci_level",
        "needs a word in notes",
    ),
    "the same numbers in two rows": (
        "both arms of another trial",
        RESULTS,
        FIRST,
        {},
        AGAIN | BARE,
        "mean_int",
        "was its row copied?",
    ),
    "arms of one trial that nothing joins": (
        "a second main row of one trial",
        RESULTS,
        FIRST,
        {},
        MASS,
        "result_id",
        "may count twice",
    ),
    "the outcome that an instrument measures": (
        "an instrument of pain for speed",
        RESULTS,
        FIRST,
        {"outcome": "speed"},
        None,
        "instrument_id",
        "it measures pain",
    ),
    "one arm that spreads 2.5 times as widely": (
        "5.5 beside 14.0",
        RESULTS,
        FIRST,
        BARE | {"sd_int": "5.5", "instrument_id": ""},
        None,
        "sd_int",
        "2.5 times",
    ),
    "a P value beside arms without an interval": (
        "standard errors for both standard deviations",
        RESULTS,
        FIRST,
        BARE | {"p_value": "0.02", "sd_int": "1.8", "sd_ctl": "1.8"},
        None,
        "p_value",
        "n of its arms P is about",
    ),
    "a side that did better by the same mean": (
        "the mean of the other arm",
        RESULTS,
        FIRST,
        BARE | {"favours": "int", "mean_int": "36.0"},
        None,
        "favours",
        "yet both means are 36",
    ),
    "the week in an identifier": (
        "an identifier of week 12 at week 13",
        RESULTS,
        FIRST,
        {"result_id": "example2001-12w", "timepoint_weeks": "13"},
        None,
        "timepoint_weeks",
        "identifier says 12 weeks",
    ),
    "the year in an identifier": (
        "2011 for example2001",
        "sources.csv",
        "example2001",
        {"year": "2011"},
        None,
        "source_id",
        "identifier says 2001",
    ),
    "a letter of another alphabet": (
        "a Cyrillic a in `pain`",
        "sources.csv",
        "example2001",
        {"title": "Less p\u0430in"},
        None,
        "title",
        "cyrillic",
    ),
    "an invisible character": (
        "a right-to-left override",
        "sources.csv",
        "example2001",
        {"title": "Less \u202epain"},
        None,
        "title",
        "invisible",
    ),
    "the direction of a ratio": (
        "a risk ratio of falls above 1 that favours the intervention",
        RESULTS,
        COUNTED,
        {"outcome": "falls"},
        None,
        "favours",
        "calls it a harm",
    ),
    "a copy of a row with one other number": (
        "a row under a new name with another n",
        RESULTS,
        FIRST,
        {},
        {"result_id": "example2001-r1-b", "n_int": "31"},
        "n_int",
        "every other cell is that of",
    ),
    "a result in words that no row holds": (
        "7.31 points in the reason of a claim",
        "claims.csv",
        "c1",
        {"reason": "Pain fell by 7.31 points"},
        None,
        "reason",
        "in no row that the claim cites",
    ),
}
# Beside some of them, what is right and must not be complained of: the same place with other cells.
RIGHT = {
    "a level other than 95 needs a word in notes": {
        "ci_level": "99",
        "ci_low": "-12.7",
        "ci_high": "0.7",
        "p_value": "",
        "notes": "The table prints 99% intervals.",
    },
    "one arm that spreads 2.5 times as widely": BARE | {"sd_int": "7.0"},
    "a P value beside arms without an interval": BARE | {"p_value": "0.02"},
    "a side that did better by the same mean": BARE | {"favours": "int"},
    "the week in an identifier": {"result_id": "example2001-12w", "timepoint_weeks": "12.0"},
    "the year in an identifier": {"year": "2001"},
    "a letter of another alphabet": {"title": "TNF\u03b1 at 5 \u03bcg: \u0411\u043e\u043b\u044c (pain)"},
    "an invisible character": {"title": "L\u2019\u0153uvre, 5\u2009%"},
    "the direction of a ratio": {"outcome": "falls", "favours": "ctl"},
    "a result in words that no row holds": {"reason": "Pain fell by 6.0 points"},
}


def heard(name: str, cells: dict | None = None) -> list:
    """Return what `check` says after the slip of a check, or after other cells at its place."""
    _, file, key, typed, added, *_ = CHECKS[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(FOLDER, Path(scratch) / "evidence"))
        harm = "importance: 1, instrument_id: example-100, window_weeks: [2, 13], benefit: true}\n"
        topic = folder / "example" / "topic.yml"
        falls = "  - {id: falls, label: Falls, plain: falls, importance: 2, benefit: harm}\n"
        topic.write_text(topic.read_text(encoding="utf-8").replace(harm, harm + falls), encoding="utf-8")
        new = typed if cells is None else cells
        _write(folder / file, key, new, added if cells is None else None)
        if "result_id" in new:
            _write(folder / "example/synthesis.csv", FIRST, {"result_id": new["result_id"]}, None, "result_id")
        if added is MASS and cells is None:
            _write(folder / "example/synthesis.csv", FIRST, {}, {"result_id": MASS["result_id"]}, "result_id")
        return check(folder)


def _write(path, key, cells, added, by=None):
    """Change the row of a key, and add one made of it."""
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    row = next(row for row in rows if row[by or next(iter(row))] == key)
    row.update(cells)
    rows += [row | {name: value for name, value in added.items() if name in row}] if added else []
    rows.sort(key=lambda row: list(row.values())[:2])
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def table() -> str:
    """Return the checks, a slip of each, and what `check` says of it, in Markdown."""
    lines = ["| check | slip | column | what `check` says |", "|---|---|---|---|"]
    for name, (slip, *_, column, words) in CHECKS.items():
        said = next(problem for problem in heard(name) if problem.column == column and words in problem.rule)
        lines.append(f"| {name} | {slip} | `{column}` | {said.severity}: {said.rule} |")
    return "\n".join(lines)
