"""Kinds of review that nobody had begun before: each is shown with its true reason, or refused with what to write."""

import re
import warnings
from contextlib import suppress
from pathlib import Path

import foreign
import pytest

import reviewlib as rl
from reviewlib import cli, page
from reviewlib.errors import EvidenceError, MethodWarning
from reviewlib.evidence.check import check
from reviewlib.exchange.quickpool import pool_file
from reviewlib.meaning.panel import panel_sentence
from reviewlib.page.readme import main as readme

PAGE = (
    "answer",
    "sof",
    "forests",
    "why_pooled",
    "could_change",
    "harms",
    "trial_map",
    "trials",
    "rows",
    "plain_language",
)


def made(tmp_path, results, *, measure="MD", words=(), tables=(), **changed):
    """Return the evidence folder of a review with one topic of one comparison, whose results are `results`."""
    folder = foreign.build(tmp_path)
    topic = foreign.TOPIC.format(name="aloud", today="2026-11-02", comparisons=foreign.COMPARISON.rstrip())
    for old, new in (("measure: MD", f"measure: {measure}"), *words):
        assert old in topic, old
        topic = topic.replace(old, new)
    (folder / "aloud" / "topic.yml").write_text(topic, encoding="utf-8")
    rows = [foreign._result(*row) | changed for row in foreign.RESULTS[: len(results)]]
    foreign._table(folder / "aloud", "results", [row | one for row, one in zip(rows, results, strict=True)])
    used = [
        {"comparison_id": "speed-short", "result_id": row["result_id"], "use": "main", "reason": "The only time"}
        for row in rows
    ]
    foreign._table(folder / "aloud", "synthesis", used)
    for name, lines in tables:
        foreign._table(folder / "aloud", name, lines)
    return folder


def counted(*cells):
    """Return results that are events and people: (events, n) of the intervention, then of the control."""
    no = dict.fromkeys(("mean_int", "sd_int", "mean_ctl", "sd_ctl", "value_kind", "instrument_id"), "")
    return [no | {"events_int": a, "n_int": n, "events_ctl": c, "n_ctl": m} for a, n, c, m in cells]


def shown(folder):
    """Return the texts of a page by block; a warning of a method would stop `reviewlib render`."""
    topic = rl.load_evidence(folder)["aloud"]
    with warnings.catch_warnings():
        warnings.simplefilter("error", MethodWarning)
        return {name: getattr(page, name)(topic).text for name in PAGE}


def problems(folder):
    return [p for p in check(folder) if p.severity == "error" and p.file.startswith("evidence/aloud")]


NO_UNIT = ((", instrument_id: wpm", ""),)


def test_trials_without_any_event_give_no_ratio(tmp_path):
    folder = made(tmp_path, counted((0, 50, 0, 50), (60, 60, 61, 61)), measure="RR", words=NO_UNIT)
    found = rl.finding(rl.load_evidence(folder)["aloud"], "speed-short")
    assert found.pooled is None and found.estimate is None
    said = shown(folder)
    why = "2 trials were found with no events, or only events, in both arms, from which no ratio follows"
    assert why in said["answer"] and "0 of 50 against 0 of 50" in said["forests"]
    assert (
        "To be pooled, but no trial gives an effect" in said["why_pooled"] and "Same pupils" not in said["why_pooled"]
    )
    assert "that we could read" not in said["plain_language"]


@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_a_trial_without_any_event_adds_nothing_to_a_ratio(tmp_path, measure):
    some = counted((1, 50, 3, 50), (2, 60, 5, 61))
    with_it = made(tmp_path / "a", [*some, *counted((0, 40, 0, 41))], measure=measure, words=NO_UNIT)
    without = made(tmp_path / "b", some, measure=measure, words=NO_UNIT)
    a, b = (rl.finding(rl.load_evidence(folder)["aloud"], "speed-short") for folder in (with_it, without))
    assert a.trials == b.trials == 2 and a.estimate == b.estimate and a.ci == b.ci and a.people == b.people
    assert "no events, or only events, in both arms" in shown(with_it)["forests"]


def test_a_difference_of_risks_keeps_a_trial_without_any_event(tmp_path):
    cells = counted((0, 50, 0, 50), (2, 60, 5, 61))
    folder = made(tmp_path, cells, measure="RD", words=NO_UNIT)
    assert rl.finding(rl.load_evidence(folder)["aloud"], "speed-short").trials == 2
    assert shown(folder)["answer"]


def test_one_trial_is_no_pool_and_says_so(tmp_path):
    said = shown(made(tmp_path, [{}]))
    assert "only one trial gives an effect" in said["why_pooled"] and "Same pupils" not in said["sof"]


def test_changes_among_final_scores_stop_no_page(tmp_path):
    folder = made(tmp_path, [{"value_kind": "change"}, {}, {}], measure="SMD")
    assert "Change scores and final values are mixed" in shown(folder)["forests"]


def test_a_trial_is_placed_by_its_interval_even_where_no_scale_says_what_is_better(tmp_path):
    folder = made(tmp_path, counted((5, 50, 6, 50), (1, 60, 30, 61)), measure="RR", words=NO_UNIT)
    said = shown(folder)["trial_map"]
    assert "(100): either way" in said and "(121): not placed" in said and "known in words" not in said


def test_nothing_on_harms_is_not_said_to_be_a_lack_of_the_trials(tmp_path):
    assert "Nothing about harms was entered here" in shown(made(tmp_path, [{}, {}]))["plain_language"]


def test_a_spread_of_printed_means_is_not_called_unreported(tmp_path):
    assert "not reported" not in shown(made(tmp_path, [{}, {}, {}]))["sof"]


