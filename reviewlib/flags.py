"""What the library says, in the words of the command line: `ci="wald"` becomes `--ci wald`, a keyword without a flag
becomes advice about the file, and nothing that a terminal would obey reaches it.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from typing import Any, TextIO

# Keywords of Python that the command line does not have: what a person does to the file instead.
ADVICE = {
    "ratio": "If it is a logarithm, name its column so, such as logOR",
    "drop00": "remove these rows to leave them out",
}
_VALUE = r"""(?:"[^"]*"|'[^']*'|True|False|None|-?\d[\d.]*)?"""
_KEYWORD = re.compile(rf"`?\b([a-z][a-z_0-9]*)=({_VALUE})`?(?![\w<])")
_CALL = re.compile(r"`?\b(?:rl\.(\w[\w.]*)|([a-z]\w*_\w*)\()(?:\([^()]*\)|[^()]*\))?`?")
_START, _END = re.compile(r"[;:.] |, or | \("), re.compile(r"; |\. |\.?$|\)")
# Escapes, other controls, marks that turn the direction of text: a terminal obeys them. Blanks of no width hide.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_COLOUR = re.compile("\x1b\\[(?:[0-3]|22|23|24|3[0-79]|9[0-7]|[;m])*m")


def in_flags(told: Any, options: Any) -> Any:
    """Return a message, or a Problem, without the Python of the library.

    Parameters
    ----------
    told : str or Problem
    options : collection of str
        Keywords that the command has as flags of the same name.
    """
    if not isinstance(told, str):
        return replace(told, rule=in_flags(told.rule, options), remedy=in_flags(told.remedy, options))
    while found := _python(told):
        if found.re is _KEYWORD and found[1] in options:
            flag = f"--{found[1].replace('_', '-')} {found[2].strip(chr(34) + chr(39))}".rstrip()
            told = told[: found.start()] + flag + told[found.end() :]
        else:
            told = _without(told, found)
    return told


def _python(told):
    """Return the first keyword or call of Python; what follows a flag of the command line is none."""
    words = (m for m in _KEYWORD.finditer(told) if not re.search(r"--[\w-]+ $", told[: m.start()]))
    return next(words, None) or _CALL.search(told)


def _without(told, found) -> str:
    """Replace the clause that a piece of Python stands in by advice, or leave it out; one alone becomes words."""
    mark = max(_START.finditer(told, 0, found.start()), key=lambda m: m.end(), default=None)
    after = told[_END.search(told, found.end()).start() :]
    if found.re is _KEYWORD and found[1] in ADVICE:
        return f"{told[: mark.end()] if mark else ''}{ADVICE[found[1]]}{after}"
    if mark is None:
        return told[: found.start()] + (found[1] or found[2]).replace("_", " ") + told[found.end() :]
    return told[: mark.start()] + after.removeprefix(")" if mark[0] == " (" else "")


def evidence_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that every command about a review has."""
    parser.add_argument(
        "--evidence", metavar="DIR", help="the evidence folder, or the folder that holds it (default: the nearest)"
    )


def plain(text: str, *, colours: bool = False) -> str:
    """Return text as a terminal shows it and nothing else; what it would obey is written as an escape, `\\u001b`."""
    parts = re.split(f"({_COLOUR.pattern})", text) if colours else [text]
    return "".join(
        part if i % 2 else _OBEYED.sub(lambda m: f"\\u{ord(m[0]):04x}", part) for i, part in enumerate(parts)
    )


class Shown:
    """An output stream through which only text, and where it has them colours, can pass."""

    def __init__(self, stream: TextIO, *, colours: bool):
        self._stream, self._colours, self.used = stream, colours, False
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows only ASCII shows a question mark

    def write(self, text: str) -> int:
        self.used = True
        self._stream.write(plain(text.replace("\r\n", "\n"), colours=self._colours))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)
