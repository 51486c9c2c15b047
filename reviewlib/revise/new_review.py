"""`reviewlib new review DIR`: a folder of one's own in which every command works from the first minute.

The templates are the files of ``revise/review``; tables and data dictionary are made from the dictionary. The review is
loaded in a scratch folder first, and all files appear in one step.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import __version__
from ..evidence import load_evidence
from ..evidence.dictionary import written
from ..evidence.labels import slug
from ..evidence.schema import schemas
from ..files import recover, write_all
from . import WrongUsage
from .scaffold import escaped, notebook_json, shown_in_one_line

TEMPLATES = Path(__file__).with_name("review")
# Every file that is made from a template, by its place in the review.
_SHOWN = (".gitattributes", ".gitignore", "Makefile", "README.md", "environment.yml", "requirements.txt")
_BELOW = (".github/ISSUE_TEMPLATE/report-a-number.yml", ".github/workflows/checks.yml", "evidence/review.yml")
_PLACES = (*_SHOWN, *_BELOW, "tests/test_review.py")
FILES = {place: place.rpartition("/")[2].lstrip(".").lower() for place in sorted(_PLACES)}


def new_review(folder: str, title: str | None = None) -> tuple[Path, list[Path]]:
    """Make a review and return its folder and the files that were written.

    Parameters
    ----------
    folder : str
        A folder that is empty or not there yet; one that holds only ``.git`` counts as empty.
    title : str, optional
        Title of the review; by default the name of the folder.

    Raises
    ------
    WrongUsage
        The folder is taken or lies among the tables or notebooks of another review, or the title is empty or longer
        than a line.
    EvidenceError
        The folder cannot be written; nothing was changed.
    """
    if not folder.strip():
        raise WrongUsage("name a folder: reviewlib new review FOLDER")
    root = Path(folder).resolve()
    for place in (root, root.parent):
        recover(place)  # what a killed command left there
    _refuse(root)
    title = _title(title, root)
    with TemporaryDirectory(prefix="reviewlib-") as scratch:
        files = _files(Path(scratch), title, root.name)
    made = {root / place: text for place, text in files.items()}
    write_all(made)
    return root, [*made]


def _refuse(root: Path) -> None:
    for above in (root, *root.parents):
        review = above.parent
        if above.name in ("evidence", "notebooks") and (review / "evidence" / "sources.csv").is_file():
            raise WrongUsage(f"{root} lies in {above.name}/ of another review, {review}. Name a folder outside it")
    if not root.exists():
        return
    if not root.is_dir():
        raise WrongUsage(f"{root} is a file. Name a folder that is empty or not there yet")
    there = sorted(path.name for path in root.iterdir() if path.name != ".git")
    if there:
        shown = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if there[3:] else "")
        raise WrongUsage(
            f"{root} is not empty: it holds {shown}. Nothing was written; name a folder that is empty or not there yet"
        )


def _title(title: str | None, root: Path) -> str:
    if title is None:
        words = " ".join(re.split(r"[\s_-]+", root.name)).strip()
        title = words[:1].upper() + words[1:]
    if not title.strip():
        raise WrongUsage("the title is empty: write --title TEXT")
    return shown_in_one_line("title", title).strip()


def _files(scratch: Path, title: str, name: str) -> dict[str, str]:
    """Return every file of a review by its place, after it was loaded in `scratch`."""
    words = {"title_yaml": json.dumps(title, ensure_ascii=False), "title_markdown": escaped(title)}
    words |= {"version": __version__, "name": slug(name) or "review"}
    files = {place: _filled(template, words) for place, template in FILES.items()}
    for schema in schemas().values():
        if schema.scope == "shared" and not schema.name.startswith("claims"):  # few reviews check claims
            files[f"evidence/{schema.name}.csv"] = ",".join(schema.names) + "\n"
    files["notebooks/start.ipynb"] = notebook_json("start", title, TEMPLATES / "start_page.j2")
    write_all({scratch / place: text for place, text in files.items()}, durable=False)
    return files | _generated(scratch, files["README.md"])


def _filled(template: str, words: dict[str, str]) -> str:
    """Return a template with its words, in one pass: a title that holds braces stays as it is."""
    text = (TEMPLATES / f"{template}.j2").read_text(encoding="utf-8")
    return re.sub(r"(?<!\$)\{\{ (\w+) \}\}", lambda found: words[found[1]], text)


def _generated(scratch: Path, readme: str) -> dict[str, str]:
    from ..page.readme import with_answers

    evidence = scratch / "evidence"
    files = {f"evidence/{path.name}": text for path, text in written(evidence).items()}
    return files | {"README.md": with_answers(readme, load_evidence(evidence))}
