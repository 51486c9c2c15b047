"""Execution with real kernels: same inputs, same bytes; whatever goes wrong is one sentence and changes no file."""

import json
import os
import sys
import time

import nbformat
import pytest

from reviewlib.site import SiteError
from reviewlib.site.execute import render, run_all
from reviewlib.site.stale import stale


def outputs(path):
    nb = nbformat.read(path, as_version=4)
    return "".join(o.get("text", "") for cell in nb.cells for o in cell.get("outputs", []))


def test_nothing_of_the_readers_own_set_up_colours_an_output(project, write, monkeypatch, tmp_path):
    home = tmp_path / "home"
    spec = home / ".local/share/jupyter/kernels/python3/kernel.json"
    startup = home / ".ipython/profile_default/startup/colour.py"
    for path in (spec, startup):
        path.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}))
    startup.write_text("coloured = True\n")
    monkeypatch.delenv("IPYTHONDIR", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", str(spec.parents[2]))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    path = write(
        "start",
        ("import sys, os",),
        ("print(sys.dont_write_bytecode, 'coloured' in globals(), os.environ['TZ'])",),
        ("print(sys.executable)",),
    )
    render(project, [path])
    assert outputs(path) == f"False False UTC\n{sys.executable}\n"


def test_two_kernels_at_once_give_the_same_bytes_again_and_leave_nothing_beside_the_notebooks(project, write):
    source = "import numpy as np; print(np.random.default_rng(1).normal(), end=''); print(' and more')"
    paths = [write(name, "# A page", (source,), ("{'a': 1}",)) for name in ("start", "massage")]
    render(project, paths, jobs=2)
    first = [path.read_bytes() for path in paths]
    (project.cache / "render.json").unlink()
    render(project, paths, jobs=2)
    assert [path.read_bytes() for path in paths] == first
    assert sorted(p.name for p in (project.root / "notebooks").iterdir()) == ["massage.ipynb", "start.ipynb"]
    nb = nbformat.read(paths[0], as_version=4)
    assert "execution" not in nb.cells[1].metadata
    assert "version" not in nb.metadata.language_info
    assert set(nb.metadata.reviewlib) == {"evidence", "inputs", "made_with"}


def test_a_second_render_executes_nothing_until_a_table_changes(project, write):
    path = write("massage", ("print(open('../evidence/massage/results.csv').read())",))
    assert render(project, [path]) == ["massage"]
    assert render(project, [path]) == []
    table = project.root / "evidence/massage/results.csv"
    table.write_text(table.read_text().replace("3.9", "4.1"))
    assert render(project, [path]) == ["massage"]
    assert "4.1" in outputs(path)


def test_a_fresh_clone_executes_even_when_the_committed_notebook_looks_current(project, write):
    path = write("start", ("print('made here')",))
    render(project, [path])
    (project.cache / "render.json").unlink()
    assert render(project, [path]) == ["start"]


@pytest.mark.parametrize("name", ["evidence/massage/results.csv", "reviewlib/effects.py", "requirements.lock"])
def test_inputs_follow_tables_library_and_lock(project, write, name):
    path = write("start", ("1",))
    before = project.inputs(path)
    (project.root / name).write_text("changed")
    assert project.inputs(path) != before


def test_inputs_follow_the_source_of_the_notebook_but_not_its_outputs(project, write):
    from kinds import stream

    before = project.inputs(write("start", ("print(1)",)))
    assert project.inputs(write("start", ("print(1)", stream("1\n")))) == before
    assert project.inputs(write("start", ("print(2)",))) != before


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", r"notebooks/start.ipynb: cell 2 stopped with ZeroDivisionError: division by zero"),
        ("import warnings; warnings.warn('look again')", r"cell 2 wrote to stderr: .*warn"),
        ("import os; os._exit(3)", r"the kernel died in cell 2"),
    ],
)
def test_a_notebook_that_fails_is_left_as_it_was(project, write, source, message):
    path = write("start", ("1",), (source,))
    before = path.read_bytes()
    with pytest.raises(SiteError, match=message):
        render(project, [path])
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*"))


def test_a_kernel_that_hangs_is_stopped_and_its_cell_named(project, write, tmp_path):
    note = tmp_path / "pid"
    deaf = "import os, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    source = f"{deaf}; open({str(note)!r}, 'w').write(str(os.getpid()))"
    hanging, good = write("massage", (source,), ("time.sleep(600)",)), write("start", ("print('good')",))
    start = time.monotonic()
    message = r"massage.ipynb: cell 2 was still running after 6 seconds; the kernel was stopped"
    with pytest.raises(SiteError, match=message):
        render(project, [hanging, good], timeout=6)
    assert time.monotonic() - start < 20
    assert outputs(good) == "good\n"
    time.sleep(0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_kernel_that_does_not_start_in_time_is_told(project, write):
    with pytest.raises(SiteError, match="its kernel did not start after 0.01 seconds"):
        render(project, [write("start", ("1",))], timeout=0.01)


def test_a_stale_output_is_told_with_notebook_cell_and_remedy(project, write):
    path = write("start", "# A page", ("print('pooled -1.1')",))
    render(project, [path])
    assert stale(project, [path]) == []
    path.write_text(path.read_text().replace('"pooled -1.1\\n"', '"pooled -1.4\\n"'))
    before = path.read_bytes()
    (sentence,) = stale(project, [path])
    assert sentence.startswith("notebooks/start.ipynb: cell 2: text differs: committed 'pooled -1.4")
    assert "now 'pooled -1.1" in sentence
    assert "make review" in sentence
    assert path.read_bytes() == before


def test_a_stale_output_after_an_upgrade_names_both_versions(project, write):
    path = write("start", ("print('new')",))
    render(project, [path])
    nb = nbformat.read(path, as_version=4)
    nb.cells[0].outputs[0].text = "old\n"
    nb.metadata.reviewlib.made_with["matplotlib"] = "3.0.0"
    nbformat.write(nb, path)
    assert "matplotlib 3.0.0 became" in stale(project, [path])[0]


def test_a_committed_notebook_without_outputs_is_stale(project, write):
    path = write("start", ("print('new')",))
    assert "0 committed output(s), 1 when executed again" in stale(project, [path])[0]


def test_stopping_the_caller_stops_the_kernels(project, write, tmp_path):
    note = tmp_path / "pid"
    source = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    slow, quick = write("massage", (source,)), write("start", ("1",))
    runs = run_all([slow, quick], project, jobs=2)
    assert next(runs)[0] == quick
    while not (note.exists() and note.read_text()):
        time.sleep(0.1)
    with pytest.raises(KeyboardInterrupt):
        runs.throw(KeyboardInterrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
