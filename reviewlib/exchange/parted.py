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

_AND = r"(?:\s*(?:,\s|;|\.\.\.?|/)\s*|\s+(?:to|bis|a|au|and|und|et|y|-)\s+|(?<=\S)-(?=\S)|,(?=\S))"
_FORMS = {  # by decimal mark: a cell with both marks is read in no way
    mark: (
        re.compile(rf"({x})\s*[,;:]?\s*[(\[]\s*({x}){_AND}({x})\s*[)\]]"),
        re.compile(rf"()[(\[]?\s*({x}){_AND}({x})\s*[)\]]?"),
    )
    for mark, x in ((".", r"[+-]?\d*\.?\d+"), (",", r"[+-]?\d*,?\d+"))
}


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
        (line, (first, level)), stem = next(iter(read.items())), INTERVAL.sub("", name).strip(" ,;:([{)]}_-")
        names = [name, *(f"{stem} {level}% CI {side}".strip() for side in ("lower", "upper"))][not first[0] :]
        if set(names[1:]) & set(sheet.header) or not (effect_named(name) or (not first[0] and not bare(stem))):
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
    forms = [form.fullmatch(plain.strip()) for pair in _FORMS.values() for form in pair]
    found = {match.groups() for match in forms if match}
    return (found.pop(), (levels or {"95"}).pop().replace(",", ".")) if len(found) == 1 else None
