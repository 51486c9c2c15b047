"""Text for BibTeX and LaTeX: what they would take as a command is written as the sign that it is."""

from __future__ import annotations

import re

_SIGNS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_ALONE = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
# Two signs that LaTeX draws as another one: dashes, quotation marks, an exclamation mark upside down.
_JOINED = re.compile(r"(?<=([-`',<>]))(?=\1)|(?<=[?!])(?=`)")


def escaped(text: str) -> str:
    """Return text on one line, without control characters, in which no sign is a command or a ligature."""
    text = " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]", "", text).split())
    alone, signs = _without_partner(text), re.compile(r"[\\&%$#_{}~^]")

    def sign(found):
        return _ALONE[found[0]] if found.start() in alone else _SIGNS.get(found[0], f"\\{found[0]}")

    return _JOINED.sub("{}", signs.sub(sign, text))


def _without_partner(text: str) -> set[int]:
    """Return where a brace has no partner: BibTeX counts braces, also those behind a backslash."""
    opened, alone = [], set()
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            opened.pop()
        else:
            alone.add(brace.start())
    return alone | set(opened)
