"""Figures of computed results: axes in, the same axes out, and nothing computed on the way."""

from .alt import alt_forest
from .bias import BiasGrid, bias_grid
from .figure import FIGURE_CSS, FigureBlock, draw, figure_block, figure_html, new_axes, png, svg
from .forest import forest, forest_figure
from .forest_css import FOREST_CSS
from .forest_html import forest_html

__all__ = [
    "FIGURE_CSS",
    "FOREST_CSS",
    "BiasGrid",
    "FigureBlock",
    "alt_forest",
    "bias_grid",
    "draw",
    "figure_block",
    "figure_html",
    "forest",
    "forest_figure",
    "forest_html",
    "new_axes",
    "png",
    "svg",
]
