"""A review's own pools come out again by RevMan 5's arithmetic, and a cell that was changed is heard.

The right values are those of tests/golden/rm5.R: no analysis of the grid may raise an alarm, and every change of one
count, mean, SD, estimate or variance must.
"""

import json
from pathlib import Path

import pytest

from reviewlib.exchange.detect import read_any
from reviewlib.exchange.verify import recomputed, verdict

GOLDEN = json.loads((Path(__file__).resolve().parents[1] / "golden" / "rm5.json").read_text(encoding="utf-8"))
COLUMNS = {
    "DICH": ("EVENTS_1", "TOTAL_1", "EVENTS_2", "TOTAL_2"),
    "CONT": ("MEAN_1", "SD_1", "TOTAL_1", "MEAN_2", "SD_2", "TOTAL_2"),
    "IV": ("ESTIMATE", "SE"),
    "IPD": ("O_E", "VAR"),
}
NAMES = {"PETO": "PETO_OR", "HR": "Hazard Ratio"}


def analysis(case, number=1, *, rows=None, pool=None, flags=True, **about):
    """One analysis of a .rm5 file."""
    kind = case["kind"]
    head = {
        "NO": number,
        "METHOD": case["method"],
        "RANDOM": "YES" if case["random"] else "NO",
        "TOTALS": "YES",
        "CI_TOTAL": f"{100 * case['level']:g}",
        "SWAP_EVENTS": "NO",
    }
    head |= dict(zip(("EFFECT_SIZE", "CI_START", "CI_END"), pool or case["pool"], strict=True)) | about
    measure = NAMES.get(case["measure"], case["measure"])
    child = "" if kind in ("DICH", "CONT") else f"<EFFECT_MEASURE>{measure}</EFFECT_MEASURE>"
    if not child:
        head["EFFECT_MEASURE"] = measure
    data = "".join(data_row(kind, i, row, flags, case["measure"]) for i, row in enumerate(rows or case["rows"]))
    name = f"{case['set']} {case['measure']} {case['method']} {case['random']} {case['level']}"
    return f"<{kind}_OUTCOME {words(head)}><NAME>{name}</NAME>{child}{data}</{kind}_OUTCOME>"


def data_row(kind, i, row, flags, measure):
    cells = dict(zip(COLUMNS[kind], row, strict=True)) | {"STUDY_ID": f"STD-Invented-{i}"}
    if flags and kind == "DICH" and measure != "RD" and row[0] == row[2] == 0:
        cells["ESTIMABLE"] = "NO"
    return f"<{kind}_DATA {words(cells)}/>"


def words(attributes):
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())


def review(*outcomes) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><COCHRANE_REVIEW TYPE="INTERVENTION"><ANALYSES_AND_DATA>'
        f'<COMPARISON NO="1"><NAME>Invented</NAME>{"".join(outcomes)}</COMPARISON></ANALYSES_AND_DATA>'
        "</COCHRANE_REVIEW>"
    )


@pytest.mark.parametrize("flags", [True, False])
def test_no_analysis_of_the_grid_raises_an_alarm(write, flags):
    cases = GOLDEN["analyses"]
    found = read_any(write("r.rm5", review(*(analysis(c, i, flags=flags) for i, c in enumerate(cases, 1)))))
    assert len(found.pools) == len(cases) == 267
    for case, pool in zip(cases, found.pools, strict=True):
        assert recomputed(pool) == pytest.approx(case["pool"], rel=GOLDEN["rtol"], abs=1e-12), pool.title
        assert "they agree" in verdict(pool), pool.title


def test_every_change_of_one_cell_is_heard(write):
    changed = []
    for case in GOLDEN["analyses"]:
        for i, row in enumerate(case["rows"]):
            column = 0 if case["kind"] != "CONT" or row[1] else 1  # an SD of 0 that becomes 1 brings its study in
            at = [*row]
            full = case["kind"] == "DICH" and row[0] == row[1]
            at[column] = row[column] - 1 if full else row[column] + (1 if case["kind"] in ("DICH", "CONT") else 0.01)
            if case["kind"] == "CONT" and not row[1]:
                at[4] = 1
            changed.append((case, [*case["rows"][:i], at, *case["rows"][i + 1 :]]))
    found = read_any(write("r.rm5", review(*(analysis(c, i, rows=r) for i, (c, r) in enumerate(changed, 1)))))
    silent = [pool.title for pool in found.pools if "THEY DISAGREE" not in verdict(pool)]
    assert len(found.pools) > 900 and not silent


