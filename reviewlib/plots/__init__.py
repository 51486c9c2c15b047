"""Figures of computed results: axes in, the same axes out, and nothing computed on the way."""

from .bias import BiasGrid, bias_grid
from .forest import forest, forest_figure

__all__ = ["BiasGrid", "bias_grid", "forest", "forest_figure"]
