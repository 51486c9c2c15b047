"""The Excel workbook: edit there, import back, nothing lost; and workbooks of other people, however they were made."""

import io
import re

import openpyxl
import pytest
from invented import ROOT, snapshot, zipped

from reviewlib.evidence.check import check
from reviewlib.evidence.package import topics_in
from reviewlib.evidence.schema import schemas
from reviewlib.exchange import export
from reviewlib.exchange.exporting import tables_in
from reviewlib.exchange.placing import rows_of, table_text
from reviewlib.exchange.workbooks import schema_of, tables_of

REAL = ROOT / "evidence"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "all.xlsx"
    export("all", "excel", path, path=REAL)
    return path


def test_every_real_table_comes_back_with_every_cell(real):
    tables = tables_of(real.read_bytes(), real.name)
    assert set(tables) == set(tables_in(REAL, topics_in(REAL)))
    for file, rows in tables.items():
        assert rows == rows_of((REAL / file).read_bytes()), file
        assert rows_of(table_text(tuple(rows[0]) if rows else schema_of(file).names, rows).encode()) == rows, file


def test_every_cell_is_text_and_enums_are_lists(real):
    book = openpyxl.load_workbook(real)
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s"}
    sheet = book["massage|results"]
    letter = {cell.value: cell.column_letter for cell in sheet[1]}
    lists = {str(rule.sqref).split("2:")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert {letter[c.name] for c in schemas()["results"].columns if c.enum} <= set(lists)
    column, last = lists[letter["status"]].removeprefix("Lists!$").split("$1:$")[0], 4
    assert [book["Lists"][f"{column}{i}"].value for i in range(1, last + 1)] == list(
        schemas()["results"]["status"].enum
    )
    assert letter["source_id"] in lists


def edited(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def exported(evidence, tmp_path):
    path = tmp_path / "book.xlsx"
    export("example", "excel", path, path=evidence)
    return path


def test_an_unchanged_workbook_changes_nothing(run, evidence, tmp_path):
    path, before = exported(evidence, tmp_path), snapshot(evidence)
    code, out, _ = run("import", path, "--evidence", evidence, "--yes")
    assert code == 0 and "0 new rows, 0 changed rows" in out
    assert snapshot(evidence) == before


def test_an_edited_cell_needs_update_and_changes_only_itself(run, evidence, tmp_path):
    path, before = exported(evidence, tmp_path), snapshot(evidence)
    edited(path, lambda book: setattr(book["example|results"]["Q2"], "value", "15.0"))
    code, out, err = run("import", path, "--evidence", evidence, "--yes")
    assert code == 1 and "--update" in err and snapshot(evidence) == before
    assert '"14.0" -> "15.0"' in out
    code, _, _ = run("import", path, "--evidence", evidence, "--yes", "--update")
    after = snapshot(evidence)
    assert code == 0
    assert after["example/results.csv"] == before["example/results.csv"].replace(b"36.0,14.0", b"36.0,15.0")
    assert {name for name in after if after[name] != before[name]} == {"example/results.csv"}


def test_an_edit_that_breaks_a_rule_is_refused_whole(run, evidence, tmp_path):
    path, before = exported(evidence, tmp_path), snapshot(evidence)

    def change(book):
        book["example|results"]["Q2"] = "15.0"
        book["example|results"]["B3"] = "nobody1999"

    edited(path, change)
    code, _, err = run("import", path, "--evidence", evidence, "--yes", "--update")
    assert code == 1 and "nobody1999" in err and "line 3" in err
    assert snapshot(evidence) == before


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-x", "@SUM(A1)", "=cmd|' /C calc'!A0", "1-2", "007", "TRUE", "#N/A", "1e5"]
)
def test_text_stays_text(evidence, tmp_path, text):
    table = evidence / "example" / "excluded.csv"
    table.write_text(table.read_text() + f'results,"{text}",,no number\n')
    assert not [p for p in check(evidence) if p.severity == "error"]
    path = exported(evidence, tmp_path)
    sheet = openpyxl.load_workbook(path)["example|excluded"]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == text)
    assert cell.data_type == "s" and cell.number_format == "@"
    rows = tables_of(path.read_bytes(), "book.xlsx")["example/excluded.csv"]
    assert rows[-1]["record"] == text


