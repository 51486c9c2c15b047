"""Execution with real kernels: same inputs, same bytes; whatever goes wrong is one sentence and changes no file."""

import asyncio
import gc
import json
import os
import shutil
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from reviewlib.site import Project, SiteError, execute, kernel
from reviewlib.site.build import build
from reviewlib.site.execute import render, run_all
from reviewlib.site.inputs import snapshot
from reviewlib.site.stale import stale

TABLES = Path(__file__).parents[1] / "evidence" / "tables"


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
    shutil.rmtree(project.cache / "render")
    render(project, paths, jobs=2)
    assert [path.read_bytes() for path in paths] == first
    assert sorted(p.name for p in (project.root / "notebooks").iterdir()) == ["massage.ipynb", "start.ipynb"]
    nb = nbformat.read(paths[0], as_version=4)
    assert "execution" not in nb.cells[1].metadata
    assert "version" not in nb.metadata.language_info
    assert set(nb.metadata.reviewlib) == {"evidence", "inputs", "made_with"}


@pytest.fixture
def two_topics(tmp_path):
    """A project whose tables pass the check, with a second topic."""
    root = tmp_path / "two"
    shutil.copytree(TABLES, root / "evidence")
    shutil.copytree(root / "evidence/example", root / "evidence/other")
    topic = root / "evidence/other/topic.yml"
    topic.write_text(topic.read_text().replace("id: example\n", "id: other\n", 1))
    (root / "evidence/claims.csv").unlink()
    (root / "notebooks").mkdir()
    return Project(root)


def page_of(project, name, *sources):
    cells = [new_code_cell(source) for source in ("import reviewlib as rl\nevidence = rl.load_evidence()", *sources)]
    path = project.root / "notebooks" / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_only_pages_that_read_a_topic_are_executed_again_when_it_changes(two_topics):
    pages = {
        name: page_of(two_topics, name, source)
        for name, source in {
            "example": "len(evidence['example'].results), evidence['example'].checksum",
            "shared": "len(evidence.sources), evidence.topics",
            "both": "[topic.id for topic in evidence]",
            "sum": "evidence.checksum",
            "file": "len(open('../evidence/other/results.csv').read())",
            "pandas": "import pandas as pd\nlen(pd.read_csv('../evidence/other/results.csv'))",
        }.items()
    }
    assert len(render(two_topics, pages.values())) == 6
    assert render(two_topics, pages.values()) == []
    edit = two_topics.root / "evidence/other/topic.yml"
    edit.write_text(edit.read_text() + "# looked at\n")
    assert render(two_topics, pages.values()) == ["both", "sum", "file", "pandas"]
    edit = two_topics.root / "evidence/example/topic.yml"
    edit.write_text(edit.read_text() + "# looked at\n")
    assert render(two_topics, pages.values()) == ["example", "both", "sum"]
    (two_topics.root / "evidence/review.yml").write_text("title: Another title\n")
    assert render(two_topics, [pages["example"], pages["file"]]) == ["example", "file"]
    made_from = nbformat.read(pages["example"], as_version=4).metadata.reviewlib
    assert made_from.reads == ["example"] and made_from.evidence == two_topics.evidence(["example"])
    assert made_from.evidence in str(nbformat.read(pages["example"], as_version=4).cells[1].outputs)


def test_a_process_may_read_everything_but_the_first_look_for_fonts_reads_no_table(two_topics):
    fonts = "from matplotlib.font_manager import _get_fontconfig_fonts as f\nf.cache_clear()\nlen(f()) > -1"
    process = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', '']).returncode"
    sources = {"fonts": fonts, "process": process}
    pages = [page_of(two_topics, name, "len(evidence['example'].results)", source) for name, source in sources.items()]
    render(two_topics, pages, jobs=2)
    reads = [nbformat.read(page, as_version=4).metadata.reviewlib.get("reads") for page in pages]
    assert reads == [["example"], None]


