"""Execute notebooks with real kernels, side by side, so that the same inputs give the same bytes.

A notebook is written back only when every cell succeeded, said nothing on stderr, and nothing that it reads changed
meanwhile. Kernels talk over TCP: with sockets in the folder two kernels that run at once take each other's files and
hang.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from ..evidence.reads import EVERY, FILE, SHARED, sign
from ..files import write_all
from .inputs import changed, inputs, snapshot
from .project import Project, SiteError

TIMEOUT = 300  # seconds a notebook
MOST = 50_000_000  # characters that a notebook may print or show
# On a slow machine matplotlib says, the first time, that it looks for fonts; that is no fault of the page.
_FIRST_FONTS = """import logging
logging.getLogger("matplotlib.font_manager").addFilter(lambda said: "font cache" not in said.getMessage())
del logging
"""
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
    runs: list[_Run] = []
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = {pool.submit(_timed, path, project, timeout, Path(scratch), runs): path for path in notebooks}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                nb, fault, seconds = future.result()
                state = "failed" if fault else "executed"
                say(f"{futures[future].stem}: {state} in {seconds:.0f} s ({done} of {len(futures)})")
                yield futures[future], nb, fault
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _kill(runs)
            raise


def _timed(path, project, timeout, scratch, runs):
    start = time.monotonic()
    nb, fault = None, None
    try:
        nb = execute(path, project, timeout=timeout, scratch=scratch, runs=runs)
    except SiteError as error:
        fault = str(error)
    return nb, fault, time.monotonic() - start


@dataclass(slots=True)
class _Run:
    """One notebook at work: where it is, how much it has shown, and why it was stopped."""

    path: Path
    manager: Any
    log: Path
    timeout: float
    end: float
    cell: int | None = None
    shown: int = 0
    stopped: str = ""
    over: Event = field(default_factory=Event)

    @property
    def most(self) -> int:
        """How many characters the notebook may show."""
        return MOST

    def guard(self):
        """Stop the kernel at the end of its time, or when it floods its output; it may be deaf to signals."""
        while not self.over.wait(0.2):
            if time.monotonic() > self.end:
                self.stopped = "time"
            elif self.shown > MOST or self.log.stat().st_size > MOST:
                self.stopped = "output"
            if self.stopped:
                _kill([self])
                return


def execute(path: Path, project: Project, *, timeout: int = TIMEOUT, scratch: Path, runs: Any = None) -> Any:
    """Return the notebook at `path`, executed in a kernel of this very Python; the file is not touched."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    from .notebook import joined

    before, source = snapshot(project), path.read_bytes()
    nb = read_notebook(path, source)
    _strip(nb)
    # No folder of kernelspecs is searched, so a `python3` kernel installed for another Python cannot be picked up.
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    room = scratch / path.stem
    room.mkdir(parents=True)
    run = _Run(path, manager, room / "log", timeout, time.monotonic() + timeout)
    if runs is not None:
        runs.append(run)
    with run.log.open("w", encoding="utf-8", newline="\n") as output:
        _wait(nb, run, kernel_environment(project, room), output)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    _refuse_stderr(nb, path)
    reads, files = _reads(room)
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


def _wait(nb, run, environment, output):
    """Wait for the notebook; turn whatever goes wrong into one sentence that names the cell."""
    from .notebook import CellExecutionError, DeadKernelError, client_of

    client = client_of(nb, run)
    guard, place = Thread(target=run.guard, daemon=True), f"notebooks/{run.path.name}"
    guard.start()
    try:
        execution = client.async_execute(env=environment, stdout=output, stderr=output)
        asyncio.run(asyncio.wait_for(execution, run.timeout))
    except CellExecutionError as error:
        message = f"{error.ename}: {error.evalue}".strip()
        raise SiteError(f"{place}: cell {run.cell + 1} stopped with {message[:2000]}") from None
    except (TimeoutError, DeadKernelError, RuntimeError) as error:
        raise SiteError(f"{place}: {_why(run)}") from error
    finally:
        run.over.set()
        guard.join()
        # Left registered after a kernel that did not start, it would complain when this process ends.
        atexit.unregister(client._cleanup_kernel)
        _kill([run])
    if run.shown > MOST:
        raise SiteError(f"{place}: {_why(run)}")


def _why(run) -> str:
    if run.stopped == "output" or run.shown > MOST:
        return f"cell {run.cell + 1} showed more than {MOST / 1e6:.0f} million characters; the kernel was stopped"
    # nbclient reports a run that is cancelled at the end of its time as a dead kernel; the clock knows better.
    if run.stopped or time.monotonic() >= run.end:
        where = "its kernel did not start" if run.cell is None else f"cell {run.cell + 1} was still running"
        return f"{where} after {run.timeout:g} seconds; the kernel was stopped"
    where = "before the first cell" if run.cell is None else f"in cell {run.cell + 1}"
    lines = run.log.read_text(encoding="utf-8", errors="replace")[-5000:].splitlines()[-4:]
    return f"the kernel died {where}. {' | '.join(line for line in lines if 'without encryption' not in line)}".strip()


def _kill(runs):
    """Stop kernels that outlived their notebook, with all that they started; one that is gone already needs nothing."""
    for run in runs:
        process = getattr(getattr(run.manager, "provisioner", None), "process", None)
        if process is None:
            continue
        started = list(_started(run.log.parent))
        try:
            os.killpg(process.pid, signal.SIGKILL)  # a kernel leads a group of its own
        except (AttributeError, ProcessLookupError, PermissionError):
            if process.poll() is None:
                process.kill()
        for other in started:
            with suppress(psutil.Error):
                other.kill()


def _started(room) -> Iterator[psutil.Process]:
    """Yield what a kernel started, also in sessions of their own: all that inherited the folder of its notebook."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("IPYTHONDIR") == str(room / "ipython"):
                yield process


def _reads(room) -> tuple[list[str] | None, dict[str, str]]:
    """Return the topics that the kernel read, and other files with their checksums.

    Topics are None when it read all, or nothing that was noticed.
    """
    try:
        lines = (room / "reads").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None, {}
    files = dict(sorted(json.loads(line.removeprefix(FILE)) for line in lines if line.startswith(FILE)))
    topics = {line for line in lines if not line.startswith(FILE)}
    return sorted(topics - {SHARED}) if topics and EVERY not in topics else None, files


def kernel_environment(project: Project, scratch: Path) -> dict[str, str]:
    """Return the environment of a kernel: nothing of the reader's own set-up may colour an output."""
    startup = scratch / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    evidence, log = str(project.root / "evidence"), str(scratch / "reads")
    (startup / "00-reads.py").write_text(
        f"from reviewlib.evidence.reads import watch\nwatch({evidence!r}, {log!r})\ndel watch\n{_FIRST_FONTS}",
        encoding="utf-8",
        newline="\n",
    )
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "PYTHONHASHSEED": "0",
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "MPLCONFIGDIR": str(project.cache / "matplotlib"),
        "TZ": "UTC",
        "COLUMNS": "100",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


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
