"""A topic is started, filled and shown without a line of Python: only tables, topic.yml and commands."""

import csv
import json
import shutil
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

import reviewlib as rl
from reviewlib.evidence.check import check
from reviewlib.evidence.schema import schemas, topic_keys
from reviewlib.revise.scaffold import TABLES, topic_yml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of what a contributor edits, as the working folder."""
    for name in ("evidence", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("README.md", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def append(path, **cells):
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
        handle.seek(0)
        names = next(csv.reader(handle))
    assert cells.keys() <= set(names)
    key = names[:2]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(sorted([*rows, cells], key=lambda row: [row.get(name, "") for name in key]))


def test_a_new_topic_is_whole_from_the_first_minute(copy, run):
    before = [p for p in check(copy / "evidence") if p.severity == "error"]
    code, told, _ = run("new", "topic", "bcg-vaccine", "--title", "BCG and tuberculosis", "--question", "Does it help?")
    assert code == 0 and before == []
    assert [line.strip()[0] for line in told.splitlines() if line.startswith("  ") and ". " in line[:5]] == [
        "1",
        "2",
        "3",
    ]
    folder = copy / "evidence" / "bcg-vaccine"
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES)
    for name in TABLES:
        assert (folder / f"{name}.csv").read_text() == ",".join(schemas()[name].names) + "\n"
    problems = check(copy / "evidence")
    assert {p.severity for p in problems} == {"warning"}, "only what is left to write"
    assert {p.rule for p in problems} == {"is not written yet"}
    assert (
        "| [Does it help?](notebooks/bcg-vaccine.ipynb) | No results yet. | not rated |"
        in (copy / "README.md").read_text()
    )


def test_every_key_of_topic_yml_is_explained(copy):
    text = topic_yml("example-topic")
    flat = " ".join(line.strip().lstrip("# ") for line in text.splitlines())
    for key, words in topic_keys().items():
        if key not in ("rand_view?", "headline?"):
            assert words["description"] in flat, key
        for inner in (words.get("each") or {}).values() if key in ("outcomes?", "comparisons?") else ():
            assert inner["description"].rstrip(".") in flat
    assert yaml.safe_load(text)["id"] == "example-topic"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("massage", "is there already"),
        ("start", "is there already"),
        ("Neck Pain", "like neck-pain"),
        ("neck_pain", "like neck-pain"),
        ("../outside", "not a name"),
        ("-x", "not a name"),
        ("", "not a name"),
        ("sources", "name of a table"),
        ("index", "page of the site"),
        ("con", "on Windows"),
        ("com7", "on Windows"),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused_and_nothing_is_written(copy, run, name, why):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    code, _, err = run("new", "topic", "--", name)
    assert code == 2 and why in err and "Traceback" not in err
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("option", ["title", "question"])
def test_empty_words_are_refused_before_check_does(copy, run, option):
    code, _, wrong = run("new", "topic", "second", f"--{option}", " ")
    assert code == 2 and f"the {option} is empty: write --{option} TEXT" in wrong
    assert not (copy / "evidence" / "second").exists()


@pytest.mark.parametrize("option", ["title", "question"])
@pytest.mark.parametrize("words", ["turned \u202e round", "no\u200bwidth", "two\nlines", "a bell\a"])
def test_words_with_a_sign_that_nobody_sees_are_refused_and_nothing_is_written(copy, run, option, words):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    code, _, wrong = run("new", "topic", "second", f"--{option}", words)
    assert code == 2 and f"the {option} holds" in wrong
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_a_topic_needs_a_kind_and_a_name(copy, run):
    assert run("new")[0] == run("new", "topic")[0] == run("new", "page", "x")[0] == 2


def filled(copy):
    """Fill the topic with the 13 BCG trials of Colditz 1994, from the committed reference values."""
    folder = copy / "evidence" / "bcg-vaccine"
    append(
        copy / "evidence" / "sources.csv",
        source_id="colditz1994",
        authors="Colditz GA, et al.",
        year="1994",
        title="Efficacy of BCG vaccine in the prevention of tuberculosis",
        journal="JAMA",
        doi="10.1001/jama.1994.03510330076038",
        kind="systematic-review",
        read="secondary",
    )
    data = json.loads((ROOT / "reviewlib" / "page" / "golden" / "tables.json").read_text())["sets"]["bcg"]["table"]
    for i, (a, n1, c, n2) in enumerate(zip(data["a"], data["n1"], data["c"], data["n2"], strict=True), 1):
        append(
            folder / "results.csv",
            result_id=f"colditz1994-{i:02d}",
            source_id="colditz1994",
            trial=f"BCG trial {i:02d}",
            intervention="BCG vaccine",
            comparator="no vaccine",
            outcome="main-outcome",
            analysis_set="unclear",
            n_int=n1,
            n_ctl=n2,
            events_int=a,
            events_ctl=c,
            design="rct",
            status="secondary",
            read="secondary",
            locator=f"dat.bcg of R package metadat, row {i}",
            notes="The data set does not hold the length of follow-up",
        )
        append(
            folder / "synthesis.csv",
            comparison_id="main-comparison",
            result_id=f"colditz1994-{i:02d}",
            use="main",
            accepts="secondary",
            reason="Worked example: the counts of the review, as the data set holds them",
        )
    path = folder / "topic.yml"
    text = path.read_text().replace("measure: MD", "measure: RR").replace("pool: false", "pool: true")
    text = text.replace("No results yet", "Thirteen trials of one vaccine, pooled by the review")
    path.write_text(text.replace("write here: ", "as in Colditz 1994, "), newline="\n")
    return folder


def test_a_topic_filled_from_a_worked_example_gives_its_published_pool_and_a_page(copy, run):
    assert run("new", "topic", "bcg-vaccine", "--title", "BCG and tuberculosis")[0] == 0
    before = copy / "before"
    shutil.copytree(copy / "evidence", before)
    filled(copy)
    code, told, _ = run("check")
    assert code == 0 and "no error" in told
    found = rl.findings(rl.load_evidence(copy / "evidence")["bcg-vaccine"])["main-comparison"]
    assert found.basis == "pooled" and found.pooled.k == 13
    assert found.estimate == pytest.approx(-0.7145323422, rel=1e-7), "metafor, REML"
    code, told, _ = run("diff", before)
    assert code == 1 and "Conclusion changes." in told and "0.49" in told
    code, _, wrong = run("render", "--only", "bcg-vaccine", "--jobs", "1")
    assert code == 0, wrong
    page = BeautifulSoup((copy / "_site" / "bcg-vaccine.html").read_text(encoding="utf-8"), "html.parser")
    assert page.h1.get_text() == "BCG and tuberculosis"
    assert page.select_one('nav a[href="bcg-vaccine.html"]') is not None
    text = " ".join(page.get_text(" ").split())
    assert "0.49" in text and "BCG trial 13" in text and "No results yet" not in text


def test_the_page_renders_before_there_is_a_result(copy, run):
    assert run("new", "topic", "empty-topic", "--title", "An empty topic")[0] == 0
    code, told, err = run("render", "--only", "empty-topic", "--jobs", "1")
    assert code == 0, err
    page = (copy / "_site" / "empty-topic.html").read_text(encoding="utf-8")
    assert "No results yet." in page
    massage = copy / "notebooks" / "massage.ipynb"
    assert massage.read_bytes() == (ROOT / "notebooks" / "massage.ipynb").read_bytes()
