"""Methods and proof: our values beside printed ones, the rules of the house, and a guide for metafor's users."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..evidence import Evidence, Topic
from ..html import Html, cell
from ..plots.colours import INK, POOLED
from .again import drawn_again
from .agreement import agreement
from .block import Block, bullets, details, join, paragraph, section, table_block
from .citations import cited
from .growth import growth
from .methods_rules import RULES, arithmetic_rows, examples, house_rule
from .provenance import READ, cite, listed, rests_on
from .reference import DIGITS, guide_values, printed_values, read_rows

# What each family of the comparison holds.
FAMILIES = {
    "Effect sizes": "Effect sizes and variances, 22 measures, 11 data sets and one made of hard cases",
    "Means from medians": "Means and SDs from medians, quartiles and ranges",
    "Pooling": "Mean, standard error, tau², Q, I², H²: 21 data sets, nine estimators",
    "Intervals": "Wald, Hartung-Knapp and floored intervals, prediction intervals",
    "Q-profile": "Limits of tau², I² and H²",
    "Counts": "Mantel-Haenszel and Peto",
    "Meta-regression": "Coefficients and standard errors, nine estimators",
    "Several levels": "Three-level models, robust standard errors (CR2) with Satterthwaite degrees of freedom",
    "Missing evidence": "Egger, Begg, PET-PEESE, trim and fill",
    "Selection model": "Three-parameter selection model",
}

__all__ = [
    "answer",
    "arithmetic",
    "examples",
    "growth",
    "guide",
    "house_rule",
    "not_as_printed",
    "panels",
    "papers",
    "printed",
    "reference",
]


def answer(evidence: Evidence) -> Block:
    """What this page shows, in three sentences with their numbers."""
    values, full = printed_values(), agreement()
    same, sets = int(values["agrees"].sum()), values["data"].nunique()
    said = (
        f"{same} of {len(values)} printed values from {sets} public data sets follow to the last printed digit.",
        f"The other {len(values) - same} are listed below with the reason; metafor gives our value for each of them.",
        f"Of {full['values'].sum():,} values compared with metafor and its companions at full precision, "
        f"every one shares at least {full['least'].min()} significant digits.",
    )
    return section(bullets(said), classes="answer", label="What this page shows")


def printed(evidence: Evidence) -> Block:
    """One row a data set: how many printed values there are, and how many of them we reproduce."""
    values, sets = printed_values(), read_rows("data_sets").set_index("data")
    sources = evidence.sources.set_index("source_id")
    lines = []
    for data, about in sets.iterrows():
        rows = values[values["data"] == data]
        places = dict.fromkeys(rows["source_id"])
        lines.append(
            {
                "Data set": about["what"],
                "Data from": _data_from(about),
                "Printed in": _inline("; ".join(cite(sources, s) for s in places)),
                "What is compared": ", ".join(dict.fromkeys(rows["family"].str.lower())),
                "Same to the last digit": f"{int(rows['agrees'].sum())} of {len(rows)}",
                "Digits shared with metafor": _digits(rows["digits"].min()),
            }
        )
    notes = paragraph(
        "A value counts as the same when ours, rounded to the digits that were printed, is the printed one. Most "
        "articles were not at hand: their values are taken from the comparison that the metafor project publishes, "
        "which names page and table and marks where its output differs from the print. Values under "
        "Viechtbauer 2010 are what that project itself publishes. Each row says what was read; the calls stand in "
        "reviewlib/page/golden/printed.csv."
    )
    table = table_block(pd.DataFrame(lines), "Printed values and ours, by data set")
    every = table_block(_shown(values, sources), "Every printed value beside ours", classes="rows")
    return join(table, notes, details(f"All {len(values)} printed values", every))


def _data_from(about) -> Html:
    text = cell(about["citation"])
    return Html(f'<a href="https://doi.org/{cell(about["doi"])}">{text}</a>' if about["doi"] else text)


def _inline(html) -> Html:
    """Return HTML that a card on a phone keeps in one cell."""
    return Html(f"<span>{html}</span>")


def _digits(least) -> str:
    return f"{DIGITS} or more" if least >= DIGITS else f"at least {least}"


def not_as_printed(evidence: Evidence) -> Block:
    """The printed values that we do not reproduce, each with its reason."""
    values = printed_values()
    sets = read_rows("data_sets").set_index("data")
    shown = _shown(values[~values["agrees"]], evidence.sources.set_index("source_id"), sets["what"])
    shown = shown.drop(columns=["Digits shared with metafor", "Read"])
    return table_block(shown.assign(Why=values.loc[~values["agrees"], "differs"]), "Where ours differs from the print")


def _shown(values, sources, names=None):
    """Return printed values as a reader sees them; `names` says what the data sets are."""
    lines = []
    for row in values.itertuples():
        places = len(row.printed.partition(".")[2])
        lines.append(
            {
                "Data": row.data if names is None else names[row.data],
                "What": row.what,
                "Printed": row.printed,
                "Ours": f"{row.ours:.{places + 2}f}",
                "Units of the last digit": f"{round(row.units, 1) + 0.0:+.1f}",
                "Digits shared with metafor": _digits(row.digits),
                "Where": _inline(f"{cite(sources, row.source_id)}, {cell(row.locator)}"),
                "Read": "second-hand" if row.read == "secondary" else READ.get(row.read, row.read),
            }
        )
    return pd.DataFrame(lines, index=values.index)


@drawn_again
def reference(evidence: Evidence) -> Block:
    """Values compared with the reference implementation at full precision, by how many digits are shared."""
    full = agreement()
    lines = [(FAMILIES[row.family], f"{row.values:,}", f"{_digits(row.least)} digits") for row in full.itertuples()]
    table = pd.DataFrame(lines, columns=["Family", "Values", "Every value shares"])
    note = paragraph(
        "Reference implementation, not print: metafor with its tolerances set as tight as they go, clubSandwich for "
        "robust errors, and scripts of our own where neither has the method. Where fewer than eleven digits agree, "
        "the other program's iteration stops there. Versions and scripts are in tests/golden/README.md."
    )
    return join(_figure(full), table_block(table, "Values compared at full precision", classes="keep"), note)


def _figure(full) -> Block:
    """Draw, for every family, the share of values at each number of shared digits."""
    from .. import plots

    figure, phone = (plots.draw(_dots, full, width=width, rows=len(full) + 1) for width in ("paper", "phone"))
    said = (f"{r.family}: {r.values} values, the least agreement {_digits(r.least)} digits" for r in full.itertuples())
    alt = f"Digits shared with the reference. {'; '.join(said)}."
    caption = "Digits shared with the reference implementation. Area of a dot: share of the family's values"
    return plots.figure_block(figure, alt=alt, caption=caption, phone=phone)


def _dots(full, *, ax):
    """One row a family, one dot a number of digits, its area by the share of values; the tests' tolerance as a line."""
    steps = {"11": 11, "10": 10, "9": 9, "8": 8}
    for i, row in enumerate(full[::-1].to_dict("records")):
        for column, place in steps.items():
            if row[column]:
                ax.scatter(place, i, s=30 + 250 * row[column] / row["values"], color=POOLED, zorder=3, linewidth=0)
    ax.axvline(7, color=INK, linewidth=1.2, linestyle="--")
    beside = {"xytext": (4, 0), "textcoords": "offset points", "color": INK}
    ax.annotate("what we promise", (7, len(full) - 0.4), fontsize=9, **beside)
    ax.set_yticks(range(len(full)), [str(name) for name in full["family"][::-1]], fontsize=9)
    ax.set_xticks([7, 8, 9, 10, 11], ["7", "8", "9", "10", "11+"], fontsize=9)
    ax.set_xlim(6.6, 11.5)
    ax.set_ylim(-0.7, len(full) - 0.1)
    ax.set_xlabel("Significant digits shared", fontsize=9)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax


