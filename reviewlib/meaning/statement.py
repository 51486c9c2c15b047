"""The sentence that a number and its certainty allow, and no stronger one.

Size times certainty, after GRADE guidelines 26. Words that overstate ("significant", "trend", "no effect") are not in
this grid, and `overclaims` finds them in any text.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import EvidenceError

LEVELS = ("very low", "low", "moderate", "high")
SIZES = ("trivial", "small", "important", "large")
CONVENTIONAL = (0.2, 0.5)  # standard deviations; last resort, where no difference between groups that matters is known

_VERBS = {  # third person, noun
    "reduce": ("reduces", "reduction"),
    "increase": ("increases", "increase"),
    "improve": ("improves", "improvement"),
    "worsen": ("worsens", "worsening"),
    "raise": ("raises", "rise"),
    "lower": ("lowers", "lowering"),
}
_MODAL = {"high": "", "moderate": "probably ", "low": "may "}

BANNED = (
    r"statistically\s+significant",
    r"(?:non-?|not\s+|in)?significan(?:t|tly|ce)",
    r"trend(?:s|ed)?\s+(?:to|toward|towards|in\s+favou?r)",
    r"\btrend\b",
    r"(?<!little to )\bno\s+(?:effect|difference)\b(?!\s+stated)",
    r"no\s+evidence\s+of\s+(?:an?\s+)?(?:effect|difference)",
    r"\bthere\s+(?:is|was)\s+an?\s+(?:effect|difference)\b",
    r"\bproves?\b|\bproven\s+to\b",
)


def statement(level: str, *, intervention: Any, verb: str, outcome: str, size: str = "important") -> str:
    """Sentence about an effect, as strong as its certainty allows.

    Parameters
    ----------
    level : {"high", "moderate", "low", "very low"}
        Certainty of the evidence.
    intervention, outcome : str
        As they are said in the sentence ("The inhaler", "wheezing at two years").
    verb : str
        Infinitive of the direction: reduce, increase, improve, worsen, raise, lower.
    size : {"trivial", "small", "important", "large"}, default "important"
        Of the effect, from `size_of`.

    Returns
    -------
    str
        Without a full stop.

    Raises
    ------
    EvidenceError
        For a level, size or verb that the grid does not know.

    References
    ----------
    santesso2020, Table 1

    Examples
    --------
    >>> print(statement("low", intervention="The inhaler", verb="reduce", outcome="wheezing at two years"))
    The inhaler may reduce wheezing at two years
    >>> print(statement("moderate", intervention="The diet", verb="reduce", outcome="wheezing", size="trivial"))
    The diet probably results in little to no difference in wheezing
    """
    for name, value, allowed in (("level", level, LEVELS), ("size", size, SIZES), ("verb", verb, tuple(_VERBS))):
        if value not in allowed:
            raise EvidenceError(f"{name} {value!r} is not one of: {', '.join(allowed)}")
    if level == "very low":
        word = intervention[1:2].islower() or intervention.startswith("A ")  # not a name such as TENS or K-tape
        lowered = intervention[0].lower() + intervention[1:] if word else intervention
        return f"The evidence is very uncertain about the effect of {lowered} on {outcome}"
    third, noun = _VERBS[verb]
    modal = _MODAL[level]
    result = "result" if level == "low" else "results"
    if size == "trivial":
        return f"{intervention} {modal}{result} in little to no difference in {outcome}"
    if size == "large":
        article = "an" if noun[0] in "aeiou" else "a"
        return f"{intervention} {modal}{result} in {article} large {noun} in {outcome}".replace("an large", "a large")
    plain = verb if level == "low" else third
    # "slightly" goes before the verb: an outcome often ends in its time ("pain at 3 weeks").
    return f"{intervention} {modal}{'slightly ' if size == 'small' else ''}{plain} {outcome}"


def size_of(estimate: float, *, mid: float | None = None, sd: float | None = None, large: float | None = None) -> str:
    """Size of a difference between groups, by the one rule that every sentence uses.

    Parameters
    ----------
    estimate : float
        Difference between groups; its sign does not matter.
    mid : float, optional
        Smallest difference *between groups* that matters, in the unit of the estimate. Never a change that matters to
        one person.
    sd : float, optional
        Standard deviation among people in the same unit, used where there is no `mid`; 1 for a standardized mean
        difference.
    large : float, optional
        From here an effect is called large; without it nothing is.

    Returns
    -------
    {"trivial", "small", "important", "large"}
        Below half the smallest difference that matters trivial, below the whole of it small. Without one: below 0.2
        standard deviations trivial, below 0.5 small.

    Raises
    ------
    EvidenceError
        Neither a `mid` nor an `sd` above zero.

    Notes
    -----
    A mean difference below a threshold found within persons does not say that nobody benefits, and one above it not
    that everybody does: part of each group may change by much more than the mean. Such a threshold therefore decides
    no adjective. The convention of 0.2 and 0.5 standard deviations, which the Handbook keeps as a last resort, takes
    its place, so that two scales of the same outcome get the same word for the same size. The convention never makes
    an effect "large": a standardized difference also grows where people were picked to be alike.

    References
    ----------
    higgins2024ch15, section 15.5.3
    """
    if mid is not None and mid > 0:
        trivial, small = 0.5 * mid, mid
    elif mid is None and sd is not None and sd > 0:
        trivial, small = (share * sd for share in CONVENTIONAL)
    else:
        raise EvidenceError(
            "a size needs a minimal important difference between groups, or a standard deviation, above zero and in "
            "the unit of the estimate"
        )
    magnitude = abs(estimate)
    if large is not None and magnitude >= large:
        return "large"
    return "trivial" if magnitude < trivial else "small" if magnitude < small else "important"


def overclaims(text: str) -> list[str]:
    """Return the words in a text that claim more than an interval and a certainty can.

    Examples
    --------
    >>> print(overclaims("There was no significant difference."))
    ['significant']
    """
    found = {match.group(0) for pattern in BANNED for match in re.finditer(pattern, text, re.IGNORECASE)}
    return sorted(word for word in found if not any(word != other and word in other for other in found))
