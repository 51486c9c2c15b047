"""How large an effect is, in plain sentences; every number is one of its finding."""

from __future__ import annotations

from ..evidence import Topic
from ..measures import MEASURES
from .few_trials import widest
from .finding import Finding
from .people import absolute_rows
from .words import digits_for, number


def size_plainly(topic: Topic, finding: Finding, subject: str, against: str, what: str) -> tuple[str, ...]:
    """Return how large an effect is: in people where a baseline is known, in points of its scale, or why not."""
    people = absolute_rows(topic, finding)
    if people:
        row, event = people[0], what.removeprefix("the chance of ").removeprefix("the risk of ")
        return (
            f"Of {row.out_of} people with {against}, about {number(row.comparator, 0)} have {event}.",
            f"With {subject} it would be about {number(row.intervention, 0)}, but it could be as few as "
            f"{number(row.low, 0)} or as many as {number(row.high, 0)}.",
        )
    if finding.shown is None:
        return ("The trials do not let us give one number.",)
    if finding.comparison["measure"] != "MD":
        return tuple(_no_points(finding, subject, against))
    return tuple(_points(finding, subject, against))


def _no_points(finding, subject, against) -> list[str]:
    """Return the size of an effect that is no number of points: in standard deviations, a ratio, a difference."""
    measure = MEASURES[finding.comparison["measure"]]
    if measure.scale == "standardized":
        return ["The trials used different scales, so we do not give it in points."]
    ends = finding.back(widest(finding.pooled, finding.ci))
    value, low, high = (number(x, finding.digits) for x in (finding.shown[0], *ends))
    none = 1 if measure.ratio else 0
    said = f"The {measure.label} was {value} with {subject}, compared with {against}; {none} means no difference."
    if measure.name == "RR":
        said = f"It happened {value} times as often with {subject} as with {against}; {none} means just as often."
    return [said, f"The true value could lie anywhere from {low} to {high}."]


def _points(finding, subject, against) -> list[str]:
    digits = digits_for("MD", finding.instrument)
    value, (low, high) = finding.shown[0], widest(finding.pooled, finding.ci)
    scale, unit = finding.instrument, finding.unit
    said = []
    if scale.get("scale_min") == scale.get("scale_min") is not None:
        good = "low scores are good" if scale["better"] == "lower" else "high scores are good"
        said.append(f"The scale runs from {scale['scale_min']:g} to {scale['scale_max']:g} {unit}, and {good}.")
    said.append(f"The average score was {_side(value, digits, unit)} with {subject} than with {against}.")
    ends = [_side(end, digits, unit) for end in (low, high)]
    said.append(f"The true difference could lie anywhere from {ends[0]} to {ends[1]}.")
    if finding.threshold is not None and finding.threshold_kind == "within-person":
        said.append(
            f"One person needs a change of about {finding.threshold:g} {unit} to notice it, but this yardstick "
            "is for one person and not for a whole group."
        )
    elif finding.threshold is not None and finding.threshold_kind != "between-group":
        whose = finding.threshold_kind.removeprefix("used-by-")
        said.append(
            f"A {whose} worked with {finding.threshold:g} {unit} as the smallest change that matters, but "
            "nobody has shown that this yardstick fits a whole group."
        )
    elif finding.threshold is not None:
        least = f"{finding.threshold:g} {unit} between groups"
        said.append(f"A difference of {least} is seen as the smallest that matters.")
    else:
        said.append("We found no agreed size from which a difference on this scale matters.")
    return said


def _side(value, digits, unit) -> str:
    size = number(abs(value), digits)
    if float(size) == 0:
        return f"0 {unit} higher"
    return f"{size} {unit} {'lower' if value < 0 else 'higher'}"
