"""The command `reviewlib`: check the tables, render the pages.

A command is one function that takes the parsed arguments and returns an exit code (0 good, 1 findings, 2 wrong usage),
and one entry of `COMMANDS` that says its options. Rooms are imported when their command runs, so that help is instant.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
import warnings
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from io import UnsupportedOperation
from threading import Timer
from typing import Any, NoReturn

from . import __version__
from .errors import EvidenceError, MethodWarning
from .exchange import commands as exchange
from .extras import lacking, need
from .flags import Shown, evidence_option, in_flags
from .nouns import count
from .revise import WrongUsage, command as revise

# What people type who know other programs, and our command for it.
_ELSEWHERE = {"build": "render", "publish": "render", "lint": "check", "test": "check", "validate": "check"}
_ELSEWHERE |= {"compare": "diff", "create": "new", "init": "new", "meta": "pool", "save": "export"}


def check(arguments: argparse.Namespace) -> int:
    """Check every evidence table against its dictionary and tell all faults at once."""
    if arguments.fix:
        from .evidence.tidy import main as put_right

        return put_right(arguments.path or arguments.evidence, yes=arguments.yes)
    from .evidence.check import main as check_tables

    return check_tables(arguments.path or arguments.evidence, form=arguments.form)


def render(arguments: argparse.Namespace) -> int:
    """Execute the notebooks and build the site."""
    need("site")
    from .site.build import build, dictionary_in_step, readme_in_step
    from .site.execute import render as execute
    from .site.project import Project

    project = Project.find(arguments.evidence)
    notebooks = project.notebooks(arguments.only)
    options = {"jobs": arguments.jobs, "timeout": arguments.timeout, "say": _say}
    if arguments.stale:
        from .site.stale import stale

        good = "The committed outputs follow from the tables and the code."
        return _findings(stale(project, notebooks, **options), good)
    renewed = dictionary_in_step(project)
    if arguments.execute:
        execute(project, notebooks, **options)
    renewed += ["README.md"] if readme_in_step(project) else []
    if renewed:
        print(f"brought in step: {', '.join(renewed)}")
    pages = build(project, notebooks, jobs=arguments.jobs, say=_say)
    print(f"{count(len(pages), 'page')} built. Open {pages[0].as_uri()}")
    return 0


def provenance(arguments: argparse.Namespace) -> int:
    """Follow every number of the built pages to its place, make the pages again, and fail where a number has none."""
    need("site")
    from .site.project import Project
    from .site.provenance import Site, lost, summary
    from .site.remade import cells_of, strangers, unheld, unmade

    project = Project.find(arguments.evidence)
    cells, listed = cells_of(project), {project.page_name(page.notebook) for page in project.review.pages}
    walks = list(Site(project.site, cells, cells.keys() - listed).walks(cells))
    for walk in walks if arguments.all else lost(walks):
        print(walk)
    print(summary(walks))
    options = {"jobs": arguments.jobs, "timeout": arguments.timeout, "say": _say}
    made = [*strangers(project), *unheld(project), *unmade(project, project.notebooks(), **options)]
    return _findings(made, "The pages, made again from the tables, hold the same numbers.") or int(bool(lost(walks)))


def _provenance_options(parser):
    parser.add_argument("--all", action="store_true", help="list every number with its row and source")
    _work_options(parser)


def _render_options(parser):
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="this notebook only (repeatable)")
    told = "build from the outputs as they stand"
    parser.add_argument("--no-execute", dest="execute", action="store_false", help=told)
    parser.add_argument("--stale", action="store_true", help="execute on a copy, compare, write nothing; 1 when stale")
    _work_options(parser)


def _work_options(parser):
    told = "notebooks at once (default: one a core, here %(default)s)"
    parser.add_argument("--jobs", type=_count, default=_cores(), help=told)
    parser.add_argument("--timeout", type=_count, default=300, metavar="SECONDS", help="for one notebook (%(default)s)")


def _check_options(parser):
    parser.add_argument("path", nargs="?", help="the same as --evidence PATH")
    forms = ("text", "json", "github", "sarif")
    told = "sentences, one JSON document, GitHub annotations, or a SARIF 2.1.0 log (%(default)s)"
    parser.add_argument("--format", dest="form", choices=forms, default="text", help=told)
    parser.add_argument("--json", dest="form", action="store_const", const="json", help="the same as --format json")
    told = "show and put right the form: line ends, blanks, order of rows; never a value"
    parser.add_argument("--fix", action="store_true", help=told)
    parser.add_argument("--yes", action="store_true", help="with --fix: write without asking")


COMMANDS = {
    "check": (check, _check_options),
    "render": (render, _render_options),
    "provenance": (provenance, _provenance_options),
    "import": (exchange.import_, exchange.import_options),
    "export": (exchange.export_, exchange.export_options),
    "pool": (exchange.pool, exchange.pool_options),
    "diff": (revise.diff, revise.diff_options),
    "new": (revise.new, revise.new_options),
    "hook": (revise.hook, revise.hook_options),
}


class Parser(argparse.ArgumentParser):
    """A parser whose refusals say what was probably meant; the options of a command are made when it is parsed."""

    options: Any = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        options, self.options = self.options, None
        for add in options or ():
            add(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)
        if wrong:
            message += _meant(wrong[1], re.findall(r"[\w-]+", wrong[2]))
        super().error(message)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = getattr(found, "parser", self)
            flags = re.findall(r"(?<![\w-])--[a-z-]+", command.format_help())
            hints = [_meant(word.partition("=")[0], flags) for word in unknown if word.startswith("-")]
            command.error(f"unrecognized arguments: {' '.join(unknown)}{''.join(hints)}")
        return found


def _meant(word, known) -> str:
    near = [_ELSEWHERE[word]] if _ELSEWHERE.get(word) in known else get_close_matches(word, known, 1, 0.5)
    return f". Did you mean {near[0]}?" if near else ""


def parser() -> Parser:
    """Return the parser of all commands."""
    top = Parser(prog="reviewlib", description="Evidence tables, their synthesis, and the pages they make.")
    top.add_argument("--version", action="version", version=f"reviewlib {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, (action, options) in COMMANDS.items():
        command = commands.add_parser(name, help=action.__doc__.splitlines()[0], description=action.__doc__)
        # one needs no evidence, the other says it of each kind
        command.options = (options,) if name in ("pool", "new") else (options, evidence_option)
        command.set_defaults(action=action, parser=command)
    return top


def main(argv: Any = None) -> int:
    """Run one command and return its exit code; what a user got wrong is said in a sentence, without a traceback."""
    with _streams():
        try:
            if any("\0" in word for word in argv or ()):
                return _findings(("an option holds a NUL sign, which no name can hold: write it without",))
            top = parser()
            try:
                arguments = top.parse_args(argv)
            finally:
                sys.stdout.flush()  # --help and --version end here, perhaps without a reader
            with _patience(arguments.command):
                code = _run(arguments) if arguments.command else top.print_help() or 0
            sys.stdout.flush()
            return code
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            return 130
        except BrokenPipeError:  # whoever read the output has seen enough
            _give_up_output()
            return 141
        except UnicodeEncodeError as error:
            # The signs are kept in a form of their own, one for each byte, and no file of text can hold that.
            signs, used = ascii(error.object[error.start : error.end])[1:-1], sys.getfilesystemencoding()
            what = f"a name or an option holds signs ({signs}) that are no text in {used}, which this system uses"
            return _findings((f"{what}: run the command again with PYTHONUTF8=1 set, or write it without them",))
        except OSError as error:
            remedy = ". Choose a shorter name" if error.errno == errno.ENAMETOOLONG else ""
            if not error.filename:
                _give_up_output()
            place = error.filename or "the output cannot be written"
            return _findings((f"{place}: {error.strerror or error}{remedy}",))


def _run(arguments) -> int:
    from .evidence.folder import only_here
    from .site.project import Project, SiteError

    options = vars(arguments)

    def note(message, category, *place):
        if issubclass(category, MethodWarning):
            print(f"Note: {in_flags(str(message), options)}", file=sys.stderr)

    try:
        with only_here(), warnings.catch_warnings():
            warnings.showwarning = note
            finished = Project.finish_what_was_killed(options.get("evidence"))
            if finished:
                names = ", ".join(os.path.relpath(path) for path in finished[:5]) + " ..." * (len(finished) > 5)
                _say(f"Note: Finished writing {names}, which a command that was stopped had begun")
            return arguments.action(arguments)
    except WrongUsage as error:
        print(error, file=sys.stderr)
        return 2
    except SiteError as error:
        return _findings(error.problems)
    except EvidenceError as error:
        return _findings([in_flags(problem, options) for problem in error.problems or (str(error),)])
    except ModuleNotFoundError as error:
        if not (said := lacking(error.name)):
            raise
        return _findings((said[:1].upper() + said[1:],))
    except RecursionError:
        return _findings(("the input refers to itself, or is nested too deeply to be read",))
    except MemoryError:
        return _findings(("there is not enough memory for this input: use a part of it",))


def _give_up_output():
    """Let what is still to be written go nowhere, so that Python does not fail over it at its end."""
    with suppress(UnsupportedOperation):  # a stream that is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _streams():
    """Let only text reach the streams of this process while a command runs."""
    before = sys.stdout, sys.stderr  # None where it was closed
    there = [stream or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8") for stream in before]
    colours = [bool(os.environ.get("FORCE_COLOR")) or stream.isatty() for stream in there]
    sys.stdout, sys.stderr = map(lambda stream, able: Shown(stream, colours=able), there, colours)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _patience(command):
    """Say on a terminal that a command is at work when it has shown nothing within a second."""

    def say():
        if not (sys.stdout.used or sys.stderr.used):
            print(f"reviewlib {command}: at work ...", file=sys.stderr, flush=True)

    timer = Timer(1.0, say)
    timer.daemon = True
    if sys.stderr.isatty():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _findings(sentences, good="") -> int:
    print(*sentences or [good], sep="\n", file=sys.stderr if sentences else sys.stdout)
    return 1 if sentences else 0


def _say(line):
    print(line, file=sys.stderr, flush=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2


def _count(text) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
