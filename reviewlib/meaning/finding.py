"""One comparison, from its rows to the sentence a page may say.

A finding is what every page, table and difference report is made of: the studies, the pooled effect or the reason why
there is none, the certainty, the size against the minimal important difference, and the words.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import exp

from ..effects import RATIOS, study_effects
from ..errors import MethodWarning
from ..results import Interval, Result
from .certainty import Certainty, certainty
from .statement import CONVENTIONAL_SMD, size_of, statement
from .words import count


@dataclass(frozen=True, slots=True)
class Finding(Result):
    """What the tables say about one comparison.

    `estimate` and `ci` are on the analysis scale (log for ratios) and None unless trials were pooled or there is
    exactly one; `basis` is one of: pooled, one trial, side by side, shown only, direction only, no data. `threshold`
    is the minimal important difference in the unit of the estimate, with its kind in `threshold_kind`. `cautions` are
    the conditions under which the numbers stand, as the methods warned of them.
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
    published: tuple[Certainty, ...]
    threshold: float | None
    threshold_kind: str | None
    size: str | None
    cautions: tuple[str, ...]
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

    Examples
    --------
    >>> import reviewlib as rl
    >>> print("lbp-disability-short" in rl.findings(rl.load_evidence()["massage"]))
    True
    """
    order = {outcome["id"]: i for i, outcome in enumerate(topic.outcomes)}
    plan = sorted(topic.comparisons, key=lambda c: (order.get(c["outcome"], len(order)), not c.get("headline", False)))
    return {comparison["id"]: finding(topic, comparison["id"]) for comparison in plan}


def finding(topic, comparison_id) -> Finding:
    """Finding of one comparison; see `Finding`.

    Pools by the house rule only where the plan says `pool: true` and at least two trials have a usable effect.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`.
    comparison_id : str
        A comparison of its plan.

    Returns
    -------
    Finding

    Examples
    --------
    >>> import reviewlib as rl
    >>> found = rl.finding(rl.load_evidence()["massage"], "lbp-disability-short")
    >>> print(found.comparison["measure"])
    MD
    """
    comparison = topic.comparison(comparison_id)
    outcome = next((o for o in topic.outcomes if o["id"] == comparison["outcome"]), {"id": comparison["outcome"]})
    rows = topic.rows(comparison_id, use="main")
    shown = topic.rows(comparison_id, use=None)
    studies, usable, pooled, cautions = _synthesis(rows, shown, comparison)
    basis = _basis(pooled, usable, studies)
    estimate, ci = _effect(pooled, usable, basis)
    instrument = _instrument(topic, outcome, rows if len(rows) else shown)
    threshold, kind = _threshold(instrument, comparison, topic)
    judged, published = _certainty(topic, comparison_id)
    size = _size(estimate, comparison["measure"], threshold)
    parts = dict(
        topic=topic.id, comparison=comparison, outcome=outcome, instrument=instrument, studies=studies, pooled=pooled,
        basis=basis, estimate=estimate, ci=ci, trials=int(usable[_label(usable)].nunique()) if len(usable) else 0,
        people=_people(usable), certainty=judged, threshold=threshold, threshold_kind=kind, size=size,
        cautions=cautions, published=published,
    )  # fmt: skip
    return Finding(**parts, sentence=_sentence(**parts))


def _label(studies) -> str:
    return "trial" if "trial" in studies.columns else "study"


def _synthesis(rows, shown, comparison):
    """Return the studies, those with a usable effect, the pool where the plan allows one, and the methods' warnings.

    Rows that are only shown lend no effect: the finding then rests on directions alone.
    """
    from ..synthesis import house_rule

    measure, main = comparison["measure"], len(rows) > 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MethodWarning)
        studies = study_effects(rows if main else shown, measure)
        usable = studies[studies["estimate"].notna()] if main else studies.iloc[:0]
        pools = comparison.get("pool") and len(usable) > 1
        pooled = house_rule(studies, measure=measure) if pools else None
    cautions = (str(w.message) for w in caught if issubclass(w.category, MethodWarning) and main)
    return studies, usable, pooled, tuple(dict.fromkeys(cautions))


def _basis(pooled, usable, studies) -> str:
    if pooled is not None:
        return "pooled"
    if len(usable) == 1:
        return "one trial"
    if len(usable):
        return "side by side"
    if len(studies) and studies["estimate"].notna().any():
        return "shown only"
    return "direction only" if len(studies) else "no data"


def _effect(pooled, usable, basis):
    if basis == "pooled":
        return pooled.estimate, pooled.ci
    if basis != "one trial":
        return None, None
    row = usable.iloc[0]
    return float(row["estimate"]), Interval(float(row["ci_low"]), float(row["ci_high"]))


def _instrument(topic, outcome, rows) -> dict:
    """Return the instrument all rows share; the outcome's own where they differ and it is one of theirs."""
    used, name = list(rows["instrument_id"].dropna().unique()), outcome.get("instrument_id")
    if len(used) == 1:
        name = used[0]
    elif used and name not in used:
        return {}
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


def _certainty(topic, comparison_id) -> tuple[Certainty | None, tuple[Certainty, ...]]:
    """Return our own rating, and those read in reviews: a published one rates the review's pool, not our estimate."""
    table = topic.tables.get("certainty")
    rows = [] if table is None else table[table["comparison_id"] == comparison_id]
    if not len(rows):
        return None, ()
    rated = [certainty(group) for _, group in rows.groupby(["status", "judged_by"], sort=True)]
    own = next((c for c in rated if c.status == "draft"), None)
    return own, tuple(c for c in rated if c.status == "published")


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


def _sentence(*, comparison, outcome, instrument, basis, estimate, ci, certainty, size, trials, published, **_) -> str:
    """Return the sentence the basis and the certainty allow."""
    subject, against, what = spoken(comparison, outcome)
    pair = f"{subject} compared with {against}"
    if basis == "no data":
        return f"No trial of {pair} with a usable result for {what} was read."
    if basis == "shown only":
        return f"For {what}, {pair}: what was read is shown with its limits, and no conclusion rests on it."
    if basis == "direction only":
        elsewhere = "; what a published review found is shown apart" if published else ""
        return f"For {what}, {pair}: no trial's result with an interval could be read{elsewhere}."
    if basis == "side by side":
        told = count(trials, "trial reports", "trials report")
        return f"{told} {what} for {pair}; they are shown one by one and not pooled."
    if certainty is None:
        return f"How sure we can be of the effect of {subject} on {what}, compared with {against}, has not been rated."
    if size is None and ci.low < 0 < ci.high and certainty.level != "very low":
        return f"For {what}, {pair}: the interval leaves room for a better and for a worse result."
    verb = direction(estimate, instrument, comparison["measure"])
    start = subject[0].upper() + subject[1:]
    said = statement(certainty.level, intervention=start, verb=verb, outcome=what, size=size or "important")
    return f"{said}, compared with {against}."


def spoken(comparison, outcome) -> tuple[str, str, str]:
    """Return intervention, comparator and outcome as they stand in a sentence."""
    say = comparison.get("say") or {}
    what = say.get("outcome") or str(outcome.get("label", outcome["id"])).lower()
    return (
        say.get("intervention") or comparison["intervention"],
        say.get("comparator") or comparison["comparator"],
        what,
    )
