"""Files damaged at random: a sentence or a safe result, never a traceback, and no table changed on the way."""

import csv
import io
import json
import shutil
import warnings
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from invented import TABLES, snapshot
from test_foreign_tables import COVIDENCE, METAPSY
from test_pool import ARMS, METAFOR, REVMAN
from test_references import ALL
from test_reviews import rm5, web

from reviewlib.errors import EvidenceError
from reviewlib.evidence.check import check
from reviewlib.exchange import pool_file
from reviewlib.exchange.importing import Wishes, import_file

ENDNOTE = Path(__file__).parents[1] / "cases" / "references" / "library.enw"


def workbook() -> bytes:
    made = openpyxl.Workbook()
    for row in METAFOR.splitlines():
        made.active.append([float(c) if c[:1].isdigit() else c for c in row.split(",")])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FIXTURES = {
    "a.rm5": rm5().encode(),
    "web.zip": web(),
    "covidence.csv": COVIDENCE.encode(),
    "metapsy.csv": METAPSY.encode(),
    "metafor.csv": METAFOR.encode(),
    "revman.csv": REVMAN.encode(),
    "ours.csv": ARMS.encode(),
    "book.xlsx": workbook(),
}
LISTS = {name: text.encode() for name, text in ALL.items()} | {"library.enw": ENDNOTE.read_bytes()}
FIXTURES |= LISTS
ODD = (
    b"",
    b"\0",
    b"=",
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b"<",
    b"&",
    b"]]>",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b"1e999",
    b"-",
    b"nan",
    b"inf",
    "\u2212".encode(),
    b"0",
    b"9" * 400,
    b"@x{",
    b"TY  - ",
    b"PMID- 1",
    b"\x81",
    b"PK\x03\x04",
)
damages = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.one_of(st.sampled_from(ODD), st.binary(max_size=8))),
    min_size=1,
    max_size=4,
)
CONSTANTS = {
    "design": "rct",
    "outcome": "pain",
    "intervention": "a",
    "comparator": "b",
    "instrument_id": "example-100",
    "value_kind": "final",
    "measure": "SMD",
}


def damaged(data: bytes, changes) -> bytes:
    for place, length, new in changes:
        at = int(place * len(data))
        data = data[:at] + new + data[at + length :]
    return data


slow = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.parametrize("name", FIXTURES)
@slow
@given(changes=damages)
def test_damage_is_a_sentence_or_a_safe_import(name, changes, tmp_path, evidence):
    path = tmp_path / name
    path.write_bytes(damaged(FIXTURES[name], changes))
    kind = {"kind": "rct"} if name in LISTS else CONSTANTS
    before = snapshot(evidence)
    try:
        import_file(path, Wishes(topic="example", evidence=str(evidence), constants=kind), say=lambda line: None)
    except EvidenceError as error:
        assert str(error).strip()
    assert snapshot(evidence) == before


@pytest.mark.parametrize("name", ["ours.csv", "metafor.csv", "metapsy.csv", "revman.csv", "book.xlsx"])
@slow
@given(changes=damages)
def test_damage_never_stops_the_pool_with_a_traceback(name, changes, tmp_path):
    path = tmp_path / name
    path.write_bytes(damaged(FIXTURES[name], changes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            quick = pool_file(path, "SMD")
        except EvidenceError as error:
            assert str(error).strip()
        else:
            assert str(quick) and json.loads(quick.to_json())


@slow
@given(cut=st.floats(0, 1))
@pytest.mark.parametrize("name", FIXTURES)
def test_a_truncated_file_is_told(name, cut, tmp_path, evidence):
    path = tmp_path / name
    path.write_bytes(FIXTURES[name][: int(cut * len(FIXTURES[name]))])
    kind = {"kind": "rct"} if name in LISTS else CONSTANTS
    before = snapshot(evidence)
    try:
        import_file(path, Wishes(topic="example", evidence=str(evidence), constants=kind), say=lambda line: None)
    except EvidenceError as error:
        assert str(error).strip()
    assert snapshot(evidence) == before


CELLS = (
    "",
    "0",
    "-1",
    "1e400",
    "1e-400",
    "9" * 30,
    "0.5",
    "=1+1",
    "1,5",
    "1.234,5",
    "inf",
    "nan",
    "NA",
    "\u22121",
    "x" * 50,
    "1e5",
    "100.5",
    "\u00e9\u4e2d",
    "a\u200bb",
    "'",
    "--",
    "1e999",
    "+",
    ".",
    "-.5",
    "1_000",
    "\u0663",
    " 3 ",
    "TRUE",
)
few = settings(slow, max_examples=12)


@pytest.mark.parametrize("name", ["metafor.csv", "metapsy.csv", "revman.csv", "ours.csv", "covidence.csv"])
@few
@given(data=st.data())
def test_an_odd_cell_is_told_or_taken_and_the_tables_stay_sound(name, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    evidence = shutil.copytree(TABLES, folder / "evidence")
    rows = [line.split(",") for line in FIXTURES[name].decode().splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(rows) - 1))
        rows[row][data.draw(st.integers(0, len(rows[0]) - 1))] = data.draw(st.sampled_from(CELLS))
    path = folder / name
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    before = snapshot(evidence)
    wishes = Wishes(topic="example", evidence=str(evidence), constants=CONSTANTS, yes=True)
    try:
        written = import_file(path, wishes, say=lambda line: None)
    except EvidenceError as error:
        assert str(error).strip()
        assert snapshot(evidence) == before
    else:
        assert written
        assert not [problem for problem in check(evidence) if problem.severity == "error"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            assert json.loads(pool_file(path, "SMD").to_json())
        except EvidenceError as error:
            assert str(error).strip()
    shutil.rmtree(folder)