def test_the_checksum_of_bytes_is_that_of_the_library(two_topics):
    from reviewlib import load_evidence

    evidence = load_evidence(two_topics.root / "evidence")
    assert two_topics.evidence() == evidence.checksum
    for topic in evidence:
        assert two_topics.evidence([topic.id]) == topic.checksum != evidence.checksum
    assert two_topics.evidence(evidence.topics) == evidence.checksum


EDITS = {
    "evidence/massage/results.csv": "../evidence/massage/results.csv",
    "reviewlib/effects.py": "../reviewlib/effects.py",
    "requirements.lock": "../requirements.lock",
    "notebooks/start.ipynb": "start.ipynb",
}


@pytest.mark.parametrize("name", EDITS)
def test_what_changes_while_a_page_is_executed_is_never_stamped_over_old_numbers(project, write, name):
    edit = f"text = open({EDITS[name]!r}).read(); open({EDITS[name]!r}, 'w').write(text + ' ')"
    path = write("start", ("numbers = open('../evidence/massage/results.csv').read()",), (edit,), ("print(numbers)",))
    with pytest.raises(SiteError, match=f"{name} changed while the page was executed. Run it again"):
        render(project, [path])
    assert outputs(path) == "" and not (project.cache / "render").exists()
    assert stale(project, [path]) == [
        f"notebooks/start.ipynb: {name} changed while the page was executed. Run it again"
    ]


def test_a_library_that_changes_between_two_pages_is_not_stamped_over_outputs_of_the_one_that_was_imported(
    project, write
):
    edit = "import pathlib; pathlib.Path('../reviewlib/effects.py').write_text('changed = True')"
    pages = [write("start", (edit,)), write("massage", ("1",)), write("stenosis", ("1",))]
    with pytest.raises(SiteError) as told:
        render(project, pages, jobs=1)
    assert str(told.value).count("reviewlib/effects.py changed while the page was executed") == 3


def test_a_table_that_changes_and_changes_back_is_noticed(project, write):
    name = "../evidence/massage/results.csv"
    there_and_back = f"text = open({name!r}).read(); open({name!r}, 'w').write('x'); seen = open({name!r}).read()"
    path = write("start", (f"{there_and_back}; open({name!r}, 'w').write(text)",))
    with pytest.raises(SiteError, match="massage/results.csv changed while"):
        render(project, [path])


def test_a_table_that_the_page_does_not_read_may_change_meanwhile(two_topics):
    touch = "import os; os.utime('../evidence/other/results.csv')"
    path = page_of(two_topics, "example", "len(evidence['example'].results)", touch)
    assert render(two_topics, [path]) == ["example"]


OTHER_FILES = {
    "notebooks/mine.csv": "open('mine.csv').read()",
    "notebooks/below/helper.py": "import sys; sys.path.insert(0, 'below'); import helper; helper.__name__",
    "evidence/note.txt": "open('../evidence/note.txt').read()",
    "evidence/example/note.txt": "open('../evidence/example/note.txt').read()",
    "data/numbers.json": "import json; json.load(open('../data/numbers.json'))",
    "evidence/other/listed.txt": "import os; os.listdir('../evidence/other')",
    "notebooks/later.txt": "import pathlib; [path.name for path in pathlib.Path('.').glob('*.txt')]",
    "notebooks/perhaps.txt": "try: open('perhaps.txt')\nexcept OSError: print('none')",
}


def test_every_other_file_that_a_page_reads_or_lists_makes_it_stale_when_it_changes(two_topics):
    files = {two_topics.root / name: source for name, source in OTHER_FILES.items()}
    for file in list(files)[:5]:
        file.parent.mkdir(exist_ok=True)
        file.write_text("1\n")
    kept = "open('../own.txt', 'w').write('made'); open('../own.txt').read()"
    page = page_of(two_topics, "reader", "\n".join([*files.values(), kept]))
    calm = page_of(two_topics, "calm", "evidence['example'].results")
    render(two_topics, [page, calm])

    def current():
        return [path.stem for path in (page, calm) if execute.is_current(two_topics, path, snapshot(two_topics))]

    for file in files:
        before = file.read_bytes() if file.exists() else None
        assert current() == ["reader", "calm"], f"before {file}"
        file.write_text("11\n")
        assert current() == ["calm"], file
        file.write_bytes(before) if before else file.unlink()
    next(iter(files)).unlink()
    assert current() == ["calm"]


