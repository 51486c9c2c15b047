"""Figures that the site draws again, as large as a journal prints them: each says which call of a page made it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from functools import wraps
from html import escape
from inspect import signature
from typing import Any, ParamSpec

from ..evidence import Evidence, Topic
from ..plots.figure import keeping
from ..typed import Figure
from .block import Block, Html

P = ParamSpec("P")
_CALLS: dict[str, Callable[..., Block]] = {}
_HEAD = re.compile(r'(<figure class="plot-figure[^"]*")(?! data-drawn)')


def drawn_again(function: Callable[P, Block]) -> Callable[P, Block]:
    """Let each figure of a page function carry the call that made it, as words: its name, then what it was given."""
    _CALLS[function.__name__] = function

    @wraps(function)
    def made(*args: P.args, **kwargs: P.kwargs) -> Block:
        block = function(*args, **kwargs)
        given = map(_word, signature(function).bind(*args, **kwargs).args)
        call = escape(shlex.join([function.__name__, *given]))
        return Block(Html(_HEAD.sub(lambda head: f'{head[0]} data-drawn="{call}"', str(block.html))), block.text)

    return made


def figures_of(evidence: Evidence, call: str) -> dict[str, tuple[Figure, ...]]:
    """Return the figures of a call, and the narrow twins of those that have one, by their alternative text."""
    name, *given = shlex.split(call)
    with keeping() as kept:
        if name in _CALLS and _takes(_CALLS[name], given):
            _CALLS[name](*(_meant(word, evidence) for word in given))
    return kept


def _takes(function, given) -> bool:
    """Return whether a call that another version of the library wrote is still one."""
    try:
        signature(function).bind(*given)
    except TypeError:
        return False
    return True


def _word(argument) -> str:
    if isinstance(argument, Topic):
        return f"@{argument.id}"
    return "@" if isinstance(argument, Evidence) else str(argument)


def _meant(word, evidence) -> Any:
    if word == "@":
        return evidence
    return evidence[word[1:]] if word.startswith("@") else word
