"""The layers of a page: what answers stands open, and a section of the record is one fold under its heading.

Nothing here knows a review. A block says by its kind (`page.block.fold`) that it belongs to the record; a section whose
outputs are all of that kind is folded, whatever it is about. So is a section whose heading's cell has the tag `fold`: a
worked example, which shows its code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..meaning.words import count
from .outputs import plain_words

_HINT = 110  # letters of what a fold says beside its heading
_FOLD = '<details class="fold'
_TAG = re.compile(r"<(/?)details\b[^>]*>")


@dataclass(slots=True)
class Section:
    """A heading of the second level with all that follows it; the first section of a page has no heading of its own."""

    id: str = ""
    title: str = ""
    parts: list = field(default_factory=list)
    hint: str = ""
    folded: bool = False
    worked: bool = False


def sections(cells: Any) -> list[Section]:
    """Return the sections of a page from its filled cells, the folded ones ready to be opened by one click."""
    found = [Section()]
    for cell in cells:
        if cell.cell_type == "markdown":
            before, *rest = re.split(r'<h2 id="([^"]*)">(.*?)</h2>\s*', cell.metadata.page_html, flags=re.DOTALL)
            _text(found[-1], before)
            for name, title, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
                found.append(Section(name, title, worked="fold" in cell.metadata.get("tags", ())))
                _text(found[-1], text)
        elif cell.cell_type == "code":
            outputs = cell.metadata.page_outputs
            shown = [{"kind": "output", "class": out["kind"], "html": out["html"]} for out in outputs]
            code = [{"kind": "code", "html": cell.metadata.page_code}] if cell.metadata.page_code else []
            found[-1].parts += code + shown if found[-1].worked else shown + code
    for section in found[1:]:
        if section.worked:
            section.folded, section.hint = True, _steps(section)
            continue
        outputs = [part["html"] for part in section.parts if part["kind"] == "output"]
        section.folded = any(_FOLD in html for html in outputs) and all(map(is_fold, outputs))
        if section.folded:
            _open(section)
    return found


def _text(section, html):
    if html.strip():
        section.parts.append({"kind": "text", "html": html})


def _steps(section) -> str:
    steps = count(sum(part["kind"] == "text" for part in section.parts), "step")
    return f"a worked example in {steps}, each with its code"


def is_fold(html: str) -> bool:
    """Return whether an output holds folds of the record, with nothing but sentences beside them."""
    depth, outside, last = 0, [], 0
    for tag in _TAG.finditer(html):
        if depth == 0:
            outside.append(html[last : tag.start()])
            if 'class="fold' not in tag[0]:
                return False
        depth += -1 if tag[1] else 1
        last = tag.end()
    return not re.sub(r"<p\b[^>]*>.*?</p>", "", "".join([*outside, html[last:]]), flags=re.DOTALL).strip()


def _open(section):
    """Open the inner folds of a folded section, and say beside its heading what they hold."""
    words = []
    for part in section.parts:
        if part["kind"] == "output":
            words += re.findall(r'<details class="fold[^"]*"><summary>(.*?)</summary>', part["html"], re.DOTALL)
            part["html"] = part["html"].replace(_FOLD, _FOLD.replace(" ", " open ", 1))
    section.hint = _short("; ".join(dict.fromkeys(map(plain_words, words))))


def _short(text) -> str:
    return text if len(text) <= _HINT else f"{text[:_HINT].rsplit(' ', 1)[0].rstrip(';,:')} …"
