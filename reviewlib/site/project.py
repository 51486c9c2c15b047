"""Where things lie in a checkout, the order of the pages, and the checksums that say what a page was made from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..evidence.folder import checksum
from ..evidence.package import topics_in
from ..evidence.review import Review, read_review
from ..files import recover
from .inputs import inputs, snapshot

LARGEST = 100_000_000  # bytes of a notebook


class SiteError(ValueError):
    """A notebook or page that is refused; `problems` holds one sentence a fault."""

    def __init__(self, problems: Any):
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @classmethod
    def find(cls, start: Any = None) -> Project:
        """Return the project at or above `start` (default: the working folder); `start` may be its evidence folder."""
        start = Path(start or os.getcwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "notebooks").is_dir() and (folder / "evidence").is_dir():
                return cls(folder)
        raise SiteError(
            f"no project at or above {start}: go to the folder that holds notebooks/ and evidence/, name it with "
            "--evidence, or start one: reviewlib new review FOLDER"
        )

    @classmethod
    def finish_what_was_killed(cls, start: Any = None) -> list[Path]:
        """Finish, or take back, what a command that was killed left half written; return the files it finished."""
        try:
            project = cls.find(start)
        except (SiteError, OSError):
            return []
        rooms = [project.root / name for name in ("evidence", "notebooks", "_site", ".cache")]
        inside = [folder for room in rooms for folder in room.glob("*/")]
        return [path for folder in (project.root, *rooms, *inside) for path in recover(folder)]

    @property
    def review(self) -> Review:
        """Return whose review it is, from evidence/review.yml, and its pages in their order."""
        folder = self.root / "evidence"
        file = folder / "review.yml"
        state = file.stat() if file.exists() else None
        return _review(folder, (state and (state.st_mtime_ns, state.st_size), topics_in(folder)))

    @property
    def site(self) -> Path:
        return self.root / "_site"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    def notebooks(self, only: Any = ()) -> list[Path]:
        """Return the notebooks in reading order, or those named in `only`."""
        order = [page.notebook for page in self.review.pages]
        found = sorted(
            (self.root / "notebooks").glob("*.ipynb"),
            key=lambda path: (order.index(path.stem) if path.stem in order else len(order), path.stem),
        )
        if not found:
            raise SiteError("notebooks/ holds no notebook: there is nothing to execute or build")
        if odd := [f"notebooks/{path.name}" for path in found if not path.is_file()]:
            raise SiteError(f"{', '.join(odd)}: not a plain file. Put the notebook itself there")
        if huge := [f"notebooks/{path.name}" for path in found if path.stat().st_size > LARGEST]:
            raise SiteError(f"{', '.join(huge)}: over {LARGEST / 1e6:.0f} million bytes, more than is read. Show less")
        names = [path.stem for path in found]
        if twins := [name for name in names if sum(name.casefold() == other.casefold() for other in names) > 1]:
            raise SiteError(f"notebooks {', '.join(twins)}: where case does not count they are one file. Rename one")
        listed = [page.notebook for page in self.review.pages if page.label and page.kind != "front"]
        lost = ", ".join(f"notebooks/{name}.ipynb" for name in listed if name not in names)
        if lost:
            raise SiteError(f"evidence/review.yml lists pages that are not there: {lost}. Add them, or delete them")
        unknown = [name for name in only if Path(name).stem not in names]
        if unknown:
            raise SiteError(f"no notebook named {', '.join(unknown)}: there are {', '.join(names)}")
        wanted = {Path(name).stem for name in only} or set(names)
        return [path for path in found if path.stem in wanted]

    def page_name(self, notebook: str | Path) -> str:
        """Return the file name of a notebook's page."""
        stem = Path(notebook).stem
        return "index.html" if stem == self.review.front else f"{stem}.html"

    def topics_of(self, notebook: str | Path) -> list[str]:
        """Return the topics whose dates a page shows: its own, or all."""
        listed = self.review.page(Path(notebook).stem)
        return [listed.topic] if listed and listed.topic else list(self.review.topics)

    @staticmethod
    def reads(notebook: bytes) -> list[str] | None:
        """Return the topics that a notebook read when it was executed; None for all, or where nothing is known."""
        try:
            return json.loads(notebook)["metadata"]["reviewlib"]["reads"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def inputs(self, notebook: str | Path, reads: Any = None) -> str:
        """Return the sha256 of all that a notebook's outputs depend on, see `site.inputs`."""
        return inputs(snapshot(self), Path(notebook).read_bytes(), reads)

    def evidence(self, reads: Any = None) -> str:
        """Return the sha256 of the shared tables and of the topics in `reads`, by default all, as the library does."""
        return checksum(self.root / "evidence", reads)


@lru_cache(maxsize=8)
def _review(folder, state) -> Review:
    return read_review(folder)
