"""The evidence at one moment: a git revision, or a folder as it is."""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import Problem
from ..evidence.folder import Folder, checksum
from ..evidence.load import evidence_of
from ..evidence.rules import check_folder
from . import WrongUsage


@dataclass(frozen=True, slots=True)
class State:
    """One state of the tables: as text always, typed only where they pass the check: `problems` are its errors."""

    label: str
    folder: Folder
    problems: tuple[Problem, ...]
    _typed: list = field(default_factory=list, repr=False, compare=False)

    @property
    def evidence(self) -> Any:
        """Return the typed tables, made when first asked for; None where there are problems."""
        if not self.problems and not self._typed:
            self._typed.append(evidence_of(self.folder, []))
        return self._typed[0] if self._typed else None


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
    after = read_state(*second)
    if checksum(first[0]) == after.folder.checksum:  # the same bytes need no second reading
        return replace(after, label=first[1]), after
    return read_state(*first), after


def _opened(root, name, stack) -> tuple[Path, str]:
    """Return the folder of tables that a name or a revision stands for, and what to call it."""
    folder = _folder(name)
    if folder is not None:
        return folder, name
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None and name == "HEAD":
        hint = 'git init, git add ., git commit -m "Start". Or name a folder of tables'
        raise WrongUsage(f"there is no commit yet to compare with. Make one: {hint}")
    if commit is None:
        hint = "In a shallow clone older ones are missing: git fetch --unshallow"
        raise WrongUsage(f"{name} is neither a folder of evidence tables nor a git revision. {hint}")
    commit = commit.decode().strip()
    archive = _git(root, "archive", "--format=tar", commit, "--", "evidence")
    if archive is None:
        raise WrongUsage(f"the revision {name} ({commit[:10]}) holds no folder evidence/")
    target = Path(stack.enter_context(TemporaryDirectory(prefix="reviewlib-")))
    _unpack(archive, target)
    return target / "evidence", name if commit.startswith(name) else f"{name} ({commit[:10]})"


def read_state(folder: Path, label: str) -> State:
    """Return a folder of tables as a state, whether or not it passes the check."""
    read, problems = check_folder(Path(folder))
    errors = tuple(problem for problem in problems if problem.severity == "error")
    return State(label, read, errors)


def _folder(name) -> Path | None:
    path = Path(name)
    return next((p for p in (path, path / "evidence") if (p / "sources.csv").is_file()), None)


def _git(root, *words) -> bytes | None:
    """Return what git printed, or None where it refused."""
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except FileNotFoundError:
        raise WrongUsage("git is not installed: name two folders instead of revisions") from None
    return done.stdout if done.returncode == 0 else None


def _unpack(archive: bytes, target: Path) -> None:
    """Write the plain files of an archive; links and paths that lead outside are left out."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            path = target / member.name
            if member.isfile() and path.resolve().is_relative_to(target.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())
