"""What the smaller pictures say, in words, from the same results; every sentence carries its numbers."""

from __future__ import annotations

from typing import Any

from ..typed import Frame
from .alt import counted, estimate_text, listing
from .bias import TOTALS, bias_grid
from .canvas import entered, frame_of, studies_of
from .colours import CLASSES, SPREAD
from .panel import CAUTION, class_counts
from .treatment import analysis_name, when
from .words import amount, count, is_ratio, missing, name, number, shown


def _plain(value, digits=2):
    return number(value, digits, plain=True)


def alt_funnel(studies: Any, pooled: Any = None, *, measure: str | None = None) -> str:
    """Return alternative text for a funnel plot."""
    frame, pooled = studies_of(studies, pooled)
    measure = measure or getattr(pooled, "measure", None)
    used = frame[frame["estimate"].notna()]
    se = used["variance"] ** 0.5
    log = " of the logarithm" if is_ratio(measure) else ""
    text = f"Funnel plot of {count(len(used), 'study')}, standard errors{log} from "
    text += f"{_plain(se.min())} to {_plain(se.max())}."
    if pooled is not None:
        text += f" Pooled {estimate_text(pooled, measure)}."
    return text + " Asymmetry, if any, has other causes than missing results too."


def alt_leave_one_out(result: Any) -> str:
    """Return alternative text for a forest of reruns."""
    frame = frame_of(result)
    ends = [frame.loc[frame["estimate"].idxmin()], frame.loc[frame["estimate"].idxmax()]]
    said = [f"{_plain(shown(row['estimate'], result.measure))} ({row['label']})" for row in ends]
    what = "Leaving out one study at a time" if result.kind == "leave-one-out" else "Adding studies one at a time"
    runs = f"{what}, the {name(result.measure or 'GEN')} ranges from {said[0]} to {said[1]}."
    if said[0].partition(" ")[0] == said[1].partition(" ")[0]:
        runs = f"{what}, the {name(result.measure or 'GEN')} stays at {said[0].partition(' ')[0]}."
    return f"{runs} All studies: {estimate_text(result)}."


def alt_baujat(result: Any) -> str:
    """Return alternative text for a Baujat plot."""
    frame = frame_of(result)
    top = [str(frame.loc[frame[c].idxmax(), "label"]) for c in ("heterogeneity", "influence")]
    moves = "and moves the pooled effect most" if top[0] == top[1] else f"{top[1]} moves the pooled effect most"
    adds = f"{top[0]} adds most to heterogeneity ({_plain(frame['heterogeneity'].max())})"
    joint = " " if top[0] == top[1] else "; "
    return f"Baujat plot of {count(len(frame), 'study')}. {adds}{joint}{moves}."


def alt_influence(result: Any) -> str:
    """Return alternative text for the influence panel."""
    return f"Deletion diagnostics, a row per study and a column per statistic. {result}."


def alt_gosh(result: Any, *, measure: str | None = None) -> str:
    """Return alternative text for a GOSH plot."""
    return f"Pooled effect of every subset against its I2, as a density: {result}."


def alt_bubble(result: Any, x: str) -> str:
    """Return alternative text for a meta-regression picture."""
    return f"Meta-regression of the effect on {x.replace('_', ' ')}, circles by weight. {result}."


def alt_risk_of_bias(table: Frame, *, trial: str = "trial", tool: str | None = None) -> str:
    """Return alternative text for a traffic-light grid: the overall judgement or the total of each trial."""
    grid = bias_grid(table, trial=trial, tool=tool)
    heads = grid.letters()
    last = next((d for d in grid.domains if heads[d] in ("All", "Total")), None)
    start = f"Risk of bias of {count(len(grid.cells), 'trial')}{f' by {grid.tool}' if grid.tool else ''}"
    if last is None:
        items = [f"{t} " + counted(_tally(grid, t)) for t in grid.cells]
    else:
        word = "total " if last.lower() in TOTALS else "overall "
        items = [f"{t} {word}{'not read' if missing(c.get(last)) else c[last]}" for t, c in grid.cells.items()]
    return listing(start, items, most=20)


def _tally(grid, trial) -> dict:
    steps = [grid.step(trial, d) for d in grid.domains]
    return {step: steps.count(step) for step in dict.fromkeys(steps)}


