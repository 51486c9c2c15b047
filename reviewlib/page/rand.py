"""The page of a topic of panel ratings: what the panels judged, in counts; panels and ratings come from the tables."""

from __future__ import annotations

from operator import attrgetter

import pandas as pd

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.panel import CLASSES, DISPERSION, counts, panel_sentence, shown_panels
from ..meaning.words import count
from .answer import facts, for_whom, is_not, reviews
from .block import Block, bullets, details, fold, join, paragraph, section, table_block
from .provenance import cite, place, read_in, row_anchor

SCENARIOS_NOT_PATIENTS = (
    "A percentage of scenarios is not a percentage of patients: how many people stand behind a scenario is unknown."
)
NO_COUNTS = "No panel's counts of scenarios by class were read."
_NAMES = {"procedure": "Procedure", "precondition": "Before it was considered", "of": "Scenarios"}


def _counted(topic):
    """Return the first panel of the answer whose counts were read, None where there is none."""
    return next((shown for shown in shown_panels(topic) if len(shown.counts)), None)


def _head(shown) -> str:
    return f"{shown.condition[:1].upper()}{shown.condition[1:]}"


def class_counts(topic: Topic) -> Block:
    """The final classes of the panel as counts with shares beside them."""
    shown = _counted(topic)
    if shown is None:
        return paragraph(NO_COUNTS, "note")
    frame = shown.counts.rename(columns=_NAMES)
    for name in CLASSES:
        share = shown.counts[name] / shown.counts["of"]
        frame[name] = [f"{n} ({p:.1%})" for n, p in zip(shown.counts[name], share, strict=True)]
    frame = frame[[*list(_NAMES.values())[:2], *CLASSES, "Scenarios"]].rename(columns=str.capitalize)
    return join(
        table_block(frame, f"{_head(shown)}: scenarios by class, final ratings", classes="sheet"),
        _ratings_read(topic, shown),
        paragraph(SCENARIOS_NOT_PATIENTS, "note"),
    )


def dispersion(topic: Topic) -> Block:
    """How far the panel agreed: agreement, neither, disagreement."""
    shown = _counted(topic)
    frame = counts(topic, shown.panel, categories=tuple(DISPERSION)) if shown else ()
    if not len(frame):
        return paragraph("How far the panel agreed was not read in counts.", "note")
    names = _NAMES | {category: word.capitalize() for category, word in DISPERSION.items()}
    table = table_block(frame.rename(columns=names), f"{_head(shown)}: how far the panel agreed, in scenarios")
    return fold("Agreement in counts", table, _ratings_read(topic, shown))


def _ratings_read(topic, shown) -> Block:
    text = topic.text["ratings"]
    return read_in(topic, text[text["panel"] == shown.panel])


def steps(topic: Topic) -> Block:
    """The rating steps, to see whether what the panel was shown between them moved it."""
    shown = _counted(topic)
    if shown is None:
        return paragraph(NO_COUNTS, "note")
    table = topic.tables["ratings"]
    mine = table[(table["panel"] == shown.panel) & table["category"].isin(CLASSES) & table["round"].notna()]
    rounds = list(dict.fromkeys(mine["round"]))
    frame = pd.concat([counts(topic, shown.panel, round=name).assign(step=name) for name in rounds])
    frame = frame.sort_values(["procedure", "precondition"], kind="stable")
    names = _NAMES | {"step": "Rating step"} | {c: c.capitalize() for c in CLASSES}
    frame = frame[["procedure", "precondition", "step", *CLASSES, "of"]].rename(columns=names)
    table = table_block(frame, f"{_head(shown)}: the rating steps")
    return fold(count(len(rounds), "rating step"), table, _ratings_read(topic, shown))


