"""The condition that a claim's verdict rests on: a comparison of cells and numbers, read and evaluated."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(<=|>=|==|!=|<|>|-?\d+(?:\.\d+)?(?![\w.-])|[A-Za-z_][\w.-]*|\d[\w-]*(?:\.[\w-]+)+|\S)")
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}


@dataclass(frozen=True, slots=True)
class Condition:
    """Chains of comparisons that must all hold; an operand is a number or (record, column)."""

    chains: tuple[tuple, ...]

    def references(self) -> list[tuple[str, str]]:
        """Return every (record, column) that the condition speaks of; a record is ``topic.id``."""
        return [part for chain in self.chains for part in chain[::2] if isinstance(part, tuple)]

    def holds(self, cell: Callable) -> bool | None:
        """Return whether the condition is true; None when a cell is empty.

        Parameters
        ----------
        cell : callable
            ``cell(record, column)`` gives the number in a cell, or None.
        """
        for chain in self.chains:
            values = [cell(*part) if isinstance(part, tuple) else part for part in chain[::2]]
            if any(value is None or value != value for value in values):
                return None
            pairs = zip(values, chain[1::2], values[1:], strict=False)
            if not all(SIGNS[sign](a, b) for a, sign, b in pairs):
                return False
        return True


def parse_condition(text: str) -> Condition:
    """Return the condition written in a cell.

    Parameters
    ----------
    text : str
        Such as ``asthma.doe2020-r01.ci_low < 0 < ci_high``; several are joined with ``and``. A column alone
        belongs to the record named last.

    Raises
    ------
    ValueError
        The text is not a condition; the message says what is wrong.
    """
    chains, chain, record = [], [], None
    for token in [*_TOKEN.findall(text.strip()), "and"]:
        if token == "and":
            if len(chain) < 3 or len(chain) % 2 == 0:
                raise ValueError("a comparison needs a value on both sides of every sign")
            chains.append(tuple(chain))
            chain = []
        elif len(chain) % 2:
            if token not in SIGNS:
                raise ValueError(f"'{token}' stands where one of {' '.join(SIGNS)} is needed")
            chain.append(token)
        else:
            part, record = _operand(token, record)
            chain.append(part)
    return Condition(tuple(chains))


def _operand(token: str, record: str | None):
    if re.fullmatch(r"-?\d+(\.\d+)?", token):
        return float(token), record
    parts = token.split(".")
    if len(parts) == 3 and all(parts):
        record = f"{parts[0]}.{parts[1]}"
        return (record, parts[2]), record
    if len(parts) == 1 and re.fullmatch(r"[a-z]\w*", token):
        if record is None:
            raise ValueError(f"'{token}' needs its record in front: topic.record.{token}")
        return (record, token), record
    raise ValueError(f"'{token}' is neither a number nor topic.record.column")
