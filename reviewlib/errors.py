"""What goes wrong, in a sentence that lets the person who typed it correct it."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class EvidenceError(ValueError):
    """Input that the library refuses, with every fault it found.

    Parameters
    ----------
    problems : str or sequence of Problem
        One sentence, or all faults of a set of tables.
    """

    def __init__(self, problems: Any):
        self.problems = () if isinstance(problems, str) else tuple(problems)
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))


class UsageError(EvidenceError, TypeError):
    """A function was called with an argument that it does not have, or without one that it needs."""


class TooFewStudiesError(EvidenceError):
    """A method was asked for with fewer studies than it needs."""


class ConversionError(EvidenceError):
    """A number cannot be recovered from what was given."""


class MethodWarning(UserWarning):
    """The answer stands, under a condition that is not met."""


def warn(message: str, category: type[Warning] = MethodWarning) -> None:
    """Warn at the line that called this library, however deep inside it the condition was found."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def quiet() -> Iterator[None]:
    """Compute without the warnings of methods: what they say is said elsewhere, or was said before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodWarning)
        yield


def told(run: Callable[..., object], *words: object) -> int:
    """Run a command of a module; what is wrong with the tables or a file is told without a traceback."""
    try:
        run(*words)
    except EvidenceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in one cell of a table.

    `line` counts as an editor does (the header is line 1); `column` is the column's name; `severity` is
    ``"error"`` (refused) or ``"warning"`` (legal, but look again).
    """

    file: str
    line: int | None
    column: str
    record: str
    value: str
    rule: str
    remedy: str
    severity: str = "error"

    def __str__(self) -> str:
        place = self.file + (f" line {self.line}" if self.line else "")
        place += f", column {self.column}" if self.column else ""
        place += f" ({self.record})" if self.record else ""
        value = f' "{self.value}":' if self.value else ""
        return f"{place}:{value} {self.rule}. {self.remedy}"