def statistics(topic: Topic) -> Block:
    """The panel's average median and how far its members lay from it, step by step, as printed."""
    shown, text = _counted(topic), topic.text.get("panel_statistics")
    mine = () if shown is None or text is None else text[text["condition"] == shown.condition]
    if not len(mine):
        return paragraph("No panel's average ratings were read.", "note")
    tests = mine["statistic"].str.startswith("p-value")
    keys = ["procedure", "precondition", "round"]
    wide = mine[~tests].pivot(index=keys, columns="statistic", values="value").reset_index()
    names = _NAMES | {"round": "Rating step"}
    wide.columns = [names.get(name, name.capitalize()) for name in wide.columns]
    listed = "; ".join(f"{r.procedure}, {r.precondition}: {r.value}" for r in mine[tests].itertuples())
    printed = f"P values printed for the rise in scenarios with agreement, from home to meeting: {listed}."
    return fold(
        f"{_head(shown)}: average medians and deviations",
        table_block(wide, "Average of the panel medians and of the deviations from the median, as printed"),
        paragraph(printed if listed else ""),
        read_in(topic, mine),
    )


def misprints(topic: Topic) -> Block:
    """The printed percentages that do not follow from their counts, beside the counts."""
    text = topic.text.get("ratings")
    mine = text[text["status"] == "misprint"] if text is not None else ()
    if not len(mine):
        return paragraph("No printed percentage contradicts its count.", "note")
    lines = [
        f"{r.procedure}, {r.precondition}, {r.category}: printed {r.percent_printed}%, but {r.n} of {r.n_total} is "
        f"{int(r.n) / int(r.n_total):.1%}; this page uses the count."
        for r in mine.itertuples()
    ]
    head = "Two printed percentages are misprints:" if len(lines) == 2 else "Misprints:"
    return fold(count(len(lines), "misprint"), paragraph(head, "small"), bullets(lines), read_in(topic, mine))


def answer(topic: Topic) -> Block:
    """The first screen of a topic of panel ratings, in counts; a panel without counts in its source's words."""
    sure = Html("<strong>How sure:</strong> the judgement of one panel, not a measured effect")
    harms = "<strong>Harms:</strong> weighed against benefit in every rating, not counted by the panel"
    return section(
        paragraph(panel_sentence(topic), "bottom-line"),
        *(_in_scenarios(shown) if len(shown.counts) else _in_words(topic, shown) for shown in shown_panels(topic)),
        details(sure, paragraph("Another panel may judge otherwise. It has no certainty rating."), classes="certainty"),
        paragraph(Html(f"{harms}{_where_harms_are(topic)}."), "harm"),
        *reviews(topic),
        for_whom(topic),
        facts(topic, _experts(topic)),
        paragraph(is_not(topic), "is-not"),
        classes="answer",
        label="The answer",
    )


def _where_harms_are(topic) -> str:
    other = (topic.info.get("headline") or {}).get("harms")
    return f'; <a href="{topic.review.page_of(other)}.ipynb#harms">what trials counted</a>' if other else ""


def _experts(topic) -> str:
    """Return how many people rated, panel by panel."""
    if not shown_panels(topic):
        return ""
    known = topic.tables["panels"].set_index("panel_id")["n_panelists"]
    said = ((known.get(shown.panel), shown.condition) for shown in shown_panels(topic))
    return ", ".join(f"{n} experts ({condition})" for n, condition in said if n == n and n is not None)


def _in_words(topic, shown) -> Block:
    """Return what the source of a panel without counts says, its main sentence first."""
    said = topic.tables["statements"].set_index("statement_id")["statement"]
    words = [said[name] for name in shown.entry.get("statements") or () if name in said.index]
    head = Html(f"<strong>{cell(_head(shown))}:</strong> {cell(words[0] if words else '')} Counts could not be read.")
    return details(head, *map(paragraph, words[1:])) if words[1:] else paragraph(head)


