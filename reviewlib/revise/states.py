"""The evidence at one moment: a git revision, or a folder as it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import EvidenceError, Problem
from ..evidence.folder import Folder, checksum, read_folder, state
from ..evidence.load import evidence_of
from ..evidence.rules import check_folder
from ..files import write_all
from ..site.inputs import package_checksum
from . import WrongUsage


@dataclass(frozen=True)
class State:
    """One state of the tables: as text always, typed only where they pass the check: `problems` are its errors.

    `read` is what was read of them, or the folder that is read when first asked for.
    """

    label: str
    read: Folder | Path
    problems: tuple[Problem, ...]

    @cached_property
    def folder(self) -> Folder:
        """Return the tables as text."""
        return read_folder(self.read) if isinstance(self.read, Path) else self.read

    @cached_property
    def evidence(self) -> Any:
        """Return the typed tables, None where there are problems."""
        return None if self.problems else evidence_of(self.folder, [])


def open_states(root: Path, names: Any, stack: ExitStack) -> tuple[State, State]:
    """Return the state before and the state after.

    Parameters
    ----------
    root : Path
        The checkout.
    names : sequence of str
        None: the last commit against the working folder. One: that against the working folder. Two: before and after.
        Each is a git revision, a folder of tables, or a folder that holds one called ``evidence``; ``A..B`` is two.
    stack : contextlib.ExitStack
        Removes temporary folders when it closes.

    Raises
    ------
    WrongUsage
        A name is neither a folder of tables nor a revision that holds one.
    """
    names = list(names) or ["HEAD"]
    if len(names) == 1 and ".." in names[0] and _folder(names[0]) is None:
        names = [part or "HEAD" for part in names[0].replace("...", "..").split("..", 1)]
    first = _opened(root, names[0], stack)
    second = _opened(root, names[1], stack) if len(names) > 1 else (Path(root) / "evidence", "the working folder")
    kept = Path(root) / ".cache" / "passed.json"
    if checksum(first[0]) == checksum(second[0]):  # the same bytes need no second reading
        after = read_state(*second, kept)
        return replace(after, label=first[1]), after
    before = read_state(*first, kept)
    return before, read_state(*second, kept, None if before.problems else before.folder)


def _opened(root, name, stack) -> tuple[Path, str]:
    """Return the folder of tables that a name or a revision stands for, and what to call it."""
    folder = _folder(name)
    if folder is not None:
        return folder, name
    found = git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None and name == "HEAD":
        hint = 'git init, git add ., git commit -m "Start". Or name a folder of tables'
        raise WrongUsage(f"there is no commit yet to compare with. Make one: {hint}")
    if found is None:
        hint = "In a shallow clone older ones are missing: git fetch --unshallow"
        raise WrongUsage(f"{name} is neither a folder of evidence tables nor a git revision. {hint}")
    commit = found.decode().strip()
    target = Path(stack.enter_context(TemporaryDirectory(prefix="reviewlib-")))
    if not _unpacked(root, commit, target):
        raise WrongUsage(f"the revision {name} ({commit[:10]}) holds no folder evidence/")
    return target / "evidence", name if commit.startswith(name) else f"{name} ({commit[:10]})"


def read_state(folder: Path, label: str, kept: Path | None = None, before: Folder | None = None) -> State:
    """Return a folder of tables as a state, whether or not it passes the check.

    The file `kept` lists the states that passed, by every byte of their tables and of this library: those are not
    checked again. Of another one what is as in `before`, tables that passed, is not.
    """
    tables = state(folder) if kept else ""
    key = tables and f"{tables} {package_checksum(())}"
    if key and key in (passed := _passed(kept)):
        return State(label, folder, ())
    read, problems = check_folder(folder, before)
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if key and not errors and state(folder) == tables and checksum(folder) == read.checksum:
        with suppress(EvidenceError, OSError):  # a review that may only be read is compared without
            words = json.dumps([*passed[-20:], key])
            write_all({kept: words, kept.with_name(".gitignore"): "*\n"}, durable=False)
    return State(label, read, errors)


def _passed(kept) -> list[str]:
    try:
        return [str(key) for key in json.loads(kept.read_bytes())]
    except (OSError, ValueError, TypeError):
        return []


def _folder(name) -> Path | None:
    path = Path(name)
    return next((p for p in (path, path / "evidence") if (p / "sources.csv").is_file()), None)


def git(root: Path, *words: str, stdin: bytes | None = None) -> bytes | None:
    """Return what git printed, or None where it refused; the index of a commit under way is the one that is read."""
    try:
        done = subprocess.run(["git", "-C", str(root), *words], input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        raise WrongUsage("git is not installed. Install it; `reviewlib diff` also compares two folders") from None
    return done.stdout if done.returncode == 0 else None


def _unpacked(root, commit, target) -> bool:
    """Write the plain files of evidence/ byte by byte as they were committed, and tell whether there are any.

    Attributes of the revision itself (export-ignore, export-subst, eol) hide and change nothing, as they would in an
    archive; links and paths that lead outside are left out.
    """
    entries = (git(root, "ls-tree", "-r", "-z", commit, "--", "evidence") or b"").split(b"\0")
    listed = [entry.split(b"\t", 1) for entry in entries if entry.startswith(b"100")]
    wanted = b"".join(about.split()[2] + b"\n" for about, _ in listed)
    blobs = io.BytesIO(git(root, "cat-file", "--batch", stdin=wanted) or b"") if listed else io.BytesIO()
    for _, name in listed:
        said, path = blobs.readline().split(), target / os.fsdecode(name)
        if len(said) != 3:
            raise WrongUsage(f"git cannot give {os.fsdecode(name)} of {commit[:10]}: is the clone whole?")
        content = blobs.read(int(said[2]) + 1)[:-1]
        if path.resolve().is_relative_to(target.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return bool(listed)
