"""An evidence folder as it stands on disk: every table as text, and topic.yml of every topic."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ..errors import EvidenceError, Problem
from .as_typed import contents
from .key_file import KeyFile
from .labels import nearest
from .package import topics_in
from .reading import read_table
from .review import read_review_file
from .rows import Table
from .schema import schemas
from .topic import read_topic


@dataclass(slots=True)
class TopicFolder:
    """One topic: its topic.yml and its tables."""

    name: str
    about: KeyFile
    tables: dict[str, Table] = field(default_factory=dict)
    checksum: str = ""


@dataclass(slots=True)
class Folder:
    """Everything that was read, and every fault of reading."""

    path: Path
    shared: dict[str, Table] = field(default_factory=dict)
    topics: dict[str, TopicFolder] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    looked_at: list[Problem] = field(default_factory=list)
    review: KeyFile = field(default_factory=lambda: KeyFile("review.yml"))
    checksum: str = ""

    def tables(self) -> list[tuple[str, Table]]:
        """Return (topic, table) of every table; the topic of a shared table is empty."""
        found = [("", table) for table in self.shared.values()]
        return found + [(topic.name, table) for topic in self.topics.values() for table in topic.tables.values()]

    def table(self, topic: str, name: str) -> Table | None:
        """Return a table of a topic, or the shared table of that name."""
        if name in self.shared or not topic:
            return self.shared.get(name)
        return self.topics[topic].tables.get(name) if topic in self.topics else None


def results_of(folder: Folder, *names: str) -> Iterator[tuple]:
    """Yield (table, place, value, ...) of every row of results in which none of some columns is broken."""
    for topic in folder.topics.values():
        table = topic.tables.get("results")
        yield from ((table, *row) for row in (table.values(*names) if table else ()))


SMALL = 200_000  # bytes of a table that is remembered by them
KEPT = 500_000_000  # bytes of tables that are kept in memory while they do not change
_ONLY_HERE = ContextVar("only_here", default=False)


@contextmanager
def only_here() -> Iterator[None]:
    """Look for evidence in the working folder and above only: a command never acts on where it is installed."""
    before = _ONLY_HERE.set(True)
    try:
        yield
    finally:
        _ONLY_HERE.reset(before)


def find_evidence(path: str | Path | None = None) -> Path:
    """Return the evidence folder: `path` (or `evidence/` in it), or the nearest at or above the working folder.

    In Python the folder beside the package comes last; the command line does without it, see `only_here`.
    """
    if path is not None:
        found = Path(path)
        if not found.is_dir():
            raise EvidenceError(f"{found} is not a folder. Name the folder that holds sources.csv")
        inside = not (found / "sources.csv").is_file() and (found / "evidence" / "sources.csv").is_file()
        return found / "evidence" if inside else found
    here = Path(__file__).resolve().parent
    for start in (Path.cwd(),) if _ONLY_HERE.get() else (Path.cwd(), here):
        for folder in (start, *start.parents):
            if (folder / "evidence" / "sources.csv").is_file():
                return folder / "evidence"
    raise EvidenceError(
        f"no evidence folder at or above {Path.cwd()}. Go to your review, name the folder that holds sources.csv, or "
        "start a review: reviewlib new review FOLDER"
    )


def read_folder(path: Path) -> Folder:
    """Read every table and topic.yml of an evidence folder.

    The checksum is the SHA-256 over name, length and bytes of every file read: review.yml, shared tables in the order
    of the dictionary, then the topics in the order of their names, topic.yml before its tables. That of a topic is
    over the shared files and its own.
    """
    folder = Folder(path)
    digest = hashlib.sha256()
    data = _bytes(path, "review.yml", (digest,), folder)
    folder.review = read_review_file(data, f"{path.name}/review.yml", topics_in(path))
    folder.problems += folder.review.problems
    for schema in schemas().values():
        if schema.scope == "shared":
            table = _read(path, f"{schema.name}.csv", schema, folder, (digest,))
            folder.shared |= {schema.name: table} if table else {}
    if "sources" not in folder.shared:
        fault = "the table is missing: every number needs its source", "Add it; see the data dictionary"
        folder.problems.append(Problem(f"{path.name}/sources.csv", None, "", "", "", *fault))
    _strangers(path, "shared", folder)
    shared = digest.copy()
    for name in topics_in(path):
        own = shared.copy()
        folder.topics[name] = _read_topic(path, name, folder, (digest, own))
        folder.topics[name].checksum = own.hexdigest()
        _strangers(path / name, "topic", folder)
    folder.checksum = digest.hexdigest()
    return folder


def checksum(path: Path, topics: Iterable[str] | None = None) -> str:
    """Return the checksum that `read_folder` reports, from the bytes alone.

    Parameters
    ----------
    path : Path
        The evidence folder.
    topics : collection of str, optional
        Only the shared files and these topics; by default everything.
    """
    digest = hashlib.sha256()
    names = ["review.yml", *(f"{schema.name}.csv" for schema in schemas().values() if schema.scope == "shared")]
    own = ["topic.yml", *(f"{schema.name}.csv" for schema in schemas().values() if schema.scope == "topic")]
    names += [f"{topic}/{name}" for topic in topics_in(path) if topics is None or topic in topics for name in own]
    for name in names:
        _bytes(path, name, (digest,))
    return digest.hexdigest()


def state(path: Path) -> str:
    """Return a digest of every file that `read_folder` looks at, by name and bytes; empty where one cannot be read."""
    digest, size = hashlib.sha256(), 0
    for file in sorted((*path.glob("*.*"), *path.glob("*/*.*"))):
        if file.suffix in (".csv", ".yml", ".yaml"):
            data, fault = contents(file)
            if data is None or fault:
                return ""
            size += len(data)
            digest.update(f"{file.relative_to(path)}\n{len(data)}\n".encode(errors="surrogateescape") + data)
    return digest.hexdigest() if size < KEPT else ""


def _read_topic(path: Path, name: str, folder: Folder, digest) -> TopicFolder:
    before, label = len(folder.problems), f"{path.name}/{name}/topic.yml"
    data = _bytes(path, f"{name}/topic.yml", digest, folder)
    about = KeyFile(label) if len(folder.problems) > before else _about(data, label, name)
    about = replace(about, problems=[*about.problems])  # to which rules add what the tables tell of it
    folder.problems += about.problems
    topic = TopicFolder(name, about)
    for schema in schemas().values():
        if schema.scope == "topic":
            table = _read(path, f"{name}/{schema.name}.csv", schema, folder, digest)
            topic.tables |= {schema.name: table} if table else {}
    return topic


def _read(path: Path, file: str, schema, folder: Folder, digest) -> Table | None:
    label = f"{path.name}/{file}"
    data, fault = contents(path / file)
    if fault:
        folder.problems.append(Problem(label, None, "", "", "", *fault))
        return Table(label, schema, complete=False)  # what it holds is unknown: nothing is said to be missing from it
    if data is None:
        return None
    _digest(digest, file, data)
    table = _small(data, label, schema.name) if len(data) < SMALL else read_table(data, label, schema)
    folder.problems += table.problems
    return table


@lru_cache(maxsize=4096)
def _small(data: bytes, label: str, name: str) -> Table:
    """Return a table that is read once for the same bytes: most do not change between two states of a review."""
    return read_table(data, label, schemas()[name])


_about = lru_cache(maxsize=512)(read_topic)  # likewise read once


def _bytes(path: Path, file: str, digest, folder: Folder | None = None) -> bytes | None:
    """Return a file that may be missing, and count it in the checksum when it is there; `folder` takes its fault."""
    data, fault = contents(path / file)
    if fault and folder:
        folder.problems.append(Problem(f"{path.name}/{file}", None, "", "", "", *fault))
    if data is None:
        return None
    _digest(digest, file, data)
    return data


def _digest(digests, name: str, data: bytes) -> None:
    data = data.replace(b"\r\n", b"\n")  # a clone on Windows holds the same tables
    for digest in digests:
        digest.update(f"{name}\n{len(data)}\n".encode())
        digest.update(data)


def _strangers(path: Path, scope: str, folder: Folder) -> None:
    """Report tables and descriptions whose name is not in the dictionary: they would never be read."""
    known = [f"{schema.name}.csv" for schema in schemas().values() if schema.scope == scope]
    known.append("review.yml" if scope == "shared" else "topic.yml")
    for file in sorted(path.glob("*.*")):
        if file.suffix in (".csv", ".yml", ".yaml") and file.name not in known and not file.name.startswith((".", "~")):
            label = f"{folder.path.name}/{file.relative_to(folder.path).as_posix()}"
            remedy = nearest(file.name, known) or f"Files that can stand here: {', '.join(known)}"
            folder.problems.append(Problem(label, None, "", "", "", "no table of this name is known", remedy))
