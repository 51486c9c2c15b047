"""The package: what it needs is what it imports, pinned with hashes, under licences that are allowed."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from importlib import metadata
from pathlib import Path

import openpyxl
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reviewlib.extras import EXTRAS, MissingExtraError, lacking, need

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OPTIONAL = PROJECT["optional-dependencies"]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def names(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


CORE = names(PROJECT["dependencies"])
EVERYTHING = [*PROJECT["dependencies"], *OPTIONAL["site"], *OPTIONAL["exchange"], *OPTIONAL["lab"]]


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


def test_one_extra_has_all_and_environment_yml_lists_it():
    assert OPTIONAL["all"] == ["reviewlib[site,exchange,lab]"]
    wanted = {canonicalize_name(r.name): r.specifier for r in map(Requirement, EVERYTHING)}
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


# What the code imports


def imported():
    """Return module -> the rooms that import it, for all that is neither ours nor Python's."""
    found = {}
    for path in (ROOT / "reviewlib").rglob("*.py"):
        room = path.relative_to(ROOT / "reviewlib").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for module in {name.partition(".")[0] for name in modules} - {*sys.stdlib_module_names, "reviewlib"}:
                found.setdefault(module, set()).add(room)
    return found


IMPORTED = imported()


def packages(module):
    return {canonicalize_name(name) for name in metadata.packages_distributions().get(module, [module])}


def test_the_core_needs_what_it_imports_and_nothing_more():
    # Used where they are, done without where they are not.
    welcome = {"pypdf", "numba"}
    found = set().union(*(packages(module) for module in set(IMPORTED) - welcome if not lacking(module)))
    assert found == CORE, "pyproject.toml lists more, or less, than the code imports"


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_brings_what_its_table_says(extra):
    assert set().union(*map(packages, EXTRAS[extra])) == names(OPTIONAL[extra])
    # A kernel is started, and a cluster reached, by name.
    assert set(EXTRAS[extra]) - set(IMPORTED) <= {"ipykernel", "distributed"}, "nothing imports it"


def test_only_rooms_beside_the_core_import_an_extra():
    rooms = {room for module, where in IMPORTED.items() if lacking(module) for room in where}
    assert rooms == {"site", "exchange", "meaning", "batch"}
    text = "".join(path.read_text("utf-8") for path in (ROOT / "reviewlib" / "meaning").glob("*.py"))
    doors = re.findall(r'need\("exchange"\)\n +from (openpyxl|docx) import', text)
    assert doors.count("openpyxl") + doors.count("docx") == len(re.findall(r"from (?:openpyxl|docx) import", text))


WITHOUT = """
import io, os, sys, warnings
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {gone}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Gone())
import importlib.util
real = importlib.util.find_spec
def find_spec(name, package=None):
    try:
        return real(name, package)
    except ModuleNotFoundError:
        return None
importlib.util.find_spec = find_spec
from reviewlib import cli
for words in {commands}:
    print("$", *words, flush=True)
    print("exit", cli.main(words), flush=True)
import reviewlib as rl
trials = [{{"trial": f"T{{i}}", "estimate": -i, "se": 1.0}} for i in (1, 2, 3)]
print(rl.house_rule(trials, measure="MD"))
from reviewlib.meaning.summary_of_findings import SummaryOfFindings
import pandas as pd
table = SummaryOfFindings("t", "c", pd.DataFrame(), ())
for door in (table.to_excel, table.to_word):
    try:
        door("nowhere")
    except rl.errors.EvidenceError as error:
        print(error)
"""


def test_the_core_works_alone_and_says_in_a_sentence_what_is_missing(tmp_path):
    (tmp_path / "trials.csv").write_text("trial,estimate,se\nA,-1,1\nB,-2,1\nC,-3,1\n")
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    (tmp_path / "papers.bib").write_text("@article{a, title={T}, author={A, B}, year={2020}}\n")
    commands = [
        ["new", "review", "own", "--title", "Own"],
        ["new", "topic", "speed", "--evidence", "own"],
        ["check", "--evidence", "own"],
        ["pool", "trials.csv", "--measure", "MD"],
        ["import", "papers.bib", "--evidence", "own"],
        ["pool", "book.xlsx", "--measure", "MD"],
        ["render", "--evidence", "own"],
    ]
    gone = {module for modules in EXTRAS.values() for module in modules} | {"jupyterlab"}
    code = WITHOUT.format(gone=gone, commands=commands)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    codes = [int(code) for code in re.findall(r"^exit (\d+)$", done.stdout, re.MULTILINE)]
    assert codes == [0, 0, 0, 0, 1, 1, 1], done.stdout + done.stderr
    said = done.stderr + done.stdout
    assert said.count("python -m pip install 'reviewlib[exchange]'") == 4, said
    assert said.count("python -m pip install 'reviewlib[site]'") == 1
    assert "MD -2.00 (95% CI" in done.stdout


