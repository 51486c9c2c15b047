"""Pictures of a topic page: the forest as a table to read and as a figure to print, and what is special to a topic."""

from __future__ import annotations

from typing import Any

from .. import plots
from ..evidence import Topic
from ..html import Html, cell
from ..meaning.appropriateness import appropriateness as meaning_appropriateness
from ..meaning.finding import Finding, finding
from ..meaning.panel import DISPERSION, counts, shown_panels
from ..meaning.people import absolute_rows
from ..meaning.sof_rows import people_text
from ..meaning.words import THRESHOLDS, amount, result_ids
from ..plots.colours import CLASSES
from ..viewer import picture as picture_mark
from . import rand
from .again import drawn_again
from .analysis import over_time, published_over_time
from .bars import bars
from .bias import columns_of_bias
from .block import Block, details, fold, join, paragraph
from .invented import example_panel
from .people import people
from .provenance import figure_id, read_in, row_id
from .tables import how_numbers
from .treated import crossover_figure as crossover

_LONGEST_ARM = 24  # letters

__all__ = ["appropriateness", "crossover", "example_ratings", "forest", "over_time", "published_over_time"]

_MEANS = ("mean_int", "sd_int", "mean_ctl", "sd_ctl")


def forest(topic: Topic, comparison_id: str, *, picture: bool = True) -> Block:
    """The trials of a comparison, the pooled effect where there is one, and why where there is none.

    Parameters
    ----------
    topic : Topic
    comparison_id : str
    picture : bool, default True
        Draw a bitmap too, for viewers of notebooks that show no SVG.
    """
    found = finding(topic, comparison_id)
    anchor = figure_id(topic, comparison_id)
    if found.studies.empty:
        return Block(Html(f'<p class="note" id="{anchor}">{cell(found.sentence)}</p>'), found.sentence)
    caption = found.title
    studies, options = drawn(topic, found)
    html = plots.forest_html(studies, found.pooled, caption=caption, links=_links(topic, studies), **options)
    notes = [paragraph(f"{caution[:1].upper()}{caution[1:]}.", "caution") for caution in found.cautions]
    # The files of the figure are drawn and linked when the site is built, see `files_of`.
    files = Block(Html(f'<p class="downloads" data-figure="{cell(topic.id)} {cell(comparison_id)}"></p>'), " ")
    method = paragraph(found.pooled.methods, "method small") if found.pooled is not None else None
    folded = details("Details and files", method, how_numbers(topic, found), files)
    if picture:
        words = {key: options[key] for key in ("measure", "digits", "unit", "limits")}
        beside = {**options, "notes": (), "risk_of_bias": None}  # the table of the same viewer says both
        bitmap = plots.png(plots.forest_figure(studies, found.pooled, **beside), dpi=90, colours=16)
        html += picture_mark(bitmap, plots.alt_forest(studies, found.pooled, **words))
    shown = Block(Html(html), _text(found))
    whole = join(shown, *notes, _people(topic, found), _again(found, options), folded)
    return Block(Html(f'<div class="trials" id="{anchor}" tabindex="-1">{whole.html}</div>'), whole.text)


def drawn(topic: Topic, found: Finding) -> tuple[Any, dict[str, Any]]:
    """Return the studies of a finding as they are drawn, and the options of its forest plot."""
    comparison = found.comparison
    options = dict(
        measure=comparison["measure"],
        risk_of_bias=columns_of_bias(topic, found),
        mid=found.threshold,
        digits=found.digits,
        unit=_unit(found),
        reason="" if found.pooled is not None else found.why,
        favours=(comparison.get("favours_left") or "", comparison.get("favours_right") or ""),
        limits=("ci_low", "ci_high"),
        arms=_arms(comparison),
        notes=(*_heterogeneity(found), *_threshold_note(found)),
        **_times(found.studies),
    )
    when = [_weeks(w) for w in found.studies["timepoint_weeks"]]
    return _readable(found.studies).assign(when=when), options


def to_print(topic: Topic, comparison_id: str) -> tuple[Any, Any, dict[str, Any]]:
    """Return all that the files of a forest plot are made from: its studies, their pool and the options."""
    found = finding(topic, comparison_id)
    studies, options = drawn(topic, found)
    options["notes"] = (*options["notes"], *_method(topic, found))
    options["smallest"] = 7  # points, what journals ask for at least
    return studies, found.pooled, options


def files_of(studies: Any, pooled: Any, options: dict[str, Any]) -> dict[str, bytes]:
    """Return a forest plot as a journal takes it, from what `to_print` returns: ending of the file -> content.

    `column.png` and `page.png` are drawn, not scaled, at one column (89 mm) and at a page's width (178 mm), 300 dots an
    inch; `svg` is the wide form.
    """
    wide, narrow = (plots.forest_figure(studies, pooled, width=w, **options) for w in ("paper", "phone"))
    words = {key: options[key] for key in ("measure", "digits", "unit", "limits")}
    picture = plots.svg(wide, alt=plots.alt_forest(studies, pooled, **words))
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return {
        "svg": f"{head}{picture}\n".encode(),
        "column.png": plots.png(narrow, dpi=300, colours=None),
        "page.png": plots.png(wide, dpi=300, colours=None),
    }


