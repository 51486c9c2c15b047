"""The public names and where they live: read when a name is first used, and by editors and type checkers."""

from .adherence import ComplierEffect as ComplierEffect, EValue as EValue, cace as cace, e_value as e_value
from .asymmetry import (
    egger as egger,
    funnel_smd as funnel_smd,
    harbord as harbord,
    peters as peters,
)
from .bayes import Bayesian as Bayesian, bayesian as bayesian
from .choices import Sensitivity as Sensitivity, sensitivity as sensitivity
from .coverage import CoverageSimulation as CoverageSimulation, coverage_simulation as coverage_simulation
from .diagnostics import Diagnostics as Diagnostics, baujat as baujat, influence as influence
from .extrapolation import PetPeese as PetPeese, pet_peese as pet_peese
from .filled_funnel import TrimAndFill as TrimAndFill, trim_and_fill as trim_and_fill
from .funnel_regression import FunnelRegression as FunnelRegression
from .interaction import Subgroup as Subgroup, Subgroups as Subgroups, subgroups as subgroups
from .permutation import PermutationTest as PermutationTest
from .pooled import MetaAnalysis as MetaAnalysis, house_rule as house_rule, meta_analysis as meta_analysis
from .priors import TauPrior as TauPrior, empirical_prior as empirical_prior
from .rank_test import RankTest as RankTest, begg as begg
from .regression import MetaRegression as MetaRegression, meta_regression as meta_regression
from .reruns import Rerun as Rerun, cumulative as cumulative, leave_one_out as leave_one_out
from .resampling import (
    Bootstrap as Bootstrap,
    bootstrap as bootstrap,
    leave_two_out as leave_two_out,
)
from .sandwich import Robust as Robust, robust as robust
from .selection import SelectionModel as SelectionModel, selection_model as selection_model
from .specifications import Multiverse as Multiverse, multiverse as multiverse
from .subsets import Gosh as Gosh, gosh as gosh
from .threelevel import (
    Multilevel as Multilevel,
    correlation_sensitivity as correlation_sensitivity,
    multilevel as multilevel,
)
from .two_by_two import TableMethod as TableMethod, mantel_haenszel as mantel_haenszel, peto as peto
from .within_trial import (
    combine_within as combine_within,
    impute_covariance as impute_covariance,
)
