"""Funnels of pools of ten trials or more, with the test of asymmetry that suits the measure, in every declared set."""

from __future__ import annotations

import pandas as pd

from .. import plots
from ..evidence import Topic
from ..meaning.finding import findings
from ..meaning.variants import asymmetry
from ..meaning.words import MINUS, number
from .again import drawn_again
from .block import Block, fold, join, paragraph, table_block

CAUSES = (
    "Asymmetry is not publication bias: heterogeneity, weaker methods of small trials and chance also lean a funnel. "
    "No sign of it does not show that nothing is missing."
)


@drawn_again
def funnels(topic: Topic) -> Block:
    """Each funnel folded, its tests beside it; the reason where no pool holds ten trials."""
    pooled = {key: found for key, found in findings(topic).items() if found.pooled is not None}
    blocks = [_funnel(topic, key, found) for key, found in pooled.items() if found.pooled.k >= 10]
    blocks = [block for block in blocks if block is not None]
    if not blocks:
        return paragraph("No funnel plot or asymmetry test: fewer than ten trials stand in any pool.")
    return join(paragraph(CAUSES), *blocks)


def _funnel(topic, key, found) -> Block | None:
    tests = asymmetry(topic, key)
    if not tests:
        return None
    title = found.title
    lines = [
        {
            "Trials used": label,
            "Trials": test.k,
            "Test": test.test,
            "Leaning": number(test.intercept, 2),
            "P": "" if test.pvalue is None else f"{test.pvalue:.3f}",
        }
        for label, test in tests
    ]
    picture = plots.draw(plots.funnel, found.studies, found.pooled, width="phone", height=4.2)
    alt = plots.alt_funnel(found.studies, found.pooled).replace(" -", f" {MINUS}")
    caption = f"{title}: funnel of {found.pooled.k} trials"
    drawn = plots.figure_block(picture, alt=alt, caption=caption)
    return fold(f"{caption} and its test", drawn, table_block(pd.DataFrame(lines), f"{title}: does the funnel lean?"))