def alt_appropriateness(counts: Any, *, label: str | None = None, example: bool = False) -> str:
    """Return alternative text for stacked bars of a panel's classes."""
    frame = class_counts(counts)
    names = frame[label] if label else frame["label"] if "label" in frame.columns else frame.index
    words = (*reversed(CLASSES), *SPREAD)
    items = [
        f"{n}: " + counted({w: int(row[w]) for w in words if w in row and not missing(row[w])})
        for n, row in zip(names, frame.to_dict("records"), strict=True)
    ]
    start = "Invented example, scenarios by class" if example else "Scenarios by class"
    return f"{listing(start, items)} {CAUTION}"


def alt_crossover(shares: Any, effects: Any, *, unit: str = "points") -> str:
    """Return alternative text for the crossover picture: shares first, then effects by analysis."""
    got = [
        f"{row['arm']} at {when(float(row['timepoint_weeks']))} {float(row['percent']):g}%"
        for row in shares.to_dict("records")
        if not missing(row["percent"])
    ]
    found = [
        f"{analysis_name(row['analysis_set'])} at {when(float(row['timepoint_weeks']))} "
        f"{_plain(row['estimate'], 1)} {unit}"
        + ("" if missing(row["ci_low"]) else f" ({_plain(row['ci_low'], 1)} to {_plain(row['ci_high'], 1)})")
        for row in effects.to_dict("records")
        if not missing(row["estimate"])
    ]
    return f"{listing('Received the other treatment', got)} {listing('Effects', found)}"


def alt_effect_over_time(
    studies: Any, *, time: str = "timepoint_weeks", series: str = "trial", measure: str | None = None, unit: str = ""
) -> str:
    """Return alternative text for effects over time."""
    items = []
    for row in entered(studies).to_dict("records"):
        value = row["estimate"]
        said = "not computable" if missing(value) else _plain(shown(value, measure)) + (f" {unit}" if unit else "")
        if not missing(value) and not missing(row.get("ci_low")):
            said += f" ({' to '.join(_plain(shown(row[end], measure)) for end in ('ci_low', 'ci_high'))})"
        at = amount(row[time], "weeks" if time == "timepoint_weeks" else time)
        items.append(f"{row[series]} at {at} {said}")
    return listing(f"{name(measure or 'GEN')} over time", items, most=16)


def alt_icon_array(
    risk: float, *, ci: Any = None, of: int = 100, label: str = "", event: str = "with the event"
) -> str:
    """Return alternative text for an icon array."""
    reach = "" if ci is None else f", and from {round(ci[0] * of)} to {round(ci[1] * of)} within the interval"
    who = f"{label}: " if label else ""
    return f"{who}{int(risk * of + 0.5)} of {of} people {event}, shown as filled circles{reach}."


def alt_mid_scale(
    estimate: float, ci: Any, *, scale: tuple[float, float], mid: float | None = None, unit: str = "points"
) -> str:
    """Return alternative text for a difference on its scale."""
    text = f"Difference of {_plain(estimate, 1)} {unit}, interval {_plain(ci[0], 1)} to {_plain(ci[1], 1)}, "
    text += f"on a scale from {scale[0]:g} to {scale[1]:g}."
    return text + ("" if mid is None else f" The smallest difference that matters is {amount(abs(mid), unit)}.")


def alt_prisma_flow(flow: Any) -> str:
    """Return alternative text for the flow of records and studies: the steps; the reasons are in the table under it."""
    items = [
        f"{row['step']} " + (f"{row['unit']}, not counted" if missing(row["n"]) else amount(row["n"], row["unit"]))
        for row in flow.to_dict("records")
    ]
    return listing("Flow of the evidence", items, most=30)


def alt_specification_curve(result: Any, *, measure: str | None = None) -> str:
    """Return alternative text for a specification curve."""
    frame = frame_of(result)
    measure = measure or getattr(result, "measure", None)
    low, high = (_plain(shown(frame["estimate"].agg(f), measure)) for f in ("min", "max"))
    text = f"{count(len(frame), 'analysis')} of the same trials give a {name(measure or 'GEN')} from {low} to {high}."
    if "ci_low" in frame.columns:
        text += f" Their intervals reach from {_plain(shown(frame['ci_low'].min(), measure))}"
        text += f" to {_plain(shown(frame['ci_high'].max(), measure))}."
    return text


alt_multiverse = alt_specification_curve
