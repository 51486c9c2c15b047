"""The first screen: the question, the answer, how sure, how large, for whom, and what it is not."""

from __future__ import annotations

from ..html import Html, cell
from ..meaning.finding import Finding, findings
from ..meaning.people import absolute_rows
from ..meaning.summary_of_findings import difference, people_text, summary_of_findings
from ..meaning.words import number
from .block import Block, bullets, details, join, paragraph, section, table_block

PICO = ("population", "intervention", "comparator", "outcome", "time")


def headline(topic) -> Finding:
    """Return the finding that the plan calls the headline."""
    found = findings(topic)
    return next((f for f in found.values() if f.comparison.get("headline")), next(iter(found.values())))


def question(topic) -> Block:
    """The question in five rows, and which effect is meant."""
    import pandas as pd

    info = topic.info
    rows = [(name.capitalize(), info.get(name, "")) for name in PICO]
    effect = {"assignment": "of being offered the treatment (assignment)", "adhering": "of receiving it (adhering)"}
    rows.append(("Effect meant", effect.get(info.get("effect_of_interest"), "not stated")))
    return table_block(pd.DataFrame(rows, columns=["Part", "This page"]), "The question, part by part", classes="pico")


def answer(topic) -> Block:
    """The bottom line of a topic: sentence, certainty, size, people, harm, for whom, date, and what this is not."""
    finding = headline(topic)
    applies_to = topic.info.get("applies_to") or ["not stated"]
    return section(
        paragraph(finding.sentence, "bottom-line"),
        _certainty(finding),
        paragraph(_size(topic, finding), "size"),
        _people(topic, finding),
        paragraph(harm(topic), "harm"),
        paragraph(Html(f"<strong>Applies to:</strong> {cell(applies_to[0])}."), "applies"),
        paragraph(
            Html(f"{cell(dates(topic))} <strong>Not</strong> a recommendation, and not a systematic review."), "dates"
        ),
        classes="answer",
        label="The answer",
    )


def _certainty(finding) -> Block:
    rated = finding.certainty
    if rated is None:
        return paragraph("How sure: not rated, because no pooled or single effect could be stated.", "certainty")
    who = rated.judged_by if rated.status == "published" else f"our draft rating, {rated.judged_by}"
    line = Html(
        f'<strong>How sure:</strong> <span class="symbol" aria-hidden="true">{rated.symbol}</span> '
        f"{cell(rated.level)} certainty ({cell(who)})"
    )
    down = [f"{domain.replace('-', ' ')}: {reason}" for domain, reason in rated.reasons.items()
            if domain not in ("start", "level") and rated.steps.get(domain)]  # fmt: skip
    if not down:
        return paragraph(line, "certainty")
    return join(paragraph(line, "certainty"), details("Why not surer", bullets(down)))


def _size(topic, finding) -> Html:
    text = difference(finding)
    if finding.threshold is not None:
        kind = "within a person" if finding.threshold_kind == "within-person" else "between groups"
        text += f"; the smallest difference that matters: {finding.threshold:g} points {kind}"
    people = people_text(topic, finding)
    who = f" <strong>People:</strong> {cell(people)}." if people else ""
    return Html(f"<strong>How large:</strong> {cell(text)}.{who}")


def _people(topic, finding) -> Block | None:
    rows = absolute_rows(topic, finding)
    if not rows:
        return None
    first = rows[0]
    return paragraph(
        Html(
            f"<strong>In people:</strong> {number(first.comparator, 0)} of {first.out_of} with the comparator, "
            f"{number(first.intervention, 0)} of {first.out_of} ({number(first.low, 0)} to {number(first.high, 0)}) "
            f"with the intervention. Baseline: {cell(first.origin)}."
        ),
        "people",
    )


def harm(topic) -> Html:
    """Return the line of the topic that says what is known of harms."""
    text = topic.info.get("harm_line") or "Harms: not read in a form that could be counted."
    head, _, rest = text.partition(":")
    return Html(f"<strong>{cell(head)}:</strong>{cell(rest)}")


def dates(topic) -> str:
    """Return when the evidence was collected, last checked by a search, and last edited."""
    info = topic.info
    days = sorted(day for day in topic.text["search"]["date"] if day[:1].isdigit()) if "search" in topic.text else []
    collected = (
        f"Searched {info['searched']}" if info.get("searched") else "First collected on a day that was not recorded"
    )
    checked = f"; last checked by search {days[-1]}" if days and days[-1] != info.get("searched") else ""
    return f"{collected}{checked}. Edited {info.get('edited', 'on a day not recorded')}."


def sof(topic) -> Block:
    """The Summary of Findings with its footnotes."""
    found = summary_of_findings(topic)
    return Block(found._repr_html_(), str(found))


def applies(topic) -> Block:
    """For whom, for whom not, and what must not be concluded."""
    info = topic.info
    blocks = []
    for key, head in (
        ("applies_to", "Applies to"),
        ("not_for", "Does not apply to"),
        ("must_not_conclude", "Must not be concluded"),
    ):
        if info.get(key):
            blocks += [paragraph(Html(f"<strong>{head}</strong>")), bullets(info[key])]
    return join(*blocks)
