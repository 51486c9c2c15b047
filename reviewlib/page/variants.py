"""Other sets of the same trials, and subgroups, each with both intervals: what of the answer hangs on the choice."""

from __future__ import annotations

import pandas as pd

from ..door import RULE_NAMES
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.finding import finding
from ..meaning.variants import by_subgroup, settings_beyond, variants as every
from ..meaning.words import digits_for, interval, number
from ..measures import find
from .block import Block, bullets, details, paragraph, table_block
from .provenance import rests_on

LIMITS = ("hksj", "wald")
HEADS = ["Trials used", "Trials", "People", "Effect", *(f"{RULE_NAMES[r]} limits" for r in LIMITS), "In a new setting"]


def variants(topic: Topic, comparison_id: str) -> Block:
    """The declared variants of a comparison and its subgroups; the reason where there are none."""
    found = finding(topic, comparison_id)
    title = found.title
    planned, groups = every(topic, comparison_id), by_subgroup(topic, comparison_id)
    blocks = []
    if len(planned) > 1:
        blocks.append(_table(found, planned, f"{title}: other sets of trials"))
        reasons = planned[["analysis", "reason"]].iloc[1:].itertuples(index=False)
        blocks.append(bullets([Html(f"<strong>{cell(name)}:</strong> {cell(reason)}") for name, reason in reasons]))
    if groups is not None:
        table, test = groups
        caption = f"{title}, by {found.comparison['subgroups']}"
        interaction = str(test).rpartition("test of interaction")[2]
        blocks += [_table(found, table, caption), paragraph(f"Test of interaction{interaction}.")]
    blocks += [paragraph(text) for text in _settings(found)]
    if not blocks:
        return paragraph(f"{title}: no other set of trials was planned.", "note")
    label = f"{title}: other sets of trials, other settings"
    return details(label, *blocks, rests_on(topic, comparison_id))


def _settings(found):
    """Yield in how many comparable settings the difference would be important, on either side."""
    shares = settings_beyond(found)
    if shares is None:
        return
    favoured, other, threshold = shares
    digits = found.digits
    unit = "standard deviations" if found.comparison["measure"] == "SMD" else found.unit
    rule = "" if found.size_rule == "between-group" else " (half a standard deviation)"
    yield (
        f"In {_share(favoured)} of comparable settings the true difference is expected to be more than "
        f"{number(threshold, digits)} {unit}{rule} on the side of the mean, and in {_share(other)} as much on the "
        f"other side. This takes the spread between trials as known, which it is not (tau² {found.pooled.tau2:.3g})."
    )


def _share(part) -> str:
    """Return a share of settings in words that never promise all of them, or none."""
    return "fewer than 1%" if part < 0.01 else "more than 99%" if part > 0.99 else f"about {part:.0%}"


def _table(found, table, caption) -> Block:
    limits = [f"{kind}_{end}" for kind in (*LIMITS, "prediction") for end in ("low", "high")]
    table = table.reindex(columns=["analysis", "trials", "people", "measure", "estimate", *limits])
    lines = [_line(found.instrument, row) for row in table.to_dict("records")]
    return table_block(pd.DataFrame(lines, columns=HEADS), caption)


def _line(instrument, row) -> list:
    """Return a line on the scale people read; a lone trial stands by itself, and what is not estimable stays blank."""
    name, digits = row["measure"], digits_for(row["measure"], instrument)
    shown = {key: float(find(name).back(value)) for key, value in row.items() if isinstance(value, float)}
    effect = f"{name} {number(shown['estimate'], digits)}" if row["estimate"] == row["estimate"] else "not pooled"
    limits = [(shown[f"{kind}_low"], shown[f"{kind}_high"]) for kind in (*LIMITS, "prediction")]
    told = [interval(low, high, digits) if low == low else "" for low, high in limits]
    return [row["analysis"], row["trials"], f"{row['people']:,.0f}", effect, *told]
