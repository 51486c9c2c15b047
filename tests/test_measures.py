"""One record per measure: what it says is what every room does with it."""

import numpy as np
import pandas as pd
import pytest

import reviewlib as rl
from reviewlib.evidence.schema import _dictionary, schemas
from reviewlib.measures import COUNTS, MEASURES, Measure, find, is_ratio, label_of, spelled
from reviewlib.plots.words import effect, null_value


@pytest.fixture
def invented(monkeypatch):
    """A survival ratio (people without the event), which no room has heard of: one record is all it takes."""

    def formula(c):
        a, b, cc, d = c["cells"]
        return np.log(b / (a + b)) - np.log(d / (cc + d)), 1 / b - 1 / (a + b) + 1 / d - 1 / (cc + d)

    record = Measure(
        "SVR",
        "survival ratio",
        "ratio",
        COUNTS,
        formula,
        "log",
        cells="binary.two_by_two",
        printed=True,
        spellings=("SurvR",),
        mirrored=False,
    )
    monkeypatch.setitem(MEASURES, "SVR", record)
    for cached in (_dictionary, schemas):
        cached.cache_clear()
    yield record
    for cached in (_dictionary, schemas):
        cached.cache_clear()


TRIALS = pd.DataFrame(
    {
        "trial": list("ABCD"),
        "events_int": [4, 8, 2, 11],
        "n_int": [50, 61, 40, 80],
        "events_ctl": [9, 12, 7, 10],
        "n_ctl": [50, 60, 41, 79],
    }
)


def test_an_invented_measure_needs_one_record_from_arms_to_forest(invented):
    studies = rl.effect_sizes(TRIALS, "SVR")
    survivors = TRIALS.assign(events_int=TRIALS.n_int - TRIALS.events_int, events_ctl=TRIALS.n_ctl - TRIALS.events_ctl)
    mirrored = rl.effect_sizes(survivors, "RR")
    assert studies["estimate"].tolist() == pytest.approx(mirrored["estimate"].tolist(), rel=1e-12)
    assert studies["route"][0] == "log survival ratio from events and n of both arms"
    pooled = rl.meta_analysis(studies)
    reference = rl.meta_analysis(mirrored)
    assert str(pooled) == str(reference).replace("RR", "SVR")
    assert "SVR on the log scale" in pooled.methods
    assert rl.back_transform(pooled.estimate, "SVR") == pytest.approx(np.exp(reference.estimate))
    forest = rl.plots.forest_rows(studies, pooled) if hasattr(rl.plots, "forest_rows") else _rows(studies, pooled)
    assert forest.null == 1.0 and forest.heading.startswith("SVR [95% CI]")
    assert effect(0.0, -0.1, 0.1, "SVR", 2) == "1.00 [0.90, 1.11]"


def _rows(studies, pooled):
    from reviewlib.plots.rows import forest_rows

    return forest_rows(studies, pooled)


def test_an_invented_measure_is_a_word_of_the_dictionary_and_of_the_command_line(invented, tmp_path):
    from reviewlib.exchange.quickpool import pool_file

    column = schemas()["results"]["measure"]
    assert "SVR" in column.enum and "SVR survival ratio" in column.description
    TRIALS.to_csv(tmp_path / "trials.csv", index=False)
    pooled = pool_file(tmp_path / "trials.csv", "SVR", ci="hksj").pooled
    assert pooled.estimate == pytest.approx(rl.meta_analysis(rl.effect_sizes(TRIALS, "SVR")).estimate)
    printed = pd.DataFrame({"study": list("ABC"), "SurvR": [0.9, 1.1, 1.3], "lower": [0.8, 0.9, 1.0]})
    printed["upper"] = printed["SurvR"] ** 2 / printed["lower"]
    printed.to_csv(tmp_path / "printed.csv", index=False)
    shown = pool_file(tmp_path / "printed.csv", "SVR", given=["estimate=SurvR"]).pooled
    assert shown.measure == "SVR" and shown.estimate == pytest.approx(np.log([0.9, 1.1, 1.3]).mean(), abs=0.05)


def test_an_invented_measure_is_known_in_words_and_as_a_ratio(invented):
    assert label_of("SVR") == "survival ratio" and spelled("survival ratio") == spelled("survr") == "SVR"
    assert is_ratio("SVR") and is_ratio("log SVR") and null_value("SVR") == 1.0
    with pytest.raises(rl.EvidenceError, match="SVR: some rows count a good event and some a bad one"):
        rows = TRIALS.assign(better=["lower", "higher", "lower", "lower"], intervention="x")
        rl.study_effects(rows, "SVR")


@pytest.mark.parametrize("name", [m for m in MEASURES if MEASURES[m].scale in ("proportion", "correlation", "ratio")])
def test_the_printed_value_survives_the_way_there_and_back(name):
    m = MEASURES[name]
    value, n = np.array([0.2, 0.37, 0.8]), 50 if MEASURES[name].sized else None
    assert m.back(m.forward(value, n), n) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_no_effect_is_zero_on_the_analysis_scale_where_there_is_one(name):
    m = MEASURES[name]
    assert m.null is None if m.scale == "proportion" else m.forward(m.null) == 0


@pytest.mark.parametrize("name", [m.name for m in MEASURES.values() if m.formula])
def test_every_formula_and_cells_function_exists(name):
    from reviewlib.measure_record import _function

    m = MEASURES[name]
    assert callable(_function(m.formula)) and (m.cells is None or callable(_function(m.cells)))


def test_spellings_lead_to_one_measure_and_everyday_words_to_none():
    assert spelled("Odds Ratio") == spelled("or") == "OR"
    assert spelled("Std. Mean Difference") == spelled("hedges_g") == "SMD"
    assert spelled("Peto Odds Ratio") == "PETO" and spelled("rate ratio") == "IRR"
    assert [spelled(word) for word in ("effect", "estimate", "logOR", "", None, "beta")] == [None] * 6
    assert find("log RR").name == "RR" and find("something else").name == "GEN"


def test_no_module_keeps_a_list_of_ratios_by_hand():
    import re
    from pathlib import Path

    pairs = re.compile(r'"(OR|RR|HR)",\s*"(OR|RR|HR)",\s*"(OR|RR|HR|IRR)"')
    package = Path(rl.__file__).parent
    kept = [p.name for p in package.rglob("*.py") if pairs.search(p.read_text(encoding="utf-8"))]
    assert kept == ["adherence.py"], "which ratios an E-value is defined for"
