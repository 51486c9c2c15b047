"""Figures of computed results: axes in, the same axes out, and nothing computed on the way."""

from .bias import BiasGrid, bias_grid
from .forest import forest, forest_figure
from .forest_css import FOREST_CSS
from .forest_html import forest_html

__all__ = ["FOREST_CSS", "BiasGrid", "bias_grid", "forest", "forest_figure", "forest_html"]