def _in_scenarios(shown) -> Block:
    """Return the classes of a panel in counts, and under them why these are no patients."""
    each = shown.totals.itertuples()
    said = "; ".join(f"{row.Index} " + ", ".join(f"{getattr(row, name)} {name}" for name in CLASSES) for row in each)
    of = shown.totals["of"]
    start = f"Of {of.iloc[0]} scenarios" if of.nunique() == 1 else "Of all scenarios"
    line = Html(f"<strong>{start} of {cell(shown.condition)}:</strong> {cell(said)}. Scenarios, not patients.")
    together = "Both prior-care conditions together. " if shown.counts["precondition"].nunique() == 2 else ""
    return details(line, paragraph(f"{together}{SCENARIOS_NOT_PATIENTS}"), classes="size")


def decision_tree(topic: Topic) -> Block:
    """Which characteristics decided the ratings, with their direction."""
    text = topic.text.get("decision_tree")
    if text is None or text.empty:
        return paragraph("What decided the ratings was not read.", "note")
    shares = {(r.characteristic, r.category, r.procedure): f"{r.percent}%, {r.direction}" for r in text.itertuples()}
    procedures = (topic.info.get("headline") or {}).get("procedures") or dict.fromkeys(text["procedure"])
    heads = [(c, p) for c in ("inappropriate", "equivocal", "appropriate") for p in procedures]
    heads = [head for head in heads if any(key[1:] == head for key in shares)]
    names = {head: f"{head[0].capitalize()}, {head[1]}" for head in heads}
    lines = [
        {"Characteristic": who} | {names[head]: shares.get((who, *head), "not used") for head in heads}
        for who in dict.fromkeys(text["characteristic"])
    ]
    note = paragraph(
        "Each figure is the share of the scenarios of that class which the characteristic helped to sort; "
        "“for” and “against” say whether it spoke for or against that class. It is not a share of "
        "patients and not the strength of an effect.",
        "note",
    )
    about = ", ".join(dict.fromkeys(text["condition"]))
    table = table_block(pd.DataFrame(lines), f"What decided the ratings: {about}")
    return fold(count(len(lines), "characteristic"), table, note, read_in(topic, text))


def statements(topic: Topic, panel: str) -> Block:
    """What the sources allow to be said of a panel, in words, each with its source."""
    table = topic.tables.get("statements", ())
    mine = table[table["panel"] == panel] if len(table) else ()
    if not len(mine):
        return paragraph("No statement about this panel was read.", "note")
    sources = topic.sources.set_index("source_id")
    lines = [
        Html(f"{row_anchor(topic, r.statement_id, r.statement)} ({cite(sources, r.source_id)}, {cell(r.locator)})")
        for r in mine.itertuples()
    ]
    return fold(f"{count(len(lines), 'statement')}, {'each ' if len(lines) > 1 else ''}with its source", bullets(lines))


def _table(topic, name, caption, columns, keep=None) -> Block:
    """Return a table of the topic with one line per row: a heading, and the column or what is made of the row."""
    text, sources = topic.text.get(name), topic.sources.set_index("source_id")
    rows = () if text is None else (text if keep is None else text[keep(text)]).itertuples()
    made = {head: made if callable(made) else attrgetter(made) for head, made in columns.items()}
    lines = [{head: of(r) for head, of in made.items()} | {"Source": place(sources, r)} for r in rows]
    table = table_block(pd.DataFrame(lines), caption)
    return fold(f"{caption}: {count(len(lines), 'entry')}", table) if lines else table


def _percent(name):
    return lambda r: f"{getattr(r, name)}%" if getattr(r, name) else ""


def panels(topic: Topic) -> Block:
    """The panels behind the ratings."""
    columns = {"Panel": lambda r: row_anchor(topic, r.panel_id, r.panel_id), "Year": "year", "Condition": "condition"}
    columns |= {"Procedures": "procedures", "Panellists": lambda r: r.n_panelists or "not read"}
    columns |= {"Who": lambda r: r.composition or "not read", "Scenarios": lambda r: r.n_scenarios or "not read"}
    return _table(topic, "panels", "The panels", columns)