def book(*rows, change=None, title="Sheet"):
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


HEAD = ("study", "n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")
ONE, TWO = ("Example A", 40, 12.5, 4.1, 41, 14.9, 4.4), ("Example B", 25, 10, 3.9, 24, 10.4, 4.0)


def test_a_workbook_is_pooled_like_a_csv(run, write):
    code, out, _ = run("pool", write("a.xlsx", book(HEAD, ONE, TWO)), "--measure", "MD")
    assert code == 0 and "Example A" in out and "-2.40" in out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b.active.merge_cells("A2:A3"), ["cells A2:A3", "merged", "Unmerge"]),
        (lambda b: b.active.__setitem__("C2", "=B2/2"), ["cell C2", "formula"]),
        (lambda b: b.active.__setitem__("C2", "#DIV/0!"), ["cell C2", "error value"]),
        (lambda b: b.active.__setitem__("C2", "twelve"), ["m1i (cell C2)", "not a number"]),
        (lambda b: b.active.__setitem__("C1", "n1i"), ["two columns"]),
        (
            lambda b: b.create_sheet("More").append(["a", "b"]) or b["More"].append([1, 2]),
            ["several tables", "--sheet"],
        ),
    ],
)
def test_what_a_workbook_hides_is_told_with_its_cell(run, write, change, words):
    code, _, err = run("pool", write("a.xlsx", book(HEAD, ONE, TWO, change=change)), "--measure", "MD")
    assert code == 1
    for word in words:
        assert word in err


def test_hidden_sheets_are_left_out_with_a_word(run, write):
    def hide(made):
        made.create_sheet("Secret").append(["a"])
        made["Secret"].sheet_state = "hidden"

    code, out, _ = run("pool", write("a.xlsx", book(HEAD, ONE, TWO, change=hide)), "--measure", "MD")
    assert code == 0 and "hidden sheets were left out: Secret" in out


def test_a_stored_value_stands_for_its_formula(run, write):
    data = book(HEAD, ONE, TWO, change=lambda b: b.active.__setitem__("C2", "=25/2"))
    from reviewlib.exchange.opened import members

    files = members(data, "a.xlsx")
    sheet = files["xl/worksheets/sheet1.xml"]
    assert b"<v></v>" in sheet or b"<v />" in sheet or b"<v/>" in sheet
    for empty in (b"<v></v>", b"<v />", b"<v/>"):
        sheet = sheet.replace(empty, b"<v>12.5</v>")
    data = zipped(files | {"xl/worksheets/sheet1.xml": sheet})
    code, out, _ = run("pool", write("a.xlsx", data), "--measure", "MD")
    assert code == 0 and "-2.40" in out and "formulas in C2" in out


