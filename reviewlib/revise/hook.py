"""What is about to be committed, checked in seconds: the tables, and whether the pages still follow from them.

The staged state is checked, not the working folder, so that a file that was changed but not added is noticed. A table
with an error, a page made from other tables or with cells that were never run, and generated files that are out of
step stop the commit; CI would refuse each of them later.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import EvidenceError
from ..evidence import load_evidence
from ..evidence.check import main as check
from ..evidence.dictionary import readme
from ..files import write
from ..site.project import Project
from . import WrongUsage
from .states import git

MARK = "# installed by: reviewlib hook install"
SCRIPT = f"""#!/bin/sh
{MARK}
root=$(git rev-parse --show-toplevel) || exit 1
for command in "$root/.venv/bin/reviewlib" "$root/.venv/Scripts/reviewlib.exe"; do
  [ -x "$command" ] && exec "$command" hook run
done
command -v reviewlib >/dev/null && exec reviewlib hook run
echo "The checks of this commit need reviewlib: activate its environment, or set it up as README.md says" >&2
echo "(git commit --no-verify skips them)" >&2
exit 1
"""
WATCHED = ("evidence", "notebooks", "reviewlib", "requirements.lock", "README.md")
_TABLES = ("evidence/", "README.md")


def install(root: Path) -> Path:
    """Put the hook into a checkout and return its path; a hook that is not ours is never overwritten."""
    path = _path(root)
    if path.exists() and MARK not in path.read_text(encoding="utf-8", errors="replace"):
        raise WrongUsage(
            f"{path} is another hook and was left alone. Add this line to it: reviewlib hook run || exit 1"
        )
    write(path, SCRIPT)
    path.chmod(0o755)
    return path


def remove(root: Path) -> Path | None:
    """Take the hook out of a checkout again and return its path, or None where there is none of ours."""
    path = _path(root)
    if not path.exists() or MARK not in path.read_text(encoding="utf-8", errors="replace"):
        return None
    path.unlink()
    return path


def _path(root) -> Path:
    found = git(root, "rev-parse", "--git-path", "hooks")
    if found is None:
        raise WrongUsage(f"{root} is not a git checkout, so there is nothing to put a hook into")
    return Path(root) / found.decode().strip() / "pre-commit"


def run(root: Path) -> int:
    """Check what is staged; 0 when it may be committed, 1 when not, each fault with its remedy."""
    listed = git(root, "diff", "--cached", "--name-only", "-z")
    if listed is None:
        raise WrongUsage(f"{root} is not a git checkout, so nothing is staged")
    staged = [name for name in listed.decode().split("\0") if name.startswith(WATCHED)]
    if not staged:
        return 0
    with TemporaryDirectory(prefix="reviewlib-") as scratch:
        copy = Path(scratch)
        _export(root, copy)
        wrong = check(copy / "evidence")
        faults, remarks = ([], []) if wrong else _pages(copy, staged)
        if not wrong and any(name.startswith(_TABLES) for name in staged):
            faults += _generated(copy)
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)
    for fault in faults:
        print(fault, file=sys.stderr)
    if wrong or faults:
        print(
            "Not committed. Add what you changed after the repair; git commit --no-verify skips this.", file=sys.stderr
        )
    return 1 if wrong or faults else 0


def _export(root, copy: Path) -> None:
    names = git(root, "ls-files", "-z", "--", *WATCHED)
    git(root, "checkout-index", "-z", "--stdin", f"--prefix={copy}{os.sep}", stdin=names)


def _pages(copy: Path, staged) -> tuple[list[str], list[str]]:
    """Return what stops a commit and what is only remarked about the notebooks, by their checksums alone."""
    project = Project(copy)
    broken, raw, old, edited, library = [], [], [], [], []
    for path in sorted((copy / "notebooks").glob("*.ipynb")):
        place = f"notebooks/{path.name}"
        try:
            nb = json.loads(path.read_bytes())
            made, code = nb["metadata"].get("reviewlib", {}), [c for c in nb["cells"] if c["cell_type"] == "code"]
            ran = all(c.get("execution_count") for c in code if "".join(c["source"]))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            broken.append(f"{place} is not a notebook: take it from git again")
            continue
        if not ran:
            raw.append(place)
        elif made.get("evidence") != project.evidence(made.get("reads")):
            old.append(place)
        elif made.get("inputs") != project.inputs(path, made.get("reads")):
            (edited if place in staged else library).append(place)
    faults = broken + _told(raw, "holds a cell that was never executed", "hold cells that were never executed")
    faults += _told(old, "was made from other tables", "were made from other tables")
    faults += _told(edited, "changed since it was executed", "changed since they were executed")
    return faults, _told(library, "was executed before the library changed", "were executed before the library changed")


def _told(places, one, many) -> list[str]:
    """Return one sentence about notebooks that share a fault, or none."""
    if not places:
        return []
    names = ", ".join(Path(place).stem for place in places)
    who = f"{places[0]} {one}" if len(places) == 1 else f"{len(places)} notebooks {many} ({names})"
    return [f"{who}: run `reviewlib render` and add {'it' if len(places) == 1 else 'notebooks/'}"]


def _generated(copy: Path) -> list[str]:
    """Return the generated files that are out of step with the tables."""
    from ..page.readme import as_text, with_answers

    faults, dictionary = [], copy / "evidence" / "README.md"
    if dictionary.is_file() and dictionary.read_bytes().replace(b"\r\n", b"\n") != readme(copy / "evidence").encode():
        faults.append("evidence/README.md is out of step: run python -m reviewlib.evidence.dictionary and add it")
    front = copy / "README.md"
    try:
        text = as_text(front) if front.is_file() else ""
        if text and text != with_answers(text, load_evidence(copy / "evidence")):
            faults.append(
                "README.md: its table of answers is out of step: run python -m reviewlib.page.readme and add it"
            )
    except EvidenceError as error:
        faults.append(str(error))
    return faults
