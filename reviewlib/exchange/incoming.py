"""What an import starts from: what a reader hands over of a file, and what a person said on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

from .records import Record


@dataclass(slots=True)
class PrintedPool:
    """A pooled result that the file itself holds, on the scale people read, with the rows it was made from."""

    title: str
    measure: str
    method: str
    random: bool
    estimate: float
    ci_low: float
    ci_high: float
    level: float = 0.95
    records: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Incoming:
    """Everything read from one file. `kind` is ``results`` or ``sources``: the table the rows are for."""

    file: str
    format: str
    kind: str
    records: list[Record] = field(default_factory=list)
    mapping: str = ""
    otherwise: str = ""  # what columns that were not read may be, and what to write instead
    noticed: list[str] = field(default_factory=list)
    pools: list[PrintedPool] = field(default_factory=list)
    own: bool = False
    scale: str | None = None  # "log" where the format keeps estimates on the analysis scale


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