@pytest.mark.parametrize(
    ("measure", "instead"),
    [
        ("COR", "reviewlib pool FILE --measure ZCOR"),
        ("proportion", "reviewlib pool FILE --measure PLO"),
        ("mean", "in one group compares nothing"),
        ("NNT", "compare by RD, RR or MD"),
        ("sensitivity", "accuracy of a test is not synthesized here"),
    ],
)
def test_what_compares_no_two_groups_is_refused_with_what_to_write(tmp_path, measure, instead):
    (found,) = problems(made(tmp_path, [{}, {}], measure=measure))
    assert "is not one of the words of this key" in found.rule and instead in found.remedy


@pytest.mark.parametrize("design", ["cluster", "cluster-rct", "crossover", "cross-over"])
def test_a_design_that_is_not_known_says_what_to_give_instead(tmp_path, design):
    (found,) = problems(made(tmp_path, [{"design": design}]))
    assert "an analysis that respects clusters or pairs" in found.remedy


def test_a_panel_whose_middle_class_is_called_uncertain_is_summed_up(tmp_path):
    words = (
        ("prisma_not_met: []", "prisma_not_met: []\nheadline: {round: final, panels: [{panel: staff2020}]}\nwords: {"
         "condition: [slow readers], procedure: [reading aloud], round: [final], category: [appropriate, uncertain, "
         "inappropriate]}"),
        (foreign.COMPARISON.rstrip(), "[]"),
    )  # fmt: skip
    place = {"source_id": "doe2001", "read": "table", "locator": "Table 1", "condition": "slow readers"}
    one = {"panel_id": "staff2020", "label": "Staff, 2020", "year": "2020", "procedures": "reading aloud"}
    rated = [
        place | {"rating_id": f"r-{name}", "panel": "staff2020", "procedure": "reading aloud", "round": "final"}
        | {"category": name, "n": n, "n_total": 60, "status": "printed"}
        for name, n in (("appropriate", 30), ("uncertain", 20), ("inappropriate", 10))
    ]  # fmt: skip
    folder = made(tmp_path, [], words=words, tables=(("panels", [place | one]), ("ratings", rated)))
    topic = rl.load_evidence(folder)["aloud"]
    assert "more scenarios appropriate than inappropriate for reading aloud" in panel_sentence(topic)


def test_the_commands_that_messages_name_tell_a_fault_without_a_traceback(tmp_path, monkeypatch, capsys):
    from reviewlib.errors import told

    folder = made(tmp_path, [{}], measure="sensitivity")
    (tmp_path / "README.md").write_text("<!-- answers: start -->\n<!-- answers: end -->\n")
    monkeypatch.chdir(folder.parent)
    assert told(readme) == 1 and "is not one of the words" in capsys.readouterr().err


@pytest.mark.parametrize(("said", "asked"), [("MD", "OR"), ("MD", "SMD"), ("COR", "ZCOR"), ("PR", "PLO"), ("OR", "RR")])
def test_estimates_of_another_measure_are_never_pooled_as_the_one_that_is_asked_for(tmp_path, said, asked):
    path = tmp_path / "t.csv"
    path.write_text(f"trial,measure,estimate,ci_low,ci_high\nA,{said},0.3,0.1,0.5\nB,{said},0.4,0.2,0.6\n")
    with pytest.raises(EvidenceError, match=f"holds {said}, as the column measure says, and {asked} was asked for"):
        pool_file(path, asked)


def test_a_noun_keeps_the_capital_that_its_plain_name_has(tmp_path):
    words = (("label: Speed, plain: reading speed", "label: Lesetempo, plain: ein besseres Lesetempo"),)
    folder = made(tmp_path, [{}, {}], words=(*words, ('["Pupils of', '["Kinder von')))
    assert " of reading aloud on Lesetempo, compared" in shown(folder)["answer"]
    assert "for kinder von" in shown(folder)["plain_language"]
    review = folder / "review.yml"
    review.write_text(review.read_text("utf-8").replace("language: en", "language: de-AT"), encoding="utf-8")
    assert "for Kinder von" in shown(folder)["plain_language"]


@pytest.mark.parametrize(
    ("analysis", "warned"),
    [("cluster-randomized, 6 classes", 1), ("crossover, paired", 1), ("crossover, first period only", 0), ("", 0)],
)
def test_arms_of_clusters_are_not_taken_for_people_in_silence(tmp_path, analysis, warned):
    found = [p for p in check(made(tmp_path, [{"analysis": analysis}])) if "one by one" in p.rule]
    assert len(found) == warned
    printed = {"analysis": analysis, "estimate": 6, "ci_low": 1, "ci_high": 11, "ci_level": 95, "measure": "MD"}
    folder = made(tmp_path / "b", [printed | {"contrast": "int-ctl"}])
    assert not [p for p in check(folder) if "one by one" in p.rule]


def test_every_command_that_a_message_names_is_there(capsys):
    package = Path(rl.__file__).parent
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".yml") and "review" not in path.parts]
    named = {words for path in files for words in re.findall(r"`(reviewlib [a-z][^`\n]*)`", path.read_text("utf-8"))}
    assert len(named) > 12
    for words in named:
        with suppress(SystemExit):  # for what its reader fills in
            cli.parser().parse_args(re.sub(r"\{[^}]*\}|FORMAT", "excel", words).split()[1:])
        said = capsys.readouterr().err
        assert not said or "the following arguments are required" in said, words
    told = "".join(path.read_text("utf-8") for path in files)
    assert not re.findall(r"[Rr]un `make ", told), "make is not everywhere"
