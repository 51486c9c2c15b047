"""Check the evidence tables and say what is wrong so that the person who typed it can mend it.

``main`` prints the report and returns the exit code of `reviewlib check`: 0 good, 1 faults, 2 wrong usage.
Warnings do not change the code. Nothing is ever written.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from ..cells import flat
from ..errors import EvidenceError, Problem
from .folder import find_evidence
from .formats import as_github, as_json, as_sarif
from .rules import check_folder


def check(path: str | Path | None = None) -> list[Problem]:
    """Return every problem of an evidence folder, by file and line.

    Parameters
    ----------
    path : path-like, optional
        The evidence folder; by default the nearest one at or above the working folder.
    """
    return check_folder(find_evidence(path))[1]


def main(path: str | Path | None = None, *, form: str = "text") -> int:
    """Print the report of an evidence folder and return the exit code.

    Parameters
    ----------
    path : path-like, optional
        The evidence folder.
    form : {"text", "json", "github", "sarif"}, default "text"
        Sentences for a person; one JSON document with ``errors``, ``warnings``, ``looked_at`` (counts) and
        ``problems``; annotations that GitHub shows at the lines of a change; a SARIF 2.1.0 log.
    """
    try:
        found = find_evidence(path)
        folder, problems = check_folder(found)
    except EvidenceError as error:
        print(error, file=sys.stderr)
        return 2
    errors = [problem for problem in problems if problem.severity == "error"]
    if form == "text":
        _print(problems, folder)
    elif form == "json":
        print(as_json(problems, folder.looked_at))
    elif form == "sarif":
        print(as_sarif(problems))
    elif problems:
        print(as_github(problems))
    return 1 if errors else 0


def _print(problems, folder) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    # Colours take most of the time of a long list; a file or a pipe has none.
    show = console.print if console.is_terminal else lambda line: print(line.plain)
    for file, group in groupby(problems, key=lambda problem: problem.file):
        console.print(f"\n[bold]{file}[/bold]")
        for problem in group:
            show(_line(problem))
    if problems:
        console.print()
    console.print(_summary(problems, folder))


def _line(problem: Problem):
    from rich.text import Text

    colour = "red" if problem.severity == "error" else "yellow"
    line = Text("  ")
    line.append(problem.severity, style=f"bold {colour}")
    where = [f"line {problem.line}"] if problem.line else []
    where += [f"column {problem.column}"] if problem.column else []
    where += [_short(problem.record)] if problem.record else []
    line.append(f"  {', '.join(where)}: " if where else "  ", style="bold")
    if problem.value:
        line.append(f'"{_short(problem.value)}" ', style="cyan")
    line.append(f"{problem.rule}.\n      ")
    line.append(f"\u2192 {problem.remedy}" + ("" if problem.remedy.endswith(("?", ".")) else "."), style="dim")
    return line


def _short(value: str) -> str:
    line = flat(value)
    return line if len(line) <= 80 else line[:77] + "..."


def _summary(problems, folder):
    from rich.text import Text

    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    tables = folder.tables()
    rows = sum(len(table.rows) for _, table in tables)
    read = f"{_many(len(tables), 'table')}, {_many(len(folder.topics), 'topic')}, {_many(rows, 'row')}"
    if errors:
        words = f"{read}: {_many(errors, 'error')}, {_many(warnings, 'warning')}. Nothing was changed."
        return Text(words, style="bold red")
    words = f"{read}: no error" + (f", {_many(warnings, 'warning')}" if warnings else "")
    words += f" ({len(folder.looked_at)} more looked at)." if folder.looked_at else "."
    return Text(words, style="bold green")


def _many(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


if __name__ == "__main__":
    arguments = [word for word in sys.argv[1:] if word != "--json"]
    sys.exit(main(arguments[0] if arguments else None, form="json" if "--json" in sys.argv else "text"))