@pytest.mark.parametrize("meanwhile", ["open('mine.csv', 'w').write('2')", "import os; os.remove('mine.csv')"])
def test_another_file_that_changes_while_the_page_is_executed_is_noticed(project, write, meanwhile):
    (project.root / "notebooks/mine.csv").write_text("1")
    path = write("start", ("numbers = open('mine.csv').read()",), (meanwhile,), ("print(numbers)",))
    with pytest.raises(SiteError, match="notebooks/mine.csv changed while the page was executed. Run it again"):
        render(project, [path])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_for_a_notebook_is_not_waited_for(project, write):
    write("start", "# A page")
    os.mkfifo(project.root / "notebooks/waits.ipynb")
    with pytest.raises(SiteError, match="notebooks/waits.ipynb: not a plain file. Put the notebook itself there"):
        project.notebooks()
    (project.root / "notebooks/waits.ipynb").unlink()
    write("Start", "# Another page")
    with pytest.raises(SiteError, match="start, Start: where case does not count they are one file"):
        project.notebooks()
    (project.root / "notebooks/Start.ipynb").unlink()
    with (project.root / "notebooks/huge.ipynb").open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(SiteError, match="notebooks/huge.ipynb: over 100 million bytes"):
        project.notebooks()


def test_a_long_line_and_marks_of_a_terminal_take_no_time(project, write):
    path = write("start", ("print('x' * 3_000_000)",), ("print('10%\\r20%\\rdone\\nab\\b\\bc')",))
    render(project, [path], timeout=60)
    assert outputs(path) == "x" * 3_000_000 + "\ndone\nc\n"


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('flood' * 1000)",
        "import os\nwhile True: os.write(1, b'flood' * 10_000)",
        "from IPython.display import HTML, display\nwhile True: display(HTML('x' * 100_000))",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: print(1234567890 * 1000)'])",
    ],
)
def test_a_flood_is_stopped(project, write, monkeypatch, source):
    monkeypatch.setattr(kernel, "MOST", 3_000_000)
    path = write("start", ("1",), (source,))
    start = time.monotonic()
    with pytest.raises(SiteError, match="start.ipynb: cell 2 showed more than 3 million characters"):
        render(project, [path], timeout=90)
    assert time.monotonic() - start < 60


def test_the_time_holds_for_a_cell_that_blocks_signals_and_starts_others(project, write, tmp_path):
    note = tmp_path / "pids"
    deaf = (
        "import os, signal, subprocess, sys, time\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "apart = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} {{apart.pid}}')\ntime.sleep(600)"
    )
    path = write("start", (deaf,))
    start = time.monotonic()
    with pytest.raises(SiteError, match="cell 1 was still running after 8 seconds; the kernel was stopped"):
        render(project, [path], timeout=8)
    assert time.monotonic() - start < 30
    time.sleep(0.3)
    for number in note.read_text().split():
        state = Path(f"/proc/{number}/stat")
        assert not state.exists() or state.read_text().rsplit(")")[-1].split()[0] == "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each kernel starts by itself")
