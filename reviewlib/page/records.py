"""Every result row as published, as a panel that a number on the page leads to.

A panel needs no script: a link to it makes it the target of the address, and the style sheet shows it over the page.
Where no style sheet is, it is an entry of a list.
"""

from __future__ import annotations

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import findings
from ..meaning.words import count
from .block import Block, fold, paragraph
from .provenance import READ, figure_id, place, printed, row_id

CLOSED = "closed"  # no element has this id: a link to it closes a panel and leaves the page where it is
STATUS = {
    "reported": "as reported", "secondary": "second-hand, in another publication", "inferred": "inferred by us",
    "derived": "derived by us from printed numbers",
}  # fmt: skip


def rows(topic: Topic) -> Block:
    """Every result row of the topic: what was printed and where, what was read of it, and what was made of it."""
    used, sources = uses(topic), topic.sources.set_index("source_id")
    text = topic.text["results"]
    results = topic.results_used().set_index("result_id")
    fixed = results.get("repaired", {})
    panels = [_panel(topic, row, sources, used.get(row.result_id, []), fixed.get(row.result_id) or "")
              for row in text.itertuples()]  # fmt: skip
    listed = Html(f'<ul class="records">{"".join(panel.html for panel in panels)}</ul>')
    intro = (
        f"{count(len(panels), 'row')} as published. A row opens when you follow its name, or a number that rests on it."
    )
    return fold(count(len(panels), "row"), paragraph(intro), Block(listed, "\n".join(panel.text for panel in panels)))


def uses(topic: Topic) -> dict[str, list[tuple]]:
    """Return result id -> (comparison id, title, effect as shown, route) of every comparison that shows the row."""
    found = {}
    for key, finding in findings(topic).items():
        for row in finding.studies.itertuples():
            known, values = row.estimate == row.estimate, (row.estimate, row.ci_low, row.ci_high)
            value = f"{finding.comparison['measure']} {finding.text(values)}" if known else str(row.excluded)
            entry = (key, finding.title, value, str(getattr(row, "route", "") or ""))
            for part in str(getattr(row, "result_ids", None) or getattr(row, "result_id", "")).split(";"):
                found.setdefault(part.strip(), []).append(entry)
    return found


def _panel(topic, row, sources, used, corrected) -> Block:
    what = ", ".join(filter(None, (row.trial, row.outcome, f"{row.timepoint_weeks} weeks" * bool(row.timepoint_weeks))))
    shown = printed(row)
    facts = [
        ("Printed", cell(shown)), ("Corrected", cell(corrected)),
        ("Source", place(sources, row)),
        ("What was read", cell("; ".join(dict.fromkeys((READ.get(row.read, row.read), STATUS[row.status]))))),
        ("Compared", cell(f"{row.intervention} against {row.comparator}")),
        ("Scale", cell(row.instrument_id)), ("Analysis", cell(row.analysis or row.analysis_set)),
        *[("Used in", _use(topic, *entry)) for entry in used], ("Notes", cell(row.notes)),
    ]  # fmt: skip
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts if value)
    anchor = row_id(topic, row.result_id)
    html = (
        f'<li><div class="record" id="{anchor}" role="group" tabindex="-1" aria-label="Row {cell(row.result_id)}">'
        f'<p class="record-name"><a href="#{anchor}">{cell(row.result_id)}</a> {cell(what)}</p>'
        f'<dl>{listed}</dl><p class="record-close"><a href="#{CLOSED}">Close</a></p></div></li>'
    )
    return Block(Html(html), f"{row.result_id}: {what}: {shown} [{row.source_id}, {row.locator}]")


def _use(topic, key, title, value, route) -> str:
    how = f"; {cell(route)}" if route else ""
    return f'<a href="#{figure_id(topic, key)}">{cell(title)}</a>: {cell(value)}{how}'
