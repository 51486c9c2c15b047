"""Risk of bias on a page: judgements as published, their weight in each pool, and facts for whoever judges anew."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import plots
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import findings
from ..meaning.signals import trial_weights
from ..meaning.words import count
from ..plots.bias import TOTALS, BiasGrid, meaning, step
from ..plots.colours import BIAS
from .bars import bars
from .block import Block, details, fold, join, paragraph, table_block
from .provenance import READ, cite, figure_id, place

HEADS = ("Domain", "Share of the weight", "In words")


def risk_of_bias(topic: Topic) -> Block:
    """Each tool as it was read, with its weight in every pool; then the facts that answer signalling questions."""
    table = topic.tables.get("risk_of_bias", ())
    if not len(table):
        none = paragraph("Nobody's judgement of risk of bias was read, and none was made here.", "note")
        return join(none, bias_facts(topic))
    blocks = []
    for tool, rows in table.groupby("tool", sort=True):
        judged = rows[rows["judgement"].str.lower() != "not yet assessed"]
        if judged.empty:
            trials = sorted(set(rows["trial"]))
            blocks.append(paragraph(f"{tool}: not yet assessed for {', '.join(trials)}.", "note"))
            continue
        caption = f"Risk of bias, {tool}"
        items = judged[judged.groupby("trial")["domain"].transform("nunique") > 2]
        shown = lights(plots.bias_grid(items, tool=tool), f"{caption}, as judged") if len(items) else None
        every = details(f"{caption}: every judgement and its source", _every(topic, judged, caption))
        of = count(judged["trial"].nunique(), "trial")
        blocks.append(fold(f"{tool}: {of}", shown, weighted(topic, items, tool), every))
    return join(*blocks, bias_facts(topic))


def lights(grid: BiasGrid, caption: str) -> Block:
    """A traffic light as a table: a sign and its word per cell, so that it fits a phone and can be read aloud.

    Parameters
    ----------
    grid : BiasGrid
        From `plots.bias_grid`.
    caption : str
    """
    heads = grid.letters()
    lines = []
    for trial, judged in grid.cells.items():
        lines.append({"Trial": trial} | {head: _light(domain, judged.get(domain)) for domain, head in heads.items()})
    words = [word for judged in grid.cells.values() for word in judged.values()]
    said = meaning(map(step, words), words)
    signs = "; ".join(f"{BIAS[kind][2]} {said[kind]}" for kind in BIAS if kind in said)
    legend = "; ".join(f"{head} {domain}" for domain, head in heads.items() if head not in ("Total", "All"))
    table = table_block(pd.DataFrame(lines), caption, classes="keep lights")
    return join(table, paragraph(f"{legend}. {signs}.", "small"))


def _light(domain, word) -> Html | str:
    if domain.lower() in TOTALS:
        return "" if word is None else str(word)
    kind, said = step(word), str(word or "not yet assessed")
    sign = BIAS[kind][2] if kind in BIAS else str(word)
    return Html(f'<span role="img" aria-label="{cell(said)}" class="light {kind.split()[0]}">{sign}</span>')


def weighted(topic: Topic, judged: Any, tool: str) -> Block | None:
    """For each pool, the share of its weight behind each judgement of one tool, domain by domain.

    Parameters
    ----------
    topic : Topic
    judged : DataFrame
        Rows of `risk_of_bias` of one tool.
    tool : str

    Returns
    -------
    Block or None
        One fold per pool of the summary of which at least half the weight was judged; None where there is no such pool.
    """
    grid, blocks = plots.bias_grid(judged, tool=tool) if len(judged) else None, []
    for found in findings(topic).values() if grid else ():
        weights = trial_weights(found) if found.pooled is not None and found.comparison.get("in_summary", True) else {}
        share = sum(weight for trial, weight in weights.items() if trial in grid.cells)
        if not weights or share < 0.5 * sum(weights.values()):
            continue
        title = found.title
        caption = f"{title}: how much of the pool rests on each judgement ({tool})"
        link = Html(f'<a href="#{figure_id(topic, found.comparison["id"])}">the trials of this comparison</a>')
        weighed = paragraph(Html(f"Weights and judgements are those of {link}."), "small")
        blocks.append(details(caption, join(bars(_shares(grid, weights), caption, HEADS), weighed)))
    return join(*blocks) if blocks else None


def _shares(grid, weights) -> list:
    """Return per domain the share of the weight behind each judgement."""
    total, lines = sum(weights.values()), []
    for domain in (name for name in grid.domains if name.lower() not in TOTALS):
        parts = {kind: sum(w for t, w in weights.items() if grid.step(t, domain) == kind) / total for kind in BIAS}
        parts = {kind: part for kind, part in parts.items() if part > 0}
        said = ", ".join(f"{BIAS[kind][2]} {kind} {part:.0%}" for kind, part in parts.items())
        lines.append((domain.replace("_", " "), [(kind, part, BIAS[kind][0]) for kind, part in parts.items()], said))
    return lines


def _every(topic, judged, caption) -> Block:
    """Return one row per trial and source: its judgements, who made them and where they were read."""
    sources = topic.sources.set_index("source_id")
    lines = []
    places = ["trial", "judged_by", "source_id", "locator", "read"]
    for (trial, judge, source, locator, read), mine in judged.groupby(places, sort=False, dropna=False):
        words = mine.groupby(mine["judgement"], sort=True)["domain"].agg(", ".join).str.replace("_", " ")
        said = "; ".join(f"{word}: {domains}" for word, domains in words.items())
        place = Html(f"{cite(sources, source)}, {cell(locator)}")
        lines.append(
            {"Trial": trial, "Judgements": said, "Judged by": judge, "Source": place, "Read": READ.get(read, read)}
        )
    return table_block(pd.DataFrame(lines), f"{caption}, every judgement")


def bias_facts(topic: Topic) -> Block | None:
    """What sources say that answers a signalling question of RoB 2, by domain and question: facts, never judgements."""
    table = topic.text["rob2_facts"]
    if table.empty:
        return None
    sources, blocks = topic.sources.set_index("source_id"), []
    order = {domain: i for i, domain in enumerate(_DOMAINS)}
    for domain, rows in sorted(table.groupby("domain"), key=lambda group: order[group[0]]):
        lines = [{
            "Question": r.question, "Trial": r.trial, "What the source says": r.fact,
            "Source": place(sources, r), "Read": READ.get(r.read, r.read),
            "Notes": r.notes,
        } for r in rows.sort_values(["question", "trial"], kind="stable").itertuples()]  # fmt: skip
        caption = f"{domain.capitalize()}: {count(len(rows), 'fact')} on {count(rows['trial'].nunique(), 'trial')}"
        blocks.append(fold(caption, table_block(pd.DataFrame(lines), caption)))
    head = (
        "Facts for the signalling questions of RoB 2, as sources state them. They are not judgements: nobody has yet "
    )
    return join(paragraph(head + "judged a result of this page with that tool unless it is said above."), *blocks)


_DOMAINS = (
    "randomization process", "deviations from intended interventions", "missing outcome data",
    "measurement of the outcome", "selection of the reported result",
)  # fmt: skip
