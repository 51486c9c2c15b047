"""The rows of a Summary of Findings in words, with their footnotes."""

from __future__ import annotations

import re
from typing import Any

from ..evidence import Topic
from ..html import missing
from ..measures import label_of
from .certainty import DOWN, UP
from .few_trials import limits_text
from .finding import Finding
from .people import absolute_rows
from .sentence import size_note
from .words import THRESHOLDS, amount, count, digits_for, interval, number


class Footnotes:
    """Numbers footnotes in the order they are first needed; the same text keeps its number."""

    def __init__(self):
        self._texts = []

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the notes, first first."""
        return tuple(self._texts)

    def mark(self, *texts: Any) -> str:
        """Return the marks, such as " [1, 3]", for the texts that are not empty."""
        numbers = []
        for text in filter(None, texts):
            if text not in self._texts:
                self._texts.append(text)
            numbers.append(self._texts.index(text) + 1)
        return f" [{', '.join(map(str, sorted(numbers)))}]" if numbers else ""


def harm_row(topic: Topic, outcome: dict) -> tuple[str, ...]:
    """Return the row of a harm that no comparison is about."""
    lacking = "not summed up yet" if len(topic.tables["adverse_events"]) else "nothing about it was entered"
    said = str(topic.info.get("harm_line") or lacking).removeprefix("Harms: ")
    return (outcome_name(outcome, {}), "", "see Harms", "", "not rated", said[0].upper() + said[1:])


def empty_row(topic: Topic, outcome: dict) -> tuple[str, ...]:
    """Return the row of an outcome without a comparison."""
    there = (topic.tables["results"]["outcome"] == outcome["id"]).any()
    why = "no comparison names its results" if there else "no trial with a usable result was read"
    return (outcome_name(outcome, {}), "", why, "", "not rated", "Not known.")


def row_of(topic: Topic, finding: Finding, notes: Footnotes) -> tuple[str, ...]:
    """Return the row of a comparison, its footnotes added to `notes`."""
    comparison = finding.comparison
    name = outcome_name({**finding.outcome, "window_weeks": comparison.get("window_weeks")}, finding.instrument)
    grade = str(finding.certainty) if finding.certainty else "not rated"
    grade += "".join(f"; published: {rated.level}, {rated.judged_by}" for rated in finding.published)
    return (
        f"{comparison.get('title', comparison['id'])}\n{name}",
        _comparator(topic, finding, notes),
        difference(finding) + notes.mark(*_why(finding)),
        people_text(topic, finding),
        grade + notes.mark(_reasons(finding)),
        finding.sentence,
    )


def outcome_name(outcome: dict, instrument: Any) -> str:
    """Return outcome with instrument, range, and window."""
    label = outcome.get("label", outcome["id"])
    window = outcome.get("window_weeks")
    when = f", {window[0]:g} to {window[1]:g} weeks" if window else ""
    scale = ""
    if instrument.get("name"):
        better = {"lower": "lower is better", "higher": "higher is better"}.get(instrument.get("better"), "")
        # A name may end in a bracket of its own, and two in one another are hard to read.
        name = re.sub(r"\s*\([^()]*\)$", "", str(instrument["name"]))
        scale = f" ({name}{'; ' + better if better else ''})"
    return f"{label}{scale}{when}"


def difference(finding: Finding) -> str:
    """Return the effect as the page prints it, or why there is none."""
    if finding.shown is None:
        return {
            "side by side": "not pooled: see the trials side by side",
            "shown only": "shown with its limits, not used",
            "direction only": "no estimate with an interval was read",
            "no data": "no trial with a usable result was read",
        }[finding.basis]
    measure = finding.comparison["measure"]
    digits = digits_for(measure, finding.instrument)
    value, low, high = finding.shown
    unit = f" {finding.unit}" if measure == "MD" else ""
    span = limits_text(finding.pooled, measure, finding.instrument) or interval(low, high, digits)
    return f"{label_of(measure)} {number(value, digits)}{unit} (95% CI {span})"


def people_text(topic: Topic, finding: Finding, noun: str = "") -> str:
    """Return people and trials; where the number behind a result was not read, how many were randomized, if named.

    Under a heading that says so the number needs no noun; in a sentence it is "people ".
    """
    if not finding.trials:
        return ""
    trials = count(finding.trials, "trial")
    if finding.people:
        return f"{finding.people:,} {noun}({trials})"
    table = topic.tables["assumptions"]
    rows = table[table["quantity"] == "people-randomised"].itertuples()
    named = [row.value for row in rows if finding.comparison["id"] in str(row.used_in).split("; ")]
    return f"{int(named[0]):,} {noun}randomized ({trials})" if named else f"number of people not read ({trials})"


def _comparator(topic, finding, notes) -> str:
    """Return what happens with the comparator: a named baseline risk in people, or the mean where it was printed."""
    rows = absolute_rows(topic, finding)
    if not rows:
        return _comparator_mean(topic, finding)
    first = rows[0]
    text = f"{number(first.comparator, 0)} of {first.out_of} people; with the intervention "
    text += f"{number(first.intervention, 0)} ({interval(first.low, first.high, 0)})"
    return text + notes.mark(f"Baseline risk: {first.origin}")


def _comparator_mean(topic, finding) -> str:
    rows = topic.rows(finding.comparison["id"])
    if finding.basis != "one trial" or len(rows) != 1 or rows["mean_ctl"].isna().any():
        there = rows[["mean_ctl", "events_ctl"]].notna().to_numpy().any()
        return ("one by one, with the trials" if there else "not reported") if finding.trials else ""
    row = rows.iloc[0]
    kind = "mean change" if row["value_kind"] == "change" else "mean"
    return f"{kind} {number(row['mean_ctl'], digits_for('MD', finding.instrument))}"


def _why(finding) -> list[str]:
    notes = []
    if finding.basis != "pooled":
        notes.append(finding.why)
    if finding.pooled is not None and finding.pooled.k < 5:
        notes.append(f"{finding.pooled.k} trials: their variation cannot be estimated reliably; read the trials first.")
    if finding.threshold is not None:
        kind = THRESHOLDS[finding.threshold_kind][0]
        people = finding.instrument.get("mid_population")
        whose = kind if missing(people) else f"{kind}; {people}"
        mid = f"Minimal important difference of the instrument: {amount(finding.threshold, finding.unit)} ({whose})."
        return [*notes, f"{mid} {size_note(finding)}".strip()]
    difference_told = finding.estimate is not None and finding.comparison["measure"] in ("MD", "SMD")
    unknown = "No difference that matters is known for this scale." if difference_told else ""
    return [*notes, size_note(finding) or unknown]


def _reasons(finding) -> str:
    if finding.certainty is None:
        return ""
    reasons = finding.certainty.reasons
    order = [domain for domain in ("start", *DOWN, *UP, "level") if domain in reasons]
    said = [f"{domain.replace('-', ' ')}: {reasons[domain]}" for domain in order]
    return "; ".join(said)
