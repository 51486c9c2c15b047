"""The same question asked of other sets of trials: the variants and subgroups that the plan declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..effects import study_effects
from ..errors import EvidenceError, quiet
from ..evidence import Topic
from ..typed import Frame
from .finding import Finding, finding
from .statement import CONVENTIONAL

_ASSIGNED = r"sequence|random-allocation|concealment|randomi[sz]ation|incomplete|missing|attrition|drop-?outs"

_ALL = {"label": "All trials", "reason": ""}
FEWEST = 10  # trials in a funnel that says anything


def variants(topic: Topic, comparison_id: str) -> Frame:
    """Each declared set of trials of a comparison, pooled by the rule of the page, with both intervals.

    Parameters
    ----------
    topic : Topic
    comparison_id : str
        A comparison whose plan may hold `variants`: a label, a reason, and which rows to `include`, which trials to
        `leave_out`, trials at high risk in which domains to leave out (`without_high_risk`), or another `measure`.

    Returns
    -------
    DataFrame
        The main analysis first, then that without declared corrections where it has any: analysis, trials, people,
        estimate, hksj_low, hksj_high, wald_low, wald_high, prediction_low, prediction_high (analysis scale; missing
        where not estimable; a lone trial has its own limits under wald), left_out, reason.
    """
    comparison = topic.comparison(comparison_id)
    lines = [
        _line(variant["label"], studies, measure, variant["reason"], "DL" if variant.get("rows_counted") else "REML")
        for variant, studies, measure in _sets(topic, comparison)
    ]
    everybody = set(lines[0]["_trials"])
    rows = set(topic.tables["results"]["result_id"])
    for line in lines:
        there = set(line.pop("_trials"))
        line["left_out"] = "" if there <= rows else "; ".join(sorted(everybody - there))
    return pd.DataFrame(lines)


def _sets(topic, comparison):
    """Yield each declared set of trials: the variant, its studies and its measure."""
    for variant in (_ALL, *_printed(topic, comparison), *(comparison.get("variants") or [])):
        measure = variant.get("measure", comparison["measure"])
        with quiet():  # the finding of the comparison has said what is said here
            studies = study_effects(_rows(topic, comparison, variant), measure)
        yield variant, studies, measure


def asymmetry(topic: Topic, comparison_id: str) -> list[tuple[str, Any]]:
    """Asymmetry of the funnel in each declared set of ten trials or more, by the test that suits the measure.

    Returns
    -------
    list of (str, FunnelRegression)
        The label of the set and its test: the sample-size test for standardized mean differences, whose standard
        error depends on the effect, else Egger's.

    References
    ----------
    sterne2011; pustejovsky2019
    """
    return [(label, test(used)) for label, used, test in funnels(topic, comparison_id)]


def funnels(topic: Topic, comparison_id: str) -> Iterator[tuple[str, Frame, Any]]:
    """Yield each declared set of ten trials or more: its label, its studies, and the test of asymmetry that suits."""
    from ..synthesis import egger, funnel_smd

    for variant, studies, measure in _sets(topic, topic.comparison(comparison_id)):
        if variant.get("rows_counted"):  # rows of one trial lean together
            continue
        used = studies[studies["estimate"].notna()].reset_index(drop=True)
        used.attrs["measure"] = measure
        if len(used) >= FEWEST and measure in ("MD", "SMD"):
            yield variant["label"], used, funnel_smd if measure == "SMD" else egger


def settings_beyond(found: Any) -> tuple[float, float, float] | None:
    """Share of comparable settings whose difference is important in favour, and on the other side; with the threshold.

    Returns
    -------
    (favoured, other, threshold) or None
        Shares of the normal distribution of true differences (mean and tau of the pool) beyond the threshold on the
        side of the mean and on the other side. The threshold is the difference between groups that matters, else half
        a standard deviation. None below five trials, without heterogeneity, and for ratios.

    References
    ----------
    siemens2025
    """
    from scipy.special import ndtr

    pooled = found.pooled
    if pooled is None or pooled.k < 5 or pooled.tau2 <= 0 or found.ratio:
        return None
    between = found.threshold if found.threshold_kind == "between-group" else None
    threshold = between or (CONVENTIONAL[1] * found.sd if found.sd else None)
    if threshold is None:
        return None
    mean, tau = abs(pooled.estimate), pooled.tau2**0.5
    return float(ndtr((mean - threshold) / tau)), float(ndtr((-threshold - mean) / tau)), float(threshold)


def _printed(topic, comparison) -> list[dict]:
    """Return the variant without declared corrections, where a main row has one: as printed, or without the trial."""
    rows = topic.rows(comparison["id"])
    fixed = rows[rows["repaired"].notna()] if "repaired" in rows else rows[:0]
    if fixed.empty:
        return []
    trials = list(dict.fromkeys(fixed["trial"]))
    variant = {"label": f"With the values of {' and '.join(trials)} as printed", "as_printed": True}
    variant["reason"] = "; ".join(dict.fromkeys(f"{row.trial}: {row.repaired}" for row in fixed.itertuples()))
    try:
        with quiet():
            study_effects(topic.rows(comparison["id"], as_printed=True), comparison["measure"])
    except EvidenceError:
        label = f"Without {' and '.join(trials)}, whose printed values contradict each other"
        variant |= {"label": label, "leave_out": trials}
    return [variant]


def _rows(topic, comparison, variant):
    """Return the rows of one variant: the main ones and those it includes, without those it leaves out."""
    counted = variant.get("rows_counted", False)
    rows = topic.rows(comparison["id"], use=None, as_printed=counted or variant.get("as_printed", False))
    kept = (rows["use"] == "main") | rows["result_id"].isin(variant.get("include") or [])
    kept &= ~rows["trial"].isin(variant.get("leave_out") or [])
    kept &= ~rows["trial"].isin(high_risk(topic, variant.get("without_high_risk") or []))
    if counted:
        rows = rows.assign(trial=rows["result_id"], arm_id=None, control_id=None, join_as=None)
    return rows[kept].assign(use="main").reset_index(drop=True)


def high_risk(topic: Topic, domains: Any) -> set:
    """Return the trials judged at high risk of bias in any of the named domains."""
    table = topic.tables["risk_of_bias"]
    judged = table[table["domain"].isin(domains)]
    return set(judged.loc[judged["judgement"].str.lower().str.startswith(("high", "serious", "critical")), "trial"])


def without_high_risk(topic: Topic, found: Finding) -> dict | None:
    """A pool again without the trials at high risk of bias in how people were assigned and how many were lost.

    Parameters
    ----------
    topic : Topic
        Judgements are read from `risk_of_bias`. Blinding is left aside: nobody can be blinded to care by hand or to an
        operation, so that every trial would go.
    found : Finding
        A pooled finding.

    Returns
    -------
    dict or None
        domains, left_out, trials, people, and where two trials are left estimate, ci_low, ci_high (analysis scale).
        None where no pooled trial has been judged in such a domain, or nothing is pooled.
    """
    if found.pooled is None:
        return None
    table = topic.tables["risk_of_bias"]
    pooled = set(found.studies.loc[found.studies["estimate"].notna(), "trial"])
    mine = table[table["trial"].isin(pooled) & table["domain"].str.contains(_ASSIGNED, case=False)]
    mine = mine[~mine["tool"].str.contains("PEDro", case=False)]
    mine = mine[mine["judgement"].str.lower() != "not yet assessed"]
    domains = list(dict.fromkeys(mine["domain"]))
    if not domains:
        return None
    variant = {"without_high_risk": domains}
    rows = _rows(topic, found.comparison, variant)
    with quiet():
        studies = study_effects(rows, found.comparison["measure"])
    line = _line("", studies, found.comparison["measure"], "")
    return line | {"domains": domains, "left_out": ", ".join(sorted(pooled - set(line["_trials"])))}


def _line(label, studies, measure, reason, method="REML") -> dict:
    from ..synthesis import house_rule, meta_analysis

    with quiet():
        used = studies[studies["estimate"].notna()]
        line = {"analysis": label, "trials": len(used), "people": used[["n_int", "n_ctl"]].sum().sum()}
        line |= {"_trials": list(used["trial"]), "reason": reason, "measure": measure}
        if len(used) == 1:  # its own interval
            row = used.iloc[0]
            return line | {"estimate": row["estimate"], "wald_low": row["ci_low"], "wald_high": row["ci_high"]}
        if used.empty:
            return line
        house = house_rule(used, measure=measure) if method == "REML" else meta_analysis(used, method=method)
        both = {rule: meta_analysis(used, method=method, ci=rule).ci for rule in ("hksj", "wald")}
    line |= {"estimate": house.estimate, "tau2": house.tau2, "ci_low": house.ci.low, "ci_high": house.ci.high}
    for name, limits in (*both.items(), ("prediction", house.prediction)):
        line |= {f"{name}_{end}": getattr(limits, end) for end in ("low", "high")} if limits else {}
    return line


def by_subgroup(topic: Topic, comparison_id: str) -> Any:
    """Subgroups of a pooled comparison by the column its plan names, as in `variants`; None where it names none.

    Returns
    -------
    table : DataFrame
        One row per subgroup.
    test : Subgroups
        With the test of interaction, which alone says whether the subgroups differ.
    """
    from ..synthesis import subgroups

    found = finding(topic, comparison_id)
    column, measure = found.comparison.get("subgroups"), found.comparison["measure"]
    if not column or found.pooled is None:
        return None
    used = found.studies[found.studies["estimate"].notna()]
    # A trial whose joined arms differ is of one kind, whichever arm's row stands first.
    used = used.assign(**{column: used[column].map(lambda kinds: "; ".join(sorted(kinds.split("; "))), "ignore")})
    with quiet():
        test = subgroups(used, column)
    lines = [_line(str(name), group, measure, "") for name, group in used.groupby(column, sort=False)]
    return pd.DataFrame(lines).drop(columns="_trials"), test
