"""Cells that print an estimate with its interval, `0.75 (0.50 to 1.12)`, as three columns; an interval alone as two.

Only where the name of the column or the cell itself says that it is a confidence interval, and of one level: brackets
alone may hold an SD, a range or quartiles. Every filled cell of a column is read so, or none of it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..effects.names import INTERVAL, bare, effect_named
from .numerals import ABSENT, tidy
from .sheet import Sheet

_AND = r"(?:\s*(?:,\s|;|\.\.\.?|/)\s*|\s+(?:to|bis|a|au|and|und|et|y|-)\s+|(?<=\S)-(?=\S))"
# Numbers with one decimal mark, and what stands between two; a comma without a blank only where both have decimals.
_NUMBERS = ((r"[+-]?\d*\.?\d+", _AND), (r"[+-]?\d*,?\d+", _AND), (r"[+-]?\d*\.\d+", ","), (r"[+-]?\d*,\d+", ","))
_FORMS = [
    re.compile(form)
    for x, between in _NUMBERS
    for form in (rf"({x})\s*[,;:]?\s*[(\[]\s*({x}){between}({x})\s*[)\]]", rf"()[(\[]?\s*({x}){between}({x})\s*[)\]]?")
]


def parted(sheet: Sheet) -> Sheet:
    """Return a sheet in which each column of estimates with intervals, or of intervals, has become columns of numbers.

    An estimate keeps its column, an interval alone leaves it to its lower limit; what else there is stands behind the
    others, and the reading is noted with the first cell. A column with any cell that does not fit stays as it is.
    """
    for name in sheet.header:
        cells = {line: row[name] for line, row in sheet.rows if row[name].lower() not in ABSENT}
        read = {line: _three(text, name) for line, text in cells.items()}
        if not cells or None in read.values() or len({(level, not parts[0]) for parts, level in read.values()}) > 1:
            continue
        (line, (first, level)), said = next(iter(read.items())), effect_named(name)
        stem = f"{'log ' * (said.scale == 'log')}{said.measure or ''} " if said else ""
        names = [name, *(f"{stem}{level}% CI {side}".lstrip() for side in ("lower", "upper"))][not first[0] :]
        if set(names[1:]) & set(sheet.header) or not (said or (not first[0] and not bare(INTERVAL.sub("", name)))):
            continue
        rows = [(at, dict(row)) for at, row in sheet.rows]
        for at, row in rows:
            row.pop(name)
            row |= dict(zip(names, ([part for part in read[at][0] if part] if at in read else [""] * 3), strict=False))
        header = tuple(names[0] if column == name else column for column in sheet.header) + tuple(names[1:])
        what, shown = "an estimate and its" if first[0] else "the", " and ".join(part for part in first if part)
        said = f"{name} was read as {what} {level}% limits: {cells[line]} as {shown}"
        sheet = replace(sheet, header=header, rows=rows, noticed=[*sheet.noticed, said])
    return sheet


def _three(text, name):
    """Return ((estimate, lower, upper), level) of a cell, None where it is no interval or may be read in two ways."""
    said = [found for found in (INTERVAL.search(name), INTERVAL.search(text)) if found]
    levels = {re.sub(r"[\s%]", "", found["before"] or found["behind"] or "") for found in said} - {""}
    if not said or len(levels) > 1:
        return None
    plain = re.sub(r"([(\[,;]?)\s*[:=]\s*", r"\1 ", INTERVAL.sub(" ", tidy(text)))
    found = {match.groups() for form in _FORMS if (match := form.fullmatch(plain.strip()))}
    return (found.pop(), (levels or {"95"}).pop().replace(",", ".")) if len(found) == 1 else None
