"""Twenty points without which a page of evidence is not published, each answered from the tables of a topic.

The points are our own selection from the guidance that each names. A rule returns how many of the things it looks at
are as they should be, so that the answer is never typed: all of them is yes, some is partly, with what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..evidence import Topic
from ..typed import Frame
from .assumed import assumed_effects
from .finding import Finding, findings
from .people import absolute_rows
from .statement import overclaims
from .words import count

_IDENTIFIERS = ("doi", "pmid", "pmcid", "registry_id")
_LISTED = 6  # names that a reason holds
RULES_HOLD = "reviewlib check"
_ASSIGNED = ("itt", "as-randomised")


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its number in our checklist, what a page must do, where that comes from, and the rule that looks."""

    number: int
    words: str
    source: str
    rule: Callable[[Topic, list[Finding]], tuple[str, str]]


def strict_core(topic: Topic) -> Frame:
    """Answer the twenty points for a topic.

    Parameters
    ----------
    topic : Topic
        From `load_evidence`.

    Returns
    -------
    DataFrame
        number, point, answer ("yes", "partly", "no", "does not apply", or what is true instead), reason (from the
        tables, with the names of what is missing), source.

    Examples
    --------
    >>> import reviewlib as rl
    >>> from reviewlib.meaning.strict_core import strict_core
    >>> print(len(strict_core(next(iter(rl.load_evidence())))))
    20
    """
    found = [f for f in findings(topic).values() if f.comparison.get("in_summary", True)]
    lines = []
    for point in POINTS:
        answer, reason = point.rule(topic, found)
        lines.append((point.number, point.words, answer, reason, point.source))
    return pd.DataFrame(lines, columns=["number", "point", "answer", "reason", "source"])


def _all(good, names, what, *, none="there is nothing of the kind on this page") -> tuple[str, str]:
    """Return yes, partly or no for a list of things, of which `good` are as they should be."""
    names, good = list(dict.fromkeys(names)), set(good)
    if not names:
        return "does not apply", none
    missing = [name for name in names if name not in good]
    if not missing:
        return "yes", f"{what}: all {len(names)}"
    listed = ", ".join(missing[:_LISTED]) + _more(missing)
    some = len(missing) < len(names)
    return "partly" if some else "no", f"{what}: {'all but' if some else 'not'} {listed}"


def _more(names) -> str:
    """Return how many names do not fit a reason."""
    return f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""


def _each(found, good, what, **none) -> tuple[str, str]:
    """Answer for the findings of a page, of which those are as they should be for which `good` is true."""
    return _all([f.comparison["id"] for f in found if good(f)], [f.comparison["id"] for f in found], what, **none)


def _question(topic, found):
    return _all([k for k, v in topic.question.items() if v], topic.question, "parts of the question stated first")


def _searched(topic, found):
    table = topic.tables["search"]
    names = list(table["search_id"])
    whole = table[(table["date"] != "not recorded") & (table["query"] != "not recorded")]
    if not names:
        return "no", "no search is recorded"
    return _all(whole["search_id"], names, "searches with source, query and date")


def _provenance(topic, found):
    used = topic.used_sources()
    extra = [name for name in ("url", "no_identifier") if name in used.columns]
    known = used[used[[*_IDENTIFIERS, *extra]].notna().any(axis=1)]
    answer, reason = _all(known["source_id"], used["source_id"], "sources with an identifier, or the reason why none")
    bare = used[used[list(_IDENTIFIERS)].isna().all(axis=1)]
    note = f"; {len(bare)} have an address or a reason instead of an identifier" if len(bare) else ""
    return answer, f"each number has source, place and what was read; {reason}{note}"


def _enforced(words):
    return lambda topic, found: ("yes", f"{words}; tables that break a rule are not loaded ({RULES_HOLD})")


def _routes(topic, found):
    rows = [row for f in found for row in f.studies[f.studies["estimate"].notna()].itertuples()]
    said = "trials whose effect says how it came about"
    return _all([r.trial for r in rows if r.route], [r.trial for r in rows], said)