def test_a_kernel_copied_from_another_shows_the_same_and_fails_in_the_same_words(project, write, tmp_path, monkeypatch):
    note = tmp_path / "pids"
    shown = (
        "import os, sys, __main__\nprint(sys.path[0], sys.argv[1:2], os.getcwd(), hash('a'), os.environ['TZ'])",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "os.system('echo to the terminal')\n1 / 3",
        "__main__.os is os, sys.stdin.read(), 'reviewlib.page' in dir()",
    )
    deaf = (
        "import os, signal, subprocess, sys, time\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})\n"
        "apart = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{apart.pid}}')\ntime.sleep(600)"
    )
    good = write("start", *((source,) for source in shown))
    pages = [good, write("massage", ("import os; os.write(2, b'gone'); os._exit(3)",)), write("deaf", (deaf,))]
    render(project, [good])
    alone = good.read_bytes()
    shutil.rmtree(project.cache / "render")
    with pytest.raises(SiteError) as raised:
        render(project, pages, jobs=3, timeout=20)
    assert good.read_bytes() == alone and "image/png" in alone.decode()
    died, late = sorted(raised.value.problems, reverse=True)
    assert "massage.ipynb: the kernel died in cell 1" in died and "gone" in died
    assert "deaf.ipynb: cell 1 was still running after 20 seconds; the kernel was stopped" in late
    left = [p for p in psutil.process_iter(["status"]) if str(p.pid) in note.read_text().split()]
    assert all(process.info["status"] == psutil.STATUS_ZOMBIE for process in left)
    monkeypatch.setattr("reviewlib.site.forked._SERVE", "raise SystemExit")
    monkeypatch.setattr("reviewlib.site.forked.FEWEST", 1)
    with pytest.raises(SiteError, match="deaf.ipynb: the kernel died before the first cell"):
        render(project, pages[2:], timeout=20)


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '{"cells": 3}', "\udcff", "[" * 100_000])
def test_a_file_that_is_no_notebook_is_told(project, write, content):
    write("start", "# Front")
    path = write("massage", ("1",))
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SiteError, match=r"notebooks/massage.ipynb is not a notebook \(.*\): take it from git again"):
        render(project, [path])
    with pytest.raises(SiteError, match="is not a notebook"):
        build(project, project.notebooks())


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ({"nbformat": 3, "worksheets": []}, "its format is 3, not 4"),
        ({"nbformat": "4"}, "its format is '4', not 4"),
        ({"nbformat": None}, "its format is None, not 4"),
        ({"cells": {}}, "is not of type 'array'"),
        ({"cells": [1]}, "TypeError"),
        ({"cells": [{"cell_type": "odd", "id": "a", "metadata": {}, "source": "1"}]}, "odd"),
        ({"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": None, "outputs": []}]}, "not valid"),
        (
            {"cells": [{"cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "outputs": []}]},
            "'source' is a req",
        ),
        ({"nbformat_minor": float("nan")}, "AssertionError"),
        ({"metadata": {"reviewlib": "x"}}, "its record of what it was made from is damaged"),
        ({"metadata": {"reviewlib": {"reads": [{}]}}}, "its record of what it was made from is damaged"),
        ({"metadata": {"reviewlib": {"evidence": 3}}}, "its record of what it was made from is damaged"),
    ],
)
def test_a_notebook_that_is_not_whole_is_refused_with_its_reason(project, write, spoil, why):
    path = write("start", "# A page", ("1",))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | spoil), encoding="utf-8")
    for command in (render, build):
        with pytest.raises(SiteError, match=r"notebooks/start.ipynb is not a notebook \(") as refused:
            command(project, [path])
        assert why in str(refused.value)


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
    shutil.rmtree(project.cache / "render")
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
        ("import sys; sys.stderr.write('y' * 100_000)", r"cell 2 wrote to stderr: y{200}$"),
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
    assert "reviewlib render" in sentence
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
    assert "0 committed outputs, 1 when executed again" in stale(project, [path])[0]


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


def test_the_first_search_for_fonts_is_no_fault_of_a_page():
    import logging

    told, log = [], logging.Logger("matplotlib.font_manager")
    log.addHandler(type("Keep", (logging.Handler,), {"emit": lambda self, said: told.append(said.getMessage())})())
    code = kernel._FIRST_FONTS.replace('logging.getLogger("matplotlib.font_manager")', "log")
    exec(code, {"log": log})
    log.warning("Matplotlib is building the font cache; this may take a moment.")
    log.warning("findfont: Font family 'Nowhere' not found.")
    assert told == ["findfont: Font family 'Nowhere' not found."]


def test_what_a_stopped_kernel_leaves_behind_is_no_traceback(caplog):
    """A task of nbclient finds no kernel any more; the sentence on the time that is over is enough."""

    async def poll():
        raise AssertionError

    async def execution():
        task = asyncio.ensure_future(poll())
        await asyncio.sleep(30)
        return task

    with pytest.raises(TimeoutError):
        asyncio.run(kernel._within(0.05, execution()))
    gc.collect()
    assert not caplog.records
