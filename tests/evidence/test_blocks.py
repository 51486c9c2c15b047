"""Pandas reads a large table only where `csv` would read the same: cells, lines and all."""

import csv
import io

import pytest
from hypothesis import example, given, strategies as st

from reviewlib.evidence import blocks

CELLS = st.text("ab1.,;\"\n '#\\\t-é漢\ufffd\u2028\x0b", max_size=6) | st.sampled_from(
    ["", "NA", "nan", "007", "0.10", "True"]
)


def by_csv(data):
    reader, found = csv.reader(io.StringIO(data.decode(), newline=""), strict=True), []
    while True:
        line = reader.line_num + 1
        try:
            found.append((line, next(reader)))
        except StopIteration:
            return found[1:]


def by_pieces(pieces, width):
    found = []
    for lines, columns in blocks.by_pandas(pieces, width):
        texts = [[unique[code] for code in codes] for codes, unique in columns]
        found += zip(lines.tolist(), map(list, zip(*texts, strict=True)), strict=True)
    return found


@given(
    st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1)), st.booleans()
)
def test_what_csv_writes_is_plain_and_read_alike(rows, all_quoted):
    out, width = io.StringIO(newline=""), len(rows[0])
    out.write(",".join("abcd"[:width]) + "\n")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    data = out.getvalue().encode()
    pieces = blocks.plain_pieces(data, width)
    assert by_pieces(pieces, width) == by_csv(data)
    assert [cells for _, cells in by_csv(data)] == rows


def test_a_block_of_records_that_all_have_other_cells_gives_no_row(monkeypatch):
    monkeypatch.setattr(blocks, "RECORDS", 2)
    odd, records = [], [(2, ["a"]), (3, ["a", "b", "c"]), (4, ["a", "b"]), (5, [])]
    [(lines, columns)] = blocks.by_record(records, 2, lambda *record: odd.append(record))
    assert lines.tolist() == [4] and [texts.tolist() for _, texts in columns] == [["a"], ["b"]]
    assert odd == [records[0], records[1], records[3]]


@given(st.text('",\n ab', min_size=1).map(lambda text: f"a,b\n{text}\n".encode()))
@example(b'a,b\n"x" ,y\n')
@example(b'a,b\nx"y,z\n')
@example(b'a,b\n"x""",y\n')
@example(b'a,b\n"",""\n')
def test_what_is_taken_for_plain_is_read_alike(data):
    pieces = blocks.plain_pieces(data, 2)
    if pieces is not None:
        assert by_pieces(pieces, 2) == by_csv(data)


def test_pieces_end_where_rows_end(monkeypatch):
    data = b"a,b\n" + b'1,"x\n,y"\n22,z\n' * 40
    monkeypatch.setattr(blocks, "SIZE", 50)
    pieces = blocks.plain_pieces(data, 2)
    assert len(pieces) > 10 and b"".join(piece for piece, _ in pieces) == data[4:]
    assert by_pieces(pieces, 2) == by_csv(data)


@pytest.mark.parametrize(
    "rest",
    [
        b"1\n",
        b"1,2,3\n",
        b"1,2\n\n3,4\n",
        b"1,2",
        b"1,2\r\n",
        b'1,"2\n',
        b'1,2"3\n',
        b'1,"2"3\n',
        b"1,\xff\n",
        b"1,2\n,\n,,\n",
    ]
    + [b"\xef\xbb\xbf1,2\n", b"1," + b"9" * 140_000 + b"\n", b"9" * 140_000 + b",1\n"],
)
def test_whatever_else_is_left_to_the_reader_of_small_tables(rest):
    before = csv.field_size_limit(131_072)  # other libraries raise it for everybody
    try:
        assert blocks.plain_pieces(b"a,b\n" + rest, 2) is None
    finally:
        csv.field_size_limit(before)
