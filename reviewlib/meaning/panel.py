"""What expert panels judged, in one sentence: from the counts of their final ratings, or from their sources' words.

`headline` in topic.yml names the panels and the round of rating; `ratings.csv` holds the counts, and a row of
`statements.csv` with a `relation` what a source says in words. No conclusion is typed: a changed cell changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..evidence import Topic
from ..html import missing
from ..typed import Frame

CLASSES = ("appropriate", "equivocal", "inappropriate")
_ALSO = {"uncertain": "equivocal"}  # as older panels call the class between the two others
# The categories of ratings.csv for how far a panel agreed, each with the one word that pages and figures use for it.
DISPERSION = {
    "panel dispersion: agreement": "agreement",
    "panel dispersion: uncertain (neither agreement nor disagreement)": "neither",
    "panel dispersion: disagreement": "disagreement",
}
SURE = "a panel's judgement, not rated"
_NOT_NAMED = "Panel ratings are in the tables, but topic.yml names no panel under headline, so none is summed up here."
_ENDS = ("appropriate", "inappropriate")


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel that the answer names: its row of panels.csv, its entry in topic.yml, and its counts by class."""

    panel: str
    condition: str
    year: str
    entry: dict
    counts: Frame

    @property
    def totals(self) -> Frame:
        """Return the counts of all conditions of prior care together, per procedure, fewest inappropriate first.

        The conditions are ratings of the same scenarios; their sum is ours and not printed.
        """
        return self.counts.groupby("procedure")[[*CLASSES, "of"]].sum().sort_values("inappropriate", kind="stable")


def shown_panels(topic: Topic) -> list[Shown]:
    """Return the panels that `headline` in topic.yml names, in its order."""
    headline, rows = topic.info.get("headline") or {}, topic.tables["panels"].set_index("panel_id")
    return [
        Shown(name, _text(rows.at[name, "condition"]), _text(rows.at[name, "year"]), entry, counts(topic, name))
        for entry in headline.get("panels") or ()
        if (name := entry["panel"]) in rows.index
    ]


def _text(value) -> str:
    return "" if missing(value) else f"{value:g}" if isinstance(value, float) else str(value)


def counts(topic: Topic, panel: str, *, round: str | None = None, categories: Sequence[str] = CLASSES) -> Frame:
    """Counts of scenarios of one panel, as printed.

    Parameters
    ----------
    topic : Topic
    panel : str
    round : str, optional
        Round of rating; that of `headline` in topic.yml by default.
    categories : sequence of str
        Categories of ratings.csv that share a total.

    Returns
    -------
    DataFrame
        One row per procedure and condition of prior care, one column per category, and `of`, the total; only rows
        whose categories all have a count.
    """
    table, names = topic.tables["ratings"], ["procedure", "precondition"]
    table = table.assign(category=table["category"].replace(_ALSO))
    round = round or (topic.info.get("headline") or {}).get("round")
    mine = table[(table["panel"] == panel) & (table["status"] != "derived") & table["category"].isin(categories)]
    mine = mine[(mine["round"] == round) if round else mine["round"].notna()]
    mine = mine[mine["n"].notna() & mine["n_total"].notna()].fillna({name: "" for name in names})
    if mine.empty:
        return pd.DataFrame(columns=[*names, *categories, "of"])
    wide = mine.pivot(index=names, columns="category", values="n").reindex(columns=list(categories))
    wide["of"] = mine.groupby(names)["n_total"].first()
    return wide.dropna().astype(int).rename_axis(columns=None).reset_index()


def panel_sentence(topic: Topic) -> str:
    """Sentence about the panels of a topic: which of the two outer classes holds more scenarios.

    Returns
    -------
    str
        One clause per panel, or why there is none. Procedures that a panel judged alike share a clause; where the
        conditions of prior care point different ways, each is named. A panel without counts is summed up by the
        `relation` of its statements.
    """
    panels = shown_panels(topic)
    if not panels:
        return _NOT_NAMED
    said, year = [], None
    for shown in panels:
        who = "" if said and shown.year == year else f" the {shown.year} panel judged".replace("  ", " ")
        what = _judged(topic, shown, "scenarios " if who else "")
        said.append(f"for {shown.condition}{who} {what}" if what else f"for {shown.condition} no class was read")
        year = shown.year
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def _judged(topic, shown, noun) -> str:
    if not len(shown.counts):
        sign = next((sign for _, sign in relations(topic, shown.panel)), None)
        return "" if sign is None else _more(sign, noun)
    groups = {}
    for procedure in shown.totals.index:
        rows = shown.counts[shown.counts["procedure"] == procedure]
        signs = {row.precondition: _sign(row.appropriate, row.inappropriate) for row in rows.itertuples()}
        same = len(set(signs.values())) == 1
        groups.setdefault((next(iter(signs.values())),) if same else tuple(signs.items()), []).append(procedure)
    nouns = [noun, *[""] * (len(groups) - 1)]
    return ", and ".join(_group(shown, *group, word) for group, word in zip(groups.items(), nouns, strict=True))


def _group(shown, key, procedures, noun) -> str:
    """Return what is said of procedures that were judged alike."""
    if not isinstance(key[0], str):
        parts = [f"{_more(sign, '' if i else noun)} ({said or 'no condition'})" for i, (said, sign) in enumerate(key)]
        return f"{' but '.join(parts)} for {_listed(procedures)}"
    phrase = _more(key[0], noun)
    if len(procedures) != 2:
        return f"{phrase} for {_listed(procedures)}"
    first, second = (shown.totals.loc[name] for name in procedures)
    more = "inappropriate" if key[0] == "<" else "appropriate"
    if key[0] == "=" or first["of"] != second["of"] or first[more] == second[more]:
        return f"{phrase}, for {_listed(procedures)}"
    less, most = procedures if first[more] < second[more] else procedures[::-1]
    return f"{phrase}, for {less} and even more for {most}"


def _sign(appropriate, inappropriate) -> str:
    return ">" if appropriate > inappropriate else "<" if appropriate < inappropriate else "="


def _more(sign, noun) -> str:
    if sign == "=":
        return f"as many {noun}appropriate as inappropriate"
    return f"more {noun}{' than '.join(_ENDS if sign == '>' else _ENDS[::-1])}"


def _listed(names) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def relations(topic: Topic, panel: str) -> list[tuple[str, str]]:
    """Return (statement id, sign) of the statements of a panel that compare its outer classes in words."""
    table = topic.tables["statements"]
    mine = table[(table["panel"] == panel) & table["relation"].notna()]
    return [(row.statement_id, relation_sign(row.relation)) for row in mine.itertuples()]


def relation_sign(relation: str) -> str:
    """Return ">", "<" or "=" of "appropriate > inappropriate" and its like."""
    left, sign, _ = relation.split()
    return sign if sign == "=" or left == "appropriate" else "<"
