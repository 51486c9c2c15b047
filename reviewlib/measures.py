"""Measures of effect: one record each, from which every list, label, axis, word list and transformation derives.

To add a measure, add a record here and write its test: `effect_sizes`, the pools, the figures, the dictionary of the
evidence tables and the exchange formats read this table and nothing else. A record that is computed from arms names
its formula in `reviewlib.effects` as "module.function"; a formula takes a mapping of float arrays (one entry per
study) and returns estimate and variance, NaN where a study gives none. All formulas are those of metafor 3.8-1 with its
default sampling variance.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from .errors import EvidenceError
from .measure_record import (
    ARMS,
    CONTRAST,
    CORRELATION,
    COUNTS,
    ONE_GROUP,
    PAIRED,
    PERSON_TIME,
    Measure,
    hazard_risk,
)

_FEW, _NONE = "too few people for an SD", "no events, or only events, in both arms"
_TABLE: dict[str, Any] = {"columns": COUNTS, "cells": "binary.two_by_two"}
_RATES: dict[str, Any] = {"columns": PERSON_TIME, "cells": "rates.two_counts"}
_GROUP: dict[str, Any] = {"scale": "proportion", "columns": ONE_GROUP, "cells": "rates.one_group"}
_SMC: dict[str, Any] = {
    "scale": "standardized",
    "label": "standardized mean change",
    "undefined": "too few people, or no spread of changes",
}
_R: dict[str, Any] = {
    "scale": "correlation",
    "label": "correlation",
    "columns": CORRELATION,
    "undefined": "3 people or fewer, or r of exactly 1",
}
_LOG: dict[str, Any] = {"scale": "ratio", "transform": "log", "mirrored": False}

MEASURES = {
    m.name: m
    for m in (
        Measure(
            "MD",
            "mean difference",
            "difference",
            ARMS,
            "continuous.mean_difference",
            units=True,
            printed=True,
            spellings=("WMD", "weighted mean difference"),
            revman="Mean Difference",
        ),
        Measure(
            "SMD",
            "standardized mean difference",
            "standardized",
            ARMS,
            "continuous.standardized_mean_difference",
            pooled="standardized mean difference (Hedges' g)",
            undefined=_FEW,
            printed=True,
            spellings=("std mean difference", "standardised mean difference", "hedges g", "g"),
            revman="Std. Mean Difference",
        ),
        Measure(
            "SMDH",
            "standardized mean difference",
            "standardized",
            ARMS,
            "continuous.heteroscedastic_smd",
            pooled="standardized mean difference, unequal SDs",
            undefined=_FEW,
        ),
        Measure(
            "ROM",
            "ratio of means",
            columns=ARMS,
            formula="continuous.ratio_of_means",
            printed=True,
            undefined="means not on the same side of zero",
            revman="Ratio of Means",
            **_LOG,
        ),
        Measure(
            "OR",
            "odds ratio",
            formula="binary.odds_ratio",
            risk=lambda x, p: p * x / (1 - p + p * x),
            printed=True,
            revman="Odds Ratio",
            **_TABLE,
            **_LOG | {"mirrored": True},
        ),
        Measure(
            "RR",
            "risk ratio",
            formula="binary.risk_ratio",
            risk=lambda x, p: p * x,
            printed=True,
            spellings=("relative risk",),
            revman="Risk Ratio",
            **_TABLE,
            **_LOG,
        ),
        Measure(
            "RD",
            "risk difference",
            "difference",
            formula="binary.risk_difference",
            risk=lambda x, p: p + x,
            printed=True,
            revman="Risk Difference",
            **_TABLE,
        ),
        Measure(
            "PETO",
            "Peto odds ratio",
            formula="binary.peto",
            pooled="odds ratio (Peto)",
            undefined=_NONE,
            printed=True,
            spellings=("Peto OR",),
            revman="Peto Odds Ratio",
            **_TABLE,
            **_LOG | {"mirrored": True},
        ),
        Measure("HR", "hazard ratio", columns=CONTRAST, risk=hazard_risk, printed=True, revman="Hazard Ratio", **_LOG),
        Measure("AS", "arcsine difference", "difference", formula="binary.arcsine_difference", add=0.0, **_TABLE),
        Measure(
            "IRR",
            "rate ratio",
            formula="rates.rate_ratio",
            pooled="incidence rate ratio",
            printed=True,
            spellings=("incidence rate ratio",),
            revman="Rate Ratio",
            **_RATES,
            **_LOG,
        ),
        Measure(
            "IRD",
            "rate difference",
            "difference",
            formula="rates.rate_difference",
            pooled="incidence rate difference",
            printed=True,
            **_RATES,
        ),
        Measure("IRSD", "difference of root rates", "difference", formula="rates.root_difference", add=0.0, **_RATES),
        Measure("PR", "proportion", formula="rates.proportion", **_GROUP),
        Measure("PLN", "proportion", formula="rates.log_proportion", transform="log", **_GROUP),
        Measure(
            "PLO",
            "proportion",
            formula="rates.logit_proportion",
            transform="logit",
            pooled="logit proportion",
            **_GROUP,
        ),
        Measure(
            "PAS",
            "proportion",
            formula="rates.arcsine_proportion",
            transform="arcsine",
            add=0.0,
            pooled="arcsine proportion",
            **_GROUP,
        ),
        Measure(
            "PFT",
            "proportion",
            formula="rates.freeman_tukey",
            transform="double arcsine",
            add=0.0,
            pooled="Freeman-Tukey proportion",
            **_GROUP,
        ),
        Measure("COR", formula="associations.correlation", printed=True, **_R),
        Measure("ZCOR", formula="associations.fisher_z", transform="z", pooled="Fisher's z of a correlation", **_R),
        Measure(
            "MC",
            "mean change",
            "difference",
            PAIRED,
            "associations.mean_change",
            units=True,
            undefined="no spread of changes",
        ),
        Measure(
            "SMCC", columns=PAIRED, formula="associations.smcc", pooled="standardized mean change, SD of change", **_SMC
        ),
        Measure(
            "SMCR",
            columns=tuple(c for c in PAIRED if c != "sd_post"),
            formula="associations.smcr",
            pooled="standardized mean change, SD before",
            **_SMC,
        ),
        Measure("GEN", "effect", "difference", CONTRAST, pooled="contrast as printed", units=True),
    )
}


def measure_named(name: str) -> Measure:
    """Return the Measure, or refuse with the nearest names."""
    found = spelled(name)
    if found:
        return MEASURES[found]
    near = get_close_matches(str(name).upper(), MEASURES, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise EvidenceError(f"unknown measure {name!r}: {hint}known are {', '.join(MEASURES)}")


def spelled(text: str) -> str | None:
    """Return the name of the measure that a text spells ("or", "Odds ratio", "hedges_g"), None for another text."""
    if not isinstance(text, str):
        return None
    if text in MEASURES:
        return text
    names = {}
    for m in MEASURES.values():
        for word in (m.name, *m.spellings, *([m.label] if m.name != "GEN" else [])):
            names.setdefault(_squeezed(word), m.name)
    return names.get(_squeezed(text))


def shown_as(text: str) -> str:
    """Return the name of a measure whose values are transformed to be shown ("or" is OR); other words as they are."""
    found = spelled(text)
    return found if found and MEASURES[found].transform != "none" else text


def _squeezed(text):
    return re.sub("[^A-Z0-9]", "", text.upper())


def find(measure: str) -> Measure:
    """Return the record of a measure, with or without "log " before its name; that of GEN for an unknown one."""
    text = str(measure or "GEN").strip()
    return MEASURES[spelled(text) or spelled(re.sub("^log ", "", text, flags=re.I)) or "GEN"]


def label_of(measure: str) -> str:
    """Return a measure in words ("odds ratio"); an unknown one as it was written."""
    m = find(measure)
    return str(measure) if m.name == "GEN" and measure != "GEN" else m.label


def is_ratio(measure: str) -> bool:
    """Return whether a measure is pooled as a logarithm and shown as a ratio."""
    return find(measure).ratio


def printed_measures() -> list[str]:
    """Return the names of the measures that evidence tables may hold."""
    return [m.name for m in MEASURES.values() if m.printed]
