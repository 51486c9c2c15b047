"""What a page is called: by review.yml, or by its first heading."""

from __future__ import annotations

import re
from pathlib import Path

from .inputs import cells
from .project import Project


def label(project: Project, path: Path) -> str:
    """Return what the navigation calls a page."""
    listed = project.review.page(path.stem)
    return (listed.label if listed else "") or heading(path) or path.stem


def heading(path: Path) -> str:
    """Return the text of the first heading of the first level of a notebook, or nothing."""
    try:
        texts = ["".join(cell["source"]) for cell in cells(path.read_bytes()) if cell["cell_type"] == "markdown"]
    except ValueError:  # which is reported where the page is made
        return ""
    found = filter(None, (re.search(r"^# +(.+)$", text, re.MULTILINE) for text in texts))
    return next((re.sub(r"\\([^\w\s])|[*_`]", r"\1", match[1]).strip() for match in found), "")
