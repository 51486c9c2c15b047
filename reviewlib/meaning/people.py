"""Effects said in people: out of 100 or 1000 with a named baseline, the share beyond a threshold, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..convert import absolute_risk, sd_from_se_of_difference, se_from_ci, share_beyond
from ..errors import ConversionError, EvidenceError
from ..evidence import Topic
from ..html import missing
from ..measures import find
from ..results import Result
from .few_trials import widest

if TYPE_CHECKING:
    from .finding import Finding


@dataclass(frozen=True, slots=True, repr=False)
class Absolute(Result):
    """People out of `out_of` with the outcome: comparator, intervention, and the interval of the latter.

    `assumption_id` and `source_id` lead to the baseline risk. `cut` says that a limit would have passed everybody.
    """

    comparator: float
    intervention: float
    low: float
    high: float
    out_of: int
    origin: str
    assumption_id: str = ""
    source_id: str = ""
    cut: bool = False

    def __str__(self) -> str:
        return (
            f"{self.comparator:.0f} of {self.out_of} with the comparator and {self.intervention:.0f} of {self.out_of} "
            f"({self.low:.0f} to {self.high:.0f}) with the intervention; baseline: {self.origin}"
        )


def _convertible(measure) -> bool:
    """Return whether a ratio and a baseline risk give a risk."""
    return find(measure).ratio and find(measure).risk is not None


def absolute_rows(topic: Topic, finding: Finding) -> list[Absolute]:
    r"""Absolute effects of a ratio, one for each baseline risk that `assumptions.csv` names for the comparison.

    Where it names none and one trial counted people, the risk of that trial's comparator is taken.

    Parameters
    ----------
    topic : Topic
    finding : Finding
        Of a risk, odds or hazard ratio; anything else gives an empty list, for a difference in means says nothing of
        people.

    Returns
    -------
    list of Absolute
        Out of 100, or of 1000 where a risk is below 1 in 100.

    Raises
    ------
    EvidenceError
        The ratio carries the named baseline past everybody: such a ratio cannot hold at that baseline. A limit that
        does so is cut at everybody, and `cut` says it.

    Notes
    -----
    .. math:: risk = p\,RR \quad\text{or}\quad odds = OR\,p / (1 - p)

    The uncertainty of the baseline risk itself is not in the interval. Of a pool of two or three trials the interval
    holds both usual ones.

    References
    ----------
    higgins2024ch14, section 14.1.5
    """
    measure = finding.comparison["measure"]
    if finding.estimate is None or not _convertible(measure):
        return []
    table = topic.tables["assumptions"]
    mine = table[(table["quantity"] == "baseline-risk") & (table["used_in"] == finding.comparison["id"])]
    return [_absolute(row, finding, measure) for row in mine.itertuples()] or _own_baseline(topic, finding, measure)


def _own_baseline(topic, finding, measure) -> list[Absolute]:
    """Return the absolute effect at the risk of the trial's own comparator, where one trial counted its people."""
    rows = topic.rows(finding.comparison["id"])
    if finding.basis != "one trial" or len(rows) != 1 or rows[["events_ctl", "n_ctl"]].isna().any(axis=None):
        return []
    row = rows.iloc[0]
    origin = f"{row['trial']}: {row['events_ctl']} of {row['n_ctl']} people with the comparator"
    own = SimpleNamespace(value=100 * row["events_ctl"] / row["n_ctl"], origin=origin, source_id=row["source_id"])
    return [_absolute(own, finding, measure)]


def absolute_at(finding: Finding, row: Any, percent: float) -> Absolute:
    """Return the absolute effect of a ratio at a baseline risk in percent, with the origin that a row names."""
    return _absolute(row._replace(value=percent), finding, finding.comparison["measure"])


def _absolute(row, finding, measure) -> Absolute:
    base, name = float(row.value) / 100, getattr(row, "assumption_id", "")
    try:
        risk = absolute_risk(exp(finding.estimate), base, measure)
    except ConversionError as error:
        raise EvidenceError(f"assumptions.csv ({name}): {error}. Name a baseline risk at which it can hold") from None
    ratios = [exp(limit) for limit in widest(finding.pooled, finding.ci)]

    over = [measure == "RR" and base * ratio > 1 for ratio in ratios]
    low, high = (1.0 if past else absolute_risk(r, base, measure) for r, past in zip(ratios, over, strict=True))
    out_of = 100 if min(base, risk, low) >= 0.01 else 1000
    source = getattr(row, "source_id", None)
    at_risk = (float(share * out_of) for share in (base, risk, low, high))
    return Absolute(*at_risk, out_of, str(row.origin), name, "" if missing(source) else str(source), any(over))  # type: ignore


