"""The Summary of Findings: one row per outcome, also where nothing is known.

Columns are those clinicians understood best in user tests: what happens with the comparator and with the intervention,
the difference, the people, how sure we are, and the plain sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from ..cells import in_markdown
from ..evidence import Topic
from ..extras import need
from ..files import write
from ..html import Html, missing, table as html_table
from ..measures import label_of
from ..results import Result
from ..typed import Frame
from ..viewer import forms
from .answer import headline
from .certainty import DOWN, UP
from .few_trials import limits_text
from .finding import Finding, findings
from .people import absolute_rows
from .sentence import size_note
from .statement import LEVELS
from .words import THRESHOLDS, amount, count, digits_for, interval, number

COLUMNS = ("Outcome", "With comparator", "Difference with intervention", "People", "Certainty", "What happens")


@dataclass(frozen=True, slots=True, repr=False)
class SummaryOfFindings(Result):
    """Summary of Findings of a topic; `table` has the columns of `COLUMNS`, `footnotes` are numbered from 1."""

    topic: str
    caption: str
    table: Frame
    footnotes: tuple[str, ...]

    def __str__(self) -> str:
        notes = "\n".join(f"{i}. {note}" for i, note in enumerate(self.footnotes, 1))
        return f"{self.caption}\n\n{self.table.to_string(index=False)}\n\n{notes}"

    def to_frame(self) -> Frame:
        """Return the table: one row per outcome and comparison."""
        return self.table.copy()

    def to_markdown(self) -> str:
        """Return a pipe table with the footnotes under it."""
        cells = self.table.map(in_markdown)
        lines = ["| " + " | ".join(self.table.columns) + " |", "|" + " --- |" * len(self.table.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in cells.itertuples(index=False)]
        notes = [f"{i}. {in_markdown(note)}" for i, note in enumerate(self.footnotes, 1)]
        return "\n".join([f"**{in_markdown(self.caption)}**", "", *lines, "", *notes]) + "\n"

    def to_excel(self, path: str | Path) -> None:
        """Write a workbook for a guideline panel: the table, then the footnotes."""
        need("exchange")
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font

        book = Workbook()
        sheet = book.active
        sheet.title = "Summary of Findings"
        rows = [[self.caption], list(self.table.columns), *self.table.astype(str).values.tolist(), []]
        rows += [[f"{i}. {note}"] for i, note in enumerate(self.footnotes, 1)]
        for row in rows:
            sheet.append(row)
        for line in sheet.iter_rows():
            for cell in line:
                # Text stays text: a cell that begins with "=" must not become a formula.
                cell.data_type = "s" if cell.value is not None else cell.data_type
                cell.alignment = Alignment(wrap_text=len(line) > 1 and cell.row <= len(self.table) + 2, vertical="top")
        for cell in sheet[2]:
            cell.font = Font(bold=True)
        for letter, width in zip("ABCDEF", (34, 24, 34, 18, 22, 60), strict=True):
            sheet.column_dimensions[letter].width = width
        book.save(out := BytesIO())
        write(path, out.getvalue())

    def to_word(self, path: str | Path) -> None:
        """Write a Word document for a guideline panel."""
        need("exchange")
        from docx import Document

        document = Document()
        document.add_heading(self.caption, level=1)
        grid = document.add_table(rows=1, cols=len(self.table.columns))
        grid.style = "Table Grid"
        for cell, name in zip(grid.rows[0].cells, self.table.columns, strict=True):
            cell.text = name
        for row in self.table.astype(str).itertuples(index=False):
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
        for i, note in enumerate(self.footnotes, 1):
            document.add_paragraph(f"{i}. {note}")
        document.save(out := BytesIO())
        write(path, out.getvalue())

    _repr_mimebundle_ = forms

    def _repr_html_(self) -> str:
        shown = self.table.assign(Outcome=self.table["Outcome"].map(_outcome_html))
        return html_table(shown, self.caption, classes="sof") + self.notes_html()

    def notes_html(self) -> str:
        """Return the footnotes as a fold of HTML; nothing where there are none."""
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.footnotes)
        folded = f'<details><summary>Notes to the table</summary><ol class="footnotes">{notes}</ol></details>'
        return folded if notes else ""


def _outcome_html(text) -> Html:
    """Return the comparison in the row's head and, smaller, the outcome and its instrument."""
    title, _, rest = text.partition("\n")
    return Html(escape(title) + (f'<small class="instrument">{escape(rest)}</small>' if rest else ""))


