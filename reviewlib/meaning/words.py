"""Numbers as a page says them: one way to print an effect, an interval, a count."""

from __future__ import annotations

import re
from typing import Any

from ..html import missing
from ..measures import label_of
from ..nouns import amount, count
from ..results import percent

__all__ = ["amount", "count"]

# Whose the smallest difference that matters is: as a note says it, and after "less than the 2 points ...".
THRESHOLDS = {
    "within-person": ("a change within a person, not a difference between groups", "that matter to one person"),
    "between-group": ("a difference between groups", "that matter between groups"),
    "used-by-trial": ("a value that a trial worked with, not a difference between groups", "that a trial worked with"),
    "used-by-review": ("a value that a review worked with, not one found between groups", "that a review worked with"),
}
MINUS = "−"  # a true minus sign: a hyphen breaks lines and is read aloud as "dash"


def signed(text: str) -> str:
    """Return a text typed with hyphens in front of negative numbers with true minus signs."""
    return re.sub(r"(?<![^\s(\[])-(?=[\d.])", MINUS, text)


def number(value: Any, digits: int = 2, *, plain: bool = False) -> str:
    """Return a number with a true minus sign (a hyphen where `plain`), and never a negative zero."""
    if missing(value):
        return ""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text if plain else text.replace("-", MINUS)


def digits_for(measure: str, instrument: Any = None) -> int:
    """Return the decimals a reader can use: one on a scale of 20 points or more, three of risks and rates, else two."""
    if measure in ("RD", "IRD"):
        return 3
    if measure == "MD" and instrument:
        low, high = instrument.get("scale_min"), instrument.get("scale_max")
        if low is not None and high is not None and high - low >= 20:
            return 1
    return 2


def unit_of(instrument: Any) -> str:
    """Return the unit of an instrument as a number is followed by it: "points" where none is given."""
    unit = None if instrument is None else instrument.get("unit")
    return "points" if missing(unit) else str(unit)


def interval(low: float, high: float, digits: int = 2) -> str:
    """Return "low to high"; never a dash, which a minus sign would swallow."""
    return f"{number(low, digits)} to {number(high, digits)}"


def effect(
    estimate: float, low: float, high: float, *, measure: str | None = None, digits: int = 2, level: float = 0.95
) -> str:
    """Return "mean difference −2.7 (95% CI −3.7 to −1.8)"."""
    name = f"{label_of(measure)} " if measure else ""
    return f"{name}{number(estimate, digits)} ({percent(level)} CI {interval(low, high, digits)})"


def parts(text: Any) -> list[str]:
    """Return what a cell lists, separated by semicolons or commas."""
    return [part.strip() for part in str(text).replace(";", ",").split(",") if part.strip()]


def result_ids(studies: Any) -> list[str]:
    """Return the ids of the rows of results behind a table of studies, in its order."""
    joined = studies["result_ids"] if "result_ids" in studies.columns else studies["result_id"]
    return [name for text in joined for name in parts(text)]


def pooled_from(row: Any) -> str:
    """Return "6 trials", or "18 comparisons", of a row of published pools as text; a review may count a trial twice."""
    if not row["k"]:
        return "number of trials not read"
    return count(int(row["k"]), "comparison" if row.get("k_counts") == "comparisons" else "trial")


def inside(text: str, like: str = "") -> str:
    """Return a label as it is written inside a sentence; a name such as HbA1c, EQ-5D or LDL stays as it is.

    So does a first word that `like`, written for a sentence, writes alike: a German noun, the name of a person.
    """
    first = text.split(" ")[0]
    kept = first in like.split() or any(c.isupper() or c.isdigit() for c in first[1:])
    return text if kept else f"{text[:1].lower()}{text[1:]}"
