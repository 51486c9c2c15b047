"""Write the figures of docs/reliability.md anew: checks, slips in tables, pages made, changes to code, branches, kills.

`python tests/mutation/reliability.py` runs all parts, `--part slips` one of them; `make torture` calls it.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from time import monotonic
from xml.etree import ElementTree

import code_changes
from slips_from_print import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
LISTED = Path(__file__).with_name("branches.csv")


def slips(each: int, jobs: int, seed: int = 1) -> str:
    """Return the table of slips by kind."""
    import harness

    return harness.table(_shared(_slips, list(KINDS), jobs, each, seed))


def unread(each: int, jobs: int, seed: int = 2) -> str:
    """Return the table of slips by kind in the same tables without their second readings."""
    import harness

    return f"{harness.table(_shared(_unread, list(KINDS), jobs, each, seed))}\n\n{alone()}"


def alone() -> str:
    """Return how many of the results that comparisons rest on print two arms, and nothing that repeats them."""
    used, bare = 0, 0
    for synthesis in ROOT.glob("evidence/*/synthesis.csv"):
        main = {row["result_id"] for row in _read(synthesis) if row["use"] == "main"}
        rows = [row for row in _read(synthesis.with_name("results.csv")) if row["result_id"] in main]
        beside = ("estimate", "ci_low", "p_value", "favours")
        used += len(rows)
        bare += sum(bool(row["mean_int"]) and not any(row[name] for name in beside) for row in rows)
    return (
        f"Of the {used} main results of our comparisons {bare} print two arms and nothing that repeats them: "
        "no estimate, no interval, no P value, no side that did better."
    )


def _read(path):
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _shared(work, kinds, jobs, *wanted):
    """Return what the processes found of their share of the kinds, in the order of the kinds."""
    if jobs == 1:
        return work((kinds, *wanted))
    with ProcessPoolExecutor(jobs) as pool:
        found = sum(pool.map(work, [(kinds[i::jobs], *wanted) for i in range(jobs)]), [])
    return sorted(found, key=lambda one: kinds.index(one[0]))


def _slips(wanted, without=()):
    import harness

    only, each, seed = wanted
    return list(harness.run(each=each, seed=seed, only=only, without=without))


def _unread(wanted):
    return _slips(wanted, ("readings",))


def rendered(each: int, jobs: int, seed: int = 1) -> str:
    """Return the table of changes that pass the check, with what came of every piece of every page."""
    import rendering

    return rendering.table(_shared(_rendered, [*rendering.CELLS, "key"], jobs, each, seed))


def _rendered(wanted):
    import rendering

    only, each, seed = wanted
    return list(rendering.run(each=each, seed=seed, only=only))


def checks() -> str:
    """Return the table of the checks that need no second reading."""
    import named_checks

    return named_checks.table()


def changes(each: int, jobs: int, seed: int = 1) -> str:
    """Return the table of changes to the code by room, with those that no test noticed below it."""
    code_changes.covered()
    code_changes.warm()
    with ProcessPoolExecutor(min(jobs, len(code_changes.ROOMS))) as pool:
        found = pool.map(_changes, [(room, each, seed) for room in code_changes.ROOMS])
    return changes_table(dict(zip(code_changes.ROOMS, found, strict=True)))


def _changes(wanted):
    room, each, seed = wanted
    return [(change.name, result) for change, result in code_changes.run(room, each, seed)]


def changes_table(found: dict) -> str:
    """Return the Markdown of changes by room: how many a test noticed, are listed as harmless, or got by."""
    lines = ["| room | tried | noticed | never ended | harmless, listed | unnoticed |", "|---|--:|--:|--:|--:|--:|"]
    left = []
    for room, tried in found.items():
        by = Counter(result for _, result in tried)
        unseen = by["survived"] + by["untested"]
        noticed = f"{by['killed']} | {by['stuck']} | {by['listed']}"
        lines.append(f"| {room} | {len(tried)} | {noticed} | {unseen} |")
        left += [name for name, result in tried if result in ("survived", "untested")]
    harmless = code_changes.known()
    lines += ["", "Harmless, with the reason:", ""] if harmless else []
    lines += [f"- `{file}`, {within}: `{change}`. {why}" for (file, within, change, _), why in harmless.items()]
    lines += ["", "Unnoticed, so tests are missing:", ""] if left else []
    return "\n".join(lines + [f"- `{file}`, {within}: `{change}`" for file, within, change, _ in left])


def branches() -> str:
    """Return the table of branches by room, from the coverage data of the tests of each room."""
    code_changes.covered()
    place = code_changes.DATA.with_suffix(".json")
    words = ("json", "-q", "-i", "--data-file", str(code_changes.DATA), "-o", str(place))
    subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=True)
    measured = json.loads(place.read_text())["files"]
    empty = {"summary": {}, "missing_branches": []}
    return branches_table(
        {room: {file: measured.get(file, empty) for file in code_changes.files(room)} for room in code_changes.ROOMS}
    )


KINDS_OF_BRANCH = ("refusals", "loops", "nothing there", "listed", "open")


def branches_table(measured: dict) -> str:
    """Return the Markdown of branches by room: how many are taken, and why each of the others is not."""
    heads = ("room", "lines", "reached", "branches", "taken", f"not taken: {KINDS_OF_BRANCH[0]}", *KINDS_OF_BRANCH[1:])
    lines = [f"| {' | '.join(heads)} |", "|---|" + "--:|" * (len(heads) - 1)]
    listed, given, unsaid = reasons(), {}, []
    for room, files in measured.items():
        sums, kinds = Counter(), Counter()
        for file, about in files.items():
            sums.update({key: value for key, value in about["summary"].items() if isinstance(value, int)})
            for arc in about["missing_branches"]:
                name, kind = branch(file, *arc), _kind(file, *arc)
                if kind == "others":
                    said = next((one for one in (name, (*name[:2], "any", "any")) if one in listed), None)
                    kind = "listed" if said else "open"
                    given |= {said: listed[said]} if said else {}
                    unsaid += [] if said else [name]
                kinds[kind] += 1
        reached = f"{100 * sums['covered_lines'] / sums['num_statements']:.1f}%"
        taken = f"{100 * sums['covered_branches'] / sums['num_branches']:.1f}%"
        by = " | ".join(str(kinds[kind]) for kind in KINDS_OF_BRANCH)
        lines.append(f"| {room} | {sums['num_statements']:,} | {reached} | {sums['num_branches']:,} | {taken} | {by} |")
    lines += ["", "Listed, with the reason:", ""] if given else []
    for (file, within, start, end), why in given.items():
        lines.append(f"- `{file}`, {within}{'' if start == 'any' else f': `{start}` to `{end}`'}. {why}")
    lines += ["", "Open, so tests are missing:", ""] if unsaid else []
    return "\n".join(lines + [f"- `{file}`, {within}: `{start}` to `{end}`" for file, within, start, end in unsaid])


def branch(file: str, start: int, end: int) -> tuple[str, str, str, str]:
    """Return what finds a branch again when lines have moved: its function, and the lines that it leads from and to."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    texts = ["the end" if line < 0 else lines[line - 1].partition("  #")[0].strip() for line in (start, end)]
    return file, _function(file, start), *texts


