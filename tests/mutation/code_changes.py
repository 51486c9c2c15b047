"""Change one operator, number or condition of the code, run the tests that reach it, and see whether one fails.

`python tests/mutation/code_changes.py --each 30` draws changes in each room and lists those that no test noticed.
Which tests reach a line comes from coverage: with `--coverage` the tests of the rooms are run for that, once, before.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import importlib
import importlib.abc
import importlib.util
import inspect
import json
import os
import resource
import signal
import subprocess
import sys
import types
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("evidence", "effects", "synthesis", "meaning")
FOLDERS = {"synthesis": ["synthesis", "batch"]}  # pooling many tables at once is a part of synthesis
DATA = ROOT / ".cache" / "coverage"
KEPT = DATA.with_name("noticed.jsonl")
OF = DATA.with_name("covered")  # the code and tests that the coverage data are of
KNOWN = Path(__file__).with_name("survivors.csv")
SECONDS = 60  # of the processor: a change that makes its tests run longer than this never ends, or nearly
NEAREST = 12  # how many of the tests that reach a change are run first, those before that reach little else
MOST = 60  # and how many where those let it pass

_COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}


@dataclass(frozen=True)
class Change:
    """One change to one place of a file: `before` and `after` are the smallest expressions that show it."""

    file: str
    within: str
    before: str
    after: str
    nth: int  # of equal changes in one function, counted from 0
    line: int

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What finds the change again when lines have moved."""
        return self.file, self.within, f"{self.before} -> {self.after}", str(self.nth)


def _alternatives(node):
    """Yield (attribute, new value) for every change that a node can take."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield "ops", [_COMPARISONS[type(node.ops[0])]()]
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _ARITHMETIC:
        yield "op", _ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        yield "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        for i in range(len(node.values)):
            yield "values", node.values[:i] + node.values[i + 1 :]
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield "test", ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield "value", not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "op", ast.UAdd()
    elif isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield "value", ast.Constant(None)


def _left_out(node):
    """Whether a node decides nothing: types, the words of a refusal, what only a type checker reads, a guard."""
    return (
        isinstance(node, (ast.AnnAssign, ast.Raise))
        or isinstance(node, ast.If)
        and ast.unparse(node.test) == "TYPE_CHECKING"
        or isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]).startswith("__")
        or isinstance(node, ast.keyword)
        and node.arg == "strict"  # of zip: both sides are as long as each other, or it is a fault of ours
    )


def _shown(node):
    """Return the line of source that shows a change in a node, of a block only its head."""
    return ast.unparse(node).split("\n")[0]


def _walk(tree, file):
    """Yield every change that can be made to a tree; while one is out, the tree is changed, and then put back."""
    seen = Counter()

    def walk(node, within):
        if _left_out(node):
            return
        for attribute, new in _alternatives(node):
            old, before = getattr(node, attribute), _shown(node)
            setattr(node, attribute, new)
            after = _shown(node)
            yield Change(file, within, before, after, seen[within, before, after], node.lineno)
            setattr(node, attribute, old)
            seen[within, before, after] += 1
        if isinstance(node, ast.FunctionDef):
            within, parts = f"{within}.{node.name}".lstrip("."), node.args.defaults + node.args.kw_defaults + node.body
        elif isinstance(node, ast.ClassDef):
            within, parts = f"{within}.{node.name}".lstrip("."), node.body
        else:
            parts = ast.iter_child_nodes(node)
        for part in filter(None, parts):
            yield from walk(part, within)

    return walk(tree, "")


def _tree(file, text=None):
    return ast.parse((ROOT / file).read_text(encoding="utf-8") if text is None else text)


def changes(file: str, text: str | None = None) -> list[Change]:
    """Return every change that can be made to a file of the library, by its path below the project."""
    return list(_walk(_tree(file, text), file))


def changed_source(change: Change, text: str | None = None) -> str:
    """Return the source of a file with one change made to it."""
    tree = _tree(change.file, text)
    for one in _walk(tree, change.file):
        if one == change:
            return ast.unparse(ast.fix_missing_locations(tree))
    raise LookupError(f"{change.file} holds no such change: {change.name}")


def files(room: str) -> list[str]:
    """Return the files of a room, by their paths below the project."""
    folders = [ROOT / "reviewlib" / folder for folder in FOLDERS.get(room, [room])]
    return sorted(path.relative_to(ROOT).as_posix() for folder in folders for path in folder.rglob("*.py"))


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out one module of the library in its changed form; no file is touched."""

    def __init__(self, change):
        self.name, self.package, self.change = *_module(change.file), change

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        where = str(ROOT / self.change.file)
        spec = importlib.util.spec_from_loader(name, self, origin=where, is_package=self.package)
        if self.package:
            spec.submodule_search_locations = [str(Path(where).parent)]
        return spec

    def exec_module(self, module):
        module.__file__ = str(ROOT / self.change.file)
        exec(compile(changed_source(self.change), module.__file__, "exec"), module.__dict__)


