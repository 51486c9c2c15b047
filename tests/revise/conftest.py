"""A small project under git, with the invented tables of the checker's tests."""

import shutil
import subprocess
from pathlib import Path

import pytest

TABLES = Path(__file__).parents[1] / "evidence" / "tables"
RESULTS = "example/results.csv"


def git(folder, *words):
    """Run git as a person of its own, untouched by the settings of the machine."""
    who = ["-c", "user.name=Example", "-c", "user.email=example@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Path of a checkout with one commit; the working folder of the test."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    root = tmp_path / "project"
    shutil.copytree(TABLES, root / "evidence")
    (root / "evidence" / "claims.csv").unlink()  # its condition would refuse the changes that the tests make
    (root / "notebooks").mkdir()
    git(tmp_path, "init", "-q", "project")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def edit(project):
    """Change one file of the tables: ``edit(file, old, new)``; the old text must be there."""

    def change(file, old, new):
        path = project / "evidence" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}: the test would change nothing"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    return change


@pytest.fixture
def run(capsys):
    """Run the command: ``run("diff", ...)`` gives its exit code, what it printed, and what it complained of."""
    from reviewlib import cli

    def call(*words):
        try:
            code = cli.main([str(word) for word in words])
        except SystemExit as stop:
            code = stop.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return call
