"""Prose may carry numbers, and the cell after it asserts each: a paragraph that the tables no longer support fails."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

import reviewlib as rl

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Numbers that belong to a name or a rule of reading, not to a result. Names of trials come from the tables.
NAMES = r"RoB 2|SF-36|PRISMA 2020|95% CI|95% interval|`[^`]*`"


def numbers(text) -> set[float]:
    """Return the numbers of a text without their sign: "3.2 points lower" says what -3.2 says."""
    return {float(number.replace(",", "")) for number in NUMBER.findall(text)}


def asserted(code) -> set[float]:
    """Return the numbers that the assertions of a cell compare with something computed.

    A comparison of constants with one another asserts nothing, and its numbers do not count.
    """
    found = set()
    for statement in ast.walk(ast.parse(code)):
        if not isinstance(statement, ast.Assert):
            continue
        for test in statement.test.values if isinstance(statement.test, ast.BoolOp) else [statement.test]:
            if not any(isinstance(node, ast.Name) for node in ast.walk(test)):
                continue
            for node in ast.walk(test):
                if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
                    found |= numbers(str(node.value))
    return found


def unsupported(cells, names) -> list[str]:
    """Return the numbers of each paragraph that the next cell does not assert, with the paragraph."""
    found = []
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if cell.cell_type != "markdown":
            continue
        wanted = numbers(re.sub(names, "", cell.source))
        there = asserted(after.source) if after is not None and after.cell_type == "code" else set()
        if wanted - there:
            found.append(f"{sorted(wanted - there)} in: {cell.source[:90]}")
    return found


@pytest.fixture(scope="module")
def names(evidence):
    """A pattern of what has digits and is a name, those of trials among them."""
    tables = [topic.tables["results"]["trial"] for topic in evidence if "results" in topic.tables]
    trials = {match[0] for table in tables for name in table if (match := re.match(r"\D+ (19|20)\d\d\w?", name))}
    return "|".join([NAMES, *map(re.escape, sorted(trials, key=len, reverse=True)), r"(Ash|Birch|Cedar|Elm) 20\d\d"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_number_in_prose_is_asserted_by_the_next_cell(path, names):
    assert unsupported(nbformat.read(path, 4).cells, names) == []


@pytest.mark.parametrize("name", ["massage", "mobilization", "rand", "stenosis"])
def test_a_topic_opens_as_a_document(name):
    """Question, rows, effects, pool or its absence, what would change it, sentence: a paragraph before each."""
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4).cells
    start = next(i for i, cell in enumerate(cells) if "fold" in cell.metadata.get("tags", ()))
    assert start == 3, "after the title, the tables and the answer"
    steps = next(i for i, cell in enumerate(cells[start + 1 :], 1) if cell.source.startswith("## "))
    lesson = cells[start : start + steps]
    assert [cell.cell_type for cell in lesson] == ["markdown", "code"] * (len(lesson) // 2)
    assert 7 <= len(lesson) // 2 <= 12
    assert sum(bool(asserted(cell.source)) for cell in lesson[1::2]) >= 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_asserted_holds(path, evidence, monkeypatch):
    """The cells that assert, and what they need, run as they are; the calls that only show are left out."""
    monkeypatch.setattr(rl, "load_evidence", lambda *args, **kwargs: evidence)
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    last = max((i for i, code in enumerate(cells) if asserted(code)), default=-1)
    space = {}
    for code in cells[: last + 1]:
        tree = ast.parse(code)
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            tree.body.pop()
        exec(compile(tree, path.name, "exec"), space)


def _cell(kind, source):
    return nbformat.from_dict({"cell_type": kind, "source": source, "metadata": {}})


@pytest.mark.parametrize(
    ("prose", "code", "missing"),
    [
        ("The average is −2.43.", "assert round(found.estimate, 2) == -2.43", ""),
        ("Doe 2020 found −2.43 (95% CI to −1.7).", 'assert f"{low:.1f} {mean}" == "-1.7 -2.43"', ""),
        ("The average is 2.43.", "found.estimate", "2.43"),
        ("The average is 2.43.", "assert 2.43 == 2.43", "2.43"),
        ("The average is 2.43.", "assert found.estimate == 2.4", "2.43"),
        ("The average is 2.43.", "assert found.estimate < 0 and 2.43 == 2.43", "2.43"),
        ("1,334 people", "assert people == 1334", ""),
        ("In 2018 a panel", "assert year == 2018", ""),
        ("In 2018 a panel", "panel", "2018"),
    ],
)
def test_what_counts_as_asserted(prose, code, missing):
    found = unsupported([_cell("markdown", prose), _cell("code", code)], f"{NAMES}|Doe 2020")
    assert bool(found) == bool(missing) and (not missing or missing in found[0])


def test_a_number_without_a_cell_after_it_is_unsupported():
    assert unsupported([_cell("markdown", "It is 5."), _cell("markdown", "And then.")], NAMES)
    assert unsupported([_cell("markdown", "It is 5.")], NAMES)
