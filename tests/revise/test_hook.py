"""A mistake is stopped at the commit: in the tables, in a page that is out of step, in a file that was not added."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from reviewlib.revise.hook import MARK
from reviewlib.site.project import Project

from .conftest import RESULTS, git

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(project, monkeypatch):
    """The small project with a page that follows from its tables, all committed, and the hook installed."""
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=1, id="a")])
    (project / "notebooks" / "start.ipynb").write_text(nbformat.writes(page))
    stamp(project)
    shutil.copy(ROOT / "evidence" / "README.md", project / "evidence")
    from reviewlib.evidence.dictionary import write

    write(project / "evidence")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "a page")
    bin_folder = project.parent / "bin"
    bin_folder.mkdir()
    command = bin_folder / "reviewlib"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m reviewlib "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    return project


def stamp(project):
    """Say in the notebook that it was made from the tables as they stand, as `make review` does."""
    path, known = project / "notebooks" / "start.ipynb", Project(project)
    page = nbformat.read(path, 4)
    page.metadata["reviewlib"] = {"evidence": known.evidence(), "inputs": known.inputs(path)}
    path.write_text(nbformat.writes(page))


def commit(project, *words):
    who = ["-c", "user.name=Example", "-c", "user.email=example@example.org"]
    return subprocess.run(
        ["git", "-C", project, *who, "commit", "-q", "-m", "x", *words], capture_output=True, text=True
    )


def test_an_error_in_a_table_is_stopped_with_its_line_and_remedy(clone, run, edit):
    assert run("hook", "install")[0] == 0
    edit(RESULTS, "MD,-6.0", "MD,6.0")
    done = commit(clone, "-a")
    told = done.stdout + done.stderr
    assert done.returncode == 1 and "line 2, column estimate" in told and "Look again at the source" in told
    assert git(clone, "rev-list", "--count", "HEAD") == "2"
    assert commit(clone, "-a", "--no-verify").returncode == 0


def test_a_page_made_from_other_tables_is_stopped_until_it_is_made_again(clone, run, edit):
    run("hook", "install")
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    done = commit(clone, "-a")
    assert done.returncode == 1 and "start.ipynb was made from other tables" in done.stderr
    assert "reviewlib render" in done.stderr
    stamp(clone)
    assert commit(clone, "-a").returncode == 0, "the hook passes once the page follows from the tables"


def test_what_was_changed_but_not_added_is_noticed(clone, run, edit):
    run("hook", "install")
    edit(RESULTS, "MD,-6.0,", "MD,-6.1,")
    stamp(clone)
    git(clone, "add", "evidence")
    done = commit(clone)
    assert done.returncode == 1 and "made from other tables" in done.stderr
    git(clone, "add", "notebooks")
    assert commit(clone).returncode == 0


def test_a_cell_that_was_never_run_is_stopped(clone, run):
    run("hook", "install")
    path = clone / "notebooks" / "start.ipynb"
    page = nbformat.read(path, 4)
    page.cells.append(nbformat.v4.new_code_cell("2", id="b"))
    path.write_text(nbformat.writes(page))
    done = commit(clone, "-a")
    assert done.returncode == 1 and "a cell that was never executed" in done.stderr


def test_an_edited_page_that_was_not_run_again_is_stopped(clone, run):
    run("hook", "install")
    path = clone / "notebooks" / "start.ipynb"
    page = nbformat.read(path, 4)
    page.cells[0].source = "1 + 1"
    path.write_text(nbformat.writes(page))
    done = commit(clone, "-a")
    assert done.returncode == 1 and "changed since it was executed" in done.stderr


def test_a_change_of_code_alone_is_a_note(clone, run):
    run("hook", "install")
    (clone / "reviewlib").mkdir()
    (clone / "reviewlib" / "new.py").write_text("")
    git(clone, "add", ".")
    done = commit(clone)
    assert done.returncode == 0 and "note: notebooks/start.ipynb" in done.stderr


def test_a_data_dictionary_out_of_step_is_stopped(clone, run):
    run("hook", "install")
    (clone / "evidence" / "README.md").write_text("old\n")
    done = commit(clone, "-a")
    assert done.returncode == 1 and "python -m reviewlib.evidence.dictionary" in done.stderr


def test_files_that_cannot_be_read_are_told_each(clone, run):
    run("hook", "install")
    (clone / "notebooks" / "start.ipynb").write_bytes(b"")
    (clone / "notebooks" / "other.ipynb").write_bytes(b"[1]\n")
    (clone / "README.md").write_bytes(b"# R\xe9view\n")
    (clone / "evidence" / "README.md").write_bytes(b"\xe9\n")
    git(clone, "add", ".")
    done = commit(clone)
    told = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in told
    for place in (
        "start.ipynb is not a notebook",
        "other.ipynb is not a notebook",
        "README.md line 1: not UTF-8",
        "evidence/README.md is out of step",
    ):
        assert place in told


def test_a_commit_of_something_else_is_not_held_up(clone, run):
    run("hook", "install")
    (clone / "other.txt").write_text("x")
    git(clone, "add", "other.txt")
    done = commit(clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_hook_is_never_overwritten_and_ours_can_be_removed(clone, run):
    hook = clone / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 0\n")
    code, _, err = run("hook", "install")
    assert code == 2 and "another hook" in err and hook.read_text() == "#!/bin/sh\nexit 0\n"
    assert run("hook", "remove")[0] == 0 and hook.exists()
    hook.unlink()
    assert run("hook", "install")[0] == run("hook", "install")[0] == 0 and MARK in hook.read_text()
    assert os.access(hook, os.X_OK)
    assert run("hook", "remove")[0] == 0 and not hook.exists()


def test_outside_git_it_says_so(tmp_path, monkeypatch, run):
    for name in ("evidence", "notebooks"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    code, _, err = run("hook", "install")
    assert code == 2 and "not a git checkout" in err


def test_the_pre_commit_configuration_runs_the_same_command():
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["hooks"][0]["entry"].endswith("reviewlib hook run'")
