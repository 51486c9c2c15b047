"""A large table in blocks of columns: pandas reads what is plain beyond doubt, the reader of small tables all else."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from .columnar import Rows
from .columns import Figures, Words
from .schema import Column

RECORDS = 2_000  # that are Python objects at one time
SIZE = 4_000_000  # bytes that are looked at at one time
_MANY = 100_000  # numbers of a column that are kept each once
_QUOTE, _COMMA, _END = b'",\n'


def plain_pieces(data: bytes, width: int) -> list[tuple[bytes, np.ndarray]] | None:
    """Return a table without its header in pieces with the line of each row; None where a byte could be read two ways.

    Plain is a table in which every row has `width` cells, every quotation mark opens or closes a cell or is doubled
    inside one, lines end in a line feed, and all is UTF-8: there `csv` and pandas read the same.

    Parameters
    ----------
    data : bytes
        The whole table, the header on its first line.
    width : int
        Cells of a row.
    """
    at, line, found = data.find(b"\n") + 1, 2, []
    if width < 2 or b'"' in data[:at] or b"\r" in data or not data.endswith(b"\n"):
        return None
    while at < len(data):
        piece = data[at : at + SIZE]
        signs = np.frombuffer(piece, np.uint8)
        quoted = np.bitwise_xor.accumulate(signs == _QUOTE)
        apart = np.flatnonzero(((signs == _COMMA) | (signs == _END)) & ~quoted)
        ends = apart[width - 1 :: width]
        at_end = (signs[apart[: width * len(ends)]] == _END).reshape(-1, width)
        if not len(ends) or not at_end[:, -1].all() or at_end[:, :-1].any():
            return None
        piece, signs, quoted = piece[: ends[-1] + 1], signs[: ends[-1] + 1], quoted[: ends[-1] + 1]
        if np.diff(apart, prepend=-1).max() > csv.field_size_limit() or not _good(piece, signs, quoted):
            return None
        breaks = np.flatnonzero(signs == _END)
        found.append((piece, line + np.searchsorted(breaks, np.append(0, ends[:-1] + 1))))
        at, line = at + len(piece), line + len(breaks)
    return found


def _good(piece: bytes, signs: np.ndarray, quoted: np.ndarray) -> bool:
    """Is a piece UTF-8, with quotation marks only where they open or close a cell or are doubled inside one?"""
    marks = np.flatnonzero(signs == _QUOTE)
    before, after = np.append(_END, signs)[marks], np.append(signs, _END)[marks + 1]
    beside = np.where(quoted[marks], before, after)
    try:
        return not piece.startswith(b"\xef\xbb\xbf") and bool(
            np.isin(beside, (_QUOTE, _COMMA, _END)).all() and piece.decode()
        )
    except UnicodeDecodeError:
        return False


def by_pandas(pieces: Iterable[tuple[bytes, np.ndarray]], width: int) -> Iterator[tuple[np.ndarray, list]]:
    """Yield (lines, columns) of plain pieces; a column is the number of each cell's text, and the texts."""
    for piece, lines in pieces:
        frame = pd.read_csv(
            io.BytesIO(piece), header=None, names=range(width), index_col=False, dtype=object, na_filter=False
        )
        yield lines, [pd.factorize(frame[at].to_numpy()) for at in range(width)]


def by_record(records: Iterable, width: int, odd: Callable) -> Iterator[tuple[np.ndarray, list]]:
    """Yield (lines, columns) of blocks of records; ``odd(line, cells)`` takes one that has not as many cells."""
    records = iter(records)
    while block := list(islice(records, RECORDS)):
        for line, cells in block:
            if len(cells) != width:
                odd(line, cells)
        block = [record for record in block if len(record[1]) == width]
        columns = zip(*(cells for _, cells in block), strict=True)
        if block:
            yield np.array([line for line, _ in block]), [pd.factorize(np.array(column, object)) for column in columns]


def read_rows(blocks: Iterable, header: list[str], columns: dict[str, Column], make: partial) -> Rows:
    """Return the rows of a large table.

    Parameters
    ----------
    blocks : iterable of (lines, columns)
        As `by_pandas` or `by_record` give them.
    header : list of str
        The header; empty for a column that cannot be used.
    columns : dict
        The columns of the schema by name.
    make : callable
        ``make(line, cells)`` makes a row.
    """

    def empty(name):
        column = columns[name]
        if column.type == "id" and not column.references:
            return Figures()
        return Words(_MANY if column.type in ("number", "integer") else np.inf)

    held: list[Any] = [empty(name) if name else None for name in header]
    lines = [np.zeros(0, np.int64)]
    for block, cells in blocks:
        lines.append(block)
        for at, (codes, texts) in enumerate(cells):
            if held[at] is not None and not held[at].add(codes, texts):
                held[at] = held[at].other()
                held[at].add(codes, texts)
    closed = {name: column.close() for name, column in zip(header, held, strict=True) if name}
    return Rows(np.concatenate(lines), closed, header, make)