def _module(file):
    """Return the name of the module in a file, and whether it is a package."""
    parts = Path(file).with_suffix("").parts
    package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if package else parts), package


def _code_of(code, names):
    """Return the code of a function inside the code of a module, by the names that lead to it; None without one."""
    for name in names:
        code = next((c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name), None)
        if code is None:
            return None
    return code


def _exchanged(change, made) -> bool:
    """Give the function that holds a change its changed code, where the library is loaded already; False where not.

    A change that is not `made` takes the same way with the code as it is.
    """
    module = importlib.import_module(_module(change.file)[0])
    names = change.within.split(".")
    there, path = module, []
    for name in names:  # as far as the function that is reached by name; what is defined within comes with it
        there, path = vars(there).get(name), [*path, name]
        there = next((getattr(there, by) for by in ("__func__", "fget", "func") if hasattr(there, by)), there)
        if not isinstance(there, type):
            break
    there = inspect.unwrap(there) if callable(there) else there
    old, new = (
        _code_of(compile(text, str(ROOT / change.file), "exec"), path)
        for text in (ast.unparse(_tree(change.file)), changed_source(change))
    )
    if not isinstance(there, types.FunctionType) or None in (old, new) or old == new:
        return False
    there.__code__ = new if made else old
    for name, loaded in list(sys.modules.items()):
        if name.startswith("reviewlib"):
            for thing in list(vars(loaded).values()):
                getattr(thing, "cache_clear", int)()
    return True


def _take_in(change, made):
    """Let the tests of this process meet the change: in a loaded function, or in a library that is loaded anew."""
    if change.within and "reviewlib" in sys.modules and _exchanged(change, made):
        if not change.file.startswith("reviewlib/evidence/") and _READ:
            import reviewlib

            load = reviewlib.load_evidence
            reviewlib.load_evidence = lambda *where, **how: load(*where, **how) if where or how else _READ[0]
        return
    for name in [name for name in sys.modules if name.partition(".")[0] == "reviewlib"]:
        del sys.modules[name]
    if made:
        sys.meta_path.insert(0, _Changed(change))


def outcome(change: Change, tests: list[str], seconds: int = SECONDS) -> str:
    """Return whether the tests notice a change: killed by a failure, stuck, survived, or untested.

    A failure counts only where the same test passes without the change, and time that ran out only where it does not
    run out without it: a test that is gone, that fails by itself or takes long notices nothing.
    """
    while tests:
        code, failed = _child(change, tests, seconds)
        if code == 0:
            return "survived"
        if code == _NONE_THERE:
            return "untested"
        if code == _TIME:
            if _child(change, tests, seconds, made=False)[0] != _TIME:
                return "stuck"
            tests = tests[: len(tests) // 2]
        elif not failed or _passes(change.file, failed, change, seconds):
            return "killed"
        else:
            print(f"{failed} fails without any change", file=sys.stderr, flush=True)
            left = [test for test in tests if not _asks(test, failed)]
            tests = left if len(left) < len(tests) else []
    return "untested"


def _asks(test, failed):
    """Whether the name of a test, or of a file of tests, asks for one that failed."""
    (file, _, name), (its, _, one) = test.partition("::"), failed.partition("[")[0].partition("::")
    return Path(file).name == Path(its).name and name in ("", one)


_NONE_THERE, _TIME, _OURS = "none there", "time", 97  # no such test; the time ran out; a fault of this file
_PASSES = {}


def _passes(file, test, change, seconds):
    """Return whether a test, or the collecting of its file, passes without the change; asked once per test and file."""
    if (file, test) not in _PASSES:
        _PASSES[file, test] = _child(change, [test], seconds, made=False)[0] == 0
    return _PASSES[file, test]


class _First:
    """A plugin that keeps the first test, or file of tests, that fails."""

    failed = ""

    def pytest_runtest_logreport(self, report):
        self.failed = self.failed or (report.nodeid if report.failed else "")

    pytest_collectreport = pytest_runtest_logreport


def _child(change, tests, seconds, made=True):
    """Run tests in a process of their own; return how they ended and the first that failed."""
    changed_source(change)  # a change that is not there is a fault of the caller's, not of the code
    end, start = os.pipe()
    child = os.fork()
    if not child:
        code, first = _OURS, _First()
        try:
            os.setsid()
            silent = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silent, stream)
            os.chdir(ROOT)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))  # the time that others take does not count
            _take_in(change, made)
            import pytest

            code = int(pytest.main(["-x", "-q", *_PLUGINS, "-m", _QUICK, *tests], plugins=[first]))
            os.write(start, first.failed.encode())
        finally:
            os._exit(code)
    os.close(start)
    with os.fdopen(end, "rb") as told:
        failed = told.read().decode()
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return (_TIME if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else os.WTERMSIG(status)), ""
    code = os.WEXITSTATUS(status)
    if code == _OURS:
        raise RuntimeError(f"the change could not be made: {change.name}")
    return (_NONE_THERE if code in (4, 5) and not failed else code), failed


