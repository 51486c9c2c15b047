"""What the build before made of each page: an archive for each page, with its HTML and the files beside it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from ..files import write

_PAGE = "page.json"


def place(project: Any, notebook: Path) -> Path:
    """Return where the page of a notebook is kept."""
    return project.cache / "pages" / f"{notebook.stem}.zip"


def recall(project: Any, notebook: Path) -> dict[str, Any]:
    """Return the page of a notebook as it was kept; empty where none was, or where its archive is damaged."""
    try:
        with ZipFile(place(project, notebook)) as kept:
            page = json.loads(kept.read(_PAGE))
            return page | {"files": [file | {"content": kept.read(file["name"])} for file in page["files"]]}
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        return {}


def keep(project: Any, notebook: Path, page: dict[str, Any]) -> None:
    """Keep a page: plain values, but for the content of its files."""
    out = BytesIO()
    with ZipFile(out, "w") as archive:  # pictures are packed already; the same page gives the same archive: no dates
        for file in page["files"]:
            archive.writestr(ZipInfo(file["name"]), file["content"])
        about = [{name: value for name, value in file.items() if name != "content"} for file in page["files"]]
        archive.writestr(ZipInfo(_PAGE), json.dumps(page | {"files": about}))
    write(place(project, notebook), out.getvalue(), durable=False)
