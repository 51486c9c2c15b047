"""Risk of bias on a page: judgements as published, their weight in each pool, and facts for whoever judges anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from .. import plots
from ..evidence import Topic
from ..html import Html, cell, missing
from ..meaning.finding import Finding, findings
from ..meaning.signals import trial_weights
from ..meaning.words import count, result_ids
from ..plots.bias import TOTALS, BiasGrid, meaning, spelled, step
from ..plots.bias_marks import bias_heads, bias_marks
from ..plots.colours import BIAS
from .bars import bars
from .block import Block, details, fold, join, paragraph, table_block
from .provenance import READ, cite, figure_id, place

# Tools whose judgements stand beside the trials of a forest, the first that somebody used before the others.
COLUMNS = ("RoB 2", "ROBINS-I", "Cochrane risk of bias")
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
        shown = lights(topic, items, tool, f"{caption}, as judged") if len(items) else None
        # Judged twice, one sign cannot say both.
        twice = judged.duplicated(["trial", "domain"], keep=False).groupby(judged["trial"]).transform("any")
        rest = judged[~judged.index.isin(items.index) | twice]
        every = details(f"{caption}: each judgement in words", _every(topic, rest, caption)) if len(rest) else None
        of = count(judged["trial"].nunique(), "trial")
        blocks.append(fold(f"{tool}: {of}", shown, weighted(topic, items, tool), every))
    return join(*blocks, bias_facts(topic))


def columns_of_bias(topic: Topic, found: Finding) -> BiasGrid | None:
    """Return the judgements that stand beside the trials of a finding, named by tool and judge; None without any.

    Parameters
    ----------
    topic : Topic
    found : Finding

    Returns
    -------
    BiasGrid or None
        Of the first tool of `COLUMNS` that was used on at least half of the trials, by those who judged most of them.
        Judgements of two tools, or of two judges, never share a column.
    """
    table, trials = topic.tables.get("risk_of_bias"), set(found.studies["trial"])
    if table is None or not len(table):
        return None
    mine = table[table["trial"].isin(trials) & (table["judgement"].str.lower() != "not yet assessed")]
    known = set(result_ids(found.studies))
    mine = mine[mine["result_id"].isin(known) | mine["result_id"].isna() | (mine["result_id"] == "")]
    if mine.empty:
        return None
    judged = mine.groupby(["tool", "judged_by"], dropna=False)["trial"].nunique()
    for family in COLUMNS:
        used = judged[[tool.startswith(family) for tool, _ in judged.index]]
        if len(used) and used.max() >= len(trials) / 2:
            tool, judge = used.idxmax()
            rows = mine[(mine["tool"] == tool) & ((mine["judged_by"] == judge) | missing(judge))]
            by = "" if missing(judge) else f"; judged by {judge}"
            return replace(plots.bias_grid(rows, tool=tool), tool=f"{tool}{by}")
    return None


def lights(topic: Topic, judged: Any, tool: str, caption: str) -> Block:
    """A traffic light as a table: a sign per domain, its word to hear, and where each trial's judgements were read.

    Parameters
    ----------
    topic : Topic
    judged : DataFrame
        Rows of `risk_of_bias` of one tool.
    tool : str
    caption : str
    """
    grid = plots.bias_grid(judged, tool=tool)
    sources = topic.sources.set_index("source_id")
    lines = [{"Trial": "Domain", "Judgements": bias_heads(grid)}]
    for trial, rows in judged.groupby("trial", sort=False):
        cells = {name: "; ".join(READ.get(v, v) for v in rows[key].dropna().unique()) for name, key in _WHO.items()}
        read = "; ".join(dict.fromkeys(place(sources, row) for row in rows.itertuples()))
        lines.append({"Trial": trial, "Judgements": bias_marks(grid, trial), "Source": Html(read), **cells})
    table = pd.DataFrame(lines).fillna("")
    same = [name for name in _WHO if table[name][1:].nunique() == 1]
    said = "; ".join(f"{name}: {table[name][1]}" for name in same if table[name][1])
    made = table_block(table.drop(columns=same), caption, classes="lights")
    return join(made, paragraph(" ".join(filter(None, (_legend(grid), said and f"{said}."))), "small"))


_WHO = {"Judged by": "judged_by", "Read": "read"}


def _legend(grid) -> str:
    """Return what each letter and each sign of a grid means."""
    words = [word for judged in grid.cells.values() for word in judged.values()]
    said = meaning(map(step, words), words)
    signs = "; ".join(f"{BIAS[kind][2]} {said[kind]}" for kind in BIAS if kind in said)
    letters = "; ".join(f"{head} {domain}" for domain, head in grid.letters().items() if head not in ("Total", "All"))
    return f"{letters}. {signs}."


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
        lines.append((spelled(domain), [(kind, part, BIAS[kind][0]) for kind, part in parts.items()], said))
    return lines


def _every(topic, judged, caption) -> Block:
    """Return one row per trial and source: its judgements, who made them and where they were read."""
    sources = topic.sources.set_index("source_id")
    lines = []
    places = ["trial", "judged_by", "source_id", "locator", "read"]
    for (trial, judge, source, locator, read), mine in judged.groupby(places, sort=False, dropna=False):
        words = mine["domain"].map(spelled).groupby(mine["judgement"], sort=True).agg(", ".join)
        said = "; ".join(f"{domains}: {word}" for word, domains in words.items())
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
        lines = [
            {
                "Question": r.question,
                "Trial": r.trial,
                "What the source says": r.fact,
                "Source": place(sources, r),
                "Read": READ.get(r.read, r.read),
                "Notes": r.notes,
            }
            for r in rows.sort_values(["question", "trial"], kind="stable").itertuples()
        ]
        caption = f"{domain.capitalize()}: {count(len(rows), 'fact')} on {count(rows['trial'].nunique(), 'trial')}"
        blocks.append(fold(caption, table_block(pd.DataFrame(lines), caption)))
    head = (
        "Facts for the signalling questions of RoB 2, as sources state them. They are not judgements: nobody has yet "
    )
    return join(paragraph(head + "judged a result of this page with that tool unless it is said above."), *blocks)


_DOMAINS = (
    "randomization process",
    "deviations from intended interventions",
    "missing outcome data",
    "measurement of the outcome",
    "selection of the reported result",
)