def older_panels(topic: Topic) -> Block:
    """Printed figures of the panels that the answer does not name, as printed; examples of the method left out."""
    examples = (topic.info.get("headline") or {}).get("examples") or ()
    apart = {*examples, *(shown.panel for shown in shown_panels(topic))}
    columns = {"Panel": "panel", "What": "category"}
    columns |= {"Count": lambda r: f"{r.n} of {r.n_total}" if r.n and r.n_total else r.n}
    columns |= {"Printed": _percent("percent_printed")}
    table = _table(topic, "ratings", "Older panels, as printed", columns, lambda text: ~text["panel"].isin(apart))
    note = paragraph(f"Counts and percentages are of scenarios. {SCENARIOS_NOT_PATIENTS}", "note")
    said = topic.tables.get("statements", ())
    others = [panel for panel in dict.fromkeys(said["panel"]) if panel not in apart] if len(said) else []
    labels = topic.tables["panels"].set_index("panel_id")["label"]
    words = [each for panel in others for each in (paragraph(labels[panel], "small"), statements(topic, panel))]
    return join(table, note, *words)


def delivered_care(topic: Topic) -> Block:
    """How much care that was given was judged appropriate, by which panel."""

    def judged(text):
        return text["category"].str.contains("appropriate|uncertain|agreed", regex=True)

    columns = {"Judged": "category", "Condition": "condition", "Percent": _percent("percent")}
    columns |= {"Count": _count_of, "Setting": "setting"}
    caption = "Care that was given, judged by a panel's ratings"
    table = _table(topic, "delivered_care", caption, columns, judged)
    note = paragraph(
        "Here a percentage is of patients or of records of care, as the source says, not of a panel's "
        "scenarios. Where no count is given, the text that was read has none.",
        "note",
    )
    columns = {"Counted": "category", "Condition": "condition", "People or charts": lambda r: r.n or r.n_total}
    columns |= {"Setting": "setting", "Notes": "notes"}
    caption = "Patients and charts that were counted, not judged"
    others = _table(topic, "delivered_care", caption, columns, lambda text: ~judged(text))
    return join(table, note, others)


def _count_of(r) -> str:
    return f"{r.n} of {r.n_total}" if r.n and r.n_total else (f"of {r.n_total}" if r.n_total else "")


def conflicts(topic: Topic) -> Block:
    """Misprints and contradictions in the sources, both sides shown."""
    names = {"what": "What", "as_printed": "As printed", "as_recomputed": "As it should follow"}
    names |= {"choice": "What this page uses"}
    text = topic.text.get("conflicts")
    if text is None:
        return paragraph("No contradiction inside a source was found.", "note")
    caption, sources = "Where sources contradict themselves", topic.sources.set_index("source_id")
    shown = text[list(names)].rename(columns=names)
    shown = shown.assign(Source=[cite(sources, name) for name in text["source_id"]])
    told = fold(count(len(text), "contradiction"), table_block(shown, caption))
    return join(told, *_read_again(topic))


def _read_again(topic) -> list[Block]:
    """Return what was looked for in a second place, and how sources define their rules."""
    names = {"what": "Looked for", "value": "As it stands", "confirmed_by": "Second place", "result": "Result"}
    names |= {"read_twice": "Found by two readers"}
    again, blocks = topic.text.get("confirmations"), []
    if again is not None and len(again):
        head = count(len(again), "number") + " checked against a second source"
        shown = again[list(names)].rename(columns=names)
        blocks.append(fold(head, table_block(shown, "Looked for in a second place", classes="about-us")))
    if len(topic.text.get("definitions", ())):
        columns = {"Term": "term", "Definition": "definition", "Notes": "notes"}
        blocks.append(_table(topic, "definitions", "How other sources define their rules", columns))
    return blocks