_QUICK = "not browser and not r and not slow"
_PLUGINS = ["-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile", "unshrunk"]


@cache
def _reached():
    """Return file -> line -> the tests that reach it, and by test how much it reaches; from the coverage data."""
    import coverage

    data, lines, size = coverage.CoverageData(str(DATA)), {}, Counter()
    data.read()
    for path in data.measured_files():
        file = Path(path).relative_to(ROOT).as_posix()
        lines[file] = {line: {c for c in found if c} for line, found in data.contexts_by_lineno(path).items()}
        for found in lines[file].values():
            size.update(found)
    return lines, size


def tests_of(change: Change, most: int = NEAREST) -> list[str]:
    """Return the tests that reach a change: first those in a file of its name, then those that reach little else.

    For a constant they are those that reach its file.
    """
    lines, size = _reached()
    by_line = lines.get(change.file, {})
    # A statement of several lines is known by its first; what is read once, when the module is loaded, by no test.
    lines = range(change.line, max(change.line - 12, 0), -1) if change.within else ()
    found = next((by_line[line] for line in lines if by_line.get(line)), set()) or set().union(*by_line.values())
    name = Path(change.file).stem
    return sorted(found, key=lambda test: (name not in test.partition("::")[0], size[test], test))[:most]


def cover(rooms=ROOMS, jobs: int = 2) -> None:
    """Run the tests and keep which of them reach which line and branch, room by room, several rooms at once."""
    DATA.parent.mkdir(exist_ok=True)
    of = _code()
    for gone in (OF, DATA):
        gone.unlink(missing_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(_cover, rooms))
    parts = [str(path) for path in map(_part, ROOMS) if path.exists()]
    words = ["combine", "-q", "--keep", "--data-file", str(DATA), *parts]
    subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=True)
    if set(rooms) == set(ROOMS) and of == _code():
        OF.write_text(of, encoding="utf-8")


def _part(room):
    return DATA.with_name(f"coverage.{room}")


def _cover(room):
    _part(room).unlink(missing_ok=True)
    here = dict(
        os.environ,
        CI="true",
        COVERAGE_FILE=str(_part(room)),
        PYTHONPATH=os.pathsep.join((str(ROOT), str(Path(__file__).parent))),
    )
    words = ["run", "-m", "pytest", "-q", "-p", "no:xdist", "-p", "contexts", "-m", _QUICK, *TESTS[room]]
    if subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, env=here).returncode:
        print(f"a test of {room} fails without any change", file=sys.stderr, flush=True)


def covered() -> None:
    """Run the tests for that unless it was done for the code and tests as they are: lines move, tests come and go."""
    if not (DATA.exists() and OF.exists() and OF.read_text(encoding="utf-8") == _code()):
        cover()