def _assumed(topic, found):
    tried = assumed_effects(topic)
    if tried.empty:
        return "does not apply", "no number is assumed"
    good = tried[(tried["at_low"] != "") | (tried["why_not"].str.contains("enters no effect"))]
    names = tried["assumption_id"]
    return _all(good["assumption_id"], names, "assumed numbers with the result at both ends of their range")


def _once(topic, found):
    if not found:
        return "does not apply", "no trial result is compared on this page"
    joined = sum(";" in str(ids) for f in found for ids in f.studies.get("result_ids", ()))
    return "yes", f"arms of one trial are joined by rule ({joined} joined here); nobody is counted twice ({RULES_HOLD})"


def _whole(trials) -> str:
    return "its one trial" if len(trials) == 1 else f"all {len(trials)} trials"


def _bias(topic, found):
    table, trials = topic.tables["risk_of_bias"], _trials(found)
    judged = table[table["judgement"].str.lower() != "not yet assessed"]
    judged = judged[judged["trial"].isin(trials)]
    new = set(judged.loc[judged["tool"].str.startswith("RoB 2"), "trial"])
    if trials and set(trials) <= new:
        return "yes", f"RoB 2 for {_whole(trials)}"
    first = judged[judged["tool"].str.contains("Cochrane", case=False)]
    with_first, anything = set(first["trial"]), set(judged["trial"])
    facts = topic.tables["rob2_facts"]
    told = f"{count(len(facts), 'fact')} for RoB 2 recorded, not judged" if len(facts) else "not judged with RoB 2"
    if trials and set(trials) <= with_first:
        return "published, first tool", f"{_whole(trials)} as judged by a Cochrane review; {told}"
    if not trials:
        return "does not apply", "no trial gives a number"
    if not anything:
        return "no", told
    said = [f"{len(with_first)} of {len(trials)} trials as judged by a Cochrane review"] if with_first else []
    if others := anything - with_first:
        tools = ", ".join(sorted(set(judged.loc[judged["trial"].isin(others), "tool"])))
        said.append(f"{len(others)} {'more ' if with_first else ''}with other published items ({tools})")
    if bare := sorted(set(trials) - anything):
        said.append(f"no judgement was read for {', '.join(bare[:_LISTED])}{_more(bare)}")
    return "partly published, first tool" if with_first else "partly", "; ".join([*said, told])


def _why_pooled(topic, found):
    return _each(found, lambda f: f.comparison.get("pool_reason"), "comparisons with the reason for pooling or not")


def _pools(found, least=1):
    return [f for f in found if f.pooled is not None and f.pooled.k >= least]


def _method(topic, found):
    said = "pools by REML and the house interval, with the method printed under the result"
    return _each(_pools(found), lambda f: "REML" in f.pooled.methods, said, none="nothing is pooled")


def _few(topic, found):
    said = "pools of two trials or more, few trials said to be few"  # below five, beside each result of the summary
    none = "nothing is pooled: one trial stands by itself"
    return _each(_pools(found), lambda f: f.pooled.k > 1, said, none=none)


def _prediction(topic, found):
    said = "pools of five trials or more with a prediction interval"
    return _each(_pools(found, 5), lambda f: f.pooled.prediction is not None, said, none="no pool has five trials")


def _sensitivity(topic, found):
    results = [f for f in found if f.basis in ("pooled", "one trial")]
    said = "pooled and single results with a table of other rules or rows"
    return _each(results, bool, said, none="no result is pooled or stands alone")


def _missing(topic, found):
    rows = topic.tables["missing_results"]
    if not topic.comparisons:
        return "does not apply", "no trial result is compared on this page"
    if rows.empty:
        return "no", "no list of results that are known to be missing"
    return "yes", f"{count(len(rows), 'result')} known or likely to exist are listed"


def _people(topic, found):
    ratios = [f for f in found if f.ratio and f.estimate is not None]
    none = "no result of the summary is a ratio; a difference of means has no baseline risk"
    return _each(
        ratios, lambda f: absolute_rows(topic, f), "ratios with people out of 100 and their baseline", none=none
    )


