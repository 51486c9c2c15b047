"""kill -9 at every write of every command that writes: nothing is lost, and the next run completes."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import nbformat
import pytest
from killing import killed_at
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pypdf import PdfWriter

from reviewlib import cli
from reviewlib.errors import told
from reviewlib.evidence import dictionary
from reviewlib.files import MARK
from reviewlib.page import readme
from reviewlib.site import execute, pdf as printing

TABLES = Path(__file__).parents[1] / "evidence" / "tables"
RIS = "TY  - JOUR\nAU  - Roe, Ann\nPY  - 2001\nTI  - A trial of examples\nJO  - Examples\nDO  - 10.1234/roe\nER  - \n"
COMMANDS = {
    "new topic": ("new", "topic", "second", "--title", "Second"),
    "import": ("import", "a.ris", "--set", "kind=rct", "--set", "read=abstract", "--yes"),
    "export": ("export", "example", "--as", "metafor", "--output", "out"),
    "check --fix": ("check", "--fix", "--yes"),
    "diff --output": ("diff", "evidence", "evidence", "--format", "markdown", "--output", "diff.md"),
    "render": ("render", "--jobs", "1"),
}
MORE = {  # written by the same means, so that a look at every point now and then is enough
    "render --no-execute": ("render", "--no-execute", "--jobs", "1"),
    "provenance": ("provenance", "--jobs", "1"),
    "pdf": printing.main,
    "diff --output html": ("diff", "other", "evidence", "--format", "html", "--output", "diff.html"),
    "dictionary": lambda: told(dictionary.write, Path("evidence")),
    "answers of the README": lambda: told(readme.main),
    "export excel": ("export", "example", "--as", "excel", "--output", "out.xlsx"),
    "export revman": ("export", "example", "--as", "revman", "--output", "out"),
    "export csl-json": ("export", "example", "--as", "csl-json", "--output", "out.json"),
    "export metapsy": ("export", "example", "--as", "metapsy", "--output", "out.csv"),
    "new review": ("new", "review", "fresh", "--title", "Fresh"),
    "export datapackage": ("export", "all", "--as", "datapackage", "--output", "out"),
    "export archive": ("export", "all", "--as", "datapackage", "--output", "out.zip"),
    "export bibtex": ("export", "example", "--as", "bibtex", "--output", "out.bib"),
    "pool --forest": ("pool", "t.csv", "--forest", "t.svg"),
    "hook install": ("hook", "install"),
}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def start(tmp_path, monkeypatch):
    """A project in which every command has something to write, and a folder for its copies."""
    root = tmp_path / "start"
    shutil.copytree(TABLES, root / "evidence")
    (root / "evidence/claims.csv").unlink()
    (root / "README.md").write_text("# A review\n\n<!-- answers: start -->\n<!-- answers: end -->\n")
    (root / "a.ris").write_text(RIS)
    (root / "t.csv").write_text("study,yi,vi\na,0.2,0.01\nb,0.4,0.02\nc,0.1,0.03\n")
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    (root / "notebooks").mkdir()
    for name in ("start", "example"):
        made = new_notebook(cells=[new_markdown_cell(f"# {name}", id="a"), new_code_cell("print(1)", id="b")])
        nbformat.write(made, root / "notebooks" / f"{name}.ipynb")

    def ran(path, project, **options):  # a kernel would take seconds; what is written is the same
        nb = execute.read_notebook(path)
        nb.cells[1].update(outputs=[new_output("stream", text="1\n")], execution_count=1)
        made_from = execute.inputs(execute.snapshot(project), path.read_bytes())
        execute._finish(nb, project, None, made_from)
        return nb

    monkeypatch.setattr(execute, "execute", ran)
    return root


def spoil_the_form(root):
    """Give `check --fix` two files to write."""
    results = root / "evidence/example/results.csv"
    results.write_bytes(results.read_bytes().replace(b"\n", b"\r\n"))
    (root / "evidence/instruments.csv").write_text((root / "evidence/instruments.csv").read_text() + "\n")


def another_state(root):
    """Give `diff` a state with another place in print."""
    shutil.copytree(root / "evidence", root / "other")
    results = root / "other/example/results.csv"
    results.write_text(results.read_text().replace("Table 2", "Table 3"))


def executed(root):
    """Execute the pages, and forget the site and what was kept of it."""
    built_site(root)
    shutil.rmtree(root / "_site")


def built_site(root):
    """Build the site and forget what was kept of it; a browser stands by that prints the same small PDF always."""
    assert cli.main(["render", "--jobs", "1"]) == 0
    shutil.rmtree(root / ".cache/pages")
    with PdfWriter() as blank:
        blank.add_blank_page(100, 100)
        blank.write(root / "blank.pdf")
    browser = root / "bin/chromium"
    browser.parent.mkdir()
    browser.write_text(
        '#!/bin/sh\nfor word; do case $word in --print-to-pdf=*) cp blank.pdf "${word#*=}";; esac; done\n'
    )
    browser.chmod(0o755)


PREPARED = {
    "check --fix": spoil_the_form,
    "diff --output html": another_state,
    "render --no-execute": executed,
    "provenance": built_site,
    "pdf": built_site,
}


def tree(root):
    return {
        p.relative_to(root).as_posix(): read(p) for p in sorted(root.rglob("*")) if p.is_file() and MARK not in str(p)
    }


def read(path):
    """Return the bytes of a file; of a workbook, which holds the time, those of its sheets."""
    if path.suffix != ".xlsx" or not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist() if not name.startswith("docProps")}


def run(root, argv):
    os.chdir(root)
    return argv() if callable(argv) else cli.main(list(argv))


def kill_everywhere(start, name, monkeypatch, capsys, step):
    monkeypatch.chdir(start)
    monkeypatch.setenv("PATH", f"bin{os.pathsep}{os.environ['PATH']}")
    PREPARED.get(name, lambda root: None)(start)
    argv = (COMMANDS | MORE)[name]
    place = start.parent / "copy"

    def fresh():
        os.chdir(start)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(start, place)

    fresh()
    before = tree(place)
    assert run(place, argv) == 0, capsys.readouterr().err
    after = tree(place)
    assert after != before
    number, killed, points = 1, True, 0
    while killed:
        points += 1
        fresh()
        killed = killed_at(number, lambda: run(place, argv), below=place)
        now = tree(place)
        names = [name for name in before | now if not name.startswith(".cache/")]  # the next run makes that again
        lost = [name for name in names if now.get(name) not in (before.get(name), after.get(name))]
        assert not lost, f"write {number} lost {lost}"
        code = run(place, argv)
        told = capsys.readouterr()
        # what was to be made is whole then, as the next line makes sure
        finished = code == 2 and ("is there already" in told.err or "is not empty" in told.err)
        assert code == 0 or not killed or finished, f"write {number}: {told.err}"
        assert tree(place) == after, f"write {number}: the next run did not complete"
        assert not list(place.rglob(f"{MARK}*")), f"write {number} left something behind"
        number += step
    os.chdir(start)
    return points


@pytest.mark.parametrize("name", COMMANDS)
def test_some_points(name, start, monkeypatch, capsys):
    assert kill_everywhere(start, name, monkeypatch, capsys, 9) > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COMMANDS, *MORE])
def test_every_point(name, start, monkeypatch, capsys, record_property):
    points = kill_everywhere(start, name, monkeypatch, capsys, 1)
    record_property("points", points - 1)
    assert points > 5
