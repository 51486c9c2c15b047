"""Claims: one cites a row or says why not, like cases have like verdicts, none is stronger than what it cites."""

import csv
import shutil

import pytest

from reviewlib.evidence.claim_rules import claim_problems
from reviewlib.evidence.folder import find_evidence, read_folder
from reviewlib.evidence.row_rules import row_problems


@pytest.fixture(scope="module")
def ours():
    return find_evidence(None)


def _with(ours, tmp_path, name, **cells):
    """Return the faults of our claims after some cells of one claim were changed."""
    folder = tmp_path / "evidence"
    shutil.copytree(ours, folder)
    path = folder / "claims.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        names, rows = reader.fieldnames, list(reader)
    next(row for row in rows if row["claim_id"] == name).update(cells)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    read = read_folder(folder)
    found = claim_problems(read) + row_problems(read.shared["claims"])
    return [problem for problem in found if problem.record == name]


def test_our_claims_have_no_fault(ours):
    assert claim_problems(read_folder(ours)) == []


@pytest.mark.parametrize(
    ("claim", "cells", "column", "words"),
    [
        ("needling-01", {"evidence": "", "condition": ""}, "evidence", "cites no row"),
        ("diagnosis-02", {"evidence": "claims_facts.lucas-mtrp-f1"}, "no_row", "cites a row and says why"),
        ("laser-01", {"verdict": "partly-supported"}, "verdict", "(added-treatment, body-effect) are judged"),
        ("indications-02", {"differs": ""}, "verdict", "(mobilization, indication) are judged unsupported"),
        ("shockwave-01", {"differs": "It is another machine."}, "differs", "nothing to explain"),
        ("massage-05", {"verdict": "supported"}, "verdict", "low certainty at best"),
        ("massage-05", {"reason": "It lowers disability."}, "reason", "does not say how sure"),
        ("massage-06", {"verdict": "partly-supported"}, "verdict", "very low certainty at best"),
        ("exercise-03", {"reason": "It reduces pain."}, "reason", "moderate at best"),
        ("mobilization-08", {"verdict": "partly-supported"}, "verdict", "'very'"),
        ("exercise-03", {"claim": "Exercise cures low back pain"}, "verdict", "'cures'"),
        ("exercise-03", {"claim": "Exercise is the most successful treatment"}, "verdict", "'most'"),
        ("massage-05", {"evidence": "massage.little2008-rmdq-massage-52w"}, "verdict", "no cited row favours"),
    ],
)
def test_a_claim_that_outruns_its_rows_is_refused(ours, tmp_path, claim, cells, column, words):
    found = _with(ours, tmp_path, claim, **cells)
    assert any(problem.column == column and words in problem.rule for problem in found), found


@pytest.mark.parametrize("text", ["Exercise is done most days and helps", "Most therapists offer help"])
def test_words_of_number_are_no_boast(ours, tmp_path, text):
    assert not [p for p in _with(ours, tmp_path, "exercise-03", claim=text) if "'most'" in p.rule]


@pytest.mark.parametrize("cells", [{"verdict": "x"}, {"treatment": "other", "verdict": "x"}])
def test_a_claim_whose_verdict_cannot_be_read_is_compared_with_none(ours, tmp_path, cells):
    assert _with(ours, tmp_path, "laser-01", **cells) == []