def _code() -> str:
    """Return a checksum of the library and of the tests."""
    files = sorted(file for folder in ("reviewlib", "tests") for file in (ROOT / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


# The tests that ask something of a room.
TESTS = {
    "evidence": ["tests/evidence", "tests/exchange/test_export.py"],
    "effects": ["tests/effects", "tests/convert"],
    "synthesis": ["tests/synthesis", "tests/cases"],
    "meaning": ["tests/meaning"],
}


def known() -> dict[tuple, str]:
    """Return the changes that no test can or need notice, with the reason."""
    with KNOWN.open(newline="", encoding="utf-8") as handle:
        return {(row["file"], row["within"], row["change"], row["nth"]): row["why"] for row in csv.DictReader(handle)}


def drawn(room: str, each: int, seed: int = 1, only: list[str] = ()) -> list[Change]:
    """Return `each` changes of the files of a room; the draw of one does not hang on what else there is."""

    def lot(change):
        return hashlib.sha256(f"{seed} {change.name}".encode()).digest()

    return sorted((change for file in only or files(room) for change in changes(file)), key=lot)[:each]


def run(room: str, each: int, seed: int = 1, only: list[str] = (), tests: list[str] = ()):
    """Yield (change, outcome) of `each` changes drawn from the files of a room; a known survivor is "listed".

    What a test noticed once is kept beside the coverage data, as long as the file of the change and the files of the
    tests stay as they are.
    """
    listed, noticed = known(), _noticed()
    for change in drawn(room, each, seed, only):
        if change.name in listed:
            yield change, "listed"
            continue
        asked = list(tests) or tests_of(change)
        files = sorted({change.file, *(test.partition("::")[0] for test in asked)})
        name = "|".join((*map(_checksum, files), *change.name))
        if not tests and name in noticed:
            yield change, noticed[name]
        else:
            result = outcome(change, asked)
            if not tests and result == "survived" and len(further := tests_of(change, MOST)) > NEAREST:
                result = outcome(change, further[NEAREST:])
                result = "survived" if result == "untested" else result
            if not tests and result in ("killed", "stuck"):
                noticed[name] = result
                with KEPT.open("a", encoding="utf-8") as handle:
                    handle.write(json.dumps([name, result]) + "\n")
            yield change, result


@cache
def _checksum(file):
    path = ROOT / file
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()[:16]


def _noticed():
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    return dict(json.loads(line) for line in lines)


_READ = []  # the committed tables, read before any change


def warm(library=True) -> None:
    """Load what the tests need before the first fork, the library and its tables as well."""
    os.environ["CI"] = "true"  # the same examples each time
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    for name in ("hypothesis.strategies", "pandas", "pytest", "yaml", "scipy.optimize", "scipy.stats"):
        importlib.import_module(name)
    from hypothesis import Phase, settings

    # One example that fails is enough, and a property that holds for 30 is not asked for more: both take long.
    few = {"phases": (Phase.explicit, Phase.generate), "max_examples": 30, "report_multiple_bugs": False}
    settings.register_profile("unshrunk", derandomize=True, deadline=None, **few)
    if library:
        sys.path.insert(0, str(ROOT))
        library = importlib.import_module("reviewlib")
        for file in (file for room in ROOMS for file in files(room)):
            importlib.import_module(_module(file)[0])
        _READ.append(library.load_evidence())


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--each", type=int, default=30, help="changes in each room")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--room", action="append", choices=ROOMS)
    words.add_argument("--file", action="append", default=[], help="only in this file (with one --room)")
    words.add_argument("--tests", action="append", default=[], help="these tests instead of those that reach it")
    words.add_argument("--coverage", action="store_true", help="only find out which tests reach which line")
    wanted = words.parse_args()
    if wanted.coverage:
        cover(wanted.room or ROOMS)
        sys.exit()
    if not wanted.tests:
        covered()
    warm(library=not wanted.tests)
    left = 0
    for room in wanted.room or ROOMS:
        counts = Counter()
        for change, result in run(room, wanted.each, wanted.seed, wanted.file, wanted.tests):
            counts[result] += 1
            if result in ("survived", "untested", "stuck"):
                left += result != "stuck"
                print(f"{result}: {change.file}:{change.line} {change.within}: {change.before} -> {change.after}")
                sys.stdout.flush()
        print(f"{room}: " + ", ".join(f"{number} {result}" for result, number in sorted(counts.items())), flush=True)
    sys.exit(left > 0)
