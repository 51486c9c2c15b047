"""A process that has imported what pages import and is copied for each kernel, so that a build pays for it once.

Only Linux copies a process safely once numpy is in it; elsewhere, and for one or two pages, a kernel starts by itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from select import select
from threading import Lock
from typing import Any

import psutil

FEWEST = 3  # pages; two kernels import side by side in the same time
_IMPORTED = (
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "scipy.optimize",
    "scipy.stats",
    "reviewlib.page.methods",
    "reviewlib.plots.forest",
)
_SERVE = "import sys; from reviewlib.site.forked import serve; serve(sys.argv[1])"


class Kernel(psutil.Process):
    """A copy, with what else a manager of kernels asks of a process that it started itself."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        """Return None while it runs."""
        return None if self.is_running() else 0

    def send_signal(self, sig: int) -> None:
        """Send a signal, to nobody where it has ended."""
        with suppress(psutil.NoSuchProcess):
            super().send_signal(sig)


@contextmanager
def original(pages: int, evidence: Path, environment: dict[str, str]) -> Iterator[Any]:
    """Hand over a function that starts a kernel, or None where kernels start by themselves.

    It takes command, environment, folder, log and the seconds to wait.

    Parameters
    ----------
    pages : int
    evidence : Path
        The folder whose tables are read once for all kernels; one that finds another byte there reads them anew.
    environment : dict of str to str
        What kernels have in common: libraries read theirs when they are imported.
    """
    if pages < FEWEST or sys.platform != "linux":
        yield None
        return
    env = environment | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # as the kernel sets it, but later
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "bufsize": 0}
    server, lock = subprocess.Popen([sys.executable, "-c", _SERVE, str(evidence)], env=env, cwd="/", **pipes), Lock()

    def start(command, env, cwd, log, seconds):
        asked, pid, name = json.dumps([command, env, str(cwd), str(log)]), "", None
        with lock:
            try:
                server.stdin.write(f"{asked}\n".encode())
                while name != str(log):  # an answer that came too late is another's
                    came = select([server.stdout], [], [], seconds)[0]
                    pid, name = server.stdout.readline().decode().strip().split(" ", 1) if came else ("", str(log))
                return Kernel(int(pid))
            except (OSError, ValueError, psutil.NoSuchProcess) as error:
                raise RuntimeError(f"no kernel could be started: {error}") from None

    try:
        yield start
    finally:
        server.kill()
        server.communicate()


def serve(evidence: str) -> None:
    """Import and read what pages need; then become, in a copy, each kernel that a line of the input asks for."""
    sys.path.remove("")
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # a kernel ends with the process that it was copied from
    for name in _IMPORTED:
        import_module(name)
    with suppress(Exception):  # tables with a fault: each page says so itself
        import_module("reviewlib").load_evidence(evidence)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a copy
    for line in sys.stdin:
        if not os.fork():
            return _become(*json.loads(line))


def _become(command, environment, folder, log):
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    print(os.getpid(), log, flush=True)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), *2 * [os.open(log, os.O_WRONLY | os.O_APPEND)])):
        os.dup2(file, number)
    os.chdir(folder)
    os.environ.update(environment)
    time.tzset()
    sys.argv = command[command.index("ipykernel_launcher") :]
    sys.modules["ipykernel.kernelapp"].launch_new_instance()
