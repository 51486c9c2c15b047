"""Write the figures of docs/reliability.md anew: slips in tables, changes to code, branches, processes killed.

`python tests/mutation/reliability.py` runs all parts, `--part slips` one of them; `make torture` calls it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import code_changes
from slips import KINDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"


def slips(each: int, jobs: int, seed: int = 1) -> str:
    """Return the table of slips by kind."""
    import harness

    kinds = list(KINDS)
    with ProcessPoolExecutor(jobs) as pool:
        found = sum(pool.map(_slips, [(kinds[i::jobs], each, seed) for i in range(jobs)]), [])
    return harness.table(sorted(found, key=lambda one: kinds.index(one[0])))


def _slips(wanted):
    import harness

    only, each, seed = wanted
    return list(harness.run(each=each, seed=seed, only=only))


def changes(each: int, jobs: int, seed: int = 1) -> str:
    """Return the table of changes to the code by room, with those that no test noticed below it."""
    if not code_changes.DATA.exists():
        code_changes.cover()
    code_changes.warm()
    with ProcessPoolExecutor(min(jobs, len(code_changes.ROOMS))) as pool:
        found = pool.map(_changes, [(room, each, seed) for room in code_changes.ROOMS])
    return changes_table(dict(zip(code_changes.ROOMS, found, strict=True)))


def _changes(wanted):
    room, each, seed = wanted
    return [(change.name, result) for change, result in code_changes.run(room, each, seed)]


def changes_table(found: dict) -> str:
    """Return the Markdown of changes by room: how many a test noticed, are listed as harmless, or got by."""
    lines = ["| room | tried | noticed | harmless, listed | unnoticed |", "|---|--:|--:|--:|--:|"]
    left = []
    for room, tried in found.items():
        by = Counter(result for _, result in tried)
        unseen = by["survived"] + by["untested"]
        lines.append(f"| {room} | {len(tried)} | {by['killed']} | {by['listed']} | {unseen} |")
        left += [name for name, result in tried if result in ("survived", "untested")]
    harmless = code_changes.known()
    lines += ["", "Harmless, with the reason:", ""] if harmless else []
    lines += [f"- `{file}`, {within}: `{change}`. {why}" for (file, within, change, _), why in harmless.items()]
    lines += ["", "Unnoticed, so tests are missing:", ""] if left else []
    return "\n".join(lines + [f"- `{file}`, {within}: `{change}`" for file, within, change, _ in left])


def branches() -> str:
    """Return the table of branches by room, from the coverage data of the tests of each room."""
    if not code_changes.DATA.exists():
        code_changes.cover()
    place = code_changes.DATA.with_suffix(".json")
    words = ("json", "-q", "-i", "--data-file", str(code_changes.DATA), "-o", str(place))
    subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=True)
    lines = ["| room | lines | reached | branches | taken |", "|---|--:|--:|--:|--:|"]
    measured = json.loads(place.read_text())["files"]
    for room in code_changes.ROOMS:
        sums = Counter()
        for file, about in measured.items():
            if Path(file).as_posix().startswith(f"reviewlib/{room}/"):
                sums.update({key: value for key, value in about["summary"].items() if isinstance(value, int)})
        reached = f"{100 * sums['covered_lines'] / sums['num_statements']:.1f}%"
        taken = f"{100 * sums['covered_branches'] / sums['num_branches']:.1f}%"
        lines.append(f"| {room} | {sums['num_statements']:,} | {reached} | {sums['num_branches']:,} | {taken} |")
    return "\n".join(lines)


def kills() -> str:
    """Return the table of commands killed before each of their writes, by running the test of all points."""
    report = ROOT / ".cache" / "killed.xml"
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
        good = case.find("failure") is None and case.find("error") is None
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
    return "a command that was killed lost something" if part == "kills" and "see the test" in made else ""


PARTS = ("slips", "branches", "changes", "kills")

if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--part", action="append", choices=PARTS)
    words.add_argument("--slips", type=int, default=10, help="slips of each kind")
    words.add_argument("--changes", type=int, default=25, help="changes in each room")
    words.add_argument("--jobs", type=int, default=2)
    wanted = words.parse_args()
    if not wanted.part:  # each in a process of its own: changes to the code need one that has not loaded it
        sys.exit(max(subprocess.run([sys.executable, *sys.argv, "--part", part]).returncode for part in PARTS))
    for part in wanted.part:
        made = {
            "slips": lambda: slips(wanted.slips, wanted.jobs),
            "branches": branches,
            "changes": lambda: changes(wanted.changes, wanted.jobs),
            "kills": kills,
        }[part]()
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), part, made), encoding="utf-8", newline="\n")
        print(made, flush=True)
        if fault := wrong(part, made):
            sys.exit(fault)
