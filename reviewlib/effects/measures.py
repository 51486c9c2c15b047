"""The measures, each with the columns it needs, its formula and the scale it lives on.

A formula takes a mapping of float arrays (one entry a study) and returns estimate and variance; NaN where a study
gives none. Every formula is the one of metafor 3.8-1 with its default sampling variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from ..errors import EvidenceError
from . import associations, binary, continuous, rates

ARMS = ("mean_int", "sd_int", "n_int", "mean_ctl", "sd_ctl", "n_ctl")
COUNTS = ("events_int", "n_int", "events_ctl", "n_ctl")
PERSON_TIME = ("events_int", "time_int", "events_ctl", "time_ctl")
ONE_GROUP = ("events", "n")
PAIRED = ("mean_pre", "mean_post", "sd_pre", "sd_post", "n", "r")
CONTRAST = ("estimate", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect measure.

    `scale` says where estimates live: difference, smd, log, logit, arcsine, sqrt, z. `cells` names the function that
    builds the cells to which a zero correction may be added; `add` is its default size (metafor adds nothing to
    measures that are defined at zero).
    """

    name: str
    title: str
    columns: tuple[str, ...]
    formula: Callable | None
    scale: str = "difference"
    cells: Callable | None = None
    add: float = 0.5


MEASURES = {
    m.name: m
    for m in (
        Measure("MD", "mean difference", ARMS, continuous.mean_difference),
        Measure(
            "SMD", "standardized mean difference (Hedges' g)", ARMS, continuous.standardized_mean_difference, "smd"
        ),
        Measure("SMDH", "standardized mean difference, unequal SDs", ARMS, continuous.heteroscedastic_smd, "smd"),
        Measure("ROM", "log ratio of means", ARMS, continuous.ratio_of_means, "log"),
        Measure("OR", "log odds ratio", COUNTS, binary.odds_ratio, "log", binary.two_by_two),
        Measure("RR", "log risk ratio", COUNTS, binary.risk_ratio, "log", binary.two_by_two),
        Measure("RD", "risk difference", COUNTS, binary.risk_difference, "difference", binary.two_by_two),
        Measure("PETO", "log odds ratio (Peto)", COUNTS, binary.peto, "log", binary.two_by_two),
        Measure(
            "AS", "arcsine difference", COUNTS, binary.arcsine_difference, "arcsine-difference", binary.two_by_two, 0.0
        ),
        Measure("IRR", "log incidence rate ratio", PERSON_TIME, rates.rate_ratio, "log", rates.two_counts),
        Measure("IRD", "incidence rate difference", PERSON_TIME, rates.rate_difference, "difference", rates.two_counts),
        Measure(
            "IRSD",
            "difference of root rates",
            PERSON_TIME,
            rates.root_difference,
            "root-difference",
            rates.two_counts,
            0.0,
        ),
        Measure("PR", "proportion", ONE_GROUP, rates.proportion, "difference", rates.one_group),
        Measure("PLN", "log proportion", ONE_GROUP, rates.log_proportion, "log", rates.one_group),
        Measure("PLO", "logit proportion", ONE_GROUP, rates.logit_proportion, "logit", rates.one_group),
        Measure("PAS", "arcsine proportion", ONE_GROUP, rates.arcsine_proportion, "arcsine", rates.one_group, 0.0),
        Measure(
            "PFT", "Freeman-Tukey proportion", ONE_GROUP, rates.freeman_tukey, "freeman-tukey", rates.one_group, 0.0
        ),
        Measure("COR", "correlation", ("r", "n"), associations.correlation),
        Measure("ZCOR", "Fisher's z of a correlation", ("r", "n"), associations.fisher_z, "z"),
        Measure("MC", "mean change", PAIRED, associations.mean_change),
        Measure("SMCC", "standardized mean change, SD of change", PAIRED, associations.smcc, "smd"),
        Measure(
            "SMCR",
            "standardized mean change, SD before",
            tuple(c for c in PAIRED if c != "sd_post"),
            associations.smcr,
            "smd",
        ),
        Measure("GEN", "contrast as printed", CONTRAST, None),
        Measure("HR", "log hazard ratio", CONTRAST, None, "log"),
    )
}
RATIOS = frozenset(name for name, measure in MEASURES.items() if measure.scale == "log" and name != "PLN")


def measure_named(name):
    """Return the Measure, or refuse with the nearest names."""
    if isinstance(name, str) and name.upper() in MEASURES:
        return MEASURES[name.upper()]
    near = get_close_matches(str(name).upper(), MEASURES, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise EvidenceError(f"unknown measure {name!r}: {hint}known are {', '.join(MEASURES)}")
