"""Figures of computed results: axes in, the same axes out, and nothing computed on the way.

A picture that must fit its words has a second form that makes its own figure: `forest_figure`, `risk_of_bias_figure`,
`prisma_flow_figure`, `leave_one_out_figure`. The others fit any axes; ``draw(plots.funnel, result)`` makes one.
"""

from .alt import alt_forest
from .alt_figures import (
    alt_appropriateness,
    alt_baujat,
    alt_bubble,
    alt_crossover,
    alt_effect_over_time,
    alt_funnel,
    alt_gosh,
    alt_icon_array,
    alt_influence,
    alt_leave_one_out,
    alt_mid_scale,
    alt_multiverse,
    alt_prisma_flow,
    alt_risk_of_bias,
    alt_specification_curve,
)
from .bias import BiasGrid, bias_grid
from .bias_figures import risk_of_bias, risk_of_bias_figure, risk_of_bias_summary
from .diagnostics import baujat, cumulative, cumulative_figure, gosh, influence, leave_one_out, leave_one_out_figure
from .figure import draw, figure_block, figure_html, new_axes, png, svg
from .flow import prisma_flow, prisma_flow_figure
from .forest import forest, forest_figure
from .forest_html import forest_html
from .funnel import funnel, labbe, radial
from .moderators import bubble, effect_over_time
from .panel import appropriateness, ratings, ratings_flow
from .people import icon_array, mid_scale
from .sheets import FIGURE_CSS, FOREST_CSS
from .specification import multiverse, posterior, specification_curve
from .treatment import crossover

__all__ = [
    "FIGURE_CSS",
    "FOREST_CSS",
    "BiasGrid",
    "alt_appropriateness",
    "alt_baujat",
    "alt_bubble",
    "alt_crossover",
    "alt_effect_over_time",
    "alt_forest",
    "alt_funnel",
    "alt_gosh",
    "alt_icon_array",
    "alt_influence",
    "alt_leave_one_out",
    "alt_mid_scale",
    "alt_multiverse",
    "alt_prisma_flow",
    "alt_risk_of_bias",
    "alt_specification_curve",
    "appropriateness",
    "baujat",
    "bias_grid",
    "bubble",
    "crossover",
    "cumulative",
    "cumulative_figure",
    "draw",
    "effect_over_time",
    "figure_block",
    "figure_html",
    "forest",
    "forest_figure",
    "forest_html",
    "funnel",
    "gosh",
    "icon_array",
    "influence",
    "labbe",
    "leave_one_out",
    "leave_one_out_figure",
    "mid_scale",
    "multiverse",
    "new_axes",
    "png",
    "posterior",
    "prisma_flow",
    "prisma_flow_figure",
    "radial",
    "ratings",
    "ratings_flow",
    "risk_of_bias",
    "risk_of_bias_figure",
    "risk_of_bias_summary",
    "specification_curve",
    "svg",
]
