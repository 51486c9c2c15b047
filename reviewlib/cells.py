"""What a cell that is no number seems to hold, and which columns to write instead: no value is ever taken from it.

And text that no spreadsheet runs and no Markdown reads as more than text.
"""

from __future__ import annotations

import re

_X = r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?![\d]|[.,]\d)"
_AND = r"(?:to|-|,|;|\.\.\.?|bis|and|/)"
_LEVEL = r"(?:\d\d(?:[.,]\d)?\s*%\s*)?(?:[ck]\.?[il]\.?|conf\w*\s*int\w*)?\s*[:=,;]?\s*"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MONTH = r"(?:jan|feb|mar|m\u00e4r|apr|may|mai|june?|juni|july?|juli|aug|sept?|oct|okt|nov|dec|dez)[a-z\u00e4]{0,6}\.?"
_DATE = (
    r"\d{4}-\d\d?-\d\d?(?:[T ][\d:.]+)?|\d{4}/\d\d?/\d\d?|\d\d?([./-])\d\d?\1(?:\d{4}|\d\d)|"
    rf"\d\d?\.?[- ]?{_MONTH}(?:[- ]?\d\d(?:\d\d)?)?|{_MONTH}[- ]?\d\d?(?:\d\d)?|\d\d?:\d\d(?::\d\d)?"
)
# Forms in which papers print more than one number, the first that fits decides.
_FORMS = (
    ("date", _DATE),
    ("interval", rf"({_X})(?:\s*[,;]?\s*[(\[]\s*|\s*[,;:]?\s+){_LEVEL}[(\[]?\s*({_X})\s*{_AND}\s*({_X})\s*[)\]]*"),
    ("spread", rf"({_X})\s*(?:\u00b1|\+\s*/?\s*-|\+-)\s*({_X})"),
    ("brackets", rf"({_X})\s*[(\[]\s*(?:(?P<word>sd|se|sem)\s*[:=]?\s*)?({_X})\s*[)\]]"),
    ("share", rf"({_X})\s*(?:/|of|out of|von|sur)\s*({_X})(?:\s*\(.*\))?"),
    ("percent", rf"({_X})\s*\(\s*({_X})\s*%\s*\)"),
    ("percentage", rf"({_X})\s*%"),
    ("range", rf"{_LEVEL}[(\[]?({_X})\s*(?:to|-|;|,\s|bis)\s*({_X})[)\]]?"),
    ("bound", rf"(?:p\s*)?[<>\u2264\u2265]=?\s*({_X})"),
    ("about", rf"(?:~|\u2248|ca\.?|circa|about|approx\.?|approximately)\s*({_X})"),
    ("note", rf"({_X})\s*(?:[*\u2020\u2021\u00a7#]{{1,3}}|(?-i:[a-d])|\((?:sd|sem?|ns)\))"),
    ("unit", rf"({_X})\s+[A-Za-z\u00b0/]+\d?"),
)
_ARM = re.compile(r"(?:mean|sd|n|events)_(int|ctl)")
_SE_TO_SD = "an SE is turned by SD = SE x root of n"


def advice(text: str, column: str = "") -> tuple[str, str] | None:
    """Return what a text holds that is no single number, and which columns to write instead; None where it is unclear.

    Parameters
    ----------
    text : str
        The cell as typed.
    column : str
        Our name of its column; that of an arm asks for other columns than an estimate does.

    Examples
    --------
    >>> print(advice("0.8 (0.6 to 1.1)", "estimate")[1])
    Write three columns: 0.8 in estimate, 0.6 in ci_low, 1.1 in ci_high
    """
    plain = " ".join(text.replace("\u2212", "-").replace("\u2013", "-").replace("\u2014", "-").split())
    for kind, form in _FORMS:
        if found := re.fullmatch(form, plain, re.IGNORECASE):
            numbers = [part for part in found.groups() if part and part.lower() not in ("sd", "se", "sem")]
            said = _ADVICE[kind](numbers, column, (found.groupdict().get("word") or "").lower())
            return said and (f"is not a number: it {said[0]}", said[1])
    return None


def plain_number(text: str) -> bool:
    """Tell whether a text is one number in ASCII digits with a point."""
    return bool(_NUMBER.fullmatch(text.strip()))


def _arm(column: str) -> str:
    found = _ARM.fullmatch(column)
    return found[1] if found else ""


