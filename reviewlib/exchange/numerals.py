"""Numbers as people write them: the mark a file takes for decimals, told from all its cells, and cells read by it.

`1.234` and `1,234` say nothing alone. Other cells decide (`12.5`, `0,25`, `1,234.5`, `1.234.567`); where they disagree,
or where none decides and it matters, the file is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

ABSENT = {"", "na", "n/a", "nan", "null", "none", "#n/a", "nr", "."}
LEAST, MOST = 1e-12, 1e12  # sizes beyond these are typing errors in any table of studies
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL = {mark: re.compile(rf"[+-]?\d*\{mark}\d+([eE][+-]?\d{{1,3}})?", re.ASCII) for mark in ".,"}
_THREE = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}\{mark}\d{{3}}", re.ASCII) for mark in ".,"}
_GROUPED = {  # groups of three (or two before the last three, as in India), then perhaps decimals after the other mark
    mark: re.compile(
        rf"([+-]?[1-9]\d{{0,2}}(?:(?:\{mark}\d{{3}})+|(?:\{mark}\d{{2}})+\{mark}\d{{3}}))(\{other}\d+)?", re.ASCII
    )
    for mark, other in (".,", ",.")
}
_BLANKS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[ '\u2019]\d{3})+(?=$|[.,])")
_PLACE = "Write decimals with one mark in the whole file, and thousands without one"


def tidy(cell: str) -> str:
    """Return a cell with a plain minus, and without blanks or apostrophes between groups of three digits."""
    text = " ".join(cell.split()).replace("\u2212", "-").replace("\u2013", "-")
    grouped = _BLANKS.match(text)
    return re.sub(r"[ '\u2019]", "", text) if grouped else text


def says(cell: str) -> str | None:
    """Return the mark of decimals that this cell alone shows; "?" where it could be that of thousands, else None."""
    text = tidy(cell)
    for mark, other in (".,", ",."):
        grouped = _GROUPED[other].fullmatch(text)
        if grouped and (grouped[2] or grouped[1].count(other) > 1):
            return mark
        if _THREE[mark].fullmatch(text):
            return "?"
        if _DECIMAL[mark].fullmatch(text):
            return mark
    return None


def number(cell: str, *, mark: str | None = None) -> str:
    """Return a cell as our tables write a number, "" where it says that there is none.

    Parameters
    ----------
    cell : str
    mark : {".", ","}, optional
        The mark of decimals in this file; by default a point, and a comma is refused.

    Raises
    ------
    ValueError
        The cell holds no number; the message is the rule, a tab, and the remedy.
    """
    text = tidy(cell)
    if text.lower() in ABSENT:
        return ""
    if text.startswith("="):
        raise ValueError("is a formula, not a value\tType the value, or paste it as values only")
    if mark is None and re.fullmatch(r"[+-]?\d+,\d+", text):
        raise ValueError(f"has a comma, which may be a decimal mark or separate thousands\t{_PLACE}")
    thousands = "." if mark == "," else ","
    if mark and _GROUPED[thousands].fullmatch(text):
        text = text.replace(thousands, "")
    if mark == ",":
        if "." in text:
            raise ValueError(f"has a point, in a file whose decimals have a comma\t{_PLACE}")
        text = text.replace(",", ".")
    if text.endswith("%"):
        raise ValueError("is a percentage\tWrite the number itself: people or events as counts, a level as 95")
    if not _PLAIN.fullmatch(text):
        raise ValueError("is not a number\tWrite digits only, or leave the cell empty where nothing is reported")
    if not (float(text) == 0 or LEAST < abs(float(text)) < MOST) or len(text) > 40:
        raise ValueError("is no size that a result can have\tLook at the cell again: digits or an exponent too many")
    return plain(text)


def plain(text: str) -> str:
    """Return a number without a plus, an exponent or a bare point; digits that were typed stay."""
    text = text.removeprefix("+")
    if "e" in text.lower():
        text = format(Decimal(text), "f")
    if text.startswith(("-.", ".")):
        text = text.replace(".", "0.", 1)
    return text.removesuffix(".")


def one_step(difference: str, variance: str) -> dict[str, str]:
    """Return Peto's estimate and its standard error from observed minus expected events; nothing where they lack."""
    if not difference or not variance or float(variance) <= 0:
        return {}
    return {"estimate": digits(float(difference) / float(variance)), "se": digits(float(variance) ** -0.5)}


def digits(value: float) -> str:
    """Return a float with every digit it needs and no exponent, so that nothing is lost on the way through a table."""
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")


def decide(sheet: Any, columns: Any, counts: Any) -> tuple[str | None, list]:
    """Return the decimal mark of a sheet and the faults of cells that leave it open.

    Parameters
    ----------
    sheet : Sheet
        Cells that the file itself typed as numbers (`Typed`) say nothing about how people write them.
    columns : sequence of str
        The columns of numbers.
    counts : set of str
        Those of them that count people or events.
    """
    typed = [(at, name, text) for at, row in sheet.rows for name, text in row.items() if not isinstance(text, Typed)]
    shown = [(*cell, mark) for cell in typed if cell[1] in columns and (mark := says(cell[2]))]
    first = {mark: (line, name, text) for line, name, text, mark in reversed(shown)}
    if "." in first and "," in first:
        (line, name, _), (at, other, text) = first[","], first["."]
        rule = f"has a decimal comma, but {text} ({sheet.place(at, other)}) a decimal point"
        return None, [sheet.problem(line, name, rule, _PLACE)]
    mark = next((mark for mark in ".," if mark in first), None)
    if mark is None:
        others = {says(text) for _, _, text in typed} & {".", ","}
        mark = others.pop() if len(others) == 1 else None
    open_cells = [] if mark else [(line, name, text) for line, name, text, said in shown if said == "?"]
    if not open_cells:
        return mark, []
    with_comma = [(name, text) for _, name, text in open_cells if "," in text]
    pointed_counts = any("." in text and name in counts for _, name, text in open_cells)
    thousands = all(name in counts for name, _ in with_comma) and not all(text[-3:] == "000" for _, text in with_comma)
    if sheet.separator == "," and not pointed_counts and (not with_comma or thousands):
        return ".", []  # commas part the cells, and counts are whole: points are for decimals, commas for thousands
    return None, [
        sheet.problem(line, name, f"may be {re.sub('[.,]', '', text)} or {text.replace(',', '.')}", _PLACE)
        for line, name, text in open_cells
    ]


class Typed(str):
    """The text of a cell that the file itself typed as a number."""

    __slots__ = ()
