"""The first screen: the question, the answer, how sure, how large, for whom, and what it is not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd

from ..evidence import Topic
from ..html import Html, cell, missing
from ..meaning.answer import bottom_line, headline, why_no_answer
from ..meaning.beside import crossed_over, other_answers, other_sentence, published_reviews
from ..meaning.finding import Finding, findings
from ..meaning.harms import harm_reporting
from ..meaning.people import absolute_rows, why_not_people
from ..meaning.sof_rows import difference, people_text
from ..meaning.summary_of_findings import by_weight, summary_of_findings
from ..meaning.words import THRESHOLDS, amount, count, number, result_ids
from .block import Block, bullets, details, fold, join, paragraph, plain, section, table_block
from .provenance import cite, figure_id, row_id, row_link
from .scale import points, ruler

PICO = ("population", "intervention", "comparator", "outcome", "time")
MARK = " (95% CI "
SUMMARY = "structured evidence summary"
SUMMARY_ROWS = 7  # of the Summary of Findings that stand open
NOT_STATED = paragraph("For whom the answer is was not stated.", "note")


def is_not(topic: Topic) -> str:
    """Return what a page is, and what it is not, from the kind that topic.yml gives it."""
    kind = str(topic.info.get("kind") or SUMMARY)
    if kind == SUMMARY:
        return "A summary of what could be read: not a systematic review, not a recommendation."
    return f"{kind[:1].upper()}{kind[1:]}: not a recommendation."


def question(topic: Topic) -> Block:
    """The question in five rows, and which effect is meant."""
    info = topic.info
    rows = [(name.capitalize(), info.get(name, "")) for name in PICO]
    effect = {"assignment": "of being offered the treatment (assignment)", "adhering": "of receiving it (adhering)"}
    rows.append(("Effect of interest", effect.get(info.get("effect_of_interest"), "does not apply")))
    return table_block(pd.DataFrame(rows, columns=["Part", "This page"]), "The question, part by part", classes="pico")


def answer(topic: Topic) -> Block:
    """The bottom line of a topic on one screen: sentence, certainty, size, people, harm, for whom, date, limits.

    What does not fit one screen of a phone is folded under the line that it belongs to, never dropped.
    """
    if why_no_answer(topic) or not topic.comparisons:
        return section(paragraph(bottom_line(topic)[0], "bottom-line"), classes="answer", label="The answer")
    found = headline(topic)
    return section(
        paragraph(found.sentence, "bottom-line"),
        *beside(topic),
        _certainty(found),
        _size(topic, found),
        _people(topic, found),
        harm(topic),
        *reviews(topic),
        for_whom(topic),
        facts(topic, _based_on(topic, found)),
        paragraph(is_not(topic), "is-not"),
        classes="answer",
        label="The answer",
    )


def beside(topic: Topic) -> list[Block]:
    """What a reader of the headline must see too: words, other comparisons with their size, and who changed sides."""
    said = topic.info.get("beside")
    named = said in {comparison["id"] for comparison in topic.comparisons}
    blocks = [paragraph(said, "beside")] if said and not named else []
    for found in other_answers(topic):
        told = _better_or_worse if found.comparison["measure"] == "MD" else difference
        size = f": {linked(topic, found, told(found))}" if found.estimate is not None else ""
        blocks.append(paragraph(Html(f"{cell(other_sentence(found))}{size}."), "beside"))
    return blocks


def reviews(topic: Topic) -> list[Block]:
    """The best published review beside our answer, and who changed treatment: named in one line, told under it."""
    sources, found = topic.sources.set_index("source_id"), published_reviews(topic)
    told = [f"{cite(sources, source)}, {row_link(topic, row, text)}" for row, source, text in found]
    crossed = crossed_over(topic)
    told += [row_link(topic, row, text) for row, _, text in crossed]
    if not told:
        return []
    heads = [f"<strong>Best published review:</strong> {cell(plain(cite(sources, found[0][1])))}"] if found else []
    heads += [f"<strong>Crossed over:</strong> {crossed[0][1]}"] if crossed else []
    head = Html("; ".join(heads) + more("what it found" if found else "of whom"))
    return [details(head, bullets(map(Html, told)), classes="published")]


def _certainty(found) -> Block:
    rated = found.certainty
    if rated is None:
        why = "nobody has judged it yet" if found.estimate is not None else "no pooled or single effect could be stated"
        return paragraph(f"How sure: not rated, because {why}.", "certainty")
    who = rated.judged_by if rated.status == "published" else f"our draft rating, {rated.judged_by}"
    line = Html(
        f'<strong>How sure:</strong> <span class="symbol" aria-hidden="true">{rated.symbol}</span> '
        f"{cell(rated.level)} certainty ({cell(who)}){more('why?')}"
    )
    down = [
        f"{domain.replace('-', ' ').capitalize()}: {reason}"
        for domain, reason in rated.reasons.items()
        if domain not in ("start", "level") and rated.steps.get(domain)
    ]
    return details(line, bullets(down or ["No domain took anything off."]), classes="certainty")


def _better_or_worse(found) -> str:
    """Return a mean difference without its scale: better or worse, where it is known which end is good."""
    said, good = points(found), found.instrument.get("better")
    sides = {good: "better", {"lower": "higher"}.get(good, "lower"): "worse"} if good in ("lower", "higher") else {}
    return re.sub(r"\b(lower|higher)\b", lambda side: sides.get(side[0], side[0]), said)


def _size(topic, found) -> Block:
    """Return the size on its scale with its ruler; folded under it why it is not told in people."""
    if found.estimate is None or found.comparison["measure"] != "MD":
        return paragraph(Html(f"<strong>How large:</strong> {linked(topic, found, difference(found))}."), "size")
    low, high = (found.instrument.get(f"scale_{end}") for end in ("min", "max"))
    better = {"lower": ", lower is better", "higher": ", higher is better"}.get(found.instrument.get("better"), "")
    scale = "" if missing(low) or missing(high) else f", scale {low:g} to {high:g}"
    line = f"<strong>How large:</strong> {linked(topic, found, points(found))}{scale}{better}."
    shaded = (
        "No minimal important difference is known."
        if found.threshold is None
        else f"Shaded: less than the {amount(found.threshold, found.unit)} {THRESHOLDS[found.threshold_kind][1]}."
    )
    picture = ruler(found)
    drawn = Block(Html(f'<div class="ruler-box page-only">{picture}</div>'), shaded) if picture else None
    classes = "shaded page-only" if picture else "shaded"  # it speaks of the ruler
    text = details(shaded, paragraph(why_not_people(topic, found)), classes=classes)
    return join(paragraph(Html(line), "size"), drawn, text)


def linked(topic: Topic, found: Finding, text: Any) -> Html:
    """Return a result as a link: to its row where one trial gave it, else to the trials that were pooled."""
    usable = found.studies[found.studies["estimate"].notna()]
    if found.basis == "one trial":
        ids = result_ids(usable[:1])
        target = row_id(topic, ids[0]) if len(ids) == 1 else figure_id(topic, found.comparison["id"])
    else:
        target = figure_id(topic, found.comparison["id"])
    value, mark, span = str(text).partition(MARK)
    link = '<a href="#{}">{}</a>'.format
    # The words of the interval stay outside the links, so that the page can explain them where they stand.
    interval = f"{cell(mark)}{link(target, cell(span.removesuffix(')')))})" if mark else ""
    return Html(link(target, cell(value)) + interval)


def _people(topic, found) -> Block | None:
    rows = absolute_rows(topic, found)
    if not rows:
        return None
    first = rows[0]
    line = Html(
        f"<strong>In people:</strong> {number(first.comparator, 0)} of {first.out_of} with the comparator, "
        f"{number(first.intervention, 0)} of {first.out_of} ({number(first.low, 0)} to {number(first.high, 0)}) "
        "with the intervention."
    )
    return details(line, paragraph(f"Baseline: {first.origin}."), classes="people-line")


def more(words: str) -> str:
    """Return the words at the end of a folded line that say what a tap shows."""
    return f' <span class="more">{cell(words)}</span>'


def harm(topic: Topic) -> Block:
    """What is known of harms: the most important in one line, all that is known and its rows under it."""
    text = str(topic.info.get("harm_line") or "Harms: not read in a form that could be counted.")
    head, _, rest = text.partition(":")
    lead, *others = (part.strip() for part in rest.strip().rstrip(".").split(";"))
    silence = harm_reporting(topic)
    line = f"<strong>{cell(head)}:</strong> {cell(lead)}."
    rows = [row_link(topic, event, event) for event in topic.info.get("harm_rows") or []]
    below = [f"{silence}."] if silence.trials else []
    below += [f"{part[0].upper()}{part[1:]}." for part in others]
    below += [Html(f"Rows: {', '.join(rows)}.")] if rows else []
    if not below:
        return paragraph(Html(line), "harm")
    return details(Html(line + more("all harms")), bullets(below), classes="harm")


def for_whom(topic: Topic) -> Block:
    """For whom the answer is, in one line; for whom not under it."""
    info = topic.info
    applies_to = info.get("applies_to") or ["not stated"]
    line = f"<strong>For:</strong> {cell(applies_to[0])}."
    below = [f"{text}." for text in applies_to[1:]]
    below += [Html(f"<strong>Not for:</strong> {cell(text)}.") for text in info.get("not_for") or []]
    if not below:
        return paragraph(Html(line), "applies")
    return details(Html(line + more("not for whom?")), bullets(below), classes="applies")


def facts(topic: Topic, people: str) -> Block:
    """How many people stand behind the answer, and how old it is."""
    who = f"<strong>Based on:</strong> {cell(people)}. " if people else ""
    return paragraph(Html(f"{who}{cell(dates(topic))}"), "dates")


def _based_on(topic, found) -> str:
    """Return trials and people, trials first."""
    told = people_text(topic, found)
    return f"{found.people:,} people in {count(found.trials, 'trial')}" if found.people else told


def dates(topic: Topic) -> str:
    """Return when evidence was last searched for and when the tables were last edited."""
    info = topic.info
    searched = str(info.get("searched") or "") or _last_search(topic)
    edited = f"edited {info.get('edited', 'on a day not recorded')}."
    if searched and not info.get("searched"):
        return f"Texts last checked {searched}, no database searched; {edited}"
    return f"Last search {searched or 'not recorded'}, {edited}"


def _last_search(topic) -> str:
    days = [day for day in topic.text["search"]["date"] if day[:1].isdigit()] if "search" in topic.text else []
    return max(days, default="")


def sof(topic: Topic) -> Block:
    """The Summary of Findings with its footnotes; each difference leads to its row or to its trials."""
    found = summary_of_findings(topic)
    titles = {f.title: f for key, f in findings(topic).items()}
    name = "Difference with intervention"
    table = found.to_frame()
    behind = [titles.get(outcome.partition("\n")[0]) for outcome in table["Outcome"]]
    table[name] = [_leading(topic, one, told) for one, told in zip(behind, table[name], strict=True)]
    return Block(Html(_layered(topic, replace(found, table=table), behind)), str(found))


def _layered(topic, whole, behind) -> str:
    """Return the table with its weightiest rows open, the rest and the notes folded."""
    order = [found.comparison["id"] for found in by_weight(topic)]
    place = [
        -1 if one is None and said else order.index(one.comparison["id"]) if one else len(order)
        for one, said in zip(behind, whole.table["What happens"].ne("Not known."), strict=True)
    ]
    ranked = whole.table.iloc[sorted(range(len(place)), key=place.__getitem__)]
    first, rest = (whole.table.loc[sorted(part.index)] for part in (ranked[:SUMMARY_ROWS], ranked[SUMMARY_ROWS:]))
    html = replace(whole, table=first, footnotes=())._repr_html_()
    if len(rest):
        other = replace(whole, table=rest, footnotes=(), caption=f"{whole.caption}, continued")._repr_html_()
        html += fold(f"{count(len(rest), 'more row')} of this table", Block(Html(other), whole.caption)).html
    return html + whole.notes_html()


def _leading(topic, found, told) -> str:
    """Return a difference as a link, its footnote marks beside it; as it is where no trial stands behind it."""
    if found is None or not found.trials:
        return told
    value, mark, notes = told.partition(" [")
    return Html(f"{linked(topic, found, value)}{cell(mark + notes)}")


def applies(topic: Topic) -> Block:
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
    return fold("For whom, for whom not, and what must not be concluded", *blocks) if blocks else NOT_STATED
