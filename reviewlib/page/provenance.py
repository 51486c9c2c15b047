"""Where every number comes from: rows with source, locator and what was read; decisions; search; versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .. import __version__
from ..evidence import Topic
from ..html import Html, cell, missing
from ..meaning.assumed import assumed_effects
from ..meaning.read_twice import read_twice
from ..meaning.words import count
from ..typed import Frame
from .block import Block, bullets, fold, join, paragraph, table_block
from .core import strict_core

FEW_PLACES = 8  # more of them are a list under a fold, not a line
_OURS = Html('<span data-origin="ours">chosen by us</span>')
READ = {
    "full-text": "full text",
    "abstract": "abstract",
    "table": "one table of the paper",
    "excerpt": "an excerpt",
    "registry": "registry record",
    "secondary": "second-hand, in another publication",
}
DIRECTIONS = {
    "int": "direction only: favours the intervention",
    "ctl": "direction only: favours the comparator",
    "neither": "direction only: no difference stated",
}


def row_id(topic: Topic, record: str) -> str:
    """Return the id of a row's anchor on the page."""
    return f"row-{topic.id}-{record}"


def figure_id(topic: Topic, comparison_id: str) -> str:
    """Return the id of the forest plot of a comparison."""
    return f"trials-{topic.id}-{comparison_id}"


def row_link(topic: Topic, record: str, text: Any) -> Html:
    """Return text as a link to the row it came from."""
    return Html(f'<a href="#{row_id(topic, record)}">{cell(text)}</a>')


def row_anchor(topic: Topic, record: str, text: Any) -> Html:
    """Return text that links to this row lead to."""
    return Html(f'<span id="{row_id(topic, record)}">{cell(text)}</span>')


def cite(sources: Frame, source_id: str) -> Html:
    """Return a short citation that leads to the source list."""
    row = sources.loc[source_id] if source_id in sources.index else None
    label = _label(source_id, row)
    if row is None:  # a list of sources without it has no place to lead to
        return Html(cell(label))
    return Html(f'<a href="#source-{cell(source_id)}">{cell(label)}</a>')


def rests_on(topic: Topic, comparison_id: str, page: str = "") -> Block | None:
    """A line that leads from the numbers of a block to the trials of a comparison, or to their rows.

    Parameters
    ----------
    topic : Topic
    comparison_id : str
    page : str, optional
        Page of the topic, where the block stands on another one.
    """
    if topic.comparison(comparison_id).get("in_summary", True):
        target = f"{page}#{figure_id(topic, comparison_id)}"
        return paragraph(Html(f'<a href="{target}">The trials behind these numbers</a>'), "where page-only")
    ids = topic.rows(comparison_id, use=None)["result_id"]
    links = ", ".join(f'<a href="{page}#{row_id(topic, name)}">{cell(name)}</a>' for name in ids)
    return paragraph(Html(f"Rows behind these numbers: {links}."), "where") if links else None


def compared(topic: Topic, comparison_id: str) -> Html | str:
    """Return the title of a comparison, as a link to its trials or to its first row."""
    comparison = topic.comparison(comparison_id)
    title, ids = comparison.get("title", comparison_id), topic.rows(comparison_id, use=None)["result_id"]
    if comparison.get("in_summary", True):
        return Html(f'<a href="#{figure_id(topic, comparison_id)}">{cell(title)}</a>')
    return row_link(topic, ids.iloc[0], title) if len(ids) else title


def place(sources: Frame, row: Any) -> Html:
    """Return where a row was read: its source and the place in it."""
    return Html(f"{cite(sources, row.source_id)}, {cell(row.locator)}")


def read_in(topic: Topic, rows: Frame) -> Block:
    """A line that says in which source, and where in it, the numbers of a block were read; many places fold."""
    sources, places = topic.sources.set_index("source_id"), {}
    for source, locator in zip(rows["source_id"], rows["locator"], strict=True):
        places.setdefault(source, {})[cell(locator)] = None
    said = [f"{cite(sources, source)}, {'; '.join(where)}" for source, where in places.items()]
    if (spots := sum(len(where) for where in places.values())) > FEW_PLACES:
        return fold(f"Read in {spots} places of {count(len(places), 'source')}", bullets(map(Html, said), "where"))
    return paragraph(Html(f"Read in: {'; '.join(said)}."), "where small")


