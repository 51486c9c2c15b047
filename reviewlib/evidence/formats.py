"""The checker's problems for machines: plain data, GitHub annotations, and SARIF for code-scanning tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from .. import __version__
from ..errors import Problem

FORMATS = ("text", "json", "github", "sarif")
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def report(problems: Sequence[Problem], looked_at: Sequence[Problem] = ()) -> dict:
    """Return problems as plain data: counts, and one mapping a problem."""
    errors = sum(problem.severity == "error" for problem in problems)
    return {
        "errors": errors,
        "warnings": len(problems) - errors,
        "looked_at": len(looked_at),
        "problems": [asdict(problem) for problem in problems],
    }


def as_json(problems: Sequence[Problem], looked_at: Sequence[Problem] = ()) -> str:
    """Return one JSON document."""
    return json.dumps(report(problems, looked_at), indent=1, ensure_ascii=False)


def as_github(problems: Sequence[Problem]) -> str:
    """Return one workflow command a problem, which GitHub shows at its line of a change."""
    return "\n".join(map(_annotation, problems))


def _annotation(problem) -> str:
    place = [f"file={_escaped(problem.file, ':,')}"]
    place += [f"line={problem.line}"] if problem.line else []
    title = " ".join(part for part in (problem.column, problem.record) if part)
    place += [f"title={_escaped(title, ':,')}"] if title else []
    return f"::{problem.severity} {','.join(place)}::{_escaped(_told(problem))}"


def _escaped(text: str, more: str = "") -> str:
    """Return text as a workflow command carries it; a property also escapes what separates properties."""
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{more}" else sign for sign in text)


def as_sarif(problems: Sequence[Problem]) -> str:
    """Return the problems as a SARIF 2.1.0 log with one run; paths are relative to the root of the checkout."""
    names = sorted({_rule_id(problem) for problem in problems})
    said = [f"Rules of {name.replace('/', ', ')} in the data dictionary" for name in names]
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in zip(names, said, strict=True)]
    driver = {"name": "reviewlib", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, names) for problem in problems],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _result(problem, names) -> dict:
    rule = _rule_id(problem)
    place = {"artifactLocation": {"uri": problem.file.replace(" ", "%20")}}
    if problem.line:
        place["region"] = {"startLine": problem.line}
    return {
        "ruleId": rule,
        "ruleIndex": names.index(rule),
        "level": problem.severity,
        "message": {"text": _told(problem)},
        "locations": [{"physicalLocation": place}],
    }


def _rule_id(problem) -> str:
    """Return a name that stays the same while the numbers in a message change: table and column."""
    table = problem.file.rsplit("/", 1)[-1].removesuffix(".csv")
    return f"{table}/{problem.column.split(' ')[0] or 'file'}"


def _told(problem) -> str:
    end = "" if problem.remedy.endswith(("?", ".")) else "."
    value = f'"{problem.value}" ' if problem.value else ""
    return f"{value}{problem.rule}. {problem.remedy}{end}"
