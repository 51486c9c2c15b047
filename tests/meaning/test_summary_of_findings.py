"""The Summary of Findings: every planned outcome a row, and the same text in Markdown, Excel and Word."""

import re
from dataclasses import replace
from html import unescape

import pytest

from reviewlib.meaning.summary_of_findings import summary_of_findings

TOPICS = ("massage", "mobilization", "stenosis")
TRICKY = '=HYPERLINK("x"), a | pipe, "quotes" <b>tag</b>, −1 & ⊕⊕○○'


@pytest.fixture(scope="module", params=TOPICS)
def table(request, evidence):
    return summary_of_findings(evidence[request.param])


@pytest.fixture
def tricky(table):
    """A summary whose first cell begins with the sign that starts a formula and holds every special character."""
    frame = table.to_frame()
    frame.iloc[0, 0] = TRICKY
    return replace(table, table=frame)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_outcome_keeps_its_row_also_without_data(evidence, topic):
    topic = evidence[topic]
    told = " ".join(summary_of_findings(topic).table.iloc[:, 0])
    for outcome in topic.outcomes:
        assert outcome["label"] in told, outcome["id"]


def test_footnotes_are_marked_and_marks_have_footnotes(table):
    text = " ".join(table.table.astype(str).to_numpy().ravel())
    marks = {int(n) for group in re.findall(r"\[([\d, ]+)\]", text) for n in group.split(",")}
    assert marks == set(range(1, len(table.footnotes) + 1))
    assert len(set(table.footnotes)) == len(table.footnotes) and all(note.strip() for note in table.footnotes)


def _unpiped(line):
    cells = re.split(r"(?<!\\)\|", line)[1:-1]
    return [_shown(cell).strip() for cell in cells]


def _shown(text):
    """What a reader of Markdown shows: entities as their signs, a backslash gone."""
    return unescape(re.sub(r"\\(.)", r"\1", text)).replace("\u200b", "")


def test_markdown_gives_the_table_back(tricky):
    text = tricky.to_markdown()
    assert "<" not in text and not re.search(r"@(?!&#8203;)|://", text)
    lines = text.splitlines()
    assert _shown(lines[0]) == f"**{tricky.caption}**"
    rows = [_unpiped(line) for line in lines if line.startswith("|")]
    want = tricky.table.astype(str)
    assert rows[0] == list(want.columns) and set("".join(rows[1])) <= {"-", ":"}
    assert rows[2:] == [[" ".join(cell.split("\n")).strip() for cell in row] for row in want.to_numpy().tolist()]
    notes = [_shown(line) for line in lines if re.match(r"\d+\. ", line)]
    assert notes == [f"{i}. {' '.join(note.split())}" for i, note in enumerate(tricky.footnotes, 1)]


def test_excel_gives_the_table_back_and_holds_no_formula(tricky, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "summary.xlsx"
    tricky.to_excel(path)
    sheet = openpyxl.load_workbook(path)["Summary of Findings"]
    cells = [[cell for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert all(cell.data_type == "s" for row in cells for cell in row)
    read = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    want = tricky.table.astype(str)
    assert read[0][0] == tricky.caption and read[1] == list(want.columns)
    assert read[2 : 2 + len(want)] == want.to_numpy().tolist() and read[2][0] == TRICKY
    notes = [row[0] for row in read[2 + len(want) :] if row[0]]
    assert notes == [f"{i}. {note}" for i, note in enumerate(tricky.footnotes, 1)]


def test_word_gives_the_table_back(tricky, tmp_path):
    docx = pytest.importorskip("docx")
    path = tmp_path / "summary.docx"
    tricky.to_word(path)
    document = docx.Document(path)
    (grid,) = document.tables
    assert document.sections[0].page_width > document.sections[0].page_height  # an upright page broke words
    assert grid.columns[0].width > grid.columns[1].width and "<w:tblHeader/>" in grid.rows[0]._tr.xml
    read = [[cell.text for cell in row.cells] for row in grid.rows]
    want = tricky.table.astype(str)
    assert read == [list(want.columns), *want.to_numpy().tolist()]
    said = [paragraph.text for paragraph in document.paragraphs if paragraph.text]
    assert said == [tricky.caption, *(f"{i}. {note}" for i, note in enumerate(tricky.footnotes, 1))]


def test_html_escapes_what_a_cell_holds(tricky):
    html = tricky._repr_html_()
    assert "<b>tag</b>" not in html and "&lt;b&gt;tag&lt;/b&gt;" in html
    assert html.count("<th scope=") == len(tricky.table.columns) + len(tricky.table) and "<caption>" in html


def test_the_frame_is_a_copy(table):
    frame = table.to_frame()
    frame.iloc[0, 0] = "changed"
    assert table.table.iloc[0, 0] != "changed"
