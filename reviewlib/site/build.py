"""Build the site: one self-contained HTML file a notebook, refused when anything was lost on the way.

A page is made again only when something behind it changed: its notebook, what the library or the navigation puts on
it, or the tables that it reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence.as_typed import contents
from ..evidence.dictionary import written
from ..files import write_all
from .cite import FEED, Citation, feed, sitemap
from .downloads import FOLDERS
from .headings import label
from .inputs import package_checksum
from .links import settled
from .memory import keep, recall
from .project import Project, SiteError


def build(project: Project, notebooks: Sequence[Path], *, jobs: int = 1, say: Any = lambda line: None) -> list[Path]:
    """Write the pages of `notebooks` into the site folder and return their paths.

    Parameters
    ----------
    project : Project
    notebooks : sequence of Path
    jobs : int
        Pages at work at once, each in a process of its own.
    say : callable
        Receives one line of progress at a time.

    Raises
    ------
    SiteError
        With every fault of every page; the site is then left as it was.
    """
    links = links_of(project)
    pages = pages_of(project, notebooks, links, jobs=jobs, say=say)
    faults = [
        fault if fault.startswith(f"notebooks/{path.name}") else f"notebooks/{path.name}: {fault}"
        for path, page in pages.items()
        for fault in page["faults"]
    ]
    if faults:
        raise SiteError(faults)
    cited = [Citation(review=project.review, **page["cited"]) for page in pages.values()]
    files = {file["name"]: file["content"] for page in pages.values() for file in page["files"]}
    html = {project.page_name(path): page["html"] for path, page in pages.items()}
    whole = len(notebooks) == len(links)
    if whole:
        html, files[FEED] = settled(html), feed(cited, project.review).content
        files |= sitemap(cited, project.review)
    return _write(project, {name: text.encode() for name, text in html.items()}, files, whole)


def dictionary_in_step(project: Project) -> list[str]:
    """Write the data dictionary of the tables that there are; return the names of the files that this changed.

    They are part of what a page is made from, so this comes before pages are executed.
    """
    try:
        texts = written(project.root / "evidence")
    except EvidenceError:  # `reviewlib check` reports it
        return []
    there = {path: path.read_bytes().replace(b"\r\n", b"\n") for path in texts if path.is_file()}
    old = {path: texts[path] for path, data in there.items() if data != texts[path].encode()}
    write_all(old)
    return [f"evidence/{path.name}" for path in old]


def readme_in_step(project: Project) -> bool:
    """Write today's answers into the README; return whether that changed it.

    Where neither the README nor anything behind its answers changed since the last time, nothing is read.
    """
    readme, stamp = project.root / "README.md", project.cache / "readme"
    key = _readme_key(project, readme)
    if stamp.is_file() and stamp.read_bytes() == key.encode():
        return False
    from ..page.readme import in_step

    front = in_step(readme, project.root / "evidence")
    write_all(front)
    write_all({stamp: _readme_key(project, readme)}, durable=False)
    return bool(front)


def _readme_key(project, readme) -> str:
    beside = sorted(
        path.name for folder in (".github/workflows", "notebooks") for path in project.root.glob(f"{folder}/*")
    )
    parts = [contents(readme)[0] or b"", json.dumps(beside).encode()]
    parts += [package_checksum().encode(), project.evidence().encode()]
    return _digest(parts)


def links_of(project: Project) -> list[tuple[str, str]]:
    """Return name and label of every page of the site, in order."""
    return [(project.page_name(path), label(project, path)) for path in project.notebooks()]


def pages_of(
    project: Project, notebooks: Sequence[Path], links: Any, *, jobs: int = 1, say: Any = lambda line: None
) -> dict[Path, dict]:
    """Return the pages as `pages.made` does, those of an earlier build where nothing behind them changed."""
    package, pages, keys = package_checksum(), {}, {}
    for path in notebooks:
        keys[path] = _key(project, path, links, package)
        before = recall(project, path)
        pages[path] = before if before.get("key") == keys[path] else None
    todo = [path for path, page in pages.items() if page is None]
    for path, page in zip(todo, _made(project, todo, links, jobs) if todo else (), strict=True):
        pages[path] = page
        if not page["faults"] and keys[path] == _key(project, path, links, package):  # nothing changed meanwhile
            say(f"{path.stem}: page built, {len(page['html'].encode()) / 1000:.0f} kB")
            keep(project, path, page | {"key": keys[path]})
    return pages


def _made(project, todo, links, jobs):
    from .pages import made

    if min(jobs, len(todo)) < 2:
        return (made(project, path, links) for path in todo)
    from joblib import Parallel, delayed

    work = Parallel(n_jobs=min(jobs, len(todo)), return_as="generator")
    return work(delayed(made)(project, path, links) for path in todo)


def _key(project, path, links, package) -> str:
    """Return a checksum of all that a page is made from."""
    evidence, data = project.root / "evidence", path.read_bytes()
    about = [evidence / "review.yml", *(evidence / topic / "topic.yml" for topic in project.topics_of(path))]
    parts = [data, *(file.read_bytes() if file.is_file() else b"" for file in about), json.dumps(links).encode()]
    parts += [package.encode(), project.evidence(project.reads(data)).encode()]
    return _digest(parts)


def _digest(parts) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _write(project, pages, files, whole) -> list[Path]:
    """Put pages and files in place; after a whole build nothing of a notebook or figure that is gone stays behind."""
    if whole and "index.html" not in pages:
        raise SiteError(f"notebooks/{project.review.front}.ipynb is missing: the site would have no front page")
    site = project.site
    new = {site / name: content for name, content in (pages | files).items()}
    old = [path for pattern in ("*.html", *(f"{folder}/*" for folder in FOLDERS)) for path in site.glob(pattern)]
    moved = {path: content for path, content in new.items() if not (path.is_file() and path.read_bytes() == content)}
    write_all(moved, remove=[path for path in old if path not in new] if whole else (), durable=False)
    return [site / name for name in pages]
