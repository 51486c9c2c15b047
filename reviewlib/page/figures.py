"""Pictures of a topic page: the forest as a table to read, the same as a figure to print, and what is special to a topic."""

from __future__ import annotations

from .. import plots
from ..meaning.finding import finding
from ..meaning.words import digits_for
from .block import Block, details, join, paragraph
from .provenance import row_id


def forest(topic, comparison_id, *, use="main") -> Block:
    """The trials of a comparison, the pooled effect where there is one, and why where there is none."""
    found = finding(topic, comparison_id)
    if found.studies.empty:
        return paragraph(found.sentence, "note")
    comparison = found.comparison
    bias = _bias(topic, found)
    shared = dict(
        measure=comparison["measure"], risk_of_bias=bias, mid=found.threshold,
        digits=digits_for(comparison["measure"], found.instrument),
        unit="points" if comparison["measure"] == "MD" and found.instrument.get("unit") == "points" else "",
        reason="" if found.pooled is not None else str(comparison.get("pool_reason") or ""),
        favours=(comparison["favours_left"], comparison["favours_right"]),
    )  # fmt: skip
    caption = comparison.get("title", comparison_id)
    html = plots.forest_html(found.studies, found.pooled, caption=caption, links=_links(topic, found.studies), **shared)
    figure = plots.forest_figure(found.studies, found.pooled, **shared)
    picture = plots.figure_block(
        figure, alt=plots.alt_forest(found.studies, found.pooled, measure=comparison["measure"]), caption=caption
    )
    return join(Block(html, _text(found), picture.png), details("The same as a figure, for papers and slides", picture))


def _links(topic, studies) -> dict:
    ids = [
        i.strip()
        for joined in studies.get("result_ids", studies.get("result_id", []))
        for i in str(joined).replace(";", ",").split(",")
    ]
    return {i: f"#{row_id(topic, i)}" for i in ids if i}


def _text(found) -> str:
    lines = [str(found.comparison.get("title", found.comparison["id"]))]
    for row in found.studies.itertuples():
        value = (
            row.excluded
            if row.estimate != row.estimate
            else f"{row.estimate:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]"
        )
        lines.append(f"  {row.trial}: {value}")
    lines.append(
        f"  {found.pooled}" if found.pooled is not None else f"  Not pooled. {found.comparison.get('pool_reason', '')}"
    )
    return "\n".join(lines)


def _bias(topic, found):
    """Return RoB 2 judgements of the trials shown, or None where no one has judged any of them."""
    table = topic.tables.get("risk_of_bias")
    if table is None:
        return None
    mine = table[table["trial"].isin(set(found.studies["trial"])) & table["tool"].str.startswith("RoB 2")]
    return mine if (mine["judgement"].str.lower() != "not yet assessed").any() else None