def _people(topic, found) -> Block | None:
    """Return the result in people, with its icon arrays, wherever a baseline has a source."""
    if not absolute_rows(topic, found):
        return None
    return details("In people: of 100 with and without the intervention", people(topic, found.comparison["id"]))


def _heterogeneity(found) -> tuple[str, ...]:
    """Return the line on how far the trials of a pool differ, beyond what chance explains."""
    pooled = found.pooled
    if pooled is None:
        return ()
    p = "P < 0.001" if pooled.q_pvalue < 0.001 else f"P = {pooled.q_pvalue:.2g}"
    scale = " on the log scale" if found.ratio else ""
    return (f"Heterogeneity: tau² {pooled.tau2:.3g}{scale}, I² {pooled.i2:.0%}; Q {pooled.q:.1f}, {p}.",)


def _method(topic, found) -> tuple[str, ...]:
    """Return what a figure that leaves its page has to say: how many trials and people, and how they were pooled."""
    if found.pooled is None:
        return ()
    people = f"{found.people:,} people" if found.people else people_text(topic, found).partition(" (")[0]
    return (f"{found.pooled.k} trials, {people}. {found.pooled.methods}",)


def _threshold_note(found) -> tuple[str, ...]:
    """Say whose difference the shaded band is: a person's change, or a difference between groups."""
    if found.threshold is None:
        return ()
    kind = THRESHOLDS[found.threshold_kind][0]
    return (f"Minimal important difference: {amount(found.threshold, found.unit)}, {kind}.",)


def _readable(studies):
    """Return the studies without arm means that would mislead beside an effect: percentages, and improvements."""
    if "value_kind" not in studies.columns:
        return studies
    other = studies["value_kind"].fillna("").str.startswith("percent")
    other |= studies["instrument_id"].fillna("").str.contains("improvement")
    return studies.assign(**{c: studies[c].mask(other) for c in _MEANS if c in studies.columns})


def appropriateness(topic: Topic) -> Block:
    """The final classes of the panel as bars, and in words with how far it agreed."""
    shown = next((shown for shown in shown_panels(topic) if len(shown.counts)), None)
    if shown is None:
        return paragraph(rand.NO_COUNTS, "note")
    agreed = counts(topic, shown.panel, categories=tuple(DISPERSION)).rename(columns=DISPERSION).drop(columns="of")
    frame = shown.counts.merge(agreed, on=["procedure", "precondition"], how="left" if agreed.empty else "inner")
    lines = []
    for row in frame.to_dict("records"):
        parts = [(name, row[name] / row["of"], colour) for name, colour in CLASSES.items()]
        said = ", ".join(f"{row[name]} {name} ({share:.0%})" for name, share, _ in parts)
        agreed = ", ".join(f"{row[name]:g} {name}" for name in DISPERSION.values() if row.get(name) == row.get(name))
        lines.append((f"{row['procedure']}: {row['precondition']}", parts, f"{said}; {agreed}" if agreed else said))
    head = f"{shown.condition[:1].upper()}{shown.condition[1:]}"
    drawn = bars(lines, f"{head}: classes and agreement, final ratings", ("Scenarios of", "Classes", "In words"))
    text = topic.text["ratings"]
    return join(drawn, read_in(topic, text[text["panel"] == shown.panel]))


@drawn_again
def example_ratings() -> Block:
    """The invented panel's ratings, one row per scenario."""
    result = meaning_appropriateness(example_panel())
    classes = "; ".join(
        f"{r.scenario}: median {r.median:g}, {getattr(r, 'class_', r[4])}" for r in result.table.itertuples(index=False)
    )
    figure, narrow = (
        plots.draw(plots.ratings, result, width=width, height=height, example=True)
        for width, height in (("paper", 3.8), ("phone", 4.4))
    )
    alt = f"Invented example: nine ratings a scenario on the scale of one to nine. {classes}."
    drawn = plots.figure_block(figure, alt=alt, caption="Example: ratings of an invented panel of nine", phone=narrow)
    return fold("The ratings as a picture", drawn)


def _again(found, options) -> Block | None:
    """Return the empty fold where a script lets a reader pool other trials, under a pool and nowhere else."""
    if found.pooled is None:
        return None
    facts = f'data-pool="{cell(found.comparison["measure"])}" data-digits="{options["digits"]}"'
    ratio = ' data-ratio="yes"' if found.ratio else ""
    words = "Pool again without some trials, or by other rules"
    html = f'<details class="pool-again" {facts}{ratio} data-unit="{cell(options["unit"])}" hidden>'
    return Block(Html(f"{html}<summary>{words}</summary></details>"), words)


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
    return "" if weeks is None or weeks != weeks else f"at {amount(weeks, 'weeks')}"


def _unit(found) -> str:
    return "points" if found.comparison["measure"] == "MD" and found.instrument.get("unit") == "points" else ""


def _links(topic, studies) -> dict:
    """Return result id -> anchor of its row on the page."""
    return {name: f"#{row_id(topic, name)}" for name in result_ids(studies)}


def _text(found) -> str:
    lines = [str(found.title)]
    for row in found.studies.itertuples():
        known = row.estimate == row.estimate
        value = f"{row.estimate:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]" if known else row.excluded
        lines.append(f"  {row.trial}: {value}")
    end = found.pooled if found.pooled is not None else f"Not pooled. {found.why}"
    return "\n".join([*lines, f"  {end}"])
