"""The rules of the house in plain words, the numbers that show why, and arithmetic on stored rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from ..door import RULE_NAMES
from ..errors import quiet
from ..evidence import Evidence, Topic
from ..files import yaml_of
from ..html import Html, cell
from ..typed import Frame
from .block import Block, bullets, join, table_block
from .core import strict_cores
from .provenance import cite
from .reference import read_json

RULES = tuple(yaml_of(Path(__file__).with_name("rules.yml")))


def house_rule(evidence: Evidence) -> Block:
    """The rules, each with its reason and sources, and the points of method standards that each page meets."""
    sources = evidence.sources.set_index("source_id")
    said = [(rule, "; ".join(cite(sources, name) for name in rule["sources"])) for rule in RULES]
    listed = bullets([Html(f"<strong>{cell(r['rule'])}</strong> {cell(r['why'])} ({cited})") for r, cited in said])
    return join(listed, strict_cores(evidence))


def examples(evidence: Evidence) -> Block:
    """The numbers that show why, computed as the page is made."""
    lines = [{"Example": name, "What": rule, "Result": result} for name, rule, result in worth_keeping()]
    return table_block(pd.DataFrame(lines), "Why these rules: small examples, computed here", classes="keep made-here")


def worth_keeping() -> list[tuple]:
    """Return (example, rule, what comes out) for the numbers that decide between rules."""
    from scipy.special import stdtrit

    from ..synthesis import meta_analysis

    two = {"estimate": [0.1, 0.5], "variance": [0.02, 0.03]}
    four = {"estimate": [0.10, 0.11, 0.09, 0.10], "variance": [0.01, 0.03, 0.04, 0.02]}
    bcg = read_json("pooling")["sets"]["bcg_rr"]
    trials = {"estimate": bcg["y"], "variance": bcg["v"]}
    with quiet():
        fit = meta_analysis(trials, ci="hksj")
        hartung, wald = (RULE_NAMES[rule] for rule in ("hksj", "wald"))
        rules: Any = ((hartung, "hksj"), (wald, "wald"))
        rows = [("Two trials, 0.1 and 0.5", name, _span(meta_analysis(two, ci=ci).ci, 2)) for name, ci in rules]
        rules = ((hartung, "REML", "hksj"), (f"common effect, {wald}", "CE", "wald"), ("wider", "REML", "wider"))
        agree = "Four trials that agree, 0.09 to 0.11"
        rows += [(agree, name, _span(meta_analysis(four, method=m, ci=ci).ci, 3)) for name, m, ci in rules]
    rows += [
        ("13 BCG trials, log risk ratio", f"mean, {hartung}", f"{fit.estimate:.4f} ({_span(fit.ci, 4)})"),
        ("13 BCG trials, log risk ratio", "tau², Q-profile", f"{fit.tau2:.4f} ({_span(fit.tau2_ci, 4)})"),
        ("13 BCG trials, log risk ratio", "I² from tau²", f"{fit.i2:.1%}"),
        ("13 BCG trials, log risk ratio", "prediction interval", _span(fit.prediction, 3)),
    ]
    for k in (3, 5, 8, 13):
        older, ours = stdtrit(k - 2, 0.975), stdtrit(k - 1, 0.975)
        rows.append(
            (f"Multiplier of a prediction interval, {k} trials", "t on k − 1; on k − 2", f"{ours:.2f}; {older:.2f}")
        )
    return rows


def arithmetic_rows(topic: Topic, comparison_id: str, measure: str, without: Any = ()) -> Frame:
    """Return the pool of the stored rows of a comparison, whole and without each set of trials."""
    from ..synthesis import meta_analysis

    rows, lines = topic.rows(comparison_id, use=None), []
    for left_out in ((), *without):
        kept = rows[~rows["trial"].str.contains("|".join(map(re.escape, left_out)))] if left_out else rows
        fit = meta_analysis(_stored(kept, measure), method="DL", ci="wald")
        lines.append(
            {
                "Which": f"without {' and '.join(filter(None, (', '.join(left_out[:-1]), left_out[-1])))}"
                if left_out
                else f"all {len(rows)} rows",
                f"{measure}, mean (95% CI)": f"{fit.estimate:.2f} ({_span(fit.ci, 2)})",
                "I²": f"{fit.i2:.0%}",
                "tau²": f"{fit.tau2:.3g}",
            }
        )
    return pd.DataFrame(lines)


def _stored(rows, measure):
    """Return the studies of stored rows: an estimate with the variance that its note gives, or from their arms."""
    from ..effects import effect_sizes

    told = [re.search(r"variance ([\d.]+) as stored", note or "") for note in rows["notes"]]
    if not all(told):
        return effect_sizes(rows.drop(columns=["estimate", "ci_low", "ci_high", "measure"]), measure)
    return {"estimate": list(rows["estimate"]), "variance": [float(one[1]) for one in told]}


def _span(limits, places) -> str:
    return f"{limits[0]:.{places}f} to {limits[1]:.{places}f}"
