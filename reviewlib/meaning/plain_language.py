"""A summary for people who do not read trials: short sentences, made from the tables, as sure as the certainty allows.

Written for a reading age of 12 to 14; a test measures the grade. Every number here is one of a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..evidence import Topic
from ..results import Result
from .answer import why_no_answer
from .few_trials import disputed
from .finding import Finding, findings
from .panel import panel_sentence, shown_panels
from .plain_size import size_plainly
from .sentence import direction, leaves_open, only_double_zeros, spoken
from .words import count, inside, result_ids

SURE = {
    "high": "We are sure that it is right",
    "moderate": "We are fairly sure that it is right",
    "low": "We are not very sure that it is right",
    "very low": "We do not know how close it is to the truth",
}
MODAL = {"high": "", "moderate": "probably ", "low": "may "}
WHY = {
    "risk-of-bias": "the way the trials were done could have changed the result",
    "inconsistency": "the trials do not agree well",
    "indirectness": "the people or the care were not quite those we asked about",
    "imprecision": "too few people took part to be exact",
    "publication-bias": "some results may be missing",
}
# Words of the field that any review has; `plain_words` in review.yml adds those of its own subject.
FIELD = {
    "serious adverse events": "serious harms",
    "adverse events": "harms",
    "complications": "problems",
    "scenarios": "cases",
    "minor or moderate reactions": "mild or moderate reactions",
    "general practitioner": "family doctor",
    "cohorts": "other studies",
}
EXPLAINED = {
    "sham": "A sham treatment looks real but leaves out the part that should help.",
    "waiting list": "People on a waiting list have not been treated yet.",
}
SHOWN = 3  # key messages; more are not remembered


@dataclass(frozen=True, slots=True, repr=False)
class PlainSummary(Result):
    """Plain-language summary of a topic: (question, sentences) in order; `rows` are the results the numbers rest on."""

    topic: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[str, ...]

    def __str__(self) -> str:
        return "\n\n".join(f"{head}\n{' '.join(said)}" for head, said in self.parts)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return every sentence, without the questions."""
        return tuple(sentence for _, said in self.parts for sentence in said)


def plain_language(topic: Topic) -> PlainSummary:
    """Plain-language summary of a topic.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`.

    Returns
    -------
    PlainSummary
        What was found and how sure it is, how large, harms, for whom, how current; for a topic of expert panels what
        the experts thought.
    """
    words = plain_words(topic)
    if not topic.comparisons:
        why = why_no_answer(topic)
        said = [("What did we find?", (why,))] if why else _panel(topic)
        return PlainSummary(topic.id, (*said, *_frame(topic, words)), ())
    found = _shown(topic)
    first = found[0]
    parts = [
        ("What did we find?", (*(message(f, words) for f in found), *_unread(topic, words), *_defined(topic, found))),
        ("How sure are we?", _sure(first)),
        ("How big is the difference?", size_plainly(topic, first, *_easily(first, words))),
        ("What about harms?", harms_plainly(topic)),
    ]
    return PlainSummary(topic.id, (*parts, *_frame(topic, words)), _rows(first))


def _shown(topic) -> list[Finding]:
    """Return the headline finding, then the surest others of the summary that state an effect."""
    order = ("high", "moderate", "low", "very low")
    every = list(findings(topic).values())
    first = next((f for f in every if f.comparison.get("headline")), every[0])
    rest = [
        f
        for f in every
        if f is not first and f.certainty and f.estimate is not None and f.comparison.get("in_summary", True)
    ]
    rest.sort(key=lambda f: order.index(f.certainty.level))  # the sort is stable: the topic's order within a level
    return [first, *rest[: SHOWN - 1]]


def message(finding: Finding, words: Any = MappingProxyType(FIELD)) -> str:
    """Return what a finding says in one plain sentence, as sure as its certainty."""
    subject, against, what = _easily(finding, words)
    level = finding.certainty.level if finding.certainty else None
    if finding.estimate is None or level is None:
        return f"We cannot say yet how {subject} changes {what}, compared with {against}."
    if level == "very low":
        return f"We do not know if {subject} is better or worse than {against} for {what}."
    if 0.0 in disputed(finding.pooled):
        few = f"{count(finding.pooled.k, 'study')} are too few to tell"
        return f"It is not clear if {subject} is better than {against} for {what}: {few}."
    if leaves_open(finding.ci, finding.size, finding.size_rule, finding.sd):
        return f"It is not clear if {subject} is better or worse than {against} for {what}."
    start = subject[0].upper() + subject[1:]
    if finding.size == "trivial":
        makes = "make" if level == "low" else "makes"
        return f"{start} {MODAL[level]}{makes} little to no difference to {what}, compared with {against}."
    way = direction(finding.estimate, finding.instrument, finding.comparison["measure"])
    burden = not finding.ratio and finding.instrument.get("better") == "lower"
    verb = ("ease" if burden else "lower") if way == "reduce" else way
    amount = {"small": "slightly ", "large": "greatly "}.get(finding.size, "")
    return f"{start} {MODAL[level]}{amount}{verb if level == 'low' else verb + 's'} {what}, compared with {against}."


def easy(text: str, words: Any = MappingProxyType(FIELD)) -> str:
    """Return text of the tables with the words of the field, and of its subject, said plainly; longest first."""
    for term in sorted(words, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(term)}\b", words[term], text, flags=re.IGNORECASE)
    return text


