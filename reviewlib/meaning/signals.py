"""What the numbers say about each GRADE domain, beside what a person judged. Nothing here decides."""

from __future__ import annotations

import pandas as pd

from ..evidence import Topic
from ..typed import Frame
from .certainty import information_size
from .few_trials import both_limits, widest
from .finding import Finding
from .words import interval, number

OVERALL = ("overall", "overall bias", "overall risk of bias")
HIGH_RISK = {"high", "serious", "critical"}
JUDGEMENTS = HIGH_RISK | {"low", "some concerns", "moderate"}


def signals(topic: Topic, finding: Finding) -> Frame:
    """Signal, judgement and whether they differ, domain by domain.

    Parameters
    ----------
    topic : Topic
    finding : Finding

    Returns
    -------
    DataFrame
        Domain, Signal (a sentence with its number), Suggests (steps, empty where only a person can judge), Judged
        (steps as typed), Look again ("yes" where a suggestion and a judgement differ).

    References
    ----------
    guyatt2025core4; zeng2022
    """
    steps = finding.certainty.steps if finding.certainty else {}
    lines = []
    for domain, (sentence, suggests) in _all(topic, finding).items():
        judged = steps.get(domain)
        differ = suggests is not None and judged is not None and suggests != judged
        step = "" if suggests is None else f"{suggests:+d}".replace("+0", "0")
        said = "not judged" if judged is None else f"{judged:+d}".replace("+0", "0")
        lines.append((domain.replace("-", " "), sentence, step, said, "yes" if differ else "no"))
    return pd.DataFrame(lines, columns=["Domain", "Signal", "Suggests", "Judged", "Look again"])


def _all(topic, finding) -> dict:
    return {
        "risk-of-bias": risk_of_bias_signal(topic, finding),
        "inconsistency": inconsistency_signal(finding),
        "indirectness": ("only a person can compare people, care and outcome with the question", None),
        "imprecision": imprecision_signal(finding),
        "publication-bias": publication_signal(finding),
    }


def trial_weights(finding: Finding) -> dict:
    """Return each trial's share of the weight; one trial carries all of it."""
    usable = finding.studies[finding.studies["estimate"].notna()]
    if finding.pooled is None:
        return {trial: 1.0 for trial in usable["trial"]} if len(usable) == 1 else {}
    weights = dict(zip(finding.studies["trial"], finding.pooled.weights, strict=True))
    return {trial: weight for trial, weight in weights.items() if weight == weight}


def judgements(topic: Topic, finding: Finding) -> dict:
    """Return each trial's overall risk-of-bias judgement, where one was read."""
    table = topic.tables["risk_of_bias"]
    mine = table[table["domain"].str.lower().isin(OVERALL) & table["trial"].isin(set(finding.studies["trial"]))]
    judged = {row.trial: str(row.judgement).lower() for row in mine.itertuples()}
    return {trial: value for trial, value in judged.items() if value in JUDGEMENTS}


def risk_of_bias_signal(topic: Topic, finding: Finding) -> tuple[str, int | None]:
    """Return the weight carried by trials at high risk of bias, where an overall judgement was read."""
    weights, judged = trial_weights(finding), judgements(topic, finding)
    if not weights or not judged:
        return "no trial has an overall RoB 2 judgement yet", None
    share = sum(weights.get(trial, 0.0) for trial, value in judged.items() if value in HIGH_RISK)
    return f"{share:.0%} of the weight comes from trials judged at high risk of bias", -1 if share >= 0.5 else 0


def inconsistency_signal(finding: Finding) -> tuple[str, int | None]:
    """Return how far the trials agree; one trial cannot disagree with itself."""
    pooled = finding.pooled
    if pooled is None:
        return f"{finding.trials} trial: nothing to compare" if finding.trials == 1 else "not pooled", None
    usable = finding.studies[finding.studies["estimate"].notna()]
    sides = int((usable["estimate"] > 0).sum())
    text = f"{len(usable)} trials, {max(sides, len(usable) - sides)} on the same side; I² {pooled.i2:.0%}"
    overlap = usable["ci_low"].max() <= usable["ci_high"].min()
    text += "; all intervals overlap" if overlap else "; some intervals do not overlap"
    return text, 0 if overlap and sides in (0, len(usable)) else -1


def imprecision_signal(finding: Finding) -> tuple[str, int | None]:
    """Return which thresholds between groups the interval crosses, and the people needed.

    A change that matters to one person is no threshold for a difference between groups and is not held against it.
    """
    if finding.ci is None:
        return "there is no pooled or single estimate", None
    low, high = widest(finding.pooled, finding.ci)
    null = "a ratio of 1" if finding.ratio else "zero"
    crosses = [null] if low < 0 < high else []
    between = finding.threshold is not None and finding.threshold_kind == "between-group"
    if between:
        crosses += [f"{number(t, 1)} {finding.unit}" for t in (-finding.threshold, finding.threshold) if low < t < high]
    which = "the interval that holds both usual ones" if both_limits(finding.pooled) else "the interval"
    shown = finding.back((low, high))
    text = f"{which}, {interval(shown[0], shown[1])}, "
    text += f"crosses {' and '.join(crosses)}" if crosses else f"does not cross {null}"
    if not crosses:
        text += " or the threshold" if between else ", and no threshold between groups is known"
    if finding.people and finding.comparison["measure"] == "SMD":
        needed = information_size(0.2, 1)
        text += f"; {finding.people} people, {needed} needed to find 0.2 standard deviations"
    return text, -min(len(crosses), 2)


def publication_signal(finding: Finding) -> tuple[str, int | None]:
    """Return why a funnel plot was or was not used."""
    if finding.trials < 10:
        return "not assessable by funnel (fewer than ten trials); judged from registries and sponsorship", None
    return "ten trials or more: see the funnel plot; asymmetry is not publication bias", None