def guide(evidence: Evidence) -> Block:
    """The twenty commonest calls of metafor and ours, side by side, each with a value computed by the call shown."""
    lines = [
        {
            "Task": row.task,
            "In metafor": Html(f"<code>{cell(row.metafor)}</code>"),
            "Here": Html(f"<code>{cell(row.ours)}</code>"),
            "A value from our call": f"{row.value:.4f}, {row.what}",
            "Digits shared with metafor": _digits(row.digits),
        }
        for row in guide_values().itertuples()
    ]
    note = paragraph(
        "The calls run one after the other: bcg holds the counts of the BCG trials, konstantopoulos2011 the schools, "
        "hackshaw1998 the studies of passive smoking. A table here needs the columns estimate and variance where "
        "metafor has yi and vi, and our default is the Hartung-Knapp interval where metafor's is Wald's. Trim and fill "
        "shares fewer digits because metafor refits the filled data at its default tolerance."
    )
    return join(table_block(pd.DataFrame(lines), "Twenty calls of metafor and ours", classes="made-here"), note)


def panels(evidence: Evidence) -> Block:
    """RAND/UCLA examples: what was printed of panels, beside the formula as computed here."""
    from ..meaning.appropriateness import ASYMMETRY_FACTOR, IPR_SYMMETRIC

    rows = read_rows("rand_worked_examples")
    lines, wider = [], 0
    for row in rows[rows["origin"] == "published"].itertuples():
        value = IPR_SYMMETRIC + ASYMMETRY_FACTOR * abs(5 - (float(row.lower) + float(row.upper)) / 2)
        wider += float(row.IPR) > value
        lines.append(
            {
                "Panel": f"{row.panel_size} people, {row.example_id}",
                "Range": row.IPR,
                "IPRAS printed": row.IPRAS,
                "IPRAS here": f"{value:.3f}",
            }
        )
    source = cite(evidence.sources.set_index("source_id"), "basger2012")
    note = paragraph(
        Html(
            f"Printed in {source}. In {wider or 'none'} of them is the range wider than the IPRAS, so no panel "
            "disagreed, as the article says. The ratings were not published; most limits were solved from the printed "
            f"range and IPRAS. Another {int((rows['ratings'] != '').sum())} invented panels are checked rating by "
            f"rating in the tests{_shown_at(evidence)}."
        )
    )
    caption = "Panels as published, and the formula"
    return join(table_block(pd.DataFrame(lines), caption, classes="keep made-here"), note)


