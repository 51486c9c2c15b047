"""One comparison, from its rows to the sentence a page may say.

A finding is what every page, table and difference report is made of: the studies, the pooled effect or the reason why
there is none, the certainty, the size against the minimal important difference, and the words.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import exp
from typing import Any

from ..effects import study_effects
from ..errors import MethodWarning
from ..evidence import Topic
from ..measures import is_ratio
from ..results import Interval, Result
from ..typed import Frame
from .certainty import Certainty, certainty
from .few_trials import both_said
from .sentence import sentence
from .words import digits_for, interval, number, unit_of
from .yardstick import instrument_of, size_by, threshold_of


@dataclass(frozen=True, slots=True, repr=False)
class Finding(Result):
    """What the tables say about one comparison.

    `estimate` and `ci` are on the analysis scale (log for ratios) and None unless trials were pooled or there is
    exactly one; `basis` is one of: pooled, one trial, side by side, shown only, direction only, no data. `threshold`
    is the minimal important difference in the unit of the estimate, with its kind in `threshold_kind`. `size` is the
    adjective that `size_of` allows, `size_rule` what decided it (between-group, or standardized by `sd`). `cautions`
    are the conditions under which the numbers hold, as the methods warned of them.
    """

    topic: str
    comparison: dict
    outcome: dict
    instrument: dict
    studies: Frame
    pooled: Any
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
    size_rule: str | None
    sd: float | None
    cautions: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        return self.sentence

    @property
    def title(self) -> str:
        """Return the title of the comparison, its id where it has none."""
        return str(self.comparison.get("title", self.comparison["id"]))

    @property
    def why(self) -> str:
        """Return why the trials are pooled or not: what the plan says, or what they lack for it."""
        if self.pooled is None and self.comparison.get("pool"):
            lacking = "no trial gives" if not self.trials else "only one trial gives"
            return f"To be pooled, but {lacking} an effect with its interval"
        return str(self.comparison.get("pool_reason") or "")

    @property
    def digits(self) -> int:
        """Return the decimals that a reader can use."""
        return digits_for(self.comparison["measure"], self.instrument)

    @property
    def unit(self) -> str:
        """Return the unit of the instrument that a difference is told in."""
        return unit_of(self.instrument)

    @property
    def ratio(self) -> bool:
        """Whether the effect is a ratio, shown back-transformed."""
        return is_ratio(self.comparison["measure"])

    @property
    def shown(self) -> tuple[float, ...] | None:
        """Return estimate and limits on the scale a reader sees."""
        if self.estimate is None:
            return None
        return self.back((self.estimate, *self.ci))

    def back(self, values: Iterable[float]) -> tuple[float, ...]:
        """Return values of the analysis scale on the scale a reader sees."""
        return tuple(exp(v) for v in values) if self.ratio else tuple(values)

    def text(self, values: Iterable[float], label: str = "") -> str:
        """Return estimate and limits of the analysis scale as a page prints them: "2.7 (1.8 to 3.6)"."""
        estimate, low, high = self.back(values)
        return f"{number(estimate, self.digits)} ({label}{interval(low, high, self.digits)})"

    def _row(self) -> dict:
        low, high = self.ci or (None, None)
        row = {"topic": self.topic, "comparison": self.comparison["id"], "outcome": self.outcome["id"]}
        row |= {"basis": self.basis, "measure": self.comparison["measure"]}
        row |= {"estimate": self.estimate, "ci_low": low, "ci_high": high, "trials": self.trials, "people": self.people}
        row |= {"certainty": self.certainty.level if self.certainty else None}
        return row | {"size": self.size, "size_rule": self.size_rule, "sentence": self.sentence}


def findings(topic: Topic) -> dict[str, Finding]:
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
    >>> topic = next(topic for topic in rl.load_evidence() if topic.comparisons)
    >>> print(len(rl.findings(topic)) == len(topic.comparisons))
    True
    """
    return {comparison["id"]: finding(topic, comparison["id"]) for comparison in in_order(topic)}


def in_order(topic: Topic) -> list[dict]:
    """Return the comparisons of a plan in the order of its outcomes, the headline first within its own."""
    order = {outcome["id"]: i for i, outcome in enumerate(topic.outcomes)}
    return sorted(topic.comparisons, key=lambda c: (order.get(c["outcome"], len(order)), not c.get("headline", False)))


