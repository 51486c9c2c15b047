"""The map of the evidence: interventions by outcomes, one mark per comparison, every mark a link and a sentence."""

from __future__ import annotations

from math import sqrt

from ..evidence import Evidence
from ..html import Html, cell
from ..meaning.finding import Finding, findings
from ..meaning.sof_rows import people_text
from ..meaning.words import count
from ..viewer import instead
from .block import Block, fold, join, paragraph
from .overview import direction
from .provenance import figure_id

LARGEST, SMALLEST = 34, 12  # px, the side of a mark
MOST = 1000  # people from which a mark grows no further
SIDES = {"int": "favours the first treatment", "ctl": "favours the other", "either": "no side, or no side that is sure"}


def evidence_map(evidence: Evidence) -> Block:
    """Comparisons of the summaries in the open, those outside them folded; a table to those who do not see it.

    Parameters
    ----------
    evidence : Evidence
    """
    there = [(topic, found) for topic in evidence if topic.comparisons for found in findings(topic).values()]
    if not there:
        return paragraph("No comparison is written in any topic.yml yet.", "note")
    main = [(topic, found) for topic, found in there if found.comparison.get("in_summary", True)]
    other = [(topic, found) for topic, found in there if not found.comparison.get("in_summary", True)]
    words = (
        "One mark per comparison: its size by people, its shade by certainty (an empty mark: very uncertain, not rated "
        "or known in words only), its place by direction (left: favours the first treatment; right: favours the other; "
        "middle: either way). A mark leads to its trials."
    )
    shown = _grid(evidence, main or there, "Map of the evidence: treatments by outcomes")
    rest = _grid(evidence, other, "Map of the comparisons outside the summaries") if main and other else None
    folded = fold(f"{count(len(other), 'comparison')} outside the summaries", rest) if rest else None
    return join(shown, paragraph(words, "small page-only"), folded)


def _grid(evidence, there, caption) -> Block:
    columns = list(dict.fromkeys(_outcome(found) for _, found in there))
    rows: dict[tuple, dict] = {}
    for topic, found in there:
        key = (topic.info["title"], _treatment(found))
        rows.setdefault(key, {}).setdefault(_outcome(found), []).append(_mark(evidence, topic, found))
    head = "".join(f'<th scope="col">{cell(name)}</th>' for name in columns)
    body, last = [], None
    for (title, treatment), marks in rows.items():
        if title != last:
            body.append(f'<tr class="group"><th scope="rowgroup" colspan="{len(columns) + 1}">{cell(title)}</th></tr>')
            last = title
        cells = "".join(
            f'<td data-label="{cell(name)}">{"".join(m[0] for m in marks[name])}</td>' if name in marks else "<td></td>"
            for name in columns
        )
        body.append(f'<tr><th scope="row">{cell(treatment)}</th>{cells}</tr>')
    html = (
        f'<table class="evidence-map card page-only"><caption>{cell(caption)}</caption><thead><tr><th scope="col">'
        f"Treatment</th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{instead(_listed(rows, caption))}"
    )
    lines = [f"{key[1]}, {name}: {m[1]}" for key, marks in rows.items() for name, ms in marks.items() for m in ms]
    return Block(Html(html), "\n".join([caption, *lines]))


def _listed(rows, caption) -> str:
    """Return the map as a table in words, for viewers that keep no mark."""
    lines = "".join(
        f'<tr><th scope="row">{cell(treatment)}</th><td>'
        + " <br>".join(f"{cell(name)}: {html}" for name, of in marks.items() for html, _ in of)
        + "</td></tr>"
        for (_, treatment), marks in rows.items()
    )
    head = '<th scope="col">Treatment</th><th scope="col">Comparisons by outcome</th>'
    return f"<table><caption>{cell(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _outcome(found) -> str:
    return str(found.outcome.get("label") or found.outcome.get("id") or "Outcome")


def _treatment(found) -> str:
    name = str((found.comparison.get("say") or {}).get("intervention") or found.comparison["intervention"])
    return name[:1].upper() + name[1:]


def side(found: Finding) -> str:
    """Return the side a comparison's interval lies on: "int", "ctl", or "either" where none is sure."""
    better = found.instrument.get("better")
    named = {found.comparison.get("favours_left"), found.comparison.get("favours_right")}
    if better not in ("lower", "higher") or direction(found) not in named - {None, ""}:
        return "either"
    return "int" if (found.estimate < 0) == (better == "lower") else "ctl"


def _mark(evidence, topic, found) -> tuple[str, str]:
    """Return the mark of a comparison as HTML, and what it says in words."""
    page = evidence.review.page_of(topic.id)
    level = found.certainty.level if found.certainty else "not rated"
    title = found.title
    parts = [title, direction(found), f"certainty {level}", people_text(topic, found, "people ")]
    words = "; ".join(part for part in parts if part)
    size = SMALLEST + (LARGEST - SMALLEST) * sqrt(min(found.people or 0, MOST) / MOST)
    sure = level.replace(" ", "-") if found.estimate is not None else "words"
    address = f"{page}.ipynb#{figure_id(topic, found.comparison['id'])}"
    html = (
        f'<a class="mark {side(found)} sure-{sure}" href="{cell(address)}" title="{cell(words)}">'
        f'<span class="dot" style="width:{size:.0f}px;height:{size:.0f}px"></span>'
        f'<span class="sr">{cell(words)}</span></a>'
    )
    return html, words
