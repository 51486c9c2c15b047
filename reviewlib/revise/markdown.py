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
    parts += [_conclusion(conclusion) for conclusion in difference.conclusions]
    if difference.rows:
        parts.append(_rows(difference))
    parts.append("Both states were computed with the code of this checkout; only the tables differ.")
    whole = "\n\n".join(parts) + "\n"
    if len(whole) <= _LIMIT:
        return whole
    cut = whole[:_LIMIT].rsplit("\n", 1)[0]
    return f"{cut}\n\n</details>\n\nThe rest did not fit into a comment: run `reviewlib diff` for all of it.\n"


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


def _rows(difference: Difference) -> str:
    lines = ["| Row | | Cell | Before | After |", "| --- | --- | --- | --- | --- |"]
    for change in difference.rows:
        row = f"{plain(change.file)} {plain(change.record)}"
        if change.kind != "changed":
            lines.append(f"| {row} | {change.kind} | | | |")
        for cell in telling.cells(change) if change.kind == "changed" else ():
            lines.append(f"| {row} | changed | " + " | ".join(map(plain, cell)) + " |")
            row = ""
    summary = f"<details><summary>{len(difference.rows)} row(s), cell by cell</summary>"
    return "\n\n".join([summary, "\n".join(lines), "</details>"])


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no table broken, no HTML, nobody notified, no link made."""
    flat = " ".join(str(text).split())
    flat = re.sub(r"([\\`*_{}\[\]|~#!])", r"\\\1", flat.replace("&", "&amp;"))
    flat = flat.replace("<", "&lt;").replace(">", "&gt;").replace("@", "@&#8203;")
    return flat.replace("://", ":&#8203;//")
