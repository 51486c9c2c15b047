"""The set-up: one list of dependencies, pinned without an address, rooms that are walked one way, bytecode on."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_no_committed_text_names_a_machine_or_an_index():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    # Put together here so that this file does not find itself.
    wrong = re.compile("|".join(("/wo" + "rk/", "/ro" + "ot/", "index-u" + "rl =", "pypi" + r"\.org/simple")))
    for name in listing.stdout.split("\n"):
        path = ROOT / name
        if path.suffix in {".png", ".pdf", ".xlsx", ".docx"} or not path.is_file():
            continue
        found = wrong.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{name} names {found[0]}"


def test_every_file_has_the_same_line_ends_on_every_machine(tmp_path):
    """A clone with core.autocrlf, as git sets it up on Windows, holds no carriage return that we did not write."""
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("not a git checkout")
    command = ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", "clone", "-q", str(ROOT), str(tmp_path / "w")]
    subprocess.run(command, check=True, capture_output=True)
    shown = subprocess.run(["git", "ls-files", "--eol"], cwd=tmp_path / "w", capture_output=True, text=True, check=True)
    crlf = [line.split("\t")[1] for line in shown.stdout.splitlines() if "w/crlf" in line or "w/mixed" in line]
    assert crlf == ["tests/cases/references/one_blank.ris"]


# Earlier rooms know nothing of later ones.
ROOMS = [
    {"cells", "door", "errors", "extras", "files", "flags", "gate", "html", "latex", "measure_record", "measures"}
    | {"nouns", "numeric", "otherwise", "results", "stored", "typed", "viewer", "workers"},
    {"evidence"},
    {"convert", "effects"},
    {"batch", "synthesis"},
    {"meaning"},
    {"plots"},
    {"page"},
    {"site"},
    {"exchange"},
    {"revise"},
    {"cli"},
    {"__main__"},
]
HEIGHT = {room: height for height, rooms in enumerate(ROOMS) for room in rooms}


def rooms_imported(source, package):
    """Return the rooms a module imports; `package` is its own package as a list of names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = base + (node.module.split(".") if node.module else [])
            found |= {tuple([*module, alias.name]) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
    return {names[1] for names in found if names[0] == "reviewlib" and len(names) > 1}


def against_the_flow(source, package, room):
    return {other for other in rooms_imported(source, package) if HEIGHT.get(other, -1) > HEIGHT[room]}


MODULES = [p for p in sorted((ROOT / "reviewlib").rglob("*.py")) if p != ROOT / "reviewlib" / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rooms_are_walked_one_way(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    assert not against_the_flow(path.read_text(encoding="utf-8"), list(parts[:-1]), parts[1])


@pytest.mark.parametrize(
    "line",
    ["from ..page import Block", "import reviewlib.page.block", "from reviewlib import page", "from .. import page"],
)
def test_an_import_against_the_flow_is_seen(line):
    assert against_the_flow(line, ["reviewlib", "evidence"], "evidence") == {"page"}
    assert not against_the_flow(line, ["reviewlib", "site"], "site")


def test_importing_reviewlib_is_light():
    heavy = "pandas", "matplotlib", "statsmodels", "scipy.stats"
    code = f"import sys, reviewlib, reviewlib.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


# Why a function, and not its module, imports another module of ours. Everywhere else imports stand at the top.
LATE = {
    "a command loads its own room only, so that help is instant": "cli exchange/commands revise/command",
    "pybtex comes with the first BibTeX file": "exchange/references",
    "pandas comes when a table is large": "evidence/reading",
    "matplotlib comes with the first figure": (
        "exchange/quickpool plots/bias_figures plots/canvas plots/flow plots/forest_text "
        "revise/hook revise/new_review revise/scaffold"
    ),
    "what executes or converts notebooks comes when a page has changed": (
        "site/build site/execute site/kernel site/outputs"
    ),
    "pandas comes with the first conclusion that can have moved": "revise/differing revise/overlay revise/wording",
    "scipy and statsmodels come with the first synthesis": (
        "batch/groups meaning/assumed meaning/few_trials meaning/finding meaning/variants page/agreement page/methods "
        "page/methods_rules page/readme synthesis/result"
    ),
}


def test_imports_stand_at_the_top_unless_there_is_a_reason():
    late = set()
    for path in MODULES:
        functions = [f for f in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(f, ast.FunctionDef)]
        if any(isinstance(node, ast.ImportFrom) and node.level for f in functions for node in ast.walk(f)):
            late.add(path.relative_to(ROOT / "reviewlib").with_suffix("").as_posix())
    assert late == {name for names in LATE.values() for name in names.split()}


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not on the PATH")


@needs_make
@pytest.mark.parametrize("trap", ["PYTHONDONTWRITEBYTECODE", "PYTHONPATH"])
def test_make_keeps_traps_of_the_machine_away_from_the_commands(trap):
    code = f"import os; print({trap!r} in os.environ)"
    command = ["make", "-s", f'--eval=probe:;@{sys.executable} -c "{code}"', "probe"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {trap: "1"}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@needs_make
def test_set_up_runs_again_only_when_the_lists_change(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    stamp = tmp_path / ".venv" / ".set-up"
    stamp.parent.mkdir()
    stamp.touch()

    def would_set_up():
        done = subprocess.run(["make", "-n", "check"], cwd=tmp_path, capture_output=True, text=True, check=True)
        return "requirements.lock" in done.stdout

    later = stamp.stat().st_mtime + 10
    assert not would_set_up()
    os.utime(tmp_path / "requirements.lock", (later, later))
    assert would_set_up()


@needs_make
def test_an_old_python_is_told_in_one_sentence(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(["make", f"PYTHON={old}", "review"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Python 3.11 or later is needed" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_ci_asks_for_nothing_and_keeps_bytecode_on():
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for line in (
        "set -euo pipefail",
        "exec </dev/null",
        "unset PYTHONDONTWRITEBYTECODE",
        "make test\n",
        "make -j 3 types stale test-r\n",
    ):
        assert line in script
