"""Which publications the docstrings of this library cite, and where."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_SECTION = re.compile(r"^References\n-+\n(.*?)(?=^\w[^\n]*\n-{3,}$|\Z)", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[a-z][a-z0-9-]*")


def cited(package: Path = PACKAGE) -> dict:
    """Return source id -> sorted names of the functions that cite it, read from every *References* section.

    A section holds ``id, place`` entries parted by semicolons or line ends; what follows the first comma says where
    in the source.
    """
    found: dict[str, set] = {}
    for path in sorted(Path(package).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)):
                for entry in entries(ast.get_docstring(node) or ""):
                    found.setdefault(entry, set()).add(getattr(node, "name", path.stem))
    return {key: sorted(names) for key, names in sorted(found.items())}


def entries(docstring: str) -> list[str]:
    """Return the source ids of a docstring's References section."""
    match = _SECTION.search(docstring)
    if match is None:
        return []
    ids = []
    for part in re.split(r"[;\n]", match[1]):
        words = part.split(",")
        ids += [word.strip() for word in words if _is_id(word.strip())]
        if part.strip() and not _is_id(words[0].strip()):
            ids.append(part.strip())  # shown to the test as it stands: not an id
    return ids


def _is_id(word) -> bool:
    """Return whether a word is an id: one word that holds a year, or one that is followed by nothing else."""
    return bool(_ID.fullmatch(word)) and word not in ("section", "table", "page")