def finding(topic: Topic, comparison_id: str) -> Finding:
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
        Computed once for a topic, whose tables cannot change.

    Examples
    --------
    >>> import reviewlib as rl
    >>> topic = next(topic for topic in rl.load_evidence() if topic.comparisons)
    >>> first = topic.comparisons[0]
    >>> print(rl.finding(topic, first["id"]).comparison["measure"] == first["measure"])
    True
    """
    memo = getattr(topic, "memo", {})
    if comparison_id not in memo:
        memo[comparison_id] = _finding(**read_by(topic, comparison_id))
    found = memo[comparison_id]
    return replace(found, studies=found.studies.copy())


def read_by(topic: Topic, comparison_id: str) -> dict[str, Any]:
    """Return all that the finding of a comparison is made from: where two states agree on it, so do their findings."""
    comparison, rated = topic.comparison(comparison_id), topic.tables["certainty"]
    outcome = next((o for o in topic.outcomes if o["id"] == comparison["outcome"]), {"id": comparison["outcome"]})
    return {
        "topic": topic.id,
        "comparison": comparison,
        "outcome": outcome,
        "shown": topic.rows(comparison_id, use=None),
        "instruments": topic.instruments,
        "rated": rated[rated["comparison_id"] == comparison_id],
    }


def _finding(topic, comparison, outcome, shown, instruments, rated) -> Finding:
    rows = shown[shown["use"] == "main"].reset_index(drop=True)
    studies, usable, pooled, cautions = _synthesis(rows, shown, comparison)
    basis = _basis(pooled, usable, studies)
    estimate, ci = _effect(pooled, usable, basis)
    instrument = instrument_of(instruments, comparison, outcome, rows if len(rows) else shown)
    threshold, kind = threshold_of(instrument, comparison["measure"])
    judged, published = _certainty(rated)
    between = threshold if kind == "between-group" else None
    said = both_said(pooled, comparison["measure"], instrument, between)
    size, rule, sd = size_by(estimate, comparison["measure"], between, usable)
    parts = dict(topic=topic, comparison=comparison, outcome=outcome, instrument=instrument, studies=studies)
    parts |= dict(pooled=pooled, basis=basis, estimate=estimate, ci=ci, people=_people(usable))
    parts |= dict(trials=int(usable[_label(usable)].nunique()) if len(usable) else 0)
    parts |= dict(certainty=judged, published=published, threshold=threshold, threshold_kind=kind)
    parts |= dict(size=size, size_rule=rule, sd=sd, cautions=(*cautions, said) if said else cautions)
    return Finding(**parts, sentence=sentence(**parts))


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
    cautions = [str(w.message) for w in caught if issubclass(w.category, MethodWarning)] if main else []
    return studies, usable, pooled, tuple(dict.fromkeys([*cautions, *_widened(rows, usable), *_repaired(usable)]))


def _widened(rows, usable):
    """Yield, per trial, that its interval was printed at another level than it covers by itself."""
    used = set("; ".join(usable["result_ids"]).split("; ")) if len(usable) else ()
    told = ["trial", "result_id", "ci_level", "ci_printed_level", "ci_adjusted"]
    for row in rows[told].itertuples() if "ci_printed_level" in rows else ():
        if row.result_id in used and row.ci_printed_level == row.ci_printed_level:
            said = f"the interval of {row.trial} is printed as {row.ci_printed_level:g}%, {row.ci_adjusted}"
            yield f"{said}; by itself it covers {row.ci_level:g}%, and that level is used here"


def _repaired(usable):
    """Yield, per trial, which printed value was replaced and why."""
    for row in usable[["trial", "repaired"]].itertuples() if "repaired" in usable else ():
        if isinstance(row.repaired, str):
            yield f"{row.trial}: {row.repaired}"


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


def _certainty(rows) -> tuple[Certainty | None, tuple[Certainty, ...]]:
    """Return our own rating, and those read in reviews: a published one rates the review's pool, not our estimate."""
    rated = [certainty(group) for _, group in rows.groupby(["status", "judged_by"], sort=True)]
    own = next((c for c in rated if c.status == "draft"), None)
    return own, tuple(c for c in rated if c.status == "published")


def _people(usable) -> int | None:
    if usable.empty:
        return None
    total = (usable["n_int"] + usable["n_ctl"]).sum(min_count=len(usable))
    return None if total != total else round(float(total))
