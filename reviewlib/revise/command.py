"""The commands of this room, as `reviewlib` runs them: `diff`, `new`, `hook`."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from functools import wraps
from pathlib import Path

from . import WrongUsage


def _usage(action):
    """Return a command that tells wrong usage in a sentence and returns 2."""

    @wraps(action)
    def run(arguments) -> int:
        try:
            return action(arguments)
        except WrongUsage as error:
            print(error, file=sys.stderr)
            return 2

    return run


@_usage
def diff(arguments) -> int:
    """Compare two states of the evidence and tell what the change does to each conclusion.

    Without a name: the last commit against the working folder. One name (a git revision or a folder) is compared with
    the working folder, two with each other. Exit code 0: no conclusion moved; 1: one moved, or a state does not pass
    the check; 2: wrong usage.
    """
    from ..site import Project
    from . import markdown, page, terminal
    from .conclusions import difference
    from .states import open_states

    target = Path(arguments.output) if arguments.output else None
    if len(arguments.state) > 2:
        raise WrongUsage("name at most two states: the one before and the one after")
    if target and not target.resolve().parent.is_dir():
        raise WrongUsage(f"{target}: there is no folder {target.parent}. Make it first")
    with ExitStack() as stack:
        found = difference(*open_states(Project.find().root, arguments.state, stack))
        if arguments.form == "terminal":
            told = terminal.text(found, unicode=_unicode(target))
        else:
            told = (markdown if arguments.form == "markdown" else page).text(found)
    _tell(told, target)
    return found.exit_code


def _unicode(target) -> bool:
    encoding = "utf-8" if target else sys.stdout.encoding or "ascii"
    return encoding.lower().replace("-", "").startswith("utf")


def _tell(told, target) -> None:
    from ..site.project import write_atomically

    if target:
        write_atomically(target, str(told))
        print(f"written: {target}")
        return
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows only ASCII shows a question mark
    if isinstance(told, str):
        print(told, end="")
        return
    from rich.console import Console

    Console(soft_wrap=True, highlight=False).print(told, end="")


def diff_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `reviewlib diff`."""
    parser.add_argument("state", nargs="*", help="git revision or folder (default: HEAD); A..B is the same as A B")
    parser.add_argument(
        "--format", dest="form", choices=("terminal", "markdown", "html"), default="terminal", help="(%(default)s)"
    )
    parser.add_argument("--output", metavar="FILE", help="write it there instead of showing it")
