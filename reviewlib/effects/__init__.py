"""Effect sizes: from arms and contrasts to one estimate and variance a study, on one scale and in one direction."""

from .continuous import hedges_correction
from .measures import MEASURES, RATIOS, Measure
from .studies import study_effects
from .table import effect_sizes
from .transform import align, back_transform

__all__ = [
    "MEASURES",
    "RATIOS",
    "Measure",
    "align",
    "back_transform",
    "effect_sizes",
    "hedges_correction",
    "study_effects",
]