def _shown_at(evidence) -> str:
    """Return where this review shows an invented panel under every rule, empty where it has no panels."""
    rated = [topic.id for topic in evidence if len(topic.tables["ratings"])]
    if not rated:
        return ""
    page = f"{evidence.review.page_of(rated[0])}.html"
    return f', and the page on <a href="{page}">panels</a> shows where published rules part ways'


def arithmetic(topic: Topic, comparison_id: str, measure: str, without: Any = ()) -> Block:
    """What rows that lie far from all others do to a pool, on stored rows that are not clinical evidence.

    Parameters
    ----------
    topic : Topic
    comparison_id : str
        Its rows are pooled as they are stored, whatever their use.
    measure : str
    without : sequence of sequence of str
        Trials to leave out, one pool for each.
    """
    warning = paragraph("Arithmetic only, not clinical evidence: these rows are taken as they were stored.", "warning")
    title = topic.comparison(comparison_id).get("title", comparison_id)
    if len(topic.rows(comparison_id, use=None)) < 2:
        return paragraph(f"{title}: fewer than two rows are stored, so nothing is pooled.", "note")
    table = arithmetic_rows(topic, comparison_id, measure, without)
    shown = table_block(table, f"{title}: what a few rows do to a pool (DerSimonian-Laird, Wald)")
    return join(warning, shown, rests_on(topic, comparison_id, page=f"{topic.review.page_of(topic.id)}.html"))


def papers(evidence: Evidence) -> Block:
    """The publications behind the formulas and printed values, with what was read of each."""
    ruled = {source for rule in RULES for source in rule["sources"]}
    wanted = set(cited()) | set(read_rows("printed")["source_id"]) | ruled
    rows = evidence.sources[evidence.sources["source_id"].isin(wanted)].sort_values("source_id")
    return details(f"{len(rows)} publications", listed(rows, READ))