def _label(source_id, row) -> str:
    """Return first author and year; a work without authors is called by the first words of its title."""
    if row is None:
        return source_id
    year = f" {int(row['year'])}" if not missing(row["year"]) else ""
    if missing(row["authors"]):
        words = str(row["title"]).split()
        return f"\u201c{' '.join(words[:4])} \u2026\u201d{year}" if words[4:] and words[0][0].isalpha() else source_id
    first = re.sub(r" *\(.*?\)| et al\.?(?= |$)", "", str(row["authors"])).split(",")[0]
    return (first.rsplit(" ", 1)[0] if first.rsplit(" ", 1)[-1].isupper() else first) + year


def printed(row: Any) -> str:
    """Return what the source printed, in its own sign and digits."""
    parts = []
    if row.estimate:
        level = row.ci_printed_level or row.ci_level or "95"
        span = f" ({level}% CI {row.ci_low} to {row.ci_high})" if row.ci_low else ""
        span += f", {row.ci_adjusted}: a {row.ci_level}% interval by itself" if row.ci_printed_level else ""
        turned = ", printed as comparator minus intervention" if row.contrast == "ctl-int" else ""
        parts.append(f"{row.measure.replace('-', ' ')} {row.estimate}{span}{turned}")
    if row.mean_int or row.mean_ctl:
        arms = ((row.mean_int, row.sd_int, row.n_int), (row.mean_ctl, row.sd_ctl, row.n_ctl))
        parts.append(" against ".join(_arm(*arm, row.value_kind) for arm in arms))
    if row.events_int or row.events_ctl:
        parts.append(f"{row.events_int} of {row.n_int} against {row.events_ctl} of {row.n_ctl}")
    if row.p_value:
        parts.append("P " + re.sub(r"^(<=?|>=?|)(?=[\d.])", lambda sign: f"{sign[0] or '='} ", row.p_value))
    return "; ".join(parts) or DIRECTIONS.get(row.favours, "no figure read")


def _arm(mean, sd, n, kind) -> str:
    if not mean:
        value = "a value not read"
    elif kind in ("percent", "percent-improvement"):
        value = f"{mean}%" + (" better than before" if kind == "percent-improvement" else "")
    else:
        value = f"a change of {mean}" if kind == "change" else mean
    return value + (f" (SD {sd})" if sd else "") + (f", n {n}" if n else "")


def sources(topic: Topic) -> Block:
    """The publications behind the topic, with what was read of each."""
    used = topic.used_sources()
    return fold(count(len(used), "source"), listed(used))


def listed(sources: Frame, words: Mapping[str, str] | None = None) -> Block:
    """Return publications as a list to which citations lead; `words` is what was read of each, in other words."""
    items = []
    for row in sources.itertuples():
        year = "" if missing(row.year) else f"({int(row.year)})"
        bits = (row.title, year, row.journal) if missing(row.authors) else (row.authors, year, row.title, row.journal)
        said = " ".join(re.sub(r"(?<![.?!])$", ".", str(bit)) for bit in bits if not missing(bit))
        read = f"<em>Read: {cell((words or {}).get(row.read, row.read))}.</em>"
        items.append(Html(f'<span id="source-{cell(row.source_id)}">{cell(said)}</span> {identifiers(row)} {read}'))
    return bullets(items, "sources")


