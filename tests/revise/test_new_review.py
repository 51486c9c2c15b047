"""A review of one's own starts in an empty folder, and every command works there at once."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

import reviewlib as rl
from reviewlib import __version__
from reviewlib.evidence.check import check
from reviewlib.evidence.schema import review_keys, schemas
from reviewlib.revise.new_review import FILES, TEMPLATES
from reviewlib.site.pages import provenance_line
from reviewlib.site.project import Project

OURS = re.compile(r"spin(e|al)\b|back pain|massage|mobili[sz]ation|stenosis|\bneck\b|RAND 2018", re.IGNORECASE)
TITLE = 'Does "reading aloud" help pupils? L\u2019\u00e9t\u00e9 & <b>50 $</b>: 100% {{ name }}'


@pytest.fixture
def review(tmp_path, monkeypatch, run):
    """A review that was just made, in a folder with blanks and accents; the working folder of the test."""
    monkeypatch.chdir(tmp_path)
    code, said, wrong = run("new", "review", "My r\u00e9view", "--title", TITLE)
    assert (code, wrong) == (0, "") and "evidence/review.yml" in said
    monkeypatch.chdir("My r\u00e9view")
    return Path.cwd()


def written(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def own_test(review):
    command = [sys.executable, "-m", "unittest", "discover", "--start-directory", "tests"]
    done = subprocess.run(command, cwd=review, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Ran (\d+) tests", done.stderr)[1])


def test_it_has_every_file_and_only_those(review):
    shared = [f"evidence/{name}.csv" for name in ("instruments", "sources", "thresholds")]
    made = ["evidence/README.md", "evidence/datapackage.json", "notebooks/start.ipynb"]
    assert sorted(written(review)) == sorted([*FILES, *shared, *made])
    for name in shared:
        assert (review / name).read_text() == ",".join(schemas()[Path(name).stem].names) + "\n"


def test_it_passes_the_check_and_its_own_test_at_once_and_with_a_topic(review, run):
    assert run("check")[0] == 0 and check(review / "evidence") == []
    assert own_test(review) == 5
    code, said, _ = run("new", "topic", "speed", "--question", "Does reading aloud make pupils read faster?")
    assert code == 0 and "README.md" in said
    assert run("check")[0] == 0 and own_test(review) == 5
    row = "| [Does reading aloud make pupils read faster?](notebooks/speed.ipynb) | No results yet. | not rated |"
    assert row in (review / "README.md").read_text(encoding="utf-8")


def test_its_own_test_fails_for_a_fault(review):
    (review / "evidence" / "sources.csv").write_text("source_id\n", newline="\n")
    with pytest.raises(AssertionError, match="sources.csv"):
        own_test(review)


@pytest.mark.parametrize("topics", [(), ("speed",)])
def test_nothing_in_it_speaks_of_our_review(review, run, topics):
    for name in topics:
        assert run("new", "topic", name)[0] == 0
    for place, content in written(review).items():
        found = OURS.search(content.decode("utf-8"))
        assert not found, f"{place}: {found[0]}"


def test_its_title_is_kept_to_the_letter(review):
    assert rl.load_evidence(review / "evidence").review.title == TITLE
    assert json.loads((review / "notebooks" / "start.ipynb").read_text("utf-8"))["metadata"]["title"] == TITLE


def test_without_a_title_the_folder_names_it(tmp_path, run):
    assert run("new", "review", tmp_path / "reading-aloud at_school")[0] == 0
    folder = tmp_path / "reading-aloud at_school"
    assert rl.load_evidence(folder / "evidence").review.title == "Reading aloud at school"
    assert yaml.safe_load((folder / "environment.yml").read_text())["name"] == "reading-aloud-at-school"


def test_a_change_is_compared_with_the_last_commit(review, run):
    code, _, wrong = run("diff")
    assert code == 2 and "git init" in wrong, "there is no commit yet"
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "An empty review"]):
        who = ["-c", "user.name=Example", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=review, check=True)
    assert run("diff")[0] == 0
    assert run("new", "topic", "speed")[0] == 0
    code, said, _ = run("diff")
    assert code == 1 and "speed" in said, "a question that was not there"
    ignored = subprocess.run(["git", "check-ignore", "_site/x", ".venv/x", ".cache/x"], cwd=review, capture_output=True)
    assert ignored.stdout.count(b"\n") == 3


def test_its_first_page_has_no_dates_yet(review):
    project, path = Project(review), review / "notebooks" / "start.ipynb"
    line = provenance_line(project, path, nbformat.read(path, as_version=4))
    assert line.startswith("data <code>") and line.endswith(f"version {__version__}")


def test_it_renders_before_there_is_a_topic_and_brings_the_dictionary_in_step(review, run):
    columns = ",".join(schemas()["claims"].names)
    (review / "evidence" / "claims.csv").write_text(columns + "\n")
    assert "is not in step" in run("check")[1]
    code, said, wrong = run("render", "--jobs", "1")
    assert code == 0, wrong
    assert "brought in step: evidence/README.md, evidence/datapackage.json" in said and "1 page built" in said
    front = (review / "_site" / "index.html").read_text(encoding="utf-8")
    assert "Equivocal" not in front and "RAND" not in front  # no panel is there
    assert own_test(review) == 5 and "is not in step" not in run("check")[1]


@pytest.mark.slow
def test_it_renders_with_a_topic_and_without_a_word_of_ours(review, run):
    assert run("new", "topic", "speed", "--title", "Reading speed")[0] == 0
    code, _, wrong = run("render", "--jobs", "1")
    assert code == 0, wrong
    assert {path.name for path in (review / "_site").glob("*.html")} == {"index.html", "speed.html"}
    front = (review / "_site" / "index.html").read_text(encoding="utf-8")
    assert f"<title>{html.escape(TITLE).replace('&quot;', '&#34;')}</title>" in front
    assert "&lt;b&gt;50 $&lt;/b&gt;" in front and "<b>50" not in front and "No results yet." in front
    for path in (review / "_site").rglob("*"):
        if path.suffix in (".html", ".xml", ".bib", ".json", ".ris"):
            text = path.read_text(encoding="utf-8")
            found = OURS.search(text)
            assert not found, f"{path.name}: {text[found.start() - 60 : found.end() + 60]}"
    assert own_test(review) == 5 and run("check")[0] == 0


def test_a_folder_that_is_taken_is_refused_and_left_alone(tmp_path, run):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    code, _, wrong = run("new", "review", tmp_path / "taken")
    assert code == 2 and "not empty" in wrong and "thesis.txt" in wrong
    assert written(tmp_path) == {"taken/thesis.txt": b"mine"}


def test_an_existing_review_is_never_made_again(review, run):
    before = written(review)
    assert run("new", "review", ".")[0] == 2 and written(review) == before


def test_an_empty_folder_and_a_fresh_clone_are_filled(tmp_path, run):
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    assert run("new", "review", tmp_path / "clone")[0] == 0
    assert check(tmp_path / "clone" / "evidence") == []


def test_a_file_in_the_way_is_named(tmp_path, run):
    (tmp_path / "notes.txt").write_text("mine")
    assert "is a file" in run("new", "review", tmp_path / "notes.txt")[2]
    code, _, wrong = run("new", "review", tmp_path / "notes.txt" / "review")
    assert code and "notes.txt is a file" in wrong and "Traceback" not in wrong
    assert written(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_place_where_one_may_not_write_is_named(tmp_path, run):
    tmp_path.chmod(0o500)
    try:
        code, _, wrong = run("new", "review", tmp_path / "review")
    finally:
        tmp_path.chmod(0o700)
    assert code and "Permission denied" in wrong and str(tmp_path) in wrong and "Traceback" not in wrong


def test_no_review_starts_among_the_tables_of_another(review, run):
    before = written(review)
    for place in ("evidence/inner", "notebooks/inner", "evidence/a/b"):
        code, _, wrong = run("new", "review", place)
        assert code == 2 and "of another review" in wrong
    assert written(review) == before


@pytest.mark.parametrize(
    "title",
    [
        "",
        "   ",
        "two\nlines",
        "a\ttab",
        "a bell\a",
        "half \ud83d of a sign",
        "\ufffe",
        "turned \u202e round",
        "no\u200bwidth",
    ],
)
def test_a_title_that_no_page_can_show_is_refused(tmp_path, run, title):
    code, _, wrong = run("new", "review", tmp_path / "review", "--title", title)
    assert code == 2 and "the title" in wrong and written(tmp_path) == {}


@pytest.mark.parametrize(
    "title",
    [
        "null",
        "1e3",
        "- a: b # c",
        "'quoted'",
        "back\\slash",
        "\u0642\u0631\u0627\u0621\u0629",
        "\u00ab\u00a0Lire\u00a0\u00bb",
        "\U0001f4d6 aloud",
        "{{ title_yaml }} $(HOME) ${{ x }}",
    ],
)
def test_any_other_title_is_kept(tmp_path, run, title):
    assert run("new", "review", tmp_path / "review", "--title", title)[0] == 0
    assert rl.load_evidence(tmp_path / "review" / "evidence").review.title == title


def test_a_report_of_a_number_finds_its_form(review):
    """The link of each row names a template and its fields, which a repository without them would drop."""
    form = yaml.safe_load((review / ".github" / "ISSUE_TEMPLATE" / "report-a-number.yml").read_text(encoding="utf-8"))
    assert {"page", "row", "source"} <= {item.get("id") for item in form["body"]} and form["name"] == "Report a number"


def test_the_readme_has_badges_once_the_review_has_an_address(review):
    from reviewlib.page.readme import in_step

    path = review / "evidence" / "review.yml"
    assert "badge" not in (review / "README.md").read_text(encoding="utf-8")
    for address, repository in (("https://github.com/a-b/c.d/", "a-b/c.d"), ("https://example.org/a/b", None)):
        text = re.sub(r"^(# )?repository: .*", f'repository: "{address}"', path.read_text("utf-8"), flags=re.M)
        path.write_text(text, encoding="utf-8", newline="\n")
        made = "".join(in_step(review / "README.md", review / "evidence").values())
        assert (f"github.com/{repository}/actions/workflows/checks.yml/badge.svg" in made) == bool(repository)
        assert (f"mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/notebooks/start" in made) == bool(repository)


def test_a_folder_must_be_named(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    assert run("new", "review")[0] == run("new", "review", "")[0] == run("new", "review", "  ")[0] == 2
    assert written(tmp_path) == {}


def test_every_key_of_review_yml_is_in_the_template():
    text = (TEMPLATES / "review.yml.j2").read_text(encoding="utf-8")
    for key in review_keys():
        assert re.search(rf"^(# )?{key.rstrip('?')}:", text, re.MULTILINE), key
    uncommented = re.sub(r"^# ?(?=[a-z_]+:|  )", "", text, flags=re.MULTILINE)
    assert yaml.safe_load(uncommented.replace("{{ title_yaml }}", "x")).keys() == {k.rstrip("?") for k in review_keys()}


def test_its_targets_exist_and_its_version_is_ours(review):
    makefile = (review / "Makefile").read_text(encoding="utf-8")
    there = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = "".join(content.decode() for content in written(review).values())
    assert set(re.findall(r"(?:`|^|run: )make ([a-z-]+)\b(?= {4}|`|$)", asked, re.MULTILINE)) <= there
    assert there >= {"set-up", "review", "check", "test", "stale", "site", "lab", "help", "clean"}
    assert f"reviewlib[all]=={__version__}\n" in (review / "requirements.txt").read_text()


def test_templates_are_part_of_the_package():
    names = {path.name for path in TEMPLATES.iterdir()}
    assert names == {f"{template}.j2" for template in FILES.values()} | {"start_page.j2"}
