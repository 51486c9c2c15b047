"""Tables of other people into results.csv: what is read, asked and refused, and that nothing is half done."""

import csv

import pytest
from invented import snapshot

import reviewlib as rl
from reviewlib.evidence.check import check
from reviewlib.exchange import importing, opened, sheet
from reviewlib.exchange.importing import Wishes, import_file
from reviewlib.exchange.placing import rows_of

METAPSY = """\
study,condition_arm1,condition_arm2,multi_arm1,multi_arm2,outcome_type,instrument,time,time_weeks,rating,\
mean_arm1,mean_arm2,sd_arm1,sd_arm2,n_arm1,n_arm2,event_arm1,event_arm2,totaln_arm1,totaln_arm2,.g,.g_se,year
Sample 2004,massage,usual care,NA,NA,pain,example-100,post,10,self,30.5,36.0,13.0,14.5,40,41,NA,NA,NA,NA,NA,NA,2004
Sample 2004,massage,usual care,long,NA,response,,post,10,self,NA,NA,NA,NA,NA,NA,20,10,40,41,NA,NA,2004
Model 2006,massage,usual care,NA,NA,pain,,post,8,self,NA,NA,NA,NA,NA,NA,NA,NA,NA,NA,-0.35,0.21,2006
"""
COVIDENCE = """\
Study,Outcome,Timepoint,Arm,Mean,SD,N
Sample 2004,Pain,10 weeks,Massage,30.5,13.0,40
Sample 2004,Pain,10 weeks,Usual care,36.0,14.5,41
Model 2006,Pain,8 weeks,Massage,28.1,12.0,33
Model 2006,Pain,8 weeks,Usual care,33.3,12.9,30
"""
SAID = (
    "--set",
    "design=rct",
    "--set",
    "outcome=pain",
    "--set",
    "instrument_id=example-100",
    "--set",
    "value_kind=final",
)


def into(evidence, *more):
    return ("--topic", "example", "--evidence", evidence, *more)


def rows(evidence):
    table = rows_of((evidence / "example" / "results.csv").read_bytes())
    return [row for row in table if row["locator"] == "locator missing"]


def test_metapsy_rows_keep_arms_events_and_precalculated_effects(run, write, evidence):
    words = ("--set", "design=rct", "--set", "value_kind=final", "--set", "outcome=pain", "--yes")
    code, out, err = run("import", write("m.csv", METAPSY), *into(evidence, *words))
    assert code == 0, err
    assert "Metapsy" in out
    by_id = {row["result_id"]: row for row in rows(evidence)}
    arms, events, effect = by_id["sample2004-i01"], by_id["sample2004-i02"], by_id["model2006-i01"]
    assert (arms["mean_int"], arms["sd_ctl"], arms["n_ctl"], arms["timepoint_weeks"]) == ("30.5", "14.5", "41", "10")
    assert (events["events_int"], events["n_int"], events["intervention"]) == ("20", "40", "massage (long)")
    assert (effect["measure"], effect["estimate"], effect["status"]) == ("SMD", "-0.35", "derived")
    frame = rl.load_evidence(evidence)["example"].results
    study = rl.study_effects(frame[frame["result_id"] == "model2006-i01"], "SMD")
    assert study["se"].iloc[0] == pytest.approx(0.21, rel=1e-9)


def test_arms_of_covidence_are_brought_together(run, write, evidence):
    code, out, err = run("import", write("results.csv", COVIDENCE), *into(evidence, *SAID, "--yes"))
    assert code == 0, err
    found = rows(evidence)
    assert [(r["trial"], r["mean_int"], r["mean_ctl"], r["comparator"]) for r in found] == [
        ("Model 2006", "28.1", "33.3", "Usual care"),
        ("Sample 2004", "30.5", "36.0", "Usual care"),
    ]


def test_the_folder_of_four_tables_and_their_archive_read_alike(write, tmp_path):
    from invented import zipped

    from reviewlib.exchange.detect import read_any

    folder = tmp_path / "covidence"
    folder.mkdir()
    parts = {
        "study results.csv": COVIDENCE,
        "study arms.csv": "Study,Arm,Intervention\na,b,c\n",
        "rob.csv": "Study,Bias\na,b\n",
        "study information.csv": "Study,Year\na,2001\n",
    }
    for name, text in parts.items():
        (folder / name).write_text(text)
    one, two = read_any(folder), read_any(write("c.zip", zipped(parts)))
    assert [r.values for r in one.records] == [r.values for r in two.records]
    assert any("not read" in text for text in one.noticed)


