"""Terms of the glossary explained where a page first uses them: a button and a note that need no script."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .links import slug

# Where a button may not stand or would be in the way.
_ELEMENTS = "a button summary svg math code pre th caption figcaption label style script dt h1 h2 h3 h4 h5 h6"
_CLOSED = {*_ELEMENTS.split()}


def explained(html: str, glossary: Any) -> str:
    """Return a page whose first use of each term opens its explanation; the notes stand at the end of its content.

    Parameters
    ----------
    html : str
    glossary : sequence of Term
        Those that say how they are written in running text are looked for.
    """
    start, end = html.find("<main"), html.rfind("</main>")
    if start < 0 or 'id="words-explained"' in html:
        return html  # the glossary itself needs no notes
    meanings, used = {term.term: term.meaning for term in glossary}, []
    patterns = {term.term: pattern(term) for term in glossary if term.written}
    content = html[start:end]
    # First where a reader sees it at once, then inside what is folded away.
    for shut in (_CLOSED | {"details"}, _CLOSED):
        content = _explain(content, patterns, used, shut)
    notes = "".join(_note(term, meanings[term]) for term in used)
    return f"{html[:start]}{content}{notes}{html[end:]}"


def pattern(term: Any) -> re.Pattern:
    """Return how a term stands in running text: whole words, at the start of a sentence too."""
    words = [re.escape(text) for text in sorted(term.written, key=len, reverse=True)]
    words = [f"[{word[0].upper()}{word[0]}]{word[1:]}" if word[0].islower() else word for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


def _explain(content, patterns, used, shut) -> str:
    """Put buttons into the pieces of text that no element of `shut` holds."""
    parts, depth = re.split(r"(<[^>]+>)", content), 0
    for i, part in enumerate(parts):
        if part.startswith("<"):
            depth += _step(part, shut)
        elif not depth and part.strip():
            parts[i] = _first_uses(part, patterns, used)
    return "".join(parts)


def _step(tag, shut) -> int:
    name = re.match(r"</?([a-zA-Z0-9]+)", tag)
    if not name or name[1].lower() not in shut or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _first_uses(text, patterns, used) -> str:
    """Return a piece of text with buttons for the terms that no earlier piece held; at most one a piece."""
    found = [
        (match.start(), term, match)
        for term, pattern in patterns.items()
        if term not in used and (match := pattern.search(text))
    ]
    # "Standardized mean difference" holds "mean difference": the longer term wins where both begin.
    for _, term, match in sorted(found, key=lambda item: (item[0], -len(item[2][0]))):
        used.append(term)
        button = f'<button type="button" class="term" popovertarget="{_id(term)}">{match[0]}</button>'
        return text[: match.start()] + button + text[match.end() :]
    return text


def _id(term) -> str:
    return f"term-{slug(term)}"


def _note(term, meaning) -> str:
    return f'<div popover id="{_id(term)}" class="term-note"><strong>{escape(term)}</strong>: {escape(meaning)}</div>\n'
