"""The one table of a file, CSV or Excel, with its columns understood."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import EvidenceError
from .dialects import Mapping, understand
from .opened import is_zip, read_bytes, refuse_foreign, text_of
from .parted import parted
from .revman_csv import without_headings
from .sheet import Sheet, read_sheet
from .workbook import read_workbook


def one_sheet(
    path: Path,
    *,
    data: bytes | None = None,
    given: Any = (),
    sheet: Any = None,
    dialect: Any = None,
    measure: str | None = None,
) -> tuple[Sheet, Mapping]:
    """Return the table of a CSV file or workbook and how its columns are understood.

    Raises
    ------
    EvidenceError
        The file cannot be read, holds several tables and `sheet` names none of them, or has a header that can be read
        in more than one way.
    """
    path = Path(path)
    data = read_bytes(path) if data is None else data
    refuse_foreign(data, path.name)
    if is_zip(data) or path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        table = _chosen(read_workbook(data, path.name), sheet, path.name)
    else:
        text, noticed = text_of(data, path.name)
        if re.match(r'\s*(\[\s*)?\{\s*"', text):
            raise EvidenceError(f"{path.name} is JSON, not a table. Save the table as CSV or .xlsx")
        table = read_sheet(text, path.name)
        table.noticed[:0] = noticed
    table = parted(without_headings(table))
    try:
        return table, understand(table.header, given=given, dialect=dialect, measure=measure)
    except EvidenceError as error:
        raise EvidenceError(f"{table.name}: {error}") from None


def _chosen(sheets, wanted, name):
    names = [sheet.name.rpartition(", sheet ")[2] for sheet in sheets]
    if wanted is not None:
        if wanted not in names:
            raise EvidenceError(f"{name} has no visible sheet {wanted!r} with a table. It has: {', '.join(names)}")
        return sheets[names.index(wanted)]
    if len(sheets) > 1:
        raise EvidenceError(f"{name} holds several tables: {', '.join(names)}. Say which with --sheet NAME")
    return sheets[0]
