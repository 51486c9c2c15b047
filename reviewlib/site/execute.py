"""Execute notebooks with real kernels, side by side, so that the same inputs give the same bytes.

A notebook is written back only when every cell succeeded and said nothing on stderr. Kernels talk over TCP: with
sockets in the folder two kernels that run at once take each other's files and hang.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat

from ..files import write
from .project import SiteError

TIMEOUT = 300  # seconds a notebook
_SHOWN_VERSIONS = ("matplotlib", "numpy", "pandas", "scipy", "statsmodels")


def render(project, notebooks, *, jobs=2, timeout=TIMEOUT, say=lambda line: None) -> list[str]:
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
    stamps = _read_stamps(project)
    todo = [path for path in notebooks if stamps.get(path.stem) != _stamp(project, path)]
    for path in notebooks:
        if path not in todo:
            say(f"{path.stem}: nothing changed")
    faults = []
    for path, nb, fault in run_all(todo, project, jobs=jobs, timeout=timeout, say=say):
        if fault:
            faults.append(fault)
            continue
        write(path, as_text(nb))
        stamps[path.stem] = _stamp(project, path)
        write(project.cache / "render.json", json.dumps(stamps, indent=1, sort_keys=True) + "\n")
    if faults:
        raise SiteError(sorted(faults))
    return [path.stem for path in todo]


def run_all(notebooks, project, *, jobs=2, timeout=TIMEOUT, say=lambda line: None):
    """Yield (path, executed notebook or None, fault or None) as the notebooks finish."""
    managers = []
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = {pool.submit(_timed, path, project, timeout, Path(scratch), managers): path for path in notebooks}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                nb, fault, seconds = future.result()
                state = "failed" if fault else "executed"
                say(f"{futures[future].stem}: {state} in {seconds:.0f} s ({done} of {len(futures)})")
                yield futures[future], nb, fault
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _kill(managers)
            raise


def _timed(path, project, timeout, scratch, managers):
    start = time.monotonic()
    nb, fault = None, None
    try:
        nb = execute(path, project, timeout=timeout, scratch=scratch, managers=managers)
    except SiteError as error:
        fault = str(error)
    return nb, fault, time.monotonic() - start


def execute(path, project, *, timeout=TIMEOUT, scratch, managers=None):
    """Return the notebook at `path`, executed in a kernel of this very Python; the file is not touched."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    nb = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    _strip(nb)
    # No folder of kernelspecs is searched, so a `python3` kernel installed for another Python cannot be picked up.
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    if managers is not None:
        managers.append(manager)
    client = NotebookClient(
        nb,
        km=manager,
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.owns_km = True
    reached = {"cell": None}
    client.on_cell_start = lambda cell, cell_index: reached.update(cell=cell_index)
    log = scratch / f"{path.stem}.log"
    with log.open("w") as output:
        run = client.async_execute(env=kernel_environment(project, scratch / path.stem), stdout=output, stderr=output)
        try:
            _run(run, path, reached, timeout, manager, log)
        finally:
            # Left registered after a kernel that did not start, it would complain when this process ends.
            atexit.unregister(client._cleanup_kernel)
    _refuse_stderr(nb, path)
    _finish(nb, project, path)
    return nb


def _run(coroutine, path, reached, timeout, manager, log):
    """Wait for the notebook; turn whatever goes wrong into one sentence that names the cell."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    place, end = f"notebooks/{path.name}", time.monotonic() + timeout
    try:
        asyncio.run(asyncio.wait_for(coroutine, timeout))
    except CellExecutionError as error:
        message = f"{error.ename}: {error.evalue}".strip()
        raise SiteError(f"{place}: cell {reached['cell'] + 1} stopped with {message}") from None
    except (TimeoutError, DeadKernelError, RuntimeError) as error:
        cell = reached["cell"]
        # nbclient reports a run that is cancelled at the end of its time as a dead kernel; the clock knows better.
        if time.monotonic() >= end:
            where = "its kernel did not start" if cell is None else f"cell {cell + 1} was still running"
            raise SiteError(f"{place}: {where} after {timeout:g} seconds; the kernel was stopped") from None
        where = "before the first cell" if cell is None else f"in cell {cell + 1}"
        tail = " | ".join(
            line for line in log.read_text(errors="replace").splitlines()[-4:] if "without encryption" not in line
        )
        raise SiteError(f"{place}: the kernel died {where}. {tail}".strip()) from error
    finally:
        _kill([manager])


def _kill(managers):
    """Stop kernels that outlived their notebook; one that is gone already needs nothing."""
    for manager in managers:
        process = getattr(getattr(manager, "provisioner", None), "process", None)
        if process is not None and process.poll() is None:
            process.kill()


def kernel_environment(project, scratch) -> dict[str, str]:
    """Return the environment of a kernel: nothing of the reader's own set-up may colour an output."""
    scratch.mkdir(parents=True, exist_ok=True)
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
                last = output.text.strip().splitlines()[-1] if output.text.strip() else ""
                raise SiteError(f"notebooks/{path.name}: cell {number} wrote to stderr: {last}")


def _finish(nb, project, path):
    """Give the notebook metadata that depends on its inputs only, not on the machine."""
    from importlib.metadata import version

    nb.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nb.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    nb.metadata["reviewlib"] = dict(nb.metadata.get("reviewlib", {})) | {
        "evidence": project.evidence(),
        "inputs": project.inputs(path),
        "made_with": {name: version(name) for name in _SHOWN_VERSIONS},
    }
    nb.nbformat, nb.nbformat_minor = 4, 5


def as_text(nb) -> str:
    """Return the notebook as it stands in the file."""
    return nbformat.writes(nb, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def _read_stamps(project) -> dict:
    """Return what this checkout last executed; an unreadable note means nothing is known."""
    try:
        return json.loads((project.cache / "render.json").read_text())
    except (OSError, ValueError):
        return {}


def _stamp(project, path) -> str:
    """Return a mark that changes with the inputs of a notebook and with the file itself, outputs included."""
    import hashlib

    return hashlib.sha256(project.inputs(path).encode() + path.read_bytes()).hexdigest()
