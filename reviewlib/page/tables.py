"""The tables of a topic page: trials at a glance, risk of bias, certainty, harms, published pools, what is missing."""

from __future__ import annotations

import pandas as pd

from ..evidence import Topic
from ..html import Html, cell
from ..meaning.certainty import DOWN, UP, certainty
from ..meaning.finding import Finding, finding, findings
from ..meaning.harms import SILENT, harm_reporting
from ..meaning.signals import signals
from ..meaning.words import count, parts, pooled_from
from .block import Block, details, fold, join, paragraph, plain, table_block
from .funnels import funnels
from .provenance import DIRECTIONS, READ, cite, compared, place, rests_on, row_anchor, row_link


def _sources(topic):
    return topic.sources.set_index("source_id")


def trials(topic: Topic) -> Block:
    """One row a trial: who, what against what, how many, and whether its numbers could be used."""
    used = _used(topic)
    lines = []
    sources = _sources(topic)
    for trial, rows in topic.tables["results"].groupby("trial", sort=True):
        first = rows.iloc[0]
        lines.append(
            {
                "Trial": _named(sources, trial, rows),
                "People": first["population"],
                "Compared": "; ".join(_contrasts(rows)),
                "Rows": len(rows),
                "Used for": "; ".join(sorted(used.get(trial, set()))) or "shown only",
            }
        )
    caption = f"{count(len(lines), 'study')} at a glance"
    return fold(caption, table_block(pd.DataFrame(lines), f"{caption}, {topic.info['title']}"))


def _named(sources, trial, rows) -> Html:
    """Return a trial with its publications, each once; a trial called as its only one leads to it."""
    cited = list(dict.fromkeys(cite(sources, source) for source in sorted(set(rows["source_id"]))))
    alone = len(cited) == 1 and plain(cited[0]) == trial
    return cited[0] if alone else Html(f"{cell(trial)} ({', '.join(cited)})")


def _contrasts(rows) -> list[str]:
    return sorted({f"{r.intervention} against {r.comparator}" for r in rows.itertuples()})


def _used(topic) -> dict:
    """Return trial -> titles of the comparisons its rows are main in."""
    titles = {c["id"]: c.get("title", c["id"]) for c in topic.comparisons}
    trial_of = topic.tables["results"].set_index("result_id")["trial"]
    used = {}
    main = topic.tables["synthesis"]
    for row in main[main["use"] == "main"].itertuples():
        used.setdefault(trial_of[row.result_id], set()).add(titles[row.comparison_id])
    return used


def side_by_side(topic: Topic, comparison_id: str) -> Block:
    """How each number of a comparison came about, from the printed row to the one scale and direction of its forest."""
    found = finding(topic, comparison_id)
    title = found.title
    return fold(f"{title}: how each number came about", how_numbers(topic, found))


def how_numbers(topic: Topic, found: Finding) -> Block:
    """The ways from the printed numbers of a finding to its effects, each once, with the trials that went it.

    A trial leads to its row; one of several rows names each of them. Effects stand in the forest.
    """
    ways = {}
    for row in found.studies.itertuples():
        first, *more = parts(getattr(row, "result_ids", None) or getattr(row, "result_id", ""))
        others = [row_link(topic, name, f"row {i}") for i, name in enumerate(more, 2)]
        links = [row_link(topic, first, row.trial), *others]
        known = row.estimate == row.estimate
        way = getattr(row, "route", "") or "as published" if known else str(row.excluded)
        ways.setdefault(way, []).append(" and ".join(links))
    lines = [{"How": way, "Trials": Html("; ".join(trials))} for way, trials in ways.items()]
    return table_block(pd.DataFrame(lines), f"{found.comparison.get('title', found.comparison['id'])}: each number")


def why_pooled(topic: Topic) -> Block:
    """For every comparison: pooled or not, and why; those of the summary first, the others folded."""
    found = findings(topic).values()
    main = [f for f in found if f.comparison.get("in_summary", True)]
    rest = [f for f in found if not f.comparison.get("in_summary", True)]
    caption = f"{count(len(main), 'comparison')} of the summary"
    shown = fold(caption, table_block(_reasons(topic, main), f"Pooled or not, and why: {caption}"))
    if not rest:
        return shown
    caption = f"{count(len(rest), 'other comparison')}, kept for the record"
    return join(shown, fold(caption, table_block(_reasons(topic, rest), caption)))


def _reasons(topic, found):
    return pd.DataFrame(
        [
            {
                "Comparison": compared(topic, f.comparison["id"]),
                "Pooled": f"yes, {count(f.pooled.k, 'trial')}" if f.pooled is not None else "no",
                "Why": f.why,
            }
            for f in found
        ]
    )


def certainty_table(topic: Topic) -> Block:
    """Every rating domain by domain, with its reason; the level is recomputed, never typed."""
    table = topic.tables.get("certainty")
    if table is None or table.empty:
        return paragraph("No certainty rating was read or made.")
    lines = []
    for (comparison, who), rows in table.groupby(["comparison_id", "judged_by"], sort=False):
        rated = certainty(rows)
        lines.append(
            {
                "Comparison": compared(topic, comparison),
                "Rating": f"{rated.symbol} {rated.level}",
                "By": who if rated.status == "published" else f"draft, {who}",
                "Start": rated.start or "not read",
                "Domains": _domains(rated),
            }
        )
    caption = "Certainty, domain by domain"
    return fold(count(len(lines), "rating"), table_block(pd.DataFrame(lines), caption))