def reasons() -> dict[tuple, str]:
    """Return the branches that the tests of a room cannot or need not take, with the reason.

    "any" to "any" is every branch of a function.
    """
    return {(row["file"], row["within"], row["from"], row["to"]): row["why"] for row in _read(LISTED)}


def _kind(file, start, end):
    """Return what a branch that no test takes leads to, by the lines of the source at its two ends."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    text = [lines[abs(line) - 1].strip() if line else "" for line in (start, end)]
    if end > 0 and _refuses(file, end):
        return "refusals"
    if text[0].startswith(("for ", "while ")):
        return "loops"
    empty = ("return", "return None", "return []", 'return ""', "return ()", "return {}", "continue", "return 0.0")
    return "nothing there" if end < 0 or text[1] in empty else "others"


@cache
def _tree(file):
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def _refuses(file, line):
    """Whether the block under a condition that begins at a line raises, refuses or notes a fault."""
    holders = (node for node in ast.walk(_tree(file)) if isinstance(node, ast.If | ast.For | ast.Try))
    blocks = (block for node in holders for block in (node.body, node.orelse) if block and block[0].lineno == line)
    said = [ast.unparse(step) for block in blocks for step in block]
    return any(re.match(r"raise|(gate\.)?refuse\(|require\w*\(|yield \('|[\w.]+\.note\(", step) for step in said)


def _function(file, line):
    """Return the name of the innermost function that holds a line."""
    holds = [
        node
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= line <= node.end_lineno
    ]
    return max(holds, key=lambda node: node.lineno).name if holds else "the module"


def kills() -> str:
    """Return the table of commands killed before each of their writes, by running the test of all points."""
    report = ROOT / ".cache" / "killed.xml"
    report.unlink(missing_ok=True)  # that of an earlier run says nothing of this one
    words = (
        "-q",
        "-p",
        "no:xdist",
        "-m",
        "slow",
        "-k",
        "every_point",
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
        "tests/site/test_killed.py",
    )
    subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=dict(os.environ, CI="true"))
    return kills_table(ElementTree.parse(report).iter("testcase"))


def kills_table(cases) -> str:
    """Return the Markdown of the commands, one row per test case of a JUnit report."""
    lines = ["| command | writes at which it was killed | lost anything | next run completes |", "|---|--:|---|---|"]
    for case in cases:
        points = next((each.get("value") for each in case.iter("property") if each.get("name") == "points"), "?")
        good = all(case.find(fault) is None for fault in ("failure", "error", "skipped")) and points != "?"
        name = re.search(r"\[(.*)\]", case.get("name"))[1]
        lines.append(f"| {name} | {points} | {'nothing' if good else 'see the test'} | {'yes' if good else 'no'} |")
    return "\n".join(lines)


def written(page: str, name: str, text: str) -> str:
    """Return the page with the part between two marks replaced."""
    head, old, tail = re.split(rf"(?<=<!-- {name}: start -->)\n(.*?)(?=<!-- {name}: end -->)", page, flags=re.DOTALL)
    return f"{head}\n{text}\n{tail}"


def wrong(part: str, made: str) -> str:
    """Return what must not be: a page that breaks, more than 2% moved without a word, something lost."""
    if part == "slips":
        lines = made.splitlines()
        names, share = ([cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], lines[-1]))
        moved = float(dict(zip(names, share, strict=True))["moved"].rstrip("%"))
        if "broken" in names:
            return "a slip that passes the check breaks a page"
        return f"{moved}% of the slips moved a conclusion without a word" if moved > 2 else ""
    if part == "rendered" and not all(line.endswith(" 0 |") for line in made.splitlines()[2:]):
        return "what the check lets pass breaks a page"
    if part == "branches" and "Open, so tests are missing" in made:
        return "a branch that no test takes has no reason"
    if part == "changes" and "tests are missing" in made:
        return "a change to the code that no test notices has no reason"
    if part == "rendered" and " 0 | 0 | 0 | 0 |" in made.splitlines()[-1]:
        return "no change was tried"
    return "a command that was killed lost something" if part == "kills" and "see the test" in made else ""


PARTS = ("checks", "slips", "unread", "rendered", "branches", "changes", "kills")

if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--part", action="append", choices=PARTS)
    words.add_argument("--slips", type=int, default=3, help="slips of each kind")
    words.add_argument("--rendered", type=int, default=2, help="changes of each kind that the check lets pass")
    words.add_argument("--changes", type=int, default=24, help="changes in each room")
    words.add_argument("--jobs", type=int, default=2)
    wanted = words.parse_args()
    if not wanted.part:  # each in a process of its own: changes to the code need one that has not loaded it
        sys.exit(max(subprocess.run([sys.executable, *sys.argv, "--part", part]).returncode for part in PARTS))
    for part in wanted.part:
        began = monotonic()
        made = {
            "checks": checks,
            "slips": lambda: slips(wanted.slips, wanted.jobs),
            "unread": lambda: unread(max(wanted.slips // 2, 1), wanted.jobs),
            "rendered": lambda: rendered(wanted.rendered, wanted.jobs),
            "branches": branches,
            "changes": lambda: changes(wanted.changes, wanted.jobs),
            "kills": kills,
        }[part]()
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), part, made), encoding="utf-8", newline="\n")
        print(f"{made}\n{part}: {(monotonic() - began) / 60:.1f} minutes", flush=True)
        if fault := wrong(part, made):
            sys.exit(fault)
