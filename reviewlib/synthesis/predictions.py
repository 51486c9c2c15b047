"""Empirical Bayes predictions of the true effect of each study (BLUPs)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from ..typed import Frame


def study_predictions(fit: Any) -> Frame:
    r"""Return one row a study of a fitted MetaAnalysis: its effect drawn towards the mean.

    Notes
    -----
    .. math:: \hat\theta_i = B_i \hat\mu + (1 - B_i) y_i, \quad B_i = v_i / (v_i + \hat\tau^2)

    with variance :math:`(1 - B_i) v_i + B_i^2 SE^2`; tau2 is taken as known.

    References
    ----------
    raudenbush1985; viechtbauer2010
    """
    rows = fit._rows
    shrinkage = rows.v / (rows.v + fit.tau2)
    value = shrinkage * fit.estimate + (1 - shrinkage) * rows.y
    se = np.sqrt((1 - shrinkage) * rows.v + shrinkage**2 * fit.se**2)
    p = 0.5 + fit.level / 2
    half = (ndtri(p) if fit.df is None else stdtrit(fit.df, p)) * se
    columns = {"label": rows.used_labels, "estimate": rows.y, "variance": rows.v, "prediction": value, "se": se}
    columns |= {"ci_low": value - half, "ci_high": value + half, "shrinkage": shrinkage}
    return pd.DataFrame(columns)
