"""From numbers to judgement: appropriateness classes, certainty, findings, and the words that a number allows."""

from .appropriateness import Appropriateness, Rule, appropriateness
from .certainty import Certainty, certainty
from .finding import Finding, finding, findings
from .stability import class_stability, necessity, round_change
from .statement import overclaims, size_of, statement
from .summary_of_findings import SummaryOfFindings, summary_of_findings
from .verdicts import compare_rules

__all__ = [
    "Appropriateness",
    "Certainty",
    "Finding",
    "Rule",
    "SummaryOfFindings",
    "appropriateness",
    "certainty",
    "class_stability",
    "compare_rules",
    "finding",
    "findings",
    "necessity",
    "overclaims",
    "round_change",
    "size_of",
    "statement",
    "summary_of_findings",
]
