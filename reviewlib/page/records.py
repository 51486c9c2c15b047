"""Every result row as published, as a panel that a number on the page leads to.

A panel needs no script: a link to it makes it the target of the address, and the style sheet shows it over the page,
with what the rows of its source have in common, which is written once. Without a style sheet it is an entry of a list.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from urllib.parse import urlencode

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import findings
from ..meaning.words import amount, count
from .block import Block, fold, paragraph
from .provenance import READ, cite, figure_id, printed, row_id

CLOSED = "closed"  # no element has this id: a link to it closes a panel and leaves the page where it is
STATUS = {
    "reported": "as reported",
    "secondary": "second-hand, in another publication",
    "inferred": "inferred by us",
    "derived": "derived by us from printed numbers",
}


def rows(topic: Topic) -> Block:
    """Every result row of the topic: what was printed and where, what was read of it, and what was made of it."""
    used, sources = uses(topic), topic.sources.set_index("source_id")
    scales = topic.instruments.set_index("instrument_id")["name"].to_dict()
    text = topic.text["results"]
    results = topic.results_used().set_index("result_id")
    fixed = results.get("repaired", {})
    entries = {}
    for row in text.itertuples():
        facts = _facts(topic, row, scales, sources, used.get(row.result_id, []), fixed.get(row.result_id) or "")
        entries.setdefault(row.source_id, []).append((row, facts))
    listed = Html(f'<ul class="records">{"".join(_source(topic, mine) for mine in entries.values())}</ul>')
    intro = f"{count(len(text), 'row')} as published. A row opens when you follow its name, or a number resting on it."
    said = [f"{r.result_id}: {_what(r)}: {printed(r)} [{r.source_id}, {r.locator}]" for r in text.itertuples()]
    return fold(count(len(text), "row"), paragraph(intro), Block(listed, "\n".join(said)))


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


def _facts(topic, row, scales, sources, used, corrected) -> list[tuple[str, str]]:
    """Return (name, HTML) of what is known of a row, without what is empty."""
    facts = [
        ("Printed", cell(printed(row))),
        ("Corrected", cell(corrected)),
        ("Place", cell(row.locator)),
        ("Scale", cell(scales.get(row.instrument_id, row.instrument_id))),
        *[("Used in", _use(topic, *entry)) for entry in used],
        *[("Calculation", cell(route)) for route in dict.fromkeys(entry[-1] for entry in used)],
        ("Analysis", cell(row.analysis or row.analysis_set)),
        ("Notes", cell(row.notes)),
        ("Compared", cell(f"{row.intervention} against {row.comparator}")),
        ("Source", cite(sources, row.source_id)),
        ("What was read", cell("; ".join(dict.fromkeys((READ.get(row.read, row.read), STATUS[row.status]))))),
        ("Wrong?", _report(topic, row)),
    ]
    return [fact for fact in facts if fact[1]]


def _source(topic, rows) -> str:
    """Return the entry of a source: its rows, each with what is its own; what several share is written once."""
    close = f'<p class="record-close"><a href="#{CLOSED}">Close</a></p>'
    return f"<li>{_group(topic, rows)}{close}</li>"


def _group(topic, rows) -> str:
    """Return rows as panels, and under them what all of them share; those that share most stand together in a set.

    Parameters
    ----------
    topic : Topic
    rows : list of (row, facts)
    """
    shared = set.intersection(*(set(facts) for _, facts in rows)) if len(rows) > 1 else set()
    common = [fact for fact in rows[0][1] if fact in shared]
    parts, left = [], [(row, [fact for fact in facts if fact not in shared]) for row, facts in rows]
    while left:
        times = Counter(fact for _, facts in left for fact in facts)
        saved, fact = max(((n - 1) * len("".join(fact)), fact) for fact, n in times.items()) if times else (0, "")
        alike = [entry for entry in left if fact in entry[1]] if saved > _WORTH else []
        parts.append(
            f'<div class="set">{_group(topic, alike)}</div>'
            if alike
            else "".join(_panel(topic, *entry) for entry in left)
        )
        left = [entry for entry in left if entry not in alike] if alike else []
    return "".join(parts) + (f'<dl class="shared">{_listed(common)}</dl>' if common else "")


_WORTH = 60  # letters that a set must save: it costs about as many


def _panel(topic, row, facts) -> str:
    anchor = row_id(topic, row.result_id)
    name = f'<a href="#{anchor}">{cell(row.result_id)}</a> {cell(_what(row))}'
    own = f"<dl>{_listed(facts)}</dl>"
    return f'<div class="record" id="{anchor}" tabindex="-1"><p class="record-name">{name}</p>{own}</div>'


def _listed(facts) -> str:
    return "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)


def _what(row) -> str:
    when = amount(f"{float(row.timepoint_weeks):.3g}", "weeks") if row.timepoint_weeks else ""
    return ", ".join(filter(None, (row.trial, row.outcome.replace("-", " "), when)))


def _report(topic, row) -> str:
    """Return a link to a report on this row, filled in as far as we can; empty where the review has no address."""
    repository = topic.review.repository.rstrip("/")
    if not repository:
        return ""
    said = {
        "template": "report-a-number.yml",
        "title": f"Number: {row.result_id}",
        "row": row.result_id,
        "page": f"{topic.review.page_of(topic.id)}.html",
        "source": f"{row.source_id}, {row.locator}",
    }
    return f'<a href="{escape(f"{repository}/issues/new?{urlencode(said)}")}">Report this number</a>'


def _use(topic, key, title, value, _route) -> str:
    return f'<a href="#{figure_id(topic, key)}">{cell(title)}</a>: {cell(value)}'
