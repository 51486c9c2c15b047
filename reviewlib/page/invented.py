"""An invented panel of nine that shows how ratings become a class; no person gave these ratings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..meaning.appropriateness import CLASSES, appropriateness
from ..meaning.stability import class_stability
from ..meaning.verdicts import compare_rules
from ..typed import Frame
from .block import Block, fold, paragraph, table_block

EXAMPLE = {
    "Scenario A": [7, 7, 8, 8, 7, 9, 8, 7, 8],
    "Scenario B": [3, 3, 3, 7, 7, 7, 7, 7, 7],
    "Scenario C": [4, 5, 5, 6, 5, 4, 6, 5, 5],
    "Scenario D": [1, 1, 2, 2, 1, 3, 2, 2, 4],
    "Scenario E": [1, 2, 3, 5, 6, 7, 8, 9, 9],
}
EXAMPLE_PROFESSIONS = ("generalist",) * 3 + ("specialist",) * 3 + ("therapist",) * 3


def example_panel() -> Frame:
    """Return the ratings of an invented panel of nine; no person gave them."""
    names = [f"{who} {i % 3 + 1}" for i, who in enumerate(EXAMPLE_PROFESSIONS)]
    return pd.DataFrame.from_dict(EXAMPLE, orient="index", columns=names)


def example(**options: Any) -> Block:
    """An invented panel of nine classified under the chosen rule; every table says that it is invented."""
    result = appropriateness(example_panel(), **options)
    table = result.table.rename(columns={"mean_abs_deviation": "mean deviation"})
    shown = table[["scenario", "n_1_3", "n_4_6", "n_7_9", "median", "di", "dispersion", "class"]].round({"di": 2})
    shown.columns = ["Scenario", "1 to 3", "4 to 6", "7 to 9", "Median", "Disagreement index", "Dispersion", "Class"]
    table = table_block(shown, "Example: an invented panel of nine, no real ratings", classes="made-here")
    return fold(f"Classes by the rule: {result.rule}", table, paragraph(f"Rule: {result.rule}."))


def example_rules() -> Block:
    """The invented panel under every published rule: a row a rule, a column a scenario."""
    table = compare_rules(example_panel()).set_index("scenario")
    split = list(table.index[table["depends"]])
    shown = table.drop(columns="depends").T.rename_axis("Rule").reset_index()
    said = f"The class of {' and '.join(split)} depends on the rule." if split else "No class depends on the rule."
    caption = "Example: the same invented ratings under every published rule"
    return fold("Every published rule", table_block(shown, caption, classes="made-here"), paragraph(said))


def example_stability() -> Block:
    """How firmly the invented panel's classes stand."""
    table = class_stability(appropriateness(example_panel()), professions=EXAMPLE_PROFESSIONS).table
    names = {"scenario": "Scenario", "class": "Class", "changed_by": "Changes without"}
    names |= {"kept_without_profession": "Without a profession"}
    names |= {f"p_{name}": name.capitalize() for name in reversed(CLASSES)}
    shown = table[list(names)].round(2).rename(columns=names)
    made = table_block(shown, "Example: how firmly the invented panel's classes stand", classes="made-here")
    note = "The last three columns: the share of all panels that can be drawn, with replacement, from the nine ratings."
    return fold("How firmly the classes stand", made, paragraph(note))
