"""Execute notebooks with real kernels, side by side, so that the same inputs give the same bytes.

A notebook is written back only when every cell succeeded, said nothing on stderr, and nothing that it reads changed
meanwhile. Kernels talk over TCP: with sockets in the folder two kernels that run at once take each other's files and
hang.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..evidence.reads import sign
from ..files import write_all
from .forked import original
from .inputs import changed, inputs, snapshot
from .kernel import Run, kernel_environment, kill, manager_of, own_environment, reads_of, wait
from .project import Project, SiteError

TIMEOUT = 300  # seconds a notebook
_SHOWN_VERSIONS = ("matplotlib", "numpy", "pandas", "scipy", "statsmodels")


def render(
    project: Project, notebooks: Sequence[Path], *, jobs: int = 2, timeout: int = TIMEOUT, say: Any = lambda line: None
) -> list[str]:
    """Execute the notebooks whose inputs changed since this checkout last ran them, and write them back.

    Parameters
    ----------
    project : Project
    notebooks : sequence of Path
    jobs : int
        Kernels at work at once.
    timeout : float
        Seconds a notebook, from the start of its kernel.
    say : callable
        Receives one line of progress at a time.

    Returns
    -------
    list of str
        Names of the notebooks that were executed.

    Raises
    ------
    SiteError
        With one sentence a notebook that failed; those are left as they were.
    """
    files = snapshot(project)
    todo = [path for path in notebooks if not is_current(project, path, files)]
    for path in notebooks:
        if path not in todo:
            say(f"{path.stem}: nothing changed")
    if todo:
        say(f"executing {', '.join(path.stem for path in todo)}, {min(jobs, len(todo))} at a time ...")
    faults = []
    for path, nb, fault in run_all(todo, project, jobs=jobs, timeout=timeout, say=say):
        if fault:
            faults.append(fault)
            continue
        text = as_text(nb)
        made = nb.metadata["reviewlib"]
        stamp = _stamp(made["inputs"], text.encode(), made.get("reads"), made.get("files", {}))
        write_all({path: text, _stamp_file(project, path): json.dumps(stamp, indent=1) + "\n"})
    if faults:
        raise SiteError(sorted(faults))
    return [path.stem for path in todo]


def _stamp(made_from, notebook: bytes, reads, files) -> dict:
    """Return what this checkout remembers of an execution: inputs, versions, and the file that came of it."""
    return {
        "inputs": made_from,
        "reads": reads,
        "files": files,
        "file": hashlib.sha256(notebook).hexdigest(),
        "with": _versions(),
        "python": sys.version,
    }


def _stamp_file(project, path) -> Path:
    return project.cache / "render" / f"{path.stem}.json"


def is_current(project: Project, path: Path, files: Any) -> bool:
    """Tell whether this checkout made the file as it stands from the inputs as they stand; a broken stamp says no."""
    try:
        known = json.loads(_stamp_file(project, path).read_bytes())
        notebook, reads = path.read_bytes(), known["reads"]
        others = {name: sign(str(project.root / name)) for name in known["files"]}
        return known == _stamp(inputs(files, notebook, reads), notebook, reads, others)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _versions() -> dict[str, str]:
    return {name: version(name) for name in _SHOWN_VERSIONS}


def run_all(
    notebooks: Sequence[Path], project: Project, *, jobs: int = 2, timeout: int = TIMEOUT, say: Any = lambda line: None
) -> Iterator[tuple[Path, Any, Any]]:
    """Yield (path, executed notebook or None, fault or None) as the notebooks finish."""
    runs: list[Run] = []
    imported = {name: seen for name, seen in snapshot(project).items() if not name.startswith("evidence/")}
    with (
        tempfile.TemporaryDirectory() as scratch,
        original(len(notebooks), project.root / "evidence", kernel_environment(project)) as start,
        ThreadPoolExecutor(max(1, jobs)) as pool,
    ):
        given = {"timeout": timeout, "scratch": Path(scratch), "runs": runs, "start": start}
        given["imported"] = imported if start else {}
        futures = {pool.submit(_timed, path, project, given): path for path in notebooks}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                nb, fault, seconds = future.result()
                state = "failed" if fault else "executed"
                say(f"{futures[future].stem}: {state} in {seconds:.0f} s ({done} of {len(futures)})")
                yield futures[future], nb, fault
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kill(runs)
            raise


def _timed(path, project, given):
    began = time.monotonic()
    nb, fault = None, None
    try:
        nb = execute(path, project, **given)
    except SiteError as error:
        fault = str(error)
    return nb, fault, time.monotonic() - began


def execute(
    path: Path,
    project: Project,
    *,
    timeout: int = TIMEOUT,
    scratch: Path,
    runs: Any = None,
    start: Any = None,
    imported: Any = (),
) -> Any:
    """Return the notebook at `path`, executed in a kernel of this very Python; the file is not touched.

    Of the library, `imported` is what it was when the process was started of which `start` makes copies.
    """
    from .notebook import joined

    before, source = snapshot(project) | dict(imported), path.read_bytes()
    nb = read_notebook(path, source)
    _strip(nb)
    room = scratch / path.stem
    room.mkdir(parents=True)
    run = Run(path, room / "log", timeout, time.monotonic() + timeout)
    run.manager = manager_of(run, start)
    if runs is not None:
        runs.append(run)
    with run.log.open("w", encoding="utf-8", newline="\n") as output:
        wait(nb, run, kernel_environment(project) | own_environment(project, room), output)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    _refuse_stderr(nb, path)
    reads, files = reads_of(room)
    files.pop(f"notebooks/{path.name}", None)  # its source counts, its outputs do not
    _finish(nb, project, reads, inputs(before, source, reads), files)
    moved = changed(before, snapshot(project, before), reads)
    moved += [name for name, content in files.items() if sign(str(project.root / name)) != content]
    if moved or path.read_bytes() != source:
        names = ", ".join(moved[:5]) or f"notebooks/{path.name}"
        raise SiteError(f"notebooks/{path.name}: {names} changed while the page was executed. Run it again")
    return nb


def read_notebook(path: Path, data: bytes | None = None) -> Any:
    """Return a notebook; a file that is none, or not whole, is refused in a sentence."""
    from .notebook import nbformat

    data = path.read_bytes() if data is None else data
    try:
        form = json.loads(data.decode("utf-8"))["nbformat"]
        if form == 4:
            nb = nbformat.reads(data.decode("utf-8"), as_version=4)
            for cell in nb.cells:
                if cell.cell_type == "code":  # a notebook typed by hand may leave out what was never executed
                    cell.setdefault("execution_count", None)
            nbformat.validate(nb)
            if _is_record(nb.metadata.get("reviewlib", {})):
                return nb
        why = "its record of what it was made from is damaged" if form == 4 else f"its format is {form!r}, not 4"
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError) as error:
        why = f"{type(error).__name__}" if data.strip() else "it is empty"
    except (nbformat.ValidationError, nbformat.validator.NotebookValidationError) as error:
        why = str(error).splitlines()[0][:200]
    raise SiteError(f"notebooks/{path.name} is not a notebook ({why}): take it from git again")


def _is_record(made) -> bool:
    """Tell whether what a notebook says of its inputs has the shape in which `_finish` writes it."""
    if not isinstance(made, dict):
        return False
    shapes = {"evidence": str, "inputs": str, "reads": list, "files": dict, "made_with": dict}
    whole = all(isinstance(made[key], shape) for key, shape in shapes.items() if made.get(key) is not None)
    return whole and all(isinstance(name, str) for name in made.get("reads") or ())


def _strip(nb):
    """Drop what an earlier run or an editor left behind."""
    for number, cell in enumerate(nb.cells, 1):
        cell.setdefault("id", f"cell-{number}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            for key in ("execution", "ExecuteTime", "scrolled", "collapsed"):
                cell.metadata.pop(key, None)


def _refuse_stderr(nb, path):
    """A warning in a page is a fault of the page: mend its cause or say it in words."""
    for number, cell in enumerate(nb.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                last = (output.text.strip().splitlines() or [""])[-1][:200]
                raise SiteError(f"notebooks/{path.name}: cell {number} wrote to stderr: {last}")


def _finish(nb, project, reads, made_from, files=None):
    """Give the notebook metadata that depends on its inputs only, not on the machine."""
    nb.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    made = {
        "evidence": project.evidence(reads),
        "inputs": made_from,
        "reads": reads,
        "made_with": _versions(),
        "files": files or None,
    }
    nb.metadata["reviewlib"] = {key: value for key, value in made.items() if value is not None}
    nb.nbformat, nb.nbformat_minor = 4, 5


def as_text(nb: Any) -> str:
    """Return the notebook as it stands in the file."""
    from .notebook import nbformat

    return nbformat.writes(nb, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
