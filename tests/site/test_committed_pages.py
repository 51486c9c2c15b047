"""The notebooks of this repository: current, in order, and fit to be pages. CI executes them again (`make stale`)."""

import random

import nbformat
import pytest
from injected import KINDS, injected

from reviewlib.site import Project
from reviewlib.site.faults import page_faults
from reviewlib.site.pages import page
from reviewlib.site.remade import MOST, compared

PROJECT = Project.find(__file__)
NOTEBOOKS = sorted((PROJECT.root / "notebooks").glob("*.ipynb"))
LINKS = [(PROJECT.page_name(path), path.stem) for path in NOTEBOOKS]


class Drawn(dict):
    """Pictures of an earlier build that has each: `make site` draws them, and a page's words do not depend on them."""

    def __bool__(self):
        return True

    def __contains__(self, key):
        return True

    def __missing__(self, key):
        return b"a picture"


def test_there_is_a_front_page():
    assert PROJECT.root / "notebooks" / f"{PROJECT.review.front}.ipynb" in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_committed_outputs_make_a_page_without_a_fault(path, tmp_path):
    nb = nbformat.read(path, as_version=4)
    html, _ = page(PROJECT, path, nb, LINKS, Drawn())
    assert page_faults(html, nb, dict(LINKS)) == []
    # The largest page lists 208 rows, each with its source; a fold that is built when opened would halve it.
    assert len(html.encode()) < 1_250_000, "a page stays under 1.25 MB"
    built, places, number = html, 0, f"{random.Random(path.stem).randrange(10**6, 10**7) / 1000}"
    for kind in KINDS:
        if (changed := injected(built, kind, number, seed=path.stem)) is not None:
            built, places = changed, places + 1
    (tmp_path / "page.html").write_text(built, encoding="utf-8")
    found = compared(tmp_path / "page.html", html)
    assert sum(f"'{number}'" in said for said in found) == min(places, MOST), "an invented number is seen everywhere"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_executed_from_top_to_bottom(path):
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert max(len(c.source.splitlines()) for c in cells) <= 12, "longer code belongs in reviewlib"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_outputs_were_made_from_the_tables_as_they_stand(path):
    made_from = nbformat.read(path, as_version=4).metadata["reviewlib"]
    now = PROJECT.evidence(made_from.get("reads"))
    assert made_from["evidence"] == now, "the tables changed since: run `make review` and commit the notebook"