def _threshold(topic, found):
    scales = {}
    for f in found:
        if f.estimate is not None and f.comparison["measure"] in ("MD", "SMD"):
            scales[f.comparison["id"]] = f.threshold is not None and bool(f.threshold_kind)
    good, none = [name for name, known in scales.items() if known], "no difference of means is stated"
    answer, reason = _all(good, scales, "differences held against a sourced threshold, with its kind", none=none)
    rest = "; no threshold was found for these scales, which the page says beside each of them"
    return answer, reason + (rest if answer in ("partly", "no") else "")


def _assignment(topic, found):
    rows = {r.trial: r.analysis_set for f in found for r in f.studies[f.studies["estimate"].notna()].itertuples()}
    known = [trial for trial, kind in rows.items() if kind != "unclear"]
    answer, reason = _all([t for t in known if rows[t] in _ASSIGNED], known, "trials analysed as assigned")
    if len(known) == len(rows):
        return answer, reason
    which = f"{len(rows) - len(known)} of {count(len(rows), 'trial')}"
    unsaid = f"what was read of {which} does not say who was analysed in which group"
    return ("no" if answer == "no" else "partly"), f"{reason}; {unsaid}" if known else unsaid


def _certainty(topic, found):
    stated = [f for f in found if f.estimate is not None]
    said = "results rated domain by domain, level recomputed"
    answer, reason = _each(stated, lambda f: f.certainty is not None and f.certainty.steps, said)
    who = dict.fromkeys(f"{f.certainty.status}, {f.certainty.judged_by}" for f in stated if f.certainty is not None)
    return answer, f"{reason} ({'; '.join(who)})" if who else reason


def _sentences(topic, found):
    said = "sentences made from size and certainty, without overclaims"
    return _each(found, lambda f: not overclaims(f.sentence), said)


def _runs(topic, found):
    return "yes", "the page is executed from a clean kernel; every number on it is computed, none is typed into prose"


def _trials(found) -> list[str]:
    return sorted({trial for f in found for trial in f.studies.loc[f.studies["estimate"].notna(), "trial"]})


POINTS: tuple[Any, ...] = (
    Point(
        1, "states population, intervention, comparator, outcome and time before any result", "PRISMA 4-5", _question
    ),
    Point(5, "gives every source, full strategy and date of last search", "PRISMA 6-7", _searched),
    Point(9, "every number has source and place, and what was read; every source resolves", "PRISMA 9", _provenance),
    Point(
        11,
        "every value lies in its range; intervals hold their estimate; no more people than randomized",
        "editorial check",
        _enforced("ranges, intervals and counts are checked"),
    ),
    Point(13, "every derived SD, SE or n says how it was derived", "Handbook 6.5.2", _routes),
    Point(16, "assumed numbers: value, origin, range tried, effect on the result", "Handbook 6.5.2.8; 23.1", _assumed),
    Point(18, "arms of one trial combined or split by rule; nobody counted twice", "Handbook 23", _once),
    Point(21, "RoB 2 per result, with reasons; the version stated", "RoB 2", _bias),
    Point(24, "says why pooling is sensible, or does not pool", "Handbook 10.1", _why_pooled),
    Point(26, "REML; interval by the house rule; method printed with the result", "Handbook 10.10.4", _method),
    Point(27, "one trial is not pooled; two to four with a warning", "Bender 2018", _few),
    Point(29, "prediction interval from five trials", "IntHout 2016", _prediction),
    Point(
        33,
        "sensitivity: other interval, estimator, trials left out; says whether the conclusion changes",
        "PRISMA 13f, 20d",
        _sensitivity,
    ),
    Point(35, "lists results that exist but are not available", "ROB-ME", _missing),
    Point(37, "absolute effect beside relative, baseline risk named", "Core GRADE 6", _people),
    Point(39, "compares the interval with a sourced threshold, and says whose it is", "Core GRADE 2", _threshold),
    Point(41, "intention to treat is the headline", "RoB 2", _assignment),
    Point(43, "certainty per outcome: each domain with reason; level recomputed", "Core GRADE 1-4", _certainty),
    Point(45, "sentence made from size and certainty; no overclaiming words", "Santesso 2020", _sentences),
    Point(48, "runs from a clean kernel; no number in prose that is not asserted", "our practice", _runs),
)
