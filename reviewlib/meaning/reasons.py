"""Numbers in the reasons of judgements and decisions: each is a finding of its comparison or in a row that it names.

A reason is typed, so a number in it may be wrong from the start, or become wrong when a row is added. What is typed is
compared with what is computed from the tables as they are, to the decimals that are typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..errors import quiet
from ..evidence import Topic
from ..evidence.spoken import LARGE, SMALL, holds, results
from ..measures import is_ratio
from ..typed import Array
from .few_trials import widest
from .finding import finding
from .signals import HIGH_RISK, trial_weights
from .variants import FEWEST, funnels, variants

CONVENTIONS = (SMALL, LARGE)
_PEOPLE = re.compile(r"(?<![\w.,-])(\d[\d,]*) (?:people|patients|participants)\b")
_OF = ("10", "100", "1,000", "1000")  # people among whom some are counted
_OF_A_DECISION = ("question", "choice", "reason", "alternative")
_TYPED = ("certainty", "decisions", "readings")  # tables that repeat a number and give none


def unheld_reasons(topic: Topic) -> Iterator[tuple[str, str, str, str]]:
    """Yield (table, record, column, number) of each result in a reason that nothing holds.

    A result is a number with decimals, a percentage, or a number of people. The reason of a judgement may give what is
    computed of its comparison (see `computed`), what is in the rows of that comparison and its instruments, in the rows
    that it rests on, and in other rows of its source; people may be those of any row of its topic. A decision names no
    comparison: it may give what is computed of any, and what is in any row of its topic.
    """
    found, known = [comparison["id"] for comparison in topic.comparisons], {}

    def among(name, number):
        if name not in known:
            known[name] = computed(topic, name) if name in found else np.empty(0)
        typed, decimals = float(number.replace(",", "")), len(number.partition(".")[2])
        return bool((np.abs(np.abs(known[name]) - typed) <= 0.5 * 10.0**-decimals + 1e-9).any())

    everything = _words(topic, lambda row: True)
    for row in _rows(topic, "certainty"):
        name, words = row["comparison_id"], None
        for number in results(row["reason"]):
            words = _near(topic, row) if words is None else words
            if number not in CONVENTIONS and not holds(words, number) and not among(name, number):
                yield "certainty", f"{name} {row['domain']}", "reason", number
        for number in _PEOPLE.findall(row["reason"]):
            if number not in _OF and not holds(everything, number) and not among(name, number):
                yield "certainty", f"{name} {row['domain']}", "reason", number
    for row in _rows(topic, "decisions"):
        for column in _OF_A_DECISION:
            for number in (*results(row[column]), *_PEOPLE.findall(row[column])):
                held = number in (*CONVENTIONS, *_OF) or holds(everything, number)
                if not held and not any(among(name, number) for name in found):
                    yield "decisions", row["decision_id"], column, number


def computed(topic: Topic, comparison_id: str) -> Array:
    """Return what the pages compute of a comparison, on the scale that a reader sees.

    That is the mean, its limits and prediction limits, with all trials and with each declared set of them; the effect
    of each trial; I squared, and the share of the weight of the trials at high risk of bias in each domain, in percent;
    tau and its square; the mean in standard deviations, and half a standard deviation; P values of asymmetry, with all
    trials and without each of them; and the people of a trial and of all.
    """
    with quiet():
        found, sets = finding(topic, comparison_id), variants(topic, comparison_id)
        effects = [*found.studies[["estimate", "ci_low", "ci_high"]].to_numpy(float).ravel()]
        effects += [*((found.estimate, *found.ci, *widest(found.pooled, found.ci)) if found.ci else ())]
        other = [found.people or np.nan, *found.studies[["n_int", "n_ctl"]].sum(axis=1)]
        other += [100 * share for share in _weights(topic, found)]
        if found.pooled is not None:
            effects += [*(found.pooled.prediction or ())]
            other += [100 * found.pooled.i2, found.pooled.tau2, found.pooled.tau2**0.5]
        if found.sd and found.estimate is not None:
            other += [found.estimate / found.sd, found.sd / 2]
        for row in sets.drop(columns=["trials", "people"]).to_dict("records"):
            values = [value for value in row.values() if isinstance(value, float)]
            other += list(np.exp(values)) if is_ratio(row["measure"]) else values
        for _, used, test in funnels(topic, comparison_id):
            fewer = [used.drop(index=at).reset_index(drop=True) for at in used.index if len(used) > FEWEST]
            other += [test(part).pvalue for part in (used, *fewer)]
    return np.array([*found.back(effects), *other], float)


def _weights(topic, found) -> Iterator[float]:
    weights, table = trial_weights(found), topic.tables["risk_of_bias"]
    for _, judged in table[table["trial"].isin(list(weights))].groupby("domain"):
        high = judged["judgement"].str.lower().str.startswith(tuple(HIGH_RISK))
        yield sum(weights[trial] for trial in set(judged.loc[high, "trial"]))


def _rows(topic, table):
    return topic.text[table].to_dict("records") if table in topic.text else ()


def _near(topic, row) -> str:
    """Return what is in the rows that a judgement may quote."""
    used = [r for r in _rows(topic, "synthesis") if r["comparison_id"] == row["comparison_id"]]
    ids = {r["result_id"] for r in used} | {part.strip() for part in row["rests_on"].split(";")} - {""}
    ids |= {r["instrument_id"] for r in _rows(topic, "results") if r["result_id"] in ids} - {""}
    source = row["source_id"]

    def quoted(other):
        first = next(iter(other.values()))
        return bool({first, other.get("instrument_id")} & ids) or bool(source) and other.get("source_id") == source

    return _words(topic, quoted)


def _words(topic, wanted) -> str:
    tables = [table for name, table in topic.text.items() if name not in _TYPED]
    tables += [topic.instruments, topic.thresholds]
    records = (row for table in tables for row in table.to_dict("records"))
    return "\n".join(str(cell) for row in records if wanted(row) for cell in row.values())
