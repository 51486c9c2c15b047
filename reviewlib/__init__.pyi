"""The public names and where they live: read when a name is first used, and by editors and type checkers."""

from . import batch as batch, convert as convert, page as page, plots as plots
from .effects import (
    align as align,
    back_transform as back_transform,
    effect_sizes as effect_sizes,
    study_effects as study_effects,
)
from .errors import (
    ConversionError as ConversionError,
    EvidenceError as EvidenceError,
    MethodWarning as MethodWarning,
    Problem as Problem,
    TooFewStudiesError as TooFewStudiesError,
)
from .evidence import Evidence as Evidence, Topic as Topic, load_evidence as load_evidence
from .meaning import (
    appropriateness as appropriateness,
    certainty as certainty,
    class_stability as class_stability,
    compare_rules as compare_rules,
    finding as finding,
    findings as findings,
    necessity as necessity,
    round_change as round_change,
    statement as statement,
    summary_of_findings as summary_of_findings,
)
from .results import Interval as Interval, from_json as from_json
from .synthesis import (
    MetaAnalysis as MetaAnalysis,
    MetaRegression as MetaRegression,
    Multilevel as Multilevel,
    TauPrior as TauPrior,
    baujat as baujat,
    bayesian as bayesian,
    begg as begg,
    bootstrap as bootstrap,
    cace as cace,
    combine_within as combine_within,
    correlation_sensitivity as correlation_sensitivity,
    coverage_simulation as coverage_simulation,
    cumulative as cumulative,
    e_value as e_value,
    egger as egger,
    empirical_prior as empirical_prior,
    funnel_smd as funnel_smd,
    gosh as gosh,
    harbord as harbord,
    house_rule as house_rule,
    impute_covariance as impute_covariance,
    influence as influence,
    leave_one_out as leave_one_out,
    leave_two_out as leave_two_out,
    mantel_haenszel as mantel_haenszel,
    meta_analysis as meta_analysis,
    meta_regression as meta_regression,
    multilevel as multilevel,
    multiverse as multiverse,
    pet_peese as pet_peese,
    peters as peters,
    peto as peto,
    robust as robust,
    selection_model as selection_model,
    sensitivity as sensitivity,
    subgroups as subgroups,
    trim_and_fill as trim_and_fill,
)

__version__: str
__all__: list[str]
