"""Evidence tables, their synthesis, and pages that say no more than they know.

The rooms are walked one way: table (`evidence`), effect (`convert`, `effects`), synthesis (`batch`, `synthesis`),
meaning (`meaning`), page (`plots`, `page`, `site`). A public name loads its room when it is first used, so importing
this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_SUBMODULES = ("batch", "convert", "page", "plots")
_PUBLIC = {
    "errors": "ConversionError EvidenceError MethodWarning Problem TooFewStudiesError",
    "results": "Interval from_json",
    "evidence": "load_evidence Evidence Topic",
    "effects": "effect_sizes back_transform align study_effects",
    "synthesis": (
        "meta_analysis MetaAnalysis house_rule sensitivity mantel_haenszel peto bayesian "
        "leave_one_out cumulative influence baujat gosh multiverse "
        "meta_regression MetaRegression subgroups multilevel Multilevel robust combine_within "
        "egger begg peters harbord funnel_smd trim_and_fill pet_peese selection_model cace e_value "
        "impute_covariance correlation_sensitivity TauPrior empirical_prior"
    ),
    "meaning": (
        "appropriateness compare_rules class_stability round_change necessity "
        "certainty statement finding findings summary_of_findings"
    ),
}
_HOME = {name: room for room, names in _PUBLIC.items() for name in names.split()}

__all__ = sorted([*_SUBMODULES, *_HOME])


def __getattr__(name):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*__all__, "__version__"]