def plain_words(topic: Topic) -> dict[str, str]:
    """Return the words that a plain summary of the topic replaces: those of the field, and review.yml's own."""
    return FIELD | dict(topic.review.plain_words)


def _easily(finding, words) -> tuple[str, ...]:
    """Return intervention, comparator and outcome of a finding in plain words."""
    return tuple(easy(text, words) for text in spoken(finding.comparison, finding.outcome))


def _unread(topic, words) -> list[str]:
    """Return the main questions without an estimate: what is not said must not look like an answer."""
    main = [f for f in findings(topic).values() if f.comparison.get("headline") and f.basis == "direction only"]
    waiting = [f for f in main if not only_double_zeros(f.studies)]
    return [
        f"No trial of {subject} against {against} gave a number for {what} that we could read."
        for subject, against, what in (_easily(f, words) for f in waiting)
    ][:SHOWN]


def _defined(topic, found) -> list[str]:
    spoke = " ".join(" ".join(spoken(f.comparison, f.outcome)) for f in found)
    return _explained(topic, f"{spoke} {topic.id}")


def _explained(topic, text) -> list[str]:
    """Return the sentences that explain words of a text, and words that such a sentence uses itself."""
    said = []
    for word, meaning in {**topic.review.explained, **EXPLAINED}.items():
        if word in text:
            said.append(meaning)
            text += f" {meaning}"
    return said


def _sure(finding) -> tuple[str, ...]:
    trials = "one trial" if finding.trials == 1 else f"{finding.trials} trials"
    if finding.trials == 0:
        return ("No trial gave a number that we could use.",)
    people = f" with {finding.people:,} people" if finding.people else ""
    said = [f"The first answer rests on {trials}{people}."]
    if finding.certainty is None:
        return (*said, "We have not judged yet how sure we can be.")
    level, steps = finding.certainty.level, finding.certainty.steps
    said.append(f"{SURE[level]}: the certainty of the evidence is graded “{level}”.")
    reasons = [why for domain, why in WHY.items() if steps.get(domain, 0) < 0]
    if reasons:
        said.append(f"This is because {', and because '.join(reasons)}.")
    return tuple(said)


def harms_plainly(topic: Topic) -> tuple[str, ...]:
    """Return what is known of harms in plain sentences, or why nothing is said."""
    text = str(topic.info.get("harm_line") or "").removeprefix("Harms: ").rstrip(".")
    if text:
        return tuple(_sentence(part) for part in easy(text, plain_words(topic)).split("; "))
    if len(topic.tables["adverse_events"]):
        return ("We read reports of harms, but they are not summed up yet.",)
    harms = {outcome["id"] for outcome in topic.outcomes if outcome.get("benefit") == "harm"}
    if harms & {comparison["outcome"] for comparison in topic.comparisons}:
        return ("Harms are among the results of this page.",)
    return ("Nothing about harms was entered here. That does not mean that there were none.",)


def _frame(topic, words) -> list[tuple[str, tuple[str, ...]]]:
    """Return for whom it is, how current it is, and what it is not."""
    info = topic.info
    nouns = topic.review.language.partition("-")[0] == "de"  # in German every noun has a capital

    def named(key):
        text = easy(info[key][0], words)
        return inside(text, text if nouns else "")

    whom = [f"These results are for {named('applies_to')}."] if info.get("applies_to") else []
    if info.get("not_for"):
        whom.append(f"They do not cover {named('not_for').split(':')[0]}.")
    days = sorted(day for day in topic.text["search"]["date"] if day[:1].isdigit())
    known = info.get("searched") and not info.get("searched_note")
    database = "" if known else ", but not in a database of all studies"
    when = [f"We last looked on {days[-1]}{database}."] if days else ["The day of our search was not noted."]
    when += [
        "A new study could change what is said here.",
        "This is not advice for one person: talk about it with someone who knows your case.",
    ]
    return [("Who is this for?", tuple(whom)), ("How up to date is this?", tuple(when))]


def _panel(topic) -> list[tuple[str, tuple[str, ...]]]:
    """Return what expert panels thought: counts of cases where they were read, the panels' sentence where not."""
    shown = next((shown for shown in shown_panels(topic) if len(shown.counts)), None)
    said = [panel_sentence(topic)]
    if shown is not None:
        whom = shown.entry.get("plain") or f"people with {shown.condition}"
        said = [f"Experts read short notes on {whom}, and judged for each case if a treatment fits."]
        said += [
            f"They said that {row.Index} fits in {row.appropriate} of {row.of} cases and does not fit in "
            f"{row.inappropriate}."
            for row in shown.totals.itertuples()
        ]
        said.append("In the rest they were in between, or they did not agree.")
        said += _explained(topic, " ".join(shown.totals.index))
    caveat = (
        "This is what one group of experts thought, and not what a trial measured.",
        "Another group of experts may think otherwise.",
        "A share of the cases is not a share of the patients who come for care.",
    )
    return [("What did the experts say?", tuple(said)), ("How sure are we?", caveat)]


def _rows(finding) -> tuple[str, ...]:
    usable = finding.studies[finding.studies["estimate"].notna()] if finding.estimate is not None else []
    return tuple(result_ids(usable)) if len(usable) else ()


def _sentence(text) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
