"""Pooling, its uncertainty, and what could change it. Names load their module when first used."""

from importlib import import_module

_NAMES = {
    "pooled": "meta_analysis MetaAnalysis house_rule",
    "choices": "sensitivity Sensitivity",
    "two_by_two": "mantel_haenszel peto TableMethod",
    "reruns": "leave_one_out cumulative Rerun",
    "diagnostics": "influence baujat Diagnostics",
    "subsets": "gosh Gosh",
    "specifications": "multiverse Multiverse",
    "bayes": "bayesian Bayesian",
    "priors": "TauPrior empirical_prior",
    "regression": "meta_regression MetaRegression",
    "permutation": "PermutationTest",
    "interaction": "subgroups Subgroups Subgroup",
    "threelevel": "multilevel Multilevel",
    "sandwich": "robust Robust",
    "within_trial": "combine_within impute_covariance correlation_sensitivity",
    "asymmetry": "egger peters harbord funnel_smd FunnelRegression",
    "extrapolation": "pet_peese PetPeese",
    "rank_test": "begg RankTest",
    "filled_funnel": "trim_and_fill TrimAndFill",
    "selection": "selection_model SelectionModel",
    "adherence": "cace e_value ComplierEffect EValue",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(_HOME)
