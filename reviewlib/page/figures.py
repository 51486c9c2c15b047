"""Pictures of a topic page: the forest as a table to read and as a figure to print, and what is special to a topic."""

from __future__ import annotations

from typing import Any

from .. import plots
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.appropriateness import appropriateness as meaning_appropriateness
from ..meaning.finding import Finding, finding
from ..meaning.panel import DISPERSION, counts, shown_panels
from ..meaning.words import digits_for
from ..typed import Frame
from . import rand
from .analysis import over_time, published_over_time
from .block import Block, details, join, paragraph
from .invented import example_panel
from .provenance import figure_id, row_id
from .treated import crossover_figure as crossover

_LONGEST_ARM = 24  # letters

__all__ = ["appropriateness", "crossover", "example_ratings", "forest", "over_time", "published_over_time"]

_MEANS = ("mean_int", "sd_int", "mean_ctl", "sd_ctl")


def forest(topic: Topic, comparison_id: str) -> Block:
    """The trials of a comparison, the pooled effect where there is one, and why where there is none."""
    found = finding(topic, comparison_id)
    anchor = figure_id(topic, comparison_id)
    if found.studies.empty:
        return Block(Html(f'<p class="note" id="{anchor}">{cell(found.sentence)}</p>'), found.sentence)
    comparison = found.comparison
    caption = comparison.get("title", comparison_id)
    shared = dict(
        measure=comparison["measure"], risk_of_bias=_bias(topic, found), mid=found.threshold,
        digits=digits_for(comparison["measure"], found.instrument), unit=_unit(found),
        reason="" if found.pooled is not None else str(comparison.get("pool_reason") or ""),
        favours=(comparison.get("favours_left") or "", comparison.get("favours_right") or ""),
        limits=("ci_low", "ci_high"), arms=_arms(comparison), notes=_threshold_note(found), **_times(found.studies),
    )  # fmt: skip
    studies = _readable(found.studies).assign(when=[_weeks(w) for w in found.studies["timepoint_weeks"]])
    html = plots.forest_html(studies, found.pooled, caption=caption, links=_links(topic, studies), **shared)
    figure = figure_block(found, studies, shared, caption)
    notes = [paragraph(f"{caution[:1].upper()}{caution[1:]}.", "warning") for caution in found.cautions]
    if found.pooled is not None:
        notes.append(paragraph(found.pooled.methods, "method small"))
    folded = details("The same as a figure, for papers and slides", figure)
    whole = join(Block(Html(html + _again(found, shared)), _text(found), figure.png), *notes, folded)
    return Block(Html(f'<div class="trials" id="{anchor}" tabindex="-1">{whole.html}</div>'), whole.text, whole.png)


def _threshold_note(found) -> tuple[str, ...]:
    """Say whose difference the shaded band is: a person's change, or a difference between groups."""
    if found.threshold is None:
        return ()
    kind = "a change within one person" if found.threshold_kind == "within-person" else "a difference between groups"
    return (f"Minimal important difference: {found.threshold:g} {found.unit}, {kind}.",)


def _readable(studies):
    """Return the studies without arm means that would mislead beside an effect: percentages, and improvements."""
    if "value_kind" not in studies.columns:
        return studies
    other = studies["value_kind"].fillna("").str.startswith("percent")
    other |= studies["instrument_id"].fillna("").str.contains("improvement")
    return studies.assign(**{c: studies[c].mask(other) for c in _MEANS if c in studies.columns})


def appropriateness(topic: Topic) -> Block:
    """The final classes of the panel and how far it agreed, as stacked bars."""
    shown = next((shown for shown in shown_panels(topic) if len(shown.counts)), None)
    if shown is None:
        return paragraph(rand.NO_COUNTS, "note")
    spread = dict(zip(DISPERSION, ("agreement", "indeterminate", "disagreement"), strict=True))
    agreed = counts(topic, shown.panel, categories=DISPERSION).rename(columns=spread).drop(columns="of")
    frame = shown.counts.merge(agreed, on=["procedure", "precondition"], how="left" if agreed.empty else "inner")
    frame["label"] = [f"{r.procedure}: {r.precondition}" for r in frame.itertuples()]
    figure = plots.draw(plots.appropriateness, frame, width="paper", height=4.6)
    head = f"{shown.condition[:1].upper()}{shown.condition[1:]}"
    alt = plots.alt_appropriateness(frame)
    return plots.figure_block(figure, alt=alt, caption=f"{head}: classes and agreement, final ratings")