@pytest.mark.parametrize("decimals", [2, 3, 4, 8])
def test_a_pool_printed_with_few_digits_agrees(write, decimals):
    cases = GOLDEN["analyses"]
    rounded = [analysis(c, i, pool=[round(x, decimals) for x in c["pool"]]) for i, c in enumerate(cases, 1)]
    assert all("they agree" in verdict(pool) for pool in read_any(write("r.rm5", review(*rounded))).pools)


def test_the_printed_example_without_events_in_one_study(write):
    case = {
        "set": "issue",
        "kind": "DICH",
        "measure": "RR",
        "method": "IV",
        "random": True,
        "level": 0.95,
        "rows": [(0, 50, 0, 50), (4, 80, 9, 82), (2, 40, 5, 41)],
        "pool": (0.4395, 0.1746, 1.1061),
    }
    (pool,) = read_any(write("r.rm5", review(analysis(case)))).pools
    assert "recomputed from its rows 0.439 (0.175 to 1.11): they agree" in verdict(pool)
    wrong = analysis(case, pool=(0.459, 0.185, 1.14))
    assert "THEY DISAGREE" in verdict(read_any(write("r.rm5", review(wrong))).pools[0])


def test_studies_with_nothing_but_events_follow_what_the_file_says(write):
    case = next(c for c in GOLDEN["analyses"] if c["set"] == "all_events_in_both" and c["measure"] == "RR")
    three = next(c for c in GOLDEN["analyses"] if c["set"] == "all_events_in_both" and c["measure"] == "OR")
    left_out = analysis(case, rows=three["rows"]).replace('EVENTS_1="20"', 'ESTIMABLE="NO" EVENTS_1="20"', 1)
    without = analysis(case, 2, rows=three["rows"][1:])
    one, other = read_any(write("r.rm5", review(left_out, without))).pools
    assert recomputed(one) == pytest.approx(recomputed(other), rel=1e-12)


def test_an_analysis_that_the_file_does_not_pool_is_not_compared(write):
    case = GOLDEN["analyses"][0]
    texts = [
        analysis(case, 1, TOTALS="SUB"),
        analysis(case, 2, TOTALS="NO"),
        analysis(case, 3, ESTIMABLE="NO"),
        analysis(case, 4, SWAP_EVENTS="YES"),
    ]
    assert not read_any(write("r.rm5", review(*texts))).pools


def test_a_pool_without_any_estimable_study_says_so(write):
    case = GOLDEN["analyses"][0] | {"rows": [(0, 50, 0, 50), (0, 20, 0, 20)]}
    (pool,) = read_any(write("r.rm5", review(analysis(case)))).pools
    assert "could not be recomputed (no row has an effect that can be estimated)" in verdict(pool)


@pytest.mark.parametrize("odd", ["Infinity", "NaN", "1e999"])
def test_a_pool_that_is_no_number_says_so(write, odd):
    case = GOLDEN["analyses"][0]
    (pool,) = read_any(write("r.rm5", review(analysis(case, pool=(0.5, 0.1, odd))))).pools
    assert "it holds no number" in verdict(pool)


def test_the_pool_of_a_subgroup_is_recomputed_too(write):
    case = next(c for c in GOLDEN["analyses"] if c["random"] and c["method"] == "MH" and c["set"] == "one_zero")
    inner = "".join(data_row("DICH", i, row, True, "OR") for i, row in enumerate(case["rows"]))
    pool = words(dict(zip(("EFFECT_SIZE", "CI_START", "CI_END"), case["pool"], strict=True)))
    outer = analysis(case, rows=[(1, 20, 2, 20)], TOTALS="SUB", SUBGROUPS="YES")
    text = outer.replace(
        "</DICH_OUTCOME>", f'<DICH_SUBGROUP NO="1" {pool}><NAME>Women</NAME>{inner}</DICH_SUBGROUP></DICH_OUTCOME>'
    )
    (got,) = read_any(write("r.rm5", review(text))).pools
    assert "Women" in got.title and "they agree" in verdict(got)
    (got,) = read_any(write("r.rm5", review(text.replace('EVENTS_1="4"', 'EVENTS_1="5"')))).pools
    assert "THEY DISAGREE" in verdict(got)
