"""A small evidence folder of invented numbers that tests may break."""

import csv
import shutil
from pathlib import Path

import pytest

from reviewlib.evidence import check as checking
from reviewlib.evidence.folder import read_folder
from reviewlib.evidence.rules import check_folder

TABLES = Path(__file__).with_name("tables")


@pytest.fixture
def good(tmp_path) -> Path:
    """Path of a copy of the invented evidence folder, which has no fault."""
    return Path(shutil.copytree(TABLES, tmp_path / "evidence"))


def errors(problems) -> list:
    """Return the problems that are errors."""
    return [problem for problem in problems if problem.severity == "error"]


@pytest.fixture(autouse=True)
def _errors_alone(monkeypatch):
    """Whatever a test checks, the same errors are found where only errors are looked for, beside tables that passed."""
    passed = read_folder(TABLES)

    def both(path):
        folder, problems = check_folder(path)
        assert errors(check_folder(path, passed)[1]) == errors(problems)
        return folder, problems

    monkeypatch.setattr(checking, "check_folder", both)


@pytest.fixture
def edit(good):
    """Change one file of the folder: ``edit(file, old, new)``; the old text must be there."""

    def change(file, old, new):
        path = good / file
        data = path.read_bytes()
        old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
        assert old in data, f"{old!r} is not in {file}: the test would break nothing"
        path.write_bytes(data.replace(old, new, 1))
        return good

    return change


@pytest.fixture
def cells(good):
    """Change cells of one row, found by its first cell: ``cells(file, key, **cells)``; a new column is added."""

    def change(file, key, **new):
        with (good / file).open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        next(row for row in rows if next(iter(row.values())) == key).update(new)
        names = dict.fromkeys(name for row in rows for name in row)
        with (good / file).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(names), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return good

    return change