def example_ratings() -> Block:
    """The invented panel's ratings, one row per scenario."""
    result = meaning_appropriateness(example_panel())
    classes = "; ".join(
        f"{r.scenario}: median {r.median:g}, {getattr(r, 'class_', r[4])}" for r in result.table.itertuples(index=False)
    )
    figure = plots.draw(plots.ratings, result, width="paper", height=3.8, example=True)
    alt = f"Invented example: nine ratings a scenario on the scale of one to nine. {classes}."
    return plots.figure_block(figure, alt=alt, caption="Example: ratings of an invented panel of nine")


def figure_block(found: Finding, studies: Frame, shared: Any, caption: str) -> Any:
    """Return the matplotlib forest plot of a finding, with its words."""
    words = {key: shared[key] for key in ("measure", "digits", "unit", "limits")}
    return plots.figure_block(
        plots.forest_figure(studies, found.pooled, **shared),
        alt=plots.alt_forest(studies, found.pooled, **words),
        caption=caption,
    )


def _again(found, shared) -> str:
    """Return the empty place where a script lets a reader pool other trials, under a pool and nowhere else."""
    if found.pooled is None:
        return ""
    facts = f'data-pool="{cell(found.comparison["measure"])}" data-digits="{shared["digits"]}"'
    ratio = ' data-ratio="yes"' if found.ratio else ""
    return f'<div class="pool-again" {facts}{ratio} data-unit="{cell(shared["unit"])}" hidden></div>'


def _arms(comparison) -> tuple[str, ...]:
    """Return the names of the groups where both are short enough to head a column."""
    say = comparison.get("say") or {}
    names = [str(say.get(arm) or comparison[arm]) for arm in ("intervention", "comparator")]
    if max(map(len, names)) > _LONGEST_ARM:
        return ("Intervention", "Control")
    return tuple(name[0].upper() + name[1:] for name in names)


def _times(studies) -> dict:
    """Return the option that tells rows apart by their time, where trials repeat or were measured at other times."""
    differ = studies["timepoint_weeks"].nunique(dropna=False) > 1
    return {"detail": "when"} if differ or studies["trial"].duplicated().any() else {}


def _weeks(weeks) -> str:
    return "" if weeks is None or weeks != weeks else f"at {weeks:g} weeks"


def _unit(found) -> str:
    return "points" if found.comparison["measure"] == "MD" and found.instrument.get("unit") == "points" else ""


def _links(topic, studies) -> dict:
    """Return result id -> anchor of its row on the page."""
    joined = studies["result_ids"] if "result_ids" in studies.columns else studies["result_id"]
    ids = [part.strip() for cell in joined for part in str(cell).replace(";", ",").split(",")]
    return {i: f"#{row_id(topic, i)}" for i in ids if i}


def _text(found) -> str:
    lines = [str(found.comparison.get("title", found.comparison["id"]))]
    for row in found.studies.itertuples():
        known = row.estimate == row.estimate
        value = f"{row.estimate:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]" if known else row.excluded
        lines.append(f"  {row.trial}: {value}")
    end = found.pooled if found.pooled is not None else f"Not pooled. {found.comparison.get('pool_reason', '')}"
    return "\n".join([*lines, f"  {end}"])


def _bias(topic, found):
    """Return RoB 2 judgements of the trials shown, or None where no one has judged any of them."""
    table = topic.tables.get("risk_of_bias")
    if table is None:
        return None
    mine = table[table["trial"].isin(set(found.studies["trial"])) & table["tool"].str.startswith("RoB 2")]
    return mine if (mine["judgement"].str.lower() != "not yet assessed").any() else None