def identifiers(row: Any) -> Html:
    """Return DOI, PMID, PMCID and registry number as links that the reader may follow."""
    made = []
    for value, name, address in (
        (row.doi, "doi", "https://doi.org/{}"),
        (row.pmid, "PMID", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
        (row.pmcid, "", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
        (row.registry_id, "", "https://clinicaltrials.gov/study/{}"),
    ):
        if missing(value):
            continue
        label = f"{name} {value}".strip()
        known = not (address.startswith("https://clinicaltrials") and not str(value).startswith("NCT"))
        made.append(f'<a href="{cell(address.format(value))}">{cell(label)}</a>' if known else cell(label))
    if not made and not missing(row.url):
        made.append(f'<a href="{cell(row.url)}">{cell(row.url)}</a>')
    return Html(", ".join(made))


def decisions(topic: Topic) -> Block:
    """What was decided, when, why, and what a careful reader might have decided instead."""
    table = topic.tables["decisions"][["date", "question", "choice", "reason", "alternative"]]
    made = table_block(table.rename(columns=str.capitalize), "Decisions we made", classes="about-us")
    return join(_plan(topic), fold(count(len(table), "decision"), made))


def _plan(topic) -> Block | None:
    """The plan of the analysis with its day; what became of it later stands among the decisions."""
    plan = topic.plan
    said = [(name, plan.get(name)) for name in ("model", "estimator", "interval", "prediction", "notes")]
    lines = [f"{name.capitalize()}: {words}" for name, words in said if words]
    lines += [f"Modifier: {words}" for words in plan.get("modifiers") or ()]
    return fold(f"The plan of {plan.get('dated')}", bullets(lines)) if lines else None


def assumptions(topic: Topic) -> Block:
    """Numbers that were assumed, with their origin and the range to try."""
    table = topic.tables.get("assumptions")
    if table is None or table.empty:
        return paragraph("No number on this page was assumed.")
    columns = ["quantity", "value", "low", "high", "unit", "used_in", "origin"]
    text, known = topic.text["assumptions"], topic.sources.set_index("source_id")
    shown = text[columns].rename(columns=lambda name: name.replace("_", " ").capitalize())
    shown["Quantity"] = shown["Quantity"].str.replace("-", " ")
    shown["Source"] = [place(known, r) if r.source_id else _OURS for r in text.itertuples()]
    listed = fold(f"{len(shown)} assumed numbers", table_block(shown, "Assumed numbers"))
    return join(listed, _tried(topic))


def _tried(topic) -> Block:
    """What each assumed number does to the results it enters."""
    effects = assumed_effects(topic)
    effects = effects[effects["at_value"] != ""]
    if effects.empty:
        return paragraph("No assumed number enters an effect.", "small")
    effects["quantity"] = effects["quantity"].str.replace("-", " ")
    effects["comparison"] = effects["comparison"].map(lambda name: compared(topic, name))
    names = {
        "quantity": "Quantity",
        "comparison": "Enters",
        "value": "Used",
        "tried": "Tried",
        "at_low": "Result at the lowest",
        "at_value": "Result as used",
        "at_high": "Result at the highest",
    }
    caption = "What the assumed numbers do: results at both ends of each range"
    return fold(caption, table_block(effects[list(names)].rename(columns=names), caption))


def search(topic: Topic) -> Block:
    """What was searched, when, how much was read twice, and which reporting items this summary does not meet."""
    table = topic.text["search"][["date", "where", "query", "records_found", "read_as", "notes"]]
    found = table_block(
        table.rename(columns=lambda name: name.replace("_", " ").capitalize()), "What was searched", classes="about-us"
    )
    missing = topic.info.get("prisma_not_met", [])
    kind = topic.info.get("kind", "structured evidence summary")
    is_no = "" if "systematic review" in kind else ", not a systematic review"
    note = str(topic.info.get("searched_note", "")).split(". ")[0].rstrip(".")
    collected = f" {note}." if note and not topic.info.get("searched") else ""
    return join(
        paragraph(f"This page is a {kind}{is_no}.{collected} {read_twice(topic).sentence}".strip()),
        fold("What was searched", found),
        fold("PRISMA 2020 items that it does not meet", bullets(missing)),
        strict_core(topic),
    )


def versions(read: Any) -> Block:
    """Version and checksum that this page was computed from.

    Parameters
    ----------
    read : Topic or Evidence
        What the page rests on: a topic counts with the shared tables, the evidence with every topic.

    Versions of other packages differ between versions of Python; the foot of the page shows them, so that they cannot
    make a committed output stale.
    """
    lines = [("reviewlib", __version__), ("Evidence tables, SHA-256", read.checksum)]
    caption = "Version and data checksum"
    return fold(caption, table_block(pd.DataFrame(lines, columns=["What", "Version"]), caption))
