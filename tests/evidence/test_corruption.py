"""Whatever happens to the bytes of a table, the checker answers with sentences, never with a traceback."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from reviewlib.evidence.check import check

TABLES = Path(__file__).with_name("tables")
FILES = sorted(p.relative_to(TABLES).as_posix() for p in TABLES.rglob("*") if p.is_file())
SPICE = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\x00",
    b";",
    b"\xff",
    b"-",
    b"O",
    b"'",
    b": ",
    b"&a ",
    b"*a",
    b"[",
    b"{",
    b"!!x ",
    b"\t",
]
SPICE += [
    b"NaN",
    b"inf",
    b"1e999",
    b"9" * 400,
    "\u2212".encode(),
    b"NS",
    b"<",
    b"main",
    b"level",
    b"2026-99-99",
    b"?",
    b"<<: ",
]


@st.composite
def corruption(draw):
    """One file of the folder and a few edits: (place from 0 to 1, bytes to cut, bytes to put in)."""
    edits = st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(SPICE) | st.binary(max_size=4))
    return draw(st.sampled_from(FILES)), draw(st.lists(edits, min_size=1, max_size=4))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(corruption())
def test_corrupted_bytes_give_sentences(damage):
    file, edits = damage
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(TABLES, Path(scratch) / "evidence"))
        data = (folder / file).read_bytes()
        for place, cut, put in edits:
            at = int(place * len(data))
            data = data[:at] + put + data[at + cut :]
        (folder / file).write_bytes(data)
        for problem in check(folder):
            assert problem.rule and problem.remedy and str(problem)
            assert problem.line is None or problem.line >= 1


def test_a_table_cut_off_anywhere_gives_sentences(good):
    table = good / "example/results.csv"
    data = table.read_bytes()
    for length in range(0, len(data), 23):
        table.write_bytes(data[:length])
        assert all(problem.remedy for problem in check(good))
