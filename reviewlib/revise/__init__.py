"""Changing the evidence: start a topic, see what a change does to each conclusion, catch mistakes before they leave.

`states` opens the evidence as it was at a git revision or is in a folder; `rows` compares it cell by cell,
`conclusions` and `statements` by what pages say; `wording` puts the difference in words, and `terminal`, `markdown` and
`page` show it. `new_review` starts a review, `scaffold` a topic; `hook` checks what is about to be committed.
"""

from __future__ import annotations


class WrongUsage(ValueError):
    """A command was asked for something that is not there; the message says what to write instead."""


__all__ = ["WrongUsage"]
