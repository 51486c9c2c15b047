"""The command `reviewlib`: check the tables, render the pages.

A command is one function that takes the parsed arguments and returns an exit code (0 good, 1 findings, 2 wrong usage),
and one entry of `COMMANDS` that says its options. Rooms are imported when their command runs, so that help is instant.
"""

from __future__ import annotations

import argparse
import os
import sys

from . import __version__
from .errors import EvidenceError
from .exchange import commands as exchange
from .revise import command as revise


def check(arguments) -> int:
    """Check every evidence table against its dictionary and tell all faults at once."""
    if arguments.fix:
        from .evidence.tidy import main as put_right

        return put_right(arguments.path, yes=arguments.yes)
    from .evidence.check import main as check_tables

    return check_tables(arguments.path, form=arguments.form)


def render(arguments) -> int:
    """Execute the notebooks and build the site."""
    from .site.build import build
    from .site.execute import render as execute
    from .site.project import Project
    from .site.stale import stale

    project = Project.find()
    notebooks = project.notebooks(arguments.only)
    options = {"jobs": arguments.jobs, "timeout": arguments.timeout, "say": _say}
    if arguments.stale:
        return _findings(
            stale(project, notebooks, **options), "The committed outputs follow from the tables and the code."
        )
    if arguments.execute:
        execute(project, notebooks, **options)
    pages = build(project, notebooks, say=_say)
    print(f"{len(pages)} page(s) built. Open {pages[0].as_uri()}")
    return 0


def _render_options(parser):
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this notebook only (repeatable)")
    parser.add_argument(
        "--no-execute", dest="execute", action="store_false", help="build from the outputs as they stand"
    )
    parser.add_argument("--stale", action="store_true", help="execute on a copy, compare, write nothing; 1 when stale")
    parser.add_argument(
        "--jobs", type=_count, default=min(4, os.cpu_count() or 2), help="notebooks at once (%(default)s)"
    )
    parser.add_argument("--timeout", type=_count, default=300, metavar="SECONDS", help="for one notebook (%(default)s)")


def _check_options(parser):
    parser.add_argument("path", nargs="?", help="folder of tables (default: evidence/ of this project)")
    parser.add_argument(
        "--format",
        dest="form",
        choices=("text", "json", "github", "sarif"),
        default="text",
        help="sentences, one JSON document, GitHub annotations, or a SARIF 2.1.0 log (%(default)s)",
    )
    parser.add_argument("--json", dest="form", action="store_const", const="json", help="the same as --format json")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="show and put right the form: line ends, blanks, order of rows; never a value",
    )
    parser.add_argument("--yes", action="store_true", help="with --fix: write without asking")


COMMANDS = {
    "check": (check, _check_options),
    "render": (render, _render_options),
    "import": (exchange.import_, exchange.import_options),
    "export": (exchange.export_, exchange.export_options),
    "pool": (exchange.pool, exchange.pool_options),
    "diff": (revise.diff, revise.diff_options),
    "new": (revise.new, revise.new_options),
    "hook": (revise.hook, revise.hook_options),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="reviewlib", description="Evidence tables, their synthesis, and the pages they make."
    )
    top.add_argument("--version", action="version", version=f"reviewlib {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (action, options) in COMMANDS.items():
        command = commands.add_parser(name, help=action.__doc__.splitlines()[0], description=action.__doc__)
        options(command)
        command.set_defaults(action=action)
    return top


def main(argv=None) -> int:
    """Run one command and return its exit code; a user's mistake is told in a sentence, without a traceback."""
    from .site.project import SiteError

    arguments = parser().parse_args(argv)
    try:
        return arguments.action(arguments)
    except (SiteError, EvidenceError) as error:
        return _findings(getattr(error, "problems", ()) or (str(error),), "")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        return _findings((f"{error.filename}: {error.strerror}",), "")
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1


def _findings(sentences, good) -> int:
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    if not sentences:
        print(good)
    return 1 if sentences else 0


def _say(line):
    print(line, file=sys.stderr, flush=True)


def _count(text) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
