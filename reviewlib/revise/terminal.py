"""A difference for a terminal: what changes first, then the rows behind it."""

from __future__ import annotations

from typing import Any

from ..cells import flat
from . import wording
from .conclusions import Difference
from .overlay import spark

_KINDS = {"added": "green", "removed": "red"}


def text(difference: Difference, *, unicode: bool = True) -> Any:
    """Return the difference as rich text; printed without a terminal it is plain."""
    from rich.text import Text

    out = Text(f"{wording.between(difference)}\n{wording.headline(difference)}\n", style="bold")
    for section in wording.sections(difference):
        _section(out, section, unicode)
    if difference.rows:
        out.append("\nRows\n", style="bold")
    for change in difference.rows:
        out.append(f"  {change.kind:<8}", style=_KINDS.get(change.kind, "yellow"))
        out.append(f"{change.file}  {flat(change.record)}\n")
        for column, before, after in wording.cells(change) if change.kind == "changed" else ():
            out.append(f"            {column}: {before or '(empty)'} -> {after or '(empty)'}\n")
    return out


def _section(out, section, unicode: bool) -> None:
    if section.conclusion is None:
        out.append(f"\n{section.title}:\n", style="bold red")
        out.append("".join(f"  {item}\n" for item in section.items))
        return
    out.append(f"\n{section.conclusion.topic}: {section.title}\n", style="bold")
    out.append(f"  {section.lead}\n", style="bold red" if section.changed else "yellow")
    facts, *alone = section.tables
    for name, before, after in facts.rows:
        if before == after:
            out.append(f"  {name}: {after}\n", style="dim")
        else:
            out.append(f"  {name}\n    before  {before or 'none'}\n    after   {after or 'none'}\n")
    for name, line in zip(("before", "after"), spark(section.conclusion, unicode=unicode), strict=False):
        out.append(f"    {name:<7} {line}\n", style="cyan")
    for table in alone:
        out.append("  Each changed row by itself\n")
        for record, kind, effect, move in table.rows:
            out.append(f"    {record} ({kind}): {effect}; moves the estimate by {move}\n")