def test_bombs_locked_and_torn_workbooks_are_refused(run, write):
    good = book(HEAD, ONE, TWO)
    from reviewlib.exchange.opened import members

    files = members(good, "a.xlsx")
    bomb = zipped(files | {"xl/media/big.bin": b"\0" * 40_000_000})
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    laughs = zipped(files | {"xl/workbook.xml": entities + files["xl/workbook.xml"].split(b"?>", 1)[-1]})
    for data, word in (
        (bomb, "zip bomb"),
        (laughs, "entities"),
        (good[: len(good) // 2], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
    ):
        code, _, err = run("pool", write("b.xlsx", data), "--measure", "MD")
        assert code == 1 and word in err, word


ROWS, LISTED = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
REACHES = {  # a few thousand bytes, and minutes or all the memory for what makes every cell of them
    "a cell far away": (
        ROWS,
        "</sheetData>",
        '<row r="199999"><c r="KM199999"><v>1</v></c></row></sheetData>',
        "spread",
    ),
    "without places": (ROWS, "</sheetData>", f'<row r="199000"/><row>{"<c/>" * 299}</row></sheetData>', "spread"),
    "a prefix": (ROWS, "</sheetData>", '<z:row xmlns:z="{0}"><z:c r="KM199999"/></z:row></sheetData>', "spread"),
    "merged": (
        ROWS,
        "</sheetData>",
        '</sheetData><mergeCells><mergeCell ref="$A$9:XFD1048576"/></mergeCells>',
        "merged",
    ),
    "one sheet as many": (
        LISTED,
        "</sheets>",
        '<sheet name="b" sheetId="9" r:id="rId1" xmlns:r="{1}"/></sheets>',
        "twice",
    ),
}


@pytest.mark.parametrize("name", REACHES)
def test_a_small_workbook_that_would_fill_the_memory_is_refused(name, run, write):
    from reviewlib.exchange.opened import members

    files, (part, old, new, word) = members(book(HEAD, ONE, TWO), "a.xlsx"), REACHES[name]
    known = re.findall(rb'xmlns(?::r)?="([^"]+)"', files[ROWS] + files[LISTED])
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    new = new.replace("{0}", known[0].decode()).replace("{1}", relations)
    assert old in files[part].decode()
    bomb = zipped(files | {part: files[part].decode().replace(old, new).encode()})
    code, _, err = run("pool", write("b.xlsx", bomb), "--measure", "MD")
    assert code == 1 and word in err and "Delete what lies beyond the table" in err


TORN = {
    "Windows-1252": (lambda data: data.replace(b"Example", b"Ex\xe4mple"), "not UTF-8"),
    "UTF-16": (lambda data: data.decode().encode("utf-16"), "UTF-16"),
    "mark": (lambda data: b"\xef\xbb\xbf" + data, "byte-order mark"),
    "semicolons": (lambda data: data.replace(b",", b";"), "semicolons"),
    "a column more": (lambda data: data.replace(b"\n", b",x\n"), "is not a column"),
    "a column less": (lambda data: b"\n".join(row.partition(b",")[2] for row in data.split(b"\n")), "missing"),
    "a cell less": (lambda data: data.rstrip().rpartition(b",")[0] + b"\n", "cells, the header"),
    "a quote": (lambda data: data + b'"', "quotation mark"),
    "NUL": (lambda data: data.replace(b"Example", b"Ex\0mple"), "NUL"),
}


@pytest.mark.parametrize("how", TORN)
def test_a_table_that_cannot_be_read_whole_leaves_by_no_door_and_takes_nothing_in(how, run, write, evidence, tmp_path):
    spoil, word = TORN[how]
    file = evidence / "sources.csv"
    file.write_bytes(spoil(file.read_bytes()))
    before = snapshot(evidence)
    library = write("a.ris", "TY  - JOUR\nAU  - Roe, Ann\nPY  - 2001\nTI  - A\nJO  - B\nDO  - 10.1234/roe\nER  - \n")
    for words in (
        ("export", "example", "--as", "excel", "--output", tmp_path / "out.xlsx"),
        ("export", "all", "--as", "bibtex", "--output", tmp_path / "out.bib"),
        ("import", library, "--set", "kind=rct", "--set", "read=abstract", "--yes"),
    ):
        code, _, err = run(*words, "--evidence", evidence)
        assert code == 1 and word in err and "sources.csv" in err, (words, err)
    assert snapshot(evidence) == before and not (tmp_path / "out.xlsx").exists()


def test_no_room_for_the_temporary_files_of_a_workbook_is_said(run, evidence, tmp_path, monkeypatch):
    from lxml.etree import SerialisationError

    def full(book, out):
        raise SerialisationError("IO_ENOSPC")

    monkeypatch.setattr(openpyxl.Workbook, "save", full)
    out = tmp_path / "out.xlsx"
    code, _, err = run("export", "example", "--as", "excel", "--output", out, "--evidence", evidence)
    assert (code, out.exists()) == (1, False) and "No space left on device" in err
