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
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def conda_specs(document):
    return [item for item in document["dependencies"] if isinstance(item, str)]


def conda_requirements(document):
    """Return name -> specifiers of environment.yml, named as PyPI names them, without the tools themselves."""
    found = {}
    for spec in conda_specs(document):
        name, rest = re.fullmatch(r"([\w.-]+)(.*)", spec).groups()
        if name not in ("python", "pip"):
            found[canonicalize_name(CONDA_NAMES.get(name, name))] = SpecifierSet(rest)
    return found


ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())


def test_environment_yml_lists_what_pyproject_lists():
    wanted = {canonicalize_name(r.name): r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    assert conda_requirements(ENVIRONMENT) == wanted


def test_environment_yml_has_the_python_floor_and_one_channel():
    python = next(spec for spec in conda_specs(ENVIRONMENT) if re.match(r"python\W", spec))
    assert python.removeprefix("python") == PROJECT["requires-python"]
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    assert ENVIRONMENT["dependencies"][-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize("spec", conda_specs(ENVIRONMENT))
def test_conda_understands_each_line(spec):
    rattler = pytest.importorskip("rattler", reason="py-rattler is not installed")
    assert rattler.MatchSpec(spec, strict=True).name is not None


def test_the_conda_parser_is_strict_enough_to_matter():
    rattler = pytest.importorskip("rattler", reason="py-rattler is not installed")
    for wrong in ("pandas=>2.2", "stats models>=1", "pandas>>2"):
        with pytest.raises(Exception, match=r"\w"):
            rattler.MatchSpec(wrong, strict=True)


LOCK = (ROOT / "requirements.lock").read_text()


def test_every_line_of_the_lock_is_a_pin():
    for line in LOCK.splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[\w.+!]+( ; .+)?", line), line


def test_the_lock_names_no_address_and_no_machine():
    assert not re.search(r"https?:|file:|://|--index|--find-links|--extra|^#|@ ", LOCK, re.MULTILINE)


def test_the_lock_satisfies_every_dependency():
    pins = {}
    for line in LOCK.splitlines():
        pin = Requirement(line)
        pins.setdefault(canonicalize_name(pin.name), []).append(next(iter(pin.specifier)).version)
    listed = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, listed):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not pinned: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


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
    {"errors", "files", "flags", "gate", "html", "latex", "measures", "results", "stored", "typed"},
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
        "make stale\n",
    ):
        assert line in script