def test_yi_and_vi_come_out_of_the_tables_again(run, write, evidence):
    text = "slab,yi,vi,measure,year\nSample,-0.693147,0.09,OR,2004\nModel,0.1,0.04,OR,2006\n"
    words = (
        "--set",
        "design=rct",
        "--set",
        "outcome=response",
        "--set",
        "intervention=a",
        "--set",
        "comparator=b",
        "--yes",
    )
    code, _, err = run("import", write("y.csv", text), *into(evidence, *words))
    assert code == 0, err
    frame = rl.load_evidence(evidence)["example"].results
    studies = rl.study_effects(frame[frame["locator"] == "locator missing"].sort_values("result_id"), "OR")
    assert studies["estimate"].tolist() == pytest.approx([0.1, -0.693147], rel=1e-10)
    assert studies["variance"].tolist() == pytest.approx([0.04, 0.09], rel=1e-10)


def test_what_is_not_known_is_asked_for_by_option(run, write, evidence):
    before = snapshot(evidence)
    code, out, err = run("import", write("results.csv", COVIDENCE), *into(evidence, "--yes"))
    assert code == 1 and "--set design=..." in err and "--set instrument_id=..." in err
    assert "Sample 2004" in out
    assert snapshot(evidence) == before


def test_on_a_terminal_it_asks_and_a_no_writes_nothing(write, evidence):
    answers = {"instrument_id": "example-100", "value_kind": "final", "design": "rct", "Write": "n"}
    asked, said = [], []

    def ask(question):
        asked.append(question)
        return next(answer for word, answer in answers.items() if question.startswith(word))

    before = snapshot(evidence)
    wishes = Wishes(topic="example", evidence=str(evidence))
    assert import_file(write("results.csv", COVIDENCE), wishes, say=said.append, ask=ask) == 0
    assert len(asked) == 4 and "Nothing was written." in said and snapshot(evidence) == before
    answers["Write"] = "y"
    assert import_file(write("results.csv", COVIDENCE), wishes, say=said.append, ask=ask) == 4


def test_without_yes_and_terminal_nothing_is_written(run, write, evidence):
    before = snapshot(evidence)
    code, out, _ = run("import", write("results.csv", COVIDENCE), *into(evidence, *SAID))
    assert code == 0 and "Add --yes" in out and snapshot(evidence) == before


def test_a_preview_needs_no_topic(run, write, evidence):
    code, out, _ = run("import", write("results.csv", COVIDENCE), "--evidence", evidence)
    assert code == 0 and "--topic NAME" in out and "Sample 2004" in out


def test_rows_can_go_to_a_folder_of_their_own(run, write, tmp_path):
    path = write("results.csv", COVIDENCE)
    code, out, err = run("import", path, "--output", tmp_path / "new", *SAID, "--yes")
    assert code == 0, err
    with open(tmp_path / "new" / "results.csv", encoding="utf-8", newline="") as file:
        assert [row["trial"] for row in csv.DictReader(file)] == ["Sample 2004", "Model 2006"]
    code, _, err = run("import", path, "--output", tmp_path / "new", *SAID, "--yes")
    assert code == 1 and "already" in err


def test_an_id_that_is_there_is_never_overwritten(run, write, evidence):
    table = (evidence / "example" / "results.csv").read_text().replace("30.0,14.0", "31.0,14.0")
    before = snapshot(evidence)
    code, _, err = run("import", write("mine.csv", table), *into(evidence, "--yes"))
    assert code == 1 and "example2001-r1" in err and "overwritten" in err
    assert snapshot(evidence) == before


def test_our_own_columns_keep_their_locator_but_not_their_rank(run, write, evidence):
    table = (evidence / "example" / "results.csv").read_text().splitlines()
    text = "\n".join([table[0], table[1].replace("example2001-r1", "example2001-r9").replace("30.0", "29.0")]) + "\n"
    code, _, err = run("import", write("mine.csv", text), *into(evidence, "--yes"))
    assert code == 0, err
    row = next(
        r for r in rows_of((evidence / "example" / "results.csv").read_bytes()) if r["result_id"] == "example2001-r9"
    )
    assert (row["status"], row["locator"]) == ("secondary", "Table 2, row pain")
    assert "Imported on" in row["notes"]


