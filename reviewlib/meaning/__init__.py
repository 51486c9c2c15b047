"""From numbers to judgement: appropriateness classes, certainty, and the words that a number allows."""

from .appropriateness import Appropriateness, Rule, appropriateness, compare_rules
from .stability import class_stability, necessity, round_change

__all__ = [
    "Appropriateness",
    "Rule",
    "appropriateness",
    "class_stability",
    "compare_rules",
    "necessity",
    "round_change",
]