def test_a_missing_extra_is_an_error_of_both_kinds(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr("reviewlib.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="openpyxl"):
        need("exchange")
    with pytest.raises(MissingExtraError, match=r"\(pyarrow\).*reviewlib\[cluster\]"):
        need("cluster", "pyarrow")
    assert issubclass(MissingExtraError, ImportError) and lacking("numpy") is None and lacking(None) is None


# What is pinned

LOCK = (ROOT / "requirements.lock").read_text()
PINS = re.findall(r"^[^\s#].*(?:\n +.*)*", LOCK, re.MULTILINE)


def test_every_line_of_the_lock_is_a_pin_with_hashes():
    assert "\n".join(PINS) + "\n" == LOCK
    for block in PINS:
        first, *hashes = block.split(" \\\n")
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[\w.+!]+( ; [^\\]+)?", first), first
        assert hashes and all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}", line) for line in hashes), first


def test_the_lock_names_no_address_and_no_machine():
    assert not re.search(r"https?:|file:|://|--index|--find-links|--extra|^#|@ ", LOCK, re.MULTILINE)


def test_the_lock_satisfies_every_dependency():
    pins = {}
    for block in PINS:
        pin = Requirement(block.split(" \\")[0])
        pins.setdefault(canonicalize_name(pin.name), []).append(next(iter(pin.specifier)).version)
    for requirement in map(Requirement, [*EVERYTHING, *OPTIONAL["docs"], *OPTIONAL["dev"]]):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not pinned: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


@pytest.fixture(scope="module")
def dependencies():
    spec = importlib.util.spec_from_file_location("dependencies", ROOT / ".ci" / "dependencies.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_licence_of_every_dependency_is_known_and_allowed(dependencies):
    assert dependencies.faults() == []
    assert not any("GPL" in row["licence"] and " OR " not in row["licence"] for row in dependencies.rows().values())


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND GPL-3.0-or-later", False),
        ("Artistic-1.0-Perl OR GPL-1.0-or-later", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT AND (GPL-2.0-only OR BSD-3-Clause)", True),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_a_licence_is_judged_by_all_its_parts(dependencies, expression, good):
    assert dependencies.allowed(expression) is good


def test_a_licence_that_is_not_allowed_is_named(dependencies, monkeypatch):
    listed = dependencies.rows()
    listed["numpy"] = listed["numpy"] | {"licence": "GPL-3.0-or-later"}
    del listed["pandas"]
    monkeypatch.setattr(dependencies, "rows", lambda: listed)
    said = "\n".join(dependencies.faults())
    assert "numpy is under GPL-3.0-or-later, which is not allowed" in said and "pandas is pinned but has no row" in said


def test_the_bill_of_materials_has_every_pin(dependencies):
    bill = json.loads(json.dumps(dependencies.sbom()))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert len(bill["components"]) == len(PINS)
    for part in bill["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}" and part["hashes"], part["name"]
        assert part["licenses"][0]["expression"]
    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(set(refs)) == len(refs) and bill == dependencies.sbom()


def test_an_audit_that_cannot_be_made_is_skipped_in_a_sentence(dependencies, monkeypatch, capsys):
    def answer(text):
        done = subprocess.CompletedProcess([], 1, text, "")
        monkeypatch.setattr(dependencies.subprocess, "run", lambda *a, **k: done)
        return dependencies.audit(), capsys.readouterr().out

    assert answer("") == (
        0,
        "Skipped: pip-audit or its data cannot be reached from here, so nothing is known of weaknesses\n",
    )
    flaw = {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    code, said = answer(json.dumps({"dependencies": [flaw, {"name": "b", "skip_reason": "not there"}]}))
    assert code == 1 and "a 1: CVE-1, fixed in 2" in said and "1 packages looked up (1 could not be looked up)" in said
    assert answer(json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}))[0] == 0


# What is published


def test_the_long_description_stands_alone():
    text = (ROOT / PROJECT["readme"]).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)|^\[[^]]+\]: (\S+)", text, re.MULTILINE):
        assert "".join(target).startswith("https://"), f"{target} leads nowhere from the page of an index"
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == code.splitlines()[-1].removeprefix("# "), done.stderr
    for extra in (set(OPTIONAL) - {"docs", "dev"}) | {"site"}:
        assert f"`{extra}`" in text


def test_the_metadata_say_who_what_and_for_which_python():
    review = yaml.safe_load((ROOT / "evidence" / "review.yml").read_text(encoding="utf-8"))
    assert PROJECT["authors"] == [{"name": "The reviewlib contributors"}] and len(PROJECT["keywords"]) > 5
    known = {review.get("repository"), review.get("site")} - {"", None}
    assert set(PROJECT.get("urls", {}).values()) <= known, "an address that is nowhere"
    pythons = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert pythons == flow["jobs"]["machines"]["strategy"]["matrix"]["python"]


@pytest.mark.slow
def test_the_source_archive_builds_the_wheel_and_runs_its_tests(tmp_path):
    def run(*words, cwd):
        done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    build = "import sys, setuptools.build_meta as b; getattr(b, 'build_' + sys.argv[1])(sys.argv[2])"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    run("-c", build, "sdist", str(tmp_path), cwd=tmp_path / "clone")
    (archive,) = tmp_path.glob("reviewlib-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    run("-c", build, "wheel", str(tmp_path), cwd=source)
    (wheel,) = tmp_path.glob("*.whl")
    run("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", "there", str(wheel), cwd=tmp_path)
    code = "import sys; sys.path.insert(0, 'there'); import reviewlib as r; print(r.__file__, len(r.plots.FIGURE_CSS))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{os.sep}there{os.sep}" in done.stdout and int(done.stdout.split()[-1]) > 100
    # From the unpacked archive, with the package that lies in it.
    tests = [
        "tests/effects",
        "tests/convert",
        "tests/evidence/test_load.py",
        "tests/exchange/test_export.py",
        "tests/site/test_pdf.py",
        "tests/test_setup.py",
        "tests/test_docs.py",
    ]
    run(
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        *tests,
        "tests/test_packaging.py",
        "-m",
        "not slow",
        cwd=source,
    )
