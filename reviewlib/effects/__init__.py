"""Effect sizes: from arms and contrasts to one estimate and variance a study, on one scale and in one direction."""

from ..measures import MEASURES, Measure, is_ratio, measure_named
from .continuous import hedges_correction
from .studies import study_effects
from .table import effect_sizes
from .transform import align, back_transform

__all__ = [
    "MEASURES",
    "Measure",
    "align",
    "back_transform",
    "effect_sizes",
    "hedges_correction",
    "is_ratio",
    "measure_named",
    "study_effects",
]
