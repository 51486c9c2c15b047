"""Prose may carry numbers, and the cell after it asserts each: a paragraph that the tables no longer support fails."""

import ast
from pathlib import Path

import nbformat
import pytest

import reviewlib as rl
from reviewlib.site.asserted import NAMES, asserted, names_of, typed, unsupported

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def names():
    return names_of(ROOT / "evidence")


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
        ("of 24 and 24 pupils", "assert (a, b) == (24, 25)", "24"),
        ("It goes down by 1 level and by 1.", "assert steps == [-1, -1]", ""),
        ("It goes down by 1 level.", "assert round(mean, 1) == 4.5", "1"),
        ("the mean of 2 trials", "assert len(rows[2]) == 3", "2"),
    ],
)
def test_what_counts_as_asserted(prose, code, missing):
    found = unsupported([_cell("markdown", prose), _cell("code", code)], f"{NAMES}|Doe 2020")
    assert bool(found) == bool(missing) and (not missing or missing in found[0])


def test_a_number_without_a_cell_after_it_is_unsupported():
    assert unsupported([_cell("markdown", "It is 5."), _cell("markdown", "And then.")], NAMES)
    assert unsupported([_cell("markdown", "It is 5.")], NAMES)


@pytest.mark.parametrize(
    ("code", "shown", "number"),
    [
        ("page.paragraph('Pain fell by 7.31 points')", "<p>Pain fell by 7.31 points</p>", "7.31"),
        ("Html(f'<p>{a}: −7.31</p>')", "<p>SMD: −7.31</p>", "7.31"),
        ("print(412)", "412", "412"),
        ("pd.DataFrame({'MD': [1.25]})", "<td>1.25</td>", "1.25"),
        ("assert round(x, 2) == 7.31\npage.paragraph(f'{x:.2f}, that is 7.31')", "<p>7.31</p>", ""),
        ("rl.pool(frame, level=0.95).round(12)", "0.95 of 12", ""),
        ("table.iloc[12]", "12", ""),
        ("page.forest(topic, 'doe2012-r12', 'Doe 2020')", "<p>2012, 12, 2020</p>", ""),
        ("%matplotlib inline", "7.31", ""),
        ("page.table_block(t, 'Of 7.31')", '<table class="made-here"><tr><td>7.31</td></tr></table>', ""),
    ],
)
def test_a_number_typed_into_code_and_shown_is_named(code, shown, number):
    output = nbformat.v4.new_output("display_data", {"text/html": shown})
    cell = nbformat.v4.new_code_cell(code, outputs=[output])
    found = typed([_cell("markdown", "Words"), cell], f"{NAMES}|Doe 2020")
    assert len(found) == bool(number)
    assert not number or f"cell 2: {number} is typed in the code" in found[0]


def test_names_of_trials_in_the_tables_are_no_numbers(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "results.csv").write_text("result_id,trial\nr1,Äpfel 2019b (A)\nr2,Birnen\n", "utf-8")
    assert unsupported([_cell("markdown", "Äpfel 2019b is large.")], names_of(tmp_path)) == []
    assert unsupported([_cell("markdown", "Äpfel 2018 is large.")], names_of(tmp_path))
