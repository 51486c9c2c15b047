"""Where things lie in a checkout, the order of the pages, and the checksums that say what a page was made from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..evidence.review import Review, read_review

# These rooms come after the outputs are made and cannot change them.
_AFTER_OUTPUTS = ("site", "exchange", "revise", "cli.py")


class SiteError(ValueError):
    """A notebook or page that is refused; `problems` holds one sentence a fault."""

    def __init__(self, problems):
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one checkout."""

    root: Path

    @classmethod
    def find(cls, start=None) -> Project:
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
    def finish_what_was_killed(cls, start=None):
        """Finish, or take back, what a command that was killed left half written."""
        from ..files import recover

        try:
            project = cls.find(start)
        except (SiteError, OSError):
            return
        for name in (".", "evidence", "notebooks", "_site", ".cache"):
            recover(project.root / name)

    @property
    def review(self) -> Review:
        """Return whose review it is, from evidence/review.yml, and its pages in their order."""
        return read_review(self.root / "evidence")

    @property
    def site(self) -> Path:
        return self.root / "_site"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    def notebooks(self, only=()) -> list[Path]:
        """Return the notebooks in reading order, or those named in `only`."""
        order = [page.notebook for page in self.review.pages]
        found = sorted(
            (self.root / "notebooks").glob("*.ipynb"),
            key=lambda path: (order.index(path.stem) if path.stem in order else len(order), path.stem),
        )
        if not found:
            raise SiteError("notebooks/ holds no notebook: there is nothing to execute or build")
        names = [path.stem for path in found]
        listed = [page.notebook for page in self.review.pages if page.label and page.kind != "front"]
        lost = ", ".join(f"notebooks/{name}.ipynb" for name in listed if name not in names)
        if lost:
            raise SiteError(f"evidence/review.yml lists pages that are not there: {lost}. Add them, or delete them")
        unknown = [name for name in only if Path(name).stem not in names]
        if unknown:
            raise SiteError(f"no notebook named {', '.join(unknown)}: there are {', '.join(names)}")
        wanted = {Path(name).stem for name in only} or set(names)
        return [path for path in found if path.stem in wanted]

    def page_name(self, notebook) -> str:
        """Return the file name of a notebook's page."""
        stem = Path(notebook).stem
        return "index.html" if stem == self.review.front else f"{stem}.html"

    def inputs(self, notebook) -> str:
        """Return the sha256 of all that a notebook's outputs depend on: tables, library, lock and its own source."""
        digest = hashlib.sha256(self.shared_inputs().encode())
        for cell in json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]:
            digest.update(f"{cell['cell_type']}\0{''.join(cell['source'])}\0".encode())
        return digest.hexdigest()

    def shared_inputs(self) -> str:
        """Return the sha256 of what every notebook depends on."""
        return checksum(self.root, [*self._tables(), *self._library(), self.root / "requirements.lock"])

    def evidence(self) -> str:
        """Return the sha256 of the evidence tables, as the library itself reports it."""
        from ..evidence.folder import read_folder

        return read_folder(self.root / "evidence").checksum

    def _tables(self):
        return [p for p in (self.root / "evidence").rglob("*") if p.suffix in (".csv", ".yml", ".json") and p.is_file()]

    def _library(self):
        package = self.root / "reviewlib"
        files = (path for path in package.rglob("*") if path.suffix in (".py", ".yml", ".json"))
        return [path for path in files if path.relative_to(package).parts[0] not in _AFTER_OUTPUTS]


def checksum(root, files) -> str:
    """Return one sha256 over the paths below `root` and the contents of `files`; an absent file counts as such."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(root).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()

