"""What each picture says, in words: made from the same results as the picture, with the numbers that matter."""

from __future__ import annotations

from typing import Any

from .rows import forest_rows
from .words import count, name, number, percent, sentence, shown

_LISTED = 12


def alt_forest(
    studies: Any,
    pooled: Any = None,
    *,
    measure: str | None = None,
    unit: str = "",
    digits: int | None = None,
    **options: Any,
) -> str:
    """Return alternative text for a forest plot: the pooled numbers first, then the trials.

    Parameters
    ----------
    studies, pooled, measure, unit, digits, options
        As for `forest`; options that only concern the drawing are ignored.

    Returns
    -------
    str
        Numbers on the printed scale (ratios, not logarithms), with hyphen-minus.
    """
    kept = {
        k: v
        for k, v in options.items()
        if k in ("subgroups", "by", "label", "detail", "level", "null", "reason", "limits", "sort")
    }
    data = forest_rows(studies, pooled, measure=measure, unit=unit, digits=digits, **kept)
    k = len(data.studies)
    parts = [f"Forest plot of {count(k, 'trial')}."]
    for row in data.rows:
        if row.kind == "pooled":
            parts.append(f"Pooled {_said(data, row)}.")
        elif row.kind == "prediction":
            parts.append(f"Range expected in a new setting {_range(data, row)}.")
        elif row.kind == "subtotal":
            parts.append(f"{row.label}: {_said(data, row)}.")
        elif row.kind == "group":
            parts.append(f"{row.label}:")
    parts += [] if data.pooled else ["Not pooled: the trials are shown side by side."]
    return " ".join([*parts, _trials(data)]).strip()


def _said(data, row) -> str:
    unit = f" {data.unit}" if data.unit else ""
    value = number(row.estimate, data.digits, plain=True)
    return f"{name(data.measure)} {value}{unit}, {percent(data.level)} interval {_range(data, row)}"


def _range(data, row) -> str:
    return " to ".join(number(v, data.digits, plain=True) for v in (row.low, row.high))


def _trials(data) -> str:
    """Return each trial's numbers, or the ends of the range where there are many trials."""
    usable = [row for row in data.studies if row.estimate is not None]
    words = [f"{_title(row)}: {row.word}" for row in data.studies if row.estimate is None]
    if len(usable) > _LISTED:
        ends = sorted(usable, key=lambda row: row.estimate)
        text = " to ".join(f"{number(r.estimate, data.digits, plain=True)} ({_title(r)})" for r in (ends[0], ends[-1]))
        listed = [f"Single trials range from {text}"]
    else:
        listed = [
            f"{_title(row)} {number(row.estimate, data.digits, plain=True)}"
            + (f" ({_range(data, row)})" if row.low is not None else "")
            for row in usable
        ]
    listed += words if len(words) <= _LISTED else [f"{count(len(words), 'trial')} without a computable effect"]
    return "; ".join(listed) + "." if listed else ""


def _title(row) -> str:
    return f"{row.label or row.trial} {row.detail}".strip()


def estimate_text(result: Any, measure: str | None = None, digits: int = 2) -> str:
    """Return "mean difference -1.4, 95% interval -1.9 to -0.8" of a pooled result."""
    measure = measure or getattr(result, "measure", None)
    low, high = (number(shown(v, measure), digits, plain=True) for v in result.ci)
    value = number(shown(result.estimate, measure), digits, plain=True)
    return f"{name(measure or 'GEN')} {value}, {percent(result.level)} interval {low} to {high}"


def counted(counts: Any, noun: str = "") -> str:
    """Return "12 appropriate, 3 equivocal" of a mapping from word to count."""
    return ", ".join(f"{value} {word}" for word, value in counts.items()) + (f" {noun}" if noun else "")


def listing(start: str, items: Any, *, most: int = _LISTED) -> str:
    """Return a sentence that lists items, or the first of many with the number of the rest."""
    items = list(items)
    more = f"; and {len(items) - most} more" if len(items) > most else ""
    return sentence(f"{start}: {'; '.join(items[:most])}{more}.") if items else sentence(f"{start}.")
