"""The public names and where they live: read when a name is first used, and by editors and type checkers."""

from .differences import (
    sd_from_se_of_difference as sd_from_se_of_difference,
    se_from_ci as se_from_ci,
    se_from_p as se_from_p,
    se_from_t as se_from_t,
)
from .dispersion import (
    correlation_from_sds as correlation_from_sds,
    sd_from_ci as sd_from_ci,
    sd_from_p as sd_from_p,
    sd_from_se as sd_from_se,
    sd_from_t as sd_from_t,
    sd_of_change as sd_of_change,
)
from .groups import (
    Arm as Arm,
    combine_groups as combine_groups,
    design_effect as design_effect,
    effective_n as effective_n,
    split_group as split_group,
)
from .intervals import (
    ci_from_se as ci_from_se,
    geometric_mean as geometric_mean,
    midpoint_check as midpoint_check,
    ratio_ci_from_log_se as ratio_ci_from_log_se,
    se_from_ratio_ci as se_from_ratio_ci,
)
from .medians import (
    MeanFromQuantiles as MeanFromQuantiles,
    mean_sd_from_quantiles as mean_sd_from_quantiles,
)
from .needed import NumberNeeded as NumberNeeded, nnt as nnt
from .people import (
    absolute_risk as absolute_risk,
    log_or_to_smd as log_or_to_smd,
    share_beyond as share_beyond,
    smd_to_log_or as smd_to_log_or,
    smd_to_responders as smd_to_responders,
    smd_to_units as smd_to_units,
)
from .quantities import (
    p_from_statistic as p_from_statistic,
    quantile as quantile,
    statistic_from_p as statistic_from_p,
)
