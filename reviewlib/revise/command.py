"""The commands of this room, as `reviewlib` runs them: `diff`, `new`, `hook`."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ..files import write, yaml_of
from ..flags import evidence_option
from . import WrongUsage

NOTHING = "no row differs; no conclusion moves."


def diff(arguments: argparse.Namespace) -> int:
    """Compare two states of the evidence and show what the change does to each conclusion.

    Without a name: the last commit against the working folder. One name (a git revision or a folder) is compared with
    the working folder, two with each other. Exit code 0: no conclusion moved; 1: one moved, or a state does not pass
    the check; 2: wrong usage.
    """
    from ..site import Project
    from .states import open_states

    target = Path(arguments.output) if arguments.output else None
    if len(arguments.state) > 2:
        raise WrongUsage("name at most two states: the one before and the one after")
    if target and not target.resolve().parent.is_dir():
        raise WrongUsage(f"{target}: there is no folder {target.parent}. Make it first")
    root = Project.find(arguments.evidence).root
    if target and any((root / name).resolve() in target.resolve().parents for name in ("evidence", "notebooks")):
        raise WrongUsage(f"{target} lies among what is compared. Name another place")
    with ExitStack() as stack:
        before, after = open_states(root, arguments.state, stack)
        if before.read is after.read and not after.problems and arguments.form == "terminal":
            _show(f"{before.label} \N{RIGHTWARDS ARROW} {after.label}\n{NOTHING}\n", target)
            return 0
        print("Comparing the conclusions of both states ...", file=sys.stderr, flush=True)
        from .differing import difference

        found = difference(before, after)
        if arguments.form == "html":
            from . import page

            shown = page.text(found)
        else:
            from . import markdown, terminal

            words = {"markdown": markdown.text, "terminal": partial(terminal.text, unicode=_unicode(target))}
            shown = words[arguments.form](found)
    _show(shown, target)
    return found.exit_code


def _unicode(target) -> bool:
    encoding = "utf-8" if target else sys.stdout.encoding or "ascii"
    return encoding.lower().replace("-", "").startswith("utf")


def _show(shown, target) -> None:
    if target:
        write(target, str(shown))
        print(f"written: {target}")
        return
    if isinstance(shown, str):
        print(shown, end="")
        return
    from rich.console import Console

    Console(soft_wrap=True, highlight=False).print(shown, end="")


def new(arguments: argparse.Namespace) -> int:
    """Start something new: a review in a folder of its own, or a topic with its tables and a notebook that renders."""
    return _review(arguments) if arguments.kind == "review" else _topic(arguments)


def _review(arguments) -> int:
    from .new_review import new_review

    root, made = new_review(arguments.folder, arguments.title)
    for path in sorted(made):
        print(f"  {path.relative_to(root).as_posix()}")
    print(_next_steps("review", root=root), end="")
    return 0


def _topic(arguments) -> int:
    from ..site import Project
    from .scaffold import new_topic

    project = Project.find(arguments.evidence)
    made = new_topic(project, arguments.name, arguments.title, arguments.question)
    tables = sum(path.suffix == ".csv" for path in made)
    renewed = [path.relative_to(project.root).as_posix() for path in made if path.suffix in (".md", ".json")]
    print(_next_steps("topic", name=arguments.name, tables=tables, renewed=", ".join(renewed)), end="")
    return 0


def _next_steps(kind, **words) -> str:
    return yaml_of(Path(__file__).with_name("next_steps.yml"))[kind].format(**words)


def new_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `reviewlib new`."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    review = kinds.add_parser(
        "review", help="a folder of its own, in which every command works", description="Start a review."
    )
    review.add_argument("folder", metavar="DIR", help="a folder that is empty or not there yet")
    review.add_argument("--title", metavar="TEXT", help="of the review (default: the name of the folder)")
    topic = kinds.add_parser("topic", help="a question with its own tables and page", description="Start a topic.")
    topic.add_argument("name", help="lower-case letters, digits and hyphens; the name of its folder and its page")
    topic.add_argument("--title", help="of the page (default: the name)")
    topic.add_argument("--question", help="in one sentence, as a clinician would ask it")
    evidence_option(topic)


def hook(arguments: argparse.Namespace) -> int:
    """Check every commit before it is made: install, remove or run the hook that does it."""
    from ..site import Project
    from . import hook as room

    root = Project.find(arguments.evidence).root
    if arguments.what == "run":
        return room.run(root)
    if arguments.what == "install":
        path = room.install(root)
        here = Path.cwd()
        print(f"Every commit is checked from now on: {path.relative_to(here) if path.is_relative_to(here) else path}")
        return 0
    gone = room.remove(root)
    print(f"removed: {gone}" if gone else "There was no hook of ours; nothing was changed.")
    return 0


def hook_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `reviewlib hook`."""
    parser.add_argument("what", choices=("install", "remove", "run"), help="run checks what is staged now")


def diff_options(parser: argparse.ArgumentParser) -> None:
    """Say the options of `reviewlib diff`."""
    parser.add_argument("state", nargs="*", help="git revision or folder (default: HEAD); A..B is the same as A B")
    parser.add_argument(
        "--format", dest="form", choices=("terminal", "markdown", "html"), default="terminal", help="(%(default)s)"
    )
    parser.add_argument("--output", metavar="FILE", help="write it there instead of showing it")
