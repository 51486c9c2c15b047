"""What a page was made from: the files it depends on, before and after it was executed, as one checksum."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .project import Project

# These rooms come after the outputs are made and cannot change them.
_AFTER_OUTPUTS = ("site", "exchange", "revise", "cli.py", "files.py", "flags.py")
_TABLES = (".csv", ".yml", ".json")
_CODE = (".py", ".yml", ".json", ".css", ".js", ".j2")
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Seen:
    """One file at one moment: what the system says of it, and the SHA-256 of its content."""

    sign: tuple
    content: str


def snapshot(project: Project, before: Any = None) -> dict[str, Seen]:
    """Return the files behind all pages, by their paths below the project; only what changed since `before` is read."""
    root, found = project.root, {}
    named = {path.relative_to(root).as_posix(): path for path in _files(root / "evidence", _TABLES)}
    for name, path in (named | _library(root) | {"requirements.lock": root / "requirements.lock"}).items():
        try:
            state = os.stat(path)
            sign = (state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino)
            known = (before or {}).get(name)
            found[name] = known if known and known.sign == sign else Seen(sign, _sha(path))
        except FileNotFoundError:
            continue
    return found


def inputs(files: Any, notebook: bytes, reads: Any = None) -> str:
    """Return the SHA-256 of all that the outputs of a notebook depend on: tables, library, lock and its own source.

    Parameters
    ----------
    files : dict of str to Seen
        The files as `snapshot` returns them.
    notebook : bytes
        Content of the notebook.
    reads : collection of str, optional
        The topics that it reads; by default all.
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        if _matters(name, reads):
            digest.update(f"{name} {files[name].content}\n".encode())
    topics = sorted({name.split("/")[1] for name in files if _topic(name)})
    digest.update(f"topics {topics}\n".encode())  # a page may list the topics that there are
    for cell in cells(notebook):
        digest.update(f"{cell['cell_type']}\0{''.join(cell['source'])}\0".encode())
    return digest.hexdigest()


def cells(notebook: bytes) -> list[dict]:
    """Return the cells of a notebook, without what reads it whole; ValueError for what is none."""
    try:
        found = json.loads(notebook)["cells"]
        return [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in found]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a notebook: {error}") from None


def changed(before: Any, after: Any, reads: Any = None) -> list[str]:
    """Return the files that a page depends on and that were written between two snapshots."""
    names = sorted(name for name in before.keys() | after.keys() if _matters(name, reads))
    return [name for name in names if before.get(name) != after.get(name)]


def _matters(name, reads) -> bool:
    return reads is None or not _topic(name) or name.split("/")[1] in reads


def _topic(name) -> bool:
    return name.startswith("evidence/") and name.count("/") > 1


def package_checksum(beside: Any = ("beautifulsoup4", "latex2mathml", "mistune", "nbconvert")) -> str:
    """Return the SHA-256 of everything in this package, and of the versions of what makes pages with it."""
    digest = hashlib.sha256()
    for path in sorted(_files(_PACKAGE, _CODE)):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()} {_sha(path)}\n".encode())
    for name in beside:
        from importlib.metadata import version  # with all of email: only where pages are made

        digest.update(f"{name} {version(name)}\n".encode())
    return digest.hexdigest()


def _library(root) -> dict[str, Path]:
    """Return the files of the library by name: those of the checkout, or of the package where a review has none."""
    package = root / "reviewlib" if (root / "reviewlib").is_dir() else _PACKAGE
    files = {path.relative_to(package).as_posix(): path for path in _files(package, _CODE)}
    return {f"reviewlib/{name}": path for name, path in files.items() if name.split("/")[0] not in _AFTER_OUTPUTS}


def _files(folder, endings) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in endings and path.is_file()]


def _sha(path) -> str:
    # All are text: a clone with the line ends of Windows has the same pages.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
