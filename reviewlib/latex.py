"""Text for BibTeX and LaTeX: what they would take as a command is written as the sign that it is."""

from __future__ import annotations

import re

_SIGNS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def escaped(text: str) -> str:
    """Return text on one line, without control characters, in which no sign is a command or a ligature."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]", "", text)
    text = re.sub(r"[\\&%$#_{}~^]", lambda m: _SIGNS.get(m[0], f"\\{m[0]}"), " ".join(text.split()))
    return re.sub(r"(?<=([-`']))(?=\1)", "{}", text)
