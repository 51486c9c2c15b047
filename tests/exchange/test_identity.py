"""Every study gets an id of its own; a source that is there is taken only when that is certain or a person says so."""

import csv
from pathlib import Path

import pytest
from invented import snapshot

from reviewlib.exchange.identity import attributed, folded, free, ids_of
from reviewlib.exchange.importing import Wishes, import_file
from reviewlib.exchange.placing import rows_of
from reviewlib.exchange.records import Record

CASES = Path(__file__).resolve().parents[1] / "cases" / "labels"
HEAD = "study,n1i,m1i,sd1i,n2i,m2i,sd2i"
WORDS = (
    "--set",
    "design=rct",
    "--set",
    "intervention=a",
    "--set",
    "comparator=b",
    "--set",
    "outcome=pain",
    "--set",
    "instrument_id=example-100",
    "--set",
    "value_kind=final",
)


def table(*labels, head=HEAD, extra=None):
    rows = [
        ",".join([f'"{label}"', f"2{i % 10}", f"{40 + i}", "9", "20", "50", "10", *(extra[i] if extra else ())])
        for i, label in enumerate(labels)
    ]
    return "\n".join([head, *rows]) + "\n"


def ids(evidence, *, labels=None):
    results = rows_of((evidence / "example" / "results.csv").read_bytes())
    found = {row["trial"]: row["source_id"] for row in results if "Imported on" in row["notes"]}
    return [found[label] for label in labels] if labels else found


def written(run, evidence, path, *words):
    return run("import", path, "--topic", "example", "--evidence", evidence, *WORDS, *words, "--yes")


with open(CASES / "ids.csv", encoding="utf-8", newline="") as file:
    LABELS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", LABELS, ids=[row["why"] for row in LABELS])
def test_an_id_is_first_author_and_year(row):
    assert ids_of(row["label"])[0] == row["source_id"]


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        (("Smith 2001a", "Smith 2001b", "Smith J 2001"), ("smith2001a", "smith2001b", "smith2001")),
        (("Smith 2001", "Smith J 2001", "Smith B 2001"), ("smith2001", "smithj2001", "smithb2001")),
        (("Study 1", "Study 2", "Study 3"), ("study1", "study2", "study3")),
        (("van der Berg 2004", "van den Berg 2004"), ("vanderberg2004", "vandenberg2004")),
        (("de la Cruz 2011 (women)", "de la Cruz 2011 (men)"), ("delacruz2011women", "delacruz2011men")),
        (("Trial A 2001", "Trial B 2001"), ("triala2001", "trialb2001")),
        (("\u738b 2010", "\u6c6a 2010"), ("wang2010", "wang2010b")),
        (("M\u00fcller 2001", "Muller 2001"), ("muller2001", "muller2001b")),
        (("Cole 2001", "\u0421ole 2001"), ("cole2001", "sole2001")),
        (("Kor 2001", "\u041aor 2001"), ("kor2001", "kor2001b")),
        (("1", "2", "2001"), ("study1", "study2", "study2001")),
        (("Smith 2001", "Smith 2001"), ("smith2001", "smith2001")),
        (("Smith 2001", "SMITH 2001", "Smith, 2001"), ("smith2001", "smith2001", "smith2001")),
    ],
)
def test_labels_that_differ_never_share_a_source_in_silence(run, write, evidence, labels, want):
    code, out, err = written(run, evidence, write("a.csv", table(*labels)))
    if code:  # labels that read alike would count one trial as two: refused, with the lines
        assert code == 1 and ("reads like" in err or "a letter of another alphabet" in err)
        return
    assert tuple(ids(evidence, labels=labels)) == want
    shared = len(set(want)) < len(set(labels))
    assert ("taken for one publication" in out) == shared
    assert ("is not the only" in out) == any(w not in {ids_of(x)[0] for x in labels} for w in want)


def test_a_doi_says_what_labels_cannot():
    def record(label, doi):
        return Record("line 2", {"trial": label, "doi": doi})

    pairs = (
        ("Smith 2001", "10.1/a"),
        ("Smith J 2001 (men)", "https://doi.org/10.1/A"),
        ("Smith 2001 (older)", "10.1/b"),
        ("Smith 2001", ""),
        ("Jones 2003", "10.1/c"),
    )
    records = [record(*pair) for pair in pairs]
    there = [{"source_id": "jones2002", "title": "Known", "doi": "10.1/C", "notes": ""}]
    told = attributed(records, "a.csv", there, {})
    assert [told.ids[id(r)] for r in records] == ["smith2001", "smith2001", "smith2001older", "smith2001", "jones2002"]
    assert not told.doubts and any("one publication" in text for text in told.noticed)


def test_a_source_that_is_there_is_asked_about(run, write, evidence):
    path, before = write("a.csv", table("Example 2001", "Other 2002")), snapshot(evidence)
    code, out, err = written(run, evidence, path)
    assert code == 1 and snapshot(evidence) == before
    assert "Example 2001 may be example2001 in sources.csv" in err
    assert "--source 'Example 2001=example2001'" in err and "--source 'Example 2001=example2001b'" in err
    code, out, err = written(run, evidence, path, "--source", "Example 2001=example2001b")
    assert code == 0 and ids(evidence, labels=["Example 2001", "Other 2002"]) == ["example2001b", "other2002"]


def test_a_person_may_say_that_it_is_the_same(run, write, evidence):
    sources = len(rows_of((evidence / "sources.csv").read_bytes()))
    path = write("a.csv", table("Example 2001"))
    code, _, err = written(run, evidence, path, "--source", "Example 2001=example2001")
    assert code == 0, err
    assert ids(evidence, labels=["Example 2001"]) == ["example2001"]
    assert len(rows_of((evidence / "sources.csv").read_bytes())) == sources


def test_at_a_terminal_the_question_is_put(write, evidence):
    asked, answers = [], iter(["example2001b", "y"])
    wishes = Wishes(
        topic="example",
        evidence=str(evidence),
        constants={
            "design": "rct",
            "intervention": "a",
            "comparator": "b",
            "outcome": "pain",
            "instrument_id": "example-100",
            "value_kind": "final",
        },
    )

    def ask(question):
        asked.append(question)
        return next(answers)

    assert import_file(write("a.csv", table("Example 2001")), wishes, say=lambda line: None, ask=ask) == 2
    assert "may be example2001" in asked[0] and ids(evidence, labels=["Example 2001"]) == ["example2001b"]


def test_a_second_file_of_the_same_name_and_label_goes_on_with_its_source(run, write, evidence):
    assert written(run, evidence, write("a.csv", table("Smith 2001")))[0] == 0
    more = table("Smith 2001").replace(",40,", ",44,")
    code, _, err = written(run, evidence, write("a.csv", more))
    assert code == 0, err
    code, _, err = written(run, evidence, write("b.csv", more.replace(",44,", ",45,")))
    assert code == 1 and "may be smith2001" in err


def test_rows_that_name_no_study_are_refused(run, write, evidence):
    before = snapshot(evidence)
    code, _, err = written(run, evidence, write("a.csv", table("Smith 2001", "")))
    assert code == 1 and "names no study" in err and "--map trial=COLUMN" in err and snapshot(evidence) == before


def test_letters_go_on_after_z():
    taken = {"a", *(f"a{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")}
    assert free("a", taken) == "aaa" and free("b", taken) == "b"


def test_ids_are_of_a_length_that_file_systems_and_pages_bear():
    assert len(folded("x" * 300)) == 40