def summary_of_findings(topic: Topic) -> SummaryOfFindings:
    """Summary of Findings of a topic, computed from its tables.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`.

    Returns
    -------
    SummaryOfFindings
        Outcomes in the topic's order, with those that have no comparison or no data.

    References
    ----------
    higgins2024ch14; guyatt2025core6

    Examples
    --------
    >>> import reviewlib as rl
    >>> table = rl.summary_of_findings(next(iter(rl.load_evidence())))
    >>> print(table.to_frame().empty)
    False
    """
    notes = Footnotes()
    found = findings(topic)
    rows = []
    for outcome in topic.outcomes:
        mine = [f for f in found.values() if f.outcome["id"] == outcome["id"] and f.comparison.get("in_summary", True)]
        if outcome.get("benefit") == "harm" and not mine:
            rows.append(_harm(topic, outcome))
            continue
        rows += [_row(topic, finding, notes) for finding in mine] or [_empty(topic, outcome)]
    caption = f"Summary of findings: {topic.info.get('title', topic.id)}"
    return SummaryOfFindings(topic.id, caption, pd.DataFrame(rows, columns=list(COLUMNS)), notes.texts)


def by_weight(topic: Topic) -> list[Finding]:
    """Return the findings that a reader needs first, first: the rule for what stands open on a page.

    The headline; then what has an estimate before what has numbers of trials only, and both before what is known in
    words; the surer before the less sure; more people before fewer; otherwise the order of topic.yml. Comparisons that
    are kept out of the summary come last.
    """

    found = findings(topic)
    first = headline(topic).comparison["id"] if found else None

    def key(one):
        level = LEVELS.index(one.certainty.level) if one.certainty else -1
        apart = (not one.comparison.get("in_summary", True), one.comparison["id"] != first)
        return (*apart, one.estimate is None, not has_numbers(one), -level, -(one.people or 0))

    return sorted(found.values(), key=key)


def has_numbers(found: Finding) -> bool:
    """Return whether any trial of a finding gave an effect that can be drawn."""
    return "estimate" in found.studies and bool(found.studies["estimate"].notna().any())


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


def _harm(topic, outcome) -> tuple:
    said = str(topic.info.get("harm_line") or "not counted in the texts read").removeprefix("Harms: ")
    return (outcome_name(outcome, {}), "", "see Harms", "", "not rated", said[0].upper() + said[1:])


def _empty(topic, outcome) -> tuple:
    there = (topic.tables["results"]["outcome"] == outcome["id"]).any()
    why = "no comparison names its results" if there else "no trial with a usable result was read"
    return (outcome_name(outcome, {}), "", why, "", "not rated", "Not known.")


def _row(topic, finding: Finding, notes) -> tuple:
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


def people_text(topic: Topic, finding: Finding) -> str:
    """Return people and trials; where the number behind a result was not read, how many were randomized, if named."""
    if not finding.trials:
        return ""
    trials = count(finding.trials, "trial")
    if finding.people:
        return f"{finding.people:,} ({trials})"
    table = topic.tables["assumptions"]
    rows = table[table["quantity"] == "people-randomised"].itertuples()
    named = [row.value for row in rows if finding.comparison["id"] in str(row.used_in).split("; ")]
    return f"{int(named[0]):,} randomized ({trials})" if named else f"number of people not read ({trials})"


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
        return "not reported" if finding.trials else ""
    row = rows.iloc[0]
    kind = "mean change" if row["value_kind"] == "change" else "mean"
    return f"{kind} {number(row['mean_ctl'], digits_for('MD', finding.instrument))}"


def _why(finding) -> list[str]:
    notes = []
    if finding.basis != "pooled":
        notes.append(str(finding.comparison.get("pool_reason") or ""))
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
