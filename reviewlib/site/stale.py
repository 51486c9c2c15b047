"""Do the committed outputs still follow from the tables and the code? Execute again and compare, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..nouns import count
from .execute import TIMEOUT, read_notebook, run_all
from .project import Project

_AROUND = 40  # characters shown on each side of the first difference


def stale(
    project: Project, notebooks: Sequence[Path], *, jobs: int = 2, timeout: int = TIMEOUT, say: Any = lambda line: None
) -> list[str]:
    """Return one sentence a cell whose committed output differs from a fresh execution; nothing is written."""
    found = {}
    for path, fresh, fault in run_all(notebooks, project, jobs=jobs, timeout=timeout, say=say):
        committed = read_notebook(path)
        found[path.stem] = [fault] if fault else differences(path, committed, fresh)
    return [sentence for path in notebooks for sentence in found[path.stem]]


def differences(path: Path, committed: Any, fresh: Any) -> list[str]:
    """Return one sentence a cell that differs: notebook, cell, first difference, and what to run."""
    sentences = []
    for number, (old, new) in enumerate(zip(committed.cells, fresh.cells, strict=True), 1):
        what = _first_difference(old.get("outputs", []), new.get("outputs", []))
        if what:
            sentences.append(
                f"notebooks/{path.name}: cell {number}: {what}. Run `reviewlib render` and commit the notebook"
                f"{_other_versions(committed, fresh)}"
            )
    return sentences


def _first_difference(old, new) -> str:
    if len(old) != len(new):
        return f"{count(len(old), 'committed output')}, {len(new)} when executed again"
    for a, b in zip(map(_flat, old), map(_flat, new), strict=True):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                return f"{key} differs: {_where(str(a.get(key)), str(b.get(key)))}"
    return ""


def _flat(output) -> dict:
    """Return an output as name -> text, each representation on its own."""
    flat = {key: value for key, value in output.items() if key not in ("data", "metadata")}
    return flat | dict(output.get("data", {})) | {"metadata": output.get("metadata", {})}


def _where(old, new) -> str:
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    part = slice(max(0, at - _AROUND), at + _AROUND)
    return f"committed {old[part]!r}, now {new[part]!r}"


def _other_versions(committed, fresh) -> str:
    """Name the libraries whose version differs: bytes may change with them while nothing is wrong."""
    old = committed.metadata.get("reviewlib", {}).get("made_with", {})
    new = fresh.metadata["reviewlib"]["made_with"]
    moved = [f"{name} {old[name]} became {new[name]}" for name in new if name in old and old[name] != new[name]]
    return f" (made with other versions: {', '.join(moved)})" if moved else ""
