"""The README's table of answers: ``python -m reviewlib.page.readme`` writes it, a test checks it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from ..evidence import Evidence
from ..files import write
from .start import readme_table

START, END = "<!-- answers: start -->", "<!-- answers: end -->"


def with_answers(text: Any, evidence: Evidence) -> str:
    """Return the README with today's answers between its two markers.

    Raises
    ------
    EvidenceError
        A marker is missing, so that it is not known where the answers belong.
    """
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not (start and end):
        raise EvidenceError(f"README.md: put the lines {START} and {END} where the answers belong")
    return f"{head}{START}\n{readme_table(evidence)}\n{END}{tail}"


def in_step(readme: Path, evidence: Path) -> dict[Path, str]:
    """Return the README with today's answers where that changes it; one that is not there or has no markers stays."""
    from ..evidence import load_evidence

    if not readme.is_file():
        return {}
    before = readme.read_text(encoding="utf-8")
    try:
        after = with_answers(before, load_evidence(evidence))
    except EvidenceError:  # no markers, or faults of the tables, which `reviewlib check` reports
        return {}
    return {readme: after} if after != before else {}


def main(path: str = "README.md") -> int:
    """Write today's answers into the README."""
    from ..evidence import load_evidence

    readme = Path(path)
    write(readme, with_answers(readme.read_text(encoding="utf-8"), load_evidence()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
