"""How patients were treated in fact: who did not get what they were assigned, and what each analysis makes of it."""

from __future__ import annotations

import warnings

import pandas as pd

from ..convert import se_from_ci
from ..errors import MethodWarning
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.words import amount, interval, number, unit_of
from ..plots.colours import CONTROL, INTERVENTION
from ..plots.treatment import analysis_name
from ..synthesis import cace
from .bars import bars
from .block import Block, bullets, fold, join, paragraph, table_block
from .provenance import place, row_anchor, row_link

RANDOMIZED = ("itt", "as-randomised")


def crossover(topic: Topic) -> Block:
    """Who did not get, or did not keep to, what they were assigned."""
    sources = topic.sources.set_index("source_id")
    lines = [
        {
            "Study": row_anchor(topic, r.crossover_id, r.trial),
            "Group": r.arm,
            "Design": "randomized" if r.design == "rct" else r.design,
            "Received the other treatment": _share(r),
            "Weeks": r.timepoint_weeks,
            "Source": place(sources, r),
            "Notes": r.notes,
        }
        for r in topic.text["crossover"].itertuples()
    ]
    caption = "How patients were treated in fact, study by study"
    return fold(caption, table_block(pd.DataFrame(lines), caption))


def _share(row) -> str:
    if row.percent:
        kind = " (100 minus the printed share)" if row.percent_kind == "complement" else ""
        return f"{row.percent}%{kind}"
    if getattr(row, "n_not_started", "") and not row.n_crossed:
        return f"{row.n_not_started} of {row.n_arm or 'a number not read'} never began: not the other treatment"
    return f"{row.n_crossed} of {row.n_arm}" if row.n_crossed and row.n_arm else "share not read"


def _paired(topic):
    """Return (entry of topic.yml, its effects by analysis, its shares by arm) of each trial with paired analyses."""
    for entry in topic.info.get("paired_analyses") or ():
        sides = {share["row"]: share for share in entry["crossover"]}
        shares = topic.tables["crossover"][topic.tables["crossover"]["crossover_id"].isin(sides)]
        shares = shares.assign(
            arm=[sides[row]["say"] for row in shares["crossover_id"]],
            side=[sides[row]["side"] for row in shares["crossover_id"]],
        )
        yield entry, topic.tables["results"][topic.tables["results"]["result_id"].isin(entry["results"])], shares


def crossover_figure(topic: Topic) -> Block:
    """Why intention to treat and as treated disagree: shares who had the other treatment, effects beside them."""
    blocks = [_crossover_figure(topic, *parts) for parts in _paired(topic)]
    return join(*blocks) if blocks else paragraph("No trial is shown by more than one analysis.", "note")


def _crossover_figure(topic, entry, effects, shares) -> Block:
    lines = []
    for row in shares[shares["percent"].notna()].sort_values(["timepoint_weeks", "side"]).itertuples():
        kept, other = 1 - row.percent / 100, row.percent / 100
        words = f"{kept:.0%} as assigned, {other:.0%} the other treatment"
        parts = (("as assigned", kept, INTERVENTION), ("the other treatment", other, CONTROL))
        lines.append((f"{row.arm}, {amount(row.timepoint_weeks, 'weeks')}", parts, words))
    drawn = bars(lines, f"{entry['label']}: assigned and received", ("Assigned to", "Received", "In words"))
    found = "; ".join(
        f"{analysis_name(r.analysis_set)} {r.estimate:g} ({r.ci_low:g} to {r.ci_high:g}) at "
        f"{amount(r.timepoint_weeks, 'weeks')}"
        for r in effects.itertuples()
    )
    said = paragraph(
        f"The effect by each analysis, in {entry['unit']}: {found}. Where the times differ, so may the effects; as "
        "treated joins people who were randomized with people who chose."
    )
    rows = ", ".join(row_link(topic, name, name) for name in effects["result_id"])
    return join(drawn, said, paragraph(Html(f"Rows behind these numbers: {rows}."), "where"))


def complier(topic: Topic) -> Block:
    """The arithmetic of dilution, and why it is not trusted here."""
    blocks = [_complier(topic, *parts) for parts in _paired(topic)]
    return join(*blocks) if blocks else paragraph("No trial is shown by more than one analysis.", "note")


def _complier(topic, entry, effects, shares) -> Block:
    label, treatment = entry["label"], entry["treatment"]
    itt = effects[effects["analysis_set"].isin(RANDOMIZED)]
    got = None if itt.empty else _received(shares, itt.iloc[0]["timepoint_weeks"])
    if got is None:
        return paragraph(f"In {label} it is not known how far the arms differed when the effect was measured.", "note")
    itt = itt.iloc[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MethodWarning)
        result = cace(itt["estimate"], se_from_ci(itt["ci_low"], itt["ci_high"]), got["int"], got["ctl"])
    scales = topic.instruments.set_index("instrument_id")
    unit = unit_of(scales.loc[itt["instrument_id"]] if itt["instrument_id"] in scales.index else None)
    said = (
        f"In {label} the arms differed in {treatment} by only {got['int'] - got['ctl']:.0%} of people. If {treatment} "
        f"alone made the difference of {itt['estimate']:g} {unit} between the assigned groups, dividing by that share "
        f"would give {number(result.estimate, 1)} {unit} ({interval(*result.ci, 1)}): arithmetic that shows how "
        f"little can be known here, not the effect of {treatment}. From row "
    )
    row = row_link(topic, itt["result_id"], itt["result_id"])
    conditions = [str(w.message) for w in caught]
    return join(paragraph(Html(f"{cell(said)}{row}."), "note"), bullets([*conditions, *result.assumptions]))


def _received(shares, weeks) -> dict | None:
    """Return the fraction of each arm that had the intervention at a time, None where an arm's share was not read."""
    crossed = shares[shares["timepoint_weeks"] == weeks].set_index("side")["percent"] / 100
    if not crossed.index.is_unique or not {"int", "ctl"} <= set(crossed.dropna().index):
        return None
    return {"int": 1 - crossed["int"], "ctl": crossed["ctl"]}
