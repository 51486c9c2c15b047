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

import pandas as pd

from ..cells import in_markdown
from ..evidence import Topic
from ..extras import need
from ..files import write
from ..html import Html, table as html_table
from ..results import Result
from ..typed import Frame
from ..viewer import forms
from .answer import headline
from .finding import Finding, findings
from .sof_rows import Footnotes, empty_row, harm_row, row_of
from .statement import LEVELS

COLUMNS = ("Outcome", "With comparator", "Difference with intervention", "People", "Certainty", "What happens")


_WIDTHS = (34, 24, 34, 24, 22, 56)  # of the columns, in letters


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
        for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
            sheet.column_dimensions[letter].width = width
        book.save(out := BytesIO())
        write(path, out.getvalue())

    def to_word(self, path: str | Path) -> None:
        """Write a Word document for a guideline panel."""
        need("exchange")
        from docx import Document
        from docx.oxml import OxmlElement

        document = Document()
        page = document.sections[0]  # on its side: on an upright page six columns break words
        page.page_width, page.page_height = page.page_height, page.page_width
        wide = page.page_width - page.left_margin - page.right_margin
        document.add_heading(self.caption, level=1)
        grid = document.add_table(rows=1, cols=len(self.table.columns))
        grid.style = "Table Grid"
        for cell, name in zip(grid.rows[0].cells, self.table.columns, strict=True):
            cell.text = name
        for row in self.table.astype(str).itertuples(index=False):
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
        for column, width in zip(grid.columns, _WIDTHS, strict=True):
            column.width = wide * width // sum(_WIDTHS)
        grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # again on every page
        for i, note in enumerate(self.footnotes, 1):
            document.add_paragraph(f"{i}. {note}")
        document.save(out := BytesIO())
        write(path, out.getvalue())

    _repr_mimebundle_ = forms

    def _repr_html_(self) -> str:
        shown = self.table.assign(Outcome=self.table["Outcome"].map(_outcome_html))
        html = html_table(shown, self.caption, classes="sof")
        return re.sub(r"(\[\d+(?:, \d+)*\])</td>", r'<span class="refs">\1</span></td>', html) + self.notes_html()

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
            rows.append(harm_row(topic, outcome))
            continue
        rows += [row_of(topic, finding, notes) for finding in mine] or [empty_row(topic, outcome)]
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
