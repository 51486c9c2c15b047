"""The README's table of answers: ``python -m reviewlib.page.readme`` writes it, a test checks it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from ..errors import EvidenceError, told
from ..evidence import Evidence
from ..evidence.as_typed import contents
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
    answers = f"\n{readme_table(evidence)}\n{badges(evidence)}"
    if "\r\n" in text:
        answers = answers.replace("\n", "\r\n")
    return f"{head}{START}{answers}{END}{tail}"


def badges(evidence: Evidence) -> str:
    """Return the state of the checks and a link to Binder, where review.yml names a repository on GitHub."""
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", evidence.review.repository)
    if not found:
        return ""
    root, name = Path(evidence.path).parent, found[1]
    flow = next((f for f in ("ci.yml", "checks.yml") if (root / ".github" / "workflows" / f).is_file()), None)
    page = next((p for p in ("explore", "start") if (root / "notebooks" / f"{p}.ipynb").is_file()), None)
    checks = f"https://github.com/{name}/actions/workflows/{flow}"
    binder = f"https://mybinder.org/v2/gh/{name}/HEAD" + (f"?urlpath=lab/tree/notebooks/{page}.ipynb" if page else "")
    shown = [f"[![checks]({checks}/badge.svg)]({checks})"] if flow else []
    shown.append(f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})")
    return f"\n{' '.join(shown)}\n"


def in_step(readme: Path, evidence: Path) -> dict[Path, str]:
    """Return the README with today's answers where that changes it; one that is not there or has no markers stays."""
    from ..evidence import load_evidence

    if not readme.is_file():
        return {}
    before = as_text(readme)
    try:
        after = with_answers(before, load_evidence(evidence))
    except EvidenceError:  # no markers, or faults of the tables, which `reviewlib check` reports
        return {}
    return {readme: after} if after != before else {}


def main(path: str = "README.md") -> None:
    """Write today's answers into the README."""
    from ..evidence import load_evidence

    readme = Path(path)
    write(readme, with_answers(as_text(readme), load_evidence()))


def as_text(readme: Path) -> str:
    """Return the README as it is, with its line ends; a file that cannot be read as text is told."""
    data, fault = contents(readme)
    if data is None:
        raise EvidenceError(f"{readme.name}: {'. '.join(fault) if fault else 'there is no such file'}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise EvidenceError(f"{readme.name} line {line}: not UTF-8. Save the file as UTF-8") from None


if __name__ == "__main__":
    sys.exit(told(main, *sys.argv[1:]))