def test_a_fault_found_by_check_leaves_every_table_as_it_was(run, write, evidence):
    before = snapshot(evidence)
    bad = COVIDENCE.replace("30.5", "300.5")
    code, _, err = run("import", write("results.csv", bad), *into(evidence, *SAID, "--yes"))
    assert code == 1 and "300.5" in err
    assert snapshot(evidence) == before


def test_a_write_that_fails_half_way_is_taken_back(write, evidence, monkeypatch):
    from reviewlib import files
    from reviewlib.errors import EvidenceError

    real = files._replace

    def fail(source, place):
        if place.name == "results.csv" and source.suffix == ".new":
            raise OSError(28, "No space left on device")
        real(source, place)

    before = snapshot(evidence)
    monkeypatch.setattr(files, "_replace", fail)
    constants = dict(word.split("=") for word in SAID[1::2])
    with pytest.raises(EvidenceError, match="results.csv cannot be written: No space left on device. Nothing was"):
        import_file(
            write("r.csv", COVIDENCE), Wishes(topic="example", evidence=str(evidence), constants=constants, yes=True)
        )
    assert snapshot(evidence) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--topic", "nowhere"), "no topic"),
        (("--topic", "example", "--set", "colour=red"), "not a column"),
        (("--topic", "example", "--as", "word"), "not known"),
        (("--topic", "example", "--into", "sources"), "holds results"),
        (("--topic", "example", "--only", "height"), "no such outcome"),
        (("--topic", "example", "--map", "n=Nothing"), "Nothing"),
    ],
)
def test_wrong_wishes_are_told(run, write, evidence, words, said):
    code, _, err = run("import", write("results.csv", COVIDENCE), "--evidence", evidence, *words)
    assert code == 1 and said in err


def test_large_empty_absent_and_binary_files(run, write, evidence, tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "LARGEST", 1000)
    for path, word in (
        (write("big.csv", "a,b\n" * 1000), "million bytes"),
        (write("empty.csv", ""), "empty"),
        (tmp_path / "absent.csv", "cannot be opened"),
        (write("photo.csv", bytes(range(256))), "NUL"),
        (write("odd.csv", b"a,b\n\x81\x8d,1\n"), "neither UTF-8"),
        (write("head.csv", "study,m1i\n"), "cut off"),
    ):
        code, _, err = run("import", path, *into(evidence))
        assert code == 1 and word in err, (word, err)


def test_a_file_of_200_million_bytes_is_not_even_read(run, evidence, tmp_path):
    path = tmp_path / "huge.csv"
    with open(path, "wb") as file:
        file.truncate(200_000_000)
    code, _, err = run("import", path, *into(evidence))
    assert code == 1 and "200 million bytes" in err


@pytest.mark.parametrize("command", [("pool",), ("import",)])
def test_a_table_of_too_many_rows_is_refused_when_the_limit_is_passed(run, write, evidence, monkeypatch, command):
    monkeypatch.setattr(sheet, "ROWS", 30)
    rows = [f"s{i},{i % 7 / 10},0.0{i % 5 + 1}\n" for i in range(31)]
    place = into(evidence) if command == ("import",) else ()
    code, _, err = run(*command, write("trials.csv", "study,yi,vi\n" + "".join(rows)), *place)
    assert code == 1 and "trials.csv has more than 30 rows" in err and "Keep one row per study" in err
    assert run("pool", write("fewer.csv", "study,yi,vi\n" + "".join(rows[1:])))[0] == 0


def test_a_formula_in_a_text_cell_stays_text(run, write, evidence):
    text = COVIDENCE.replace("Massage", "=HYPERLINK(1)")
    code, _, err = run("import", write("r.csv", text), *into(evidence, *SAID, "--yes"))
    assert code == 0, err
    assert rows(evidence)[0]["intervention"] == "=HYPERLINK(1)"
    assert not [p for p in check(evidence) if p.severity == "error"]


def test_help_names_every_format():
    assert set(importing.FORMATS) >= {"revman5", "revman-web", "covidence", "metafor", "metapsy", "ris", "bibtex"}
