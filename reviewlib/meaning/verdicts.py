"""The same ratings under every published rule: does the verdict depend on the rule?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..typed import Frame
from .appropriateness import CLASSES, Appropriateness, Rule, as_ratings, classify

PUBLISHED_RULES = {
    "panel size (cdsprotocol2012)": Rule(),
    "panel size, 6.5 is appropriate (glaucoma2009)": Rule(half_median="up"),
    "three in each extreme (glaucoma2009)": Rule(3, half_median="up"),
    "one third in each extreme (a teaching page)": Rule("one-third"),
    "IPRAS, type 7 percentiles (public implementations)": Rule("ipras"),
    "IPRAS, type 7, DI of 1 disagrees (a public implementation)": Rule("ipras", on_the_line="disagreement"),
    "IPRAS, type 6 percentiles (basger2012)": Rule("ipras", "type6"),
    "IPRAS, 33rd and 66th percentile (a public implementation)": Rule("ipras", "type6", (33, 66)),
}


def compare_rules(ratings: Any, rules: Any = None) -> Frame:
    """Verdict on each scenario under every published rule, so that a reader sees whether it depends on the rule.

    Parameters
    ----------
    ratings : as for `appropriateness`, or its result
    rules : dict of str to Rule, optional
        Default: the eight published rules in `PUBLISHED_RULES`.

    Returns
    -------
    DataFrame
        A row per scenario, a column per rule holding the class, and `depends`: whether the class depends on the rule.

    References
    ----------
    cdsprotocol2012, Table 7; basger2012, Table 2; glaucoma2009, Table 3

    Examples
    --------
    >>> import reviewlib as rl
    >>> table = rl.compare_rules([[3, 3, 3, 7, 7, 7, 7, 7, 7]])
    >>> print(table["depends"].iloc[0])
    True
    """
    frame = ratings.ratings if isinstance(ratings, Appropriateness) else as_ratings(ratings)
    values = frame.to_numpy(float)
    verdicts = {name: classify(values, rule)["class"] for name, rule in (rules or PUBLISHED_RULES).items()}
    table = pd.DataFrame({name: np.array(CLASSES)[found] for name, found in verdicts.items()})
    stacked = np.column_stack(list(verdicts.values()))
    table.insert(0, "scenario", list(frame.index))
    return table.assign(depends=(stacked != stacked[:, :1]).any(axis=1))
