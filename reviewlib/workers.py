"""Many like pieces of work, on one core, all cores or a cluster: what `n_jobs` means in every function that has it.

The work is joblib's: `n_jobs=None` is one process, or what an active ``joblib.parallel_config`` says (its backend
"dask" sends the pieces to a cluster); -1 is every core. Pieces are made before they are handed out, with their random
numbers in them, and their results come back in their order: any number of workers gives the same digits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

ATTEMPTS = 4  # a worker that the system kills, for memory say, costs its pieces a new attempt
WAIT = 2.0  # seconds after which a person at a terminal is shown how far it is


def each(function: Callable[[Any], Any], pieces: Iterable[Any], n_jobs: int | None = None, what: str = "") -> list:
    """Return ``function(piece)`` of every piece, in their order.

    Parameters
    ----------
    function : callable
        Of one argument; it and the pieces can be pickled where there is more than one process.
    pieces : iterable
        Taken one at a time by a single process, as a whole by several.
    n_jobs : int, optional
        See the module.
    what : str
        What is done, for a person at a terminal who waits for more than two seconds.

    Raises
    ------
    RuntimeError
        Workers were killed again and again.
    """
    if n_jobs == 1 or (n_jobs is None and "joblib" not in sys.modules):  # without joblib no backend was chosen
        return list(_shown(map(function, pieces), _length(pieces), what))
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    pieces, done = list(pieces), []
    for attempt in range(1, ATTEMPTS + 1):
        work = Parallel(n_jobs=n_jobs, return_as="generator")
        rest = pieces[len(done) :]
        try:
            for found in _shown(work(delayed(function)(piece) for piece in rest), len(rest), what):
                done.append(found)
        except TerminatedWorkerError as problem:
            if attempt == ATTEMPTS:
                raise RuntimeError(
                    f"workers were killed {ATTEMPTS} times: give n_jobs fewer, or more memory"
                ) from problem
            continue
        return done
    return done


def _length(pieces):
    return len(pieces) if hasattr(pieces, "__len__") else None


def _shown(results: Iterable[Any], total: int | None, what: str) -> Iterator[Any]:
    """Pass results on; say on a terminal how many of them there are, once the wait is long."""
    start, last = time.monotonic(), 0.0
    for count, found in enumerate(results, 1):
        now = time.monotonic()
        if what and now - start > WAIT and now - last > 0.5 and sys.stderr.isatty():
            last = now
            print(f"\r{what}: {count}" + (f" of {total}" if total else ""), end="", file=sys.stderr, flush=True)
        yield found
    if last:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
