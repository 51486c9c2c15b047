"""A kernel at work on one notebook: its environment, its end in time or in a sentence, and all that it started."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil

from ..evidence.reads import EVERY, FILE, SHARED
from .project import Project, SiteError

MOST = 50_000_000  # characters that a notebook may print or show


# On a slow machine matplotlib says, the first time, that it looks for fonts; that is no fault of the page.
_FIRST_FONTS = """import logging
logging.getLogger("matplotlib.font_manager").addFilter(lambda said: "font cache" not in said.getMessage())
del logging
"""


@dataclass(slots=True)
class Run:
    """One notebook at work: where it is, how much it has shown, and why it was stopped."""

    path: Path
    log: Path
    timeout: float
    end: float
    manager: Any = None
    cell: int | None = None
    shown: int = 0
    stopped: str = ""
    over: Event = field(default_factory=Event)

    @property
    def most(self) -> int:
        """How many characters the notebook may show."""
        return MOST

    def guard(self) -> None:
        """Stop the kernel at the end of its time, or when it floods its output; it may be deaf to signals."""
        while not self.over.wait(0.2):
            if time.monotonic() > self.end:
                self.stopped = "time"
            elif self.shown > MOST or self.log.stat().st_size > MOST:
                self.stopped = "output"
            if self.stopped:
                kill([self])
                return


def wait(nb: Any, run: Run, environment: dict[str, str], output: Any) -> None:
    """Wait for the notebook; turn whatever goes wrong into one sentence that names the cell."""
    from .notebook import CellExecutionError, DeadKernelError, client_of

    client = client_of(nb, run)
    guard, place = Thread(target=run.guard, daemon=True), f"notebooks/{run.path.name}"
    guard.start()
    try:
        execution = client.async_execute(env=environment, stdout=output, stderr=output)
        asyncio.run(_within(run.timeout, execution))
    except CellExecutionError as error:
        message = f"{error.ename}: {error.evalue}".strip()
        raise SiteError(f"{place}: cell {run.cell + 1} stopped with {message[:2000]}") from None
    except (TimeoutError, DeadKernelError, RuntimeError, AssertionError) as error:
        raise SiteError(f"{place}: {_why(run)}") from error
    finally:
        run.over.set()
        guard.join()
        # Left registered after a kernel that did not start, it would complain when this process ends.
        atexit.unregister(client._cleanup_kernel)
        kill([run])
    if run.shown > MOST:
        raise SiteError(f"{place}: {_why(run)}")


async def _within(seconds, execution):
    """Wait for the execution; what its parts say when they find their kernel killed is not worth a traceback."""
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    await asyncio.wait_for(execution, seconds)


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


def kill(runs: Sequence[Run]) -> None:
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


def reads_of(room: Path) -> tuple[list[str] | None, dict[str, str]]:
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


def manager_of(run: Run, start: Any = None) -> Any:
    """Return what manages the kernel of a notebook: a new process, or what `start` makes (see `forked.original`)."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    class Forked(AsyncKernelManager):
        async def _async_launch_kernel(self, kernel_cmd, **kw):
            self.provisioner.process = start(kernel_cmd, kw["env"], kw["cwd"], run.log, run.end - time.monotonic())
            self.provisioner.pid = self.provisioner.pgid = self.provisioner.process.pid

    # No folder of kernelspecs is searched, so a `python3` kernel installed for another Python cannot be picked up.
    kind = Forked if start else AsyncKernelManager
    return kind(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))


def kernel_environment(project: Project) -> dict[str, str]:
    """Return the environment that kernels share: nothing of the reader's own set-up may colour an output."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "PYTHONHASHSEED": "0",
        "MPLCONFIGDIR": str(project.cache / "matplotlib"),
        "TZ": "UTC",
        "COLUMNS": "100",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def own_environment(project: Project, scratch: Path) -> dict[str, str]:
    """Return what the kernel of one notebook has in its environment beside; it starts by writing down what it reads."""
    startup = scratch / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    evidence, log = str(project.root / "evidence"), str(scratch / "reads")
    (startup / "00-reads.py").write_text(
        f"from reviewlib.evidence.reads import watch\nwatch({evidence!r}, {log!r})\ndel watch\n{_FIRST_FONTS}",
        encoding="utf-8",
        newline="\n",
    )
    return {"IPYTHONDIR": str(scratch / "ipython"), "JUPYTER_RUNTIME_DIR": str(scratch / "runtime")}
