"""A number that no cell gives is found wherever it is put: words, cells, captions, titles of pictures, attributes."""

import nbformat
import pytest
from injected import KINDS, injected
from kinds import result

from reviewlib import cli
from reviewlib.errors import EvidenceError
from reviewlib.site import execute, remade
from reviewlib.site.build import build
from reviewlib.site.remade import compared

SVG = '<svg role="img" viewBox="0 0 9 9"><title>Pooled −1.1</title><text>−1.1</text></svg>'
PAGE = (
    '<html><head><title>T</title><meta name="description" content="D"></head><body><nav><a href="#a">A</a></nav><main>'
    f'<h1>T</h1><div class="text"><p>4.4 fewer</p></div><div class="output" aria-label="O">{SVG}<img alt="9 trials">'
    '<section class="answer"><p>−1.1 (95% CI −1.9 to −0.3)</p></section><details><summary>3 trials</summary></details>'
    "<table><caption>9 trials</caption><tr><th>k</th><td>9</td><td>12 of 24</td></tr></table>"
    "<ul><li>½ of 8</li></ul></div></main><footer><p>Version 1.0</p></footer></body></html>"
)


def faults(tmp_path, built, made=PAGE):
    (tmp_path / "a.html").write_text(built, encoding="utf-8")
    return compared(tmp_path / "a.html", made, ["cell 7 of notebooks/a.ipynb"])


@pytest.mark.parametrize("number", ["7.31", "−0.77", "412", "1,412", "3%", "¾"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_invented_number_is_named_with_its_place_and_the_remedy(tmp_path, kind, number):
    (said,) = faults(tmp_path, injected(PAGE, kind, number))
    assert said.startswith(f"_site/a.html: '{number}' in ") and "reviewlib render" in said
    if kind in ("cell", "caption", "title of a picture", "alternative text", "label", "fold", "first screen"):
        assert "from cell 7 of notebooks/a.ipynb" in said


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("−1.1 (95%", "1.1 (95%", ["'1.1'"]),
        ("−1.9 to −0.3", "−0.3 to −1.9", ["'−0.3'", "'−1.9'"]),
        ("<td>9</td><td>12 of 24</td>", "<td>12 of 24</td><td>9</td>", ["9"]),
        ("12 of 24", "12.0 of 24", ["'12.0'"]),
        ("½ of 8", "⅓ of 8", ["'⅓'"]),
        ("<p>4.4 fewer</p>", "<p>4.4 fewer</p><p>4.4 fewer</p>", ["'4.4'"]),
        ("4.4 fewer", "4.4 less", []),
        ("</main>", "<script>x = 7.31</script></main>", []),
    ],
)
def test_a_number_changed_or_moved_is_found_and_words_are_not(tmp_path, old, new, named):
    assert PAGE.count(old) == 1
    found = faults(tmp_path, PAGE.replace(old, new))
    assert all(any(name in said for said in found) for name in named) and bool(found) == bool(named)


def test_the_page_as_made_has_no_fault_and_many_faults_are_counted(tmp_path):
    assert faults(tmp_path, PAGE) == []
    assert faults(tmp_path, PAGE.replace("<main>", "<main> <!-- 7.31 -->")) == []
    many = "".join(f"<p>{n}.5</p>" for n in range(100, 150))
    found = faults(tmp_path, PAGE.replace("</main>", f"{many}</main>"))
    assert len(found) == remade.MOST + 1 and f"{50 - remade.MOST} more numbers" in found[-1]


def test_a_page_that_was_not_built_is_refused(tmp_path):
    with pytest.raises(EvidenceError, match="build the site first"):
        compared(tmp_path / "a.html", PAGE)


@pytest.fixture
def review(project, write, monkeypatch):
    """A built review of one page, and an execution that gives what its one cell gives."""
    table = "<table><caption>Trials</caption><tr><th scope='col'>k</th></tr><tr><td>9</td></tr></table>"
    path = write("start", "# A page", ("count()", result("text/html", table)))
    made = path.read_bytes()

    def ran(paths, *args, **kwargs):
        return ((path, nbformat.reads(made.decode(), 4), None) for path in paths)

    monkeypatch.setattr(remade, "run_all", ran)
    build(project, project.notebooks())
    monkeypatch.chdir(project.root)
    return project


def provenance(capsys, *options):
    code = cli.main(["provenance", *options])
    return code, "".join(capsys.readouterr())


def test_the_command_lists_every_number_and_passes(review, capsys):
    code, said = provenance(capsys, "--all")
    assert code == 0 and "the same numbers" in said
    assert "index.html: 9 in '9': counted by cell 2 of notebooks/start.ipynb" in said


def test_a_number_put_into_the_built_page_fails(review, capsys):
    page = review.site / "index.html"
    page.write_text(page.read_text("utf-8").replace("<td>9</td>", "<td>19</td>"), "utf-8")
    code, said = provenance(capsys)
    assert code == 1 and "_site/index.html: '19' in '19', from cell 2 of notebooks/start.ipynb" in said


def test_a_number_put_into_an_output_of_a_notebook_fails(review, capsys):
    path = review.root / "notebooks" / "start.ipynb"
    path.write_text(path.read_text("utf-8").replace("<td>9</td>", "<td>19</td>"), "utf-8")
    build(review, review.notebooks())
    code, said = provenance(capsys)
    assert code == 1 and "'19' in '19', from cell 2" in said


def test_a_number_typed_into_prose_fails_unless_the_next_cell_asserts_it(review, write, capsys, monkeypatch):
    for code, good in (("1", False), ("assert len(rows) == 17", True)):
        path = write("start", "# A page", "It is 17.", (code,))
        nb = nbformat.read(path, 4)
        monkeypatch.setattr(remade, "run_all", lambda paths, *a, nb=nb, **k: ((path, nb, None) for path in paths))
        build(review, review.notebooks())
        status, said = provenance(capsys)
        assert (status == 0) == good and ("nothing asserts 17" in said) == (not good)


def test_a_page_that_no_notebook_makes_fails(review, capsys):
    (review.site / "more.html").write_text(PAGE, "utf-8")
    code, said = provenance(capsys)
    assert code == 1 and "_site/more.html: no notebook makes this page" in said


def test_a_notebook_that_cannot_be_executed_is_said(review, capsys, monkeypatch):
    monkeypatch.setattr(remade, "run_all", lambda paths, *a, **k: ((p, None, f"{p.name}: stopped") for p in paths))
    code, said = provenance(capsys)
    assert code == 1 and "start.ipynb: stopped" in said


def test_what_this_checkout_executed_is_not_executed_again(review, capsys, monkeypatch):
    monkeypatch.setattr(remade, "is_current", lambda project, path, files: True)
    monkeypatch.setattr(remade, "run_all", lambda paths, *a, **k: iter([1 / 0] if paths else []))
    assert provenance(capsys)[0] == 0
    path = execute._stamp_file(review, review.root / "notebooks" / "start.ipynb")
    assert not path.exists()
