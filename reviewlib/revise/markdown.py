"""A difference as Markdown, for a pull-request comment."""

from __future__ import annotations

from ..cells import in_markdown as plain
from ..nouns import count
from . import wording
from .conclusions import Difference
from .overlay import spark

MARK = "<!-- reviewlib diff -->"  # the workflow finds its own comment by this line
_LIMIT = 60_000  # characters; a comment may hold 65 536


def text(difference: Difference) -> str:
    """Return the difference as Markdown, short enough for one comment."""
    first = wording.headline(difference)
    parts = [MARK, f"## {wording.TITLE}", wording.between(difference), f"{first[:1].upper()}{first[1:]}"]
    shown = [_section(section) for section in wording.sections(difference)]
    fit = _fitting(shown, _LIMIT // 2)
    parts += shown[:fit]
    parts += [f"{len(shown) - fit} more did not fit: run `reviewlib diff` for all of them."] if fit < len(shown) else []
    if difference.rows:
        parts.append(_rows(difference, _LIMIT // 2))
    return "\n\n".join([*parts, wording.SAME_CODE]) + "\n"


def _fitting(texts, room: int) -> int:
    """Return how many of the texts, from the first, a comment has room for."""
    for number, text in enumerate(texts):
        room -= len(text)
        if room < 0:
            return number
    return len(texts)


def _section(section) -> str:
    parts = [f"### {plain(section.title)}"]
    parts += [f"**{section.lead}**" if section.changed else section.lead] if section.lead else []
    parts += ["\n".join(f"* {plain(item)}" for item in section.items)] if section.items else []
    parts += [_table(table.head, table.rows) for table in section.tables]
    signs = spark(section.conclusion) if section.conclusion else ()
    if signs:
        lines = [f"{name:<7}{line}" for name, line in zip(("before", "after"), signs, strict=True)]
        parts.insert(3, "\n".join(["```text", *lines, "```"]))
    return "\n\n".join(parts)


def _table(head, rows) -> str:
    """Return a pipe table; in one of facts before and after, what differs is bold."""
    facts = head[0] == "Fact"
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        cells = [plain(cell) or ("none" if facts else "") for cell in row]
        if facts and row[1] != row[2] and row[2]:
            cells[2] = f"**{cells[2]}**"
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rows(difference: Difference, room: int) -> str:
    table = wording.row_table(difference)
    head, rule, *lines = _table(table.head, table.rows).split("\n")
    summary = f"<details><summary>{count(len(difference.rows), 'row')}, cell by cell</summary>"
    fit = _fitting(lines, room)
    rest = [f"{len(lines) - fit} more cells did not fit: run `reviewlib diff`."] if fit < len(lines) else []
    return "\n\n".join([summary, "\n".join([head, rule, *lines[:fit]]), *rest, "</details>"])
