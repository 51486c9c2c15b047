"""Numbers recovered from what papers print: SDs and SEs, joined arms, clusters, medians, and effects said in people."""

from .differences import sd_from_se_of_difference, se_from_ci, se_from_p, se_from_t
from .dispersion import correlation_from_sds, sd_from_ci, sd_from_p, sd_from_se, sd_from_t, sd_of_change
from .groups import Arm, combine_groups, design_effect, effective_n, split_group
from .intervals import ci_from_se, geometric_mean, midpoint_check, ratio_ci_from_log_se, se_from_ratio_ci
from .medians import MeanFromQuantiles, mean_sd_from_quantiles
from .people import (
    NumberNeeded,
    absolute_risk,
    log_or_to_smd,
    nnt,
    share_beyond,
    smd_to_log_or,
    smd_to_responders,
    smd_to_units,
)
from .quantities import p_from_statistic, quantile, statistic_from_p

__all__ = [
    "Arm", "MeanFromQuantiles", "NumberNeeded", "absolute_risk", "ci_from_se", "combine_groups",
    "correlation_from_sds", "design_effect", "effective_n", "geometric_mean", "log_or_to_smd",
    "mean_sd_from_quantiles", "midpoint_check", "nnt", "p_from_statistic", "quantile", "ratio_ci_from_log_se",
    "sd_from_ci", "sd_from_p", "sd_from_se", "sd_from_se_of_difference", "sd_from_t", "sd_of_change",
    "se_from_ci", "se_from_p", "se_from_ratio_ci", "se_from_t", "share_beyond", "smd_to_log_or",
    "smd_to_responders", "smd_to_units", "split_group", "statistic_from_p",
]  # fmt: skip