def _interval(numbers, column, _):
    value, low, high = numbers
    if arm := _arm(column):
        how = f"sd_{arm} = root of n_{arm} x ({high} - {low}) / 3.92 for 95% limits of a mean in a large arm"
        return "holds a mean and its limits", f"Write two columns: {value} in mean_{arm}, and {how}"
    where = column if column in ("estimate", "") else "estimate"
    columns = f"{value} in {where or 'estimate'}, {low} in ci_low, {high} in ci_high"
    return "holds an estimate and its limits", f"Write three columns: {columns}"


def _spread(numbers, column, word):
    value, second = numbers
    arm = _arm(column)
    if arm and word not in ("se", "sem"):
        other = f"{second} in sd_{arm} if it is the SD ({_SE_TO_SD})"
        return "holds a mean and its spread", f"Write two columns: {value} in mean_{arm}, {other}"
    if arm:
        return "holds a mean and its SE", f"Write two columns: {value} in mean_{arm}, {second} x root of n in sd_{arm}"
    other = f"{second} in se (or the limits in ci_low and ci_high) if it is the standard error of the estimate"
    return "holds an estimate and its spread", f"Write two columns: {value} in estimate, {other}"


def _share(numbers, column, _):
    arm = f"_{_arm(column)}" if _arm(column) else ""
    columns = f"{numbers[0]} in events{arm}, {numbers[1]} in n{arm}"
    return "holds events and people", f"Write two columns: {columns}"


def _percent(numbers, column, _):
    arm = f"_{_arm(column)}" if _arm(column) else ""
    return "holds a count and its percentage", f"Write the count alone, {numbers[0]}, and all people in n{arm}"


def _bound(numbers, column, _):
    if column == "p_value":
        return None
    return "is a bound", "Leave the cell empty: from a bound no number follows; keep it in the notes"


def _plainly(rule, remedy):
    return lambda numbers, column, word: (rule, remedy.format(numbers[0]))


def _range(numbers, column, _):
    columns = f"{numbers[0]} in ci_low and {numbers[1]} in ci_high if they are the limits of the estimate"
    return "holds two numbers", f"Write {columns}; else leave the cell empty"


_COUNTED = "Write people or events as counts, a level as 95, and nothing with a percent sign"
_ADVICE = {
    "date": lambda numbers, column, word: (
        "looks like a date or a time",
        "Type what the source prints there: spreadsheets make dates of 3-4 and 3/4, and no number follows from a date",
    ),
    "interval": _interval,
    "spread": _spread,
    "brackets": _spread,
    "share": _share,
    "percent": _percent,
    "bound": _bound,
    "range": _range,
    "percentage": _plainly("is a percentage", _COUNTED),
    "about": _plainly("is an approximate number", "Write {0} alone if the source prints it so, and say so in notes"),
    "note": _plainly("is a number with a mark", "Write {0} alone, and what the mark says in notes"),
    "unit": _plainly("is a number with a unit", "Write {0} alone; the unit goes into the name of the column"),
}


_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")
# What no formula can be made of: a number, an interval, a number with its sign.
_FIGURES = re.compile(r"[+-] ?[\d.](?:[\d.,;:%()\[\]\s\u2013-]|to|(?<=\d)e[+-]?\d)*")


def safe(text: object) -> str:
    """Return text that a spreadsheet does not take for a formula: an apostrophe goes before = + - @, tab, line break.

    Numbers and intervals are left alone.

    Examples
    --------
    >>> safe("=1+1"), safe("-0.5"), safe("-2+3"), safe("-0.5 (-1.2 to 0.3)")
    ("'=1+1", '-0.5', "'-2+3", '-0.5 (-1.2 to 0.3)')
    """
    told = "" if text is None else str(text)
    first = told[:1] if told[:1] in _FORMULA[-3:] else told.lstrip()[:1]
    return f"'{told}" if first and first in _FORMULA and not _FIGURES.fullmatch(told) else told


def flat(text: str) -> str:
    """Return text on one line, without the control characters that a terminal would obey."""
    return "".join(sign if ord(sign) > 31 and not 127 <= ord(sign) < 160 else "?" for sign in " ".join(text.split()))


def in_markdown(text: object) -> str:
    """Return text that Markdown shows as it is: no table broken, no HTML, nobody notified, no link made."""
    line = " ".join(str(text).split())
    line = re.sub(r"([\\`*_{}\[\]|~#!])", r"\\\1", line.replace("&", "&amp;"))
    line = line.replace("<", "&lt;").replace(">", "&gt;").replace("@", "@&#8203;")
    return re.sub(r"(?i)\b(www)\.", r"\1&#8203;.", line.replace("://", ":&#8203;//"))
