"""The sentence of a finding: what its basis, its size and its certainty let a page say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..effects.table import NO_RATIO
from ..measures import is_ratio
from ..typed import Frame
from .few_trials import disputed
from .statement import CONVENTIONAL, statement
from .words import count, inside

if TYPE_CHECKING:
    from .finding import Finding


def sentence(
    *,
    comparison: dict,
    outcome: dict,
    basis: str,
    studies: Frame,
    ci: Any,
    certainty: Any,
    size: str,
    size_rule: str,
    trials: int,
    published: bool,
    **rest: Any,
) -> str:
    """Return the sentence of a finding from its parts, all by keyword."""
    subject, against, what = spoken(comparison, outcome)
    pair = f"{subject} compared with {against}"
    if basis == "no data":
        return f"No trial of {pair} with a usable result for {what} was read."
    if basis == "shown only":
        return f"For {what}, {pair}: what was read is shown with its limits, and no conclusion rests on it."
    if basis == "direction only":
        elsewhere = "; what a published review found is shown separately" if published else ""
        return f"For {what}, {pair}: {_without_figures(studies)}{elsewhere}."
    if basis == "side by side":
        reported = count(trials, "trial reports", "trials report")
        return f"{reported} {what} for {pair}; they are shown one by one and not pooled."
    dispute = disputed(rest["pooled"], _between(rest))
    both = "the two usual intervals disagree on whether there is any effect"
    if certainty is None:
        unsure = f"How sure we can be of the effect of {subject} on {what}, compared with {against}, has not been rated"
        return f"{unsure}; {both}." if 0.0 in dispute else f"{unsure}."
    if 0.0 in dispute and certainty.level != "very low":
        few = f"{count(rest['pooled'].k, 'trial')} are too few to decide"
        return f"For {what}, {pair}: {few}; {both}."
    if certainty.level != "very low" and leaves_open(ci, size, size_rule, rest["sd"]):
        return f"For {what}, {pair}: the interval leaves room for a better and for a worse result."
    verb = direction(rest["estimate"], rest["instrument"], comparison["measure"])
    start = subject[0].upper() + subject[1:]
    said = statement(certainty.level, intervention=start, verb=verb, outcome=what, size=size or "important")
    size_open = "; whether that matters between groups depends on which of two usual intervals is taken"
    end = f"; {both}" if 0.0 in dispute else size_open if dispute else ""
    return f"{said}, compared with {against}{end}."


def _between(parts) -> float | None:
    """Return the threshold where it is one between groups."""
    return parts["threshold"] if parts["threshold_kind"] == "between-group" else None


def leaves_open(ci: Any, size: str, rule: str, sd: float | None) -> bool:
    """Return whether an interval on both sides of no effect lets no direction and no size be said.

    A threshold between groups lets one be said. The convention of standard deviations does only where it finds little
    to no difference and the whole interval lies below what it calls important.
    """
    little = rule == "standardized" and size == "trivial" and max(map(abs, ci)) < CONVENTIONAL[1] * sd
    return ci.low < 0 < ci.high and rule != "between-group" and not little


def _without_figures(studies) -> str:
    """Return why there is no number: it says what the texts that were read lack, never that a trial had no result."""
    trials = studies["trial"].nunique()
    if only_double_zeros(studies):
        return f"{count(trials, 'trial was', 'trials were')} found with {NO_RATIO}, from which no ratio follows"
    read = set(studies["read"].dropna()) if "read" in studies.columns else set()
    text = f"what was read of {'it' if trials == 1 else 'them'} gives"
    if read == {"abstract"}:
        text = "its abstract gives" if trials == 1 else "their abstracts give"
    return f"{count(trials, 'trial was', 'trials were')} found, but {text} no estimate with an interval"


def only_double_zeros(studies: Frame) -> bool:
    """Return whether every trial was read in full and has no effect all the same: its counts lead to no ratio."""
    return bool(studies["excluded"].fillna("").str.endswith(NO_RATIO).all())


def direction(estimate: float, instrument: Any, measure: str) -> str:
    """Return the verb of an effect: what happens to the outcome, not whether that is good."""
    if is_ratio(measure) or instrument.get("better") is None:
        return "increase" if estimate > 0 else "reduce"
    if instrument["better"] == "lower":
        return "reduce" if estimate < 0 else "increase"
    return "improve" if estimate > 0 else "worsen"


def spoken(comparison: dict, outcome: dict) -> tuple[str, str, str]:
    """Return intervention, comparator and outcome as they are said in a sentence."""
    say = comparison.get("say") or {}
    what = say.get("outcome") or inside(str(outcome.get("label", outcome["id"])), str(outcome.get("plain", "")))
    return (
        say.get("intervention") or comparison["intervention"],
        say.get("comparator") or comparison["comparator"],
        what,
    )


def size_note(finding: Finding) -> str:
    """Return what decided whether an effect is called small or little, empty where nothing did."""
    if finding.size is None:
        return ""
    if finding.size_rule == "between-group":
        return f"The size in words is held against the {finding.threshold:g} {finding.unit} between groups."
    trivial, small = CONVENTIONAL
    whose, named = "this trial" if finding.trials == 1 else "these trials", finding.unit
    unit = "" if finding.comparison["measure"] == "SMD" else f" (one is {finding.sd:.3g} {named} in {whose})"
    return (
        f"Size in words by the convention of {trivial} and {small} standard deviations{unit}, a last resort: no "
        "difference between groups that matters is known for this scale."
    )
