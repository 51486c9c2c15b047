"""nbformat and nbclient as this package uses them: without what is slow to import, or takes forever on a long line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

# jsonschema would build two dozen grammars of addresses on import; a notebook's schema asks for none of them.
_UNUSED = "rfc3987_syntax"
_there = _UNUSED in sys.modules
sys.modules.setdefault(_UNUSED, None)
import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError, DeadKernelError  # noqa: E402

if not _there:
    sys.modules.pop(_UNUSED)

__all__ = ["CellExecutionError", "DeadKernelError", "client_of", "nbformat"]


class _Client(NotebookClient):
    """A client that counts what is shown, and joins the printed pieces of a cell in linear time."""

    run, most = None, 0

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        self.run.shown += len(content.get("text", "")) + sum(map(len, map(str, content.get("data", {}).values())))
        return None if self.run.shown > self.most else super().process_message(msg, cell, cell_index)


def client_of(nb: Any, run: Any) -> Any:
    """Return the client that executes a notebook; `run` learns which cell is at work and how much it showed."""
    client = _Client(
        nb,
        km=run.manager,
        timeout=None,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(run.path.parent)}},
    )
    client.owns_km, client.run, client.most = True, run, run.most

    def start(cell, cell_index):
        run.cell = cell_index

    client.on_cell_start = start
    return client


def joined(outputs: Sequence[Any]) -> list:
    """Return the outputs of a cell with all that it printed in one piece, where it first printed."""
    kept, printed = [], {}
    for output in outputs:
        if output.output_type != "stream":
            kept.append(output)
        elif output.name in printed:
            printed[output.name].append(output.text)
        else:
            printed[output.name] = [output.text]
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = overwritten("".join(printed[output.name]))
    return kept


def overwritten(text: str) -> str:
    """Return text as a terminal leaves it: what stands before a carriage return or under a backspace is gone."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line) -> str:
    line = line[line.rfind("\r", 0, len(line) - 1) + 1 :] if line else line
    if "\b" not in line:
        return line
    left = []
    for letter in line:
        if letter != "\b":
            left.append(letter)
        elif left:
            left.pop()
    return "".join(left)
