"""CONTRIBUTING.md is true: its rows go into a copy, its commands run, and what they say is what it shows."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reviewlib import cli
from reviewlib.site.project import Project

from .conftest import git
from .test_new_topic import append

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(csv|console) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Counts and lines move with every row that is added; effects and sentences are compared as they stand.
_COUNTS = (
    (r"\d+ tables, \d+ topics, \d+ rows", "N tables, N topics, N rows"),
    (r"\(\d+ more looked at\)", "(N more looked at)"),
    (r"line \d+", "line N"),
    (r"HEAD \([0-9a-f]+\)", "HEAD (N)"),
    (r"\d+ stay as before", "N stay as before"),
    (r"\d+ notebooks were made from other tables \(.*?\)", "N notebooks were made from other tables"),
)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone as a contributor has it, its pages in step with its tables, and the command within reach."""
    root, folder = tmp_path / "clone", tmp_path / "bin"
    shutil.copytree(ROOT / "evidence", root / "evidence")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    for name in ("README.md", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    folder.mkdir()
    (folder / "reviewlib").write_text(f'#!/bin/sh\nexec {sys.executable} -m reviewlib "$@"\n')
    (folder / "reviewlib").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(root)
    made(root)
    git(tmp_path, "init", "-q", "clone")
    for key, value in (("user.name", "Example"), ("user.email", "example@example.org")):
        git(root, "config", key, value)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "as it stands")
    return root


def made(root):
    """Stand in for `make review`, which takes minutes: mark the notebooks as made from the tables as they are."""
    project = Project(root)
    for path in (root / "notebooks").glob("*.ipynb"):
        page = nbformat.read(path, 4)
        page.metadata["reviewlib"] = {"evidence": project.evidence(), "inputs": project.inputs(path)}
        path.write_text(nbformat.writes(page), encoding="utf-8")


def put(path, line):
    """Insert a row where its id belongs; a row of that id is replaced."""
    import csv
    import io

    with path.open(newline="", encoding="utf-8") as handle:
        names, *rows = csv.reader(handle)
    (new,) = csv.reader(io.StringIO(line))
    keep = [row for row in rows if row[:2] != new[:2] and (row[0] != new[0] or path.stem == "synthesis")]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([names, *keep])
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")
    append(path, **dict(zip(names, new, strict=True)))


def say(command, root):
    """Run one command of the walk-through and return its exit code and what it printed."""
    words = shlex.split(command)
    if words == ["make", "review"]:
        made(root)
    if words[0] == "make":
        return 0, ""
    if words[0] == ".venv/bin/reviewlib":
        out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = cli.main(words[1:])
        return code, out.buffer.getvalue().decode()
    if words[0] == ".venv/bin/python":
        words[0] = sys.executable
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=root,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stdout + done.stderr


def lines(text):
    for pattern, plain in _COUNTS:
        text = re.sub(pattern, plain, text)
    # What a command says while one waits ends in dots and is not part of its answer.
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.endswith(" ...")]


def test_the_walk_through_does_what_it_says(clone):
    codes = []
    for kind, file, body in BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        if kind == "csv":
            put(clone / file, body.strip("\n"))
            continue
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, promised = part.partition("\n")
            code, told = say(command, clone)
            assert "Traceback" not in told, told
            assert lines(promised) == lines(told), f"{command} said:\n{told}"
            codes.append((command.split(" -m")[0], code))
    assert (".venv/bin/reviewlib diff", 1) in codes and codes.count((".venv/bin/reviewlib check", 0)) == 1
    assert [code for command, code in codes if command.startswith("git commit")] == [1, 0]
    assert git(clone, "rev-list", "--count", "HEAD") == "2"
    assert (clone / "evidence" / "neck-exercise" / "topic.yml").is_file()


def test_the_invented_trial_is_not_in_the_tables():
    assert "example2026" not in (ROOT / "evidence" / "sources.csv").read_text(encoding="utf-8")
