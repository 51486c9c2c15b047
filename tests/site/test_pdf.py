"""Printing: what is told when it cannot be done, and in a browser what comes out."""

import shutil

import pytest

from reviewlib.site import SiteError, pdf as printing
from reviewlib.site.build import build


def test_without_a_browser_nothing_is_printed_and_the_reason_is_told(project, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    said = []
    assert printing.print_site(project, say=said.append) == []
    assert "chromium" in said[0] and not project.site.exists()


def test_a_site_that_was_not_built_is_not_printed(project, write, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    write("start", "# Front")
    with pytest.raises(SiteError, match="index.html not built yet"):
        printing.print_site(project)


def test_a_browser_that_fails_is_told_with_the_page(project, write, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: shutil_which("false"))
    write("start", "# Front")
    build(project, project.notebooks())
    with pytest.raises(SiteError, match="index.html: the browser did not print it: exit code 1"):
        printing.print_site(project, say=lambda line: None)


@pytest.mark.browser
def test_every_page_is_printed_and_all_are_joined(project, write):
    write("start", "# Front\n\nOne [page](massage.ipynb)")
    write("massage", "# Another")
    build(project, project.notebooks())
    said = []
    made = printing.print_site(project, say=said.append)
    assert [path.name for path in made] == ["index.pdf", "massage.pdf", "everything.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF") for path in made)
    assert len(said) == 3


shutil_which = shutil.which
