"""A small project of its own: tables, lock, and notebooks made from (kind, source) pairs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from reviewlib.site import Project


@pytest.fixture
def project(tmp_path):
    (tmp_path / "notebooks").mkdir()
    table = tmp_path / "evidence" / "massage" / "results.csv"
    table.parent.mkdir(parents=True)
    table.write_text("result_id,mean_int\nr1,3.9\n")
    (table.parent / "topic.yml").write_text("id: massage\nsearched: 2026-11-20\nedited: 2026-11-22\n")
    (tmp_path / "reviewlib").mkdir()
    (tmp_path / "reviewlib" / "effects.py").write_text("")
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6\n")
    return Project(tmp_path)


@pytest.fixture
def write(project):
    """Write a notebook of cells: text is a string, code a (source,) or (source, output, ...) tuple; return its path."""

    def write(name, *cells):
        made = []
        for number, cell in enumerate(cells):
            text = isinstance(cell, str)
            new = new_markdown_cell(cell) if text else new_code_cell(cell[0], outputs=list(cell[1:]))
            new["id"] = f"c{number}"
            if not text:
                new["execution_count"] = 1
            made.append(new)
        path = project.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=made), path)
        return path

    return write
