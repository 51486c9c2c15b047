"""PET-PEESE: where the line through the funnel ends. Sensitivity analysis only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..door import door
from ..gate import measure_of
from ..results import Interval, Result
from ..typed import Frame, Studies
from .coefficients import effect_text
from .funnel_regression import NOTE, funnel_rows, regress, suits


@dataclass(frozen=True, slots=True, repr=False)
class PetPeese(Result):
    """Extrapolation to an infinitely large study; sensitivity analysis only."""

    measure: str | None
    k: int
    chosen: str
    estimate: float
    se: float
    ci: Interval
    pet_estimate: float
    pet_se: float
    pet_ci: Interval
    pet_pvalue: float | None
    peese_estimate: float
    peese_se: float
    peese_ci: Interval
    level: float
    methods: str
    note: str

    def __str__(self) -> str:
        return (
            f"{self.chosen}: {effect_text(self.measure, self.estimate, self.ci, self.level, f'{self.k} studies')}; "
            f"sensitivity analysis only; {self.note}"
        )

    def to_frame(self) -> Frame:
        """Return two rows, PET and PEESE, with the one that the rule chose marked."""
        rows = [
            ("PET", self.pet_estimate, self.pet_se, *self.pet_ci),
            ("PEESE", self.peese_estimate, self.peese_se, *self.peese_ci),
        ]
        frame = pd.DataFrame(rows, columns=["model", "estimate", "se", "ci_low", "ci_high"])
        return frame.assign(chosen=frame["model"] == self.chosen)


@door
def pet_peese(
    studies: Studies,
    *,
    alpha: float = 0.10,
    level: float = 0.95,
    insist: bool = False,
    estimate: Any = "estimate",
    variance: Any = "variance",
) -> PetPeese:
    r"""PET-PEESE: the effect that a regression on the standard error (PET) or variance (PEESE) reaches at zero.

    Parameters
    ----------
    studies : DataFrame or MetaAnalysis
    alpha : float
        PEESE is read when the two-sided P value of PET's effect is below this, else PET.
    level, insist
        As in `egger`.

    Returns
    -------
    PetPeese

    Notes
    -----
    Both by weighted least squares with weights 1/v and multiplicative error. It lets in every cause of asymmetry, and
    misleads when heterogeneity is large or studies are of similar size.

    References
    ----------
    stanley2014

    Examples
    --------
    >>> import reviewlib as rl
    >>> estimate = [0.9, 0.7, 0.8, 0.4, 0.5, 0.3, 0.2, 0.3, 0.1, 0.2]
    >>> variance = [0.20, 0.16, 0.12, 0.09, 0.08, 0.06, 0.04, 0.03, 0.02, 0.01]
    >>> studies = {"estimate": estimate, "variance": variance}
    >>> print(rl.pet_peese(studies).chosen)
    PET
    """
    suits("PET-PEESE", studies)
    rows = funnel_rows(studies, estimate, variance, (), "PET-PEESE", insist)
    lines = (("PET", np.sqrt(rows.v), "the standard error"), ("PEESE", rows.v, "the variance"))
    fits = [regress(name, rows, rows.y, rows.v, x, x_name, "lm", level=level) for name, x, x_name in lines]
    pet, peese = fits
    chosen = "PEESE" if pet.limit_pvalue is not None and pet.limit_pvalue < alpha else "PET"
    best = peese if chosen == "PEESE" else pet
    ends = {
        f"{stem}{part}": getattr(fit, f"limit_{part}" if part != "estimate" else "limit")
        for stem, fit in (("", best), ("pet_", pet), ("peese_", peese))
        for part in ("estimate", "se", "ci")
    }
    methods = (
        f"weighted least squares on standard error (PET) and variance (PEESE), t on {rows.k - 2} degrees of "
        f"freedom; PEESE if PET's P < {alpha:g}"
    )
    said: dict[str, Any] = {"measure": measure_of(studies), "level": level, "methods": methods, "note": NOTE}
    return PetPeese(k=rows.k, chosen=chosen, pet_pvalue=pet.limit_pvalue, **ends, **said)
