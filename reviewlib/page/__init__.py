"""What a page shows, one call a cell: each returns HTML for the page and plain text for everything else."""

from . import claims, figures, invented, rand, start
from .analysis import flow, multiverse, rand_view, sensitivity
from .answer import answer, applies, question, sof
from .bias import risk_of_bias
from .block import Block, bullets, details, fold, join, paragraph, section, table_block
from .change import could_change
from .each import each
from .evidence_map import evidence_map
from .forests import forests
from .index import index
from .look import columns, look
from .overview import comparisons
from .people import people
from .plain_language import plain_language
from .provenance import assumptions, decisions, search, sources, versions
from .records import rows
from .step import step
from .tables import (
    certainty_signals,
    certainty_table,
    excluded,
    harms,
    missing,
    published_pools,
    side_by_side,
    trials,
    why_pooled,
)
from .toggle import assigned_or_treated
from .treated import complier, crossover
from .trial_map import trial_map
from .variants import variants

__all__ = [
    "sensitivity",
    "risk_of_bias",
    "rand_view",
    "flow",
    "crossover",
    "complier",
    "Block",
    "answer",
    "applies",
    "assigned_or_treated",
    "assumptions",
    "bullets",
    "comparisons",
    "certainty_signals",
    "claims",
    "certainty_table",
    "columns",
    "could_change",
    "decisions",
    "details",
    "each",
    "evidence_map",
    "excluded",
    "figures",
    "fold",
    "forests",
    "harms",
    "index",
    "invented",
    "join",
    "look",
    "missing",
    "people",
    "plain_language",
    "multiverse",
    "paragraph",
    "published_pools",
    "question",
    "rand",
    "rows",
    "search",
    "section",
    "side_by_side",
    "sof",
    "sources",
    "start",
    "step",
    "table_block",
    "trial_map",
    "trials",
    "variants",
    "versions",
    "why_pooled",
]
