"""One comparison, from its rows to the sentence a page may say.

A finding is what every page, table and difference report is made of: the studies, the pooled effect or the reason why
there is none, the certainty, the size against the minimal important difference, and the words.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import exp

from ..errors import MethodWarning
from ..results import Interval, Result
from .certainty import Certainty, certainty
from .statement import CONVENTIONAL_SMD, size_of, statement

RATIOS = {"RR", "OR", "HR", "IRR", "ROM", "PETO"}


@dataclass(frozen=True, slots=True)
class Finding(Result):
    """What the tables say about one comparison.

    `estimate` and `ci` are on the analysis scale (log for ratios) and None unless trials were pooled or there is
    exactly one; `basis` says which: pooled, one trial, side by side, direction only, no data. `threshold` is the
    minimal important difference in the unit of the estimate, with its kind in `threshold_kind`.
    """

    topic: str
    comparison: dict
    outcome: dict
    instrument: dict
    studies: object
    pooled: object
    basis: str
    estimate: float | None
    ci: Interval | None
    trials: int
    people: int | None
    certainty: Certainty | None
    threshold: float | None
    threshold_kind: str | None
    size: str | None
    sentence: str

    def __str__(self) -> str:
        return self.sentence

    @property
    def ratio(self) -> bool:
        """Whether the effect is a ratio, shown back-transformed."""
        return self.comparison["measure"] in RATIOS

    @property
    def shown(self) -> tuple[float, float, float] | None:
        """Return estimate and limits on the scale a reader sees."""
        if self.estimate is None:
            return None
        values = (self.estimate, *self.ci)
        return tuple(exp(v) for v in values) if self.ratio else values

    def _row(self) -> dict:
        low, high = self.ci or (None, None)
        return {
            "topic": self.topic, "comparison": self.comparison["id"], "outcome": self.outcome["id"],
            "basis": self.basis, "measure": self.comparison["measure"], "estimate": self.estimate, "ci_low": low,
            "ci_high": high, "trials": self.trials, "people": self.people,
            "certainty": self.certainty.level if self.certainty else None, "size": self.size, "sentence": self.sentence,
        }  # fmt: skip


def findings(topic) -> dict[str, Finding]:
    """Findings of a topic: every comparison of its plan, in the order of its outcomes.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`.

    Returns
    -------
    dict of str to Finding
        By comparison id.
    """
    order = {outcome["id"]: i for i, outcome in enumerate(topic.outcomes)}
    plan = sorted(topic.comparisons, key=lambda c: (order.get(c["outcome"], len(order)), not c.get("headline", False)))
    return {comparison["id"]: finding(topic, comparison["id"]) for comparison in plan}


def finding(topic, comparison_id) -> Finding:
    """Finding of one comparison; see `Finding`.

    Pools by the house rule only where the plan says `pool: true` and at least two trials have a usable effect.
    """
    from ..effects import study_effects

    comparison = topic.comparison(comparison_id)
    outcome = next((o for o in topic.outcomes if o["id"] == comparison["outcome"]), {"id": comparison["outcome"]})
    rows = topic.rows(comparison_id, use="main")
    shown = topic.rows(comparison_id, use=None)
    studies = study_effects(rows if len(rows) else shown, comparison["measure"])
    usable = studies[studies["estimate"].notna()] if len(rows) else studies.iloc[:0]
    pooled = _pool(studies, comparison, len(usable))
    basis = _basis(pooled, usable, studies)
    estimate, ci = _effect(pooled, usable, basis)
    instrument = _instrument(topic, outcome, shown)
    threshold, kind = _threshold(instrument, comparison, topic)
    judged = _certainty(topic, comparison_id)
    size = _size(estimate, comparison["measure"], threshold)
    parts = dict(
        topic=topic.id, comparison=comparison, outcome=outcome, instrument=instrument, studies=studies, pooled=pooled,
        basis=basis, estimate=estimate, ci=ci, trials=int(usable[_label(usable)].nunique()) if len(usable) else 0,
        people=_people(usable), certainty=judged, threshold=threshold, threshold_kind=kind, size=size,
    )  # fmt: skip
    return Finding(**parts, sentence=_sentence(**parts))


def _label(studies) -> str:
    return "trial" if "trial" in studies.columns else "study"


def _pool(studies, comparison, usable):
    """Return the pooled effect when the plan allows it."""
    if not comparison.get("pool") or usable < 2:
        return None
    from ..synthesis import house_rule

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodWarning)  # the page prints the warning as a sentence of its own
        return house_rule(studies, measure=comparison["measure"])


def _basis(pooled, usable, studies) -> str:
    if pooled is not None:
        return "pooled"
    if len(usable) == 1:
        return "one trial"
    if len(usable):
        return "side by side"
    return "direction only" if len(studies) else "no data"


def _effect(pooled, usable, basis):
    if basis == "pooled":
        return pooled.estimate, pooled.ci
    if basis != "one trial":
        return None, None
    row = usable.iloc[0]
    return float(row["estimate"]), Interval(float(row["ci_low"]), float(row["ci_high"]))


def _instrument(topic, outcome, rows) -> dict:
    """Return the instrument of the outcome, or the one all its rows share."""
    name = outcome.get("instrument_id")
    if not name and len(rows) and rows["instrument_id"].nunique() == 1:
        name = rows["instrument_id"].iloc[0]
    known = topic.instruments.set_index("instrument_id")
    return {"instrument_id": name, **known.loc[name].to_dict()} if name in known.index else {}


def _threshold(instrument, comparison, topic):
    """Return the minimal important difference in the unit of the estimate, and its kind."""
    mid, unit = instrument.get("mid"), instrument.get("mid_unit")
    if comparison["measure"] != "MD" or mid is None or mid != mid or unit != "points":
        return None, None
    return float(mid), instrument.get("mid_kind")


def _size(estimate, measure, threshold) -> str | None:
    if estimate is None:
        return None
    if measure == "SMD":
        small, medium, large = CONVENTIONAL_SMD
        magnitude = abs(estimate)
        return (
            "trivial"
            if magnitude < small
            else "small"
            if magnitude < medium
            else "important"
            if magnitude < large
            else "large"
        )
    return size_of(estimate, mid=threshold) if threshold else None


def _certainty(topic, comparison_id) -> Certainty | None:
    """Return the rating of this comparison; where both stand our draft, for a published one rates its own pool."""
    table = topic.tables.get("certainty")
    if table is None:
        return None
    rows = table[table["comparison_id"] == comparison_id]
    if rows.empty:
        return None
    own = rows[rows["status"] == "draft"]
    rows = own if len(own) else rows[rows["judged_by"] == rows["judged_by"].iloc[0]]
    return certainty(rows)


def _people(usable) -> int | None:
    if usable.empty or not {"n_int", "n_ctl"} <= set(usable.columns):
        return None
    total = (usable["n_int"] + usable["n_ctl"]).sum(min_count=len(usable))
    return None if total != total else round(float(total))


def direction(estimate, instrument, measure) -> str:
    """Return the verb of an effect: what happens to the outcome, not whether that is good."""
    if measure in RATIOS or instrument.get("better") is None:
        return "increase" if estimate > 0 else "reduce"
    if instrument["better"] == "lower":
        return "reduce" if estimate < 0 else "increase"
    return "improve" if estimate > 0 else "worsen"


def _sentence(*, comparison, outcome, instrument, basis, estimate, certainty, size, trials, **_) -> str:
    """Return the sentence the basis and the certainty allow."""
    what = outcome.get("plain") or outcome.get("label") or outcome["id"]
    subject = comparison["intervention"]
    against = f", compared with {comparison['comparator']}"
    if basis == "no data":
        return f"No trial with a usable result was read for {what}{against}."
    if basis == "direction only":
        return f"For {what}{against}, only the direction of the result was read, not its size."
    if basis == "side by side":
        return f"{trials} trials report {what}{against}; they are shown side by side and not pooled."
    if certainty is None:
        return f"The certainty of the evidence for {what}{against} has not been rated."
    verb = direction(estimate, instrument, comparison["measure"])
    said = statement(certainty.level, intervention=subject, verb=verb, outcome=what, size=size or "important")
    return f"{said}{against}."