@dataclass(frozen=True, slots=True, repr=False)
class Share(Result):
    """Share of people in each arm whose own change is at the within-person threshold or better (fractions).

    `low` and `high` are the intervention's share at the limits of the mean difference. `route` says where the SDs
    come from; `threshold` has the sign of an improvement on the instrument.
    """

    trial: str
    result_id: str
    comparator: float
    intervention: float
    low: float | None
    high: float | None
    threshold: float
    route: str
    unit: str = "points"

    def __str__(self) -> str:
        span = "" if self.low is None else f" ({self.low:.0%} to {self.high:.0%})"
        return (
            f"{self.trial}: {self.intervention:.0%}{span} against {self.comparator:.0%} changed by at least "
            f"{abs(self.threshold):g} {self.unit}, if changes are normal; {self.route}"
        )


def shares_beyond_mid(topic: Topic, finding: Finding) -> list[Share]:
    r"""Share of people beyond the minimal important difference, for each trial whose row allows it.

    Parameters
    ----------
    topic : Topic
    finding : Finding
        Of a mean difference.

    Returns
    -------
    list of Share
        Only for main rows that print the mean *change* of both arms, with both SDs or with a mean difference, its
        interval and both n; and only on an instrument whose threshold was found within persons. Empty otherwise: a
        difference between final scores does not say how many people changed.

    Notes
    -----
    .. math:: \Phi\big((c - M)/SD\big) \text{ where lower is better}

    with changes taken as normal in each arm. From an adjusted analysis the implied SD is a residual one, smaller than
    the SD among people; the route says which was used.

    References
    ----------
    higgins2024ch15, section 15.5.3
    """
    if finding.threshold is None or finding.threshold_kind != "within-person":
        return []
    rows = topic.rows(finding.comparison["id"], use="main")
    rows = rows[(rows["value_kind"] == "change") & rows["mean_int"].notna() & rows["mean_ctl"].notna()]
    found = (_share(row, finding) for row in rows.itertuples())
    return [share for share in found if share is not None]


def _share(row, finding) -> Share | None:
    spread = _spread(row)
    if spread is None:
        return None
    sd_int, sd_ctl, route = spread
    better = row.better
    threshold = -finding.threshold if better == "lower" else finding.threshold

    def beyond(mean, sd):
        return float(share_beyond(mean, sd, threshold, better))

    limits = (None, None)
    if not missing(row.ci_low):
        turn = -1 if row.contrast == "ctl-int" else 1
        ends = (beyond(row.mean_ctl + turn * limit, sd_int) for limit in (row.ci_low, row.ci_high))
        limits = tuple(sorted(ends))
    shares = beyond(row.mean_ctl, sd_ctl), beyond(row.mean_int, sd_int)
    return Share(row.trial, row.result_id, *shares, *limits, threshold, route, finding.unit)


def _spread(row) -> tuple[float, float, str] | None:
    """Return the SD of each arm's changes and where they come from, or None where none can be had."""
    if not (missing(row.sd_int) or missing(row.sd_ctl)):
        return row.sd_int, row.sd_ctl, "SDs of the changes as printed"
    if any(map(missing, (row.ci_low, row.ci_high, row.n_int, row.n_ctl))) or row.measure != "MD":
        return None
    level = 0.95 if missing(row.ci_level) else row.ci_level / 100
    n_int, n_ctl = float(row.n_int), float(row.n_ctl)
    se = se_from_ci(row.ci_low, row.ci_high, level, n_int + n_ctl - 2)
    sd = float(sd_from_se_of_difference(se, n_int, n_ctl))
    return sd, sd, f"one SD for both arms ({sd:.3g}), from the interval of the mean difference and n"


def why_not_people(topic: Topic, finding: Finding) -> str:
    """Return why an effect cannot be said in people, in one sentence; empty where it can."""
    if absolute_rows(topic, finding) or shares_beyond_mid(topic, finding):
        return ""
    if finding.estimate is None:
        return "Not shown in people: there is no pooled or single effect."
    if _convertible(finding.comparison["measure"]):
        return "Not shown in people: no trial that was read gives the risk without the treatment for this outcome."
    if finding.threshold is None:
        return "Not shown in people: the result is a difference of averages without a threshold."
    if finding.threshold_kind not in ("within-person", "between-group"):
        whose = finding.threshold_kind.removeprefix("used-by-")
        return (
            "Not shown in people: the result is a difference of averages, and the smallest change that matters is a "
            f"value that a {whose} worked with."
        )
    if finding.threshold_kind == "between-group":
        return (
            "Not shown in people: the result is a difference of averages, and the smallest difference that matters "
            "was found between groups, so it does not say when one person is better."
        )
    return (
        "Not shown in people: the result is a difference of averages, and no trial row gives the mean change of both "
        "groups with a spread, so it is not known how many people changed enough."
    )
