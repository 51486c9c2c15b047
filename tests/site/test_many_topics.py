"""A review of many topics: work in proportion to them, and after a change in proportion to what changed.

Work is counted, in calls of functions and in what is parsed, executed and built; a clock would tell of the machine.
"""

import shutil
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from reviewlib.evidence import folder, load
from reviewlib.evidence.check import check
from reviewlib.site import Project, build, execute, inputs, pages

TABLES = Path(__file__).parents[1] / "evidence" / "tables"


def review_of(root, topics):
    """Write a review of so many topics, all alike, with a page for each and one that reads them all."""
    shutil.copytree(TABLES, root / "evidence")
    (root / "evidence/claims.csv").unlink()
    (root / "notebooks").mkdir()
    for number in range(topics):
        shutil.copytree(root / "evidence/example", root / f"evidence/topic-{number}")
        about = root / f"evidence/topic-{number}/topic.yml"
        about.write_text(about.read_text().replace("id: example\n", f"id: topic-{number}\n", 1))
    shutil.rmtree(root / "evidence/example")
    for name in ["start", *(f"topic-{number}" for number in range(topics))]:
        cells = [new_markdown_cell(f"# {name}", id="head"), new_code_cell("1", id="one", execution_count=1)]
        nbformat.write(new_notebook(cells=cells), root / f"notebooks/{name}.ipynb")
    return Project(root)


def calls(function, *args):
    """Return how many functions, of Python and C, a call enters, and how often it enters those of Python by name."""
    named, total = Counter(), 0

    def count(frame, event, arg):
        nonlocal total
        total += event in ("call", "c_call")
        named[frame.f_code.co_name] += event == "call"

    sys.setprofile(count)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
    return total, named


def test_the_work_of_a_check_grows_as_the_topics_do(tmp_path):
    found = {}
    check(review_of(tmp_path / "first", 10).root / "evidence")  # what is made once, whatever the size
    for topics in (10, 20, 40):
        project = review_of(tmp_path / str(topics), topics)
        folder._small.cache_clear()  # the same bytes are not parsed again
        found[topics] = calls(check, project.root / "evidence")
        assert found[topics][1]["read_table"] == 2 + 9 * topics, "each table is parsed once"
    first, second = found[20][0] - found[10][0], found[40][0] - found[20][0]
    assert 0 < second <= 2.05 * first, "no topic costs more than the one before it"


@pytest.fixture
def counted(monkeypatch):
    """Count tables that are parsed, folders that are checked, pages that are executed and built; no kernel starts."""
    seen = Counter()

    def counting(module, name, what):
        function = getattr(module, name)

        def counts(*args, **kwargs):
            seen[what] += 1
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, counts)

    def run_all(notebooks, project, **options):
        for path in notebooks:
            nb = execute.read_notebook(path)
            reads = None if path.stem == "start" else [path.stem]
            made_from = inputs.inputs(inputs.snapshot(project), path.read_bytes(), reads)
            execute._finish(nb, project, reads, made_from)
            seen["executed"] += 1
            yield path, nb, None

    monkeypatch.setattr(execute, "run_all", run_all)
    counting(folder, "read_table", "parsed")
    counting(load, "check_folder", "checked")
    counting(pages, "page", "built")
    return seen


def test_one_topic_changed_is_its_own_page_and_those_that_read_all(tmp_path, counted):
    for topics in (4, 12):
        project = review_of(tmp_path / str(topics), topics)
        notebooks = project.notebooks()
        counted.clear()
        assert len(execute.render(project, notebooks)) == topics + 1 == counted["executed"]
        build.build(project, notebooks)
        assert counted["built"] == topics + 1
        counted.clear()
        assert execute.render(project, notebooks) == []
        build.build(project, notebooks)
        assert not counted, "nothing changed: no table is parsed, no page executed or built"
        table = project.root / "evidence/topic-2/results.csv"
        table.write_text(table.read_text().replace("Table 2, row pain at one year", "Table 2, row pain, one year"))
        assert sorted(execute.render(project, notebooks)) == ["start", "topic-2"]
        build.build(project, notebooks)
        assert counted == {"executed": 2, "built": 2}, "whatever the number of topics that did not change"
