"""A difference as Markdown, for a pull-request comment."""

from __future__ import annotations

import re

from . import telling
from .conclusions import Conclusion, Difference
from .overlay import spark

MARK = "<!-- reviewlib diff -->"  # the workflow finds its own comment by this line
_LIMIT = 60_000  # characters; a comment may hold 65 536


def text(difference: Difference) -> str:
    """Return the difference as Markdown, short enough for one comment."""
    parts = [MARK, "## What this change does to the conclusions", telling.between(difference)]
    parts.append(f"{telling.headline(difference)[:1].upper()}{telling.headline(difference)[1:]}")
    for label, faults in telling.refusals(difference):
        parts += [f"**{plain(label)} does not pass the check.**", "\n".join(f"* {plain(fault)}" for fault in faults)]
    told = [_conclusion(conclusion) for conclusion in difference.conclusions]
    fit = _fitting(told, _LIMIT // 2)
    parts += told[:fit]
    parts += [f"{len(told) - fit} more did not fit: run `reviewlib diff` for all of them."] if fit < len(told) else []
    if difference.rows:
        parts.append(_rows(difference, _LIMIT // 2))
    parts.append("Both states were computed with the code of this checkout; only the tables differ.")
    return "\n\n".join(parts) + "\n"


def _fitting(texts, room: int) -> int:
    """Return how many of the texts, from the first, a comment has room for."""
    for number, text in enumerate(texts):
        room -= len(text)
        if room < 0:
            return number
    return len(texts)


def _conclusion(conclusion: Conclusion) -> str:
    verdict = telling.verdict(conclusion)
    parts = [f"### {plain(conclusion.title)}", f"**{verdict}.**" if conclusion.changed else f"{verdict}."]
    lines = ["| | Before | After |", "| --- | --- | --- |"]
    for name, before, after in telling.facts(conclusion):
        mark = "**" if before != after and after else ""
        lines.append(f"| {plain(name)} | {plain(before) or 'none'} | {mark}{plain(after) or 'none'}{mark} |")
    parts.append("\n".join(lines))
    signs = spark(conclusion)
    if signs:
        parts.append(
            "\n".join(["```text", *(f"{n:<7}{s}" for n, s in zip(("before", "after"), signs, strict=True)), "```"])
        )
    alone = telling.alone(conclusion)
    if alone:
        rows = ["| Row by itself | What happened | Effect | Moves the estimate by |", "| --- | --- | --- | --- |"]
        rows += ["| " + " | ".join(map(plain, row)) + " |" for row in alone]
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def _rows(difference: Difference, room: int) -> str:
    head, lines = ["| Row | | Cell | Before | After |", "| --- | --- | --- | --- | --- |"], []
    for change in difference.rows:
        row = f"{plain(change.file)} {plain(change.record)}"
        if change.kind != "changed":
            lines.append(f"| {row} | {change.kind} | | | |")
        for cell in telling.cells(change) if change.kind == "changed" else ():
            lines.append(f"| {row} | changed | " + " | ".join(map(plain, cell)) + " |")
            row = ""
    summary = f"<details><summary>{len(difference.rows)} row(s), cell by cell</summary>"
    fit = _fitting(lines, room)
    rest = [f"{len(lines) - fit} more cells did not fit: run `reviewlib diff`."] if fit < len(lines) else []
    return "\n\n".join([summary, "\n".join(head + lines[:fit]), *rest, "</details>"])


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no table broken, no HTML, nobody notified, no link made."""
    flat = " ".join(str(text).split())
    flat = re.sub(r"([\\`*_{}\[\]|~#!])", r"\\\1", flat.replace("&", "&amp;"))
    flat = flat.replace("<", "&lt;").replace(">", "&gt;").replace("@", "@&#8203;")
    return flat.replace("://", ":&#8203;//")
