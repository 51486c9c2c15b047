"""The rules of the house in plain words, the numbers that show why, and arithmetic on stored rows."""

from __future__ import annotations

import re
import warnings

from ..errors import MethodWarning
from ..html import Html, cell
from .block import Block, bullets, table_block
from .provenance import cite
from .reference import folder, read_json

# (rule, why, sources): the text is ours, the sources say it at greater length.
RULES = (
    ("Trials are pooled only when one question is behind them.",
     "Where outcomes, comparators or time windows differ in kind, or all trials share a fatal bias, the trials stand "
     "side by side and no pooled number is shown.", ("higgins2024ch10",)),
    ("The model is random effects; the variance between trials is estimated by REML.",
     "Trials of care differ in people and setting, so one true effect is not believable. The choice is made by the "
     "question, never by a test of heterogeneity.", ("veroniki2016", "viechtbauer2005")),
    ("From three trials, the interval is the wider of Knapp-Hartung (HKSJ) and Wald.",
     "Wald is too narrow with few trials. Knapp-Hartung repairs that, but collapses when trials agree by luck. The "
     "wider of the two keeps its promise in both cases.", ("knapp2003", "roever2015", "jackson2017")),
    ("Two trials are shown with a Wald interval that is called provisional; one trial is never pooled.",
     "With two trials the variance between them cannot be known, and the exact interval is so wide that it says "
     "nothing.",
     ("bender2018",)),
    ("The interval of tau² is the Q-profile interval.",
     "It is exact under the model and belongs to the same data, whatever the estimator.", ("viechtbauer2007",)),
    ("I² is computed from tau², not from Q.",
     "Then it describes the model that was fitted. It is a share, not a size: how far effects spread is told by tau "
     "and the prediction interval.", ("higgins2024ch10",)),
    ("From five trials a prediction interval is shown, with t on k − 1.",
     "It says where the effect in a new, comparable setting is expected. With fewer trials it would be a guess.",
     ("riley2011", "veroniki2019")),
    ("Zero cells are never corrected in silence.",
     "A result says which rows were corrected. For rare events counts are pooled as they are, by Mantel-Haenszel or "
     "Peto.",
     ("mantel1959", "yusuf1985", "higgins2024ch10")),
    ("Asymmetry of a funnel is not publication bias, and is not tested below ten trials.",
     "Small trials may differ for other reasons. Results known to be missing are listed first.", ("sterne2011",)),
)  # fmt: skip


def house_rule(evidence) -> Block:
    """The rules, each with its reason and sources."""
    sources = evidence.sources.set_index("source_id")
    return bullets([
        Html(f"<strong>{cell(rule)}</strong> {cell(why)} ({'; '.join(cite(sources, s) for s in ids)})")
        for rule, why, ids in RULES
    ])  # fmt: skip


def examples(evidence) -> Block:
    """The numbers that show why, computed as the page is made."""
    import pandas as pd

    lines = [{"Example": name, "What": rule, "Result": result} for name, rule, result in worth_keeping(evidence)]
    return table_block(pd.DataFrame(lines), "Why these rules: small examples, computed here", classes="keep")


def worth_keeping(evidence):
    """Return (example, rule, what comes out) for the numbers that decide between rules."""
    from scipy.special import stdtrit

    from ..synthesis import meta_analysis

    two = {"estimate": [0.1, 0.5], "variance": [0.02, 0.03]}
    four = {"estimate": [0.10, 0.11, 0.09, 0.10], "variance": [0.01, 0.03, 0.04, 0.02]}
    bcg = read_json(folder(evidence), "pooling")["sets"]["bcg_rr"]
    trials = {"estimate": bcg["y"], "variance": bcg["v"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MethodWarning)
        fit = meta_analysis(trials)
        rules = (("Knapp-Hartung", "hksj"), ("Wald", "wald"))
        rows = [("Two trials, 0.1 and 0.5", name, _span(meta_analysis(two, ci=ci).ci, 2)) for name, ci in rules]
        rules = (("Knapp-Hartung", "REML", "hksj"), ("common effect, Wald", "CE", "wald"), ("wider", "REML", "wider"))
        agree = "Four trials that agree, 0.09 to 0.11"
        rows += [(agree, name, _span(meta_analysis(four, method=m, ci=ci).ci, 3)) for name, m, ci in rules]
    rows += [
        ("13 BCG trials, log risk ratio", "mean, Knapp-Hartung", f"{fit.estimate:.4f} ({_span(fit.ci, 4)})"),
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


def arithmetic_rows(evidence):
    """Return the pools of the two stored sets, whole and without the rows named."""
    import pandas as pd

    from ..effects import effect_sizes
    from ..synthesis import meta_analysis

    topic = evidence["mobilization"]
    arms = topic.rows("arithmetic-rubinstein2019", use=None)
    sets = [
        ("23 stored arm rows of a review, MD in points", "all rows", "MD", arms, ()),
        ("the same", "without Krekoukias", "MD", arms, ("Krekoukias",)),
        ("the same", "without Krekoukias, Sarker and Wilkey", "MD", arms, ("Krekoukias", "Sarker", "Wilkey")),
    ]
    lines = []
    for data, which, measure, rows, without in sets:
        kept = rows[~rows["trial"].str.contains("|".join(without))] if without else rows
        studies = effect_sizes(kept.drop(columns=["estimate", "ci_low", "ci_high", "measure"]), measure)
        lines.append((data, which, meta_analysis(studies, method="DL", ci="wald")))
    stored = topic.rows("arithmetic-paige2017", use=None)
    variance = [float(re.search(r"variance ([\d.]+) as stored", note)[1]) for note in stored["notes"]]
    fit = meta_analysis({"estimate": list(stored["estimate"]), "variance": variance}, method="DL", ci="wald")
    lines.append(("six stored standardized differences of a review, SMD", "all rows", fit))
    return pd.DataFrame([
        {"Stored rows": data, "Which": which, "Mean (95% CI)": f"{fit.estimate:.2f} ({_span(fit.ci, 2)})",
         "I²": f"{fit.i2:.0%}", "tau²": f"{fit.tau2:.3g}"} for data, which, fit in lines
    ])  # fmt: skip


def _span(limits, places) -> str:
    return f"{limits[0]:.{places}f} to {limits[1]:.{places}f}"
