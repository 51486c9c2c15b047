"""A difference for a terminal: what changes first, then the rows behind it."""

from __future__ import annotations

from . import telling
from .conclusions import Conclusion, Difference
from .overlay import spark


def text(difference: Difference, *, unicode: bool = True):
    """Return the difference as rich text; printed without a terminal it is plain."""
    from rich.text import Text

    told = Text(f"{telling.between(difference)}\n{telling.headline(difference)}\n", style="bold")
    for label, faults in telling.refusals(difference):
        told.append(f"\n{label} does not pass the check:\n", style="bold red")
        told.append("".join(f"  {fault}\n" for fault in faults))
    for conclusion in difference.conclusions:
        _conclusion(told, conclusion, unicode)
    if difference.rows:
        told.append("\nRows\n", style="bold")
    for change in difference.rows:
        _row(told, change)
    return told


def _conclusion(told, conclusion: Conclusion, unicode: bool) -> None:
    told.append(f"\n{conclusion.topic}: {conclusion.title}\n", style="bold")
    style = "bold red" if conclusion.changed else "yellow"
    told.append(f"  {telling.verdict(conclusion)}.\n", style=style)
    for name, before, after in telling.facts(conclusion):
        if before == after:
            told.append(f"  {name}: {after}\n", style="dim")
        else:
            told.append(f"  {name}\n    before  {before or 'none'}\n    after   {after or 'none'}\n")
    for name, line in zip(("before", "after"), spark(conclusion, unicode=unicode), strict=False):
        told.append(f"    {name:<7} {line}\n", style="cyan")
    rows = telling.alone(conclusion)
    if rows:
        told.append("  Each changed row by itself\n")
    for record, kind, effect, move in rows:
        told.append(f"    {record} ({kind}): {effect}; moves the estimate by {move}\n")


def _row(told, change) -> None:
    style = {"added": "green", "removed": "red"}.get(change.kind, "yellow")
    told.append(f"  {change.kind:<8}", style=style)
    told.append(f"{change.file}  {telling.safe(change.record)}\n")
    for column, before, after in telling.cells(change) if change.kind == "changed" else ():
        told.append(f"            {column}: {before or '(empty)'} -> {after or '(empty)'}\n")
