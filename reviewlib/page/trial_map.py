"""The map of the trials of a topic: one mark per trial and comparison, placed by what its interval leaves open."""

from __future__ import annotations

from math import sqrt

from ..evidence import Topic
from ..html import Html, cell, missing
from ..meaning.summary_of_findings import by_weight
from .block import Block, fold, paragraph
from .evidence_map import LARGEST, MOST, SMALLEST
from .provenance import row_id

COLUMNS = ("Favours the first treatment", "Either way", "Favours the other", "Not placed")


def trial_map(topic: Topic) -> Block:
    """Trials of the comparisons of the summary, by the side their interval lies on; their size is that of the trial.

    Parameters
    ----------
    topic : Topic
    """
    found = [one for one in by_weight(topic) if one.comparison.get("in_summary", True)] if topic.comparisons else []
    if not found:
        return paragraph("No comparison is written in topic.yml yet.", "note")
    rows, lines = [], []
    for one in found:
        marks = _marks(topic, one)
        title = one.title
        cells = "".join(
            f'<td data-label="{name}">{"".join(html for place, html, _ in marks if place == i)}</td>'
            if any(place == i for place, *_ in marks)
            else "<td></td>"
            for i, name in enumerate(COLUMNS)
        )
        rows.append(f'<tr><th scope="row">{cell(title)}</th>{cells}</tr>')
        lines += [f"{title}: {words}: {COLUMNS[place].lower()}" for place, _, words in marks]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Comparison", *COLUMNS))
    html = (
        '<table class="trial-map evidence-map card"><caption>Map of the trials, with their people: which side the 95% '
        "interval of each lies on; not placed: no interval, or no scale that says which end is better</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return fold("Map of the trials", Block(Html(html), "\n".join(lines)))


def _marks(topic, found) -> list[tuple[int, str, str]]:
    """Return (column, HTML, words) of each trial of a comparison."""
    rows = topic.rows(found.comparison["id"]).drop_duplicates("trial")
    drawn = found.studies.set_index("trial") if "estimate" in found.studies else None
    made = []
    for row in rows.itertuples():
        study = drawn.loc[[row.trial]].iloc[0] if drawn is not None and row.trial in drawn.index else None
        place = _place(study, found.instrument.get("better"))
        people = sum(n for n in (row.n_int, row.n_ctl) if not missing(n))
        size = SMALLEST + (LARGEST - SMALLEST) * sqrt(min(people, MOST) / MOST)
        words = f"{row.trial} ({people:g})" if people else str(row.trial)
        kind = "words" if place == 3 else "low"
        dot = f'<span class="dot" style="width:{size:.0f}px;height:{size:.0f}px"></span>'
        link = f'<a class="mark trial sure-{kind}" href="#{row_id(topic, row.result_id)}">{dot}{cell(words)}</a>'
        made.append((place, link, words))
    return made


def _place(study, better) -> int:
    """Return the column of a trial: 3 where it has no interval, or no scale says which end of it is better."""
    if study is None or study["ci_low"] != study["ci_low"]:
        return 3
    if study["ci_low"] < 0 < study["ci_high"]:
        return 1
    if better not in ("lower", "higher"):
        return 3
    return 0 if (study["estimate"] < 0) == (better == "lower") else 2