def _domains(rated) -> Html:
    if not rated.steps:
        return Html("domains not read")
    parts = [
        f"<li>{cell(d.replace('-', ' '))} {rated.steps[d]:+d}: {cell(rated.reasons.get(d, ''))}</li>"
        for d in (*DOWN, *UP)
        if d in rated.steps
    ]
    return Html(f"<ul>{''.join(parts)}</ul>".replace("+0:", "0:"))


def certainty_signals(topic: Topic, comparison_id: str) -> Block:
    """What the numbers say beside what was judged, without deciding."""
    found = finding(topic, comparison_id)
    title = found.title
    caption = f"{title}: judgement beside the numbers it should rest on"
    return fold(caption, table_block(signals(topic, found), caption), rests_on(topic, comparison_id))


def harms(topic: Topic) -> Block:
    """Adverse events as reported, with denominators where they were read."""
    sources = _sources(topic)
    table = topic.text["adverse_events"]
    quiet = table[table["reporting"].isin(SILENT)]
    lines = []
    for row in table.drop(quiet.index).itertuples():
        line = {"Event": row_anchor(topic, row.event_id, row.event), "Study": row.trial, "Group": row.arm}
        line |= {"Frequency": _frequency(row), "Source": place(sources, row), "Read": READ.get(row.read, row.read)}
        lines.append(line | {"Notes": row.notes})
    said = f"{harm_reporting(topic)}. Harms are not pooled; what is not reported is not known to be absent."
    listed = table_block(pd.DataFrame(lines), "Harms as reported")
    return fold(f"{count(len(lines), 'event')} as reported", paragraph(said), listed, _quiet(topic, quiet, sources))


def _quiet(topic, rows, sources) -> Block | None:
    """The trials without a clear statement on harms, as data."""
    if rows.empty:
        return None
    lines = [
        {
            "Trial": row_anchor(topic, r.event_id, r.trial),
            "What it reports": r.reporting,
            "In words": r.event,
            "Source": place(sources, r),
            "Read": READ.get(r.read, r.read),
        }
        for r in rows.itertuples()
    ]
    caption = f"{count(rows['trial'].nunique(), 'trial')} without a clear statement on harms"
    return details(caption, table_block(pd.DataFrame(lines), caption))


def _frequency(row) -> str:
    if row.n_events and row.n_at_risk:
        return f"{row.n_events} of {row.n_at_risk}" + (f" ({row.percent_low}%)" if row.percent_low else "")
    if row.percent_low in ("0", "0.0") and not row.n_events:
        return "none reported"
    if row.percent_low:
        top = f" to {row.percent_high}" if row.percent_high and row.percent_high != row.percent_low else ""
        return f"{row.percent_low}{top}%"
    return f"{row.n_events} (of how many was not read)" if row.n_events else "no figure"


def published_pools(topic: Topic) -> Block:
    """What systematic reviews pooled, as they printed it; compared with, never mixed into, our own rows."""
    sources = _sources(topic)
    lines = []
    for row in topic.text["pooled_published"].itertuples():
        size = pooled_from(row._asdict()) + (f", {row.n} people" if row.n else "")
        size += f", searched until {row.searched}" if getattr(row, "searched", "") else ""
        value = f"{row.measure} {row.estimate}" + (f" ({row.ci_low} to {row.ci_high})" if row.ci_low else "")
        told = value if row.estimate else DIRECTIONS.get(row.favours, "no figure read")
        line = {"Review": row_anchor(topic, row.pooled_id, cite(sources, row.source_id)), "Comparison": row.comparison}
        line |= {"Outcome": row.outcome, "Time": row.timepoint, "As printed": told, "From": size}
        line |= {"I²": f"{row.i2}%" if row.i2 else "", "Certainty": row.certainty, "Where": row.locator}
        lines.append(line)
    caption = "Pooled results of published reviews, in their own signs"
    return fold(caption, table_block(pd.DataFrame(lines), caption))


def missing(topic: Topic) -> Block:
    """Results known or likely to exist that could not be read, trial by trial."""
    table = topic.text.get("missing_results")
    if table is None or table.empty:
        return join(paragraph("No result is known to be missing; none was looked for in a registry."), funnels(topic))
    sources = _sources(topic)
    shown = table[["trial", "outcome", "what_is_known", "locator"]].copy()
    shown["locator"] = [place(sources, r) for r in table.itertuples()]
    names = {"trial": "Trial", "outcome": "Outcome", "what_is_known": "What is known", "locator": "Where"}
    table = table_block(shown.rename(columns=names), "Results that could not be read")
    return join(funnels(topic), fold(f"{count(len(shown), 'result')} that could not be read", table))


def excluded(topic: Topic) -> Block:
    """What was collected and left out, with the reason."""
    table = topic.text["excluded"]
    shown = table.groupby(["table", "reason"], sort=False)["record"].agg(["size", ", ".join]).reset_index()
    shown.columns = ["Table", "Reason", "Rows", "Which"]
    left = table_block(shown, "Left out, and why", classes="about-us")
    return fold(f"{len(table)} collected records that were left out", left)
