"""What a reader hands over: rows in our columns, publications, pools to recompute, and what was noticed."""

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
    noticed: list[str] = field(default_factory=list)
    pools: list[PrintedPool] = field(default_factory=list)
    own: bool = False
    scale: str | None = None  # "log" where the format keeps estimates on the analysis scale
