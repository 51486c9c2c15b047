"""What a person said on the command line of `import`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Wishes:
    """What a person said on the command line."""

    topic: str | None = None
    into: str | None = None
    fmt: str | None = None
    given: tuple = ()
    constants: dict = field(default_factory=dict)
    sources: dict = field(default_factory=dict)
    only: tuple = ()
    sheet: str | None = None
    yes: bool = False
    update: bool = False
    output: str | None = None
    evidence: str | None = None
